//! What the kinds of files have in common.

use std::collections::HashSet;
use std::future::Future;

use chrono::{DateTime, NaiveDate, Utc};
use entity::scope::Scope;
use sea_orm::DatabaseTransaction;

use crate::areas::reference::Book;
use crate::error::Result;
use crate::import::cells::Cells;
use crate::import::report::Ledger;

/// A column, and whether a file must have it.
pub struct Column {
    /// Name in the header.
    pub name: &'static str,
    /// Whether the file is refused without it.
    pub required: bool,
}

/// A column that a file must have.
pub const fn required(name: &'static str) -> Column {
    Column { name, required: true }
}

/// A column that a file may leave out; what it would say then stays as it is.
pub const fn optional(name: &'static str) -> Column {
    Column { name, required: false }
}

/// What a kind of file works with.
pub struct Desk<'a> {
    /// Where it writes.
    pub tx: &'a DatabaseTransaction,
    /// Classifiers and rules.
    pub book: &'a Book,
    /// Rows it may touch.
    pub scope: &'a Scope,
    /// The civil date.
    pub today: NaiveDate,
    /// The moment of the run.
    pub now: DateTime<Utc>,
    /// Citation of rows that name no source.
    pub source: &'a str,
}

/// One kind of file.
pub trait Table: Send {
    /// Columns that are read.
    const COLUMNS: &'static [Column];
    /// Columns that together may occur once in a file.
    const KEY: &'static [&'static str];
    /// The column that is blamed for a repeated key.
    const BLAMED: &'static str;
    /// The column that other rows of the file may refer to.
    const REFERRED: Option<&'static str> = None;

    /// The key of a row, for finding repeated ones.
    fn key(&self, cells: &Cells) -> String {
        let parts: Vec<&str> = Self::KEY.iter().map(|column| cells.text(column)).collect();
        parts.join("\u{1f}")
    }

    /// Takes note of all values of [`Self::REFERRED`] before the first row.
    fn announce(&mut self, _values: HashSet<String>) {}

    /// Judges rows, and writes the good ones while [`Ledger::writes`].
    fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger)
    -> impl Future<Output = Result<()>> + Send;
}
