//! Chance that repeats: the same seed gives the same data on every machine.

use anyhow::Context;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::ids::Bin;
use uuid::{Builder, Uuid};

/// 1 January 2024, ms. Ids of the demo lie before every id the clock gives, so that new records come after them.
const FIRST_ID_MS: u64 = 1_704_067_200_000;

/// A source of chance. Only whole numbers of fixed width, so that neither the processor nor the mathematics library
/// has a say.
pub struct Dice(fastrand::Rng);

impl Dice {
    /// Chance for one purpose: streams of one seed do not disturb each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed.rotate_left(17) ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        self.0.u32(low..=high.max(low))
    }

    /// True this many times in a hundred.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> anyhow::Result<&'a T> {
        let last = u32::try_from(items.len().saturating_sub(1))?;
        let index = usize::try_from(self.between(0, last))?;
        items.get(index).context("a list of the demo is empty")
    }

    /// An index, as often as its weight says.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.between(1, weights.iter().sum::<u32>().max(1));
        for (index, weight) in weights.iter().enumerate() {
            if rest <= *weight {
                return index;
            }
            rest -= weight;
        }
        0
    }

    /// Eight random bytes.
    fn bytes(&mut self) -> [u8; 8] {
        self.0.u64(..).to_be_bytes()
    }
}

/// Keys that repeat: UUID v7 in shape, from a counter and chance instead of the clock.
pub struct Ids {
    dice: Dice,
    count: u64,
}

impl Ids {
    /// Keys of one seed.
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed, u64::MAX), count: 0 }
    }

    /// The next key; greater than all before.
    pub fn fresh(&mut self) -> Uuid {
        let [.., high, low] = (self.count & 0x0FFF).to_be_bytes();
        let [a, b, c, d, e, f, g, h] = self.dice.bytes();
        let millis = FIRST_ID_MS + (self.count >> 12);
        self.count += 1;
        Builder::from_unix_timestamp_millis(millis, &[high, low, a, b, c, d, e, f, g, h]).into_uuid()
    }
}

/// BINs that repeat and are all different.
#[derive(Default)]
pub struct Bins {
    count: u64,
}

impl Bins {
    /// The BIN of an organisation registered in this month, or in one near it: some serial numbers have no check digit.
    pub fn fresh(&mut self, registered: NaiveDate) -> anyhow::Result<Bin> {
        let (serial, part, kind) = (self.count % 100_000, self.count / 100_000 % 4, 4 + self.count / 400_000 % 3);
        self.count += 1;
        let year = registered.year().rem_euclid(100);
        let months = (0..12).map(|later| (registered.month0() + later) % 12 + 1);
        let mut bins =
            months.filter_map(|month| Bin::with_checksum(&format!("{year:02}{month:02}{kind}{part}{serial:05}")));
        bins.next().context("no BIN with this serial number has a check digit")
    }
}

/// The day registrations are counted back from. Fixed, so that a BIN, which begins with year and month, is the same
/// whenever the data set is made.
pub fn registry_day(today: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default().min(today)
}

/// So many days before.
pub fn before(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_sub_days(Days::new(days.into())).unwrap_or(day)
}

/// So many days after.
pub fn after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(day)
}

/// Midnight in Kazakhstan, at which the rows of a day are said to be made.
pub fn moment(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(5)
}

/// Shares of `total` by weight, exactly `total` in sum: whole shares first, what is left to the largest remainders,
/// the earlier one on a tie.
pub fn apportion(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &u64| u128::from(total) * u128::from(*weight);
    let mut shares: Vec<u64> = weights.iter().map(|w| u64::try_from(exact(w) / sum).unwrap_or(u64::MAX)).collect();
    let left = usize::try_from(total - shares.iter().sum::<u64>()).unwrap_or(0);
    let mut order: Vec<(u128, usize)> = weights.iter().enumerate().map(|(i, w)| (exact(w) % sum, i)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in order.into_iter().take(left) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_the_total_and_follow_the_weights() {
        assert_eq!(apportion(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(apportion(7, &[600, 300, 100]), [4, 2, 1]);
        assert_eq!(apportion(5, &[0, 0]), [0, 0]);
    }

    #[test]
    fn keys_repeat_rise_and_are_of_version_seven() {
        let (mut one, mut two) = (Ids::new(7), Ids::new(7));
        let keys: Vec<Uuid> = (0..10_000).map(|_| one.fresh()).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(keys.iter().all(|key| key.get_version_num() == 7 && *key == two.fresh()));
        assert_ne!(Ids::new(8).fresh(), keys[0]);
    }
}
