//! Every list walked by pages of every size, both ways.

use serde_json::{Value, json};
use tests::schema::{Kind, Schema};
use tests::{TestApp, User, on_both, shared};

/// A paged field: who asks, the document around it, where the connection is in the answer, and its own arguments.
struct List(&'static str, &'static str, &'static str, &'static str, &'static str);

const MINISTRY: &str = "demo-ministry";
/// Has two enterprises that are measured and assessed throughout, with history.
const EMPLOYER: &str = "demo-employer_admin";
const OF_ENTERPRISE: &str = "enterprises(first: 1) { nodes { # } }";
const OF_WORKPLACE: &str = "workplaces(first: 1) { nodes { # } }";

/// Every paged field of the schema stands here.
const LISTS: &[List] = &[
    List("Query.enterprises", MINISTRY, "#", "enterprises", ""),
    List("Query.enterprises", MINISTRY, "#", "enterprises", "order: RISK"),
    List(
        "Query.enterprises",
        MINISTRY,
        "#",
        "enterprises",
        "filter: {levels: [A, B, C, D, E], assessed: true}, order: RISK",
    ),
    List("Query.passports", MINISTRY, "#", "passports", ""),
    List("Query.passports", MINISTRY, "#", "passports", "order: RISK"),
    List("Query.referenceRows", MINISTRY, "#", "referenceRows", "kind: PROFESSION"),
    List("Query.workplaces", MINISTRY, "#", "workplaces", ""),
    List("Query.workplaces", MINISTRY, "#", "workplaces", "filter: {degrees: [4, 5]}"),
    List("Query.measurements", MINISTRY, "#", "measurements", ""),
    List("Query.measurements", MINISTRY, "#", "measurements", "filter: {factorCode: \"DUST_SILICA\"}"),
    List("Query.assessments", MINISTRY, "#", "assessments", ""),
    List("Query.assessments", MINISTRY, "#", "assessments", "filter: {current: false}"),
    List("Enterprise.workplaces", EMPLOYER, OF_ENTERPRISE, "enterprises.nodes.0.workplaces", ""),
    List("Enterprise.units", EMPLOYER, OF_ENTERPRISE, "enterprises.nodes.0.units", ""),
    List("Workplace.factors", EMPLOYER, OF_WORKPLACE, "workplaces.nodes.0.factors", ""),
    List("Workplace.measurements", EMPLOYER, OF_WORKPLACE, "workplaces.nodes.0.measurements", ""),
    List("Workplace.assessments", EMPLOYER, OF_WORKPLACE, "workplaces.nodes.0.assessments", ""),
    List(
        "FactorAssignment.measurements",
        EMPLOYER,
        "workplaces(first: 1) { nodes { factors(first: 1) { nodes { # } } } }",
        "workplaces.nodes.0.factors.nodes.0.measurements",
        "",
    ),
];

impl List {
    fn key(&self) -> &'static str {
        if self.0 == "Query.passports" { "bin" } else { "id" }
    }

    fn document(&self) -> String {
        let (name, own, key) = (self.0.split_once('.').unwrap().1, self.4, self.key());
        let field = format!(
            "{name}({own} first: $first, after: $after, last: $last, before: $before) {{ totalCount pageInfo {{ hasNextPage \
             hasPreviousPage startCursor endCursor }} edges {{ cursor node {{ {key} }} }} }}"
        );
        let variables = "query($first: Int, $after: String, $last: Int, $before: String)";
        format!("{variables} {{ {} }}", self.2.replace('#', &field))
    }
}

/// Ids in the order in which the walk shows them.
async fn walk(user: &User<'_>, list: &List, size: usize, forward: bool) -> Vec<String> {
    let [limit, cursor, more, edge] = match forward {
        true => ["first", "after", "hasNextPage", "endCursor"],
        false => ["last", "before", "hasPreviousPage", "startCursor"],
    };
    let (mut ids, mut position) = (Vec::new(), Value::Null);
    loop {
        let answer = user.query(&list.document(), json!({limit: size, cursor: position})).await.ok();
        let mut page = ids_of(&answer.nodes(list.3, list.key()));
        assert!(page.len() <= size);
        if !forward {
            page.reverse();
        }
        ids.extend(page);
        let info = answer.data(&format!("{}.pageInfo", list.3));
        if info[more] != true {
            assert_eq!(answer.int(&format!("{}.totalCount", list.3)), i64::try_from(ids.len()).unwrap());
            break;
        }
        position = info[edge].clone();
    }
    if !forward {
        ids.reverse();
    }
    ids
}

