use chrono::NaiveDate;
use domain::Decimal;
use domain::tariff::{
    ActivityClass, ClassRate, Minimum, PayBand, Payroll, Premium, TariffFault, TariffTable, choose, corrected_rate,
    premium,
};

use crate::support::{dec, degree, oked, origin, rules};

fn day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 7, 1).unwrap()
}

fn class_row(prefix: &str, class: u8, min: Option<u32>, max: Option<u32>) -> ActivityClass {
    ActivityClass {
        oked_prefix: oked(prefix),
        class,
        headcount_min: min,
        headcount_max: max,
        valid_from: NaiveDate::from_ymd_opt(2022, 3, 5).unwrap(),
        valid_to: None,
        origin: origin(),
    }
}

fn rate_row(class: u8, rate: &str) -> ClassRate {
    let valid_from = NaiveDate::from_ymd_opt(2022, 3, 5).unwrap();
    ClassRate { class, rate_percent: dec(rate), valid_from, valid_to: None, origin: origin() }
}

/// The known rows, a row with headcount bands, and a class whose rate nobody loaded.
fn table() -> TariffTable {
    let mut later = class_row("62", 2, None, None);
    later.valid_to = NaiveDate::from_ymd_opt(2024, 12, 31);
    let mut now = class_row("62", 1, None, None);
    now.valid_from = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    TariffTable {
        classes: vec![
            class_row("412", 14, None, None),
            class_row("07", 11, None, None),
            class_row("07298", 21, None, None),
            class_row("29", 13, None, Some(100)),
            class_row("29", 16, Some(101), None),
            class_row("46", 9, None, None),
            later,
            now,
        ],
        rates: vec![
            rate_row(13, "1.29"),
            rate_row(14, "1.55"),
            rate_row(16, "1.17"),
            rate_row(11, "1.00"),
            rate_row(21, "2.96"),
            rate_row(1, "0.12"),
            rate_row(2, "0.20"),
        ],
        minimums: vec![minimum()],
    }
}

fn minimum() -> Minimum {
    Minimum { year: 2025, mzp: dec("85000"), mrp: dec("3932"), origin: origin() }
}

#[test]
fn the_longest_prefix_gives_the_class() {
    for (activity, class) in [("07298", 21), ("0729", 11), ("07", 11), ("07101", 11), ("41.20.1", 14), ("412", 14)] {
        let choice = choose(&table(), &oked(activity), &[], 50, day(2025)).unwrap();
        assert_eq!(choice.chosen.class, class, "{activity}");
    }
}

#[test]
fn headcount_bands_hold_on_both_sides() {
    for (headcount, class, rate) in [(0, 13, "1.29"), (100, 13, "1.29"), (101, 16, "1.17"), (5000, 16, "1.17")] {
        let choice = choose(&table(), &oked("2910"), &[], headcount, day(2025)).unwrap();
        assert_eq!((choice.chosen.class, choice.chosen.rate_percent), (class, dec(rate)), "{headcount}");
    }
}

#[test]
fn the_highest_rate_wins_not_the_highest_class() {
    // Class 16 has a lower rate than class 14.
    let choice = choose(&table(), &oked("2910"), &[oked("4120")], 500, day(2025)).unwrap();
    assert_eq!((choice.chosen.class, choice.chosen.rate_percent), (14, dec("1.55")));
    assert_eq!(choice.activities.len(), 2);
    assert_eq!(choice.trace.last().unwrap().expression, "max(1.17, 1.55)");
    let equal = choose(&table(), &oked("4120"), &[oked("412"), oked("4120")], 5, day(2025)).unwrap();
    assert_eq!((equal.chosen.oked, equal.activities.len()), (oked("4120"), 2));
}

#[test]
fn rows_are_dated() {
    let class_in = |year| choose(&table(), &oked("6201"), &[], 5, day(year)).map(|choice| choice.chosen.class);
    assert_eq!((class_in(2024), class_in(2025)), (Ok(2), Ok(1)));
    assert_eq!(class_in(2021), Err(TariffFault::ActivityClassNotLoaded { oked: oked("6201") }));
}

#[test]
fn what_is_not_loaded_is_never_guessed() {
    let main = |activity, secondary: &[_]| choose(&table(), &oked(activity), secondary, 5, day(2025));
    assert_eq!(main("85", &[oked("4120")]), Err(TariffFault::ActivityClassNotLoaded { oked: oked("85") }));
    assert_eq!(main("4610", &[]), Err(TariffFault::RateNotLoaded { class: 9 }));
    assert_eq!(main("4120", &[oked("4610")]), Err(TariffFault::RateNotLoaded { class: 9 }));
    let choice = main("4120", &[oked("85"), oked("85")]).unwrap();
    assert_eq!((choice.chosen.class, choice.unresolved), (14, vec![oked("85")]));
    assert!(choice.trace.iter().any(|step| step.code == "CLASS:85" && step.value == "NOT_LOADED"));
}

