//! What an operator copies: the container's files and the settings in the documentation are those of this program. No
//! container is run here; these are the faults that can be found by reading.

use std::collections::BTreeSet;
use std::path::Path;

use api::config::{Config, DEFAULTS};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The variable of every setting.
fn variables() -> BTreeSet<String> {
    let mut section = "";
    let mut variables = BTreeSet::from(["OSH_CONFIG".to_owned()]);
    for line in DEFAULTS.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, _)) = line.split_once(" = ") {
            variables.insert(format!("OSH_{section}_{key}").to_uppercase());
        }
    }
    assert!(variables.len() > 40, "{variables:?}");
    variables
}

/// Words that begin with `OSH_`, but not the forms `OSH_<SECTION>_<KEY>` and `OSH_MAP_…`.
fn mentioned(text: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    text.split(|letter: char| !is_part(letter))
        .filter(|word| word.starts_with("OSH_") && *word != "OSH_" && !word.starts_with("OSH_MAP_"))
        .collect()
}

/// The environment of the API's containers, with a value for each blank.
fn environment_of_compose() -> Vec<(String, String)> {
    let text = file("docker-compose.yml");
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("OSH_")?.split_once(": "));
    let filled = lines.map(|(name, value)| {
        let mut value = value.trim_matches('"').to_owned();
        while let Some((before, after)) = value.clone().split_once("${") {
            let (_, after) = after.split_once('}').expect("a closed blank");
            value = format!("{before}0a1b2c{after}");
        }
        (format!("OSH_{name}"), value)
    });
    filled.collect()
}

/// The lines of the first block after a sentence that look like variables.
fn block_after(text: &str, sentence: &str) -> Vec<(String, String)> {
    let (_, rest) = text.split_once(sentence).unwrap_or_else(|| panic!("no {sentence}"));
    let block = rest.split("```").nth(1).expect("a block");
    let lines = block.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn every_variable_that_is_mentioned_is_a_setting() {
    let known = variables();
    for name in [
        "docker-compose.yml",
        "Dockerfile",
        "README.md",
        "docs/operations.md",
        "docs/conventions.md",
        "bench/README.md",
        "bench/src/server.rs",
        "scripts/test",
        "scripts/prepare",
        ".ci/run",
        "api/src/cli/serve.rs",
        "api/src/cli/mod.rs",
    ] {
        let text = file(name);
        let unknown: Vec<&str> = mentioned(&text).into_iter().filter(|word| !known.contains(*word)).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}

#[test]
fn the_settings_of_compose_of_the_image_and_of_the_manual_are_valid() {
    let compose = environment_of_compose();
    assert!(compose.len() >= 9, "{compose:?}");
    let config = Config::read(compose).unwrap_or_else(|error| panic!("docker-compose.yml: {error}"));
    assert!(!config.database.is_sqlite() && !config.demo.enabled && !config.redis.url.is_empty());
    let manual = block_after(&file("docs/operations.md"), "A production environment:");
    assert!(manual.len() >= 9, "{manual:?}");
    Config::read(manual).unwrap_or_else(|error| panic!("docs/operations.md: {error}"));
    let dockerfile = file("Dockerfile");
    let image = dockerfile.lines().filter_map(|line| line.strip_prefix("ENV ")?.split_once('='));
    let image: Vec<(String, String)> = image.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert!(!image.is_empty(), "the image listens to itself only");
    // `docker run` without anything is the sandbox.
    Config::read(image).unwrap_or_else(|error| panic!("Dockerfile: {error}"));
}

#[test]
fn containers_have_time_to_finish_their_requests() {
    let text = file("docker-compose.yml");
    let (_, api) = text.split_once("x-api:").expect("the API's containers");
    let (_, grace) = api.split_once("stop_grace_period: ").expect("a time to stop");
    let grace: u64 = grace.split('s').next().unwrap().parse().expect("seconds");
    let drain = Config::read(environment_of_compose()).expect("valid").http.drain_seconds;
    assert!(grace > drain, "{grace} s are not more than {drain} s");
}

#[test]
fn the_image_is_built_from_every_member_of_the_workspace() {
    let manifest = file("Cargo.toml");
    let (_, members) = manifest.split_once("members = [").expect("members");
    let members: Vec<&str> = members.split(']').next().unwrap().split('"').skip(1).step_by(2).collect();
    assert!(members.contains(&"api") && members.len() >= 6, "{members:?}");
    let (dockerfile, ignored) = (file("Dockerfile"), file(".dockerignore"));
    let copies =
        dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"));
    let sources: Vec<&str> = copies.flat_map(|line| line.rsplit_once(' ').unwrap().0.split(' ')).collect();
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).collect();
    for member in members {
        let copied = sources.iter().any(|source| *source == "." || source.trim_end_matches('/') == member);
        assert!(copied && !ignored.contains(&member), "{member} is not in the image's build: cargo would refuse it");
        assert!(Path::new(ROOT).join(member).join("Cargo.toml").is_file(), "{member}");
    }
    // What the program embeds, and what cargo needs beside the members.
    for needed in ["policies", "reference", "web", "schema.graphql", "Cargo.toml", "Cargo.lock"] {
        assert!(Path::new(ROOT).join(needed).exists() && !ignored.contains(&needed), "{needed}");
    }
    for page in ["conventions.md", "glossary.md"] {
        assert!(ignored.contains(&format!("!/docs/{page}").as_str()), "{page}");
    }
}

#[test]
fn the_balancer_hides_what_is_for_the_inside() {
    let text = file("docker-compose.yml");
    let (_, public) = text.split_once("frontend public").expect("a frontend");
    let public = public.split("frontend ").next().unwrap();
    let rule = public.lines().find(|line| line.contains("return status 404")).expect("a rule that hides");
    for hidden in ["-m beg", " /metrics", " /health"] {
        assert!(rule.contains(hidden), "{hidden}: {rule}");
    }
    // Hidden from the container's own check as well, which therefore asks elsewhere.
    let (_, balancer) = text.split_once("  balancer:").expect("a balancer");
    let check = balancer.lines().find(|line| line.contains("wget")).expect("a check");
    assert!(!check.contains(":8080") && text.contains("monitor-uri /alive") && check.contains("/alive"), "{check}");
    assert!(text.contains("option httpchk GET /health/ready"), "the balancer itself asks the replicas");
    let operations = file("docs/operations.md");
    assert!(operations.contains("hide both from the public at the balancer"));
}
