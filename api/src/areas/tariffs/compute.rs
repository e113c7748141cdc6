//! Everything about the tariff of an enterprise, computed at once from tables in memory.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use domain::grade::Degree;
use domain::ids::OkedCode;
use domain::refusal::{Refusal, RefusalCode};
use domain::rule_set::RuleSet;
use domain::tariff::{self, CorrectedTariff, Minimum, TariffChoice, TariffFault, TariffTable};
use domain::trace::Trace;
use rust_decimal::Decimal;

/// What of an enterprise the tariff depends on.
#[derive(Clone, Debug)]
pub struct Insured {
    /// Main activity.
    pub main: OkedCode,
    /// Secondary activities.
    pub secondary: Vec<OkedCode>,
    /// Employees on the payroll.
    pub headcount: u32,
    /// Integral degree; `None` while nothing is assessed.
    pub degree: Option<Degree>,
}

/// The tariff of an enterprise, as far as the loaded tables give it.
#[derive(Clone, Debug, Default)]
pub struct Tariff {
    /// Class and rate; `None` when a row is missing.
    pub choice: Option<TariffChoice>,
    /// Rate after correction; `None` without a choice, a degree or rules.
    pub corrected: Option<CorrectedTariff>,
    /// Rules in force on the day.
    pub rules: Option<Arc<RuleSet>>,
    /// Minimum wage in force on the day.
    pub minimum: Option<Minimum>,
    /// The first thing that is missing, and the class or activity it is missing for.
    pub problem: Option<Problem>,
}

/// Something the loaded tables do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is missing, with its text.
    pub refusal: Refusal,
    /// The activity without a class.
    pub oked: Option<OkedCode>,
    /// The class without a rate.
    pub class: Option<u8>,
}

impl Tariff {
    /// The rate a premium is computed with: corrected where there is a degree, else that of the class.
    pub fn payable_percent(&self) -> Option<Decimal> {
        let base = self.choice.as_ref().map(|choice| choice.chosen.rate_percent);
        self.corrected.as_ref().map(|corrected| corrected.result_percent).or(base)
    }

    /// The arithmetic of class, rate and correction.
    pub fn trace(&self) -> Option<Trace> {
        let mut steps = self.choice.as_ref()?.trace.clone();
        steps.extend(self.corrected.iter().flat_map(|corrected| corrected.trace.iter().cloned()));
        Some(Trace { rule_set: self.rules.as_ref()?.code.clone(), steps })
    }
}

/// The tariff on a day.
///
/// # Errors
/// A fault of the loaded data that no import of a missing row would mend: an impossible rate, a rule set without a
/// coefficient.
pub fn compute(
    table: &TariffTable,
    rules: Option<Arc<RuleSet>>,
    insured: &Insured,
    on: NaiveDate,
) -> Result<Tariff, TariffFault> {
    let choice = match tariff::choose(table, &insured.main, &insured.secondary, insured.headcount, on) {
        Ok(choice) => choice,
        Err(fault) => return Ok(Tariff { problem: Some(missing(fault)?), rules, ..Tariff::default() }),
    };
    let corrected = match (&rules, insured.degree) {
        (Some(rules), Some(degree)) => Some(tariff::corrected_rate(choice.chosen.rate_percent, degree, rules)?),
        _ => None,
    };
    let minimum = table.minimum_on(on).cloned();
    let problem = match (&rules, &minimum) {
        (None, _) => Some(Problem::of(Refusal::new(RefusalCode::UnknownRuleSet))),
        (_, None) => Some(Problem::of(Refusal::new(RefusalCode::MinimumWageNotLoaded).with("year", on.year()))),
        _ => None,
    };
    Ok(Tariff { choice: Some(choice), corrected, rules, minimum, problem })
}

impl Problem {
    fn of(refusal: Refusal) -> Self {
        Self { refusal, oked: None, class: None }
    }
}

fn missing(fault: TariffFault) -> Result<Problem, TariffFault> {
    let (oked, class) = match &fault {
        TariffFault::ActivityClassNotLoaded { oked } => (Some(oked.clone()), None),
        TariffFault::RateNotLoaded { class } => (None, Some(*class)),
        _ => return Err(fault),
    };
    Ok(Problem { refusal: fault.into(), oked, class })
}

