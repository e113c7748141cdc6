//! Documents made to hurt, as whole HTTP requests.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::Context;
use serde_json::{Value, json};

/// Longest address a document is also sent in.
const ADDRESS_BYTES: usize = 12_000;

/// One way to hurt, and the requests that try it.
pub struct Family {
    /// Name in the table.
    pub name: &'static str,
    /// Whole requests, head and body.
    pub requests: Vec<Vec<u8>>,
}

/// All families.
pub fn all() -> anyhow::Result<Vec<Family>> {
    let documents: Vec<(&'static str, Vec<(String, Value)>)> = vec![
        ("brackets of every kind, 2,000 deep", plain(nested())),
        ("fragments that double, chains, cycles", plain(fragments())),
        ("aliases, fields, operations", plain(floods())),
        ("directives", plain(vec![format!("{{__typename {}}}", "@skip(if:false)".repeat(4_000))])),
        ("long names, strings, numbers, comments", plain(long())),
        ("block strings, broken and whole", plain(blocks())),
        ("variables that multiply", variables()),
        ("introspection that multiplies", plain(introspection())),
        ("pages beyond every number", plain(pages())),
        ("values that do not fit, by the thousand", plain(misfits())),
        ("fields in conflict", plain(conflicts())),
        ("subscriptions that cannot begin", plain(subscriptions())),
    ];
    let sent = |(name, documents): (&'static str, Vec<(String, Value)>)| Family {
        name,
        requests: documents.iter().flat_map(|(document, variables)| every_way(document, variables)).collect(),
    };
    let mut families: Vec<Family> = documents.into_iter().map(sent).collect();
    families.push(Family { name: "bodies of 256 KiB and more, gzip, not UTF-8, not JSON", requests: bodies()? });
    Ok(families)
}

fn plain(documents: Vec<String>) -> Vec<(String, Value)> {
    documents.into_iter().map(|document| (document, json!({}))).collect()
}

/// By POST, as an event stream, and by GET if an address can hold it.
fn every_way(document: &str, variables: &Value) -> Vec<Vec<u8>> {
    let body = json!({"query": document, "variables": variables}).to_string();
    let json = "accept: application/graphql-response+json\r\ncontent-type: application/json\r\n";
    let stream = "accept: text/event-stream\r\ncontent-type: application/json\r\n";
    let mut ways = vec![post(json, body.as_bytes()), post(stream, body.as_bytes())];
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let address = format!("/graphql?query={}&variables={}", escape(document), escape(&variables.to_string()));
    if address.len() <= ADDRESS_BYTES {
        ways.push(format!("GET {address} HTTP/1.1\r\nhost: bench\r\n\r\n").into_bytes());
    }
    ways
}

/// A request with these headers.
pub fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("POST /graphql HTTP/1.1\r\nhost: bench\r\n{headers}content-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn subscriptions() -> Vec<String> {
    let field = "enterpriseLevelChanged";
    let many = |text: &str, times: usize| (0..times).map(|n| text.replace('#', &n.to_string())).collect::<String>();
    vec![
        format!("subscription{{{field}{{{}}}}}", many("x# ", 7_000)),
        format!("subscription{{{}}}", many(&format!("a#:{field}{{cursor}} "), 25)),
        format!("subscription($a:[ID!]){{{field}(after:$a){{cursor}}}} # {}", many("x", 60_000)),
    ]
}

fn nested() -> Vec<String> {
    let closed =
        |open: &str, inside: &str, close: &str| format!("{}{inside}{}", open.repeat(2_000), close.repeat(2_000));
    vec![
        format!("{{enterprises(first:{})}}", closed("[", "1", "]")),
        format!("{{enterprises(filter:{})}}", closed("{a:", "1", "}")),
        format!("query($v:{}){{me{{id}}}}", closed("[", "Int", "]")),
        format!("query($v:Int={}){{me{{id}}}}", closed("[", "1", "]")),
        closed("{me", "", "}"),
        format!("{{me {}", "(".repeat(2_000)),
        format!("{{me{}", "...{".repeat(2_000)),
    ]
}

fn fragments() -> Vec<String> {
    let chain = |count: usize, each: &str| {
        let one =
            |n: usize| format!("fragment F{n} on Query{{{}}}", each.replace('?', &format!("F{}", n.saturating_sub(1))));
        (1..=count).map(one).collect::<String>()
    };
    vec![
        format!("{{...F30}}fragment F0 on Query{{__typename}}{}", chain(30, "...? ...?")),
        format!("{{...F600}}fragment F0 on Query{{__typename}}{}", chain(600, "...? ...?")),
        format!("{{...F900}}fragment F0 on Query{{__typename}}{}", chain(900, "...?")),
        "{...A}fragment A on Query{...B}fragment B on Query{...A}".to_owned(),
        format!("{{me{{id}}}}{}fragment F0 on Query{{...F500}}", chain(500, "me{id ...?}")),
    ]
}

fn floods() -> Vec<String> {
    let numbered = |count: usize, text: &str| (0..count).map(|n| text.replace('?', &n.to_string())).collect::<String>();
    vec![
        format!("{{{}}}", numbered(200, "a?:__typename ")),
        format!("{{{}}}", numbered(20_000, "a?:__typename ")),
        format!("{{{}}}", "__typename ".repeat(5_900)),
        format!("{{me{{{}}}}}", numbered(3_900, "x? ")),
        numbered(900, "query Q?{me{id}}"),
        format!("{}fragment F on Query{{{}}}", numbered(30, "query Q?($a:ID){...F}"), "node(id:$b){id}".repeat(300)),
    ]
}

