//! Every kind of use against a small schema, and the form of what our own schema says.

use async_graphql::parser::parse_query;
use async_graphql::{Response, Variables};
use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::*;
use crate::graphql::coercion::Kind;

const SCHEMA: &str = r#"
    type Query implements Named {
        name: String
        book(by: By, size: Size, pages: Int @deprecated(reason: "pages")): Book
        books(filters: [Filter!]): [Thing!]
        old: String @deprecated(reason: "old")
        named: Named
    }
    type Mutation { write(input: Filter!): Book }
    type Subscription { written(size: Size): Book }
    interface Named { name: String  title: String @deprecated(reason: "title") }
    type Book implements Named { name: String  title: String  isbn: String @deprecated  next: Book }
    type Film implements Named { name: String  title: String  length: Int @deprecated(reason: "length") }
    union Thing = Book | Film
    enum Size { SMALL LARGE HUGE @deprecated(reason: "huge") }
    input By { id: ID  isbn: String @deprecated(reason: "isbn") }
    input Filter { size: Size  sizes: [[Size!]]  and: [Filter!]  by: By  text: String }
"#;

struct Library(Deprecations, Types);

impl Library {
    fn new(sdl: &str) -> Self {
        Self(Deprecations::read(sdl).expect("a schema"), Types::read(sdl).expect("a schema"))
    }

    /// Coordinates that one operation uses; `None` for the only one.
    fn of(&self, document: &str, operation: Option<&str>, variables: Json) -> Vec<String> {
        let document = parse_query(document).expect("a document");
        let uses = Uses::of(&self.0, &self.1, &document);
        let used = uses.with(&self.0, &self.1, (&document, operation), &Variables::from_json(variables));
        used.iter().map(|it| it.coordinate.clone()).collect()
    }
}

#[track_caller]
fn check(document: &str, variables: Json, expected: &[&str]) {
    assert_eq!(Library::new(SCHEMA).of(document, None, variables), expected, "{document}");
}

#[test]
fn the_text_of_a_document_is_searched_through() {
    for (document, expected) in [
        ("{ name book { name } }", vec![]),
        ("{ again: old old }", vec!["Query.old"]),
        ("{ old book { next { next { isbn } } } }", vec!["Book.isbn", "Query.old"]),
        ("{ book(pages: 1) { name } }", vec!["Query.book(pages:)"]),
        ("query($p: Int) { book(pages: $p) { name } }", vec!["Query.book(pages:)"]),
        ("{ book(size: HUGE) { name } }", vec!["Size.HUGE"]),
        ("{ book(size: LARGE, by: {id: 1}) { name } }", vec![]),
        ("{ book(by: {isbn: \"1\"}) { name } }", vec!["By.isbn"]),
        ("{ books(filters: {sizes: [[SMALL, HUGE]]}) { __typename } }", vec!["Size.HUGE"]),
        ("{ books(filters: [{and: {by: {isbn: null}}}]) { __typename } }", vec!["By.isbn"]),
        // A text is not a name, and the field of an object is not that of its interface.
        ("{ books(filters: {text: \"HUGE\"}) { ... on Book { title } } }", vec![]),
        ("{ named { title } }", vec!["Named.title"]),
        ("{ named { ... on Film { length title } } }", vec!["Film.length"]),
        ("{ book { ... on Named { title } } }", vec!["Named.title"]),
        ("{ books { ... on Book { isbn } ... on Film { length } } }", vec!["Book.isbn", "Film.length"]),
        ("{ ... @include(if: false) { old } }", vec!["Query.old"]),
        ("{ __schema { types { name } } __typename nowhere { old } }", vec![]),
        ("mutation { write(input: {by: {isbn: \"1\"}}) { isbn } }", vec!["Book.isbn", "By.isbn"]),
        ("subscription { written(size: HUGE) { title } }", vec!["Size.HUGE"]),
    ] {
        check(document, json!({}), &expected);
    }
}

#[test]
fn fragments_count_where_they_are_spread() {
    let document = "query A { ...One } query B { book { ...Two } } query C { name }
        fragment One on Query { named { ...Three } book { ...Two } } fragment Two on Book { isbn next { ...Three } }
        fragment Three on Named { title } fragment Unused on Query { old }";
    let library = Library::new(SCHEMA);
    let of = |name| library.of(document, Some(name), json!({}));
    assert_eq!(of("A"), ["Book.isbn", "Named.title"]);
    assert_eq!(of("B"), of("A"));
    assert!(of("C").is_empty() && of("D").is_empty());
}

#[test]
fn the_variables_of_the_operation_are_searched_through() {
    let filter = "query($f: [Filter!], $s: Size) { books(filters: $f) { __typename } book(size: $s) { name } }";
    check(filter, json!({}), &[]);
    check(filter, json!({"s": "SMALL", "f": {"text": "HUGE"}}), &[]);
    check(filter, json!({"s": "HUGE"}), &["Size.HUGE"]);
    check(filter, json!({"f": {"sizes": [["HUGE"]]}}), &["Size.HUGE"]);
    check(filter, json!({"f": [{"and": [{"by": {"isbn": "1"}}]}, {"size": "HUGE"}]}), &["By.isbn", "Size.HUGE"]);
    // What the operation does not define is not looked at.
    check(filter, json!({"unknown": "HUGE"}), &[]);
    let both = "query($by: By) { old book(by: $by) { name } }";
    check(both, json!({"by": {"isbn": "1"}}), &["By.isbn", "Query.old"]);
    check(both, json!({"by": null}), &["Query.old"]);
}

