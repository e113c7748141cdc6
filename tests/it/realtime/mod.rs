//! Subscriptions: over real WebSockets and event streams, from the mutation to the client.

mod access;
mod closing;
mod costs;
mod operations;
mod outages;
mod places;
mod replicas;
mod resuming;
mod slow;
mod streams;
mod tenants;
pub mod told;
mod work;

use serde_json::Value;
use tests::TestApp;
use tests::world::World;
use uuid::Uuid;

use crate::tenancy::key_of;

/// The subscription of most tests.
const LEVELS: &str = "subscription($after: String, $of: ID) {
    enterpriseLevelChanged(after: $after, enterpriseId: $of) { cursor enterpriseId enterprise { id } } }";

/// The enterprise that is told of.
fn enterprise(told: &Value) -> Uuid {
    let id = &told["data"]["enterpriseLevelChanged"]["enterpriseId"];
    assert!(id.is_string(), "{told}");
    key_of(id, "Enterprise")
}

/// Some enterprises that a person sees, the first of the world left out: a log that was empty tells of it.
fn seen(world: &World, person: &str, count: usize) -> Vec<Uuid> {
    let first = world.enterprises.first().map(|row| row.id);
    let seen: Vec<Uuid> = world.seen_by(person).of("Enterprise").iter().copied().collect();
    let seen: Vec<Uuid> = seen.into_iter().filter(|id| Some(*id) != first).take(count).collect();
    assert_eq!(seen.len(), count, "{person}");
    seen
}

/// Statements so far, once no more are made.
async fn at_rest(app: &TestApp) -> u64 {
    for _ in 0..100 {
        let before = app.app.db.statements();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        if app.app.db.statements() == before {
            return before;
        }
    }
    panic!("statements are made without end");
}

/// Ready when the last socket and stream is closed.
async fn everybody_has_left(app: &TestApp) {
    tokio::time::timeout(std::time::Duration::from_secs(30), app.web.drained()).await.expect("somebody stays");
}
