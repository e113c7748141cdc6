//! The shipped rule set and short ways to write inputs.

use std::sync::LazyLock;

use domain::Decimal;
use domain::grade::{ConditionClass, Degree, Grade};
use domain::ids::{FactorCode, OkedCode};
use domain::provenance::Provenance;
use domain::risk::{AssessmentInputs, Finding, FindingOutcome, Graded, HarmfulInput, MorbidityInput};
use domain::rule_set::{Origin, RuleSet};

pub const RULE_SET_JSON: &str = include_str!("../../../reference/rule_sets/kz-2023-provisional.json");

static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::from_json(RULE_SET_JSON).unwrap());

pub fn rules() -> &'static RuleSet {
    &RULES
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn code(text: &str) -> FactorCode {
    FactorCode::parse(text).unwrap()
}

pub fn oked(text: &str) -> OkedCode {
    OkedCode::parse(text).unwrap()
}

pub fn grade(value: u8) -> Grade {
    Grade::new(value).unwrap()
}

pub fn degree(value: u8) -> Degree {
    Degree::new(value).unwrap()
}

pub fn class(text: &str) -> ConditionClass {
    text.parse().unwrap()
}

pub fn classes(text: &str) -> Vec<ConditionClass> {
    text.split_whitespace().map(class).collect()
}

pub fn origin() -> Origin {
    Origin { provenance: Provenance::Provisional, source: "test".to_owned() }
}

/// The classes on the first factors of the catalogue.
pub fn harmful(classes: &[ConditionClass]) -> Vec<HarmfulInput> {
    let factors = rules().harmful.iter().zip(classes);
    factors.map(|(f, class)| HarmfulInput { factor: f.code.clone(), class: *class, measurement_id: None }).collect()
}

fn findings(codes: impl Iterator<Item = FactorCode>, not_met: usize, skipped: usize) -> Vec<Finding> {
    codes
        .enumerate()
        .map(|(i, code)| {
            let finding = match i {
                i if i < not_met => FindingOutcome::NotMet,
                i if i < not_met + skipped => FindingOutcome::NotApplicable,
                _ => FindingOutcome::Met,
            };
            Finding { code, finding }
        })
        .collect()
}

pub fn equipment(not_met: usize, skipped: usize) -> Vec<Finding> {
    findings(rules().equipment.iter().map(|entry| entry.code.clone()), not_met, skipped)
}

pub fn ppe(not_met: usize) -> Vec<Finding> {
    findings(rules().ppe_criteria.iter().map(|entry| entry.code.clone()), not_met, 0)
}

/// All mechanical factors at grade 1 but the first.
pub fn mechanical(worst: u8) -> Vec<Graded> {
    let grades = std::iter::once(grade(worst)).chain(std::iter::repeat(Grade::BEST));
    rules().mechanical.iter().zip(grades).map(|(entry, grade)| Graded { code: entry.code.clone(), grade }).collect()
}

pub fn morbidity(values: [&str; 3]) -> Vec<MorbidityInput> {
    let entries = rules().morbidity.iter().zip(values);
    entries.map(|(entry, value)| MorbidityInput { code: entry.code.clone(), value: dec(value) }).collect()
}

/// A workplace where nothing is wrong: degree 1.
pub fn good() -> AssessmentInputs {
    AssessmentInputs {
        harmful: harmful(&[ConditionClass::C2]),
        mechanical: mechanical(1),
        equipment: equipment(0, 0),
        ppe: ppe(0),
        morbidity: morbidity(["0", "0", "0"]),
    }
}
