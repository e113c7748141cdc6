//! Our own accept loop: `axum::serve` has no time limit for headers, and a client that never finishes them would hold
//! its connection for ever. Nor is there one for the first word of a connection, and for what a client does not take.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use http::Version;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower::{Service, service_fn};

use crate::config;
use crate::http::address::ClientAddress;

/// What a client of HTTP/2 begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Serves until `stop` is ready, then lets running requests finish within the drain time.
pub async fn serve<S>(listener: TcpListener, service: S, config: &config::Http, stop: impl Future<Output = ()>)
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static,
{
    let door = Door::new(listener, service, config);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (stream, peer, place) = door.knock() => door.admit(stream, peer, place),
        }
    }
    let drained = tokio::time::timeout(Duration::from_secs(config.drain_seconds), door.close()).await;
    if drained.is_err() {
        tracing::warn!("some connections did not finish in time");
    }
}

/// Where connections come in.
struct Door<S> {
    listener: TcpListener,
    service: S,
    protocols: Builder<TokioExecutor>,
    /// Proxies of ours that are believed.
    hops: usize,
    places: Arc<Semaphore>,
    inside: GracefulShutdown,
    /// Within which a client says its first word.
    greeting: Duration,
    /// Within which it takes something of an answer.
    taking: Duration,
}

impl<S> Door<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static,
{
    fn new(listener: TcpListener, service: S, config: &config::Http) -> Self {
        let places = Arc::new(Semaphore::new(config.max_connections));
        let [greeting, taking] = [config.header_timeout_seconds, config.write_timeout_seconds].map(Duration::from_secs);
        let (protocols, inside) = (protocols(config), GracefulShutdown::new());
        Self { listener, service, hops: config.trusted_hops, protocols, places, inside, greeting, taking }
    }

    /// The next client, once there is a place: a full house waits in the backlog of the socket, not in our memory.
    async fn knock(&self) -> (TcpStream, IpAddr, Option<OwnedSemaphorePermit>) {
        // The semaphore is never closed.
        let place = self.places.clone().acquire_owned().await.ok();
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => return (stream, peer.ip(), place),
                Err(error) => {
                    // Out of file descriptors: wait for some connection to end instead of spinning.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Serves a client in a task of its own, which keeps the place to its end.
    fn admit(&self, stream: TcpStream, peer: IpAddr, place: Option<OwnedSemaphorePermit>) {
        let _ = stream.set_nodelay(true);
        let (service, hops, busy) = (self.service.clone(), self.hops, Busy::default());
        let asked = busy.clone();
        let service = TowerToHyperService::new(service_fn(move |request: http::Request<_>| {
            let mut request = request.map(Body::new);
            let client = ClientAddress::of(peer, request.headers(), hops);
            request.extensions_mut().insert(client);
            let asked = (request.version() == Version::HTTP_2).then(|| asked.enter());
            // Always ready.
            let answer = service.clone().call(request);
            async move { answer.await.map(|answer| asked.into_iter().fold(answer, Asked::until_told)) }
        }));
        let (protocols, inside) = (self.protocols.clone(), self.inside.watcher());
        let (greeting, taking) = (self.greeting, self.taking);
        tokio::spawn(async move {
            if let Some(version) = spoken(&stream, greeting).await {
                let mut stream = TimeoutStream::new(stream);
                stream.set_write_timeout(Some(taking));
                let stream = TokioIo::new(Box::pin(stream));
                let connection = protocols.serve_connection_with_upgrades(stream, service).into_owned();
                tokio::select! {
                    // A client that goes away is not our fault.
                    _ = inside.watch(connection) => {}
                    () = busy.idle(greeting, PAUSE), if version == Version::HTTP_2 => {}
                }
            }
            drop(place);
        });
    }

    /// Lets nobody in any more and waits for those inside to get their answers.
    async fn close(self) {
        drop(self.listener);
        self.inside.shutdown().await;
    }
}

/// The requests on a connection of HTTP/2 that are not answered. There is a time limit for the next head on one of HTTP/1;
/// here a client could keep its place by answering pings.
#[derive(Clone, Default)]
struct Busy(watch::Sender<Counts>);

/// One of them.
struct Asked(watch::Sender<Counts>);

#[derive(Default)]
struct Counts {
    /// Requests so far: one that is answered at once is over before anybody looks.
    all: u64,
    /// Those that are not answered.
    running: usize,
}

/// Longest time between an answer and the next request on a connection of HTTP/2. Long: what was handed over of an answer
/// may still be on its way to a slow client.
const PAUSE: Duration = Duration::from_secs(300);

impl Busy {
    fn enter(&self) -> Asked {
        self.0.send_modify(|counts| {
            counts.all += 1;
            counts.running += 1;
        });
        Asked(self.0.clone())
    }

    /// Ready when nothing was asked for so long, at first and after an answer.
    async fn idle(&self, at_first: Duration, later: Duration) {
        let (mut counts, mut before, mut long) = (self.0.subscribe(), 0, at_first);
        while tokio::time::timeout(long, counts.wait_for(|counts| counts.all > before)).await.is_ok() {
            // We hold the other end: it does not fail.
            before = counts.wait_for(|counts| counts.running == 0).await.map_or(before, |counts| counts.all);
            long = later;
        }
    }
}

impl Asked {
    /// Lasts as long as there is something of the answer to hand over.
    fn until_told(mut answer: Response, asked: Self) -> Response {
        // The wrapped body does not say it any more.
        if let Some(length) = answer.body().size_hint().exact().filter(|length| *length > 0) {
            answer.headers_mut().entry(CONTENT_LENGTH).or_insert(length.into());
        }
        answer.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let _ = &asked;
                frame
            }))
        })
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.send_modify(|counts| counts.running = counts.running.saturating_sub(1));
    }
}

