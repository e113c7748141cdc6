//! A subscription, from its checked document to the answers that are sent: the same over WebSocket and as an event stream.
//!
//! For every event the token, the person's memberships, the role's permission and the scope are looked at anew. An
//! event is executed as a request of its own, with its moment and its loaders; callers who would get the same answer
//! share one execution.

mod opening;
mod plan;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::ServerError;
use domain::localized::Language;
use domain::roles::{Action, Resource};
use entity::event;
use entity::scope::Scope;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::auth::actor::Actor;
use crate::auth::allow::allow;
use crate::clock;
use crate::config;
use crate::error::{Code, Error, Result};
use crate::events::feed::Tap;
use crate::graphql::live::Live as Run;
use crate::http::address::ClientAddress;
use crate::http::answer::{actor, bearer};
use crate::http::bill::Means;
use crate::http::graphql::{content, request_id};
use crate::http::places::Places;
use crate::http::{Web, bill, words};

pub use opening::{open, price};
use plan::{Plan, execute, failed, time_limit};

/// Text of answers that are shared, bytes.
const SHARED_BYTES: u64 = 4 << 20;
/// How long they are.
const SHARED_FOR: Duration = Duration::from_secs(2);
/// Events that are told at the same moment. What tells one is much larger than what waits for one: without a bound, an
/// event that thousands hear of would take memory for all of them at once.
const TOLD_AT_ONCE: usize = 64;
/// About as long, by chance, a subscription waits that could not ask the database.
const AGAIN: Duration = Duration::from_secs(1);
/// How often a silent subscription looks whether its token still holds and whether a new day has begun.
const LOOK: Duration = Duration::from_secs(1);

/// What all subscriptions of a server share.
pub struct Live {
    /// How many there may be.
    pub places: Arc<Places>,
    /// Who tells one takes a turn.
    turns: Semaphore,
    /// Answers of this moment.
    answers: Cache<[u8; 32], Arc<str>>,
}

impl Live {
    /// Nothing yet.
    pub fn new(config: &config::Realtime) -> Self {
        let weight = |_: &[u8; 32], text: &Arc<str>| u32::try_from(text.len() + 100).unwrap_or(u32::MAX);
        let answers = Cache::builder().max_capacity(SHARED_BYTES).weigher(weight).time_to_live(SHARED_FOR).build();
        Self { places: Arc::new(Places::new(config)), turns: Semaphore::new(TOLD_AT_ONCE), answers }
    }
}

/// What a subscription says.
#[derive(Debug)]
pub enum Said {
    /// An answer: `data`, `errors`.
    Next(Arc<str>),
    /// It ends with these errors.
    Failed(Vec<ServerError>),
    /// It ends because the token or the membership does not hold any more.
    SignedOut,
}

/// A running subscription.
pub struct Subscription {
    web: Web,
    headers: Arc<HeaderMap>,
    address: Option<ClientAddress>,
    plan: Plan,
    resource: Resource,
    tap: Tap,
    ended: bool,
}

impl Subscription {
    /// Of its texts.
    pub fn language(&self) -> Language {
        self.plan.language
    }

    /// What it says next; `None` when it has ended. What is dropped while it waits has lost nothing.
    pub async fn next(&mut self) -> Option<Said> {
        if self.ended {
            return None;
        }
        loop {
            let said = tokio::select! {
                // Only the waiting is dropped at each look; a log that is read slowly is read to its end.
                ready = self.tap.wait() => match ready {
                    Ok(()) => Box::pin(self.tell_next()).await,
                    Err(error) => Err(error),
                },
                () = tokio::time::sleep(LOOK) => Box::pin(self.look()).await,
            };
            match said {
                Ok(Some(said)) => {
                    self.ended = matches!(said, Said::Failed(_));
                    return Some(said);
                }
                Ok(None) => {}
                Err(error) if error.code == Code::Unavailable && still_signed_in(&self.web, &self.headers).is_ok() => {
                    // All of them at once would be too much for a database that has just come back.
                    tokio::time::sleep(AGAIN.mul_f64(0.5 + clock::chance())).await;
                }
                Err(error) => {
                    self.ended = true;
                    return Some(match error.code {
                        Code::Unauthenticated | Code::MembershipUnknown | Code::MembershipRequired => Said::SignedOut,
                        _ => self.failed(failed(error)),
                    });
                }
            }
        }
    }

    fn failed(&self, mut errors: Vec<ServerError>) -> Said {
        words::tell(&mut errors, self.plan.language);
        Said::Failed(errors)
    }

