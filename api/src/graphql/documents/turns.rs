//! Long documents that were not seen before take turns: to parse and to judge one keeps a processor busy for
//! milliseconds, and a flood of them would keep all. Short and known ones, which take microseconds, never wait.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Documents up to this length do not wait, bytes.
const SHORT: u64 = 1_024;

/// How many long documents are judged at once: half of the processors, at least one.
#[derive(Clone, Debug)]
pub(super) struct Turns(pub(super) Arc<Semaphore>);

/// The turn of one document; the next one has it when this is dropped.
#[derive(Debug)]
pub struct Turn(#[allow(dead_code)] OwnedSemaphorePermit);

impl Default for Turns {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new((processors / 2).max(1))))
    }
}

impl Turns {
    /// Waits for the turn of a document of so many bytes that is not known; `None` for one that needs none.
    pub async fn of(&self, bytes: u64) -> Option<Turn> {
        if bytes <= SHORT {
            return None;
        }
        self.0.clone().acquire_owned().await.ok().map(Turn)
    }
}

/// Does what keeps a processor busy for as long as it has a turn: what else waits for this thread goes on in another.
pub fn aside<T>(turn: Option<&Turn>, work: impl FnOnce() -> T) -> T {
    match turn {
        Some(_) if can_go_on() => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// The same for work that has the form of a future and waits for nothing.
pub async fn done_aside<T>(turn: Option<&Turn>, work: BoxFuture<'_, T>) -> T {
    match turn {
        Some(_) if can_go_on() => tokio::task::block_in_place(|| futures::executor::block_on(work)),
        _ => work.await,
    }
}

/// Whether there are other threads.
fn can_go_on() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}
