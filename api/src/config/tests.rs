//! Each bad setting gives its sentence, and the manual says what the rules say.

use std::collections::BTreeSet;

use super::forms::{FORMS, Form};
use super::*;

fn with(toml: &str) -> Result<Config, ConfigError> {
    Config::finish(Config::defaults().merge(Toml::string(toml)))
}

fn by_variables(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

/// What is wrong with these settings, sentence by sentence.
fn faults(toml: &str) -> Vec<String> {
    match with(toml) {
        Err(ConfigError::Unusable(faults)) => faults,
        Err(unreadable) => vec![unreadable.to_string()],
        Ok(_) => Vec::new(),
    }
}

/// Names and values of the manual, each with the rest of its line.
fn manual() -> Vec<(String, &'static str)> {
    let mut section = "";
    let mut lines = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            lines.push((format!("{section}.{key}"), value));
        }
    }
    lines
}

#[test]
fn the_defaults_are_valid() {
    assert_eq!(faults(""), [] as [&str; 0]);
    assert_eq!(with("").unwrap().limits, Limits::default());
    assert_eq!(with("").unwrap().documents, Documents::default());
}

#[test]
fn what_operators_write_is_valid() {
    for toml in [
        "[http]\nlisten = \"[::1]:0\"\nallowed_origins = [\"https://map.example.kz\", \"http://localhost:3000\"]",
        "[http]\nallowed_origins = [\"*\"]",
        "[http]\nlisten = \"0.0.0.0:8080\"",
        "[database]\nurl = \"sqlite://data/a.sqlite?mode=rwc\"",
        "[database]\nurl = \"postgresql://u:p@db:5432/osh?sslmode=require\"\n[redis]\nurl = \"rediss://:p@cache:6379/3\"",
        "[telemetry]\notlp_endpoint = \"http://collector:4318/base\"\nlog = \"\"",
        "[auth]\nmembership_cache_ms = 0\nleeway_seconds = 0",
    ] {
        assert_eq!(faults(toml), [] as [&str; 0], "{toml}");
    }
}

#[test]
fn manual_rules_and_program_know_the_same_settings() {
    // The program reads all that the manual has, or the defaults would not be valid; it misses nothing: see below.
    let manual: Vec<String> = manual().into_iter().map(|(name, _)| name).collect();
    let rules: Vec<&str> = FORMS.iter().map(|(name, _)| *name).collect();
    assert_eq!(manual, rules);
    assert_eq!(rules.iter().collect::<BTreeSet<_>>().len(), rules.len(), "a rule stands twice");
    for name in rules {
        let (section, key) = name.split_once('.').unwrap();
        let line = format!("{key} = ");
        let without: Vec<&str> = in_section(section).filter(|found| !found.starts_with(&line)).collect();
        let others = DEFAULTS.split("\n[").filter(|part| !part.starts_with(&format!("{section}]")));
        let text = format!("{}\n[{section}]\n{}", others.collect::<Vec<_>>().join("\n["), without.join("\n"));
        let figment = Figment::from(Toml::string(&text));
        assert!(figment.extract::<Config>().is_err(), "the program has no need of {name}");
    }
}

fn in_section(name: &str) -> impl Iterator<Item = &'static str> {
    let part = DEFAULTS.split("\n[").find(|part| part.starts_with(&format!("{name}]"))).unwrap();
    part.lines().skip(1)
}

#[test]
fn the_manual_states_the_range_of_every_number() {
    for (name, form) in FORMS {
        let Form::Whole(least, most) = form else { continue };
        let (_, line) = manual().into_iter().find(|(known, _)| known == name).unwrap();
        let stated = line.split_once(" # ").map(|(_, range)| range);
        assert_eq!(stated, Some(&*format!("{least} to {most}")), "{name}");
    }
}

#[test]
fn every_number_is_refused_beyond_both_ends() {
    for (name, form) in FORMS {
        let Form::Whole(least, most) = form else { continue };
        let (section, key) = name.split_once('.').unwrap();
        for beyond in [i128::from(*least) - 1, i128::from(*most) + 1] {
            let Ok(beyond) = i64::try_from(beyond) else { continue };
            let faults = faults(&format!("[{section}]\n{key} = {beyond}"));
            let expected = format!(
                "{name} (OSH_{}_{}) is {beyond}; it must be a whole number from {least} to {most}",
                section.to_uppercase(),
                key.to_uppercase()
            );
            assert!(faults.contains(&expected), "{expected}\n{faults:#?}");
        }
    }
}

