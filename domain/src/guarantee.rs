//! The six social guarantees by degree of professional risk. Higher risk, more guarantee (DECK).

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::grade::Degree;
use crate::localized::Localized;
use crate::rule_set::{GuaranteeKind, GuaranteeRow, GuaranteeStep, GuaranteeUnit, Origin, RuleSet, Sector};
use crate::trace::{Step, plain};

/// One guarantee at the degree of a workplace. All six are listed, granted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuaranteeDue {
    /// Which guarantee.
    pub kind: GuaranteeKind,
    /// Its name.
    pub names: Localized,
    /// Whether the degree gives anything beyond the ordinary.
    pub granted: bool,
    /// Least amount in `unit`; `None` for raised pay in a sector without a coefficient.
    pub min: Option<Decimal>,
    /// Largest amount in `unit`; equal to `min` when there is no choice.
    pub max: Option<Decimal>,
    /// Unit of the amounts.
    pub unit: GuaranteeUnit,
    /// Source of the row.
    pub origin: Origin,
    /// The arithmetic.
    pub trace: Vec<Step>,
}

/// The six guarantees of a degree, in the order of [`GuaranteeKind::ALL`].
///
/// The sector ([`RuleSet::sector_for`]) gives the coefficient of raised pay; without one the guarantee is listed
/// without an amount. A sector row with another D2 may be passed instead of the one of the rule set.
pub fn due(rules: &RuleSet, degree: Degree, sector: Option<&Sector>) -> Vec<GuaranteeDue> {
    let row_of = |kind: &GuaranteeKind| rules.guarantees.iter().find(|row| row.kind == *kind);
    let mut dues = Vec::new();
    for row in GuaranteeKind::ALL.iter().filter_map(row_of) {
        if let Some(step) = row.degrees.iter().find(|step| step.degree == degree) {
            dues.push(one(rules, row, step, sector));
        }
    }
    dues
}

fn one(rules: &RuleSet, row: &GuaranteeRow, step: &GuaranteeStep, sector: Option<&Sector>) -> GuaranteeDue {
    let code = format!("GUARANTEE:{}", row.kind.as_str().to_ascii_uppercase());
    let (min, max, trace_step) = if row.unit == GuaranteeUnit::PayCoefficient && step.min.is_none() {
        let (amount, trace_step) = raised_pay(rules, code, step, sector);
        (amount, amount, trace_step)
    } else {
        let value = match (step.min.map(plain), step.max.map(plain)) {
            (Some(min), Some(max)) if min != max => format!("{min}..{max}"),
            (Some(min), _) => min.to_string(),
            (None, _) => String::from("NONE"),
        };
        let expression = format!("degree {}, {}", step.degree, row.unit);
        (step.min, step.max, Step::new(code, expression, value, step.origin.provenance))
    };
    GuaranteeDue {
        kind: row.kind,
        names: row.names.clone(),
        granted: step.granted,
        min,
        max,
        unit: row.unit,
        origin: step.origin.clone(),
        trace: vec![trace_step],
    }
}

fn raised_pay(rules: &RuleSet, code: String, step: &GuaranteeStep, sector: Option<&Sector>) -> (Option<Decimal>, Step) {
    let formula = rules.pay_formula.origin.provenance;
    let Some(sector) = sector else {
        return (None, Step::new(code, "no sector coefficient for the activity", "NOT_LOADED", formula));
    };
    let amount = pay_coefficient(rules, step.degree, sector);
    let (d1, d2) = (plain(sector.d1.value), plain(sector.d2.value));
    let divisor = plain(rules.pay_formula.divisor);
    let expression = format!("(1 + (({} - 1)/{divisor})*({d1} - 1))*{d2}/{d1}", step.degree);
    let value = amount.map_or_else(|| String::from("NOT_LOADED"), |amount| amount.to_string());
    let provenance = formula.weaker(sector.d1.origin.provenance).weaker(sector.d2.origin.provenance);
    (amount, Step::new(code, expression, value, provenance))
}

/// Coefficient of raised pay, K = (1 + ((A−1)/divisor)·(D1−1))·D2/D1, rounded half up to the scale of the rule set.
/// PRACTICE (a public calculator). With the divisor 3, degree 4 gives D2 and degree 1 gives D2/D1.
///
/// `None` when a coefficient is so large or D1 so near 0 that it cannot be computed.
pub fn pay_coefficient(rules: &RuleSet, degree: Degree, sector: &Sector) -> Option<Decimal> {
    let formula = &rules.pay_formula;
    let (d1, d2) = (sector.d1.value, sector.d2.value);
    let steps = Decimal::from(degree.get()).checked_sub(Decimal::ONE)?;
    // Multiply before dividing: a third is not exact, and degree 4 must give D2 itself.
    let risen = steps.checked_mul(d1.checked_sub(Decimal::ONE)?)?.checked_add(formula.divisor)?;
    let coefficient = risen.checked_mul(d2)?.checked_div(d1.checked_mul(formula.divisor)?)?;
    Some(plain(coefficient.round_dp_with_strategy(formula.scale, RoundingStrategy::MidpointAwayFromZero)))
}
