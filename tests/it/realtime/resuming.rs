//! Going on from a cursor, and what comes out of order or faster than it is heard: nothing is lost or told twice.

use std::sync::Arc;

use api::auth::allow::allow;
use api::clock::new_id;
use api::events::Event;
use api::events::feed::{Tap, Wish};
use api::events::log::{self, Kind};
use api::graphql::id;
use chrono::TimeDelta;
use domain::roles::{Action, Resource};
use serde_json::{Value, json};
use tests::happenings::{self, Happened::Level};
use tests::world::World;
use tests::{Backend, TestApp, on_both, run};
use uuid::Uuid;

use crate::realtime::{LEVELS, enterprise, seen};

fn reason(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["reason"]
}

fn cursor(told: &Value) -> Value {
    told["data"]["enterpriseLevelChanged"]["cursor"].clone()
}

/// What the ministry hears, straight from the log.
async fn tap(app: &TestApp) -> Tap {
    let today = app.app.clock.today();
    let account = app.app.accounts.get("demo-ministry", today).await.unwrap();
    let actor = account.choose(None).unwrap();
    let scope = allow(&app.app.policies, &actor, Action::Read, Resource::Enterprise, today).unwrap();
    app.app.feed.open(Wish { kind: Kind::EnterpriseLevel, enterprise: None, after: None }, scope).await.unwrap()
}

async fn wait(tap: &mut Tap) -> Arc<entity::event::Model> {
    loop {
        tap.wait().await.unwrap();
        if let Some(event) = tap.take().await.unwrap() {
            return event;
        }
    }
}

async fn next(tap: &mut Tap) -> Arc<entity::event::Model> {
    tokio::time::timeout(std::time::Duration::from_secs(30), wait(tap)).await.expect("an event")
}

