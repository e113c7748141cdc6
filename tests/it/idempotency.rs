//! A mutation that is sent again with its idempotency key happens once, and everybody gets the same answer.

use domain::roles::Role;
use entity::{idempotency, mandate, membership};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, TransactionTrait,
};
use serde_json::{Value, json};
use tests::sandbox::{membership_of, subject};
use tests::schema::{Field, Kind, Schema};
use tests::{Answer, Backend, TestApp, User, on_both, run, shared};

use crate::errors::{ENGINEER, mutation, refused, with};
use crate::transactions::{Place, waiting};

pub(crate) const KEY: &str = "3f6c0c5e-7d0e-4b43-9d5e-6a8c2f3b9e11";

/// Everything of a payload that needs neither arguments nor permissions of its own.
pub(crate) fn selection(schema: &Schema, mutation: &str) -> String {
    let payload = schema.get("Mutation").fields.iter().find(|field| field.name == mutation).unwrap();
    let select = |field: &Field| match schema.is_composite(field.of.inner()) {
        false => field.name.clone(),
        true => {
            let inside = schema.get(field.of.inner()).fields.iter();
            let plain = inside.filter(|field| !schema.is_composite(field.of.inner()) && !field.needs_arguments());
            format!("{} {{ {} }}", field.name, plain.map(|field| &*field.name).collect::<Vec<_>>().join(" "))
        }
    };
    let fields = schema.get(payload.of.inner()).fields.iter().filter(|field| field.name != "userErrors");
    fields.map(select).collect::<Vec<_>>().join(" ")
}

pub(crate) fn keyed(input: &Value, key: &str) -> Value {
    with(input, json!({ "idempotencyKey": key }))
}

/// The same input with a change of one of its texts or numbers.
fn changed(input: &Value) -> Value {
    let field = ["nameRu", "headcount", "workers", "exposureMinutes", "laboratory", "assessedOn"];
    let field = field.into_iter().find(|field| input.get(*field).is_some()).expect("something to change");
    let other = match field {
        "nameRu" | "laboratory" => json!("Другое"),
        "assessedOn" => json!("2026-03-03"),
        _ => json!(5),
    };
    with(input, json!({ field: other }))
}

/// The type of a mutation's input.
pub(crate) fn input_of(mutation: &str) -> String {
    format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..])
}

/// A value as it stands in a document, with the fields of objects the other way round.
fn literal(schema: &Schema, of: &str, value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let of =
                |name: &str| schema.get(of).input_fields.iter().find(|field| field.name == name).unwrap().of.inner();
            let field = |(name, value): (&String, &Value)| format!("{name}: {}", literal(schema, of(name), value));
            format!("{{{}}}", fields.iter().rev().map(field).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| literal(schema, of, item)).collect::<Vec<_>>().join(", "))
        }
        Value::String(name) if schema.get(of).kind == Kind::Enum => name.clone(),
        leaf => leaf.to_string(),
    }
}

async fn keys(app: &TestApp) -> u64 {
    idempotency::Entity::find().count(app.db()).await.unwrap()
}

/// A new unit of the demo employer.
async fn unit(app: &TestApp, code: &str) -> Value {
    json!({"enterpriseId": Place::of(app).await.enterprise, "code": code, "nameRu": "Цех"})
}

async fn add(user: &User<'_>, input: &Value) -> Answer {
    user.change("unitCreate", "unit { id code }", input).await
}

