//! What a document holds when every fragment is written out, without writing it out.
//!
//! Fragments are measured once each, those they spread first; a spread adds the finished sums. So the work is linear
//! in the length of the document, while the counts are those of the expanded tree, in saturating arithmetic.
//! Recursion follows brackets of the source only, which the lexical scan has bounded by [`Limits::nesting`].
//!
//! [`Limits::nesting`]: super::Limits::nesting

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet};

use super::cost::{Environment, Points, Size, WORK, introspection_size};
use super::refusal::Refusal;

/// Sums over a list of selections, fragments written out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Fields, spreads and inline fragments.
    pub(super) expanded: u64,
    /// Levels of selections.
    pub(super) nesting: u64,
    /// Levels of fields, introspection not counted.
    pub(super) depth: u64,
    /// Fields of the list itself.
    pub(super) own_fields: u64,
    /// Cost of all but `paged`.
    flat: Points,
    /// Cost of the `edges` and `nodes` of the list itself, to be multiplied if their parent is a connection.
    paged: Points,
    /// Whether its fields are those of a connection.
    of_connection: bool,
    /// Estimated values of the introspection answers below.
    pub(super) introspection: u64,
    /// The same, if this list stands inside an introspection answer.
    as_introspection: u64,
}

impl Sums {
    pub(super) fn cost(&self) -> Points {
        self.flat.and(self.paged)
    }

    fn add(&mut self, other: &Self) {
        self.expanded = self.expanded.saturating_add(other.expanded);
        self.nesting = self.nesting.max(other.nesting);
        self.depth = self.depth.max(other.depth);
        self.own_fields = self.own_fields.saturating_add(other.own_fields);
        self.flat = self.flat.and(other.flat);
        self.paged = self.paged.and(other.paged);
        self.of_connection |= other.of_connection;
        self.introspection = self.introspection.saturating_add(other.introspection);
        self.as_introspection = self.as_introspection.saturating_add(other.as_introspection);
    }

    /// The list behind a spread or an inline fragment: one selection and one level more.
    fn enclosed(mut self) -> Self {
        self.expanded = self.expanded.saturating_add(1);
        self.nesting = self.nesting.saturating_add(1);
        self
    }

    /// A selection taken away by `@skip` or `@include`: validated, not executed.
    fn skipped(self) -> Self {
        Self { expanded: self.expanded, nesting: self.nesting, depth: self.depth, ..Self::default() }
    }
}

/// Measures lists of selections.
pub(super) struct Measure<'d> {
    environment: Environment<'d>,
    fragments: HashMap<&'d str, Sums>,
    /// Aliases written in the lists visited.
    pub(super) aliases: u64,
    /// Selections visited: the work done, whatever the sums.
    pub(super) visited: u64,
}

impl<'d> Measure<'d> {
    /// Measures all fragments of the document; a cycle among them is refused.
    pub(super) fn of_fragments(
        document: &'d ExecutableDocument,
        environment: Environment<'d>,
    ) -> Result<Self, Refusal> {
        let mut measure = Self { environment, fragments: HashMap::new(), aliases: 0, visited: 0 };
        for (name, fragment) in in_order(document)? {
            let sums = measure.list(&fragment.node.selection_set.node);
            measure.fragments.insert(name, sums);
        }
        Ok(measure)
    }

    /// Sums of each fragment of the document.
    pub(super) fn fragments(&self) -> impl Iterator<Item = &Sums> {
        self.fragments.values()
    }

    /// Sums of one list.
    pub(super) fn list(&mut self, set: &SelectionSet) -> Sums {
        let mut sums = Sums::default();
        for selection in &set.items {
            self.visited = self.visited.saturating_add(1);
            let one = match &selection.node {
                Selection::Field(field) => self.field(&field.node),
                // An unknown fragment is an error of validation, which names it.
                Selection::FragmentSpread(spread) => {
                    self.fragments.get(spread.node.fragment_name.node.as_str()).copied().unwrap_or_default().enclosed()
                }
                Selection::InlineFragment(inline) => self.list(&inline.node.selection_set.node).enclosed(),
            };
            let skipped = self.environment.is_skipped(selection.node.directives());
            sums.add(&if skipped { one.skipped() } else { one });
        }
        sums
    }

