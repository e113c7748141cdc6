//! The method of scoring: formula, class → grade, combination of factors, bands of PR, levels.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Origin;
use crate::grade::{ConditionClass, Degree, Grade, Level};
use crate::localized::Localized;
use crate::named::named;

named! {
    /// One of the five indicators. DECK.
    pub enum Indicator {
        /// В, harmfulness of conditions.
        V = "V",
        /// Т, hazard of injury.
        T = "T",
        /// Об, safety of equipment.
        Ob = "OB",
        /// СИЗ, provision with personal protective equipment.
        Siz = "SIZ",
        /// З, morbidity.
        Z = "Z",
    }
}

/// Name of an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorName {
    /// The indicator.
    pub indicator: Indicator,
    /// Name.
    pub names: Localized,
}

/// One term of the formula: the mean of its indicators times its weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedTerm {
    /// Weight, 0..=1.
    pub weight: Decimal,
    /// Indicators that are averaged.
    pub indicators: Vec<Indicator>,
}

/// The formula of PR: the sum of its terms. DECK: 0.7·(V+T)/2 + 0.2·(Ob+SIZ)/2 + 0.1·Z.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Terms; the weights sum to 1 and every indicator is in one term.
    pub terms: Vec<WeightedTerm>,
    /// Decimals of a PR, rounded half up. The rounded number is the score: it is banded and stored.
    pub scale: u32,
    /// Source.
    pub origin: Origin,
}

/// Grade and name of a class of conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassGrade {
    /// Class.
    pub class: ConditionClass,
    /// Grade of a factor of this class.
    pub grade: Grade,
    /// Name of the class.
    pub names: Localized,
    /// Source of the grade.
    pub origin: Origin,
}

/// How several harmful factors add up.
///
/// Reading that keeps the rule monotone (a worse factor never gives a better result):
/// 1. `fold_count` or more factors of exactly `fold_class` count as one more factor of the *next* class;
///    a larger jump would be undone when one of them gets slightly worse, so it is not expressible.
/// 2. The result is the worst factor; if `raise_count` or more factors, the one of step 1 included, are of class
///    `raise_from` or worse, it is one step worse. Mixed classes count together: 3.2 and 3.3 give 3.4.
///    `raise_from` is worse than `fold_class`: a folded factor that gets worse then replaces, one for one, the factor
///    that the fold had added. Were 3.1 counted in both steps, 3.1 + 3.1 + 3.1 could give 3.3 and 3.1 + 3.1 + 3.2 only
///    3.2. Counting each class by itself would need a rule for each mixture, and the source has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combination {
    /// Class whose factors are counted in step 1.
    pub fold_class: ConditionClass,
    /// How many of them count as one of the next class; at least 2.
    pub fold_count: u32,
    /// Class from which factors are counted in step 2.
    pub raise_from: ConditionClass,
    /// How many of them raise the result by one step; at least 2.
    pub raise_count: u32,
    /// Source.
    pub origin: Origin,
}

/// Grade of an indicator by the number of criteria that are not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotMetGrades {
    /// Grade for none, one, two … not met; the last one also for more.
    pub by_count: Vec<Grade>,
    /// Source.
    pub origin: Origin,
}

/// Band of PR that gives a degree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DegreeBand {
    /// First PR of the band.
    pub from: Decimal,
    /// First PR above the band; of the worst degree, the last PR of the band.
    pub to: Decimal,
    /// Whether `to` itself belongs to the band (the worst degree only).
    pub closed: bool,
    /// Source.
    pub origin: Origin,
}

impl DegreeBand {
    /// Whether a PR is in the band.
    pub fn holds(&self, pr: Decimal) -> bool {
        pr >= self.from && (pr < self.to || self.closed && pr == self.to)
    }
}

/// Letter of the digital map and level of protection that a degree calls for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DegreeLevel {
    /// Letter.
    pub letter: Level,
    /// Level of protection in words.
    pub protection: Localized,
    /// Source.
    pub origin: Origin,
}

/// Everything about one degree of professional risk that does not depend on the workplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DegreeRule {
    /// The degree.
    pub degree: Degree,
    /// Name: acceptable, low, medium, high, very high.
    pub names: Localized,
    /// Source of the name.
    pub origin: Origin,
    /// Band of PR.
    pub band: DegreeBand,
    /// Letter and protection.
    pub level: DegreeLevel,
}
