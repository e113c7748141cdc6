//! What subscriptions cost: nothing while nothing happens, and the same for few and for many.

use serde_json::json;
use tests::happenings::{self, Happened::Level};
use tests::socket::Socket;
use tests::world::World;
use tests::{Backend, TestApp, on_both};

use crate::realtime::{LEVELS, at_rest, enterprise, seen};

async fn crowd(backend: Backend) -> TestApp {
    TestApp::with(backend, |config| {
        // Who is asked for is asked once, and not again while the test runs.
        config.auth.membership_cache_ms = 10_000;
        config.realtime.sockets_per_person = 100;
    })
    .await
}

on_both! {
    async fn while_nothing_happens_nothing_is_asked_of_the_database(backend) {
        let app = crowd(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let of = seen(&world, "demo-ministry", 1)[0];
        happenings::cursor(&app, &world).await;
        let mut sockets = Vec::new();
        for person in ["demo-ministry", "demo-inspector", "demo-insurer", "demo-employer_admin", "demo-worker"] {
            for _ in 0..4 {
                let mut socket = served.open_as(&app.as_role(person)).await;
                socket.subscribe("1", LEVELS, json!({})).await;
                socket.settle().await;
                sockets.push(socket);
            }
        }
        let stream = app.as_role("demo-ministry").listen(LEVELS, json!({})).await;
        let before = at_rest(&app).await;
        // Tokens and days are looked at each second, in memory.
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        assert_eq!(app.app.db.statements() - before, 0);
        // They were all there.
        happenings::tell(&app, &world, &[Level(of)]).await;
        assert_eq!(enterprise(&sockets[0].told("1").await), of);
        assert_eq!(enterprise(&stream.first().await.json), of);
    }

    async fn an_event_costs_as_many_statements_for_forty_as_for_two(backend) {
        let app = crowd(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let of = seen(&world, "demo-ministry", 3);
        happenings::cursor(&app, &world).await;
        let mut sockets: Vec<Socket> = Vec::new();
        let mut costs = Vec::new();
        for (size, id) in [2, 2, 40].into_iter().zip(of) {
            while sockets.len() < size {
                let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
                socket.subscribe("1", LEVELS, json!({})).await;
                socket.settle().await;
                sockets.push(socket);
            }
            let before = at_rest(&app).await;
            happenings::tell(&app, &world, &[Level(id)]).await;
            for socket in &mut sockets {
                assert_eq!(enterprise(&socket.told("1").await), id);
            }
            costs.push(at_rest(&app).await - before);
        }
        // The first one also forgets what is old.
        assert_eq!(costs[1], costs[2], "{costs:?}");
    }
}
