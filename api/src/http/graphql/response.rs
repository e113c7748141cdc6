//! From the result of an execution to an HTTP answer.

use std::collections::BTreeMap;

use async_graphql::{ServerError, Value};
use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, VARY};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::fresh;
use super::media::MediaType;
use super::request::Wants;
use crate::graphql::guard::BAD_DOCUMENT;

/// Errors shown for a document that did not run: validation writes one for each wrong field.
pub(in crate::http) const REQUEST_ERRORS: usize = 8;
/// Length of all of them: the answer to a hostile document stays within 4 KB.
const REQUEST_BYTES: usize = 4_000;
/// Answers that are shorter are written without moving what is written already.
const USUAL_BYTES: usize = 4 * 1024;
/// Longest message of these.
const REQUEST_MESSAGE_BYTES: usize = 240;

/// Headers of a request on which every answer may depend, whether or not this one did.
pub(in crate::http) const VARY_ON: HeaderValue = HeaderValue::from_static(
    "accept, accept-encoding, accept-language, authorization, x-osh-client, x-osh-cost, x-osh-membership",
);

/// The answer to a request that was executed, or whose document was refused.
///
/// `application/json`: always 200, but 429 when the budget is used up. `application/graphql-response+json`: 200 when
/// there is `data`, even if null because of a field's error; else the status that fits the first error's code, 400 in
/// general. Every error gets a code, if it has none, and the request's id.
///
/// A `Cache-Control` among the answer's headers means that it may be kept: then it gets a tag.
pub fn respond(wants: &Wants, mut response: async_graphql::Response) -> Response {
    let status = match wants.media_type {
        MediaType::GraphqlResponse if is_request_error(&response) => {
            response.errors.first().map_or(StatusCode::BAD_REQUEST, status)
        }
        // Whoever stands between must know it too, whichever media type it is.
        _ if response.errors.first().and_then(code) == Some("RATE_LIMITED") => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::OK,
    };
    let headers = std::mem::take(&mut response.http_headers);
    write(wants, status, headers, response)
}

/// Whether nothing was executed. The library has `data: null` for both; an error of execution has a path.
pub(in crate::http) fn is_request_error(response: &async_graphql::Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|it| it.path.is_empty())
}

pub(in crate::http) fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

fn status(error: &ServerError) -> StatusCode {
    match code(error) {
        Some("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
        Some("FORBIDDEN" | "DOCUMENT_NOT_TRUSTED") => StatusCode::FORBIDDEN,
        Some("RATE_LIMITED") => StatusCode::TOO_MANY_REQUESTS,
        Some("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
        Some("UNAVAILABLE") => StatusCode::SERVICE_UNAVAILABLE,
        Some("TIMEOUT") => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The body. `data` is absent, not null, when nothing was executed.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// The body of an answer, whatever carries it, with errors that are complete.
pub(in crate::http) fn content(response: &mut async_graphql::Response, request_id: Option<&str>) -> Option<Vec<u8>> {
    let not_executed = is_request_error(response);
    match not_executed {
        true => bounded(&mut response.errors, request_id),
        false => response.errors.iter_mut().for_each(|error| complete(error, false, request_id)),
    }
    let data = (!not_executed).then_some(&response.data);
    let content = Content { data, errors: &response.errors, extensions: &response.extensions };
    let mut body = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut body, &content).ok().map(|()| body)
}

/// The body of an answer whose subscription could not begin or has to end: no `data`, though the field is named.
pub(in crate::http) fn refusal(mut errors: Vec<ServerError>, request_id: Option<&str>) -> Option<Vec<u8>> {
    bounded(&mut errors, request_id);
    serde_json::to_vec(&Content { data: None, errors: &errors, extensions: &BTreeMap::new() }).ok()
}

/// Errors of what was not executed, each complete, and together short.
fn bounded(errors: &mut Vec<ServerError>, request_id: Option<&str>) {
    if !errors.first().is_some_and(is_named) {
        errors.truncate(REQUEST_ERRORS);
    }
    for error in errors.iter_mut() {
        complete(error, true, request_id);
    }
    within(errors, REQUEST_BYTES);
}

/// Leaves as many errors as fit, and the first whatever its length, which is bounded by itself.
fn within(errors: &mut Vec<ServerError>, most: usize) {
    let mut used = 0_usize;
    let written = |error: &ServerError| serde_json::to_vec(error).map_or(most, |bytes| bytes.len());
    let fits = |error: &&ServerError| {
        used = used.saturating_add(written(error)).saturating_add(1);
        used <= most
    };
    let fitting = errors.iter().take_while(fits).count();
    errors.truncate(fitting.max(1));
}

/// Writes status, headers and body.
pub(super) fn write(
    wants: &Wants,
    status: StatusCode,
    mut headers: HeaderMap,
    mut response: async_graphql::Response,
) -> Response {
    // Keys are strings and writing is to memory: it cannot fail, and if it does, the client sees a broken server.
    let (status, body) = match content(&mut response, wants.request_id.as_deref()) {
        Some(body) => (status, body),
        None => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(wants.media_type.content_type()));
    headers.append(VARY, VARY_ON);
    // Answers depend on who asks; whoever knows that one may be kept says so.
    let kept = headers.contains_key(CACHE_CONTROL);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if kept && let Some(tag) = fresh::tag(wants.media_type, &body) {
        headers.insert(ETAG, tag);
    }
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// Whether an error names its field: those are of `graphql::coercion`, which bounds their number and length itself.
fn is_named(error: &ServerError) -> bool {
    error.extensions.as_ref().is_some_and(|extensions| extensions.get("field").is_some())
}

/// Errors without a code are the library's own: of validation when nothing ran, else of an argument it cannot read.
fn complete(error: &mut ServerError, not_executed: bool, request_id: Option<&str>) {
    let coded = code(error).is_some();
    if not_executed {
        error.locations.truncate(2);
        shorten(&mut error.message);
    }
    let extensions = error.extensions.get_or_insert_default();
    if !coded {
        extensions.set("code", if not_executed { BAD_DOCUMENT } else { "BAD_USER_INPUT" });
    }
    if let Some(id) = request_id {
        extensions.set("requestId", id);
    }
}

fn shorten(message: &mut String) {
    if message.len() > REQUEST_MESSAGE_BYTES {
        let end = (0..=REQUEST_MESSAGE_BYTES).rev().find(|end| message.is_char_boundary(*end)).unwrap_or_default();
        message.truncate(end);
        message.push('…');
    }
}
