//! From an HTTP request to the parameters of a GraphQL request.

use async_compression::tokio::bufread::GzipDecoder;
use async_graphql::parser::types::OperationType;
use async_graphql::{Extensions, Value, Variables};
use axum::body::Body;
use axum::extract::{Query, Request};
use domain::localized::Language;
use futures::TryStreamExt;
use http::header::{ACCEPT_LANGUAGE, CONTENT_ENCODING, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value as Json};
use tokio_util::io::{ReaderStream, StreamReader};

use super::asked::asked;
use super::error::HttpError;
use super::media::{self, MediaType};
use super::{Gate, Payer, Prepared, Settings};
use crate::error::Code;
use crate::graphql::deprecations::Used;
use crate::graphql::documents::{Asked, Found, Sought, aside};
use crate::graphql::guard::Refusal;

/// Carries the id of a request in and out; whatever stands around this layer has put one there.
pub(in crate::http) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Header in which an application says which one it is.
pub(in crate::http) const CLIENT: &str = "x-osh-client";

/// How the answer is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wants {
    /// Media type agreed on.
    pub media_type: MediaType,
    /// Id of the request, repeated in each error.
    pub request_id: Option<String>,
    /// Language of texts about the HTTP request itself.
    pub language: Language,
}

/// The parameters of a GraphQL request. The document is not looked at yet.
#[derive(Debug)]
pub struct Incoming {
    /// Head of the HTTP request: method, headers and what other layers attached.
    pub parts: Parts,
    /// How the answer is to be written.
    pub wants: Wants,
    /// How it names its document.
    pub asked: Asked,
    /// Operation to run; absent if there is only one.
    pub operation_name: Option<String>,
    /// Variables; empty if absent or null.
    pub variables: Variables,
    /// Extensions; empty if absent or null.
    pub extensions: Extensions,
}

impl Wants {
    /// What the headers of a request ask for.
    ///
    /// # Errors
    /// 406: no media type that the client accepts is one of ours.
    pub fn of(headers: &HeaderMap, settings: &Settings) -> Result<Self, HttpError> {
        let accepted = media::negotiate(headers, settings.default_media_type);
        let media_type = accepted.unwrap_or(settings.default_media_type);
        let request_id = request_id(headers).map(str::to_owned);
        let wants = Self { media_type, request_id, language: language(headers) };
        if accepted.is_some() { Ok(wants) } else { Err(HttpError::not_acceptable().wanted(&wants)) }
    }
}

/// Reads a request: `POST` with a JSON body, or `GET` with parameters in the address.
///
/// # Errors
/// 400 malformed, 405 other methods, 413 body too large, 415 not JSON.
pub async fn extract(request: Request, wants: Wants, settings: &Settings) -> Result<Incoming, HttpError> {
    let (parts, body) = request.into_parts();
    let parameters = parameters(&parts, body, settings).await?;
    incoming(parts, wants, parameters)
}

impl Incoming {
    /// Finds and checks the document and makes it ready to run. A refusal is a value here, not an error: it is an
    /// answer of GraphQL.
    ///
    /// # Errors
    /// 405 for a mutation over `GET`: a link or an image of another site must not change anything.
    pub async fn prepare(
        self,
        gate: &Gate,
        payer: &impl Payer,
    ) -> Result<(Parts, Result<Prepared, Refusal>), HttpError> {
        let Self { mut parts, asked, operation_name, variables, extensions, .. } = self;
        let mut found = match find(&mut parts, asked, gate, payer).await {
            Ok(found) => found,
            Err(refusal) => return Ok((parts, Err(refusal))),
        };
        let client = client(&parts);
        let (document, name) = (found.document.clone(), operation_name.as_deref());
        let checked = match found.valid {
            true => document.check_valid(name, &variables, &gate.limits),
            false => aside(found.turn.as_ref(), || document.check(name, &variables, &gate.limits)),
        };
        found.turn = None;
        let checked = match checked {
            Ok(checked) => checked,
            Err(refusal) => return Ok((parts, Err(refusal))),
        };
        if checked.operation == OperationType::Mutation && parts.method != Method::POST {
            return Err(HttpError::method("POST"));
        }
        gate.documents.report(client, &found, checked.operation_name.as_deref());
        // With a parsed document the library does not look at the text.
        let mut request = async_graphql::Request::new(String::new()).variables(variables);
        request.variables.extend(checked.defaults);
        request.operation_name.clone_from(&checked.operation_name);
        request.extensions = extensions;
        request.set_parsed_query(document.parsed().clone());
        let (operation, operation_name, cost) = (checked.operation, checked.operation_name, checked.cost);
        Ok((parts, Ok(Prepared { request, operation, operation_name, cost, found, used: Used::default() })))
    }
}

