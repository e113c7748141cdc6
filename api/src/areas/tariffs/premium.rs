//! The premium of an insurance contract.

use async_graphql::{InputObject, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::rule_set::RuleSet;
use domain::tariff::{self, Minimum, Payroll, TariffFault};
use domain::trace::Trace;
use rust_decimal::Decimal as Exact;

use crate::graphql::explanation::Explanation;
use crate::graphql::scalars::{Given, Money, Percent};

/// Most bands of one payroll: a list by person is for the insurer's own system.
const BANDS: usize = 1_000;

/// Workers with the same monthly pay. A band of one worker each is a list by person.
#[derive(Clone, Debug, InputObject)]
pub struct PayBandInput {
    /// Number of workers, 0 or more.
    pub workers: i32,
    /// Pay of each worker, tenge a month, 0 or more, at most two decimals.
    pub monthly_pay: Given<Money>,
}

/// Premium of an accident insurance contract.
#[derive(Clone, Debug, SimpleObject)]
pub struct InsurancePremium {
    /// Premium for the whole contract, tenge, rounded half up to two decimals.
    pub amount: Money,
    /// Rate that was applied, per cent of the payroll: the corrected one where the enterprise is assessed, else that of
    /// its class.
    pub rate_percent: Percent,
    /// Payroll that counts, tenge for the whole contract.
    pub counted_payroll: Money,
    /// Most that counts of one worker's pay, tenge a month: ten minimum wages (Law No. 30 of 7 February 2005).
    pub cap_per_worker: Money,
    /// Whether the amount was raised to the least premium.
    pub minimum_applied: bool,
    /// How the amount came about.
    pub explanation: Explanation,
}

/// Computes the premium.
///
/// # Errors
/// The argument that is wrong, as its field.
pub fn premium(
    rules: &RuleSet,
    minimum: &Minimum,
    rate_percent: Exact,
    payroll: &Payroll,
) -> Result<InsurancePremium, Refusal> {
    let premium = tariff::premium(rules, rate_percent, payroll, minimum).map_err(|fault| {
        let field = if matches!(fault, TariffFault::MonthsOutOfRange { .. }) { "months" } else { "payroll" };
        Refusal::from(fault).at(field)
    })?;
    let trace = Trace { rule_set: rules.code.clone(), steps: premium.trace };
    Ok(InsurancePremium {
        amount: premium.amount.into(),
        rate_percent: rate_percent.into(),
        counted_payroll: premium.counted_payroll.into(),
        cap_per_worker: premium.cap_per_worker.into(),
        minimum_applied: premium.minimum_applied,
        explanation: trace.into(),
    })
}

/// Judges the arguments. All faults come at once.
pub fn payroll(bands: Vec<PayBandInput>, months: i32, rules: &RuleSet) -> Result<Payroll, Vec<Refusal>> {
    let mut faults = Vec::new();
    let longest = rules.insurance.contract_months.value;
    let months = u8::try_from(months).ok().filter(|months| *months >= 1 && Exact::from(*months) <= longest);
    if months.is_none() {
        faults.push(Refusal::new(RefusalCode::OutOfRange).at("months").with("min", 1).with("max", longest));
    }
    if bands.is_empty() {
        faults.push(Refusal::new(RefusalCode::Required).at("payroll"));
    }
    if bands.len() > BANDS {
        faults.push(Refusal::new(RefusalCode::OutOfRange).at("payroll").with("min", 1).with("max", BANDS));
        return Err(faults);
    }
    let judged = bands.into_iter().enumerate().filter_map(|(index, given)| band(index, given, &mut faults)).collect();
    match months {
        Some(months) if faults.is_empty() => Ok(Payroll { bands: judged, months }),
        _ => Err(faults),
    }
}

fn band(index: usize, given: PayBandInput, faults: &mut Vec<Refusal>) -> Option<tariff::PayBand> {
    let field = |name: &str| format!("payroll.{index}.{name}");
    let negative = |name: &str| Refusal::new(RefusalCode::Negative).at(field(name));
    let workers = u32::try_from(given.workers).map_err(|_| faults.push(negative("workers"))).ok();
    let monthly_pay = match given.monthly_pay.at(field("monthlyPay")) {
        Ok(pay) if pay < Exact::ZERO => Err(negative("monthlyPay")),
        read => read,
    };
    let monthly_pay = monthly_pay.map_err(|refusal| faults.push(refusal)).ok()?;
    Some(tariff::PayBand { workers: workers?, monthly_pay })
}

#[cfg(test)]
mod tests {
    use domain::exact;
    use domain::provenance::Provenance;
    use domain::rule_set::Origin;

    use super::*;

    fn dec(text: &str) -> Exact {
        text.parse().expect("a number")
    }

    fn rules() -> RuleSet {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        RuleSet::from_json(text).expect("the shipped rule set is valid")
    }

    fn minimum() -> Minimum {
        let origin = Origin { provenance: Provenance::Law, source: "test".to_owned() };
        Minimum { year: 2026, mzp: dec("85000"), mrp: dec("4325"), origin }
    }

    fn bands(bands: &[(i32, &str)]) -> Vec<PayBandInput> {
        let read = |pay: &str| exact::decimal(pay, exact::MONEY_DECIMALS).into();
        bands.iter().map(|(workers, pay)| PayBandInput { workers: *workers, monthly_pay: read(pay) }).collect()
    }

    #[test]
    fn pay_above_ten_minimum_wages_does_not_count() {
        let payroll = payroll(bands(&[(2, "200000"), (1, "1000000")]), 12, &rules()).expect("a payroll");
        let premium = premium(&rules(), &minimum(), dec("2.17"), &payroll).expect("a premium");
        // (2 * 200,000 + 850,000) * 12 = 15,000,000
        assert_eq!(premium.counted_payroll.0, dec("15000000"));
        assert_eq!(premium.amount.0.to_string(), "325500.00");
        assert_eq!(premium.cap_per_worker.0, dec("850000"));
        assert!(!premium.minimum_applied);
    }

    #[test]
    fn the_least_premium_is_one_minimum_wage() {
        let payroll = payroll(bands(&[(1, "1000")]), 1, &rules()).expect("a payroll");
        let premium = premium(&rules(), &minimum(), dec("0.12"), &payroll).expect("a premium");
        assert_eq!(premium.amount.0.to_string(), "85000.00");
        assert!(premium.minimum_applied);
    }

    #[test]
    fn every_fault_names_its_argument() {
        use RefusalCode::{InvalidDecimal, Negative, OutOfRange, Required, TooManyDecimals};
        let many = vec![(1, "1"); BANDS + 1];
        type Bands<'a> = &'a [(i32, &'a str)];
        let cases: [(Bands<'_>, i32, RefusalCode, &str); 8] = [
            (&[], 12, Required, "payroll"),
            (&many, 12, OutOfRange, "payroll"),
            (&[(1, "1"), (-1, "1")], 12, Negative, "payroll.1.workers"),
            (&[(1, "-0.01")], 12, Negative, "payroll.0.monthlyPay"),
            (&[(1, "0.001")], 12, TooManyDecimals, "payroll.0.monthlyPay"),
            (&[(1, "1e5")], 12, InvalidDecimal, "payroll.0.monthlyPay"),
            (&[(1, "1")], -1, OutOfRange, "months"),
            (&[(1, "1")], 300, OutOfRange, "months"),
        ];
        for (input, months, code, field) in cases {
            let refusals = payroll(bands(input), months, &rules()).expect_err(field);
            let found: Vec<_> = refusals.iter().map(|refusal| (refusal.code, refusal.field.as_str())).collect();
            assert_eq!(found, [(code, field)]);
        }
    }

    #[test]
    fn a_contract_has_one_to_twelve_months() {
        for months in [0, 13] {
            let refusals = payroll(bands(&[(1, "1")]), months, &rules()).expect_err("no such contract");
            assert_eq!(refusals.len(), 1);
            assert_eq!((refusals[0].code, refusals[0].field.as_str()), (RefusalCode::OutOfRange, "months"));
        }
    }

    #[test]
    fn all_faults_come_at_once() {
        let refusals = payroll(bands(&[(-1, "1e5"), (1, "-1")]), 13, &rules()).expect_err("refused");
        let fields: Vec<&str> = refusals.iter().map(|refusal| refusal.field.as_str()).collect();
        assert_eq!(fields, ["months", "payroll.0.workers", "payroll.0.monthlyPay", "payroll.1.monthlyPay"]);
    }

    #[test]
    fn a_payroll_beyond_every_bound_is_refused_not_computed() {
        let huge = "9".repeat(16);
        let payroll = payroll(bands(&[(i32::MAX, &huge), (i32::MAX, &huge)]), 12, &rules()).expect("a payroll");
        // The cap keeps the sum small, whatever the pay.
        assert!(premium(&rules(), &minimum(), dec("1"), &payroll).is_ok());
    }
}
