//! Look-ups by key, batched over a request.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::scope::{Scope, Scoped};
use entity::{enterprise, enterprise_activity};
use sea_orm::{QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::Error;
use crate::graphql::loader::{Batch, grouped, in_keys};

/// An enterprise by key, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnterpriseById {
    /// Key.
    pub id: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<EnterpriseById> for Batch {
    type Value = enterprise::Model;
    type Error = Error;

    async fn load(&self, keys: &[EnterpriseById]) -> Result<HashMap<EnterpriseById, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.id).collect();
            let rows = enterprise::Entity::within(&scope)
                .filter(in_keys(enterprise::Column::Id, ids, self.db.backend()))
                .all(self.db.read())
                .await?;
            found.extend(rows.into_iter().map(|row| (EnterpriseById { id: row.id, scope: scope.clone() }, row)));
        }
        Ok(found)
    }
}

/// Secondary activities of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecondaryActivities {
    /// The enterprise.
    pub enterprise: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<SecondaryActivities> for Batch {
    type Value = Vec<String>;
    type Error = Error;

    async fn load(&self, keys: &[SecondaryActivities]) -> Result<HashMap<SecondaryActivities, Vec<String>>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.enterprise).collect();
            let rows = enterprise_activity::Entity::within(&scope)
                .filter(in_keys(enterprise_activity::Column::EnterpriseId, ids, self.db.backend()))
                .order_by_asc(enterprise_activity::Column::Oked)
                .all(self.db.read())
                .await?;
            for (enterprise, rows) in grouped(rows, |row| row.enterprise_id) {
                let key = SecondaryActivities { enterprise, scope: scope.clone() };
                found.insert(key, rows.into_iter().map(|row| row.oked).collect());
            }
        }
        Ok(found)
    }
}
