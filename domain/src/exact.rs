//! Dates and numbers as people and programs write them: read exactly, or refused with the reason.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::refusal::{Refusal, RefusalCode};

/// A value, or why what was written is none. The refusal gets its field from whoever knows where it was written.
pub type Written<T> = Result<T, Refusal>;

/// Most digits before the decimal point.
const WHOLE_DIGITS: usize = 16;
/// Most decimals of a number. With the digits before the point these are 28, which a [`Decimal`] always holds exactly.
pub const DECIMALS: u32 = 12;
/// Decimals of an amount of money: tiyn.
pub const MONEY_DECIMALS: u32 = 2;

/// Reads a civil date, `YYYY-MM-DD`, from the year 1 on.
///
/// # Errors
/// `INVALID_DATE` for another form and for a day that no calendar has.
pub fn date(text: &str) -> Written<NaiveDate> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date = shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    date.filter(|date| date.year() >= 1).ok_or_else(|| Refusal::new(RefusalCode::InvalidDate))
}

/// Reads an exact number: an optional sign, digits, and optionally a point and digits. Zeros at either end do not count.
///
/// # Errors
/// `INVALID_DECIMAL` for another form, powers of ten (`1e5`) among them; `TOO_MANY_DECIMALS` above `decimals`;
/// `OUT_OF_RANGE` above sixteen digits before the point.
pub fn decimal(text: &str, decimals: u32) -> Written<Decimal> {
    let malformed = || Refusal::new(RefusalCode::InvalidDecimal);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !fraction.is_none_or(all_digits) {
        return Err(malformed());
    }
    let significant = fraction.unwrap_or_default().trim_end_matches('0');
    if significant.len() > decimals.min(DECIMALS) as usize {
        return Err(Refusal::new(RefusalCode::TooManyDecimals).with("max", decimals.min(DECIMALS)));
    }
    if whole.trim_start_matches('0').len() > WHOLE_DIGITS {
        let bound = "9".repeat(WHOLE_DIGITS);
        return Err(Refusal::new(RefusalCode::OutOfRange).with("min", format!("-{bound}")).with("max", bound));
    }
    // Zeros written at the end are kept, as far as there is room: `"2.0"` stays `2.0`.
    let kept = fraction.unwrap_or_default();
    let kept = kept.get(..DECIMALS as usize).unwrap_or(kept);
    let point = if kept.is_empty() { "" } else { "." };
    Decimal::from_str_exact(&format!("{sign}{whole}{point}{kept}")).map_err(|_| malformed())
}
