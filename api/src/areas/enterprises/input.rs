//! An enterprise as somebody writes it down, and the rules it must meet. Mutations and imports share both.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::exact::Written;
use domain::ids::{Bin, CodeError, KatoCode, OkedCode};
use domain::localized::Localized;
use domain::refusal::{Refusal, RefusalCode};
use domain::text::fold;
use domain::written::names;
use entity::{enterprise, micro};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::areas::identity::NewEmployer;
use crate::areas::reference::Book;
use crate::clock::new_id;

/// Most secondary activities.
const ACTIVITIES: usize = 20;
/// Nothing that still exists was registered before.
const FIRST_YEAR: i32 = 1900;
/// Most employees one legal entity can have here; far above the largest employer of the country.
const HEADCOUNT: i64 = 1_000_000;

/// Secondary activities of a draft.
#[derive(Clone, Debug)]
pub enum Secondary {
    /// What is written down: judged, and stored instead of what was there.
    Given(Vec<String>),
    /// What is stored and stays.
    Kept(Vec<String>),
}

impl Default for Secondary {
    fn default() -> Self {
        Self::Given(Vec::new())
    }
}

/// What is written down, not yet judged.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct EnterpriseDraft {
    pub bin: String,
    pub name_kk: Option<String>,
    pub name_ru: String,
    pub name_en: Option<String>,
    pub kato: String,
    pub oked: String,
    pub secondary_okeds: Secondary,
    pub headcount: i64,
    pub longitude: Option<Written<Decimal>>,
    pub latitude: Option<Written<Decimal>>,
    pub valid_from: Option<Written<NaiveDate>>,
}

/// A judged draft.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct CheckedEnterprise {
    pub bin: Bin,
    pub names: Localized,
    pub kato: KatoCode,
    pub oked: OkedCode,
    pub section: String,
    /// `None` when those that are stored stay.
    pub secondary: Option<Vec<OkedCode>>,
    pub headcount: i32,
    pub position: Option<(i64, i64)>,
    pub valid_from: NaiveDate,
}

/// Judges a draft against the loaded classifiers. All faults are found at once.
pub fn check(draft: &EnterpriseDraft, book: &Book, today: NaiveDate) -> Result<CheckedEnterprise, Vec<Refusal>> {
    let mut faults = Vec::new();
    let bin = code(Bin::parse(&draft.bin), "bin", &mut faults);
    let names = names(draft.name_kk.as_deref(), &draft.name_ru, draft.name_en.as_deref(), &mut faults);
    let kato = territory(&draft.kato, book, &mut faults);
    let main = activity(&draft.oked, "oked", book, &mut faults);
    let secondary = secondary(draft, main.as_ref().map(|(oked, _)| oked), book, &mut faults);
    let headcount = headcount(draft.headcount, &mut faults);
    let position = position(draft, &mut faults);
    let valid_from = registered(draft, today, &mut faults);
    match (bin, kato, main) {
        (Some(bin), Some(kato), Some((oked, section))) if faults.is_empty() => {
            Ok(CheckedEnterprise { bin, names, kato, oked, section, secondary, headcount, position, valid_from })
        }
        _ => Err(faults),
    }
}

fn code<T>(parsed: Result<T, CodeError>, field: &str, faults: &mut Vec<Refusal>) -> Option<T> {
    parsed.map_err(|error| faults.push(Refusal::from(error).at(field))).ok()
}

fn territory(text: &str, book: &Book, faults: &mut Vec<Refusal>) -> Option<KatoCode> {
    let kato = code(KatoCode::parse(text), "kato", faults)?;
    if !book.codes().has_territory(&kato) {
        faults.push(Refusal::new(RefusalCode::UnknownTerritory).at("kato").with("value", text));
        return None;
    }
    Some(kato)
}

fn activity(text: &str, field: &str, book: &Book, faults: &mut Vec<Refusal>) -> Option<(OkedCode, String)> {
    let oked = code(OkedCode::parse(text), field, faults)?;
    let section = book.codes().section_of(&oked);
    // A section letter says too little: no tariff class hangs on it.
    if oked.is_section() || section.is_none() {
        faults.push(Refusal::new(RefusalCode::UnknownActivity).at(field).with("value", text));
        return None;
    }
    section.map(|section| (oked, section.to_owned()))
}

/// The main activity is none of the secondary ones, and each of these stands once. What is wrong is told at the list, or at
/// the main activity when that alone is new.
fn secondary(
    draft: &EnterpriseDraft,
    main: Option<&OkedCode>,
    book: &Book,
    faults: &mut Vec<Refusal>,
) -> Option<Vec<OkedCode>> {
    match &draft.secondary_okeds {
        Secondary::Given(texts) => Some(given(texts, main, book, faults)),
        Secondary::Kept(codes) => {
            if let Some(main) = main.filter(|main| codes.iter().any(|code| code == main.as_str())) {
                faults.push(Refusal::new(RefusalCode::Duplicate).at("oked").with("value", main));
            }
            None
        }
    }
}

