//! The README shows documents with the role that asks and the answer that comes; each of them is executed here.
//!
//! A fence "```graphql role=demo-inspector" holds a document ("role=anonymous" for nobody), and the next fence
//! "```json" holds what the answer must contain: every key and value that is shown, lists in their order.

use api::demo::DemoSize;
use serde_json::{Value, json};
use tests::{Backend, TestApp, run};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");

/// One step of the walkthrough.
#[derive(Debug, PartialEq)]
struct Step {
    role: String,
    document: String,
    expected: Value,
}

/// Fences in order: the text after the three back-ticks, and the lines inside.
fn fences(text: &str) -> Vec<(String, String)> {
    let mut fences = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some((info.trim().to_owned(), String::new())),
            (Some(_), Some(done)) => fences.push(done),
            (None, Some((info, body))) => open = Some((info, format!("{body}{line}\n"))),
            (None, None) => {}
        }
    }
    fences
}

fn steps(text: &str) -> Vec<Step> {
    let fences = fences(text);
    let mut steps = Vec::new();
    for (index, (info, document)) in fences.iter().enumerate() {
        let Some(role) = info.strip_prefix("graphql role=") else { continue };
        let answer = fences.get(index + 1).filter(|(info, _)| info == "json");
        let (_, expected) = answer.unwrap_or_else(|| panic!("no ```json fence follows this document:\n{document}"));
        let expected = serde_json::from_str(expected).unwrap_or_else(|error| panic!("{error} in:\n{expected}"));
        steps.push(Step { role: role.to_owned(), document: document.clone(), expected });
    }
    steps
}

/// Whether everything that is expected is there. Lists must agree item by item.
fn contains(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| found.get(key).is_some_and(|found| contains(found, value)))
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(found, value)| contains(found, value))
        }
        _ => found == expected,
    }
}

#[test]
fn a_step_is_a_document_with_its_role_and_the_answer_after_it() {
    let text =
        "x\n```sh\nls\n```\n```graphql role=demo-ministry\n{ a }\n```\ntext\n```json\n{\"data\": {\"a\": 1}}\n```\n";
    let expected = json!({"data": {"a": 1}});
    assert_eq!(steps(text), [Step { role: "demo-ministry".into(), document: "{ a }\n".into(), expected }]);
}

#[test]
fn an_answer_may_hold_more_but_not_less() {
    let found = json!({"a": [{"b": 1, "c": 2}], "d": null});
    assert!(contains(&found, &json!({"a": [{"b": 1}]})));
    for less in [json!({"a": []}), json!({"a": [{"b": 2}]}), json!({"e": null}), json!({"a": [{"b": 1}, {}]})] {
        assert!(!contains(&found, &less), "{less}");
    }
}

#[test]
fn the_walkthrough_of_the_readme_works_as_it_is_written() {
    let text = std::fs::read_to_string(README).expect("README.md");
    let steps = steps(&text);
    assert!(!steps.is_empty(), "README.md shows no document: a fence ```graphql role=… and a fence ```json after it");
    run(async {
        // Whenever a newcomer starts the demo, and however large: the answers are the same.
        for (now, enterprises) in [
            ("2026-03-16T07:00:00Z", 200),
            ("2026-12-30T20:00:00Z", 60),
            // After the last year whose minimum wage is known.
            ("2027-01-01T05:00:00Z", 60),
            ("2029-06-30T05:00:00Z", 60),
        ] {
            let size = DemoSize { enterprises, workplaces: 10 * enterprises };
            let app = TestApp::demo(Backend::Sqlite, now.parse().unwrap(), size).await;
            for step in &steps {
                let user = if step.role == "anonymous" { app.anonymous() } else { app.as_role(&step.role) };
                let answer = user.query(&step.document, json!({})).await;
                let agrees = contains(&answer.json, &step.expected);
                assert!(agrees, "{now} as {}:\n{}\nanswered:\n{:#}", step.role, step.document, answer.json);
            }
        }
    });
}
