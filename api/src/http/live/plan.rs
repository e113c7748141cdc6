//! What is executed for each event, and how.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response, ServerError, Variables};
use domain::localized::Language;
use futures::StreamExt;
use sha2::{Digest, Sha256};

use crate::auth::actor::Actor;
use crate::error::Error;
use crate::graphql::coercion;
use crate::graphql::context::Caller;
use crate::graphql::deprecations::Used;
use crate::graphql::guard::Document;
use crate::graphql::live::Live as Run;
use crate::graphql::loader::{Batch, Loaders};
use crate::http::Web;
use crate::http::answer::{in_time, to_server_error};
use crate::http::bill::Points;
use crate::http::graphql::{Prepared, caught};
use crate::running::Running;

/// What is executed for each event.
pub(super) struct Plan {
    pub document: Arc<Document>,
    pub name: Option<String>,
    pub variables: Variables,
    pub language: Language,
    /// What it uses that is deprecated.
    pub used: Used,
    /// Of one event.
    pub cost: Points,
    /// Of document, operation and variables.
    pub fingerprint: [u8; 32],
}

impl Plan {
    /// Of a document that was admitted.
    pub fn of(prepared: &Prepared, language: Language) -> Self {
        Self {
            document: prepared.found.document.clone(),
            name: prepared.operation_name.clone(),
            variables: prepared.request.variables.clone(),
            language,
            used: prepared.used.clone(),
            cost: Points::checked(prepared),
            fingerprint: fingerprint(prepared),
        }
    }

    fn request(&self) -> Request {
        let mut request = Request::new(String::new()).variables(self.variables.clone());
        request.operation_name.clone_from(&self.name);
        let document = coercion::without_absent(self.document.parsed(), self.name.as_deref(), &self.variables);
        request.set_parsed_query(document.unwrap_or_else(|| self.document.parsed().clone()));
        request
    }
}

/// One run, within the time that every request has.
pub(super) async fn execute(web: &Web, actor: Arc<Actor>, plan: &Plan, run: Run) -> Option<Response> {
    let clock = &web.app.clock;
    let caller = Caller { actor, language: plan.language, now: clock.now(), today: clock.today() };
    let request = plan.request().data(caller).data(run);
    let (schema, batch) = (web.schema.clone(), Batch { db: web.app.db.clone() });
    let running = Running::default();
    let work = Loaders::serve(batch, running.clone(), |loaders| async move {
        schema.execute_subscription(request.data(loaders)).next().await
    });
    match Box::pin(caught(in_time(time_limit(web), &running, work))).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => Some(Response::from_errors(vec![error])),
        Err(error) => Some(Response::from_errors(vec![error.in_language(plan.language).to_server_error()])),
    }
}

pub(super) fn failed(error: Error) -> Vec<ServerError> {
    vec![to_server_error(error)]
}

pub(super) fn time_limit(web: &Web) -> Duration {
    Duration::from_secs(web.app.config.http.request_timeout_seconds)
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
