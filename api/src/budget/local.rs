//! Debts kept by this process: all there are without Redis, and what stands in while it does not answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::debt::Debt;
use super::{Account, Few, Purse};

/// Clients of each sort that are remembered. Beyond that the least asked for are forgotten, which pays their debts.
const MOST: u64 = 100_000;

type Debts = Cache<Account, Arc<Mutex<Debt>>>;

/// Debts of this process. Those of addresses are apart: whoever has many must not make us forget what persons owe.
pub struct Local {
    known: Debts,
    addresses: Debts,
}

impl Local {
    /// Nobody owes anything. `longest`: after this time without a request nothing can be left of a debt.
    pub fn new(longest: Duration) -> Self {
        let debts = || Cache::builder().max_capacity(MOST).time_to_idle(longest).build();
        Self { known: debts(), addresses: debts() }
    }

    fn place(&self, account: Account) -> Arc<Mutex<Debt>> {
        match account {
            Account::Address(_) => self.addresses.get_with(account, Arc::default),
            Account::Person(_) | Account::Organisation(_) => self.known.get_with(account, Arc::default),
        }
    }

    /// Adds to all debts or to none, and gives whether it fits into all and what is owed then.
    pub fn add(&self, purses: &[Purse], cost: i64, must_fit: bool, now_ms: i64) -> (bool, Few<Debt>) {
        let places: Few<_> = purses.iter().map(|purse| self.place(purse.account)).collect();
        // Always in the order of the purses, which is that of their kinds: two requests cannot wait for each other.
        let mut held: Few<MutexGuard<'_, Debt>> =
            places.iter().map(|place| place.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        for (debt, purse) in held.iter_mut().zip(purses) {
            **debt = debt.at(now_ms, purse.terms);
        }
        let points = u64::try_from(cost).unwrap_or_default();
        let fits = held.iter().zip(purses).all(|(debt, purse)| purse.terms.wait(**debt, points) == 0);
        if fits || !must_fit {
            for debt in &mut held {
                **debt = debt.with(cost);
            }
        }
        (fits, held.iter().map(|debt| **debt).collect())
    }
}
