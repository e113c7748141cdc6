//! SQL of enterprises. Every function asks for a scope.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use domain::grade::{Degree, Level};
use domain::ids::{CodeError, KatoCode, OkedCode};
use domain::refusal::Refusal;
use domain::risk::RiskTally;
use domain::rule_set::RuleSet;
use domain::text::fold;
use entity::record::Record;
use entity::row::Rows;
use entity::scope::{Scope, Scoped};
use entity::{enterprise, enterprise_activity, micro};
use sea_orm::sea_query::LockType;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use crate::areas::enterprises::query::{EnterpriseFilter, EnterpriseOrder};
use crate::error::{Code, Error, Result};
use crate::graphql::arguments::Faults;
use crate::graphql::loader::in_keys;
use crate::graphql::page::{Key, Keyset, Page, Slice};

/// Lengths of a search term, characters: up to longer than any name anyone types.
pub const SEARCH_LENGTH: RangeInclusive<usize> = 2..=100;

/// A checked [`EnterpriseFilter`].
#[derive(Clone, Debug, Default)]
pub struct Filter {
    search: Option<String>,
    region: Option<String>,
    oked: Option<OkedCode>,
    ranks: Option<BTreeSet<i16>>,
    assessed: Option<bool>,
}

impl Filter {
    /// Judges the codes and folds the search term. All faults come at once.
    pub fn parse(input: EnterpriseFilter, rules: Option<&RuleSet>) -> Result<Self> {
        let mut faults = Faults::default();
        let wrong = |field: &'static str| move |error: CodeError| Refusal::from(error).at(field);
        let search = input.search.map(|term| fold(&term));
        let length = search.as_ref().map(|term| term.chars().count());
        if length.is_some_and(|length| !SEARCH_LENGTH.contains(&length)) {
            faults.take(Err::<(), _>(
                Error::input("filter.search", "SEARCH_LENGTH")
                    .arg("min", *SEARCH_LENGTH.start())
                    .arg("max", *SEARCH_LENGTH.end()),
            ));
        }
        let region = input.region_kato.map(|code| KatoCode::parse(&code.0)).transpose();
        let oked = input.oked.map(|code| OkedCode::parse(&code.0)).transpose();
        let rank = |level| Some(i16::from(rules?.degree_of_level(Level::from(level))?.get()));
        let ranks = input.levels.map(|levels| levels.into_iter().filter_map(rank).collect());
        let region = faults.take(region.map_err(wrong("filter.regionKato")));
        let oked = faults.take(oked.map_err(wrong("filter.oked")));
        let region = region.map(|code| code.region().to_string());
        faults.settle(Self { search, region, oked, ranks, assessed: input.assessed })
    }

    fn condition(&self) -> Condition {
        let mut condition = Condition::all();
        if let Some(term) = &self.search {
            let pattern = LikeExpr::new(format!("%{}%", escaped(term))).escape('\\');
            condition = condition.add(Expr::col(enterprise::Column::SearchFold).like(pattern));
        }
        if let Some(region) = &self.region {
            condition = condition.add(enterprise::Column::RegionKato.eq(region.as_str()));
        }
        if let Some(oked) = &self.oked {
            condition = condition.add(match oked.is_section() {
                true => enterprise::Column::OkedSection.eq(oked.as_str()),
                false => enterprise::Column::Oked.starts_with(oked.as_str()),
            });
        }
        if let Some(ranks) = &self.ranks {
            condition = condition.add(enterprise::Column::LevelRank.is_in(ranks.iter().copied()));
        }
        if let Some(assessed) = self.assessed {
            condition = condition.add(match assessed {
                true => enterprise::Column::LevelRank.gt(0),
                false => enterprise::Column::LevelRank.eq(0),
            });
        }
        condition
    }
}

