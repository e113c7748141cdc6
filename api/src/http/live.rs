//! A subscription, from its checked document to the answers that are sent: the same over WebSocket and as an event stream.
//!
//! For every event the token, the person's memberships, the role's permission and the scope are looked at anew. An
//! event is executed as a request of its own, with its moment and its loaders; callers who would get the same answer
//! share one execution.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection};
use async_graphql::{Request, Response, ServerError, Variables};
use domain::localized::Language;
use domain::roles::{Action, Resource};
use entity::event;
use entity::scope::Scope;
use futures::{FutureExt, StreamExt};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::auth::actor::Actor;
use crate::auth::allow::allow;
use crate::clock;
use crate::config;
use crate::error::{Code, Error, Result};
use crate::events::feed::Tap;
use crate::graphql::coercion;
use crate::graphql::context::Caller;
use crate::graphql::deprecations::Used;
use crate::graphql::guard::Document;
use crate::graphql::live::{Live as Run, Wanted};
use crate::graphql::loader::{Batch, Loaders};
use crate::http::address::ClientAddress;
use crate::http::answer::{actor, admit, bearer, in_time, to_server_error};
use crate::http::bill::Points;
use crate::http::graphql::{Prepared, content};
use crate::http::places::Places;
use crate::http::{Web, bill, header, words};
use crate::running::Running;

/// Text of answers that are shared, bytes.
const SHARED_BYTES: u64 = 4 << 20;
/// How long they are.
const SHARED_FOR: Duration = Duration::from_secs(2);
/// Events that are told at the same moment. What tells one is much larger than what waits for one: without a bound, an
/// event that thousands hear of would take memory for all of them at once.
const TOLD_AT_ONCE: usize = 64;
/// About as long, by chance, a subscription waits that could not ask the database.
const AGAIN: Duration = Duration::from_secs(1);
/// How often a silent subscription looks whether its token still holds and whether a new day has begun.
const LOOK: Duration = Duration::from_secs(1);

/// What all subscriptions of a server share.
pub struct Live {
    /// How many there may be.
    pub places: Arc<Places>,
    /// Who tells one takes a turn.
    turns: Semaphore,
    /// Answers of this moment.
    answers: Cache<[u8; 32], Arc<str>>,
}

impl Live {
    /// Nothing yet.
    pub fn new(config: &config::Realtime) -> Self {
        let weight = |_: &[u8; 32], text: &Arc<str>| u32::try_from(text.len() + 100).unwrap_or(u32::MAX);
        let answers = Cache::builder().max_capacity(SHARED_BYTES).weigher(weight).time_to_live(SHARED_FOR).build();
        Self { places: Arc::new(Places::new(config)), turns: Semaphore::new(TOLD_AT_ONCE), answers }
    }
}

/// What a subscription says.
#[derive(Debug)]
pub enum Said {
    /// An answer: `data`, `errors`.
    Next(Arc<str>),
    /// It ends with these errors.
    Failed(Vec<ServerError>),
    /// It ends because the token or the membership does not hold any more.
    SignedOut,
}

/// A running subscription.
pub struct Subscription {
    web: Web,
    headers: Arc<HeaderMap>,
    address: Option<ClientAddress>,
    plan: Plan,
    resource: Resource,
    tap: Tap,
    ended: bool,
}

/// What is executed for each event.
struct Plan {
    document: Arc<Document>,
    name: Option<String>,
    variables: Variables,
    language: Language,
    /// What it uses that is deprecated.
    used: Used,
    cost: Points,
    /// Of document, operation and variables.
    fingerprint: [u8; 32],
}

impl Plan {
    fn request(&self) -> Request {
        let mut request = Request::new(String::new()).variables(self.variables.clone());
        request.operation_name.clone_from(&self.name);
        let document = coercion::without_absent(self.document.parsed(), self.name.as_deref(), &self.variables);
        request.set_parsed_query(document.unwrap_or_else(|| self.document.parsed().clone()));
        request
    }
}

/// Begins a subscription, which pays what its document costs, and at least what a refusal does when it is refused.
///
/// # Errors
/// What is wrong with the caller, the document, its values or the permission.
pub async fn open(
    web: &Web,
    (headers, address): (Arc<HeaderMap>, Option<ClientAddress>),
    prepared: Prepared,
) -> std::result::Result<Subscription, Vec<ServerError>> {
    let mut language = header(&headers, "accept-language").map(Language::parse_accept);
    let begun = async {
        let caller = actor(web, &headers).await;
        language = language.or(own_language(&caller));
        let (payer, cost) = (caller.clone().unwrap_or_default(), Points::checked(&prepared));
        let charge = bill::charge(web, &payer, address, cost).await.map_err(|(refused, _)| refused.errors)?;
        let begun = begin(web, caller, prepared, language.unwrap_or_default()).await;
        if let Err(errors) = &begun {
            // Also one that names its field: nothing of it has run.
            let errors = errors.iter().map(|error| ServerError { path: Vec::new(), ..error.clone() }).collect();
            let _ = charge.settle(bill::actual(cost, &Response::from_errors(errors), false));
        }
        begun
    };
    let late = |_| Err(failed(Error::new(Code::Unavailable)));
    let begun = tokio::time::timeout(time_limit(web), Box::pin(begun)).await.unwrap_or_else(late);
    match begun {
        Ok((plan, resource, tap)) => {
            Ok(Subscription { web: web.clone(), headers, address, plan, resource, tap, ended: false })
        }
        Err(mut errors) => {
            words::tell(&mut errors, language.unwrap_or_default());
            Err(errors)
        }
    }
}

