use domain::Decimal;
use domain::exact::{DECIMALS, MONEY_DECIMALS, date, decimal};
use domain::refusal::RefusalCode;
use proptest::prelude::*;

#[test]
fn only_days_of_the_calendar_are_dates() {
    for good in ["2026-03-16", "2028-02-29", "0001-01-01", "9999-12-31"] {
        assert_eq!(date(good).unwrap().to_string(), good);
    }
    for bad in
        ["2030-02-31", "2026-02-29", "0000-01-01", "2026-3-16", "16.03.2026", "2026-03-16T00:00", "+026-03-16", "", "ұ"]
    {
        assert_eq!(date(bad).unwrap_err().code, RefusalCode::InvalidDate, "{bad}");
    }
}

#[test]
fn a_number_is_digits_and_a_point() {
    for (text, read) in [("3.05", "3.05"), ("-0.10", "-0.10"), ("+7", "7"), ("007", "7"), ("2.0000000000000", "2")] {
        assert_eq!(decimal(text, DECIMALS).unwrap(), read.parse::<Decimal>().unwrap(), "{text}");
    }
    for bad in ["1e5", "1E5", "1_000", "1 000", "1,5", ".5", "5.", ".", "", "-", "--1", "0x1", "NaN", "∞", " 1", "१"]
    {
        assert_eq!(decimal(bad, DECIMALS).unwrap_err().code, RefusalCode::InvalidDecimal, "{bad}");
    }
}

#[test]
fn what_cannot_be_kept_exactly_is_refused() {
    let fine = format!("0.{}", "1".repeat(28));
    let refusal = decimal(&fine, DECIMALS).unwrap_err();
    assert_eq!((refusal.code, refusal.parameters), (RefusalCode::TooManyDecimals, vec![("max", "12".to_owned())]));
    assert_eq!(decimal("0.001", MONEY_DECIMALS).unwrap_err().code, RefusalCode::TooManyDecimals);
    assert!(decimal("0.010", MONEY_DECIMALS).is_ok());
    assert_eq!(decimal(&"9".repeat(17), DECIMALS).unwrap_err().code, RefusalCode::OutOfRange);
}

proptest! {
    #[test]
    fn everything_within_the_bounds_comes_back_as_it_was(text in "-?[0-9]{1,16}(\\.[0-9]{1,12})?") {
        let read = decimal(&text, DECIMALS).unwrap();
        let again = decimal(&read.to_string(), DECIMALS).unwrap();
        prop_assert_eq!(read, again);
        prop_assert_eq!(read, text.parse::<Decimal>().unwrap());
    }

    #[test]
    fn no_text_is_too_strange(text in ".{0,40}") {
        _ = date(&text);
        _ = decimal(&text, DECIMALS);
    }
}
