//! A measurement as somebody writes it down, and the rules it must meet. Mutations and imports share both.

use chrono::{DateTime, NaiveDate, Utc};
use domain::exact::Written;
use domain::factors::{Exposure, FactorFault, Observation, evaluate};
use domain::grade::{ConditionClass, Grade};
use domain::ids::FactorCode;
use domain::refusal::{Refusal, RefusalCode};
use domain::rule_set::RuleSet;
use domain::trace::Trace;
use domain::written::required;
use entity::{factor_assignment, measurement, workplace};

use crate::clock::new_id;
use crate::error::{Error, Result};

/// Exposure of a factor that is assigned by its first measurement: a shift of eight hours.
pub const FULL_SHIFT_MINUTES: i32 = 480;

/// Longest number of a protocol, characters.
const PROTOCOL_LENGTH: usize = 100;
/// Longest name of a laboratory, characters.
const LABORATORY_LENGTH: usize = 300;
/// Most stays in one shift.
const EXPOSURES: usize = 100;
/// A day: the longest exposure there is.
const DAY_MINUTES: u32 = 1440;

/// What is written down, not yet judged. The workplace is a row and not part of it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct MeasurementDraft {
    pub factor: String,
    pub measured_on: Written<NaiveDate>,
    /// Zero stands in it for the numbers that are malformed.
    pub observation: Observation,
    /// Refusals of numbers of the observation, each at its field.
    pub malformed: Vec<Refusal>,
    pub protocol_number: String,
    pub laboratory: String,
}

/// A judged draft with the class and grade it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CheckedMeasurement {
    pub factor: FactorCode,
    pub measured_on: NaiveDate,
    pub observation: Observation,
    pub class: ConditionClass,
    pub grade: Grade,
    pub trace: Trace,
    pub protocol_number: String,
    pub laboratory: String,
}

/// Judges a draft by the rules that were in force on its day. All faults are found at once.
pub fn check_draft(
    draft: &MeasurementDraft,
    rules: &RuleSet,
    today: NaiveDate,
) -> Result<CheckedMeasurement, Vec<Refusal>> {
    check(draft, Some(rules), today)
}

/// Like [`check_draft`]; a day without rules is one more fault of the draft. Of a day that is none nothing more is said,
/// and of the factor neither: there are no rules to say it by.
pub fn check(
    draft: &MeasurementDraft,
    rules: Option<&RuleSet>,
    today: NaiveDate,
) -> Result<CheckedMeasurement, Vec<Refusal>> {
    let mut faults = Vec::new();
    let measured_on = match &draft.measured_on {
        Ok(day) if *day > today => Err(Refusal::new(RefusalCode::InFuture)),
        Ok(_) if rules.is_none() => Err(Refusal::new(RefusalCode::UnknownRuleSet)),
        read => read.clone(),
    };
    let measured_on = measured_on.map_err(|refusal| faults.push(refusal.at("measuredOn"))).ok();
    faults.extend(draft.malformed.iter().cloned());
    let protocol_number = required("protocolNumber", &draft.protocol_number, PROTOCOL_LENGTH, &mut faults);
    let laboratory = required("laboratory", &draft.laboratory, LABORATORY_LENGTH, &mut faults);
    let factor = known_factor(&draft.factor, rules, &mut faults);
    let (Some(factor), Some(rules)) = (factor, rules) else { return Err(faults) };
    let stays = exposure_faults(rules, &factor, &draft.observation);
    // What is wrong with the zero that stands for a malformed number is not said of the number.
    faults.extend(stays.into_iter().filter(|fault| !is_malformed(draft, &fault.field)));
    let (measured_on, result) = match (measured_on, evaluate(rules, &factor, &draft.observation)) {
        (Some(day), Ok(result)) if faults.is_empty() => (day, result),
        (_, Ok(_)) => return Err(faults),
        (_, Err(fault)) => {
            let fault = located(fault);
            // A stay that is impossible has been named one by one above.
            let told = faults.iter().any(|known| known.field.starts_with("observation.exposures"));
            if !told && !is_malformed(draft, &fault.field) {
                faults.push(fault);
            }
            return Err(faults);
        }
    };
    Ok(CheckedMeasurement {
        factor,
        measured_on,
        observation: draft.observation.clone(),
        class: result.class,
        grade: result.grade,
        trace: Trace { rule_set: rules.code.clone(), steps: result.trace },
        protocol_number,
        laboratory,
    })
}

fn is_malformed(draft: &MeasurementDraft, field: &str) -> bool {
    draft.malformed.iter().any(|refusal| refusal.field == field)
}

/// Judges the factor and the length of an exposure. All faults are found at once.
pub fn check_exposure(factor: &str, minutes: i32, rules: Option<&RuleSet>) -> Result<(FactorCode, i32), Vec<Refusal>> {
    let mut faults = Vec::new();
    if rules.is_none() {
        faults.push(Refusal::new(RefusalCode::UnknownRuleSet));
    }
    let factor = known_factor(factor, rules, &mut faults);
    if !u32::try_from(minutes).is_ok_and(|minutes| minutes <= DAY_MINUTES) {
        faults
            .push(Refusal::new(RefusalCode::OutOfRange).at("exposureMinutes").with("min", 0).with("max", DAY_MINUTES));
    }
    match factor {
        Some(factor) if faults.is_empty() => Ok((factor, minutes)),
        _ => Err(faults),
    }
}

