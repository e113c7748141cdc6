//! What caches are told of an answer: tags, ages, and on what it depends.

use std::collections::BTreeSet;

use axum::body::Body;
use http::request::Builder;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, Backend, TestApp, run, shared};

use crate::persisted::address;

const MAP: &str = "{ map { regions { name counts { total } } } }";

async fn send(app: &TestApp, request: Builder) -> Answer {
    Answer::read(app.send(request.body(Body::empty()).unwrap()).await).await
}

fn get(document: &str) -> Builder {
    Request::get(address(&json!({ "query": document })))
}

fn signed_in(app: &TestApp, document: &str) -> Builder {
    let token = app.as_role("demo-ministry").token().unwrap().to_owned();
    get(document).header("authorization", format!("Bearer {token}"))
}

#[test]
fn what_the_public_reads_by_get_may_be_shared() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let answer = send(app, get(MAP)).await.ok();
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "public, max-age=60"));
        assert!(answer.header("etag").starts_with("W/\""), "{:?}", answer.headers);
        let posted = app.anonymous().ask(MAP).await;
        assert_eq!((posted.header("cache-control"), posted.header("etag")), ("no-store", ""));
    });
}

#[test]
fn an_answer_to_somebody_is_never_shared() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        for document in [MAP, "{ me { id } }", "{ enterprises(first: 1) { nodes { id } } }", "{ ruleSets { code } }"] {
            let answer = send(app, signed_in(app, document)).await.ok();
            assert_eq!(answer.header("cache-control"), "private, no-cache", "{document}");
            assert!(!answer.header("etag").is_empty());
        }
        // Not even what is told to somebody whose token does not hold, or who sends none that could.
        for authorization in ["Bearer nonsense", "Basic x", ""] {
            let answer = send(app, get(MAP).header("authorization", authorization)).await;
            assert_eq!((answer.header("cache-control"), answer.header("etag")), ("no-store", ""), "{authorization}");
        }
    });
}

#[test]
fn an_answer_with_an_error_is_not_kept() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        for document in ["{ me { id } }", "{ ruleSets { code } me { id } }", "{ nowhere }", "{"] {
            for accept in ["application/json", "application/graphql-response+json"] {
                let answer = send(app, get(document).header("accept", accept)).await;
                assert!(!answer.codes().is_empty());
                assert_eq!((answer.header("cache-control"), answer.header("etag")), ("no-store", ""), "{document}");
            }
        }
    });
}

#[test]
fn what_shows_the_moment_is_not_shared() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let aside = "query { ...F } fragment F on Query { serviceConfig { moment: now } }";
        for document in
            ["{ serviceConfig { now } }", aside, "{ serviceConfig { version ... on ServiceConfig { now } } }"]
        {
            // The second time its document is known.
            for _ in 0..2 {
                let answer = send(app, get(document)).await.ok();
                assert_eq!(answer.header("cache-control"), "private, no-cache", "{document}");
            }
        }
        let answer = send(app, get("{ serviceConfig { version } }")).await.ok();
        assert_eq!(answer.header("cache-control"), "public, max-age=60");
    });
}

#[test]
fn the_age_is_a_setting_and_can_be_none() {
    run(async {
        for (seconds, expected) in [(0, "private, no-cache"), (5, "public, max-age=5")] {
            let app = TestApp::with(Backend::Sqlite, |config| config.http.public_max_age_seconds = seconds).await;
            let answer = send(&app, get("{ ruleSets { code } }")).await.ok();
            assert_eq!(answer.header("cache-control"), expected);
            let told = app.anonymous().ask("{ serviceConfig { limits { publicMaxAgeSeconds } } }").await;
            assert_eq!(told.int("serviceConfig.limits.publicMaxAgeSeconds"), i64::try_from(seconds).unwrap());
        }
    });
}

#[test]
fn who_has_the_answer_is_not_sent_it_again() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let first = send(app, get(MAP)).await.ok();
        let tag = first.header("etag");
        let strong = tag.trim_start_matches("W/");
        for held in [tag, strong, "*", &format!("\"other\", {tag}"), &format!("W/\"x\",{tag},\"y\"")] {
            for request in [get(MAP), Request::head(address(&json!({"query": MAP})))] {
                let again = send(app, request.header("if-none-match", held)).await;
                assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{held}");
                for name in ["etag", "cache-control", "vary"] {
                    assert_eq!(values(&again, name), values(&first, name), "{held}: {name}");
                }
                assert_eq!(again.header("content-type"), "");
            }
        }
        for held in ["\"other\"", "", "W/", &strong.replace('"', "")] {
            let again = send(app, get(MAP).header("if-none-match", held)).await.ok();
            assert_eq!((again.status, again.json == first.json), (StatusCode::OK, true), "{held}");
        }
        // A tag says nothing of an answer that may not be kept.
        let posted = Request::post("/graphql").header("content-type", "application/json").header("if-none-match", "*");
        let posted = posted.body(Body::from(json!({"query": MAP}).to_string())).unwrap();
        assert_eq!(app.send(posted).await.status(), StatusCode::OK);
        assert_eq!(send(app, get("{ me { id } }").header("if-none-match", "*")).await.status, StatusCode::OK);
    });
}

