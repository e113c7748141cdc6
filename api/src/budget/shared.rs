//! Debts that all replicas share, in Redis: read, paid back and added to by one script, so that two replicas cannot
//! spend the same points.

use super::debt::Debt;
use super::{Few, Purse};
use crate::redis_link::RedisLink;

/// `KEYS`: debts. `ARGV`: what to add, whether it must fit, then points and points per second for each key; points in
/// thousandths, so that a rate is thousandths a millisecond. Time is that of Redis: clocks of replicas differ. Gives
/// whether it fits, and the debts after.
const ADD: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local debts, fits = {}, 1
for i, key in ipairs(KEYS) do
  local held = redis.call('HMGET', key, 'debt', 'at')
  local elapsed = math.max(0, now - (tonumber(held[2]) or now))
  debts[i] = math.max(0, (tonumber(held[1]) or 0) - elapsed * tonumber(ARGV[2 * i + 2]))
  if debts[i] + tonumber(ARGV[1]) > tonumber(ARGV[2 * i + 1]) then fits = 0 end
end
if fits == 1 or ARGV[2] == '0' then
  for i, key in ipairs(KEYS) do
    debts[i] = math.max(0, debts[i] + tonumber(ARGV[1]))
    redis.call('HSET', key, 'debt', string.format('%.0f', debts[i]), 'at', string.format('%.0f', now))
    redis.call('PEXPIRE', key, math.ceil(debts[i] / math.max(1, tonumber(ARGV[2 * i + 2]))) + 1000)
  end
end
local answer = { fits }
for i, debt in ipairs(debts) do answer[i + 1] = string.format('%.0f', debt) end
return answer
";

/// Adds as [`super::local::Local::add`] does; `None` when Redis did not answer.
pub async fn add(redis: &RedisLink, purses: &[Purse], cost: i64, must_fit: bool) -> Option<(bool, Few<Debt>)> {
    let mut command = redis::cmd("EVAL");
    command.arg(ADD).arg(purses.len());
    for purse in purses {
        command.arg(purse.account.key());
    }
    command.arg(cost.saturating_mul(1_000)).arg(u8::from(must_fit));
    for purse in purses {
        command.arg(purse.terms.points.saturating_mul(1_000)).arg(purse.terms.per_second);
    }
    let answer: Vec<i64> = redis.call(&command).await?;
    let (fits, debts) = answer.split_first()?;
    let debts = debts.iter().map(|milli| Debt { milli: u64::try_from(*milli).unwrap_or_default(), at_ms: 0 });
    Some((*fits == 1, debts.collect()))
}
