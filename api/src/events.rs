//! What happened, told to every part and every replica that listens: through Redis when it is configured, in the
//! process otherwise. Events are thin and may be lost; who hears one reads the truth from the database.

use std::time::Duration;

use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::redis_link::RedisLink;

const CHANNEL: &str = "osh:events";
const CAPACITY: usize = 1024;

/// Something other parts may want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Reference data or rule sets have changed: read them again.
    ReferenceChanged,
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
            && redis.call::<i64>(redis::cmd("PUBLISH").arg(CHANNEL).arg(text)).await.is_some()
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
    let mut wait = Duration::from_millis(100);
    loop {
        if let Ok(mut subscriber) = redis.client().get_async_pubsub().await
            && subscriber.subscribe(CHANNEL).await.is_ok()
        {
            wait = Duration::from_millis(100);
            // Whatever was missed while nobody listened is made good by reading again.
            let _ = local.send(Event::ReferenceChanged);
            let mut messages = subscriber.into_on_message();
            while let Some(message) = messages.next().await {
                let text: Option<String> = message.get_payload().ok();
                if let Some(event) = text.and_then(|text| serde_json::from_str(&text).ok()) {
                    let _ = local.send(event);
                }
            }
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}
