//! From a folder of manifests to lists of trusted documents: each document passes what it would pass if it were sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use async_graphql::{Request, ServerError, Value, Variables};
use domain::localized::Language;

use crate::config::{Config, TrustedDocuments};
use crate::error::Code;
use crate::graphql::coercion;
use crate::graphql::deprecations::Uses;
use crate::graphql::documents::manifest::{self, Entry};
use crate::graphql::documents::{Sha, Trusted, Valid, names_nul};
use crate::graphql::guard::{Document, Limits};
use crate::http::words;
use crate::schema::{self, Validator};

/// Longest name of a client.
const NAME_BYTES: usize = 64;

/// Lists that cannot be used, for the operator: one sentence for each fault.
#[derive(Debug, thiserror::Error)]
#[error("the trusted documents cannot be used:{}", .0.iter().map(|fault| format!("\n  - {fault}")).collect::<String>())]
pub struct Unusable(Vec<String>);

/// The lists that the settings name; none where they are off.
///
/// # Errors
/// A folder that cannot be read, or [`Unusable`].
pub async fn of(config: &Config) -> anyhow::Result<Trusted> {
    match config.documents.trusted {
        TrustedDocuments::Off => Ok(Trusted::default()),
        _ => load(Path::new(&config.documents.trusted_folder), config).await,
    }
}

/// Reads a folder, whatever the settings say of it.
///
/// # Errors
/// As [`of`].
pub async fn load(folder: &Path, config: &Config) -> anyhow::Result<Trusted> {
    let (limits, validator) = (config.document_limits(), Validator::new(config.graphql.introspection));
    let mut trusted = Trusted::new(config.documents.trusted);
    let mut faults = Vec::new();
    let files = manifests(folder).with_context(|| format!("the folder of trusted documents {}", folder.display()))?;
    if files.is_empty() {
        faults.push(format!("{} holds no file NAME.json", folder.display()));
    }
    for (client, file) in files {
        let shown = file.display();
        if !is_name(&client) {
            faults.push(format!("{shown}: the name of a client has up to {NAME_BYTES} letters, digits and -_."));
            continue;
        }
        let text = std::fs::read_to_string(&file).map_err(|error| format!("cannot be read: {error}"));
        match text.and_then(|text| manifest::read(&text)) {
            Err(fault) => faults.push(format!("{shown} {fault}")),
            Ok(entries) => {
                trusted.open(&client);
                for entry in entries {
                    match judge(&entry, &limits, &validator).await {
                        Ok((sha, document)) => trusted.add(&client, &entry.id, sha, document),
                        Err(fault) => faults.push(format!("{shown}: {:?} {fault}", entry.id)),
                    }
                }
            }
        }
    }
    if faults.is_empty() { Ok(trusted) } else { Err(Unusable(faults).into()) }
}

