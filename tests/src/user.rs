//! Somebody who asks.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::TestApp;
use crate::stream::EventStream;

/// A client of the server.
#[derive(Clone)]
pub struct User<'a> {
    app: &'a TestApp,
    token: Option<String>,
    language: Option<&'static str>,
    membership: Option<String>,
}

impl<'a> User<'a> {
    pub(crate) fn new(app: &'a TestApp, token: Option<String>) -> Self {
        Self { app, token, language: Some("en"), membership: None }
    }

    /// The token that is sent along.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Prefers another language than English.
    #[must_use]
    pub fn speaking(mut self, language: &'static str) -> Self {
        self.language = Some(language);
        self
    }

    /// Says nothing of languages.
    #[must_use]
    pub fn without_language(mut self) -> Self {
        self.language = None;
        self
    }

    /// Acts by one of several memberships.
    #[must_use]
    pub fn acting(mut self, membership: impl Into<String>) -> Self {
        self.membership = Some(membership.into());
        self
    }

    /// Sends another token.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// A document without variables that must succeed.
    pub async fn ask(&self, document: &str) -> Answer {
        self.query(document, json!({})).await.ok()
    }

    /// A mutation with its one input, which gets a new idempotency key if it has none. Of the payload it asks for
    /// `selection` and what the user got wrong.
    pub async fn change(&self, mutation: &str, selection: &str, input: &Value) -> Answer {
        self.query(&document(mutation, selection), json!({ "input": keyed(input) })).await
    }

    /// A document with its variables.
    pub async fn query(&self, document: &str, variables: Value) -> Answer {
        self.body(json!({ "query": document, "variables": variables })).await
    }

    /// A whole request of GraphQL.
    pub async fn body(&self, body: Value) -> Answer {
        let request = self.request("application/graphql-response+json", &body);
        Answer::read(self.app.send(request).await).await
    }

    /// A document with its variables, answered by a stream of events.
    pub async fn listen(&self, document: &str, variables: Value) -> EventStream {
        let body = json!({ "query": document, "variables": variables });
        EventStream::new(self.app.send(self.request("text/event-stream", &body)).await)
    }

    fn request(&self, accept: &str, body: &Value) -> Request<Body> {
        let mut request = Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
        if let Some(language) = self.language {
            request = request.header("accept-language", language);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(membership) = &self.membership {
            request = request.header("x-osh-membership", membership);
        }
        request.body(Body::from(body.to_string())).expect("a request")
    }
}

/// The input of a mutation with a new idempotency key, unless it has one.
pub fn keyed(input: &Value) -> Value {
    static KEYS: AtomicU64 = AtomicU64::new(0);
    let mut input = input.clone();
    let fields = input.as_object_mut().expect("an input object");
    let new = || json!(format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed)));
    fields.entry("idempotencyKey").or_insert_with(new);
    input
}

/// The document of a mutation with its one input.
pub fn document(mutation: &str, selection: &str) -> String {
    let (first, rest) = mutation.split_at(1);
    let input = format!("{}{rest}Input", first.to_uppercase());
    format!(
        "mutation($input: {input}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    )
}
