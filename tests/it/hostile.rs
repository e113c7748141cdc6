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

/// A document above each limit and below those that are looked at before it.
fn above_each_limit() -> Vec<(&'static str, String)> {
    let aliases = |count: usize| (0..count).map(|n| format!("a{n}:__typename ")).collect::<String>();
    let many = |what: &str, times: usize| what.repeat(times);
    let deep =
        |field: &str, levels: usize| format!("{{{}x{}}}", many(&format!("{field}{{"), levels), many("}", levels));
    let chain: String = (1..40).map(|n| format!(" fragment F{n} on Query{{...F{}}}", n - 1)).collect();
    let doubling: String = (1..20).map(|n| format!(" fragment F{n} on Query{{...F{0} ...F{0}}}", n - 1)).collect();
    let page = "nodes{workplaces(first:100){nodes{assessments(first:100){nodes{id}}}}}";
    let uses = many("$v ", 900);
    vec![
        ("document_bytes", format!("{{__typename}} # {}", many("x", 66_000))),
        ("tokens", format!("{{me{{{}}}}}", many("id ", 8_000))),
        ("nesting", many("{a", 65)),
        ("name_bytes", format!("{{{}}}", many("a", 129))),
        ("operations", (0..31).map(|n| format!("query A{n}{{__typename}} ")).collect()),
        ("directives", format!("{{__typename {}}}", many("@a ", 61))),
        ("variable_uses", format!("query($v:ID!){{nodes(ids:[{}]){{id}}}}", many("$v ", 1_001))),
        ("variable_values", format!("query($v:[Int!]){{nodes(ids:[{uses}]){{id}}}}")),
        ("expanded_fields", format!("{{...F19}} fragment F0 on Query{{__typename}}{doubling}")),
        ("expanded_nesting", format!("{{...F39}} fragment F0 on Query{{__typename}}{chain}")),
        ("depth", deep("a", 16)),
        ("aliases", format!("{{me{{{}}}}}", aliases(61))),
        ("root_fields", format!("{{{}}}", aliases(31))),
        ("introspection", format!("{{__schema{{types{{{}name{}}}}}}}", many("fields{type{", 5), many("}}", 5))),
        ("cost", format!("{{enterprises(first:100){{{page}}}}}")),
    ]
}

#[test]
fn every_limit_is_published_and_named_in_its_refusal() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let published = app.anonymous().ask("{ serviceConfig { limits { documentBytes tokens nesting nameBytes operations \
            directives variableUses variableValues expandedFields expandedNesting depth aliases rootFields introspection cost } } }").await;
        let published = published.data("serviceConfig.limits").as_object().unwrap();
        assert_eq!(published.len(), above_each_limit().len());
        for (limit, document) in above_each_limit() {
            let answer = app.anonymous().query(&document, json!({"v": vec![1; 400]})).await;
            assert_eq!(answer.codes(), ["QUERY_TOO_EXPENSIVE"], "{limit}");
            let (error, shown) = (&answer.errors()[0], document.chars().take(80).collect::<String>());
            assert_eq!(error["extensions"]["limit"], limit, "{shown}: {error}");
            let mut words = limit.split('_');
            let first = words.next().unwrap().to_owned();
            let name = words.fold(first, |name, word| format!("{name}{}{}", word[..1].to_uppercase(), &word[1..]));
            assert_eq!(error["extensions"]["allowed"], published[&name], "{limit}");
            assert!(error["message"].as_str().unwrap().contains(limit), "{error}");
        }
    });
}

#[test]
fn the_character_that_no_database_keeps_is_refused_wherever_it_stands() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        for body in [
            r#"{"query":"{__typename}","variables":{"v":"a\u0000b"}}"#,
            r#"{"query":"{__typename}","variables":{"v":[{"x":["\u0000"]}]}}"#,
            r#"{"query":"{__typename}","variables":{"\u0000":1}}"#,
            r#"{"query":"{__typename}","operationName":"\u0000"}"#,
            r#"{"query":"{__typename}","extensions":{"v":"\u0000"}}"#,
            r#"{"query":"{__typename \u0000}"}"#,
        ] {
            let answer = app.anonymous().body(serde_json::from_str(body).unwrap()).await;
            let error = &answer.errors()[0]["extensions"];
            assert_eq!((answer.status, &error["reason"]), (StatusCode::BAD_REQUEST, &json!("nul")), "{body}");
        }
    });
}

#[test]
fn what_an_argument_may_hold_is_published() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let limits =
            app.anonymous().ask("{ serviceConfig { limits { maxIds minSearchLength maxSearchLength } } }").await;
        let limit = |name: &str| limits.int(&format!("serviceConfig.limits.{name}"));
        let ministry = app.as_role("demo-ministry");
        let many = |count: i64| vec!["x"; count as usize];
        let ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let refused = ministry.query(ids, json!({"ids": many(limit("maxIds") + 1)})).await;
        assert_eq!(refused.errors()[0]["extensions"]["limit"], limit("maxIds").to_string());
        let search = "query($text: String) { enterprises(filter: {search: $text}) { totalCount } }";
        for (length, fits) in [
            (limit("minSearchLength") - 1, false),
            (limit("minSearchLength"), true),
            (limit("maxSearchLength"), true),
            (limit("maxSearchLength") + 1, false),
        ] {
            let answer = ministry.query(search, json!({"text": "ц".repeat(length as usize)})).await;
            assert_eq!(answer.codes().is_empty(), fits, "{length}: {}", answer.text);
        }
    });
}
