//! Look-ups by key and by parent, batched over a request.

use entity::{unit, workplace};
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
    const PARENT: workplace::Column = workplace::Column::EnterpriseId;
    // Unique within the enterprise: the index gives this order without sorting.
    const ORDER: Keyset<workplace::Entity> = Keyset {
        tag: "workplace.code",
        columns: &[workplace::Column::Code],
        descending: false,
        key: |row| vec![Key::Text(row.code.clone())],
        kinds: || vec![Key::Text(String::new())],
    };

    fn parent(row: &workplace::Model) -> Uuid {
        row.enterprise_id
    }
}

/// The units of an enterprise, by code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnitsOfEnterprise;

impl Children for UnitsOfEnterprise {
    type Entity = unit::Entity;
    const PARENT: unit::Column = unit::Column::EnterpriseId;
    const ORDER: Keyset<unit::Entity> = Keyset {
        tag: "unit.code",
        columns: &[unit::Column::Code],
        descending: false,
        key: |row| vec![Key::Text(row.code.clone())],
        kinds: || vec![Key::Text(String::new())],
    };

    fn parent(row: &unit::Model) -> Uuid {
        row.enterprise_id
    }
}
