//! Look-ups by key, batched over a request.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::enterprise_activity;
use entity::scope::{Scope, Scoped};
use sea_orm::{QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::by_id;
use crate::error::Error;
use crate::graphql::loader::{Batch, grouped, in_keys};

by_id!(
    /// An enterprise by key, within a scope.
    EnterpriseById, enterprise
);

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
