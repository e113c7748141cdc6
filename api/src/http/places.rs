//! How many sockets and streams are open, in all and of each person.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use crate::config;

/// The places of one server.
pub struct Places {
    most: usize,
    most_of_person: usize,
    taken: Mutex<Taken>,
    /// How many are open.
    open: watch::Sender<usize>,
    closing: watch::Sender<bool>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// Of those who have not signed in, or not yet.
    public: usize,
    persons: HashMap<Uuid, usize>,
}

/// A place that is free again when this is dropped.
pub struct Place {
    places: Arc<Places>,
    person: Option<Uuid>,
}

impl Places {
    /// Empty ones.
    pub fn new(config: &config::Realtime) -> Self {
        let (most, most_of_person) = (config.max_sockets, config.sockets_per_person);
        let (open, closing) = (watch::Sender::new(0), watch::Sender::new(false));
        Self { most, most_of_person, taken: Mutex::default(), open, closing }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for somebody unknown; `None` when there is none. The public gets half of them, so that nobody without an
    /// account takes all.
    pub fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.taken();
        if *self.closing.borrow() || taken.all >= self.most || taken.public >= self.most / 2 {
            return None;
        }
        taken.all += 1;
        taken.public += 1;
        self.open.send_replace(taken.all);
        metrics::gauge!("osh_realtime_open").increment(1);
        Some(Place { places: self.clone(), person: None })
    }

    /// Everybody is asked to leave, and nobody is let in.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Hears when everybody is asked to leave.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Ready when everybody has left.
    pub async fn empty(&self) {
        let _ = self.open.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Place {
    /// Gives the place to a person; `false` when the person has too many.
    pub fn belongs_to(&mut self, person: Uuid) -> bool {
        let mut taken = self.places.taken();
        let most = self.places.most_of_person;
        let of_person = taken.persons.entry(person).or_default();
        if *of_person >= most {
            return false;
        }
        *of_person += 1;
        taken.public -= 1;
        self.person = Some(person);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        match self.person {
            None => taken.public -= 1,
            Some(person) => {
                let left = taken.persons.get_mut(&person).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if left == 0 {
                    taken.persons.remove(&person);
                }
            }
        }
        self.places.open.send_replace(taken.all);
        metrics::gauge!("osh_realtime_open").decrement(1);
    }
}
