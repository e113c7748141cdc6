//! Every kind of value against a schema of every kind, and against the library's own opinion.

use std::fmt::Write;
use std::time::{Duration, Instant};

use async_graphql::{
    EmptyMutation, EmptySubscription, Enum, ID, InputObject, Object, OneofObject, Request, SDLExportOptions, Schema,
    Variables,
};
use serde_json::{Value as Json, json};

use super::*;

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Colour {
    Red,
    Green,
}

#[derive(InputObject)]
struct Thing {
    name: String,
    size: Option<i32>,
    #[graphql(default = 1)]
    count: i32,
    colours: Option<Vec<Colour>>,
    inner: Option<Box<Thing>>,
}

#[derive(OneofObject)]
enum By {
    Id(ID),
    Name(String),
}

struct Query;

#[Object]
#[allow(unused_variables, clippy::too_many_arguments)]
impl Query {
    async fn int(&self, v: i32) -> bool {
        true
    }
    async fn maybe(&self, v: Option<i32>) -> bool {
        true
    }
    async fn preset(&self, #[graphql(default = 3)] v: i32) -> bool {
        true
    }
    async fn float(&self, v: f64) -> bool {
        true
    }
    async fn text(&self, v: String) -> bool {
        true
    }
    async fn yes(&self, v: bool) -> bool {
        true
    }
    async fn id(&self, v: ID) -> bool {
        true
    }
    async fn colour(&self, v: Colour) -> bool {
        true
    }
    async fn list(&self, v: Vec<i32>) -> bool {
        true
    }
    async fn lists(&self, v: Option<Vec<Option<Vec<Option<i32>>>>>) -> bool {
        true
    }
    async fn thing(&self, v: Thing) -> bool {
        true
    }
    async fn by(&self, v: By) -> bool {
        true
    }
    async fn own(&self) -> Self {
        Self
    }
}

fn schema() -> Schema<Query, EmptyMutation, EmptySubscription> {
    Schema::new(Query, EmptyMutation, EmptySubscription)
}

fn types() -> Types {
    Types::read(&schema().sdl_with_options(SDLExportOptions::new())).expect("a schema")
}

fn request(document: &str, variables: &Json) -> Request {
    Request::new(document).variables(Variables::from_json(variables.clone()))
}

/// Reason and field of each fault.
fn faults(document: &str, variables: &Json) -> Vec<(String, String)> {
    let response = refusal(&types(), &mut request(document, variables), false);
    let text = |error: &async_graphql::ServerError, name: &str| {
        let json = serde_json::to_value(error).expect("an error");
        json["extensions"][name].as_str().unwrap_or_default().to_owned()
    };
    let errors = response.map(|response| response.errors).unwrap_or_default();
    errors.iter().map(|error| (text(error, "reason"), text(error, "field"))).collect()
}

/// What the library makes of it, execution included.
fn library_accepts(document: &str, variables: &Json) -> bool {
    let schema = schema();
    let run = schema.execute(request(document, variables));
    futures::executor::block_on(run).errors.is_empty()
}

type Expected<'a> = &'a [(&'a str, &'a str)];

#[track_caller]
fn expect(document: &str, variables: Json, expected: Expected<'_>) {
    let found = faults(document, &variables);
    let found: Vec<(&str, &str)> = found.iter().map(|(reason, field)| (&**reason, &**field)).collect();
    assert_eq!(found, expected, "{document} {variables}");
}

