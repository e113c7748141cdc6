//! Several servers on one PostgreSQL and one Redis: what happens at one is told at the other, also after an outage.

use serde_json::json;
use tests::fault::{Link, Relay};
use tests::happenings::{self, Happened::Level};
use tests::world::World;
use tests::{Backend, TestApp, run};

use crate::realtime::{LEVELS, enterprise, seen};

#[test]
fn what_happens_at_one_replica_is_told_at_the_other_without_delay() {
    run(async {
        let one = TestApp::new(Backend::Postgres).await;
        let two = one.replica(|_| {}).await;
        let (served, world) = (two.serve().await, World::read(&one).await);
        let of = seen(&world, "demo-ministry", 5);
        happenings::cursor(&one, &world).await;
        let mut socket = served.open_as(&two.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        let mut here = one.as_role("demo-ministry").listen(LEVELS, json!({})).await;
        for id in of {
            happenings::tell(&one, &world, &[Level(id)]).await;
            assert_eq!(enterprise(&socket.told("1").await), id);
            assert_eq!(enterprise(&here.told().await), id);
        }
        // A cursor of one is a cursor of the other.
        let after = happenings::write(&one, &world, &[Level(seen(&world, "demo-ministry", 1)[0])]).await;
        let mut there = two.as_role("demo-ministry").listen(LEVELS, json!({ "after": after })).await;
        assert_eq!(enterprise(&there.told().await), seen(&world, "demo-ministry", 1)[0]);
    });
}

#[test]
fn what_happens_while_redis_is_away_is_told_without_a_new_connection() {
    run(async {
        let (relay, direct, disturbed) = Relay::to_redis().await;
        let one = TestApp::with(Backend::Postgres, |config| config.redis.url = direct).await;
        let two = one.replica(|config| config.redis.url = disturbed).await;
        let (served, world) = (two.serve().await, World::read(&one).await);
        let of = seen(&world, "demo-ministry", 9);
        happenings::cursor(&one, &world).await;
        let mut socket = served.open_as(&two.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        for (outage, link) in of.chunks(3).zip([Link::Cut, Link::Frozen, Link::Vanished]) {
            relay.set(link);
            // Nobody tells the replica of these; its own word reaches nobody but itself.
            happenings::tell(&one, &world, &[Level(outage[0])]).await;
            happenings::tell(&one, &world, &[Level(outage[1])]).await;
            if link != Link::Cut {
                // Longer than a silence that is taken for a lost connection.
                tokio::time::sleep(std::time::Duration::from_secs(8)).await;
            }
            relay.set(Link::Up);
            happenings::write(&one, &world, &[Level(outage[2])]).await;
            for id in outage {
                if *id == outage[2] {
                    one.app.events.tell(api::events::Event::Logged).await;
                }
                assert_eq!(enterprise(&socket.told("1").await), *id, "{link:?}");
            }
        }
    });
}
