//! Cells as values of their types, with every fault of a row at once.

use std::str::FromStr;

use chrono::NaiveDate;
use domain::ids::CodeError;
use domain::provenance::Provenance;
use domain::refusal::{Refusal, RefusalCode};
use rust_decimal::Decimal;

use crate::import::cells::Cells;

/// How a whole number is written.
pub const WHOLE: &str = "123";
/// How a number is written.
pub const NUMBER: &str = "1.5";
/// How a date is written.
pub const DATE: &str = "YYYY-MM-DD";
/// Kinds of sources.
const PROVENANCES: &str = "DECK, LAW, OFFICIAL, PRACTICE, PROVISIONAL";

/// First and last day.
pub type Period = (Option<NaiveDate>, Option<NaiveDate>);

/// Reads one row and collects what is wrong with it.
pub struct Judge<'a> {
    cells: &'a Cells,
    refusals: Vec<Refusal>,
}

impl<'a> Judge<'a> {
    /// Nothing found yet.
    pub fn new(cells: &'a Cells) -> Self {
        Self { cells, refusals: Vec::new() }
    }

    /// Refuses the row.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }

    /// Takes over the faults that the rules of the domain have found; `columns` says which column a field stands in.
    /// A column that could not even be read is not blamed again.
    pub fn take(&mut self, faults: Vec<Refusal>, columns: &[(&str, &str)]) {
        let before = self.refusals.len();
        for mut fault in faults {
            let known = columns.iter().find(|(field, _)| {
                fault.field.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            if let Some((_, column)) = known {
                fault.field = (*column).to_owned();
            }
            if !self.refusals.iter().take(before).any(|refusal| refusal.field == fault.field) {
                self.refusals.push(fault);
            }
        }
    }

    /// The value, if nothing was wrong with the row.
    pub fn accept<T>(self, value: Option<T>) -> Result<T, Vec<Refusal>> {
        match value {
            Some(value) if self.refusals.is_empty() => Ok(value),
            _ => Err(self.refusals),
        }
    }

    /// A text that must not be empty.
    pub fn required(&mut self, column: &str) -> String {
        let text = self.cells.text(column);
        if text.is_empty() {
            self.refuse(Refusal::new(RefusalCode::Required).at(column));
        }
        text.to_owned()
    }

    /// A value that may be absent.
    pub fn optional<T: FromStr>(&mut self, column: &str, written: &str) -> Option<T> {
        let text = self.cells.filled(column)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.refuse(Refusal::new(RefusalCode::InvalidFormat).at(column).with("expected", written));
        }
        parsed
    }

    /// A value that must be there.
    pub fn value<T: FromStr>(&mut self, column: &str, written: &str) -> Option<T> {
        if self.cells.filled(column).is_none() {
            self.refuse(Refusal::new(RefusalCode::Required).at(column));
        }
        self.optional(column, written)
    }

    /// A whole number that must be there.
    pub fn whole(&mut self, column: &str) -> Option<i64> {
        self.value(column, WHOLE)
    }

    /// A whole number from `min` to `max`.
    pub fn within(&mut self, column: &str, (min, max): (i64, i64)) -> Option<i64> {
        let value = self.whole(column)?;
        self.bounded(column, value, (min, max))
    }

    fn bounded(&mut self, column: &str, value: i64, (min, max): (i64, i64)) -> Option<i64> {
        if (min..=max).contains(&value) {
            return Some(value);
        }
        self.refuse(Refusal::new(RefusalCode::OutOfRange).at(column).with("min", min).with("max", max));
        None
    }

    /// A count of people that may be absent.
    pub fn people(&mut self, column: &str) -> Option<i64> {
        let value: i64 = self.optional(column, WHOLE)?;
        if value < 0 {
            self.refuse(Refusal::new(RefusalCode::Negative).at(column));
            return None;
        }
        self.bounded(column, value, (0, i64::from(u32::MAX)))
    }

    /// A number that may be absent.
    pub fn decimal(&mut self, column: &str) -> Option<Decimal> {
        self.optional(column, NUMBER)
    }

    /// A code that must be there.
    pub fn code<T>(&mut self, column: &str, parse: impl Fn(&str) -> Result<T, CodeError>) -> Option<T> {
        let text = self.required(column);
        if text.is_empty() {
            return None;
        }
        let parsed = parse(&text);
        parsed.map_err(|error| self.refuse(Refusal::from(error).at(column))).ok()
    }

    /// The first and the last day of a row, where the file has them.
    pub fn period(&mut self) -> Period {
        let from = self.optional("valid_from", DATE);
        self.until(from)
    }

    /// The first day, which must be there, and the last.
    pub fn dated_period(&mut self) -> Period {
        let from = self.value("valid_from", DATE);
        self.until(from)
    }

    fn until(&mut self, from: Option<NaiveDate>) -> Period {
        let to = self.optional("valid_to", DATE);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            self.refuse(Refusal::new(RefusalCode::PeriodReversed).at("valid_to"));
        }
        (from, to)
    }

    /// Kind of source and citation, where the file has them.
    pub fn origin(&mut self, usual: (Provenance, &str)) -> (Provenance, String) {
        let provenance = self.optional("provenance", PROVENANCES).unwrap_or(usual.0);
        (provenance, self.cells.filled("source").unwrap_or(usual.1).to_owned())
    }
}