on_both! {
    async fn sent_again_every_mutation_gives_its_answer_and_changes_nothing(backend) {
        let app = TestApp::new(backend).await;
        let (schema, place) = (Schema::of(&app).await, Place::of(&app).await);
        for (name, role, input, table) in place.mutations() {
            let (user, selection, input) = (app.as_role(&subject(role)), selection(&schema, name), keyed(&input, KEY));
            let before = app.content().await;
            let first = user.change(name, &selection, &input).await.ok();
            let after = app.content().await;
            assert_eq!(after.rows("idempotency"), before.rows("idempotency") + 1, "{name}");
            assert!(before.changed(&after).contains(&table), "{name}");
            let again = user.change(name, &selection, &input).await.ok();
            assert_eq!(again.json, first.json, "{name}");
            let of = input_of(name);
            let written = tests::document(name, &selection).replace("($input: ", "").replacen(&format!("{of}!)"), "", 1)
                .replace("$input", &literal(&schema, &of, &input));
            let again = user.query(&written, json!({})).await.ok();
            assert_eq!(again.json, first.json, "{name}: {written}");
            let other = user.change(name, &selection, &changed(&input)).await;
            let reused = ("IDEMPOTENCY_KEY_REUSED", "idempotencyKey".to_owned());
            assert_eq!(other.refusals().first(), Some(&reused), "{name}: {}", other.text);
            assert_eq!(after.changed(&app.content().await), [] as [&str; 0], "{name}");
        }
    }

    async fn the_same_key_of_another_person_is_another_key(backend) {
        let app = TestApp::new(backend).await;
        let input = keyed(&unit(&app, "K1").await, KEY);
        add(&app.as_role(ENGINEER), &input).await.ok();
        let other = add(&app.as_role(&subject(Role::EmployerAdmin)), &input).await;
        assert_eq!(other.refusals(), [("DUPLICATE", "code".to_owned())]);
        let other = app.as_role(&subject(Role::EmployerAdmin));
        add(&other, &with(&input, json!({"code": "K2"}))).await.ok();
        assert_eq!(keys(&app).await, 2);
    }

    async fn the_same_key_of_another_organisation_and_mutation_is_another_key(backend) {
        let app = TestApp::new(backend).await;
        let place = Place::of(&app).await.workplace;
        let first = membership_of(&app, Role::SafetyEngineer).await;
        let assessor = membership_of(&app, Role::Assessor).await;
        let second = membership::Model { id: api::clock::new_id(), person_id: first.person_id, ..assessor };
        membership::Entity::insert(second.clone().into_active_model()).exec(app.db()).await.unwrap();
        let acting = |id| app.as_role(ENGINEER).acting(api::graphql::id::encode("Membership", id).to_string());
        let input = json!({"workplaceId": place, "factorCode": "NOISE_CONSTANT", "measuredOn": "2026-03-01",
            "laboratory": "Л", "protocolNumber": "K", "observation": {"conditionClass": "CLASS_2"},
            "idempotencyKey": KEY});
        acting(first.id).change("measurementRecord", "", &input).await.ok();
        let other = acting(second.id).change("measurementRecord", "", &input).await;
        assert_eq!(other.refusals(), [("DUPLICATE", "protocolNumber".to_owned())], "{}", other.text);
        let other = with(&input, json!({"protocolNumber": "L"}));
        acting(second.id).change("measurementRecord", "", &other).await.ok();
        add(&acting(first.id), &keyed(&unit_of(&acting(first.id)).await, KEY)).await.ok();
        assert_eq!(keys(&app).await, 3);
    }

    async fn of_twenty_at_once_one_is_executed_and_all_get_its_answer(backend) {
        let app = TestApp::new(backend).await;
        let replica = app.replica(|_| {}).await;
        let (input, before) = (keyed(&unit(&app, "K1").await, KEY), app.content().await);
        let servers = [&app, &replica].into_iter().cycle().take(20);
        let answers = servers.map(|app| {
            let (user, input) = (app.as_role(ENGINEER), &input);
            async move { add(&user, input).await.ok().json }
        });
        let answers = futures::future::join_all(answers).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        let after = app.content().await;
        assert_eq!(after.rows("unit"), before.rows("unit") + 1);
        assert_eq!(before.changed(&after), ["idempotency", "unit"]);
    }

    async fn a_refused_input_may_be_corrected_with_its_key(backend) {
        let app = TestApp::new(backend).await;
        let input = keyed(&unit(&app, "K1").await, KEY);
        let wrong = with(&input, json!({"nameRu": " "}));
        refused(&app, ENGINEER, &mutation("unitCreate"), wrong, &[("REQUIRED", "nameRu")]).await;
        add(&app.as_role(ENGINEER), &input).await.ok();
    }

    async fn a_malformed_key_stands_among_the_other_faults(backend) {
        let app = TestApp::new(backend).await;
        let unit = unit(&app, "K1").await;
        for key in ["", "two words", "ключ", &"k".repeat(129)] {
            let invalid = ("IDEMPOTENCY_KEY_INVALID", "idempotencyKey");
            refused(&app, ENGINEER, &mutation("unitCreate"), keyed(&unit, key), &[invalid]).await;
            let wrong = with(&keyed(&unit, key), json!({"nameRu": " "}));
            refused(&app, ENGINEER, &mutation("unitCreate"), wrong, &[invalid, ("REQUIRED", "nameRu")]).await;
        }
        let place = Place::of(&app).await;
        let dry = json!({"id": place.workplace, "version": place.version, "workers": 7, "dryRun": true,
            "idempotencyKey": " "});
        let invalid = ("IDEMPOTENCY_KEY_INVALID", "idempotencyKey");
        refused(&app, ENGINEER, &mutation("workplaceUpdate"), dry, &[invalid]).await;
        let used = keyed(&unit, KEY);
        add(&app.as_role(ENGINEER), &used).await.ok();
        let other = with(&used, json!({"nameRu": " "}));
        let expected = [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"), ("DUPLICATE", "code"), ("REQUIRED", "nameRu")];
        refused(&app, ENGINEER, &mutation("unitCreate"), other, &expected).await;
    }

    async fn a_run_that_fails_leaves_no_key(backend) {
        let app = TestApp::new(backend).await;
        let input = keyed(&unit(&app, "K1").await, KEY);
        let fail = match backend {
            Backend::Sqlite => "CREATE TRIGGER fail BEFORE UPDATE ON idempotency BEGIN SELECT RAISE(ABORT, 'no'); END",
            Backend::Postgres => "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'no'; END $$;
                CREATE TRIGGER fail BEFORE UPDATE ON idempotency EXECUTE FUNCTION fail()",
        };
        app.db().execute_unprepared(fail).await.unwrap();
        let before = app.content().await;
        // The key and the unit are written when it fails.
        assert_eq!(add(&app.as_role(ENGINEER), &input).await.codes(), ["INTERNAL"]);
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        let mend = if backend == Backend::Sqlite { "DROP TRIGGER fail" } else { "DROP FUNCTION fail CASCADE" };
        app.db().execute_unprepared(mend).await.unwrap();
        add(&app.as_role(ENGINEER), &input).await.ok();
    }

    async fn a_key_is_kept_for_a_day_at_least_and_then_forgotten(backend) {
        let app = TestApp::new(backend).await;
        let input = keyed(&unit(&app, "K1").await, KEY);
        let first = add(&app.as_role(ENGINEER), &input).await.ok();
        let hours = app.anonymous().ask("{ serviceConfig { limits { idempotencyHours } } }").await;
        assert_eq!(hours.int("serviceConfig.limits.idempotencyHours"), 48);
        for hours in [24, 48] {
            app.app.clock.set(tests::moment() + chrono::TimeDelta::hours(hours));
            assert_eq!(add(&app.as_role(ENGINEER), &input).await.ok().json, first.json, "after {hours} hours");
        }
        app.app.clock.set(tests::moment() + chrono::TimeDelta::hours(49));
        add(&app.as_role(ENGINEER), &with(&input, json!({"code": "K2"}))).await.ok();
        assert_eq!(keys(&app).await, 1);
    }

    async fn whose_right_has_ended_gets_no_answer_from_before(backend) {
        let app = TestApp::new(backend).await;
        let assessor = app.as_role(&subject(Role::Assessor));
        let place = assessor.ask("{ workplaces(first: 1) { nodes { id } } }").await;
        let place = place.data("workplaces.nodes.0.id");
        let input = json!({"workplaceId": place, "factorCode": "NOISE_CONSTANT", "measuredOn": "2026-03-01",
            "laboratory": "Л", "protocolNumber": "K", "observation": {"conditionClass": "CLASS_2"},
            "idempotencyKey": KEY});
        let record = async || assessor.change("measurementRecord", "measurement { id }", &input).await;
        let first = record().await.ok();
        assert_eq!(record().await.ok().json, first.json);
        let holder = membership_of(&app, Role::Assessor).await.organisation_id;
        let revoke = mandate::Entity::update_many().filter(mandate::Column::OrganisationId.eq(holder));
        let revoke = revoke.col_expr(mandate::Column::RevokedAt, Expr::value(app.app.clock.now()));
        revoke.exec(app.db()).await.unwrap();
        let before = app.content().await;
        let again = record().await;
        assert_eq!(again.refusals(), [("NOT_FOUND", "workplaceId".to_owned())], "{}", again.text);
        assert_eq!(again.data("measurementRecord.measurement"), &Value::Null);
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
    }

    async fn a_key_costs_two_statements(backend) {
        let app = TestApp::new(backend).await;
        let place = Place::of(&app).await;
        let update = async |version: i64, more: Value| {
            let input = json!({"id": place.workplace, "version": version, "nameRu": format!("Место {version}")});
            let variables = json!({"input": with(&input, more)});
            let document = mutation("workplaceUpdate");
            app.statements(async { app.as_role(ENGINEER).query(&document, variables).await.ok() }).await.0
        };
        // What a change sets off in the background is counted too, with whichever request runs then: the least tells.
        let (first, mut without, mut keyed) = (place.version.as_i64().unwrap(), u64::MAX, u64::MAX);
        for version in (first..first + 8).step_by(2) {
            without = without.min(update(version, json!({})).await);
            keyed = keyed.min(update(version + 1, json!({"idempotencyKey": format!("k{version}")})).await);
        }
        assert_eq!(keyed, without + 2);
    }
}

/// A new unit of whoever asks.
async fn unit_of(user: &User<'_>) -> Value {
    let enterprise =
        user.ask("{ enterprises(first: 1) { nodes { id } } }").await.data("enterprises.nodes.0.id").clone();
    json!({"enterpriseId": enterprise, "code": "K9", "nameRu": "Цех"})
}

#[test]
fn every_mutation_takes_a_key_and_those_that_create_require_it() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let (schema, place) = (Schema::of(app).await, Place::of(app).await);
        for field in &schema.get("Mutation").fields {
            assert!(place.mutations().iter().any(|(name, ..)| *name == field.name), "{} is not tried", field.name);
            let input = &schema.get(field.args[0].of.inner()).input_fields;
            let key = input.iter().find(|field| field.name == "idempotencyKey").expect(&field.name);
            assert_eq!(key.of.inner(), "String", "{}", field.name);
            assert_eq!(key.of.is_required(), !field.name.ends_with("Update"), "{}", field.name);
            let is_update = field.name.ends_with("Update") || field.name == "factorAssign";
            assert_eq!(input.iter().any(|field| field.name == "version"), is_update, "{}", field.name);
            let errors = schema.get(field.of.inner()).fields.iter().find(|field| field.name == "userErrors").unwrap();
            let code = schema.get(errors.of.inner()).fields.iter().find(|field| field.name == "code").unwrap();
            let codes = &schema.get(code.of.inner()).enum_values;
            for wanted in ["IDEMPOTENCY_KEY_INVALID", "IDEMPOTENCY_KEY_REUSED", "NOT_FOUND"] {
                assert!(codes.iter().any(|code| code.name == wanted), "{} lacks {wanted}", field.name);
            }
        }
        let unit = json!({"enterpriseId": place.enterprise, "code": "K1", "nameRu": "Цех"});
        let answer = app.as_role(ENGINEER).query(&mutation("unitCreate"), json!({ "input": unit })).await;
        assert_eq!(crate::malformed::told(&answer), [("REQUIRED", "input.idempotencyKey")]);
    });
}

