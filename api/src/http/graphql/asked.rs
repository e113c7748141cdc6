//! How a request names its document: `query`, `extensions.persistedQuery` or `documentId`.

use serde_json::{Map, Value as Json};

use super::error::HttpError;
use crate::graphql::documents::{Asked, Sha, names_nul};

/// The one version of automatic persisted queries.
const VERSION: u64 = 1;

/// Takes out of the parameters what names the document.
///
/// # Errors
/// 400: nothing does, two things do, or a hash is not that of the text beside it.
pub(super) fn asked(parameters: &mut Map<String, Json>) -> Result<Asked, HttpError> {
    let hash = hash(parameters)?;
    let id = match parameters.remove("documentId") {
        None | Some(Json::Null) => None,
        Some(Json::String(id)) => Some(id),
        Some(_) => return Err(HttpError::bad_request("document_id")),
    };
    let text = match parameters.remove("query") {
        Some(Json::String(text)) if !text.is_empty() => Some(text),
        // Some clients must send a text over WebSocket and have none.
        Some(Json::String(_)) if hash.is_some() || id.is_some() => None,
        Some(Json::String(empty)) => Some(empty),
        None | Some(Json::Null) => None,
        Some(_) => return Err(HttpError::bad_request("query")),
    };
    // A text of the document itself can name it by its escape.
    if text.as_deref().is_some_and(names_nul) {
        return Err(HttpError::bad_request("nul"));
    }
    match (text, hash, id) {
        (Some(text), None, None) => Ok(Asked::Text(text)),
        (Some(text), Some(hash), None) if Sha::of(&text) == hash => Ok(Asked::Registered(hash, text)),
        (Some(_), Some(_), None) => Err(HttpError::bad_request("persisted_query_hash")),
        (None, Some(hash), None) => Ok(Asked::Hash(hash)),
        (None, None, Some(id)) => Ok(Asked::Id(id)),
        (None, None, None) => Err(HttpError::bad_request("query")),
        (_, _, Some(_)) => Err(HttpError::bad_request("document_id")),
    }
}

/// `extensions: {persistedQuery: {version: 1, sha256Hash}}`; other extensions, of whatever form, are judged elsewhere.
fn hash(parameters: &mut Map<String, Json>) -> Result<Option<Sha>, HttpError> {
    let extensions = parameters.get_mut("extensions").and_then(Json::as_object_mut);
    let Some(persisted) = extensions.and_then(|extensions| extensions.remove("persistedQuery")) else {
        return Ok(None);
    };
    if persisted.is_null() {
        return Ok(None);
    }
    let version = persisted.get("version").and_then(Json::as_u64);
    let hash = persisted.get("sha256Hash").and_then(Json::as_str).and_then(Sha::parse);
    hash.filter(|_| version == Some(VERSION)).map(Some).ok_or_else(|| HttpError::bad_request("persisted_query"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "{ a }";

    fn of(parameters: Json) -> Result<Asked, &'static str> {
        let mut parameters = parameters.as_object().unwrap().clone();
        asked(&mut parameters).map_err(|error| error.reason)
    }

    fn persisted(hash: impl Into<Json>) -> Json {
        json!({"persistedQuery": {"version": 1, "sha256Hash": hash.into()}})
    }

    #[test]
    fn a_document_is_named_in_one_way() {
        let sha = Sha::of(TEXT);
        let hash = persisted(sha.to_string());
        assert_eq!(of(json!({"query": TEXT})), Ok(Asked::Text(TEXT.into())));
        assert_eq!(of(json!({"query": TEXT, "extensions": {"other": 1}})), Ok(Asked::Text(TEXT.into())));
        assert_eq!(of(json!({"query": TEXT, "extensions": hash})), Ok(Asked::Registered(sha, TEXT.into())));
        for nothing in [json!({}), json!({"query": null}), json!({"query": ""})] {
            let with = |name: &str, value: Json| {
                let mut parameters = nothing.clone();
                parameters[name] = value;
                of(parameters)
            };
            assert_eq!(with("extensions", hash.clone()), Ok(Asked::Hash(sha)));
            assert_eq!(with("documentId", "x".into()), Ok(Asked::Id("x".into())));
        }
        let missed = json!({"persistedQuery": {"version": 1, "sha256Hash": sha.to_string(), "miss": true}});
        assert_eq!(of(json!({ "extensions": missed })), Ok(Asked::Hash(sha)));
        let nothing = json!({"query": TEXT, "extensions": {"persistedQuery": null}, "documentId": null});
        assert_eq!(of(nothing), Ok(Asked::Text(TEXT.into())));
    }

    #[test]
    fn what_names_no_document_is_refused() {
        let hash = persisted(Sha::of(TEXT).to_string());
        let escape = "{ a(b: \"\\u0000\") }";
        for (parameters, reason) in [
            (json!({}), "query"),
            (json!({"query": 1}), "query"),
            (json!({"query": 1, "extensions": hash}), "query"),
            (json!({"query": TEXT, "extensions": persisted(Sha::of("{ b }").to_string())}), "persisted_query_hash"),
            (json!({"extensions": persisted("abc")}), "persisted_query"),
            (json!({"extensions": persisted(1)}), "persisted_query"),
            (json!({"extensions": {"persistedQuery": "x"}}), "persisted_query"),
            (
                json!({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0".repeat(64)}}}),
                "persisted_query",
            ),
            (json!({"documentId": 1}), "document_id"),
            (json!({"documentId": "x", "query": TEXT}), "document_id"),
            (json!({"documentId": "x", "extensions": hash}), "document_id"),
            (json!({"query": escape}), "nul"),
            (json!({"query": escape, "extensions": persisted(Sha::of(escape).to_string())}), "nul"),
        ] {
            assert_eq!(of(parameters.clone()), Err(reason), "{parameters}");
        }
    }
}