/// `%` and `_` in a search term mean themselves.
fn escaped(term: &str) -> String {
    term.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

const BY_NAME: Keyset<Record<enterprise::Model>> = Keyset {
    tag: "enterprise.name",
    columns: &[enterprise::Column::NameSort, enterprise::Column::Id],
    descending: false,
    key: |row| Ok(vec![Key::Text(row.name_sort()?.to_owned()), Key::Id(row.id()?)]),
    kinds: || vec![Key::Text(String::new()), Key::Id(Uuid::nil())],
};

const BY_RISK: Keyset<Record<enterprise::Model>> = Keyset {
    tag: "enterprise.risk",
    columns: &[enterprise::Column::LevelRank, enterprise::Column::Id],
    descending: true,
    key: |row| Ok(vec![Key::Number(i64::from(row.level_rank()?)), Key::Id(row.id()?)]),
    kinds: || vec![Key::Number(0), Key::Id(Uuid::nil())],
};

fn matching(scope: &Scope, filter: &Filter) -> Select<enterprise::Entity> {
    enterprise::Entity::within(scope).filter(filter.condition())
}

/// One page.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    filter: &Filter,
    order: EnterpriseOrder,
    page: &Page,
) -> Result<Slice<Record<enterprise::Model>>> {
    let keyset = match order {
        EnterpriseOrder::Name => &BY_NAME,
        EnterpriseOrder::Risk => &BY_RISK,
    };
    page.fetch(matching(scope, filter), keyset, db).await
}

/// How many match.
pub async fn count<C: ConnectionTrait>(db: &C, scope: &Scope, filter: &Filter) -> Result<i64> {
    Ok(i64::try_from(matching(scope, filter).count(db).await?).unwrap_or(i64::MAX))
}

/// By key; `None` when missing or out of scope.
pub async fn find<C: ConnectionTrait>(db: &C, scope: &Scope, id: Uuid) -> Result<Option<enterprise::Model>> {
    Ok(enterprise::Entity::within(scope).filter(enterprise::Column::Id.eq(id)).row(db).await?)
}

/// By BIN; those that are missing or out of scope are left out.
pub async fn find_by_bins<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    bins: Vec<String>,
) -> Result<Vec<enterprise::Model>> {
    let of_these = in_keys(enterprise::Column::Bin, bins, db.get_database_backend());
    Ok(enterprise::Entity::within(scope).filter(of_these).rows(db).await?)
}

/// Codes of the secondary activities of an enterprise.
pub async fn activities<C: ConnectionTrait>(db: &C, scope: &Scope, enterprise: Uuid) -> Result<Vec<String>> {
    let of_this = enterprise_activity::Column::EnterpriseId.eq(enterprise);
    let rows = enterprise_activity::Entity::within(scope).filter(of_this).rows(db).await?;
    Ok(rows.into_iter().map(|row| row.oked).collect())
}

/// By key, locked until the transaction ends, but not against rows that only refer to it: a new measurement must not
/// wait for a new score, nor the other way round. SQLite's transaction holds the one write lock already.
pub async fn lock(tx: &DatabaseTransaction, scope: &Scope, id: Uuid) -> Result<Option<enterprise::Model>> {
    let select = enterprise::Entity::within(scope).filter(enterprise::Column::Id.eq(id));
    Ok(select.lock(LockType::NoKeyUpdate).row(tx).await?)
}

/// Adds an enterprise with its secondary activities. CONFLICT when the BIN is taken.
pub async fn insert(
    tx: &DatabaseTransaction,
    scope: &Scope,
    row: enterprise::Model,
    secondary: &[OkedCode],
) -> Result<enterprise::Model> {
    if !scope.admits_owner(row.organisation_id) {
        return Err(Error::new(Code::NotFound));
    }
    let id = row.id;
    let row = row.into_active_model().insert(tx).await?;
    insert_activities(tx, id, secondary).await?;
    Ok(row)
}

/// Writes a changed enterprise that came from [`lock`] and whose version has been checked.
pub async fn update(
    tx: &DatabaseTransaction,
    row: enterprise::Model,
    secondary: Option<&[OkedCode]>,
) -> Result<enterprise::Model> {
    if let Some(secondary) = secondary {
        enterprise_activity::Entity::delete_many()
            .filter(enterprise_activity::Column::EnterpriseId.eq(row.id))
            .exec(tx)
            .await?;
        insert_activities(tx, row.id, secondary).await?;
    }
    Ok(row.into_active_model().reset_all().update(tx).await?)
}

