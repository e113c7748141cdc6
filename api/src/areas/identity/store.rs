//! SQL of organisations.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::Bin;
use domain::localized::Localized;
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::OrganisationKind;
use entity::organisation;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::bulk;
use crate::clock::new_id;
use crate::error::Result;

/// An employer organisation as its enterprise describes it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct NewEmployer {
    pub bin: Bin,
    pub names: Localized,
    pub valid_from: NaiveDate,
}

/// The employer organisations that own the enterprises of some BINs: those that are there, and those to be added.
#[derive(Default)]
pub struct Employers {
    known: HashMap<String, organisation::Model>,
    new: Vec<organisation::Model>,
}

impl Employers {
    /// Reads the organisations with these BINs.
    pub async fn read<C: ConnectionTrait>(db: &C, bins: &[&str]) -> Result<Self> {
        let of_these = organisation::Column::Bin.is_in(bins.iter().copied());
        let rows = organisation::Entity::find().filter(of_these).all(db).await?;
        let known = rows.into_iter().filter_map(|row| Some((row.bin.clone()?, row))).collect();
        Ok(Self { known, new: Vec::new() })
    }

    /// NOT_AVAILABLE at `bin` when an organisation that is no employer has it.
    pub fn check(&self, bin: &str) -> Result<(), Refusal> {
        match self.known.get(bin) {
            Some(row) if row.kind != OrganisationKind::Employer.as_str() => {
                Err(Refusal::new(RefusalCode::NotAvailable).at("bin"))
            }
            _ => Ok(()),
        }
    }

    /// The employer with the BIN, else the new one, which [`Self::write`] will add. Refuses like [`Self::check`].
    pub fn find_or_add(&mut self, new: NewEmployer, now: DateTime<Utc>) -> Result<Uuid, Refusal> {
        self.check(new.bin.as_str())?;
        if let Some(known) = self.known.get(new.bin.as_str()) {
            return Ok(known.id);
        }
        let row = new.into_row(now);
        self.known.insert(row.bin.clone().unwrap_or_default(), row.clone());
        self.new.push(row.clone());
        Ok(row.id)
    }

    /// Adds the new ones, in the order of their BINs. CONFLICT when somebody else has added one meanwhile.
    pub async fn write<C: ConnectionTrait>(mut self, db: &C) -> Result<()> {
        self.new.sort_by(|one, other| one.bin.cmp(&other.bin));
        Ok(bulk::insert::<organisation::Entity, _>(db, &self.new).await?)
    }
}

impl NewEmployer {
    fn into_row(self, now: DateTime<Utc>) -> organisation::Model {
        organisation::Model {
            id: new_id(),
            kind: OrganisationKind::Employer.to_string(),
            name_kk: self.names.kk,
            name_ru: self.names.ru,
            name_en: self.names.en,
            bin: Some(self.bin.to_string()),
            jurisdiction_kato: None,
            demo: false,
            valid_from: self.valid_from,
            valid_to: None,
            created_at: now,
        }
    }
}
