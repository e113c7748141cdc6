//! What is counted of every statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::DatabaseConnection;

/// Counts of one server, whichever connection a statement takes.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(Arc<AtomicU64>);

impl Counts {
    /// One statement more.
    pub fn count(&self, elapsed: Duration, failed: bool) {
        self.0.fetch_add(1, Ordering::Relaxed);
        metrics::histogram!("osh_db_statement_seconds").record(elapsed.as_secs_f64());
        if failed {
            metrics::counter!("osh_db_statement_failures_total").increment(1);
        }
    }

    /// Has the ORM count what it sends over its own connections.
    pub fn watch(&self, connection: &mut DatabaseConnection) {
        let counts = self.clone();
        connection.set_metric_callback(move |info| counts.count(info.elapsed, info.failed));
    }

    /// Statements so far.
    pub fn statements(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
