//! A request that cannot be taken as a GraphQL request, or cannot be served now.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, ALLOW, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::media::MediaType;
use super::request::Wants;
use super::response;

/// An answer with an error status, whatever its media type: `{"errors": [{message, extensions: {code, …}}]}`.
#[derive(Clone, Debug)]
pub struct HttpError {
    /// Status of the answer.
    pub status: StatusCode,
    /// Stable code for `extensions.code`.
    pub code: &'static str,
    /// What is wrong, as a stable key for a text in the caller's language.
    pub reason: &'static str,
    /// English text.
    pub message: Cow<'static, str>,
    /// Headers of the answer, such as `Allow` or `Retry-After`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How the answer is written.
    pub wants: Wants,
}

impl HttpError {
    /// An error of any status, to be written as `application/json` until [`Self::wanted`] says otherwise.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        reason: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let wants = Wants { media_type: MediaType::Json, request_id: None };
        Self { status, code, reason, message: message.into(), headers: Vec::new(), wants }
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Written as the client asked for.
    #[must_use]
    pub fn wanted(mut self, wants: &Wants) -> Self {
        self.wants = wants.clone();
        self
    }

    /// 400: the request is not what the protocol asks for.
    pub(super) fn bad_request(reason: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", reason, message)
    }

    /// 405, naming the methods that work.
    pub(super) fn method(allowed: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", "method", message)
            .header(ALLOW, HeaderValue::from_static(allowed))
    }

    /// 406: neither media type is accepted.
    pub(super) fn not_acceptable() -> Self {
        let message = "This endpoint answers with application/graphql-response+json or application/json.";
        Self::new(StatusCode::NOT_ACCEPTABLE, "BAD_REQUEST", "accept", message)
    }

    /// 415: the body is declared as something else than plain JSON.
    pub(super) fn content_type() -> Self {
        let message = "The body must be sent as Content-Type: application/json in UTF-8, without content encoding.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_REQUEST", "content_type", message)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
    }

    /// 413: the body is longer than allowed.
    pub(super) fn too_large(allowed: u64) -> Self {
        let message = format!("The body is larger than the {allowed} bytes allowed.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "BAD_REQUEST", "body_bytes", message)
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut extensions = async_graphql::ErrorExtensionValues::default();
        extensions.set("code", self.code);
        extensions.set("reason", self.reason);
        let mut error = async_graphql::ServerError::new(self.message, None);
        error.extensions = Some(extensions);
        let headers: HeaderMap = self.headers.into_iter().collect();
        response::write(&self.wants, self.status, headers, async_graphql::Response::from_errors(vec![error]))
    }
}
