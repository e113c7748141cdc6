//! From the log to the subscriptions of this process: one reader, woken by the bus, never by a clock.

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex as Short, PoisonError, Weak};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::scope::Scope;
use entity::{event, mandate};
use futures::{FutureExt, StreamExt};
use sea_orm::{EntityTrait, QueryFilter};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, broadcast};
use tokio::time::timeout;
use uuid::Uuid;

use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::log::{self, Kind};
use crate::events::topic::{Moment, Topic};
use crate::events::{Event, Events};
use crate::graphql::loader::in_keys;

/// Events that are read at once.
const PAGE: u64 = 200;
/// What a subscription catches up with at once.
const BACKLOG: u64 = 50;
/// Scopes the database is asked for at once.
const AT_ONCE: usize = 4;
/// Between two removals of what is too old.
const FORGETTING: Duration = Duration::from_secs(600);
/// What one reading may take: a database that has vanished would hold up those who begin as well.
const READING: Duration = Duration::from_secs(30);
/// A reader that failed tries again after this time.
const AGAIN: Duration = Duration::from_secs(1);
/// An answer of the database about a scope that is older tells nothing any more: mandates end.
const FRESH: Duration = Duration::from_secs(2);

/// The reader of one process.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    db: Db,
    /// Up to where the log has been read; nothing while nobody listens.
    read_to: Mutex<Option<i64>>,
    topics: Short<HashMap<(Kind, Scope), Weak<Topic>>>,
}

/// What a subscription wants to hear.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What.
    pub kind: Kind,
    /// Of this enterprise only.
    pub enterprise: Option<Uuid>,
    /// Everything after this event.
    pub after: Option<Uuid>,
}

impl Feed {
    /// Starts to listen. Must be called within the runtime.
    pub fn new(db: Db, events: &Events, clock: Clock, keep: TimeDelta) -> Self {
        let feed = Self(Arc::new(Shared { db, read_to: Mutex::default(), topics: Short::default() }));
        tokio::spawn(follow(Arc::downgrade(&feed.0), events.hear(), clock, keep));
        feed
    }

    /// Begins to hear what this scope may know.
    ///
    /// # Errors
    /// `CURSOR_EXPIRED`: the log does not go back to that event any more.
    pub async fn open(&self, wish: Wish, scope: Scope) -> Result<Tap> {
        let given = match wish.after {
            Some(id) => Some(log::position_of(&self.0.db, id).await?.ok_or(Error::input("after", "CURSOR_EXPIRED"))?),
            None => None,
        };
        let mut read_to = self.0.read_to.lock().await;
        let (topic, heard) = self.0.topic(wish.kind, scope);
        let now = match *read_to {
            Some(position) => position,
            None => {
                log::number(&self.0.db).await?;
                *read_to.insert(log::head(&self.0.db).await?)
            }
        };
        drop(read_to);
        let tap =
            Tap { feed: self.clone(), enterprise: wish.enterprise, topic, heard, last: now, ahead: VecDeque::new() };
        Ok(match given {
            Some(position) => Tap { last: position, ..tap }.behind(),
            None => tap,
        })
    }
}

impl Shared {
    /// Joins a topic, which is made if nobody has an equal one.
    fn topic(&self, kind: Kind, scope: Scope) -> (Arc<Topic>, Receiver<Arc<Moment>>) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let place = topics.entry((kind, scope.clone())).or_default();
        let topic = place.upgrade().unwrap_or_else(|| {
            let topic = Arc::new(Topic::new(kind, scope));
            *place = Arc::downgrade(&topic);
            topic
        });
        let heard = topic.hear();
        (topic, heard)
    }

    fn topics(&self) -> Vec<Arc<Topic>> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.retain(|_, topic| topic.strong_count() > 0);
        topics.values().filter_map(Weak::upgrade).collect()
    }

    /// Whether everything new was read and told. Whatever happens, the reader goes on: there is no other.
    async fn has_read(&self) -> bool {
        let reading = AssertUnwindSafe(timeout(READING, self.read())).catch_unwind().await;
        let detail = match &reading {
            Ok(Ok(Ok(()))) => return true,
            Ok(Ok(Err(error))) => error.internal.as_deref().unwrap_or_default(),
            Ok(Err(_)) => "it takes too long",
            Err(_) => {
                metrics::counter!("osh_panics_total").increment(1);
                "a panic"
            }
        };
        tracing::warn!(detail, "the log of events cannot be read");
        false
    }

    /// Reads what is new and tells it.
    async fn read(&self) -> Result<()> {
        let mut read_to = self.read_to.lock().await;
        loop {
            let topics = self.topics();
            let Some(from) = read_to.filter(|_| !topics.is_empty()) else {
                *read_to = None;
                return Ok(());
            };
            log::number(&self.db).await?;
            let events = log::after(&self.db, from, PAGE).await?;
            let Some(until) = events.last().and_then(|event| event.position) else { return Ok(()) };
            let mandates = self.mandates(&topics, &events).await?;
            let concerned = topics.into_iter().filter(|topic| topic.is_concerned(&events, &mandates));
            let tell = |topic: Arc<Topic>| async move {
                let found = log::within(&self.db, &topic.scope, topic.kind, (from, until), (None, PAGE)).await;
                let events = found.ok().map(|rows| rows.into_iter().map(Arc::new).collect());
                topic.tell(Moment { answered: Instant::now(), events });
            };
            futures::stream::iter(concerned).for_each_concurrent(AT_ONCE, tell).await;
            *read_to = Some(until);
        }
    }

    /// Who has a mandate for one of the enterprises, as long as anybody asks by one.
    async fn mandates(&self, topics: &[Arc<Topic>], events: &[event::Model]) -> Result<HashSet<(Uuid, String)>> {
        if !topics.iter().any(|topic| topic.is_by_mandate()) {
            return Ok(HashSet::new());
        }
        let keys: HashSet<Uuid> = events.iter().map(|event| event.enterprise_id).collect();
        let of_these = in_keys(mandate::Column::EnterpriseId, keys.into_iter().collect(), self.db.backend());
        let rows = mandate::Entity::find().filter(of_these).all(self.db.read()).await?;
        Ok(rows.into_iter().map(|row| (row.organisation_id, row.kind)).collect())
    }
}

