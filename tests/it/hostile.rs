//! Documents made to hurt: each is refused with a small answer, quickly, and the server goes on.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;
use tests::{Answer, Backend, run, shared};

const LARGEST_ANSWER: usize = 4096;

const MODERN: &str = "application/graphql-response+json";
/// Longest address a document is also sent in.
const ADDRESS: usize = 12_000;

/// By POST, as an event stream, and by GET when an address can hold it.
async fn refused(document: String, expected: &str) {
    let app = shared(Backend::Sqlite).await;
    let shown: String = document.chars().take(60).collect();
    let body = json!({ "query": document }).to_string();
    let post = |accept| Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
    let escaped: String = document.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let get = Request::get(format!("/graphql?query={}", if escaped.len() < ADDRESS { &escaped } else { "%7B" }));
    let ways = [
        post(MODERN).body(Body::from(body.clone())).unwrap(),
        post("text/event-stream").body(Body::from(body)).unwrap(),
        get.header("accept", MODERN).body(Body::empty()).unwrap(),
    ];
    let short = if escaped.len() < ADDRESS { 3 } else { 2 };
    for request in ways.into_iter().take(short) {
        let begun = Instant::now();
        let mut answer = Answer::read(app.send(request).await).await;
        // An event stream tells its refusal in an event.
        if let Some(event) = answer.text.lines().find_map(|line| line.strip_prefix("data: ")) {
            answer = Answer { json: serde_json::from_str(event).unwrap(), status: StatusCode::BAD_REQUEST, ..answer };
        }
        assert_eq!((answer.status, answer.codes()[0]), (StatusCode::BAD_REQUEST, expected), "{shown}: {}", answer.text);
        assert!(answer.text.len() <= LARGEST_ANSWER, "{shown}: {} bytes", answer.text.len());
        // Fifty milliseconds are the promise of an optimised server; this one is not, and shares its cores.
        assert!(begun.elapsed() < Duration::from_secs(2), "{shown}: {:?}", begun.elapsed());
    }
    assert_eq!(app.anonymous().ask("{ ruleSets { code } }").await.status, StatusCode::OK, "{shown}");
}

#[test]
fn two_thousand_open_brackets_do_not_overflow_the_stack() {
    run(async {
        for bracket in ["[", "{", "("] {
            refused(format!("{{enterprises(filter:{})", bracket.repeat(2_000)), "QUERY_TOO_EXPENSIVE").await;
        }
        let closed = format!("{{enterprises(first:{}1{})}}", "[".repeat(2_000), "]".repeat(2_000));
        refused(closed, "QUERY_TOO_EXPENSIVE").await;
        refused(format!("{}{}", "{enterprises".repeat(2_000), "}".repeat(2_000)), "QUERY_TOO_EXPENSIVE").await;
    });
}

#[test]
fn fragments_that_double_are_counted_before_they_are_expanded() {
    run(async {
        let mut document = "{...F30} fragment F0 on Query{__typename}".to_owned();
        for level in 1..=30 {
            let below = level - 1;
            document.push_str(&format!(" fragment F{level} on Query{{...F{below} ...F{below}}}"));
        }
        refused(document, "QUERY_TOO_EXPENSIVE").await;
        refused("{...A} fragment A on Query{...B} fragment B on Query{...A}".to_owned(), "BAD_DOCUMENT").await;
    });
}

#[test]
fn a_flood_of_names_is_refused() {
    run(async {
        let aliases: String = (0..200).map(|n| format!("a{n}:__typename ")).collect();
        refused(format!("{{{aliases}}}"), "QUERY_TOO_EXPENSIVE").await;
        refused(format!("{{{}}}", "__typename ".repeat(20_000)), "QUERY_TOO_EXPENSIVE").await;
        refused(format!("{{{}}}", "x".repeat(10_000)), "QUERY_TOO_EXPENSIVE").await;
        refused(format!("{{__typename {}}}", "@skip(if:false) ".repeat(500)), "QUERY_TOO_EXPENSIVE").await;
    });
}

#[test]
fn a_page_as_large_as_a_number_can_be_is_not_cheap() {
    run(async {
        for size in ["2147483647", "4611686018427387904", "99999999999999999999"] {
            let document = format!("{{enterprises(first:{size}){{edges{{node{{id}}}}}}}}");
            refused(document, "QUERY_TOO_EXPENSIVE").await;
        }
    });
}

#[test]
fn faults_by_the_thousand_make_a_small_answer() {
    run(async {
        let numbered: String = (0..2_000).map(|n| format!("x{n}:1 ")).collect();
        let texts = "\"x\" ".repeat(7_000);
        refused(format!("{{workplaces(filter:{{degrees:[{texts}]}}){{totalCount}}}}"), "BAD_DOCUMENT").await;
        refused(format!("{{enterprises(filter:{{{numbered}}}){{totalCount}}}}"), "BAD_DOCUMENT").await;
        refused(format!("{{enterprises({numbered}){{totalCount}}}}"), "BAD_DOCUMENT").await;
        let control = "\u{1}".repeat(20_000);
        refused(format!("{{enterprise(by:{{bin:\"{control}\" id:1.5}}){{id}}}}"), "BAD_DOCUMENT").await;
    });
}

#[test]
fn what_the_library_would_execute_wrongly_is_refused() {
    run(async {
        for document in [
            // An input field twice: the parser would keep one of the two.
            r#"{enterprises(filter:{search:"abc",search:"abd"}){totalCount}}"#,
            // A variable that may be null where nothing may be null.
            "query($id:ID){node(id:$id){id}}",
            "query A{me{id}} query B($id:ID){...F} fragment F on Query{node(id:$id){id}}",
            // Two fields of one place: one of the two would be lost.
            "{enterprises{nodes{x:name}} enterprises{nodes{x:bin}}}",
            r#"{node(id:"x"){...on Enterprise{x:name} ...on Workplace{x:workers}}}"#,
            "query A{me{id}} subscription B{enterpriseLevelChanged{cursor} assessmentStatusChanged{cursor}}",
        ] {
            let app = shared(Backend::Sqlite).await;
            let name = document.starts_with("query A").then_some("A");
            let body = json!({"query": document, "operationName": name, "variables": {"id": "x"}});
            let answer = app.anonymous().body(body).await;
            assert_eq!(
                (answer.status, answer.codes()[0]),
                (StatusCode::BAD_REQUEST, "BAD_DOCUMENT"),
                "{}",
                answer.text
            );
        }
    });
}

#[test]
fn every_limit_is_named_in_the_refusal() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let aliases: String = (0..61).map(|n| format!("a{n}:__typename ")).collect();
        let answer = app.anonymous().query(&format!("{{me{{{aliases}}}}}"), json!({})).await;
        let extensions = &answer.errors()[0]["extensions"];
        assert_eq!((&extensions["limit"], &extensions["allowed"]), (&json!("aliases"), &json!(60)));
        assert!(answer.errors()[0]["message"].as_str().unwrap().contains("aliases"), "{}", answer.text);
    });
}
