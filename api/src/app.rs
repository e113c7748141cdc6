//! The server as one value: everything a request may need, made once at the start.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::areas::reference::Library;
use crate::auth::actor::Accounts;
use crate::auth::policy::Policies;
use crate::auth::token::Tokens;
use crate::cache::Cache;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::events::Events;
use crate::events::feed::Feed;
use crate::graphql::gathering::Gatherings;
use crate::redis_link::RedisLink;
use crate::setup;

/// How old the counts of the public map may be.
const MAP_AGE: Duration = Duration::from_secs(10);

/// How long a look-up that many wait for may take.
const LOOK_UP: Duration = Duration::from_secs(5);

/// Shared by all requests; cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What [`App`] shares.
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// Time.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// Who may do what.
    pub policies: Policies,
    /// Keys of access tokens.
    pub tokens: Tokens,
    /// Persons with their memberships.
    pub accounts: Accounts,
    /// Rule sets and rate tables in force.
    pub library: Library,
    /// Look-ups that many requests make at once.
    pub gatherings: Gatherings,
    /// Redis, where replicas share what they may lose.
    pub redis: Option<RedisLink>,
    /// Answers kept for a moment.
    pub cache: Cache,
    /// What happened.
    pub events: Events,
    /// What subscriptions hear.
    pub feed: Feed,
    /// Recorder behind `/metrics`.
    pub metrics: PrometheusHandle,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens the database as the settings say, and loads what must be in memory.
    pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let db = setup::open(&config, &clock).await?;
        Self::over(db, config, clock).await
    }

    /// The server over a database that is ready to be used.
    pub async fn over(db: Db, config: Config, clock: Clock) -> anyhow::Result<Self> {
        let redis = match config.redis.url.as_str() {
            "" => None,
            _ => Some(RedisLink::new(&config.redis)?),
        };
        let events = Events::new(redis.clone());
        Ok(Self(Arc::new(Parts {
            library: Library::open(db.clone(), events.clone(), clock.clone()).await?,
            policies: Policies::embedded().await?,
            tokens: Tokens::load(&config.auth)?,
            accounts: Accounts::new(db.clone(), Duration::from_millis(config.auth.membership_cache_ms)),
            gatherings: Gatherings::new(LOOK_UP),
            cache: Cache::new(MAP_AGE, redis.clone()),
            feed: Feed::new(db.clone(), &events, clock.clone(), TimeDelta::hours(config.realtime.keep_events_hours)),
            metrics: crate::telemetry::metrics()?,
            events,
            redis,
            db,
            clock,
            config,
        })))
    }
}
