//! Why a socket is closed, each with its code.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::socket::{Served, Socket};
use tests::{Backend, TestApp, run, shared};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::realtime::{LEVELS, everybody_has_left};

fn subscribe(payload: Value) -> Value {
    json!({"id": "1", "type": "subscribe", "payload": payload})
}

/// Every way in which a message can be none.
fn malformed() -> Vec<Message> {
    let query = json!({"query": "{ ruleSets { code } }"});
    let with = |name: &str, value: Value| {
        let mut payload = query.clone();
        payload[name] = value;
        subscribe(payload)
    };
    let values = [
        json!([]),
        json!("connection_init"),
        json!(null),
        json!(1),
        json!({}),
        json!({"type": null}),
        json!({"type": 1}),
        json!({"type": "nonsense"}),
        json!({"type": "start", "id": "1", "payload": query}),
        json!({"type": "connection_init", "payload": "x"}),
        json!({"type": "ping", "payload": 1}),
        json!({"type": "pong", "payload": []}),
        json!({"type": "subscribe", "payload": query}),
        json!({"type": "subscribe", "id": "", "payload": query}),
        json!({"type": "subscribe", "id": 1, "payload": query}),
        json!({"type": "subscribe", "id": "1"}),
        subscribe(json!("x")),
        subscribe(json!({})),
        with("query", json!(null)),
        with("query", json!(1)),
        with("operationName", json!(1)),
        with("variables", json!([])),
        with("extensions", json!("x")),
        json!({"type": "complete"}),
        json!({"type": "complete", "id": ""}),
        json!({"type": "complete", "id": 1}),
        json!({"type": "connection_ack"}),
        json!({"type": "next", "id": "1", "payload": {}}),
        json!({"type": "error", "id": "1", "payload": []}),
    ];
    let deep = format!("{{\"type\":\"ping\",\"payload\":{{\"a\":{}{}}}}}", "[".repeat(5_000), "]".repeat(5_000));
    let texts = ["", "nonsense", "{\"type\":\"ping\"", &deep].map(Message::text);
    values
        .iter()
        .map(|it| Message::text(it.to_string()))
        .chain(texts)
        .chain([Message::binary(vec![0x7b, 0x7d])])
        .collect()
}

#[test]
fn a_malformed_message_is_4400_before_and_after_the_greeting() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let served = app.serve().await;
        for message in malformed() {
            let mut greeted = served.open_as(&app.anonymous()).await;
            for socket in [&mut served.open().await, &mut greeted] {
                socket.send(message.clone()).await;
                assert_eq!(socket.closed().await, 4400, "{message:?}");
            }
        }
        assert_eq!(served.open_as(&app.anonymous()).await.ask("{ ruleSets { code } }").await["errors"], json!(null));
    });
}

#[test]
fn an_operation_before_the_greeting_is_4401_and_a_second_greeting_4429() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let served = app.serve().await;
        let mut socket = served.open().await;
        socket.say(subscribe(json!({"query": "{ ruleSets { code } }"}))).await;
        assert_eq!(socket.closed().await, 4401);
        let mut socket = served.open_as(&app.anonymous()).await;
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.closed().await, 4429);
    });
}

#[test]
fn a_token_that_does_not_hold_is_4403() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.auth.demo_token_minutes = 1).await;
        let served = app.serve().await;
        let init =
            |authorization: Value| json!({"type": "connection_init", "payload": {"authorization": authorization}});
        for authorization in [json!("Bearer x"), json!("x"), json!(1), json!({}), json!("Bearer x\n")] {
            let mut socket = served.open().await;
            socket.say(init(authorization.clone())).await;
            assert_eq!(socket.closed().await, 4403, "{authorization}");
        }
        // As it holds in the upgrade, so it does in the payload, which counts more.
        let user = app.as_role("demo-ministry");
        let bearer = format!("Bearer {}", user.token().unwrap());
        let mut socket = served.dial(&[Socket::PROTOCOL, ("authorization", &bearer)]).await.unwrap();
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        assert_eq!(socket.ask("{ me { role } }").await["data"], json!({"me": {"role": "MINISTRY"}}));
        let mut socket = served.dial(&[Socket::PROTOCOL, ("authorization", &bearer)]).await.unwrap();
        socket.say(init(json!("Bearer x"))).await;
        assert_eq!(socket.closed().await, 4403);
        app.app.clock.set(app.app.clock.now() + TimeDelta::minutes(2));
        let mut socket = served.open().await;
        socket.say(init(json!(bearer))).await;
        assert_eq!(socket.closed().await, 4403);
    });
}

/// The code with which a socket of this subprotocol is closed, read by hand: a proper client would not go on.
async fn code_of(served: &Served, protocol: &str) -> u16 {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let upgrade = format!(
        "GET /graphql HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {protocol}\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    loop {
        let head = heard.windows(4).position(|it| it == b"\r\n\r\n").map(|at| at + 4);
        if let Some([0x88, _, high, low, ..]) = head.and_then(|head| heard.get(head..)) {
            return u16::from_be_bytes([*high, *low]);
        }
        assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "{}", String::from_utf8_lossy(&heard));
    }
}

#[test]
fn another_subprotocol_is_4406() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let served = app.serve().await;
        assert_eq!(served.dial(&[]).await.unwrap().closed().await, 4406);
        assert_eq!(code_of(&served, "graphql-ws").await, 4406);
        assert_eq!(code_of(&served, "nonsense, GRAPHQL-TRANSPORT-WS").await, 4406);
    });
}

