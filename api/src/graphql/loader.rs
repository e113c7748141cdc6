//! Batching of look-ups. A key is a newtype of its area with one `impl Loader`; there is no registry.
//!
//! A key that reads tenant rows carries its [`entity::scope::Scope`], so that a batch never mixes scopes, and the
//! loaders live as long as one request, so that no cache outlives a decision.

use std::collections::HashMap;
use std::hash::Hash;

use sea_orm::sea_query::{Expr, ExprTrait, PgFunc};
use sea_orm::{ColumnTrait, DbBackend, Value};

use crate::db::Db;
pub use crate::graphql::batching::Loaders;

/// What the loaders of all areas are implemented for.
#[derive(Clone)]
pub struct Batch {
    /// The database.
    pub db: Db,
}

/// `column IN keys` as a statement that does not change with the number of keys, so that it is prepared once.
pub fn in_keys<K>(column: impl ColumnTrait, keys: Vec<K>, backend: DbBackend) -> Expr
where
    K: Clone + Into<Value>,
    Vec<K>: Into<Expr>,
{
    match backend {
        DbBackend::Postgres => {
            let column = Expr::col((sea_orm::sea_query::Alias::new(column.entity_name().to_string()), column));
            column.eq(PgFunc::any(keys))
        }
        _ => column.is_in(padded(keys)),
    }
}

/// Repeats the last key up to a power of two: a list of any length is one of ten statements.
fn padded<K: Clone>(mut keys: Vec<K>) -> Vec<K> {
    if let Some(last) = keys.last().cloned() {
        keys.resize(keys.len().next_power_of_two(), last);
    }
    keys
}

/// Groups rows under their keys.
pub fn grouped<K: Eq + Hash, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, Vec<R>> {
    let mut groups: HashMap<K, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// Declares the look-up of a table's rows by key within a scope: a key and its loader.
#[macro_export]
macro_rules! by_id {
    ($(#[$meta:meta])* $name:ident, $table:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name {
            /// Key.
            pub id: uuid::Uuid,
            /// What the caller may see.
            pub scope: entity::scope::Scope,
        }

        impl async_graphql::dataloader::Loader<$name> for $crate::graphql::loader::Batch {
            type Value = entity::$table::Model;
            type Error = $crate::error::Error;

            async fn load(
                &self,
                keys: &[$name],
            ) -> Result<std::collections::HashMap<$name, Self::Value>, $crate::error::Error> {
                use entity::row::Rows;
                use entity::scope::Scoped;
                use sea_orm::QueryFilter;
                let mut found = std::collections::HashMap::new();
                for (scope, keys) in $crate::graphql::loader::grouped(keys.to_vec(), |key| key.scope.clone()) {
                    let ids = keys.iter().map(|key| key.id).collect();
                    let column = entity::$table::Column::Id;
                    let rows = entity::$table::Entity::within(&scope)
                        .filter($crate::graphql::loader::in_keys(column, ids, self.db.backend()))
                        .rows(self.db.read())
                        .await?;
                    found.extend(rows.into_iter().map(|row| ($name { id: row.id, scope: scope.clone() }, row)));
                }
                Ok(found)
            }
        }
    };
}
