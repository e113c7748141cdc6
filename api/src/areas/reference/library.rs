//! The snapshot in use, renewed when reference data changes on any replica.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::areas::reference::book::Book;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;
use crate::events::{Event, Events};

/// Events may be lost; a change is seen at the latest after this time.
const POLL: Duration = Duration::from_secs(60);

/// Hands out the snapshot in use.
#[derive(Clone)]
pub struct Library {
    book: Arc<RwLock<Arc<Book>>>,
    db: Db,
    clock: Clock,
}

impl Library {
    /// Reads the first snapshot and keeps it fresh from then on. Must be called within the runtime.
    pub async fn open(db: Db, events: Events, clock: Clock) -> Result<Self> {
        let book = Book::read(&db, clock.today()).await?;
        let library = Self { book: Arc::new(RwLock::new(Arc::new(book))), db, clock };
        tokio::spawn(library.clone().follow(events));
        Ok(library)
    }

    /// The snapshot in use. A request takes it once and computes with it to the end.
    pub fn book(&self) -> Arc<Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the reference data again. On failure the last snapshot stays.
    pub async fn renew(&self) -> Result<()> {
        let fresh = Arc::new(Book::read(&self.db, self.clock.today()).await?);
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    async fn follow(self, events: Events) {
        let mut heard = events.hear();
        let mut poll = tokio::time::interval(POLL);
        poll.tick().await;
        loop {
            tokio::select! {
                event = heard.recv() => match event {
                    Ok(Event::Logged) => continue,
                    Ok(Event::ReferenceChanged) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                },
                _ = poll.tick() => {}
            }
            if let Err(error) = self.renew().await {
                tracing::error!(?error, "reference data cannot be read again; going on with the last snapshot");
            }
        }
    }
}