/// In which version of HTTP a client speaks, if it says so within this time. It is not asked for more: the rest of the
/// first head has the time limit of every head.
async fn spoken(stream: &TcpStream, within: Duration) -> Option<Version> {
    let said = async {
        let mut seen = [0; PREFACE.len()];
        loop {
            let count = stream.peek(&mut seen).await.ok().filter(|count| *count > 0)?;
            match seen.get(..count).is_some_and(|said| PREFACE.starts_with(said)) {
                true if count == PREFACE.len() => return Some(Version::HTTP_2),
                // What has come stays to be read, so the next look comes at once: give it some time.
                true => tokio::time::sleep(Duration::from_millis(20)).await,
                false => return Some(Version::HTTP_11),
            }
        }
    };
    tokio::time::timeout(within, said).await.ok().flatten()
}

fn protocols(config: &config::Http) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(config.header_timeout_seconds))
        .max_buf_size(64 * 1024);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(100).keep_alive_interval(Duration::from_secs(20));
    builder
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::config::Config;

    /// More than the buffers of a connection hold.
    const MUCH: usize = 64 << 20;

    /// A server with room for one client, which waits a second.
    async fn server() -> std::net::SocketAddr {
        server_with(|_| {}).await
    }

    async fn server_with(change: impl FnOnce(&mut config::Http)) -> std::net::SocketAddr {
        let mut http = Config::defaults().extract::<Config>().expect("the shipped settings").http;
        (http.max_connections, http.header_timeout_seconds, http.write_timeout_seconds) = (1, 1, 1);
        change(&mut http);
        let router = Router::new().route("/", get(async || "hello")).route("/much", get(async || "x".repeat(MUCH)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { serve(listener, router, &http, std::future::pending()).await });
        address
    }

    /// Whether there is room again after a client has said this and takes nothing of what is answered.
    async fn has_room_after(said: &[u8]) -> bool {
        let address = server().await;
        let mut first = TcpStream::connect(address).await.expect("a connection");
        first.write_all(said).await.expect("it is sent");
        let mut next = TcpStream::connect(address).await.expect("a connection");
        next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("it is sent");
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(20), next.read_to_string(&mut answer)).await;
        drop(first);
        read.is_ok() && answer.ends_with("hello")
    }

    #[tokio::test]
    async fn who_says_nothing_or_not_enough_is_let_go() {
        for said in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\n"] {
            assert!(has_room_after(said.as_bytes()).await, "{said:?}");
        }
    }

    /// Preface, settings, and what a client says that keeps its connection and asks nothing.
    const IDLE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

    #[tokio::test]
    async fn who_asks_nothing_over_http_2_is_let_go() {
        assert!(has_room_after(IDLE).await);
    }

    #[tokio::test]
    async fn a_full_house_lets_nobody_in() {
        let address = server_with(|http| http.header_timeout_seconds = 60).await;
        let mut first = TcpStream::connect(address).await.expect("a connection");
        let (ask, mut answer) = (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", [0; 1_024]);
        first.write_all(ask).await.expect("it is sent");
        assert!(first.read(&mut answer).await.expect("an answer") > 0);
        let mut next = TcpStream::connect(address).await.expect("a connection");
        next.write_all(ask).await.expect("it is sent");
        let waited = tokio::time::timeout(Duration::from_millis(300), next.read(&mut answer)).await;
        assert!(waited.is_err(), "there was room for a second one");
        drop(first);
        assert!(next.read(&mut answer).await.expect("an answer") > 0);
    }

    #[tokio::test]
    async fn a_connection_is_busy_until_its_last_answer_is_handed_over() {
        let (busy, long) = (Busy::default(), Duration::from_millis(20));
        let answer = Asked::until_told(Response::new(Body::from("told")), busy.enter());
        assert_eq!(answer.headers()[CONTENT_LENGTH], "4");
        assert!(tokio::time::timeout(5 * long, busy.idle(long, long)).await.is_err());
        assert_eq!(answer.into_body().collect().await.expect("a body").to_bytes(), "told");
        busy.idle(long, long).await;
    }

    #[tokio::test]
    async fn a_request_that_is_answered_at_once_was_asked_all_the_same() {
        let (busy, long) = (Busy::default(), Duration::from_millis(50));
        let mut idle = std::pin::pin!(busy.idle(long, Duration::from_secs(60)));
        assert!(futures::poll!(idle.as_mut()).is_pending());
        drop(busy.enter());
        assert!(tokio::time::timeout(4 * long, idle).await.is_err(), "a connection in use was given up");
    }

    #[tokio::test]
    async fn who_takes_nothing_of_an_answer_is_let_go() {
        assert!(has_room_after(b"GET /much HTTP/1.1\r\nhost: x\r\n\r\n").await);
    }

    #[tokio::test]
    async fn a_first_word_may_come_in_pieces() {
        let address = server().await;
        let mut client = TcpStream::connect(address).await.expect("a connection");
        for piece in ["G", "ET / HTT", "P/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"] {
            client.write_all(piece.as_bytes()).await.expect("it is sent");
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.ends_with("hello"), "{answer}");
    }
}