/// Field, its type, value, faults as a variable.
fn cases() -> Vec<(&'static str, &'static str, Json, Expected<'static>)> {
    let wrong: Expected<'_> = &[("WRONG_TYPE", "v")];
    let large: Expected<'_> = &[("OUT_OF_RANGE", "v")];
    let required: Expected<'_> = &[("REQUIRED", "v")];
    vec![
        ("int", "Int!", json!(2_147_483_647), &[]),
        ("int", "Int!", json!(-2_147_483_648_i64), &[]),
        ("int", "Int!", json!(2_147_483_648_i64), large),
        ("int", "Int!", json!(-2_147_483_649_i64), large),
        ("int", "Int!", json!(u64::MAX), large),
        ("int", "Int!", json!(1e300), large),
        ("int", "Int!", json!(1.5), wrong),
        ("int", "Int!", json!("1"), wrong),
        ("int", "Int!", json!(true), wrong),
        ("int", "Int!", json!([1]), wrong),
        ("int", "Int!", json!({"a": 1}), wrong),
        ("int", "Int!", json!(null), required),
        ("maybe", "Int", json!(null), &[]),
        ("preset", "Int!", json!(null), required),
        ("float", "Float!", json!(1), &[]),
        ("float", "Float!", json!(1.5), &[]),
        ("float", "Float!", json!("1.5"), wrong),
        ("text", "String!", json!("ұ"), &[]),
        ("text", "String!", json!(1), wrong),
        ("text", "String!", json!(true), wrong),
        ("text", "String!", json!(["a"]), wrong),
        ("yes", "Boolean!", json!(false), &[]),
        ("yes", "Boolean!", json!(0), wrong),
        ("yes", "Boolean!", json!("true"), wrong),
        ("id", "ID!", json!("a"), &[]),
        ("id", "ID!", json!(7), &[]),
        ("id", "ID!", json!(7.5), wrong),
        ("id", "ID!", json!(true), wrong),
        ("colour", "Colour!", json!("RED"), &[]),
        ("colour", "Colour!", json!("red"), &[("UNKNOWN_ENUM_VALUE", "v")]),
        ("colour", "Colour!", json!(1), wrong),
        ("list", "[Int!]!", json!([]), &[]),
        ("list", "[Int!]!", json!([1, 2]), &[]),
        ("list", "[Int!]!", json!(1), &[]),
        ("list", "[Int!]!", json!([1, "2", null]), &[("WRONG_TYPE", "v.1"), ("REQUIRED", "v.2")]),
        ("list", "[Int!]!", json!("1"), wrong),
        ("list", "[Int!]!", json!(null), required),
        ("lists", "[[Int]]", json!([[1, null], null]), &[]),
        ("lists", "[[Int]]", json!(1), &[]),
        ("lists", "[[Int]]", json!([1, 2]), &[]),
        ("lists", "[[Int]]", json!([[true]]), &[("WRONG_TYPE", "v.0.0")]),
        ("thing", "Thing!", json!({"name": "a"}), &[]),
        ("thing", "Thing!", json!({"name": "a", "size": null, "colours": "RED"}), &[]),
        ("thing", "Thing!", json!({}), &[("REQUIRED", "v.name")]),
        ("thing", "Thing!", json!({"name": null}), &[("REQUIRED", "v.name")]),
        ("thing", "Thing!", json!({"name": "a", "count": null}), &[("REQUIRED", "v.count")]),
        ("thing", "Thing!", json!({"name": "a", "other": 1}), &[("UNKNOWN_INPUT_FIELD", "v.other")]),
        ("thing", "Thing!", json!([{"name": "a"}]), wrong),
        (
            "thing",
            "Thing!",
            json!({"size": "1", "count": 1.5, "colours": ["RED", "BLUE"], "inner": {"name": 1}}),
            &[
                ("UNKNOWN_ENUM_VALUE", "v.colours.1"),
                ("WRONG_TYPE", "v.count"),
                ("WRONG_TYPE", "v.inner.name"),
                ("WRONG_TYPE", "v.size"),
                ("REQUIRED", "v.name"),
            ],
        ),
        ("by", "By!", json!({"id": "a"}), &[]),
        ("by", "By!", json!({}), &[("EXACTLY_ONE_FIELD", "v")]),
        ("by", "By!", json!({"id": "a", "name": "b"}), &[("EXACTLY_ONE_FIELD", "v")]),
        ("by", "By!", json!({"id": null}), &[("REQUIRED", "v.id")]),
        ("by", "By!", json!({"id": null, "name": "b"}), &[("EXACTLY_ONE_FIELD", "v")]),
        ("by", "By!", json!({"id": true}), &[("WRONG_TYPE", "v.id")]),
        ("by", "By!", json!({"other": "a"}), &[("UNKNOWN_INPUT_FIELD", "v.other")]),
    ]
}

