//! The document guard: what a document may ask for, decided before the library validates or executes anything.
//!
//! [`Document::read`] looks at the text (bytes, tokens, brackets) before any parser recurses over it, and parses it
//! once; [`Document::check`] measures what it holds with all fragments written out, and refuses with the name of the
//! limit. The parsed document is handed on, so that nothing is parsed twice. It needs neither the schema nor the
//! caller; it is the same on every path a document can take.
//!
//! # The cost of an operation
//!
//! A field costs 1, plus the cost of what is selected below it:
//!
//! * below a connection, `edges` and `nodes` cost as many times as the page has entries: the larger of `first` and
//!   `last`, literal or variable, or [`Limits::default_page_size`] where both are absent or null; `pageInfo` and the
//!   like once;
//! * below a field with `first` or `last` and without a field of a connection, everything costs that many times;
//! * `totalCount`, and a field with a `search`, itself or in its `filter`, cost 50 more: they look at all rows;
//! * below a field with `ids`, everything costs as many times as there are ids;
//! * sizes multiply when lists are nested;
//! * `__schema` and `__type` cost 1, and 1 for each thousand values that their answer is estimated to hold; that
//!   estimate has its own bound, [`Cost::introspection`];
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

use std::collections::HashMap;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Name, Positioned, Value, Variables};

use cost::{Environment, Points};
use expand::{Measure, Sums};
use refusal::within;

pub use limits::Limits;
pub use refusal::{BAD_DOCUMENT, Exceeded, Refusal, TOO_EXPENSIVE};

/// So many values of the schema's description cost a point.
const VALUES_A_POINT: u64 = 1_000;

/// A document that was read and parsed. Not validated against the schema yet.
#[derive(Debug)]
pub struct Document {
    parsed: ExecutableDocument,
    /// Length of its text.
    bytes: u64,
    /// Variables written in it, and how often.
    uses: HashMap<Box<str>, u64>,
}

/// An operation within the limits.
#[derive(Debug)]
pub struct Checked {
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
    /// The part of it that is for counting and searching, which is done however few rows are answered.
    pub work: u64,
    /// Selections of the whole document, fragments written out.
    pub expanded_fields: u64,
    /// Deepest field of any operation.
    pub depth: u64,
    /// Values the introspection part of the answer is estimated to hold, with fixed lengths for the schema's lists.
    pub introspection: u64,
}

impl Document {
    /// Reads a document within the limits that its text alone can exceed.
    ///
    /// # Errors
    /// [`TOO_EXPENSIVE`] with the limit, or [`BAD_DOCUMENT`] for its syntax and for an input field given twice.
    pub fn read(source: &str, limits: &Limits) -> Result<Self, Refusal> {
        within("document_bytes", limits.document_bytes, count(source.len()))?;
        let scan = lexical::scan(source, limits)?;
        let mut uses: HashMap<Box<str>, u64> = HashMap::new();
        for name in scan.variables {
            *uses.entry(name.into()).or_default() += 1;
        }
        let parsed = parse_query(source)?;
        if let Some(fragment) = parsed.fragments.get("on") {
            let message = "Syntax error: a fragment cannot be named \"on\".";
            return Err(Refusal::invalid("syntax", message, Some(fragment.pos)));
        }
        within("operations", limits.operations, count(parsed.operations.iter().len()))?;
        Ok(Self { parsed, bytes: count(source.len()), uses })
    }

    /// Length of its text in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// For `async_graphql::Request::set_parsed_query`, which takes a document of its own.
    pub fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// Checks the document with the values of one request. Without `operation_name` the document must hold exactly one
    /// operation; an empty name is none, as some clients send it.
    ///
    /// # Errors
    /// [`TOO_EXPENSIVE`] with the limit, or [`BAD_DOCUMENT`] for what no schema could make valid: fragment cycles,
    /// fields in conflict, an operation that is not there.
    pub fn check(
        &self,
        operation_name: Option<&str>,
        variables: &Variables,
        limits: &Limits,
    ) -> Result<Checked, Refusal> {
        let checked = self.check_valid(operation_name, variables, limits)?;
        conflicts::refuse(&self.parsed)?;
        Ok(checked)
    }

    /// The same for a document that has been found valid before: only what depends on the request.
    ///
    /// # Errors
    /// As [`Document::check`], but for fields in conflict.
    pub fn check_valid(
        &self,
        operation_name: Option<&str>,
        variables: &Variables,
        limits: &Limits,
    ) -> Result<Checked, Refusal> {
        within("variable_values", limits.variable_values, self.values_put_in(variables))?;
        let (name, operation) = choose(&self.parsed, operation_name.filter(|name| !name.is_empty()))?;
        let cost = measure(&self.parsed, &operation.node, variables, limits)?;
        Ok(Checked {
            operation: operation.node.ty,
            operation_name: name.map(|name| name.to_string()),
            cost,
            defaults: defaults(&operation.node, variables),
        })
    }

    /// The library copies the value of a variable to each place where the variable is written, even while it validates.
    fn values_put_in(&self, variables: &Variables) -> u64 {
        let size = |name: &str| variables.get(name).map_or(1, cost::values_inside);
        self.uses.iter().fold(0, |sum, (name, uses)| sum.saturating_add(size(name).saturating_mul(*uses)))
    }
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
    let mut cost = Points::default();
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
    if limits.introspection == 0 && introspection > 0 {
        return Err(Refusal::invalid("introspection_off", "Introspection is turned off.", None));
    }
    within("introspection", limits.introspection, introspection)?;
    let described = introspection / VALUES_A_POINT;
    let cost = cost.and(Points { all: described, work: described });
    within("cost", limits.cost, cost.all)?;
    Ok(Cost { requested: cost.all, work: cost.work, expanded_fields, depth, introspection })
}

fn defaults(operation: &OperationDefinition, given: &Variables) -> Vec<(Name, Value)> {
    let missing = operation.variable_definitions.iter().filter(|it| !given.contains_key(&it.node.name.node));
    missing.filter_map(|it| Some((it.node.name.node.clone(), it.node.default_value.as_ref()?.node.clone()))).collect()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
