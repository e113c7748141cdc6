//! From what is stated and what was measured to a score, or to everything that stands in its way.

use std::collections::HashMap;

use domain::factors::{Observation, evaluate};
use domain::grade::ConditionClass;
use domain::ids::FactorCode;
use domain::refusal::Refusal;
use domain::risk::{AssessmentInputs, HarmfulInput, InputFault, Score, assess};
use domain::rule_set::{Indicator, RuleSet};
use entity::measurement;

use crate::areas::assessments::input::AssessmentComputeInput;
use crate::areas::factors::FactorState;
use crate::error::{Error, Result};

/// The harmful factors of a workplace, each with what its newest measurement says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Factors with a class.
    pub measured: Vec<HarmfulInput>,
    /// Factors without a measurement that the rules can use.
    pub unmeasured: Vec<FactorCode>,
}

impl Evidence {
    /// Reads the factors of a workplace. A class comes from the rules of the assessment: a measurement that was judged
    /// by other rules is judged again.
    pub fn read(rules: &RuleSet, factors: &[FactorState]) -> Result<Self> {
        let mut evidence = Self::default();
        for (assignment, newest) in factors {
            let factor = FactorCode::parse(&assignment.factor_code).map_err(Error::internal)?;
            let class = newest.as_ref().map(|row| class_of(rules, &factor, row)).transpose()?.flatten();
            match (newest, class) {
                (Some(row), Some(class)) => {
                    let measurement_id = Some(row.id.to_string());
                    evidence.measured.push(HarmfulInput { factor, class, measurement_id });
                }
                _ => evidence.unmeasured.push(factor),
            }
        }
        Ok(evidence)
    }
}

fn class_of(rules: &RuleSet, factor: &FactorCode, row: &measurement::Model) -> Result<Option<ConditionClass>> {
    if row.rule_set_code == rules.code {
        return row.condition_class.parse().map(Some).map_err(Error::internal);
    }
    let observation: Observation = serde_json::from_str(&row.observation).map_err(Error::internal)?;
    Ok(evaluate(rules, factor, &observation).ok().map(|result| result.class))
}

/// Inputs that were found complete, and the score they give.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What the score is computed from.
    pub inputs: AssessmentInputs,
    /// The score.
    pub score: Score,
}

/// Scores a workplace. All faults are found at once.
pub fn judge(rules: &RuleSet, input: &AssessmentComputeInput, evidence: Evidence) -> Result<Judged, Vec<Refusal>> {
    let stated = input.stated();
    let inputs = AssessmentInputs { harmful: evidence.measured, ..stated.inputs };
    let scored = assess(rules, &inputs);
    let unmeasured = evidence.unmeasured;
    let is_told = |fault: &InputFault| match fault {
        InputFault::Missing { indicator: Indicator::V, code: None } => !unmeasured.is_empty(),
        InputFault::Missing { code: Some(code), .. } => stated.misgraded.contains(code),
        _ => false,
    };
    let missing = |code: &FactorCode| InputFault::Missing { indicator: Indicator::V, code: Some(code.clone()) };
    let mut faults: Vec<InputFault> = unmeasured.iter().map(missing).collect();
    match scored {
        Ok(score) if faults.is_empty() && stated.refusals.is_empty() => return Ok(Judged { inputs, score }),
        Ok(_) => {}
        Err(found) => faults.extend(found.into_iter().filter(|fault| !is_told(fault))),
    }
    let mut fields = Fields::new(input);
    let mut refusals = stated.refusals;
    refusals.extend(faults.into_iter().map(|fault| fields.refusal(fault)));
    Err(refusals)
}

/// Finds the argument a fault is about.
struct Fields<'a> {
    input: &'a AssessmentComputeInput,
    /// How many faults of a kind were told about a code: the next one is about its next occurrence.
    told: HashMap<(&'static str, FactorCode), usize>,
}

