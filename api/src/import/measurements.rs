//! Measurements from laboratory protocols and attestations. The class of conditions is not taken from the file but
//! evaluated, unless the protocol gives nothing else. A recorded protocol is never changed: a wrong one is answered by
//! a new one, and both remain.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::factors::Observation;
use domain::grade::ConditionClass;
use domain::refusal::{Refusal, RefusalCode};
use entity::row::Rows;
use entity::scope::Scoped;
use entity::{enterprise, factor_assignment, measurement, workplace};
use rust_decimal::Decimal;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::areas::factors::{CheckedMeasurement, FULL_SHIFT_MINUTES, MeasurementDraft, check_draft, new_assignment};
use crate::bulk;
use crate::error::{Error, Result};
use crate::import::cells::Cells;
use crate::import::judge::{DATE, Judge, NUMBER};
use crate::import::report::{Change, Ledger};
use crate::import::table::{Column, Desk, Table, optional, required};
use crate::import::workplaces::owner;

/// Fields of a draft and the columns they come from.
const FIELDS: &[(&str, &str)] = &[
    ("measuredOn", "measured_on"),
    ("protocolNumber", "protocol_number"),
    ("factorCode", "factor"),
    ("observation.value.unit", "unit"),
    ("observation", "value"),
];
/// Classes of conditions as a file writes them.
const CLASSES: &str = "1, 2, 3.1, 3.2, 3.3, 3.4, 4";

/// Measurements.
pub struct Measurements;

impl Table for Measurements {
    const COLUMNS: &'static [Column] = &[
        required("bin"),
        required("workplace_code"),
        required("factor"),
        required("measured_on"),
        optional("value"),
        optional("unit"),
        optional("condition_class"),
        required("protocol_number"),
        required("laboratory"),
    ];
    const KEY: &'static [&'static str] = &["bin", "workplace_code", "factor", "measured_on", "protocol_number"];
    const BLAMED: &'static str = "factor";

    async fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger) -> Result<()> {
        let mut stored = Stored::read(desk, rows).await?;
        for cells in rows {
            match stored.judge(desk, cells) {
                Ok(Some(accepted)) => ledger.count(stored.add(desk, accepted)?),
                Ok(None) => ledger.count(Change::Unchanged),
                Err(refusals) => ledger.refuse(cells, &refusals),
            }
        }
        if ledger.writes() { stored.write(desk).await } else { Ok(()) }
    }
}

/// A measurement that is new, and where.
struct Accepted {
    workplace: workplace::Model,
    checked: CheckedMeasurement,
}

/// What is stored at the workplaces of some rows, and what is to be written.
struct Stored {
    enterprises: HashMap<String, enterprise::Model>,
    workplaces: HashMap<(Uuid, String), workplace::Model>,
    assignments: HashMap<(Uuid, String), factor_assignment::Model>,
    measurements: HashMap<(Uuid, NaiveDate, String), measurement::Model>,
    new_assignments: Vec<factor_assignment::Model>,
    new: Vec<measurement::Model>,
}