/// JSON as a literal: names of fields, and of enum values, are not quoted.
fn literal(value: &Json) -> String {
    match value {
        Json::String(text) if ["RED", "red", "BLUE"].contains(&&**text) => text.clone(),
        Json::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}: {}", literal(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn variables_and_literals_are_judged_alike_and_as_strictly_as_by_the_library() {
    for (field, ty, value, expected) in cases() {
        let document = format!("query($v: {ty}) {{ {field}(v: $v) }}");
        let variables = json!({ "v": value });
        expect(&document, variables.clone(), expected);
        assert_eq!(library_accepts(&document, &variables), expected.is_empty(), "{document} {variables}");
        let document = format!("{{ {field}(v: {}) }}", literal(&value));
        expect(&document, json!({}), expected);
        assert_eq!(library_accepts(&document, &json!({})), expected.is_empty(), "{document}");
        let document = format!("query($v: {ty} = {}) {{ {field}(v: $v) }}", literal(&value));
        let given = request(&document, &json!({}));
        assert_eq!(faults(&document, &json!({})).is_empty(), expected.is_empty(), "{}", given.query);
    }
}

#[test]
fn what_is_missing_is_named() {
    expect("query($v: Int!) { int(v: $v) }", json!({}), &[("REQUIRED", "v")]);
    expect("query($v: Int! = 1) { int(v: $v) }", json!({}), &[]);
    expect("query($v: Int) { maybe(v: $v) preset }", json!({}), &[]);
    expect("{ int own { own { int } } }", json!({}), &[("REQUIRED", "v"), ("REQUIRED", "v")]);
    expect("{ own @include { preset } }", json!({}), &[("REQUIRED", "if")]);
    expect("{ own @skip(if: 1) { preset } }", json!({}), &[("WRONG_TYPE", "if")]);
    expect(
        "{ __type { name } __schema { types { fields(includeDeprecated: 1) { name } } } }",
        json!({}),
        &[("REQUIRED", "name"), ("WRONG_TYPE", "includeDeprecated")],
    );
}