#[test]
fn a_value_that_means_nothing_is_refused_with_a_sentence() {
    for (toml, sentence) in [
        (
            "[http]\nlisten = \"localhost:8080\"",
            "http.listen (OSH_HTTP_LISTEN) is \"localhost:8080\"; it must be an address",
        ),
        ("[http]\nlisten = 8080", "is 8080; it must be an address with a port"),
        ("[http]\nmax_body_bytes = \"1 MiB\"", "is \"1 MiB\"; it must be a whole number from 1024 to 16777216"),
        ("[http]\ndrain_seconds = 1.5", "is 1.5; it must be a whole number"),
        (
            "[http]\ndefault_media_type = \"text/html\"",
            "must be \"application/json\" or \"application/graphql-response+json\"",
        ),
        ("[http]\nallowed_origins = \"https://a.kz\"", "is \"https://a.kz\"; it must be a list of origins"),
        ("[http]\nlissten = \"x\"", "http.lissten (OSH_HTTP_LISSTEN) is not a setting"),
        (
            "[limits]\ndefault_page_size = 20",
            "limits.default_page_size (OSH_LIMITS_DEFAULT_PAGE_SIZE) is not a setting",
        ),
        ("[htpp]\nlisten = \"127.0.0.1:1\"", "htpp.listen (OSH_HTPP_LISTEN) is not a setting"),
        ("listen = \"127.0.0.1:1\"", "listen (OSH_LISTEN) is not a setting"),
        ("[database]\nmigrate_on_start = \"yes\"", "is \"yes\"; it must be true or false"),
        ("[auth]\nmode = \"none\"", "is \"none\"; it must be \"demo\" or \"jwks\""),
        ("[auth]\naudience = \" \"", "auth.audience (OSH_AUTH_AUDIENCE) is \" \"; it must be the `aud` of the tokens"),
        ("[telemetry]\nlog = \"a=b=c\"", "must be a filter of tracing-subscriber"),
        ("[telemetry]\notlp_endpoint = \"https://c:4318\"", "TLS to a collector is not supported"),
        ("[telemetry]\notlp_endpoint = \"collector:4318\"", "must be empty or http://HOST:PORT"),
        ("[telemetry]\nmetrics = \"9090\"", "must be \"main\" or \"off\""),
    ] {
        let faults = faults(toml);
        assert!(faults.len() == 1 && faults[0].contains(sentence), "{toml}: {faults:#?}");
    }
}

#[test]
fn an_origin_that_no_browser_sends_is_refused() {
    for origin in [
        "map.example.kz",
        "https://map.example.kz/",
        "https://Map.example.kz",
        "https://map.example.kz:443",
        "http://map.example.kz:80",
        "ftp://map.example.kz",
        "https://",
        "https://u@map.example.kz",
        "null",
        "",
        "*\", \"https://a.kz",
        "https://a.kz/path",
        "https://a b.kz",
        "https://*.example.kz\", \"*",
    ] {
        let faults = faults(&format!("[http]\nallowed_origins = [\"{origin}\"]"));
        assert!(faults.len() == 1 && faults[0].contains("origins as browsers send them"), "{origin}: {faults:?}");
    }
}

#[test]
fn only_addresses_of_databases_that_can_be_served_are_taken() {
    for url in [
        "mysql://db/osh",
        "data/osh.sqlite",
        "sqlite:data/osh.sqlite",
        "sqlite://",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://f?mode=memory",
        "sqlite://f?mode=ro",
        "sqlite://f?cache=shared",
        "sqlite://f?mode=rw&immutable=1",
        "postgres://db:port/osh",
        "",
    ] {
        let faults = faults(&format!("[database]\nurl = \"{url}\""));
        assert!(
            faults.iter().any(|fault| fault.starts_with("database.url (OSH_DATABASE_URL) is")),
            "{url}: {faults:?}"
        );
    }
    for url in ["http://cache", "redis://", "redis://h/x", "cache:6379", "redis+unix:///tmp/s"] {
        let faults = faults(&format!("[database]\nurl = \"postgres://db/osh\"\n[redis]\nurl = \"{url}\""));
        assert!(faults.len() == 1 && faults[0].starts_with("redis.url"), "{url}: {faults:?}");
    }
}

