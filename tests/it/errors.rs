//! Bad input: what is wrong, at which field, in the caller's language, all of it at once, and nothing has changed.

use serde_json::{Value, json};
use tests::sandbox::free_bin;
use tests::{TestApp, document, keyed, on_both};

pub(crate) const CREATE: &str = "mutation($input: EnterpriseCreateInput!) {
    enterpriseCreate(input: $input) { enterprise { id bin version } userErrors { code field message } } }";
const UPDATE: &str = "mutation($input: EnterpriseUpdateInput!) {
    enterpriseUpdate(input: $input) { enterprise { id version nameRu: name(language: RU) } userErrors { code field message } } }";

pub(crate) fn enterprise(change: Value) -> Value {
    let mut input = json!({"bin": free_bin(1), "nameRu": "Новая", "kato": "350000000", "oked": "412", "headcount": 1});
    let change = change.as_object().unwrap().clone();
    input.as_object_mut().unwrap().extend(change);
    input
}

pub(crate) const ENGINEER: &str = "demo-safety_engineer";

/// A mutation that asks for nothing but its errors.
pub(crate) fn mutation(name: &str) -> String {
    document(name, "")
}

fn missing(kind: &str) -> String {
    api::graphql::id::encode(kind, uuid::Uuid::nil()).to_string()
}

pub(crate) fn with(good: &Value, change: Value) -> Value {
    let mut input = good.clone();
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    input
}

/// A workplace of the demo employer and its enterprise.
pub(crate) struct Own {
    pub(crate) enterprise: Value,
    pub(crate) workplace: Value,
    code: Value,
    pub(crate) version: Value,
}

impl Own {
    pub(crate) async fn of(app: &TestApp) -> Self {
        let first = "{ enterprises(first: 1) { nodes { id workplaces(first: 1) { nodes { id code version } } } } }";
        let answer = app.as_role(ENGINEER).ask(first).await;
        let place = answer.data("enterprises.nodes.0.workplaces.nodes.0");
        let [workplace, code, version] = ["id", "code", "version"].map(|field| place[field].clone());
        Self { enterprise: answer.data("enterprises.nodes.0.id").clone(), workplace, code, version }
    }
}

/// Code of a factor that is not assigned to a workplace.
async fn absent_at(app: &TestApp, workplace: &Value) -> String {
    let read = format!(
        "{{ node(id: {workplace}) {{ ... on Workplace {{ factors(first: 100) {{ nodes {{ factorCode }} }} }} }} }}"
    );
    let answer = app.as_role(ENGINEER).ask(&read).await;
    let assigned: Vec<&Value> = answer.list("node.factors.nodes").iter().map(|factor| &factor["factorCode"]).collect();
    let rules = app.app.library.book().rules_on(app.app.clock.today()).unwrap();
    let codes = rules.harmful.iter().map(|entry| entry.code.to_string());
    codes.into_iter().find(|code| !assigned.contains(&&json!(code))).unwrap()
}

/// A BIN whose last digit is another one.
fn wrong_digit() -> String {
    let bin = free_bin(1);
    let digit = (bin.as_bytes()[11] - b'0' + 1) % 10;
    format!("{}{digit}", &bin[..11])
}

/// Sends a mutation that must be refused, in three languages; the texts differ, and the tables do not.
pub(crate) async fn refused(app: &TestApp, role: &str, document: &str, input: Value, expected: &[(&str, &str)]) {
    let before = app.content().await;
    let mut messages = Vec::new();
    for language in ["kk", "ru", "en"] {
        let answer = app.as_role(role).speaking(language).query(document, json!({ "input": keyed(&input) })).await;
        assert_eq!(answer.codes(), [] as [&str; 0], "{input}: {}", answer.text);
        let found = answer.refusals();
        let found: Vec<(&str, &str)> = found.iter().map(|(code, field)| (*code, &**field)).collect();
        assert_eq!(found, expected, "{input}: {}", answer.text);
        messages.push(answer.user_errors().iter().map(|error| error["message"].clone()).collect::<Vec<_>>());
        let payload = answer.json["data"].as_object().unwrap().values().next().unwrap();
        let others = payload.as_object().unwrap().iter().filter(|(name, _)| *name != "userErrors");
        assert!(others.clone().all(|(_, value)| value.is_null()), "{}", answer.text);
    }
    messages.dedup();
    assert_eq!(messages.len(), 3, "{input}: not three languages: {messages:?}");
    assert!(messages.iter().flatten().all(|text| !text.as_str().unwrap().contains('{')), "{messages:?}");
    let changed = app.content().await;
    assert_eq!(before.changed(&changed), [] as [&str; 0], "{input}");
}

