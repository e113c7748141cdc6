//! How many sockets and streams are open, in all, of each person, and of each address that has not said who it is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use crate::config;
use crate::http::address::ClientAddress;

/// The places of one server.
pub struct Places {
    most: usize,
    most_of_person: usize,
    most_of_address: usize,
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
    /// The same by address, as far as it is known.
    addresses: HashMap<ClientAddress, usize>,
    persons: HashMap<Uuid, usize>,
}

/// A place that is free again when this is dropped.
pub struct Place {
    places: Arc<Places>,
    address: Option<ClientAddress>,
    person: Option<Uuid>,
}

impl Places {
    /// Empty ones.
    pub fn new(config: &config::Realtime) -> Self {
        Self {
            most: config.max_sockets,
            most_of_person: config.sockets_per_person,
            most_of_address: config.sockets_per_address,
            taken: Mutex::default(),
            open: watch::Sender::new(0),
            closing: watch::Sender::new(false),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for somebody unknown; `None` when there is none. The public gets half of them, so that nobody without an
    /// account takes all, and one address gets few of these.
    pub fn enter(self: &Arc<Self>, address: Option<ClientAddress>) -> Option<Place> {
        let mut taken = self.taken();
        if *self.closing.borrow() || taken.all >= self.most || taken.public >= self.most / 2 {
            return None;
        }
        if let Some(address) = address
            && !add(&mut taken.addresses, address, self.most_of_address)
        {
            return None;
        }
        taken.all += 1;
        taken.public += 1;
        self.open.send_replace(taken.all);
        metrics::gauge!("osh_realtime_open").increment(1);
        Some(Place { places: self.clone(), address, person: None })
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
        if !add(&mut taken.persons, person, self.places.most_of_person) {
            return false;
        }
        taken.leave_public(self.address);
        self.person = Some(person);
        true
    }
}

impl Taken {
    fn leave_public(&mut self, address: Option<ClientAddress>) {
        self.public -= 1;
        if let Some(address) = address {
            take_off(&mut self.addresses, address);
        }
    }
}

/// Counts one more, if there may be one.
fn add<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K, most: usize) -> bool {
    let count = counts.entry(key).or_default();
    let room = *count < most;
    *count += usize::from(room);
    room
}

/// Counts one less; what is not there takes no memory.
fn take_off<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Entry::Occupied(mut entry) = counts.entry(key) {
        *entry.get_mut() -= 1;
        if *entry.get() == 0 {
            entry.remove();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        match self.person {
            None => taken.leave_public(self.address),
            Some(person) => take_off(&mut taken.persons, person),
        }
        self.places.open.send_replace(taken.all);
        metrics::gauge!("osh_realtime_open").decrement(1);
    }
}