fn given(texts: &[String], main: Option<&OkedCode>, book: &Book, faults: &mut Vec<Refusal>) -> Vec<OkedCode> {
    if texts.len() > ACTIVITIES {
        let refusal = Refusal::new(RefusalCode::OutOfRange).at("secondaryOkeds");
        faults.push(refusal.with("min", 0).with("max", ACTIVITIES));
        return Vec::new();
    }
    let mut codes: Vec<OkedCode> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let field = format!("secondaryOkeds.{index}");
        let Some((oked, _)) = activity(text, &field, book, faults) else { continue };
        if codes.contains(&oked) || main == Some(&oked) {
            faults.push(Refusal::new(RefusalCode::Duplicate).at(field).with("value", text));
        } else {
            codes.push(oked);
        }
    }
    codes
}

fn headcount(value: i64, faults: &mut Vec<Refusal>) -> i32 {
    if value < 0 {
        faults.push(Refusal::new(RefusalCode::Negative).at("headcount"));
    } else if value > HEADCOUNT {
        faults.push(Refusal::new(RefusalCode::OutOfRange).at("headcount").with("min", 0).with("max", HEADCOUNT));
    }
    i32::try_from(value).unwrap_or_default()
}

fn registered(draft: &EnterpriseDraft, today: NaiveDate, faults: &mut Vec<Refusal>) -> NaiveDate {
    let out_of_range = || Refusal::new(RefusalCode::OutOfRange).with("min", format!("{FIRST_YEAR}-01-01"));
    let judged = match draft.valid_from.clone() {
        Some(Ok(day)) if day > today => Err(Refusal::new(RefusalCode::InFuture)),
        Some(Ok(day)) if day.year() < FIRST_YEAR => Err(out_of_range().with("max", today)),
        given => given.unwrap_or(Ok(today)),
    };
    judged.unwrap_or_else(|refusal| {
        faults.push(refusal.at("validFrom"));
        today
    })
}

/// Kazakhstan and a margin: a swapped pair of coordinates is the usual mistake, and this finds it.
fn position(draft: &EnterpriseDraft, faults: &mut Vec<Refusal>) -> Option<(i64, i64)> {
    if draft.longitude.is_none() && draft.latitude.is_none() {
        return None;
    }
    let mut degrees = |field: &str, given: &Option<Written<Decimal>>, (min, max): (i64, i64)| {
        let judged = match given.clone() {
            None => Err(Refusal::new(RefusalCode::Required)),
            Some(Ok(value)) if value < Decimal::from(min) || value > Decimal::from(max) => {
                Err(Refusal::new(RefusalCode::OutOfRange).with("min", min).with("max", max))
            }
            Some(read) => read,
        };
        let value = judged.map_err(|refusal| faults.push(refusal.at(field))).ok()?;
        micro::from_decimal(value.round_dp(micro::SCALE))
    };
    let longitude = degrees("longitude", &draft.longitude, (46, 88));
    longitude.zip(degrees("latitude", &draft.latitude, (40, 56)))
}

impl CheckedEnterprise {
    /// The employer organisation of the same BIN, as the enterprise describes it.
    pub fn employer(&self) -> NewEmployer {
        NewEmployer { bin: self.bin.clone(), names: self.names.clone(), valid_from: self.valid_from }
    }

    /// A new row, with nothing assessed yet.
    pub fn into_row(self, organisation_id: Uuid, demo: bool, now: DateTime<Utc>) -> enterprise::Model {
        let row = enterprise::Model {
            id: new_id(),
            organisation_id,
            bin: self.bin.to_string(),
            name_kk: String::new(),
            name_ru: String::new(),
            name_en: String::new(),
            name_sort: String::new(),
            search_fold: String::new(),
            kato: String::new(),
            region_kato: String::new(),
            oked: String::new(),
            oked_section: String::new(),
            headcount: 0,
            lon_micro: None,
            lat_micro: None,
            valid_from: self.valid_from,
            valid_to: None,
            demo,
            level_rank: 0,
            integral_pr_micro: 0,
            weighted_pr_micro: 0,
            workers_d1: 0,
            workers_d2: 0,
            workers_d3: 0,
            workers_d4: 0,
            workers_d5: 0,
            workplaces_d1: 0,
            workplaces_d2: 0,
            workplaces_d3: 0,
            workplaces_d4: 0,
            workplaces_d5: 0,
            assessed_on: None,
            rule_set_code: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        self.write_to(row)
    }

    /// The row with everything the draft says; what the draft does not speak of stays.
    pub fn write_to(self, row: enterprise::Model) -> enterprise::Model {
        let search = [&self.names.kk, &self.names.ru, &self.names.en, self.bin.as_str()].map(fold).join(" ");
        enterprise::Model {
            name_sort: fold(&self.names.ru),
            search_fold: search,
            name_kk: self.names.kk,
            name_ru: self.names.ru,
            name_en: self.names.en,
            region_kato: self.kato.region().to_string(),
            kato: self.kato.to_string(),
            oked: self.oked.to_string(),
            oked_section: self.section,
            headcount: self.headcount,
            lon_micro: self.position.map(|(longitude, _)| longitude),
            lat_micro: self.position.map(|(_, latitude)| latitude),
            valid_from: self.valid_from,
            ..row
        }
    }
}
