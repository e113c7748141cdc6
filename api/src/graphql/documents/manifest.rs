//! The files in which compilers of clients write down their documents.

use serde::Deserialize;
use serde_json::Value as Json;

/// A document under the id by which a client will ask for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the client's compiler calls it.
    pub id: String,
    /// The document.
    pub text: String,
}

const APOLLO: &str = "apollo-persisted-query-manifest";

#[derive(Deserialize)]
struct Apollo {
    version: u64,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

/// Reads a manifest: the map of ids to texts that relay-compiler writes, or an `apollo-persisted-query-manifest`.
///
/// # Errors
/// What is wrong with it, as the end of a sentence that begins with the name of the file.
pub fn read(text: &str) -> Result<Vec<Entry>, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    let entries = match &json {
        Json::Object(fields) if fields.get("format").and_then(Json::as_str) == Some(APOLLO) => apollo(json)?,
        Json::Object(fields) => {
            let entry = |(id, text): (&String, &Json)| Some(Entry { id: id.clone(), text: text.as_str()?.to_owned() });
            fields.iter().map(entry).collect::<Option<_>>().ok_or_else(unknown)?
        }
        _ => return Err(unknown()),
    };
    let mut ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(format!("has the id {:?} twice", pair.first().copied().unwrap_or_default())),
        None => Ok(entries),
    }
}

fn apollo(json: Json) -> Result<Vec<Entry>, String> {
    let manifest: Apollo = serde_json::from_value(json).map_err(|error| format!("is not an {APOLLO}: {error}"))?;
    if manifest.version != 1 {
        return Err(format!("is an {APOLLO} of version {}; version 1 is known", manifest.version));
    }
    Ok(manifest.operations.into_iter().map(|it| Entry { id: it.id, text: it.body }).collect())
}

fn unknown() -> String {
    format!("is neither a map of ids to texts, as relay-compiler writes it, nor an {APOLLO}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_formats_are_told_apart() {
        let expected = |id: &str| vec![Entry { id: id.into(), text: "{ a }".into() }];
        assert_eq!(read(r#"{"1f": "{ a }"}"#), Ok(expected("1f")));
        let operation = json!({"id": "2f", "name": "A", "type": "query", "body": "{ a }"});
        let manifest = json!({"format": APOLLO, "version": 1, "operations": [operation]});
        assert_eq!(read(&manifest.to_string()), Ok(expected("2f")));
        assert_eq!(read("{}"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_the_reason() {
        let operation = json!({"id": "a", "body": "{ a }"});
        let apollo = |version: u64| json!({"format": APOLLO, "version": version, "operations": [operation, operation]});
        for (text, reason) in [
            ("{".to_owned(), "is not JSON"),
            ("[]".to_owned(), "is neither"),
            (r#"{"a": 1}"#.to_owned(), "is neither"),
            (r#"{"a": "{ a }", "b": null}"#.to_owned(), "is neither"),
            (json!({"format": APOLLO, "version": 1}).to_string(), "missing field `operations`"),
            (apollo(2).to_string(), "of version 2"),
            (apollo(1).to_string(), "has the id \"a\" twice"),
        ] {
            let refused = read(&text).unwrap_err();
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }
}
