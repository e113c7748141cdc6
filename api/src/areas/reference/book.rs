//! Everything that arithmetic needs of the reference data, in memory, as one consistent snapshot.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::grade::{Degree, Level};
use domain::ids::{KatoCode, OkedCode};
use domain::localized::Localized;
use domain::provenance::Provenance;
use domain::rule_set::{Origin, RuleSet};
use domain::tariff::{ActivityClass, ClassRate, Minimum, TariffTable};
use entity::reference_row;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::areas::reference::codes::Codes;
use crate::areas::reference::kind::ReferenceKind;
use crate::areas::reference::store;
use crate::db::Db;
use crate::error::{Error, Result};

/// One of the regions of the digital map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Code of the territorial unit.
    pub kato: String,
    /// Name.
    pub names: Localized,
    /// Longitude and latitude of a point for its label, degrees; `None` when no row of the region gives them.
    pub position: Option<(Decimal, Decimal)>,
}

/// A snapshot of rule sets, rate tables and codes.
#[derive(Clone, Debug, Default)]
pub struct Book {
    rule_sets: Vec<Arc<RuleSet>>,
    by_code: HashMap<String, Arc<RuleSet>>,
    hashes: HashMap<String, String>,
    regions: Vec<Region>,
    tariffs: TariffTable,
    codes: Codes,
}

impl Book {
    /// Reads the snapshot. A row that does not hold what its kind promises is a fault of the data and stops it.
    /// Codes that have ended before `today` cannot be used in new records and are left out.
    pub async fn read(db: &Db, today: NaiveDate) -> Result<Self> {
        let db = db.read();
        let mut book = Self::default();
        for row in store::rule_sets(db).await? {
            let rules = RuleSet::from_json(&row.content).map_err(Error::internal)?;
            book.hashes.insert(row.code, row.content_sha256);
            book.add_rule_set(rules);
        }
        for kind in ReferenceKind::ALL {
            for row in store::all(db, kind).await? {
                book.add(kind, &Row::new(&row)?, today)?;
            }
        }
        Ok(book)
    }

    fn add_rule_set(&mut self, rules: RuleSet) {
        let rules = Arc::new(rules);
        self.by_code.insert(rules.code.clone(), rules.clone());
        self.rule_sets.push(rules);
    }

    fn add(&mut self, kind: ReferenceKind, row: &Row<'_>, today: NaiveDate) -> Result<()> {
        use ReferenceKind::{Activity, Profession, Territory};
        let code = || row.row.code.clone();
        let ended = row.row.valid_to.is_some_and(|end| end < today);
        match kind {
            Territory | Activity | Profession if ended => {}
            ReferenceKind::Territory => {
                self.add_region(row, today)?;
                self.codes.add_territory(code());
            }
            ReferenceKind::Activity => self.codes.add_activity(code(), row.value("section")?),
            ReferenceKind::Profession => self.codes.add_profession(code()),
            ReferenceKind::ActivityClass => self.tariffs.classes.push(row.activity_class()?),
            ReferenceKind::TariffRate => self.tariffs.rates.push(row.tariff_rate()?),
            ReferenceKind::MinimumWage => self.tariffs.minimums.push(row.minimum_wage()?),
        }
        Ok(())
    }

    /// Takes a row that is a region in force. The rows of one code come oldest first: the newest gives the name, and
    /// the newest that has one the position, which official classifiers do not hold.
    fn add_region(&mut self, row: &Row<'_>, today: NaiveDate) -> Result<()> {
        let kato = KatoCode::parse(&row.row.code).map_err(|_| row.fault("code"))?;
        if !kato.is_region() || row.row.valid_from > today {
            return Ok(());
        }
        let position = row.optional("lon")?.zip(row.optional("lat")?);
        let names = Localized::new(&*row.row.name_kk, &*row.row.name_ru, &*row.row.name_en);
        match self.regions.last_mut().filter(|region| region.kato == row.row.code) {
            Some(region) => {
                region.names = names;
                region.position = position.or(region.position);
            }
            None => self.regions.push(Region { kato: row.row.code.clone(), names, position }),
        }
        Ok(())
    }

    /// The regions of the country, by code.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// SHA-256 of a rule set as it was loaded, hexadecimal.
    pub fn sha256_of(&self, code: &str) -> Option<&str> {
        self.hashes.get(code).map(String::as_str)
    }

    /// All rule sets, oldest first.
    pub fn rule_sets(&self) -> &[Arc<RuleSet>] {
        &self.rule_sets
    }

    /// The rule set of a code.
    pub fn rule_set(&self, code: &str) -> Option<Arc<RuleSet>> {
        self.by_code.get(code).cloned()
    }

    /// The level of a stored degree by the rules that gave it; `None` while nothing is assessed.
    pub fn level_of(&self, rule_set: Option<&str>, degree: i16) -> Option<Level> {
        self.by_code.get(rule_set?)?.level_of(Degree::numbered(degree)?)
    }

    /// The rule set in force on a day; the youngest, should several be.
    pub fn rules_on(&self, day: NaiveDate) -> Option<Arc<RuleSet>> {
        self.rule_sets.iter().rev().find(|rules| rules.in_force_on(day)).cloned()
    }

    /// Classes, rates and minimum wages.
    pub fn tariffs(&self) -> &TariffTable {
        &self.tariffs
    }

    /// Codes of the classifiers.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }
}

/// A stored row with its attributes parsed.
struct Row<'a> {
    row: &'a reference_row::Model,
    attributes: Value,
}

impl<'a> Row<'a> {
    fn new(row: &'a reference_row::Model) -> Result<Self> {
        let attributes = serde_json::from_str(&row.attributes).map_err(Error::internal)?;
        Ok(Self { row, attributes })
    }

    fn fault(&self, name: &str) -> Error {
        Error::internal(format!("reference row {} {} has no usable {name}", self.row.kind, self.row.code))
    }

    fn optional<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        match self.attributes.get(name).and_then(Value::as_str) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| self.fault(name)),
        }
    }

    fn value<T: FromStr>(&self, name: &str) -> Result<T> {
        self.optional(name)?.ok_or_else(|| self.fault(name))
    }

    fn origin(&self) -> Result<Origin> {
        let provenance = Provenance::from_str(&self.row.provenance).map_err(|_| self.fault("provenance"))?;
        Ok(Origin { provenance, source: self.row.source.clone() })
    }

    fn activity_class(&self) -> Result<ActivityClass> {
        let prefix: String = self.value("oked_prefix")?;
        Ok(ActivityClass {
            oked_prefix: OkedCode::parse(&prefix).map_err(|_| self.fault("oked_prefix"))?,
            class: self.value("risk_class")?,
            headcount_min: self.optional("headcount_min")?,
            headcount_max: self.optional("headcount_max")?,
            valid_from: self.row.valid_from,
            valid_to: self.row.valid_to,
            origin: self.origin()?,
        })
    }

    fn tariff_rate(&self) -> Result<ClassRate> {
        Ok(ClassRate {
            class: self.row.code.parse().map_err(|_| self.fault("code"))?,
            rate_percent: self.value::<Decimal>("rate_percent")?,
            valid_from: self.row.valid_from,
            valid_to: self.row.valid_to,
            origin: self.origin()?,
        })
    }

    fn minimum_wage(&self) -> Result<Minimum> {
        Ok(Minimum {
            year: self.row.code.parse().map_err(|_| self.fault("code"))?,
            mzp: self.value("mzp")?,
            mrp: self.value("mrp")?,
            origin: self.origin()?,
        })
    }
}
