//! Subscriptions over a real WebSocket: the codes it closes with, who hears what, and going on from a cursor.

use std::net::SocketAddr;
use std::time::Duration;

use domain::roles::Role;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::sandbox::subject;
use tests::{Backend, TestApp, on_both, run};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::chain::assessment_input;

pub const STATUS: &str = "subscription($after: String) {
    assessmentStatusChanged(after: $after) { cursor before after assessment { id degree } } }";

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

pub async fn serve(app: &TestApp) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (router, http) = (app.web.clone().router(), app.app.config.http.clone());
    tokio::spawn(async move { api::http::serve(listener, router, &http, std::future::pending()).await });
    address
}

async fn dial(address: SocketAddr, protocol: &str, origin: Option<&str>) -> Result<Socket, String> {
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    connect_async(request).await.map(|(socket, _)| Socket(socket)).map_err(|error| error.to_string())
}

impl Socket {
    pub async fn open(address: SocketAddr) -> Self {
        dial(address, "graphql-transport-ws", None).await.expect("a socket")
    }

    pub async fn signed_in(app: &TestApp, address: SocketAddr, role: Role) -> Self {
        let token = app.as_role(&subject(role)).token().unwrap().to_owned();
        let mut socket = Self::open(address).await;
        socket.say(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}})).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
    }

    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.say(json!({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}})).await;
    }

    /// The next message; `{"close": code}` at the end.
    pub async fn hear(&mut self) -> Value {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("in time");
            match next {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(frame))) => return json!({"close": frame.map(|frame| u16::from(frame.code))}),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Whether nothing comes for a while.
    async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(700), self.hear()).await.is_err()
    }
}

pub async fn place(app: &TestApp) -> String {
    let found = app.as_role(&subject(Role::SafetyEngineer)).ask("{ workplaces(first: 1) { nodes { id } } }").await;
    found.text("workplaces.nodes.0.id").to_owned()
}

pub async fn assess(app: &TestApp, workplace: &str, day: &str) {
    let input = assessment_input(app, workplace, day, (1, 0, 0));
    app.as_role(&subject(Role::SafetyEngineer)).change("assessmentCompute", "assessment { id }", &input).await.ok();
}

#[test]
fn each_close_code_has_its_reason() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.init_timeout_seconds = 1).await;
        let address = serve(&app).await;
        let init = json!({"type": "connection_init"});
        let ask = json!({"id": "1", "type": "subscribe", "payload": {"query": "{ ruleSets { code } }"}});
        let bad = json!({"type": "connection_init", "payload": {"authorization": "Bearer x"}});
        for (messages, code) in [
            (vec![json!({"type": "nonsense"})], 4400),
            (vec![json!([])], 4400),
            (vec![init.clone(), json!({"id": "", "type": "complete"})], 4400),
            (vec![ask.clone()], 4401),
            (vec![bad], 4403),
            (vec![], 4408),
            (vec![init.clone(), init.clone()], 4429),
        ] {
            let mut socket = Socket::open(address).await;
            for message in &messages {
                socket.say(message.clone()).await;
            }
            let mut heard = socket.hear().await;
            while heard["close"].is_null() {
                heard = socket.hear().await;
            }
            assert_eq!(heard, json!({"close": code}), "{messages:?}");
        }
        let mut socket = Socket::signed_in(&app, address, Role::Ministry).await;
        socket.subscribe("1", STATUS, json!({})).await;
        socket.subscribe("1", STATUS, json!({})).await;
        assert_eq!(socket.hear().await, json!({"close": 4409}));
        assert!(dial(address, "graphql-transport-ws", Some("https://evil.example")).await.is_err());
        assert!(dial(address, "graphql-transport-ws", Some(&format!("http://{address}"))).await.is_ok());
    });
}

on_both! {
    async fn who_may_see_an_assessment_hears_of_it_and_goes_on_from_a_cursor(backend) {
        let app = TestApp::new(backend).await;
        let address = serve(&app).await;
        let place = place(&app).await;
        let mut ministry = Socket::signed_in(&app, address, Role::Ministry).await;
        let mut analyst = Socket::signed_in(&app, address, Role::Analyst).await;
        let mut own = Socket::signed_in(&app, address, Role::SafetyEngineer).await;
        for socket in [&mut ministry, &mut analyst, &mut own] {
            socket.subscribe("s", STATUS, json!({})).await;
        }
        let refused = analyst.hear().await;
        assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("FORBIDDEN")));
        // Both have subscribed once a query behind is answered.
        for socket in [&mut ministry, &mut own] {
            socket.subscribe("q", "{ ruleSets { code } }", json!({})).await;
            assert_eq!(socket.hear().await["type"], "next");
            assert_eq!(socket.hear().await["type"], "complete");
        }
        assess(&app, &place, "2026-03-16").await;
        let first = own.hear().await;
        let event = &first["payload"]["data"]["assessmentStatusChanged"];
        assert!(event["cursor"].is_string(), "{first}");
        let heard = ministry.hear().await;
        assert_eq!(heard["payload"], first["payload"], "{heard}");
        let cursor = event["cursor"].clone();
        assess(&app, &place, "2026-03-16").await;
        let mut live = Vec::new();
        while let Ok(heard) = tokio::time::timeout(Duration::from_secs(2), own.hear()).await {
            live.push(heard["payload"].clone());
        }
        assert!(live.len() >= 2, "{live:?}");
        let mut back = Socket::signed_in(&app, address, Role::SafetyEngineer).await;
        back.subscribe("s", STATUS, json!({ "after": cursor })).await;
        let mut again = Vec::new();
        for _ in &live {
            again.push(back.hear().await["payload"].clone());
        }
        assert_eq!(again, live);
        assert!(back.is_silent().await);
    }
}
