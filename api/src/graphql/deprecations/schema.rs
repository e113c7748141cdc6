//! What a schema says will be taken away, read once from its own text.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    ConstDirective, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};
use async_graphql::{Name, Value};

/// One element with `@deprecated`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deprecated {
    /// `Type.field`, `Type.field(argument:)`, `Enum.VALUE` or `Input.field`.
    pub coordinate: String,
    /// What to use instead, and until when it stays.
    pub reason: String,
}

/// All deprecated elements of a schema.
#[derive(Debug, Default)]
pub struct Deprecations {
    /// By type, then by field, input field or enum value.
    by_type: HashMap<String, HashMap<String, Member>>,
    /// Whether values can hold one: an enum value or an input field.
    pub(super) has_values: bool,
}

/// A field, input field or enum value that is deprecated, or whose arguments are.
#[derive(Debug, Default)]
pub(super) struct Member {
    pub(super) own: Option<Arc<Deprecated>>,
    pub(super) arguments: HashMap<String, Arc<Deprecated>>,
}

impl Deprecations {
    /// Reads the text of a schema.
    ///
    /// # Errors
    /// It is not one.
    pub fn read(sdl: &str) -> Result<Self, Error> {
        let mut found = Self::default();
        for definition in parse_schema(sdl)?.definitions {
            if let TypeSystemDefinition::Type(definition) = definition {
                found.of_type(definition.node);
            }
        }
        Ok(found)
    }

    /// Whether the schema has none.
    pub fn is_empty(&self) -> bool {
        self.by_type.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Deprecated> {
        let members = self.by_type.values().flat_map(HashMap::values);
        members.flat_map(|member| member.own.iter().chain(member.arguments.values())).map(AsRef::as_ref)
    }

    /// What is deprecated at or in a member of a type.
    pub(super) fn member(&self, of: &str, name: &str) -> Option<&Member> {
        self.by_type.get(of)?.get(name)
    }

    fn of_type(&mut self, definition: TypeDefinition) {
        let of = definition.name.node.to_string();
        match definition.kind {
            TypeKind::Object(kind) => self.fields(&of, kind.fields),
            TypeKind::Interface(kind) => self.fields(&of, kind.fields),
            TypeKind::InputObject(kind) => {
                for InputValueDefinition { name, directives, .. } in kind.fields.into_iter().map(|it| it.node) {
                    self.value(&of, &name.node, &directives);
                }
            }
            TypeKind::Enum(kind) => {
                kind.values.iter().for_each(|it| self.value(&of, &it.node.value.node, &it.node.directives));
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }

    fn fields(&mut self, of: &str, fields: Vec<Positioned<FieldDefinition>>) {
        for FieldDefinition { name, arguments, directives, .. } in fields.into_iter().map(|it| it.node) {
            let coordinate = format!("{of}.{}", name.node);
            let arguments = arguments.into_iter().filter_map(|argument| {
                let InputValueDefinition { name, directives, .. } = argument.node;
                let found = deprecated(format!("{coordinate}({}:)", name.node), &directives)?;
                Some((name.node.to_string(), found))
            });
            let arguments = arguments.collect();
            self.add(of, &name.node, Member { own: deprecated(coordinate, &directives), arguments });
        }
    }

    fn value(&mut self, of: &str, name: &Name, directives: &[Positioned<ConstDirective>]) {
        let own = deprecated(format!("{of}.{name}"), directives);
        self.has_values |= own.is_some();
        self.add(of, name, Member { own, ..Member::default() });
    }

    fn add(&mut self, of: &str, name: &Name, member: Member) {
        if member.own.is_some() || !member.arguments.is_empty() {
            self.by_type.entry(of.to_owned()).or_default().insert(name.to_string(), member);
        }
    }
}

fn deprecated(coordinate: String, directives: &[Positioned<ConstDirective>]) -> Option<Arc<Deprecated>> {
    let directive = &directives.iter().find(|it| it.node.name.node == "deprecated")?.node;
    let reason = match directive.get_argument("reason").map(|it| &it.node) {
        Some(Value::String(reason)) => reason.clone(),
        // The default that the specification gives it.
        _ => "No longer supported".to_owned(),
    };
    Some(Arc::new(Deprecated { coordinate, reason }))
}
