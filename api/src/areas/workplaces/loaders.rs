//! Look-ups by key and by parent, batched over a request.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::scope::{Scope, Scoped};
use entity::{unit, workplace};
use sea_orm::QueryFilter;
use uuid::Uuid;

use crate::error::Error;
use crate::graphql::children::Children;
use crate::graphql::loader::{Batch, grouped, in_keys};
use crate::graphql::page::{Key, Keyset};

/// A workplace by key, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkplaceById {
    /// Key.
    pub id: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<WorkplaceById> for Batch {
    type Value = workplace::Model;
    type Error = Error;

    async fn load(&self, keys: &[WorkplaceById]) -> Result<HashMap<WorkplaceById, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.id).collect();
            let rows = workplace::Entity::within(&scope)
                .filter(in_keys(workplace::Column::Id, ids, self.db.backend()))
                .all(self.db.read())
                .await?;
            found.extend(rows.into_iter().map(|row| (WorkplaceById { id: row.id, scope: scope.clone() }, row)));
        }
        Ok(found)
    }
}

/// A unit by key, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnitById {
    /// Key.
    pub id: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<UnitById> for Batch {
    type Value = unit::Model;
    type Error = Error;

    async fn load(&self, keys: &[UnitById]) -> Result<HashMap<UnitById, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.id).collect();
            let rows = unit::Entity::within(&scope)
                .filter(in_keys(unit::Column::Id, ids, self.db.backend()))
                .all(self.db.read())
                .await?;
            found.extend(rows.into_iter().map(|row| (UnitById { id: row.id, scope: scope.clone() }, row)));
        }
        Ok(found)
    }
}

/// The workplaces of an enterprise, by code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkplacesOfEnterprise;

impl Children for WorkplacesOfEnterprise {
    type Entity = workplace::Entity;
    const PARENT: workplace::Column = workplace::Column::EnterpriseId;
    const ORDER: Keyset<workplace::Entity> = Keyset {
        tag: "workplace.code",
        columns: &[workplace::Column::Code, workplace::Column::Id],
        descending: false,
        key: |row| vec![Key::Text(row.code.clone()), Key::Id(row.id)],
        kinds: || vec![Key::Text(String::new()), Key::Id(Uuid::nil())],
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
        columns: &[unit::Column::Code, unit::Column::Id],
        descending: false,
        key: |row| vec![Key::Text(row.code.clone()), Key::Id(row.id)],
        kinds: || vec![Key::Text(String::new()), Key::Id(Uuid::nil())],
    };

    fn parent(row: &unit::Model) -> Uuid {
        row.enterprise_id
    }
}
