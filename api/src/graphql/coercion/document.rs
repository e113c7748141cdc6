//! A document with the variables of one request: every value in it against the schema.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet, Type,
    VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, Value as Const, Variables};
use async_graphql_value::Value as Literal;

use super::fault::{Faults, Origin, Path};
use super::types::{Slots, Types, is_within};
use super::value::{Use, Values};

type Arguments = [(Positioned<Name>, Positioned<Literal>)];

/// What comes with a document.
pub(super) struct Given<'g> {
    /// Name of the operation that will run.
    pub(super) operation: Option<&'g str>,
    /// Values of its variables.
    pub(super) variables: &'g Variables,
    /// Whether the document was found valid before.
    pub(super) valid: bool,
}

impl Given<'_> {
    /// Whether the literals need another look: not those of a valid document. But a null may stand where another value
    /// did, and another operation may give its variables to the fragments.
    fn is_new(&self, document: &ExecutableDocument) -> bool {
        !self.valid || document.operations.iter().len() > 1 || self.variables.values().any(|it| *it == Const::Null)
    }
}

/// Checks the variables of the operation that will run, then all literals.
pub(super) fn check(types: &Types, document: &ExecutableDocument, given: &Given<'_>, faults: &mut Faults) {
    let (mut walk, variables) = (Walk { types, faults, known: None }, given.variables);
    let operations = document.operations.iter();
    let chosen = operations.into_iter().find(|(name, _)| name.map(Name::as_str) == given.operation).map(|(_, it)| it);
    if let Some(chosen) = chosen {
        walk.variables(&chosen.node, variables);
    }
    if !given.is_new(document) {
        return;
    }
    for (_, definition) in document.operations.iter() {
        let is_chosen = chosen.is_some_and(|chosen| std::ptr::eq(chosen, definition));
        walk.known = Some(Known::of(&definition.node, is_chosen.then_some(variables)));
        walk.defaults(&definition.node);
        walk.directives(&definition.node.directives);
        walk.selections(types.root(definition.node.ty), &definition.node.selection_set.node);
    }
    let spread = chosen.map(|chosen| spread_by(document, &chosen.node)).unwrap_or_default();
    for (name, fragment) in &document.fragments {
        walk.known = chosen.filter(|_| spread.contains(name.as_str())).map(|it| Known::of(&it.node, Some(variables)));
        walk.fragment(&fragment.node);
    }
    // A fragment has the variables of each operation that spreads it. Its literals have no fault here, so that nothing
    // is told twice.
    let others = document.operations.iter().map(|(_, it)| &it.node);
    for other in others.filter(|it| chosen.is_none_or(|chosen| !std::ptr::eq(&chosen.node, *it))) {
        if walk.faults.count() > 0 || given.valid {
            return;
        }
        walk.known = Some(Known::of(other, None));
        let spread = spread_by(document, other).into_iter().filter_map(|name| document.fragments.get(name));
        spread.for_each(|fragment| walk.fragment(&fragment.node));
    }
}

/// The variables that the literals of a definition may use.
struct Known<'d> {
    definitions: HashMap<&'d str, &'d VariableDefinition>,
    /// Their values; `None` for an operation that will not run.
    values: Option<&'d Variables>,
}

impl<'d> Known<'d> {
    fn of(operation: &'d OperationDefinition, values: Option<&'d Variables>) -> Self {
        let definitions = operation.variable_definitions.iter();
        Self { definitions: definitions.map(|it| (it.node.name.node.as_str(), &it.node)).collect(), values }
    }

    /// Whether a variable may stand where it is used, by its type and, for the operation that will run, by its value.
    fn judge(&self, place: &Use<'_>, path: &Path<'_>, faults: &mut Faults) {
        // A variable that is not defined is the library's to tell.
        let Some(definition) = self.definitions.get(place.variable.as_str()) else { return };
        let found = &definition.var_type.node;
        let has_default = matches!(definition.default_value(), Some(value) if *value != Const::Null);
        let excused = !place.ty.nullable && found.nullable && (has_default || place.has_default);
        let wanted = Type { base: place.ty.base.clone(), nullable: place.ty.nullable || excused };
        if !is_within(found, &wanted) {
            let shown = [("expected", place.ty.to_string()), ("found", found.to_string())];
            return faults.add(path, "VARIABLE_TYPE", &shown);
        }
        let is_null = || self.values.is_some_and(|values| values.get(place.variable) == Some(&Const::Null));
        if excused && is_null() {
            faults.add(&path.supplied(), "REQUIRED", &[("expected", place.ty.to_string())]);
        }
    }
}

