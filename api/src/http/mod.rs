//! The server's addresses.

pub mod address;
mod answer;
mod bill;
mod caching;
mod front;
pub mod graphql;
mod health;
mod live;
mod pages;
mod places;
mod serve;
mod socket;
mod stream;
mod tally;
pub mod trusted;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{ALLOW, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::app::App;
use crate::config;
use crate::graphql::documents::{Documents, Trusted};
use crate::http::graphql::{Gate, HttpError, REQUEST_ID, Settings};
use crate::http::tally::Tally;
use crate::schema::{self, Executor};

pub use front::Front;
pub use serve::serve;

/// Chooses one of several memberships.
const MEMBERSHIP: &str = "x-osh-membership";

/// What the handlers share; cloning is cheap.
#[derive(Clone)]
pub struct Web(Arc<Parts>);

/// What [`Web`] shares.
pub struct Parts {
    /// The server.
    pub app: App,
    /// The schema with its resolvers.
    pub schema: Executor,
    gate: Gate,
    tally: Tally,
    draining: AtomicBool,
    live: live::Live,
}

impl std::ops::Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Web {
    /// Builds the schema over a running server, which knows these lists of documents.
    pub fn new(app: App, trusted: Trusted) -> Self {
        let documents = Documents::new(&app.config.documents, trusted, app.redis.clone());
        let settings = Settings {
            body_bytes: app.config.http.max_body_bytes,
            default_media_type: app.config.http.default_media_type,
        };
        let (body, execution) = (app.config.http.body_timeout_seconds, app.config.http.request_timeout_seconds);
        // Beside the execution there are the person, the budget and a turn to be waited for.
        let (body_limit, time_limit) = (Duration::from_secs(body), Duration::from_secs(execution + execution));
        let limits = app.config.document_limits();
        Self(Arc::new(Parts {
            schema: Executor::new(app.clone()),
            gate: Gate { settings, limits, documents, body_limit, time_limit },
            tally: Tally::new(app.config.telemetry.operation_names, schema::deprecations()),
            draining: AtomicBool::default(),
            live: live::Live::new(&app.config.realtime),
            app,
        }))
    }

    /// From now on readiness is red, so that a balancer sends nothing new.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        self.live.places.close();
    }

    /// Ready when the last socket and stream is closed.
    pub async fn drained(&self) {
        self.live.places.empty().await;
    }

    /// All addresses, and what every request passes on its way.
    pub fn front(self) -> Front {
        Front::new(self)
    }

    /// The addresses for people and for the operator.
    fn pages(self) -> Router {
        let mut router = Router::new()
            .route("/", get(pages::welcome))
            .route("/docs/{page}", get(pages::manual))
            .route("/health/live", get(health::live))
            .route("/health/ready", get(health::ready));
        if self.app.config.graphql.graphiql {
            router = router.route("/graphiql", get(pages::graphiql)).route("/graphiql/{file}", get(pages::asset));
            router = router.route("/graphiql/persons", get(pages::persons));
        }
        if self.app.config.graphql.introspection {
            router = router.route("/schema.graphql", get(pages::schema));
        }
        if self.app.config.telemetry.metrics == config::MetricsPlace::Main {
            router = router.route("/metrics", get(health::metrics));
        }
        router.fallback(nothing_here).method_not_allowed_fallback(not_this_way).with_state(self)
    }

    /// The address of GraphQL.
    async fn graphql(&self, request: Request) -> Response {
        // Before anything is read: it costs nothing to ask wrongly.
        if let Err(error) = bill::is_cost_only(request.headers()) {
            return error.speaking(request.headers()).into_response();
        }
        // In boxes: what a plain question does not use would be copied with it.
        if socket::is_wanted(&request) {
            return Box::pin(socket::upgrade(self.clone(), request)).await;
        }
        if stream::is_wanted(request.headers()) {
            return Box::pin(stream::serve(self.clone(), request)).await;
        }
        graphql::serve(request, &self.gate, self, |parts, prepared| answer::execute(self, parts, prepared)).await
    }
}

async fn nothing_here(headers: HeaderMap) -> Response {
    HttpError::new(StatusCode::NOT_FOUND, "NOT_FOUND", "nothing_here").speaking(&headers).into_response()
}

/// The pages are read only.
async fn not_this_way(headers: HeaderMap) -> Response {
    let error = HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", "method");
    error.header(ALLOW, HeaderValue::from_static("GET, HEAD")).speaking(&headers).into_response()
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
