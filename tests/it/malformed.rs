//! Values that are none, judged by the handlers: dates, numbers and ids, each with its field, all at once, in the caller's
//! language.

use std::collections::{BTreeMap, BTreeSet};

use entity::enterprise;
use http::StatusCode;
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use tests::schema::Schema;
use tests::{Answer, Backend, TestApp, on_both, run, shared};

use crate::errors::{CREATE, ENGINEER, Own, enterprise, mutation, refused, with};

const MINISTRY: &str = "demo-ministry";

/// Reason and field of each error.
pub(crate) fn told(answer: &Answer) -> Vec<(&str, &str)> {
    let is_complete = |error: &Value| ["field", "requestId"].iter().all(|name| error["extensions"][*name].is_string());
    assert!(answer.errors().iter().all(is_complete), "{}", answer.text);
    let pair = |error| {
        let error: &Value = error;
        let extensions = &error["extensions"];
        (extensions["reason"].as_str().unwrap_or("NO REASON"), extensions["field"].as_str().unwrap())
    };
    answer.errors().iter().map(pair).collect()
}

/// Asks in three languages: the same errors, with texts that differ and are filled.
pub(crate) async fn in_three_languages(app: &TestApp, document: &str, variables: Value) -> Answer {
    let mut texts = BTreeSet::new();
    let mut last = None;
    for language in ["kk", "ru", "en"] {
        let answer = app.as_role(MINISTRY).speaking(language).query(document, variables.clone()).await;
        let messages: Vec<&str> = answer.errors().iter().map(|error| error["message"].as_str().unwrap()).collect();
        assert!(!messages.is_empty() && messages.iter().all(|text| !text.contains('{')), "{document}: {messages:?}");
        for (place, text) in messages.into_iter().enumerate() {
            texts.insert((place, text.to_owned()));
        }
        last = Some(answer);
    }
    let answer = last.unwrap();
    assert_eq!(texts.len(), answer.errors().len() * 3, "{document}: {texts:?}");
    answer
}

