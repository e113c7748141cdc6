//! Values of both kinds, JSON and literals, looked at in one way and without a copy.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::BaseType;
use async_graphql::{Name, Number, Value as Const};
use async_graphql_value::Value as Literal;

/// What a value is.
pub(in crate::graphql) enum Look<'v, V> {
    Null,
    Number(&'v Number),
    Text(&'v str),
    Boolean,
    /// A name that is not a text: only literals have it.
    Enum(&'v str),
    List(&'v [V]),
    Object(&'v IndexMap<Name, V>),
    Variable(&'v Name),
    Binary,
}

/// A value of a variable or a literal.
pub(in crate::graphql) trait Looked: Sized {
    fn look(&self) -> Look<'_, Self>;
}

impl Looked for Const {
    fn look(&self) -> Look<'_, Self> {
        match self {
            Self::Null => Look::Null,
            Self::Number(number) => Look::Number(number),
            Self::String(text) => Look::Text(text),
            Self::Boolean(_) => Look::Boolean,
            Self::Binary(_) => Look::Binary,
            Self::Enum(name) => Look::Enum(name),
            Self::List(items) => Look::List(items),
            Self::Object(fields) => Look::Object(fields),
        }
    }
}

impl Looked for Literal {
    fn look(&self) -> Look<'_, Self> {
        match self {
            Self::Variable(name) => Look::Variable(name),
            Self::Null => Look::Null,
            Self::Number(number) => Look::Number(number),
            Self::String(text) => Look::Text(text),
            Self::Boolean(_) => Look::Boolean,
            Self::Binary(_) => Look::Binary,
            Self::Enum(name) => Look::Enum(name),
            Self::List(items) => Look::List(items),
            Self::Object(fields) => Look::Object(fields),
        }
    }
}

impl<V> Look<'_, V> {
    /// What it is, in the words of the specification.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Number(number) if number.is_f64() => "Float",
            Self::Number(_) => "Int",
            Self::Text(_) => "String",
            Self::Boolean => "Boolean",
            Self::Enum(_) => "Enum",
            Self::List(_) => "List",
            Self::Object(_) => "Object",
            Self::Variable(_) => "Variable",
            Self::Binary => "Binary",
        }
    }
}

/// Name of the type inside all lists.
pub(super) fn innermost(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => innermost(&inner.base),
    }
}
