//! Values and names that do not fit the schema, told before anything runs.

use http::StatusCode;
use serde_json::json;
use tests::{Backend, run, shared};

use crate::errors::mutation;
use crate::malformed::{in_three_languages, told};

const MINISTRY: &str = "demo-ministry";

#[test]
fn all_that_is_wrong_with_variables_comes_at_once() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let document =
            "query($input: EnterpriseFilter, $degrees: [Int!]!, $order: EnterpriseOrder, $by: EnterpriseBy!) {
            enterprises(filter: $input, order: $order) { totalCount } enterprise(by: $by) { id }
            workplaces(filter: {degrees: $degrees}) { totalCount } }";
        let variables = json!({"degrees": [1, 2_147_483_648_i64], "order": "NAM", "by": {"id": "a", "bin": "b"},
            "input": {"search": 5, "levels": ["A", "Z"], "assessed": "yes", "unheard": 1}});
        let answer = in_three_languages(app, document, variables).await;
        let expected = [
            ("WRONG_TYPE", "input.assessed"),
            ("UNKNOWN_ENUM_VALUE", "input.levels.1"),
            ("WRONG_TYPE", "input.search"),
            ("UNKNOWN_INPUT_FIELD", "input.unheard"),
            ("OUT_OF_RANGE", "degrees.1"),
            ("UNKNOWN_ENUM_VALUE", "order"),
            ("EXACTLY_ONE_FIELD", "by"),
        ];
        assert_eq!(told(&answer), expected);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.json.get("data").is_none());
        assert!(answer.codes().iter().all(|code| *code == "BAD_USER_INPUT"));
        assert!(!["NAME", "RISK", "regionKato"].iter().any(|name| answer.text.contains(name)), "{}", answer.text);
        let nothing = in_three_languages(app, document, json!({})).await;
        assert_eq!(told(&nothing), [("REQUIRED", "degrees"), ("REQUIRED", "by")]);
    });
}

#[test]
fn the_variables_of_a_document_that_was_valid_before_are_judged_each_time() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let document =
            "query($degrees: [Int!], $levels: [RiskLevel!]) { workplaces(filter: {degrees: $degrees}) { totalCount }
            enterprises(filter: {levels: $levels}) { totalCount } }";
        app.as_role(MINISTRY).ask(document).await;
        app.as_role(MINISTRY).query(document, json!({"degrees": [1], "levels": "A"})).await.ok();
        let wrong = json!({"degrees": [2_147_483_648_i64, "1"], "levels": ["A", "Z"]});
        let answer = in_three_languages(app, document, wrong).await;
        let expected = [("OUT_OF_RANGE", "degrees.0"), ("WRONG_TYPE", "degrees.1"), ("UNKNOWN_ENUM_VALUE", "levels.1")];
        assert_eq!((answer.status, told(&answer)), (StatusCode::BAD_REQUEST, expected.to_vec()));
    });
}

#[test]
fn a_mutation_with_wrong_types_names_each_of_them_and_changes_nothing() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let input = json!({"idempotencyKey": "k", "enterpriseId": true, "code": 1, "professionCode": null,
            "workers": 2_147_483_648_i64, "shifts": "2"});
        let answer = in_three_languages(app, &mutation("workplaceCreate"), json!({ "input": input })).await;
        let expected = [
            ("WRONG_TYPE", "input.code"),
            ("WRONG_TYPE", "input.enterpriseId"),
            ("REQUIRED", "input.professionCode"),
            ("WRONG_TYPE", "input.shifts"),
            ("OUT_OF_RANGE", "input.workers"),
            ("REQUIRED", "input.nameRu"),
        ];
        assert_eq!(told(&answer), expected);
    });
}

#[test]
fn literals_are_told_with_their_place_in_the_document() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let document = "{ enterprises(order: RISKY, filter: {levels: [A, \"B\"], serch: 1}) { totalCount }
            workplaces(filter: {degrees: [2147483648, 2.5]}) { totalCount } ruleSet(asOf: 20260316) { code } enterprise { id } }";
        let answer = in_three_languages(app, document, json!({})).await;
        let expected = [
            ("UNKNOWN_ENUM_VALUE", "order"),
            ("WRONG_TYPE", "filter.levels.1"),
            ("UNKNOWN_INPUT_FIELD", "filter.serch"),
            ("OUT_OF_RANGE", "filter.degrees.0"),
            ("WRONG_TYPE", "filter.degrees.1"),
            ("WRONG_TYPE", "asOf"),
            ("REQUIRED", "by"),
        ];
        assert_eq!((answer.status, told(&answer)), (StatusCode::BAD_REQUEST, expected.to_vec()));
        assert!(answer.codes().iter().all(|code| *code == "BAD_DOCUMENT"), "{}", answer.text);
        let lines = answer.errors().iter().map(|error| error["locations"][0]["line"].as_i64().unwrap());
        assert_eq!(lines.collect::<Vec<_>>(), [1, 1, 1, 2, 2, 2, 2]);
    });
}

#[test]
fn a_version_beyond_32_bits_is_an_error_of_its_field() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let document = mutation("enterpriseUpdate");
        let answer =
            in_three_languages(app, &document, json!({"input": {"id": "x", "version": 2_147_483_648_i64}})).await;
        assert_eq!(told(&answer), [("OUT_OF_RANGE", "input.version")]);
    });
}

#[test]
fn the_answer_to_many_faults_is_bounded() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let degrees = vec!["x"; 20_000];
        let document = "query($d: [Int!]) { workplaces(filter: {degrees: $d}) { totalCount } }";
        let answer = app.as_role(MINISTRY).query(document, json!({ "d": degrees })).await;
        assert!((8..50).contains(&answer.errors().len()) && answer.text.len() <= 4_096, "{}", answer.text.len());
    });
}
