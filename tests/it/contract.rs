//! The schema as a contract: the file that is checked in, descriptions, and what standard tools ask for.

use tests::schema::{INTROSPECTION, Kind, Schema};
use tests::{Backend, run, shared};

#[test]
fn schema_graphql_is_what_the_program_serves() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let file = std::fs::read_to_string(path).expect("schema.graphql; write it with: cargo run -- schema");
    let served = api::schema::sdl();
    let differs = file.lines().zip(served.lines()).enumerate().find(|(_, (file, served))| file != served);
    if let Some((line, (file, served))) = differs {
        panic!("schema.graphql is stale at line {}:\nfile:    {file}\nprogram: {served}", line + 1);
    }
    assert_eq!(file.trim_end().lines().count(), served.trim_end().lines().count(), "one is longer");
}

#[test]
fn the_standard_introspection_query_is_answered() {
    run(async {
        let answer = shared(Backend::Sqlite).await.anonymous().ask(INTROSPECTION).await;
        assert_eq!(answer.data("__schema.queryType.name"), "Query");
        assert!(answer.list("__schema.types").len() > 40);
    });
}

/// `Type.field`, `Type.field(argument)` and so on, of everything a client can name.
fn undescribed(schema: &Schema) -> Vec<String> {
    let mut missing = Vec::new();
    let mut look = |what: String, description: &Option<String>| {
        if description.as_ref().is_none_or(|text| text.trim().len() < 5) {
            missing.push(what);
        }
    };
    for (name, of) in &schema.0 {
        look(name.clone(), &of.description);
        for field in &of.fields {
            look(format!("{name}.{}", field.name), &field.description);
            for argument in &field.args {
                look(format!("{name}.{}({})", field.name, argument.name), &argument.description);
            }
        }
        of.input_fields.iter().for_each(|field| look(format!("{name}.{}", field.name), &field.description));
        of.enum_values.iter().for_each(|value| look(format!("{name}.{}", value.name), &value.description));
    }
    missing
}

#[test]
fn everything_is_described() {
    run(async {
        let schema = Schema::of(shared(Backend::Sqlite).await).await;
        // Those of the language, which cannot be described from outside.
        let own = |what: &String| !["Boolean", "Int", "String", "Float", "ID"].contains(&&**what);
        let missing: Vec<String> = undescribed(&schema).into_iter().filter(own).collect();
        assert!(missing.is_empty(), "without description: {missing:#?}");
    });
}

#[test]
fn lists_are_paged_by_the_same_four_arguments() {
    run(async {
        let schema = Schema::of(shared(Backend::Sqlite).await).await;
        for of in schema.0.values().filter(|of| of.kind == Kind::Object) {
            for field in of.fields.iter().filter(|field| field.of.inner().ends_with("Connection")) {
                let names: Vec<&str> = field.args.iter().map(|argument| &*argument.name).collect();
                let paged = ["first", "after", "last", "before"].iter().all(|name| names.contains(name));
                assert!(paged, "{}.{}: {names:?}", of.name, field.name);
            }
        }
    });
}

#[test]
fn every_mutation_takes_one_input_and_gives_user_errors() {
    run(async {
        let schema = Schema::of(shared(Backend::Sqlite).await).await;
        for field in &schema.get("Mutation").fields {
            let names: Vec<&str> = field.args.iter().map(|argument| &*argument.name).collect();
            assert_eq!(names, ["input"], "{}", field.name);
            let payload = schema.get(field.of.inner());
            let errors = payload.fields.iter().find(|field| field.name == "userErrors").expect(&payload.name);
            let error: Vec<&str> = schema.get(errors.of.inner()).fields.iter().map(|field| &*field.name).collect();
            assert_eq!(error[..3], ["code", "field", "message"], "{}", payload.name);
            assert!(field.permission().is_some(), "{} does not say what it requires", field.name);
        }
    });
}
