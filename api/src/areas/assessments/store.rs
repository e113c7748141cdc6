//! SQL of assessments. Every function asks for a scope.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::row::Rows;
use entity::scope::{Scope, Scoped};
use entity::{assessment, assessment_trace};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::areas::assessments::query::AssessmentFilter;
use crate::error::{Error, Result};
use crate::graphql::arguments::Faults;
use crate::graphql::id;
use crate::graphql::loader::in_keys;
use crate::graphql::page::{Key, Keyset, Page, Slice};

/// A checked [`AssessmentFilter`].
#[derive(Clone, Debug, Default)]
pub struct Filter {
    enterprise: Option<Uuid>,
    workplace: Option<Uuid>,
    degrees: Option<BTreeSet<i16>>,
    current: Option<bool>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Filter {
    /// Judges ids, degrees and days. All faults come at once.
    pub fn parse(input: AssessmentFilter) -> Result<Self> {
        let mut faults = Faults::default();
        let enterprise = input.enterprise_id.map(|key| id::decode("Enterprise", &key, "filter.enterpriseId"));
        let workplace = input.workplace_id.map(|key| id::decode("Workplace", &key, "filter.workplaceId"));
        let degree = |degree: i32| match i16::try_from(degree) {
            Ok(degree @ 1..=5) => Ok(degree),
            _ => Err(Error::input("filter.degrees", "BAD_USER_INPUT")),
        };
        let degrees = input.degrees.map(|degrees| degrees.into_iter().map(degree).collect::<Result<_>>());
        let filter = Self {
            enterprise: faults.take(enterprise.transpose()),
            workplace: faults.take(workplace.transpose()),
            degrees: faults.take(degrees.transpose()),
            current: input.current,
            from: faults.take(input.assessed_from.map(|day| day.at("filter.assessedFrom")).transpose()),
            to: faults.take(input.assessed_to.map(|day| day.at("filter.assessedTo")).transpose()),
        };
        faults.settle(filter)
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
const BY_FILING: Keyset<assessment::Model> = Keyset {
    tag: "assessment.filed",
    columns: &[assessment::Column::Id],
    descending: true,
    key: |row| Ok(vec![Key::Id(row.id)]),
    kinds: || vec![Key::Id(Uuid::nil())],
};

fn matching(scope: &Scope, filter: &Filter) -> Select<assessment::Entity> {
    assessment::Entity::within(scope).filter(filter.condition())
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
    Ok(assessment::Entity::within(scope).filter(assessment::Column::Id.eq(id)).row(db).await?)
}

/// Inputs and arithmetic of several assessments; missing and foreign ones are left out.
pub async fn find_traces<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    assessments: Vec<Uuid>,
) -> Result<Vec<assessment_trace::Model>> {
    let condition = in_keys(assessment_trace::Column::AssessmentId, assessments, db.get_database_backend());
    Ok(assessment_trace::Entity::within(scope).filter(condition).rows(db).await?)
}

/// Stores an assessment with its trace, both of a workplace that is locked. One in force supersedes the one before.
pub async fn insert(
    tx: &DatabaseTransaction,
    scope: &Scope,
    row: assessment::Model,
    trace: assessment_trace::Model,
) -> Result<assessment::Model> {
    if row.current {
        assessment::Entity::update_many()
            .col_expr(assessment::Column::Current, Expr::val(false))
            .filter(assessment::Entity::visible(scope))
            .filter(assessment::Column::WorkplaceId.eq(row.workplace_id))
            .filter(assessment::Column::Current.eq(true))
            .exec(tx)
            .await?;
    }
    let row = row.into_active_model().insert(tx).await?;
    assessment_trace::Entity::insert(trace.into_active_model()).exec_without_returning(tx).await?;
    Ok(row)
}

/// Assessments after a key, in the order of keys.
pub async fn after<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    last: Option<Uuid>,
    limit: u64,
) -> Result<Vec<assessment::Model>> {
    let beyond = Condition::all().add_option(last.map(|last| assessment::Column::Id.gt(last)));
    let select = assessment::Entity::within(scope).filter(beyond).order_by_asc(assessment::Column::Id);
    Ok(select.limit(limit).rows(db).await?)
}

/// Inputs and arithmetic of the assessments after a key up to another.
pub async fn traces_between<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    last: Option<Uuid>,
    end: Uuid,
) -> Result<Vec<assessment_trace::Model>> {
    let key = assessment_trace::Column::AssessmentId;
    let range = Condition::all().add_option(last.map(|last| key.gt(last))).add(key.lte(end));
    Ok(assessment_trace::Entity::within(scope).filter(range).rows(db).await?)
}
