//! How many workers the score of one enterprise can count.

use domain::refusal::{Refusal, RefusalCode};
use entity::enterprise;

use crate::areas::enterprises::store::Counted;

/// Most workers at the assessed workplaces of one enterprise: above the population that works in the country, and low
/// enough for every sum of the row.
const WORKERS: i64 = 10_000_000;

/// Refuses a change of a workplace that would bring its enterprise above the most workers that are counted. What makes
/// their number smaller is always possible.
pub fn admits(row: &enterprise::Model, out: Option<Counted>, into: Option<Counted>) -> Result<(), Refusal> {
    let count = |counted: Option<Counted>| counted.map_or(0, |counted| i64::from(counted.workers));
    let all = [row.workers_d1, row.workers_d2, row.workers_d3, row.workers_d4, row.workers_d5].map(i64::from);
    let others = all.iter().sum::<i64>() - count(out);
    if count(into) <= count(out) || others + count(into) <= WORKERS {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::OutOfRange).with("min", 0).with("max", std::cmp::max(WORKERS - others, 0)))
}
