//! A relay of TCP connections that can be disturbed: what a network and a dying server do to a client.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::services::Services;

/// What happens to the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// They pass.
    Up,
    /// They wait, on open and on new connections, until the link changes.
    Frozen,
    /// Connections are closed, new ones as soon as they are made.
    Cut,
    /// What passes is lost, without a word to either end. A connection stays lost; new ones pass when the link is up.
    Vanished,
}

/// Relays to one address; goes with this value.
pub struct Relay {
    address: SocketAddr,
    link: watch::Sender<Link>,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// To a database of the tests' Redis; with its addresses, directly and through the relay.
    pub async fn to_redis() -> (Self, String, String) {
        let (port, direct) = (Services::shared().redis().port(), Services::shared().redis_url());
        let relay = Self::to(port).await;
        let disturbed = direct.replace(&format!(":{port}/"), &format!(":{}/", relay.port()));
        (relay, direct, disturbed)
    }

    /// To a port of this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (link, state) = watch::channel(Link::Up);
        Self { address, link, accepting: tokio::spawn(accept(listener, port, state)) }
    }

    /// Where clients connect.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on.
    pub fn set(&self, link: Link) {
        self.link.send_replace(link);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, port: u16, link: watch::Receiver<Link>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(relay(client, port, link.clone()));
    }
}

async fn relay(client: TcpStream, port: u16, link: watch::Receiver<Link>) {
    if *link.borrow() == Link::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut closed = link.clone();
    tokio::select! {
        () = pump(from_client, to_server, link.clone()) => {}
        () = pump(from_server, to_client, link) => {}
        () = becomes(&mut closed, |link| link == Link::Cut) => {}
    }
}

/// Passes bytes in one direction until one end closes.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut link: watch::Receiver<Link>) {
    let mut buffer = [0; 4096];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read.unwrap_or_default(),
            () = becomes(&mut link, |link| link == Link::Vanished) => return forget(from).await,
        };
        becomes(&mut link, |link| link != Link::Frozen).await;
        if *link.borrow() == Link::Vanished {
            return forget(from).await;
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// Ready when the link is so, or the relay is gone.
async fn becomes(link: &mut watch::Receiver<Link>, so: impl Fn(Link) -> bool) {
    let _ = link.wait_for(|link| so(*link)).await;
}

/// Takes what still comes and keeps the connection open, as a machine that is gone does not close it.
async fn forget(mut from: OwnedReadHalf) {
    let mut buffer = [0; 4096];
    while let Ok(1..) = from.read(&mut buffer).await {}
    tokio::time::sleep(Duration::from_secs(600)).await;
}
