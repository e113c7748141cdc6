//! Time, ids and chance as parameters: the only place that asks the system for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use uuid::Uuid;

/// Gives the present moment. Clones share one source.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed_micros: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `moment` until it is set again.
    pub fn fixed(moment: DateTime<Utc>) -> Self {
        Self { fixed_micros: Some(Arc::new(AtomicI64::new(moment.timestamp_micros()))) }
    }

    /// Moves a fixed clock; does nothing to the system's.
    pub fn set(&self, moment: DateTime<Utc>) {
        if let Some(micros) = &self.fixed_micros {
            micros.store(moment.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// Now, in UTC, cut to microseconds: PostgreSQL keeps no more, and both databases must give back what was stored.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match &self.fixed_micros {
            Some(micros) => micros.load(Ordering::SeqCst),
            None => Utc::now().timestamp_micros(),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// The civil date in Kazakhstan (UTC+5 in the whole country since 1 March 2024), by which mandates and rules begin
    /// and end.
    pub fn today(&self) -> NaiveDate {
        match FixedOffset::east_opt(5 * 3600) {
            Some(kazakhstan) => self.now().with_timezone(&kazakhstan).date_naive(),
            None => self.now().date_naive(),
        }
    }
}

/// A new key: UUID v7, so that keys sort by the order of their making on both databases.
#[allow(clippy::disallowed_methods)]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A number from 0 to 1 that nobody can foresee and nothing depends on.
pub fn chance() -> f64 {
    fastrand::f64()
}
