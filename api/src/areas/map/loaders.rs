//! Look-ups of passports: by BIN, gathered over the requests of a moment, and by key.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::enterprise::{self, Column};
use entity::scope::{Scope, Scoped};
use sea_orm::QueryFilter;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use crate::areas::map::passport::PassportRow;
use crate::db::Db;
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
            let rows = rows(&self.db, &scope, in_keys(Column::Bin, bins, self.db.backend())).await?;
            let keyed = |row: PassportRow| (PassportByBin { bin: row.bin.clone(), scope: scope.clone() }, row);
            found.extend(rows.into_iter().map(keyed));
        }
        Ok(found)
    }
}

/// The public columns of an enterprise, by key, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PassportById {
    /// Key.
    pub id: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<PassportById> for Batch {
    type Value = PassportRow;
    type Error = Error;

    async fn load(&self, keys: &[PassportById]) -> Result<HashMap<PassportById, PassportRow>> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.into_iter().map(|key| key.id).collect();
            let rows = rows(&self.db, &scope, in_keys(Column::Id, ids, self.db.backend())).await?;
            found.extend(rows.into_iter().map(|row| (PassportById { id: row.id, scope: scope.clone() }, row)));
        }
        Ok(found)
    }
}

async fn rows(db: &Db, scope: &Scope, of_these: Expr) -> Result<Vec<PassportRow>> {
    let select = enterprise::Entity::within(scope).filter(of_these);
    Ok(select.into_partial_model().all(db.read()).await?)
}
