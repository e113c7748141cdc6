//! The first five minutes: what the server prints works, and a second start finds the data of the first.

use domain::roles::Role;
use serde_json::{Value, json};

use crate::child::{Home, Server};

const ALL: &str = "{ enterprises(first: 100) { totalCount nodes { id } } }";

/// The queries of the greeting, each with the role whose token it needs.
fn queries(said: &str) -> Vec<(String, String)> {
    let lines = said.lines().skip_while(|line| !line.starts_with("Three queries")).skip(1);
    let lines = lines.take_while(|line| !line.is_empty()).map(|line| line.trim().split_once(' ').unwrap());
    lines.map(|(role, query)| (role.to_owned(), query.trim().to_owned())).collect()
}

/// Whether there is something in every list of an answer.
fn is_full(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_full),
        Value::Object(fields) => fields.values().all(is_full),
        _ => true,
    }
}

fn everything(server: &Server) -> Value {
    let answer = server.ask(Some(&server.token("ministry")), ALL, json!({}));
    assert!(answer["data"]["enterprises"]["totalCount"].as_u64().unwrap() >= 30, "{answer}");
    // Not what it cost: what is left of the budget depends on the moment.
    answer["data"].clone()
}

#[test]
fn the_first_start_makes_the_demo_and_prints_what_one_needs_and_the_second_changes_nothing() {
    let home = Home::new();
    let mut server = home.start(&[]);
    let said = server.said.text();
    for text in ["Demo data: ", "/graphql\n", "GraphiQL  http://127.0.0.1:", "DEMO: this server issues its own tokens"]
    {
        assert!(said.contains(text), "no {text} in:\n{said}");
    }
    let (status, page) = server.send("GET /graphiql HTTP/1.1", "");
    assert!(status == 200 && page.contains("<html"), "{status} {page}");
    for role in Role::ALL.iter().filter(|role| **role != Role::Anonymous) {
        let me = server.ask(Some(&server.token(role.as_str())), "{ me { role } }", json!({}));
        assert_eq!(me["data"]["me"]["role"], role.as_str().to_uppercase(), "{me}");
    }
    let queries = queries(&said);
    assert_eq!(queries.len(), 3, "{said}");
    for (role, query) in queries {
        let token = (role != "anyone").then(|| server.token(&role));
        let answer = server.ask(token.as_deref(), &query, json!({}));
        assert!(answer.get("errors").is_none() && is_full(&answer["data"]), "{role}: {query}\n{answer:#}");
    }
    let (first, token) = (everything(&server), server.token("ministry"));
    server.terminate();
    assert_eq!(server.ended(), Some(0));

    let again = home.start(&[]);
    assert!(!again.said.text().contains("Demo data: "), "{}", again.said.text());
    assert_eq!(everything(&again), first);
    assert_eq!(
        again.ask(Some(&token), ALL, json!({}))["data"],
        first,
        "a token of the first start is of no use any more"
    );
}
