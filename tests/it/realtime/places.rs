//! How many sockets and streams there may be: in all, of the public, of a person, of an address.

use serde_json::json;
use tests::socket::{Served, Socket};
use tests::{Backend, TestApp, run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::realtime::{LEVELS, everybody_has_left};

#[test]
fn the_public_gets_half_of_the_places_and_nobody_more_than_there_are() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.max_sockets = 4).await;
        let served = app.serve().await;
        let mut first = [served.open().await, served.open().await];
        assert_eq!(served.dial(&[Socket::PROTOCOL]).await.err(), Some(503));
        for socket in &mut first {
            assert_eq!(socket.greet(&app.as_role("demo-ministry")).await["type"], "connection_ack");
        }
        let _more =
            [served.open_as(&app.as_role("demo-ministry")).await, served.open_as(&app.as_role("demo-worker")).await];
        assert_eq!(served.dial(&[Socket::PROTOCOL]).await.err(), Some(503));
        let full = app.as_role("demo-analyst").listen(LEVELS, json!({})).await;
        assert_eq!(full.head.status, 503);
        drop(first);
        served.open_as_soon_as_there_is_room().await;
    });
}

/// Tests of places wait for the server to notice that a client has gone.
trait Room {
    async fn open_as_soon_as_there_is_room(&self) -> Socket;
}

impl Room for Served {
    async fn open_as_soon_as_there_is_room(&self) -> Socket {
        let patience = tokio::time::timeout(std::time::Duration::from_secs(30), async {
            loop {
                match self.dial(&[Socket::PROTOCOL]).await {
                    Ok(socket) => return socket,
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                }
            }
        });
        patience.await.expect("a place is free again")
    }
}

#[test]
fn a_person_gets_so_many_over_both_ways_together() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.sockets_per_person = 2).await;
        let served = app.serve().await;
        let ministry = app.as_role("demo-ministry");
        let _socket = served.open_as(&ministry).await;
        let stream = ministry.listen(LEVELS, json!({})).await;
        assert_eq!(stream.head.status, 200);
        let mut third = served.open().await;
        assert_eq!(third.greet(&ministry).await["close"], 1013);
        assert_eq!(ministry.listen(LEVELS, json!({})).await.head.status, 503);
        served.open_as(&app.as_role("demo-worker")).await;
        // A stream that is let go leaves its place.
        drop(stream);
        assert_eq!(ministry.listen(LEVELS, json!({})).await.head.status, 200);
    });
}

#[test]
fn an_address_gets_so_many_without_signing_in() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.sockets_per_address = 2).await;
        let served = app.serve().await;
        let mut open = vec![served.open().await, served.open_as(&app.anonymous()).await];
        assert_eq!(served.dial(&[Socket::PROTOCOL]).await.err(), Some(503));
        // Without a proxy that is trusted, a client cannot make up another address.
        assert_eq!(served.dial(&[Socket::PROTOCOL, ("x-forwarded-for", "198.51.100.7")]).await.err(), Some(503));
        assert_eq!(open[0].greet(&app.as_role("demo-ministry")).await["type"], "connection_ack");
        open.push(served.open().await);
        assert_eq!(served.dial(&[Socket::PROTOCOL]).await.err(), Some(503));
        drop(open);
        served.open_as_soon_as_there_is_room().await;
    });
}

#[test]
fn behind_trusted_proxies_the_address_is_the_one_they_saw() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| {
            config.realtime.sockets_per_address = 1;
            config.http.trusted_hops = 1;
        })
        .await;
        let served = app.serve().await;
        let mut open = Vec::new();
        for (forwarded, opens) in [
            ("198.51.100.7", true),
            ("198.51.100.7", false),
            ("203.0.113.1, 198.51.100.7", false),
            ("198.51.100.8", true),
            ("2001:db8:1:2::1", true),
            ("2001:db8:1:2::2", false),
            ("2001:db8:1:3::1", true),
        ] {
            let dialled = served.dial(&[Socket::PROTOCOL, ("x-forwarded-for", forwarded)]).await;
            assert_eq!(dialled.as_ref().err(), (!opens).then_some(&503), "{forwarded}");
            open.extend(dialled.ok());
        }
    });
}

#[test]
fn a_stream_whose_client_hangs_up_leaves_its_place() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let served = app.serve().await;
        let token = app.as_role("demo-ministry").token().unwrap().to_owned();
        let body = json!({ "query": LEVELS }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        while !heard.windows(4).any(|it| it == b"\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0);
        }
        assert!(heard.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&heard));
        drop(stream);
        everybody_has_left(&app).await;
    });
}

#[test]
fn the_limits_are_published() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| {
            let realtime = &mut config.realtime;
            (realtime.max_sockets, realtime.sockets_per_person, realtime.sockets_per_address) = (11, 12, 13);
            (realtime.operations_per_socket, realtime.frame_bytes) = (14, 1_500);
            (realtime.init_timeout_seconds, realtime.ping_seconds, realtime.send_timeout_seconds) = (16, 17, 18);
            realtime.keep_events_hours = 19;
        })
        .await;
        let asked = "{ serviceConfig { realtime { maxSockets socketsPerPerson socketsPerAddress operationsPerSocket frameBytes \
                     initSeconds pingSeconds sendSeconds keepEventsHours } } }";
        let answer = app.anonymous().ask(asked).await;
        let expected = json!({"maxSockets": 11, "socketsPerPerson": 12, "socketsPerAddress": 13, "operationsPerSocket": 14,
            "frameBytes": 1_500, "initSeconds": 16, "pingSeconds": 17, "sendSeconds": 18, "keepEventsHours": 19});
        assert_eq!(answer.data("serviceConfig.realtime"), &expected);
    });
}
