//! Server-sent events in distinct connections mode: who gets a stream, and what is in it.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tests::happenings::{self, Happened::Level};
use tests::world::World;
use tests::{Answer, Backend, EventStream, TestApp, on_both, run, shared};

use crate::realtime::{LEVELS, enterprise, seen};

const QUERY: &str = "{ ruleSets { code } }";

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn post(app: &TestApp, accept: &str, document: &str) -> Answer {
    let request = Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
    let request = request.header("accept-language", "en").body(Body::from(json!({ "query": document }).to_string()));
    Answer::read(app.send(request.unwrap()).await).await
}

fn is_stream(answer: &Answer) -> bool {
    answer.header("content-type") == "text/event-stream"
}

on_both! {
    async fn a_subscription_by_post_and_by_get_is_a_stream_of_next(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let [one, other] = seen(&world, "demo-ministry", 2).try_into().unwrap();
        let after = happenings::write(&app, &world, &[Level(one)]).await;
        let ministry = app.as_role("demo-ministry");
        let posted = ministry.listen(LEVELS, json!({ "after": after })).await;
        let variables = json!({ "after": after }).to_string();
        let uri = format!("/graphql?query={}&variables={}", encoded(LEVELS), encoded(&variables));
        let request = Request::get(uri).header("accept", "application/json;q=0.5, text/event-stream");
        let request = request.header("accept-encoding", "gzip");
        let request = request.header("authorization", format!("Bearer {}", ministry.token().unwrap()));
        let got = EventStream::new(app.send(request.body(Body::empty()).unwrap()).await);
        for mut stream in [posted, got] {
            assert_eq!(stream.head.status, StatusCode::OK);
            let header = |name: &str| stream.head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(header("content-type").as_deref(), Some("text/event-stream"));
            assert_eq!(header("cache-control").as_deref(), Some("no-store"));
            assert!(header("x-request-id").is_some());
            assert_eq!(header("content-encoding"), None, "a stream that is compressed waits for its block");
            assert_eq!(enterprise(&stream.told().await), one);
            happenings::tell(&app, &world, &[Level(other)]).await;
            assert_eq!(enterprise(&stream.told().await), other);
        }
    }
}

#[test]
fn a_query_is_one_next_and_the_end_unless_the_client_also_takes_json() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let stream = app.anonymous().listen(QUERY, json!({})).await;
        assert_eq!(stream.head.status, StatusCode::OK);
        let events = stream.rest().await;
        let [(next, data), (complete, nothing)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((&**next, &**complete, &**nothing), ("next", "complete", ""));
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["data"], json!({"ruleSets": [{"code": "KZ-2023-PROVISIONAL"}]}));
        for accept in ["text/event-stream, application/json", "text/event-stream, */*"] {
            let answer = post(app, accept, QUERY).await;
            assert_eq!((answer.status, &answer.json["data"]), (StatusCode::OK, &data["data"]), "{accept}");
        }
    });
}

#[test]
fn a_stream_is_given_to_who_asks_for_it_by_name() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        // Of the public, which is refused: a stream with the refusal, or no stream.
        for (accept, status, stream) in [
            ("text/event-stream", 200, true),
            ("TEXT/EVENT-STREAM; charset=utf-8", 200, true),
            ("text/html, text/event-stream;q=0.1", 200, true),
            ("text/event-stream;q=0", 406, false),
            ("text/event-stream; q=0.000, application/json", 200, false),
            ("text/event-stream;q=0, application/graphql-response+json", 400, false),
            ("text/event-streams", 406, false),
            ("text/*", 406, false),
            ("*/*", 200, false),
            ("application/json", 200, false),
        ] {
            let answer = post(app, accept, LEVELS).await;
            assert_eq!((answer.status.as_u16(), is_stream(&answer)), (status, stream), "{accept}: {}", answer.text);
            if stream {
                assert!(answer.text.contains("UNAUTHENTICATED"), "{accept}: {}", answer.text);
            } else {
                assert_eq!(answer.codes(), ["BAD_REQUEST"], "{accept}: {}", answer.text);
            }
        }
    });
}

#[test]
fn what_is_no_request_is_refused_by_its_status_and_a_wrong_document_by_the_stream() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let send = async |request: http::request::Builder, body: &str| {
            let request = request.header("accept", "text/event-stream").body(Body::from(body.to_owned())).unwrap();
            Answer::read(app.send(request).await).await
        };
        let json = || Request::post("/graphql").header("content-type", "application/json");
        let before = app.content().await;
        let mutation = encoded("mutation { enterpriseUpdate(input: {id: \"x\", version: 1}) { __typename } }");
        for (request, body, status) in [
            (json(), "{", 400),
            (json(), "[]", 400),
            (json(), "{}", 400),
            (Request::post("/graphql").header("content-type", "text/plain"), "{}", 415),
            (Request::put("/graphql"), "", 405),
            (Request::get(format!("/graphql?query={mutation}")), "", 405),
        ] {
            let shown = format!("{request:?} {body}");
            let answer = send(request, body).await;
            assert_eq!((answer.status.as_u16(), answer.codes()), (status, vec!["BAD_REQUEST"]), "{shown}");
        }
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        for (document, code) in [("subscription {", "BAD_DOCUMENT"), ("{ nothing }", "BAD_DOCUMENT")] {
            let answer = post(&app, "text/event-stream", document).await;
            assert_eq!((answer.status.as_u16(), is_stream(&answer)), (200, true), "{document}");
            assert!(
                answer.text.contains(code) && answer.text.contains("\n\nevent: complete\n"),
                "{document}: {:?}",
                answer.text
            );
        }
    });
}

#[test]
fn refusals_name_their_request() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let request = Request::post("/graphql").header("content-type", "application/json");
        let request = request.header("accept", "text/event-stream").header("x-request-id", "test-17");
        let body = Body::from(json!({ "query": LEVELS }).to_string());
        let mut stream = EventStream::new(app.send(request.body(body).unwrap()).await);
        assert_eq!(stream.told().await["errors"][0]["extensions"]["requestId"], "test-17");
    });
}
