//! GraphQL over server-sent events, distinct connections mode: one request, a stream of `next` and one `complete`.

use std::convert::{Infallible, identity};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Answer, ServerError};
use axum::extract::Request;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, BoxStream, StreamExt};
use http::header::{CACHE_CONTROL, HeaderValue, VARY};
use http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use crate::http::bill::Means;
use crate::http::graphql::{
    HttpError, Incoming, MediaType, VARY_ON, Wants, accepts, caught, content, extract, negotiate, refusal, respond,
};
use crate::http::live::{self, Said, Subscription};
use crate::http::places::Place;
use crate::http::{Web, answer, bill, words};

/// Whether the client takes an event stream.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    accepts(headers, "text/event-stream")
}

/// Answers a request whose client takes an event stream: a subscription as one, anything else too unless the client
/// also takes JSON.
pub async fn serve(web: Web, request: Request) -> Response {
    let settings = &web.gate.settings;
    let json = negotiate(request.headers(), settings.default_media_type).is_some();
    let wants = Wants::of(request.headers(), settings)
        .unwrap_or_else(|error| Wants { media_type: MediaType::Json, ..error.wants });
    let answered = caught(Box::pin(answer(&web, request, &wants, json))).await.and_then(identity);
    answered.unwrap_or_else(|error| error.wanted(&wants).into_response())
}

async fn answer(web: &Web, request: Request, wants: &Wants, json: bool) -> Result<Response, HttpError> {
    let incoming = timeout(web.gate.body_limit, extract(request, wants.clone(), &web.gate.settings)).await;
    let incoming = incoming.map_err(|_| HttpError::late())??;
    let answered = timeout(web.gate.time_limit, begin(web, incoming, wants, json)).await;
    answered.map_err(|_| HttpError::slow())?
}

async fn begin(web: &Web, incoming: Incoming, wants: &Wants, json: bool) -> Result<Response, HttpError> {
    let (parts, prepared) = incoming.prepare(&web.gate, web).await?;
    let means = Means::of(&parts);
    match prepared {
        Ok(prepared) if prepared.operation == OperationType::Subscription => {
            if bill::is_cost_only(&parts.headers)? {
                return Ok(single(live::price(web, &parts.headers, &means, prepared).await, wants));
            }
            let full = || HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "sockets");
            let mut place = web.live.places.enter(means.address()).ok_or_else(full)?;
            let person =
                answer::actor(web, &parts.headers).await.ok().and_then(|it| it.person.as_ref().map(|it| it.id));
            if person.is_some_and(|person| !place.belongs_to(person)) {
                return Err(full());
            }
            let opened = live::open(web, (Arc::new(parts.headers), means), prepared).await;
            Ok(match opened {
                Ok(subscription) => events(running(web, subscription, place, wants.request_id.clone())),
                Err(errors) => {
                    let failed = failed(errors, wants.request_id.as_deref());
                    events(stream::iter([failed, complete()]).boxed())
                }
            })
        }
        prepared => {
            let answered = answer::execute(web, parts, prepared).await?;
            Ok(if json { respond(wants, answered) } else { single(answered, wants) })
        }
    }
}

/// One answer and the end.
fn single(mut answer: Answer, wants: &Wants) -> Response {
    let body = content(&mut answer, wants.request_id.as_deref()).unwrap_or_default();
    let next = next(&String::from_utf8_lossy(&body));
    events(stream::iter([next, complete()]).boxed())
}

fn running(
    web: &Web,
    subscription: Subscription,
    place: Place,
    request_id: Option<String>,
) -> BoxStream<'static, Event> {
    let language = subscription.language();
    let mut closing = web.live.places.closing();
    let stopped = async move {
        let _ = closing.wait_for(|closing| *closing).await;
    };
    let said = stream::unfold((subscription, place), |(mut subscription, place)| async move {
        let said = subscription.next().await?;
        Some((said, (subscription, place)))
    });
    let events = said.map(move |said| match said {
        Said::Next(answer) => next(&answer),
        Said::Failed(errors) => failed(errors, request_id.as_deref()),
        Said::SignedOut => {
            let error = crate::error::Error::new(crate::error::Code::Unauthenticated);
            let mut errors = vec![answer::to_server_error(error)];
            words::tell(&mut errors, language);
            failed(errors, request_id.as_deref())
        }
    });
    // Without the last word a client knows that it was not the end, and comes back.
    events.chain(stream::iter([complete()])).take_until(Box::pin(stopped)).boxed()
}

fn failed(errors: Vec<ServerError>, request_id: Option<&str>) -> Event {
    next(&String::from_utf8_lossy(&refusal(errors, request_id).unwrap_or_default()))
}

fn next(answer: &str) -> Event {
    Event::default().event("next").data(answer)
}

fn complete() -> Event {
    Event::default().event("complete").data("")
}

fn events(events: BoxStream<'static, Event>) -> Response {
    // Comments keep a balancer from taking silence for the end.
    let alive = KeepAlive::new().interval(Duration::from_secs(12));
    let mut response = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(alive).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().append(VARY, VARY_ON);
    response
}
