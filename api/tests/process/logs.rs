//! The log holds no personal data: neither names nor identification numbers nor tokens, whatever requests carry.

use domain::ids::Bin;
use serde_json::{Value, json};

use crate::child::{Home, Server, post};

const NAME: &str = "Қасымжанова-Тест";
const LATIN_NAME: &str = "Ivanov-Secret";
const IIN: &str = "870412300123";

/// Of no organisation of the demo.
fn bin() -> String {
    Bin::with_checksum("19015300001").or_else(|| Bin::with_checksum("19025300001")).unwrap().to_string()
}

/// An idempotency key that says too much.
const KEY: &str = "Qyzylorda-7f3a";
const CREATE: &str = "mutation($input: EnterpriseCreateInput!) {
    enterpriseCreate(input: $input) { enterprise { id } userErrors { code field message } } }";

/// Requests that succeed, that are refused at every stage, and that break off.
fn everything_one_can_say(server: &Server, ministry: &str, bin: &str) -> Vec<Value> {
    let enterprise = |key: &str| {
        json!({"idempotencyKey": key, "bin": bin, "nameRu": NAME, "nameKk": LATIN_NAME, "kato": "350000000",
            "oked": "412", "headcount": 1})
    };
    let wrong = json!({"idempotencyKey": NAME, "bin": IIN, "nameRu": NAME, "kato": IIN, "oked": NAME, "headcount": 1});
    let token = Some(ministry);
    let mut answers = vec![
        server.ask(token, "{ me { displayName } }", json!({})),
        server.ask(token, CREATE, json!({ "input": enterprise(KEY) })),
        server.ask(token, CREATE, json!({ "input": enterprise("another-key") })),
        server.ask(token, CREATE, json!({ "input": wrong })),
        server.ask(token, "query($b: Bin!) { enterprise(by: {bin: $b}) { name } }", json!({ "b": bin })),
        server.ask(token, "query($b: Bin!) { enterprise(by: {bin: $b}) { name } }", json!({ "b": IIN })),
        server.ask(token, "query($b: Int!) { enterprises(first: $b) { totalCount } }", json!({ "b": IIN })),
        server.ask(
            token,
            &format!("{{ enterprises(first: 1, filter: {{search: \"{NAME}\"}}) {{ totalCount }} }}"),
            json!({}),
        ),
        server.ask(token, &format!("{{ enterprise(by: {{bin: \"{IIN}\"}}) {{ {IIN} }} }}"), json!({})),
        server.ask(token, &format!("{{ nothing(name: \"{NAME}\", iin: \"{IIN}\") }}"), json!({})),
        server.ask(token, &format!("{{ enterprises(after: \"{IIN}\") {{ totalCount }} }}"), json!({})),
        server.ask(token, &format!("{{ {} }}", format!("a(x: \"{NAME}\") ").repeat(40)), json!({})),
    ];
    for head in [
        format!("{}\r\nx-osh-membership: {IIN}", post(token)),
        format!("{}\r\nx-request-id: {LATIN_NAME} {IIN}", post(token)),
        post(Some(&format!("{ministry}x"))),
        format!("POST /graphql HTTP/1.1\r\ncontent-type: text/plain; name={IIN}\r\nauthorization: Bearer {ministry}"),
        format!(
            "GET /graphql?query=%7Benterprise(by:%7Bbin:%22{IIN}%22%7D)%7Bname%7D%7D HTTP/1.1\r\nauthorization: Bearer {ministry}"
        ),
        format!("GET /{IIN}/{LATIN_NAME} HTTP/1.1"),
        format!("DELETE /graphql?name={LATIN_NAME} HTTP/1.1\r\ncookie: token={ministry}"),
    ] {
        let (_, body) = server.send(&head, "{\"query\":\"{ me { displayName } }\"}");
        answers.push(serde_json::from_str(&body).unwrap_or_default());
    }
    server.send(&post(token), &format!("{{\"query\": \"{NAME} {IIN}"));
    answers
}

fn scan(level: &str, format: &str) {
    let home = Home::new();
    let server = home.start(&[("OSH_TELEMETRY_LOG", level), ("OSH_TELEMETRY_LOG_FORMAT", format)]);
    let token = server.token("ministry");
    let bin = bin();
    let answers = everything_one_can_say(&server, &token, &bin);
    let name = answers[0]["data"]["me"]["displayName"].as_str().expect("the person has a name");
    assert!(answers[1]["data"]["enterpriseCreate"]["enterprise"]["id"].is_string(), "{:#}", answers[1]);
    let log = server.logged.text();
    let (_, signature) = token.rsplit_once('.').unwrap();
    for secret in [NAME, LATIN_NAME, IIN, KEY, &bin, name, &token, signature, &token[..40]] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log at {level}");
    }
    assert!(level == "info" || log.contains("answered"), "the log was not looked at:\n{log}");
}

#[test]
fn the_log_of_an_operator_holds_no_personal_data() {
    scan("info", "json");
}

#[test]
fn not_even_the_log_of_who_looks_for_a_fault() {
    scan("debug", "text");
}
