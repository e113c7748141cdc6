//! A client that does not read: it costs no memory and no work, is let go after a while, and has lost nothing.

use domain::roles::Role;
use entity::mandate;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use tests::happenings::{self, Happened, Happened::Level};
use tests::world::World;
use tests::{Backend, TestApp, on_both, run};
use uuid::Uuid;

use crate::realtime::access::change_mandate;
use crate::realtime::{at_rest, enterprise, everybody_has_left, seen};

/// An answer of some ten kilobytes, so that a few hundred are more than the buffers of a connection take.
fn long() -> String {
    let names: String = (0..55).map(|n| format!("n{n}: name ")).collect();
    let below = format!("workplaces(first: 50) {{ nodes {{ id {names} }} }}");
    format!(
        "subscription($after: String) {{ enterpriseLevelChanged(after: $after) {{ cursor enterpriseId enterprise {{ {below} }} }} }}"
    )
}

async fn many(app: &TestApp, world: &World, count: usize) -> (Vec<Uuid>, String) {
    let of: Vec<Uuid> = seen(world, "demo-ministry", 30).into_iter().cycle().take(count).collect();
    let events: Vec<Happened> = of.iter().map(|id| Level(*id)).collect();
    let cursor = happenings::tell(app, world, &events).await;
    (of, cursor)
}

fn cursor(told: &Value) -> Value {
    told["data"]["enterpriseLevelChanged"]["cursor"].clone()
}

on_both! {
    async fn what_a_client_has_not_read_waits_in_the_log_and_not_in_memory(backend) {
        let app = TestApp::with(backend, |config| {
            (config.realtime.send_timeout_seconds, config.realtime.ping_seconds) = (60, 300);
        })
        .await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_narrow(&app.as_role("demo-ministry")).await;
        socket.subscribe("1", &long(), json!({})).await;
        socket.settle().await;
        let before = at_rest(&app).await;
        let (of, _) = many(&app, &world, 600).await;
        let written = app.app.db.statements() - before;
        // Nothing is executed any more for who does not read.
        let executed = at_rest(&app).await - before - written;
        for id in &of {
            assert_eq!(enterprise(&socket.told("1").await), *id);
        }
        let all = at_rest(&app).await - before - written;
        assert!(all - executed > 300, "{executed} of {all} statements for a client that has read nothing");
    }

    async fn who_reads_late_hears_of_no_enterprise_whose_mandate_was_revoked_meanwhile(backend) {
        let app = TestApp::with(backend, |config| {
            (config.realtime.send_timeout_seconds, config.realtime.ping_seconds) = (60, 300);
        })
        .await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let [lost, kept] = seen(&world, "demo-insurer", 2).try_into().unwrap();
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_narrow(&app.as_role("demo-insurer")).await;
        socket.subscribe("1", &long(), json!({})).await;
        socket.settle().await;
        let events: Vec<Happened> = [lost, kept].into_iter().cycle().take(1_200).map(Level).collect();
        happenings::tell(&app, &world, &events).await;
        at_rest(&app).await;
        change_mandate(&app, Role::Insurer, lost, mandate::Column::RevokedAt, Expr::value(app.app.clock.now())).await;
        // What the database said before is too old to be told by it.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let (mut of_lost, mut of_kept) = (0, 0);
        while of_kept < 600 {
            let told = socket.told("1").await;
            match enterprise(&told) {
                id if id == kept => of_kept += 1,
                _ => of_lost += 1,
            }
            // What was in the buffers had been answered while the mandate held.
            assert!(told["data"]["enterpriseLevelChanged"]["enterprise"].is_object(), "{of_lost} {of_kept}");
        }
        assert!(of_lost < 600, "everything went into the buffers");
    }
}

#[test]
fn a_client_that_takes_nothing_is_let_go_and_goes_on_by_its_cursor() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.send_timeout_seconds = 1).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_narrow(&app.as_role("demo-ministry")).await;
        socket.subscribe("1", &long(), json!({})).await;
        socket.settle().await;
        let (of, _) = many(&app, &world, 600).await;
        // Its place is free again while it still reads nothing.
        everybody_has_left(&app).await;
        let (mut heard, mut last) = (0, json!(null));
        // What is in the buffers can still be read; the close frame had no room there.
        while let Some(Ok(message)) = futures::StreamExt::next(&mut socket.0).await {
            let Ok(text) = message.into_text() else { break };
            let Ok(message) = serde_json::from_str::<Value>(&text) else { break };
            assert_eq!(enterprise(&message["payload"]), of[heard]);
            (heard, last) = (heard + 1, cursor(&message["payload"]));
        }
        assert!(heard > 0 && heard < of.len(), "{heard}");
        let mut back = served.open_as(&app.as_role("demo-ministry")).await;
        back.subscribe("1", &long(), json!({ "after": last })).await;
        for id in &of[heard..] {
            assert_eq!(enterprise(&back.told("1").await), *id);
        }
    });
}
