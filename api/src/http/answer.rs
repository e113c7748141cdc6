//! From a checked document to an answer: who asks, in which language, for how long, and what is remembered of it.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{Response, ServerError, Value};
use domain::localized::Language;
use futures::FutureExt;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::request::Parts;
use tracing::Instrument;

use crate::auth::actor::Actor;
use crate::budget::Standing;
use crate::error::{Code, Error};
use crate::graphql::coercion;
use crate::graphql::context::Caller;
use crate::graphql::deprecations::Uses;
use crate::graphql::documents::{aside, done_aside};
use crate::graphql::guard::Refusal;
use crate::graphql::id;
use crate::graphql::loader::{Batch, Loaders};
use crate::http::bill::{Means, Points};
use crate::http::caching::Keeping;
use crate::http::graphql::{HttpError, Prepared, REQUEST_ERRORS, request_id};
use crate::http::tally::Answered;
use crate::http::{MEMBERSHIP, Web, bill, header, words};
use crate::running::Running;
use crate::schema;

/// Executes one request and writes its errors in the caller's language.
pub async fn execute(web: &Web, parts: Parts, prepared: Result<Prepared, Refusal>) -> Result<Response, HttpError> {
    let started = Instant::now();
    let cost_only = bill::is_cost_only(&parts.headers)?;
    let ran = prepared.as_ref().ok().map(|prepared| prepared.operation);
    let name = prepared.as_ref().ok().and_then(|prepared| prepared.operation_name.clone()).unwrap_or_default();
    let caller = actor(web, &parts.headers).await;
    let person = caller.as_ref().ok().and_then(|actor| actor.person.as_ref());
    let (signed_in, own) = (person.is_some(), person.map(|person| person.language));
    let asked = header(&parts.headers, "accept-language").map(Language::parse_accept);
    let language = asked.or(own).unwrap_or_default();
    let (mut response, standing) = paid(web, &parts, caller, language, prepared, cost_only).await;
    words::tell(&mut response.errors, language);
    match ran.map_or(Keeping::Never, |ran| keeping(web, &parts, ran, &response)).header() {
        Some(header) if !cost_only => _ = response.http_headers.insert(CACHE_CONTROL, header),
        // What may be kept must be the same each time, and so says nothing of the budget.
        _ => bill::show(standing, &mut response),
    }
    let (operation, elapsed) = (ran.map_or("refused", kind), started.elapsed());
    web.tally.count(&Answered { operation, name: &name, signed_in, elapsed }, &response);
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(operation, name, errors = response.errors.len(), milliseconds, "answered");
    Ok(response)
}

/// Takes what a request costs, runs it, and gives back what was not answered.
async fn paid(
    web: &Web,
    parts: &Parts,
    caller: Result<Arc<Actor>, Error>,
    language: Language,
    prepared: Result<Prepared, Refusal>,
    cost_only: bool,
) -> (Response, Standing) {
    let cost = Points::of(&prepared);
    let payer = caller.as_ref().map_or_else(|_| PUBLIC.clone(), Arc::clone);
    let charge = match bill::charge(web, &payer, &Means::of(parts), cost).await {
        Err(refused) => return refused,
        Ok(charge) => charge,
    };
    let response = match judged(web, caller, prepared).await {
        Err(refused) => refused,
        Ok(_) if cost_only => Response::default(),
        Ok((actor, prepared)) => {
            let (operation, name) = (kind(prepared.operation), prepared.operation_name.as_deref().unwrap_or_default());
            let (role, cost) = (actor.role().as_str(), cost.requested);
            let request_id = request_id(&parts.headers).unwrap_or_default();
            let span = tracing::info_span!("graphql", operation, name, role, request_id, cost);
            run(web, actor, language, prepared).instrument(span).await
        }
    };
    let standing = charge.settle(bill::actual(cost, &response, cost_only));
    (response, standing)
}

/// Whoever asks and what is to run, or why it does not.
async fn judged(
    web: &Web,
    caller: Result<Arc<Actor>, Error>,
    prepared: Result<Prepared, Refusal>,
) -> Result<(Arc<Actor>, Prepared), Response> {
    let mut prepared = prepared.map_err(|refusal| Response::from_errors(vec![refusal.into()]))?;
    let failed = |error| Response::from_errors(vec![to_server_error(error)]);
    let actor = caller.map_err(failed)?;
    if prepared.operation == OperationType::Subscription {
        return Err(failed(Error { message: "subscription", ..Error::new(Code::BadRequest) }));
    }
    admit(web, &mut prepared).await?;
    Ok((actor, prepared))
}