#[test]
fn what_excludes_each_other_is_said_with_both_values() {
    const POSTGRES: &str = "[database]\nurl = \"postgres://db/osh\"\n";
    for (toml, sentence) in [
        (
            "[redis]\nurl = \"redis://h\"",
            "redis.url is \"redis://h\" and database.url is \"sqlite://data/osh-map.sqlite\": Redis joins several replicas",
        ),
        ("[auth]\nmode = \"jwks\"", "auth.mode is \"jwks\" and auth.jwks_file is \"\": there would be no key"),
        ("[auth]\nmode = \"jwks\"", "auth.mode is \"jwks\" and auth.issuer is \"osh-map-demo\""),
        ("[auth]\nmode = \"jwks\"", "auth.mode is \"jwks\" and demo.enabled is true"),
        (
            "[http]\nlisten = \"0.0.0.0:80\"\n[demo]\nenabled = false",
            "auth.mode is \"demo\" and http.listen is \"0.0.0.0:80\" and demo.enabled is false: on a public address",
        ),
        (
            &format!("{POSTGRES}[http]\nlisten = \"0.0.0.0:80\""),
            "database.url is \"postgres://db/osh\": on a public address",
        ),
        ("[demo]\nworkplaces = 1", "demo.workplaces is 1 and demo.enterprises is 2000"),
        ("[graphql]\ndefault_page_size = 200", "default_page_size is 200 and graphql.max_page_size is 100"),
        ("[limits]\ncost = 32\n[graphql]\ndefault_page_size = 32", "default_page_size is 32 and limits.cost is 32"),
        ("[graphql]\nintrospection = false", "graphql.graphiql is true and graphql.introspection is false"),
        ("[documents]\ntrusted = \"report\"", "documents.trusted is \"report\" and documents.trusted_folder is \"\""),
        ("[documents]\ntrusted = \"only\"", "documents.trusted is \"only\" and graphql.graphiql is true"),
        ("[http]\nmax_body_bytes = 1024", "limits.document_bytes is 65536 and http.max_body_bytes is 1024"),
        ("[limits]\ndepth = 31", "limits.depth is 31 and limits.expanded_nesting is 30"),
        (
            "[http]\nrequest_timeout_seconds = 14",
            "statement_timeout_ms is 15000 and http.request_timeout_seconds is 14",
        ),
        (
            "[database]\nacquire_timeout_ms = 20000",
            "acquire_timeout_ms is 20000 and http.request_timeout_seconds is 20",
        ),
        (
            "[http]\nrequest_timeout_seconds = 1\n[redis]\ntimeout_ms = 1000",
            "redis.timeout_ms is 1000 and http.request",
        ),
    ] {
        let faults = faults(toml);
        assert!(faults.iter().any(|fault| fault.contains(sentence)), "{toml}: {sentence}\n{faults:#?}");
    }
}

#[test]
fn all_faults_come_at_once() {
    let error = by_variables(&[
        ("OSH_HTTP_DRAIN_SECONDS", "0"),
        ("OSH_REDIS_TIMEOUT_MS", "-1"),
        ("OSH_MAP_SERVICE_HOST", "10.0.0.1"),
        ("OSH_AUTH_MODE", "jwks"),
        ("HOME", "/"),
    ]);
    let text = error.unwrap_err().to_string();
    assert_eq!(text.lines().next(), Some("the settings cannot be used:"));
    for sentence in ["drain_seconds", "redis.timeout_ms (OSH_REDIS_TIMEOUT_MS) is -1", "OSH_MAP_SERVICE_HOST"] {
        assert!(text.contains(sentence), "{text}");
    }
    // What contradicts each other is said as soon as every value can be read.
    let text = by_variables(&[("OSH_HTTP_DRAIN_SECONDS", "0"), ("OSH_AUTH_MODE", "jwks")]).unwrap_err().to_string();
    assert!(text.contains("drain_seconds") && text.contains("jwks_file"), "{text}");
}

#[test]
fn the_environment_reads_like_the_file() {
    let config = by_variables(&[
        ("OSH_HTTP_LISTEN", "127.0.0.1:9"),
        ("OSH_HTTP_ALLOWED_ORIGINS", "[\"https://a.kz\"]"),
        ("OSH_DATABASE_MIGRATE_ON_START", "false"),
        ("OSH_REDIS_URL", ""),
        ("OSH_GRAPHQL_MAX_PAGE_SIZE", "50"),
    ]);
    let config = config.unwrap();
    assert_eq!((config.http.listen.port(), config.graphql.max_page_size), (9, 50));
    assert!(!config.database.migrate_on_start && config.http.allowed_origins == ["https://a.kz"]);
    assert!(by_variables(&[("OSH_CONFIG", "/no/such/file.toml")]).is_err());
}

#[test]
fn no_sentence_tells_a_password() {
    for toml in [
        "[redis]\nurl = \"redis://:geheim@h/0\"",
        "[redis]\nurl = \"http://u:ge@heim@h/0\"",
        "[database]\nurl = \"mysql://u:geheim/x?y@h/n\"",
        "[database]\nurl = \"postgres://h:x/n?password=geheim\"",
        "[http]\nlisten = \"0.0.0.0:80\"\n[database]\nurl = \"postgres://u:geheim@h/n\"",
        "[telemetry]\notlp_endpoint = \"https://u:geheim@h\"",
        "[redis]\nurl = \"redis://:geheim@h/0",
        "[redis]\nurl = redis://:geheim@h/0",
    ] {
        let text = with(toml).expect_err(toml).to_string();
        assert!(!text.contains("heim"), "{toml}: {text}");
    }
}
