//! The server's addresses and manners: methods, media types, headers, health, metrics, pages.

use axum::body::Body;
use http::request::Builder;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, Backend, TestApp, on_both, run, shared};

const ASK: &str = r#"{"query":"{ruleSets{code}}"}"#;

async fn send(request: Builder, body: impl Into<Body>) -> Answer {
    let app = shared(Backend::Sqlite).await;
    Answer::read(app.send(request.body(body.into()).unwrap()).await).await
}

fn post() -> Builder {
    Request::post("/graphql").header("content-type", "application/json")
}

async fn get(uri: &str) -> Answer {
    send(Request::get(uri), Body::empty()).await
}

fn code(answer: &Answer) -> &str {
    answer.codes()[0]
}

#[test]
fn a_query_is_answered_in_the_media_type_asked_for() {
    run(async {
        for (accept, content_type) in [
            ("application/json", "application/json; charset=utf-8"),
            ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
            ("*/*", "application/json; charset=utf-8"),
        ] {
            let answer = send(post().header("accept", accept), ASK).await;
            assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, content_type));
            assert_eq!(answer.json["data"], json!({"ruleSets": [{"code": "KZ-2023-PROVISIONAL"}]}));
            assert!(answer.json.get("errors").is_none());
        }
        assert_eq!(send(post().header("accept", "text/html"), ASK).await.status, StatusCode::NOT_ACCEPTABLE);
    });
}

#[test]
fn what_a_browser_sends_across_sites_unasked_is_refused() {
    run(async {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let request = Request::post("/graphql").header("content-type", content_type);
            let answer = send(request, ASK).await;
            assert_eq!((answer.status, code(&answer)), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_REQUEST"));
        }
        assert_eq!(send(Request::post("/graphql"), ASK).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    });
}

#[test]
fn a_mutation_over_get_and_other_methods_are_refused() {
    run(async {
        let mutation =
            "/graphql?query=mutation%7BenterpriseUpdate(input:%7Bid:%22x%22,version:1%7D)%7B__typename%7D%7D";
        let answer = get(mutation).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
        assert_eq!(get("/graphql?query=%7BruleSets%7Bcode%7D%7D").await.status, StatusCode::OK);
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = send(Request::builder().method(method).uri("/graphql"), ASK).await;
            assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, POST"));
        }
    });
}

