//! Budgets: how much a client may ask for over time.
//!
//! Every request whose document was read is charged what it costs before it runs, and gets back what was not answered.
//! Points come back steadily. A person pays from its own budget and from that of the organisation it acts for; who has
//! not signed in, from that of the address. The budgets of all replicas are one, in Redis; without it each replica has
//! its own.

mod debt;
mod local;
mod shared;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;
use uuid::Uuid;

pub use debt::{Debt, Terms};

use crate::auth::actor::Actor;
use crate::clock::Clock;
use crate::config;
use crate::http::address::ClientAddress;
use crate::redis_link::RedisLink;
use local::Local;

/// What a request costs that is refused before it runs: somebody has to read it all the same.
pub const REFUSED: u64 = 100;
/// What the smallest request costs.
pub const LEAST: u64 = 1;

/// Whose budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// A person.
    Person(Uuid),
    /// The organisation a person acts for.
    Organisation(Uuid),
    /// Everybody at an address who has not signed in; `None` when it is not known.
    Address(Option<ClientAddress>),
}

impl Account {
    /// What `extensions.budget` of a refusal says.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "PERSON",
            Self::Organisation(_) => "ORGANISATION",
            Self::Address(_) => "ADDRESS",
        }
    }

    fn key(self) -> String {
        match self {
            Self::Person(id) => format!("osh:budget:person:{}", id.simple()),
            Self::Organisation(id) => format!("osh:budget:organisation:{}", id.simple()),
            Self::Address(address) => {
                format!("osh:budget:address:{}", address.map(|it| it.0.to_string()).unwrap_or_default())
            }
        }
    }
}

/// A budget that pays.
#[derive(Clone, Copy, Debug)]
pub struct Purse {
    account: Account,
    terms: Terms,
}

/// Of a person and its organisation.
type Few<T> = SmallVec<[T; 2]>;

/// The budgets of one server; cloning is cheap.
#[derive(Clone)]
pub struct Budgets(Arc<Parts>);

struct Parts {
    settings: config::Budgets,
    local: Local,
    redis: Option<RedisLink>,
    clock: Clock,
}

/// Points that were taken before a request runs.
#[must_use]
pub struct Charge {
    budgets: Budgets,
    purses: Few<Purse>,
    debts: Few<Debt>,
    requested: u64,
    /// What was taken so far, here and from Redis.
    local: u64,
    shared: u64,
    /// Whether Redis took the last of them, and so what is more.
    is_shared: bool,
}

/// There was not enough in one of the budgets; nothing was taken but what was paid for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Whose.
    pub account: Account,
    /// After so many seconds there is enough again.
    pub retry_after_seconds: u64,
    /// How it stands.
    pub standing: Standing,
}

/// What a request cost, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// By the formula, before it ran.
    pub requested: u64,
    /// What was answered and done for it; more than requested where lists that are no connections were long.
    pub actual: u64,
    /// Points left in the budget that has least; `None` when there is no bound.
    pub remaining: Option<u64>,
    /// Points that come back to it in a second.
    pub restore_rate: Option<u64>,
}

impl Budgets {
    /// Full ones.
    pub fn new(settings: &config::Budgets, redis: Option<RedisLink>, clock: Clock) -> Self {
        let longest = [settings.person(), settings.organisation(), settings.address()];
        let longest = longest.into_iter().map(Terms::longest_ms).max().unwrap_or_default();
        let local = Local::new(Duration::from_millis(longest.saturating_add(1_000)));
        Self(Arc::new(Parts { settings: settings.clone(), local, redis, clock }))
    }

    /// Who pays for a request.
    fn purses(&self, actor: &Actor, address: Option<ClientAddress>) -> Few<Purse> {
        let organisation = actor.acting.as_ref().map(|acting| acting.organisation_id);
        let mut purses = Few::new();
        match &actor.person {
            None => purses.push(Purse { account: Account::Address(address), terms: self.0.settings.address() }),
            Some(person) => {
                purses.push(Purse { account: Account::Person(person.id), terms: self.0.settings.person() });
                let of_organisation =
                    |id| Purse { account: Account::Organisation(id), terms: self.0.settings.organisation() };
                purses.extend(organisation.map(of_organisation));
            }
        }
        purses.retain(|purse| purse.terms.points > 0);
        purses
    }

    /// Takes what a request costs, from all budgets or from none.
    ///
    /// # Errors
    /// One of them has not enough.
    pub async fn charge(&self, actor: &Actor, address: Option<ClientAddress>, cost: u64) -> Result<Charge, Exhausted> {
        let purses = self.purses(actor, address);
        let debts = purses.iter().map(|_| Debt::default()).collect();
        let (requested, local, shared) = (0, 0, 0);
        let nothing = Charge { budgets: self.clone(), debts, purses, requested, local, shared, is_shared: false };
        nothing.raise(cost).await
    }

