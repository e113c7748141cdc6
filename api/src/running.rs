//! What a request waits for at this moment, to be told when its time is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most paths that are told.
const MOST: usize = 8;

/// The fields of one request that wait for the database.
#[derive(Clone, Debug, Default)]
pub struct Running(Arc<Mutex<Vec<Arc<str>>>>);

/// A field waits as long as this lives.
#[must_use]
pub struct Waiting {
    running: Running,
    path: Arc<str>,
}

impl Running {
    /// The field at `path` begins to wait.
    pub fn enter(&self, path: impl Into<Arc<str>>) -> Waiting {
        let path = path.into();
        self.paths().push(path.clone());
        Waiting { running: self.clone(), path }
    }

    /// Paths of the fields that wait now, those that have waited longest first, each once.
    pub fn now(&self) -> Vec<Arc<str>> {
        let mut told = Vec::new();
        for path in self.paths().iter() {
            if told.len() < MOST && !told.contains(path) {
                told.push(path.clone());
            }
        }
        told
    }

    fn paths(&self) -> MutexGuard<'_, Vec<Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut paths = self.running.paths();
        if let Some(place) = paths.iter().position(|path| Arc::ptr_eq(path, &self.path)) {
            paths.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_told_once_and_as_long_as_it_waits() {
        let running = Running::default();
        let first = running.enter("a.b");
        let second = running.enter("c");
        let again = running.enter("a.b");
        let told = || running.now().join(" ");
        assert_eq!(told(), "a.b c");
        drop(first);
        assert_eq!(told(), "c a.b");
        drop((second, again));
        assert_eq!(told(), "");
    }
}