#[cfg(test)]
mod tests {
    use domain::provenance::Provenance;
    use domain::rule_set::Origin;
    use domain::tariff::{ActivityClass, ClassRate};

    use super::*;

    fn day(year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, 6, 1).expect("a day")
    }

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    fn oked(text: &str) -> OkedCode {
        OkedCode::parse(text).expect("a code")
    }

    fn origin() -> Origin {
        Origin { provenance: Provenance::Deck, source: "test".to_owned() }
    }

    fn table() -> TariffTable {
        let class = |prefix: &str, class| ActivityClass {
            oked_prefix: oked(prefix),
            class,
            headcount_min: None,
            headcount_max: None,
            valid_from: day(2023),
            valid_to: None,
            origin: origin(),
        };
        let rate = |class, rate: &str| ClassRate {
            class,
            rate_percent: dec(rate),
            valid_from: day(2023),
            valid_to: None,
            origin: origin(),
        };
        TariffTable {
            classes: vec![class("412", 14), class("08", 19), class("62", 16)],
            rates: vec![rate(14, "1.55"), rate(16, "1.17")],
            minimums: vec![Minimum { year: 2026, mzp: dec("85000"), mrp: dec("4325"), origin: origin() }],
        }
    }

    fn rules() -> Arc<RuleSet> {
        let text = include_str!("../../../../reference/rule_sets/kz-2023-provisional.json");
        Arc::new(RuleSet::from_json(text).expect("the shipped rule set is valid"))
    }

    fn insured(main: &str, secondary: &[&str], degree: Option<u8>) -> Insured {
        let degree = degree.map(|degree| Degree::new(degree).expect("a degree"));
        let secondary = secondary.iter().map(|code| oked(code)).collect();
        Insured { main: oked(main), secondary, headcount: 10, degree }
    }

    fn on(insured: &Insured, day: NaiveDate) -> Tariff {
        compute(&table(), Some(rules()), insured, day).expect("no fault of the data")
    }

    #[test]
    fn the_examples_of_the_slides() {
        for (degree, percent) in [(4, "2.17"), (2, "1.86")] {
            let tariff = on(&insured("41202", &[], Some(degree)), day(2026));
            assert_eq!(tariff.payable_percent(), Some(dec(percent)));
            assert!(tariff.problem.is_none());
            let last = tariff.trace().and_then(|trace| trace.steps.last().map(|step| step.value.clone()));
            assert_eq!(last.as_deref(), Some(percent));
        }
    }

    #[test]
    fn without_an_assessment_the_rate_of_the_class_is_payable() {
        let tariff = on(&insured("41202", &["62010"], None), day(2026));
        assert!(tariff.corrected.is_none());
        assert_eq!(tariff.payable_percent(), Some(dec("1.55")));
    }

    #[test]
    fn what_is_missing_is_named_and_never_guessed() {
        let cases = [
            (insured("08110", &[], Some(3)), RefusalCode::TariffRateNotLoaded, None, Some(19)),
            (insured("41202", &["08110"], Some(3)), RefusalCode::TariffRateNotLoaded, None, Some(19)),
            (insured("97000", &[], Some(3)), RefusalCode::ActivityClassNotLoaded, Some(oked("97000")), None),
        ];
        for (insured, code, activity, class) in cases {
            let tariff = on(&insured, day(2026));
            assert_eq!(tariff.payable_percent(), None);
            let problem = tariff.problem.expect("a problem");
            assert_eq!((problem.refusal.code, problem.oked, problem.class), (code, activity, class));
        }
    }

    #[test]
    fn a_year_without_a_minimum_wage_leaves_the_rate() {
        let tariff = on(&insured("41202", &[], Some(4)), day(2027));
        assert_eq!(tariff.payable_percent(), Some(dec("2.17")));
        assert_eq!(tariff.problem.map(|problem| problem.refusal.code), Some(RefusalCode::MinimumWageNotLoaded));
    }

    #[test]
    fn without_rules_nothing_is_corrected() {
        let tariff = compute(&table(), None, &insured("41202", &[], Some(4)), day(2026)).expect("no fault");
        assert_eq!(tariff.payable_percent(), Some(dec("1.55")));
        assert!(tariff.trace().is_none());
        assert_eq!(tariff.problem.map(|problem| problem.refusal.code), Some(RefusalCode::UnknownRuleSet));
    }
}