impl<'a> Fields<'a> {
    fn new(input: &'a AssessmentComputeInput) -> Self {
        Self { input, told: HashMap::new() }
    }

    fn refusal(&mut self, fault: InputFault) -> Refusal {
        let (indicator, code, place) = match &fault {
            InputFault::Missing { indicator, code } => (*indicator, code.clone(), None),
            InputFault::Unknown { indicator, code } => (*indicator, Some(code.clone()), Some(("code", 0))),
            InputFault::Duplicate { indicator, code } => (*indicator, Some(code.clone()), Some(("code", 1))),
            InputFault::OutOfRange { indicator, code, .. } => (*indicator, Some(code.clone()), Some(("value", 0))),
            InputFault::AlwaysApplies { indicator, code } => (*indicator, Some(code.clone()), Some(("finding", 0))),
            InputFault::RuleSetIncomplete(_) => return Refusal::from(fault).at("assessedOn"),
        };
        let list = list_of(indicator);
        let field = match (&code, place) {
            (Some(code), Some((part, first))) => self.next(list, code, part, first),
            _ => list.to_owned(),
        };
        let refusal = Refusal::from(fault).at(field).with("indicator", indicator);
        code.into_iter().fold(refusal, |refusal, code| refusal.with("code", code))
    }

    /// Path of the next occurrence of a code, from the `first` on; the list itself when there is none.
    fn next(&mut self, list: &str, code: &FactorCode, part: &'static str, first: usize) -> String {
        let told = self.told.entry((part, code.clone())).or_insert(first);
        let mut places = self.input.codes(list).into_iter().enumerate().filter(|(_, given)| *given == code.as_str());
        let place = places.nth(*told);
        *told += 1;
        place.map_or_else(|| list.to_owned(), |(index, _)| format!("{list}.{index}.{part}"))
    }
}