on_both! {
    async fn a_client_that_comes_back_is_told_what_it_missed_and_goes_on(backend) {
        let app = TestApp::new(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let of: Vec<Uuid> = seen(&world, "demo-ministry", 30);
        let first = happenings::write(&app, &world, &of.iter().map(|id| Level(*id)).collect::<Vec<_>>()).await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        socket.subscribe("all", LEVELS, json!({ "after": first })).await;
        let mut cursors = Vec::new();
        for expected in &of {
            let told = socket.told("all").await;
            assert_eq!(enterprise(&told), *expected);
            cursors.push(cursor(&told));
        }
        drop(socket);
        // More than is caught up with at once.
        let more: Vec<Uuid> = of.iter().cycle().take(130).copied().collect();
        happenings::tell(&app, &world, &more.iter().map(|id| Level(*id)).collect::<Vec<_>>()).await;
        let expected = [&of[12..], &more].concat();
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        socket.subscribe("rest", LEVELS, json!({ "after": cursors[11] })).await;
        let mut stream = app.as_role("demo-ministry").listen(LEVELS, json!({ "after": cursors[11] })).await;
        for expected in &expected {
            assert_eq!(enterprise(&socket.told("rest").await), *expected);
            assert_eq!(enterprise(&stream.told().await), *expected);
        }
        // And from there on it is told as it happens.
        happenings::tell(&app, &world, &[Level(of[3])]).await;
        assert_eq!(enterprise(&socket.told("rest").await), of[3]);
        assert_eq!(enterprise(&stream.told().await), of[3]);
    }

    async fn one_enterprise_can_be_followed_alone_and_gone_on_with(backend) {
        let app = TestApp::new(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let [one, other] = seen(&world, "demo-ministry", 2).try_into().unwrap();
        let first = happenings::write(&app, &world, &[Level(other), Level(one), Level(other)]).await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({"after": first, "of": id::encode("Enterprise", one)})).await;
        assert_eq!(enterprise(&socket.told("1").await), one);
        happenings::tell(&app, &world, &[Level(other), Level(one)]).await;
        let told = socket.told("1").await;
        assert_eq!(enterprise(&told), one);
        socket.subscribe("2", LEVELS, json!({ "after": cursor(&told) })).await;
        socket.settle().await;
        happenings::tell(&app, &world, &[Level(other)]).await;
        assert_eq!(enterprise(&socket.told("2").await), other);
    }

    async fn a_cursor_that_is_none_or_is_not_kept_any_more_is_refused(backend) {
        let app = TestApp::with(backend, |config| config.auth.demo_token_minutes = 1_440).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let of = seen(&world, "demo-ministry", 1)[0];
        let old = happenings::write(&app, &world, &[Level(of)]).await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        let enterprise_id = id::encode("Enterprise", of).to_string();
        for (after, expected) in [
            ("", "CURSOR_INVALID"),
            ("nonsense", "CURSOR_INVALID"),
            (&*enterprise_id, "CURSOR_INVALID"),
            (&*id::encode("Event", new_id()), "CURSOR_EXPIRED"),
        ] {
            socket.subscribe("1", LEVELS, json!({ "after": after })).await;
            let errors = json!({"errors": socket.refused("1").await});
            assert_eq!(reason(&errors), expected, "{after}: {errors}");
            let refused = app.as_role("demo-ministry").listen(LEVELS, json!({ "after": after })).await.told().await;
            assert_eq!(reason(&refused), expected, "{after}");
        }
        socket.subscribe("1", LEVELS, json!({"of": "nonsense"})).await;
        let errors = json!({"errors": socket.refused("1").await});
        assert_eq!(reason(&errors), "ID_INVALID", "{errors}");
        // What is older than is promised goes with the first event after it, but never the newest.
        socket.subscribe("2", LEVELS, json!({ "after": old })).await;
        let newest = cursor(&socket.told("2").await);
        let now = app.app.clock.now();
        log::forget(&app.app.db, now, TimeDelta::hours(24)).await.unwrap();
        socket.subscribe("3", LEVELS, json!({ "after": old })).await;
        assert_eq!(cursor(&socket.told("3").await), newest, "a day is not over");
        log::forget(&app.app.db, now + TimeDelta::hours(25), TimeDelta::hours(24)).await.unwrap();
        socket.subscribe("4", LEVELS, json!({ "after": old })).await;
        let errors = json!({"errors": socket.refused("4").await});
        assert_eq!(reason(&errors), "CURSOR_EXPIRED", "{errors}");
        socket.subscribe("5", LEVELS, json!({ "after": newest })).await;
        socket.settle().await;
        happenings::tell(&app, &world, &[Level(of)]).await;
        for _ in 0..3 {
            let heard = socket.hear().await;
            assert_eq!(enterprise(&heard["payload"]), of);
        }
    }

    async fn what_is_forgotten_leaves_no_hole_behind_a_cursor_that_holds(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let of = seen(&world, "demo-ministry", 4);
        let now = app.app.clock.now();
        let mut cursors = Vec::new();
        // The third began a day before the second and was committed after it.
        for (id, hours) in of.iter().zip([30, 1, 30, 0]) {
            let tx = app.app.db.begin().await.unwrap();
            let (owner, happening) = happenings::row(&world, &Level(*id));
            log::write(&tx, owner, now - TimeDelta::hours(hours), vec![happening]).await.unwrap();
            tx.commit().await.unwrap();
            cursors.push(id::encode("Event", log::newest(&app.app.db).await.unwrap().unwrap()));
        }
        log::forget(&app.app.db, now, TimeDelta::hours(24)).await.unwrap();
        let ministry = app.as_role("demo-ministry");
        let refused = ministry.listen(LEVELS, json!({ "after": cursors[0] })).await.told().await;
        assert_eq!(reason(&refused), "CURSOR_EXPIRED");
        let mut stream = ministry.listen(LEVELS, json!({ "after": cursors[1] })).await;
        assert_eq!(enterprise(&stream.told().await), of[2]);
        assert_eq!(enterprise(&stream.told().await), of[3]);
    }

    async fn a_cursor_can_be_had_before_the_first_event(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let [one, other] = seen(&world, "demo-ministry", 2).try_into().unwrap();
        let ministry = app.as_role("demo-ministry");
        let ask = async || ministry.ask("{ serviceConfig { eventCursor } }").await.text("serviceConfig.eventCursor").to_owned();
        // Nothing has happened yet.
        let first = ask().await;
        happenings::tell(&app, &world, &[Level(one)]).await;
        let second = ask().await;
        happenings::tell(&app, &world, &[Level(other)]).await;
        let mut all = ministry.listen(LEVELS, json!({ "after": first })).await;
        let mut rest = ministry.listen(LEVELS, json!({ "after": second })).await;
        let mut told = all.told().await;
        if enterprise(&told) != one {
            // With what `happenings` begins an empty log.
            told = all.told().await;
        }
        assert_eq!((enterprise(&told), cursor(&told)), (one, json!(second)));
        let told = all.told().await;
        assert_eq!((enterprise(&told), cursor(&told)), (other, json!(ask().await)));
        assert_eq!(enterprise(&rest.told().await), other);
    }

    async fn who_hears_too_late_what_was_told_reads_it_in_its_order(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let of = seen(&world, "demo-ministry", 40);
        happenings::cursor(&app, &world).await;
        let (mut quick, mut slow) = (tap(&app).await, tap(&app).await);
        for id in &of {
            // Each a moment of its own, and there is room for eight.
            happenings::tell(&app, &world, &[Level(*id)]).await;
            assert_eq!(next(&mut quick).await.enterprise_id, *id);
        }
        for id in &of {
            assert_eq!(next(&mut slow).await.enterprise_id, *id);
        }
        happenings::tell(&app, &world, &[Level(of[7])]).await;
        assert_eq!(next(&mut slow).await.enterprise_id, of[7]);
    }
}

#[test]
fn transactions_that_overlap_are_each_told_once_in_the_order_in_which_they_became_visible() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let [early, late, last] = seen(&world, "demo-ministry", 3).try_into().unwrap();
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        let begin = async |of: Uuid| {
            let tx = app.app.db.begin().await.unwrap();
            let (owner, happening) = happenings::row(&world, &Level(of));
            log::write(&tx, owner, app.app.clock.now(), vec![happening]).await.unwrap();
            tx
        };
        // Written first, committed last.
        let (first, second) = (begin(early).await, begin(late).await);
        second.commit().await.unwrap();
        app.app.events.tell(Event::Logged).await;
        let told = socket.told("1").await;
        assert_eq!(enterprise(&told), late);
        first.commit().await.unwrap();
        app.app.events.tell(Event::Logged).await;
        assert_eq!(enterprise(&socket.told("1").await), early);
        happenings::tell(&app, &world, &[Level(last)]).await;
        assert_eq!(enterprise(&socket.told("1").await), last);
        // And so is it for one who comes back to what was told first.
        let mut stream = app.as_role("demo-ministry").listen(LEVELS, json!({ "after": cursor(&told) })).await;
        assert_eq!(enterprise(&stream.told().await), early);
        assert_eq!(enterprise(&stream.told().await), last);
    });
}

