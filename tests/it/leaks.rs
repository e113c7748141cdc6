//! Names nearly right: where the schema is not told, no answer completes one. What else no answer may say is looked at in
//! every answer of every test (`tests::leak`).

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Value, json};
use tests::schema::{Argument, Kind, Schema};
use tests::{Answer, Backend, TestApp, run, shared};

/// A name with one letter too many, which every measure of likeness finds near.
fn near(name: &str) -> String {
    format!("{name}s")
}

/// What an error says of the document, besides our own sentence, code and reason.
fn said(answer: &Answer) -> String {
    let parts = ["detail", "field", "expected", "found", "part", "value"];
    let of = |error: &Value| parts.map(|part| error["extensions"][part].to_string()).join(" ");
    answer.errors().iter().map(of).collect::<Vec<_>>().join(" ")
}

/// Refused, and none of the names near those that were written is told.
fn tells_nothing(answer: &Answer, asked: &[String], names: &BTreeSet<String>, document: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{document}: {}", answer.text);
    let said = said(answer);
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').map(str::to_owned).collect()
    };
    let (words, written) = (words(&said), words(document));
    // Two fields have names that are words of the library's sentences; `names` is what comes of `name`.
    let is_word = |name: &String| ["field", "type"].contains(&name.as_str()) || written.contains(name);
    let told = asked.iter().find(|name| names.contains(*name) && words.contains(*name) && !is_word(name));
    assert!(told.is_none(), "{document}: {told:?} is told: {}", answer.text);
}

#[test]
fn a_name_nearly_right_is_not_completed() {
    run(async {
        let schema = Schema::of(shared(Backend::Sqlite).await).await;
        let app = TestApp::with(Backend::Sqlite, |config| config.graphql.introspection = false).await;
        let arguments = |of: &[Argument]| of.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        let mut asked = 0;
        for (name, of) in &schema.0 {
            // Eight errors are told of one document.
            let fields: Vec<String> = of.fields.iter().map(|field| field.name.clone()).collect();
            for some in fields.chunks(8) {
                let names: BTreeSet<String> = some.iter().cloned().collect();
                let written: String = some.iter().map(|name| format!("{} ", near(name))).collect();
                let document = format!("{{ ...F }} fragment F on {name} {{ {written} }}");
                let answer = app.anonymous().query(&document, json!({})).await;
                tells_nothing(&answer, some, &names, &document);
                asked += some.len();
            }
            for field in of.fields.iter().filter(|field| !field.args.is_empty()) {
                let names = arguments(&field.args);
                for argument in &names {
                    let document =
                        format!("{{ ...F }} fragment F on {name} {{ {}({}: 1) }}", field.name, near(argument));
                    let answer = app.anonymous().query(&document, json!({})).await;
                    let required =
                        field.args.iter().filter(|it| it.of.kind == Kind::NonNull && it.default_value.is_none());
                    // That an argument lacks is told by name: without it nobody could ask.
                    let told: BTreeSet<&str> = required.map(|it| it.name.as_str()).collect();
                    let hidden = names.iter().filter(|it| !told.contains(it.as_str())).cloned().collect();
                    tells_nothing(&answer, std::slice::from_ref(argument), &hidden, &document);
                    asked += 1;
                }
            }
            let values: Vec<String> = of.enum_values.iter().map(|value| value.name.clone()).collect();
            let inputs = arguments(&of.input_fields);
            for (some, default) in values
                .iter()
                .map(|it| (it, near(it)))
                .chain(inputs.iter().map(|it| (it, format!("{{{}: 1}}", near(it)))))
            {
                let document = format!("query($a: {name} = {default}) {{ me {{ id }} }}");
                let answer = app.anonymous().query(&document, json!({})).await;
                let required = of.input_fields.iter().any(|it| it.name == *some && it.of.kind == Kind::NonNull);
                let hidden = [some.clone()].into_iter().filter(|_| !required).collect();
                tells_nothing(&answer, std::slice::from_ref(some), &hidden, &document);
                asked += 1;
            }
            let document = format!("{{ node(id: \"x\") {{ ... on {} {{ id }} }} }}", near(name));
            tells_nothing(
                &app.anonymous().query(&document, json!({})).await,
                std::slice::from_ref(name),
                &[name.clone()].into(),
                &document,
            );
        }
        assert!(asked > 800, "{asked} names");
    });
}

#[test]
fn introspection_that_is_off_tells_nothing() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.graphql.introspection = false).await;
        for document in ["{ __schema { types { name } } }", "{ __type(name: \"Query\") { name fields { name } } }"] {
            let answer = app.as_role("demo-ministry").query(document, json!({})).await;
            assert!(!answer.text.contains("enterprises") && !answer.text.contains("Query\""), "{}", answer.text);
        }
    });
}
