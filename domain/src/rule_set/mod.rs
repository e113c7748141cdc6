//! The rule set: every rule, limit, band and matrix of the method as one dated, versioned object. It is data.
//!
//! No number of the method is a constant in code, because a draft order of December 2025 changes them: a new order is
//! a new file. Every stored score names its rule set and can be recomputed with it.

mod catalogue;
mod dues;
mod method;
mod validate;
mod validate_dues;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use catalogue::{
    Basis, CatalogueEntry, ClassBand, FactorGroup, GradeBand, GradeBands, HarmfulFactor, Limit, LimitKind,
    MorbidityIndicator, ShiftNoise,
};
pub use dues::{
    Coefficient, Direction, GuaranteeKind, GuaranteeRow, GuaranteeStep, GuaranteeUnit, Insurance, Parameter,
    PayFormula, PpeMatrix, PpeNorm, Sector,
};
pub use method::{
    ClassGrade, Combination, DegreeBand, DegreeLevel, DegreeRule, Indicator, IndicatorName, NotMetGrades, WeightedTerm,
    Weights,
};
pub use validate::RuleSetFault;

use crate::grade::{ConditionClass, Degree, Grade, Level};
use crate::ids::{FactorCode, OkedCode};
use crate::localized::Localized;
use crate::named::named;
use crate::provenance::Provenance;

named! {
    /// Where a rule set is in its life.
    pub enum RuleSetStatus {
        /// Being prepared or discussed; may be used for trials, never for stored assessments.
        Draft = "DRAFT",
        /// In force from `valid_from`.
        InForce = "IN_FORCE",
        /// Replaced; kept to recompute what was scored with it.
        Retired = "RETIRED",
    }
}

/// The source of a row: its kind, and the words to find it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Kind of source.
    pub provenance: Provenance,
    /// Document, slide, article or calculator.
    pub source: String,
}

/// All rules of the method that were in force together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Stable code, for example `KZ-2023-PROVISIONAL`.
    pub code: String,
    /// Name.
    pub names: Localized,
    /// Where it is in its life.
    pub status: RuleSetStatus,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; `None` while open.
    pub valid_to: Option<NaiveDate>,
    /// Source of the rule set as a whole.
    pub origin: Origin,
    /// Names of the five indicators.
    pub indicators: Vec<IndicatorName>,
    /// The formula of PR.
    pub weights: Weights,
    /// Harmful factors, inputs of V.
    pub harmful: Vec<HarmfulFactor>,
    /// Mechanical factors, inputs of T.
    pub mechanical: Vec<CatalogueEntry>,
    /// Criteria of equipment safety, inputs of Ob.
    pub equipment: Vec<CatalogueEntry>,
    /// Criteria of PPE provision, inputs of SIZ.
    pub ppe_criteria: Vec<CatalogueEntry>,
    /// Morbidity inputs of Z.
    pub morbidity: Vec<MorbidityIndicator>,
    /// Noise over a shift.
    pub shift_noise: ShiftNoise,
    /// Class of conditions → grade.
    pub class_grades: Vec<ClassGrade>,
    /// How several harmful factors add up.
    pub combination: Combination,
    /// Share of applicable equipment criteria not met, per cent → Ob.
    pub equipment_bands: GradeBands,
    /// Number of PPE criteria not met → SIZ.
    pub ppe_grades: NotMetGrades,
    /// Bands of PR, names, levels.
    pub degrees: Vec<DegreeRule>,
    /// Correction coefficients and premium rules.
    pub insurance: Insurance,
    /// The six guarantees by degree.
    pub guarantees: Vec<GuaranteeRow>,
    /// Coefficient of raised pay.
    pub pay_formula: PayFormula,
    /// PPE by factor and degree.
    pub ppe: PpeMatrix,
}

/// Why a text is not a usable rule set.
#[derive(Debug, thiserror::Error)]
pub enum RuleSetError {
    /// Not JSON of the expected shape.
    #[error("the rule set cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Readable, but the rules contradict each other.
    #[error("the rule set has {} faults, the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Faults(Vec<RuleSetFault>),
}

impl RuleSet {
    /// Reads and validates a rule set.
    ///
    /// # Errors
    /// [`RuleSetError::Json`] when it cannot be read, [`RuleSetError::Faults`] with every fault found.
    pub fn from_json(text: &str) -> Result<Self, RuleSetError> {
        let rules: Self = serde_json::from_str(text)?;
        rules.validate().map_err(RuleSetError::Faults)?;
        Ok(rules)
    }

    /// Whether the rule set is in force on a day.
    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.status == RuleSetStatus::InForce && self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }

    /// The harmful factor with this code.
    pub fn harmful_factor(&self, code: &FactorCode) -> Option<&HarmfulFactor> {
        self.harmful.iter().find(|factor| factor.code == *code)
    }

    /// The grade of a class of conditions; `None` only in a rule set that was not validated.
    pub fn grade_of(&self, class: ConditionClass) -> Option<&ClassGrade> {
        self.class_grades.iter().find(|row| row.class == class)
    }

    /// The degree whose band holds a PR; `None` outside of 1..=5.
    pub fn degree_of(&self, pr: Decimal) -> Option<&DegreeRule> {
        self.degrees.iter().find(|rule| rule.band.holds(pr))
    }

    /// The row of a degree; `None` only in a rule set that was not validated.
    pub fn degree(&self, degree: Degree) -> Option<&DegreeRule> {
        self.degrees.iter().find(|rule| rule.degree == degree)
    }

    /// The level of an enterprise whose integral score has this degree.
    pub fn level_of(&self, degree: Degree) -> Option<Level> {
        self.degree(degree).map(|rule| rule.level.letter)
    }

    /// The degree that a level stands for.
    pub fn degree_of_level(&self, level: Level) -> Option<Degree> {
        self.degrees.iter().find(|rule| rule.level.letter == level).map(|rule| rule.degree)
    }

    /// The sector of raised pay that an activity belongs to, by the longest OKED prefix; `None` when no row covers it.
    pub fn sector_for(&self, activity: &OkedCode) -> Option<&Sector> {
        let rows =
            self.pay_formula.sectors.iter().flat_map(|sector| sector.oked.iter().map(move |oked| (oked, sector)));
        rows.filter(|(oked, _)| oked.is_prefix_of(activity))
            .max_by_key(|(oked, _)| oked.specificity())
            .map(|(_, sector)| sector)
    }

    /// The grade of a value in ascending bands.
    pub(crate) fn grade_in(bands: &GradeBands, value: Decimal) -> Grade {
        bands.bands.iter().find(|band| value <= band.up_to).map_or(bands.beyond, |band| band.grade)
    }
}
