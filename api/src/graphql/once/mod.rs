//! A mutation that is sent again with its idempotency key happens once. There is no other way in which a request changes
//! anything.
//!
//! The key is written first, in the transaction of the change, and what came of it last. Who sends the same key at the
//! same moment waits for the first one, and then gets its answer; what is rolled back leaves no key. An answer is
//! rebuilt from what was kept, within the rows that the caller may see now. ADR 0026 says why.

mod digest;
mod key;
mod store;
mod writing;

use async_graphql::{Context, InputType};
use domain::refusal::{Refusal, RefusalCode};
use serde::de::DeserializeOwned;

use crate::clock;
use crate::error::{Error, Result};
use crate::graphql::Ask;
use crate::graphql::attempt;
use crate::graphql::user_error::{Stop, beside};

pub use key::Keys;
pub use writing::{Saved, Writing};

use key::Claim;
use writing::Begun;

/// The input of a mutation.
pub trait Keyed: InputType {
    /// The idempotency key, where one was given.
    fn key(&self) -> Option<&str>;

    /// Whether everything is done but kept: such a request neither looks for its key nor keeps it.
    fn is_dry_run(&self) -> bool {
        false
    }
}

/// Runs a mutation, and runs it again as a whole while it is in the way of others; a key that was used before gives
/// what was kept then to `recall` instead. `run` gets the one transaction and ends by saving it. Whatever it tells
/// others is told when it is kept, and not again.
pub async fn once<I, T, K, Run, Running, Recall, Recalling>(
    ctx: &Context<'_>,
    input: &I,
    run: Run,
    recall: Recall,
) -> Result<T, Stop>
where
    I: Keyed,
    T: Send,
    K: DeserializeOwned + Send,
    Run: Fn(Writing<K>) -> Running + Send + Sync,
    Running: Future<Output = Result<Saved<T>, Stop>> + Send,
    Recall: FnOnce(K) -> Recalling + Send,
    Recalling: Future<Output = Result<T, Stop>> + Send,
{
    let app = ctx.app();
    let claim = Claim::of(ctx, input)?;
    app.keys.forget_old(&app.db, ctx.now()).await;
    let attempt = |attempt| {
        let (claim, run) = (&claim, &run);
        async move {
            let (writing, fault) = match Writing::begin(attempt, claim).await? {
                Begun::New(writing, fault) => (writing, fault),
                Begun::Before(outcome) => return Ok(Done::Before(outcome)),
            };
            // What is wrong with the key stands before what else is wrong with the input.
            beside(Vec::from_iter(fault), run(writing).await).map(Done::Now)
        }
    };
    let _waiting = ctx.loaders().running().enter(ctx.path());
    match attempt::retrying(&app.db, clock::chance, attempt).await? {
        Done::Now(saved) => {
            if let Some(event) = saved.tell {
                app.events.tell(event).await;
            }
            Ok(saved.value)
        }
        Done::Before(outcome) => {
            let kept = serde_json::from_str(&outcome).map_err(|error| Error::internal(format!("outcome: {error}")))?;
            recall(kept).await
        }
    }
}

/// A row that was kept by its key; NOT_FOUND at a field when it may not be seen any more.
pub async fn recalled<T>(find: impl Future<Output = Result<Option<T>>>, field: &str) -> Result<T, Stop> {
    let found = find.await?;
    found.ok_or_else(|| Refusal::new(RefusalCode::NotFound).at(field).into())
}

enum Done<T> {
    Now(Saved<T>),
    Before(String),
}