on_both! {
    async fn malformed_dates_and_numbers_stand_among_the_other_faults(backend) {
        let app = TestApp::new(backend).await;
        let input = enterprise(json!({"bin": "1", "nameRu": "", "kato": "999999999", "oked": "F", "headcount": -5,
            "longitude": "1e5", "latitude": "51.1234567890123", "validFrom": "2030-02-31"}));
        let expected = [("INVALID_LENGTH", "bin"), ("REQUIRED", "nameRu"), ("UNKNOWN_TERRITORY", "kato"),
            ("UNKNOWN_ACTIVITY", "oked"), ("NEGATIVE", "headcount"), ("INVALID_DECIMAL", "longitude"),
            ("TOO_MANY_DECIMALS", "latitude"), ("INVALID_DATE", "validFrom")];
        refused(&app, MINISTRY, CREATE, input, &expected).await;
        let own = Own::of(&app).await;
        let input = json!({"enterpriseId": own.enterprise, "code": " ", "nameRu": "Новое", "professionCode": "ASTRONAUT",
            "workers": -1, "shifts": 5});
        let expected = [("REQUIRED", "code"), ("UNKNOWN_PROFESSION", "professionCode"), ("NEGATIVE", "workers"),
            ("OUT_OF_RANGE", "shifts")];
        refused(&app, ENGINEER, &mutation("workplaceCreate"), input, &expected).await;
    }

    async fn a_malformed_id_is_one_fault_among_the_others(backend) {
        let app = TestApp::new(backend).await;
        let own = Own::of(&app).await;
        let measurement = json!({"workplaceId": own.enterprise, "factorCode": "NOISE_CONSTANT", "measuredOn": "2026-03-01",
            "laboratory": " ", "protocolNumber": "1", "observation": {"conditionClass": "CLASS_2"}});
        for (name, input, expected) in [
            ("workplaceCreate", json!({"enterpriseId": "?", "unitId": "?", "code": "N", "nameRu": "", "professionCode": "FITTER",
                "workers": -1}), vec![("ID_INVALID", "enterpriseId"), ("ID_INVALID", "unitId"), ("REQUIRED", "nameRu"),
                ("NEGATIVE", "workers")]),
            ("workplaceCreate", json!({"enterpriseId": own.enterprise, "unitId": "?", "code": "N", "nameRu": "",
                "professionCode": "FITTER", "workers": 1}), vec![("REQUIRED", "nameRu"), ("ID_INVALID", "unitId")]),
            ("workplaceUpdate", json!({"id": own.workplace, "version": own.version, "unitId": "?", "workers": -1}),
                vec![("NEGATIVE", "workers"), ("ID_INVALID", "unitId")]),
            ("workplaceUpdate", json!({"id": "?", "version": 1, "unitId": "?", "workers": -1}),
                vec![("ID_INVALID", "id"), ("ID_INVALID", "unitId"), ("NEGATIVE", "workers")]),
            ("workplaceUpdate", json!({"id": "?", "version": 1}),
                vec![("NOTHING_TO_CHANGE", ""), ("ID_INVALID", "id")]),
            ("unitCreate", json!({"enterpriseId": "?", "parentId": "?", "code": "", "nameRu": "Цех"}),
                vec![("ID_INVALID", "enterpriseId"), ("ID_INVALID", "parentId"), ("REQUIRED", "code")]),
            ("unitCreate", json!({"enterpriseId": own.enterprise, "parentId": "?", "code": " ", "nameRu": "Цех"}),
                vec![("ID_INVALID", "parentId"), ("REQUIRED", "code")]),
            ("enterpriseUpdate", json!({"id": "?", "version": 1, "nameRu": " ", "headcount": -1}),
                vec![("ID_INVALID", "id"), ("REQUIRED", "nameRu"), ("NEGATIVE", "headcount")]),
            ("factorAssign", json!({"workplaceId": "?", "factorCode": "GHOSTS", "exposureMinutes": -1}),
                vec![("ID_INVALID", "workplaceId"), ("UNKNOWN_FACTOR", "factorCode"), ("OUT_OF_RANGE", "exposureMinutes")]),
            ("measurementRecord", measurement, vec![("ID_INVALID", "workplaceId"), ("REQUIRED", "laboratory")]),
            ("assessmentCompute", json!({"workplaceId": "?", "assessedOn": "x"}),
                vec![("ID_INVALID", "workplaceId"), ("INVALID_DATE", "assessedOn")]),
        ] {
            refused(&app, ENGINEER, &mutation(name), input, &expected).await;
        }
    }

    async fn a_malformed_measurement_is_told_field_by_field(backend) {
        let app = TestApp::new(backend).await;
        let own = Own::of(&app).await;
        let good = json!({"workplaceId": own.workplace, "factorCode": "NOISE_CONSTANT", "measuredOn": "2026-03-01",
            "laboratory": "Зертхана", "protocolNumber": "1"});
        let exposures = json!({"exposures": [{"levelDba": "loud", "minutes": 60}, {"levelDba": "85", "minutes": 0}]});
        for (change, expected) in [
            (
                json!({"measuredOn": "2026-02-30", "laboratory": " ", "observation": {"value": {"value": "1e5", "unit": "dBA"}}}),
                vec![("INVALID_DATE", "measuredOn"), ("INVALID_DECIMAL", "observation.value.value"), ("REQUIRED", "laboratory")],
            ),
            (
                json!({"observation": {"value": {"value": "8,5", "unit": "lx"}}}),
                vec![("INVALID_DECIMAL", "observation.value.value"), ("UNIT_MISMATCH", "observation.value.unit")],
            ),
            (
                json!({"observation": exposures}),
                vec![("INVALID_DECIMAL", "observation.exposures.0.levelDba"), ("OUT_OF_RANGE", "observation.exposures.1.minutes")],
            ),
        ] {
            refused(&app, ENGINEER, &mutation("measurementRecord"), with(&good, change), &expected).await;
        }
    }

    async fn a_malformed_assessment_is_told_field_by_field(backend) {
        let app = TestApp::new(backend).await;
        let own = Own::of(&app).await;
        let wrong = json!({"workplaceId": own.workplace, "assessedOn": "2026-13-01",
            "mechanical": [{"code": "MECH_COLLAPSE", "grade": 6}], "morbidity": [{"code": "?", "value": "1e5"}]});
        let expected = [("INVALID_DATE", "assessedOn"), ("OUT_OF_RANGE", "mechanical.0.grade"),
            ("UNKNOWN_FACTOR", "morbidity.0.code"), ("INVALID_DECIMAL", "morbidity.0.value")];
        refused(&app, ENGINEER, &mutation("assessmentCompute"), wrong, &expected).await;
    }

    async fn more_workers_than_an_enterprise_can_have_are_refused(backend) {
        let app = TestApp::new(backend).await;
        let assessed = "{ workplaces(first: 1, filter: {assessed: true}) { nodes { id version workers enterprise { id } } } }";
        let answer = app.as_role(ENGINEER).ask(assessed).await;
        let place = answer.data("workplaces.nodes.0").clone();
        let new = json!({"enterpriseId": place["enterprise"]["id"], "code": "NEW", "nameRu": "Новое",
            "professionCode": "FITTER", "workers": 1});
        let new = app.as_role(ENGINEER).change("workplaceCreate", "workplace { id }", &new).await.ok();
        let (_, key) = api::graphql::id::parse(place["enterprise"]["id"].as_str().unwrap()).unwrap();
        let row = enterprise::Entity::find_by_id(key).one(app.db()).await.unwrap().unwrap();
        // As if other workplaces had nearly as many workers as the column can count.
        let full = enterprise::ActiveModel {
            workers_d1: ActiveValue::Set(i32::MAX - 10), workers_d2: ActiveValue::Set(i32::MAX - 10),
            workers_d3: ActiveValue::Set(i32::MAX - 10), workers_d4: ActiveValue::Set(i32::MAX - 10),
            workers_d5: ActiveValue::Set(i32::MAX - 10), ..row.into_active_model()
        };
        full.update(app.db()).await.unwrap();
        let more = json!({"id": place["id"], "version": place["version"], "workers": 100_000});
        refused(&app, ENGINEER, &mutation("workplaceUpdate"), more.clone(), &[("OUT_OF_RANGE", "workers")]).await;
        // It stands among the other faults, and a number that no workplace can have is told once.
        let others = with(&more, json!({"version": 999, "nameRu": " "}));
        let expected = [("CONFLICT", "version"), ("OUT_OF_RANGE", "workers"), ("REQUIRED", "nameRu")];
        refused(&app, ENGINEER, &mutation("workplaceUpdate"), others, &expected).await;
        let impossible = with(&more, json!({"workers": 100_001}));
        refused(&app, ENGINEER, &mutation("workplaceUpdate"), impossible, &[("OUT_OF_RANGE", "workers")]).await;
        let unassessed = json!({"workplaceId": new.text("workplaceCreate.workplace.id"), "assessedOn": "2026-13-01"});
        let expected = [("OUT_OF_RANGE", "workplaceId"), ("INVALID_DATE", "assessedOn")];
        refused(&app, ENGINEER, &mutation("assessmentCompute"), unassessed, &expected).await;
        let less = json!({"id": place["id"], "version": place["version"], "workers": 0});
        app.as_role(ENGINEER).query(&mutation("workplaceUpdate"), json!({ "input": less })).await.ok();
    }
}

