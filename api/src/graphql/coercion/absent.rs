//! Variables that the request does not give.
//!
//! By the specification an argument or an input field whose variable is not given is as if it were not written. The
//! library makes a null of it, and a null takes away what an absent field leaves as it is.

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value as Literal;

/// Takes out of a document what rests on a variable of the operation that is not `given`. Defaults of variables must be
/// among those given. Of a list, the element stays and is null. `None` if nothing is absent.
pub fn without_absent(
    document: &ExecutableDocument,
    operation: Option<&str>,
    given: &Variables,
) -> Option<ExecutableDocument> {
    let chosen = document.operations.iter().find(|(name, _)| name.map(Name::as_str) == operation)?.1;
    let mut definitions = chosen.node.variable_definitions.iter();
    definitions.find(|it| !given.contains_key(&it.node.name.node))?;
    let mut document = document.clone();
    match &mut document.operations {
        DocumentOperations::Single(only) => in_operation(&mut only.node, given),
        DocumentOperations::Multiple(all) => all.values_mut().for_each(|one| in_operation(&mut one.node, given)),
    }
    for fragment in document.fragments.values_mut() {
        directives(&mut fragment.node.directives, given);
        selections(&mut fragment.node.selection_set.node, given);
    }
    Some(document)
}

fn in_operation(operation: &mut OperationDefinition, given: &Variables) {
    directives(&mut operation.directives, given);
    selections(&mut operation.selection_set.node, given);
}

fn selections(set: &mut SelectionSet, given: &Variables) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                arguments(&mut field.node.arguments, given);
                directives(&mut field.node.directives, given);
                selections(&mut field.node.selection_set.node, given);
            }
            Selection::InlineFragment(inline) => {
                directives(&mut inline.node.directives, given);
                selections(&mut inline.node.selection_set.node, given);
            }
            Selection::FragmentSpread(spread) => directives(&mut spread.node.directives, given),
        }
    }
}

fn directives(directives: &mut [Positioned<Directive>], given: &Variables) {
    directives.iter_mut().for_each(|directive| arguments(&mut directive.node.arguments, given));
}

fn arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Literal>)>, given: &Variables) {
    arguments.retain_mut(|(_, value)| !is_absent(&mut value.node, given));
}

/// Whether a value is an absent variable; what is absent inside it is taken out.
fn is_absent(value: &mut Literal, given: &Variables) -> bool {
    match value {
        Literal::Variable(name) => return !given.contains_key(name),
        Literal::Object(fields) => fields.retain(|_, value| !is_absent(value, given)),
        Literal::List(items) => {
            for item in items {
                if is_absent(item, given) {
                    *item = Literal::Null;
                }
            }
        }
        _ => {}
    }
    false
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    /// The arguments of every field, as they are written.
    fn written(set: &SelectionSet) -> Vec<String> {
        let each = set.items.iter().flat_map(|selection| match &selection.node {
            Selection::Field(field) => {
                let values = field.node.arguments.iter().map(|(name, value)| format!("{} {}", name.node, value.node));
                values.chain(written(&field.node.selection_set.node)).collect()
            }
            Selection::InlineFragment(inline) => written(&inline.node.selection_set.node),
            Selection::FragmentSpread(_) => Vec::new(),
        });
        each.collect()
    }

    fn after(document: &str, variables: serde_json::Value) -> Option<Vec<String>> {
        let document = parse_query(document).expect("a document");
        let found = without_absent(&document, None, &Variables::from_json(variables))?;
        let operations = found.operations.iter().map(|(_, it)| &it.node.selection_set.node);
        let fragments = found.fragments.values().map(|it| &it.node.selection_set.node);
        Some(operations.chain(fragments).flat_map(written).collect())
    }

    #[test]
    fn what_is_not_given_is_as_if_it_were_not_written() {
        let document = "query($a: Int, $b: Int) { f(x: $a, y: {p: $a, q: [$a, $b], r: 1}) { ... { g(x: $b) } } ...F }
                        fragment F on Query { h(x: $b, y: $a) }";
        let found = after(document, json!({"b": null})).expect("something is absent");
        assert_eq!(found, ["y {q: [null, $b], r: 1}", "x $b", "x $b"]);
        assert_eq!(after(document, json!({"a": 1, "b": null})), None, "nothing is absent");
    }
}