    /// Takes the next event, in its turn: what was taken and waited would be told by an old answer of the database.
    async fn tell_next(&mut self) -> Result<Option<Said>> {
        let (web, limit) = (self.web.clone(), time_limit(&self.web));
        // Never closed.
        let _turn = web.live.turns.acquire().await;
        let taken = tokio::time::timeout(limit, self.tap.take()).await;
        match taken.unwrap_or_else(|_| Err(Error::new(Code::Unavailable)))? {
            Some(event) => self.tell(event).await,
            None => Ok(None),
        }
    }

    /// Whether there is anything to end without an event.
    async fn look(&mut self) -> Result<Option<Said>> {
        still_signed_in(&self.web, &self.headers)?;
        if self.tap.scope().today() != self.web.app.clock.today() {
            let scope = self.decide().await?.1;
            self.tap.move_to(scope);
        }
        Ok(None)
    }

    /// Who the caller is now, and what may be heard.
    async fn decide(&self) -> Result<(Arc<Actor>, Scope)> {
        let actor = tokio::time::timeout(time_limit(&self.web), actor(&self.web, &self.headers)).await;
        let actor = actor.unwrap_or_else(|_| Err(Error::new(Code::Unavailable)))?;
        let today = self.web.app.clock.today();
        let scope = allow(&self.web.app.policies, &actor, Action::Read, self.resource, today)?;
        Ok((actor, scope))
    }

    async fn tell(&mut self, event: Arc<event::Model>) -> Result<Option<Said>> {
        let (actor, scope) = match self.decide().await {
            Ok(decided) => decided,
            Err(error) => {
                self.tap.again(&event);
                return Err(error);
            }
        };
        if scope != *self.tap.scope() {
            // It was found by a decision that holds no more: let the one that holds find it.
            self.tap.again(&event);
            self.tap.move_to(scope);
            return Ok(None);
        }
        let key = self.key(&actor, &event);
        match self.answer(key, &actor, &event).await {
            Ok(answer) => {
                metrics::counter!("osh_realtime_events_total").increment(1);
                Ok(Some(Said::Next(answer)))
            }
            Err(refused) => Ok(Some(self.failed(refused))),
        }
    }

    /// The answer for all who have the same key; whoever makes it pays for it.
    async fn answer(
        &self,
        key: [u8; 32],
        actor: &Arc<Actor>,
        event: &Arc<event::Model>,
    ) -> std::result::Result<Arc<str>, Vec<ServerError>> {
        loop {
            let mut is_ours = false;
            let made = self.web.live.answers.try_get_with(key, async {
                is_ours = true;
                self.make(actor.clone(), event.clone()).await
            });
            match made.await {
                Ok(answer) => return Ok(answer),
                Err(refused) if is_ours => return Err(refused.to_vec()),
                // Another one could not pay for it: that is no reason for us.
                Err(_) => {}
            }
        }
    }

    async fn make(
        &self,
        actor: Arc<Actor>,
        event: Arc<event::Model>,
    ) -> std::result::Result<Arc<str>, Vec<ServerError>> {
        let cost = self.plan.cost;
        let charged = bill::charge(&self.web, &actor, &Means::at(self.address), cost).await;
        let charge = charged.map_err(|(refused, _)| refused.errors)?;
        let mut response = execute(&self.web, actor, &self.plan, Run::Telling(event)).await.unwrap_or_default();
        let _ = charge.settle(bill::actual(cost, &response, false));
        words::tell(&mut response.errors, self.plan.language);
        self.plan.used.tell(&mut response);
        // It is memory that is written to: it does not fail.
        // Of a request for whom it is told; others who hear the same share it.
        let text = content(&mut response, request_id(&self.headers)).and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(Arc::from(text.unwrap_or_default()))
    }

    /// Equal for those who get the same answer: what is asked, in which language, of which event, for which
    /// organisation in which role.
    fn key(&self, actor: &Actor, event: &event::Model) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.plan.fingerprint);
        digest.update(event.id.as_bytes());
        let acting = actor.acting.as_ref().map(|it| (it.role, it.organisation_id, it.workplace_id, &it.jurisdiction));
        let (day, person) =
            (self.tap.scope().today(), actor.person.as_ref().filter(|_| acting.is_none()).map(|it| it.id));
        digest.update(format!("{acting:?} {person:?} {day} {:?}", self.plan.language));
        digest.finalize().into()
    }
}

/// Whether the token of these headers, if any, holds now; nothing is asked of the database.
///
/// # Errors
/// UNAUTHENTICATED.
pub fn still_signed_in(web: &Web, headers: &HeaderMap) -> Result<()> {
    let Some(authorization) = headers.get(AUTHORIZATION) else { return Ok(()) };
    let token = authorization.to_str().ok().and_then(bearer).ok_or_else(|| Error::new(Code::Unauthenticated))?;
    web.app.tokens.verify(token, web.app.clock.now()).map(drop)
}
