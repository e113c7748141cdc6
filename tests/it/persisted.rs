//! Documents that are asked for by their hash or by an id of a list, over every way a request can come.

use axum::body::Body;
use http::request::Builder;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Answer, Backend, TestApp, on_both, run};

const MODERN: &str = "application/graphql-response+json";
const RULES: &str = "query Rules { ruleSets { code } }";

/// As clients write it.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn persisted(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

/// By hash alone.
pub fn hashed(text: &str) -> Value {
    json!({"extensions": persisted(&sha256(text))})
}

/// By text and hash.
pub fn registering(text: &str) -> Value {
    json!({"query": text, "extensions": persisted(&sha256(text))})
}

pub async fn send(app: &TestApp, request: Builder, body: String) -> Answer {
    let request = request.header("accept", MODERN).body(Body::from(body)).unwrap();
    Answer::read(app.send(request).await).await
}

pub async fn post(app: &TestApp, body: &Value) -> Answer {
    send(app, Request::post("/graphql").header("content-type", "application/json"), body.to_string()).await
}

/// The address of a request by GET.
pub fn address(parameters: &Value) -> String {
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs = parameters.as_object().unwrap().iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={}", escape(text)),
        other => format!("{name}={}", escape(&other.to_string())),
    });
    format!("/graphql?{}", pairs.collect::<Vec<_>>().join("&"))
}

async fn get(app: &TestApp, parameters: &Value) -> Answer {
    send(app, Request::get(address(parameters)), String::new()).await
}

on_both! {
    async fn a_document_is_known_by_its_hash_once_its_text_was_sent(backend) {
        let app = TestApp::new(backend).await;
        for by_get in [true, false] {
            let ask = async |body: Value| if by_get { get(&app, &body).await } else { post(&app, &body).await };
            let text = format!("query By{by_get} {{ ruleSets {{ code }} }}");
            let missed = ask(hashed(&text)).await;
            assert_eq!((missed.status, missed.codes()), (StatusCode::BAD_REQUEST, vec!["PERSISTED_QUERY_NOT_FOUND"]));
            // What Apollo Client and urql look for, in whatever language.
            assert_eq!(missed.errors()[0]["message"], "PersistedQueryNotFound");
            assert_eq!(missed.header("cache-control"), "no-store");
            let first = ask(registering(&text)).await.ok();
            let again = ask(hashed(&text)).await.ok();
            assert_eq!(first.json, again.json);
            assert_eq!(again.text("ruleSets.0.code"), "KZ-2023-PROVISIONAL");
            // The way of the specification's appendix.
            let by_id = ask(json!({"documentId": format!("sha256:{}", sha256(&text))})).await.ok();
            assert_eq!(by_id.json, first.json);
        }
    }
}

#[test]
fn old_clients_are_told_with_status_200() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let request = Request::get(address(&hashed(RULES))).header("accept", "application/json");
        let answer = Answer::read(app.send(request.body(Body::empty()).unwrap()).await).await;
        assert_eq!((answer.status, answer.codes()), (StatusCode::OK, vec!["PERSISTED_QUERY_NOT_FOUND"]));
    });
}

#[test]
fn a_hash_of_another_text_is_refused_and_neither_is_kept() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let lie = json!({"query": "{ me { id } }", "extensions": persisted(&sha256(RULES))});
        let refused = post(&app, &lie).await;
        assert_eq!((refused.status, refused.codes()), (StatusCode::BAD_REQUEST, vec!["BAD_REQUEST"]));
        assert_eq!(refused.errors()[0]["extensions"]["reason"], "persisted_query_hash");
        assert_eq!(post(&app, &hashed(RULES)).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
        assert_eq!(post(&app, &hashed("{ me { id } }")).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
    });
}

#[test]
fn what_is_refused_is_not_kept() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let brackets = format!("{{enterprises(filter:{}", "[".repeat(2_000));
        for (text, code) in [
            (brackets.as_str(), "QUERY_TOO_EXPENSIVE"),
            ("{", "BAD_DOCUMENT"),
            ("{ nowhere }", "BAD_DOCUMENT"),
            ("{ enterprises(first: \"x\") { totalCount } }", "BAD_DOCUMENT"),
            ("{ enterprises(first: 2147483647) { nodes { id } } }", "QUERY_TOO_EXPENSIVE"),
        ] {
            for _ in 0..2 {
                let refused = post(&app, &registering(text)).await;
                assert_eq!((refused.status, refused.codes()[0]), (StatusCode::BAD_REQUEST, code), "{text}");
                assert!(refused.text.len() <= 4096);
                assert_eq!(post(&app, &hashed(text)).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"], "{text}");
            }
        }
    });
}

#[test]
fn a_hash_says_what_runs_and_not_for_whom_or_with_what() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let text = "query Page($first: Int) { enterprises(first: $first) { nodes { id workplaces(first: $first) {
            nodes { id measurements(first: $first) { nodes { id } } } } } } }";
        let mut body = registering(text);
        body["variables"] = json!({"first": 2});
        app.as_role("demo-ministry").body(body).await.ok();
        let by_hash = |first: i64| json!({"extensions": persisted(&sha256(text)), "variables": {"first": first}});
        app.as_role("demo-ministry").body(by_hash(1)).await.ok();
        // Cost, variables and permission are those of the request.
        let dear = app.as_role("demo-ministry").body(by_hash(90)).await;
        assert_eq!(dear.codes(), ["QUERY_TOO_EXPENSIVE"]);
        assert_eq!(app.anonymous().body(by_hash(1)).await.codes(), ["UNAUTHENTICATED"]);
        let wrong = json!({"extensions": persisted(&sha256(text)), "variables": {"first": "x"}});
        assert_eq!(app.as_role("demo-ministry").body(wrong).await.codes(), ["BAD_USER_INPUT"]);
    });
}