fn ids_of(ids: &[Value]) -> Vec<String> {
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn any_walk_shows_every_row_once_and_in_one_order(backend) {
        let app = shared(backend).await;
        for list in LISTS {
            let (asker, field) = (app.as_role(list.1), list.0);
            let whole = walk(&asker, list, 100, true).await;
            let mut unique = whole.clone();
            unique.sort();
            unique.dedup();
            assert!(whole.len() > 1 && unique.len() == whole.len(), "{field} {}: {} rows", list.4, whole.len());
            let sizes: &[usize] = if whole.len() > 150 { &[7, 50] } else { &[1, 2, 3, 7] };
            for size in sizes {
                assert_eq!(walk(&asker, list, *size, true).await, whole, "{field} {}: forward by {size}", list.4);
                assert_eq!(walk(&asker, list, *size, false).await, whole, "{field} {}: backward by {size}", list.4);
            }
        }
    }

    async fn no_list_of_the_schema_is_forgotten_here(backend) {
        let schema = Schema::of(shared(backend).await).await;
        for of in schema.0.values().filter(|of| of.kind == Kind::Object) {
            for field in of.fields.iter().filter(|field| field.is_paged()) {
                let name = format!("{}.{}", of.name, field.name);
                assert!(LISTS.iter().any(|list| list.0 == name), "add {name} to the lists of paging.rs");
            }
        }
    }

    async fn arguments_of_a_page_are_judged(backend) {
        let app = shared(backend).await;
        for list in LISTS {
            for (arguments, reason, at) in [
                (json!({"first": 101}), "PAGE_TOO_LARGE", "first"),
                (json!({"last": 101}), "PAGE_TOO_LARGE", "last"),
                (json!({"first": 0}), "PAGE_SIZE_INVALID", "first"),
                (json!({"first": -1}), "PAGE_SIZE_INVALID", "first"),
                (json!({"first": 1, "last": 1}), "PAGE_DIRECTION", "first"),
                (json!({"first": 1, "after": "nonsense"}), "CURSOR_INVALID", "after"),
                (json!({"last": 1, "before": ""}), "CURSOR_INVALID", "before"),
            ] {
                let answer = app.as_role(list.1).query(&list.document(), arguments.clone()).await;
                assert!(!answer.errors().is_empty(), "{} {arguments}: {}", list.0, answer.text);
                let error = &answer.errors()[0];
                assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{} {arguments}", list.0);
                let found = (&error["extensions"]["reason"], &error["extensions"]["field"]);
                assert_eq!(found, (&json!(reason), &json!(at)), "{} {arguments}", list.0);
                let named = error["message"].as_str().unwrap().contains("100");
                assert_eq!(named, reason == "PAGE_TOO_LARGE", "{}", answer.text);
            }
        }
    }

    async fn a_cursor_belongs_to_its_own_list(backend) {
        let app = shared(backend).await;
        // Lists with the same rows in the same order may share cursors; these three have nothing in common.
        let [by_name, by_risk, rows] = [0, 1, 5].map(|index: usize| &LISTS[index]);
        let cursor = app.as_role(MINISTRY).query(&by_name.document(), json!({"first": 1})).await.ok();
        let cursor = cursor.text("enterprises.pageInfo.endCursor").to_owned();
        for other in [by_risk, rows] {
            let answer = app.as_role(MINISTRY).query(&other.document(), json!({"first": 1, "after": cursor})).await;
            assert_eq!(answer.errors()[0]["extensions"]["reason"], "CURSOR_INVALID", "{}", other.0);
        }
    }

    async fn a_cursor_outlives_its_row(backend) {
        let app = TestApp::new(backend).await;
        let (ministry, list) = (app.as_role(MINISTRY), &LISTS[5]);
        let whole = walk(&ministry, list, 100, true).await;
        let third = ministry.query(&list.document(), json!({"first": 3})).await.ok();
        let cursor = third.text("referenceRows.pageInfo.endCursor").to_owned();
        let gone = "DELETE FROM reference_row WHERE kind = 'profession' AND code =
            (SELECT code FROM reference_row WHERE kind = 'profession' ORDER BY code LIMIT 1 OFFSET 2)";
        sea_orm::ConnectionTrait::execute_unprepared(app.db(), gone).await.unwrap();
        let next = ministry.query(&list.document(), json!({"first": 1, "after": cursor})).await.ok();
        assert_eq!(next.nodes("referenceRows", "id")[0], whole[3]);
    }
}
