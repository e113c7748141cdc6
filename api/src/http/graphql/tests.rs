//! Requests as clients, browsers and attackers send them.

use async_compression::tokio::bufread::GzipEncoder;
use async_graphql::{EmptySubscription, Error, Object, Schema};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tokio::io::AsyncReadExt;

use super::*;

const MODERN: &str = "application/graphql-response+json";

struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        name.unwrap_or_else(|| "world".into())
    }
    async fn broken(&self) -> Result<i32, Error> {
        Err(Error::new("no"))
    }
    // The library nulls the parent, not the field, for an error of `Result<Option<_>, _>`.
    async fn maybe(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("no")))
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn change(&self) -> bool {
        true
    }
}

/// Status, headers and JSON of an answer.
struct Answer(StatusCode, http::HeaderMap, Json);

impl Answer {
    fn code(&self) -> &str {
        self.2["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }
    fn header(&self, name: &str) -> &str {
        self.1.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn gate(settings: Settings) -> Gate {
    let time_limit = Duration::from_millis(200);
    let (limits, documents) = (Limits::default(), Documents::default());
    Gate { settings, limits, documents, body_limit: time_limit, time_limit }
}

/// Has enough for everything.
struct Anybody;

impl Payer for Anybody {
    fn pays_for_reading<'a>(&'a self, _: &'a mut Parts) -> BoxFuture<'a, bool> {
        Box::pin(std::future::ready(true))
    }
}

async fn send(request: Request) -> Answer {
    send_with(request, &Settings::default()).await
}

async fn send_with(request: Request, settings: &Settings) -> Answer {
    let schema = Schema::new(Query, Mutation, EmptySubscription);
    let gate = gate(settings.clone());
    let response: Response = serve(request, &gate, &Anybody, async |_, prepared| {
        Ok(match prepared {
            Ok(prepared) => schema.execute(prepared.request).await,
            Err(refusal) => async_graphql::Response::from_errors(vec![refusal.into()]),
        })
    })
    .await;
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert!(body.len() <= 4096, "{} bytes", body.len());
    Answer(head.status, head.headers, serde_json::from_slice(&body).unwrap())
}

fn builder() -> http::request::Builder {
    Request::builder().uri("/graphql").method("POST").header("content-type", "application/json")
}

fn post(accept: &str, body: impl ToString) -> Request {
    builder().header("accept", accept).body(Body::from(body.to_string())).unwrap()
}

async fn modern(body: impl ToString) -> Answer {
    send(post(MODERN, body)).await
}

fn get(parameters: &[(&str, &str)]) -> Request {
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", escape(value)));
    let uri = format!("/graphql?{}", pairs.collect::<Vec<_>>().join("&"));
    Request::builder().uri(uri).header("accept", MODERN).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_query_is_answered_in_the_media_type_asked_for() {
    for (accept, expected) in [
        (MODERN, MODERN),
        ("application/json", "application/json"),
        ("application/json;q=0.5, application/graphql-response+json", MODERN),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", MODERN),
        ("application/json, application/graphql-response+json", "application/json"),
        ("*/*", "application/json"),
        ("text/html, application/*;q=0.8", "application/json"),
        ("*/*, application/graphql-response+json", MODERN),
        ("*/*, application/json;q=0", MODERN),
        ("", "application/json"),
    ] {
        let answer = send(post(accept, json!({"query": "{hello}"}))).await;
        assert_eq!((answer.0, answer.2), (StatusCode::OK, json!({"data": {"hello": "world"}})), "{accept}");
        assert_eq!(answer.1["content-type"], format!("{expected}; charset=utf-8"), "{accept}");
        assert_eq!((&answer.1["vary"], &answer.1["cache-control"]), (&VARY_ON, &"no-store".parse().unwrap()));
    }
}

#[tokio::test]
async fn the_answer_to_a_missing_accept_is_a_setting() {
    let settings = Settings { default_media_type: MediaType::GraphqlResponse, ..Settings::default() };
    for request in
        [builder().body(Body::from(r#"{"query":"{hello}"}"#)).unwrap(), post("*/*", r#"{"query":"{hello}"}"#)]
    {
        assert!(send_with(request, &settings).await.header("content-type").starts_with(MODERN));
    }
}

#[tokio::test]
async fn an_answer_nobody_can_read_is_not_computed() {
    for accept in ["text/html", "application/xml;q=1", "application/json;q=0", "application/json;charset=koi8-r", "x"] {
        let answer = send(post(accept, json!({"query": "{hello}"}))).await;
        assert_eq!((answer.0, answer.code()), (StatusCode::NOT_ACCEPTABLE, "BAD_REQUEST"), "{accept}");
    }
}

#[tokio::test]
async fn only_json_is_taken_from_a_post() {
    let body = r#"{"query":"{hello}"}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
    ] {
        let request = Request::builder().method("POST").header("content-type", content_type);
        let answer = send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(
            (answer.0, answer.header("accept")),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "application/json"),
            "{content_type}"
        );
    }
    let without = Request::builder().method("POST").body(Body::from(body)).unwrap();
    assert_eq!(send(without).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for content_type in ["application/json; charset=UTF-8", "Application/JSON;charset=\"utf-8\""] {
        let request = Request::builder().method("POST").header("content-type", content_type);
        assert_eq!(send(request.body(Body::from(body)).unwrap()).await.0, StatusCode::OK, "{content_type}");
    }
}

#[tokio::test]
async fn parameters_of_the_wrong_form_are_a_bad_request() {
    let query = "{hello}";
    for body in [
        json!({}),
        json!({"query": null}),
        json!({"query": 1}),
        json!({"query": query, "variables": []}),
        json!({"query": query, "variables": "{}"}),
        json!({"query": query, "extensions": 1}),
        json!({"query": query, "operationName": ["a"]}),
        json!([{"query": query}]),
        json!("query"),
    ] {
        for accept in [MODERN, "application/json"] {
            let answer = send(post(accept, &body)).await;
            assert_eq!((answer.0, answer.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{body}");
            assert!(answer.2.get("data").is_none());
        }
    }
    for body in ["", "{", "{\"query\":\"\\ud800\"}", &"[".repeat(100_000)] {
        assert_eq!(modern(body).await.0, StatusCode::BAD_REQUEST);
    }
    let nulls = json!({"query": query, "variables": null, "operationName": null, "extensions": null, "other": 1});
    assert_eq!(modern(nulls).await.0, StatusCode::OK);
}

async fn zipped(text: &[u8]) -> Vec<u8> {
    let mut zipped = Vec::new();
    GzipEncoder::new(text).read_to_end(&mut zipped).await.unwrap();
    zipped
}

#[tokio::test]
async fn a_compressed_body_is_counted_as_it_is_decoded() {
    let send = async |coding: &str, body: Vec<u8>| {
        let request = Request::builder().method("POST").header("content-type", "application/json");
        let answer = send(request.header("content-encoding", coding).body(Body::from(body)).unwrap()).await;
        (answer.0, answer.header("accept-encoding").to_owned())
    };
    let (text, none) = (json!({"query": "{hello}"}).to_string(), String::new());
    let status = async |coding: &str, body: Vec<u8>| send(coding, body).await.0;
    assert_eq!(send("gzip", zipped(text.as_bytes()).await).await, (StatusCode::OK, none));
    assert_eq!(status("identity", text.clone().into()).await, StatusCode::OK);
    let bomb = zipped(&vec![b' '; 100_000_000]).await;
    assert!(bomb.len() < 102_400, "{}", bomb.len());
    assert_eq!(status("gzip", bomb).await, StatusCode::PAYLOAD_TOO_LARGE);
    let whole = zipped(text.as_bytes()).await;
    for broken in [text.clone().into_bytes(), whole[..whole.len() - 9].to_vec(), Vec::new()] {
        assert_eq!(status("gzip", broken).await, StatusCode::BAD_REQUEST);
    }
    for coding in ["br", "deflate", "gzip, gzip", ""] {
        let (status, accepted) = send(coding, whole.clone()).await;
        assert_eq!((status, &*accepted), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "gzip, identity"), "{coding}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let body = json!({"query": "{hello}", "extensions": {"x": " ".repeat(262_144)}});
    let answer = modern(body).await;
    assert_eq!((answer.0, answer.code()), (StatusCode::PAYLOAD_TOO_LARGE, "BAD_REQUEST"));
    // The rest of it is not read, so that the connection cannot be used again.
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn get_runs_queries_and_nothing_else() {
    let answer = send(get(&[
        ("query", "query A{a:hello} query B($n:String){b:hello(name:$n)}"),
        ("operationName", "B"),
        ("variables", r#"{"n":"ж & 🏃"}"#),
        ("extensions", "{}"),
    ]))
    .await;
    assert_eq!((answer.0, answer.2), (StatusCode::OK, json!({"data": {"b": "ж & 🏃"}})));
    let answer = send(get(&[("query", "mutation{change}")])).await;
    assert_eq!((answer.0, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    assert_eq!(
        send(get(&[("query", "query A{hello} mutation B{change}"), ("operationName", "A")])).await.0,
        StatusCode::OK
    );
    for parameters in [
        [("query", "{hello}"), ("variables", "{")],
        [("query", "{hello}"), ("variables", "[]")],
        [("query", "{hello}"), ("query", "{hello}")],
        [("operationName", "A"), ("variables", "")],
    ] {
        assert_eq!(send(get(&parameters)).await.0, StatusCode::BAD_REQUEST, "{parameters:?}");
    }
    let put = Request::builder().method("PUT").body(Body::empty()).unwrap();
    let answer = send(put).await;
    assert_eq!((answer.0, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, POST"));
}

#[tokio::test]
async fn a_document_that_cannot_run_is_400_or_200_by_media_type() {
    for (query, code) in [
        ("{", "BAD_DOCUMENT"),
        ("{nowhere}", "BAD_DOCUMENT"),
        ("query A{hello}query B{hello}", "BAD_DOCUMENT"),
        ("subscription{x}", "BAD_DOCUMENT"),
        ("{hello(name:{a:1,a:1})}", "BAD_DOCUMENT"),
        ("query($v:Int!){hello}", "BAD_DOCUMENT"),
        (&format!("{{{}}}", "hello ".repeat(31)), "QUERY_TOO_EXPENSIVE"),
    ] {
        let answer = modern(json!({ "query": query })).await;
        assert_eq!((answer.0, answer.code(), answer.2.get("data")), (StatusCode::BAD_REQUEST, code, None), "{query}");
        let answer = send(post("application/json", json!({ "query": query }))).await;
        assert_eq!((answer.0, answer.code(), answer.2.get("data")), (StatusCode::OK, code, None), "{query}");
    }
}

#[tokio::test]
async fn an_error_of_a_field_is_an_answer() {
    let answer = modern(json!({"query": "{maybe hello}"})).await;
    assert_eq!((answer.0, &answer.2["data"]), (StatusCode::OK, &json!({"maybe": null, "hello": "world"})));
    let answer = modern(json!({"query": "{broken}"})).await;
    assert_eq!((answer.0, answer.2.get("data")), (StatusCode::OK, Some(&Json::Null)));
}

#[tokio::test]
async fn every_error_carries_the_id_of_the_request() {
    let bodies = [json!(1), json!({"query": "{"}), json!({"query": "{nowhere}"}), json!({"query": "{broken}"})];
    for (id, expected) in [("0192-abc", json!("0192-abc")), ("<script>", Json::Null)] {
        for body in &bodies {
            let request = builder().header("x-request-id", id).body(Body::from(body.to_string())).unwrap();
            assert_eq!(send(request).await.2["errors"][0]["extensions"]["requestId"], expected, "{body}");
        }
    }
}

#[tokio::test]
async fn many_errors_of_validation_make_a_small_answer() {
    let fields = (0..2_000).map(|n| format!("{}{n} ", "x".repeat(20))).collect::<String>();
    let answer = modern(json!({"query": format!("{{hello{{{fields}}}}}")})).await;
    assert_eq!(answer.0, StatusCode::BAD_REQUEST);
    let few = (0..20).map(|n| format!("x{n} ")).collect::<String>();
    let answer = modern(json!({"query": format!("{{{few}}}")})).await;
    assert_eq!((answer.0, answer.2["errors"].as_array().map(Vec::len)), (StatusCode::BAD_REQUEST, Some(8)));
    let (operation, variable) = ("y".repeat(128), "x".repeat(128));
    let long = modern(json!({"query": format!("query {operation} {{hello(name: ${variable})}}")})).await;
    assert_eq!((long.0, long.code()), (StatusCode::BAD_REQUEST, "BAD_DOCUMENT"));
    assert!(long.2["errors"][0]["message"].as_str().unwrap().ends_with("y…"), "{}", long.2);
    let name = "\u{1}\"".repeat(10_000);
    assert_eq!(modern(json!({"query": "{hello}", "operationName": name})).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_default_of_a_variable_decides_a_condition() {
    let query = "query($yes:Boolean=true){hello @include(if:$yes) other:hello @skip(if:$yes)}";
    assert_eq!(modern(json!({ "query": query })).await.2, json!({"data": {"hello": "world"}}));
    assert_eq!(
        modern(json!({"query": query, "variables": {"yes": false}})).await.2,
        json!({"data": {"other": "world"}})
    );
}

#[tokio::test]
async fn an_error_of_the_executor_has_its_status_and_the_media_type() {
    let gate = gate(Settings::default());
    let response = serve(post(MODERN, json!({"query": "{hello}"})), &gate, &Anybody, async |_, _| {
        Err(HttpError::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "budget")
            .header(http::header::RETRY_AFTER, http::HeaderValue::from(7)))
    })
    .await;
    assert_eq!(
        (response.status(), &response.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &http::HeaderValue::from(7))
    );
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with(MODERN));
}

#[tokio::test]
async fn a_panic_and_a_body_that_never_arrives_are_told_in_the_callers_language() {
    let gate = gate(Settings::default());
    let never = || Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let whole = || Body::from(json!({"query": "{hello}"}).to_string());
    let cases: [(&dyn Fn() -> Body, StatusCode, &str); 2] =
        [(&whole, StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"), (&never, StatusCode::REQUEST_TIMEOUT, "TIMEOUT")];
    for (body, status, code) in cases {
        let mut texts = std::collections::BTreeSet::new();
        for language in ["kk", "ru", "en"] {
            let request = Request::post("/").header("content-type", "application/json").header("accept", MODERN);
            let request =
                request.header("accept-language", language).header("x-request-id", "r-1").body(body()).unwrap();
            let response = serve(request, &gate, &Anybody, async |_, _| panic!("a fault of ours")).await;
            assert_eq!(response.status(), status);
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with(MODERN));
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let json: Json = serde_json::from_slice(&body).unwrap();
            let error = &json["errors"][0];
            assert_eq!(
                (&error["extensions"]["code"], &error["extensions"]["requestId"]),
                (&json!(code), &json!("r-1"))
            );
            assert!(!error.to_string().contains("a fault of ours"), "{error}");
            texts.insert(error["message"].to_string());
        }
        assert_eq!(texts.len(), 3, "{texts:?}");
    }
}
