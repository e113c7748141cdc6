//! Look-ups by key and by parent, batched over a request.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::scope::{Scope, Scoped};
use entity::{factor_assignment, measurement};
use sea_orm::QueryFilter;
use uuid::Uuid;

use crate::error::Error;
use crate::graphql::children::Children;
use crate::graphql::loader::{Batch, grouped, in_keys};
use crate::graphql::page::{Key, Keyset};

/// A measurement by key, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeasurementById {
    /// Key.
    pub id: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<MeasurementById> for Batch {
    type Value = measurement::Model;
    type Error = Error;

    async fn load(&self, keys: &[MeasurementById]) -> Result<HashMap<MeasurementById, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.id).collect();
            let rows = measurement::Entity::within(&scope)
                .filter(in_keys(measurement::Column::Id, ids, self.db.backend()))
                .all(self.db.read())
                .await?;
            found.extend(rows.into_iter().map(|row| (MeasurementById { id: row.id, scope: scope.clone() }, row)));
        }
        Ok(found)
    }
}

/// The factors at a workplace, by code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FactorsOfWorkplace;

impl Children for FactorsOfWorkplace {
    type Entity = factor_assignment::Entity;
    const PARENT: factor_assignment::Column = factor_assignment::Column::WorkplaceId;
    const ORDER: Keyset<factor_assignment::Entity> = Keyset {
        tag: "factor.code",
        columns: &[factor_assignment::Column::FactorCode, factor_assignment::Column::Id],
        descending: false,
        key: |row| vec![Key::Text(row.factor_code.clone()), Key::Id(row.id)],
        kinds: || vec![Key::Text(String::new()), Key::Id(Uuid::nil())],
    };

    fn parent(row: &factor_assignment::Model) -> Uuid {
        row.workplace_id
    }
}

/// Newest day first; of one day, the last recorded first.
const BY_DAY: Keyset<measurement::Entity> = Keyset {
    tag: "measurement.day",
    columns: &[measurement::Column::MeasuredOn, measurement::Column::Id],
    descending: true,
    key: |row| vec![Key::Day(row.measured_on), Key::Id(row.id)],
    kinds: || vec![Key::Day(chrono::NaiveDate::MIN), Key::Id(Uuid::nil())],
};

/// The measurements at a workplace, of all factors.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeasurementsOfWorkplace;

impl Children for MeasurementsOfWorkplace {
    type Entity = measurement::Entity;
    const PARENT: measurement::Column = measurement::Column::WorkplaceId;
    const ORDER: Keyset<measurement::Entity> = BY_DAY;

    fn parent(row: &measurement::Model) -> Uuid {
        row.workplace_id
    }
}

/// The measurements of one factor at a workplace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeasurementsOfFactor;

impl Children for MeasurementsOfFactor {
    type Entity = measurement::Entity;
    const PARENT: measurement::Column = measurement::Column::FactorAssignmentId;
    const ORDER: Keyset<measurement::Entity> = BY_DAY;

    fn parent(row: &measurement::Model) -> Uuid {
        row.factor_assignment_id
    }
}
