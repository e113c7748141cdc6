//! Two fields of one response key that differ.
//!
//! The library finds these too, but writes one error for each argument of the first field and each later field of
//! that key: a document of 8,000 tokens makes millions of errors, a gigabyte. This is the same rule, ended by the
//! first finding, so that the library's never has much to say.

use std::collections::{HashMap, HashSet};

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::refusal::Refusal;

/// Refuses the first conflict in any definition of the document.
pub(super) fn refuse(document: &ExecutableDocument) -> Result<(), Refusal> {
    let fragments = document.fragments.values().map(|it| &it.node.selection_set.node);
    let operations = document.operations.iter().map(|(_, it)| &it.node.selection_set.node);
    fragments.chain(operations).try_for_each(|set| each_list(document, set))
}

fn each_list(document: &ExecutableDocument, set: &SelectionSet) -> Result<(), Refusal> {
    let single = matches!(set.items.as_slice(), [] | [Positioned { node: Selection::Field(_), .. }]);
    if !single {
        Merged { document, fields: HashMap::new(), spread: HashSet::new() }.add(None, set)?;
    }
    set.items.iter().try_for_each(|selection| match &selection.node {
        Selection::Field(field) => each_list(document, &field.node.selection_set.node),
        Selection::InlineFragment(inline) => each_list(document, &inline.node.selection_set.node),
        Selection::FragmentSpread(_) => Ok(()),
    })
}

/// The fields that end up in one object of the answer, by type condition and response key.
struct Merged<'d> {
    document: &'d ExecutableDocument,
    fields: HashMap<(Option<&'d str>, &'d str), &'d Positioned<Field>>,
    spread: HashSet<&'d str>,
}

impl<'d> Merged<'d> {
    fn add(&mut self, on: Option<&'d str>, set: &'d SelectionSet) -> Result<(), Refusal> {
        set.items.iter().try_for_each(|selection| match &selection.node {
            Selection::Field(field) => self.field(on, field),
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                self.add(on, &inline.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                match self.document.fragments.get(name) {
                    Some(fragment) if self.spread.insert(name) => self.add(
                        Some(fragment.node.type_condition.node.on.node.as_str()),
                        &fragment.node.selection_set.node,
                    ),
                    _ => Ok(()),
                }
            }
        })
    }

    fn field(&mut self, on: Option<&'d str>, field: &'d Positioned<Field>) -> Result<(), Refusal> {
        let key = field.node.response_key().node.as_str();
        let first = *self.fields.entry((on, key)).or_insert(field);
        let same_arguments = first.node.arguments.len() == field.node.arguments.len()
            && first.node.arguments.iter().all(|(name, value)| field.node.get_argument(&name.node) == Some(value));
        if first.node.name.node == field.node.name.node && (std::ptr::eq(first, field) || same_arguments) {
            return Ok(());
        }
        let message = format!(
            "Fields \"{key}\" conflict because they are different fields or have different arguments. Use different \
             aliases on the fields to fetch both if this was intentional."
        );
        Err(Refusal::invalid("field_conflict", message, Some(field.pos)))
    }
}
