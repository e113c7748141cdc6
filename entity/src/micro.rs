//! Exact numbers as scaled integers: SQLite would keep a decimal as a binary float.

use rust_decimal::Decimal;

/// Decimal places of a `*_micro` column.
pub const SCALE: u32 = 6;

/// A `*_micro` column as the decimal it stands for.
pub fn to_decimal(micro: i64) -> Decimal {
    Decimal::new(micro, SCALE).normalize()
}

/// A decimal as the value of a `*_micro` column; `None` when it has more than six decimal places or does not fit.
/// Nothing is rounded here: rounding is a rule, and rules live in `domain`.
pub fn from_decimal(value: Decimal) -> Option<i64> {
    let scaled = value.checked_mul(Decimal::from(1_000_000_u32))?;
    if scaled.fract().is_zero() {
        i64::try_from(scaled.trunc().mantissa() / 10_i128.pow(scaled.trunc().scale())).ok()
    } else {
        None
    }
}
