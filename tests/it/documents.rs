//! Documents as applications send them: variables that are left out, and the same text again and again.

use serde_json::{Value, json};
use tests::{Backend, TestApp, on_both, run, shared};

const MINISTRY: &str = "demo-ministry";
const ENGINEER: &str = "demo-safety_engineer";

/// A workplace that stands in a unit: id, version, unit.
async fn in_a_unit(app: &TestApp) -> (Value, Value, Value) {
    let found = app.as_role(ENGINEER).ask("{ workplaces(first: 50) { nodes { id version unit { id } } } }").await;
    let workplace = found.list("workplaces.nodes").iter().find(|row| !row["unit"].is_null()).cloned();
    let workplace = workplace.expect("the demo data has units");
    (workplace["id"].clone(), workplace["version"].clone(), workplace["unit"]["id"].clone())
}

on_both! {
    async fn a_variable_that_is_left_out_changes_nothing_and_null_takes_away(backend) {
        let app = TestApp::new(backend).await;
        let (id, version, unit) = in_a_unit(&app).await;
        let document = "mutation($id: ID!, $version: Int!, $workers: Int, $unit: ID) {
            workplaceUpdate(input: {id: $id, version: $version, workers: $workers, unitId: $unit}) {
                workplace { version workers unit { id } } userErrors { code } } }";
        let engineer = app.as_role(ENGINEER);
        let kept = engineer.query(document, json!({"id": id, "version": version, "workers": 9})).await.ok();
        assert_eq!(kept.data("workplaceUpdate.workplace.unit.id"), &unit);
        assert_eq!(kept.int("workplaceUpdate.workplace.workers"), 9);
        let version = kept.data("workplaceUpdate.workplace.version");
        let taken = engineer.query(document, json!({"id": id, "version": version, "unit": null})).await.ok();
        assert_eq!(taken.data("workplaceUpdate.workplace.unit"), &Value::Null);
        assert_eq!(taken.int("workplaceUpdate.workplace.workers"), 9);
    }

    async fn pages_below_many_parents_are_those_of_each_alone(backend) {
        let app = shared(backend).await;
        let user = app.as_role(MINISTRY);
        let all = user.ask("{ enterprises(first: 40) { nodes { id workplaces(first: 100) { nodes { code } } } } }").await;
        let mut turned = 0;
        for page in ["first: 2", "last: 2"] {
            let field = format!("workplaces({page}) {{ nodes {{ code }} pageInfo {{ hasNextPage hasPreviousPage }} }}");
            let many = user.ask(&format!("{{ enterprises(first: 40) {{ nodes {{ id {field} }} }} }}")).await;
            for (together, whole) in many.list("enterprises.nodes").iter().zip(all.list("enterprises.nodes")) {
                let alone = "query($id: ID!) { enterprise(by: {id: $id}) { id FIELD } }".replace("FIELD", &field);
                let alone = user.query(&alone, json!({"id": together["id"]})).await.ok();
                assert_eq!(alone.data("enterprise"), together);
                let whole = whole["workplaces"]["nodes"].as_array().expect("a list");
                let shown = together["workplaces"]["nodes"].as_array().expect("a list");
                let wanted = if page == "first: 2" { whole.iter().take(2).collect::<Vec<_>>() }
                             else { whole.iter().skip(whole.len().saturating_sub(2)).collect() };
                assert_eq!(shown.iter().collect::<Vec<_>>(), wanted);
                turned += usize::from(whole.len() > 2);
            }
        }
        assert!(turned > 20, "the demo data has enterprises with more workplaces than a page");
    }
}

#[test]
fn what_the_specification_allows_runs() {
    run(async {
        let user = shared(Backend::Sqlite).await.as_role(MINISTRY);
        let order = "query($order: EnterpriseOrder) { enterprises(order: $order, first: 1) { nodes { id } } }";
        user.query(order, json!({})).await.ok();
        user.query(order, json!({"order": "RISK"})).await.ok();
        let degrees = "query($degrees: [Int!]!) { workplaces(filter: {degrees: $degrees}, first: 1) { nodes { id } } }";
        user.query(degrees, json!({"degrees": [4, 5]})).await.ok();
        let wrong = "query($bin: Bin) { enterprise(by: {bin: $bin}) { id } passport(bin: $bin) { name } }";
        assert_eq!(user.query(wrong, json!({"bin": "210240000397"})).await.codes(), ["BAD_DOCUMENT"; 2]);
    });
}

#[test]
fn a_text_that_was_sent_before_is_judged_as_if_it_were_new() {
    run(async {
        let user = shared(Backend::Sqlite).await.as_role(MINISTRY);
        for _ in 0..2 {
            assert_eq!(user.query("{ enterprises { nodes { unheard } } }", json!({})).await.codes(), ["BAD_DOCUMENT"]);
        }
        let paged = "query($first: Int) { enterprises(first: $first) { nodes { id workplaces(first: $first) { nodes {
            id measurements(first: $first) { nodes { id } } } } } } }";
        user.query(paged, json!({"first": 2})).await.ok();
        assert_eq!(user.query(paged, json!({"first": 90})).await.codes(), ["QUERY_TOO_EXPENSIVE"]);
        let two = |name: &str| {
            let document = "query A { me { id } } query B($bin: Bin!) { passport(bin: $bin) { name } }";
            json!({"query": document, "operationName": name, "variables": {"bin": "210240000397"}})
        };
        user.body(two("A")).await.ok();
        assert_eq!(user.body(two("B")).await.ok().text("passport.name"), "Demo Metal JSC");
    });
}