/// A code that is malformed is as unknown as one that is not in the catalogue. Without rules nothing is said.
fn known_factor(text: &str, rules: Option<&RuleSet>, faults: &mut Vec<Refusal>) -> Option<FactorCode> {
    let rules = rules?;
    let factor = FactorCode::parse(text).ok().filter(|code| rules.harmful_factor(code).is_some());
    if factor.is_none() {
        faults.push(Refusal::new(RefusalCode::UnknownFactor).at("factorCode").with("value", text));
    }
    factor
}

/// The impossible stays of a shift, each by its place. `evaluate` would only tell of the first.
fn exposure_faults(rules: &RuleSet, factor: &FactorCode, observation: &Observation) -> Vec<Refusal> {
    let Observation::Shift { exposures } = observation else { return Vec::new() };
    if !rules.shift_noise.factors.contains(factor) {
        return Vec::new();
    }
    if exposures.is_empty() || exposures.len() > EXPOSURES {
        let refusal = Refusal::new(RefusalCode::OutOfRange).at("observation.exposures");
        return vec![refusal.with("min", 1).with("max", EXPOSURES)];
    }
    exposures.iter().enumerate().flat_map(|(index, exposure)| stay_faults(rules, factor, index, exposure)).collect()
}

fn stay_faults(rules: &RuleSet, factor: &FactorCode, index: usize, exposure: &Exposure) -> Vec<Refusal> {
    let mut faults = Vec::new();
    let level = Observation::Shift { exposures: vec![Exposure { minutes: 1, ..exposure.clone() }] };
    if let Err(fault @ FactorFault::ValueOutOfRange { .. }) = evaluate(rules, factor, &level) {
        faults.push(Refusal::from(fault).at(format!("observation.exposures.{index}.levelDba")));
    }
    if exposure.minutes == 0 || exposure.minutes > DAY_MINUTES {
        let refusal = Refusal::new(RefusalCode::OutOfRange).at(format!("observation.exposures.{index}.minutes"));
        faults.push(refusal.with("min", 1).with("max", DAY_MINUTES));
    }
    faults
}

/// A fault of the evaluation with the field it is about.
fn located(fault: FactorFault) -> Refusal {
    let field = match &fault {
        FactorFault::UnknownFactor { .. } | FactorFault::GradeNotLoaded { .. } => "factorCode",
        FactorFault::UnitMismatch { .. } => "observation.value.unit",
        FactorFault::ValueOutOfRange { .. } => "observation.value.value",
        FactorFault::LimitNotLoaded { .. } => "observation",
        FactorFault::ShiftNotApplicable { .. } | FactorFault::NoExposure | FactorFault::ShiftTooLong { .. } => {
            "observation.exposures"
        }
    };
    Refusal::from(fault).at(field)
}

impl CheckedMeasurement {
    /// A new row of the factor at its workplace.
    pub fn into_row(
        self,
        assignment: &factor_assignment::Model,
        now: DateTime<Utc>,
    ) -> Result<measurement::Model, Error> {
        Ok(measurement::Model {
            id: new_id(),
            enterprise_id: assignment.enterprise_id,
            workplace_id: assignment.workplace_id,
            factor_assignment_id: assignment.id,
            factor_code: self.factor.to_string(),
            measured_on: self.measured_on,
            observation: serde_json::to_string(&self.observation).map_err(Error::internal)?,
            condition_class: self.class.to_string(),
            grade: i16::from(self.grade.get()),
            rule_set_code: self.trace.rule_set.clone(),
            trace: self.trace.to_json().map_err(Error::internal)?,
            protocol_number: self.protocol_number,
            laboratory: self.laboratory,
            created_at: now,
        })
    }
}

/// A factor that now is present at a workplace.
pub fn new_assignment(
    workplace: &workplace::Model,
    factor: &FactorCode,
    exposure_minutes: i32,
    now: DateTime<Utc>,
) -> factor_assignment::Model {
    factor_assignment::Model {
        id: new_id(),
        enterprise_id: workplace.enterprise_id,
        workplace_id: workplace.id,
        factor_code: factor.to_string(),
        exposure_minutes,
        version: 1,
        created_at: now,
    }
}

#[cfg(test)]
mod tests {
    use domain::Decimal;
    use uuid::Uuid;

    use super::*;

