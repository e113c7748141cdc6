//! Recomputes stored scores from their inputs and rule sets: every bit must come out as it was stored.

use std::collections::HashMap;
use std::fmt;

use domain::risk::{AssessmentInputs, assess};
use domain::rule_set::RuleSet;
use entity::scope::Scope;
use entity::{assessment, assessment_trace, micro};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::areas::assessments::store;
use crate::areas::reference::Book;
use crate::error::Result;

/// Assessments read at once.
const PAGE: u64 = 500;
/// Differences kept for the report.
const KEPT: usize = 20;

/// What is not as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The assessment has no inputs and trace.
    TraceMissing,
    /// Its rule set is not loaded.
    RuleSetMissing,
    /// Its inputs cannot be read.
    InputsUnreadable,
    /// The rules refuse its inputs; how many faults they find.
    InputsRefused(usize),
    /// One of the five grades.
    Grades,
    /// PR.
    Pr,
    /// The degree.
    Degree,
    /// The bytes of the trace.
    Trace,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TraceMissing => f.write_str("has no stored inputs and trace"),
            Self::RuleSetMissing => f.write_str("names a rule set that is not loaded"),
            Self::InputsUnreadable => f.write_str("has inputs that cannot be read"),
            Self::InputsRefused(faults) => write!(f, "has inputs that its rule set refuses: {faults} faults"),
            Self::Grades => f.write_str("has other grades than its inputs give"),
            Self::Pr => f.write_str("has another PR than its inputs give"),
            Self::Degree => f.write_str("has another degree than its inputs give"),
            Self::Trace => f.write_str("has another trace than its inputs give"),
        }
    }
}

/// One assessment that does not come out as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which one.
    pub assessment: Uuid,
    /// What differs first.
    pub fault: Fault,
}

/// Result of [`verify`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Assessments recomputed.
    pub checked: u64,
    /// How many of them differ.
    pub differing: u64,
    /// The first of these.
    pub first: Vec<Difference>,
}

/// Recomputes every stored assessment of a scope, page by page; `progress` hears how many are done. Two statements a
/// page, memory of one page.
pub async fn verify<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    book: &Book,
    mut progress: impl FnMut(u64),
) -> Result<Verification> {
    let mut result = Verification::default();
    let mut last = None;
    loop {
        let rows = store::after(db, scope, last, PAGE).await?;
        let Some(end) = rows.last().map(|row| row.id) else { return Ok(result) };
        let traces = store::traces_between(db, scope, last, end).await?;
        let traces: HashMap<Uuid, _> = traces.into_iter().map(|trace| (trace.assessment_id, trace)).collect();
        for row in &rows {
            let rules = book.rule_set(&row.rule_set_code);
            result.note(row.id, compare(row, traces.get(&row.id), rules.as_deref()));
        }
        last = Some(end);
        progress(result.checked);
    }
}

impl Verification {
    fn note(&mut self, assessment: Uuid, compared: Result<(), Fault>) {
        self.checked += 1;
        if let Err(fault) = compared {
            self.differing += 1;
            if self.first.len() < KEPT {
                self.first.push(Difference { assessment, fault });
            }
        }
    }
}

