//! Look-ups by key, batched over a request.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::row::Rows;
use entity::scope::{Scope, Scoped};
use entity::{enterprise, enterprise_activity};
use sea_orm::{QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::areas::enterprises::store;
use crate::by_id;
use crate::error::Error;
use crate::graphql::gathering::Gather;
use crate::graphql::loader::{Batch, grouped, in_keys};

by_id!(
    /// An enterprise by key, within a scope.
    EnterpriseById, enterprise
);

/// An enterprise by BIN, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnterpriseByBin {
    /// Business identification number.
    pub bin: String,
    /// What the caller may see.
    pub scope: Scope,
}

impl Gather for EnterpriseByBin {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Loader<EnterpriseByBin> for Batch {
    type Value = enterprise::Model;
    type Error = Error;

    async fn load(&self, keys: &[EnterpriseByBin]) -> Result<HashMap<EnterpriseByBin, enterprise::Model>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let bins = keys.into_iter().map(|key| key.bin).collect();
            let rows = store::find_by_bins(self.db.read(), &scope, bins).await?;
            let keyed = |row: enterprise::Model| (EnterpriseByBin { bin: row.bin.clone(), scope: scope.clone() }, row);
            found.extend(rows.into_iter().map(keyed));
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
                .rows(self.db.read())
                .await?;
            for (enterprise, rows) in grouped(rows, |row| row.enterprise_id) {
                let key = SecondaryActivities { enterprise, scope: scope.clone() };
                found.insert(key, rows.into_iter().map(|row| row.oked).collect());
            }
        }
        Ok(found)
    }
}
