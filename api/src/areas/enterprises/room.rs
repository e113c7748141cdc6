//! How many workers the score of one enterprise can count.

use domain::refusal::{Refusal, RefusalCode};
use entity::enterprise;

use crate::areas::enterprises::store::Counted;

/// Most workers at the assessed workplaces of one enterprise: above the population that works in the country, and low
/// enough for every sum of the row.
const WORKERS: i64 = 10_000_000;

/// Refuses to count so many workers at a workplace, in place of those that count as `out`, when that would bring its
/// enterprise above the most that are counted. What makes their number smaller is always possible.
pub fn admits(row: &enterprise::Model, out: Option<Counted>, workers: i32) -> Result<(), Refusal> {
    let (out, into) = (out.map_or(0, |counted| i64::from(counted.workers)), i64::from(workers));
    let all = [row.workers_d1, row.workers_d2, row.workers_d3, row.workers_d4, row.workers_d5].map(i64::from);
    let others = all.iter().sum::<i64>() - out;
    if into <= out || others + into <= WORKERS {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::OutOfRange).with("min", 0).with("max", std::cmp::max(WORKERS - others, 0)))
}
