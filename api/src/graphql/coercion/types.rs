//! What the schema asks for, read once from its own text.

use std::collections::{HashMap, HashSet};

use async_graphql::Positioned;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};

use super::look::innermost;

/// Introspection has arguments too, and no text of a schema holds its types.
const INTROSPECTION: &str = "
    type __Schema { types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
        directives: [__Directive!]! }
    type __Type { fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
        enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
        inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type }
    type __Field { args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type! }
    type __InputValue { type: __Type! }
    type __EnumValue { name: String! }
    type __Directive { args(includeDeprecated: Boolean = false): [__InputValue!]! }
    type __Root { __schema: __Schema! __type(name: String!): __Type }
";
/// Holds the fields that every root has besides its own.
const ROOT: &str = "__Root";

/// Types of a schema, as far as values have to do with them.
#[derive(Debug, Default)]
pub struct Types {
    kinds: HashMap<String, Kind>,
    directives: HashMap<String, Slots>,
    query: String,
    mutation: String,
    subscription: String,
}

/// A type by what can be given to it or selected of it.
#[derive(Debug)]
pub(in crate::graphql) enum Kind {
    Scalar(Shape),
    Enum(HashSet<String>),
    Input {
        slots: Slots,
        one_of: bool,
    },
    Object(Fields),
    /// An interface or a union.
    Abstract(Fields),
}

type Fields = HashMap<String, Output>;

/// Which values of JSON or of a document a scalar takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graphql) enum Shape {
    Int,
    Float,
    Text,
    Boolean,
    Id,
    TextOrNumber,
    /// A scalar this module does not know: the library judges it.
    Anything,
}

/// A field of an object or interface.
#[derive(Debug)]
pub(in crate::graphql) struct Output {
    pub(in crate::graphql) slots: Slots,
    pub(in crate::graphql) ty: Type,
    /// Name of its type inside all lists.
    pub(in crate::graphql) of: String,
}

/// Arguments of a field or directive, or fields of an input object.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Slots {
    by_name: HashMap<String, Slot>,
    /// Names of those that must be given.
    pub(super) required: Vec<String>,
}

/// One place for a value.
#[derive(Debug)]
pub(in crate::graphql) struct Slot {
    pub(in crate::graphql) ty: Type,
    pub(super) has_default: bool,
}

impl Types {
    /// Reads the text of a schema.
    ///
    /// # Errors
    /// It is not one.
    pub fn read(sdl: &str) -> Result<Self, Error> {
        let mut types = Self {
            query: "Query".to_owned(),
            mutation: "Mutation".to_owned(),
            subscription: "Subscription".to_owned(),
            ..Self::default()
        };
        for name in ["Int", "Float", "String", "Boolean", "ID"] {
            types.kinds.insert(name.to_owned(), Kind::Scalar(Shape::of(name)));
        }
        for definition in parse_schema(sdl)?.definitions.into_iter().chain(parse_schema(INTROSPECTION)?.definitions) {
            types.define(definition);
        }
        Ok(types)
    }

    fn define(&mut self, definition: TypeSystemDefinition) {
        match definition {
            TypeSystemDefinition::Schema(schema) => {
                let name = |given: Option<Positioned<_>>, usual: &str| {
                    given
                        .map_or_else(|| usual.to_owned(), |name: Positioned<async_graphql::Name>| name.node.to_string())
                };
                self.query = name(schema.node.query, "Query");
                self.mutation = name(schema.node.mutation, "Mutation");
                self.subscription = name(schema.node.subscription, "Subscription");
            }
            TypeSystemDefinition::Type(definition) => {
                let definition = definition.node;
                self.kinds.insert(definition.name.node.to_string(), Kind::of(definition));
            }
            TypeSystemDefinition::Directive(directive) => {
                let directive = directive.node;
                self.directives.insert(directive.name.node.to_string(), Slots::of(directive.arguments));
            }
        }
    }

    /// A type by its name.
    pub(in crate::graphql) fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// Whether values can be of this type.
    pub(super) fn is_input(&self, ty: &Type) -> bool {
        !matches!(self.kind(innermost(&ty.base)), None | Some(Kind::Object(_) | Kind::Abstract(_)))
    }

