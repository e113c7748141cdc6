//! What each setting may be by itself: one line a setting, in the order of `config.default.toml`, which states the same
//! ranges for the reader of that file. A test holds the two together.

use std::net::SocketAddr;

use figment::value::Value;
use http::Uri;
use tracing_subscriber::EnvFilter;

use super::wording::{both_names, must_be, variable};

/// What a value must be.
pub enum Form {
    /// `true` or `false`.
    Switch,
    /// A whole number, both bounds included.
    Whole(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A text: how to describe it, and whether one holds.
    Text(&'static str, fn(&str) -> bool),
    /// A list of texts, described and judged as a whole.
    Texts(&'static str, fn(&[&str]) -> bool),
}

use Form::{OneOf, Switch, Text, Texts, Whole};

/// Every setting there is.
pub const FORMS: &[(&str, Form)] = &[
    ("http.listen", Text("an address with a port, such as 127.0.0.1:8080 or [::]:8080", is_address)),
    ("http.header_timeout_seconds", Whole(1, 300)),
    ("http.body_timeout_seconds", Whole(1, 300)),
    ("http.write_timeout_seconds", Whole(1, 300)),
    ("http.max_connections", Whole(1, 1_000_000)),
    ("http.max_body_bytes", Whole(1_024, 16_777_216)),
    ("http.default_media_type", OneOf(&["application/json", "application/graphql-response+json"])),
    ("http.request_timeout_seconds", Whole(1, 300)),
    // A day: what is public changes with the data, and nobody can call an answer back.
    ("http.public_max_age_seconds", Whole(0, 86_400)),
    ("http.allowed_origins", Texts(ORIGINS, are_origins)),
    ("http.trusted_hops", Whole(0, 10)),
    ("http.drain_seconds", Whole(1, 600)),
    ("database.url", Text(DATABASES, is_database)),
    // One connection cannot serve a request while another one reads; a thousand are more than PostgreSQL takes.
    ("database.max_connections", Whole(2, 1_000)),
    ("database.acquire_timeout_ms", Whole(10, 60_000)),
    ("database.statement_timeout_ms", Whole(100, 300_000)),
    ("database.migrate_on_start", Switch),
    (
        "redis.url",
        Text("empty, redis://HOST or rediss://HOST, with a port and the number of a database if need be", is_redis),
    ),
    ("redis.timeout_ms", Whole(10, 5_000)),
    ("auth.mode", OneOf(&["demo", "jwks"])),
    ("auth.jwks_file", Text("the path of a file, or empty", |_| true)),
    ("auth.demo_key_file", Text("the path of a file", is_said)),
    ("auth.issuer", Text("the `iss` of the tokens", is_said)),
    ("auth.audience", Text("the `aud` of the tokens", is_said)),
    // Ten minutes and five seconds are the bounds of the security design: a stolen token must die soon.
    ("auth.max_token_minutes", Whole(1, 10)),
    ("auth.demo_token_minutes", Whole(1, 1_440)),
    ("auth.leeway_seconds", Whole(0, 5)),
    // What is revoked must be of no use after ten seconds.
    ("auth.membership_cache_ms", Whole(0, 10_000)),
    ("demo.enabled", Switch),
    ("demo.enterprises", Whole(1, 200_000)),
    ("demo.workplaces", Whole(1, 5_000_000)),
    ("demo.seed", Whole(0, i64::MAX)),
    ("graphql.graphiql", Switch),
    ("graphql.introspection", Switch),
    // A page is one statement, and the edges below it are looked up by lists of as many keys.
    ("graphql.max_page_size", Whole(1, 1_000)),
    ("graphql.default_page_size", Whole(1, 1_000)),
    ("graphql.idempotency_hours", Whole(24, 720)),
    ("documents.automatic", Switch),
    ("documents.shared_hours", Whole(1, 8_760)),
    ("documents.trusted", OneOf(&["off", "report", "only"])),
    ("documents.trusted_folder", Text("the path of a folder, or empty", |_| true)),
    ("limits.document_bytes", Whole(256, 1_048_576)),
    ("limits.tokens", Whole(32, 100_000)),
    // The parser recurses over brackets; two thousand of them overflow its stack.
    ("limits.nesting", Whole(8, 128)),
    ("limits.name_bytes", Whole(32, 1_024)),
    ("limits.operations", Whole(1, 1_000)),
    ("limits.directives", Whole(1, 10_000)),
    ("limits.variable_uses", Whole(1, 100_000)),
    ("limits.variable_values", Whole(1, 10_000_000)),
    ("limits.expanded_fields", Whole(32, 1_000_000)),
    // The library's own bound is 32, and its refusal has no code.
    ("limits.expanded_nesting", Whole(4, 31)),
    ("limits.depth", Whole(2, 31)),
    ("limits.aliases", Whole(1, 10_000)),
    ("limits.root_fields", Whole(1, 1_000)),
    ("limits.introspection", Whole(1, 100_000_000)),
    ("limits.cost", Whole(32, 10_000_000)),
    // Zero points: no bound. A debt that would take more than a day to come back is a ban, not a budget.
    ("budgets.person_points", Whole(0, 1_000_000_000)),
    ("budgets.person_points_per_second", Whole(1, 1_000_000)),
    ("budgets.organisation_points", Whole(0, 1_000_000_000)),
    ("budgets.organisation_points_per_second", Whole(1, 1_000_000)),
    ("budgets.address_points", Whole(0, 1_000_000_000)),
    ("budgets.address_points_per_second", Whole(1, 1_000_000)),
    ("realtime.max_sockets", Whole(2, 1_000_000)),
    ("realtime.sockets_per_person", Whole(1, 1_000_000)),
    ("realtime.sockets_per_address", Whole(1, 1_000_000)),
    ("realtime.operations_per_socket", Whole(1, 1_000)),
    ("realtime.frame_bytes", Whole(1_024, 1_048_576)),
    ("realtime.init_timeout_seconds", Whole(1, 60)),
    ("realtime.ping_seconds", Whole(1, 300)),
    ("realtime.send_timeout_seconds", Whole(1, 60)),
    ("realtime.keep_events_hours", Whole(1, 720)),
    ("telemetry.log", Text("a filter of tracing-subscriber, such as info,sqlx=warn", is_filter)),
    ("telemetry.log_format", OneOf(&["text", "json"])),
    ("telemetry.metrics", OneOf(&["main", "off"])),
    ("telemetry.otlp_endpoint", Text("empty or http://HOST:PORT; TLS to a collector is not supported", is_endpoint)),
    ("telemetry.operation_names", Whole(0, 1_000)),
];

const ORIGINS: &str = "a list of origins as browsers send them, such as [\"https://map.example.kz\"]: scheme and host in \
                       lower case, a port that is not the scheme's own, nothing after it; or [\"*\"] alone";
const DATABASES: &str = "sqlite://FILE, with ?mode=rw or ?mode=rwc if need be, or postgres://USER@HOST/DATABASE";

/// One sentence for each setting that is none, is missing, or is not what it must be.
pub fn faults(found: &[(String, Value)]) -> Vec<String> {
    let is_setting = |name: &str| FORMS.iter().any(|(known, _)| *known == name);
    let unknown = found.iter().filter(|(name, _)| !is_setting(name));
    let unknown = unknown.map(|(name, _)| {
        format!("{} is not a setting; the settings are listed in api/config.default.toml", both_names(name))
    });
    let judged = FORMS.iter().filter_map(|(name, form)| {
        let value = found.iter().find(|(found, _)| found == name).map(|(_, value)| value);
        match value {
            Some(value) if form.holds(value) => None,
            Some(value) => Some(must_be(name, value, &form.describe())),
            None => Some(format!("{name} ({}) is missing; it must be {}", variable(name), form.describe())),
        }
    });
    unknown.chain(judged).collect()
}

impl Form {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Switch => value.to_bool().is_some(),
            Whole(least, most) => whole(value).is_some_and(|number| (*least..=*most).contains(&number)),
            OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Text(_, holds) => value.as_str().is_some_and(holds),
            Texts(_, hold) => value.as_array().is_some_and(|items| {
                let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                texts.is_some_and(|texts| hold(&texts))
            }),
        }
    }

    /// What follows "must be".
    pub fn describe(&self) -> String {
        match self {
            Switch => "true or false".to_owned(),
            Whole(least, most) => format!("a whole number from {least} to {most}"),
            OneOf(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or "),
            Text(what, _) | Texts(what, _) => (*what).to_owned(),
        }
    }
}

fn whole(value: &Value) -> Option<i64> {
    let signed = value.to_i128().and_then(|number| i64::try_from(number).ok());
    signed.or_else(|| value.to_u128().and_then(|number| i64::try_from(number).ok()))
}

fn is_said(text: &str) -> bool {
    !text.trim().is_empty()
}

fn is_address(text: &str) -> bool {
    text.parse::<SocketAddr>().is_ok()
}

/// A text that no browser sends would be an origin that is never let in, without a word.
fn are_origins(list: &[&str]) -> bool {
    list == ["*"] || list.iter().all(|text| is_origin(text))
}

fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
    let own_port = if scheme == "https" { 443 } else { 80 };
    let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    matches!(scheme, "http" | "https")
        && uri.port_u16() != Some(own_port)
        && !host.is_empty()
        && text == format!("{scheme}://{host}{port}").to_lowercase()
}

/// In memory every connection would have a database of its own, and other parameters change what the server relies on.
fn is_database(url: &str) -> bool {
    match url.split_once("://") {
        Some(("sqlite", file)) => {
            let (path, mode) = file.split_once('?').unwrap_or((file, "mode=rwc"));
            !path.is_empty() && !path.starts_with(':') && matches!(mode, "mode=rw" | "mode=rwc")
        }
        Some(("postgres" | "postgresql", _)) => url.parse::<sqlx::postgres::PgConnectOptions>().is_ok(),
        _ => false,
    }
}

fn is_redis(url: &str) -> bool {
    url.is_empty()
        || (["redis://", "rediss://"].iter().any(|scheme| url.starts_with(scheme)) && redis::Client::open(url).is_ok())
}

fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
}

fn is_endpoint(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return text.is_empty() };
    let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@')) && uri.query().is_none();
    uri.scheme_str() == Some("http") && plain
}