#[test]
fn a_document_has_no_texts_for_enum_values() {
    expect(r#"{ colour(v: "RED") }"#, json!({}), &[("WRONG_TYPE", "v")]);
    expect(r#"query($v: Colour = "RED") { colour(v: $v) }"#, json!({}), &[("WRONG_TYPE", "v")]);
    expect("{ text(v: RED) }", json!({}), &[("WRONG_TYPE", "v")]);
}

#[test]
fn a_fragment_has_the_variables_of_every_operation_that_spreads_it() {
    for (ty, expected) in [("Int!", 0), ("Int", 1), ("ID!", 1)] {
        let other = format!("query B($v: {ty}) {{ ...F }}");
        let document = format!("query A($v: Int!) {{ ...F }} {other} fragment F on Query {{ int(v: $v) }}");
        let mut request = request(&document, &json!({"v": 1})).operation_name("A");
        let errors = refusal(&types(), &mut request, false).map(|response| response.errors).unwrap_or_default();
        assert_eq!(errors.len(), expected, "{ty}: {errors:?}");
    }
}

#[test]
fn a_variable_stands_only_where_its_type_may() {
    expect("query($v: String!) { int(v: $v) }", json!({"v": "1"}), &[("VARIABLE_TYPE", "v")]);
    expect("query($v: Int) { int(v: $v) }", json!({"v": 1}), &[("VARIABLE_TYPE", "v")]);
    expect("query($v: Int = 1) { int(v: $v) }", json!({"v": 1}), &[]);
    expect("query($v: Int = 1) { int(v: $v) }", json!({"v": null}), &[("REQUIRED", "v")]);
    expect("query($v: Int) { preset(v: $v) }", json!({}), &[]);
    expect("query($v: Int) { preset(v: $v) }", json!({"v": null}), &[("REQUIRED", "v")]);
    expect("query($v: Int!) { maybe(v: $v) list(v: [$v]) }", json!({"v": 1}), &[]);
    expect("query($v: [Int]!) { list(v: $v) }", json!({"v": [1]}), &[("VARIABLE_TYPE", "v")]);
    expect("query($n: String!, $s: Int) { thing(v: {name: $n, size: $s}) }", json!({"n": "a"}), &[]);
    expect("query($n: Int!) { thing(v: {name: $n}) }", json!({"n": 1}), &[("VARIABLE_TYPE", "v.name")]);
    expect("query($i: ID!) { by(v: {id: $i}) }", json!({"i": 1}), &[]);
    expect("query($i: ID) { by(v: {id: $i}) }", json!({"i": 1}), &[("VARIABLE_TYPE", "v.id")]);
    expect("query($i: Int) { by(v: {id: $i}) }", json!({"i": 1}), &[("VARIABLE_TYPE", "v.id")]);
}

#[test]
fn only_the_operation_that_runs_needs_its_variables() {
    let document = "query A($v: Int!) { ...F } query B($w: Int!) { int(v: $w) ...G } \
                    fragment F on Query { int(v: $v) } fragment G on Query { own { maybe(v: \"x\") } }";
    let mut request = request(document, &json!({"v": 1})).operation_name("A");
    let errors = refusal(&types(), &mut request, false).expect("refused").errors;
    let told = serde_json::to_value(&errors).expect("errors");
    assert_eq!(errors.len(), 1, "{told}");
    assert_eq!(told[0]["extensions"]["code"], "BAD_DOCUMENT");
    assert!(told[0]["locations"][0]["line"].is_number(), "{told}");
    assert_eq!(request.variables.len(), 1, "the variables are there afterwards");
}

#[test]
fn what_does_not_exist_is_left_to_the_library() {
    expect(
        "query($v: Nothing!, $w: Query) { nowhere(v: 1) { x(a: 1) } own { int(v: 1, w: 2) } ...Gone }",
        json!({}),
        &[],
    );
    expect("{ own @gone(if: 1) { preset(v: $undefined) } } fragment F on Nothing { a(b: 1) }", json!({}), &[]);
}

#[test]
fn the_number_and_the_length_of_faults_are_bounded() {
    let many: Vec<Json> = (0..60_000).map(|_| json!("x")).collect();
    let variables = json!({ "v": many });
    let begun = Instant::now();
    assert_eq!(faults("query($v: [Int!]!) { list(v: $v) }", &variables).len(), MOST);
    let name = "ұ".repeat(100_000);
    let thing = json!({"v": {"name": "a", name: 1, "colours": ["ң".repeat(100_000)]}});
    let found = faults("query($v: Thing!) { thing(v: $v) }", &thing);
    assert!(found.len() == 2 && found.iter().all(|(_, field)| field.len() <= 300), "{found:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn depth_and_size_cost_what_they_weigh() {
    let mut deep = json!({"name": "a"});
    for _ in 0..120 {
        deep = json!({"name": "a", "inner": deep});
    }
    expect("query($v: Thing!) { thing(v: $v) }", json!({ "v": deep }), &[]);
    let time = |count: usize| {
        let many: Vec<Json> =
            (0..count).map(|_| json!({"name": "a", "colours": ["RED"], "inner": {"name": "b"}})).collect();
        let types = types();
        let mut uses = String::new();
        for n in 0..200 {
            write!(uses, "f{n}: maybe(v: 1) ").expect("a text");
        }
        let mut request = request(&format!("query($v: [Thing!]!) {{ {uses} }}"), &json!({ "v": many }));
        assert!(request.parsed_query().is_ok());
        let begun = Instant::now();
        assert!(refusal(&types, &mut request, false).is_none());
        begun.elapsed()
    };
    time(10);
    let (small, large) = (time(1_000), time(20_000));
    // Twenty times as much costs about twenty times as long; the margin is for shared cores.
    assert!(large < small * 100 + Duration::from_millis(200), "{small:?} {large:?}");
}

#[test]
fn the_schema_that_is_served_is_known_to_its_last_scalar() {
    let types = Types::read(&crate::schema::sdl()).expect("our own schema");
    assert_eq!(types.unknown_scalars(), [""; 0]);
    assert!(types.field("Query", "enterprises").is_some() && types.field("Query", "__type").is_some());
}

#[test]
fn of_a_valid_document_the_variables_are_judged_nevertheless() {
    let told = |document: &str, variables: Json| refusal(&types(), &mut request(document, &variables), true).is_some();
    assert!(told("query($v: Int!) { int(v: $v) }", json!({"v": "1"})));
    assert!(told("query($v: Int!) { int(v: $v) }", json!({})));
    assert!(told("query($v: Int) { preset(v: $v) }", json!({"v": null})));
    assert!(!told("query($v: Int) { preset(v: $v) }", json!({})));
}
