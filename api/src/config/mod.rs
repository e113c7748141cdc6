//! Settings: an embedded file with every default, a file of the operator, the environment, in this order.
//!
//! `forms.rs` lists what each setting may be, one line a setting; `contradictions.rs` lists what two settings must not
//! be together; `wording.rs` puts a fault into a sentence without telling a password.

mod contradictions;
mod forms;
#[cfg(test)]
mod tests;
mod wording;

use std::net::SocketAddr;
use std::path::Path;

use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;
use figment::{Figment, Profile, Provider};
use serde::Deserialize;

use crate::budget::Terms;
use crate::graphql::guard::Limits;
use crate::http::graphql::MediaType;

/// The defaults, which are also the manual.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// All settings. What each means is written in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Config {
    pub http: Http,
    pub database: Database,
    pub redis: Redis,
    pub auth: Auth,
    pub demo: Demo,
    pub graphql: Graphql,
    pub documents: Documents,
    pub limits: Limits,
    pub budgets: Budgets,
    pub realtime: Realtime,
    pub telemetry: Telemetry,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Http {
    pub listen: SocketAddr,
    pub header_timeout_seconds: u64,
    pub body_timeout_seconds: u64,
    pub write_timeout_seconds: u64,
    pub max_connections: usize,
    pub max_body_bytes: u64,
    pub default_media_type: MediaType,
    pub request_timeout_seconds: u64,
    pub public_max_age_seconds: u64,
    pub allowed_origins: Vec<String>,
    pub trusted_hops: usize,
    pub drain_seconds: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Database {
    pub url: String,
    pub max_connections: u32,
    pub acquire_timeout_ms: u64,
    pub statement_timeout_ms: u64,
    pub migrate_on_start: bool,
}

impl Database {
    /// Whether the embedded database is used.
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Redis {
    pub url: String,
    pub timeout_ms: u64,
}

/// Where tokens come from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AuthMode {
    Demo,
    Jwks,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Auth {
    pub mode: AuthMode,
    pub jwks_file: String,
    pub demo_key_file: String,
    pub issuer: String,
    pub audience: String,
    pub max_token_minutes: i64,
    pub demo_token_minutes: i64,
    pub leeway_seconds: i64,
    pub membership_cache_ms: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Demo {
    pub enabled: bool,
    pub enterprises: usize,
    pub workplaces: usize,
    pub seed: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Graphql {
    pub graphiql: bool,
    pub introspection: bool,
    pub max_page_size: u32,
    pub default_page_size: u32,
    pub idempotency_hours: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Budgets {
    pub person_points: u64,
    pub person_points_per_second: u64,
    pub organisation_points: u64,
    pub organisation_points_per_second: u64,
    pub address_points: u64,
    pub address_points_per_second: u64,
}

impl Budgets {
    /// Of one person.
    pub fn person(&self) -> Terms {
        Terms { points: self.person_points, per_second: self.person_points_per_second }
    }

    /// Of all persons of one organisation together.
    pub fn organisation(&self) -> Terms {
        Terms { points: self.organisation_points, per_second: self.organisation_points_per_second }
    }

    /// Of all at one address who have not signed in.
    pub fn address(&self) -> Terms {
        Terms { points: self.address_points, per_second: self.address_points_per_second }
    }
}

/// What runs besides the documents that the operator trusts.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TrustedDocuments {
    Off,
    Report,
    Only,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Documents {
    pub automatic: bool,
    pub shared_hours: u64,
    pub trusted: TrustedDocuments,
    pub trusted_folder: String,
}

impl Default for Documents {
    fn default() -> Self {
        let trusted_folder = String::new();
        Self { automatic: true, shared_hours: 24, trusted: TrustedDocuments::Off, trusted_folder }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Realtime {
    pub max_sockets: usize,
    pub sockets_per_person: usize,
    pub sockets_per_address: usize,
    pub operations_per_socket: usize,
    pub frame_bytes: usize,
    pub init_timeout_seconds: u64,
    pub ping_seconds: u64,
    pub send_timeout_seconds: u64,
    pub keep_events_hours: i64,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum MetricsPlace {
    Main,
    Off,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Telemetry {
    pub log: String,
    pub log_format: LogFormat,
    pub metrics: MetricsPlace,
    pub otlp_endpoint: String,
    pub operation_names: usize,
}

/// Why the settings cannot be used, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file is missing or is not TOML.
    #[error("the settings cannot be read: {0}")]
    Unreadable(String),
    /// Settings that are none, have a value they must not have, or exclude each other: one sentence each, all at once.
    #[error("the settings cannot be used:{}", .0.iter().map(|fault| format!("\n  - {fault}")).collect::<String>())]
    Unusable(Vec<String>),
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        // The reader quotes the line at fault, in which a password may stand.
        let lines: Vec<String> =
            error.to_string().lines().filter(|line| !line.contains('|')).map(str::to_owned).collect();
        Self::Unreadable(lines.join(" "))
    }
}

impl Config {
    /// Reads defaults, the file named by `OSH_CONFIG` and the environment, and refuses what cannot be used.
    pub fn load() -> Result<Self, ConfigError> {
        Self::read(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// The same with these variables as the environment.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let (mut file, mut environment) = (Self::defaults(), Figment::new());
        for (name, value) in variables {
            match name.strip_prefix("OSH_") {
                Some("CONFIG") if !Path::new(&value).is_file() => {
                    return Err(ConfigError::Unreadable(format!("OSH_CONFIG names {value}, which is no file")));
                }
                Some("CONFIG") => file = file.merge(Toml::file_exact(value)),
                Some(setting) => environment = environment.merge(Serialized::default(&key(setting), parsed(&value))),
                None => {}
            }
        }
        Self::finish(file.merge(environment))
    }

    /// The embedded defaults, to be merged with more.
    pub fn defaults() -> Figment {
        Figment::from(Toml::string(DEFAULTS))
    }

    /// The bounds of a document, with the page size that the resolvers use. Introspection may be turned off.
    pub fn document_limits(&self) -> Limits {
        let introspection = if self.graphql.introspection { self.limits.introspection } else { 0 };
        Limits { default_page_size: self.graphql.default_page_size.into(), introspection, ..self.limits.clone() }
    }

    /// Extracts and checks merged settings.
    pub fn finish(figment: Figment) -> Result<Self, ConfigError> {
        let found = settings(&figment)?;
        let mut faults = forms::faults(&found);
        let config = figment.extract::<Self>();
        if let Ok(config) = &config {
            faults.extend(contradictions::faults(&found, config));
        }
        if faults.is_empty() { Ok(config?) } else { Err(ConfigError::Unusable(faults)) }
    }
}

/// `DATABASE_URL` → `database.url`.
fn key(variable: &str) -> String {
    variable.replacen('_', ".", 1).to_lowercase()
}

/// What a variable holds: a number, a switch or a list where it reads like one, else a text.
fn parsed(value: &str) -> Value {
    value.parse().unwrap_or_else(|never| match never {})
}

/// Every setting that is given, by its dotted name.
fn settings(figment: &Figment) -> Result<Vec<(String, Value)>, ConfigError> {
    let sections = figment.data()?.remove(&Profile::Default).unwrap_or_default();
    let mut found = Vec::new();
    for (section, value) in sections {
        match value {
            Value::Dict(_, keys) => {
                found.extend(keys.into_iter().map(|(key, value)| (format!("{section}.{key}"), value)))
            }
            alone => found.push((section, alone)),
        }
    }
    Ok(found)
}
