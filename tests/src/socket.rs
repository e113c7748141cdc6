//! The server on a port of its own, and clients of graphql-transport-ws.

use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::app::TestApp;
use crate::leak;
use crate::user::User;

/// A test that waits for what never comes must end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that can be reached; goes with this value.
pub struct Served {
    /// Where.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestApp {
    /// Opens a port.
    pub async fn serve(&self) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (front, http) = (self.web.clone().front(), self.app.config.http.clone());
        let serve = async move { api::http::serve(listener, front, &http, std::future::pending()).await };
        Served { address, task: tokio::spawn(serve) }
    }
}

impl Served {
    /// A socket with these headers, or the status with which it is refused.
    pub async fn dial(&self, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        let mut request = format!("ws://{}/graphql", self.address).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().expect("a header"));
        }
        self.upgrade(request, TcpStream::connect(self.address).await.expect("a connection")).await
    }

    /// A socket of somebody whose machine takes little before it is read.
    pub async fn open_narrow(&self, user: &User<'_>) -> Socket {
        let mut request = format!("ws://{}/graphql", self.address).into_client_request().expect("a request");
        request.headers_mut().append(Socket::PROTOCOL.0, Socket::PROTOCOL.1.parse().expect("a header"));
        let narrow = TcpSocket::new_v4().expect("a socket");
        narrow.set_recv_buffer_size(4_096).expect("a size");
        let stream = narrow.connect(self.address).await.expect("a connection");
        let mut socket = self.upgrade(request, stream).await.expect("a socket");
        assert_eq!(socket.greet(user).await["type"], "connection_ack");
        socket
    }

    async fn upgrade(&self, request: Request, stream: TcpStream) -> Result<Socket, u16> {
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A socket that has not said who it is.
    pub async fn open(&self) -> Socket {
        self.dial(&[Socket::PROTOCOL]).await.expect("a socket")
    }

    /// A socket of somebody.
    pub async fn open_as(&self, user: &User<'_>) -> Socket {
        let mut socket = self.open().await;
        assert_eq!(socket.greet(user).await["type"], "connection_ack");
        socket
    }
}

/// A client that reads when it is told to.
pub struct Socket(pub WebSocketStream<TcpStream>);

fn heard(text: &str) -> Value {
    let json: Value = serde_json::from_str(text).expect("JSON");
    leak::refuse(json["type"] == "error", text, &json["payload"]);
    json
}

impl Socket {
    /// The header that every client sends.
    pub const PROTOCOL: (&'static str, &'static str) = ("sec-websocket-protocol", "graphql-transport-ws");

    /// Says who it is and hears the answer.
    pub async fn greet(&mut self, user: &User<'_>) -> Value {
        let payload = match user.token() {
            Some(token) => json!({"authorization": format!("Bearer {token}"), "Accept-Language": "en"}),
            None => json!({"Accept-Language": "en"}),
        };
        self.say(json!({"type": "connection_init", "payload": payload})).await;
        self.hear().await
    }

    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Sends anything.
    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("an open socket");
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.say(json!({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}})).await;
    }

    /// What has been sent before is taken, once this comes back.
    pub async fn settle(&mut self) {
        self.say(json!({"type": "ping"})).await;
        assert_eq!(self.hear().await, json!({"type": "pong"}));
    }

    /// The next message; `{"close": code, "reason": text}` at the end.
    pub async fn hear(&mut self) -> Value {
        // Pings come also when nothing else does.
        tokio::time::timeout(PATIENCE, self.read()).await.expect("nothing more is heard")
    }

    async fn read(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some(Message::Text(text)) => return heard(&text),
                Some(Message::Close(Some(frame))) => {
                    return json!({"close": u16::from(frame.code), "reason": frame.reason.as_str()});
                }
                Some(Message::Close(None)) | None => return json!({"close": null}),
                Some(_) => {}
            }
        }
    }

    /// The next frame, of whatever kind.
    pub async fn frame(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing more is heard");
        next.map(|frame| frame.expect("a frame"))
    }

    /// The code of the close frame; what comes before it is not looked at.
    pub async fn closed(&mut self) -> u16 {
        loop {
            let heard = self.hear().await;
            if let Some(code) = heard.get("close") {
                return code.as_u64().and_then(|code| u16::try_from(code).ok()).expect("a code");
            }
        }
    }

    /// The payload of the next message, which must be a `next` of this operation.
    pub async fn told(&mut self, id: &str) -> Value {
        let heard = self.hear().await;
        assert_eq!((&heard["type"], &heard["id"]), (&json!("next"), &json!(id)), "{heard}");
        heard["payload"].clone()
    }

    /// The answer to a query.
    pub async fn ask(&mut self, query: &str) -> Value {
        self.subscribe("ask", query, json!({})).await;
        let answer = self.told("ask").await;
        assert_eq!(self.hear().await, json!({"id": "ask", "type": "complete"}));
        answer
    }

    /// The errors with which an operation is refused.
    pub async fn refused(&mut self, id: &str) -> Value {
        let heard = self.hear().await;
        assert_eq!((&heard["type"], &heard["id"]), (&json!("error"), &json!(id)), "{heard}");
        heard["payload"].clone()
    }

    /// A ping of the protocol below.
    pub fn low_ping() -> Message {
        Message::Ping(Bytes::new())
    }
}
