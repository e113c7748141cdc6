//! Look-ups that many requests make at once: one row by a key, in the same scope.
//!
//! While a look-up is on its way, those of other requests that may see the same rows gather, and the next statement
//! asks for all of them. Nobody waits for company: the first asks at once, so an idle server answers as fast as
//! without, and a busy one sends fewer statements the busier it is. Nothing is kept: an answer is read after it was
//! asked for.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_graphql::dataloader::Loader;
use entity::scope::Scope;
use futures::FutureExt;
use futures::channel::oneshot;

use crate::error::{Code, Error, Result};

/// Keys of one statement at most: a look-up must not wait for thousands of others.
const MOST: usize = 128;

/// A key whose row is looked up within a scope. Only requests of an equal scope gather, so a batch has one statement
/// and no row of another one's.
pub trait Gather: Clone + Eq + Hash + Send + Sync + 'static {
    /// What the asker may see.
    fn scope(&self) -> &Scope;
}

type Answer<V> = oneshot::Sender<Result<Option<V>>>;
type Lot<K, V> = Vec<(K, Answer<V>)>;

/// Who waits, by scope. A scope has an entry while a statement of it is on its way.
struct Waiting<K, V>(Mutex<HashMap<Scope, Lot<K, V>>>);

impl<K, V> Waiting<K, V> {
    fn lots(&self) -> MutexGuard<'_, HashMap<Scope, Lot<K, V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The look-ups of one server, by the type of their key.
pub struct Gatherings {
    waiting: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    longest: Duration,
}

impl Gatherings {
    /// A statement takes milliseconds. One that takes `longest` is on a connection that is dead without a word, and all
    /// who may see the same rows would wait behind it.
    pub fn new(longest: Duration) -> Self {
        Self { waiting: Mutex::default(), longest }
    }

    /// The row of `key`, asked for together with the look-ups of other requests.
    pub async fn load<B, K>(&self, batch: &B, key: K) -> Result<Option<B::Value>>
    where
        B: Loader<K, Error = Error> + Clone,
        K: Gather,
    {
        let waiting = self.waiting::<K, B::Value>()?;
        let (answer, answered) = oneshot::channel();
        let first = match waiting.lots().entry(key.scope().clone()) {
            Entry::Occupied(mut lot) => {
                lot.get_mut().push((key, answer));
                None
            }
            Entry::Vacant(place) => {
                let scope = place.key().clone();
                place.insert(Vec::new());
                Some((scope, vec![(key, answer)]))
            }
        };
        if let Some((scope, lot)) = first {
            // A task of its own: the others must not depend on the request that came first.
            tokio::spawn(Turn { waiting, scope, longest: self.longest }.run(batch.clone(), lot));
        }
        answered.await.unwrap_or_else(|_| Err(Error::internal("a look-up ended without an answer")))
    }

    fn waiting<K: Gather, V: Send + Sync + 'static>(&self) -> Result<Arc<Waiting<K, V>>> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Waiting::<K, V>(Mutex::default())) as Arc<dyn Any + Send + Sync>;
        let of_this = all.entry(TypeId::of::<K>()).or_insert_with(new).clone();
        of_this.downcast().map_err(|_| Error::internal("look-ups of another key"))
    }
}

/// Sends the lots of one scope, one after the other, until nobody waits.
struct Turn<K, V> {
    waiting: Arc<Waiting<K, V>>,
    scope: Scope,
    longest: Duration,
}

impl<K: Gather, V: Clone + Send + Sync + 'static> Turn<K, V> {
    async fn run<B: Loader<K, Value = V, Error = Error>>(self, batch: B, mut lot: Lot<K, V>) {
        loop {
            let keys: Vec<K> = lot.iter().map(|(key, _)| key.clone()).collect();
            let found = found(&batch, &keys, self.longest).await;
            if found.as_ref().is_err_and(|error| error.code == Code::Unavailable) {
                // Who waits would only wait longer for the same.
                lot.extend(self.waiting.lots().get_mut(&self.scope).map(std::mem::take).unwrap_or_default());
            }
            for (key, answer) in lot {
                // Who does not wait any more does not mind.
                let _ = answer.send(found.as_ref().map(|found| found.get(&key).cloned()).map_err(Clone::clone));
            }
            match self.next() {
                Some(next) => lot = next,
                None => return,
            }
        }
    }

    fn next(&self) -> Option<Lot<K, V>> {
        let mut lots = self.waiting.lots();
        let waiting = lots.get_mut(&self.scope)?;
        waiting.retain(|(_, answer)| !answer.is_canceled());
        if waiting.is_empty() {
            lots.remove(&self.scope);
            return None;
        }
        Some(waiting.drain(..waiting.len().min(MOST)).collect())
    }
}

/// The rows of some keys. It always ends, and never in a panic: others wait behind it.
async fn found<K, B>(batch: &B, keys: &[K], longest: Duration) -> Result<HashMap<K, B::Value>>
where
    K: Gather,
    B: Loader<K, Error = Error>,
{
    match tokio::time::timeout(longest, AssertUnwindSafe(batch.load(keys)).catch_unwind()).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) => {
            metrics::counter!("osh_panics_total").increment(1);
            Err(Error::internal("a look-up panicked"))
        }
        Err(_) => Err(Error { internal: Some("a look-up took too long".into()), ..Error::new(Code::Unavailable) }),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // scopes of no request