/// The argument that the inputs of an indicator come from; measurements hang on the workplace.
fn list_of(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::V => "workplaceId",
        Indicator::T => "mechanical",
        Indicator::Ob => "equipment",
        Indicator::Siz => "ppe",
        Indicator::Z => "morbidity",
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::ID;
    use chrono::NaiveDate;
    use domain::refusal::RefusalCode;

    use super::*;
    use crate::areas::assessments::input::{
        CriterionFinding, EquipmentCriterionInput, MechanicalFactorInput, MorbidityFigureInput, PpeCriterionInput,
        PpeFinding,
    };

    fn rules() -> RuleSet {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        RuleSet::from_json(text).expect("the shipped rules")
    }

    /// Everything met and harmless.
    fn complete(rules: &RuleSet) -> AssessmentComputeInput {
        let text = |code: &FactorCode| code.to_string();
        let mechanical = rules.mechanical.iter();
        let equipment = rules.equipment.iter();
        let ppe = rules.ppe_criteria.iter();
        let morbidity = rules.morbidity.iter();
        AssessmentComputeInput {
            idempotency_key: "any".to_owned(),
            workplace_id: ID::from("any"),
            assessed_on: Ok(NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day")).into(),
            mechanical: mechanical.map(|row| MechanicalFactorInput { code: text(&row.code), grade: 1 }).collect(),
            equipment: equipment
                .map(|row| EquipmentCriterionInput { code: text(&row.code), finding: CriterionFinding::Met })
                .collect(),
            ppe: ppe.map(|row| PpeCriterionInput { code: text(&row.code), finding: PpeFinding::Met }).collect(),
            morbidity: morbidity
                .map(|row| MorbidityFigureInput { code: text(&row.code), value: Ok(row.lowest).into() })
                .collect(),
            dry_run: false,
        }
    }

    fn noise(class: ConditionClass) -> Evidence {
        let factor = FactorCode::parse("NOISE_CONSTANT").expect("a code");
        Evidence { measured: vec![HarmfulInput { factor, class, measurement_id: None }], unmeasured: Vec::new() }
    }

    fn told(refusals: &[Refusal]) -> Vec<(RefusalCode, &str, Option<&str>)> {
        let code = |refusal: &'_ Refusal| refusal.parameters.iter().position(|(name, _)| *name == "code");
        let tell = |refusal| {
            let refusal: &Refusal = refusal;
            let code = code(refusal).and_then(|at| refusal.parameters.get(at)).map(|(_, value)| value.as_str());
            (refusal.code, refusal.field.as_str(), code)
        };
        refusals.iter().map(tell).collect()
    }

    #[test]
    fn complete_inputs_give_a_score() {
        let rules = rules();
        let judged = judge(&rules, &complete(&rules), noise(ConditionClass::C32)).expect("complete");
        assert_eq!(judged.score.v.get(), 3);
        assert_eq!(judged.inputs.harmful.len(), 1);
    }

    #[test]
    fn all_that_is_missing_comes_at_once_with_its_code() {
        let rules = rules();
        let mut input = complete(&rules);
        let (mechanical, ppe) = (input.mechanical.remove(0).code, input.ppe.remove(0).code);
        input.morbidity.clear();
        let refusals = judge(&rules, &input, Evidence::default()).expect_err("incomplete");
        let found = told(&refusals);
        assert_eq!(found.len(), 3 + rules.morbidity.len());
        for missing in [("workplaceId", "*"), ("mechanical", &*mechanical), ("ppe", &*ppe)] {
            assert!(found.contains(&(RefusalCode::IndicatorMissing, missing.0, Some(missing.1))), "{missing:?}");
        }
    }

    #[test]
    fn a_factor_without_a_measurement_is_named_and_hides_the_rest_of_v() {
        let rules = rules();
        let unmeasured = vec![FactorCode::parse("VIBRATION_GENERAL").expect("a code")];
        for evidence in [Evidence { measured: Vec::new(), unmeasured: unmeasured.clone() }, {
            Evidence { unmeasured, ..noise(ConditionClass::C2) }
        }] {
            let refusals = judge(&rules, &complete(&rules), evidence).expect_err("not measured");
            let expected = (RefusalCode::IndicatorMissing, "workplaceId", Some("VIBRATION_GENERAL"));
            assert_eq!(told(&refusals), [expected]);
        }
    }

    #[test]
    fn a_wrong_entry_is_told_at_its_place() {
        let rules = rules();
        let mut input = complete(&rules);
        let twice = input.equipment.first().cloned().expect("a criterion");
        let (graded, repeated) = (input.mechanical[2].code.clone(), twice.code.clone());
        input.mechanical[2].grade = 6;
        input.equipment.push(twice);
        input.ppe.push(PpeCriterionInput { code: "no code".to_owned(), finding: PpeFinding::Met });
        input.ppe.push(PpeCriterionInput { code: "NOT_THERE".to_owned(), finding: PpeFinding::Met });
        input.morbidity[1].value = Ok(rust_decimal::Decimal::NEGATIVE_ONE).into();
        let figure = input.morbidity[1].code.clone();
        let refusals = judge(&rules, &input, noise(ConditionClass::C2)).expect_err("wrong");
        let repeated_at = format!("equipment.{}.code", rules.equipment.len());
        let (malformed, unknown) = (rules.ppe_criteria.len(), rules.ppe_criteria.len() + 1);
        assert_eq!(
            told(&refusals),
            [
                (RefusalCode::OutOfRange, "mechanical.2.grade", Some(&*graded)),
                (RefusalCode::UnknownFactor, &*format!("ppe.{malformed}.code"), None),
                (RefusalCode::Duplicate, &*repeated_at, Some(&*repeated)),
                (RefusalCode::UnknownFactor, &*format!("ppe.{unknown}.code"), Some("NOT_THERE")),
                (RefusalCode::OutOfRange, "morbidity.1.value", Some(&*figure)),
            ]
        );
    }
}