    fn field(&mut self, field: &Field) -> Sums {
        self.aliases = self.aliases.saturating_add(u64::from(field.alias.is_some()));
        let inner = self.list(&field.selection_set.node);
        let name = field.name.node.as_str();
        let mut sums = Sums {
            expanded: inner.expanded.saturating_add(1),
            nesting: inner.nesting.saturating_add(1),
            own_fields: 1,
            as_introspection: inner.as_introspection.saturating_mul(introspection_size(name)).saturating_add(1),
            ..Sums::default()
        };
        if matches!(name, "__schema" | "__type") {
            sums.depth = 1;
            sums.flat = Points::FIELD;
            sums.introspection = sums.as_introspection;
            return sums;
        }
        sums.depth = inner.depth.saturating_add(1);
        sums.introspection = inner.introspection;
        let mut cost = self.below(field, &inner).and(Points::FIELD);
        if name == "totalCount" || self.environment.searches(field) {
            cost = cost.and(WORK);
        }
        if matches!(name, "edges" | "nodes") {
            sums.paged = cost;
        } else {
            sums.flat = cost;
        }
        sums.of_connection = matches!(name, "edges" | "nodes" | "pageInfo" | "totalCount");
        sums
    }

    /// Cost of the selections below a field, times how often they are answered.
    fn below(&self, field: &Field, inner: &Sums) -> Points {
        let page = match self.environment.size(field) {
            Size::Ids(count) => return inner.cost().times(count),
            Size::Page(size) if !inner.of_connection => return inner.flat.times(size),
            Size::Page(size) => size,
            Size::Unsaid => self.environment.limits.default_page_size,
        };
        inner.paged.times(page).and(inner.flat)
    }
}

type Fragment<'d> = (&'d str, &'d Positioned<FragmentDefinition>);

/// The fragments, each after those it spreads. By a stack of our own: a chain of fragments is as long as the
/// document allows.
fn in_order(document: &ExecutableDocument) -> Result<Vec<Fragment<'_>>, Refusal> {
    let mut open_or_done: HashMap<&str, bool> = HashMap::new();
    let mut ordered = Vec::with_capacity(document.fragments.len());
    // A step is a fragment to enter, or, when all it spreads is done, to leave.
    let mut steps: Vec<(&str, bool)> = document.fragments.keys().map(|name| (name.as_str(), false)).collect();
    steps.sort_unstable();
    while let Some((name, leaving)) = steps.pop() {
        let Some((name, fragment)) = document.fragments.get_key_value(name) else { continue };
        let name = name.as_str();
        if leaving {
            open_or_done.insert(name, true);
            ordered.push((name, fragment));
            continue;
        }
        match open_or_done.insert(name, false) {
            None => {
                steps.push((name, true));
                spreads(&fragment.node.selection_set.node, &mut |spread| steps.push((spread, false)));
            }
            Some(true) => _ = open_or_done.insert(name, true),
            Some(false) => {
                let message = format!("Cannot spread fragment \"{name}\" within itself.");
                return Err(Refusal::invalid("fragment_cycle", message, Some(fragment.pos)));
            }
        }
    }
    Ok(ordered)
}

/// Names of the fragments a list spreads, at any level.
fn spreads<'d>(set: &'d SelectionSet, found: &mut impl FnMut(&'d str)) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => spreads(&field.node.selection_set.node, found),
            Selection::FragmentSpread(spread) => found(spread.node.fragment_name.node.as_str()),
            Selection::InlineFragment(inline) => spreads(&inline.node.selection_set.node, found),
        }
    }
}