#[test]
fn golden_corrected_rates() {
    let cases = [(1, "1.55"), (2, "1.86"), (3, "2.015"), (4, "2.17"), (5, "2.325")];
    for (number, expected) in cases {
        let corrected = corrected_rate(dec("1.55"), degree(number), rules()).unwrap();
        assert_eq!(corrected.result_percent.to_string(), expected);
    }
    let corrected = corrected_rate(dec("1.55"), degree(4), rules()).unwrap();
    assert_eq!(corrected.trace[1].expression, "1.55*1.4");
    for impossible in ["0", "-1", "100.01"] {
        let fault = TariffFault::RateOutOfRange { rate_percent: dec(impossible) };
        assert_eq!(corrected_rate(dec(impossible), degree(2), rules()), Err(fault));
    }
}

fn premium_of(rate: &str, bands: &[(u32, &str)], months: u8) -> Result<Premium, TariffFault> {
    let bands = bands.iter().map(|(workers, pay)| PayBand { workers: *workers, monthly_pay: dec(pay) }).collect();
    premium(rules(), dec(rate), &Payroll { bands, months }, &minimum())
}

#[test]
fn pay_counts_up_to_ten_minimum_wages() {
    // 10 workers at 400,000 and 2 at 1,000,000, of which 850,000 counts: 5,700,000 a month, 68,400,000 a year.
    let result = premium_of("2.17", &[(10, "400000"), (2, "1000000")], 12).unwrap();
    assert_eq!(result.cap_per_worker, dec("850000"));
    assert_eq!(result.counted_payroll, dec("68400000"));
    assert_eq!((result.amount.to_string().as_str(), result.minimum_applied), ("1484280.00", false));
    for (pay, counted) in [("849999.99", "849999.99"), ("850000", "850000"), ("850000.01", "850000")] {
        assert_eq!(premium_of("100", &[(1, pay)], 1).unwrap().counted_payroll, dec(counted));
    }
}

#[test]
fn the_premium_is_at_least_one_minimum_wage() {
    let cases = [
        // counted 850,000 * 10 %: exactly the minimum; a little less pay, a little less premium.
        ("10", 1, "850000", "85000.00", false),
        ("10", 1, "849999", "85000.00", true),
        ("10", 2, "425001", "85000.20", false),
        ("0.12", 0, "0", "85000.00", true),
    ];
    for (rate, workers, pay, amount, applied) in cases {
        let result = premium_of(rate, &[(workers, pay)], 1).unwrap();
        assert_eq!((result.amount.to_string().as_str(), result.minimum_applied), (amount, applied), "{pay}");
    }
    let empty = premium_of("1.55", &[], 12).unwrap();
    assert_eq!((empty.amount, empty.counted_payroll, empty.minimum_applied), (dec("85000.00"), Decimal::ZERO, true));
}

#[test]
fn money_is_rounded_half_up_to_tiyn() {
    let amount = |pay| premium_of("1.5", &[(100, pay)], 12).unwrap().amount.to_string();
    assert_eq!(amount("100000.01"), "1800000.18");
    let odd = premium_of("1.55", &[(1, "833333.33")], 11).unwrap();
    // 9,166,666.63 * 1.55 / 100 = 142,083.332765
    assert_eq!(odd.amount.to_string(), "142083.33");
    // 8,500,003 * 1.55 / 100 = 131,750.0465
    assert_eq!(premium_of("1.55", &[(10, "850000"), (1, "3")], 1).unwrap().amount.to_string(), "131750.05");
}

#[test]
fn impossible_payrolls_are_refused() {
    assert_eq!(premium_of("1", &[(1, "-1")], 12), Err(TariffFault::PayOutOfRange { monthly_pay: dec("-1") }));
    for months in [0, 13] {
        let fault = TariffFault::MonthsOutOfRange { months, longest: dec("12") };
        assert_eq!(premium_of("1", &[(1, "1")], months), Err(fault));
    }
    assert!(premium_of("1.55", &[(u32::MAX, "79228162514264337593543950335")], 12).is_ok());
}

#[test]
fn the_minimum_wage_is_the_one_of_the_year() {
    assert_eq!(table().minimum_on(day(2025)).map(|row| row.mzp), Some(dec("85000")));
    assert_eq!(table().minimum_on(day(2030)), None);
}
