//! Documents that the library takes and the specification does not, and their neighbours that both take.

use async_graphql::parser::parse_query;

use super::*;

const SCHEMA: &str = "
    type Query { dog: Dog animal: Animal any: Any list: [Animal!] }
    type Subscription { one: Dog two: Dog }
    interface Animal { name(short: Boolean): String parent: Animal }
    union Any = Dog | Cat
    type Dog implements Animal { name(short: Boolean): String parent: Animal age: Int barks: Boolean! color: Color }
    type Cat implements Animal { name(short: Boolean): String parent: Animal age: Int! title: String color: Color }
    enum Color { BLACK WHITE }
";

/// The reason, or nothing for a valid document.
fn told(document: &str) -> String {
    let types = Types::read(SCHEMA).expect("a schema");
    let document = parse_query(document).expect("a document");
    let Some(error) = fault(&types, &document) else { return String::new() };
    let reason = error.extensions.as_ref().and_then(|it| it.get("reason").cloned());
    reason.expect("a reason").into_json().unwrap().as_str().unwrap().to_owned()
}

#[test]
fn two_lists_of_one_place_are_one() {
    for document in [
        "{dog{x:age} dog{x:barks}}",
        "{dog{x:age ...F}} fragment F on Dog{x:barks}",
        "{dog{...F ...G}} fragment F on Dog{parent{x:name}} fragment G on Dog{parent{x:name(short:true)}}",
        "{animal{x:name ...on Dog{x:color}}}",
        "{animal{...on Animal{x:name} ...on Dog{x:age}}}",
        "{dog{...{x:age} ...@include(if:true){x:barks}}}",
        "query A{dog{age}} query B{dog{x:age} dog{x:barks}}",
        "{animal{...on Dog{parent{x:name}} ...on Animal{parent{x:__typename}}}}",
    ] {
        assert_eq!(told(document), "field_conflict", "{document}");
    }
    for document in [
        "{dog{x:age} dog{x:age}}",
        "{dog{x:age} other:dog{x:barks}}",
        "{animal{...on Dog{x:name} ...on Cat{x:name(short:true)}}}",
        "{animal{...on Dog{x:name} ...on Cat{x:title}}}",
        "{animal{...on Dog{x:parent{y:name}} ...on Cat{x:parent{y:name(short:true)}}}}",
        "{a:__typename dog{a:__typename} ...F} fragment F on Query{a:__typename}",
    ] {
        assert_eq!(told(document), "", "{document}");
    }
}

#[test]
fn one_place_has_one_shape_whatever_object_is_there() {
    for document in [
        "{animal{...on Dog{x:age} ...on Cat{x:age}}}",
        "{animal{...on Dog{x:color} ...on Cat{x:title}}}",
        "{any{...on Dog{x:parent{y:name}} ...on Cat{x:title}}}",
        "{any{...on Dog{x:parent{...on Dog{y:age}}} ...on Cat{x:parent{...on Cat{y:title}}}}}",
    ] {
        assert_eq!(told(document), "field_conflict", "{document}");
    }
    assert_eq!(told("{any{...on Dog{x:color} ...on Cat{x:color}}}"), "");
    assert_eq!(told("{a:list{...on Dog{x:parent{name}} ...on Cat{x:parent{age:__typename}}}}"), "");
}

#[test]
fn a_subscription_has_one_root_field_whichever_operation_runs() {
    for document in [
        "query A{dog{age}} subscription B{one{age} two{age}}",
        "subscription{...F two{age}} fragment F on Subscription{one{age}}",
        "subscription{one{age} __typename}",
        "subscription{__typename}",
    ] {
        assert_eq!(told(document), "single_root_field", "{document}");
    }
    assert_eq!(told("subscription{one{age} ...F} fragment F on Subscription{one{barks}}"), "");
}

#[test]
fn the_name_of_a_type_takes_nothing() {
    assert_eq!(told("{__typename(a:1)}"), "unknown_argument");
    assert_eq!(told("{dog{...F}} fragment F on Dog{__typename{name}}"), "selection");
    assert_eq!(told("{dog{__typename}}"), "");
}
