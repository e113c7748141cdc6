//! Whether the values of a request can be what the schema asks for: all that cannot, at once, each with its field.
//!
//! The library coerces too, but stops at the first fault of an argument, says it in English, names no field, and lets an
//! `Int` beyond 32 bits through to the resolver. This check stands between the [guard](super::guard) and the execution
//! and follows the input coercion of the specification:
//!
//! * **variables** of the operation that will run: wrong type of JSON, null or nothing where a value must be, an `Int`
//!   beyond 32 bits, an enum value or an input field that does not exist, `@oneOf` with none or several. The code is
//!   `BAD_USER_INPUT`, the path starts with the name of the variable: `input.workers`;
//! * **literals** anywhere in the document, the defaults of variables among them, and variables in positions of another
//!   type. The code is `BAD_DOCUMENT`, the path starts with the name of the argument: `filter.degrees.0`; the location
//!   says which field.
//!
//! Form only: whether a `Date` is a day of the calendar is judged by the handlers, next to what else they judge. Fields,
//! arguments, types and fragments that do not exist are left to the library, and nothing is ever suggested.
//!
//! The cost is linear in the document and the variables: each definition and each value is looked at once, wherever it
//! is used, and nothing is copied. Recursion is bounded by the guard (brackets) and the reader of JSON (depth 128).

mod absent;
mod document;
mod fault;
mod look;
#[cfg(test)]
mod tests;
mod types;
mod value;

use async_graphql::{Request, Response, ServerError};

use fault::Faults;

pub use absent::without_absent;
pub(in crate::graphql) use look::{Look, Looked};
pub use types::Types;
pub(in crate::graphql) use types::{Kind, Output};

/// Most faults that are told of one request.
pub const MOST: usize = 50;

/// The answer to a request whose values do not fit the schema; `None` when all do. A document that cannot be read is
/// left to the library. Of one that is `valid`, as it was executed before, only the variables are looked at.
pub fn refusal(types: &Types, request: &mut Request, valid: bool) -> Option<Response> {
    let name = request.operation_name.clone();
    let variables = std::mem::take(&mut request.variables);
    let mut faults = Faults::default();
    if let Ok(parsed) = request.parsed_query() {
        let given = document::Given { operation: name.as_deref(), variables: &variables, valid };
        document::check(types, parsed, &given, &mut faults);
    }
    request.variables = variables;
    let errors: Vec<ServerError> = faults.into_errors();
    (!errors.is_empty()).then(|| Response::from_errors(errors))
}
