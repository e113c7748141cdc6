//! Rules of the specification that the library does not have, or has only in part; it has them for a document that it
//! found nothing wrong with. Values are [`coercion`](super::coercion)'s.
//!
//! * Fields that share a place in the answer must be the same field and have one shape ([`merge`]).
//! * An operation of subscription has one root field, whichever operation is run.
//! * `__typename` takes no arguments and has no fields.
//!
//! `tests/conformance/validation` compares all verdicts with those of graphql-js.

mod merge;
#[cfg(test)]
mod tests;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use async_graphql::{Positioned, ServerError};

use super::coercion::Types;
use super::guard::Refusal;

/// What is wrong with a document that the library finds valid: the first fault. The document must have passed the
/// guard, which has bounded what it holds with its fragments written out.
pub fn fault(types: &Types, document: &ExecutableDocument) -> Option<ServerError> {
    broken(types, document).err().map(ServerError::from)
}

fn broken(types: &Types, document: &ExecutableDocument) -> Result<(), Refusal> {
    for (name, operation) in document.operations.iter() {
        let set = &operation.node.selection_set.node;
        type_names(set)?;
        let merged = merge::Set::of(types, document, types.root(operation.node.ty), set);
        if operation.node.ty == OperationType::Subscription && !merged.is_one_field() {
            let name = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
            let message = format!("Subscription{name} must select only one top level field.");
            return Err(Refusal::invalid("single_root_field", message, Some(operation.pos)));
        }
        merged.check()?;
    }
    document.fragments.values().try_for_each(|fragment| type_names(&fragment.node.selection_set.node))
}

fn type_names(set: &SelectionSet) -> Result<(), Refusal> {
    set.items.iter().try_for_each(|selection| match &selection.node {
        Selection::Field(field) if field.node.name.node == "__typename" => type_name(field),
        Selection::Field(field) => type_names(&field.node.selection_set.node),
        Selection::InlineFragment(inline) => type_names(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => Ok(()),
    })
}

fn type_name(field: &Positioned<Field>) -> Result<(), Refusal> {
    if let Some((name, _)) = field.node.arguments.first() {
        let message = format!("Unknown argument \"{}\" on field \"__typename\".", name.node);
        return Err(Refusal::invalid("unknown_argument", message, Some(name.pos)));
    }
    if !field.node.selection_set.node.items.is_empty() {
        let message = "Field \"__typename\" must not have a selection since type \"String!\" has no subfields.";
        return Err(Refusal::invalid("selection", message, Some(field.pos)));
    }
    Ok(())
}
