//! A fault of a setting as a sentence.

use figment::value::Value;

/// `http.drain_seconds (OSH_HTTP_DRAIN_SECONDS) is 0; it must be …`.
pub fn must_be(name: &str, found: &Value, allowed: &str) -> String {
    format!("{} is {}; it must be {allowed}", both_names(name), shown(found))
}

/// The setting as it is called in the file and in the environment: the operator may have written either.
pub fn both_names(name: &str) -> String {
    format!("{name} ({})", variable(name))
}

/// `database.url` → `OSH_DATABASE_URL`.
pub fn variable(name: &str) -> String {
    format!("OSH_{}", name.replacen('.', "_", 1).to_uppercase())
}

/// The value that was found. Of an address, what could be a password is left out.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("\"{}\"", without_secrets(text)),
        Value::Bool(_, switch) => switch.to_string(),
        Value::Num(_, number) => match (number.to_i128(), number.to_u128(), number.to_f64()) {
            (Some(number), ..) => number.to_string(),
            (_, Some(number), _) => number.to_string(),
            (.., number) => number.unwrap_or_default().to_string(),
        },
        Value::Array(_, items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Dict(..) => "a section".to_owned(),
        Value::Char(_, letter) => format!("\"{letter}\""),
        Value::Empty(..) => "empty".to_owned(),
    }
}

/// `postgres://user:password@host/name?password=x` → `postgres://…@host/name?…`.
pub fn without_secrets(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    // A password may itself hold any of these signs, so the last @ counts, and it is looked for first.
    let (hidden, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("…@", rest));
    let (rest, parameters) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?…"));
    let scheme = scheme.map(|scheme| format!("{scheme}://")).unwrap_or_default();
    format!("{scheme}{hidden}{rest}{parameters}")
}
