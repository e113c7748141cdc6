//! A value against a limit: the class of conditions. Comparisons only multiply and subtract, so they are exact.

use rust_decimal::Decimal;

use super::FactorFault;
use crate::grade::ConditionClass;
use crate::rule_set::{Basis, HarmfulFactor, Limit, LimitKind};
use crate::trace::{Step, plain};

/// The class of a value, with its step.
pub(super) fn by_limit(
    entry: &HarmfulFactor,
    value: Decimal,
    trace: &mut Vec<Step>,
) -> Result<ConditionClass, FactorFault> {
    let limit = entry.limit.as_ref().ok_or_else(|| FactorFault::LimitNotLoaded { factor: entry.code.clone() })?;
    let side = Side::of(entry.limit_kind, limit, value)
        .ok_or_else(|| FactorFault::LimitNotLoaded { factor: entry.code.clone() })?;
    let (class, expression) = match side {
        Side::Within(expression) => (limit.within, expression),
        Side::Above(bound) => beyond(limit, |up_to| above(limit.basis, value, bound, up_to)),
        Side::Below(bound) => beyond(limit, |up_to| below(limit.basis, value, bound, up_to)),
    };
    trace.push(Step::new(format!("CLASS:{}", entry.code), expression, class, limit.origin.provenance));
    Ok(class)
}

/// Where a value lies.
enum Side {
    /// Within the limit; the comparison in words.
    Within(String),
    /// Above this upper bound.
    Above(Decimal),
    /// Below this lower bound.
    Below(Decimal),
}

impl Side {
    /// `None` when the limit lacks the bound that its kind needs; impossible in a validated rule set.
    fn of(kind: LimitKind, limit: &Limit, value: Decimal) -> Option<Self> {
        let (lower, upper) = match kind {
            LimitKind::Maximum => (None, Some(limit.upper?)),
            LimitKind::Minimum => (Some(limit.lower?), None),
            LimitKind::Range => (Some(limit.lower?), Some(limit.upper?)),
            LimitKind::ClassOnly => return None,
        };
        Some(match (lower, upper) {
            (Some(lower), _) if value < lower => Self::Below(lower),
            (_, Some(upper)) if value > upper => Self::Above(upper),
            _ => {
                let left = lower.map(|lower| format!("{} <= ", plain(lower))).unwrap_or_default();
                let right = upper.map(|upper| format!(" <= {}", plain(upper))).unwrap_or_default();
                Self::Within(format!("{left}{value}{right}"))
            }
        })
    }
}

/// The first band that holds the value, else the class beyond all bands.
fn beyond(limit: &Limit, compare: impl Fn(Decimal) -> (bool, String)) -> (ConditionClass, String) {
    let mut last = String::from("outside the limit");
    for band in &limit.bands {
        let (holds, expression) = compare(band.up_to);
        if holds {
            return (band.class, expression);
        }
        last = expression;
    }
    (limit.beyond, last)
}

fn above(basis: Basis, value: Decimal, bound: Decimal, up_to: Decimal) -> (bool, String) {
    let (value, bound, up_to) = (plain(value), plain(bound), plain(up_to));
    match basis {
        Basis::Excess => difference(value, bound, up_to),
        Basis::Ratio => {
            // An overflow of the product means that the band reaches further than any value.
            let holds = bound.checked_mul(up_to).is_none_or(|edge| value <= edge);
            (holds, format!("{value} {} {bound}*{up_to}", sign(holds)))
        }
    }
}

fn below(basis: Basis, value: Decimal, bound: Decimal, up_to: Decimal) -> (bool, String) {
    let (value, bound, up_to) = (plain(value), plain(bound), plain(up_to));
    match basis {
        Basis::Excess => difference(bound, value, up_to),
        Basis::Ratio => {
            let holds = value.checked_mul(up_to).is_none_or(|reach| bound <= reach);
            (holds, format!("{bound} {} {value}*{up_to}", sign(holds)))
        }
    }
}

fn difference(larger: Decimal, smaller: Decimal, up_to: Decimal) -> (bool, String) {
    let holds = larger.checked_sub(smaller).is_some_and(|distance| distance <= up_to);
    (holds, format!("{larger} - {smaller} {} {up_to}", sign(holds)))
}

const fn sign(holds: bool) -> &'static str {
    if holds { "<=" } else { ">" }
}