    /// Name of the type that an operation begins at.
    pub(in crate::graphql) fn root(&self, operation: OperationType) -> &str {
        match operation {
            OperationType::Query => &self.query,
            OperationType::Mutation => &self.mutation,
            OperationType::Subscription => &self.subscription,
        }
    }

    /// A field of a type; `None` for one that does not exist.
    pub(in crate::graphql) fn field(&self, parent: &str, name: &str) -> Option<&Output> {
        let of = |parent: &str| match self.kinds.get(parent)? {
            Kind::Object(fields) | Kind::Abstract(fields) => fields.get(name),
            _ => None,
        };
        of(parent).or_else(|| of(ROOT).filter(|_| parent == self.query))
    }

    /// Arguments of a directive.
    pub(super) fn directive(&self, name: &str) -> Option<&Slots> {
        self.directives.get(name)
    }

    /// Scalars whose form is not known here.
    #[cfg(test)]
    pub(super) fn unknown_scalars(&self) -> Vec<&str> {
        let unknown = |kind: &Kind| matches!(kind, Kind::Scalar(Shape::Anything));
        self.kinds.iter().filter(|(_, kind)| unknown(kind)).map(|(name, _)| name.as_str()).collect()
    }
}

impl Kind {
    fn of(definition: TypeDefinition) -> Self {
        let one_of = definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
        match definition.kind {
            TypeKind::Scalar => Self::Scalar(Shape::of(&definition.name.node)),
            TypeKind::Enum(given) => {
                Self::Enum(given.values.into_iter().map(|value| value.node.value.node.to_string()).collect())
            }
            TypeKind::InputObject(given) => Self::Input { slots: Slots::of(given.fields), one_of },
            TypeKind::Object(given) => Self::Object(outputs(given.fields)),
            TypeKind::Interface(given) => Self::Abstract(outputs(given.fields)),
            TypeKind::Union(_) => Self::Abstract(Fields::new()),
        }
    }
}

fn outputs(fields: Vec<Positioned<FieldDefinition>>) -> Fields {
    let output = |field: Positioned<FieldDefinition>| {
        let FieldDefinition { name, arguments, ty, .. } = field.node;
        let of = innermost(&ty.node.base).to_owned();
        (name.node.to_string(), Output { slots: Slots::of(arguments), ty: ty.node, of })
    };
    fields.into_iter().map(output).collect()
}

impl Shape {
    fn of(scalar: &str) -> Self {
        match scalar {
            "Int" => Self::Int,
            "Float" => Self::Float,
            "Boolean" => Self::Boolean,
            "ID" => Self::Id,
            "String" | "Bin" | "KatoCode" | "OkedCode" | "Date" | "DateTime" => Self::Text,
            "Decimal" | "Percent" | "Money" => Self::TextOrNumber,
            _ => Self::Anything,
        }
    }
}

impl Slots {
    fn of(definitions: Vec<Positioned<InputValueDefinition>>) -> Self {
        let mut slots = Self::default();
        for definition in definitions {
            let InputValueDefinition { name, ty, default_value, .. } = definition.node;
            let slot = Slot { ty: ty.node, has_default: default_value.is_some() };
            if !slot.ty.nullable && !slot.has_default {
                slots.required.push(name.node.to_string());
            }
            slots.by_name.insert(name.node.to_string(), slot);
        }
        slots
    }

    /// The place of a name.
    pub(in crate::graphql) fn get(&self, name: &str) -> Option<&Slot> {
        self.by_name.get(name)
    }
}

/// Whether each value of `found` is one of `wanted`.
pub(super) fn is_within(found: &Type, wanted: &Type) -> bool {
    let nullable = wanted.nullable || !found.nullable;
    nullable
        && match (&found.base, &wanted.base) {
            (BaseType::Named(found), BaseType::Named(wanted)) => found == wanted,
            (BaseType::List(found), BaseType::List(wanted)) => is_within(found, wanted),
            _ => false,
        }
}
