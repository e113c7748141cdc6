//! The sizes the formula multiplies with: pages, lists of ids, lists of the introspection schema.

use async_graphql::parser::types::{Directive, Field, OperationDefinition};
use async_graphql::{Name, Positioned, Value, Variables};

use super::limits::Limits;

/// What the values of a document are read with: the variables of this request and the defaults of its operation.
pub(super) struct Environment<'a> {
    pub(super) limits: &'a Limits,
    pub(super) given: &'a Variables,
    pub(super) operation: &'a OperationDefinition,
}

/// What selections cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Points {
    /// In all.
    pub(super) all: u64,
    /// The part of it that is for work, which the answer does not show.
    pub(super) work: u64,
}

/// Counting and searching look at all rows, however few are answered.
pub(super) const WORK: Points = Points { all: 50, work: 50 };

impl Points {
    /// One field.
    pub(super) const FIELD: Self = Self { all: 1, work: 0 };

    pub(super) fn and(self, other: Self) -> Self {
        Self { all: self.all.saturating_add(other.all), work: self.work.saturating_add(other.work) }
    }

    pub(super) fn times(self, count: u64) -> Self {
        Self { all: self.all.saturating_mul(count), work: self.work.saturating_mul(count) }
    }
}

/// How often the selections of a field are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// Once, or by the default page if the field turns out to be a connection.
    Unsaid,
    /// A page of this many edges.
    Page(u64),
    /// One answer per id asked for.
    Ids(u64),
}

impl Environment<'_> {
    /// Value of a variable: given, else its default, else nothing.
    fn variable(&self, name: &Name) -> Option<Value> {
        let definition = || self.operation.variable_definitions.iter().find(|it| it.node.name.node == *name);
        self.given.get(name).or_else(|| definition()?.node.default_value()).cloned()
    }

    /// `None` if the argument is absent or rests on a variable without value.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let written = field.get_argument(name)?.node.clone();
        written.into_const_with(|variable| self.variable(&variable).ok_or(())).ok()
    }

    /// Whether the field looks for a text: by an argument `search`, or one inside `filter`.
    pub(super) fn searches(&self, field: &Field) -> bool {
        let within = |filter| match filter {
            Value::Object(fields) => fields.get("search").is_some_and(|term| *term != Value::Null),
            _ => false,
        };
        self.argument(field, "search").is_some_and(|term| term != Value::Null)
            || self.argument(field, "filter").is_some_and(within)
    }

    /// The size that `first`, `last` or `ids` give. Of both `first` and `last` the larger: the resolver refuses both.
    pub(super) fn size(&self, field: &Field) -> Size {
        if let Some(ids) = self.argument(field, "ids") {
            return Size::Ids(length(&ids));
        }
        match ["first", "last"].iter().filter_map(|name| self.argument(field, name)?.as_count()).max() {
            Some(size) => Size::Page(size),
            None if ["first", "last"].iter().any(|name| field.get_argument(name).is_some()) => {
                Size::Page(self.limits.default_page_size)
            }
            None => Size::Unsaid,
        }
    }

    /// Whether `@skip` or `@include` takes this selection away for certain: then it is validated but costs nothing.
    pub(super) fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let removed_by = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return false,
            };
            let Some(condition) = directive.node.get_argument("if") else { return false };
            let value = condition.node.clone().into_const_with(|name| self.variable(&name).ok_or(()));
            matches!(value, Ok(Value::Boolean(value)) if value == removed_by)
        })
    }
}

trait AsCount {
    fn as_count(&self) -> Option<u64>;
}

impl AsCount for Value {
    /// A number of rows; beyond 64 bits the largest. Negative numbers count by their magnitude: no resolver takes
    /// them, and none shall be cheap by wrapping around.
    fn as_count(&self) -> Option<u64> {
        let Self::Number(number) = self else { return None };
        let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
        // A float cast saturates; NaN, which JSON cannot hold, would be 0.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        whole.or_else(|| number.as_f64().map(|float| float.abs() as u64))
    }
}

fn length(ids: &Value) -> u64 {
    match ids {
        Value::List(ids) => u64::try_from(ids.len()).unwrap_or(u64::MAX),
        // One value stands for a list of one.
        _ => 1,
    }
}

/// Assumed length of a list field of the introspection schema; 1 for the others.
pub(super) fn introspection_size(field: &str) -> u64 {
    match field {
        "types" => 300,
        "fields" | "enumValues" | "inputFields" => 10,
        "args" | "directives" | "interfaces" | "possibleTypes" => 3,
        _ => 1,
    }
}

/// Number of values inside a variable, itself included.
pub(super) fn values_inside(value: &Value) -> u64 {
    // JSON nested deeper than 128 was refused when the request was read, but a stack of our own needs no such promise.
    let mut waiting = vec![value];
    let mut found = 0_u64;
    while let Some(value) = waiting.pop() {
        found = found.saturating_add(1);
        match value {
            Value::List(items) => waiting.extend(items),
            Value::Object(fields) => waiting.extend(fields.values()),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_saturate() {
        let count = |json: &str| Value::from_json(serde_json::from_str(json).unwrap()).unwrap().as_count();
        assert_eq!(count("4611686018427387904"), Some(1 << 62));
        assert_eq!(count("18446744073709551616"), Some(u64::MAX));
        assert_eq!(count("1e300"), Some(u64::MAX));
        assert_eq!(count("-9223372036854775808"), Some(1 << 63));
        assert_eq!(count("\"5\""), None);
    }

    #[test]
    fn values_inside_a_variable() {
        let value = Value::from_json(serde_json::json!({"a": [1, [2, {"b": null}]], "c": "d"})).unwrap();
        assert_eq!(values_inside(&value), 8);
    }
}
