//! One WebSocket from its opening to its end. Everything runs in one task, which sends one message after the other: a
//! client that does not read is not sent to, and what it has not heard waits in the log, not in memory.

use std::collections::HashMap;
use std::convert::identity;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::ServerError;
use async_graphql::parser::types::OperationType;
use axum::extract::ws::{Message, WebSocket};
use domain::localized::Language;
use futures::stream::{self, AbortHandle, BoxStream, SelectAll, StreamExt};
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Map, Value as Json};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tungstenite::error::CapacityError;

use crate::error::Code;
use crate::graphql::guard::Refusal;
use crate::http::bill::{Means, Points};
use crate::http::graphql::{
    CLIENT, HttpError, Prepared, Wants, caught, content, incoming, is_request_error, request_id,
};
use crate::http::live::{self, Said};
use crate::http::places::Place;
use crate::http::socket::protocol::{self, Close, FromClient, PROTOCOL};
use crate::http::{MEMBERSHIP, Web, answer, bill, header, words};

/// What an operation says next; `None` when it has completed.
type Saying = (Arc<str>, Option<Said>);

/// The state of a socket.
pub struct Session {
    web: Web,
    headers: Arc<HeaderMap>,
    place: Place,
    /// Of our own texts: as asked for, else the person's.
    language: Language,
    acknowledged: bool,
    running: SelectAll<BoxStream<'static, Saying>>,
    ids: HashMap<Arc<str>, AbortHandle>,
}

impl Session {
    /// A socket that has just been opened.
    pub fn new(web: Web, headers: HeaderMap, place: Place) -> Self {
        let (running, ids) = (SelectAll::new(), HashMap::new());
        let (headers, language) = (Arc::new(headers), Language::default());
        Self { web, headers, place, language, acknowledged: false, running, ids }
    }

    /// Serves it to its end.
    pub async fn run(mut self, mut socket: WebSocket) {
        let spoken = socket.protocol().and_then(|protocol| protocol.to_str().ok());
        let end = match spoken {
            Some(PROTOCOL) => self.talk(&mut socket).await,
            _ => Err(Close::subprotocol()),
        };
        // A client that reads nothing does not read this either.
        let patience = Duration::from_secs(1);
        if let Err(close) = end {
            let frame = Message::Close(Some(close.frame()));
            let _ = timeout(patience, socket.send(frame)).await;
        }
        // Its answer to our close frame; or ours to its own, which goes out when one reads on.
        let _ = timeout(patience, socket.recv()).await;
    }

