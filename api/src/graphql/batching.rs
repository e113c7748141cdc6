//! When a batch is sent: at the moment when nothing in the request can go on without data.
//!
//! The loader of async-graphql waits for a fixed time instead: every level of a document then costs that time, and a page
//! that takes longer to walk is cut into several statements, the more the busier the machine is.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::poll_fn;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;

use async_graphql::dataloader::Loader;
use futures::FutureExt;
// Tokio's would count against the budget of the task and cut a long list into several batches.
use futures::channel::oneshot;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};

use crate::error::{Error, Result};
use crate::graphql::loader::Batch;
use crate::running::Running;

/// Keys of one batch at most: below the bind limit of SQLite, 32,766, with room for the scope; PostgreSQL takes any
/// number as one array.
const MAX_BATCH: usize = 16_384;

/// The loaders of one request. [`Loaders::serve`] is the only way to get them, because it is what sends the batches.
pub struct Loaders<B = Batch>(Arc<Shared<B>>);

struct Shared<B> {
    batch: B,
    /// The [`Lot`] of each type of key.
    lots: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
    /// Batches that have keys and have not been sent.
    due: Mutex<Vec<BoxFuture<'static, ()>>>,
    /// Keys asked for so far.
    asked: AtomicUsize,
    /// Who waits for a batch that is on its way.
    running: Running,
}

/// Keys of one type that wait for their batch, and who waits for them.
struct Lot<K, V>(Vec<(K, oneshot::Sender<Result<Option<V>>>)>);

impl<B: Send + Sync + 'static> Loaders<B> {
    /// Runs a request with loaders of its own. `running` is told which fields wait.
    pub async fn serve<F>(batch: B, running: Running, work: impl FnOnce(Self) -> F) -> F::Output
    where
        F: Future + Send,
        F::Output: Send,
    {
        let (lots, due) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { batch, lots, due, asked: AtomicUsize::new(0), running });
        let mut running = FuturesUnordered::<BoxFuture<'_, Option<F::Output>>>::new();
        running.push(work(Self(shared.clone())).map(Some).boxed());
        let mut asked = 0;
        poll_fn(|cx| {
            loop {
                match running.poll_next_unpin(cx) {
                    Poll::Ready(Some(Some(answer))) => return Poll::Ready(answer),
                    Poll::Ready(_) => {}
                    // A long list gives way to others before it has asked for everything: go on while it asks for more.
                    Poll::Pending if asked != shared.asked.load(Ordering::Relaxed) => {
                        asked = shared.asked.load(Ordering::Relaxed);
                    }
                    // What the batches on their way bring may ask for more of the same: the number of statements must not
                    // depend on which of them is faster.
                    Poll::Pending if running.len() > 1 => return Poll::Pending,
                    Poll::Pending => {
                        let due = std::mem::take(&mut *locked(&shared.due));
                        if due.is_empty() {
                            return Poll::Pending;
                        }
                        running.extend(due.into_iter().map(|batch| batch.map(|()| None).boxed()));
                    }
                }
            }
        })
        .await
    }

    /// What the request waits for.
    pub fn running(&self) -> &Running {
        &self.0.running
    }

    /// One key, batched with the others of this moment. The batch is known by the path of whoever asks first.
    pub async fn load<K>(&self, key: K, path: impl FnOnce() -> String) -> Result<Option<B::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        B: Loader<K, Error = Error>,
    {
        let (answer, answered) = oneshot::channel();
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        {
            let mut lots = locked(&self.0.lots);
            let lot = lots.entry(TypeId::of::<K>()).or_insert_with(|| Box::new(Lot::<K, B::Value>(Vec::new())));
            let lot = lot.downcast_mut::<Lot<K, B::Value>>().ok_or_else(|| Error::internal("a lot of another key"))?;
            if lot.0.is_empty() {
                locked(&self.0.due).push(send::<B, K>(Arc::downgrade(&self.0), path()).boxed());
            }
            lot.0.push((key, answer));
        }
        answered.await.unwrap_or_else(|_| Err(Error::internal("a batch ended without an answer")))
    }
}

