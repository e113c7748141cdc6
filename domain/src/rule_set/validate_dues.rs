//! Checks of what follows from a degree: a higher degree never gives less.

use rust_decimal::Decimal;

use super::{Direction, GuaranteeKind, GuaranteeStep, RuleSet, RuleSetFault};
use crate::grade::{Degree, Grade};

pub(super) fn check_insurance(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    let insurance = &rules.insurance;
    let mut before = Decimal::ONE;
    for degree in Degree::ALL {
        let mut rows = insurance.coefficients.iter().filter(|row| row.degree == degree);
        match (rows.next(), rows.next()) {
            (Some(row), None) if row.value >= before => before = row.value,
            _ => faults.push(RuleSetFault::Coefficients(degree)),
        }
    }
    let months = insurance.contract_months.value;
    if insurance.pay_cap_minimum_wages.value <= Decimal::ZERO {
        faults.push(RuleSetFault::Parameter("insurance.pay_cap_minimum_wages"));
    }
    if insurance.least_premium_minimum_wages.value < Decimal::ZERO {
        faults.push(RuleSetFault::Parameter("insurance.least_premium_minimum_wages"));
    }
    if months < Decimal::ONE || !months.is_integer() {
        faults.push(RuleSetFault::Parameter("insurance.contract_months"));
    }
}

pub(super) fn check_guarantees(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    for kind in GuaranteeKind::ALL {
        let mut rows = rules.guarantees.iter().filter(|row| row.kind == *kind);
        let (Some(row), None) = (rows.next(), rows.next()) else {
            faults.push(RuleSetFault::Guarantees(kind.as_str(), Degree::BEST));
            continue;
        };
        let mut before: Option<&GuaranteeStep> = None;
        for degree in Degree::ALL {
            let mut steps = row.degrees.iter().filter(|step| step.degree == degree);
            match (steps.next(), steps.next()) {
                (Some(step), None) if before.is_none_or(|before| grows(row.direction, before, step)) => {
                    before = Some(step);
                }
                _ => faults.push(RuleSetFault::Guarantees(kind.as_str(), degree)),
            }
        }
    }
}

/// Whether the step of a higher degree gives at least what the one before gives.
fn grows(direction: Direction, before: &GuaranteeStep, step: &GuaranteeStep) -> bool {
    let at_least = |before: Option<Decimal>, now: Option<Decimal>| match (before, now) {
        (Some(before), Some(now)) if direction == Direction::More => now >= before,
        (Some(before), Some(now)) => now <= before,
        (None, None) => true,
        _ => false,
    };
    let ordered = step.min.zip(step.max).is_none_or(|(min, max)| min <= max);
    step.granted >= before.granted && ordered && at_least(before.min, step.min) && at_least(before.max, step.max)
}

pub(super) fn check_pay(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    let formula = &rules.pay_formula;
    if formula.divisor <= Decimal::ZERO || formula.scale > 6 {
        faults.push(RuleSetFault::Parameter("pay_formula"));
    }
    // K grows with the degree only when D1 is 1 or more.
    let sound = |sector: &super::Sector| {
        sector.d1.value >= Decimal::ONE && sector.d2.value >= Decimal::ONE && !sector.oked.is_empty()
    };
    if !formula.sectors.iter().all(sound) {
        faults.push(RuleSetFault::Parameter("pay_formula.sectors"));
    }
}

pub(super) fn check_ppe(rules: &RuleSet, faults: &mut Vec<RuleSetFault>) {
    if rules.ppe.from_grade == Grade::BEST {
        faults.push(RuleSetFault::Parameter("ppe.from_grade"));
    }
    let unknown = rules.ppe.norms.iter().filter(|norm| rules.harmful_factor(&norm.factor).is_none());
    faults.extend(unknown.map(|norm| RuleSetFault::UnknownFactor(norm.factor.clone())));
}
