//! What a request pays, and what its answer says of it.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Response, ServerError, Value};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use smallvec::SmallVec;

use crate::auth::actor::Actor;
use crate::budget::{Charge, Exhausted, LEAST, REFUSED, Standing};
use crate::error::{Code, Error};
use crate::graphql::guard::Refusal;
use crate::http::Web;
use crate::http::address::ClientAddress;
use crate::http::answer::{actor, to_server_error};
use crate::http::graphql::{HttpError, Payer, Prepared, code, is_request_error};

/// What a document costs.
#[derive(Clone, Copy, Debug)]
pub struct Points {
    /// By the formula.
    pub requested: u64,
    /// The part of it for counting, searching and describing, which is not given back once it has run.
    pub work: u64,
    /// The part of it for reading a document that was not known, which is never given back.
    pub reading: u64,
}

/// A document that is new here is read and judged: a point for so many bytes of it.
const BYTES_A_POINT: u64 = 100;

impl Points {
    /// Of a document that is within the limits.
    pub fn checked(prepared: &Prepared) -> Self {
        let (cost, found) = (&prepared.cost, &prepared.found);
        let reading = if found.valid { 0 } else { found.document.bytes() / BYTES_A_POINT };
        Self { requested: cost.requested.saturating_add(reading), work: cost.work, reading }
    }

    /// Of a document, or of one that is refused.
    pub fn of(prepared: &Result<Prepared, Refusal>) -> Self {
        match prepared {
            Ok(prepared) => Self::checked(prepared),
            Err(_) => Self::refused(),
        }
    }

    /// Of what is refused before it runs.
    pub fn refused() -> Self {
        Self { requested: REFUSED, work: 0, reading: 0 }
    }
}

/// Says that only the cost is wanted.
pub const COST: HeaderName = HeaderName::from_static("x-osh-cost");

/// Whether the request asks for nothing but its cost.
///
/// # Errors
/// 400: the header says something else.
pub fn is_cost_only(headers: &HeaderMap) -> Result<bool, HttpError> {
    let mut said = headers.get_all(COST).iter();
    match (said.next().map(HeaderValue::as_bytes), said.next()) {
        (None, _) => Ok(false),
        (Some(b"only"), None) => Ok(true),
        _ => Err(HttpError::new(StatusCode::BAD_REQUEST, Code::BadRequest.as_str(), "cost_header")),
    }
}

/// What a request pays with: the budget of its client's address, and what was paid before its document was read.
#[derive(Clone, Default)]
pub struct Means {
    address: Option<ClientAddress>,
    deposit: Option<Deposit>,
}

/// What was paid before a document was read, or why it was not read. It is taken once; what nobody takes stays paid.
#[derive(Clone)]
struct Deposit(Arc<Mutex<Option<Result<Charge, Exhausted>>>>);

impl Means {
    /// Of a request.
    pub fn of(parts: &Parts) -> Self {
        Self { address: parts.extensions.get().copied(), deposit: parts.extensions.get().cloned() }
    }

    /// Of what nobody had to read, from this address.
    pub fn at(address: Option<ClientAddress>) -> Self {
        Self { address, deposit: None }
    }

    /// Where it comes from.
    pub fn address(&self) -> Option<ClientAddress> {
        self.address
    }

    fn deposit(&self) -> Option<Result<Charge, Exhausted>> {
        self.deposit.as_ref()?.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Payer for Web {
    fn pays_for_reading<'a>(&'a self, parts: &'a mut Parts) -> BoxFuture<'a, bool> {
        async {
            // Of one whose account cannot be read the address pays, as for a refusal.
            let limit = Duration::from_secs(self.app.config.http.request_timeout_seconds);
            let actor = tokio::time::timeout(limit, actor(self, &parts.headers)).await;
            let actor = actor.ok().and_then(Result::ok).unwrap_or_default();
            let paid = self.app.budgets.charge(&actor, parts.extensions.get().copied(), REFUSED).await;
            let may_be_read = paid.is_ok();
            parts.extensions.insert(Deposit(Arc::new(Mutex::new(Some(paid)))));
            may_be_read
        }
        .boxed()
    }
}

/// Takes what a document costs from whoever asks.
///
/// # Errors
/// `RATE_LIMITED`, and how the budget stands.
pub async fn charge(web: &Web, actor: &Actor, means: &Means, cost: Points) -> Result<Charge, (Response, Standing)> {
    let charged = match means.deposit() {
        Some(Ok(deposit)) if deposit.is_of(actor, means.address) => deposit.raise(cost.requested).await,
        Some(Err(exhausted)) => Err(exhausted),
        other => {
            // Somebody else paid, as the account could not be read then.
            let _ = other.and_then(Result::ok).map(|deposit| deposit.settle(LEAST));
            web.app.budgets.charge(actor, means.address, cost.requested).await
        }
    };
    charged.map_err(|exhausted| (refused(&exhausted), exhausted.standing))
}

/// What an answer cost in the end.
pub fn actual(cost: Points, response: &Response, cost_only: bool) -> u64 {
    match is_request_error(response) {
        true if is_our_fault(response) => LEAST,
        // It was read, and may have been validated: that is not given back.
        true => cost.requested.max(REFUSED),
        false if cost_only => LEAST.max(cost.reading),
        // The database was kept busy for as long as a request may run.
        false if response.errors.iter().any(|error| code(error) == Some("TIMEOUT")) => cost.requested,
        // More than was announced where lists that are no connections were long.
        false => fields(&response.data).saturating_add(cost.work).saturating_add(cost.reading),
    }
}

fn is_our_fault(response: &Response) -> bool {
    let of = |error: &ServerError| matches!(code(error), Some("INTERNAL" | "UNAVAILABLE"));
    response.errors.iter().any(of)
}

fn refused(exhausted: &Exhausted) -> Response {
    let seconds = exhausted.retry_after_seconds;
    let mut error = to_server_error(Error::new(Code::RateLimited));
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("budget", exhausted.account.kind());
    extensions.set("retryAfterSeconds", Value::from(seconds));
    let mut response = Response::from_errors(vec![error]);
    response.http_headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Says in the answer what it cost, and what is left.
pub fn show(standing: Standing, response: &mut Response) {
    // Shared by all answers.
    static NAMES: LazyLock<[Name; 4]> =
        LazyLock::new(|| ["requested", "actual", "remaining", "restoreRate"].map(Name::new));
    let of = |points: Option<u64>| points.map_or(Value::Null, Value::from);
    let points = [Some(standing.requested), Some(standing.actual), standing.remaining, standing.restore_rate].map(of);
    let cost: IndexMap<_, _> = NAMES.iter().cloned().zip(points).collect();
    response.extensions.insert("cost".to_owned(), Value::Object(cost));
}

/// Fields that were answered: each costs 1, as in the formula.
fn fields(data: &Value) -> u64 {
    // A stack of our own: answers are as deep as documents, which are bounded, but nobody has to know that here.
    let mut waiting = SmallVec::<[_; 16]>::from_slice(&[data]);
    let mut found = 0_u64;
    while let Some(value) = waiting.pop() {
        match value {
            Value::List(items) => waiting.extend(items),
            Value::Object(fields) => {
                found = found.saturating_add(u64::try_from(fields.len()).unwrap_or(u64::MAX));
                waiting.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_object_counts() {
        let data = serde_json::json!({"a": {"b": 1, "c": [{"d": null}, {"d": [[{"e": 1}]]}]}, "f": []});
        assert_eq!(fields(&Value::from_json(data).unwrap()), 7);
    }
}
