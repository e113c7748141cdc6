//! The sockets, as a client has them.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use futures::{SinkExt, StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Sockets that are opened at the same time.
const AT_ONCE: usize = 16;
const LEVELS: &str = "subscription { enterpriseLevelChanged { cursor before after at enterprise { id name level } } }";

/// An event that arrived.
pub struct Heard {
    /// At which socket.
    pub socket: usize,
    /// When.
    pub at: Instant,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket for each token and subscribes; ready when all hear.
pub async fn open(address: &str, tokens: &[String]) -> anyhow::Result<Vec<Socket>> {
    let opening = stream::iter(tokens.to_vec()).map(|token| subscribed(address, token));
    opening.buffered(AT_ONCE).try_collect().await
}

async fn subscribed(address: &str, token: String) -> anyhow::Result<Socket> {
    let mut request = format!("ws://{address}/graphql").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
    let (mut socket, _) = connect_async(request).await?;
    let payload = json!({"authorization": format!("Bearer {token}")});
    for (message, answer) in [
        (json!({"type": "connection_init", "payload": payload}), "connection_ack"),
        (json!({"id": "1", "type": "subscribe", "payload": {"query": LEVELS}}), ""),
        // Answered behind it: from here on it hears.
        (json!({"type": "ping"}), "pong"),
    ] {
        socket.send(Message::text(message.to_string())).await?;
        if !answer.is_empty() {
            let said = next(&mut socket).await?;
            ensure!(said.get("type").is_some_and(|kind| kind == answer), "{said} in place of {answer}");
        }
    }
    Ok(socket)
}

async fn next(socket: &mut Socket) -> anyhow::Result<Value> {
    loop {
        match socket.next().await.context("the socket ended")?? {
            Message::Text(text) => return Ok(serde_json::from_str(&text)?),
            Message::Close(frame) => bail!("closed: {frame:?}"),
            _ => {}
        }
    }
}

/// Lets all sockets listen, each in a task; what comes is sent to the receiver, what should not come too.
pub fn listen(sockets: Vec<Socket>) -> (tokio::task::JoinSet<()>, mpsc::UnboundedReceiver<anyhow::Result<Heard>>) {
    let (told, heard) = mpsc::unbounded_channel();
    let mut listening = tokio::task::JoinSet::new();
    for (number, mut socket) in sockets.into_iter().enumerate() {
        let told = told.clone();
        listening.spawn(async move {
            loop {
                let said = next(&mut socket).await;
                let at = Instant::now();
                let said = said.and_then(|said| match said.pointer("/payload/data/enterpriseLevelChanged/cursor") {
                    Some(Value::String(_)) => Ok(Heard { socket: number, at }),
                    _ => bail!("unexpected: {said}"),
                });
                let failed = said.is_err();
                if told.send(said).is_err() || failed {
                    return;
                }
            }
        });
    }
    (listening, heard)
}

/// Takes so many events.
///
/// # Errors
/// One is missing, or something else came.
pub async fn take(
    heard: &mut mpsc::UnboundedReceiver<anyhow::Result<Heard>>,
    count: usize,
) -> anyhow::Result<Vec<Heard>> {
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        let next = tokio::time::timeout(Duration::from_secs(30), heard.recv()).await;
        let next = next.with_context(|| format!("{} of {count} events came", taken.len()))?;
        taken.push(next.context("nobody listens")??);
    }
    Ok(taken)
}