on_both! {
    async fn a_new_enterprise_is_judged_field_by_field(backend) {
        let app = TestApp::new(backend).await;
        for (change, expected) in [
            (json!({"bin": wrong_digit()}), [("INVALID_CHECKSUM", "bin")]),
            (json!({"bin": "20014009990"}), [("INVALID_LENGTH", "bin")]),
            (json!({"bin": "20014009990A"}), [("NOT_DIGITS", "bin")]),
            (json!({"kato": "350000001"}), [("UNKNOWN_TERRITORY", "kato")]),
            (json!({"kato": "35"}), [("INVALID_LENGTH", "kato")]),
            (json!({"oked": "4199"}), [("UNKNOWN_ACTIVITY", "oked")]),
            (json!({"oked": "F"}), [("UNKNOWN_ACTIVITY", "oked")]),
            (json!({"secondaryOkeds": ["07", "07"]}), [("DUPLICATE", "secondaryOkeds.1")]),
            (json!({"secondaryOkeds": ["4199"]}), [("UNKNOWN_ACTIVITY", "secondaryOkeds.0")]),
            (json!({"headcount": -1}), [("NEGATIVE", "headcount")]),
            (json!({"headcount": 1_000_001}), [("OUT_OF_RANGE", "headcount")]),
            (json!({"nameRu": "  "}), [("REQUIRED", "nameRu")]),
            (json!({"nameKk": "ұ".repeat(301)}), [("TOO_LONG", "nameKk")]),
            (json!({"longitude": "71.4"}), [("REQUIRED", "latitude")]),
            (json!({"longitude": "51.1", "latitude": "71.4"}), [("OUT_OF_RANGE", "latitude")]),
            (json!({"validFrom": "2026-03-17"}), [("IN_FUTURE", "validFrom")]),
        ] {
            refused(&app, "demo-ministry", CREATE, enterprise(change), &expected).await;
        }
    }

    async fn all_faults_of_one_input_come_at_once(backend) {
        let app = TestApp::new(backend).await;
        let input = enterprise(json!({"bin": "1", "nameRu": "", "kato": "999999999", "oked": "F", "headcount": -5}));
        let expected = [("INVALID_LENGTH", "bin"), ("REQUIRED", "nameRu"), ("UNKNOWN_TERRITORY", "kato"),
            ("UNKNOWN_ACTIVITY", "oked"), ("NEGATIVE", "headcount")];
        refused(&app, "demo-ministry", CREATE, input, &expected).await;
    }

    async fn a_change_is_judged_like_a_new_enterprise(backend) {
        let app = TestApp::new(backend).await;
        let own = app.as_role("demo-employer_admin").ask("{ enterprises(first: 1) { edges { node { id version } } } }").await;
        let (id, version) = (own.nodes("enterprises", "id")[0].clone(), own.nodes("enterprises", "version")[0].clone());
        let missing = api::graphql::id::encode("Enterprise", uuid::Uuid::nil()).to_string();
        for (change, expected) in [
            (json!({}), [("NOTHING_TO_CHANGE", "")]),
            (json!({"version": 999, "headcount": 5}), [("CONFLICT", "version")]),
            (json!({"headcount": -5}), [("NEGATIVE", "headcount")]),
            (json!({"kato": "999999999"}), [("UNKNOWN_TERRITORY", "kato")]),
            (json!({"nameRu": " "}), [("REQUIRED", "nameRu")]),
            (json!({"id": missing, "headcount": 5}), [("NOT_FOUND", "id")]),
        ] {
            let mut input = json!({"id": id, "version": version});
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            refused(&app, "demo-employer_admin", UPDATE, input, &expected).await;
        }
    }

    async fn what_else_is_wrong_stands_beside_a_row_that_was_changed_or_is_missing(backend) {
        let app = TestApp::new(backend).await;
        let own = Own::of(&app).await;
        let missing = missing("Workplace");
        let read = "{ workplaces(first: 100) { nodes { id factors(first: 1) { nodes { factorCode version } } } } }";
        let places = app.as_role(ENGINEER).ask(read).await;
        let exposed = places.list("workplaces.nodes").iter().find(|place| !place["factors"]["nodes"][0].is_null());
        let exposed = exposed.unwrap();
        let factor = &exposed["factors"]["nodes"][0];
        let exposure = json!({"workplaceId": exposed["id"], "factorCode": factor["factorCode"], "exposureMinutes": 60});
        let absent = with(&exposure, json!({"factorCode": absent_at(&app, &exposed["id"]).await}));
        let unplaced = json!({"workplaceId": missing, "assessedOn": "2030-02-31",
            "mechanical": [{"code": "MECH_COLLAPSE", "grade": 6}]});
        for (name, input, expected) in [
            ("workplaceUpdate", json!({"id": own.workplace, "version": 999, "workers": -1}),
                vec![("CONFLICT", "version"), ("NEGATIVE", "workers")]),
            ("workplaceUpdate", json!({"id": own.workplace, "version": 999}),
                vec![("NOTHING_TO_CHANGE", ""), ("CONFLICT", "version")]),
            ("workplaceUpdate", json!({"id": missing, "version": 1, "shifts": 9}),
                vec![("NOT_FOUND", "id"), ("OUT_OF_RANGE", "shifts")]),
            ("enterpriseUpdate", json!({"id": own.enterprise, "version": 999, "kato": "1"}),
                vec![("CONFLICT", "version"), ("INVALID_LENGTH", "kato")]),
            ("assessmentCompute", unplaced, vec![("NOT_FOUND", "workplaceId"), ("INVALID_DATE", "assessedOn"),
                ("OUT_OF_RANGE", "mechanical.0.grade")]),
            ("factorAssign", exposure.clone(), vec![("CONFLICT", "version")]),
            ("factorAssign", with(&exposure, json!({"version": 999, "exposureMinutes": -1})),
                vec![("CONFLICT", "version"), ("OUT_OF_RANGE", "exposureMinutes")]),
            ("factorAssign", with(&absent, json!({"version": 1, "exposureMinutes": 2_000})),
                vec![("CONFLICT", "version"), ("OUT_OF_RANGE", "exposureMinutes")]),
        ] {
            refused(&app, ENGINEER, &mutation(name), input, &expected).await;
        }
        let seen = with(&exposure, json!({"version": factor["version"]}));
        let answer = app.as_role(ENGINEER).change("factorAssign", "factorAssignment { version }", &seen).await.ok();
        let next = factor["version"].as_i64().unwrap() + 1;
        assert_eq!(answer.int("factorAssign.factorAssignment.version"), next);
        refused(&app, ENGINEER, &mutation("factorAssign"), seen, &[("CONFLICT", "version")]).await;
    }

    async fn of_two_changes_from_the_same_version_one_is_refused(backend) {
        let app = TestApp::new(backend).await;
        let engineer = app.as_role("demo-safety_engineer");
        let own = engineer.ask("{ enterprises(first: 1) { edges { node { id version } } } }").await;
        let change = |name: &str| json!({"input": {"id": own.nodes("enterprises", "id")[0],
            "version": own.nodes("enterprises", "version")[0], "nameRu": name}});
        let both = futures::future::join(engineer.query(UPDATE, change("Раз")), engineer.query(UPDATE, change("Два"))).await;
        let refusals = [both.0.refusals(), both.1.refusals()].concat();
        assert_eq!(refusals, [("CONFLICT", "version".to_owned())]);
    }

    async fn a_malformed_id_or_code_in_a_question_names_its_argument(backend) {
        let app = tests::shared(backend).await;
        for (document, field) in [
            (r#"{ enterprise(by: {id: "nonsense"}) { id } }"#, "by.id"),
            (r#"{ enterprises(filter: {regionKato: "1"}) { totalCount } }"#, "filter.regionKato"),
            (r#"{ enterprises(filter: {oked: "?"}) { totalCount } }"#, "filter.oked"),
        ] {
            let answer = app.as_role("demo-ministry").query(document, json!({})).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{document}");
            assert_eq!(answer.errors()[0]["extensions"]["field"], field, "{document}");
        }
    }

    async fn a_workplace_is_judged_field_by_field(backend) {
        let app = TestApp::new(backend).await;
        let own = Own::of(&app).await;
        let good = json!({"enterpriseId": own.enterprise, "code": "NEW", "nameRu": "Новое", "professionCode": "FITTER",
            "workers": 1});
        for (change, expected) in [
            (json!({"workers": -1}), [("NEGATIVE", "workers")]),
            (json!({"workers": 2_000_000}), [("OUT_OF_RANGE", "workers")]),
            (json!({"shifts": 5}), [("OUT_OF_RANGE", "shifts")]),
            (json!({"professionCode": "ASTRONAUT"}), [("UNKNOWN_PROFESSION", "professionCode")]),
            (json!({"code": own.code}), [("DUPLICATE", "code")]),
            (json!({"code": " "}), [("REQUIRED", "code")]),
            (json!({"nameRu": ""}), [("REQUIRED", "nameRu")]),
            (json!({"nameEn": "x".repeat(301)}), [("TOO_LONG", "nameEn")]),
            (json!({"unitId": missing("Unit")}), [("UNKNOWN_REFERENCE", "unitId")]),
            (json!({"enterpriseId": missing("Enterprise")}), [("NOT_FOUND", "enterpriseId")]),
        ] {
            refused(&app, ENGINEER, &mutation("workplaceCreate"), with(&good, change), &expected).await;
        }
        let good = json!({"id": own.workplace, "version": own.version});
        for (change, expected) in [
            (json!({}), [("NOTHING_TO_CHANGE", "")]),
            (json!({"version": 999, "workers": 5}), [("CONFLICT", "version")]),
            (json!({"workers": -1}), [("NEGATIVE", "workers")]),
            (json!({"professionCode": "ASTRONAUT"}), [("UNKNOWN_PROFESSION", "professionCode")]),
            (json!({"id": missing("Workplace"), "workers": 5}), [("NOT_FOUND", "id")]),
        ] {
            refused(&app, ENGINEER, &mutation("workplaceUpdate"), with(&good, change), &expected).await;
        }
        let good = json!({"enterpriseId": own.enterprise, "code": "NEW", "nameRu": "Новое"});
        for (change, expected) in [
            (json!({"nameRu": " "}), [("REQUIRED", "nameRu")]),
            (json!({"code": ""}), [("REQUIRED", "code")]),
            (json!({"parentId": missing("Unit")}), [("UNKNOWN_REFERENCE", "parentId")]),
            (json!({"enterpriseId": missing("Enterprise")}), [("NOT_FOUND", "enterpriseId")]),
        ] {
            refused(&app, ENGINEER, &mutation("unitCreate"), with(&good, change), &expected).await;
        }
    }

    async fn a_measurement_is_judged_field_by_field(backend) {
        let app = TestApp::new(backend).await;
        let own = Own::of(&app).await;
        let value = |value: &str, unit: &str| json!({"value": {"value": value, "unit": unit}});
        let good = json!({"workplaceId": own.workplace, "factorCode": "NOISE_CONSTANT", "measuredOn": "2026-03-01",
            "laboratory": "Зертхана", "protocolNumber": "1", "observation": value("85", "dBA")});
        for (change, expected) in [
            (json!({"measuredOn": "2026-03-17"}), [("IN_FUTURE", "measuredOn")]),
            (json!({"measuredOn": "1990-01-01"}), [("UNKNOWN_RULE_SET", "measuredOn")]),
            (json!({"factorCode": "GHOSTS"}), [("UNKNOWN_FACTOR", "factorCode")]),
            (json!({"observation": value("85", "dB")}), [("UNIT_MISMATCH", "observation.value.unit")]),
            (json!({"observation": value("500", "dBA")}), [("OUT_OF_RANGE", "observation.value.value")]),
            (json!({"factorCode": "AIR_HUMIDITY", "observation": value("50", "%")}), [("LIMIT_NOT_LOADED", "observation")]),
            (
                json!({"factorCode": "VIBRATION_LOCAL", "observation": {"exposures": [{"levelDba": "85", "minutes": 60}]}}),
                [("OBSERVATION_NOT_ACCEPTED", "observation.exposures")],
            ),
            (json!({"laboratory": " "}), [("REQUIRED", "laboratory")]),
            (json!({"protocolNumber": "9".repeat(1_000)}), [("TOO_LONG", "protocolNumber")]),
            (json!({"workplaceId": missing("Workplace")}), [("NOT_FOUND", "workplaceId")]),
        ] {
            refused(&app, ENGINEER, &mutation("measurementRecord"), with(&good, change), &expected).await;
        }
        app.as_role(ENGINEER).query(&mutation("measurementRecord"), json!({ "input": keyed(&good) })).await.ok();
        refused(&app, ENGINEER, &mutation("measurementRecord"), good, &[("DUPLICATE", "protocolNumber")]).await;
        let good = json!({"workplaceId": own.workplace, "factorCode": "NOISE_CONSTANT", "exposureMinutes": 60,
            "version": 1});
        for (change, expected) in [
            (json!({"factorCode": "GHOSTS"}), [("UNKNOWN_FACTOR", "factorCode")]),
            (json!({"exposureMinutes": 1441}), [("OUT_OF_RANGE", "exposureMinutes")]),
            (json!({"exposureMinutes": -1}), [("OUT_OF_RANGE", "exposureMinutes")]),
            (json!({"workplaceId": missing("Workplace")}), [("NOT_FOUND", "workplaceId")]),
        ] {
            refused(&app, ENGINEER, &mutation("factorAssign"), with(&good, change), &expected).await;
        }
    }

    async fn an_assessment_says_which_indicators_lack_what(backend) {
        let app = TestApp::new(backend).await;
        let own = Own::of(&app).await;
        let before = app.content().await;
        let document = mutation("assessmentCompute").replace("code field", "code indicator catalogueCode field");
        let empty = json!({"workplaceId": own.workplace, "assessedOn": "2026-03-01"});
        let answer = app.as_role(ENGINEER).query(&document, json!({ "input": keyed(&empty) })).await;
        let missing_of = |indicator: &str| {
            let about = answer.user_errors().iter().filter(|error| error["indicator"] == indicator);
            about.filter(|error| error["code"] == "INDICATOR_MISSING" && error["catalogueCode"].is_string()).count()
        };
        assert_eq!(["T", "OB", "SIZ", "Z"].map(missing_of), [10, 10, 3, 3], "{}", answer.text);
        assert_eq!(answer.user_errors().len(), 26, "{}", answer.text);
        for (change, code) in [
            (json!({"assessedOn": "2026-03-17"}), "IN_FUTURE"),
            (json!({"assessedOn": "1990-01-01"}), "UNKNOWN_RULE_SET"),
            (json!({"mechanical": [{"code": "MECH_COLLAPSE", "grade": 6}]}), "OUT_OF_RANGE"),
            (json!({"mechanical": [{"code": "GHOSTS", "grade": 1}]}), "UNKNOWN_FACTOR"),
            (json!({"mechanical": [{"code": "MECH_COLLAPSE", "grade": 1}, {"code": "MECH_COLLAPSE", "grade": 1}]}), "DUPLICATE"),
            (json!({"workplaceId": missing("Workplace")}), "NOT_FOUND"),
        ] {
            let answer = app.as_role(ENGINEER).query(&document, json!({"input": keyed(&with(&empty, change))})).await;
            assert!(answer.refusals().iter().any(|(found, _)| *found == code), "{code}: {}", answer.text);
        }
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
    }

    async fn a_gap_in_the_rate_tables_is_told_and_the_page_lives(backend) {
        let app = TestApp::new(backend).await;
        let list = "{ enterprises(first: 100) { nodes { name tariff { riskClass ratePercent correctedRatePercent
            problem { code message riskClass oked } premium(payroll: [{workers: 1, monthlyPay: \"1\"}]) { amount } } } } }";
        let mut codes = Vec::new();
        for language in ["kk", "ru", "en"] {
            let answer = app.as_role("demo-ministry").speaking(language).query(list, json!({})).await.ok();
            let nodes = answer.list("enterprises.nodes");
            assert!(nodes.iter().any(|node| node["tariff"]["ratePercent"].is_string()));
            for tariff in nodes.iter().map(|node| &node["tariff"]).filter(|tariff| tariff["problem"].is_object()) {
                codes.push(tariff["problem"]["code"].as_str().unwrap().to_owned());
                assert!(tariff["ratePercent"].is_null() && tariff["premium"].is_null(), "{tariff}");
            }
        }
        codes.sort();
        codes.dedup();
        assert_eq!(codes, ["ACTIVITY_CLASS_NOT_LOADED", "TARIFF_RATE_NOT_LOADED"]);
    }

    async fn a_wrong_payroll_is_an_error_of_its_argument(backend) {
        let app = tests::shared(backend).await;
        for (payroll, field) in [
            (r#"{workers: -1, monthlyPay: "1"}"#, "payroll.0.workers"),
            (r#"{workers: 1, monthlyPay: "-1"}"#, "payroll.0.monthlyPay"),
        ] {
            let document = format!("{{ enterprises(first: 1) {{ nodes {{ tariff {{ premium(payroll: [{payroll}]) {{ amount }} }} }} }} }}");
            let answer = app.as_role("demo-employer_admin").query(&document, json!({})).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{}", answer.text);
            assert_eq!(answer.errors()[0]["extensions"]["field"], field, "{}", answer.text);
        }
    }
}