fn long() -> Vec<String> {
    vec![
        format!("{{{}}}", "n".repeat(60_000)),
        format!("{{node(id:\"{}\"){{x}}}}", "s".repeat(60_000)),
        format!("{{enterprises(first:{}){{x}}}}", "9".repeat(60_000)),
        format!("{{enterprises(first:1e{}){{x}}}}", "9".repeat(60_000)),
        format!("{{me{{id x}}}} # {}", "c".repeat(60_000)),
        format!("{{node(id:\"{}\"){{x}}}}", "\\u0041".repeat(9_000)),
        ",".repeat(60_000) + "{x}",
    ]
}

fn blocks() -> Vec<String> {
    vec![
        format!("{{node(id:\"\"\"{}\"\"\"){{x}}}}", "line\n  ".repeat(8_000)),
        format!("{{node(id:[\"\"\"abc\" {}", "[".repeat(2_000)),
        format!("{{node(id:\"\"\"{}", "\\\"\"\"".repeat(9_000)),
        format!("{{node(id:\"\"\"{}\"){{x}}}}", "\"\" ".repeat(9_000)),
    ]
}

fn variables() -> Vec<(String, Value)> {
    let uses = "$v ".repeat(900);
    let definitions: String = (0..900).map(|n| format!("$v{n}:Int ")).collect();
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    vec![
        (format!("query($v:[ID!]!){{nodes(ids:[{uses}]){{id}}}}"), json!({"v": vec!["x"; 20_000]})),
        (format!("query({definitions}){{me{{id}}}}"), json!({})),
        ("query($v:[Int!]){workplaces(filter:{degrees:$v}){totalCount}}".to_owned(), json!({"v": vec!["x"; 30_000]})),
        (
            "query($v:Int){enterprises(first:$v){totalCount}}".to_owned(),
            serde_json::from_str(&format!("{{\"v\":{deep}}}")).unwrap_or_default(),
        ),
    ]
}

fn introspection() -> Vec<String> {
    let inside = |open: &str, levels: usize| format!("{}name{}", open.repeat(levels), "}}".repeat(levels));
    let inner = |levels| inside("fields{type{", levels);
    vec![
        format!("{{__schema{{types{{{}}}}}}}", inner(5)),
        format!("{{__type(name:\"Query\"){{{}}}}}", inner(12)),
        format!("{{__schema{{types{{{}}}}}}}", inside("possibleTypes{interfaces{", 10)),
    ]
}

fn pages() -> Vec<String> {
    let sizes = ["2147483647", "4611686018427387904", "99999999999999999999", "-4611686018427387904"];
    sizes
        .map(|size| format!("{{enterprises(first:{size}){{nodes{{workplaces(first:{size}){{nodes{{id}}}}}}}}}}"))
        .into()
}

fn misfits() -> Vec<String> {
    vec![
        format!("{{workplaces(filter:{{degrees:[{}]}}){{totalCount}}}}", "\"x\" ".repeat(7_000)),
        format!(
            "{{enterprises(filter:{{{}}}){{totalCount}}}}",
            (0..2_000).map(|n| format!("x{n}:1 ")).collect::<String>()
        ),
        format!("{{enterprises({}){{totalCount}}}}", (0..2_000).map(|n| format!("x{n}:1 ")).collect::<String>()),
    ]
}

fn conflicts() -> Vec<String> {
    let arguments: String = (0..1_000).map(|n| format!("x{n}:1 ")).collect();
    vec![
        format!("{{me{{a({arguments}) {}}}}}", "a ".repeat(3_000)),
        format!("{{{}}}", "enterprises{nodes{x:name}} ".repeat(29) + "enterprises{nodes{x:bin}}"),
        format!("{{node(id:\"x\"){{{}}}}}", "...on Enterprise{x:name}...on Workplace{x:workers}".repeat(400)),
    ]
}

fn bodies() -> anyhow::Result<Vec<Vec<u8>>> {
    let json = "content-type: application/json\r\n";
    let padded = |bytes: usize| json!({"query": format!("{{me{{id}}}}{}", " ".repeat(bytes))}).to_string().into_bytes();
    let bomb = gzip(&padded(20 << 20))?;
    Ok(vec![
        post(json, &padded(262_000)),
        post(json, &padded(300_000)),
        post(json, &"[".repeat(200_000).into_bytes()),
        post(json, &"{\"query\":".repeat(20_000).into_bytes()),
        post(json, &[b'{', 0xff, 0xfe, b'}']),
        post(json, b"{\"query\":\"{me{id}\xc3\x28}\"}"),
        post(json, br#"[{"query":"{me{id}}"}]"#),
        post(&format!("content-encoding: gzip\r\n{json}"), &bomb),
        post("content-type: text/plain\r\n", br#"{"query":"{me{id}}"}"#),
    ])
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut child = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (mut input, bytes) = (child.stdin.take().context("gzip takes nothing")?, bytes.to_vec());
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("gzip could not be fed"))??;
    Ok(output.stdout)
}
