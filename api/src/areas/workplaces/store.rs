//! SQL of workplaces and units. What reads asks for a scope; what writes takes a row that was read with one.

use std::collections::BTreeSet;

use domain::grade::Degree;
use entity::record::Record;
use entity::row::Rows;
use entity::scope::{Scope, Scoped};
use entity::{enterprise, unit, workplace};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, IntoActiveModel,
    PaginatorTrait, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use crate::areas::enterprises::{self, Counted};
use crate::areas::workplaces::query::WorkplaceFilter;
use crate::error::{Error, Result};
use crate::graphql::arguments::Faults;
use crate::graphql::id;
use crate::graphql::page::{Key, Keyset, Page, Slice};

/// A checked [`WorkplaceFilter`].
#[derive(Clone, Debug, Default)]
pub struct Filter {
    enterprise: Option<Uuid>,
    degrees: Option<BTreeSet<i16>>,
    assessed: Option<bool>,
}

impl Filter {
    /// Reads the ids and judges the degrees.
    pub fn parse(input: WorkplaceFilter) -> Result<Self> {
        let enterprise = input.enterprise_id.map(|key| id::decode("Enterprise", &key, "filter.enterpriseId"));
        let degree = |number: i32| {
            let degree = Degree::numbered(number);
            degree.map(|degree| i16::from(degree.get())).ok_or_else(|| Error::input("filter.degrees", "BAD_USER_INPUT"))
        };
        let degrees = input.degrees.map(|degrees| degrees.into_iter().map(degree).collect::<Result<BTreeSet<_>>>());
        let mut faults = Faults::default();
        let (enterprise, degrees) = (faults.take(enterprise.transpose()), faults.take(degrees.transpose()));
        faults.settle(Self { enterprise, degrees, assessed: input.assessed })
    }

    fn condition(&self) -> Condition {
        let mut condition = Condition::all();
        if let Some(enterprise) = self.enterprise {
            condition = condition.add(workplace::Column::EnterpriseId.eq(enterprise));
        }
        if let Some(degrees) = &self.degrees {
            condition = condition.add(workplace::Column::Degree.is_in(degrees.iter().copied()));
        }
        if let Some(assessed) = self.assessed {
            condition = condition.add(match assessed {
                true => workplace::Column::Degree.gt(0),
                false => workplace::Column::Degree.eq(0),
            });
        }
        condition
    }
}

const BY_ID: Keyset<Record<workplace::Model>> = Keyset {
    tag: "workplace.id",
    columns: &[workplace::Column::Id],
    descending: false,
    key: |row| Ok(vec![Key::Id(row.id()?)]),
    kinds: || vec![Key::Id(Uuid::nil())],
};

fn matching(scope: &Scope, filter: &Filter) -> Select<workplace::Entity> {
    workplace::Entity::within(scope).filter(filter.condition())
}

/// One page, in the order of entry.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    filter: &Filter,
    page: &Page,
) -> Result<Slice<Record<workplace::Model>>> {
    page.fetch(matching(scope, filter), &BY_ID, db).await
}

/// How many match.
pub async fn count<C: ConnectionTrait>(db: &C, scope: &Scope, filter: &Filter) -> Result<i64> {
    Ok(i64::try_from(matching(scope, filter).count(db).await?).unwrap_or(i64::MAX))
}

/// By key; `None` when missing or out of scope.
pub async fn find<C: ConnectionTrait>(db: &C, scope: &Scope, id: Uuid) -> Result<Option<workplace::Model>> {
    Ok(workplace::Entity::within(scope).filter(workplace::Column::Id.eq(id)).row(db).await?)
}

/// By key, locked until the transaction ends. Whoever also changes the enterprise takes [`lock_with_enterprise`].
pub async fn lock(tx: &DatabaseTransaction, scope: &Scope, id: Uuid) -> Result<Option<workplace::Model>> {
    let select = workplace::Entity::within(scope).filter(workplace::Column::Id.eq(id));
    Ok(select.lock(LockType::NoKeyUpdate).row(tx).await?)
}

