//! GraphQL over WebSocket: who may open one, and how it is opened.

mod protocol;
mod session;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HOST, ORIGIN, UPGRADE};
use http::{HeaderMap, Method, StatusCode, Uri};

use crate::http::graphql::{CLIENT, HttpError};
use crate::http::{MEMBERSHIP, REQUEST_ID, Web};
use protocol::PROTOCOL;
use session::Session;

/// Room for what arrives: messages are short, and there are many sockets.
const READ_BYTES: usize = 2 * 1024;

/// Whether a request asks for a WebSocket.
pub fn is_wanted(request: &Request) -> bool {
    let upgrade = request.headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    request.method() == Method::GET && upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Opens a socket, unless a browser asks from a foreign page or there is no room.
pub async fn upgrade(web: Web, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    if !is_origin_allowed(&parts.headers, &web.app.config.http.allowed_origins) {
        return HttpError::new(StatusCode::FORBIDDEN, "BAD_REQUEST", "origin").speaking(&parts.headers).into_response();
    }
    let Some(place) = web.live.places.enter(parts.extensions.get().copied()) else {
        let error = HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "sockets");
        return error.speaking(&parts.headers).into_response();
    };
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            let error = HttpError::new(rejection.status(), "BAD_REQUEST", "upgrade");
            return error.speaking(&parts.headers).into_response();
        }
    };
    let largest = web.app.config.realtime.frame_bytes;
    let headers = kept(&parts.headers);
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_message_size(largest)
        .max_frame_size(largest)
        .on_upgrade(move |socket| Session::new(web, headers, place).run(socket))
}

/// What is known of a client by the headers of its upgrade.
fn kept(headers: &HeaderMap) -> HeaderMap {
    let own = [MEMBERSHIP, CLIENT].map(http::HeaderName::from_static);
    let names = [AUTHORIZATION, ACCEPT_LANGUAGE, REQUEST_ID].into_iter().chain(own);
    let mut kept = HeaderMap::with_capacity(5);
    for name in names {
        for value in headers.get_all(&name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// A browser says from which page it asks, and lets any page open a socket anywhere; what is no browser says nothing.
fn is_origin_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else { return false };
    let listed = allowed.iter().any(|known| known == "*" || known == origin);
    let own = headers.get(HOST).and_then(|host| host.to_str().ok());
    listed || own.is_some_and(|own| is_same_host(origin, own))
}

fn is_same_host(origin: &str, host: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let port = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let with_port = |authority: &str| match authority.parse::<http::uri::Authority>() {
        Ok(authority) => Some((authority.host().to_ascii_lowercase(), authority.port_u16().unwrap_or(port))),
        Err(_) => None,
    };
    uri.authority()
        .is_some_and(|authority| with_port(authority.as_str()) == with_port(host) && with_port(host).is_some())
}
