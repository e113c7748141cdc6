//! Reference rows of one kind by code and first day. An import adds revisions or changes them in place, and keeps the
//! revisions of a code apart: the last one that is open ends all before it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::provenance::Provenance;
use entity::reference_row;
use serde_json::{Map, Value};

use crate::areas::reference::{self, NewRow, ReferenceKind};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::import::report::Change;
use crate::import::table::Desk;

/// A row as a file says it.
pub struct Entry {
    /// Code.
    pub code: String,
    /// Code above.
    pub parent: Option<String>,
    /// Kazakh, Russian, English; an empty one keeps what is known.
    pub names: [String; 3],
    /// Attributes; those that are not given stay.
    pub attributes: Map<String, Value>,
    /// First and last day. Without a first day the revision in force is meant, else a new one from today on.
    pub period: (Option<NaiveDate>, Option<NaiveDate>),
    /// Kind of source and citation.
    pub origin: (Provenance, String),
}

/// All revisions of one kind, as they will be.
pub struct Timeline {
    kind: ReferenceKind,
    codes: HashMap<String, BTreeMap<NaiveDate, NewRow>>,
    changed: BTreeMap<(String, NaiveDate), NewRow>,
}

impl Timeline {
    /// Reads what is stored.
    pub async fn open(db: &Db, kind: ReferenceKind) -> Result<Self> {
        let mut codes: HashMap<String, BTreeMap<NaiveDate, NewRow>> = HashMap::new();
        for row in reference::all(db.read(), kind).await? {
            codes.entry(row.code.clone()).or_default().insert(row.valid_from, stored(kind, row)?);
        }
        Ok(Self { kind, codes, changed: BTreeMap::new() })
    }

    /// Whether a code is there in any revision.
    pub fn has(&self, code: &str) -> bool {
        self.codes.contains_key(code)
    }

    /// Puts an entry into its place.
    pub fn place(&mut self, entry: Entry, today: NaiveDate) -> Change {
        let revisions = self.codes.entry(entry.code.clone()).or_default();
        let day = entry.period.0.or_else(|| in_force(revisions, today)).unwrap_or(today);
        let known = revisions.get(&day).cloned();
        let row = merged(self.kind, entry, day, known.as_ref(), revisions);
        let change = match known {
            Some(known) if same(&known, &row) => return Change::Unchanged,
            Some(_) => Change::Updated,
            None => Change::Inserted,
        };
        let open = row.valid_to.is_none();
        let mut written = vec![row];
        if open && let Some(eve) = day.pred_opt() {
            let overlapping = revisions.range(..day).filter(|(_, row)| row.valid_to.is_none_or(|end| end > eve));
            written.extend(overlapping.map(|(_, row)| NewRow { valid_to: Some(eve), ..row.clone() }));
        }
        for row in written {
            revisions.insert(row.valid_from, row.clone());
            self.changed.insert((row.code.clone(), row.valid_from), row);
        }
        change
    }

    /// Writes what has changed since the last time.
    pub async fn write(&mut self, desk: &Desk<'_>) -> Result<()> {
        let rows = std::mem::take(&mut self.changed).into_values().collect();
        reference::upsert(desk.tx, rows, desk.now).await?;
        Ok(())
    }
}

/// First day of the revision that holds today, else of the last one.
fn in_force(revisions: &BTreeMap<NaiveDate, NewRow>, today: NaiveDate) -> Option<NaiveDate> {
    let mut begun = revisions.range(..=today).rev();
    let holds = begun.find(|(_, row)| row.valid_to.is_none_or(|end| end >= today));
    holds.or(revisions.last_key_value()).map(|(day, _)| *day)
}

