//! What an import did, or why it did nothing.

use domain::localized::{Language, Localized};
use domain::refusal::Refusal;
use serde::Serialize;

use crate::import::cells::Cells;

/// Most errors that are kept with their details; all of them are counted.
pub const MOST_ERRORS: usize = 1_000;
/// Longest value that is repeated in an error, characters.
const LONGEST_VALUE: usize = 100;

/// One thing wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Line of the file on which the row begins; the header is line 1.
    pub line: u64,
    /// Column; empty when the row as a whole is meant.
    pub column: String,
    /// What is wrong, for programs: a code of the API's user errors, or `MISSING_COLUMN`.
    pub code: String,
    /// The value at fault as the file has it.
    pub value: String,
    /// What is wrong, for people.
    pub message: String,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Kind of the import.
    pub kind: &'static str,
    /// Rows that were looked at.
    pub rows: u64,
    /// Rows that earlier runs of the same batch have done.
    pub skipped: u64,
    /// Rows that were new.
    pub inserted: u64,
    /// Rows that changed what was there.
    pub updated: u64,
    /// Rows that said what was there already.
    pub unchanged: u64,
    /// Rows with at least one error.
    pub refused: u64,
    /// Errors of all rows; there may be more than `errors` holds.
    pub error_count: u64,
    /// The first errors.
    pub errors: Vec<RowError>,
    /// What the operator should know and is no error.
    pub notes: Vec<String>,
    /// Whether anything was kept: not on a dry run, and without a batch not when a row was refused.
    pub written: bool,
}

impl ImportReport {
    /// Whether every row was accepted.
    pub fn is_clean(&self) -> bool {
        self.error_count == 0
    }

    /// The errors as CSV with a header, for a spreadsheet; empty when there are none.
    pub fn errors_csv(&self) -> anyhow::Result<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for error in &self.errors {
            writer.serialize(error)?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }
}

/// What a row did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was new.
    Inserted,
    /// It changed what was there.
    Updated,
    /// It said what was there already.
    Unchanged,
}

/// The report while it is being written.
pub struct Ledger {
    /// What has been counted.
    pub report: ImportReport,
    language: Language,
    all_or_nothing: bool,
}

impl Ledger {
    /// Nothing counted yet.
    pub fn new(kind: &'static str, language: Language, all_or_nothing: bool) -> Self {
        Self { report: ImportReport { kind, ..ImportReport::default() }, language, all_or_nothing }
    }

    /// Whether writing still makes sense: not when the whole file will be refused for a row seen before.
    pub fn writes(&self) -> bool {
        !self.all_or_nothing || self.report.error_count == 0
    }

    /// Counts an accepted row.
    pub fn count(&mut self, change: Change) {
        match change {
            Change::Inserted => self.report.inserted += 1,
            Change::Updated => self.report.updated += 1,
            Change::Unchanged => self.report.unchanged += 1,
        }
    }

    /// Counts a refused row with all its faults.
    pub fn refuse(&mut self, cells: &Cells, refusals: &[Refusal]) {
        self.report.refused += 1;
        for refusal in refusals {
            self.add(RowError {
                line: cells.line,
                column: refusal.field.clone(),
                code: refusal.code.to_string(),
                value: cells.text(&refusal.field).chars().take(LONGEST_VALUE).collect(),
                message: refusal.message(self.language),
            });
        }
    }

    /// The header lacks a required column.
    pub fn missing_column(&mut self, column: &str) {
        let text = Localized::new(
            "Тақырып жолында міндетті баған жоқ",
            "В заголовке нет обязательного столбца",
            "The header lacks a required column",
        );
        self.header_fault(column, "MISSING_COLUMN", &text);
    }

    /// The header names a column twice.
    pub fn repeated_column(&mut self, column: &str) {
        let text = Localized::new(
            "Баған тақырып жолында қайталанған",
            "Столбец в заголовке повторяется",
            "The header names the column twice",
        );
        self.header_fault(column, "DUPLICATE", &text);
    }

    fn header_fault(&mut self, column: &str, code: &str, text: &Localized) {
        let message = text.get(self.language).to_owned();
        self.add(RowError { line: 1, column: column.to_owned(), code: code.to_owned(), value: String::new(), message });
    }

    fn add(&mut self, error: RowError) {
        self.report.error_count += 1;
        if self.report.errors.len() < MOST_ERRORS {
            self.report.errors.push(error);
        }
    }

    /// The finished report. What was counted but not kept is not counted, unless it was only tried.
    pub fn finish(mut self, written: bool, tried: bool) -> ImportReport {
        self.report.written = written;
        let counts = written || (tried && self.report.is_clean());
        if !counts {
            (self.report.inserted, self.report.updated, self.report.unchanged) = (0, 0, 0);
        }
        self.report
    }
}
