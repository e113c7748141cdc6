//! Correction of the rate by degree, and the premium of a contract.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{CorrectedTariff, Minimum, PayBand, Payroll, Premium, TariffFault};
use crate::grade::Degree;
use crate::rule_set::RuleSet;
use crate::trace::{Step, join, plain};

/// Decimals of an amount of money: tiyn.
const MONEY_SCALE: u32 = 2;

/// Rate × coefficient of the degree, exact. DECK: 1.55 × 1.4 = 2.17, 1.55 × 1.2 = 1.86.
///
/// # Errors
/// [`TariffFault::RateOutOfRange`]; [`TariffFault::CoefficientNotLoaded`] with a rule set that was not validated.
pub fn corrected_rate(rate_percent: Decimal, degree: Degree, rules: &RuleSet) -> Result<CorrectedTariff, TariffFault> {
    check_rate(rate_percent)?;
    let row = rules.insurance.coefficients.iter().find(|row| row.degree == degree);
    let row = row.ok_or(TariffFault::CoefficientNotLoaded { degree })?;
    let (base, coefficient) = (plain(rate_percent), plain(row.value));
    let out_of_range = TariffFault::RateOutOfRange { rate_percent };
    let result = plain(base.checked_mul(coefficient).ok_or(out_of_range)?);
    let provenance = row.origin.provenance;
    let trace = vec![
        Step::new("COEFFICIENT", format!("degree {degree}"), coefficient, provenance),
        Step::new("CORRECTED_RATE", format!("{base}*{coefficient}"), result, provenance),
    ];
    Ok(CorrectedTariff { base_percent: base, degree, coefficient, result_percent: result, trace })
}

/// The premium of a contract: rate × payroll, each worker's monthly pay counted up to the cap, at least the least premium.
///
/// # Errors
/// [`TariffFault::RateOutOfRange`], [`TariffFault::PayOutOfRange`], [`TariffFault::MonthsOutOfRange`],
/// [`TariffFault::PayrollTooLarge`].
pub fn premium(
    rules: &RuleSet,
    rate_percent: Decimal,
    payroll: &Payroll,
    minimum: &Minimum,
) -> Result<Premium, TariffFault> {
    let insurance = &rules.insurance;
    check_rate(rate_percent)?;
    check_months(payroll.months, insurance.contract_months.value)?;
    let cap_rule = &insurance.pay_cap_minimum_wages;
    let cap = cap_rule.value.checked_mul(minimum.mzp).map(plain).ok_or(TariffFault::PayrollTooLarge)?;
    let (cap_factor, mzp) = (plain(cap_rule.value), plain(minimum.mzp));
    let mut trace = vec![Step::new("PAY_CAP", format!("{cap_factor}*{mzp}"), cap, cap_rule.origin.provenance)];
    let counted = counted_payroll(payroll, cap).ok_or(TariffFault::PayrollTooLarge)??;
    let bands = join(payroll.bands.iter().map(|band| band_expression(band, cap)), " + ");
    let expression = format!("({bands})*{} months", payroll.months);
    trace.push(Step::new("COUNTED_PAYROLL", expression, counted, cap_rule.origin.provenance));
    let exact = counted.checked_mul(rate_percent).ok_or(TariffFault::PayrollTooLarge)? / Decimal::ONE_HUNDRED;
    let amount = exact.round_dp_with_strategy(MONEY_SCALE, RoundingStrategy::MidpointAwayFromZero);
    let expression = format!("{counted}*{}/100", plain(rate_percent));
    trace.push(Step::new("PREMIUM", expression, plain(amount), cap_rule.origin.provenance));
    let least_rule = &insurance.least_premium_minimum_wages;
    let least = least_rule.value.checked_mul(minimum.mzp).ok_or(TariffFault::PayrollTooLarge)?;
    let minimum_applied = amount < least;
    let mut amount = amount.max(least);
    if minimum_applied {
        let expression = format!("at least {}*{mzp}", plain(least_rule.value));
        trace.push(Step::new("LEAST_PREMIUM", expression, plain(amount), least_rule.origin.provenance));
    }
    amount.rescale(MONEY_SCALE);
    Ok(Premium { amount, counted_payroll: counted, cap_per_worker: cap, minimum_applied, trace })
}

fn check_rate(rate_percent: Decimal) -> Result<(), TariffFault> {
    if rate_percent > Decimal::ZERO && rate_percent <= Decimal::ONE_HUNDRED {
        Ok(())
    } else {
        Err(TariffFault::RateOutOfRange { rate_percent })
    }
}

fn check_months(months: u8, longest: Decimal) -> Result<(), TariffFault> {
    if months >= 1 && Decimal::from(months) <= longest {
        Ok(())
    } else {
        Err(TariffFault::MonthsOutOfRange { months, longest })
    }
}

/// Payroll of the contract with every pay cut at the cap. The outer `None` is an overflow.
fn counted_payroll(payroll: &Payroll, cap: Decimal) -> Option<Result<Decimal, TariffFault>> {
    let mut monthly = Decimal::ZERO;
    for band in &payroll.bands {
        if band.monthly_pay < Decimal::ZERO {
            return Some(Err(TariffFault::PayOutOfRange { monthly_pay: band.monthly_pay }));
        }
        let pay = band.monthly_pay.min(cap).checked_mul(Decimal::from(band.workers))?;
        monthly = monthly.checked_add(pay)?;
    }
    monthly.checked_mul(Decimal::from(payroll.months)).map(|sum| Ok(plain(sum)))
}

fn band_expression(band: &PayBand, cap: Decimal) -> String {
    let pay = plain(band.monthly_pay);
    if band.monthly_pay > cap {
        format!("{}*min({pay}, {cap})", band.workers)
    } else {
        format!("{}*{pay}", band.workers)
    }
}
