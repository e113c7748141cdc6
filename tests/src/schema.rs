//! The schema as the server tells it, for tests that must not miss a field.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::app::TestApp;

/// What the tools of the world ask first; graphql-js writes it like this.
pub const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description
  queryType { name kind } mutationType { name kind } subscriptionType { name kind }
  types { ...FullType }
  directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue }
    type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

/// All types of the schema, by name; those of introspection are left out.
#[derive(Clone, Debug)]
pub struct Schema(pub BTreeMap<String, Type>);

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Type {
    pub kind: Kind,
    pub name: String,
    pub description: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    pub fields: Vec<Field>,
    #[serde(default, deserialize_with = "or_empty")]
    pub input_fields: Vec<Argument>,
    #[serde(default, deserialize_with = "or_empty")]
    pub enum_values: Vec<EnumValue>,
    #[serde(default, deserialize_with = "or_empty")]
    pub interfaces: Vec<TypeRef>,
    #[serde(default, deserialize_with = "or_empty")]
    pub possible_types: Vec<TypeRef>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum Kind {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    InputObject,
    List,
    NonNull,
}

#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Field {
    pub name: String,
    pub description: Option<String>,
    pub args: Vec<Argument>,
    #[serde(rename = "type")]
    pub of: TypeRef,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Argument {
    pub name: String,
    pub description: Option<String>,
    #[serde(rename = "type")]
    pub of: TypeRef,
    pub default_value: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)]
pub struct EnumValue {
    pub name: String,
    pub description: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct TypeRef {
    pub kind: Kind,
    pub name: Option<String>,
    pub of_type: Option<Box<TypeRef>>,
}

fn or_empty<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

impl TypeRef {
    /// The name inside all lists and exclamation marks.
    pub fn inner(&self) -> &str {
        match (&self.name, &self.of_type) {
            (Some(name), _) => name,
            (None, Some(inside)) => inside.inner(),
            (None, None) => panic!("a type without a name"),
        }
    }

    /// Whether a list is somewhere in it.
    pub fn is_list(&self) -> bool {
        self.kind == Kind::List || self.of_type.as_ref().is_some_and(|inside| inside.is_list())
    }

    /// Whether null is excluded.
    pub fn is_required(&self) -> bool {
        self.kind == Kind::NonNull
    }
}

impl Field {
    /// `enterprise:read` of the sentence "Requires permission `enterprise:read`."
    pub fn permission(&self) -> Option<&str> {
        self.description.as_deref()?.split_once("Requires permission `")?.1.split('`').next()
    }

    /// Whether an argument must be given.
    pub fn needs_arguments(&self) -> bool {
        self.args.iter().any(|argument| argument.of.is_required() && argument.default_value.is_none())
    }

    /// Whether it is a list to be walked by pages.
    pub fn is_paged(&self) -> bool {
        self.args.iter().any(|argument| argument.name == "first")
    }
}

impl Schema {
    /// Asks the server.
    pub async fn of(app: &TestApp) -> Self {
        let answer = app.anonymous().ask(INTROSPECTION).await;
        let types: Vec<Type> = serde_json::from_value(answer.data("__schema.types").clone()).expect("types");
        Self(types.into_iter().filter(|it| !it.name.starts_with("__")).map(|it| (it.name.clone(), it)).collect())
    }

    /// A type that exists.
    #[track_caller]
    pub fn get(&self, name: &str) -> &Type {
        self.0.get(name).unwrap_or_else(|| panic!("the schema has no type {name}"))
    }

    /// Whether a field of this type needs a selection of its own.
    pub fn is_composite(&self, name: &str) -> bool {
        matches!(self.get(name).kind, Kind::Object | Kind::Interface | Kind::Union)
    }
}
