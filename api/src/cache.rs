//! Answers that many ask for, kept for a moment: in the process always, shared through Redis when it is configured.
//! Nothing kept here decides who may see what.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache as Local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::redis_link::RedisLink;

/// Keeps serialised values for one fixed time.
#[derive(Clone)]
pub struct Cache {
    local: Local<String, Arc<str>>,
    shared: Option<RedisLink>,
    keep: Duration,
}

impl Cache {
    /// `keep` is how old an answer may be.
    pub fn new(keep: Duration, shared: Option<RedisLink>) -> Self {
        Self { local: Local::builder().max_capacity(10_000).time_to_live(keep).build(), shared, keep }
    }

    /// The kept value of `key`, or what `make` gives. Parallel misses of one replica make it once.
    pub async fn get_or_make<T, F>(&self, key: &str, make: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T>>,
    {
        let text = match self.local.get(key).await {
            Some(text) => {
                metrics::counter!("osh_cache_total", "outcome" => "local").increment(1);
                text
            }
            None => {
                let text = self.local.try_get_with(key.to_owned(), self.fetch(key, make)).await;
                text.map_err(|error: Arc<Error>| (*error).clone())?
            }
        };
        serde_json::from_str(&text).map_err(Error::internal)
    }

    async fn fetch<T, F>(&self, key: &str, make: F) -> Result<Arc<str>>
    where
        T: Serialize,
        F: Future<Output = Result<T>>,
    {
        let key = format!("osh:cache:{key}");
        if let Some(redis) = &self.shared
            && let Some(Some(text)) = redis.call::<Option<String>>(redis::cmd("GET").arg(&key)).await
        {
            metrics::counter!("osh_cache_total", "outcome" => "shared").increment(1);
            return Ok(text.into());
        }
        metrics::counter!("osh_cache_total", "outcome" => "made").increment(1);
        let text = serde_json::to_string(&make.await?).map_err(Error::internal)?;
        if let Some(redis) = &self.shared {
            let milliseconds = u64::try_from(self.keep.as_millis()).unwrap_or(u64::MAX);
            redis.call::<()>(redis::cmd("SET").arg(&key).arg(&text).arg("PX").arg(milliseconds)).await;
        }
        Ok(text.into())
    }
}
