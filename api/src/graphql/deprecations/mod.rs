//! What a request uses that will be taken away: `extensions.deprecations` of its answer.
//!
//! The part that a document decides (its fields, arguments and literals, whatever `@skip` and `@include` say) is found
//! once, when the document turns out to be valid, and kept beside it. The part that the variables decide is looked for
//! in each request, but only while the schema has an enum value or an input field that is deprecated.

mod schema;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Name, Response, Value, Variables};

use crate::graphql::coercion::Types;

pub use schema::{Deprecated, Deprecations};

/// Most entries of one answer.
pub const MOST: usize = 50;
/// Where they stand in `extensions`.
const KEY: &str = "deprecations";

/// Deprecated elements in use, by coordinate, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used(BTreeSet<Arc<Deprecated>>);

/// What each operation of a valid document uses by its text alone. Nothing is kept of one that uses nothing.
#[derive(Debug, Default)]
pub struct Uses(HashMap<Option<Name>, Used>);

impl Uses {
    /// What a valid document uses.
    pub fn of(deprecations: &Deprecations, types: &Types, document: &ExecutableDocument) -> Self {
        if deprecations.is_empty() { Self::default() } else { walk::document(deprecations, types, document) }
    }

    /// What one operation uses with these variables, defaults among them.
    pub fn with(
        &self,
        deprecations: &Deprecations,
        types: &Types,
        (document, operation): (&ExecutableDocument, Option<&str>),
        variables: &Variables,
    ) -> Used {
        if deprecations.is_empty() {
            return Used::default();
        }
        let mut operations = document.operations.iter();
        let chosen = operations.find(|(name, _)| name.map(Name::as_str) == operation);
        let Some((name, definition)) = chosen else { return Used::default() };
        let mut used = self.0.get(&name.cloned()).cloned().unwrap_or_default();
        if deprecations.has_values {
            used.0.extend(walk::variables(deprecations, types, &definition.node, variables).0);
        }
        used
    }
}

impl Used {
    /// Each element, in the order of coordinates.
    pub fn iter(&self) -> impl Iterator<Item = &Deprecated> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Writes them into the extensions of an answer; nothing where there is none.
    pub fn tell(&self, response: &mut Response) {
        if self.0.is_empty() {
            return;
        }
        let entry = |it: &Deprecated| {
            let members = [("coordinate", &it.coordinate), ("reason", &it.reason)];
            let members = members.map(|(name, text)| (Name::new(name), Value::String(text.clone())));
            Value::Object(IndexMap::from_iter(members))
        };
        response.extensions.insert(KEY.to_owned(), Value::List(self.iter().take(MOST).map(entry).collect()));
    }
}
