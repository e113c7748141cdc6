//! Look-ups by key, gathered over the requests of a moment.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::enterprise::{self, Column};
use entity::scope::{Scope, Scoped};
use sea_orm::QueryFilter;

use crate::areas::map::passport::PassportRow;
use crate::error::{Error, Result};
use crate::graphql::gathering::Gather;
use crate::graphql::loader::{Batch, grouped, in_keys};

/// The public columns of an enterprise, by BIN, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PassportByBin {
    /// Business identification number.
    pub bin: String,
    /// What the caller may see.
    pub scope: Scope,
}

impl Gather for PassportByBin {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Loader<PassportByBin> for Batch {
    type Value = PassportRow;
    type Error = Error;

    async fn load(&self, keys: &[PassportByBin]) -> Result<HashMap<PassportByBin, PassportRow>> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let bins = keys.into_iter().map(|key| key.bin).collect();
            let select = enterprise::Entity::within(&scope).filter(in_keys(Column::Bin, bins, self.db.backend()));
            let rows = select.into_partial_model::<PassportRow>().all(self.db.read()).await?;
            let keyed = |row: PassportRow| (PassportByBin { bin: row.bin.clone(), scope: scope.clone() }, row);
            found.extend(rows.into_iter().map(keyed));
        }
        Ok(found)
    }
}