#[test]
fn a_body_above_the_limit_is_refused() {
    run(async {
        let body = json!({"query": "{ruleSets{code}}", "extensions": {"x": " ".repeat(262_144)}}).to_string();
        assert_eq!(send(post(), body).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn errors_have_the_status_that_fits_them() {
    run(async {
        let modern = || post().header("accept", "application/graphql-response+json");
        for (body, status, expected) in [
            ("{", StatusCode::BAD_REQUEST, "BAD_REQUEST"),
            (r#"{"query":"{"}"#, StatusCode::BAD_REQUEST, "BAD_DOCUMENT"),
            (r#"{"query":"{nowhere}"}"#, StatusCode::BAD_REQUEST, "BAD_DOCUMENT"),
            (r#"{"query":"{me{id}}"}"#, StatusCode::OK, "UNAUTHENTICATED"),
        ] {
            let answer = send(modern(), body).await;
            assert_eq!((answer.status, code(&answer)), (status, expected), "{body}: {}", answer.text);
        }
        let answer = send(modern().header("authorization", "Bearer nonsense"), ASK).await;
        assert_eq!((answer.status, code(&answer)), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"));
        for scheme in ["Basic dXNlcjpwYXNz", "Bearer", "x"] {
            let answer = send(modern().header("authorization", scheme), ASK).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{scheme}");
        }
    });
}

#[test]
fn suggestions_and_internals_stay_inside() {
    run(async {
        let answer = send(post(), r#"{"query":"{enterprisez{id}}"}"#).await;
        assert!(!answer.text.contains("enterprises") && !answer.text.contains("Did you mean"), "{}", answer.text);
        let answer = send(post(), r#"{"query":"{enterprise(by:{id:\"x\"}){id}}"}"#).await;
        assert!(!["SELECT", "sqlx", "enterprise.", "/src/"].iter().any(|word| answer.text.contains(word)));
    });
}

#[test]
fn the_request_id_comes_back() {
    run(async {
        let answer = send(post().header("x-request-id", "mine-1"), r#"{"query":"{me{id}}"}"#).await;
        assert_eq!(answer.header("x-request-id"), "mine-1");
        assert_eq!(answer.errors()[0]["extensions"]["requestId"], "mine-1");
        let made = send(post(), ASK).await;
        assert_eq!(made.header("x-request-id").len(), 32);
        assert_ne!(made.header("x-request-id"), send(post(), ASK).await.header("x-request-id"));
    });
}

#[test]
fn a_forged_request_id_is_not_written_into_an_answer() {
    run(async {
        let answer = send(post().header("x-request-id", "<script>"), r#"{"query":"{me{id}}"}"#).await;
        assert!(!answer.text.contains("script"), "{}", answer.text);
    });
}

#[test]
fn only_listed_origins_may_call_from_a_browser() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| {
            config.http.allowed_origins = vec!["https://map.example".to_owned()];
        })
        .await;
        let preflight = |origin| {
            let request = Request::options("/graphql").header("origin", origin);
            let request = request.header("access-control-request-method", "POST");
            request.header("access-control-request-headers", "authorization,content-type").body(Body::empty()).unwrap()
        };
        let allowed = Answer::read(app.send(preflight("https://map.example")).await).await;
        assert_eq!(allowed.header("access-control-allow-origin"), "https://map.example");
        assert!(allowed.header("access-control-allow-headers").contains("authorization"));
        let other = Answer::read(app.send(preflight("https://evil.example")).await).await;
        assert_eq!(other.header("access-control-allow-origin"), "");
        let any = TestApp::with(Backend::Sqlite, |config| config.http.allowed_origins = vec!["*".to_owned()]).await;
        // Also to who says no origin: a cache on the way keeps the answer for others.
        for origin in [None, Some("https://evil.example")] {
            let request = Request::get("/graphql?query=%7B__typename%7D");
            let request = origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
            let answer = Answer::read(any.send(request.body(Body::empty()).unwrap()).await).await;
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{origin:?}");
            assert!(answer.header("access-control-expose-headers").contains("x-osh-version"), "{origin:?}");
        }
    });
}

on_both! {
    async fn health_is_green_while_the_database_answers(backend) {
        let app = TestApp::new(backend).await;
        let ask = async |uri: &str| Answer::read(app.send(Request::get(uri).body(Body::empty()).unwrap()).await).await;
        assert_eq!(ask("/health/live").await.status, StatusCode::OK);
        assert_eq!(ask("/health/ready").await.status, StatusCode::OK);
        app.web.drain();
        assert_eq!(ask("/health/live").await.status, StatusCode::OK);
        assert_eq!(ask("/health/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    }

    async fn a_lost_database_is_unavailable_and_never_internal(backend) {
        let app = TestApp::new(backend).await;
        let ministry = app.as_role("demo-ministry");
        app.app.db.close().await.unwrap();
        let answer = ministry.query("{ enterprises { totalCount } }", json!({})).await;
        assert_eq!((answer.status, answer.codes()), (StatusCode::SERVICE_UNAVAILABLE, vec!["UNAVAILABLE"]));
        let request = Request::get("/health/ready").body(Body::empty()).unwrap();
        assert_eq!(app.send(request).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[test]
fn pages_for_people_come_from_the_binary() {
    run(async {
        let welcome = get("/").await;
        for language in ["kk", "ru", "en"] {
            assert!(welcome.text.contains(&format!("<section lang=\"{language}\">")), "{language}");
        }
        let links: Vec<&str> =
            welcome.text.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for wanted in ["/graphiql", "/schema.graphql", "/docs/conventions.md", "/docs/glossary.md"] {
            assert!(links.contains(&wanted), "{wanted}");
        }
        for link in links {
            assert_eq!(get(link).await.status, StatusCode::OK, "{link}");
        }
        assert_eq!(get("/schema.graphql").await.text.trim_end(), api::schema::sdl().trim_end());
        let page = get("/graphiql").await;
        assert!(page.header("content-security-policy").contains("default-src 'self'"));
        let files: Vec<&str> = page.text.split(['"', '\'']).filter(|text| text.contains("/graphiql/")).collect();
        assert!(files.len() >= 4, "{files:?}");
        for file in files {
            let answer = get(&format!("/{}", file.trim_start_matches(['.', '/']))).await;
            assert_eq!(answer.status, StatusCode::OK, "{file}");
        }
        assert!(!page.text.contains("http://") && !page.text.contains("https://"), "the page asks another host");
        for nothing in ["/graphiql/nothing.js", "/docs/nothing.md"] {
            let answer = get(nothing).await;
            assert_eq!((answer.status, code(&answer)), (StatusCode::NOT_FOUND, "NOT_FOUND"), "{nothing}");
        }
    });
}

#[test]
fn graphiql_and_introspection_can_be_turned_off() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| {
            config.graphql.graphiql = false;
            config.graphql.introspection = false;
        })
        .await;
        let get = async |uri: &str| Answer::read(app.send(Request::get(uri).body(Body::empty()).unwrap()).await).await;
        for off in ["/graphiql", "/graphiql/start.js", "/graphiql/persons", "/schema.graphql"] {
            let answer = get(off).await;
            assert_eq!((answer.status, code(&answer)), (StatusCode::NOT_FOUND, "NOT_FOUND"), "{off}");
        }
        let welcome = get("/").await.text;
        assert!(!welcome.contains("/graphiql") && !welcome.contains("/schema.graphql"), "{welcome}");
        for query in ["{ __schema { types { name } } }", "{ ruleSets { code } __type(name: \"Query\") { name } }"] {
            let answer = app.anonymous().query(query, json!({})).await;
            assert_eq!((code(&answer), answer.codes().len()), ("BAD_DOCUMENT", 1), "{query}");
            assert_eq!(answer.errors()[0]["extensions"]["reason"], "introspection_off", "{query}");
        }
        assert_eq!(app.anonymous().ask("{ __typename }").await.data("__typename"), "Query");
    });
}

#[test]
fn graphiql_offers_the_persons_of_the_sandbox_and_of_nothing_else() {
    run(async {
        for (demo, offered) in [(true, true), (false, false)] {
            let app = TestApp::with(Backend::Sqlite, |config| config.demo.enabled = demo).await;
            let request = Request::get("/graphiql/persons").body(Body::empty()).unwrap();
            let answer = Answer::read(app.send(request).await).await;
            assert_eq!(answer.status == StatusCode::OK, offered, "{}", answer.text);
            assert_eq!(answer.text.contains("token"), offered, "{}", answer.text);
            if !offered {
                assert_eq!(code(&answer), "NOT_FOUND");
                continue;
            }
            let persons: Vec<Value> = serde_json::from_str(&answer.text).unwrap();
            assert_eq!(persons.len(), api::demo::SUBJECTS.len());
            for person in persons {
                let token = format!("Bearer {}", person["token"].as_str().unwrap());
                let body = Body::from(json!({"query": "{ me { role } }"}).to_string());
                let request = Request::post("/graphql").header("content-type", "application/json");
                let request = request.header("authorization", token).body(body).unwrap();
                let answer = Answer::read(app.send(request).await).await;
                let role = person["role"].as_str().unwrap().to_uppercase();
                // A worker's membership needs a place, which small demo data may lack.
                let found = answer.data("me.role");
                assert!(*found == json!(role) || role == "WORKER", "{person}: {}", answer.text);
            }
        }
    });
}

#[test]
fn nothing_is_at_other_addresses() {
    run(async {
        for address in ["/admin", "/docs/%ff", "/docs/none.md", "/graphiql/%ff", "/graphql/"] {
            let answer = get(address).await;
            assert_eq!((answer.status, code(&answer)), (StatusCode::NOT_FOUND, "NOT_FOUND"), "{address}");
            assert_eq!(answer.errors()[0]["extensions"]["requestId"], answer.header("x-request-id"), "{address}");
        }
        // Half of a handshake.
        let app = shared(Backend::Sqlite).await;
        let half = Request::get("/graphql").header("upgrade", "websocket").body(Body::empty()).unwrap();
        let answer = Answer::read(app.send(half).await).await;
        assert_eq!((answer.status, code(&answer)), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
        assert_eq!(answer.errors()[0]["extensions"]["requestId"], answer.header("x-request-id"));
    });
}
