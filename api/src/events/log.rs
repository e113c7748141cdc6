//! The log of events: written with the change, in its transaction; read by position.
//!
//! A position is given after the commit, to all rows that have none, under the lock of one row. So positions are in the
//! order in which rows became visible: who has read up to one has missed nothing before it, however transactions
//! overlap, and writers wait for nobody.

use chrono::{DateTime, TimeDelta, Utc};
use entity::event;
use entity::row::Rows;
use entity::scope::{Scope, Scoped};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;

use crate::clock::new_id;
use crate::db::Db;
use crate::error::{Error, Result};

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The level of an enterprise is another one.
    EnterpriseLevel,
    /// The status of an assessment is another one.
    AssessmentStatus,
}

impl Kind {
    /// As the table has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EnterpriseLevel => "enterprise_level",
            Self::AssessmentStatus => "assessment_status",
        }
    }
}

/// An event that is about to be written.
#[derive(Clone, Debug)]
pub struct Happening {
    /// What.
    pub kind: Kind,
    /// Workplace and assessment, when it is about them.
    pub about: Option<(Uuid, Uuid)>,
    /// How it was.
    pub before: Option<String>,
    /// How it is.
    pub after: Option<String>,
}

/// Writes what happened to an enterprise in the transaction of the change. Whoever commits tells it by
/// [`crate::events::Event::Logged`].
pub async fn write(
    tx: &DatabaseTransaction,
    owner: &entity::enterprise::Model,
    at: DateTime<Utc>,
    happenings: Vec<Happening>,
) -> Result<()> {
    for happening in happenings {
        let row = event::Model {
            id: new_id(),
            position: None,
            kind: happening.kind.as_str().to_owned(),
            enterprise_id: owner.id,
            workplace_id: happening.about.map(|(workplace, _)| workplace),
            assessment_id: happening.about.map(|(_, assessment)| assessment),
            organisation_id: owner.organisation_id,
            region_kato: owner.region_kato.clone(),
            before: happening.before,
            after: happening.after,
            at,
        };
        row.into_active_model().insert(tx).await?;
    }
    Ok(())
}

/// Gives positions to what has been committed without one.
pub async fn number(db: &Db) -> Result<()> {
    if event::Entity::find().filter(event::Column::Position.is_null()).row(db.read()).await?.is_none() {
        return Ok(());
    }
    let tx = db.begin().await?;
    let lock = if db.backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let raw = |sql: String| Statement::from_string(db.backend(), sql);
    // Alone from here on; a statement of its own, so that the next one sees what the one before us has numbered.
    tx.query_one_raw(raw(format!("SELECT position FROM event_head{lock}"))).await?;
    tx.execute_unprepared(
        "UPDATE event SET position = fresh.place FROM (
            SELECT id, (SELECT position FROM event_head) + row_number() OVER (ORDER BY id) AS place
            FROM event WHERE position IS NULL
        ) AS fresh WHERE event.id = fresh.id",
    )
    .await?;
    tx.execute_unprepared(
        "UPDATE event_head SET position =
            (SELECT max(position) FROM (SELECT position FROM event UNION ALL SELECT position FROM event_head) AS known)",
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The last position given.
pub async fn head(db: &Db) -> Result<i64> {
    let statement = Statement::from_string(db.backend(), "SELECT position FROM event_head");
    let row = db.read().query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::internal("event_head is empty"))?;
    Ok(row.try_get_by_index(0)?)
}

/// The newest event; `None` while there is none.
pub async fn newest(db: &Db) -> Result<Option<Uuid>> {
    number(db).await?;
    let numbered = event::Entity::find().filter(event::Column::Position.is_not_null());
    let row = numbered.order_by_desc(event::Column::Position).row(db.read()).await?;
    Ok(row.map(|row| row.id))
}

/// The position of an event; `None` when it is not kept any more. Nil stands before the first event there ever was.
pub async fn position_of(db: &Db, id: Uuid) -> Result<Option<i64>> {
    number(db).await?;
    if id.is_nil() {
        let numbered = event::Entity::find().filter(event::Column::Position.is_not_null());
        let oldest = numbered.order_by_asc(event::Column::Position).row(db.read()).await?;
        return Ok(oldest.is_none_or(|row| row.position == Some(1)).then_some(0));
    }
    let row = event::Entity::find().filter(event::Column::Id.eq(id)).row(db.read()).await?;
    Ok(row.and_then(|row| row.position))
}

/// Everything after a position, whoever may know of it: to find out whom to ask.
pub(super) async fn after(db: &Db, position: i64, limit: u64) -> Result<Vec<event::Model>> {
    let beyond = event::Entity::find().filter(event::Column::Position.gt(position));
    Ok(beyond.order_by_asc(event::Column::Position).limit(limit).rows(db.read()).await?)
}

/// What a scope may know of a kind, after one position and up to another.
pub(super) async fn within(
    db: &Db,
    scope: &Scope,
    kind: Kind,
    (after, until): (i64, i64),
    (enterprise, limit): (Option<Uuid>, u64),
) -> Result<Vec<event::Model>> {
    let mut select = event::Entity::within(scope)
        .filter(event::Column::Kind.eq(kind.as_str()))
        .filter(event::Column::Position.gt(after))
        .filter(event::Column::Position.lte(until));
    if let Some(enterprise) = enterprise {
        select = select.filter(event::Column::EnterpriseId.eq(enterprise));
    }
    Ok(select.order_by_asc(event::Column::Position).limit(limit).rows(db.read()).await?)
}

/// Forgets what lies in front of the oldest that is younger than `keep`: positions are in the order of commits, moments
/// are not, and a hole behind a cursor that still holds would be a loss. The newest always stays: its position tells a
/// client that it has missed nothing.
pub async fn forget(db: &Db, now: DateTime<Utc>, keep: TimeDelta) -> Result<()> {
    number(db).await?;
    let positions = |most: &'static str| Query::select().expr(Expr::cust(most)).from(event::Entity).to_owned();
    let young = positions("min(position)").and_where(event::Column::At.gte(now - keep)).to_owned();
    let [young, newest] =
        [young, positions("max(position)")].map(|select| Expr::SubQuery(None, Box::new(select.into())));
    let old = Expr::col(event::Column::Position).lt(Func::coalesce([young, newest]));
    let tx = db.begin().await?;
    event::Entity::delete_many().filter(old).exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}
