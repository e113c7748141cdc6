//! Settings that are each in order and exclude each other.

use crate::budget::REFUSED;
use figment::value::Value;

use super::wording::shown;
use super::{AuthMode, Config, TrustedDocuments};

/// The issuer of the sandbox's tokens, as in `config.default.toml`.
const DEMO_ISSUER: &str = "osh-map-demo";

/// Two settings or more that cannot hold together.
struct Contradiction {
    between: &'static [&'static str],
    broken: fn(&Config) -> bool,
    /// Why, and what to do.
    because: &'static str,
}

const CONTRADICTIONS: &[Contradiction] = &[
    Contradiction {
        between: &["redis.url", "database.url"],
        broken: |config| config.database.is_sqlite() && !config.redis.url.is_empty(),
        because: "Redis joins several replicas, SQLite serves only one; use PostgreSQL or leave redis.url empty",
    },
    Contradiction {
        between: &["auth.mode", "auth.jwks_file"],
        broken: |config| config.auth.mode == AuthMode::Jwks && config.auth.jwks_file.trim().is_empty(),
        because: "there would be no key to verify a token with",
    },
    Contradiction {
        between: &["auth.mode", "auth.issuer"],
        broken: |config| config.auth.mode == AuthMode::Jwks && config.auth.issuer == DEMO_ISSUER,
        because: "that is the sandbox's issuer; set it to the `iss` of the provider's tokens",
    },
    Contradiction {
        between: &["auth.mode", "demo.enabled"],
        broken: |config| config.auth.mode == AuthMode::Jwks && config.demo.enabled,
        because: "demo data and demo persons do not belong in a real installation; set demo.enabled = false",
    },
    Contradiction {
        between: &["auth.mode", "http.listen", "demo.enabled"],
        broken: |config| config.is_public_demo() && !config.demo.enabled,
        because: "on a public address anyone with the key file could sign in to real data; use auth.mode = \"jwks\"",
    },
    Contradiction {
        between: &["auth.mode", "http.listen", "database.url"],
        broken: |config| config.is_public_demo() && !config.database.is_sqlite(),
        because: "on a public address the sandbox's own tokens must not open the database of an installation; use \
                  auth.mode = \"jwks\", or listen on 127.0.0.1",
    },
    Contradiction {
        between: &["demo.workplaces", "demo.enterprises"],
        broken: |config| config.demo.enabled && config.demo.workplaces < config.demo.enterprises,
        because: "every enterprise has a workplace; make demo.workplaces at least as many",
    },
    Contradiction {
        between: &["graphql.default_page_size", "graphql.max_page_size"],
        broken: |config| config.graphql.default_page_size > config.graphql.max_page_size,
        because: "a list without `first` would be refused; the default must be at most the maximum",
    },
    Contradiction {
        between: &["graphql.default_page_size", "limits.cost"],
        broken: |config| u64::from(config.graphql.default_page_size) >= config.limits.cost,
        because: "a list without `first` would be refused; the cost must be more than the page",
    },
    Contradiction {
        between: &["graphql.graphiql", "graphql.introspection"],
        broken: |config| config.graphql.graphiql && !config.graphql.introspection,
        because: "GraphiQL cannot show a schema it may not read; turn both on, or GraphiQL off",
    },
    Contradiction {
        between: &["documents.trusted", "documents.trusted_folder"],
        broken: |config| {
            config.documents.trusted != TrustedDocuments::Off && config.documents.trusted_folder.trim().is_empty()
        },
        because: "there would be no list to trust",
    },
    Contradiction {
        between: &["documents.trusted", "graphql.graphiql"],
        broken: |config| config.documents.trusted == TrustedDocuments::Only && config.graphql.graphiql,
        because: "what people write into GraphiQL is on no list and would be refused; turn GraphiQL off, or use \
                  \"report\"",
    },
    Contradiction {
        between: &["limits.document_bytes", "http.max_body_bytes"],
        broken: |config| config.limits.document_bytes > config.http.max_body_bytes,
        because: "a document of that length would never arrive; it must be at most the body",
    },
    Contradiction {
        between: &["limits.depth", "limits.expanded_nesting"],
        broken: |config| config.limits.depth > config.limits.expanded_nesting,
        because: "fields inside fields are selections too, so that such a depth is never reached",
    },
    Contradiction {
        between: &["budgets.person_points", "limits.cost"],
        broken: |config| config.is_below_cost(config.budgets.person_points),
        because: "a document within the limit, or the 100 points of a refusal, could never be paid; make it at least as many, or 0 for no bound",
    },
    Contradiction {
        between: &["budgets.organisation_points", "limits.cost"],
        broken: |config| config.is_below_cost(config.budgets.organisation_points),
        because: "a document within the limit, or the 100 points of a refusal, could never be paid; make it at least as many, or 0 for no bound",
    },
    Contradiction {
        between: &["budgets.address_points", "limits.cost"],
        broken: |config| config.is_below_cost(config.budgets.address_points),
        because: "a document within the limit, or the 100 points of a refusal, could never be paid; make it at least as many, or 0 for no bound",
    },
    Contradiction {
        between: &["database.statement_timeout_ms", "http.request_timeout_seconds"],
        broken: |config| config.database.statement_timeout_ms > config.request_timeout_ms(),
        because: "a statement would go on after its request was answered with TIMEOUT; it must be at most as long",
    },
    Contradiction {
        between: &["database.acquire_timeout_ms", "http.request_timeout_seconds"],
        broken: |config| config.database.acquire_timeout_ms >= config.request_timeout_ms(),
        because: "a request would end with TIMEOUT before it knows that there is no connection; it must be shorter",
    },
    Contradiction {
        between: &["redis.timeout_ms", "http.request_timeout_seconds"],
        broken: |config| config.redis.timeout_ms >= config.request_timeout_ms(),
        because: "a frozen Redis would fail requests that can go on without it; it must be shorter",
    },
];

/// The sentence of each contradiction there is: the settings with what was found, and why not.
pub fn faults(found: &[(String, Value)], config: &Config) -> Vec<String> {
    let said = |name: &&str| {
        let value = found.iter().find(|(found, _)| found == name).map(|(_, value)| shown(value));
        format!("{name} is {}", value.unwrap_or_default())
    };
    let broken = CONTRADICTIONS.iter().filter(|rule| (rule.broken)(config));
    let sentence = |rule: &Contradiction| {
        let settings: Vec<String> = rule.between.iter().map(said).collect();
        format!("{}: {}", settings.join(" and "), rule.because)
    };
    broken.map(sentence).collect()
}

impl Config {
    /// Whether other machines can reach a server that issues its own tokens.
    fn is_public_demo(&self) -> bool {
        self.auth.mode == AuthMode::Demo && !self.http.listen.ip().is_loopback()
    }

    fn is_below_cost(&self, points: u64) -> bool {
        points > 0 && points < self.limits.cost.max(REFUSED)
    }

    fn request_timeout_ms(&self) -> u64 {
        self.http.request_timeout_seconds.saturating_mul(1_000)
    }
}
