//! Errors in the caller's language. Whoever raises one leaves a key of `messages.csv` and what fills its places; what the
//! library and the parser say in English of a document is kept beside our sentence, as `detail`.

use async_graphql::{ErrorExtensionValues, ServerError, Value};
use domain::localized::Language;

use crate::error::{Code, OTHERS};
use crate::messages;

/// Longest sentence of the library that is repeated, bytes: the answer to a hostile document stays small.
const DETAIL_BYTES: usize = 160;
/// Places that texts have.
const PLACES: [&str; 10] =
    ["permission", "expected", "limit", "allowed", "found", "value", "min", "max", "part", "retryAfterSeconds"];

/// Writes the texts, and tells each fault that an error carries along as an error of its own.
pub fn tell(errors: &mut Vec<ServerError>, language: Language) {
    *errors = std::mem::take(errors).into_iter().flat_map(apart).collect();
    for error in errors {
        put_into_words(error, language);
    }
}

/// The error and the others it carries, each at the same place of the answer.
fn apart(mut error: ServerError) -> Vec<ServerError> {
    let carried = error.extensions.as_mut().and_then(|extensions| {
        let others = extensions.get(OTHERS).cloned();
        extensions.unset(OTHERS);
        others
    });
    let Some(Value::List(others)) = carried else { return vec![error] };
    let other = |value| {
        let Value::Object(fields) = value else { return None };
        let mut extensions = ErrorExtensionValues::default();
        fields.into_iter().for_each(|(name, value)| extensions.set(name.as_str(), value));
        let mut other = ServerError { extensions: Some(extensions), ..error.clone() };
        other.message = shown(&other, "reason").or_else(|| shown(&other, "code"))?;
        Some(other)
    };
    let others: Vec<ServerError> = others.into_iter().filter_map(other).collect();
    std::iter::once(error).chain(others).collect()
}

/// An extension as text.
fn shown(error: &ServerError, name: &str) -> Option<String> {
    match error.extensions.as_ref()?.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn put_into_words(error: &mut ServerError, language: Language) {
    if shown(error, "code").is_none() {
        name(error);
    }
    let keys = [shown(error, "reason"), shown(error, "code")];
    let Some(key) = keys.into_iter().flatten().find(|key| messages::knows(key)) else { return };
    let code = shown(error, "code").unwrap_or_default();
    let said = std::mem::take(&mut error.message);
    let fills = PLACES.into_iter().filter_map(|name| Some((name, shown(error, name)?)));
    error.message = messages::text(&key, language, fills);
    // What the library or the parser says of a document is told as well; of our own errors it is the key.
    let foreign = [Code::BadDocument, Code::BadUserInput].iter().any(|kind| kind.as_str() == code);
    if foreign && !messages::knows(&said) {
        error.extensions.get_or_insert_default().set("detail", shortened(&said));
    }
}

/// Gives an error of the library its code, and a reason where there is a sentence for it.
fn name(error: &mut ServerError) {
    // Of what was executed only an argument that cannot be read has an error of the library.
    let code = if error.path.is_empty() { Code::BadDocument } else { Code::BadUserInput };
    let reason = reason_of(&error.message).filter(|_| error.path.is_empty());
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code.as_str());
    if let Some(reason) = reason {
        extensions.set("reason", reason);
    }
}

/// What the library means, by how its sentence begins; a test has it say each.
fn reason_of(sentence: &str) -> Option<&'static str> {
    const BEGINNINGS: [(&str, &str); 6] = [
        ("Unknown field", "unknown_field"),
        ("Unknown argument", "unknown_argument"),
        ("Unknown type", "unknown_type"),
        ("Unknown directive", "unknown_directive"),
        ("Unknown fragment", "unknown_fragment"),
        ("Variable", "variable"),
    ];
    let known = BEGINNINGS.iter().find(|(beginning, _)| sentence.starts_with(beginning)).map(|(_, reason)| *reason);
    known.or_else(|| sentence.contains("have a selection").then_some("selection"))
}

fn shortened(text: &str) -> String {
    if text.len() <= DETAIL_BYTES {
        return text.to_owned();
    }
    let end = (0..=DETAIL_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}…", text.get(..end).unwrap_or_default())
}
