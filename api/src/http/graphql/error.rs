//! A request that cannot be taken as a GraphQL request, or cannot be served now.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse, Response};
use domain::localized::Language;
use futures::FutureExt;
use http::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CONNECTION, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::media::MediaType;
use super::request::{self, Wants};
use super::response;
use crate::messages;

/// An answer with an error status, whatever its media type: `{"errors": [{message, extensions: {code, …}}]}`.
#[derive(Clone, Debug)]
pub struct HttpError {
    /// Status of the answer.
    pub status: StatusCode,
    /// Stable code for `extensions.code`.
    pub code: &'static str,
    /// What is wrong: a key of `messages.csv`; without a text there, that of the code is shown.
    pub reason: &'static str,
    /// What fills the places of the text.
    pub args: Vec<(&'static str, String)>,
    /// Headers of the answer, such as `Allow` or `Retry-After`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How the answer is written.
    pub wants: Wants,
}

impl HttpError {
    /// An error of any status, to be written as `application/json` until [`Self::wanted`] says otherwise.
    pub fn new(status: StatusCode, code: &'static str, reason: &'static str) -> Self {
        let wants = Wants { media_type: MediaType::Json, request_id: None, language: Language::default() };
        Self { status, code, reason, args: Vec::new(), headers: Vec::new(), wants }
    }

    /// Written in the language that these headers ask for, with the id of their request.
    #[must_use]
    pub fn speaking(mut self, headers: &HeaderMap) -> Self {
        self.wants.language = request::language(headers);
        self.wants.request_id = request::request_id(headers).map(str::to_owned);
        self
    }

    /// Written in this language.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        self.wants.language = language;
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Tells the client that its connection ends: the rest of a body is not waited for.
    fn closing(self) -> Self {
        self.header(CONNECTION, HeaderValue::from_static("close"))
    }

    /// Written as the client asked for.
    #[must_use]
    pub fn wanted(mut self, wants: &Wants) -> Self {
        self.wants = wants.clone();
        self
    }

    /// 400: the request is not what the protocol asks for.
    pub(super) fn bad_request(reason: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", reason)
    }

    /// 405, naming the methods that work.
    pub(super) fn method(allowed: &'static str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", "method")
            .header(ALLOW, HeaderValue::from_static(allowed))
    }

    /// 406: neither media type is accepted.
    pub(super) fn not_acceptable() -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "BAD_REQUEST", "accept")
    }

    /// 415: the body is declared as something else than plain JSON.
    pub(super) fn content_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_REQUEST", "content_type")
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(ACCEPT_ENCODING, HeaderValue::from_static("gzip, identity"))
    }

    /// 408: the body did not arrive in time.
    pub(in crate::http) fn late() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", "body_late").closing()
    }

    /// 504: it was waited for too long, before or after the execution.
    pub(in crate::http) fn slow() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", "TIMEOUT")
    }

    /// 500: a panic is a fault of ours. It is logged, and the client gets the same form of answer as for any other.
    fn panicked(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("unknown");
        tracing::error!(panic = text, "a request panicked");
        metrics::counter!("osh_panics_total").increment(1);
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "INTERNAL")
    }

    /// 413: the body is longer than allowed.
    pub(super) fn too_large(allowed: u64) -> Self {
        let error = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "BAD_REQUEST", "body_bytes").closing();
        Self { args: vec![("allowed", allowed.to_string())], ..error }
    }
}

/// What work gives; a panic in it is logged, counted and answered like any other fault of ours.
///
/// No `async fn`: that would hold the work twice.
///
/// # Errors
/// It panicked.
pub(in crate::http) fn caught<T>(work: impl Future<Output = T>) -> impl Future<Output = Result<T, HttpError>> {
    AssertUnwindSafe(work).catch_unwind().map(|caught| caught.map_err(|panic| HttpError::panicked(&*panic)))
}

impl HttpError {
    /// The same as an error of GraphQL, for what is not answered by HTTP.
    pub(in crate::http) fn to_server_error(&self) -> async_graphql::ServerError {
        let mut extensions = async_graphql::ErrorExtensionValues::default();
        extensions.set("code", self.code);
        extensions.set("reason", self.reason);
        let key = if messages::knows(self.reason) { self.reason } else { self.code };
        let message = messages::text(key, self.wants.language, self.args.clone());
        let mut error = async_graphql::ServerError::new(message, None);
        error.extensions = Some(extensions);
        error
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let error = self.to_server_error();
        let headers: HeaderMap = self.headers.into_iter().collect();
        response::write(&self.wants, self.status, headers, async_graphql::Response::from_errors(vec![error]))
    }
}
