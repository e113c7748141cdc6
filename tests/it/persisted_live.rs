//! Documents by their hash or id over a WebSocket and as an event stream.

use std::collections::BTreeMap;

use api::config::TrustedDocuments;
use axum::body::Body;
use domain::roles::Role;
use http::Request;
use serde_json::{Value, json};
use tests::sandbox::subject;
use tests::socket::Socket;
use tests::{Answer, Backend, TestApp, run};

use crate::persisted::{hashed, registering};
use crate::realtime::told::{STATUS, assess, own_workplace};

fn subscribe(id: &str, payload: Value) -> Value {
    json!({"id": id, "type": "subscribe", "payload": payload})
}

async fn answer(socket: &mut Socket, id: &str, payload: Value) -> Value {
    socket.say(subscribe(id, payload)).await;
    let heard = socket.hear().await;
    if heard["type"] == "next" {
        assert_eq!(socket.hear().await["type"], "complete");
    }
    heard
}

#[test]
fn a_subscription_and_a_query_are_known_by_hash_over_a_socket() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let (served, place) = (app.serve().await, own_workplace(&app).await);
        let mut socket = served.open_as(&app.as_role(&subject(Role::SafetyEngineer))).await;
        let missed = answer(&mut socket, "0", hashed(STATUS)).await;
        assert_eq!(
            (&missed["type"], &missed["payload"][0]["message"]),
            (&json!("error"), &json!("PersistedQueryNotFound"))
        );
        socket.say(subscribe("text", registering(STATUS))).await;
        // As urql must write what has no text.
        let mut without = hashed(STATUS);
        without["query"] = json!("");
        socket.say(subscribe("hash", without)).await;
        let rules = "{ ruleSets { code } }";
        answer(&mut socket, "1", registering(rules)).await;
        let known = answer(&mut socket, "2", hashed(rules)).await;
        assert_eq!(known["payload"]["data"]["ruleSets"][0]["code"], "KZ-2023-PROVISIONAL");
        let mutation = registering("mutation { __typename }");
        assert_eq!(answer(&mut socket, "3", mutation).await["type"], "error");
        assess(&app, &place, "2026-03-16", false).await;
        // The assessment in force and the one before it, told to both.
        let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for _ in 0..4 {
            let event = socket.hear().await;
            assert!(event["payload"]["data"]["assessmentStatusChanged"]["after"].is_string(), "{event}");
            told.entry(event["id"].to_string()).or_default().push(event["payload"].clone());
        }
        let told: Vec<_> = told.into_values().collect();
        assert!(told.len() == 2 && told[0] == told[1], "{told:?}");
    });
}

#[test]
fn a_message_that_names_no_document_closes_the_socket() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let served = app.serve().await;
        for payload in [json!({}), json!({"query": 1}), json!({"documentId": 1}), json!({"extensions": {"other": 1}})] {
            let mut socket = served.open_as(&app.as_role(&subject(Role::Ministry))).await;
            socket.say(subscribe("1", payload.clone())).await;
            assert_eq!(socket.closed().await, 4400, "{payload}");
        }
    });
}

#[test]
fn an_event_stream_takes_a_hash() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let rules = "{ ruleSets { code } }";
        for (body, expected) in [
            (hashed(rules), "PersistedQueryNotFound"),
            (registering(rules), "KZ-2023-PROVISIONAL"),
            (hashed(rules), "KZ-2023-PROVISIONAL"),
        ] {
            let request = Request::post("/graphql").header("content-type", "application/json");
            let request = request.header("accept", "text/event-stream").body(Body::from(body.to_string())).unwrap();
            let answer = Answer::read(app.send(request).await).await;
            assert!(answer.text.starts_with("event: next") && answer.text.contains(expected), "{}", answer.text);
        }
    });
}

#[test]
fn lists_hold_over_a_socket_and_an_event_stream() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("web.json"), json!({"rules": "{ ruleSets { code } }"}).to_string()).unwrap();
        let app = TestApp::with(Backend::Sqlite, |config| {
            config.documents.trusted = TrustedDocuments::Only;
            config.documents.trusted_folder = folder.path().display().to_string();
        })
        .await;
        let served = app.serve().await;
        let mut socket = served.open().await;
        socket.say(json!({"type": "connection_init", "payload": {"X-Osh-Client": "web"}})).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        assert_eq!(answer(&mut socket, "1", json!({"documentId": "rules"})).await["type"], "next");
        for payload in [json!({"query": STATUS}), json!({"query": "{ __typename }"}), json!({"documentId": "other"})] {
            let refused = answer(&mut socket, "2", payload).await;
            assert_eq!(refused["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED", "{refused}");
        }
        for (client, expected) in [("web", "KZ-2023-PROVISIONAL"), ("other", "DOCUMENT_NOT_TRUSTED")] {
            let request = Request::post("/graphql").header("content-type", "application/json");
            let request = request.header("accept", "text/event-stream").header("x-osh-client", client);
            let body = json!({"documentId": "rules"}).to_string();
            let answer = Answer::read(app.send(request.body(Body::from(body)).unwrap()).await).await;
            assert!(answer.text.contains(expected), "{}", answer.text);
        }
    });
}
