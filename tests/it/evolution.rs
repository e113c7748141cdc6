//! How the contract changes under the feet of a client: what it is told of what will go, and of which contract it talks to.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use tests::{Answer, Backend, TestApp, run, shared};

const SERVICE: &str = "{ serviceConfig { ruleSet } }";

fn told(coordinate: &str) -> Value {
    let reason = format!("Use {coordinate}Code. Removed after 2027-11-30.");
    json!([{"coordinate": coordinate, "reason": reason}])
}

/// What an answer says of it; null when it says nothing.
fn deprecations(answer: &Value) -> Value {
    answer["extensions"]["deprecations"].clone()
}

async fn send(app: &TestApp, request: http::request::Builder, body: impl Into<Body>) -> Answer {
    Answer::read(app.send(request.body(body.into()).unwrap()).await).await
}

#[test]
fn an_answer_names_what_it_used_that_will_be_removed() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let user = app.anonymous();
        // The second time the document is known.
        for _ in 0..2 {
            assert_eq!(deprecations(&user.ask(SERVICE).await.json), told("ServiceConfig.ruleSet"));
            let new = user.ask("{ serviceConfig { ruleSetCode version } }").await;
            assert_eq!(deprecations(&new.json), Value::Null);
            let two = json!({"query": "query A { serviceConfig { ruleSet } } query B { serviceConfig { version } }"});
            for (name, expected) in [("A", told("ServiceConfig.ruleSet")), ("B", Value::Null)] {
                let mut body = two.clone();
                body["operationName"] = json!(name);
                assert_eq!(deprecations(&user.body(body).await.ok().json), expected, "{name}");
            }
        }
        let refused = user.query("{ serviceConfig { ruleSet nothing } }", json!({})).await;
        assert_eq!((refused.codes(), deprecations(&refused.json)), (vec!["BAD_DOCUMENT"], Value::Null));
    });
}

#[test]
fn it_is_told_on_every_way_in() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let address = "/graphql?query=%7BserviceConfig%7BruleSet%7D%7D";
        let answer = send(app, Request::get(address), Body::empty()).await;
        assert_eq!(deprecations(&answer.json), told("ServiceConfig.ruleSet"), "{}", answer.text);
        let request = Request::post("/graphql").header("content-type", "application/json");
        let stream =
            send(app, request.header("accept", "text/event-stream"), json!({"query": SERVICE}).to_string()).await;
        let event = stream.text.lines().find_map(|line| line.strip_prefix("data: ")).expect(&stream.text);
        let event: Value = serde_json::from_str(event).unwrap();
        assert_eq!(deprecations(&event), told("ServiceConfig.ruleSet"));
    });
}

#[test]
fn it_is_told_through_fragments_and_interfaces() {
    run(async {
        let user = shared(Backend::Sqlite).await.as_role("demo-ministry");
        let id = user.ask("{ assessments(first: 1) { nodes { id } } }").await.text("assessments.nodes.0.id").to_owned();
        let document = "query($id: ID!) { node(id: $id) { ...Score } }
            fragment Score on Node { ... on Assessment { explanation { rules: ruleSet ruleSetCode } } }";
        let answer = user.query(document, json!({ "id": id })).await.ok();
        assert_eq!(deprecations(&answer.json), told("Explanation.ruleSet"));
        assert_eq!(answer.data("node.explanation.rules"), answer.data("node.explanation.ruleSetCode"));
        assert!(!answer.text("node.explanation.rules").is_empty());
    });
}

#[test]
fn every_answer_names_the_version_and_the_contract() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| {
            config.http.allowed_origins = vec!["https://map.example".to_owned()];
        })
        .await;
        let answer = app.anonymous().ask("{ serviceConfig { version schemaHash } }").await;
        let (version, contract) = (answer.text("serviceConfig.version"), answer.text("serviceConfig.schemaHash"));
        assert_eq!(contract, api::schema::fingerprint());
        assert!(contract.len() == 12 && contract.bytes().all(|it| it.is_ascii_hexdigit()), "{contract}");
        for (method, uri) in [
            (Method::GET, "/"),
            (Method::GET, "/graphql?query=%7B__typename%7D"),
            (Method::GET, "/graphql?query=%7B"),
            (Method::PUT, "/graphql"),
            (Method::OPTIONS, "/graphql"),
            (Method::GET, "/health/live"),
            (Method::GET, "/metrics"),
            (Method::GET, "/nowhere"),
        ] {
            let request = Request::builder().method(&method).uri(uri).header("origin", "https://map.example");
            let request = request.header("access-control-request-method", "POST");
            let answer = send(&app, request, Body::empty()).await;
            let named = (answer.header("x-osh-version"), answer.header("x-osh-schema"));
            assert_eq!(named, (version, contract), "{method} {uri}");
            if method != Method::OPTIONS {
                let exposed = answer.header("access-control-expose-headers");
                for header in ["x-osh-version", "x-osh-schema", "x-request-id", "retry-after"] {
                    assert!(exposed.contains(header), "no {header} in {exposed}");
                }
            }
        }
    });
}
