//! The other opinion on what a document holds: fragments are really written out, in the simplest way there is, until
//! more is found than may be. It shares no code with the guard.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// What a list of selections holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    /// Selections, fragments written out.
    pub selections: u64,
    /// Levels of selections.
    pub levels: u64,
    /// Levels of fields outside of introspection.
    pub depth: u64,
    /// Fields of the list itself.
    pub fields: u64,
    /// Aliases, written out. Never more than this many are written in the document.
    pub aliases: u64,
}

/// Counts a list; `left` is how many selections may still be found, after which counting is given up.
pub fn held(document: &ExecutableDocument, set: &SelectionSet, left: &mut u64) -> Held {
    let mut sum = Held::default();
    for selection in &set.items {
        if *left == 0 {
            return sum;
        }
        *left -= 1;
        sum.selections += 1;
        let inner = match &selection.node {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                let below = held(document, &field.node.selection_set.node, left);
                sum.fields += 1;
                let depth = if matches!(name, "__schema" | "__type") { 1 } else { below.depth + 1 };
                Held { depth, fields: 0, aliases: below.aliases + u64::from(field.node.alias.is_some()), ..below }
            }
            Selection::InlineFragment(inline) => held(document, &inline.node.selection_set.node, left),
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.node.fragment_name.node)
                .map(|fragment| held(document, &fragment.node.selection_set.node, left))
                .unwrap_or_default(),
        };
        sum.selections += inner.selections;
        sum.levels = sum.levels.max(inner.levels + 1);
        sum.depth = sum.depth.max(inner.depth);
        sum.fields += inner.fields;
        sum.aliases += inner.aliases;
    }
    sum
}

/// Most brackets open at once, by a scanner of its own that knows strings and comments and nothing else.
pub fn open_at_once(text: &str) -> u64 {
    let (mut open, mut most, mut rest) = (0_u64, 0, text);
    while let Some(character) = rest.chars().next() {
        rest = match character {
            '#' => rest.trim_start_matches(|next| next != '\n' && next != '\r'),
            '"' => after_string(rest),
            _ => {
                match character {
                    '{' | '[' | '(' => open += 1,
                    '}' | ']' | ')' => open = open.saturating_sub(1),
                    _ => {}
                }
                rest.get(character.len_utf8()..).unwrap_or_default()
            }
        };
        most = most.max(open);
    }
    most
}

fn after_string(text: &str) -> &str {
    let block = text.starts_with("\"\"\"");
    let (mark, escape) = if block { ("\"\"\"", "\\\"\"\"") } else { ("\"", "\\") };
    let mut rest = text.get(mark.len()..).unwrap_or_default();
    while !rest.is_empty() && !rest.starts_with(mark) {
        let mut skipped = rest.chars();
        let escaped = rest.starts_with(escape);
        for _ in 0..if !escaped {
            1
        } else if block {
            4
        } else {
            2
        } {
            skipped.next();
        }
        rest = skipped.as_str();
    }
    rest.get(mark.len()..).unwrap_or_default()
}
