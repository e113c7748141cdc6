//! What happened, told to every part and every replica that listens: through Redis when it is configured, in the
//! process otherwise. Events are thin and may be lost; who hears one reads the truth from the database.

pub mod feed;
pub mod log;
mod topic;

use std::time::Duration;

use futures::StreamExt;
use redis::RedisResult;
use redis::aio::PubSub;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::time::timeout;

use crate::redis_link::RedisLink;

const CAPACITY: usize = 1024;
/// Between two attempts to subscribe.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// After so much silence the server is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(5);
/// How long a server that is there may take; the library itself would wait for ever.
const ANSWER: Duration = Duration::from_secs(2);

/// Something other parts may want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Reference data or rule sets have changed: read them again.
    ReferenceChanged,
    /// There is something new in the log of events: read on.
    Logged,
}

/// Where events go.
#[derive(Clone)]
pub struct Events {
    local: broadcast::Sender<Event>,
    shared: Option<RedisLink>,
}

impl Events {
    /// A bus; with Redis it also carries what other replicas tell. Must be called within the runtime.
    pub fn new(shared: Option<RedisLink>) -> Self {
        let (local, _) = broadcast::channel(CAPACITY);
        if let Some(redis) = shared.clone() {
            tokio::spawn(listen(redis, local.clone()));
        }
        Self { local, shared }
    }

    /// Tells everyone. A failure is logged, not returned: what depends on events must also poll.
    pub async fn tell(&self, event: Event) {
        if let (Some(redis), Ok(text)) = (&self.shared, serde_json::to_string(&event))
            && redis.call::<i64>(redis::cmd("PUBLISH").arg(channel(redis)).arg(text)).await.is_some()
        {
            return;
        }
        // Nobody listening is not a fault.
        let _ = self.local.send(event);
    }

    /// Hears what is told from now on.
    pub fn hear(&self) -> broadcast::Receiver<Event> {
        self.local.subscribe()
    }
}

/// Redis does not bring a subscriber back after it returns, so the subscription is made again, for ever.
async fn listen(redis: RedisLink, local: broadcast::Sender<Event>) {
    let mut wait = SHORTEST_WAIT;
    loop {
        if follow(&redis, &local).await.is_some() {
            wait = SHORTEST_WAIT;
        }
        // While nothing is heard of the others, looking now and then is the only way to know.
        let _ = local.send(Event::Logged);
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Hears until the subscription ends or its server does not answer any more. `None` when there was no subscription.
async fn follow(redis: &RedisLink, local: &broadcast::Sender<Event>) -> Option<()> {
    let subscriber = timeout(ANSWER, subscribe(redis)).await.ok()?.ok()?;
    let (mut sink, mut messages) = subscriber.split();
    // Whatever was missed while nobody listened is made good by reading again.
    let _ = local.send(Event::ReferenceChanged);
    let _ = local.send(Event::Logged);
    loop {
        match timeout(QUIET, messages.next()).await {
            Ok(Some(message)) => {
                let text: Option<String> = message.get_payload().ok();
                if let Some(event) = text.and_then(|text| serde_json::from_str(&text).ok()) {
                    let _ = local.send(event);
                }
            }
            Ok(None) => return Some(()),
            // Nothing to tell, or nobody there: a server that has vanished does not say so.
            Err(_) => match timeout(ANSWER, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => {}
                _ => return Some(()),
            },
        }
    }
}

async fn subscribe(redis: &RedisLink) -> RedisResult<PubSub> {
    let mut subscriber = redis.client().get_async_pubsub().await?;
    subscriber.subscribe(channel(redis)).await?;
    Ok(subscriber)
}

/// Redis divides keys by database, but not channels: without its number, installations that share a server would hear
/// each other.
fn channel(redis: &RedisLink) -> String {
    format!("osh:events:{}", redis.client().get_connection_info().redis_settings().db())
}
