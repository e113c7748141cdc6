//! What subscriptions and sockets pay for: the same as a request over POST.

use api::config::Config;
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tests::happenings::{self, Happened, Happened::Level};
use tests::world::World;
use tests::{Backend, EventStream, TestApp, User, on_both, run};

use crate::realtime::{LEVELS, enterprise, seen};

/// What a refusal costs at least.
const REFUSED: u64 = 100;

fn few(config: &mut Config) {
    config.budgets.person_points = 2_000;
    config.budgets.address_points = 2_000;
    config.budgets.person_points_per_second = 1;
    config.budgets.address_points_per_second = 1;
}

/// Points that are left, after this question.
async fn left(user: &User<'_>) -> u64 {
    user.ask("{ serviceConfig { version } }").await.cost["remaining"].as_u64().unwrap()
}

fn code(errors: &Value) -> &Value {
    &errors[0]["extensions"]["code"]
}

#[test]
fn an_answer_over_a_socket_says_what_it_cost() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, few).await;
        let served = app.serve().await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        let answer = socket.ask("{ serviceConfig { version } }").await;
        let expected = json!({"requested": 2, "actual": 2, "remaining": 1_998, "restoreRate": 1});
        assert_eq!(answer["extensions"]["cost"], expected, "{answer}");
    });
}

#[test]
fn what_is_refused_over_a_socket_or_as_a_stream_is_paid_for() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, few).await;
        let served = app.serve().await;
        let ministry = app.as_role("demo-ministry");
        let mut socket = served.open_as(&ministry).await;
        let mutation = "mutation { enterpriseUpdate(input: {id: \"x\", version: 1}) { __typename } }";
        let wrong = "subscription { enterpriseLevelChanged { nothing } }";
        let badly = "subscription { enterpriseLevelChanged(after: \"x\") { cursor } }";
        for document in [mutation, "subscription { __typename }", wrong, badly] {
            let before = left(&ministry).await;
            socket.subscribe("1", document, json!({})).await;
            socket.refused("1").await;
            let paid = before - left(&ministry).await - 2;
            assert!(paid >= REFUSED, "{document}: {paid}");
        }
        for document in ["subscription { __typename }", wrong, badly] {
            let before = left(&ministry).await;
            ministry.listen(document, json!({})).await.rest().await;
            let paid = before - left(&ministry).await - 2;
            assert!(paid >= REFUSED, "{document}: {paid}");
        }
        // Nobody's token: it is the address that pays.
        let before = left(&app.anonymous()).await;
        let told = app.anonymous().with_token("nonsense").listen(LEVELS, json!({})).await.told().await;
        assert_eq!(code(&told["errors"]), "UNAUTHENTICATED");
        let paid = before - left(&app.anonymous()).await - 2;
        assert!(paid >= REFUSED, "{paid}");
    });
}

#[test]
fn who_asks_for_the_cost_of_a_subscription_begins_none() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, few).await;
        let ministry = app.as_role("demo-ministry");
        let ask = async |document: &str, value: &str| {
            let request = Request::post("/graphql").header("content-type", "application/json");
            let request = request.header("accept", "text/event-stream").header("x-osh-cost", value);
            let request = request.header("authorization", format!("Bearer {}", ministry.token().unwrap()));
            let body = Body::from(json!({ "query": document }).to_string());
            EventStream::new(app.send(request.body(body).unwrap()).await)
        };
        let before = left(&ministry).await;
        let events = ask(LEVELS, "only").await.rest().await;
        let [(next, answer), (complete, _)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((&**next, &**complete), ("next", "complete"));
        let answer: Value = serde_json::from_str(answer).unwrap();
        let cost = &answer["extensions"]["cost"];
        assert!(cost["requested"].as_u64() > Some(1) && cost["actual"] == 1, "{answer}");
        assert_eq!((&answer["data"], left(&ministry).await), (&Value::Null, before - 3));
        let refused = ask("subscription { __typename }", "only").await.told().await;
        assert_eq!(code(&refused["errors"]), "BAD_DOCUMENT");
        assert_eq!(ask(LEVELS, "other").await.head.status.as_u16(), 400);
    });
}

on_both! {
    async fn every_event_is_paid_for_and_an_empty_budget_ends_the_subscription(backend) {
        let app = TestApp::with(backend, |config| {
            few(config);
            config.budgets.person_points = 100;
        })
        .await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let of = seen(&world, "demo-ministry", 1)[0];
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        let many: Vec<Happened> = (0..100).map(|_| Level(of)).collect();
        happenings::tell(&app, &world, &many).await;
        let mut told = 0;
        let errors = loop {
            let heard = socket.hear().await;
            match heard["type"].as_str() {
                Some("next") => assert_eq!(enterprise(&heard["payload"]), of),
                _ => break heard["payload"].clone(),
            }
            told += 1;
        };
        assert!((1..100).contains(&told), "{told}");
        assert_eq!((code(&errors), &errors[0]["extensions"]["budget"]), (&json!("RATE_LIMITED"), &json!("PERSON")));
    }

    async fn an_answer_that_many_get_is_paid_for_once(backend) {
        let app = TestApp::with(backend, few).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let of = seen(&world, "demo-ministry", 1)[0];
        happenings::cursor(&app, &world).await;
        let ministry = app.as_role("demo-ministry");
        let mut socket = served.open_as(&ministry).await;
        for id in ["1", "2", "3", "4"] {
            socket.subscribe(id, LEVELS, json!({})).await;
        }
        socket.settle().await;
        let before = left(&ministry).await;
        happenings::tell(&app, &world, &[Level(of)]).await;
        for _ in 0..4 {
            assert_eq!(enterprise(&socket.hear().await["payload"]), of);
        }
        // `enterpriseLevelChanged { cursor enterpriseId enterprise { id } }`
        assert_eq!(before - left(&ministry).await, 5 + 2);
    }
}
