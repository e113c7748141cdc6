//! From bytes to a request. The first byte chooses the limits, then come the document, the variables and the name of
//! the operation, with a zero byte between them: a seed is readable, and from HTTP no zero byte reaches the guard
//! either.

use async_graphql::{Value, Variables};

use crate::graphql::guard::Limits;

/// A request as the HTTP layer hands it on.
#[derive(Debug)]
pub struct Input<'i> {
    /// The server's limits or smaller ones.
    pub limits: Limits,
    /// The text.
    pub document: &'i str,
    /// Values of its variables.
    pub variables: Variables,
    /// Operation to run.
    pub operation: Option<&'i str>,
}

impl<'i> Input<'i> {
    /// `None` for what the HTTP layer would refuse: not UTF-8, variables that are no JSON object.
    pub fn read(bytes: &'i [u8]) -> Option<Self> {
        let (scale, rest) = bytes.split_first()?;
        let mut parts = std::str::from_utf8(rest).ok()?.splitn(3, '\0');
        let document = parts.next()?;
        let variables = match parts.next().filter(|text| !text.is_empty()) {
            None => Variables::default(),
            Some(text) => match Value::from_json(serde_json::from_str(text).ok()?).ok()? {
                value @ Value::Object(_) => Variables::from_value(value),
                _ => return None,
            },
        };
        Some(Self { limits: limits(*scale), document, variables, operation: parts.next() })
    }
}

/// A letter is the server's own; others make all limits smaller, so that each is met by short documents.
fn limits(scale: u8) -> Limits {
    let mut limits = Limits::default();
    if scale.is_ascii_alphabetic() {
        return limits;
    }
    let by = u64::from(scale % 7) + 2;
    let Limits {
        document_bytes,
        tokens,
        nesting,
        name_bytes,
        operations,
        directives,
        variable_uses,
        variable_values,
        ..
    } = &mut limits;
    for limit in [document_bytes, tokens, nesting, name_bytes, operations, directives, variable_uses, variable_values] {
        *limit /= by * by;
    }
    let Limits { expanded_fields, expanded_nesting, depth, aliases, root_fields, introspection, cost, .. } =
        &mut limits;
    for limit in [expanded_fields, expanded_nesting, depth, aliases, root_fields, introspection, cost] {
        *limit /= by;
    }
    limits
}