async fn insert_activities(tx: &DatabaseTransaction, enterprise: Uuid, codes: &[OkedCode]) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let rows = codes.iter().map(|code| enterprise_activity::ActiveModel {
        id: ActiveValue::Set(crate::clock::new_id()),
        enterprise_id: ActiveValue::Set(enterprise),
        oked: ActiveValue::Set(code.to_string()),
    });
    enterprise_activity::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// A workplace as it counts in the score of its enterprise: PR in millionths, degree, workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// PR, millionths.
    pub pr_micro: i64,
    /// Degree of professional risk.
    pub degree: Degree,
    /// Workers.
    pub workers: i32,
}

/// The running sums of an enterprise as its row keeps them.
pub fn tally(row: &enterprise::Model) -> Result<RiskTally> {
    let unsigned = |values: [i32; 5]| -> Result<[u64; 5]> {
        let mut sums = [0; 5];
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum =
                u64::try_from(value).map_err(|_| Error::internal(format!("enterprise {}: negative count", row.id)))?;
        }
        Ok(sums)
    };
    Ok(RiskTally {
        weighted_pr: micro::to_decimal(row.weighted_pr_micro),
        workers: unsigned([row.workers_d1, row.workers_d2, row.workers_d3, row.workers_d4, row.workers_d5])?,
        workplaces: unsigned([
            row.workplaces_d1,
            row.workplaces_d2,
            row.workplaces_d3,
            row.workplaces_d4,
            row.workplaces_d5,
        ])?,
    })
}

/// Moves one workplace in the score of its enterprise: out as it counted, in as it counts now. The cost does not depend
/// on the number of workplaces. `row` must come from [`lock`]; [`save_tally`] writes what comes of it.
pub fn moved_tally(
    row: enterprise::Model,
    out: Option<Counted>,
    into: Option<Counted>,
    rules: &RuleSet,
    assessed_on: NaiveDate,
) -> Result<enterprise::Model> {
    let mut sums = tally(&row)?;
    let fault = |error| Error::internal(format!("enterprise {}: {error}", row.id));
    if let Some(out) = out {
        sums.remove(micro::to_decimal(out.pr_micro), out.degree, workers(out)).map_err(fault)?;
    }
    if let Some(into) = into {
        sums.add(micro::to_decimal(into.pr_micro), into.degree, workers(into)).map_err(fault)?;
    }
    with_tally(row, &sums, rules, assessed_on)
}

/// Writes a row from [`moved_tally`] that came from [`lock`].
pub async fn save_tally(tx: &DatabaseTransaction, row: enterprise::Model) -> Result<enterprise::Model> {
    Ok(row.into_active_model().reset_all().update(tx).await?)
}

fn workers(counted: Counted) -> u32 {
    u32::try_from(counted.workers).unwrap_or_default()
}

/// The row with other sums and the score that follows from them.
pub fn with_tally(
    row: enterprise::Model,
    sums: &RiskTally,
    rules: &RuleSet,
    assessed_on: NaiveDate,
) -> Result<enterprise::Model> {
    let too_large = || Error::internal(format!("enterprise {}: sums beyond the column", row.id));
    let score = sums.integral(rules);
    let scaled = |value| micro::from_decimal(value).ok_or_else(too_large);
    let count = |value: u64| i32::try_from(value).map_err(|_| too_large());
    let [w1, w2, w3, w4, w5] = sums.workers;
    let [p1, p2, p3, p4, p5] = sums.workplaces;
    Ok(enterprise::Model {
        level_rank: score.as_ref().map_or(0, |score| i16::from(score.degree.get())),
        integral_pr_micro: score.as_ref().map_or(Ok(0), |score| scaled(score.pr))?,
        weighted_pr_micro: scaled(sums.weighted_pr)?,
        workers_d1: count(w1)?,
        workers_d2: count(w2)?,
        workers_d3: count(w3)?,
        workers_d4: count(w4)?,
        workers_d5: count(w5)?,
        workplaces_d1: count(p1)?,
        workplaces_d2: count(p2)?,
        workplaces_d3: count(p3)?,
        workplaces_d4: count(p4)?,
        workplaces_d5: count(p5)?,
        assessed_on: Some(row.assessed_on.map_or(assessed_on, |known| std::cmp::max(known, assessed_on))),
        rule_set_code: Some(rules.code.clone()),
        ..row
    })
}