/// Names of clients with their files, sorted.
fn manifests(folder: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
        // A folder that Kubernetes mounts holds hidden folders beside the files.
        if let Some(name) = name.filter(|_| path.is_file() && path.extension().is_some_and(|it| it == "json")) {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

fn is_name(client: &str) -> bool {
    let plain = client.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    plain && (1..=NAME_BYTES).contains(&client.len())
}

/// What a request with this text would pass, but for the values of variables.
async fn judge(entry: &Entry, limits: &Limits, validator: &Validator) -> Result<(Sha, Valid), String> {
    let sha = Sha::of(&entry.text);
    // An id of this form promises to be the hash; another one is the client's own affair.
    let promised = Sha::parse(&entry.id).or_else(|| Sha::prefixed(&entry.id));
    if promised.is_some_and(|promised| promised != sha) {
        return Err(format!("is not the SHA-256 of its text, which is {sha}"));
    }
    if names_nul(&entry.text) {
        return Err("holds U+0000".to_owned());
    }
    let refused = |refusal| format!("is refused: {}", told(vec![ServerError::from(refusal)]));
    let document = Document::read(&entry.text, limits).map_err(refused)?;
    let names: Vec<Option<String>> =
        document.parsed().operations.iter().map(|(name, _)| name.map(|name| name.to_string())).collect();
    for name in names {
        document.check(name.as_deref(), &Variables::default(), limits).map_err(refused)?;
        let mut faults = of_values(&document, name.as_deref());
        faults.extend(validator.faults(document.parsed(), name.as_deref()).await);
        if !faults.is_empty() {
            return Err(format!("does not fit the schema: {}", told(faults)));
        }
    }
    let uses = Arc::new(Uses::of(schema::deprecations(), schema::types(), document.parsed()));
    Ok((sha, Valid { document: Arc::new(document), uses }))
}

/// What is wrong with the literals of a document; its variables have no values yet.
fn of_values(document: &Document, name: Option<&str>) -> Vec<ServerError> {
    let mut request = Request::new(String::new());
    request.operation_name = name.map(str::to_owned);
    request.set_parsed_query(document.parsed().clone());
    let mut faults = coercion::refusal(schema::types(), &mut request, false).map(|it| it.errors).unwrap_or_default();
    let code = Value::from(Code::BadDocument.as_str());
    faults.retain(|fault| fault.extensions.as_ref().and_then(|it| it.get("code")) == Some(&code));
    faults
}

/// The first of these errors as one sentence.
fn told(mut errors: Vec<ServerError>) -> String {
    words::tell(&mut errors, Language::En);
    let Some(error) = errors.first() else { return String::new() };
    let detail = |name: &str| match error.extensions.as_ref()?.get(name)? {
        Value::String(text) => Some(format!(" ({text})")),
        _ => None,
    };
    let details = ["field", "detail"].into_iter().filter_map(detail).collect::<String>();
    format!("{}{details}", error.message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const QUERY: &str = "query Rules { ruleSets { code } }";

    async fn loaded(files: &[(&str, String)]) -> Result<Vec<(String, usize)>, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let config = Config::finish(Config::defaults()).unwrap();
        let trusted = load(folder.path(), &config).await.map_err(|error| format!("{error:#}"))?;
        Ok(trusted.clients().into_iter().map(|(name, count)| (name.to_owned(), count)).collect())
    }

    #[tokio::test]
    async fn a_file_is_the_list_of_the_client_of_its_name() {
        let operation = json!({"id": Sha::of(QUERY).to_string(), "name": "Rules", "type": "query", "body": QUERY});
        let apollo = json!({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]});
        let needs = "query A($bin: Bin!) { passport(bin: $bin) { name } }";
        let relay = json!({"1": QUERY, "2": QUERY, "3": needs});
        let files =
            [("phone.json", apollo.to_string()), ("web.json", relay.to_string()), ("README.md", "nothing".into())];
        assert_eq!(loaded(&files).await.unwrap(), [("phone".to_owned(), 1), ("web".to_owned(), 2)]);
    }

    #[tokio::test]
    async fn each_fault_is_told_with_its_file_and_id() {
        let other = Sha::of("another text").to_string();
        let deep = format!("{{ enterprises(filter: {}", "[".repeat(2_000));
        let dear = "{ enterprises(first: 100) { nodes { workplaces(first: 100) { nodes { id measurements(first: 100) {
            nodes { id } } } } } } }";
        let variable = "query A($a: Int) { ...F } fragment F on Query { passport(bin: $a) { name } }";
        // Only the types say that it is one.
        let conflict = "{ node(id: \"x\") { ... on Enterprise { a: bin } ... on Workplace { a: workers } } }";
        let web = json!({
            other.clone(): QUERY, format!("sha256:{other}"): QUERY, "syntax": "{", "deep": deep, "dear": dear,
            "gone": "{ nowhere }", "value": "{ enterprises(first: \"x\") { totalCount } }", "nul": "{ a(b: \"\\u0000\") }",
            "variable": variable, "conflict": conflict, "good": QUERY,
        });
        let files = [
            ("web.json", web.to_string()),
            ("half.json", "{".to_owned()),
            ("list.json", "[]".to_owned()),
            ("a client.json", "{}".to_owned()),
        ];
        let refused = loaded(&files).await.unwrap_err();
        for sentence in [
            &*format!("web.json: \"{other}\" is not the SHA-256 of its text, which is {}\n", Sha::of(QUERY)),
            &*format!("web.json: \"sha256:{other}\" is not the SHA-256 of its text"),
            "web.json: \"syntax\" is refused: The document is not GraphQL",
            "web.json: \"deep\" is refused: The document exceeds a limit: nesting",
            "web.json: \"dear\" is refused: The document exceeds a limit: cost",
            "web.json: \"gone\" does not fit the schema: The schema has no such field",
            "web.json: \"value\" does not fit the schema: The value is of another type",
            "web.json: \"variable\" does not fit the schema: A variable of type Int cannot stand",
            "web.json: \"conflict\" does not fit the schema: Different fields are asked for under one name",
            "web.json: \"nul\" holds U+0000",
            "half.json is not JSON",
            "list.json is neither",
            "a client.json: the name of a client",
        ] {
            assert!(refused.contains(sentence), "no {sentence} in {refused}");
        }
        assert_eq!(refused.lines().count(), 14, "{refused}");
    }

    #[tokio::test]
    async fn a_folder_without_lists_is_refused() {
        assert!(loaded(&[]).await.unwrap_err().contains("holds no file NAME.json"));
        let config = Config::finish(Config::defaults()).unwrap();
        let refused = load(Path::new("/no/such/folder"), &config).await.err().unwrap();
        assert!(format!("{refused:#}").contains("/no/such/folder"), "{refused:#}");
    }
}