    async fn talk(&mut self, socket: &mut WebSocket) -> Result<(), Close> {
        let config = &self.web.app.config.realtime;
        let silence = Duration::from_secs(config.ping_seconds);
        let greeting = Box::pin(sleep(Duration::from_secs(config.init_timeout_seconds)));
        tokio::pin!(greeting);
        let mut looks = interval(Duration::from_secs(1));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut heard, mut pinged) = (Instant::now(), Instant::now());
        let mut closing = self.web.live.places.closing();
        let stopping = async move { drop(closing.wait_for(|closing| *closing).await) };
        tokio::pin!(stopping);
        loop {
            tokio::select! {
                message = socket.recv() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => tokio::select! {
                            taken = Box::pin(self.take(socket, text.as_str())) => taken?,
                            // Also while the database does not answer.
                            () = &mut stopping => return Err(Close::going_away()),
                        },
                        Some(Ok(Message::Binary(_))) => return Err(Close::bad_request("Invalid message received")),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Err(error)) if is_too_large(&error) => return Err(Close::too_large()),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                    }
                }
                Some((id, said)) = self.running.next(), if !self.running.is_empty() => {
                    Box::pin(self.say(socket, id, said)).await?;
                }
                () = &mut greeting, if !self.acknowledged => return Err(Close::init_timeout()),
                _ = looks.tick() => {
                    live::still_signed_in(&self.web, &self.headers).map_err(|_| Close::forbidden())?;
                    if heard.elapsed() > silence * 2 {
                        return Ok(());
                    }
                    if pinged.elapsed() >= silence {
                        pinged = Instant::now();
                        self.send(socket, Message::Ping(Default::default())).await?;
                    }
                }
                () = &mut stopping => return Err(Close::going_away()),
            }
        }
    }

    async fn send(&mut self, socket: &mut WebSocket, message: Message) -> Result<(), Close> {
        let limit = Duration::from_secs(self.web.app.config.realtime.send_timeout_seconds);
        match timeout(limit, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Close::going_away()),
            Err(_) => Err(Close::try_later("Too slow")),
        }
    }

    async fn write(&mut self, socket: &mut WebSocket, text: String) -> Result<(), Close> {
        self.send(socket, Message::Text(text.into())).await
    }

    async fn say(&mut self, socket: &mut WebSocket, id: Arc<str>, said: Option<Said>) -> Result<(), Close> {
        match said {
            Some(Said::Next(payload)) => self.write(socket, protocol::about(&id, "next", Some(&payload))).await,
            Some(Said::Failed(errors)) => {
                self.end(&id);
                let errors = self.errors(errors);
                self.write(socket, protocol::about(&id, "error", Some(&errors))).await
            }
            Some(Said::SignedOut) => Err(Close::forbidden()),
            None => {
                self.end(&id);
                self.write(socket, protocol::about(&id, "complete", None)).await
            }
        }
    }

    fn end(&mut self, id: &str) {
        if let Some(handle) = self.ids.remove(id) {
            handle.abort();
        }
    }

    async fn take(&mut self, socket: &mut WebSocket, text: &str) -> Result<(), Close> {
        match FromClient::read(text)? {
            FromClient::Init(_) if self.acknowledged => Err(Close::too_many_inits()),
            FromClient::Init(payload) => {
                self.greet(payload).await?;
                self.acknowledged = true;
                self.write(socket, protocol::ack()).await
            }
            FromClient::Ping(payload) => self.write(socket, protocol::pong(payload)).await,
            FromClient::Pong => Ok(()),
            FromClient::Subscribe { .. } if !self.acknowledged => Err(Close::unauthorized()),
            FromClient::Subscribe { id, .. } if self.ids.contains_key(id.as_str()) => Err(Close::duplicate(&id)),
            FromClient::Subscribe { id, parameters } => {
                let id: Arc<str> = id.into();
                let language = self.language;
                let begun = caught(self.begin(&id, parameters)).await;
                let fault = |error: HttpError| Err(vec![error.in_language(language).to_server_error()]);
                match begun.unwrap_or_else(fault) {
                    Ok(()) => Ok(()),
                    Err(errors) => {
                        let errors = self.errors(errors);
                        self.write(socket, protocol::about(&id, "error", Some(&errors))).await
                    }
                }
            }
            FromClient::Complete(id) => {
                self.end(&id);
                Ok(())
            }
        }
    }

    /// Who it is: what the payload says counts before what the upgrade said.
    async fn greet(&mut self, payload: Map<String, Json>) -> Result<(), Close> {
        let mut headers = HeaderMap::clone(&self.headers);
        for (name, value) in payload {
            let known =
                [MEMBERSHIP, CLIENT].map(HeaderName::from_static).into_iter().chain([AUTHORIZATION, ACCEPT_LANGUAGE]);
            let Some(name) = known.into_iter().find(|known: &HeaderName| name.eq_ignore_ascii_case(known.as_str()))
            else {
                continue;
            };
            let value =
                value.as_str().and_then(|text| HeaderValue::try_from(text).ok()).ok_or_else(Close::forbidden)?;
            headers.insert(name, value);
        }
        self.headers = Arc::new(headers);
        let limit = Duration::from_secs(self.web.app.config.http.request_timeout_seconds);
        let actor = match timeout(limit, answer::actor(&self.web, &self.headers)).await {
            Ok(Ok(actor)) => actor,
            Ok(Err(error)) if error.code != Code::Unavailable => return Err(Close::forbidden()),
            _ => return Err(Close::try_later("Unavailable")),
        };
        let asked = header(&self.headers, "accept-language").map(Language::parse_accept);
        self.language = asked.or(actor.person.as_ref().map(|person| person.language)).unwrap_or_default();
        match &actor.person {
            Some(person) if !self.place.belongs_to(person.id) => Err(Close::try_later("Too many sockets")),
            _ => Ok(()),
        }
    }

    /// What an operation over this socket would have as the head of a request.
    fn parts(&self) -> Parts {
        // Nobody keeps an answer over a socket: it says what it cost.
        let mut parts = Request::new(()).into_parts().0;
        parts.method = Method::POST;
        parts.headers = HeaderMap::clone(&self.headers);
        self.place.address().map(|address| parts.extensions.insert(address));
        parts
    }

    /// Starts an operation.
    async fn begin(&mut self, id: &Arc<str>, parameters: Map<String, Json>) -> Result<(), Vec<ServerError>> {
        let most = self.web.app.config.realtime.operations_per_socket;
        if self.ids.len() >= most {
            let most = u64::try_from(most).unwrap_or(u64::MAX);
            let refusal = Refusal::limit("operations_per_socket", most, most.saturating_add(1));
            return Err(self.told(vec![refusal.into()]));
        }
        let web = self.web.clone();
        let wants = Wants::of(&HeaderMap::new(), &web.gate.settings).map_err(|error| vec![error.to_server_error()])?;
        let language = self.language;
        let failed = move |error: HttpError| vec![error.in_language(language).to_server_error()];
        let incoming = incoming(self.parts(), wants, parameters).map_err(failed)?;
        let (parts, prepared) = incoming.prepare(&web.gate, &web).await.map_err(failed)?;
        let stream = match prepared {
            Ok(prepared) if prepared.operation == OperationType::Subscription => {
                let subscription = live::open(&web, (self.headers.clone(), Means::of(&parts)), prepared).await?;
                stream::unfold(subscription, |mut subscription| async move {
                    let said = subscription.next().await?;
                    Some((said, subscription))
                })
                .boxed()
            }
            // What changes something comes over HTTP.
            Ok(prepared) if prepared.operation == OperationType::Mutation => {
                self.pay_for_a_refusal(&Means::of(&parts)).await?;
                return Err(failed(HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", "method")));
            }
            prepared => stream::once(async move { asked(&web, parts, prepared, language).await }).boxed(),
        };
        let named = id.clone();
        let said = stream.map(Some).chain(stream::iter([None])).map(move |said| (named.clone(), said));
        let (said, handle) = stream::abortable(said);
        self.ids.insert(id.clone(), handle);
        self.running.push(said.boxed());
        Ok(())
    }

    async fn pay_for_a_refusal(&mut self, means: &Means) -> Result<(), Vec<ServerError>> {
        let payer = answer::actor(&self.web, &self.headers).await.unwrap_or_default();
        let charged = bill::charge(&self.web, &payer, means, Points::refused()).await;
        charged.map(drop).map_err(|(refused, _)| self.told(refused.errors))
    }

    /// Errors in the language of the client.
    fn told(&self, mut errors: Vec<ServerError>) -> Vec<ServerError> {
        words::tell(&mut errors, self.language);
        errors
    }

    /// Errors as JSON, each complete.
    fn errors(&self, errors: Vec<ServerError>) -> String {
        let mut response = async_graphql::Response::from_errors(errors);
        let _ = content(&mut response, request_id(&self.headers));
        serde_json::to_string(&response.errors).unwrap_or_else(|_| "[]".to_owned())
    }
}

/// The one answer of what is no subscription.
async fn asked(web: &Web, parts: Parts, prepared: Result<Prepared, Refusal>, language: Language) -> Said {
    let id = request_id(&parts.headers).map(str::to_owned);
    match caught(answer::execute(web, parts, prepared)).await.and_then(identity) {
        Ok(response) if is_request_error(&response) => Said::Failed(response.errors),
        Ok(mut response) => Said::Next(text_of(&mut response, id.as_deref())),
        Err(error) => Said::Failed(vec![error.in_language(language).to_server_error()]),
    }
}

/// Whether a message was longer than allowed.
fn is_too_large(error: &axum::Error) -> bool {
    let error = error.source().and_then(|error| error.downcast_ref::<tungstenite::Error>());
    matches!(error, Some(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })))
}

fn text_of(response: &mut async_graphql::Response, request_id: Option<&str>) -> Arc<str> {
    let bytes = content(response, request_id).unwrap_or_default();
    Arc::from(String::from_utf8(bytes).unwrap_or_default())
}
