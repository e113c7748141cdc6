//! From a checked document to an answer: who asks, in which language, for how long, and what is remembered of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{Response, ServerError};
use domain::localized::Language;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use tracing::Instrument;

use crate::auth::actor::Actor;
use crate::error::{Code, Error};
use crate::graphql::coercion;
use crate::graphql::context::Caller;
use crate::graphql::guard::Refusal;
use crate::graphql::id;
use crate::graphql::loader::{Batch, Loaders};
use crate::graphql::rules;
use crate::http::graphql::{HttpError, Prepared, request_id};
use crate::http::tally::Answered;
use crate::http::{MEMBERSHIP, Web, header, words};
use crate::schema;

/// Executes one request and writes its errors in the caller's language.
pub async fn execute(web: Web, parts: Parts, prepared: Result<Prepared, Refusal>) -> Result<Response, HttpError> {
    let started = Instant::now();
    let mut language = header(&parts.headers, "accept-language").map(Language::parse_accept);
    let operation = prepared.as_ref().map_or("refused", |prepared| kind(prepared.operation));
    let name = prepared.as_ref().ok().and_then(|prepared| prepared.operation_name.clone());
    let mut signed_in = false;
    let mut response = match (actor(&web, &parts.headers).await, prepared) {
        (actor, Err(refusal)) => {
            language = language.or(actor.ok().and_then(|actor| actor.person.as_ref().map(|person| person.language)));
            refused(refusal)
        }
        (Err(error), _) => Response::from_errors(vec![to_server_error(error)]),
        (Ok(_), Ok(prepared)) if prepared.operation == OperationType::Subscription => {
            Response::from_errors(vec![to_server_error(Error {
                message: "subscription",
                ..Error::new(Code::BadRequest)
            })])
        }
        (Ok(actor), Ok(mut prepared)) => {
            signed_in = actor.person.is_some();
            language = language.or(actor.person.as_ref().map(|person| person.language));
            let span = tracing::info_span!(
                "graphql",
                operation,
                name = name.as_deref().unwrap_or_default(),
                role = actor.role().as_str(),
                request_id = request_id(&parts.headers).unwrap_or_default(),
                cost = prepared.cost.requested,
            );
            match admit(&web, &mut prepared).await {
                Err(refused) => refused,
                Ok(()) => run(&web, actor, language.unwrap_or_default(), prepared).instrument(span).await,
            }
        }
    };
    words::tell(&mut response.errors, language.unwrap_or_default());
    let name = name.as_deref().unwrap_or_default();
    let elapsed = started.elapsed();
    web.tally.count(&Answered { operation, name, signed_in, elapsed }, &response);
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(operation, name, errors = response.errors.len(), milliseconds, "answered");
    Ok(response)
}

fn kind(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// The person of the token with the membership in use; without a token, the public. A token that does not hold is an
/// error, not the public: a client must notice that it is signed out.
pub(super) async fn actor(web: &Web, headers: &HeaderMap) -> Result<Arc<Actor>, Error> {
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    let Some(authorization) = authorizations.next() else { return Ok(Arc::default()) };
    let token = authorization.to_str().ok().filter(|_| authorizations.next().is_none()).and_then(bearer);
    let token = token.ok_or_else(|| Error::new(Code::Unauthenticated))?;
    let clock = &web.app.clock;
    let subject = web.app.tokens.verify(token, clock.now())?;
    let account = web.app.accounts.get(&subject, clock.today()).await?;
    let mut memberships = headers.get_all(MEMBERSHIP).iter();
    let wanted = memberships.next().map(|text| match text.to_str().ok().and_then(id::parse) {
        Some((kind, key)) if kind == "Membership" && memberships.next().is_none() => Ok(key),
        _ => Err(Error::new(Code::MembershipUnknown)),
    });
    account.choose(wanted.transpose()?)
}

pub(super) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Values and document against the schema; from here on the library trusts both.
pub(super) async fn admit(web: &Web, prepared: &mut Prepared) -> Result<(), Response> {
    let _given_back_at_the_end = prepared.turn.take();
    let (valid, document) = (prepared.unknown.is_none(), prepared.document.parsed());
    if let Some(refused) = coercion::refusal(schema::types(), &mut prepared.request, valid) {
        return Err(refused);
    }
    let name = prepared.operation_name.as_deref();
    if let Some(source) = prepared.unknown.take() {
        let faults = web.schema.faults(document, name).await;
        if !faults.is_empty() {
            return Err(Response::from_errors(faults));
        }
        if let Some(fault) = rules::fault(schema::types(), document) {
            return Err(Response::from_errors(vec![fault]));
        }
        web.gate.documents.keep(source, prepared.document.clone());
    }
    if let Some(document) = coercion::without_absent(document, name, &prepared.request.variables) {
        prepared.request.set_parsed_query(document);
    }
    Ok(())
}

async fn run(web: &Web, actor: Arc<Actor>, language: Language, prepared: Prepared) -> Response {
    let clock = &web.app.clock;
    let caller = Caller { actor, language, now: clock.now(), today: clock.today() };
    let request = prepared.request.data(caller);
    let (schema, batch) = (web.schema.clone(), Batch { db: web.app.db.clone() });
    let limit = Duration::from_secs(web.app.config.http.request_timeout_seconds);
    // In a box: the state of an execution is large, and every layer around it would be copied with it.
    let execution = Box::pin(async move {
        let answer = Loaders::serve(batch, |loaders| schema.execute(request.data(loaders)));
        tokio::time::timeout(limit, answer).await
    });
    let finished = match prepared.operation {
        // A client that hangs up must not stop a write half-way.
        OperationType::Mutation => tokio::spawn(execution.in_current_span()).await,
        _ => Ok(execution.await),
    };
    match finished {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Response::from_errors(vec![to_server_error(Error::new(Code::Timeout))]),
        Err(panic) => Response::from_errors(vec![to_server_error(Error::internal(panic))]),
    }
}

/// An error of no place in the document.
pub(super) fn to_server_error(error: Error) -> ServerError {
    let error = async_graphql::Error::from(error).into_server_error(async_graphql::Pos::default());
    ServerError { locations: Vec::new(), ..error }
}

/// The guard's refusal in our words; syntax errors keep theirs, which name the place.
fn refused(refusal: Refusal) -> Response {
    Response::from_errors(vec![refusal.into()])
}