/// Reads at every word of the bus, until the server is gone.
async fn follow(feed: Weak<Shared>, mut bus: broadcast::Receiver<Event>, clock: Clock, keep: TimeDelta) {
    let mut forgot: Option<Instant> = None;
    loop {
        match bus.recv().await {
            Ok(Event::Logged) | Err(RecvError::Lagged(_)) => {}
            Ok(_) => continue,
            Err(RecvError::Closed) => return,
        }
        // What was told meanwhile is read with it.
        while bus.try_recv().is_ok() {}
        loop {
            let Some(feed) = feed.upgrade() else { return };
            if feed.has_read().await {
                break;
            }
            drop(feed);
            tokio::time::sleep(AGAIN).await;
        }
        // With the writing of events, however many there are: the log is kept short without a clock of its own.
        if forgot.is_none_or(|at| at.elapsed() > FORGETTING)
            && let Some(feed) = feed.upgrade()
        {
            forgot = Some(Instant::now());
            if log::forget(&feed.db, clock.now(), keep).await.is_err() {
                tracing::warn!("old events cannot be removed");
            }
        }
    }
}

/// The events of one subscription, in their order, each once.
pub struct Tap {
    feed: Feed,
    topic: Arc<Topic>,
    heard: Receiver<Arc<Moment>>,
    enterprise: Option<Uuid>,
    /// Position of the last event that was given.
    last: i64,
    ahead: VecDeque<Ahead>,
}

enum Ahead {
    /// With the moment at which the database answered that it may be known.
    Event(Arc<event::Model>, Instant),
    /// The log is read from here.
    Log,
}

impl Tap {
    /// By which decision it hears.
    pub fn scope(&self) -> &Scope {
        &self.topic.scope
    }

    fn behind(mut self) -> Self {
        self.fall_behind();
        self
    }

    fn fall_behind(&mut self) {
        self.ahead.clear();
        self.ahead.push_back(Ahead::Log);
    }

    /// Goes on by another decision.
    pub fn move_to(&mut self, scope: Scope) {
        (self.topic, self.heard) = self.feed.0.topic(self.topic.kind, scope);
        self.fall_behind();
    }

    /// Puts an event back that was not told.
    pub fn again(&mut self, event: &event::Model) {
        self.last = event.position.unwrap_or_default() - 1;
        self.fall_behind();
    }

    /// Ready when there is something to take. What is dropped while it waits has lost nothing.
    pub async fn wait(&mut self) -> Result<()> {
        while self.ahead.is_empty() {
            self.hear().await?;
        }
        Ok(())
    }

    /// The next event; `None` when one must wait again.
    pub async fn take(&mut self) -> Result<Option<Arc<event::Model>>> {
        loop {
            match self.ahead.front() {
                None => return Ok(None),
                Some(Ahead::Event(event, answered)) if answered.elapsed() < FRESH => {
                    let event = event.clone();
                    self.ahead.pop_front();
                    self.last = event.position.unwrap_or(self.last);
                    return Ok(Some(event));
                }
                Some(Ahead::Event(..)) => self.fall_behind(),
                Some(Ahead::Log) => self.catch_up().await?,
            }
        }
    }

    async fn catch_up(&mut self) -> Result<()> {
        let (scope, kind) = (&self.topic.scope, self.topic.kind);
        let rows = log::within(&self.feed.0.db, scope, kind, (self.last, i64::MAX), (self.enterprise, BACKLOG)).await?;
        self.ahead.clear();
        // From the answer on: a slow database must not have the same read for ever.
        let answered = Instant::now();
        let more = u64::try_from(rows.len()).is_ok_and(|rows| rows == BACKLOG);
        self.ahead.extend(rows.into_iter().map(|row| Ahead::Event(Arc::new(row), answered)));
        self.ahead.extend(more.then_some(Ahead::Log));
        Ok(())
    }

    async fn hear(&mut self) -> Result<()> {
        match self.heard.recv().await {
            Ok(moment) => match &moment.events {
                Some(events) => {
                    let (last, enterprise) = (self.last, self.enterprise);
                    let wanted = events.iter().filter(|event| event.position.is_some_and(|at| at > last));
                    let wanted = wanted.filter(|event| enterprise.is_none_or(|it| it == event.enterprise_id));
                    self.ahead.extend(wanted.map(|event| Ahead::Event(event.clone(), moment.answered)));
                }
                None => self.fall_behind(),
            },
            Err(RecvError::Lagged(_)) => self.fall_behind(),
            Err(RecvError::Closed) => return Err(Error::internal("a topic ended")),
        }
        Ok(())
    }
}
