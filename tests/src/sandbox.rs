//! What the filled database holds: the demo data set in small, the same in every run.

use api::clock::Clock;
use api::db::Db;
use api::demo::{self, DemoOrigin, DemoSize};
use chrono::{DateTime, Utc};
use domain::ids::Bin;
use domain::roles::Role;

/// Enterprises, some of them cases that the demo always has, and workplaces.
pub(crate) const SIZE: DemoSize = DemoSize { enterprises: 60, workplaces: 400 };

/// The person of the sandbox who acts in a role.
pub fn subject(role: Role) -> String {
    format!("demo-{role}")
}

/// BINs that nobody of the sandbox has, one for each number below a hundred thousand.
pub fn free_bin(number: u32) -> String {
    // The sandbox has no organisation of type 5 and part 3. Of the months of one year at least one gives a check digit.
    let mut bins = (1..=12).filter_map(|month| Bin::with_checksum(&format!("19{month:02}53{number:05}")));
    bins.next().expect("a number with a check digit").to_string()
}

pub(crate) async fn fill(db: &Db, now: DateTime<Utc>, size: DemoSize) {
    let origin = DemoOrigin { seed: 20_260_101, size, today: Clock::fixed(now).today() };
    demo::create(db, origin, now, &|_, _| {}).await.expect("the demo data set");
}