impl Stored {
    async fn read(desk: &Desk<'_>, rows: &[Cells]) -> Result<Self> {
        let of = |column: &'static str| rows.iter().map(move |cells| cells.text(column));
        let enterprises = enterprise::Entity::within(desk.scope)
            .filter(enterprise::Column::Bin.is_in(of("bin")))
            .rows(desk.tx)
            .await?;
        // Locked, so that nobody assigns the same factor meanwhile.
        let workplaces = workplace::Entity::within(desk.scope)
            .filter(workplace::Column::EnterpriseId.is_in(enterprises.iter().map(|row| row.id)))
            .filter(workplace::Column::Code.is_in(of("workplace_code")))
            .order_by_asc(workplace::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .rows(desk.tx)
            .await?;
        let assignments = factor_assignment::Entity::within(desk.scope)
            .filter(factor_assignment::Column::WorkplaceId.is_in(workplaces.iter().map(|row| row.id)))
            .filter(factor_assignment::Column::FactorCode.is_in(of("factor")))
            .rows(desk.tx)
            .await?;
        let measurements = measurement::Entity::within(desk.scope)
            .filter(measurement::Column::FactorAssignmentId.is_in(assignments.iter().map(|row| row.id)))
            .filter(measurement::Column::ProtocolNumber.is_in(of("protocol_number")))
            .rows(desk.tx)
            .await?;
        let key = |row: &measurement::Model| (row.factor_assignment_id, row.measured_on, row.protocol_number.clone());
        Ok(Self {
            enterprises: enterprises.into_iter().map(|row| (row.bin.clone(), row)).collect(),
            workplaces: workplaces.into_iter().map(|row| ((row.enterprise_id, row.code.clone()), row)).collect(),
            assignments: assignments
                .into_iter()
                .map(|row| ((row.workplace_id, row.factor_code.clone()), row))
                .collect(),
            measurements: measurements.into_iter().map(|row| (key(&row), row)).collect(),
            new_assignments: Vec::new(),
            new: Vec::new(),
        })
    }

    /// The measurement of a row; `None` when it is recorded already.
    fn judge(&self, desk: &Desk<'_>, cells: &Cells) -> Result<Option<Accepted>, Vec<Refusal>> {
        let mut judge = Judge::new(cells);
        let workplace = self.workplace(&mut judge, cells);
        let measured_on: Option<NaiveDate> = judge.value("measured_on", DATE);
        let observation = observation(&mut judge, cells);
        let checked = match measured_on.zip(observation) {
            Some((measured_on, observation)) => check(&mut judge, desk, &draft(cells, measured_on, observation)),
            None => None,
        };
        let known = workplace.zip(checked.as_ref()).and_then(|(workplace, checked)| self.recorded(workplace, checked));
        let same = known.zip(checked.as_ref()).map(|(known, checked)| says_the_same(known, checked));
        if same == Some(false) {
            let number = cells.text("protocol_number");
            judge.refuse(Refusal::new(RefusalCode::Duplicate).at("protocol_number").with("value", number));
        }
        let accepted = workplace.cloned().zip(checked).map(|(workplace, checked)| Accepted { workplace, checked });
        let accepted = judge.accept(accepted)?;
        Ok(if same.is_none() { Some(accepted) } else { None })
    }

    fn workplace(&self, judge: &mut Judge<'_>, cells: &Cells) -> Option<&workplace::Model> {
        let owner = owner(judge, cells, &self.enterprises)?;
        let code = judge.required("workplace_code");
        let found = self.workplaces.get(&(owner.id, code.clone()));
        if found.is_none() && !code.is_empty() {
            judge.refuse(Refusal::new(RefusalCode::UnknownReference).at("workplace_code").with("value", code));
        }
        found
    }

    fn recorded(&self, workplace: &workplace::Model, checked: &CheckedMeasurement) -> Option<&measurement::Model> {
        let assignment = self.assignments.get(&(workplace.id, checked.factor.to_string()))?;
        self.measurements.get(&(assignment.id, checked.measured_on, checked.protocol_number.clone()))
    }

    fn add(&mut self, desk: &Desk<'_>, accepted: Accepted) -> Result<Change> {
        let Accepted { workplace, checked } = accepted;
        let key = (workplace.id, checked.factor.to_string());
        let assignment = match self.assignments.get(&key) {
            Some(assignment) => assignment.clone(),
            None => {
                let row = new_assignment(&workplace, &checked.factor, FULL_SHIFT_MINUTES, desk.now);
                self.assignments.insert(key, row.clone());
                self.new_assignments.push(row.clone());
                row
            }
        };
        self.new.push(checked.into_row(&assignment, desk.now)?);
        Ok(Change::Inserted)
    }

    async fn write(self, desk: &Desk<'_>) -> Result<()> {
        bulk::insert::<factor_assignment::Entity, _>(desk.tx, &self.new_assignments).await?;
        bulk::insert::<measurement::Entity, _>(desk.tx, &self.new).await.map_err(Error::from)
    }
}

fn says_the_same(known: &measurement::Model, checked: &CheckedMeasurement) -> bool {
    let observation: Option<Observation> = serde_json::from_str(&known.observation).ok();
    observation.as_ref() == Some(&checked.observation) && known.laboratory == checked.laboratory
}

fn check(judge: &mut Judge<'_>, desk: &Desk<'_>, draft: &MeasurementDraft) -> Option<CheckedMeasurement> {
    let Some(rules) = draft.measured_on.as_ref().ok().and_then(|day| desk.book.rules_on(*day)) else {
        judge.refuse(Refusal::new(RefusalCode::UnknownRuleSet).at("measured_on"));
        return None;
    };
    check_draft(draft, &rules, desk.today).map_err(|faults| judge.take(faults, FIELDS)).ok()
}

fn draft(cells: &Cells, measured_on: NaiveDate, observation: Observation) -> MeasurementDraft {
    MeasurementDraft {
        factor: cells.text("factor").to_owned(),
        measured_on: Ok(measured_on),
        observation,
        malformed: Vec::new(),
        protocol_number: cells.text("protocol_number").to_owned(),
        laboratory: cells.text("laboratory").to_owned(),
    }
}

/// Either a value with its unit, or a class.
fn observation(judge: &mut Judge<'_>, cells: &Cells) -> Option<Observation> {
    match (cells.filled("value"), cells.filled("condition_class")) {
        (Some(_), Some(_)) => {
            judge.refuse(Refusal::new(RefusalCode::ObservationNotAccepted).at("condition_class"));
            None
        }
        (None, None) => {
            judge.refuse(Refusal::new(RefusalCode::Required).at("value"));
            None
        }
        (Some(_), None) => {
            let value: Option<Decimal> = judge.value("value", NUMBER);
            let unit = judge.required("unit");
            value.map(|value| Observation::Value { value, unit })
        }
        (None, Some(_)) => {
            let class: Option<ConditionClass> = judge.value("condition_class", CLASSES);
            class.map(Observation::Class)
        }
    }
}