fn merged(
    kind: ReferenceKind,
    entry: Entry,
    day: NaiveDate,
    known: Option<&NewRow>,
    revisions: &BTreeMap<NaiveDate, NewRow>,
) -> NewRow {
    // A later open revision ends this one, whatever the file says.
    let after = revisions.iter().find(|(first, row)| **first > day && row.valid_to.is_none());
    let eve = after.and_then(|(first, _)| first.pred_opt());
    let valid_to = match (entry.period.1, eve) {
        (Some(end), Some(eve)) => Some(end.min(eve)),
        (end, eve) => end.or(eve),
    };
    let mut attributes = match known.map(|row| row.attributes.clone()) {
        Some(Value::Object(attributes)) => attributes,
        _ => Map::new(),
    };
    attributes.extend(entry.attributes);
    let mut names = entry.names;
    if let Some(known) = known {
        for (name, before) in names.iter_mut().zip(&known.names) {
            if name.is_empty() {
                name.clone_from(before);
            }
        }
    }
    NewRow {
        kind,
        code: entry.code,
        parent_code: entry.parent,
        names,
        attributes: Value::Object(attributes),
        valid_from: day,
        valid_to,
        provenance: entry.origin.0,
        source: entry.origin.1,
    }
}

fn same(one: &NewRow, other: &NewRow) -> bool {
    one.parent_code == other.parent_code
        && one.names == other.names
        && one.attributes == other.attributes
        && one.valid_to == other.valid_to
        && one.provenance == other.provenance
        && one.source == other.source
}

fn stored(kind: ReferenceKind, row: reference_row::Model) -> Result<NewRow> {
    Ok(NewRow {
        kind,
        code: row.code,
        parent_code: row.parent_code,
        names: [row.name_kk, row.name_ru, row.name_en],
        attributes: serde_json::from_str(&row.attributes).map_err(Error::internal)?,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        provenance: row.provenance.parse().map_err(Error::internal)?,
        source: row.source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn entry(name: &str, from: Option<&str>, to: Option<&str>) -> Entry {
        Entry {
            code: "1".to_owned(),
            parent: None,
            names: [String::new(), name.to_owned(), String::new()],
            attributes: Map::new(),
            period: (from.map(day), to.map(day)),
            origin: (Provenance::Official, "a law".to_owned()),
        }
    }

    fn empty() -> Timeline {
        Timeline { kind: ReferenceKind::TariffRate, codes: HashMap::new(), changed: BTreeMap::new() }
    }

    fn periods(timeline: &Timeline) -> Vec<(String, Option<String>)> {
        let revisions = timeline.codes["1"].values();
        revisions.map(|row| (row.valid_from.to_string(), row.valid_to.map(|day| day.to_string()))).collect()
    }

    const TODAY: &str = "2026-01-01";

    #[test]
    fn a_new_revision_ends_the_one_before_in_either_order_and_again_changes_nothing() {
        let expected = [("2023-01-01".to_owned(), Some("2023-12-31".to_owned())), ("2024-01-01".to_owned(), None)];
        for order in [["2023-01-01", "2024-01-01"], ["2024-01-01", "2023-01-01"]] {
            let mut timeline = empty();
            for first in order {
                assert_eq!(timeline.place(entry("x", Some(first), None), day(TODAY)), Change::Inserted);
            }
            assert_eq!(periods(&timeline), expected);
            for first in order {
                assert_eq!(timeline.place(entry("x", Some(first), None), day(TODAY)), Change::Unchanged);
            }
            assert_eq!(timeline.changed.len(), 2, "each key once");
        }
    }

    #[test]
    fn a_revision_with_an_end_leaves_the_open_one_in_force_around_it() {
        let mut timeline = empty();
        timeline.place(entry("x", Some("2023-01-01"), None), day(TODAY));
        timeline.place(entry("y", Some("2024-01-01"), Some("2024-06-30")), day(TODAY));
        assert_eq!(periods(&timeline)[0].1, None);
    }

    #[test]
    fn without_a_first_day_the_revision_in_force_is_changed_in_place() {
        let mut timeline = empty();
        timeline.place(entry("x", Some("2023-01-01"), None), day(TODAY));
        assert_eq!(timeline.place(entry("y", None, None), day(TODAY)), Change::Updated);
        assert_eq!(periods(&timeline), [("2023-01-01".to_owned(), None)]);
        assert_eq!(timeline.codes["1"][&day("2023-01-01")].names[1], "y");
    }
}
