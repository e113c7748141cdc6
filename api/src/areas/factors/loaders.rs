//! Look-ups by key and by parent, batched over a request.

use entity::{factor_assignment, measurement};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::by_id;
use crate::graphql::children::Children;
use crate::graphql::page::{Key, Keyset};

by_id!(
    /// A factor at a workplace by key, within a scope.
    FactorAssignmentById, factor_assignment
);

by_id!(
    /// A measurement by key, within a scope.
    MeasurementById, measurement
);

/// The factors at a workplace, by code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FactorsOfWorkplace;

impl Children for FactorsOfWorkplace {
    type Entity = factor_assignment::Entity;
    type Row = factor_assignment::Model;
    const PARENT: factor_assignment::Column = factor_assignment::Column::WorkplaceId;
    const ORDER: Keyset<factor_assignment::Model> = Keyset {
        tag: "factor.code",
        columns: &[factor_assignment::Column::FactorCode],
        descending: false,
        key: |row| Ok(vec![Key::Text(row.factor_code.clone())]),
        kinds: || vec![Key::Text(String::new())],
    };

    fn parent(row: &factor_assignment::Model) -> Result<Uuid, DbErr> {
        Ok(row.workplace_id)
    }
}

/// Newest day first; of one day, the last recorded first.
const BY_DAY: Keyset<measurement::Model> = Keyset {
    tag: "measurement.day",
    columns: &[measurement::Column::MeasuredOn, measurement::Column::Id],
    descending: true,
    key: |row| Ok(vec![Key::Day(row.measured_on), Key::Id(row.id)]),
    kinds: || vec![Key::Day(chrono::NaiveDate::MIN), Key::Id(Uuid::nil())],
};

/// The measurements at a workplace, of all factors.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeasurementsOfWorkplace;

impl Children for MeasurementsOfWorkplace {
    type Entity = measurement::Entity;
    type Row = measurement::Model;
    const PARENT: measurement::Column = measurement::Column::WorkplaceId;
    const ORDER: Keyset<measurement::Model> = BY_DAY;

    fn parent(row: &measurement::Model) -> Result<Uuid, DbErr> {
        Ok(row.workplace_id)
    }
}

/// The measurements of one factor at a workplace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeasurementsOfFactor;

impl Children for MeasurementsOfFactor {
    type Entity = measurement::Entity;
    type Row = measurement::Model;
    const PARENT: measurement::Column = measurement::Column::FactorAssignmentId;
    const ORDER: Keyset<measurement::Model> = BY_DAY;

    fn parent(row: &measurement::Model) -> Result<Uuid, DbErr> {
        Ok(row.factor_assignment_id)
    }
}
