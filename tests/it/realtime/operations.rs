//! What runs over a WebSocket and what does not.

use domain::roles::Role;
use entity::person;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tests::happenings::{self, Happened};
use tests::sandbox::subject;
use tests::world::World;
use tests::{Backend, TestApp, on_both, run, shared};

use crate::realtime::{LEVELS, enterprise, seen};

/// Documents made to hurt, and one that is none.
fn hostile() -> Vec<(String, &'static str)> {
    let field = "enterpriseLevelChanged";
    let mut doubling = format!("subscription{{{field}{{...F30}}}} fragment F0 on EnterpriseLevelChanged{{cursor}}");
    for level in 1..=30 {
        let below = level - 1;
        doubling.push_str(&format!(" fragment F{level} on EnterpriseLevelChanged{{...F{below} ...F{below}}}"));
    }
    let unknown: String = (0..7_000).map(|n| format!("x{n} ")).collect();
    let aliases: String = (0..200).map(|n| format!("a{n}:cursor ")).collect();
    let page = "enterprise{workplaces(first:100){nodes{assessments(first:100){nodes{id degree pr v t ob siz z}}}}}";
    vec![
        (format!("subscription{{{field}(after:{}", "[".repeat(2_000)), "QUERY_TOO_EXPENSIVE"),
        (format!("{}{}", "subscription{enterprise".repeat(2_000), "}".repeat(2_000)), "QUERY_TOO_EXPENSIVE"),
        (doubling, "QUERY_TOO_EXPENSIVE"),
        (format!("subscription{{{field}{{{aliases}}}}}"), "QUERY_TOO_EXPENSIVE"),
        (format!("subscription{{{field}{{{page}}}}}"), "QUERY_TOO_EXPENSIVE"),
        (format!("subscription{{{field}{{cursor}} other:{field}{{cursor}}}}"), "BAD_DOCUMENT"),
        (format!("subscription{{...F}} fragment F on Subscription{{{field}{{cursor}}}}"), "BAD_DOCUMENT"),
        (format!("subscription{{{field} @skip(if:true){{cursor}}}}"), "BAD_DOCUMENT"),
        ("subscription{__typename}".to_owned(), "BAD_DOCUMENT"),
        (format!("subscription{{{field}{{nothing}}}}"), "BAD_DOCUMENT"),
        (format!("subscription{{{field}{{{unknown}}}}}"), "BAD_DOCUMENT"),
        (format!("subscription($a:Int){{{field}(after:$a){{cursor}}}}"), "BAD_DOCUMENT"),
        ("subscription{".to_owned(), "BAD_DOCUMENT"),
    ]
}

fn code(errors: &Value) -> &Value {
    &errors[0]["extensions"]["code"]
}

#[test]
fn a_hostile_document_is_refused_and_the_socket_goes_on() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let served = app.serve().await;
        let ministry = app.as_role("demo-ministry");
        let mut socket = served.open_as(&ministry).await;
        for (document, expected) in hostile() {
            let shown: String = document.chars().take(80).collect();
            socket.subscribe("1", &document, json!({})).await;
            let errors = socket.refused("1").await;
            assert_eq!(code(&errors), expected, "{shown}: {errors}");
            assert!(errors.to_string().len() <= 4_096, "{shown}: {errors}");
            let events = ministry.listen(&document, json!({})).await.rest().await;
            assert!(events.iter().map(|(_, data)| data.len()).sum::<usize>() <= 4_096, "{shown}: {events:?}");
            let [(next, answer), (complete, _)] = events.as_slice() else { panic!("{shown}: {events:?}") };
            assert_eq!((&**next, &**complete), ("next", "complete"), "{shown}");
            let answer: Value = serde_json::from_str(answer).unwrap();
            assert_eq!(code(&answer["errors"]), expected, "{shown}: {answer}");
            assert_eq!(answer.get("data"), None, "{shown}: {answer}");
        }
        assert!(socket.ask("{ ruleSets { code } }").await["data"].is_object());
    });
}

#[test]
fn a_query_is_answered_and_a_mutation_is_refused_and_changes_nothing() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let served = app.serve().await;
        let mut socket = served.open_as(&app.as_role(&subject(Role::SafetyEngineer))).await;
        let found = socket.ask("{ enterprises(first: 1) { nodes { id version headcount } } }").await;
        let row = &found["data"]["enterprises"]["nodes"][0];
        let before = app.content().await;
        let mutation =
            "mutation($input: EnterpriseUpdateInput!) { enterpriseUpdate(input: $input) { enterprise { id } } }";
        let input =
            json!({"id": row["id"], "version": row["version"], "headcount": row["headcount"].as_i64().unwrap() + 1});
        socket.subscribe("1", mutation, json!({ "input": input })).await;
        let errors = socket.refused("1").await;
        assert_eq!((code(&errors), &errors[0]["extensions"]["reason"]), (&json!("BAD_REQUEST"), &json!("method")));
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        // The same is taken where it belongs.
        let user = app.as_role(&subject(Role::SafetyEngineer));
        user.query(mutation, json!({ "input": input })).await.ok();
        assert_ne!(before.changed(&app.content().await), [] as [&str; 0]);
    });
}