mod tests {
    use chrono::NaiveDate;
    use domain::roles::Reach;
    use entity::scope::Bound;
    use futures::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    const LONGEST: Duration = Duration::from_millis(500);

    fn scope(region: &str) -> Scope {
        Scope::granted(Reach::Region, Bound::Region(region.to_owned()), NaiveDate::default())
    }

    /// The double of a number.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct Double(usize, Scope);

    impl Gather for Double {
        fn scope(&self) -> &Scope {
            &self.1
        }
    }

    /// Remembers every statement; each needs a permit to go on.
    #[derive(Clone)]
    struct Database(Arc<(Mutex<Vec<Vec<Double>>>, Semaphore)>);

    impl Database {
        fn new(permits: usize) -> Self {
            Self(Arc::new((Mutex::default(), Semaphore::new(permits))))
        }

        fn statements(&self) -> Vec<Vec<Double>> {
            self.0.0.lock().unwrap().clone()
        }

        fn go_on(&self) {
            self.0.1.add_permits(1_000);
        }
    }

    impl Loader<Double> for Database {
        type Value = usize;
        type Error = Error;

        async fn load(&self, keys: &[Double]) -> Result<HashMap<Double, usize>> {
            self.0.0.lock().unwrap().push(keys.to_vec());
            self.0.1.acquire().await.unwrap().forget();
            assert!(keys.iter().all(|key| key.0 != 466), "a statement that panics");
            match keys.iter().map(|key| key.0).find(|number| [403, 413].contains(number)) {
                Some(403) => Err(Error::new(Code::Unavailable)),
                Some(_) => Err(Error::internal("a statement that fails")),
                None => Ok(keys.iter().filter(|key| key.0 < 500).map(|key| (key.clone(), key.0 * 2)).collect()),
            }
        }
    }

    async fn settle() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    #[tokio::test]
    async fn who_asks_while_a_statement_is_on_its_way_shares_the_next_one() {
        let (all, database) = (Arc::new(Gatherings::new(LONGEST)), Database::new(0));
        let ask = |number, region: &str| {
            let (all, database, key) = (all.clone(), database.clone(), Double(number, scope(region)));
            tokio::spawn(async move { all.load(&database, key).await })
        };
        let first = ask(1, "71");
        settle().await;
        let others: Vec<_> = (2..302).map(|number| ask(number, "71")).collect();
        let foreign = ask(5, "75");
        settle().await;
        assert_eq!(database.statements().len(), 2, "one of each scope is on its way");
        database.go_on();
        let answers = join_all(others).await.into_iter().map(|answer| answer.unwrap().unwrap());
        assert_eq!(answers.collect::<Vec<_>>(), (2..302).map(|number| Some(number * 2)).collect::<Vec<_>>());
        assert_eq!((first.await.unwrap().unwrap(), foreign.await.unwrap().unwrap()), (Some(2), Some(10)));
        let statements = database.statements();
        let sizes: Vec<usize> = statements.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 1, 128, 128, 44]);
        for keys in &statements {
            assert!(keys.iter().all(|key| key.1 == keys[0].1), "no statement mixes scopes");
        }
        assert_eq!(all.load(&database, Double(500, scope("71"))).await.unwrap(), None);
        assert_eq!(database.statements().len(), 6, "nothing is kept");
        settle().await;
        assert!(all.waiting::<Double, usize>().unwrap().lots().is_empty());
    }

    #[tokio::test]
    async fn one_that_went_away_failed_or_panicked_does_not_stop_the_next() {
        let (all, database) = (Gatherings::new(LONGEST), Database::new(0));
        let ask = |number| all.load(&database, Double(number, scope("71")));
        assert!(tokio::time::timeout(Duration::from_millis(20), ask(1)).await.is_err(), "it waits for a permit");
        database.go_on();
        assert_eq!(ask(2).await.unwrap(), Some(4));
        let (failed, with_it) = tokio::join!(ask(413), ask(3));
        assert!(failed.is_err());
        assert_eq!(with_it.unwrap(), Some(6), "it was in the next statement");
        let (gone, behind) = tokio::join!(ask(403), ask(3));
        assert!(gone.is_err() && behind.is_err(), "a database that is gone is not asked again for those who wait");
        let (panicked, behind) = tokio::join!(ask(466), ask(4));
        assert_eq!((panicked.is_err(), behind.unwrap()), (true, Some(8)));
        assert_eq!(ask(5).await.unwrap(), Some(10));
    }

    #[tokio::test]
    async fn a_statement_that_hangs_holds_nobody_up_for_long_and_those_who_left_are_not_asked_for() {
        let (all, database) = (Arc::new(Gatherings::new(LONGEST)), Database::new(0));
        let ask = |number| {
            let (all, database) = (all.clone(), database.clone());
            tokio::spawn(async move { all.load(&database, Double(number, scope("71"))).await })
        };
        let hanging = ask(1);
        settle().await;
        let (left, waiting) = (ask(2), ask(3));
        settle().await;
        left.abort();
        for answer in [hanging, waiting] {
            assert_eq!(answer.await.unwrap().unwrap_err().code, Code::Unavailable);
        }
        database.go_on();
        assert_eq!(ask(4).await.unwrap().unwrap(), Some(8));
        let asked: Vec<usize> = database.statements().iter().flatten().map(|key| key.0).collect();
        assert_eq!(asked, [1, 4]);
    }
}
