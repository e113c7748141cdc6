//! What the rules give at each degree of professional risk: band of PR, level, insurance coefficient, guarantees.

use async_graphql::{Enum, SimpleObject};
use domain::rule_set;

use crate::areas::enterprises::RiskLevel;
use crate::areas::guarantees::{GuaranteeKind, GuaranteeUnit};
use crate::graphql::explanation::{Origin, Provenance};
use crate::graphql::scalars::Decimal;
use crate::language::LocalizedText;

/// One of the five indicators of professional risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::Indicator")]
pub enum RiskIndicator {
    /// Harmfulness of working conditions (В).
    V,
    /// Hazard of injury (Т).
    T,
    /// Safety of equipment (Об).
    Ob,
    /// Provision with personal protective equipment (СИЗ).
    Siz,
    /// Morbidity (З).
    Z,
}

/// Name of one of the five indicators.
#[derive(Clone, Debug, SimpleObject)]
pub struct RiskIndicatorName {
    /// The indicator.
    pub indicator: RiskIndicator,
    /// Name in all three languages.
    pub names: LocalizedText,
}

/// One term of the formula of PR: the mean of its indicators times its weight.
#[derive(Clone, Debug, SimpleObject)]
pub struct WeightedTerm {
    /// Weight, 0..1; the weights of all terms sum to 1.
    pub weight: Decimal,
    /// Indicators that are averaged; at most five.
    pub indicators: Vec<RiskIndicator>,
}

/// Everything the rules say of one degree of professional risk.
#[derive(Clone, Debug, SimpleObject)]
pub struct DegreeRule {
    /// Degree, 1 (acceptable) to 5 (very high).
    pub degree: i32,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Source of the name.
    pub name_origin: Origin,
    /// First PR of the band.
    pub pr_from: Decimal,
    /// First PR above the band; where `prToIncluded` holds, the last PR of the band.
    pub pr_to: Decimal,
    /// Whether `prTo` itself belongs to the band: the worst degree only.
    pub pr_to_included: bool,
    /// Source of the band.
    pub band_origin: Origin,
    /// Level of an enterprise with this integral degree.
    pub level: RiskLevel,
    /// Protection the level calls for, in all three languages.
    pub protection: LocalizedText,
    /// Source of level and protection.
    pub level_origin: Origin,
    /// What the insurance rate is multiplied with. Null when the rule set has no coefficient for the degree.
    pub coefficient: Option<Decimal>,
    /// Source of the coefficient. Null with it.
    pub coefficient_origin: Option<Origin>,
}

/// A guarantee at one degree.
#[derive(Clone, Debug, SimpleObject)]
pub struct GuaranteeStep {
    /// Degree, 1 (acceptable) to 5 (very high).
    pub degree: i32,
    /// Whether the degree gives anything beyond the ordinary.
    pub granted: bool,
    /// Least amount in the unit of the guarantee. Null when a formula gives it.
    pub min: Option<Decimal>,
    /// Largest amount in the unit of the guarantee. Null when a formula gives it.
    pub max: Option<Decimal>,
    /// Kind of source.
    pub provenance: Provenance,
    /// Citation of the source.
    pub source: String,
}

/// A guarantee at all five degrees.
#[derive(Clone, Debug, SimpleObject)]
pub struct GuaranteeRule {
    /// Which guarantee.
    pub kind: GuaranteeKind,
    /// Name in all three languages.
    pub names: LocalizedText,
    /// Unit of the amounts.
    pub unit: GuaranteeUnit,
    /// The five degrees.
    pub degrees: Vec<GuaranteeStep>,
}

impl From<&rule_set::WeightedTerm> for WeightedTerm {
    fn from(term: &rule_set::WeightedTerm) -> Self {
        let indicators = term.indicators.iter().copied().map(Into::into).collect();
        Self { weight: term.weight.into(), indicators }
    }
}

impl From<&rule_set::GuaranteeRow> for GuaranteeRule {
    fn from(row: &rule_set::GuaranteeRow) -> Self {
        let step = |step: &rule_set::GuaranteeStep| GuaranteeStep {
            degree: step.degree.get().into(),
            granted: step.granted,
            min: step.min.map(Into::into),
            max: step.max.map(Into::into),
            provenance: step.origin.provenance.into(),
            source: step.origin.source.clone(),
        };
        Self {
            kind: row.kind.into(),
            names: row.names.clone().into(),
            unit: row.unit.into(),
            degrees: row.degrees.iter().map(step).collect(),
        }
    }
}

/// The five degrees of a rule set, best first.
pub fn degrees(rules: &rule_set::RuleSet) -> Vec<DegreeRule> {
    let coefficient = |degree| rules.insurance.coefficients.iter().find(|row| row.degree == degree);
    let rule = |rule: &rule_set::DegreeRule| DegreeRule {
        degree: rule.degree.get().into(),
        names: rule.names.clone().into(),
        name_origin: rule.origin.clone().into(),
        pr_from: rule.band.from.into(),
        pr_to: rule.band.to.into(),
        pr_to_included: rule.band.closed,
        band_origin: rule.band.origin.clone().into(),
        level: rule.level.letter.into(),
        protection: rule.level.protection.clone().into(),
        level_origin: rule.level.origin.clone().into(),
        coefficient: coefficient(rule.degree).map(|row| row.value.into()),
        coefficient_origin: coefficient(rule.degree).map(|row| row.origin.clone().into()),
    };
    rules.degrees.iter().map(rule).collect()
}

/// The formula of PR as people write it: `PR = 0.7*(V+T)/2 + 0.2*(OB+SIZ)/2 + 0.1*Z`.
pub fn formula(weights: &rule_set::Weights) -> String {
    let term = |term: &rule_set::WeightedTerm| {
        let indicators: Vec<&str> = term.indicators.iter().map(|indicator| indicator.as_str()).collect();
        match indicators.as_slice() {
            [one] => format!("{}*{one}", term.weight.normalize()),
            many => format!("{}*({})/{}", term.weight.normalize(), many.join("+"), many.len()),
        }
    };
    format!("PR = {}", weights.terms.iter().map(term).collect::<Vec<_>>().join(" + "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> rule_set::RuleSet {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        rule_set::RuleSet::from_json(text).expect("the shipped rule set is valid")
    }

    #[test]
    fn the_formula_reads_as_in_the_slides() {
        assert_eq!(formula(&rules().weights), "PR = 0.7*(V+T)/2 + 0.2*(OB+SIZ)/2 + 0.1*Z");
    }

    #[test]
    fn the_five_degrees_carry_band_level_and_coefficient() {
        let degrees = degrees(&rules());
        let shown: Vec<_> = degrees
            .iter()
            .map(|rule| {
                let coefficient = rule.coefficient.map(|value| value.0.to_string()).unwrap_or_default();
                (rule.degree, rule.level, rule.pr_to_included, coefficient)
            })
            .collect();
        assert_eq!(
            shown,
            [
                (1, RiskLevel::E, false, "1.0".to_owned()),
                (2, RiskLevel::D, false, "1.2".to_owned()),
                (3, RiskLevel::C, false, "1.3".to_owned()),
                (4, RiskLevel::B, false, "1.4".to_owned()),
                (5, RiskLevel::A, true, "1.5".to_owned()),
            ]
        );
    }
}
