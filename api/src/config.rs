//! Settings: an embedded file with every default, a file of the operator, the environment, in this order.

use std::net::SocketAddr;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;

use crate::graphql::guard::Limits;
use crate::http::graphql::MediaType;

/// The defaults, which are also the manual.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

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
    pub limits: Limits,
    pub telemetry: Telemetry,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Http {
    pub listen: SocketAddr,
    pub header_timeout_seconds: u64,
    pub body_timeout_seconds: u64,
    pub max_connections: usize,
    pub max_body_bytes: u64,
    pub default_media_type: MediaType,
    pub request_timeout_seconds: u64,
    pub allowed_origins: Vec<String>,
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
}

/// Why the settings cannot be used, in one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or variable does not have the form of the settings.
    #[error("the settings cannot be read: {0}")]
    Unreadable(#[from] Box<figment::Error>),
    /// Two settings exclude each other, or one has a value it must not have.
    #[error("{0}")]
    Contradiction(String),
}

impl Config {
    /// Reads defaults, the file named by `OSH_CONFIG` and the environment, and refuses contradictions.
    pub fn load() -> Result<Self, ConfigError> {
        let mut figment = Self::defaults();
        if let Ok(path) = std::env::var("OSH_CONFIG") {
            figment = figment.merge(Toml::file_exact(path));
        }
        Self::finish(figment.merge(environment()))
    }

    /// The embedded defaults, to be merged with more.
    pub fn defaults() -> Figment {
        Figment::from(Toml::string(DEFAULTS))
    }

    /// Extracts and checks merged settings.
    pub fn finish(figment: Figment) -> Result<Self, ConfigError> {
        let config: Self = figment.extract().map_err(Box::new)?;
        match config.contradiction() {
            Some(sentence) => Err(ConfigError::Contradiction(sentence)),
            None => Ok(config),
        }
    }

    fn contradiction(&self) -> Option<String> {
        let postgres = ["postgres://", "postgresql://"].iter().any(|scheme| self.database.url.starts_with(scheme));
        let rules: [(bool, &str); 12] = [
            (
                !postgres && !self.database.is_sqlite(),
                "database.url must begin with sqlite:// or postgres://; nothing else is supported",
            ),
            (
                self.database.is_sqlite() && !self.redis.url.is_empty(),
                "redis.url is set but database.url is SQLite: Redis joins several replicas, SQLite serves only one; \
                 use PostgreSQL or leave redis.url empty",
            ),
            (
                self.auth.mode == AuthMode::Jwks && self.auth.jwks_file.is_empty(),
                "auth.mode is \"jwks\" but auth.jwks_file is empty: there would be no key to verify a token with",
            ),
            (
                self.auth.mode == AuthMode::Jwks && self.demo.enabled,
                "demo.enabled contradicts auth.mode = \"jwks\": demo data and demo persons do not belong in a real \
                 installation; set demo.enabled = false",
            ),
            (
                self.auth.mode == AuthMode::Demo && !self.http.listen.ip().is_loopback() && !self.demo.enabled,
                "auth.mode is \"demo\" on a public address without demo data: anyone with the key file could sign in \
                 to real data; use auth.mode = \"jwks\"",
            ),
            (
                self.graphql.default_page_size > self.graphql.max_page_size || self.graphql.default_page_size == 0,
                "graphql.default_page_size must be at least 1 and at most graphql.max_page_size",
            ),
            (
                self.graphql.graphiql && !self.graphql.introspection,
                "graphql.graphiql needs graphql.introspection: GraphiQL cannot show a schema it may not read",
            ),
            (self.database.max_connections < 2, "database.max_connections must be at least 2"),
            (self.http.max_connections == 0, "http.max_connections must be at least 1"),
            (
                self.auth.max_token_minutes < 1 || self.auth.demo_token_minutes < 1,
                "auth.max_token_minutes and auth.demo_token_minutes must be at least 1",
            ),
            (
                !(0..=60).contains(&self.auth.leeway_seconds),
                "auth.leeway_seconds must be between 0 and 60: more would make expiry meaningless",
            ),
            (
                self.demo.enabled && self.demo.workplaces < self.demo.enterprises,
                "demo.workplaces must be at least demo.enterprises: every enterprise has a workplace",
            ),
        ];
        rules.iter().find(|(broken, _)| *broken).map(|(_, sentence)| (*sentence).to_owned())
    }
}

/// `OSH_DATABASE_URL` → `database.url`; OSH_CONFIG is the path of a file, not a setting.
fn environment() -> Env {
    Env::prefixed("OSH_").ignore(&["config"]).map(|key| key.as_str().replacen('_', ".", 1).to_lowercase().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(toml: &str) -> Result<Config, ConfigError> {
        Config::finish(Config::defaults().merge(Toml::string(toml)))
    }

    #[test]
    fn the_defaults_are_valid() {
        assert!(with("").is_ok());
    }

    #[test]
    fn contradictions_stop_the_start_with_a_sentence() {
        for (toml, words) in [
            ("[database]\nurl = \"mysql://x\"", "sqlite:// or postgres://"),
            ("[redis]\nurl = \"redis://x\"", "SQLite serves only one"),
            ("[auth]\nmode = \"jwks\"", "auth.jwks_file is empty"),
            ("[auth]\nmode = \"jwks\"\njwks_file = \"k\"", "demo.enabled contradicts"),
            ("[http]\nlisten = \"0.0.0.0:80\"\n[demo]\nenabled = false", "public address"),
            ("[graphql]\ndefault_page_size = 200", "default_page_size"),
            ("[graphql]\nintrospection = false", "needs graphql.introspection"),
            ("[demo]\nworkplaces = 1", "at least demo.enterprises"),
            ("[auth]\nleeway_seconds = 600", "between 0 and 60"),
            ("[http]\nlissten = \"x\"", "lissten"),
        ] {
            let sentence = with(toml).expect_err(toml).to_string();
            assert!(sentence.contains(words), "{toml}: {sentence}");
        }
    }
}
