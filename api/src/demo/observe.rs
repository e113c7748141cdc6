//! An observation of a factor that leads to a wanted class of conditions.

use domain::factors::{Exposure, Observation};
use domain::grade::ConditionClass;
use domain::rule_set::{Basis, HarmfulFactor, Limit, LimitKind, RuleSet};
use rust_decimal::Decimal;

use crate::demo::dice::Dice;

/// A measured value where the rules have a limit that knows the class, else the class from a protocol. Noise is now
/// and then measured over a shift.
pub fn observation(rules: &RuleSet, factor: &HarmfulFactor, class: ConditionClass, dice: &mut Dice) -> Observation {
    let limit = factor.limit.as_ref().zip(factor.unit.as_ref());
    let measured = limit.and_then(|(limit, unit)| Some((value(factor.limit_kind, limit, class, dice)?, unit)));
    let Some((value, unit)) = measured else { return Observation::Class(class) };
    let value = factor.highest.map_or(value, |highest| value.min(highest)).normalize();
    if rules.shift_noise.factors.contains(&factor.code) && dice.chance(15) {
        // Two stays of one level, eight hours in all, give exactly this level.
        let stay = |minutes| Exposure { level_dba: value, minutes };
        return Observation::Shift { exposures: vec![stay(300), stay(180)] };
    }
    Observation::Value { value, unit: unit.clone() }
}

fn value(kind: LimitKind, limit: &Limit, class: ConditionClass, dice: &mut Dice) -> Option<Decimal> {
    let tenths = Decimal::from(dice.between(1, 9));
    if class == limit.within {
        return within(kind, limit, tenths);
    }
    let (from, to) = distance(limit, class)?;
    let distance = from + (to - from) * tenths / Decimal::TEN;
    match (kind, limit.basis) {
        (LimitKind::Maximum | LimitKind::Range, Basis::Excess) => Some(limit.upper? + distance),
        (LimitKind::Maximum | LimitKind::Range, Basis::Ratio) => Some(limit.upper? * distance),
        (LimitKind::Minimum, Basis::Excess) => Some(limit.lower? - distance),
        (LimitKind::Minimum, Basis::Ratio) => Some((limit.lower? / distance).round_dp(1)),
        (LimitKind::ClassOnly, _) => None,
    }
}

fn within(kind: LimitKind, limit: &Limit, tenths: Decimal) -> Option<Decimal> {
    match kind {
        LimitKind::Maximum => Some(limit.upper? * (Decimal::from(50) + tenths * Decimal::from(5)) / Decimal::from(100)),
        LimitKind::Minimum => Some(limit.lower? * (Decimal::TEN + tenths) / Decimal::TEN),
        LimitKind::Range => Some(limit.lower? + (limit.upper? - limit.lower?) * tenths / Decimal::TEN),
        LimitKind::ClassOnly => None,
    }
}

/// Between which distances from the limit a class lies; `None` when this limit never gives it.
fn distance(limit: &Limit, class: ConditionClass) -> Option<(Decimal, Decimal)> {
    let mut from = match limit.basis {
        Basis::Excess => Decimal::ZERO,
        Basis::Ratio => Decimal::ONE,
    };
    for band in &limit.bands {
        if band.class == class {
            return Some((from, band.up_to));
        }
        from = band.up_to;
    }
    (limit.beyond == class).then(|| (from, from * Decimal::new(12, 1)))
}