fn kind(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

fn keeping(web: &Web, parts: &Parts, operation: OperationType, response: &Response) -> Keeping {
    Keeping::of(web.app.config.http.public_max_age_seconds, parts, operation, response)
}

/// Whoever has no token.
static PUBLIC: LazyLock<Arc<Actor>> = LazyLock::new(Arc::default);

/// The person of the token with the membership in use; without a token, the public. A token that does not hold is an
/// error, not the public: a client must notice that it is signed out.
pub(super) async fn actor(web: &Web, headers: &HeaderMap) -> Result<Arc<Actor>, Error> {
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    let Some(authorization) = authorizations.next() else { return Ok(PUBLIC.clone()) };
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

/// Values and document against the schema; from here on the library trusts both. What they use that is deprecated is
/// noted and counted.
pub(super) async fn admit(web: &Web, prepared: &mut Prepared) -> Result<(), Response> {
    let turn = web.gate.documents.turn(&prepared.found).await;
    let (request, valid) = (&mut prepared.request, prepared.found.valid);
    if let Some(refused) = aside(turn.as_ref(), || coercion::refusal(schema::types(), request, valid)) {
        return Err(refused);
    }
    let (document, name) = (prepared.found.document.clone(), prepared.operation_name.as_deref());
    if !prepared.found.valid {
        // In a box, as most requests bring a document that is known.
        let faults = web.schema.faults(document.parsed(), name).boxed();
        let mut faults = done_aside(turn.as_ref(), faults).await;
        // Before each of thousands is put into words.
        faults.truncate(REQUEST_ERRORS);
        if !faults.is_empty() {
            return Err(Response::from_errors(faults));
        }
        prepared.found.uses = Arc::new(Uses::of(schema::deprecations(), schema::types(), document.parsed()));
    }
    drop(turn);
    web.gate.documents.keep(&mut prepared.found).await;
    let (operation, variables) = ((document.parsed(), name), &prepared.request.variables);
    prepared.used = prepared.found.uses.with(schema::deprecations(), schema::types(), operation, variables);
    web.tally.count_deprecated(&prepared.used);
    if let Some(document) = coercion::without_absent(document.parsed(), name, &prepared.request.variables) {
        prepared.request.set_parsed_query(document);
    }
    Ok(())
}

async fn run(web: &Web, actor: Arc<Actor>, language: Language, prepared: Prepared) -> Response {
    let clock = &web.app.clock;
    let caller = Caller { actor, language, now: clock.now(), today: clock.today() };
    let (request, used) = (prepared.request.data(caller), prepared.used);
    let (schema, batch) = (web.schema.clone(), Batch { db: web.app.db.clone() });
    let limit = Duration::from_secs(web.app.config.http.request_timeout_seconds);
    // In a box: the state of an execution is large, and every layer around it would be copied with it.
    let execution = Box::pin(async move {
        let running = Running::default();
        let answer = Loaders::serve(batch, running.clone(), |loaders| schema.execute(request.data(loaders)));
        in_time(limit, &running, answer).await
    });
    let finished = match prepared.operation {
        // A client that hangs up must not stop a write half-way.
        OperationType::Mutation => tokio::spawn(execution.in_current_span()).await,
        _ => Ok(execution.await),
    };
    let mut response = match finished {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => Response::from_errors(vec![error]),
        Err(panic) => Response::from_errors(vec![to_server_error(Error::internal(panic))]),
    };
    used.tell(&mut response);
    response
}

/// What `work` gives, or which fields were still waiting when its time was over.
pub(super) async fn in_time<T>(
    limit: Duration,
    running: &Running,
    work: impl Future<Output = T>,
) -> Result<T, ServerError> {
    // By reference: what is dropped waits for nothing any more, and there would be nothing to tell.
    let mut work = std::pin::pin!(work);
    tokio::time::timeout(limit, work.as_mut()).await.map_err(|_| {
        let mut error = to_server_error(Error::new(Code::Timeout));
        let paths = running.now().iter().map(|path| Value::from(path.as_ref())).collect();
        error.extensions.get_or_insert_default().set("running", Value::List(paths));
        error
    })
}

/// An error of no place in the document.
pub(super) fn to_server_error(error: Error) -> ServerError {
    let error = async_graphql::Error::from(error).into_server_error(async_graphql::Pos::default());
    ServerError { locations: Vec::new(), ..error }
}