    fn rules() -> RuleSet {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        RuleSet::from_json(text).expect("shipped rules")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn value(value: &str, unit: &str) -> Observation {
        Observation::Value { value: value.parse().expect("a decimal"), unit: unit.to_owned() }
    }

    fn shift(stays: &[(i64, u32)]) -> Observation {
        let exposure = |&(level, minutes): &(i64, u32)| Exposure { level_dba: Decimal::from(level), minutes };
        Observation::Shift { exposures: stays.iter().map(exposure).collect() }
    }

    fn noise(observation: Observation) -> MeasurementDraft {
        MeasurementDraft {
            factor: "NOISE_CONSTANT".to_owned(),
            measured_on: Ok(day("2025-03-11")),
            observation,
            malformed: Vec::new(),
            protocol_number: " P-1 ".to_owned(),
            laboratory: "Laboratory".to_owned(),
        }
    }

    fn faults(draft: &MeasurementDraft) -> Vec<(RefusalCode, String)> {
        let faults = check_draft(draft, &rules(), day("2025-06-01")).expect_err("refused");
        faults.into_iter().map(|refusal| (refusal.code, refusal.field)).collect()
    }

    fn one(code: RefusalCode, field: &str) -> Vec<(RefusalCode, String)> {
        vec![(code, field.to_owned())]
    }

    #[test]
    fn noise_of_96_dba_is_class_3_3_and_keeps_its_arithmetic() {
        let checked = check_draft(&noise(value("96", "dBA")), &rules(), day("2025-06-01")).expect("good");
        assert_eq!((checked.class, checked.grade.get()), (ConditionClass::C33, 4));
        let assignment = factor_assignment::Model {
            id: Uuid::max(),
            enterprise_id: Uuid::nil(),
            workplace_id: Uuid::nil(),
            factor_code: "NOISE_CONSTANT".to_owned(),
            exposure_minutes: 480,
            version: 1,
            created_at: DateTime::default(),
        };
        let (observation, trace) = (checked.observation.clone(), checked.trace.clone());
        let row = checked.into_row(&assignment, DateTime::default()).expect("a row");
        assert_eq!((row.condition_class.as_str(), row.grade, row.protocol_number.as_str()), ("3.3", 4, "P-1"));
        assert_eq!(row.rule_set_code, rules().code);
        assert_eq!(serde_json::from_str::<Observation>(&row.observation).expect("stored"), observation);
        assert_eq!(Trace::from_json(&row.trace).expect("stored"), trace);
    }

    #[test]
    fn all_faults_come_at_once() {
        let bad = MeasurementDraft {
            measured_on: Ok(day("2025-06-02")),
            protocol_number: " ".to_owned(),
            laboratory: "x".repeat(301),
            ..noise(value("96", "lx"))
        };
        let expected = [
            (RefusalCode::InFuture, "measuredOn"),
            (RefusalCode::Required, "protocolNumber"),
            (RefusalCode::TooLong, "laboratory"),
            (RefusalCode::UnitMismatch, "observation.value.unit"),
        ];
        assert_eq!(faults(&bad), expected.map(|(code, field)| (code, field.to_owned())));
    }

    #[test]
    fn each_fault_of_an_observation_names_its_field() {
        let of = |factor: &str, observation| MeasurementDraft { factor: factor.to_owned(), ..noise(observation) };
        let cases = [
            (of("MOONLIGHT", value("1", "dBA")), RefusalCode::UnknownFactor, "factorCode"),
            (of("not a code", value("1", "dBA")), RefusalCode::UnknownFactor, "factorCode"),
            (of("NOISE_CONSTANT", value("-1", "dBA")), RefusalCode::OutOfRange, "observation.value.value"),
            (of("NOISE_IMPULSE", value("90", "dBA")), RefusalCode::LimitNotLoaded, "observation"),
            (of("LIGHTING", shift(&[(90, 60)])), RefusalCode::ObservationNotAccepted, "observation.exposures"),
            (noise(shift(&[])), RefusalCode::OutOfRange, "observation.exposures"),
            (noise(shift(&[(90, 1000), (80, 1000)])), RefusalCode::OutOfRange, "observation.exposures"),
        ];
        for (draft, code, field) in cases {
            assert_eq!(faults(&draft), one(code, field), "{draft:?}");
        }
    }

    #[test]
    fn every_impossible_stay_is_named() {
        let expected = ["observation.exposures.0.levelDba", "observation.exposures.2.minutes"];
        let found = faults(&noise(shift(&[(300, 60), (85, 60), (85, 0)])));
        assert_eq!(found, expected.map(|field| (RefusalCode::OutOfRange, field.to_owned())));
    }

    #[test]
    fn a_day_without_rules_is_one_fault_among_others() {
        let draft = MeasurementDraft { laboratory: String::new(), ..noise(value("96", "dBA")) };
        let faults = check(&draft, None, day("2025-06-01")).expect_err("refused");
        let codes: Vec<RefusalCode> = faults.iter().map(|refusal| refusal.code).collect();
        assert_eq!(codes, [RefusalCode::UnknownRuleSet, RefusalCode::Required]);
    }

    #[test]
    fn an_exposure_fits_into_a_day() {
        for minutes in [0, 1440] {
            assert!(check_exposure("LIGHTING", minutes, Some(&rules())).is_ok(), "{minutes}");
        }
        for minutes in [-1, 1441] {
            let faults = check_exposure("MOONLIGHT", minutes, Some(&rules())).expect_err("refused");
            let fields: Vec<String> = faults.into_iter().map(|refusal| refusal.field).collect();
            assert_eq!(fields, ["factorCode", "exposureMinutes"]);
        }
    }
}
