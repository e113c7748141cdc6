//! What every request passes on its way in and out, whatever its address.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};
use http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HeaderName, HeaderValue,
    ORIGIN, RETRY_AFTER, VARY,
};
use http::{Method, Version};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_http::compression::{Compression, CompressionLayer};
use tower_http::cors::{AllowOrigin, Cors, CorsLayer};

use crate::clock::new_id;
use crate::http::graphql::{CLIENT, caught, request_id};
use crate::http::{MEMBERSHIP, REQUEST_ID, Web, bill};
use crate::schema;

/// Where GraphQL is spoken.
const GRAPHQL: &str = "/graphql";
/// Version of the server.
const VERSION: HeaderName = HeaderName::from_static("x-osh-version");
/// Fingerprint of the schema.
const SCHEMA: HeaderName = HeaderName::from_static("x-osh-schema");

/// The whole server as one service; cloning is cheap.
///
/// Not a layer for each thing that is done: GraphQL's least query spent a tenth of its time in them.
#[derive(Clone)]
pub struct Front {
    inside: Inside,
    /// What an answer may need, around the same addresses.
    layers: Arc<Compression<Cors<Inside>>>,
    /// Whether answers depend on the page that asks: not where every page may.
    by_origin: bool,
}

impl Front {
    /// All addresses of the server behind it.
    pub(super) fn new(web: Web) -> Self {
        let origins = &web.app.config.http.allowed_origins;
        let (by_origin, origins) = (!is_any(origins), cors(origins));
        let inside = Inside(Arc::new(Addresses { pages: web.clone().pages(), web }));
        let layers = ServiceBuilder::new().layer(CompressionLayer::new()).layer(origins).service(inside.clone());
        Self { inside, layers: Arc::new(layers), by_origin }
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let seal = Seal::of(&mut request, self.by_origin);
        // Where every page may ask, every answer says so, also to those who keep it for others.
        if !self.by_origin || needs_layers(&request) {
            let layers = Compression::clone(&self.layers);
            return Box::pin(layers.oneshot(request).map_ok(|answer| seal.put(answer.map(Body::new))));
        }
        let addresses = self.inside.0.clone();
        Box::pin(async move { Ok(seal.put(addresses.answer(request).await)) })
    }
}

/// Whether an answer may have to be compressed, or to say to pages of which sites it may be shown.
fn needs_layers(request: &Request) -> bool {
    let asks = |header| request.headers().contains_key(header);
    request.uri().path() != GRAPHQL || request.method() == Method::OPTIONS || asks(ORIGIN) || asks(ACCEPT_ENCODING)
}

/// What every answer bears.
struct Seal {
    id: HeaderValue,
    /// Whether only the head of the answer is wanted.
    is_head: bool,
    version: Version,
    by_origin: bool,
}

impl Seal {
    /// Gives a request its id, if it has none.
    fn of(request: &mut Request, by_origin: bool) -> Self {
        let (is_head, version) = (request.method() == Method::HEAD, request.version());
        Self { id: identified(request), is_head, version, by_origin }
    }

    fn put(self, mut answer: Response) -> Response {
        if self.is_head {
            let length = answer.body().size_hint().exact().filter(|_| !answer.headers().contains_key(CONTENT_ENCODING));
            length.map(|length| answer.headers_mut().insert(CONTENT_LENGTH, length.into()));
            *answer.body_mut() = Body::empty();
        }
        let headers = answer.headers_mut();
        if self.version == Version::HTTP_2 {
            // There, streams are closed, not connections.
            headers.remove(CONNECTION);
        }
        headers.insert(VERSION, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
        headers.insert(SCHEMA, HeaderValue::from_static(schema::fingerprint()));
        headers.insert(REQUEST_ID, self.id);
        if self.by_origin {
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
        answer
    }
}

/// The addresses as a service, for layers around them.
#[derive(Clone)]
struct Inside(Arc<Addresses>);

struct Addresses {
    web: Web,
    pages: Router,
}

impl Service<Request> for Inside {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let addresses = self.0.clone();
        Box::pin(async move { Ok(addresses.answer(request).await) })
    }
}

impl Addresses {
    async fn answer(&self, request: Request) -> Response {
        let said = [ACCEPT_LANGUAGE, REQUEST_ID].map(|name| (request.headers().get(&name).cloned(), name));
        unharmed(said, async {
            match request.uri().path() {
                GRAPHQL => self.web.graphql(request).await,
                _ => self.pages.clone().oneshot(request).await.unwrap_or_else(|never| match never {}),
            }
        })
        .await
    }
}

/// The answer, also when there was a panic outside of GraphQL: in the language and with the id that the request said.
fn unharmed(
    said: [(Option<HeaderValue>, HeaderName); 2],
    answer: impl Future<Output = Response>,
) -> impl Future<Output = Response> {
    caught(answer).map(|caught| {
        caught.unwrap_or_else(|error| {
            let said = said.into_iter().filter_map(|(value, name)| Some((name, value?)));
            error.speaking(&said.collect()).into_response()
        })
    })
}

/// The id of a request: the one that came along if it looks like one, else a new one, which it has from now on.
fn identified(request: &mut Request) -> HeaderValue {
    let known = request_id(request.headers()).and_then(|_| request.headers().get(REQUEST_ID)).cloned();
    known.unwrap_or_else(|| {
        let mut digits = [0; uuid::fmt::Simple::LENGTH];
        let id = HeaderValue::from_str(new_id().simple().encode_lower(&mut digits));
        // Digits are always a header.
        let id = id.unwrap_or(HeaderValue::from_static("-"));
        request.headers_mut().insert(REQUEST_ID, id.clone());
        id
    })
}

fn is_any(origins: &[String]) -> bool {
    origins.len() == 1 && origins.iter().all(|origin| origin == "*")
}

fn cors(origins: &[String]) -> CorsLayer {
    let listed = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    let allowed = if is_any(origins) { AllowOrigin::any() } else { AllowOrigin::list(listed) };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            http::header::AUTHORIZATION,
            http::header::CONTENT_TYPE,
            http::header::ACCEPT_LANGUAGE,
            http::header::IF_NONE_MATCH,
            HeaderName::from_static(MEMBERSHIP),
            bill::COST,
            HeaderName::from_static(CLIENT),
            REQUEST_ID,
        ])
        .expose_headers([REQUEST_ID, VERSION, SCHEMA, RETRY_AFTER, ETAG])
        .max_age(Duration::from_secs(3600))
        // Said of every answer.
        .vary([])
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_in_the_language_and_with_the_id_of_its_request() {
        let said =
            [(Some(HeaderValue::from_static("ru")), ACCEPT_LANGUAGE), (Some("mine".parse().unwrap()), REQUEST_ID)];
        let answer = unharmed(said, async { panic!("a fault of ours") }).await;
        assert_eq!(answer.status(), 500);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let error = &serde_json::from_slice::<serde_json::Value>(&body).unwrap()["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["extensions"]["requestId"]),
            (&"INTERNAL".into(), &"mine".into())
        );
        assert!(error["message"].as_str().unwrap().contains("Внутренняя"), "{error}");
    }
}
