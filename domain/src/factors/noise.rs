//! Noise over a shift, ISO 9612: L_EX,8h = 10·lg( (1/T0) Σ T_i·10^(L_i/10) ).
//!
//! Worked in decimals, because a stored score must come out the same on every machine. The loudest level is taken out
//! of the sum, L = L_max + 10·lg( (1/T0) Σ T_i·10^((L_i−L_max)/10) ), so that powers never exceed 1 and a single
//! exposure of exactly T0 gives exactly its own level. Series run to the last of 28 digits; the result is rounded half
//! up to 0.1 dB.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Exposure, FactorFault};
use crate::rule_set::ShiftNoise;
use crate::trace::{Step, join, plain};

/// Enough terms for 28 digits of the slowest series used here (ln of a number just below 10).
const MOST_TERMS: u32 = 400;
/// Beyond so many powers of ten a level is silent beside the loudest.
const SILENT_POWER: u32 = 28;

/// The daily noise exposure level, dBA, rounded half up to 0.1 dB.
///
/// # Errors
/// [`FactorFault::NoExposure`] without an exposure or with one of 0 minutes,
/// [`FactorFault::ShiftTooLong`] beyond the longest shift of the rule.
pub fn noise_over_shift(rule: &ShiftNoise, exposures: &[Exposure]) -> Result<Decimal, FactorFault> {
    traced(rule, exposures).map(|(level, _)| level)
}

pub(super) fn traced(rule: &ShiftNoise, exposures: &[Exposure]) -> Result<(Decimal, Step), FactorFault> {
    let minutes: u64 = exposures.iter().map(|exposure| u64::from(exposure.minutes)).sum();
    if minutes > u64::from(rule.longest_minutes) {
        return Err(FactorFault::ShiftTooLong { minutes, longest: rule.longest_minutes });
    }
    let loudest = exposures.iter().map(|exposure| exposure.level_dba).max().ok_or(FactorFault::NoExposure)?;
    if exposures.iter().any(|exposure| exposure.minutes == 0) {
        return Err(FactorFault::NoExposure);
    }
    let energy: Decimal = exposures.iter().map(|exposure| relative_energy(exposure, loudest)).sum();
    let share = energy / Decimal::from(rule.reference_minutes.max(1));
    let out_of_range = FactorFault::ValueOutOfRange { value: loudest, lowest: None, highest: None };
    let level = loudest.checked_add(Decimal::TEN * lg(share)).ok_or(out_of_range)?;
    let level = plain(level.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero));
    let terms = join(exposures.iter().map(|e| format!("{}*10^({}/10)", e.minutes, plain(e.level_dba))), " + ");
    let expression = format!("10*lg(({terms})/{})", rule.reference_minutes);
    Ok((level, Step::new("NOISE_OVER_SHIFT", expression, level, rule.origin.provenance)))
}

/// T·10^((L−L_max)/10), minutes.
fn relative_energy(exposure: &Exposure, loudest: Decimal) -> Decimal {
    let minutes = Decimal::from(exposure.minutes);
    match loudest.checked_sub(exposure.level_dba) {
        Some(below) => minutes * power_of_ten_below(below / Decimal::TEN),
        None => Decimal::ZERO,
    }
}

/// 10^(−x) for x ≥ 0.
fn power_of_ten_below(x: Decimal) -> Decimal {
    let whole = x.trunc();
    match u32::try_from(whole) {
        Ok(power) if power < SILENT_POWER => exp(-(x - whole) * ln(Decimal::TEN)) * Decimal::new(1, power),
        _ => Decimal::ZERO,
    }
}

/// e^x for |x| < 3, by its power series.
fn exp(x: Decimal) -> Decimal {
    let (mut sum, mut term) = (Decimal::ONE, Decimal::ONE);
    for n in 1..=MOST_TERMS {
        term = term * x / Decimal::from(n);
        if term.is_zero() {
            break;
        }
        sum += term;
    }
    sum
}

/// Decimal logarithm of a positive number; the number is first brought to 1..10.
fn lg(x: Decimal) -> Decimal {
    let (mut mantissa, mut power) = (x, 0_i32);
    while mantissa < Decimal::ONE && !mantissa.is_zero() {
        mantissa *= Decimal::TEN;
        power -= 1;
    }
    while mantissa >= Decimal::TEN {
        mantissa /= Decimal::TEN;
        power += 1;
    }
    Decimal::from(power) + ln(mantissa) / ln(Decimal::TEN)
}

/// Natural logarithm for 1..=10: 2·artanh((x−1)/(x+1)).
fn ln(x: Decimal) -> Decimal {
    let z = (x - Decimal::ONE) / (x + Decimal::ONE);
    let square = z * z;
    let (mut sum, mut power) = (Decimal::ZERO, z);
    for n in 0..MOST_TERMS {
        let term = power / Decimal::from(2 * n + 1);
        if term.is_zero() {
            break;
        }
        sum += term;
        power *= square;
    }
    sum * Decimal::TWO
}
