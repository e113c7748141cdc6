//! What no answer may say, whatever was asked. [`crate::Answer::read`] looks at every answer of every test for it.

use serde_json::Value;

/// Words of SQL, of the drivers and of Rust, and paths. None is a word of ours, nor of a test's documents.
const WORDS: [&str; 38] = [
    "SELECT ",
    "INSERT INTO",
    "UPDATE \"",
    "DELETE FROM",
    " WHERE ",
    " FROM \"",
    "ORDER BY",
    "RETURNING",
    "UNIQUE constraint",
    "violates",
    "duplicate key",
    "no such table",
    "syntax error at or near",
    "SQLSTATE",
    "sqlx",
    "sea_orm",
    "sea-orm",
    "SQLite",
    "sqlite",
    "Postgres",
    "postgres",
    "redis://",
    "::",
    "panicked",
    "unwrap()",
    "Option<",
    "Result<",
    "Vec<",
    "thread '",
    ".rs:",
    "src/",
    "/home/",
    "/usr/",
    "/tmp/",
    "/root/",
    ".cargo",
    "DbErr",
    "at line ",
];

/// Tables whose names are not words of the API. A permission such as `factor_assignment:read` is told to clients.
const TABLES: [&str; 6] =
    ["enterprise_activity", "factor_assignment", "assessment_trace", "rule_set", "reference_row", "import_batch"];

/// Fields of an answer that tell what went wrong.
const TELLING: [&str; 3] = ["errors", "userErrors", "problem"];

/// Panics if an answer with this status and body tells something of the inside.
#[track_caller]
pub fn refuse(failed: bool, text: &str, json: &Value) {
    let found = if json.is_null() { Some(text).filter(|_| failed).and_then(word) } else { in_answer(json) };
    assert!(found.is_none(), "an answer tells of the inside ({}): {text}", found.unwrap_or_default());
}

/// Looks below the fields that tell what went wrong.
fn in_answer(json: &Value) -> Option<&'static str> {
    match json {
        Value::Object(fields) => fields
            .iter()
            .find_map(|(name, value)| if TELLING.contains(&&**name) { in_texts(value) } else { in_answer(value) }),
        Value::Array(items) => items.iter().find_map(in_answer),
        _ => None,
    }
}

fn in_texts(json: &Value) -> Option<&'static str> {
    match json {
        Value::String(text) => word(text),
        Value::Object(fields) => fields.values().find_map(in_texts),
        Value::Array(items) => items.iter().find_map(in_texts),
        _ => None,
    }
}

fn word(text: &str) -> Option<&'static str> {
    let said = WORDS.into_iter().chain(["Did you mean", "did you mean"]).find(|word| text.contains(word));
    said.or_else(|| TABLES.into_iter().find(|table| names_table(text, table)))
}

fn names_table(text: &str, table: &str) -> bool {
    text.match_indices(table).any(|(at, _)| !text.get(at + table.len()..).is_some_and(|rest| rest.starts_with(':')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_must_not_say_is_found_wherever_it_stands() {
        for text in [
            "error returned from database: UNIQUE constraint failed: unit.code",
            "called `Option::unwrap()` on a `None` value",
            "thread 'tokio' panicked at api/src/main.rs:12",
            "Unknown field \"nmae\". Did you mean \"name\"?",
            "relation \"factor_assignment\" does not exist",
            "cannot open /tmp/map.db",
        ] {
            assert!(in_answer(&json!({"errors": [{"message": text}]})).is_some(), "{text}");
            assert!(in_answer(&json!({"errors": [{"extensions": {"detail": [text]}}]})).is_some(), "{text}");
            assert!(in_answer(&json!({"data": {"change": {"userErrors": [{"message": text}]}}})).is_some(), "{text}");
            assert!(std::panic::catch_unwind(|| refuse(true, text, &Value::Null)).is_err(), "{text}");
        }
        let fine = json!({"errors": [{"message": "Requires factor_assignment:read."}], "data": {"name": "SELECT * FROM \"x\""}});
        refuse(true, "", &fine);
    }
}
