//! Every list walked by pages of every size, both ways.

use serde_json::{Value, json};
use tests::schema::{Kind, Schema};
use tests::{TestApp, User, on_both, shared};

/// A list: its document with `$first $after $last $before`, and where the connection is in the answer.
struct List {
    document: String,
    path: &'static str,
}

/// Every paged field of the schema must stand here. `(Type.field, document around the field, path, own arguments)`.
const LISTS: &[(&str, &str, &str, &str)] = &[
    ("Query.enterprises", "{}", "enterprises", ""),
    ("Query.enterprises", "{}", "enterprises", "order: RISK"),
    ("Query.enterprises", "{}", "enterprises", "filter: {levels: [A, B, C, D, E], assessed: true}, order: RISK"),
    ("Query.referenceRows", "{}", "referenceRows", "kind: PROFESSION"),
];

fn list(around: &str, name: &str, path: &'static str, own: &str) -> List {
    let arguments = "first: $first, after: $after, last: $last, before: $before";
    let field = format!(
        "{name}({own} {arguments}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} \
         edges {{ cursor node {{ id }} }} }}"
    );
    let inside =
        if around == "{}" { format!("{{ {field} }}") } else { around.replace("{}", &format!("{{ {field} }}")) };
    let variables = "query($first: Int, $after: String, $last: Int, $before: String)";
    List { document: format!("{variables} {inside}"), path }
}

fn lists() -> impl Iterator<Item = (&'static str, List)> {
    LISTS.iter().map(|(field, around, path, own)| (*field, list(around, field.split_once('.').unwrap().1, path, own)))
}

/// Ids in the order in which the walk shows them.
async fn walk(user: &User<'_>, list: &List, size: usize, forward: bool) -> Vec<String> {
    let [limit, cursor, more, edge] = match forward {
        true => ["first", "after", "hasNextPage", "endCursor"],
        false => ["last", "before", "hasPreviousPage", "startCursor"],
    };
    let (mut ids, mut position) = (Vec::new(), Value::Null);
    loop {
        let answer = user.query(&list.document, json!({limit: size, cursor: position})).await.ok();
        let mut page = ids_of(&answer.nodes(list.path, "id"));
        assert!(page.len() <= size);
        if !forward {
            page.reverse();
        }
        ids.extend(page);
        let info = answer.data(&format!("{}.pageInfo", list.path));
        if info[more] != true {
            assert_eq!(answer.int(&format!("{}.totalCount", list.path)), i64::try_from(ids.len()).unwrap());
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
        let ministry = shared(backend).await.as_role("demo-ministry");
        for (field, list) in lists() {
            let whole = walk(&ministry, &list, 100, true).await;
            let mut unique = whole.clone();
            unique.sort();
            unique.dedup();
            assert!(!whole.is_empty() && unique.len() == whole.len(), "{field}: {} rows", whole.len());
            for size in [1, 2, 3, 7] {
                assert_eq!(walk(&ministry, &list, size, true).await, whole, "{field}: forward by {size}");
                assert_eq!(walk(&ministry, &list, size, false).await, whole, "{field}: backward by {size}");
            }
        }
    }

    async fn no_list_of_the_schema_is_forgotten_here(backend) {
        let schema = Schema::of(shared(backend).await).await;
        for of in schema.0.values().filter(|of| of.kind == Kind::Object) {
            for field in of.fields.iter().filter(|field| field.is_paged()) {
                let name = format!("{}.{}", of.name, field.name);
                assert!(LISTS.iter().any(|(known, ..)| *known == name), "add {name} to the lists of paging.rs");
            }
        }
    }

    async fn arguments_of_a_page_are_judged(backend) {
        let app = shared(backend).await;
        for (field, list) in lists() {
            for (arguments, reason, at) in [
                (json!({"first": 101}), "PAGE_TOO_LARGE", "first"),
                (json!({"last": 101}), "PAGE_TOO_LARGE", "last"),
                (json!({"first": 0}), "PAGE_SIZE_INVALID", "first"),
                (json!({"first": -1}), "PAGE_SIZE_INVALID", "first"),
                (json!({"first": 1, "last": 1}), "PAGE_DIRECTION", "first"),
                (json!({"first": 1, "after": "nonsense"}), "CURSOR_INVALID", "after"),
                (json!({"last": 1, "before": ""}), "CURSOR_INVALID", "before"),
            ] {
                let answer = app.as_role("demo-ministry").query(&list.document, arguments.clone()).await;
                let extensions = &answer.errors()[0]["extensions"];
                assert_eq!(extensions["code"], "BAD_USER_INPUT", "{field} {arguments}");
                assert_eq!((&extensions["reason"], &extensions["field"]), (&json!(reason), &json!(at)), "{field}");
            }
            let answer = app.as_role("demo-ministry").query(&list.document, json!({"first": 101})).await;
            assert!(answer.errors()[0]["message"].as_str().unwrap().contains("100"), "{}", answer.text);
        }
    }

    async fn a_cursor_belongs_to_its_own_list(backend) {
        let ministry = shared(backend).await.as_role("demo-ministry");
        let by_name = list("{}", "enterprises", "enterprises", "");
        let others = ["order: RISK"].map(|own| list("{}", "enterprises", "enterprises", own));
        let cursor = ministry.query(&by_name.document, json!({"first": 1})).await.ok();
        let cursor = cursor.text("enterprises.pageInfo.endCursor").to_owned();
        for other in others.iter().chain([&list("{}", "referenceRows", "referenceRows", "kind: TERRITORY")]) {
            let answer = ministry.query(&other.document, json!({"first": 1, "after": cursor})).await;
            assert_eq!(answer.errors()[0]["extensions"]["reason"], "CURSOR_INVALID");
        }
    }

    async fn a_cursor_outlives_its_row(backend) {
        let app = TestApp::new(backend).await;
        let ministry = app.as_role("demo-ministry");
        let list = list("{}", "referenceRows", "referenceRows", "kind: PROFESSION");
        let whole = walk(&ministry, &list, 100, true).await;
        let third = ministry.query(&list.document, json!({"first": 3})).await.ok();
        let cursor = third.text("referenceRows.pageInfo.endCursor").to_owned();
        let gone = "DELETE FROM reference_row WHERE kind = 'profession' AND code =
            (SELECT code FROM reference_row WHERE kind = 'profession' ORDER BY code LIMIT 1 OFFSET 2)";
        sea_orm::ConnectionTrait::execute_unprepared(app.db(), gone).await.unwrap();
        let next = ministry.query(&list.document, json!({"first": 1, "after": cursor})).await.ok();
        assert_eq!(next.nodes("referenceRows", "id")[0], whole[3]);
    }
}