#[test]
fn a_crash_after_the_key_was_written_leaves_none() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let place = Place::of(&app).await;
        let input = keyed(&place.measurement("1"), KEY);
        let before = app.content().await;
        let gate = app.db().begin().await.unwrap();
        gate.execute_unprepared("LOCK TABLE measurement IN SHARE MODE").await.unwrap();
        let (answer, ()) =
            futures::join!(async { place.engineer().change("measurementRecord", "", &input).await }, async {
                waiting(&app, 1).await;
                let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0";
                gate.execute_unprepared(kill).await.unwrap();
            });
        assert_eq!(answer.codes(), ["UNAVAILABLE"], "{}", answer.text);
        gate.rollback().await.unwrap();
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        place.engineer().change("measurementRecord", "", &input).await.ok();
    });
}

#[test]
fn who_comes_second_waits_for_the_first_and_runs_when_that_one_fails() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let place = Place::of(&app).await;
        let input = keyed(&place.measurement("1"), KEY);
        let gate = app.db().begin().await.unwrap();
        gate.execute_unprepared("LOCK TABLE measurement IN SHARE MODE").await.unwrap();
        let record = async || place.engineer().change("measurementRecord", "measurement { id }", &input).await;
        let (first, second, ()) = futures::join!(
            record(),
            async {
                waiting(&app, 1).await;
                record().await
            },
            async {
                waiting(&app, 2).await;
                let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
                    AND wait_event_type = 'Lock' AND wait_event = 'relation'";
                gate.execute_unprepared(kill).await.unwrap();
                // The second has the key now, and waits at the gate.
                waiting(&app, 1).await;
                gate.rollback().await.unwrap();
            }
        );
        assert_eq!(first.codes(), ["UNAVAILABLE"], "{}", first.text);
        second.ok();
        assert_eq!(keys(&app).await, 1);
    });
}