#[test]
fn a_mutation_by_hash_does_not_run_over_get() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let text =
            "mutation($input: EnterpriseUpdateInput!) { enterpriseUpdate(input: $input) { userErrors { code } } }";
        let mut body = registering(text);
        body["variables"] = json!({"input": {"id": "x", "version": 1}});
        let posted = app.as_role("demo-employer_admin").body(body).await;
        assert!(!posted.user_errors().is_empty(), "{}", posted.text);
        let parameters =
            json!({"extensions": persisted(&sha256(text)), "variables": {"input": {"id": "x", "version": 1}}});
        for request in [Request::get(address(&parameters)), Request::head(address(&parameters))] {
            let answer = send(&app, request, String::new()).await;
            assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
        }
    });
}

#[test]
fn hashes_can_be_switched_off() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.documents.automatic = false).await;
        post(&app, &registering(RULES)).await.ok();
        let refused = post(&app, &hashed(RULES)).await;
        assert_eq!(refused.codes(), ["PERSISTED_QUERY_NOT_SUPPORTED"]);
        assert_eq!(refused.errors()[0]["message"], "PersistedQueryNotSupported");
        let told = app.anonymous().ask("{ serviceConfig { documents { automatic trusted } } }").await;
        assert_eq!(told.data("serviceConfig.documents"), &json!({"automatic": false, "trusted": "OFF"}));
    });
}

/// Writes into the Redis of a server, past it.
async fn redis(app: &TestApp, command: redis::Cmd) -> Option<String> {
    app.app.redis.clone().expect("the server has a Redis").call::<Option<String>>(&command).await.flatten()
}

fn key(text: &str) -> String {
    format!("osh:document:{}", sha256(text))
}

#[test]
fn replicas_share_documents_through_redis_and_live_without_it() {
    run(async {
        let one = TestApp::new(Backend::Postgres).await;
        let two = one.replica(|_| {}).await;
        let alone = one.replica(|config| config.redis.url = "redis://127.0.0.1:1/0".to_owned()).await;
        assert_eq!(post(&two, &hashed(RULES)).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
        post(&one, &registering(RULES)).await.ok();
        post(&two, &hashed(RULES)).await.ok();
        let mut ttl = redis::cmd("TTL");
        ttl.arg(key(RULES));
        let left = one.app.redis.clone().unwrap().call::<i64>(&ttl).await.unwrap();
        assert!((1..=24 * 3_600).contains(&left), "{left}");
        // Whoever has no Redis asks its clients for the text.
        assert_eq!(post(&alone, &hashed(RULES)).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
        post(&alone, &registering(RULES)).await.ok();
        post(&alone, &hashed(RULES)).await.ok();
        // A replica that knows a document tells one that does not, when a client sends the text again.
        let mut gone = redis::cmd("DEL");
        gone.arg(key(RULES));
        one.app.redis.clone().unwrap().call::<i64>(&gone).await;
        let three = one.replica(|_| {}).await;
        assert_eq!(post(&three, &hashed(RULES)).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
        post(&one, &registering(RULES)).await.ok();
        post(&three, &hashed(RULES)).await.ok();
    });
}

#[test]
fn a_text_without_a_hash_and_a_refused_one_are_not_shared() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let known = async |text: &str| {
            let mut get = redis::cmd("GET");
            get.arg(key(text));
            redis(&app, get).await
        };
        post(&app, &json!({"query": RULES})).await.ok();
        assert_eq!(known(RULES).await, None);
        post(&app, &registering("{ nowhere }")).await;
        assert_eq!(known("{ nowhere }").await, None);
        post(&app, &registering(RULES)).await.ok();
        assert_eq!(known(RULES).await.as_deref(), Some(RULES));
    });
}

#[test]
fn what_redis_holds_is_not_trusted() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let put = async |name: &str, text: &str| {
            let mut set = redis::cmd("SET");
            set.arg(key(name)).arg(text);
            redis(&app, set).await;
        };
        // Another text under the hash.
        put(RULES, "{ me { id } }").await;
        assert_eq!(post(&app, &hashed(RULES)).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
        // Texts that the guard or the schema refuses.
        let brackets = format!("{{enterprises(filter:{}", "[".repeat(2_000));
        for (text, code) in [(brackets.as_str(), "QUERY_TOO_EXPENSIVE"), ("{ nowhere }", "BAD_DOCUMENT")] {
            put(text, text).await;
            for _ in 0..2 {
                assert_eq!(post(&app, &hashed(text)).await.codes(), [code]);
            }
        }
        // No text at all.
        put("{ a }", "\u{0}\u{1}").await;
        assert_eq!(post(&app, &hashed("{ a }")).await.codes(), ["PERSISTED_QUERY_NOT_FOUND"]);
    });
}
