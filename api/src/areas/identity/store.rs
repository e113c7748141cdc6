//! SQL of organisations.

use chrono::{DateTime, NaiveDate, Utc};
use domain::localized::Localized;
use domain::roles::OrganisationKind;
use entity::organisation;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::clock::new_id;
use crate::error::Result;

/// An organisation to be added.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct NewOrganisation {
    pub kind: OrganisationKind,
    pub names: Localized,
    pub bin: Option<String>,
    pub valid_from: NaiveDate,
}

impl NewOrganisation {
    /// A new row.
    pub fn into_row(self, now: DateTime<Utc>) -> organisation::Model {
        organisation::Model {
            id: new_id(),
            kind: self.kind.to_string(),
            name_kk: self.names.kk,
            name_ru: self.names.ru,
            name_en: self.names.en,
            bin: self.bin,
            jurisdiction_kato: None,
            demo: false,
            valid_from: self.valid_from,
            valid_to: None,
            created_at: now,
        }
    }
}

/// Adds an organisation and gives its key. CONFLICT when the BIN is taken.
pub async fn insert_organisation<C: ConnectionTrait>(db: &C, new: NewOrganisation, now: DateTime<Utc>) -> Result<Uuid> {
    let row = new.into_row(now);
    let id = row.id;
    organisation::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(id)
}