#[test]
fn what_a_field_refuses_is_told_with_the_answer_and_what_the_document_lacks_instead_of_it() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let served = app.serve().await;
        let mut socket = served.open_as(&app.as_role("demo-analyst")).await;
        let answer = socket.ask("{ ruleSets { code } workplaces { totalCount } }").await;
        assert_eq!(code(&answer["errors"]), "FORBIDDEN");
        assert!(answer["data"]["ruleSets"].is_array(), "{answer}");
        socket.subscribe("1", "{ nothing }", json!({})).await;
        assert_eq!(code(&socket.refused("1").await), "BAD_DOCUMENT");
        socket.subscribe("1", "query($n: Int!) { enterprises(first: $n) { totalCount } }", json!({"n": "x"})).await;
        assert_eq!(code(&socket.refused("1").await), "BAD_USER_INPUT");
        socket.subscribe("1", "subscription { assessmentStatusChanged { cursor } }", json!({})).await;
        assert_eq!(code(&socket.refused("1").await), "FORBIDDEN");
    });
}

#[test]
fn there_is_a_bound_of_operations_and_who_completes_one_may_begin_another() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.realtime.operations_per_socket = 2).await;
        let served = app.serve().await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        for id in ["1", "2", "3"] {
            socket.subscribe(id, LEVELS, json!({})).await;
        }
        let error = socket.refused("3").await[0]["extensions"].clone();
        assert_eq!(
            (&error["code"], &error["limit"], &error["allowed"]),
            (&json!("QUERY_TOO_EXPENSIVE"), &json!("operations_per_socket"), &json!(2))
        );
        socket.say(json!({"id": "1", "type": "complete"})).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.say(json!({"id": "2", "type": "complete"})).await;
        assert!(socket.ask("{ ruleSets { code } }").await["data"].is_object());
        // An operation that has ended by itself has left its place.
        assert!(socket.ask("{ ruleSets { code } }").await["data"].is_object());
    });
}

on_both! {
    async fn who_completes_a_subscription_hears_nothing_more_of_it(backend) {
        let app = TestApp::new(backend).await;
        let (served, world) = (app.serve().await, World::read(&app).await);
        let [one, other] = seen(&world, "demo-ministry", 2).try_into().unwrap();
        happenings::cursor(&app, &world).await;
        let mut socket = served.open_as(&app.as_role("demo-ministry")).await;
        socket.subscribe("gone", LEVELS, json!({})).await;
        socket.subscribe("stays", LEVELS, json!({})).await;
        socket.say(json!({"id": "gone", "type": "complete"})).await;
        socket.settle().await;
        happenings::tell(&app, &world, &[Happened::Level(one), Happened::Level(other)]).await;
        assert_eq!(enterprise(&socket.told("stays").await), one);
        assert_eq!(enterprise(&socket.told("stays").await), other);
    }
}

#[test]
fn refusals_are_in_the_language_asked_for_else_of_the_person() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let served = app.serve().await;
        let user = app.as_role("demo-ministry");
        let speaks = person::Entity::update_many().col_expr(person::Column::Locale, Expr::value("kk"));
        speaks.filter(person::Column::Subject.eq("demo-ministry")).exec(app.db()).await.unwrap();
        let bearer = format!("Bearer {}", user.token().unwrap());
        let asked = |language: &str| json!({"authorization": bearer, "accept-language": language});
        let mut told = Vec::new();
        for payload in [json!({ "authorization": bearer }), asked("kk"), asked("ru"), asked("en")] {
            let mut socket = served.open().await;
            socket.say(json!({"type": "connection_init", "payload": payload})).await;
            assert_eq!(socket.hear().await["type"], "connection_ack");
            let mut messages = Vec::new();
            for document in
                ["mutation { enterpriseUpdate { __typename } }", "{ nothing }", "subscription { __typename }"]
            {
                socket.subscribe("1", document, json!({})).await;
                messages.push(socket.refused("1").await[0]["message"].clone());
            }
            told.push(messages);
        }
        assert_eq!(told[0], told[1], "the person's own language");
        for ((kk, ru), en) in told[1].iter().zip(&told[2]).zip(&told[3]) {
            assert!(kk != ru && ru != en, "{kk} {ru} {en}");
        }
    });
}
