//! Fields that share a place in the answer: "Field Selection Merging" of the specification.
//!
//! The library compares fields that stand below one type condition of one list. What comes together from two lists, as
//! the fields of `{ a { x: b } a { x: c } }` or of an object and its interface, it executes: one of the two is lost.
//!
//! Here the fields of an answer's object are collected with their fragments written out, level by level, and looked at
//! twice: those of one key must have one shape, whoever their parents are; and those whose parents can be the same object
//! must be the same field. Each field is looked at once for each level and question; one whose parent is abstract, once
//! for each object type beside it. The guard has bounded how many fields and levels there are.

use std::collections::HashSet;

use async_graphql::Positioned;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type};

use crate::graphql::coercion::{Kind, Output, Types};
use crate::graphql::guard::Refusal;

/// A field and the type it is a field of.
#[derive(Clone, Copy)]
struct Member<'d> {
    parent: &'d str,
    field: &'d Positioned<Field>,
    /// `None` for a field of introspection: its type depends on its name only.
    output: Option<&'d Output>,
}

/// Fields that end up in one object of the answer.
pub(super) struct Set<'d> {
    types: &'d Types,
    document: &'d ExecutableDocument,
    members: Vec<Member<'d>>,
    spread: HashSet<&'d str>,
}

impl<'d> Set<'d> {
    /// The fields of one list.
    pub(super) fn of(
        types: &'d Types,
        document: &'d ExecutableDocument,
        parent: &'d str,
        set: &'d SelectionSet,
    ) -> Self {
        let mut found = Self { types, document, members: Vec::new(), spread: HashSet::new() };
        found.add(parent, set);
        found
    }

    fn add(&mut self, parent: &'d str, set: &'d SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let output = self.types.field(parent, &field.node.name.node);
                    self.members.push(Member { parent, field, output });
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(parent, |on| on.node.on.node.as_str());
                    self.add(on, &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let fragment = self.document.fragments.get(name).filter(|_| self.spread.insert(name));
                    if let Some(fragment) = fragment {
                        self.add(&fragment.node.type_condition.node.on.node, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    /// The fields below these members, which share a place.
    fn below(&self, members: &[Member<'d>]) -> Self {
        let mut found =
            Self { types: self.types, document: self.document, members: Vec::new(), spread: HashSet::new() };
        for member in members {
            found.add(member.output.map_or("", |output| &output.of), &member.field.node.selection_set.node);
        }
        found
    }

    /// Whether it is one field, and not of introspection.
    pub(super) fn is_one_field(&self) -> bool {
        let is_introspection = |member: &Member<'_>| member.field.node.name.node.starts_with("__");
        self.by_key().len() == 1 && !self.members.iter().any(is_introspection)
    }

    /// Refuses the first conflict.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.one_shape()?;
        self.one_field()
    }

    /// In the order of the document, so that the same fault is told each time.
    fn by_key(&self) -> IndexMap<&'d str, Vec<Member<'d>>> {
        let mut groups: IndexMap<&str, Vec<Member<'d>>> = IndexMap::with_capacity(self.members.len());
        for member in &self.members {
            groups.entry(member.field.node.response_key().node.as_str()).or_default().push(*member);
        }
        groups
    }

    /// A client reads one key as one type, whatever object is there.
    fn one_shape(&self) -> Result<(), Refusal> {
        for (key, members) in self.by_key() {
            let typed = members.iter().filter_map(|member| Some((member, member.type_of()?)));
            let mut first = None;
            for (member, ty) in typed {
                let wanted = *first.get_or_insert(ty);
                if !self.is_alike(wanted, ty) {
                    let why = format!("they return conflicting types \"{wanted}\" and \"{ty}\"");
                    return Err(conflict(key, &why, member));
                }
            }
            self.below(&members).one_shape()?;
        }
        Ok(())
    }

    fn is_alike(&self, one: &Type, other: &Type) -> bool {
        let is_composite = |name: &str| matches!(self.types.kind(name), Some(Kind::Object(_) | Kind::Abstract(_)));
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => self.is_alike(one, other),
                (BaseType::Named(one), BaseType::Named(other)) => {
                    one == other || (is_composite(one) && is_composite(other))
                }
                _ => false,
            }
    }

    /// What may be the same object has one field of one key.
    fn one_field(&self) -> Result<(), Refusal> {
        self.by_key().into_iter().try_for_each(|(key, members)| {
            self.of_one_object(members).into_iter().try_for_each(|members| self.same_field(key, &members))
        })
    }

    /// Members whose parents can be the same object: those of each object type with those of the interfaces.
    fn of_one_object(&self, members: Vec<Member<'d>>) -> Vec<Vec<Member<'d>>> {
        let is_abstract = |member: &Member<'_>| matches!(self.types.kind(member.parent), Some(Kind::Abstract(_)));
        let (anywhere, here): (Vec<_>, Vec<_>) = members.into_iter().partition(is_abstract);
        let mut groups: IndexMap<&str, Vec<Member<'d>>> = IndexMap::new();
        for member in here {
            groups.entry(member.parent).or_insert_with(|| anywhere.clone()).push(member);
        }
        if groups.is_empty() { vec![anywhere] } else { groups.into_values().collect() }
    }

    fn same_field(&self, key: &str, members: &[Member<'d>]) -> Result<(), Refusal> {
        if let [first, others @ ..] = members {
            let differs = |other: &&Member<'_>| !is_same(&first.field.node, &other.field.node);
            if let Some(other) = others.iter().find(differs) {
                return Err(conflict(key, "they are different fields or have differing arguments", other));
            }
        }
        self.below(members).one_field()
    }
}

impl<'d> Member<'d> {
    fn type_of(&self) -> Option<&'d Type> {
        self.output.map(|output| &output.ty)
    }
}

fn is_same(one: &Field, other: &Field) -> bool {
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| other.get_argument(&name.node) == Some(value))
}

fn conflict(key: &str, why: &str, at: &Member<'_>) -> Refusal {
    let message = format!(
        "Fields \"{key}\" conflict because {why}. Use different aliases on the fields to fetch both if this was intentional."
    );
    Refusal::invalid("field_conflict", message, Some(at.field.pos))
}
