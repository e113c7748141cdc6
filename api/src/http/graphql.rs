//! GraphQL over HTTP: how a request becomes a checked document, and an answer a status and a body.
//!
//! It follows the GraphQL-over-HTTP specification (all of npm `graphql-http`'s `serverAudits`) and knows nothing of
//! this application: [`serve`] is given what executes a document. Refused here, before anything runs: what a browser
//! would send across sites without asking first (`POST` other than JSON), bodies above the limit, batches, mutations
//! over `GET`, and every document the [guard](crate::graphql::guard) refuses. An answer that may be kept gets a tag, and
//! who still has it is not sent it again.
//!
//! The parts are public, so that a caller with other needs, as a stream of events has, can put them together anew.

mod asked;
mod error;
mod fresh;
mod media;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::convert::identity;
use std::future::Future;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::graphql::deprecations::Used;
use crate::graphql::documents::{Documents, Found};
use crate::graphql::guard::{Cost, Limits, Refusal};

pub use error::HttpError;
pub(in crate::http) use error::caught;
use fresh::Held;
pub(in crate::http) use media::accepts;
pub use media::{MediaType, negotiate};
pub(in crate::http) use request::{CLIENT, REQUEST_ID, incoming, request_id};
pub use request::{Incoming, Wants, extract};
pub use response::respond;
pub(in crate::http) use response::{REQUEST_ERRORS, VARY_ON, code, content, is_request_error, refusal};

/// Settings of this layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Largest body in bytes, after decoding. Default 262,144.
    pub body_bytes: u64,
    /// Media type of the answer when the request does not say: no `Accept`, or `*/*`. Default `application/json`,
    /// which old clients expect; the specification foresees the other for new servers.
    pub default_media_type: MediaType,
}

impl Default for Settings {
    fn default() -> Self {
        Self { body_bytes: 262_144, default_media_type: MediaType::Json }
    }
}

/// What stands between a request and the library.
pub struct Gate {
    /// Settings of this layer.
    pub settings: Settings,
    /// What a document may ask for.
    pub limits: Limits,
    /// Documents that were valid before.
    pub documents: Documents,
    /// Longest time from the head of a request to its body.
    pub body_limit: Duration,
    /// Longest time from then to the answer. An execution has a limit of its own and a better answer; this one ends
    /// whatever else is waited for.
    pub time_limit: Duration,
}

/// Who pays for what is done before a request runs.
pub trait Payer: Sync {
    /// Takes what the refusal of a document costs that is new here, as to read one is work; `false` when whoever sent
    /// this has not so much.
    fn pays_for_reading<'a>(&'a self, parts: &'a mut Parts) -> BoxFuture<'a, bool>;
}

/// A request whose document passed the guard, ready for `Schema::execute`.
#[derive(Debug)]
pub struct Prepared {
    /// Document already parsed, variables with their defaults; add the request's own data to it.
    pub request: async_graphql::Request,
    /// Kind of the operation that will run.
    pub operation: OperationType,
    /// Its name; `None` for an anonymous one.
    pub operation_name: Option<String>,
    /// What it was counted with.
    pub cost: Cost,
    /// The document, to be kept once it is known to be valid.
    pub found: Found,
    /// What this request uses that is deprecated, its variables looked at.
    pub used: Used,
}

/// Answers one request. `execute` is given the head of the request and the checked document, or the guard's refusal to
/// count and to put into words; `Refusal` turns into an `async_graphql::ServerError`.
///
/// A request that is not a GraphQL request at all is answered without calling `execute`. A panic in it is answered like
/// any other fault of ours.
pub async fn serve<E, F>(request: Request, gate: &Gate, payer: &impl Payer, execute: E) -> Response
where
    E: FnOnce(Parts, Result<Prepared, Refusal>) -> F,
    F: Future<Output = Result<async_graphql::Response, HttpError>>,
{
    let wants = match Wants::of(request.headers(), &gate.settings) {
        Ok(wants) => wants,
        Err(error) => return error.into_response(),
    };
    let held = Held::of(request.headers());
    // In a box: each layer around it would copy it.
    let answer = Box::pin(answer(request, wants.clone(), gate, payer, execute));
    match caught(answer).await.and_then(identity) {
        Ok(response) => held.spare(respond(&wants, response)),
        Err(error) => error.wanted(&wants).into_response(),
    }
}

async fn answer<E, F>(
    request: Request,
    wants: Wants,
    gate: &Gate,
    payer: &impl Payer,
    execute: E,
) -> Result<async_graphql::Response, HttpError>
where
    E: FnOnce(Parts, Result<Prepared, Refusal>) -> F,
    F: Future<Output = Result<async_graphql::Response, HttpError>>,
{
    let incoming = tokio::time::timeout(gate.body_limit, extract(request, wants, &gate.settings)).await;
    let incoming = incoming.map_err(|_| HttpError::late())??;
    let answered = tokio::time::timeout(gate.time_limit, async {
        let (parts, prepared) = incoming.prepare(gate, payer).await?;
        execute(parts, prepared).await
    });
    answered.await.map_err(|_| HttpError::slow())?
}
