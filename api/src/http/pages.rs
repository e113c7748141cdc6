//! Pages for people: what this is, and GraphiQL from the binary itself, without any other host.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::HeaderMap;
use serde_json::json;

use crate::demo;
use crate::http::{Web, nothing_here};

const WELCOME: &str = include_str!("../../../web/index.html");
const GRAPHIQL: &str = include_str!("../../../web/graphiql/index.html");
/// What is served; a test compares it.
const SCHEMA: &str = include_str!("../../../schema.graphql");
/// What a schema cannot say.
const MANUAL: [(&str, &str); 2] = [
    ("conventions.md", include_str!("../../../docs/conventions.md")),
    ("glossary.md", include_str!("../../../docs/glossary.md")),
];
const PLAIN: &str = "text/plain; charset=utf-8";

/// The files GraphiQL consists of; see `web/graphiql/LICENSES.txt`.
const ASSETS: [(&str, &str, &str); 6] = [
    ("graphiql.min.js", "text/javascript; charset=utf-8", include_str!("../../../web/graphiql/graphiql.min.js")),
    ("graphiql.min.css", "text/css; charset=utf-8", include_str!("../../../web/graphiql/graphiql.min.css")),
    (
        "react.production.min.js",
        "text/javascript; charset=utf-8",
        include_str!("../../../web/graphiql/react.production.min.js"),
    ),
    (
        "react-dom.production.min.js",
        "text/javascript; charset=utf-8",
        include_str!("../../../web/graphiql/react-dom.production.min.js"),
    ),
    ("start.js", "text/javascript; charset=utf-8", include_str!("../../../web/graphiql/start.js")),
    ("LICENSES.txt", "text/plain; charset=utf-8", include_str!("../../../web/graphiql/LICENSES.txt")),
];

/// Scripts come from here only; styles may also stand in elements, as GraphiQL's editor writes them.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
                      frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

fn page(html: impl Into<String>) -> Response {
    ([("content-security-policy", POLICY), ("x-content-type-options", "nosniff")], Html(html.into())).into_response()
}

fn text(text: &'static str) -> Response {
    ([("content-type", PLAIN), ("x-content-type-options", "nosniff")], text).into_response()
}

/// What this is, and where to go; a line that needs what is turned off is left out.
pub async fn welcome(State(web): State<Web>) -> Response {
    let settings = &web.app.config.graphql;
    let needs = [("graphiql", settings.graphiql), ("introspection", settings.introspection)];
    let off = needs.into_iter().filter(|(_, on)| !on).map(|(what, _)| format!("data-needs=\"{what}\""));
    let off: Vec<String> = off.collect();
    let lines = WELCOME.lines().filter(|line| !off.iter().any(|what| line.contains(what.as_str())));
    page(lines.collect::<Vec<_>>().join("\n"))
}

/// The contract.
pub async fn schema() -> Response {
    text(SCHEMA)
}

/// A name that is no text is that of nothing.
fn is_named(name: &Result<Path<String>, PathRejection>, known: &str) -> bool {
    name.as_ref().is_ok_and(|Path(name)| name == known)
}

/// A page of the manual.
pub async fn manual(headers: HeaderMap, name: Result<Path<String>, PathRejection>) -> Response {
    match MANUAL.iter().find(|(known, _)| is_named(&name, known)) {
        Some((_, page)) => text(page),
        None => nothing_here(headers).await,
    }
}

/// Persons of the sandbox with their tokens, to choose from in GraphiQL; nothing where data is not made up.
pub async fn persons(State(web): State<Web>, headers: HeaderMap) -> Response {
    let (app, now) = (&web.app, web.app.clock.now());
    let persons = demo::SUBJECTS.iter().filter(|_| app.config.demo.enabled).filter_map(|(subject, role)| {
        let token = app.tokens.issue(subject, now)?;
        Some(json!({"subject": subject, "role": role.as_str(), "token": token}))
    });
    match persons.collect::<Vec<_>>() {
        none if none.is_empty() => nothing_here(headers).await,
        persons => ([("cache-control", "no-store")], Json(persons)).into_response(),
    }
}

/// GraphiQL.
pub async fn graphiql() -> Response {
    page(GRAPHIQL)
}

/// One file of GraphiQL.
pub async fn asset(headers: HeaderMap, name: Result<Path<String>, PathRejection>) -> Response {
    match ASSETS.iter().find(|(known, ..)| is_named(&name, known)) {
        Some((_, media_type, text)) => {
            ([("content-type", *media_type), ("cache-control", "public, max-age=86400")], *text).into_response()
        }
        None => nothing_here(headers).await,
    }
}
