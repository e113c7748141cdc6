//! Assessment of professional risk: inputs of a workplace → five indicators → PR → degree; workplaces → enterprise.
//!
//! PR = 0.7·(V+T)/2 + 0.2·(Ob+SIZ)/2 + 0.1·Z (DECK); all numbers come from the rule set.
//! V follows the monotone reading described at [`crate::rule_set::Combination`].

mod assess;
mod enterprise;
mod harmfulness;
mod indicators;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use assess::assess;
pub use enterprise::{IntegralScore, RiskTally, TallyFault, WorkplaceWeight, enterprise_score};
pub use harmfulness::combined_class;

use crate::grade::{ConditionClass, Degree, Grade};
use crate::ids::FactorCode;
use crate::named::named;
use crate::rule_set::Indicator;
pub use crate::trace::{Step, Trace};

/// A harmful factor of the workplace with its class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HarmfulInput {
    /// The factor.
    pub factor: FactorCode,
    /// Its class of conditions.
    pub class: ConditionClass,
    /// The measurement that gave the class, if it is stored.
    pub measurement_id: Option<String>,
}

/// A mechanical factor with its grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graded {
    /// The factor.
    pub code: FactorCode,
    /// Its grade.
    pub grade: Grade,
}

named! {
    /// Outcome of a check of a criterion.
    pub enum FindingOutcome {
        /// The criterion is met.
        Met = "met",
        /// The criterion is not met.
        NotMet = "not_met",
        /// The criterion does not apply to the workplace; equipment only.
        NotApplicable = "not_applicable",
    }
}

/// A criterion with the outcome of its check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The criterion.
    pub code: FactorCode,
    /// The outcome.
    pub finding: FindingOutcome,
}

/// A morbidity input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MorbidityInput {
    /// The input.
    pub code: FactorCode,
    /// Its value, in the unit of the catalogue.
    pub value: Decimal,
}

/// Everything that an assessment of one workplace is computed from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentInputs {
    /// Harmful factors present at the workplace, at least one.
    pub harmful: Vec<HarmfulInput>,
    /// Every mechanical factor of the catalogue.
    pub mechanical: Vec<Graded>,
    /// Every equipment criterion of the catalogue.
    pub equipment: Vec<Finding>,
    /// Every PPE criterion of the catalogue.
    pub ppe: Vec<Finding>,
    /// Every morbidity input of the catalogue.
    pub morbidity: Vec<MorbidityInput>,
}

/// The result of an assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Class of conditions of the workplace: the harmful factors taken together.
    pub class: ConditionClass,
    /// V, harmfulness.
    pub v: Grade,
    /// T, hazard of injury.
    pub t: Grade,
    /// Ob, safety of equipment.
    pub ob: Grade,
    /// SIZ, provision with PPE.
    pub siz: Grade,
    /// Z, morbidity.
    pub z: Grade,
    /// PR, 1.0..=5.0, at most six decimals.
    pub pr: Decimal,
    /// Degree of professional risk.
    pub degree: Degree,
    /// The arithmetic.
    pub trace: Trace,
}

/// One thing that is wrong with the inputs of an assessment. All of them come at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputFault {
    /// An input is missing.
    #[error("indicator {indicator} lacks {code:?}")]
    Missing {
        /// Indicator that cannot be graded.
        indicator: Indicator,
        /// The catalogue entry without an input; `None`: there is no input at all.
        code: Option<FactorCode>,
    },
    /// An input that is not in the catalogue of its indicator.
    #[error("indicator {indicator} has no input {code}")]
    Unknown {
        /// Indicator that the input was given for.
        indicator: Indicator,
        /// The unknown code.
        code: FactorCode,
    },
    /// The same input twice.
    #[error("indicator {indicator} has {code} twice")]
    Duplicate {
        /// Indicator.
        indicator: Indicator,
        /// The repeated code.
        code: FactorCode,
    },
    /// A value that is impossible.
    #[error("{code} cannot be {value}")]
    OutOfRange {
        /// Indicator.
        indicator: Indicator,
        /// The input.
        code: FactorCode,
        /// Its value.
        value: Decimal,
        /// Smallest possible value.
        lowest: Decimal,
        /// Largest possible value; `None`: no bound.
        highest: Option<Decimal>,
    },
    /// A criterion that always applies was marked as not applicable.
    #[error("{code} always applies")]
    AlwaysApplies {
        /// Indicator.
        indicator: Indicator,
        /// The criterion.
        code: FactorCode,
    },
    /// The rule set lacks a row; impossible in a validated rule set.
    #[error("the rule set lacks a row for {0}")]
    RuleSetIncomplete(&'static str),
}