#[test]
fn no_greeting_in_time_is_4408() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.init_timeout_seconds = 1).await;
        let served = app.serve().await;
        assert_eq!(served.open().await.closed().await, 4408);
        let mut greeted = served.open_as(&app.anonymous()).await;
        assert_eq!(served.open().await.closed().await, 4408);
        greeted.settle().await;
    });
}

#[test]
fn an_id_in_use_is_4409_with_a_reason_that_fits_into_a_frame() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let served = app.serve().await;
        for id in ["1".to_owned(), "қ".repeat(300)] {
            let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
            socket.subscribe(&id, LEVELS, json!({})).await;
            socket.subscribe(&id, LEVELS, json!({})).await;
            let heard = socket.hear().await;
            assert_eq!(heard["close"], 4409);
            assert!(heard["reason"].as_str().unwrap().starts_with("Subscriber for "), "{heard}");
        }
    });
}

#[test]
fn a_server_that_stops_is_1001_and_lets_nobody_in() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let served = app.serve().await;
        let ministry = app.as_role("demo-ministry");
        let mut sockets = [served.open().await, served.open_as(&ministry).await, served.open_as(&ministry).await];
        sockets[2].subscribe("1", LEVELS, json!({})).await;
        sockets[2].settle().await;
        let stream = ministry.listen(LEVELS, json!({})).await;
        app.web.drain();
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, 1001);
        }
        // Without the last word: it was not the end, and the client comes back.
        assert_eq!(stream.rest().await, []);
        everybody_has_left(&app).await;
        assert_eq!(served.dial(&[Socket::PROTOCOL]).await.err(), Some(503));
        assert_eq!(ministry.listen(LEVELS, json!({})).await.head.status, 503);
    });
}

#[test]
fn a_message_above_the_limit_is_1009_also_in_pieces() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.frame_bytes = 1_024).await;
        let served = app.serve().await;
        let ping = |bytes: usize| {
            let empty = json!({"type": "ping", "payload": {"a": ""}}).to_string().len();
            json!({"type": "ping", "payload": {"a": "x".repeat(bytes - empty)}}).to_string()
        };
        let mut socket = served.open_as(&app.anonymous()).await;
        socket.send(Message::text(ping(1_024))).await;
        assert_eq!(socket.hear().await["type"], "pong");
        socket.send(Message::text(ping(1_025))).await;
        assert_eq!(socket.closed().await, 1009);
        let mut socket = served.open_as(&app.anonymous()).await;
        let piece = |code, last| Message::Frame(Frame::message(" ".repeat(600), OpCode::Data(code), last));
        socket.send(piece(Data::Text, false)).await;
        socket.send(piece(Data::Continue, true)).await;
        assert_eq!(socket.closed().await, 1009);
    });
}

#[test]
fn who_answers_pings_stays_and_who_is_silent_goes() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.ping_seconds = 3).await;
        let served = app.serve().await;
        let mut alive = served.open_as(&app.anonymous()).await;
        let mut silent = served.open_as(&app.anonymous()).await;
        // It is read past the client that would answer.
        let (mut bytes, stream) = (Vec::new(), silent.0.get_mut());
        let mut pings = 0;
        loop {
            assert!(pings < 20, "who is silent stays");
            tokio::select! {
                frame = alive.frame() => pings += usize::from(matches!(frame, Some(Message::Ping(_)))),
                read = stream.read_buf(&mut bytes) => if read.unwrap_or_default() == 0 { break },
            }
        }
        assert!(bytes.starts_with(&[0x89, 0]), "no ping but {bytes:?}");
        assert!(pings > 0);
        alive.settle().await;
    });
}

#[test]
fn a_ping_is_answered_with_its_payload_before_and_after_the_greeting() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let served = app.serve().await;
        let mut greeted = served.open_as(&app.anonymous()).await;
        for socket in [&mut served.open().await, &mut greeted] {
            socket.say(json!({"type": "ping", "payload": {"a": [1, "б"]}})).await;
            assert_eq!(socket.hear().await, json!({"type": "pong", "payload": {"a": [1, "б"]}}));
            socket.say(json!({"type": "pong", "payload": {"a": 1}})).await;
            socket.say(json!({"type": "pong"})).await;
            socket.settle().await;
            socket.send(Message::Ping("x".into())).await;
            assert_eq!(socket.frame().await, Some(Message::Pong("x".into())));
        }
    });
}

#[test]
fn a_foreign_page_cannot_open_a_socket() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| {
            config.http.allowed_origins = vec!["https://map.example".to_owned()];
        })
        .await;
        let served = app.serve().await;
        let own = format!("http://{}", served.address);
        for (origins, opens) in [
            (vec![], true),
            (vec![&*own], true),
            (vec!["https://map.example"], true),
            (vec!["https://map.example.evil"], false),
            (vec!["http://map.example"], false),
            (vec!["http://127.0.0.1:1"], false),
            (vec!["null"], false),
            (vec![""], false),
            (vec![&*own, "https://evil.example"], false),
        ] {
            let headers: Vec<_> = origins.iter().map(|it| ("origin", *it)).chain([Socket::PROTOCOL]).collect();
            assert_eq!(served.dial(&headers).await.err(), (!opens).then_some(403), "{origins:?}");
        }
    });
}