#[test]
fn the_arguments_of_a_question_are_told_together_and_its_neighbours_live() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        for (document, expected) in [
            (
                r#"{ ruleSets { code } measurements(first: 0, filter: {measuredFrom: "2030-02-31", measuredTo: "today",
                    enterpriseId: "?"}) { totalCount } }"#,
                vec![
                    ("PAGE_SIZE_INVALID", "first"),
                    ("ID_INVALID", "filter.enterpriseId"),
                    ("INVALID_DATE", "filter.measuredFrom"),
                    ("INVALID_DATE", "filter.measuredTo"),
                ],
            ),
            (
                r#"{ ruleSets { code } assessments(filter: {assessedFrom: "1", assessedTo: "2"}) { totalCount } }"#,
                vec![("INVALID_DATE", "filter.assessedFrom"), ("INVALID_DATE", "filter.assessedTo")],
            ),
            (
                r#"{ ruleSets { code } enterprises(filter: {search: "a", regionKato: "1", oked: "?"}) { totalCount } }"#,
                vec![
                    ("SEARCH_LENGTH", "filter.search"),
                    ("INVALID_LENGTH", "filter.regionKato"),
                    ("INVALID_LENGTH", "filter.oked"),
                ],
            ),
            (
                r#"{ ruleSets { code } map(filter: {okedSection: "?", regionKato: "1"}) { country { total } } }"#,
                vec![("INVALID_LENGTH", "filter.okedSection"), ("INVALID_LENGTH", "filter.regionKato")],
            ),
            (r#"{ ruleSets { code } ruleSet(asOf: "2030-02-31") { code } }"#, vec![("INVALID_DATE", "asOf")]),
            (
                r#"{ ruleSets { code } referenceRows(kind: ACTIVITY, asOf: "x", last: 999) { totalCount } }"#,
                vec![("PAGE_TOO_LARGE", "last"), ("INVALID_DATE", "asOf")],
            ),
        ] {
            let answer = in_three_languages(app, document, json!({})).await;
            assert_eq!((answer.status, told(&answer)), (StatusCode::OK, expected), "{}", answer.text);
            assert!(answer.codes().iter().all(|code| *code == "BAD_USER_INPUT"), "{}", answer.text);
            assert_eq!(answer.list("ruleSets").len(), 1, "{}", answer.text);
            let path = &answer.errors()[0]["path"];
            assert!(path.is_array() && answer.errors().iter().all(|error| error["path"] == *path), "{}", answer.text);
        }
    });
}

