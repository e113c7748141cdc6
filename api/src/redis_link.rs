//! One multiplexed connection to Redis, made so that a dead or frozen server costs a request next to nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisError};
use tokio::time::Instant;

use crate::config;

/// After a failed call Redis is left alone for this long.
const PAUSE_MS: u64 = 500;

/// A connection that may fail; callers go on without it.
#[derive(Clone)]
pub struct RedisLink {
    client: Client,
    settings: ConnectionManagerConfig,
    manager: Arc<Mutex<ConnectionManager>>,
    /// Monotonic, unlike the clock of the context: a pause must end also where that one stands still or is set back.
    made: Instant,
    /// Milliseconds after `made`.
    closed_until_ms: Arc<AtomicU64>,
}

impl RedisLink {
    /// Prepares the connection without waiting for the server. An address that is none is an error.
    pub fn new(config: &config::Redis) -> Result<Self, RedisError> {
        let client = Client::open(config.url.as_str())?;
        let timeout = Some(Duration::from_millis(config.timeout_ms));
        // The default retries six times with back-off: a killed server would hold every call for nine seconds.
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(timeout)
            .set_response_timeout(timeout);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), settings.clone())?;
        let manager = Arc::new(Mutex::new(manager));
        Ok(Self { client, settings, manager, made: Instant::now(), closed_until_ms: Arc::default() })
    }

    /// The client, for connections of another kind (subscriptions).
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// One command; `None` when Redis did not answer. Failures are logged and counted here.
    pub async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if self.elapsed_ms() < self.closed_until_ms.load(Ordering::Relaxed) {
            return None;
        }
        let mut manager = self.manager.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match command.query_async(&mut manager).await {
            Ok(value) => Some(value),
            Err(error) => {
                self.pause();
                metrics::counter!("osh_redis_failures_total").increment(1);
                tracing::warn!(%error, "redis does not answer; going on without it");
                None
            }
        }
    }

    /// Leaves Redis alone for a while, and then connects anew: a connection whose other end has vanished without a word
    /// would time out for a quarter of an hour, and the manager takes a time-out for no reason to leave it.
    fn pause(&self) {
        // From the end of the call: one that waited for its time-out would have used up the pause otherwise.
        self.closed_until_ms.store(self.elapsed_ms().saturating_add(PAUSE_MS), Ordering::Relaxed);
        if let Ok(fresh) = ConnectionManager::new_lazy_with_config(self.client.clone(), self.settings.clone()) {
            *self.manager.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
