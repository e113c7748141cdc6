//! A valid document, walked with its types. Each definition is looked at once, however often it is spread, so the work
//! is linear in the document. Recursion follows brackets only, which the guard has bounded.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Variables};

use super::{Deprecations, Used, Uses};
use crate::graphql::coercion::{Kind, Look, Looked, Types};

/// What each operation uses by its text.
pub(super) fn document(deprecations: &Deprecations, types: &Types, document: &ExecutableDocument) -> Uses {
    let look = |parent: &str, set| {
        let mut definition = Definition { deprecations, types, used: Used::default(), spreads: Vec::new() };
        definition.selections(parent, set);
        definition
    };
    let fragments: HashMap<&str, Definition<'_>> = document
        .fragments
        .iter()
        .map(|(name, it)| (name.as_str(), look(&it.node.type_condition.node.on.node, &it.node.selection_set.node)))
        .collect();
    let operations = document.operations.iter().filter_map(|(name, operation)| {
        let own = look(types.root(operation.node.ty), &operation.node.selection_set.node);
        let used = with_fragments(own, &fragments);
        (!used.0.is_empty()).then(|| (name.cloned(), used))
    });
    Uses(operations.collect())
}

/// What the variables of an operation hold.
pub(super) fn variables(
    deprecations: &Deprecations,
    types: &Types,
    operation: &OperationDefinition,
    given: &Variables,
) -> Used {
    let mut found = Definition { deprecations, types, used: Used::default(), spreads: Vec::new() };
    for definition in operation.variable_definitions.iter().map(|it| &it.node) {
        if let Some(value) = given.get(&definition.name.node) {
            found.value(&definition.var_type.node, value);
        }
    }
    found.used
}

/// Adds what the fragments use that a definition spreads, at any remove.
fn with_fragments<'d>(own: Definition<'d>, fragments: &HashMap<&'d str, Definition<'d>>) -> Used {
    let (mut used, mut waiting, mut seen) = (own.used, own.spreads, HashSet::new());
    while let Some(name) = waiting.pop() {
        if let Some(fragment) = fragments.get(name).filter(|_| seen.insert(name)) {
            used.0.extend(fragment.used.0.iter().cloned());
            waiting.extend(&fragment.spreads);
        }
    }
    used
}

/// What one definition uses itself, and which fragments it spreads.
struct Definition<'d> {
    deprecations: &'d Deprecations,
    types: &'d Types,
    used: Used,
    spreads: Vec<&'d str>,
}

impl<'d> Definition<'d> {
    fn selections(&mut self, parent: &str, set: &'d SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(parent, &field.node),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(parent, |on| on.node.on.node.as_str());
                    self.selections(on, &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => self.spreads.push(&spread.node.fragment_name.node),
            }
        }
    }

    fn field(&mut self, parent: &str, field: &'d Field) {
        let types = self.types;
        let Some(output) = types.field(parent, &field.name.node) else { return };
        let member = self.deprecations.member(parent, &field.name.node);
        self.used.0.extend(member.and_then(|it| it.own.clone()));
        for (name, value) in &field.arguments {
            self.used.0.extend(member.and_then(|it| it.arguments.get(name.node.as_str())).cloned());
            if let Some(slot) = output.slots.get(&name.node) {
                self.value(&slot.ty, &value.node);
            }
        }
        self.selections(&output.of, &field.selection_set.node);
    }

    /// A literal or the value of a variable. Variables inside of literals are looked at by their values.
    fn value<V: Looked>(&mut self, ty: &Type, value: &V) {
        if !self.deprecations.has_values {
            return;
        }
        match (&ty.base, value.look()) {
            (BaseType::List(inner), Look::List(items)) => items.iter().for_each(|item| self.value(inner, item)),
            // One value stands for a list of one.
            (BaseType::List(inner), _) => self.value(inner, value),
            (BaseType::Named(name), look) => self.named(name, look),
        }
    }

    fn named<V: Looked>(&mut self, of: &Name, look: Look<'_, V>) {
        let types = self.types;
        match (types.kind(of), look) {
            // JSON has no names, a document has no texts for them.
            (Some(Kind::Enum(_)), Look::Enum(name) | Look::Text(name)) => self.mark(of, name),
            (Some(Kind::Input { slots, .. }), Look::Object(fields)) => {
                for (name, value) in fields {
                    self.mark(of, name);
                    if let Some(slot) = slots.get(name) {
                        self.value(&slot.ty, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn mark(&mut self, of: &str, name: &str) {
        self.used.0.extend(self.deprecations.member(of, name).and_then(|it| it.own.clone()));
    }
}
