//! The key of a request: its form, whose it is, and how long keys are kept.

use std::sync::atomic::{AtomicI64, Ordering};

use async_graphql::Context;
use chrono::{DateTime, TimeDelta, Utc};
use domain::exact::Written;
use domain::refusal::{Refusal, RefusalCode};
use entity::idempotency;

use crate::db::Db;
use crate::error::{Code, Error, Result};
use crate::graphql::Ask;
use crate::graphql::once::{Keyed, digest, store};

/// Where every input has its key.
pub(super) const FIELD: &str = "idempotencyKey";
/// Longest key, characters.
const LENGTH: usize = 128;
/// Old keys are removed at most so often by one server.
const FORGETTING: TimeDelta = TimeDelta::minutes(10);

/// What a request asks of its key.
pub(super) struct Claim {
    /// The row that is written first; `None` without a key, or why the key is none.
    pub row: Written<Option<idempotency::Model>>,
    /// Nothing of it is kept.
    pub dry_run: bool,
}

impl Claim {
    pub fn of<I: Keyed>(ctx: &Context<'_>, input: &I) -> Result<Self> {
        let key = input.key().map(parse).transpose();
        let dry_run = input.is_dry_run();
        let row = match key {
            Ok(Some(key)) if !dry_run => Ok(Some(row(ctx, input, key)?)),
            Ok(_) => Ok(None),
            Err(refusal) => Err(refusal),
        };
        Ok(Self { row, dry_run })
    }
}

fn parse(key: &str) -> Written<String> {
    match (1..=LENGTH).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(key.to_owned()),
        false => Err(Refusal::new(RefusalCode::IdempotencyKeyInvalid).at(FIELD).with("max", LENGTH)),
    }
}

fn row<I: Keyed>(ctx: &Context<'_>, input: &I, key: String) -> Result<idempotency::Model> {
    let actor = ctx.actor();
    let (Some(person), Some(acting)) = (&actor.person, &actor.acting) else {
        return Err(Error::new(Code::Unauthenticated));
    };
    Ok(idempotency::Model {
        person_id: person.id,
        organisation_id: acting.organisation_id,
        mutation: ctx.field().name().to_owned(),
        key,
        input_digest: digest::of(ctx, input)?,
        outcome: None,
        created_at: ctx.now(),
    })
}

/// How long keys are kept, and when old ones were last removed.
#[derive(Debug)]
pub struct Keys {
    keep: TimeDelta,
    forgot_micros: AtomicI64,
}

impl Keys {
    /// Keys are kept at least so long.
    pub fn new(keep: TimeDelta, now: DateTime<Utc>) -> Self {
        Self { keep, forgot_micros: AtomicI64::new(now.timestamp_micros()) }
    }

    /// Removes old keys, now and then, in the course of writing. A failure is logged: the next one comes.
    pub(super) async fn forget_old(&self, db: &Db, now: DateTime<Utc>) {
        let (forgot, due) = (self.forgot_micros.load(Ordering::Relaxed), (now - FORGETTING).timestamp_micros());
        let mine = |forgot| {
            let now = now.timestamp_micros();
            self.forgot_micros.compare_exchange(forgot, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        if forgot <= due && mine(forgot) && store::forget(db, now - self.keep).await.is_err() {
            tracing::warn!("old idempotency keys cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_and_of_one_to_128_characters() {
        for good in ["!", "~", "3f6c0c5e-7d0e-4b43-9d5e-6a8c2f3b9e11", &"k".repeat(128)] {
            assert_eq!(parse(good), Ok(good.to_owned()));
        }
        for bad in ["", " ", "a b", "a\n", "\u{7f}", "ключ", &"k".repeat(129)] {
            let refusal = parse(bad).expect_err(bad);
            assert_eq!((refusal.code, &*refusal.field), (RefusalCode::IdempotencyKeyInvalid, FIELD));
        }
    }
}
