//! The reference files that ship with the program. They are loaded once into an empty database; an operator replaces
//! rows by importing official tables, and nothing in the code changes.

use chrono::{DateTime, NaiveDate, Utc};
use domain::rule_set::RuleSet;
use entity::rule_set;
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::areas::reference::kind::ReferenceKind;
use crate::areas::reference::store::{self, NewRow};
use crate::clock::new_id;
use crate::error::{Error, Result};

const RULE_SETS: [&str; 1] = [include_str!("../../../../reference/rule_sets/kz-2023-provisional.json")];

/// One file: its kind, where the code is, and what becomes an attribute.
struct File {
    kind: ReferenceKind,
    text: &'static str,
    code: &'static [&'static str],
    attributes: &'static [&'static str],
}

macro_rules! file {
    ($kind:ident, $name:literal, code: $code:expr, attributes: $attributes:expr) => {
        File {
            kind: ReferenceKind::$kind,
            text: include_str!(concat!("../../../../reference/", $name)),
            code: &$code,
            attributes: &$attributes,
        }
    };
}

const CLASS_CODE: [&str; 3] = ["oked_prefix", "headcount_min", "headcount_max"];
const CLASS_ATTRIBUTES: [&str; 4] = ["oked_prefix", "risk_class", "headcount_min", "headcount_max"];

const FILES: [File; 6] = [
    file!(Territory, "regions.csv", code: ["code"], attributes: ["kind", "lon", "lat"]),
    file!(Activity, "activities.csv", code: ["code"], attributes: ["level", "section"]),
    file!(ActivityClass, "activity_classes.csv", code: CLASS_CODE, attributes: CLASS_ATTRIBUTES),
    file!(TariffRate, "tariff_rates.csv", code: ["risk_class"], attributes: ["rate_percent"]),
    file!(MinimumWage, "minimum_wages.csv", code: ["year"], attributes: ["mzp", "mrp"]),
    file!(Profession, "professions.csv", code: ["code"], attributes: ["oked_sections", "harmful_factors"]),
];

const DEMO_FILES: [File; 2] = [
    file!(ActivityClass, "demo_activity_classes.csv", code: CLASS_CODE, attributes: CLASS_ATTRIBUTES),
    file!(TariffRate, "demo_tariff_rates.csv", code: ["risk_class"], attributes: ["rate_percent"]),
];

/// Loads the shipped rule sets and tables.
pub async fn load<C: ConnectionTrait>(db: &C, now: DateTime<Utc>) -> Result<()> {
    for text in RULE_SETS {
        let rules = RuleSet::from_json(text).map_err(Error::internal)?;
        let row = rule_set::Model {
            id: new_id(),
            code: rules.code,
            status: rules.status.to_string(),
            valid_from: rules.valid_from,
            valid_to: rules.valid_to,
            content: text.to_owned(),
            content_sha256: hex::encode(Sha256::digest(text)),
            created_at: now,
        };
        store::insert_rule_set(db, row).await?;
    }
    load_files(db, &FILES, now).await
}

/// Loads what fills the gaps of the known tables for the demo: PROVISIONAL rows, never official ones.
pub async fn load_demo<C: ConnectionTrait>(db: &C, now: DateTime<Utc>) -> Result<()> {
    load_files(db, &DEMO_FILES, now).await
}

async fn load_files<C: ConnectionTrait>(db: &C, files: &[File], now: DateTime<Utc>) -> Result<()> {
    for file in files {
        store::upsert(db, file.rows()?, now).await?;
    }
    Ok(())
}

impl File {
    fn rows(&self) -> Result<Vec<NewRow>> {
        let mut reader = csv::Reader::from_reader(self.text.as_bytes());
        let rows = reader.deserialize::<std::collections::HashMap<String, String>>();
        rows.map(|row| self.row(&row.map_err(Error::internal)?)).collect()
    }

    fn row(&self, cells: &std::collections::HashMap<String, String>) -> Result<NewRow> {
        let cell = |name: &str| cells.get(name).map_or("", |text| text.trim()).to_owned();
        let fault = |name: &str| Error::internal(format!("{:?} {}: {name}", self.kind, cell("code")));
        let date = |name: &str| match cell(name).as_str() {
            "" => Ok(None),
            text => text.parse::<NaiveDate>().map(Some).map_err(|_| fault(name)),
        };
        let attributes: Map<String, Value> = self
            .attributes
            .iter()
            .filter(|name| !cell(name).is_empty())
            .map(|name| ((*name).to_owned(), Value::String(cell(name))))
            .collect();
        Ok(NewRow {
            kind: self.kind,
            code: code(self.code.iter().map(|name| cell(name))),
            parent_code: Some(cell("parent_code")).filter(|parent| !parent.is_empty()),
            names: [cell("name_kk"), cell("name_ru"), cell("name_en")],
            attributes: Value::Object(attributes),
            valid_from: date("valid_from")?.ok_or_else(|| fault("valid_from"))?,
            valid_to: date("valid_to")?,
            provenance: cell("provenance").parse().map_err(|_| fault("provenance"))?,
            source: cell("source"),
        })
    }
}

/// The code of a row whose key has several parts; empty parts do not count.
pub fn code(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("/")
}
