//! From an HTTP request to the parameters of a GraphQL request.

use async_graphql::parser::types::OperationType;
use async_graphql::{Extensions, Value, Variables};
use axum::body::Body;
use axum::extract::{Query, Request};
use domain::localized::Language;
use http::header::{ACCEPT_LANGUAGE, CONTENT_ENCODING};
use http::request::Parts;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value as Json};

use super::error::HttpError;
use super::media::{self, MediaType};
use super::{Gate, Prepared, Settings};
use crate::graphql::documents::Known;
use crate::graphql::guard::{Checked, Refusal};

/// Header in which the layers around this one have put the id of the request.
const REQUEST_ID: &str = "x-request-id";

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
    /// The document.
    pub query: String,
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
    /// Checks the document and makes it ready to run. The refusal of the guard is a value here, not an error: it is an
    /// answer of GraphQL.
    ///
    /// # Errors
    /// 405 for a mutation over `GET`: a link or an image of another site must not change anything.
    pub async fn prepare(self, gate: &Gate) -> Result<(Parts, Result<Prepared, Refusal>), HttpError> {
        let turn = gate.turns.of(&self.query, &gate.documents).await;
        let (known, checked) = match self.check(gate) {
            Ok(checked) => checked,
            Err(refusal) => return Ok((self.parts, Err(refusal))),
        };
        if checked.operation == OperationType::Mutation && self.parts.method != Method::POST {
            return Err(HttpError::method("POST"));
        }
        // With a parsed document the library does not look at the text.
        let mut request = async_graphql::Request::new(String::new()).variables(self.variables);
        request.variables.extend(checked.defaults);
        request.operation_name.clone_from(&checked.operation_name);
        request.extensions = self.extensions;
        let (document, unknown) = match known {
            Known::Valid(document) => (document, None),
            Known::Unknown(document) => (document, Some(self.query)),
        };
        request.set_parsed_query(document.parsed().clone());
        let (operation, operation_name, cost) = (checked.operation, checked.operation_name, checked.cost);
        Ok((self.parts, Ok(Prepared { request, operation, operation_name, cost, document, unknown, turn })))
    }

    fn check(&self, gate: &Gate) -> Result<(Known, Checked), Refusal> {
        let known = gate.documents.read(&self.query, &gate.limits)?;
        let (name, variables) = (self.operation_name.as_deref(), &self.variables);
        let checked = match &known {
            Known::Valid(document) => document.check_valid(name, variables, &gate.limits)?,
            Known::Unknown(document) => document.check(name, variables, &gate.limits)?,
        };
        Ok((known, checked))
    }
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
    // A layer that decodes bodies takes this header away: what still has it would be counted before decoding.
    let encoded = headers.get(CONTENT_ENCODING).is_some_and(|value| value != "identity");
    if encoded || !media::is_json(headers) {
        return Err(HttpError::content_type());
    }
    let limit = usize::try_from(allowed).unwrap_or(usize::MAX);
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

/// The parameters of the address, in the form they have in a body.
fn addressed(parts: &Parts) -> Result<Map<String, Json>, HttpError> {
    let Query(pairs) =
        Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|_| HttpError::bad_request("address"))?;
    let mut parameters = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "query" | "operationName" => Json::String(text),
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
    // A text of the document itself can name it by its escape.
    let escaped = parameters.get("query").and_then(Json::as_str).is_some_and(|query| query.contains("\\u0000"));
    if escaped || parameters.values().any(holds_nul) {
        return Err(HttpError::bad_request("nul"));
    }
    let Some(Json::String(query)) = parameters.remove("query") else {
        return Err(HttpError::bad_request("query"));
    };
    let operation_name = match parameters.remove("operationName") {
        None | Some(Json::Null) => None,
        Some(Json::String(name)) => Some(name),
        Some(_) => return Err(HttpError::bad_request("operation_name")),
    };
    let variables = object(parameters.remove("variables")).ok_or_else(|| HttpError::bad_request("variables"))?;
    let extensions = object(parameters.remove("extensions")).ok_or_else(|| HttpError::bad_request("extensions"))?;
    let extensions = Extensions(extensions.into_iter().map(|(name, value)| (name.to_string(), value)).collect());
    let variables = Variables::from_value(Value::Object(variables));
    Ok(Incoming { parts, wants, query, operation_name, variables, extensions })
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