fn compare(
    row: &assessment::Model,
    stored: Option<&assessment_trace::Model>,
    rules: Option<&RuleSet>,
) -> Result<(), Fault> {
    let stored = stored.ok_or(Fault::TraceMissing)?;
    let rules = rules.ok_or(Fault::RuleSetMissing)?;
    let inputs: AssessmentInputs = serde_json::from_str(&stored.inputs).map_err(|_| Fault::InputsUnreadable)?;
    let score = assess(rules, &inputs).map_err(|faults| Fault::InputsRefused(faults.len()))?;
    let grades = [score.v, score.t, score.ob, score.siz, score.z].map(|grade| i16::from(grade.get()));
    if grades != [row.v, row.t, row.ob, row.siz, row.z] {
        return Err(Fault::Grades);
    }
    if micro::from_decimal(score.pr) != Some(row.pr_micro) {
        return Err(Fault::Pr);
    }
    if i16::from(score.degree.get()) != row.degree {
        return Err(Fault::Degree);
    }
    match score.trace.to_json() {
        Ok(trace) if trace == stored.trace => Ok(()),
        _ => Err(Fault::Trace),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use domain::grade::ConditionClass;
    use domain::ids::FactorCode;
    use domain::risk::{Finding, FindingOutcome, Graded, HarmfulInput, MorbidityInput};
    use entity::workplace;

    use super::*;
    use crate::areas::assessments::filing::Filing;

    fn workplace() -> workplace::Model {
        workplace::Model {
            id: Uuid::from_u128(1),
            enterprise_id: Uuid::from_u128(2),
            unit_id: None,
            code: String::new(),
            name_kk: String::new(),
            name_ru: String::new(),
            name_en: String::new(),
            profession_code: String::new(),
            workers: 1,
            shifts: 1,
            current_assessment_id: None,
            degree: 0,
            pr_micro: 0,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn stored(rules: &RuleSet) -> (assessment::Model, assessment_trace::Model) {
        let grade = domain::grade::Grade::BEST;
        let met = |code: &FactorCode| Finding { code: code.clone(), finding: FindingOutcome::Met };
        let figure = |row: &domain::rule_set::MorbidityIndicator| MorbidityInput {
            code: row.code.clone(),
            // As a client may write it: the digits after the point must survive the way through the database.
            value: row.lowest + rust_decimal::Decimal::new(150, 2),
        };
        let inputs = AssessmentInputs {
            harmful: vec![HarmfulInput {
                factor: FactorCode::parse("NOISE_CONSTANT").expect("a code"),
                class: ConditionClass::C33,
                measurement_id: None,
            }],
            mechanical: rules.mechanical.iter().map(|row| Graded { code: row.code.clone(), grade }).collect(),
            equipment: rules.equipment.iter().map(|row| met(&row.code)).collect(),
            ppe: rules.ppe_criteria.iter().map(|row| met(&row.code)).collect(),
            morbidity: rules.morbidity.iter().map(figure).collect(),
        };
        let score = assess(rules, &inputs).expect("complete");
        let filing = Filing {
            assessed_on: NaiveDate::MIN,
            current: true,
            organisation: None,
            person: None,
            now: DateTime::UNIX_EPOCH,
        };
        filing.rows(&workplace(), &inputs, &score).expect("rows")
    }

    #[test]
    fn what_was_filed_comes_out_again_and_what_was_touched_does_not() {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        let rules = RuleSet::from_json(text).expect("the shipped rules");
        let (row, trace) = stored(&rules);
        assert_eq!(compare(&row, Some(&trace), Some(&rules)), Ok(()));
        assert_eq!(compare(&row, None, Some(&rules)), Err(Fault::TraceMissing));
        assert_eq!(compare(&row, Some(&trace), None), Err(Fault::RuleSetMissing));
        let touched = assessment::Model { pr_micro: row.pr_micro + 1, ..row.clone() };
        assert_eq!(compare(&touched, Some(&trace), Some(&rules)), Err(Fault::Pr));
        let touched = assessment::Model { degree: 5, ..row.clone() };
        assert_eq!(compare(&touched, Some(&trace), Some(&rules)), Err(Fault::Degree));
        let touched = assessment::Model { z: 5, ..row.clone() };
        assert_eq!(compare(&touched, Some(&trace), Some(&rules)), Err(Fault::Grades));
        let touched = assessment_trace::Model { trace: format!("{} ", trace.trace), ..trace.clone() };
        assert_eq!(compare(&row, Some(&touched), Some(&rules)), Err(Fault::Trace));
        let touched = assessment_trace::Model { inputs: "{}".to_owned(), ..trace };
        assert_eq!(compare(&row, Some(&touched), Some(&rules)), Err(Fault::InputsUnreadable));
    }
}
