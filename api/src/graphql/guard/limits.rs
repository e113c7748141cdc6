//! The bounds of a document, published by `serviceConfig`.

use serde::{Deserialize, Serialize};

/// What a document may ask for. Every bound is inclusive: a document exactly at the limit passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Length of the document in UTF-8 bytes. Default 65,536.
    pub document_bytes: u64,
    /// Lexical tokens, comments not counted. Default 8,000.
    pub tokens: u64,
    /// Brackets open at once, of every kind: `{`, `[`, `(`. Default 64.
    pub nesting: u64,
    /// Length of one name in bytes. Default 128: edit distances of suggestions grow with it, and so do log lines.
    pub name_bytes: u64,
    /// Operations in one document. Default 30: the library validates all of them, whichever is run.
    pub operations: u64,
    /// Directives written in the document. Default 60.
    pub directives: u64,
    /// Variables written in the document, each use counted. Default 1,000.
    pub variable_uses: u64,
    /// Values the variables put into the document: for each use, the number of values inside the variable.
    /// Default 100,000: the library copies a variable at each place of use.
    pub variable_values: u64,
    /// Selections (fields, spreads, inline fragments) after every fragment is written out, over all definitions of
    /// the document. Default 10,000.
    pub expanded_fields: u64,
    /// Levels of selections after every fragment is written out, fragments counted. Default 30: the library's
    /// recursion, so it must stay below its own limit of 32, whose answer has no code.
    pub expanded_nesting: u64,
    /// Fields inside fields, introspection not counted. Default 15.
    pub depth: u64,
    /// Aliases written in the document. Default 60.
    pub aliases: u64,
    /// Fields at the root of an operation, fragments written out. Default 30.
    pub root_fields: u64,
    /// Estimated values of an introspection answer, see [`super::Cost::introspection`]. Default 2,000,000, over three
    /// times the standard query of graphql-js.
    pub introspection: u64,
    /// Cost of the chosen operation by the formula of [`super`]. Default 50,000.
    pub cost: u64,
    /// Page size a connection is counted with when `first` and `last` are absent; must be the size the resolvers
    /// use, and is therefore set from theirs and not a setting of its own. Default 20.
    #[serde(skip, default = "default_page_size")]
    pub default_page_size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 65_536,
            tokens: 8_000,
            nesting: 64,
            name_bytes: 128,
            operations: 30,
            directives: 60,
            variable_uses: 1_000,
            variable_values: 100_000,
            expanded_fields: 10_000,
            expanded_nesting: 30,
            depth: 15,
            aliases: 60,
            root_fields: 30,
            introspection: 2_000_000,
            cost: 50_000,
            default_page_size: default_page_size(),
        }
    }
}

fn default_page_size() -> u64 {
    20
}
