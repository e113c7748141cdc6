//! A stream of events over HTTP, read as it comes.

use std::time::Duration;

use axum::body::Body;
use http::{Response, response};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::answer::Answer;
use crate::leak;

/// A test that waits for what never comes must end.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer that is not at its end.
pub struct EventStream {
    /// Status and headers.
    pub head: response::Parts,
    body: Body,
    read: String,
}

impl EventStream {
    /// Of this response.
    pub fn new(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        Self { head, body, read: String::new() }
    }

    /// Name and data of the next event, comments left out; `None` at the end.
    pub async fn next(&mut self) -> Option<(String, String)> {
        tokio::time::timeout(PATIENCE, self.read()).await.expect("nothing more is told")
    }

    async fn read(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                let found = field("event").map(|name| (name.to_owned(), field("data").unwrap_or_default().to_owned()));
                self.read = rest.to_owned();
                match found {
                    Some(found) => return Some(found),
                    None => continue,
                }
            }
            let frame = self.body.frame().await?.expect("a frame");
            let bytes = frame.into_data().expect("data");
            self.read.push_str(std::str::from_utf8(&bytes).expect("a text"));
        }
    }

    /// The payload of the next event, which must be a `next`.
    pub async fn told(&mut self) -> Value {
        match self.next().await {
            Some((name, data)) if name == "next" => {
                let json: Value = serde_json::from_str(&data).expect("JSON");
                leak::refuse(false, &data, &json);
                json
            }
            other => panic!("no answer but {other:?}"),
        }
    }

    /// The next payload as an answer; what comes later is not read.
    pub async fn first(mut self) -> Answer {
        let json = self.told().await;
        Answer { status: self.head.status, headers: self.head.headers, text: json.to_string(), json, cost: Value::Null }
    }

    /// All that is still told, to the end.
    pub async fn rest(mut self) -> Vec<(String, String)> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}
