//! The measurement that counts: the newest of each factor at a workplace. The number of statements depends neither on
//! workplaces nor on factors nor on the length of their history.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use entity::row::Rows;
use entity::scope::{Scope, Scoped};
use entity::{factor_assignment, measurement};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::graphql::loader::{Batch, grouped, in_keys};

/// A factor at a workplace with its newest measurement; `None` while it has not been measured.
pub type FactorState = (factor_assignment::Model, Option<measurement::Model>);

/// The factors of one workplace by code, each with its newest measurement on or before a day: newest day, of one day the
/// last recorded. Two statements.
pub async fn newest_per_factor<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    workplace: Uuid,
    until: NaiveDate,
) -> Result<Vec<FactorState>> {
    let mut states = states(db, scope, vec![workplace], Some(until)).await?;
    Ok(states.remove(&workplace).unwrap_or_default())
}

/// The same as [`newest_per_factor`] for a workplace among many. A workplace without factors has no entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewestPerFactor {
    /// The workplace.
    pub workplace: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<NewestPerFactor> for Batch {
    type Value = Vec<FactorState>;
    type Error = Error;

    async fn load(&self, keys: &[NewestPerFactor]) -> Result<HashMap<NewestPerFactor, Vec<FactorState>>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let workplaces = keys.iter().map(|key| key.workplace).collect();
            let states = states(self.db.read(), &scope, workplaces, None).await?;
            found.extend(
                states
                    .into_iter()
                    .map(|(workplace, states)| (NewestPerFactor { workplace, scope: scope.clone() }, states)),
            );
        }
        Ok(found)
    }
}

/// The newest measurement of one factor at a workplace, by the key of the assignment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewestOfFactor {
    /// The factor at the workplace.
    pub assignment: Uuid,
    /// What the caller may see.
    pub scope: Scope,
}

impl Loader<NewestOfFactor> for Batch {
    type Value = measurement::Model;
    type Error = Error;

    async fn load(&self, keys: &[NewestOfFactor]) -> Result<HashMap<NewestOfFactor, Self::Value>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let ids = keys.iter().map(|key| key.assignment).collect();
            let of = in_keys(factor_assignment::Column::Id, ids, self.db.backend());
            let rows = newest(self.db.read(), &scope, of, None).await?;
            found.extend(
                rows.into_iter()
                    .map(|row| (NewestOfFactor { assignment: row.factor_assignment_id, scope: scope.clone() }, row)),
            );
        }
        Ok(found)
    }
}

async fn states<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    workplaces: Vec<Uuid>,
    until: Option<NaiveDate>,
) -> Result<HashMap<Uuid, Vec<FactorState>>> {
    let of = in_keys(factor_assignment::Column::WorkplaceId, workplaces, db.get_database_backend());
    let assignments = factor_assignment::Entity::within(scope)
        .filter(of.clone())
        .order_by_asc(factor_assignment::Column::FactorCode)
        .rows(db)
        .await?;
    let newest = newest(db, scope, of, until).await?;
    let mut newest: HashMap<Uuid, measurement::Model> =
        newest.into_iter().map(|row| (row.factor_assignment_id, row)).collect();
    let states = assignments.into_iter().map(|row| {
        let measured = newest.remove(&row.id);
        (row, measured)
    });
    Ok(grouped(states.collect(), |(row, _)| row.workplace_id))
}

/// The newest measurement of every assignment for which `of` holds: one look into the index for each, whatever the
/// length of its history.
async fn newest<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    of: Expr,
    until: Option<NaiveDate>,
) -> Result<Vec<measurement::Model>> {
    let keys = Query::select()
        .expr(Expr::SubQuery(None, Box::new(newest_key(until).into())))
        .from(factor_assignment::Entity)
        .and_where(of)
        .to_owned();
    let select = measurement::Entity::within(scope).filter(measurement::Column::Id.in_subquery(keys));
    Ok(select.rows(db).await?)
}

/// Key of the newest measurement, on or before a day, of the assignment that the query around it stands at.
fn newest_key(until: Option<NaiveDate>) -> SelectStatement {
    let table = Alias::new("candidate");
    let column = |column: measurement::Column| Expr::col((table.clone(), column));
    let assignment = Expr::col((factor_assignment::Entity, factor_assignment::Column::Id));
    Query::select()
        .expr(column(measurement::Column::Id))
        .from_as(measurement::Entity, table.clone())
        .and_where(column(measurement::Column::FactorAssignmentId).eq(assignment))
        .and_where_option(until.map(|day| column(measurement::Column::MeasuredOn).lte(day)))
        .order_by((table.clone(), measurement::Column::MeasuredOn), Order::Desc)
        .order_by((table.clone(), measurement::Column::Id), Order::Desc)
        .limit(1)
        .to_owned()
}
