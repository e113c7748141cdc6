//! Automatic documents of all replicas, in Redis. It may lose any of them at any time, and is not trusted: what comes
//! from there is read as if a client had sent it.

use std::time::Duration;

use crate::graphql::documents::{Sha, names_nul};
use crate::redis_link::RedisLink;

/// Texts by their hashes.
#[derive(Clone)]
pub struct Shared {
    redis: RedisLink,
    /// Of a text that no replica asks for any more.
    keep: Duration,
}

impl Shared {
    /// Texts are forgotten so long after their last use.
    pub fn new(redis: RedisLink, keep: Duration) -> Self {
        Self { redis, keep }
    }

    /// The text of this hash, if it is there.
    pub async fn find(&self, sha: Sha) -> Option<String> {
        let mut command = redis::cmd("GETEX");
        command.arg(key(sha)).arg("EX").arg(self.keep.as_secs());
        let text = self.redis.call::<Option<String>>(&command).await??;
        if Sha::of(&text) != sha {
            tracing::warn!(sha256 = %sha, "redis holds another text under the hash of a document; it is not used");
            return None;
        }
        (!names_nul(&text)).then_some(text)
    }

    /// Tells the other replicas.
    pub async fn keep(&self, sha: Sha, text: &str) {
        let mut command = redis::cmd("SET");
        command.arg(key(sha)).arg(text).arg("EX").arg(self.keep.as_secs());
        self.redis.call::<()>(&command).await;
    }
}

fn key(sha: Sha) -> String {
    format!("osh:document:{sha}")
}