#[test]
fn head_says_what_get_says() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let (head, get) = (send(app, Request::head(address(&json!({"query": MAP})))).await, send(app, get(MAP)).await);
        assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
        for name in ["etag", "cache-control", "vary", "content-type"] {
            assert_eq!(values(&head, name), values(&get, name), "{name}");
        }
        assert_eq!(head.header("content-length"), get.text.len().to_string());
    });
}

#[test]
fn another_language_or_reader_has_another_answer_and_tag() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let mut tags = BTreeSet::new();
        for language in ["kk", "ru", "en"] {
            let answer = send(app, get(MAP).header("accept-language", language)).await.ok();
            tags.insert(answer.header("etag").to_owned());
        }
        let modern = send(app, get(MAP).header("accept", "application/graphql-response+json")).await;
        tags.insert(modern.header("etag").to_owned());
        assert_eq!(tags.len(), 4, "{tags:?}");
        let page = "{ enterprises { totalCount } }";
        let token = |subject: &str| format!("Bearer {}", app.as_role(subject).token().unwrap());
        let ministry = send(app, get(page).header("authorization", token("demo-ministry"))).await.ok();
        let again = get(page).header("authorization", token("demo-employer_admin"));
        let employer = send(app, again.header("if-none-match", ministry.header("etag"))).await.ok();
        assert_eq!((employer.status, employer.json != ministry.json), (StatusCode::OK, true));
    });
}

/// The lines of a header, as they are sent.
fn values(answer: &Answer, name: &str) -> Vec<String> {
    answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// Names on which an answer depends, however many lines they are in; each stands once.
fn vary(answer: &Answer) -> BTreeSet<String> {
    let lines = values(answer, "vary");
    let names: Vec<String> =
        lines.iter().flat_map(|line| line.split(',')).map(|name| name.trim().to_lowercase()).collect();
    let distinct: BTreeSet<String> = names.iter().cloned().collect();
    assert_eq!(distinct.len(), names.len(), "a name stands twice: {lines:?}");
    distinct
}

#[test]
fn every_answer_tells_all_it_may_depend_on() {
    run(async {
        let own = [
            "accept",
            "accept-encoding",
            "accept-language",
            "authorization",
            "x-osh-client",
            "x-osh-cost",
            "x-osh-membership",
        ];
        let app = shared(Backend::Sqlite).await;
        let listed = TestApp::with(Backend::Sqlite, |config| {
            config.http.allowed_origins = vec!["https://map.example".to_owned()];
        })
        .await;
        let any = TestApp::with(Backend::Sqlite, |config| config.http.allowed_origins = vec!["*".to_owned()]).await;
        for (app, origin) in [(app, true), (&listed, true), (&any, false)] {
            let mut expected: BTreeSet<String> = own.map(str::to_owned).into();
            expected.extend(origin.then(|| "origin".to_owned()));
            let stream = get("{ ruleSets { code } }").header("accept", "text/event-stream");
            let post = Request::post("/graphql");
            let requests = [
                get(MAP),
                get(MAP).header("accept-encoding", "gzip"),
                get(MAP).header("origin", "https://map.example"),
                get(MAP).header("if-none-match", "*"),
                get("{ __typename }"),
                get("{ me { id } }"),
                get("{"),
                get(MAP).header("accept", "text/html"),
                signed_in(app, "{ me { id } }"),
                post,
                Request::put("/graphql"),
                stream,
            ];
            for request in requests {
                let shown = format!("{request:?}");
                assert_eq!(vary(&send(app, request).await), expected, "{shown}");
            }
        }
        let zipped = send(app, get(MAP).header("accept-encoding", "gzip")).await;
        assert_eq!(zipped.header("content-encoding"), "gzip");
        let plain = send(app, get(MAP)).await;
        assert_eq!((plain.header("content-encoding"), plain.json["data"].is_object()), ("", true));
        assert_eq!(zipped.header("etag"), plain.header("etag"));
        assert_ne!(plain.json, Value::Null);
    });
}
