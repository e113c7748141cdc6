//! From an observation of a harmful factor to its class of conditions and grade.

mod classify;
mod noise;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use noise::noise_over_shift;

use crate::grade::{ConditionClass, Grade};
use crate::ids::FactorCode;
use crate::rule_set::{HarmfulFactor, RuleSet};
use crate::trace::{Step, plain};

/// One stay in noise during a shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// Equivalent level while it lasts, dBA.
    pub level_dba: Decimal,
    /// How long it lasts, minutes; more than 0.
    pub minutes: u32,
}

/// What was observed of a factor at a workplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum Observation {
    /// A measured value, in the unit of the factor.
    Value {
        /// The value.
        value: Decimal,
        /// Its unit, exactly as in the catalogue.
        unit: String,
    },
    /// The noise of one shift, stay by stay.
    Shift {
        /// The stays; silence need not be listed.
        exposures: Vec<Exposure>,
    },
    /// A class of conditions from the protocol of an accredited laboratory.
    Class(ConditionClass),
}

/// A factor that was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorResult {
    /// The factor.
    pub factor: FactorCode,
    /// The value that was compared with the limit, in `unit`; `None` when a class was given.
    pub value: Option<Decimal>,
    /// Unit of the value.
    pub unit: Option<String>,
    /// Class of conditions by this factor.
    pub class: ConditionClass,
    /// Grade of the class.
    pub grade: Grade,
    /// The arithmetic.
    pub trace: Vec<Step>,
}

/// Why an observation cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactorFault {
    /// The factor is not in the catalogue of the rule set.
    #[error("{factor} is not a factor of the rule set")]
    UnknownFactor {
        /// The code that was asked for.
        factor: FactorCode,
    },
    /// The value is in another unit than the limit.
    #[error("expected the unit {expected}, found {found}")]
    UnitMismatch {
        /// Unit of the catalogue.
        expected: String,
        /// Unit of the observation.
        found: String,
    },
    /// There is no limit to compare with: only a class from a protocol is accepted.
    #[error("no limit is loaded for {factor}")]
    LimitNotLoaded {
        /// The factor.
        factor: FactorCode,
    },
    /// No measurement can have this value.
    #[error("{value} is not between {lowest:?} and {highest:?}")]
    ValueOutOfRange {
        /// The value.
        value: Decimal,
        /// Smallest possible value, `None`: no bound.
        lowest: Option<Decimal>,
        /// Largest possible value, `None`: no bound.
        highest: Option<Decimal>,
    },
    /// A shift is not an observation of this factor.
    #[error("{factor} is not measured over a shift")]
    ShiftNotApplicable {
        /// The factor.
        factor: FactorCode,
    },
    /// A shift without a stay, or a stay of no length.
    #[error("a shift needs at least one exposure, each longer than 0 minutes")]
    NoExposure,
    /// The stays are longer than a shift can be.
    #[error("the exposures last {minutes} minutes, more than {longest}")]
    ShiftTooLong {
        /// Sum of the exposures, minutes.
        minutes: u64,
        /// Longest sum, minutes.
        longest: u32,
    },
    /// The rule set has no grade for the class; impossible in a validated rule set.
    #[error("the rule set has no grade for class {class}")]
    GradeNotLoaded {
        /// The class.
        class: ConditionClass,
    },
}

/// Evaluates one observation of a harmful factor.
///
/// # Errors
/// [`FactorFault`]: the factor is unknown, the observation does not fit it, or no limit is loaded.
pub fn evaluate(rules: &RuleSet, factor: &FactorCode, observation: &Observation) -> Result<FactorResult, FactorFault> {
    let entry = rules.harmful_factor(factor).ok_or_else(|| FactorFault::UnknownFactor { factor: factor.clone() })?;
    let mut trace = Vec::new();
    let value = observed_value(rules, entry, observation, &mut trace)?;
    let class = match (observation, value) {
        (Observation::Class(class), _) => class_from_protocol(entry, *class, &mut trace),
        (_, Some(value)) => classify::by_limit(entry, value, &mut trace)?,
        (_, None) => return Err(FactorFault::LimitNotLoaded { factor: factor.clone() }),
    };
    let row = rules.grade_of(class).ok_or(FactorFault::GradeNotLoaded { class })?;
    trace.push(Step::new(format!("GRADE:{factor}"), format!("class {class}"), row.grade, row.origin.provenance));
    let unit = value.and(entry.unit.clone());
    Ok(FactorResult { factor: factor.clone(), value, unit, class, grade: row.grade, trace })
}

/// The number to compare with the limit; `None` when the observation is a class.
fn observed_value(
    rules: &RuleSet,
    entry: &HarmfulFactor,
    observation: &Observation,
    trace: &mut Vec<Step>,
) -> Result<Option<Decimal>, FactorFault> {
    match observation {
        Observation::Class(_) => Ok(None),
        Observation::Value { value, unit } => {
            check_unit(entry, unit)?;
            check_range(entry, *value)?;
            Ok(Some(plain(*value)))
        }
        Observation::Shift { exposures } => {
            if !rules.shift_noise.factors.contains(&entry.code) {
                return Err(FactorFault::ShiftNotApplicable { factor: entry.code.clone() });
            }
            exposures.iter().try_for_each(|exposure| check_range(entry, exposure.level_dba))?;
            let (level, step) = noise::traced(&rules.shift_noise, exposures)?;
            trace.push(step);
            Ok(Some(level))
        }
    }
}

fn check_unit(entry: &HarmfulFactor, found: &str) -> Result<(), FactorFault> {
    match &entry.unit {
        None => Err(FactorFault::LimitNotLoaded { factor: entry.code.clone() }),
        Some(expected) if expected == found.trim() => Ok(()),
        Some(expected) => Err(FactorFault::UnitMismatch { expected: expected.clone(), found: found.trim().to_owned() }),
    }
}

fn check_range(entry: &HarmfulFactor, value: Decimal) -> Result<(), FactorFault> {
    let (lowest, highest) = (entry.lowest, entry.highest);
    let possible = lowest.is_none_or(|low| value >= low) && highest.is_none_or(|high| value <= high);
    if possible { Ok(()) } else { Err(FactorFault::ValueOutOfRange { value, lowest, highest }) }
}

fn class_from_protocol(entry: &HarmfulFactor, class: ConditionClass, trace: &mut Vec<Step>) -> ConditionClass {
    trace.push(Step::new(format!("CLASS:{}", entry.code), "laboratory protocol", class, entry.origin.provenance));
    class
}
