//! What happened, told to every part and every replica that listens: through Redis when it is configured, in the
//! process otherwise. Events are thin: who hears one reads the truth from the database. A word that Redis does not take is
//! owed, and is said again until it does: others whose subscription is well would not look otherwise.

pub mod feed;
pub mod log;
mod topic;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use redis::RedisResult;
use redis::aio::PubSub;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::time::timeout;

use crate::redis_link::RedisLink;

const CAPACITY: usize = 1024;
/// Between two attempts to subscribe.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// After so much silence the server is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(5);
/// How long a server that is there may take; the library itself would wait for ever.
const ANSWER: Duration = Duration::from_secs(2);

/// Something other parts may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    /// Reference data or rule sets have changed: read them again.
    ReferenceChanged,
    /// There is something new in the log of events: read on.
    Logged,
}

/// Where events go.
#[derive(Clone)]
pub struct Events {
    local: broadcast::Sender<Event>,
    shared: Option<RedisLink>,
    /// What Redis has not taken yet.
    owed: Arc<Mutex<HashSet<Event>>>,
}

impl Events {
    /// A bus; with Redis it also carries what other replicas tell. Must be called within the runtime.
    pub fn new(shared: Option<RedisLink>) -> Self {
        let (local, _) = broadcast::channel(CAPACITY);
        let events = Self { local, shared, owed: Arc::default() };
        if let Some(redis) = events.shared.clone() {
            tokio::spawn(listen(redis, events.local.clone()));
            // A process that died between its commit and its word has left it to the next one that starts.
            events.owe(Event::Logged, Duration::ZERO);
        }
        events
    }

    /// Tells everyone, at once or, where Redis does not take it, as soon as it does.
    pub async fn tell(&self, event: Event) {
        if self.publish(event).await {
            return;
        }
        // Nobody listening is not a fault.
        let _ = self.local.send(event);
        if self.shared.is_some() {
            self.owe(event, SHORTEST_WAIT);
        }
    }

    /// Whether Redis has taken it.
    async fn publish(&self, event: Event) -> bool {
        let (Some(redis), Ok(text)) = (&self.shared, serde_json::to_string(&event)) else { return false };
        redis.call::<i64>(redis::cmd("PUBLISH").arg(channel(redis)).arg(text)).await.is_some()
    }

    /// Says it until Redis takes it: one task for each event, and only while it is owed.
    fn owe(&self, event: Event, mut wait: Duration) {
        if !self.owed().insert(event) {
            return;
        }
        let events = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(wait).await;
                // Before it is said: what happens from here on is owed anew, by a task of its own.
                events.owed().remove(&event);
                if events.publish(event).await || !events.owed().insert(event) {
                    return;
                }
                wait = (wait.max(SHORTEST_WAIT) * 2).min(LONGEST_WAIT);
            }
        });
    }

    fn owed(&self) -> MutexGuard<'_, HashSet<Event>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears what is told from now on.
    pub fn hear(&self) -> broadcast::Receiver<Event> {
        self.local.subscribe()
    }
}

/// Redis does not bring a subscriber back after it returns, so the subscription is made again, for ever.
async fn listen(redis: RedisLink, local: broadcast::Sender<Event>) {
    let mut wait = SHORTEST_WAIT;
    loop {
        if follow(&redis, &local).await.is_some() {
            wait = SHORTEST_WAIT;
        }
        // While nothing is heard of the others, looking now and then is the only way to know.
        let _ = local.send(Event::Logged);
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Hears until the subscription ends or its server does not answer any more. `None` when there was no subscription.
async fn follow(redis: &RedisLink, local: &broadcast::Sender<Event>) -> Option<()> {
    let subscriber = timeout(ANSWER, subscribe(redis)).await.ok()?.ok()?;
    let (mut sink, mut messages) = subscriber.split();
    // Whatever was missed while nobody listened is made good by reading again.
    let _ = local.send(Event::ReferenceChanged);
    let _ = local.send(Event::Logged);
    loop {
        match timeout(QUIET, messages.next()).await {
            Ok(Some(message)) => {
                let text: Option<String> = message.get_payload().ok();
                if let Some(event) = text.and_then(|text| serde_json::from_str(&text).ok()) {
                    let _ = local.send(event);
                }
            }
            Ok(None) => return Some(()),
            // Nothing to tell, or nobody there: a server that has vanished does not say so.
            Err(_) => match timeout(ANSWER, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => {}
                _ => return Some(()),
            },
        }
    }
}

async fn subscribe(redis: &RedisLink) -> RedisResult<PubSub> {
    let mut subscriber = redis.client().get_async_pubsub().await?;
    subscriber.subscribe(channel(redis)).await?;
    Ok(subscriber)
}

/// Redis divides keys by database, but not channels: without its number, installations that share a server would hear
/// each other.
fn channel(redis: &RedisLink) -> String {
    format!("osh:events:{}", redis.client().get_connection_info().redis_settings().db())
}
