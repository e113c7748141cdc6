//! SQL of assessments. Every function asks for a scope.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::scope::{Scope, Scoped};
use entity::{assessment, assessment_trace};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::areas::assessments::query::AssessmentFilter;
use crate::error::{Error, Result};
use crate::graphql::id;
use crate::graphql::loader::{grouped, in_keys};
use crate::graphql::page::{Key, Keyset, Page, Slice};

/// A checked [`AssessmentFilter`].
#[derive(Clone, Debug, Default)]
pub struct Filter {
    enterprise: Option<Uuid>,
    workplace: Option<Uuid>,
    degrees: Option<Vec<i16>>,
    current: Option<bool>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Filter {
    /// Judges ids and degrees.
    pub fn parse(input: AssessmentFilter) -> Result<Self> {
        let enterprise = input.enterprise_id.map(|key| id::decode("Enterprise", &key, "filter.enterpriseId"));
        let workplace = input.workplace_id.map(|key| id::decode("Workplace", &key, "filter.workplaceId"));
        let degree = |degree: i32| match i16::try_from(degree) {
            Ok(degree @ 1..=5) => Ok(degree),
            _ => Err(Error::input("filter.degrees", "BAD_USER_INPUT")),
        };
        let degrees = input.degrees.map(|degrees| degrees.into_iter().map(degree).collect::<Result<_>>());
        Ok(Self {
            enterprise: enterprise.transpose()?,
            workplace: workplace.transpose()?,
            degrees: degrees.transpose()?,
            current: input.current,
            from: input.assessed_from,
            to: input.assessed_to,
        })
    }

    fn condition(&self) -> Condition {
        use assessment::Column;
        Condition::all()
            .add_option(self.enterprise.map(|key| Column::EnterpriseId.eq(key)))
            .add_option(self.workplace.map(|key| Column::WorkplaceId.eq(key)))
            .add_option(self.degrees.as_ref().map(|degrees| Column::Degree.is_in(degrees.iter().copied())))
            .add_option(self.current.map(|current| Column::Current.eq(current)))
            .add_option(self.from.map(|day| Column::AssessedOn.gte(day)))
            .add_option(self.to.map(|day| Column::AssessedOn.lte(day)))
    }
}

/// Newest filed first. Keys sort by the moment of filing, so the primary key carries the order of the whole country.
const BY_FILING: Keyset<assessment::Entity> = Keyset {
    tag: "assessment.filed",
    columns: &[assessment::Column::Id],
    descending: true,
    key: |row| vec![Key::Id(row.id)],
    kinds: || vec![Key::Id(Uuid::nil())],
};

/// Newest day first, of one workplace.
const BY_DAY: Keyset<assessment::Entity> = Keyset {
    tag: "assessment.day",
    columns: &[assessment::Column::AssessedOn, assessment::Column::Id],
    descending: true,
    key: |row| vec![Key::Day(row.assessed_on), Key::Id(row.id)],
    kinds: || vec![Key::Day(NaiveDate::MIN), Key::Id(Uuid::nil())],
};

fn matching(scope: &Scope, filter: &Filter) -> Select<assessment::Entity> {
    assessment::Entity::within(scope).filter(filter.condition())
}

fn of_workplaces<C: ConnectionTrait>(db: &C, scope: &Scope, workplaces: Vec<Uuid>) -> Select<assessment::Entity> {
    let condition = in_keys(assessment::Column::WorkplaceId, workplaces, db.get_database_backend());
    assessment::Entity::within(scope).filter(condition)
}

/// One page.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    filter: &Filter,
    page: &Page,
) -> Result<Slice<assessment::Model>> {
    page.fetch(matching(scope, filter), &BY_FILING, db).await
}

/// How many match.
pub async fn count<C: ConnectionTrait>(db: &C, scope: &Scope, filter: &Filter) -> Result<i64> {
    Ok(i64::try_from(matching(scope, filter).count(db).await?).unwrap_or(i64::MAX))
}

/// By key; `None` when missing or out of scope.
pub async fn find<C: ConnectionTrait>(db: &C, scope: &Scope, id: Uuid) -> Result<Option<assessment::Model>> {
    Ok(assessment::Entity::within(scope).filter(assessment::Column::Id.eq(id)).one(db).await?)
}

/// Several by key; missing and foreign ones are left out.
pub async fn find_many<C: ConnectionTrait>(db: &C, scope: &Scope, ids: Vec<Uuid>) -> Result<Vec<assessment::Model>> {
    let condition = in_keys(assessment::Column::Id, ids, db.get_database_backend());
    Ok(assessment::Entity::within(scope).filter(condition).all(db).await?)
}

/// Inputs and arithmetic of several assessments; missing and foreign ones are left out.
pub async fn find_traces<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    assessments: Vec<Uuid>,
) -> Result<Vec<assessment_trace::Model>> {
    let condition = in_keys(assessment_trace::Column::AssessmentId, assessments, db.get_database_backend());
    Ok(assessment_trace::Entity::within(scope).filter(condition).all(db).await?)
}

/// One page of assessments for each of several workplaces, newest day first.
pub async fn history<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    workplaces: Vec<Uuid>,
    page: &Page,
) -> Result<HashMap<Uuid, Slice<assessment::Model>>> {
    let select = of_workplaces(db, scope, workplaces);
    let rows = page.fetch_each(select, assessment::Column::WorkplaceId, &BY_DAY, db).await?;
    let pages = grouped(rows, |row| row.workplace_id).into_iter();
    Ok(pages.map(|(workplace, rows)| (workplace, page.slice(rows, &BY_DAY))).collect())
}

/// How many assessments each of several workplaces has; those without any are left out.
pub async fn count_history<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    workplaces: Vec<Uuid>,
) -> Result<Vec<(Uuid, i64)>> {
    let select = of_workplaces(db, scope, workplaces)
        .select_only()
        .column(assessment::Column::WorkplaceId)
        .column_as(assessment::Column::Id.count(), "assessments")
        .group_by(assessment::Column::WorkplaceId);
    Ok(select.into_tuple().all(db).await?)
}
