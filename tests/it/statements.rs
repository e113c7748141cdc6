//! The number of SQL statements of a request does not depend on the number of rows.

use api::demo::DemoSize;
use serde_json::json;
use tests::schema::{Field, Kind, Schema};
use tests::{Backend, TestApp, moment, on_both};

/// A server that refuses no document for its size.
async fn generous(backend: Backend) -> TestApp {
    TestApp::with(backend, |config| {
        let limits = &mut config.limits;
        for limit in [&mut limits.cost, &mut limits.tokens, &mut limits.expanded_fields, &mut limits.document_bytes] {
            *limit = u64::MAX;
        }
        limits.depth = 30;
    })
    .await
}

/// A selection of everything below a type, `levels` deep and never back to a type it came from.
fn everything(schema: &Schema, kind: &str, levels: usize, above: &[&str]) -> String {
    let of = schema.get(kind);
    let above = [above, &[kind]].concat();
    let select = |field: &Field| {
        let inner = field.of.inner();
        if field.needs_arguments() || above.contains(&inner) {
            return None;
        }
        if !schema.is_composite(inner) {
            return Some(field.name.clone());
        }
        // `nodes` shows the same as `edges`, and both together would count everything twice.
        if levels == 0 || field.name == "edges" {
            return None;
        }
        let page = if field.is_paged() { "(first: 3)" } else { "" };
        let below = if inner.ends_with("Connection") { levels } else { levels - 1 };
        Some(format!("{}{page} {{ {} }}", field.name, everything(schema, inner, below, &above)))
    };
    let fields: Vec<String> = of.fields.iter().filter_map(select).collect();
    match of.kind {
        Kind::Object if !fields.is_empty() => fields.join(" "),
        _ => "__typename".to_owned(),
    }
}

/// Statements of a page of this size, and its rows.
async fn cost(app: &TestApp, document: &str, size: usize) -> (u64, usize) {
    let ministry = app.as_role("demo-ministry");
    // The first request of a person finds out who it is.
    ministry.ask("{ me { id } }").await;
    let (statements, answer) = app.statements(ministry.query(document, json!({ "first": size }))).await;
    let answer = answer.ok();
    let rows = answer.json["data"].as_object().unwrap().values().next().unwrap()["nodes"].as_array().unwrap().len();
    (statements, rows)
}

on_both! {
    async fn every_list_with_everything_below_it(backend) {
        let app = generous(backend).await;
        let schema = Schema::of(&app).await;
        let mut lists = 0;
        for field in schema.get("Query").fields.iter().filter(|field| field.is_paged()) {
            let own = match &*field.name {
                "enterprises" | "passports" => "order: RISK",
                "workplaces" => "filter: {degrees: [3, 4, 5]}",
                "referenceRows" => "kind: ACTIVITY",
                _ => "",
            };
            let below = everything(&schema, field.of.inner(), 3, &["Query"]);
            let document = format!("query($first: Int) {{ {}({own} first: $first) {{ {below} }} }}", field.name);
            let few = cost(&app, &document, 3).await;
            let many = cost(&app, &document, 50).await;
            assert!(many.1 >= 35, "{}: only {} rows", field.name, many.1);
            assert!(many.0 <= few.0, "{}: {few:?} {many:?} (statements, rows) for {document}", field.name);
            lists += 1;
        }
        assert!(lists >= 6, "{lists}");
    }

    async fn lists_below_hundreds_of_parents(backend) {
        let size = DemoSize { enterprises: 60, workplaces: 2_400 };
        let app = TestApp::demo(backend, moment(), size).await;
        let document = "query($first: Int) { enterprises(first: $first) { nodes { workplaces(first: 30) { nodes {
            unit { code } assessments(first: 1) { nodes { id } } } } } } }";
        // Of who asks for a document that is new, the account is looked up before it is read, too.
        cost(&app, document, 1).await;
        let (few, many) = (cost(&app, document, 2).await, cost(&app, document, 50).await);
        assert_eq!((few.0, many.1), (many.0, 50), "{few:?} {many:?} (statements, rows)");
        let page = app.as_role("demo-ministry").query(document, json!({"first": 50})).await.ok();
        let below = page.list("enterprises.nodes").iter().map(|row| row["workplaces"]["nodes"].as_array().unwrap().len());
        let below: usize = below.sum();
        assert!(below > 600, "{below}: more parents than one batch once held");
    }

    async fn the_page_of_the_bench(backend) {
        let app = generous(backend).await;
        let document = "query($first: Int) { enterprises(first: $first, order: RISK) { nodes { name level
            tariff { ratePercent correctedRatePercent } workplaces(first: 10) { totalCount nodes { code
            ppeDue { items { itemCode } } guaranteesDue { items { kind } } currentAssessment { pr degree } } } } } }";
        let (few, many) = (cost(&app, document, 2).await, cost(&app, document, 50).await);
        assert!(many.0 <= few.0, "{few:?} {many:?} (statements, rows)");
        assert!(many.0 <= 20, "{many:?}");
    }
}