/// The document, read only for who can pay for it.
async fn find(parts: &mut Parts, asked: Asked, gate: &Gate, payer: &impl Payer) -> Result<Found, Refusal> {
    match gate.documents.find(asked, client(parts)).await? {
        Sought::Known(found) => Ok(found),
        Sought::New(_) if !payer.pays_for_reading(parts).await => Err(Refusal::unread(Code::RateLimited.as_str())),
        Sought::New(new) => gate.documents.read(new, &gate.limits).await,
    }
}

fn client(parts: &Parts) -> Option<&str> {
    parts.headers.get(CLIENT).and_then(|name| name.to_str().ok())
}

/// The language asked for, else that of a person who has not said.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.map(Language::parse_accept).unwrap_or_default()
}

/// An id of ours or of a balancer; anything that does not look like one is not repeated.
pub(in crate::http) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (plain && (1..=64).contains(&id.len())).then_some(id)
}

async fn parameters(parts: &Parts, body: Body, settings: &Settings) -> Result<Map<String, Json>, HttpError> {
    match parts.method {
        Method::POST => posted(&parts.headers, body, settings.body_bytes).await,
        Method::GET | Method::HEAD => addressed(parts),
        _ => Err(HttpError::method("GET, POST")),
    }
}

async fn posted(headers: &HeaderMap, body: Body, allowed: u64) -> Result<Map<String, Json>, HttpError> {
    let body = decoded(headers, body).filter(|_| media::is_json(headers)).ok_or_else(HttpError::content_type)?;
    let limit = usize::try_from(allowed).unwrap_or(usize::MAX);
    // Counted as it is decoded: a small body that becomes a large one ends here too.
    let body = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() { HttpError::too_large(allowed) } else { HttpError::bad_request("body") }
    })?;
    match serde_json::from_slice(&body.to_bytes()) {
        Ok(Json::Object(parameters)) => Ok(parameters),
        Ok(Json::Array(_)) => Err(HttpError::bad_request("batch")),
        Ok(_) => Err(HttpError::bad_request("body")),
        Err(_) => Err(HttpError::bad_request("json")),
    }
}

/// The body as it was before it was compressed; `None` for a coding that is not spoken here.
fn decoded(headers: &HeaderMap, body: Body) -> Option<Body> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    match (codings.next().map(HeaderValue::as_bytes), codings.next()) {
        (None | Some(b"identity"), None) => Some(body),
        (Some(b"gzip"), None) => {
            let read = StreamReader::new(TryStreamExt::map_err(body.into_data_stream(), std::io::Error::other));
            Some(Body::from_stream(ReaderStream::new(GzipDecoder::new(read))))
        }
        _ => None,
    }
}

/// The parameters of the address, in the form they have in a body.
fn addressed(parts: &Parts) -> Result<Map<String, Json>, HttpError> {
    let Query(pairs) =
        Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|_| HttpError::bad_request("address"))?;
    let mut parameters = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "query" | "documentId" | "operationName" => Json::String(text),
            "variables" | "extensions" if text.is_empty() => Json::Null,
            "variables" | "extensions" => serde_json::from_str(&text).map_err(|_| HttpError::bad_request("json"))?,
            _ => continue,
        };
        if parameters.insert(name, value).is_some() {
            return Err(HttpError::bad_request("address"));
        }
    }
    Ok(parameters)
}

/// Whether a text anywhere inside holds U+0000, which PostgreSQL cannot store and nobody means.
fn holds_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(holds_nul),
        Json::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// The parameters of a request, however they came.
pub(in crate::http) fn incoming(
    parts: Parts,
    wants: Wants,
    mut parameters: Map<String, Json>,
) -> Result<Incoming, HttpError> {
    if parameters.values().any(holds_nul) {
        return Err(HttpError::bad_request("nul"));
    }
    let asked = asked(&mut parameters)?;
    let operation_name = match parameters.remove("operationName") {
        None | Some(Json::Null) => None,
        Some(Json::String(name)) => Some(name),
        Some(_) => return Err(HttpError::bad_request("operation_name")),
    };
    let variables = object(parameters.remove("variables")).ok_or_else(|| HttpError::bad_request("variables"))?;
    let extensions = object(parameters.remove("extensions")).ok_or_else(|| HttpError::bad_request("extensions"))?;
    let extensions = Extensions(extensions.into_iter().map(|(name, value)| (name.to_string(), value)).collect());
    let variables = Variables::from_value(Value::Object(variables));
    Ok(Incoming { parts, wants, asked, operation_name, variables, extensions })
}

type Object = async_graphql::indexmap::IndexMap<async_graphql::Name, Value>;

/// An object or, for absent and null, an empty one.
fn object(parameter: Option<Json>) -> Option<Object> {
    match Value::from_json(parameter.unwrap_or_default()).ok()? {
        Value::Object(object) => Some(object),
        Value::Null => Some(Object::default()),
        _ => None,
    }
}