/// What a subscription would cost: it is checked and not begun.
pub async fn price(web: &Web, headers: &HeaderMap, address: Option<ClientAddress>, mut prepared: Prepared) -> Response {
    let caller = actor(web, headers).await;
    let asked = header(headers, "accept-language").map(Language::parse_accept);
    let language = asked.or(own_language(&caller)).unwrap_or_default();
    let (payer, cost) = (caller.clone().unwrap_or_default(), Points::checked(&prepared));
    let (mut response, standing) = match bill::charge(web, &payer, address, cost).await {
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

fn failed(error: Error) -> Vec<ServerError> {
    vec![to_server_error(error)]
}

fn time_limit(web: &Web) -> Duration {
    Duration::from_secs(web.app.config.http.request_timeout_seconds)
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
    let plan = Plan {
        fingerprint: fingerprint(&prepared),
        document: prepared.found.document.clone(),
        name: prepared.operation_name.clone(),
        variables: prepared.request.variables.clone(),
        language,
        used: prepared.used.clone(),
        cost: Points::checked(&prepared),
    };
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

/// One run, within the time that every request has.
async fn execute(web: &Web, actor: Arc<Actor>, plan: &Plan, run: Run) -> Option<Response> {
    let clock = &web.app.clock;
    let caller = Caller { actor, language: plan.language, now: clock.now(), today: clock.today() };
    let request = plan.request().data(caller).data(run);
    let (schema, batch) = (web.schema.clone(), Batch { db: web.app.db.clone() });
    let running = Running::default();
    let work = Loaders::serve(batch, running.clone(), |loaders| async move {
        schema.execute_subscription(request.data(loaders)).next().await
    });
    let work = Box::pin(AssertUnwindSafe(in_time(time_limit(web), &running, work)).catch_unwind());
    match work.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => Some(Response::from_errors(vec![error])),
        Err(_) => {
            metrics::counter!("osh_panics_total").increment(1);
            Some(Response::from_errors(failed(Error::internal("a subscription panicked"))))
        }
    }
}

impl Subscription {
    /// Of its texts.
    pub fn language(&self) -> Language {
        self.plan.language
    }

    /// What it says next; `None` when it has ended. What is dropped while it waits has lost nothing.
    pub async fn next(&mut self) -> Option<Said> {
        if self.ended {
            return None;
        }
        loop {
            let said = tokio::select! {
                // Only the waiting is dropped at each look; a log that is read slowly is read to its end.
                ready = self.tap.wait() => match ready {
                    Ok(()) => Box::pin(self.tell_next()).await,
                    Err(error) => Err(error),
                },
                () = tokio::time::sleep(LOOK) => Box::pin(self.look()).await,
            };
            match said {
                Ok(Some(said)) => {
                    self.ended = matches!(said, Said::Failed(_));
                    return Some(said);
                }
                Ok(None) => {}
                Err(error) if error.code == Code::Unavailable && still_signed_in(&self.web, &self.headers).is_ok() => {
                    // All of them at once would be too much for a database that has just come back.
                    tokio::time::sleep(AGAIN.mul_f64(0.5 + clock::chance())).await;
                }
                Err(error) => {
                    self.ended = true;
                    return Some(match error.code {
                        Code::Unauthenticated | Code::MembershipUnknown | Code::MembershipRequired => Said::SignedOut,
                        _ => self.failed(failed(error)),
                    });
                }
            }
        }
    }

    fn failed(&self, mut errors: Vec<ServerError>) -> Said {
        words::tell(&mut errors, self.plan.language);
        Said::Failed(errors)
    }

    /// Takes the next event, in its turn: what was taken and waited would be told by an old answer of the database.
    async fn tell_next(&mut self) -> Result<Option<Said>> {
        let (live, limit) = (self.web.live.clone(), time_limit(&self.web));
        // Never closed.
        let _turn = live.turns.acquire().await;
        let taken = tokio::time::timeout(limit, self.tap.take()).await;
        match taken.unwrap_or_else(|_| Err(Error::new(Code::Unavailable)))? {
            Some(event) => self.tell(event).await,
            None => Ok(None),
        }
    }

    /// Whether there is anything to end without an event.
    async fn look(&mut self) -> Result<Option<Said>> {
        still_signed_in(&self.web, &self.headers)?;
        if self.tap.scope().today() != self.web.app.clock.today() {
            let scope = self.decide().await?.1;
            self.tap.move_to(scope);
        }
        Ok(None)
    }

    /// Who the caller is now, and what may be heard.
    async fn decide(&self) -> Result<(Arc<Actor>, Scope)> {
        let actor = tokio::time::timeout(time_limit(&self.web), actor(&self.web, &self.headers)).await;
        let actor = actor.unwrap_or_else(|_| Err(Error::new(Code::Unavailable)))?;
        let today = self.web.app.clock.today();
        let scope = allow(&self.web.app.policies, &actor, Action::Read, self.resource, today)?;
        Ok((actor, scope))
    }

    async fn tell(&mut self, event: Arc<event::Model>) -> Result<Option<Said>> {
        let (actor, scope) = match self.decide().await {
            Ok(decided) => decided,
            Err(error) => {
                self.tap.again(&event);
                return Err(error);
            }
        };
        if scope != *self.tap.scope() {
            // It was found by a decision that holds no more: let the one that holds find it.
            self.tap.again(&event);
            self.tap.move_to(scope);
            return Ok(None);
        }
        let key = self.key(&actor, &event);
        match self.answer(key, &actor, &event).await {
            Ok(answer) => {
                metrics::counter!("osh_realtime_events_total").increment(1);
                Ok(Some(Said::Next(answer)))
            }
            Err(refused) => Ok(Some(self.failed(refused))),
        }
    }

    /// The answer for all who have the same key; whoever makes it pays for it.
    async fn answer(
        &self,
        key: [u8; 32],
        actor: &Arc<Actor>,
        event: &Arc<event::Model>,
    ) -> std::result::Result<Arc<str>, Vec<ServerError>> {
        loop {
            let mut is_ours = false;
            let made = self.web.live.answers.try_get_with(key, async {
                is_ours = true;
                self.make(actor.clone(), event.clone()).await
            });
            match made.await {
                Ok(answer) => return Ok(answer),
                Err(refused) if is_ours => return Err(refused.to_vec()),
                // Another one could not pay for it: that is no reason for us.
                Err(_) => {}
            }
        }
    }

    async fn make(
        &self,
        actor: Arc<Actor>,
        event: Arc<event::Model>,
    ) -> std::result::Result<Arc<str>, Vec<ServerError>> {
        let cost = self.plan.cost;
        let charged = bill::charge(&self.web, &actor, self.address, cost).await;
        let charge = charged.map_err(|(refused, _)| refused.errors)?;
        let mut response = execute(&self.web, actor, &self.plan, Run::Telling(event)).await.unwrap_or_default();
        let _ = charge.settle(bill::actual(cost, &response, false));
        words::tell(&mut response.errors, self.plan.language);
        self.plan.used.tell(&mut response);
        // It is memory that is written to: it does not fail.
        let text = content(&mut response, None).and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(Arc::from(text.unwrap_or_default()))
    }

    /// Equal for those who get the same answer: what is asked, in which language, of which event, for which
    /// organisation in which role.
    fn key(&self, actor: &Actor, event: &event::Model) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.plan.fingerprint);
        digest.update(event.id.as_bytes());
        let acting = actor.acting.as_ref().map(|it| (it.role, it.organisation_id, it.workplace_id, &it.jurisdiction));
        let (day, person) =
            (self.tap.scope().today(), actor.person.as_ref().filter(|_| acting.is_none()).map(|it| it.id));
        digest.update(format!("{acting:?} {person:?} {day} {:?}", self.plan.language));
        digest.finalize().into()
    }
}

/// Whether the token of these headers, if any, holds now; nothing is asked of the database.
///
/// # Errors
/// UNAUTHENTICATED.
pub fn still_signed_in(web: &Web, headers: &HeaderMap) -> Result<()> {
    let Some(authorization) = headers.get(AUTHORIZATION) else { return Ok(()) };
    let token = authorization.to_str().ok().and_then(bearer).ok_or_else(|| Error::new(Code::Unauthenticated))?;
    web.app.tokens.verify(token, web.app.clock.now()).map(drop)
}

fn fingerprint(prepared: &Prepared) -> [u8; 32] {
    let variables = serde_json::to_string(&prepared.request.variables).unwrap_or_default();
    let name = prepared.operation_name.as_deref().unwrap_or_default();
    let mut digest = Sha256::new();
    digest.update(prepared.found.sha.as_bytes());
    for part in [name, &variables] {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
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
