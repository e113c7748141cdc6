//! What a change does to the level of an enterprise.

use domain::grade::Level;
use entity::enterprise;
use serde::{Deserialize, Serialize};

use crate::areas::reference::Book;

/// Level of an enterprise before and after a change; none while nobody works at an assessed workplace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LevelChange {
    pub before: Option<Level>,
    pub after: Option<Level>,
}

impl LevelChange {
    /// From one state of the row to another, each by its own rules.
    pub fn of(book: &Book, before: &enterprise::Model, after: &enterprise::Model) -> Self {
        let level = |row: &enterprise::Model| book.level_of(row.rule_set_code.as_deref(), row.level_rank);
        Self { before: level(before), after: level(after) }
    }
}
