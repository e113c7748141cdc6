//! What came back.

use axum::body::Body;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::leak;

/// An answer of the server, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status of HTTP.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body, or null when it is not JSON.
    pub json: Value,
    /// What it cost. Not in `json`: two answers are equal whatever was asked before.
    pub cost: Value,
}

static NULL: Value = Value::Null;

impl Answer {
    /// Reads a response, and refuses one that tells of the inside: no test can overlook it.
    pub async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut json: Value = serde_json::from_str(&text).unwrap_or_default();
        let cost = json.get_mut("extensions").and_then(|it| it.as_object_mut()?.remove("cost")).unwrap_or_default();
        if json["extensions"].as_object().is_some_and(|rest| rest.is_empty()) {
            json.as_object_mut().map(|json| json.remove("extensions"));
        }
        leak::refuse(!parts.status.is_success(), &text, &json);
        Self { status: parts.status, headers: parts.headers, text, json, cost }
    }

    /// The same answer, which must be without errors, also without those of the user.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.codes().is_empty() && self.user_errors().is_empty(), "{:#}", self.json);
        self
    }

    /// A value below `data` by its dotted path: `enterprises.edges.0.node`. Null when it is not there.
    pub fn data(&self, path: &str) -> &Value {
        path.split('.').fold(&self.json["data"], |value, part| match part.parse::<usize>() {
            Ok(index) => value.get(index).unwrap_or(&NULL),
            Err(_) => value.get(part).unwrap_or(&NULL),
        })
    }

    /// A text at a path.
    #[track_caller]
    pub fn text(&self, path: &str) -> &str {
        self.data(path).as_str().unwrap_or_else(|| panic!("no text at {path}: {:#}", self.json))
    }

    /// A whole number at a path.
    #[track_caller]
    pub fn int(&self, path: &str) -> i64 {
        self.data(path).as_i64().unwrap_or_else(|| panic!("no number at {path}: {:#}", self.json))
    }

    /// A list at a path.
    #[track_caller]
    pub fn list(&self, path: &str) -> &Vec<Value> {
        self.data(path).as_array().unwrap_or_else(|| panic!("no list at {path}: {:#}", self.json))
    }

    /// The nodes of a connection at a path, each reduced to one field.
    #[track_caller]
    pub fn nodes(&self, path: &str, field: &str) -> Vec<Value> {
        self.list(&format!("{path}.edges")).iter().map(|edge| edge["node"][field].clone()).collect()
    }

    /// Errors of the request.
    pub fn errors(&self) -> &[Value] {
        self.json["errors"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Their codes.
    pub fn codes(&self) -> Vec<&str> {
        self.errors().iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("NO CODE")).collect()
    }

    /// The `userErrors` of the first mutation of the document.
    pub fn user_errors(&self) -> &[Value] {
        let payload = self.json["data"].as_object().and_then(|data| data.values().next());
        payload.and_then(|payload| payload.get("userErrors")?.as_array()).map_or(&[], Vec::as_slice)
    }

    /// Code and dotted field of each of them.
    pub fn refusals(&self) -> Vec<(&str, String)> {
        let field = |error: &Value| {
            let path: Vec<&str> = error["field"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            path.join(".")
        };
        self.user_errors().iter().map(|error| (error["code"].as_str().unwrap_or("NO CODE"), field(error))).collect()
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }
}