/// By key, together with its enterprise, both locked in the order that all writers keep: the enterprise first.
pub async fn lock_with_enterprise(
    tx: &DatabaseTransaction,
    scope: &Scope,
    id: Uuid,
) -> Result<Option<(enterprise::Model, workplace::Model)>> {
    let Some(found) = find(tx, scope, id).await? else { return Ok(None) };
    let Some(owner) = enterprises::lock(tx, scope, found.enterprise_id).await? else { return Ok(None) };
    Ok(lock(tx, scope, id).await?.map(|row| (owner, row)))
}

/// Whether another workplace of the enterprise has the code.
pub async fn code_taken<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    enterprise: Uuid,
    code: &str,
    except: Option<Uuid>,
) -> Result<bool> {
    let mut select = workplace::Entity::within(scope)
        .filter(workplace::Column::EnterpriseId.eq(enterprise))
        .filter(workplace::Column::Code.eq(code));
    if let Some(except) = except {
        select = select.filter(workplace::Column::Id.ne(except));
    }
    Ok(select.count(db).await? > 0)
}

/// Adds a workplace to an enterprise that was found within the scope. CONFLICT when its code is taken.
pub async fn insert(tx: &DatabaseTransaction, row: workplace::Model) -> Result<workplace::Model> {
    Ok(row.into_active_model().insert(tx).await?)
}

/// Writes a changed workplace that came from [`lock`] and whose version has been checked.
pub async fn update(tx: &DatabaseTransaction, row: workplace::Model) -> Result<workplace::Model> {
    Ok(row.into_active_model().reset_all().update(tx).await?)
}

/// Makes an assessment the one in force. `row` must come from [`lock`].
///
/// Version and moment of change stay: they belong to what people write about the workplace, and an assessment that
/// arrives meanwhile must not refuse their edit.
pub async fn set_score(
    tx: &DatabaseTransaction,
    row: workplace::Model,
    assessment: Uuid,
    degree: Degree,
    pr_micro: i64,
) -> Result<workplace::Model> {
    let mut row = row.into_active_model();
    row.current_assessment_id = ActiveValue::Set(Some(assessment));
    row.degree = ActiveValue::Set(i16::from(degree.get()));
    row.pr_micro = ActiveValue::Set(pr_micro);
    Ok(row.update(tx).await?)
}

/// The workplace as it counts in the score of its enterprise; `None` while it is not assessed.
pub fn counted(row: &workplace::Model) -> Option<Counted> {
    let degree = Degree::numbered(row.degree)?;
    Some(Counted { pr_micro: row.pr_micro, degree, workers: row.workers })
}

/// A unit by key; `None` when missing or out of scope.
pub async fn find_unit<C: ConnectionTrait>(db: &C, scope: &Scope, id: Uuid) -> Result<Option<unit::Model>> {
    Ok(unit::Entity::within(scope).filter(unit::Column::Id.eq(id)).row(db).await?)
}

/// A unit of the enterprise; `None` when missing, out of scope or of another enterprise.
pub async fn find_unit_of<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    enterprise: Uuid,
    id: Uuid,
) -> Result<Option<unit::Model>> {
    let select = unit::Entity::within(scope).filter(unit::Column::Id.eq(id));
    Ok(select.filter(unit::Column::EnterpriseId.eq(enterprise)).row(db).await?)
}

/// Whether a unit of the enterprise has the code.
pub async fn unit_code_taken<C: ConnectionTrait>(db: &C, scope: &Scope, enterprise: Uuid, code: &str) -> Result<bool> {
    let select = unit::Entity::within(scope).filter(unit::Column::EnterpriseId.eq(enterprise));
    Ok(select.filter(unit::Column::Code.eq(code)).count(db).await? > 0)
}

/// Adds a unit to an enterprise that was found within the scope. CONFLICT when its code is taken.
pub async fn insert_unit(tx: &DatabaseTransaction, row: unit::Model) -> Result<unit::Model> {
    Ok(row.into_active_model().insert(tx).await?)
}
