//! Our own accept loop: `axum::serve` has no time limit for headers, and a client that never finishes them would hold
//! its connection for ever.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_http::add_extension::AddExtension;

use crate::config;
use crate::http::address::Peer;

/// Serves until `stop` is ready, then lets running requests finish within the drain time.
pub async fn serve(listener: TcpListener, router: Router, config: &config::Http, stop: impl Future<Output = ()>) {
    let door = Door::new(listener, router, config);
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
struct Door {
    listener: TcpListener,
    router: Router,
    protocols: Builder<TokioExecutor>,
    places: Arc<Semaphore>,
    inside: GracefulShutdown,
}

impl Door {
    fn new(listener: TcpListener, router: Router, config: &config::Http) -> Self {
        let places = Arc::new(Semaphore::new(config.max_connections));
        Self { listener, router, protocols: protocols(config), places, inside: GracefulShutdown::new() }
    }

    /// The next client, once there is a place: a full house waits in the backlog of the socket, not in our memory.
    async fn knock(&self) -> (TcpStream, Peer, Option<OwnedSemaphorePermit>) {
        // The semaphore is never closed.
        let place = self.places.clone().acquire_owned().await.ok();
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => return (stream, Peer(peer.ip()), place),
                Err(error) => {
                    // Out of file descriptors: wait for some connection to end instead of spinning.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Serves a client in a task of its own, which keeps the place to its end.
    fn admit(&self, stream: TcpStream, peer: Peer, place: Option<OwnedSemaphorePermit>) {
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(AddExtension::new(self.router.clone(), peer));
        let connection = self.protocols.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = self.inside.watch(connection);
        tokio::spawn(async move {
            // A client that goes away is not our fault.
            let _ = connection.await;
            drop(place);
        });
    }

    /// Lets nobody in any more and waits for those inside to get their answers.
    async fn close(self) {
        drop(self.listener);
        self.inside.shutdown().await;
    }
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
