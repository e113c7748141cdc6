//! What is told of other tenants: nothing, whatever happens to them and whatever is asked for.

use api::graphql::id;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::happenings::{self, Happened};
use tests::world::World;
use tests::{TestApp, on_both};
use uuid::Uuid;

use crate::tenancy::{key_of, people, user};

const LEVELS: &str = "subscription($after: String, $of: ID) {
    enterpriseLevelChanged(after: $after, enterpriseId: $of) { cursor enterpriseId enterprise { id } } }";
const STATUSES: &str = "subscription($after: String, $of: ID) {
    assessmentStatusChanged(after: $after, enterpriseId: $of) { cursor workplaceId assessment { id } } }";

/// Something happens to everybody, and at last once more to somebody whom each person knows.
fn everything(world: &World) -> Vec<Happened> {
    let levels = world.enterprises.iter().map(|row| Happened::Level(row.id));
    let statuses = world.assessments.iter().map(|row| Happened::Status(row.id));
    let known = people().flat_map(|person| {
        let sees = world.seen_by(&person);
        let of = |kind| sees.of(kind).first().copied();
        [of("Enterprise").map(Happened::Level), of("Assessment").map(Happened::Status)]
    });
    levels.chain(statuses).chain(known.flatten()).collect()
}

/// What a person may hear of it: of levels, else of statuses.
fn may_hear(world: &World, person: &str, levels: bool) -> Vec<Happened> {
    let sees = world.seen_by(person);
    let may = |it: &Happened| match it {
        Happened::Level(id) => levels && sees.of("Enterprise").contains(id),
        Happened::Status(id) => !levels && sees.of("Assessment").contains(id),
    };
    everything(world).into_iter().filter(may).collect()
}

/// What is told of an event, as the event itself. The object behind the edge must be the same.
fn event(told: &Value) -> Happened {
    let data = &told["data"];
    if data["enterpriseLevelChanged"].is_object() {
        let of = &data["enterpriseLevelChanged"];
        assert_eq!(of["enterpriseId"], of["enterprise"]["id"], "{told}");
        return Happened::Level(key_of(&of["enterpriseId"], "Enterprise"));
    }
    Happened::Status(key_of(&data["assessmentStatusChanged"]["assessment"]["id"], "Assessment"))
}

on_both! {
    async fn everybody_is_told_of_what_they_may_see_in_its_order_and_of_nothing_else(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let after = happenings::write(&app, &world, &everything(&world)).await;
        for person in people() {
            for (document, levels) in [(LEVELS, true), (STATUSES, false)] {
                let expected = may_hear(&world, &person, levels);
                let mut stream = user(&app, &person).listen(document, json!({ "after": after })).await;
                if expected.is_empty() {
                    let refused = stream.told().await["errors"][0]["extensions"]["code"].clone();
                    assert!(refused == "FORBIDDEN" || refused == "UNAUTHENTICATED", "{person}: {refused}");
                }
                for (place, expected) in expected.iter().enumerate() {
                    assert_eq!(event(&stream.told().await), *expected, "{person}: number {place}");
                }
            }
        }
    }

    async fn what_happens_to_others_is_not_told_while_it_happens(backend) {
        let app = TestApp::new(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        happenings::cursor(&app, &world).await;
        let mut listeners = Vec::new();
        for person in people() {
            for (id, document) in [("levels", LEVELS), ("statuses", STATUSES)] {
                if may_hear(&world, &person, id == "levels").is_empty() {
                    continue;
                }
                let mut socket = served.open_as(&user(&app, &person)).await;
                socket.subscribe(id, document, json!({})).await;
                socket.settle().await;
                let stream = user(&app, &person).listen(document, json!({})).await;
                listeners.push((person.clone(), id, socket, stream));
            }
        }
        let happened = everything(&world);
        happenings::tell(&app, &world, &happened).await;
        for (person, id, mut socket, mut stream) in listeners {
            for expected in may_hear(&world, &person, id == "levels") {
                assert_eq!(event(&socket.told(id).await), expected, "{person}");
                assert_eq!(event(&stream.told().await), expected, "{person}");
            }
        }
    }

    async fn of_a_foreign_enterprise_as_of_a_missing_one_nothing_is_told(backend) {
        let app = TestApp::with(backend, |config| config.auth.demo_token_minutes = 1).await;
        let world = World::read(&app).await;
        let after = happenings::write(&app, &world, &everything(&world)).await;
        let (mut cases, mut ends) = (Vec::new(), Vec::new());
        for person in people() {
            let foreign = world.all("Enterprise").difference(world.seen_by(&person).of("Enterprise")).next().copied();
            for (document, enterprise) in [LEVELS, STATUSES].into_iter().flat_map(|it| [(it, Some(Uuid::nil())), (it, foreign)]) {
                let Some(enterprise) = enterprise else { continue };
                let variables = json!({"after": after, "of": id::encode("Enterprise", enterprise)});
                cases.push((person.clone(), document, enterprise));
                ends.push(user(&app, &person).listen(document, variables).await.rest());
            }
        }
        // They end with their tokens, a second after they have begun to read the log.
        app.app.clock.set(app.app.clock.now() + TimeDelta::minutes(2));
        for (case, events) in cases.iter().zip(futures::future::join_all(ends).await) {
            let names: Vec<&str> = events.iter().map(|(name, _)| &**name).collect();
            assert_eq!(names, ["next", "complete"], "{case:?}: {events:?}");
            assert!(!events[0].1.contains("cursor"), "{case:?}: {events:?}");
        }
        assert!(cases.len() > 30, "{cases:?}");
    }
}
