//! What makes two inputs the same: the values that the schema makes of them, whatever their order, and whether they
//! were written in the document or in variables. Of a field that may be absent, null is another value.

use std::collections::BTreeMap;

use async_graphql::{Context, Value as Given};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::graphql::once::{Keyed, key};

/// The argument that every mutation has.
const ARGUMENT: &str = "input";
/// What an input is sent with and not part of it.
const BESIDE: [&str; 2] = [key::FIELD, "dryRun"];

/// SHA-256 of the input.
pub(super) fn of<I: Keyed>(ctx: &Context<'_>, input: &I) -> Result<String> {
    let arguments = ctx.field().arguments().map_err(|error| Error::internal(error.message))?;
    let given = arguments.into_iter().find(|(name, _)| name == ARGUMENT).map(|(_, value)| value);
    let same = canonical(input.to_value(), given.as_ref());
    let text = serde_json::to_string(&same).map_err(Error::internal)?;
    Ok(hex::encode(Sha256::digest(text)))
}

/// The coerced value with what only the given one tells: the coerced one has a null for a field that is absent and for
/// a value that is malformed. `None` for an absent field.
fn canonical(coerced: Given, given: Option<&Given>) -> Option<Value> {
    Some(match (coerced, given) {
        (Given::Null, given) => return given.map(|given| sorted(given.clone())),
        (Given::Object(fields), given) => {
            let inside = |name: &str| match given {
                Some(Given::Object(given)) => given.get(name),
                _ => None,
            };
            let fields = fields.into_iter().filter(|(name, _)| !BESIDE.contains(&name.as_str()));
            let fields = fields.filter_map(|(name, value)| Some((name.to_string(), canonical(value, inside(&name))?)));
            object(fields)
        }
        (Given::List(items), given) => {
            let inside = |index: usize| match given {
                Some(Given::List(given)) => given.get(index),
                // One value stands for a list of one.
                given => given,
            };
            let items = items.into_iter().enumerate();
            items.map(|(index, item)| canonical(item, inside(index)).unwrap_or_default()).collect()
        }
        (leaf, _) => sorted(leaf),
    })
}

fn sorted(value: Given) -> Value {
    match value {
        Given::Object(fields) => object(fields.into_iter().map(|(name, value)| (name.to_string(), sorted(value)))),
        Given::List(items) => items.into_iter().map(sorted).collect(),
        // A name in the document is a text in the variables.
        Given::Enum(name) => Value::String(name.to_string()),
        leaf => leaf.into_json().unwrap_or_default(),
    }
}

fn object(fields: impl Iterator<Item = (String, Value)>) -> Value {
    Value::Object(fields.collect::<BTreeMap<_, _>>().into_iter().collect())
}

#[cfg(test)]
mod tests {
    use async_graphql::{Name, value};

    use super::*;

    fn text(coerced: Given, given: Given) -> String {
        canonical(coerced, Some(&given)).map(|value| value.to_string()).unwrap_or_default()
    }

    fn of_fields<const N: usize>(fields: [(&str, Given); N]) -> Given {
        Given::Object(fields.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
    }

    #[test]
    fn order_enums_and_single_items_make_no_difference() {
        let name = || Given::Enum(Name::new("X"));
        let list = || Given::List(vec![name()]);
        let coerced = of_fields([("a", 1.into()), ("b", of_fields([("c", list()), ("d", 2.into())]))]);
        let reversed = of_fields([("b", of_fields([("d", 2.into()), ("c", list())])), ("a", 1.into())]);
        let single = of_fields([("a", 1.into()), ("b", of_fields([("c", name()), ("d", 2.into())]))]);
        let variables = value!({"a": 1, "b": {"c": ["X"], "d": 2}});
        for given in [coerced.clone(), reversed.clone(), single, variables] {
            for coerced in [&coerced, &reversed] {
                assert_eq!(text(coerced.clone(), given.clone()), r#"{"a":1,"b":{"c":["X"],"d":2}}"#);
            }
        }
    }

    #[test]
    fn defaults_are_the_same_as_what_they_stand_for() {
        let coerced = value!({"shifts": 1});
        assert_eq!(text(coerced.clone(), value!({})), text(coerced, value!({"shifts": 1})));
    }

    #[test]
    fn absent_null_and_malformed_differ() {
        let coerced = value!({"unit": null, "day": null});
        let told = [value!({}), value!({"unit": null}), value!({"day": "x"}), value!({"day": "y"})]
            .map(|given| text(coerced.clone(), given));
        assert_eq!(told, [r"{}", r#"{"unit":null}"#, r#"{"day":"x"}"#, r#"{"day":"y"}"#]);
    }

    #[test]
    fn what_an_input_is_sent_with_does_not_count() {
        let sent = value!({"idempotencyKey": "k", "dryRun": false, "a": 1});
        assert_eq!(text(sent.clone(), sent), r#"{"a":1}"#);
    }
}
