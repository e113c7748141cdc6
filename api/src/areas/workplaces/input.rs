//! A workplace and a unit as somebody writes them down, and the rules they must meet. Mutations and imports share both.

use chrono::{DateTime, Utc};
use domain::localized::Localized;
use domain::refusal::{Refusal, RefusalCode};
use domain::written::{names, required};
use entity::{unit, workplace};
use uuid::Uuid;

use crate::areas::reference::{Book, Codes};
use crate::clock::new_id;

/// Longest code, characters.
const CODE_LENGTH: usize = 64;
/// Most workers at one workplace; far above the largest brigade, and low enough for the sums of an enterprise.
pub const WORKERS: i64 = 100_000;
/// Most shifts a day.
const SHIFTS: i64 = 4;

/// What is written down of a workplace, not yet judged. Enterprise and unit are rows and not part of it.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct WorkplaceDraft {
    pub code: String,
    pub name_kk: Option<String>,
    pub name_ru: String,
    pub name_en: Option<String>,
    pub profession: String,
    pub workers: i64,
    pub shifts: i64,
}

/// A judged draft of a workplace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CheckedWorkplace {
    pub code: String,
    pub names: Localized,
    pub profession: String,
    pub workers: i32,
    pub shifts: i16,
}

/// What is written down of a unit, not yet judged.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct UnitDraft {
    pub code: String,
    pub name_kk: Option<String>,
    pub name_ru: String,
    pub name_en: Option<String>,
}

/// A judged draft of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CheckedUnit {
    pub code: String,
    pub names: Localized,
}

/// Judges a draft against the loaded classifiers. All faults are found at once.
pub fn check_draft(draft: &WorkplaceDraft, book: &Book) -> Result<CheckedWorkplace, Vec<Refusal>> {
    check(draft, book.codes())
}

fn check(draft: &WorkplaceDraft, codes: &Codes) -> Result<CheckedWorkplace, Vec<Refusal>> {
    let mut faults = Vec::new();
    let code = required("code", &draft.code, CODE_LENGTH, &mut faults);
    let names = names(draft.name_kk.as_deref(), &draft.name_ru, draft.name_en.as_deref(), &mut faults);
    let profession = draft.profession.trim().to_owned();
    if !codes.has_profession(&profession) {
        faults.push(Refusal::new(RefusalCode::UnknownProfession).at("professionCode").with("value", &profession));
    }
    if draft.workers < 0 {
        faults.push(Refusal::new(RefusalCode::Negative).at("workers"));
    }
    let workers = within("workers", draft.workers, (i64::MIN, WORKERS), &mut faults);
    let shifts = within("shifts", draft.shifts, (1, SHIFTS), &mut faults);
    match (i32::try_from(workers), i16::try_from(shifts)) {
        (Ok(workers), Ok(shifts)) if faults.is_empty() => {
            Ok(CheckedWorkplace { code, names, profession, workers, shifts })
        }
        _ => Err(faults),
    }
}

/// Judges a draft. All faults are found at once.
pub fn check_unit_draft(draft: &UnitDraft) -> Result<CheckedUnit, Vec<Refusal>> {
    let mut faults = Vec::new();
    let code = required("code", &draft.code, CODE_LENGTH, &mut faults);
    let names = names(draft.name_kk.as_deref(), &draft.name_ru, draft.name_en.as_deref(), &mut faults);
    if faults.is_empty() { Ok(CheckedUnit { code, names }) } else { Err(faults) }
}

fn within(field: &str, value: i64, (min, max): (i64, i64), faults: &mut Vec<Refusal>) -> i64 {
    if value < min || value > max {
        faults.push(Refusal::new(RefusalCode::OutOfRange).at(field).with("min", min.max(0)).with("max", max));
    }
    value
}