struct Walk<'w> {
    types: &'w Types,
    faults: &'w mut Faults,
    known: Option<Known<'w>>,
}

impl<'w> Walk<'w> {
    /// The values of the request, each at the name of its variable.
    fn variables(&mut self, operation: &OperationDefinition, given: &Variables) {
        let mut values = Values { types: self.types, faults: &mut *self.faults, variable: no_variable };
        for definition in operation.variable_definitions.iter().map(|it| &it.node) {
            let (ty, default) = (&definition.var_type.node, definition.default_value());
            if !values.types.is_input(ty) {
                continue;
            }
            let path = Path::root(&definition.name.node, Origin::Variables);
            match given.get(&definition.name.node) {
                // The guard has put defaults among the values; what is wrong with one is told of the document.
                given if given.is_some() && given == default => {}
                Some(value) => values.check(ty, false, value, &path),
                None if ty.nullable || default.is_some() => {}
                None => values.required(ty, &path),
            }
        }
    }

    fn defaults(&mut self, operation: &OperationDefinition) {
        let mut values = Values { types: self.types, faults: &mut *self.faults, variable: no_variable };
        for definition in operation.variable_definitions.iter().map(|it| &it.node) {
            let Some(default) = &definition.default_value else { continue };
            let path = Path::root(&definition.name.node, Origin::Document(default.pos));
            values.check(&definition.var_type.node, false, &default.node, &path);
        }
    }

    fn fragment(&mut self, fragment: &FragmentDefinition) {
        self.directives(&fragment.directives);
        self.selections(&fragment.type_condition.node.on.node, &fragment.selection_set.node);
    }

    fn selections(&mut self, parent: &str, set: &SelectionSet) {
        for selection in &set.items {
            if self.faults.is_full() {
                return;
            }
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => self.field(parent, field),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(parent, |on| on.node.on.node.as_str());
                    self.selections(on, &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn field(&mut self, parent: &str, field: &Positioned<Field>) {
        // A field that does not exist is the library's to tell.
        let types = self.types;
        let Some(output) = types.field(parent, &field.node.name.node) else { return };
        self.arguments(&output.slots, &field.node.arguments, field.pos);
        self.selections(&output.of, &field.node.selection_set.node);
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            let types = self.types;
            if let Some(slots) = types.directive(&directive.node.name.node) {
                self.arguments(slots, &directive.node.arguments, directive.pos);
            }
        }
    }

    fn arguments(&mut self, slots: &Slots, given: &Arguments, at: Pos) {
        let known = self.known.as_ref();
        let judge = |place: &Use<'_>, path: &Path<'_>, faults: &mut Faults| {
            if let Some(known) = known {
                known.judge(place, path, faults);
            }
        };
        let mut values = Values { types: self.types, faults: &mut *self.faults, variable: judge };
        for (name, value) in given {
            if let Some(slot) = slots.get(&name.node) {
                let path = Path::root(&name.node, Origin::Document(value.pos));
                values.check(&slot.ty, slot.has_default, &value.node, &path);
            }
        }
        for required in slots.required.iter().filter(|name| !given.iter().any(|(it, _)| it.node == name.as_str())) {
            if let Some(slot) = slots.get(required) {
                values.required(&slot.ty, &Path::root(required, Origin::Document(at)));
            }
        }
    }
}

/// Constant values hold no variables.
fn no_variable(_: &Use<'_>, _: &Path<'_>, _: &mut Faults) {}

/// Names of the fragments an operation spreads, at any remove.
fn spread_by<'d>(document: &'d ExecutableDocument, operation: &'d OperationDefinition) -> HashSet<&'d str> {
    let mut found = HashSet::new();
    let mut waiting = vec![&operation.selection_set.node];
    while let Some(set) = waiting.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => waiting.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => waiting.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if found.insert(name) {
                        waiting.extend(document.fragments.get(name).map(|it| &it.node.selection_set.node));
                    }
                }
            }
        }
    }
    found
}