/// Loads the lot of one type of key and tells everyone who waits. `shared` is weak: a batch that is never sent must not
/// keep itself alive.
async fn send<B, K>(shared: Weak<Shared<B>>, path: String)
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    B: Loader<K, Error = Error>,
{
    let Some(shared) = shared.upgrade() else { return };
    let _waiting = shared.running.enter(path);
    let waiting = match locked(&shared.lots).get_mut(&TypeId::of::<K>()).and_then(|lot| lot.downcast_mut()) {
        Some(Lot::<K, B::Value>(waiting)) => std::mem::take(waiting),
        None => return,
    };
    let mut waiting_for: HashMap<K, usize> = HashMap::with_capacity(waiting.len());
    for (key, _) in &waiting {
        *waiting_for.entry(key.clone()).or_default() += 1;
    }
    let mut found = load_all(&shared.batch, waiting_for.keys().cloned().collect()).await;
    for (key, answer) in waiting {
        let others = waiting_for.get_mut(&key).map_or(0, |count| {
            *count -= 1;
            *count
        });
        let value = match &mut found {
            // A page is hundreds of rows: the last who waits for it gets it, only the others a copy.
            Ok(found) if others == 0 => Ok(found.remove(&key)),
            Ok(found) => Ok(found.get(&key).cloned()),
            Err(error) => Err(error.clone()),
        };
        // Who does not wait any more does not mind.
        let _ = answer.send(value);
    }
}

async fn load_all<B, K>(batch: &B, keys: Vec<K>) -> Result<HashMap<K, B::Value>>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    B: Loader<K, Error = Error>,
{
    let mut found = HashMap::new();
    for keys in keys.chunks(MAX_BATCH) {
        found.extend(batch.load(keys).await?);
    }
    Ok(found)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Remembers the size of every batch.
    #[derive(Default)]
    struct Counting(Mutex<Vec<usize>>);

    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Double(usize);

    impl Loader<Double> for Arc<Counting> {
        type Value = usize;
        type Error = Error;

        async fn load(&self, keys: &[Double]) -> Result<HashMap<Double, usize>> {
            locked(&self.0).push(keys.len());
            tokio::task::yield_now().await;
            match keys.iter().find(|key| key.0 == 13) {
                Some(_) => Err(Error::internal("thirteen")),
                None => Ok(keys.iter().filter(|key| key.0 % 2 == 0).map(|key| (key.clone(), key.0 * 2)).collect()),
            }
        }
    }

    async fn ask(keys: Vec<usize>) -> (Vec<Result<Option<usize>>>, Vec<usize>) {
        let counting = Arc::new(Counting::default());
        let answers = Loaders::serve(counting.clone(), Running::default(), |loaders| async move {
            let child = async |key| match loaders.load(Double(key), String::new).await? {
                Some(value) => loaders.load(Double(value), String::new).await,
                None => Ok(None),
            };
            futures::future::join_all(keys.into_iter().map(child)).await
        });
        let answers = answers.await;
        let sizes = locked(&counting.0).clone();
        (answers, sizes)
    }

    #[tokio::test]
    async fn every_level_is_one_batch_however_many_keys_it_has() {
        for count in [2, 40, 480] {
            let (answers, sizes) = ask((0..count).map(|key| key * 2 + 100).collect()).await;
            assert_eq!(sizes, [count, count]);
            assert!(answers.iter().enumerate().all(|(at, answer)| matches!(answer, Ok(Some(v)) if *v == at * 8 + 400)));
        }
    }

    #[tokio::test]
    async fn a_long_list_of_long_lists_is_one_batch() {
        let counting = Arc::new(Counting::default());
        let answer = Loaders::serve(counting.clone(), Running::default(), |loaders| async move {
            let loaders = &loaders;
            let inner = |outer: usize| async move {
                loaders.load(Double(outer * 2 + 1000), String::new).await?;
                let keys = (0..40).map(|key| loaders.load(Double(outer * 80 + key * 2 + 10_000), String::new));
                futures::future::try_join_all(keys).await
            };
            futures::future::try_join_all((0..10).map(inner)).await?;
            futures::future::try_join_all((0..35).map(inner)).await
        });
        assert!(answer.await.is_ok());
        assert_eq!(*locked(&counting.0), [10, 400, 35, 1400]);
    }

    #[tokio::test]
    async fn a_key_asked_twice_is_loaded_once_and_a_missing_one_is_none() {
        let (answers, sizes) = ask(vec![4, 4, 4, 1]).await;
        assert_eq!(sizes, [2, 1]);
        assert!(matches!(answers.as_slice(), [Ok(Some(16)), Ok(Some(16)), Ok(Some(16)), Ok(None)]));
    }

    #[tokio::test]
    async fn a_batch_stays_below_the_bind_limits() {
        let (_, sizes) = ask((0..40_000).map(|key| key * 2 + 1).map(|key| key + 100_000).collect()).await;
        assert_eq!(sizes, [16_384, 16_384, 7_232]);
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_who_wait() {
        let (answers, _) = ask(vec![2, 13]).await;
        assert!(answers.iter().all(Result::is_err));
    }
}
