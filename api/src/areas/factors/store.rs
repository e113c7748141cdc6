//! SQL of factor assignments and measurements. What reads asks for a scope; what writes takes a row that hangs on a
//! workplace which was read with one.

use chrono::NaiveDate;
use domain::ids::FactorCode;
use entity::row::Rows;
use entity::scope::{Scope, Scoped};
use entity::{factor_assignment, measurement};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, IntoActiveModel,
    PaginatorTrait, QueryFilter, Select,
};
use uuid::Uuid;

use crate::areas::factors::query::MeasurementFilter;
use crate::error::{Error, Result};
use crate::graphql::arguments::Faults;
use crate::graphql::id;
use crate::graphql::page::{Key, Keyset, Page, Slice};

/// A checked [`MeasurementFilter`].
#[derive(Clone, Debug, Default)]
pub struct Filter {
    enterprise: Option<Uuid>,
    workplace: Option<Uuid>,
    factor: Option<FactorCode>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Filter {
    /// Reads ids, codes and days. All faults come at once.
    pub fn parse(input: MeasurementFilter) -> Result<Self> {
        let mut faults = Faults::default();
        let enterprise = input.enterprise_id.map(|key| id::decode("Enterprise", &key, "filter.enterpriseId"));
        let workplace = input.workplace_id.map(|key| id::decode("Workplace", &key, "filter.workplaceId"));
        let factor = input.factor_code.map(|code| FactorCode::parse(&code));
        let factor = factor.transpose().map_err(|_| Error::input("filter.factorCode", "BAD_USER_INPUT"));
        let filter = Self {
            enterprise: faults.take(enterprise.transpose()),
            workplace: faults.take(workplace.transpose()),
            factor: faults.take(factor),
            from: faults.take(input.measured_from.map(|day| day.at("filter.measuredFrom")).transpose()),
            to: faults.take(input.measured_to.map(|day| day.at("filter.measuredTo")).transpose()),
        };
        faults.settle(filter)
    }

    fn condition(&self) -> Condition {
        use measurement::Column::{EnterpriseId, FactorCode, MeasuredOn, WorkplaceId};
        Condition::all()
            .add_option(self.enterprise.map(|id| EnterpriseId.eq(id)))
            .add_option(self.workplace.map(|id| WorkplaceId.eq(id)))
            .add_option(self.factor.as_ref().map(|code| FactorCode.eq(code.as_str())))
            .add_option(self.from.map(|day| MeasuredOn.gte(day)))
            .add_option(self.to.map(|day| MeasuredOn.lte(day)))
    }
}

/// The order of recording, which every index that a filter may use carries as well.
const BY_RECORDING: Keyset<measurement::Model> = Keyset {
    tag: "measurement.recorded",
    columns: &[measurement::Column::Id],
    descending: true,
    key: |row| Ok(vec![Key::Id(row.id)]),
    kinds: || vec![Key::Id(Uuid::nil())],
};

fn matching(scope: &Scope, filter: &Filter) -> Select<measurement::Entity> {
    measurement::Entity::within(scope).filter(filter.condition())
}

/// One page of measurements, last recorded first.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    filter: &Filter,
    page: &Page,
) -> Result<Slice<measurement::Model>> {
    page.fetch(matching(scope, filter), &BY_RECORDING, db).await
}

/// How many measurements match.
pub async fn count<C: ConnectionTrait>(db: &C, scope: &Scope, filter: &Filter) -> Result<i64> {
    Ok(i64::try_from(matching(scope, filter).count(db).await?).unwrap_or(i64::MAX))
}

/// A measurement by key; `None` when missing or out of scope.
pub async fn find<C: ConnectionTrait>(db: &C, scope: &Scope, id: Uuid) -> Result<Option<measurement::Model>> {
    Ok(measurement::Entity::within(scope).filter(measurement::Column::Id.eq(id)).row(db).await?)
}

/// A factor at a workplace by key; `None` when missing or out of scope.
pub async fn find_assignment<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    id: Uuid,
) -> Result<Option<factor_assignment::Model>> {
    Ok(factor_assignment::Entity::within(scope).filter(factor_assignment::Column::Id.eq(id)).row(db).await?)
}

/// A factor at a workplace by its code; `None` when it is not assigned or out of scope.
pub async fn find_factor<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    workplace: Uuid,
    factor: &str,
) -> Result<Option<factor_assignment::Model>> {
    let select = factor_assignment::Entity::within(scope).filter(factor_assignment::Column::WorkplaceId.eq(workplace));
    Ok(select.filter(factor_assignment::Column::FactorCode.eq(factor)).row(db).await?)
}

/// Assigns a factor to a locked workplace.
pub async fn insert_assignment(
    tx: &DatabaseTransaction,
    row: factor_assignment::Model,
) -> Result<factor_assignment::Model> {
    Ok(row.into_active_model().insert(tx).await?)
}

/// Writes another exposure of an assigned factor of a locked workplace, whose version has been checked.
pub async fn update_exposure(
    tx: &DatabaseTransaction,
    row: factor_assignment::Model,
    minutes: i32,
) -> Result<factor_assignment::Model> {
    let version = row.version;
    let mut row = row.into_active_model();
    row.exposure_minutes = ActiveValue::Set(minutes);
    row.version = ActiveValue::Set(version + 1);
    Ok(row.update(tx).await?)
}

/// Whether the protocol is recorded already for this factor and day.
pub async fn protocol_recorded<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    assignment: Uuid,
    measured_on: NaiveDate,
    protocol_number: &str,
) -> Result<bool> {
    let select = measurement::Entity::within(scope)
        .filter(measurement::Column::FactorAssignmentId.eq(assignment))
        .filter(measurement::Column::MeasuredOn.eq(measured_on))
        .filter(measurement::Column::ProtocolNumber.eq(protocol_number));
    Ok(select.count(db).await? > 0)
}

/// Records a measurement of an assigned factor of a locked workplace.
pub async fn insert(tx: &DatabaseTransaction, row: measurement::Model) -> Result<measurement::Model> {
    Ok(row.into_active_model().insert(tx).await?)
}
