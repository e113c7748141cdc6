//! SQL of the map. Every function asks for a scope.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{KatoCode, OkedCode};
use entity::enterprise::{self, Column};
use entity::scope::{Scope, Scoped};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Which enterprises a map counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Section of the main activity.
    pub section: Option<OkedCode>,
    /// Region.
    pub region: Option<KatoCode>,
}

impl Filter {
    fn condition(&self) -> Condition {
        Condition::all()
            .add_option(self.section.as_ref().map(|section| Column::OkedSection.eq(section.as_str())))
            .add_option(self.region.as_ref().map(|region| Column::RegionKato.eq(region.as_str())))
    }
}

/// Enterprises of one region that have the same level, and their workers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
#[allow(missing_docs)]
pub struct Cell {
    pub region_kato: String,
    pub rule_set_code: Option<String>,
    pub level_rank: i16,
    pub enterprises: i64,
    pub workers_d1: i64,
    pub workers_d2: i64,
    pub workers_d3: i64,
    pub workers_d4: i64,
    pub workers_d5: i64,
    /// Enterprises that have workers of degree 1, and so on.
    pub holders_d1: i64,
    pub holders_d2: i64,
    pub holders_d3: i64,
    pub holders_d4: i64,
    pub holders_d5: i64,
}

impl Cell {
    /// Workers per degree.
    pub fn workers(&self) -> [i64; 5] {
        [self.workers_d1, self.workers_d2, self.workers_d3, self.workers_d4, self.workers_d5]
    }

    /// Enterprises that have workers of the degree.
    pub fn holders(&self) -> [i64; 5] {
        [self.holders_d1, self.holders_d2, self.holders_d3, self.holders_d4, self.holders_d5]
    }
}

/// Column of workers, alias of their sum, alias of the number of enterprises that have any.
const DEGREES: [(Column, &str, &str); 5] = [
    (Column::WorkersD1, "workers_d1", "holders_d1"),
    (Column::WorkersD2, "workers_d2", "holders_d2"),
    (Column::WorkersD3, "workers_d3", "holders_d3"),
    (Column::WorkersD4, "workers_d4", "holders_d4"),
    (Column::WorkersD5, "workers_d5", "holders_d5"),
];

/// Counts the registered enterprises of a scope in one statement, whatever their number.
pub async fn cells<C: ConnectionTrait>(db: &C, scope: &Scope, filter: &Filter) -> Result<Vec<Cell>> {
    let key = [Column::RegionKato, Column::RuleSetCode, Column::LevelRank];
    let mut select = registered(scope).filter(filter.condition()).select_only();
    for column in key {
        select = select.column(column).group_by(column);
    }
    select = select.column_as(Column::Id.count(), "enterprises");
    for (column, workers, holders) in DEGREES {
        select = select.column_as(column.sum(), workers).column_as(count_above_zero(column), holders);
    }
    Ok(select.into_model::<Cell>().all(db).await?)
}

/// Those not struck off.
fn registered(scope: &Scope) -> Select<enterprise::Entity> {
    let open = Column::ValidTo.is_null().or(Column::ValidTo.gte(scope.today()));
    enterprise::Entity::within(scope).filter(open)
}

fn count_above_zero(column: Column) -> SimpleExpr {
    Func::count(Func::cust("NULLIF").arg(Expr::col(column)).arg(0)).into()
}

/// When the data of a scope last changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
pub struct Freshness {
    /// Last change of a record of an enterprise.
    pub updated_at: Option<DateTime<Utc>>,
    /// Day of the newest assessment that counts.
    pub assessed_on: Option<NaiveDate>,
}

/// When the enterprises of a scope last changed.
pub async fn freshness<C: ConnectionTrait>(db: &C, scope: &Scope) -> Result<Option<Freshness>> {
    let select = enterprise::Entity::within(scope)
        .select_only()
        .column_as(Column::UpdatedAt.max(), "updated_at")
        .column_as(Column::AssessedOn.max(), "assessed_on");
    Ok(select.into_model::<Freshness>().one(db).await?)
}
