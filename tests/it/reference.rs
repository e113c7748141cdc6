//! Classifiers, rate tables and rule sets.

use serde_json::json;
use tests::{on_both, shared};

on_both! {
    async fn anybody_may_read_a_rate_with_its_origin(backend) {
        let rows = r#"{ referenceRows(kind: TARIFF_RATE, first: 100) { totalCount edges { node { code
            attributes { name value } provenance } } } }"#;
        let answer = shared(backend).await.anonymous().ask(rows).await;
        let of_14 = answer.list("referenceRows.edges").iter().find(|edge| edge["node"]["code"] == "14").unwrap();
        let expected = json!({"code": "14", "attributes": [{"name": "rate_percent", "value": "1.55"}],
            "provenance": "DECK"});
        assert_eq!(of_14["node"], expected);
        assert_eq!(answer.int("referenceRows.totalCount"), answer.list("referenceRows.edges").len() as i64);
    }

    async fn names_come_in_the_language_of_the_request_or_the_argument(backend) {
        let app = shared(backend).await;
        let row = r#"{ referenceRows(kind: TERRITORY, search: "Караганд", first: 1) { edges { node { code name
            en: name(language: EN) names { kk ru en } } } } }"#;
        for (language, expected) in [("kk", "kk"), ("ru-RU,ru;q=0.9", "ru"), ("en", "en"), ("de", "ru")] {
            let answer = app.anonymous().speaking(language).ask(row).await;
            let node = answer.data("referenceRows.edges.0.node");
            assert_eq!(node["name"], node["names"][expected], "{language}");
            assert_eq!(node["en"], node["names"]["en"]);
        }
    }

    async fn the_rules_in_force_depend_on_the_day(backend) {
        let app = shared(backend).await;
        let rules = "query($on: Date) { ruleSet(asOf: $on) { code status } }";
        let today = app.anonymous().query(rules, json!({})).await.ok();
        assert_eq!(today.data("ruleSet"), &json!({"code": "KZ-2023-PROVISIONAL", "status": "IN_FORCE"}));
        let before = app.anonymous().query(rules, json!({"on": "2020-01-01"})).await.ok();
        assert_eq!(before.data("ruleSet"), &json!(null));
    }
}
