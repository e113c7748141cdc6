//! What is said of a request that is none, in three languages.

use std::collections::BTreeSet;

use axum::body::Body;
use entity::person;
use http::Request;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::{Answer, Backend, TestApp, on_both, run, shared};

async fn texts(request: impl Fn() -> Request<Body>) -> (Value, BTreeSet<String>) {
    let app = shared(Backend::Sqlite).await;
    let (mut texts, mut last) = (BTreeSet::new(), Value::Null);
    for language in ["kk-KZ", "ru", "en;q=0.9"] {
        let mut request = request();
        request.headers_mut().insert("accept-language", language.parse().unwrap());
        let answer = Answer::read(app.send(request).await).await;
        texts.insert(answer.errors()[0]["message"].as_str().unwrap().to_owned());
        last = answer.errors()[0]["extensions"].clone();
    }
    (last, texts)
}

#[test]
fn what_is_wrong_with_the_http_request_is_said_in_three_languages() {
    run(async {
        type Make = fn() -> Request<Body>;
        let cases: [(Make, &str); 18] = [
            (|| Request::post("/graphql").body(Body::empty()).unwrap(), "content_type"),
            (|| json_post("{"), "json"),
            (|| json_post("[]"), "batch"),
            (|| json_post("7"), "body"),
            (|| json_post(r#"{"query":1}"#), "query"),
            (|| json_post(r#"{"query":"{a}","operationName":1}"#), "operation_name"),
            (|| json_post(r#"{"query":"{a}","variables":1}"#), "variables"),
            (|| json_post(r#"{"query":"{a}","extensions":1}"#), "extensions"),
            (|| json_post(r#"{"documentId":1}"#), "document_id"),
            (|| json_post(r#"{"query":"{a}","extensions":{"persistedQuery":1}}"#), "persisted_query"),
            (|| json_post(r#"{"query":"{a}","variables":{"a":"\u0000"}}"#), "nul"),
            (|| json_post(&" ".repeat(300_000)), "body_bytes"),
            (
                || Request::get("/graphql?query=%7Ba%7D").header("accept", "text/html").body(Body::empty()).unwrap(),
                "accept",
            ),
            (
                || Request::get("/graphql?query=%7Ba%7D").header("x-osh-cost", "all").body(Body::empty()).unwrap(),
                "cost_header",
            ),
            (|| Request::get("/graphql").header("upgrade", "websocket").body(Body::empty()).unwrap(), "upgrade"),
            (|| Request::put("/graphql").body(Body::empty()).unwrap(), "method"),
            (|| Request::get("/graphql?query=a&query=b").body(Body::empty()).unwrap(), "address"),
            (|| Request::get("/nowhere").body(Body::empty()).unwrap(), "nothing_here"),
        ];
        for (request, reason) in cases {
            let (extensions, texts) = texts(request).await;
            assert_eq!((extensions["reason"].as_str(), texts.len()), (Some(reason), 3), "{texts:?}");
        }
    });
}

fn json_post(body: &str) -> Request<Body> {
    let request = Request::post("/graphql").header("content-type", "application/json");
    request.header("accept", "application/graphql-response+json").body(Body::from(body.to_owned())).unwrap()
}

#[test]
fn what_is_wrong_with_the_document_is_said_in_three_languages_and_the_library_is_kept() {
    run(async {
        for (document, reason, detail) in [
            ("{", "syntax", "Syntax error"),
            ("{ nowhere }", "unknown_field", "Unknown field \"nowhere\""),
            ("{ ruleSets(a: 1) { code } }", "unknown_argument", "Unknown argument"),
            ("query($a: Nothing) { ruleSets { code } }", "unknown_type", "Unknown type"),
            ("{ ruleSets @gone { code } }", "unknown_directive", "Unknown directive"),
            ("{ ruleSets { ...Gone } }", "unknown_fragment", "Unknown fragment"),
            ("query($a: Int) { ruleSets { code } }", "variable", "is not used"),
            ("{ ruleSets }", "selection", "selection"),
            ("{ ruleSets { code code: names { ru } } }", "field_conflict", "conflict"),
            ("query A { ruleSets { code } } query B { ruleSets { code } }", "operation_name_required", "operationName"),
        ] {
            let (extensions, texts) = texts(|| json_post(&json!({ "query": document }).to_string())).await;
            assert_eq!((extensions["reason"].as_str(), texts.len()), (Some(reason), 3), "{document}: {texts:?}");
            let found = extensions["detail"].as_str().unwrap_or_default();
            assert!(found.contains(detail) && extensions["code"] == "BAD_DOCUMENT", "{document}: {extensions}");
        }
    });
}

on_both! {
    async fn who_does_not_say_a_language_is_answered_in_the_own_one(backend) {
        let app = TestApp::new(backend).await;
        let locale = person::Entity::update_many().col_expr(person::Column::Locale, Expr::value("kk"));
        locale.filter(person::Column::Subject.eq("demo-ministry")).exec(app.app.db.writer()).await.unwrap();
        let (person, kazakh) = (app.as_role("demo-ministry").without_language(), app.as_role("demo-ministry").speaking("kk"));
        let expensive = "{ enterprises(first: 100000) { nodes { id } } }";
        for document in ["{", "{ nowhere }", expensive, "{ enterprise(by: {bin: \"1\"}) { id } }"] {
            let message = |answer: &Answer| answer.errors()[0]["message"].clone();
            let (found, wanted) = (person.query(document, json!({})).await, kazakh.query(document, json!({})).await);
            assert_eq!(message(&found), message(&wanted), "{document}");
            let russian = app.anonymous().without_language().query(document, json!({})).await;
            assert_ne!(message(&found), message(&russian), "{document}");
        }
    }
}

/// `docs/refusals.md` names for each refusal the tests that fail without it.
#[test]
fn every_test_that_the_list_of_refusals_names_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = String::new();
    let mut folders = vec![root.join("tests/it"), root.join("api/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => sources.push_str(&std::fs::read_to_string(entry.path()).unwrap_or_default()),
            }
        }
    }
    let list = std::fs::read_to_string(root.join("docs/refusals.md")).unwrap();
    let named = list.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit(" | ").next());
    let named = named.flat_map(|cell| cell.split('`')).filter(|name| name.len() > 20 && !name.contains(['/', ' ']));
    let named: BTreeSet<&str> = named.collect();
    assert!(named.len() > 60, "{} tests", named.len());
    let missing: Vec<_> = named.into_iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert_eq!(missing, [] as [&str; 0]);
}
