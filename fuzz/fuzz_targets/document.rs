//! A request on its way to the library: no panic, no overflow of the stack, no more work than the limits allow, and
//! what passes is what the limits say.
#![no_main]

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, ServerError};
use fuzz::count::{held, open_at_once};
use fuzz::graphql::guard::{Checked, Document, Limits};
use fuzz::graphql::{coercion, rules};
use fuzz::input::Input;
use fuzz::schema;

/// The answer to a document that is refused, bytes. Control characters of a name are written as six.
const REFUSAL_BYTES: usize = 4_096;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(input) = Input::read(bytes) {
        run(&input);
    }
});

fn run(input: &Input<'_>) {
    let document = match Document::read(input.document, &input.limits) {
        Ok(document) => document,
        Err(refusal) => return is_small(&refusal.into()),
    };
    assert!(open_at_once(input.document) <= input.limits.nesting, "brackets");
    let checked = match document.check(input.operation, &input.variables, &input.limits) {
        Ok(checked) => checked,
        Err(refusal) => return is_small(&refusal.into()),
    };
    stays_within(&document, &checked, &input.limits);
    if let Some(request) = admitted(input, &document, &checked) {
        as_known(input, &document, &checked);
        if checked.operation != OperationType::Subscription {
            schema::execute(request);
        }
    }
}

fn is_small(error: &ServerError) {
    let written = serde_json::to_vec(error).expect("an error is JSON");
    assert!(written.len() <= REFUSAL_BYTES, "{} bytes", written.len());
}

/// Counts again, in another way.
fn stays_within(document: &Document, checked: &Checked, limits: &Limits) {
    let parsed = document.parsed();
    let operations = parsed.operations.iter().map(|(_, it)| (&it.node.selection_set.node, true));
    let fragments = parsed.fragments.values().map(|it| (&it.node.selection_set.node, false));
    let mut left = limits.expanded_fields + 1;
    let mut sum = 0;
    for (set, is_operation) in operations.chain(fragments) {
        let found = held(parsed, set, &mut left);
        sum += found.selections;
        assert!(found.levels <= limits.expanded_nesting, "expanded nesting {}", found.levels);
        assert!(!is_operation || found.depth <= limits.depth, "depth {}", found.depth);
        assert!(!is_operation || found.fields <= limits.root_fields, "root fields {}", found.fields);
    }
    assert!(sum <= limits.expanded_fields && sum == checked.cost.expanded_fields, "{sum} of {:?}", checked.cost);
    assert!(checked.cost.requested <= limits.cost && checked.cost.introspection <= limits.introspection);
    assert!(u64::try_from(parsed.operations.iter().len()).is_ok_and(|count| count <= limits.operations));
}

/// As the server admits a request: values, the library's validation, the rules it lacks.
fn admitted(input: &Input<'_>, document: &Document, checked: &Checked) -> Option<Request> {
    let mut request = Request::new(String::new()).variables(input.variables.clone());
    request.variables.extend(checked.defaults.clone());
    request.operation_name.clone_from(&checked.operation_name);
    request.set_parsed_query(document.parsed().clone());
    if let Some(refused) = coercion::refusal(schema::types(), &mut request, false) {
        assert!(refused.errors.len() <= coercion::MOST);
        refused.errors.iter().for_each(is_small);
        return None;
    }
    let mut blank = Request::new(String::new());
    blank.operation_name.clone_from(&checked.operation_name);
    blank.set_parsed_query(document.parsed().clone());
    let faults = schema::validate(blank).errors;
    let is_of_a_position = |it: &ServerError| it.message.contains("\" used in position expecting type \"");
    let fault = rules::fault(schema::types(), document.parsed());
    if !faults.iter().all(is_of_a_position) || fault.is_some() {
        fault.iter().for_each(is_small);
        return None;
    }
    let name = checked.operation_name.as_deref();
    if let Some(without) = coercion::without_absent(document.parsed(), name, &request.variables) {
        request.set_parsed_query(without);
    }
    Some(request)
}

/// A document that is known is judged as if it were new.
fn as_known(input: &Input<'_>, document: &Document, checked: &Checked) {
    let again = document.check_valid(input.operation, &input.variables, &input.limits).expect("it passed before");
    assert_eq!((again.cost, again.operation), (checked.cost, checked.operation));
}
