//! What ends access ends or narrows a subscription that is running: every event is decided anew.

use chrono::TimeDelta;
use domain::roles::{MandateKind, Role};
use entity::{mandate, membership, organisation};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::happenings::{self, Happened::Level};
use tests::sandbox::{membership_of, organisation_of, subject};
use tests::world::World;
use tests::{Backend, TestApp, on_both};
use uuid::Uuid;

use crate::realtime::{LEVELS, enterprise, everybody_has_left, seen};

/// A server on which a change of memberships is seen at once.
async fn strict(backend: Backend) -> TestApp {
    TestApp::with(backend, |config| {
        config.auth.membership_cache_ms = 0;
        config.auth.demo_token_minutes = 1_440;
    })
    .await
}

async fn end_memberships(app: &TestApp, role: Role) {
    let yesterday = app.app.clock.today() - TimeDelta::days(1);
    let of_person = membership::Column::PersonId.eq(membership_of(app, role).await.person_id);
    let ended = membership::Entity::update_many().col_expr(membership::Column::ValidTo, Expr::value(yesterday));
    ended.filter(of_person).exec(app.db()).await.unwrap();
}

/// Changes the mandates of a role's organisation for one enterprise.
pub async fn change_mandate(app: &TestApp, role: Role, enterprise: Uuid, column: mandate::Column, value: Expr) {
    let of = mandate::Column::OrganisationId.eq(organisation_of(app, role).await);
    let change = mandate::Entity::update_many().col_expr(column, value).filter(of);
    let changed = change.filter(mandate::Column::EnterpriseId.eq(enterprise)).exec(app.db()).await.unwrap();
    assert!(changed.rows_affected > 0);
}

on_both! {
    async fn a_token_that_expires_ends_sockets_and_streams(backend) {
        let app = TestApp::with(backend, |config| config.auth.demo_token_minutes = 1).await;
        let served = app.serve().await;
        let ministry = app.as_role("demo-ministry");
        let mut sockets = [served.open_as(&ministry).await, served.open_as(&ministry).await];
        sockets[0].subscribe("1", LEVELS, json!({})).await;
        sockets[0].settle().await;
        let stream = ministry.listen(LEVELS, json!({})).await;
        app.app.clock.set(app.app.clock.now() + TimeDelta::minutes(2));
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, 4403);
        }
        let events = stream.rest().await;
        let [(next, answer), (complete, _)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((&**next, &**complete), ("next", "complete"));
        let answer: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        everybody_has_left(&app).await;
    }

    async fn who_is_no_member_any_more_hears_of_the_end_and_of_nothing_else(backend) {
        let app = strict(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let of = seen(&world, "demo-ministry", 1)[0];
        happenings::cursor(&app, &world).await;
        let mut unsaid = served.open_as(&app.as_role("demo-ministry")).await;
        let chosen = api::graphql::id::encode("Membership", membership_of(&app, Role::Ministry).await.id);
        let bearer = format!("Bearer {}", app.as_role("demo-ministry").token().unwrap());
        let mut said = served.open().await;
        let payload = json!({"authorization": bearer, "X-Osh-Membership": chosen});
        said.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(said.hear().await["type"], "connection_ack");
        let mut stream = app.as_role("demo-ministry").listen(LEVELS, json!({})).await;
        for socket in [&mut unsaid, &mut said] {
            socket.subscribe("1", LEVELS, json!({})).await;
            socket.settle().await;
        }
        happenings::tell(&app, &world, &[Level(of)]).await;
        assert_eq!(enterprise(&unsaid.told("1").await), of);
        assert_eq!(enterprise(&said.told("1").await), of);
        assert_eq!(enterprise(&stream.told().await), of);
        end_memberships(&app, Role::Ministry).await;
        happenings::tell(&app, &world, &[Level(of)]).await;
        assert_eq!(unsaid.refused("1").await[0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(said.closed().await, 4403);
        assert_eq!(stream.told().await["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(stream.rest().await, [("complete".to_owned(), String::new())]);
        // A client that signs in anew is refused at once.
        unsaid.subscribe("2", LEVELS, json!({})).await;
        assert_eq!(unsaid.refused("2").await[0]["extensions"]["code"], "FORBIDDEN");
    }

    async fn a_revoked_mandate_narrows_what_is_told(backend) {
        let app = strict(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        for (role, kind) in [(Role::Insurer, MandateKind::Insures), (Role::Assessor, MandateKind::EngagedBy), (Role::EmployeeRepresentative, MandateKind::Represents)] {
            let [lost, kept] = seen(&world, &subject(role), 2).try_into().unwrap();
            happenings::cursor(&app, &world).await;
            let mut socket = served.open_as(&app.as_role(&subject(role))).await;
            socket.subscribe("1", LEVELS, json!({})).await;
            socket.settle().await;
            let mut stream = app.as_role(&subject(role)).listen(LEVELS, json!({})).await;
            happenings::tell(&app, &world, &[Level(lost), Level(kept)]).await;
            for expected in [lost, kept] {
                assert_eq!(enterprise(&socket.told("1").await), expected, "{role}");
                assert_eq!(enterprise(&stream.told().await), expected, "{role}");
            }
            change_mandate(&app, role, lost, mandate::Column::RevokedAt, Expr::value(app.app.clock.now())).await;
            happenings::tell(&app, &world, &[Level(lost), Level(kept)]).await;
            assert_eq!(enterprise(&socket.told("1").await), kept, "{role}: {kind} is revoked");
            assert_eq!(enterprise(&stream.told().await), kept, "{role}: {kind} is revoked");
        }
    }

    async fn a_mandate_that_ends_with_the_day_narrows_what_is_told_the_next_day(backend) {
        let app = strict(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let [lost, kept] = seen(&world, "demo-insurer", 2).try_into().unwrap();
        change_mandate(&app, Role::Insurer, lost, mandate::Column::ValidTo, Expr::value(app.app.clock.today())).await;
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_as(&app.as_role("demo-insurer")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        happenings::tell(&app, &world, &[Level(lost)]).await;
        assert_eq!(enterprise(&socket.told("1").await), lost);
        app.app.clock.set(app.app.clock.now() + TimeDelta::hours(20));
        happenings::tell(&app, &world, &[Level(lost), Level(kept)]).await;
        assert_eq!(enterprise(&socket.told("1").await), kept);
    }

    async fn an_inspector_who_moves_hears_of_the_new_region_and_no_more_of_the_old(backend) {
        let app = strict(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let old = seen(&world, "demo-inspector", 1)[0];
        let region = |id: Uuid| world.enterprises.iter().find(|row| row.id == id).unwrap().region_kato.clone();
        let new = world.enterprises.iter().rfind(|row| row.region_kato != region(old)).unwrap();
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_as(&app.as_role("demo-inspector")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        happenings::tell(&app, &world, &[Level(new.id), Level(old)]).await;
        assert_eq!(enterprise(&socket.told("1").await), old);
        let moved = Expr::value(new.region_kato.clone());
        let of = organisation::Column::Id.eq(organisation_of(&app, Role::Inspector).await);
        let update = organisation::Entity::update_many().col_expr(organisation::Column::JurisdictionKato, moved);
        update.filter(of).exec(app.db()).await.unwrap();
        // By the old decision it is only the old region that is asked for, and then the new one decides.
        happenings::tell(&app, &world, &[Level(old), Level(new.id)]).await;
        assert_eq!(enterprise(&socket.told("1").await), new.id);
    }
}