impl CheckedWorkplace {
    /// A new row, not assessed yet.
    pub fn into_row(self, enterprise: Uuid, unit: Option<Uuid>, now: DateTime<Utc>) -> workplace::Model {
        workplace::Model {
            id: new_id(),
            enterprise_id: enterprise,
            unit_id: unit,
            code: self.code,
            name_kk: self.names.kk,
            name_ru: self.names.ru,
            name_en: self.names.en,
            profession_code: self.profession,
            workers: self.workers,
            shifts: self.shifts,
            current_assessment_id: None,
            degree: 0,
            pr_micro: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The row with everything the draft says; what the draft does not speak of stays.
    pub fn write_to(self, row: workplace::Model) -> workplace::Model {
        workplace::Model {
            code: self.code,
            name_kk: self.names.kk,
            name_ru: self.names.ru,
            name_en: self.names.en,
            profession_code: self.profession,
            workers: self.workers,
            shifts: self.shifts,
            ..row
        }
    }
}

impl CheckedUnit {
    /// A new row.
    pub fn into_row(self, enterprise: Uuid, parent: Option<Uuid>, now: DateTime<Utc>) -> unit::Model {
        unit::Model {
            id: new_id(),
            enterprise_id: enterprise,
            parent_id: parent,
            code: self.code,
            name_kk: self.names.kk,
            name_ru: self.names.ru,
            name_en: self.names.en,
            created_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> Codes {
        let mut codes = Codes::default();
        codes.add_profession("WELDER".to_owned());
        codes
    }

    fn draft() -> WorkplaceDraft {
        WorkplaceDraft {
            code: " W-1 ".to_owned(),
            name_ru: " Сварщик ".to_owned(),
            profession: "WELDER".to_owned(),
            workers: 3,
            shifts: 2,
            ..WorkplaceDraft::default()
        }
    }

    fn faults(draft: WorkplaceDraft) -> Vec<(RefusalCode, String)> {
        let faults = check(&draft, &codes()).expect_err("refused");
        faults.into_iter().map(|refusal| (refusal.code, refusal.field)).collect()
    }

    #[test]
    fn a_good_draft_becomes_a_row_without_a_score() {
        let checked = check(&draft(), &codes()).expect("good");
        let row = checked.into_row(Uuid::nil(), None, DateTime::default());
        assert_eq!((row.code.as_str(), row.name_ru.as_str(), row.workers, row.shifts), ("W-1", "Сварщик", 3, 2));
        assert_eq!((row.degree, row.pr_micro, row.current_assessment_id, row.version), (0, 0, None, 1));
    }

    #[test]
    fn a_change_keeps_the_score_and_the_place() {
        let before = workplace::Model {
            degree: 4,
            pr_micro: 3_600_000,
            version: 7,
            ..check(&draft(), &codes()).expect("good").into_row(Uuid::nil(), Some(Uuid::max()), DateTime::default())
        };
        let renamed = WorkplaceDraft { name_ru: "Резчик".to_owned(), ..draft() };
        let after = check(&renamed, &codes()).expect("good").write_to(before.clone());
        assert_eq!(after, workplace::Model { name_ru: "Резчик".to_owned(), ..before });
    }

    #[test]
    fn all_faults_come_at_once() {
        let bad = WorkplaceDraft {
            code: "  ".to_owned(),
            name_kk: Some("а".repeat(301)),
            name_ru: String::new(),
            name_en: None,
            profession: "DRAGON_TAMER".to_owned(),
            workers: -1,
            shifts: 5,
        };
        let expected = [
            (RefusalCode::Required, "code"),
            (RefusalCode::TooLong, "nameKk"),
            (RefusalCode::Required, "nameRu"),
            (RefusalCode::UnknownProfession, "professionCode"),
            (RefusalCode::Negative, "workers"),
            (RefusalCode::OutOfRange, "shifts"),
        ];
        assert_eq!(faults(bad), expected.map(|(code, field)| (code, field.to_owned())));
    }

    #[test]
    fn the_bounds_themselves_are_allowed() {
        for (workers, shifts) in [(0, 1), (WORKERS, SHIFTS)] {
            assert!(check(&WorkplaceDraft { workers, shifts, ..draft() }, &codes()).is_ok(), "{workers} {shifts}");
        }
        for (workers, shifts, field) in [(WORKERS + 1, 1, "workers"), (i64::MAX, 1, "workers"), (1, 0, "shifts")] {
            let found = faults(WorkplaceDraft { workers, shifts, ..draft() });
            assert_eq!(found, [(RefusalCode::OutOfRange, field.to_owned())]);
        }
    }

    #[test]
    fn a_unit_needs_a_code_and_a_russian_name() {
        let good = UnitDraft { code: "S1".to_owned(), name_ru: "Цех".to_owned(), ..UnitDraft::default() };
        assert!(check_unit_draft(&good).is_ok());
        let fields: Vec<String> = check_unit_draft(&UnitDraft { code: "x".repeat(65), ..UnitDraft::default() })
            .expect_err("refused")
            .into_iter()
            .map(|refusal| refusal.field)
            .collect();
        assert_eq!(fields, ["code", "nameRu"]);
    }
}
