//! The server's addresses and what every request passes on its way.

pub mod address;
mod answer;
mod bill;
mod caching;
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
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::header::{ALLOW, ETAG, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app::App;
use crate::clock::new_id;
use crate::config;
use crate::graphql::documents::{Documents, Trusted};
use crate::http::graphql::{Gate, HttpError, Settings};
use crate::http::tally::Tally;
use crate::schema::{self, Executor};

pub use serve::serve;

/// Carries the id of a request in and out.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Version of the server.
const VERSION: HeaderName = HeaderName::from_static("x-osh-version");
/// Fingerprint of the schema.
const SCHEMA: HeaderName = HeaderName::from_static("x-osh-schema");
/// Chooses one of several memberships.
const MEMBERSHIP: &str = "x-osh-membership";

/// What the handlers share.
#[derive(Clone)]
pub struct Web {
    /// The server.
    pub app: App,
    /// The schema with its resolvers.
    pub schema: Executor,
    gate: Arc<Gate>,
    tally: Arc<Tally>,
    draining: Arc<AtomicBool>,
    live: Arc<live::Live>,
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
        let live = Arc::new(live::Live::new(&app.config.realtime));
        Self {
            schema: Executor::new(app.clone()),
            tally: Arc::new(Tally::new(app.config.telemetry.operation_names, schema::deprecations())),
            app,
            gate: Arc::new(Gate { settings, limits, documents, body_limit, time_limit }),
            draining: Arc::default(),
            live,
        }
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

    /// All addresses.
    pub fn router(self) -> Router {
        let mut router = Router::new()
            .route("/", get(pages::welcome))
            .route("/docs/{page}", get(pages::manual))
            .route("/graphql", any(answer_graphql))
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
        let origins = cors(&self.app.config.http.allowed_origins);
        let hops = self.app.config.http.trusted_hops;
        router
            .fallback(nothing_here)
            .method_not_allowed_fallback(not_this_way)
            // One stack: each layer of a router of its own would box every request once more.
            .layer(
                ServiceBuilder::new()
                    .map_request(move |request: Request| address::known(request, hops))
                    .layer(SetResponseHeaderLayer::overriding(
                        VERSION,
                        HeaderValue::from_static(env!("CARGO_PKG_VERSION")),
                    ))
                    .layer(SetResponseHeaderLayer::overriding(SCHEMA, HeaderValue::from_static(schema::fingerprint())))
                    .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
                    .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                    .layer(origins)
                    .layer(CatchPanicLayer::custom(panicked))
                    .layer(CompressionLayer::new()),
            )
            .with_state(self)
    }
}

async fn answer_graphql(State(web): State<Web>, request: Request) -> Response {
    // Before anything is read: it costs nothing to ask wrongly.
    if let Err(error) = bill::is_cost_only(request.headers()) {
        return error.speaking(request.headers()).into_response();
    }
    // In boxes: what a plain question does not use would be copied with it.
    if socket::is_wanted(&request) {
        return Box::pin(socket::upgrade(web, request)).await;
    }
    if stream::is_wanted(request.headers()) {
        return Box::pin(stream::serve(web, request)).await;
    }
    let gate = web.gate.clone();
    graphql::serve(request, &gate, |parts, prepared| answer::execute(web, parts, prepared)).await
}

async fn nothing_here(headers: HeaderMap) -> Response {
    HttpError::new(StatusCode::NOT_FOUND, "NOT_FOUND", "nothing_here").speaking(&headers).into_response()
}

/// The pages are read only.
async fn not_this_way(headers: HeaderMap) -> Response {
    let error = HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", "method");
    error.header(ALLOW, HeaderValue::from_static("GET, HEAD")).speaking(&headers).into_response()
}

/// A panic outside of GraphQL; in it, it is answered in the caller's language.
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response {
    HttpError::panicked(&*payload).into_response()
}

fn cors(origins: &[String]) -> CorsLayer {
    let allowed = match origins {
        [any] if any == "*" => AllowOrigin::any(),
        list => AllowOrigin::list(list.iter().filter_map(|origin| HeaderValue::from_str(origin).ok())),
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([http::Method::GET, http::Method::POST])
        .allow_headers([
            http::header::AUTHORIZATION,
            http::header::CONTENT_TYPE,
            http::header::ACCEPT_LANGUAGE,
            http::header::IF_NONE_MATCH,
            HeaderName::from_static(MEMBERSHIP),
            bill::COST,
            HeaderName::from_static(graphql::CLIENT),
            REQUEST_ID,
        ])
        .expose_headers([REQUEST_ID, VERSION, SCHEMA, RETRY_AFTER, ETAG])
        .max_age(Duration::from_secs(3600))
}

/// A new id for each request; one that came along is kept by the layer and judged where it is shown.
#[derive(Clone, Copy)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&new_id().simple().to_string()).ok().map(RequestId::new)
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
