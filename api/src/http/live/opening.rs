//! How a subscription begins: who asks, what it costs, whether it may, and what it wants to hear.

use std::sync::{Arc, Mutex};

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection};
use async_graphql::{Response, ServerError};
use domain::localized::Language;
use domain::roles::{Action, Resource};
use http::HeaderMap;

use crate::auth::actor::Actor;
use crate::auth::allow::allow;
use crate::error::{Code, Error, Result};
use crate::events::feed::Tap;
use crate::graphql::live::{Live as Run, Wanted};
use crate::http::answer::{actor, admit};
use crate::http::bill::{Means, Points};
use crate::http::graphql::Prepared;
use crate::http::live::Subscription;
use crate::http::live::plan::{Plan, execute, failed, time_limit};
use crate::http::{Web, bill, header, words};

/// Begins a subscription, which pays what its document costs, and at least what a refusal does when it is refused.
///
/// # Errors
/// What is wrong with the caller, the document, its values or the permission.
pub async fn open(
    web: &Web,
    (headers, means): (Arc<HeaderMap>, Means),
    prepared: Prepared,
) -> std::result::Result<Subscription, Vec<ServerError>> {
    let mut language = header(&headers, "accept-language").map(Language::parse_accept);
    let begun = async {
        let caller = actor(web, &headers).await;
        language = language.or(own_language(&caller));
        let (payer, cost) = (caller.clone().unwrap_or_default(), Points::checked(&prepared));
        let charge = bill::charge(web, &payer, &means, cost).await.map_err(|(refused, _)| refused.errors)?;
        let begun = begin(web, caller, prepared, language.unwrap_or_default()).await;
        let _ = charge.settle(match &begun {
            Ok(_) => cost.requested,
            // Also one that names its field: nothing of it has run.
            Err(errors) => {
                let errors = errors.iter().map(|error| ServerError { path: Vec::new(), ..error.clone() }).collect();
                bill::actual(cost, &Response::from_errors(errors), false)
            }
        });
        begun
    };
    let late = |_| Err(failed(Error::new(Code::Timeout)));
    let begun = tokio::time::timeout(time_limit(web), Box::pin(begun)).await.unwrap_or_else(late);
    match begun {
        Ok((plan, resource, tap)) => {
            let (web, address) = (web.clone(), means.address());
            Ok(Subscription { web, headers, address, plan, resource, tap, ended: false })
        }
        Err(mut errors) => {
            words::tell(&mut errors, language.unwrap_or_default());
            Err(errors)
        }
    }
}

/// What a subscription would cost: it is checked and not begun.
pub async fn price(web: &Web, headers: &HeaderMap, means: &Means, mut prepared: Prepared) -> Response {
    let caller = actor(web, headers).await;
    let asked = header(headers, "accept-language").map(Language::parse_accept);
    let language = asked.or(own_language(&caller)).unwrap_or_default();
    let (payer, cost) = (caller.clone().unwrap_or_default(), Points::checked(&prepared));
    let (mut response, standing) = match bill::charge(web, &payer, means, cost).await {
        Err(refused) => refused,
        Ok(charge) => {
            let checked = check(web, caller, &mut prepared).await;
            let response = checked.map_or_else(Response::from_errors, |_| Response::default());
            let standing = charge.settle(bill::actual(cost, &response, true));
            (response, standing)
        }
    };
    words::tell(&mut response.errors, language);
    bill::show(standing, &mut response);
    response
}

fn own_language(caller: &Result<Arc<Actor>>) -> Option<Language> {
    caller.as_ref().ok().and_then(|actor| actor.person.as_ref()).map(|person| person.language)
}

/// Who asks, once the document and its values can be trusted.
async fn check(
    web: &Web,
    caller: Result<Arc<Actor>>,
    prepared: &mut Prepared,
) -> std::result::Result<Arc<Actor>, Vec<ServerError>> {
    let actor = caller.map_err(failed)?;
    admit(web, prepared).await.map_err(|response| response.errors)?;
    match has_one_root_field(prepared.found.document.parsed(), prepared.operation_name.as_deref()) {
        true => Ok(actor),
        false => Err(failed(Error { message: "single_root_field", ..Error::new(Code::BadDocument) })),
    }
}

async fn begin(
    web: &Web,
    caller: Result<Arc<Actor>>,
    mut prepared: Prepared,
    language: Language,
) -> std::result::Result<(Plan, Resource, Tap), Vec<ServerError>> {
    let actor = check(web, caller, &mut prepared).await?;
    let plan = Plan::of(&prepared, language);
    let wanted = ask(web, &actor, &plan).await?;
    let today = web.app.clock.today();
    let scope = allow(&web.app.policies, &actor, Action::Read, wanted.resource, today).map_err(failed)?;
    let tap = web.app.feed.open(wanted.wish, scope).await.map_err(failed)?;
    Ok((plan, wanted.resource, tap))
}

/// Lets the field say what it wants.
async fn ask(web: &Web, actor: &Arc<Actor>, plan: &Plan) -> std::result::Result<Wanted, Vec<ServerError>> {
    let wanted = Arc::new(Mutex::new(Vec::new()));
    let response = execute(web, actor.clone(), plan, Run::Asking(wanted.clone())).await;
    match response {
        Some(response) if !response.errors.is_empty() => return Err(response.errors),
        _ => {}
    }
    let found = wanted.lock().ok().and_then(|mut wanted| wanted.pop());
    found.ok_or_else(|| failed(Error { message: "single_root_field", ..Error::new(Code::BadDocument) }))
}

/// The library runs every root field as a stream of its own, and none that a fragment brings.
fn has_one_root_field(document: &ExecutableDocument, name: Option<&str>) -> bool {
    let mut operations = document.operations.iter();
    let chosen = operations.find(|(known, _)| name.is_none() || known.map(|it| it.as_str()) == name);
    chosen.is_some_and(|(_, operation)| is_single(&operation.node))
}

fn is_single(operation: &OperationDefinition) -> bool {
    match operation.selection_set.node.items.as_slice() {
        [only] => matches!(&only.node, Selection::Field(field) if field.node.directives.is_empty()),
        _ => false,
    }
}
