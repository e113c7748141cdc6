//! Look-ups by key and by parent, batched over a request.

use entity::record::Record;
use entity::{unit, workplace};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::by_id;
use crate::graphql::children::Children;
use crate::graphql::page::{Key, Keyset};

by_id!(
    /// A workplace by key, within a scope.
    WorkplaceById, workplace
);

by_id!(
    /// A unit by key, within a scope.
    UnitById, unit
);

/// The workplaces of an enterprise, by code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkplacesOfEnterprise;

impl Children for WorkplacesOfEnterprise {
    type Entity = workplace::Entity;
    type Row = Record<workplace::Model>;
    const PARENT: workplace::Column = workplace::Column::EnterpriseId;
    // Unique within the enterprise: the index gives this order without sorting.
    const ORDER: Keyset<Record<workplace::Model>> = Keyset {
        tag: "workplace.code",
        columns: &[workplace::Column::Code],
        descending: false,
        key: |row| Ok(vec![Key::Text(row.code()?.to_owned())]),
        kinds: || vec![Key::Text(String::new())],
    };

    fn parent(row: &Record<workplace::Model>) -> Result<Uuid, DbErr> {
        row.enterprise_id()
    }
}

/// The units of an enterprise, by code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnitsOfEnterprise;

impl Children for UnitsOfEnterprise {
    type Entity = unit::Entity;
    type Row = unit::Model;
    const PARENT: unit::Column = unit::Column::EnterpriseId;
    const ORDER: Keyset<unit::Model> = Keyset {
        tag: "unit.code",
        columns: &[unit::Column::Code],
        descending: false,
        key: |row| Ok(vec![Key::Text(row.code.clone())]),
        kinds: || vec![Key::Text(String::new())],
    };

    fn parent(row: &unit::Model) -> Result<Uuid, DbErr> {
        Ok(row.enterprise_id)
    }
}
