//! What a client owes: points that were spent and have not come back yet. A debt shrinks with time, so nobody has to
//! be remembered who has paid back all.

/// How much may be owed at once, and how fast it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Points.
    pub points: u64,
    /// Points that come back in a second.
    pub per_second: u64,
}

impl Terms {
    /// Points that may still be spent.
    pub fn remaining(self, debt: Debt) -> u64 {
        self.points.saturating_sub(debt.milli.div_ceil(1_000))
    }

    /// Seconds until so many points more can be spent, rounded up.
    pub fn wait(self, debt: Debt, cost: u64) -> u64 {
        let over =
            debt.milli.saturating_add(cost.saturating_mul(1_000)).saturating_sub(self.points.saturating_mul(1_000));
        over.div_ceil(self.per_second.saturating_mul(1_000).max(1))
    }

    /// Milliseconds after which nothing is left of the largest debt.
    pub fn longest_ms(self) -> u64 {
        self.points.saturating_mul(1_000).div_ceil(self.per_second.max(1))
    }
}

/// A debt at a moment, in thousandths of a point: one that is looked at every millisecond must not lose fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Debt {
    /// Thousandths of a point.
    pub milli: u64,
    /// Milliseconds of the clock.
    pub at_ms: i64,
}

impl Debt {
    /// What is left of it. A clock that was set back pays nothing back and adds nothing.
    pub fn at(self, now_ms: i64, terms: Terms) -> Self {
        let elapsed = u64::try_from(now_ms.saturating_sub(self.at_ms)).unwrap_or_default();
        Self { milli: self.milli.saturating_sub(elapsed.saturating_mul(terms.per_second)), at_ms: now_ms }
    }

    /// With so many points more, or less.
    pub fn with(self, points: i64) -> Self {
        let change = points.unsigned_abs().saturating_mul(1_000);
        let milli = if points < 0 { self.milli.saturating_sub(change) } else { self.milli.saturating_add(change) };
        Self { milli, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { points: 100, per_second: 10 };

    #[test]
    fn a_debt_comes_back_with_time_and_not_below_nothing() {
        let debt = Debt { milli: 0, at_ms: 0 }.with(60);
        assert_eq!(TERMS.remaining(debt), 40);
        assert_eq!(TERMS.remaining(debt.at(1_000, TERMS)), 50);
        assert_eq!(TERMS.remaining(debt.at(60_000, TERMS)), 100);
        assert_eq!(TERMS.remaining(debt.at(-5_000, TERMS)), 40, "a clock that was set back");
    }

    #[test]
    fn looking_often_loses_nothing() {
        let mut debt = Debt::default().with(100);
        for now in 0..=1_000 {
            debt = debt.at(now, TERMS);
        }
        assert_eq!(TERMS.remaining(debt), 10);
    }

    #[test]
    fn the_wait_is_long_enough_and_no_longer() {
        let debt = Debt::default().with(95);
        assert_eq!((TERMS.wait(debt, 5), TERMS.wait(debt, 6), TERMS.wait(debt, 26)), (0, 1, 3));
        let after = |seconds: i64| debt.at(seconds * 1_000, TERMS);
        assert_eq!((TERMS.wait(after(2), 26), TERMS.wait(after(3), 26)), (1, 0));
    }

    #[test]
    fn the_largest_numbers_do_not_wrap() {
        let debt = Debt { milli: u64::MAX, at_ms: i64::MIN }.with(i64::MAX);
        assert_eq!(TERMS.remaining(debt), 0);
        assert!(TERMS.wait(debt, u64::MAX) > 0);
        assert_eq!(TERMS.remaining(debt.at(i64::MAX, Terms { per_second: u64::MAX, ..TERMS })), 100);
    }
}
