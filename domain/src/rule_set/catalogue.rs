//! The catalogues of a rule set: what is measured, graded, checked and counted.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Origin;
use crate::grade::{ConditionClass, Grade};
use crate::ids::FactorCode;
use crate::localized::Localized;
use crate::named::named;

named! {
    /// Group of harmful factors. DECK.
    pub enum FactorGroup {
        /// Chemical.
        Chemical = "chemical",
        /// Physical.
        Physical = "physical",
        /// Biological.
        Biological = "biological",
        /// Psychophysiological: heaviness, intensity, regime of labour.
        Psychophysiological = "psychophysiological",
    }
}

named! {
    /// What a limit means.
    pub enum LimitKind {
        /// The value must not be above.
        Maximum = "maximum",
        /// The value must not be below.
        Minimum = "minimum",
        /// The value must lie between two bounds.
        Range = "range",
        /// The factor is judged by an expert procedure: a protocol gives a class, there is no single value.
        ClassOnly = "class_only",
    }
}

named! {
    /// How far a value is from its limit is measured as …
    pub enum Basis {
        /// a difference in the unit of the factor;
        Excess = "excess",
        /// a ratio: value to limit for a maximum, limit to value for a minimum.
        Ratio = "ratio",
    }
}

/// Up to this distance from the limit, inclusive, the conditions are of this class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassBand {
    /// Largest distance; a difference above 0 or a ratio above 1, by [`Limit::basis`].
    pub up_to: Decimal,
    /// Class of conditions.
    pub class: ConditionClass,
}

/// A limit and the classes beyond it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Lower bound, of a minimum or a range.
    pub lower: Option<Decimal>,
    /// Upper bound, of a maximum or a range.
    pub upper: Option<Decimal>,
    /// How the distance is measured.
    pub basis: Basis,
    /// Class within the limit.
    pub within: ConditionClass,
    /// Classes by distance, ascending.
    pub bands: Vec<ClassBand>,
    /// Class beyond the last band.
    pub beyond: ConditionClass,
    /// Source of the limit and its bands.
    pub origin: Origin,
}

/// A harmful factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HarmfulFactor {
    /// Stable code, for example `NOISE_CONSTANT`.
    pub code: FactorCode,
    /// Group.
    pub group: FactorGroup,
    /// Name.
    pub names: Localized,
    /// Unit of a measured value, for example `dBA`; `None` when only a class exists.
    pub unit: Option<String>,
    /// Smallest value that a measurement can have; anything below is a mistake of input. `None`: no bound.
    pub lowest: Option<Decimal>,
    /// Largest value that a measurement can have. `None`: no bound.
    pub highest: Option<Decimal>,
    /// What a limit for this factor means.
    pub limit_kind: LimitKind,
    /// The limit; `None` until it is imported, then only a class from a protocol is accepted.
    pub limit: Option<Limit>,
    /// Source of the entry itself.
    pub origin: Origin,
}

/// A mechanical factor or a criterion that is graded or checked, not measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// Stable code.
    pub code: FactorCode,
    /// Name.
    pub names: Localized,
    /// Source.
    pub origin: Origin,
}

/// Up to this value, inclusive, the grade is this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeBand {
    /// Largest value of the band.
    pub up_to: Decimal,
    /// Grade.
    pub grade: Grade,
}

/// Grades of a number by ascending bands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeBands {
    /// Bands, ascending.
    pub bands: Vec<GradeBand>,
    /// Grade beyond the last band.
    pub beyond: Grade,
    /// Source.
    pub origin: Origin,
}

/// A morbidity input of Z.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MorbidityIndicator {
    /// Stable code.
    pub code: FactorCode,
    /// Name.
    pub names: Localized,
    /// Unit, for example `days/100`.
    pub unit: String,
    /// Smallest possible value.
    pub lowest: Decimal,
    /// Largest possible value; `None`: no bound.
    pub highest: Option<Decimal>,
    /// Grades of the value.
    pub grades: GradeBands,
    /// Source of the entry itself.
    pub origin: Origin,
}

/// Noise over a shift: L_EX = 10·lg( (1/T0) Σ T_i·10^(L_i/10) ), ISO 9612.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftNoise {
    /// Factors whose value may be computed from the exposures of a shift.
    pub factors: Vec<FactorCode>,
    /// T0, minutes.
    pub reference_minutes: u32,
    /// Longest sum of exposures, minutes.
    pub longest_minutes: u32,
    /// Source.
    pub origin: Origin,
}