#[test]
fn a_schema_without_deprecations_is_not_searched() {
    let plain = "type Query { old: String  book(size: Size): String } enum Size { HUGE }";
    let library = Library::new(plain);
    assert!(library.0.is_empty() && !library.0.has_values);
    assert!(library.of("query($s: Size) { old book(size: $s) }", None, json!({"s": "HUGE"})).is_empty());
    let fields = Library::new("type Query { old: String @deprecated }");
    assert!(!fields.0.is_empty() && !fields.0.has_values);
}

#[test]
fn an_answer_tells_each_with_its_reason_and_not_too_many() {
    let used = |numbers: std::ops::Range<usize>| {
        let one = |number| Deprecated { coordinate: format!("Query.f{number:03}"), reason: format!("r{number}") };
        Used(numbers.map(one).map(Arc::new).collect())
    };
    let told = |used: Used| {
        let mut response = Response::default();
        used.tell(&mut response);
        serde_json::to_value(&response.extensions).expect("JSON")
    };
    assert_eq!(told(Used::default()), json!({}));
    let expected = json!([{"coordinate": "Query.f007", "reason": "r7"}, {"coordinate": "Query.f008", "reason": "r8"}]);
    assert_eq!(told(used(7..9)), json!({"deprecations": expected}));
    let most = &told(used(0..MOST + 9))["deprecations"];
    assert_eq!((most.as_array().map(Vec::len), &most[MOST - 1]["coordinate"]), (Some(MOST), &json!("Query.f049")));
}

/// What is wrong with `Use X. Removed after YYYY-MM-DD.`
fn fault(deprecated: &Deprecated, deprecations: &Deprecations, types: &Types) -> Option<&'static str> {
    let reason = deprecated.reason.strip_prefix("Use ").and_then(|it| it.strip_suffix('.'));
    let Some((instead, day)) = reason.and_then(|it| it.split_once(". Removed after ")) else { return Some("form") };
    let day = day.parse::<NaiveDate>().ok().filter(|it| it.to_string() == day);
    match (exists(types, instead), day) {
        (false, _) => Some("unknown replacement"),
        (true, None) => Some("date"),
        (true, Some(_)) => deprecations.iter().any(|it| it.coordinate == instead).then_some("deprecated replacement"),
    }
}

fn exists(types: &Types, coordinate: &str) -> bool {
    let Some((of, member)) = coordinate.split_once('.') else { return false };
    match (types.kind(of), member.strip_suffix(":)").and_then(|it| it.split_once('('))) {
        (Some(Kind::Object(_) | Kind::Abstract(_)), Some((field, argument))) => {
            types.field(of, field).is_some_and(|it| it.slots.get(argument).is_some())
        }
        (Some(Kind::Object(_) | Kind::Abstract(_)), None) => types.field(of, member).is_some(),
        (Some(Kind::Input { slots, .. }), None) => slots.get(member).is_some(),
        (Some(Kind::Enum(values)), None) => values.contains(member),
        _ => false,
    }
}

#[test]
fn each_deprecation_of_ours_names_its_replacement_and_its_day() {
    let ours = Library::new(&crate::schema::sdl());
    for deprecated in ours.0.iter() {
        assert_eq!(fault(deprecated, &ours.0, &ours.1), None, "{deprecated:?}");
    }
}

#[test]
fn a_reason_of_another_form_is_noticed() {
    let library = Library::new(SCHEMA);
    let fault = |reason: &str| {
        let deprecated = Deprecated { coordinate: "Query.old".to_owned(), reason: reason.to_owned() };
        fault(&deprecated, &library.0, &library.1)
    };
    for good in ["Query.name", "Query.book(by:)", "Size.LARGE", "By.id", "Named.name"] {
        assert_eq!(fault(&format!("Use {good}. Removed after 2027-11-30.")), None);
    }
    for form in ["", "No longer supported", "Use Query.name.", "Removed after 2027-11-30.", "Use Query.name. Removed"] {
        assert_eq!(fault(form), Some("form"), "{form}");
    }
    for unknown in ["name", "Query", "Query.nothing", "Query.book(nothing:)", "Size.TINY", "By.name", "Thing.name"] {
        assert_eq!(fault(&format!("Use {unknown}. Removed after 2027-11-30.")), Some("unknown replacement"));
    }
    for day in ["2027-02-30", "2027-1-1", "next year", "2027-11-30T00:00"] {
        assert_eq!(fault(&format!("Use Query.name. Removed after {day}.")), Some("date"), "{day}");
    }
    assert_eq!(fault("Use Size.HUGE. Removed after 2027-11-30."), Some("deprecated replacement"));
}
