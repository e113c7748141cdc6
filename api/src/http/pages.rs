//! Pages for people: what this is, and GraphiQL from the binary itself, without any other host.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use crate::http::Web;

const WELCOME: &str = include_str!("../../../web/index.html");
const GRAPHIQL: &str = include_str!("../../../web/graphiql/index.html");

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

fn page(html: &'static str) -> Response {
    ([("content-security-policy", POLICY), ("x-content-type-options", "nosniff")], Html(html)).into_response()
}

/// What this is, and where to go.
pub async fn welcome() -> Response {
    page(WELCOME)
}

/// GraphiQL.
pub async fn graphiql() -> Response {
    page(GRAPHIQL)
}

/// One file of GraphiQL.
pub async fn asset(State(_): State<Web>, Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, media_type, text)) => {
            ([("content-type", *media_type), ("cache-control", "public, max-age=86400")], *text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