#[test]
fn events_that_are_too_old_go_with_the_events_that_come() {
    run(async {
        // In one process: the bus of several has its first word, and so its first removal, before the test begins.
        let app = TestApp::with(Backend::Sqlite, |config| {
            config.auth.demo_token_minutes = 1_440;
            config.realtime.keep_events_hours = 1;
        })
        .await;
        let world = World::read(&app).await;
        let of = seen(&world, "demo-ministry", 1)[0];
        let old = happenings::write(&app, &world, &[Level(of)]).await;
        app.app.clock.set(app.app.clock.now() + TimeDelta::minutes(90));
        let ministry = app.as_role("demo-ministry");
        let mut stream = ministry.listen(LEVELS, json!({})).await;
        happenings::tell(&app, &world, &[Level(of)]).await;
        let newest = cursor(&stream.told().await);
        let again = async || ministry.listen(LEVELS, json!({ "after": old })).await.told().await;
        // They are removed after the telling; until then the old cursor holds.
        let removed = tokio::time::timeout(std::time::Duration::from_secs(30), async {
            while reason(&again().await) != "CURSOR_EXPIRED" {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        });
        removed.await.expect("old events are removed");
        let mut back = ministry.listen(LEVELS, json!({ "after": newest })).await;
        happenings::tell(&app, &world, &[Level(of)]).await;
        assert_eq!(enterprise(&back.told().await), of);
    });
}
