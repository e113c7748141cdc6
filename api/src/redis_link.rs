//! One multiplexed connection to Redis, made so that a dead or frozen server costs a request next to nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisError};

use crate::clock::Clock;
use crate::config;

/// After a failed call Redis is left alone for this long.
const PAUSE_MS: i64 = 500;

/// A connection that may fail; callers go on without it.
#[derive(Clone)]
pub struct RedisLink {
    client: Client,
    manager: ConnectionManager,
    clock: Clock,
    closed_until_ms: Arc<AtomicI64>,
}

impl RedisLink {
    /// Prepares the connection without waiting for the server. An address that is none is an error.
    pub fn new(config: &config::Redis, clock: Clock) -> Result<Self, RedisError> {
        let client = Client::open(config.url.as_str())?;
        let timeout = Some(Duration::from_millis(config.timeout_ms));
        // The default retries six times with back-off: a killed server would hold every call for nine seconds.
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(timeout)
            .set_response_timeout(timeout);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), settings)?;
        Ok(Self { client, manager, clock, closed_until_ms: Arc::default() })
    }

    /// The client, for connections of another kind (subscriptions).
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// One command; `None` when Redis did not answer. Failures are logged and counted here.
    pub async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let now = self.clock.now().timestamp_millis();
        if now < self.closed_until_ms.load(Ordering::Relaxed) {
            return None;
        }
        let mut manager = self.manager.clone();
        match command.query_async(&mut manager).await {
            Ok(value) => Some(value),
            Err(error) => {
                self.closed_until_ms.store(now.saturating_add(PAUSE_MS), Ordering::Relaxed);
                metrics::counter!("osh_redis_failures_total").increment(1);
                tracing::warn!(%error, "redis does not answer; going on without it");
                None
            }
        }
    }
}