    /// Whether it fits, what is owed then, and whether Redis knows.
    async fn add(&self, purses: &[Purse], points: i64, must_fit: bool) -> (bool, Few<Debt>, bool) {
        let shared = match &self.0.redis {
            // In a box: not every server has Redis.
            Some(redis) if !purses.is_empty() => Box::pin(shared::add(redis, purses, points, must_fit)).await,
            _ => None,
        };
        let is_shared = shared.is_some();
        let now = || self.0.clock.now().timestamp_millis();
        let (fits, debts) = shared.unwrap_or_else(|| self.0.local.add(purses, points, must_fit, now()));
        (fits, debts, is_shared)
    }
}

impl Charge {
    /// Whether it is paid from the budgets of this caller.
    pub fn is_of(&self, actor: &Actor, address: Option<ClientAddress>) -> bool {
        let accounts = |purses: &Few<Purse>| purses.iter().map(|purse| purse.account).collect::<Few<_>>();
        accounts(&self.purses) == accounts(&self.budgets.purses(actor, address))
    }

    /// Takes what a request costs more than was taken for it before.
    ///
    /// # Errors
    /// There is not enough. What was taken before stays so: a document was read for it.
    pub async fn raise(mut self, cost: u64) -> Result<Self, Exhausted> {
        self.requested = cost.max(LEAST);
        let more = self.requested.saturating_sub(self.taken());
        if more == 0 {
            return Ok(self);
        }
        let (fits, debts, is_shared) = self.budgets.add(&self.purses, signed(more), true).await;
        (self.debts, self.is_shared) = (debts, is_shared);
        if !fits {
            return Err(self.refused());
        }
        let taken = if is_shared { &mut self.shared } else { &mut self.local };
        *taken = taken.saturating_add(more);
        Ok(self)
    }

    fn taken(&self) -> u64 {
        self.local.saturating_add(self.shared)
    }

    /// Gives back what was not answered, or takes what was more. The answer does not wait for it.
    pub fn settle(mut self, actual: u64) -> Standing {
        let actual = actual.max(LEAST);
        let (back, more) = (self.taken().saturating_sub(actual), signed(actual.saturating_sub(self.taken())));
        for debt in &mut self.debts {
            *debt = debt.with(more.saturating_sub(signed(back)));
        }
        let standing = self.standing(actual);
        // Each gets back no more than it gave: Redis may have come or gone between.
        let to_shared = back.min(self.shared);
        let (to_shared, to_local) = (signed(to_shared), signed(back.saturating_sub(to_shared)));
        let (by_shared, by_local) = if self.is_shared { (more, 0) } else { (0, more) };
        let Self { budgets, purses, .. } = self;
        let Parts { local, redis, clock, .. } = &*budgets.0;
        if to_local != by_local && !purses.is_empty() {
            let _ = local.add(&purses, by_local.saturating_sub(to_local), false, clock.now().timestamp_millis());
        }
        if let (Some(redis), true) = (redis.clone().filter(|_| !purses.is_empty()), to_shared != by_shared) {
            let change = by_shared.saturating_sub(to_shared);
            tokio::spawn(async move { shared::add(&redis, &purses, change, false).await });
        }
        standing
    }

    /// The budget with least in it.
    fn standing(&self, actual: u64) -> Standing {
        let left = self.purses.iter().zip(&self.debts).map(|(purse, debt)| (purse.terms.remaining(*debt), purse));
        let least = left.min_by_key(|(remaining, _)| *remaining);
        Standing {
            requested: self.requested,
            actual,
            remaining: least.map(|(remaining, _)| remaining),
            restore_rate: least.map(|(_, purse)| purse.terms.per_second),
        }
    }

    /// To come again is to pay all of it again.
    fn refused(self) -> Exhausted {
        let waits = self.purses.iter().zip(&self.debts).map(|(it, debt)| (it.terms.wait(*debt, self.requested), it));
        let longest = waits.max_by_key(|(seconds, _)| *seconds);
        let (seconds, account) = longest.map_or((1, Account::Address(None)), |(seconds, it)| (seconds, it.account));
        metrics::counter!("osh_budget_refusals_total", "budget" => account.kind()).increment(1);
        Exhausted { account, retry_after_seconds: seconds.max(1), standing: self.standing(self.taken()) }
    }
}

fn signed(points: u64) -> i64 {
    i64::try_from(points).unwrap_or(i64::MAX)
}
