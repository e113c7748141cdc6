//! Why a document is not executed.

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};

/// Code of a document above a limit.
pub const TOO_EXPENSIVE: &str = "QUERY_TOO_EXPENSIVE";
/// Code of a document that is not valid GraphQL.
pub const BAD_DOCUMENT: &str = "BAD_DOCUMENT";

/// Largest integer JavaScript reads exactly; a saturated count is shown as this.
const LARGEST_SHOWN: u64 = 9_007_199_254_740_991;
/// Longest message: the answer to a hostile document stays small whatever names it contains.
const MESSAGE_BYTES: usize = 512;

/// A document that is refused before the library validates it. Nothing of it was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// [`TOO_EXPENSIVE`] or [`BAD_DOCUMENT`], or that of a document that was not read.
    pub code: &'static str,
    /// What is wrong, as a stable key for a text in the caller's language: `limit`, `syntax`, `fragment_cycle`,
    /// `duplicate_input_field`, `field_conflict`, `single_root_field`, `unknown_argument`, `selection`, `unknown_operation`,
    /// `operation_name_required`.
    pub reason: &'static str,
    /// The limit exceeded; `None` for an invalid document.
    pub limit: Option<Exceeded>,
    /// English text.
    pub message: String,
    /// Where, if one place is at fault; line and column count from 1.
    pub location: Option<Pos>,
}

/// A limit and by how much it is exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Name of the limit: a field of [`super::Limits`].
    pub name: &'static str,
    /// The largest value that passes.
    pub allowed: u64,
    /// What was counted. Counting stops at the first excess, so that the whole document may hold more.
    pub found: u64,
}

impl Refusal {
    /// A document above the limit `name`, or a socket above one of its own.
    pub fn limit(name: &'static str, allowed: u64, found: u64) -> Self {
        let found = found.min(LARGEST_SHOWN);
        let message = format!("The document exceeds the limit {name}: {allowed} allowed, {found} or more found.");
        let limit = Some(Exceeded { name, allowed, found });
        Self { code: TOO_EXPENSIVE, reason: "limit", limit, message, location: None }
    }

    /// A document that was not even read, as it is not there or not allowed.
    pub fn unread(code: &'static str) -> Self {
        Self { code, reason: code, limit: None, message: code.to_owned(), location: None }
    }

    /// A document that is not valid GraphQL.
    pub(in crate::graphql) fn invalid(reason: &'static str, message: impl Into<String>, location: Option<Pos>) -> Self {
        Self { code: BAD_DOCUMENT, reason, limit: None, message: shorten(message.into()), location }
    }

    /// A syntax error at a byte of the source.
    pub(super) fn syntax(message: impl Into<String>, source: &str, at: usize) -> Self {
        Self::invalid("syntax", message, Some(position(source, at)))
    }
}

/// `Ok` when `found` is within `allowed`.
pub(super) fn within(name: &'static str, allowed: u64, found: u64) -> Result<(), Refusal> {
    if found > allowed { Err(Refusal::limit(name, allowed, found)) } else { Ok(()) }
}

impl From<async_graphql::parser::Error> for Refusal {
    fn from(error: async_graphql::parser::Error) -> Self {
        let location = error.positions().next();
        let text = error.to_string();
        // The parser's text quotes the whole source line, which may be the whole document; its last line is the reason.
        let reason = text.lines().last().unwrap_or_default().trim_start_matches([' ', '=']);
        Self::invalid("syntax", format!("Syntax error: {}", reason.replace('_', " ")), location)
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", refusal.code);
        if refusal.reason != refusal.code {
            extensions.set("reason", refusal.reason);
        }
        if let Some(limit) = refusal.limit {
            extensions.set("limit", limit.name);
            extensions.set("allowed", Value::from(limit.allowed));
            extensions.set("found", Value::from(limit.found));
        }
        let mut error = Self::new(refusal.message, refusal.location);
        error.extensions = Some(extensions);
        error
    }
}

fn position(source: &str, at: usize) -> Pos {
    let before = source.get(..at).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
    let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
    let column = before.get(line_start..).unwrap_or_default().chars().count().saturating_add(1);
    Pos { line, column }
}

fn shorten(mut message: String) -> String {
    if message.len() > MESSAGE_BYTES {
        let end = (0..=MESSAGE_BYTES).rev().find(|end| message.is_char_boundary(*end)).unwrap_or_default();
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_characters_of_its_line() {
        assert_eq!(position("{\n  жұ[", 8), Pos { line: 2, column: 5 });
        assert_eq!(position("", 9), Pos { line: 1, column: 1 });
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let message = shorten("ө".repeat(600));
        assert!(message.len() <= MESSAGE_BYTES + '…'.len_utf8() && message.ends_with('…'));
    }

    #[test]
    fn the_error_names_the_limit() {
        let error: ServerError = Refusal::limit("depth", 15, u64::MAX).into();
        let json = serde_json::to_value(&error).unwrap();
        assert_eq!(json["extensions"]["code"], TOO_EXPENSIVE);
        assert_eq!(json["extensions"]["limit"], "depth");
        assert_eq!(json["extensions"]["found"], LARGEST_SHOWN);
    }
}
