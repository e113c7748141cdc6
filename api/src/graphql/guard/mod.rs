//! The document guard: what a document may ask for, decided before the library validates or executes anything.
//!
//! [`check`] looks at the text (bytes, tokens, brackets) before any parser recurses over it, parses it once, measures
//! what it holds with all fragments written out, and refuses with the name of the limit. The parsed document is handed
//! on, so that nothing is parsed twice. It needs neither the schema nor the caller; it is the same on every path a
//! document can take.
//!
//! # The cost of an operation
//!
//! A field costs 1, plus the cost of what is selected below it:
//!
//! * below a connection, `edges` and `nodes` cost as many times as the page has entries: the larger of `first` and
//!   `last`, literal or variable, or [`Limits::default_page_size`] where both are absent or null; `pageInfo`,
//!   `totalCount` and the like once;
//! * below a field with `first` or `last` and without `edges` or `nodes`, everything costs that many times;
//! * below a field with `ids`, everything costs as many times as there are ids;
//! * sizes multiply when lists are nested;
//! * `__schema` and `__type` cost 1; what is below has its own bound, [`Cost::introspection`];
//! * what `@skip` or `@include` takes away costs nothing; all else costs as if its type condition held.
//!
//! The arithmetic saturates, and the cost of a field does not depend on the fragments it is reached through.

mod conflicts;
mod cost;
mod expand;
mod lexical;
mod limits;
mod refusal;
#[cfg(test)]
mod tests;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Name, Positioned, Value, Variables};

use cost::Environment;
use expand::{Measure, Sums};
use refusal::within;

pub use limits::Limits;
pub use refusal::{BAD_DOCUMENT, Exceeded, Refusal, TOO_EXPENSIVE};

/// A document within the limits, parsed.
#[derive(Debug)]
pub struct Checked {
    /// For `async_graphql::Request::set_parsed_query`. Not validated against the schema yet.
    pub document: ExecutableDocument,
    /// Kind of the chosen operation.
    pub operation: OperationType,
    /// Its name; `None` for an anonymous one.
    pub operation_name: Option<String>,
    /// What it was counted with.
    pub cost: Cost,
    /// Variables the request leaves out and the operation has a default for. Must be added to the request's: the
    /// library reads conditions of `@skip` and `@include` from there and overlooks defaults.
    pub defaults: Vec<(Name, Value)>,
}

/// What a document was counted with, each beside the limit of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Cost of the chosen operation by the formula above.
    pub requested: u64,
    /// Selections of the whole document, fragments written out.
    pub expanded_fields: u64,
    /// Deepest field of any operation.
    pub depth: u64,
    /// Values the introspection part of the answer is estimated to hold, with fixed lengths for the schema's lists.
    pub introspection: u64,
}

/// Checks a document against the limits and parses it. Without `operation_name` the document must hold exactly one
/// operation; an empty name is none, as some clients send it.
///
/// # Errors
/// [`TOO_EXPENSIVE`] with the limit, or [`BAD_DOCUMENT`] for what no schema could make valid: syntax, fragment cycles,
/// an input field given twice, fields in conflict, an operation that is not there.
pub fn check(
    source: &str,
    operation_name: Option<&str>,
    variables: &Variables,
    limits: &Limits,
) -> Result<Checked, Refusal> {
    within("document_bytes", limits.document_bytes, count(source.len()))?;
    let scan = lexical::scan(source, limits)?;
    within("variable_values", limits.variable_values, values_put_in(&scan.variables, variables))?;
    let document = parse_query(source)?;
    within("operations", limits.operations, count(document.operations.iter().len()))?;
    let (name, operation) = choose(&document, operation_name.filter(|name| !name.is_empty()))?;
    let (kind, name) = (operation.node.ty, name.map(|name| name.to_string()));
    let cost = measure(&document, &operation.node, variables, limits)?;
    conflicts::refuse(&document)?;
    let defaults = defaults(&operation.node, variables);
    Ok(Checked { document, operation: kind, operation_name: name, cost, defaults })
}

/// The library copies the value of a variable to each place where the variable is written, even while it validates.
fn values_put_in(uses: &[&str], variables: &Variables) -> u64 {
    let mut sizes = std::collections::HashMap::new();
    uses.iter().fold(0, |sum: u64, name| {
        let size = sizes.entry(*name).or_insert_with(|| variables.get(*name).map_or(1, cost::values_inside));
        sum.saturating_add(*size)
    })
}

type Chosen<'d> = (Option<&'d Name>, &'d Positioned<OperationDefinition>);

fn choose<'d>(document: &'d ExecutableDocument, wanted: Option<&str>) -> Result<Chosen<'d>, Refusal> {
    let mut operations = document.operations.iter();
    match (wanted, &document.operations, operations.next(), operations.next()) {
        (Some(wanted), DocumentOperations::Multiple(named), ..) if named.contains_key(wanted) => {
            named.get_key_value(wanted).map(|(name, operation)| (Some(name), operation))
        }
        (Some(_), ..) | (_, _, None, _) => None,
        (None, _, Some(only), None) => Some(only),
        (None, ..) => {
            let message = "The document holds several operations: operationName must say which.";
            return Err(Refusal::invalid("operation_name_required", message, None));
        }
    }
    .ok_or_else(|| {
        let message = format!("Unknown operation named \"{}\".", wanted.unwrap_or_default());
        Refusal::invalid("unknown_operation", message, None)
    })
}

/// Measures the document and refuses what is beyond a limit. Bounds that protect the library hold for the sum over
/// all definitions, since it validates all; the cost is that of the operation which will run.
fn measure(
    document: &ExecutableDocument,
    chosen: &OperationDefinition,
    given: &Variables,
    limits: &Limits,
) -> Result<Cost, Refusal> {
    let mut measure = Measure::of_fragments(document, Environment { limits, given, operation: chosen })?;
    let mut cost = 0;
    let mut operations: Vec<Sums> = Vec::with_capacity(document.operations.iter().len());
    for (_, operation) in document.operations.iter() {
        let sums = measure.list(&operation.node.selection_set.node);
        cost = if std::ptr::eq(&operation.node, chosen) { sums.cost() } else { cost };
        operations.push(sums);
    }
    let all = || operations.iter().chain(measure.fragments());
    let most = |of: fn(&Sums) -> u64| operations.iter().map(of).max().unwrap_or_default();
    let expanded_fields = all().map(|sums| sums.expanded).fold(0, u64::saturating_add);
    let (depth, introspection) = (most(|sums| sums.depth), most(|sums| sums.introspection));
    within("expanded_fields", limits.expanded_fields, expanded_fields)?;
    let nesting = all().map(|sums| sums.nesting).max().unwrap_or_default();
    within("expanded_nesting", limits.expanded_nesting, nesting)?;
    within("depth", limits.depth, depth)?;
    within("aliases", limits.aliases, measure.aliases)?;
    within("root_fields", limits.root_fields, most(|sums| sums.own_fields))?;
    within("introspection", limits.introspection, introspection)?;
    within("cost", limits.cost, cost)?;
    Ok(Cost { requested: cost, expanded_fields, depth, introspection })
}

fn defaults(operation: &OperationDefinition, given: &Variables) -> Vec<(Name, Value)> {
    let missing = operation.variable_definitions.iter().filter(|it| !given.contains_key(&it.node.name.node));
    missing.filter_map(|it| Some((it.node.name.node.clone(), it.node.default_value.as_ref()?.node.clone()))).collect()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
