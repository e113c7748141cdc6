//! Searching and filtering enterprises.

use serde_json::json;
use tests::sandbox::free_bin;
use tests::{TestApp, keyed, on_both};

const CREATE: &str = "mutation($input: EnterpriseCreateInput!) {
    enterpriseCreate(input: $input) { enterprise { id bin version } userErrors { code field message } } }";

const SEARCH: &str = "query($filter: EnterpriseFilter) {
    enterprises(filter: $filter, first: 100) { totalCount edges { node { bin } } } }";

async fn with_names(app: &TestApp) {
    for (number, kk, ru, en) in [
        (1, "Қарағанды өңірлік кеніші", "Карагандинский рудник", "Karagandy Mine"),
        (2, "Ёлка ойыншықтары", "ЁЛКА — ёлочные игрушки", "Yolka Toys 100%"),
        (3, "Һәм Ұлы Үміт", "Смешанное ТОО «Mixed Смесь»", "A_B Mixed"),
    ] {
        let input = json!({"bin": free_bin(number), "nameKk": kk, "nameRu": ru, "nameEn": en, "kato": "350000000", "oked": "412",
            "headcount": 10});
        app.as_role("demo-ministry").query(CREATE, json!({ "input": keyed(&input) })).await.ok();
    }
}

/// Which of the three are found; others may be found too.
async fn found(app: &TestApp, search: &str) -> Vec<u32> {
    let answer = app.as_role("demo-ministry").query(SEARCH, json!({"filter": {"search": search}})).await.ok();
    let bins = answer.nodes("enterprises", "bin");
    assert_eq!(answer.int("enterprises.totalCount"), i64::try_from(bins.len()).unwrap());
    (1..=3).filter(|number| bins.contains(&json!(free_bin(*number)))).collect()
}

on_both! {
    async fn a_search_knows_no_case_and_no_neighbour_letters(backend) {
        let app = TestApp::new(backend).await;
        with_names(&app).await;
        for (search, number) in [
            ("Қарағанды өңірлік", 1),
            ("ҚАРАҒАНДЫ ӨҢІРЛІК", 1),
            ("караганды онирлик", 1),
            ("КАРАГАНДИНСКИЙ рудник", 1),
            ("ёлочные", 2),
            ("ЕЛОЧНЫЕ", 2),
            ("YOLKA toys", 2),
            ("100%", 2),
            ("ұлы үміт", 3),
            ("ХӘМ", 3),
            ("mixed смесь", 3),
            ("a_b", 3),
            (&free_bin(3), 3),
        ] {
            assert_eq!(found(&app, search).await, [number], "{search}");
        }
        for nothing in ["a%b", "_____________________", "100\\%", "';--"] {
            assert_eq!(found(&app, nothing).await, [] as [u32; 0], "{nothing}");
        }
    }

    async fn a_term_of_one_character_is_refused_with_its_field(backend) {
        let app = tests::shared(backend).await;
        let answer = app.as_role("demo-ministry").query(SEARCH, json!({"filter": {"search": " Ы "}})).await;
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
        assert_eq!(answer.errors()[0]["extensions"]["field"], "filter.search");
    }
}
