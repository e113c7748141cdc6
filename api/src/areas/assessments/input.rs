//! What a client states for an assessment, and its reading. Measurements are not stated: they are taken from the
//! workplace.

use async_graphql::{Enum, ID, InputObject};
use domain::grade::Grade;
use domain::ids::FactorCode;
use domain::refusal::{Refusal, RefusalCode};
use domain::risk::{self, AssessmentInputs, FindingOutcome, Graded, MorbidityInput};
use domain::rule_set::Indicator;

use crate::graphql::once::Keyed;
use crate::graphql::scalars::{Date, Decimal, Given};

/// Outcome of the check of a criterion of equipment safety.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "FindingOutcome")]
pub enum CriterionFinding {
    /// The criterion is met.
    Met,
    /// The criterion is not met.
    NotMet,
    /// The criterion does not apply to the workplace.
    NotApplicable,
}

/// Outcome of the check of a criterion of provision with personal protective equipment; these always apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PpeFinding {
    /// The criterion is met.
    Met,
    /// The criterion is not met.
    NotMet,
}

/// A mechanical factor with its grade.
#[derive(Clone, Debug, InputObject)]
pub struct MechanicalFactorInput {
    /// Code in the catalogue `mechanicalFactors` of the rule set.
    pub code: String,
    /// Grade, 1 (best) to 5 (worst).
    pub grade: i32,
}

/// A criterion of equipment safety with the outcome of its check.
#[derive(Clone, Debug, InputObject)]
pub struct EquipmentCriterionInput {
    /// Code in the catalogue `equipmentCriteria` of the rule set.
    pub code: String,
    /// The outcome.
    pub finding: CriterionFinding,
}

/// A criterion of provision with personal protective equipment with the outcome of its check.
#[derive(Clone, Debug, InputObject)]
pub struct PpeCriterionInput {
    /// Code in the catalogue `ppeCriteria` of the rule set.
    pub code: String,
    /// The outcome.
    pub finding: PpeFinding,
}

/// A figure of morbidity.
#[derive(Clone, Debug, InputObject)]
pub struct MorbidityFigureInput {
    /// Code in the catalogue `morbidityInputs` of the rule set.
    pub code: String,
    /// The figure, in the unit of the catalogue.
    pub value: Given<Decimal>,
}

/// What an assessment is computed from, besides the newest measurement of every factor of the workplace on or before
/// the day. Every entry of the four catalogues of the rule set in force on that day is needed once; an absent list is
/// an empty one, and what is missing is told all at once.
#[derive(Clone, Debug, InputObject)]
pub struct AssessmentComputeInput {
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: String,
    /// Which workplace.
    pub workplace_id: ID,
    /// Day the assessment speaks of; it decides on the measurements and the rule set.
    pub assessed_on: Given<Date>,
    /// Grades of the mechanical factors, inputs of T.
    #[graphql(default)]
    pub mechanical: Vec<MechanicalFactorInput>,
    /// Checks of the equipment, inputs of OB.
    #[graphql(default)]
    pub equipment: Vec<EquipmentCriterionInput>,
    /// Checks of the provision with personal protective equipment, inputs of SIZ.
    #[graphql(default)]
    pub ppe: Vec<PpeCriterionInput>,
    /// Figures of morbidity, inputs of Z.
    #[graphql(default)]
    pub morbidity: Vec<MorbidityFigureInput>,
    /// Does everything and keeps nothing, the idempotency key neither.
    #[graphql(default)]
    pub dry_run: bool,
}

impl Keyed for AssessmentComputeInput {
    fn key(&self) -> Option<&str> {
        Some(&self.idempotency_key)
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

/// What was read of the input, and what could not be.
#[derive(Debug, Default)]
pub struct Stated {
    /// The readable part; harmful factors are empty.
    pub inputs: AssessmentInputs,
    /// Entries that were given with an impossible grade or figure: they are wrong, not missing.
    pub misgraded: Vec<FactorCode>,
    /// Why the rest could not be read.
    pub refusals: Vec<Refusal>,
}

impl AssessmentComputeInput {
    /// Reads codes and grades.
    pub fn stated(&self) -> Stated {
        let mut stated = Stated::default();
        for (index, given) in self.mechanical.iter().enumerate() {
            let Some(code) = stated.code("mechanical", index, &given.code) else { continue };
            match u8::try_from(given.grade).ok().and_then(|grade| Grade::new(grade).ok()) {
                Some(grade) => stated.inputs.mechanical.push(Graded { code, grade }),
                None => stated.misgraded(code, index, given.grade),
            }
        }
        for (index, given) in self.equipment.iter().enumerate() {
            let Some(code) = stated.code("equipment", index, &given.code) else { continue };
            stated.inputs.equipment.push(risk::Finding { code, finding: given.finding.into() });
        }
        for (index, given) in self.ppe.iter().enumerate() {
            let Some(code) = stated.code("ppe", index, &given.code) else { continue };
            stated.inputs.ppe.push(risk::Finding { code, finding: given.finding.into() });
        }
        for (index, given) in self.morbidity.iter().enumerate() {
            let code = stated.code("morbidity", index, &given.code);
            match (code, given.value.clone().at(format!("morbidity.{index}.value"))) {
                (Some(code), Ok(value)) => stated.inputs.morbidity.push(MorbidityInput { code, value }),
                (Some(code), Err(refusal)) => stated.malformed(code, refusal),
                (None, read) => stated.refusals.extend(read.err()),
            }
        }
        stated
    }

    /// Codes as given to one of the four lists.
    pub fn codes(&self, list: &str) -> Vec<&str> {
        match list {
            "mechanical" => self.mechanical.iter().map(|given| given.code.trim()).collect(),
            "equipment" => self.equipment.iter().map(|given| given.code.trim()).collect(),
            "ppe" => self.ppe.iter().map(|given| given.code.trim()).collect(),
            "morbidity" => self.morbidity.iter().map(|given| given.code.trim()).collect(),
            _ => Vec::new(),
        }
    }
}

impl Stated {
    /// A text that cannot be a code is in no catalogue.
    fn code(&mut self, list: &str, index: usize, text: &str) -> Option<FactorCode> {
        let unknown =
            || Refusal::new(RefusalCode::UnknownFactor).at(format!("{list}.{index}.code")).with("value", text);
        FactorCode::parse(text).map_err(|_| self.refusals.push(unknown())).ok()
    }

    fn misgraded(&mut self, code: FactorCode, index: usize, grade: i32) {
        let refusal = Refusal::new(RefusalCode::OutOfRange).at(format!("mechanical.{index}.grade"));
        self.refusals.push(
            refusal
                .with("min", 1)
                .with("max", 5)
                .with("value", grade)
                .with("indicator", Indicator::T)
                .with("code", &code),
        );
        self.misgraded.push(code);
    }

    fn malformed(&mut self, code: FactorCode, refusal: Refusal) {
        self.refusals.push(refusal.with("indicator", Indicator::Z).with("code", &code));
        self.misgraded.push(code);
    }
}

impl From<PpeFinding> for FindingOutcome {
    fn from(finding: PpeFinding) -> Self {
        match finding {
            PpeFinding::Met => Self::Met,
            PpeFinding::NotMet => Self::NotMet,
        }
    }
}
