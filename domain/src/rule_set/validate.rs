//! What a rule set must satisfy before anything is scored with it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::validate_dues::{check_guarantees, check_insurance, check_pay, check_ppe};
use super::{Basis, GradeBands, Indicator, Limit, LimitKind, RuleSet};
use crate::grade::{ConditionClass, Degree, Grade};
use crate::ids::FactorCode;

/// One contradiction in a rule set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetFault {
    /// The weights of the formula do not sum to 1; the sum.
    #[error("the weights sum to {0}, not to 1")]
    WeightsSum(Decimal),
    /// An indicator is in no term of the formula or in several.
    #[error("indicator {0} is not in exactly one term of the formula")]
    IndicatorTerms(Indicator),
    /// An indicator has no complete name.
    #[error("indicator {0} has no name in the three languages")]
    IndicatorName(Indicator),
    /// The bands of a degree do not join its neighbours.
    #[error("the band of degree {0} does not join the one before, or does not cover the scale")]
    DegreeBands(Degree),
    /// A degree has no row, or has several.
    #[error("degree {0} does not have exactly one row")]
    DegreeRows(Degree),
    /// A class has no grade or several, or a worse class has a better grade.
    #[error("class {0} does not have exactly one grade, not better than that of the class before")]
    ClassGrades(ConditionClass),
    /// Two catalogue entries with one code.
    #[error("the code {0} is used twice")]
    DuplicateCode(FactorCode),
    /// A name is missing in a language; where.
    #[error("{0} lacks a name in one of the three languages")]
    IncompleteName(String),
    /// A catalogue is empty; which.
    #[error("the catalogue {0} is empty")]
    EmptyCatalogue(&'static str),
    /// The bounds, basis or bands of a limit contradict each other or its kind.
    #[error("the limit of {0} is contradictory")]
    Limit(FactorCode),
    /// Bands of a graded number do not ascend; where.
    #[error("the bands of {0} do not ascend")]
    GradeBands(String),
    /// A rule refers to a factor that is not in the catalogue.
    #[error("{0} is not a harmful factor of the catalogue")]
    UnknownFactor(FactorCode),
    /// A number that must be positive, in range or non-decreasing is not; which.
    #[error("{0} is out of range")]
    Parameter(&'static str),
    /// The coefficients are not one for each degree, 1 or more and non-decreasing.
    #[error("the coefficient of degree {0} is missing, repeated, below 1 or below the one before")]
    Coefficients(Degree),
    /// A guarantee is missing, repeated, or smaller at a higher degree; which, and the degree.
    #[error("guarantee {0} is missing, repeated or reversed at degree {1}")]
    Guarantees(&'static str, Degree),
    /// The end is before the beginning.
    #[error("the rule set ends before it begins")]
    Validity,
}

impl RuleSet {
    /// Checks that the rules do not contradict each other and that every computation finds its row.
    ///
    /// # Errors
    /// Every fault found, in a fixed order.
    pub fn validate(&self) -> Result<(), Vec<RuleSetFault>> {
        let mut faults = Vec::new();
        if self.valid_to.is_some_and(|end| end < self.valid_from) {
            faults.push(RuleSetFault::Validity);
        }
        check_weights(self, &mut faults);
        check_degrees(self, &mut faults);
        check_classes(self, &mut faults);
        check_names(self, &mut faults);
        check_codes(self, &mut faults);
        check_limits(self, &mut faults);
        check_graded(self, &mut faults);
        check_insurance(self, &mut faults);
        check_guarantees(self, &mut faults);
        check_pay(self, &mut faults);
        check_ppe(self, &mut faults);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn check_weights(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    let terms = &rules.weights.terms;
    let fractions = terms.iter().all(|term| term.weight > Decimal::ZERO && term.weight <= Decimal::ONE);
    let sum = terms.iter().try_fold(Decimal::ZERO, |sum, term| sum.checked_add(term.weight)).unwrap_or(Decimal::MAX);
    if !fractions || sum != Decimal::ONE {
        faults.push(RuleSetFault::WeightsSum(sum));
    }
    if rules.weights.scale > 6 {
        faults.push(RuleSetFault::Parameter("weights.scale"));
    }
    for indicator in Indicator::ALL {
        let uses = terms.iter().flat_map(|term| &term.indicators).filter(|used| *used == indicator).count();
        if uses != 1 {
            faults.push(RuleSetFault::IndicatorTerms(*indicator));
        }
        let named = rules.indicators.iter().filter(|row| row.indicator == *indicator && row.names.is_complete());
        if named.count() != 1 {
            faults.push(RuleSetFault::IndicatorName(*indicator));
        }
    }
}

fn check_degrees(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    let mut edge = Decimal::ONE;
    let mut letters = BTreeSet::new();
    for degree in Degree::ALL {
        let mut rows = rules.degrees.iter().filter(|row| row.degree == degree);
        let (Some(row), None) = (rows.next(), rows.next()) else {
            faults.push(RuleSetFault::DegreeRows(degree));
            continue;
        };
        let last = degree == Degree::WORST;
        let ends = !last || row.band.to == Decimal::from(Degree::WORST.get());
        if row.band.from != edge || row.band.to <= row.band.from || row.band.closed != last || !ends {
            faults.push(RuleSetFault::DegreeBands(degree));
        }
        if !letters.insert(row.level.letter) {
            faults.push(RuleSetFault::DegreeRows(degree));
        }
        edge = row.band.to;
    }
}

fn check_classes(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    let mut before = Grade::BEST;
    for class in ConditionClass::ALL {
        let mut rows = rules.class_grades.iter().filter(|row| row.class == *class);
        match (rows.next(), rows.next()) {
            (Some(row), None) if row.grade >= before => before = row.grade,
            _ => faults.push(RuleSetFault::ClassGrades(*class)),
        }
    }
    let combination = &rules.combination;
    if combination.fold_count < 2 || combination.raise_count < 2 {
        faults.push(RuleSetFault::Parameter("combination"));
    }
    // Both needed for monotony, see `Combination`.
    if !combination.fold_class.is_harmful() || combination.raise_from <= combination.fold_class {
        faults.push(RuleSetFault::Parameter("combination"));
    }
}

fn check_names(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    let harmful = rules.harmful.iter().map(|row| (row.code.as_str(), &row.names));
    let graded = rules.mechanical.iter().chain(&rules.equipment).chain(&rules.ppe_criteria);
    let graded = graded.map(|row| (row.code.as_str(), &row.names));
    let morbidity = rules.morbidity.iter().map(|row| (row.code.as_str(), &row.names));
    let classes = rules.class_grades.iter().map(|row| (row.class.as_str(), &row.names));
    let degrees = rules.degrees.iter().map(|row| (row.level.letter.as_str(), &row.names));
    let protection = rules.degrees.iter().map(|row| (row.level.letter.as_str(), &row.level.protection));
    let guarantees = rules.guarantees.iter().map(|row| (row.kind.as_str(), &row.names));
    let sectors = rules.pay_formula.sectors.iter().map(|row| (row.code.as_str(), &row.names));
    let items = rules.ppe.norms.iter().map(|row| (row.item.as_str(), &row.names));
    let whole = std::iter::once((rules.code.as_str(), &rules.names));
    let method = whole.chain(harmful).chain(graded).chain(morbidity).chain(classes).chain(degrees).chain(protection);
    for (place, names) in method.chain(guarantees).chain(sectors).chain(items) {
        if !names.is_complete() || place.is_empty() {
            faults.push(RuleSetFault::IncompleteName(place.to_owned()));
        }
    }
}

fn check_codes(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    let sizes = [
        ("harmful", rules.harmful.len()),
        ("mechanical", rules.mechanical.len()),
        ("equipment", rules.equipment.len()),
        ("ppe_criteria", rules.ppe_criteria.len()),
        ("morbidity", rules.morbidity.len()),
    ];
    faults.extend(sizes.iter().filter(|(_, size)| *size == 0).map(|(name, _)| RuleSetFault::EmptyCatalogue(name)));
    let graded = rules.mechanical.iter().chain(&rules.equipment).chain(&rules.ppe_criteria).map(|row| &row.code);
    let measured = rules.harmful.iter().map(|row| &row.code).chain(rules.morbidity.iter().map(|row| &row.code));
    let mut seen = BTreeSet::new();
    for code in measured.chain(graded) {
        if !seen.insert(code) {
            faults.push(RuleSetFault::DuplicateCode(code.clone()));
        }
    }
}

fn check_limits(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    for factor in &rules.harmful {
        let fits = match &factor.limit {
            Some(limit) => factor.unit.is_some() && limit_is_sound(factor.limit_kind, limit),
            None => true,
        };
        let bounds = factor.lowest.zip(factor.highest).is_none_or(|(low, high)| low < high);
        if !fits || !bounds {
            faults.push(RuleSetFault::Limit(factor.code.clone()));
        }
    }
    let noise = &rules.shift_noise;
    if noise.reference_minutes == 0 || noise.longest_minutes < noise.reference_minutes {
        faults.push(RuleSetFault::Parameter("shift_noise"));
    }
    let unknown = noise.factors.iter().filter(|code| rules.harmful_factor(code).is_none());
    faults.extend(unknown.map(|code| RuleSetFault::UnknownFactor(code.clone())));
}

fn limit_is_sound(kind: LimitKind, limit: &Limit) -> bool {
    let bounds = match (kind, limit.lower, limit.upper) {
        (LimitKind::Maximum, None, Some(bound)) | (LimitKind::Minimum, Some(bound), None) => {
            limit.basis == Basis::Excess || bound > Decimal::ZERO
        }
        (LimitKind::Range, Some(lower), Some(upper)) => lower < upper && limit.basis == Basis::Excess,
        _ => false,
    };
    let start = if limit.basis == Basis::Ratio { Decimal::ONE } else { Decimal::ZERO };
    let mut edge = (start, limit.within);
    let ascending = limit.bands.iter().all(|band| {
        let further = band.up_to > edge.0 && band.class >= edge.1;
        edge = (band.up_to, band.class);
        further
    });
    bounds && ascending && limit.beyond >= edge.1
}

fn check_graded(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    if !bands_ascend(&rules.equipment_bands) {
        faults.push(RuleSetFault::GradeBands("equipment_bands".to_owned()));
    }
    let morbidity = rules.morbidity.iter().filter(|row| !bands_ascend(&row.grades));
    faults.extend(morbidity.map(|row| RuleSetFault::GradeBands(row.code.to_string())));
    let counts = &rules.ppe_grades.by_count;
    if counts.is_empty() || !counts.is_sorted() {
        faults.push(RuleSetFault::GradeBands("ppe_grades".to_owned()));
    }
}

fn bands_ascend(grades: &GradeBands) -> bool {
    let values = grades.bands.iter().map(|band| band.up_to).is_sorted_by(|a, b| a < b);
    let worst = grades.bands.last().map_or(Grade::BEST, |band| band.grade);
    values && grades.bands.iter().map(|band| band.grade).is_sorted() && grades.beyond >= worst
}
