//! The transaction of a mutation, which ends with what came of it.

use std::marker::PhantomData;
use std::ops::Deref;

use domain::refusal::{Refusal, RefusalCode};
use entity::idempotency;
use sea_orm::DatabaseTransaction;
use sea_orm::prelude::Uuid;
use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::events::Event;
use crate::graphql::attempt::Attempt;
use crate::graphql::once::key::{Claim, FIELD};
use crate::graphql::once::store;
use crate::graphql::user_error::Stop;

/// A writing transaction. What is not saved is rolled back when it is dropped. `K` is what an answer is rebuilt from.
pub struct Writing<K = Uuid> {
    tx: DatabaseTransaction,
    end: End,
    kept: PhantomData<fn(K)>,
}

/// How a transaction ends that went well.
enum End {
    /// It is kept, and its key with it.
    Keep(Option<idempotency::Model>),
    /// It is not: the key was refused.
    Refuse,
    /// It is not, and its answer is what would have been.
    DryRun,
}

/// How a transaction begins; it lives for a moment.
#[allow(clippy::large_enum_variant)]
pub(super) enum Begun<K> {
    /// With a key that is new, with none, or with one that is refused.
    New(Writing<K>, Option<Refusal>),
    /// Not at all: this is what came of the same request.
    Before(String),
}

impl<K> Writing<K> {
    pub(super) async fn begin(attempt: Attempt<'_>, claim: &Claim) -> Result<Begun<K>> {
        let tx = attempt.begin().await?;
        let (end, fault) = match &claim.row {
            Err(refusal) => (End::Refuse, Some(refusal.clone())),
            Ok(None) if claim.dry_run => (End::DryRun, None),
            Ok(None) => (End::Keep(None), None),
            Ok(Some(row)) if store::claim(&tx, row).await? => (End::Keep(Some(row.clone())), None),
            Ok(Some(row)) => match store::find(&tx, row).await? {
                Some(idempotency::Model { input_digest, outcome: Some(outcome), .. })
                    if input_digest == row.input_digest =>
                {
                    return Ok(Begun::Before(outcome));
                }
                Some(_) => (End::Refuse, Some(Refusal::new(RefusalCode::IdempotencyKeyReused).at(FIELD))),
                // It was so old that it has just been removed.
                None => return Err(Error { retriable: true, ..Error::new(Code::Unavailable) }),
            },
        };
        Ok(Begun::New(Self { tx, end, kept: PhantomData }, fault))
    }
}

impl<K: Serialize> Writing<K> {
    /// Keeps the change with what its answer is rebuilt from, in one transaction; of a dry run, nothing.
    ///
    /// # Errors
    /// The key was refused, or the database failed: nothing is kept.
    pub async fn save<T>(self, kept: K, value: T) -> Result<Saved<T>, Stop> {
        let is_kept = match self.end {
            End::Refuse => return Err(Stop::Refused(Vec::new())),
            End::DryRun => false,
            End::Keep(None) => true,
            End::Keep(Some(row)) => {
                let outcome = serde_json::to_string(&kept).map_err(Error::internal)?;
                store::keep(&self.tx, &row, outcome).await?;
                true
            }
        };
        match is_kept {
            true => self.tx.commit().await?,
            false => self.tx.rollback().await?,
        }
        Ok(Saved { value, is_kept, tell: None })
    }
}

impl<K> Deref for Writing<K> {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

/// What a mutation answers, after its transaction has ended. Only [`Writing::save`] makes one.
#[derive(Debug)]
pub struct Saved<T> {
    pub(super) value: T,
    pub(super) tell: Option<Event>,
    is_kept: bool,
}

impl<T> Saved<T> {
    /// Tells others of it, if it was kept.
    #[must_use]
    pub fn telling(self, event: Event) -> Self {
        Self { tell: self.is_kept.then_some(event), ..self }
    }
}
