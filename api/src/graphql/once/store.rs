//! SQL of idempotency keys.

use chrono::{DateTime, Utc};
use entity::idempotency::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, TryInsertResult};

use crate::db::Db;
use crate::error::Result;

/// Writes a key that nobody has used. While another transaction has written the same one, this waits for its end.
pub async fn claim(tx: &DatabaseTransaction, row: &Model) -> Result<bool> {
    let insert = Entity::insert(row.clone().into_active_model()).on_conflict_do_nothing();
    let inserted = insert.exec_without_returning(tx).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1..)))
}

fn key(row: &Model) -> (sea_orm::prelude::Uuid, sea_orm::prelude::Uuid, String, String) {
    (row.person_id, row.organisation_id, row.mutation.clone(), row.key.clone())
}

/// What was written before with the same key.
pub async fn find(tx: &DatabaseTransaction, row: &Model) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(key(row)).one(tx).await?)
}

/// Writes what came of it.
pub async fn keep(tx: &DatabaseTransaction, row: &Model, outcome: String) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::Outcome, Expr::val(outcome));
    update
        .filter(Column::PersonId.eq(row.person_id))
        .filter(Column::OrganisationId.eq(row.organisation_id))
        .filter(Column::Mutation.eq(row.mutation.as_str()))
        .filter(Column::Key.eq(row.key.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes what was written before a moment.
pub async fn forget(db: &Db, before: DateTime<Utc>) -> Result<()> {
    let tx = db.begin().await?;
    Entity::delete_many().filter(Column::CreatedAt.lt(before)).exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}
