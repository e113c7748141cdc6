//! The messages of graphql-transport-ws, and the codes it closes with.

use axum::extract::ws::CloseFrame;
use serde_json::{Map, Value as Json, json};

/// The one subprotocol that is spoken.
pub const PROTOCOL: &str = "graphql-transport-ws";
/// Longest reason of a close frame is 123 bytes.
const REASON_BYTES: usize = 123;

/// Why a socket is closed by us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close(pub u16, pub String);

impl Close {
    /// A message that is none.
    pub fn bad_request(reason: impl Into<String>) -> Self {
        Self(4400, reason.into())
    }
    /// An operation before `connection_ack`.
    pub fn unauthorized() -> Self {
        Self(4401, "Unauthorized".into())
    }
    /// A token that does not hold, or not any more; a client may come back with another one.
    pub fn forbidden() -> Self {
        Self(4403, "Forbidden".into())
    }
    /// Another subprotocol.
    pub fn subprotocol() -> Self {
        Self(4406, "Subprotocol not acceptable".into())
    }
    /// No `connection_init` in time.
    pub fn init_timeout() -> Self {
        Self(4408, "Connection initialisation timeout".into())
    }
    /// An id that is in use.
    pub fn duplicate(id: &str) -> Self {
        Self(4409, format!("Subscriber for {id} already exists"))
    }
    /// A second `connection_init`.
    pub fn too_many_inits() -> Self {
        Self(4429, "Too many initialisation requests".into())
    }
    /// The server stops.
    pub fn going_away() -> Self {
        Self(1001, "Server is stopping".into())
    }
    /// A message above the limit.
    pub fn too_large() -> Self {
        Self(1009, "Message too large".into())
    }
    /// No room now: a client may come back later.
    pub fn try_later(reason: &str) -> Self {
        Self(1013, reason.into())
    }

    /// As a frame.
    pub fn frame(self) -> CloseFrame {
        let mut reason = self.1;
        if reason.len() > REASON_BYTES {
            let end = (0..=REASON_BYTES).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or_default();
            reason.truncate(end);
        }
        CloseFrame { code: self.0, reason: reason.into() }
    }
}

/// What a client may say.
#[derive(Debug)]
pub enum FromClient {
    Init(Map<String, Json>),
    Ping(Option<Json>),
    Pong,
    Subscribe { id: String, parameters: Map<String, Json> },
    Complete(String),
}

impl FromClient {
    /// Reads a message.
    ///
    /// # Errors
    /// 4400, saying what is wrong.
    pub fn read(text: &str) -> Result<Self, Close> {
        let Ok(Json::Object(mut message)) = serde_json::from_str(text) else {
            return Err(Close::bad_request("Invalid message received"));
        };
        let Some(Json::String(kind)) = message.remove("type") else {
            return Err(Close::bad_request("Message is missing the 'type' property"));
        };
        let payload = message.remove("payload").filter(|payload| !payload.is_null());
        let id = match message.remove("id") {
            Some(Json::String(id)) if !id.is_empty() => Some(id),
            _ => None,
        };
        let wrong = |what: &str| Close::bad_request(format!("\"{kind}\" message {what}"));
        match (kind.as_str(), payload) {
            ("connection_init", None) => Ok(Self::Init(Map::new())),
            ("connection_init", Some(Json::Object(payload))) => Ok(Self::Init(payload)),
            ("ping", payload @ (None | Some(Json::Object(_)))) => Ok(Self::Ping(payload)),
            ("pong", None | Some(Json::Object(_))) => Ok(Self::Pong),
            ("subscribe", Some(Json::Object(parameters))) => {
                let id = id.ok_or_else(|| wrong("expects the 'id' property to be a non-empty string"))?;
                check(&parameters).map_err(|what| wrong(&what))?;
                Ok(Self::Subscribe { id, parameters })
            }
            ("complete", _) => {
                Ok(Self::Complete(id.ok_or_else(|| wrong("expects the 'id' property to be a non-empty string"))?))
            }
            ("connection_init" | "ping" | "pong" | "subscribe", _) => {
                Err(wrong("expects the 'payload' property to be an object"))
            }
            ("connection_ack" | "next" | "error", _) => {
                Err(Close::bad_request(format!("Unexpected message of type {kind} received")))
            }
            _ => Err(Close::bad_request("Invalid message 'type' property")),
        }
    }
}

fn check(parameters: &Map<String, Json>) -> Result<(), String> {
    let is =
        |name: &str, holds: fn(&Json) -> bool| parameters.get(name).is_none_or(|value| value.is_null() || holds(value));
    let said = [
        ("query", has_document(parameters)),
        ("documentId", is("documentId", Json::is_string)),
        ("operationName", is("operationName", Json::is_string)),
        ("variables", is("variables", Json::is_object)),
        ("extensions", is("extensions", Json::is_object)),
    ];
    match said.into_iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((name, _)) => Err(format!("payload has a '{name}' property of another type")),
    }
}

/// A text, or what stands for one.
fn has_document(parameters: &Map<String, Json>) -> bool {
    match parameters.get("query") {
        Some(Json::String(_)) => true,
        Some(Json::Null) | None => {
            parameters.get("documentId").is_some_and(Json::is_string)
                || parameters.get("extensions").is_some_and(|extensions| extensions.get("persistedQuery").is_some())
        }
        Some(_) => false,
    }
}

/// What is said to a client.
pub fn ack() -> String {
    json!({"type": "connection_ack"}).to_string()
}

/// The answer to a `ping`.
pub fn pong(payload: Option<Json>) -> String {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}),
        None => json!({"type": "pong"}),
    }
    .to_string()
}

/// A message about an operation; `payload` is JSON already.
pub fn about(id: &str, kind: &str, payload: Option<&str>) -> String {
    let id = Json::from(id);
    match payload {
        Some(payload) => format!("{{\"id\":{id},\"type\":\"{kind}\",\"payload\":{payload}}}"),
        None => format!("{{\"id\":{id},\"type\":\"{kind}\"}}"),
    }
}