#[test]
fn a_wrong_argument_inside_a_list_leaves_the_list() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let document = r#"{ enterprises(first: 20) { nodes { bin tariff(asOf: "2030-02-31") { riskClass }
            other: tariff { premium(months: 13, payroll: [{workers: -1, monthlyPay: "1.001"}]) { amount } } } } }"#;
        let answer = in_three_languages(app, document, json!({})).await;
        assert!(answer.list("enterprises.nodes").len() > 1);
        let found: BTreeSet<(&str, &str)> = told(&answer).into_iter().collect();
        let expected = [
            ("INVALID_DATE", "asOf"),
            ("NEGATIVE", "payroll.0.workers"),
            ("OUT_OF_RANGE", "months"),
            ("TOO_MANY_DECIMALS", "payroll.0.monthlyPay"),
        ];
        assert_eq!(found, expected.into_iter().collect());
    });
}

/// Arguments of scalars whose malformed values handlers must judge. A new one goes into the tests of this file first.
#[test]
fn every_date_and_number_of_the_contract_is_known_here() {
    run(async {
        let schema = Schema::of(shared(Backend::Sqlite).await).await;
        let judged = |of: &str| ["Date", "Decimal", "Percent", "Money", "DateTime"].contains(&of);
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for (name, of) in &schema.0 {
            for field in &of.fields {
                for argument in field.args.iter().filter(|argument| judged(argument.of.inner())) {
                    let inner = argument.of.inner().to_owned();
                    found.insert(format!("{name}.{}({})", field.name, argument.name), inner);
                }
            }
            for field in of.input_fields.iter().filter(|field| judged(field.of.inner())) {
                found.insert(format!("{name}.{}", field.name), field.of.inner().to_owned());
            }
        }
        let known = [
            ("AssessmentComputeInput.assessedOn", "Date"),
            ("AssessmentFilter.assessedFrom", "Date"),
            ("AssessmentFilter.assessedTo", "Date"),
            ("Enterprise.tariff(asOf)", "Date"),
            ("EnterpriseCreateInput.latitude", "Decimal"),
            ("EnterpriseCreateInput.longitude", "Decimal"),
            ("EnterpriseCreateInput.validFrom", "Date"),
            ("EnterpriseUpdateInput.latitude", "Decimal"),
            ("EnterpriseUpdateInput.longitude", "Decimal"),
            ("MeasuredValueInput.value", "Decimal"),
            ("MeasurementFilter.measuredFrom", "Date"),
            ("MeasurementFilter.measuredTo", "Date"),
            ("MeasurementRecordInput.measuredOn", "Date"),
            ("MorbidityFigureInput.value", "Decimal"),
            ("NoiseExposureInput.levelDba", "Decimal"),
            ("PayBandInput.monthlyPay", "Money"),
            ("Query.referenceRows(asOf)", "Date"),
            ("Query.ruleSet(asOf)", "Date"),
        ];
        let known = known.into_iter().map(|(place, of)| (place.to_owned(), of.to_owned())).collect();
        assert_eq!(found, known);
    });
}
