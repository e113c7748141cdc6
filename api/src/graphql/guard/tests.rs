//! Hostile documents, and ordinary ones that must pass.

use super::*;

fn check(source: &str, name: Option<&str>, variables: &Variables, limits: &Limits) -> Result<Checked, Refusal> {
    Document::read(source, limits)?.check(name, variables, limits)
}

fn checked(source: &str) -> Result<Checked, Refusal> {
    check(source, None, &Variables::default(), &Limits::default())
}

fn with(source: &str, variables: serde_json::Value) -> Result<Checked, Refusal> {
    check(source, None, &Variables::from_json(variables), &Limits::default())
}

/// Name of the limit, or the reason of an invalid document.
fn refused(source: &str) -> &'static str {
    let refusal = checked(source).unwrap_err();
    assert!(serde_json::to_vec(&async_graphql::ServerError::from(refusal.clone())).unwrap().len() < 1024);
    refusal.limit.map_or(refusal.reason, |limit| limit.name)
}

fn cost(source: &str) -> u64 {
    unlimited(source, serde_json::json!({})).requested
}

/// Costs with bounds too wide to refuse.
fn unlimited(source: &str, variables: serde_json::Value) -> Cost {
    let limits = Limits { cost: u64::MAX, introspection: u64::MAX, expanded_fields: u64::MAX, ..Limits::default() };
    check(source, None, &Variables::from_json(variables), &limits).unwrap().cost
}

/// `getIntrospectionQuery()` of graphql-js 16 with every option on.
const STANDARD_INTROSPECTION: &str = "
    query IntrospectionQuery {
      __schema {
        description
        queryType { name kind }
        mutationType { name kind }
        subscriptionType { name kind }
        types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) {
        name description
        args(includeDeprecated: true) { ...InputValue }
        type { ...TypeRef }
        isDeprecated deprecationReason
      }
      inputFields(includeDeprecated: true) { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue {
      name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
    }
    fragment TypeRef on __Type {
      kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
      } } } } } } } } }
    }";

#[test]
fn the_standard_introspection_query_passes() {
    let checked = checked(STANDARD_INTROSPECTION).unwrap();
    assert_eq!(checked.operation_name.as_deref(), Some("IntrospectionQuery"));
    // One for the field, and one for each thousand values of the description.
    assert_eq!((checked.cost.requested, checked.cost.work, checked.cost.depth), (593, 592, 1));
    let limit = Limits::default().introspection;
    assert!((limit / 8..limit / 2).contains(&checked.cost.introspection), "{}", checked.cost.introspection);
}

#[test]
fn introspection_that_multiplies_is_refused() {
    let inner = "fields{type{".repeat(5) + "name" + "}}".repeat(5).as_str();
    assert_eq!(refused(&format!("{{__schema{{types{{{inner}}}}}}}")), "introspection");
}

#[test]
fn nested_literals_never_reach_the_parser() {
    for open in ["[", "{", "("] {
        let depth = open.repeat(2_000);
        assert_eq!(refused(&format!("{{a(b:{depth}")), "nesting");
        assert_eq!(refused(&format!("query($v:I={depth}")), "nesting");
    }
    assert_eq!(refused(&("{a".repeat(2_000) + "}".repeat(2_000).as_str())), "nesting");
    assert_eq!(refused(&format!("query($v:{}Int{}){{a}}", "[".repeat(2_000), "]".repeat(2_000))), "nesting");
}

fn fan_out(fragments: usize) -> String {
    let chain = (1..fragments).map(|n| format!("fragment F{n} on Q{{...F{0} ...F{0}}}", n - 1)).collect::<String>();
    format!("{{...F{}}}fragment F0 on Q{{a}}{chain}", fragments - 1)
}

#[test]
fn fragment_fan_out_is_counted_without_being_expanded() {
    let source = fan_out(29);
    assert!(source.len() < 1_100);
    assert_eq!(refused(&source), "expanded_fields");
    // The work done is the length of the document: two spreads a fragment, not two to the power of their number.
    let document = parse_query(&source).unwrap();
    let (limits, given) = (Limits::default(), Variables::default());
    let operation = document.operations.iter().next().unwrap().1;
    let environment = Environment { limits: &limits, given: &given, operation: &operation.node };
    let measure = Measure::of_fragments(&document, environment).unwrap();
    assert_eq!(measure.visited, 2 * 28 + 1);
    assert!(measure.fragments().any(|sums| sums.expanded > 1 << 28));
}

#[test]
fn a_saturating_fan_out_is_refused() {
    assert_eq!(refused(&fan_out(600)), "expanded_fields");
}

#[test]
fn a_long_chain_of_fragments_is_too_deep_for_the_library() {
    let chain = (1..40).map(|n| format!("fragment F{n} on Q{{...F{}}}", n - 1)).collect::<String>();
    assert_eq!(refused(&format!("{{...F39}}fragment F0 on Q{{a}}{chain}")), "expanded_nesting");
    assert_eq!(refused(&format!("{{a}}fragment F0 on Q{{a}}{chain}")), "expanded_nesting");
}

#[test]
fn cycles_are_refused_also_where_nothing_spreads_them() {
    for source in [
        "{...A}fragment A on Q{...A}",
        "{...A}fragment A on Q{b{...B}}fragment B on Q{...on Q{...A}}",
        "{a}fragment A on Q{...B}fragment B on Q{...C}fragment C on Q{...A}",
    ] {
        assert_eq!(refused(source), "fragment_cycle", "{source}");
    }
}

#[test]
fn diamonds_are_no_cycles_and_unknown_fragments_are_left_to_validation() {
    checked("{...A ...B}fragment A on Q{...C}fragment B on Q{...A ...C}fragment C on Q{c}").unwrap();
    checked("{...Nowhere}").unwrap();
}

#[test]
fn many_fields_and_many_aliases_are_refused() {
    let aliases = |count: usize| (0..count).map(|n| format!("a{n}:__typename ")).collect::<String>();
    assert_eq!(refused(&format!("{{{}}}", aliases(20_000))), "document_bytes");
    assert_eq!(refused(&format!("{{{}}}", "a:b ".repeat(4_000))), "tokens");
    assert_eq!(refused(&format!("{{x{{{}}}}}", aliases(200))), "aliases");
    assert_eq!(refused(&format!("{{{}}}", aliases(31))), "root_fields");
    assert_eq!(refused(&format!("{{...F}}fragment F on Q{{{}}}", aliases(31))), "root_fields");
    assert_eq!(refused(&format!("{{{}}}", "a ".repeat(7_000))), "root_fields");
    checked(&format!("{{x{{{}}}}}", aliases(60))).unwrap();
}

#[test]
fn depth_counts_fields_and_not_fragments() {
    let nested = |levels: usize| "{a".repeat(levels) + "}".repeat(levels).as_str();
    assert_eq!(checked(&nested(15)).unwrap().cost.depth, 15);
    assert_eq!(refused(&nested(16)), "depth");
    assert_eq!(checked("{...on Q{...on Q{a{...F}}}}fragment F on A{b}").unwrap().cost.depth, 2);
}

#[test]
fn conflicting_fields_are_refused_at_the_first() {
    // The library would write 1,000 × 3,000 errors for this one.
    let arguments = (0..1_000).map(|n| format!("x{n}:1 ")).collect::<String>();
    assert_eq!(refused(&format!("{{x{{a({arguments}) {}}}}}", "a ".repeat(3_000))), "field_conflict");
    for source in
        ["{a(b:1)a(b:2)}", "{a:b a:c}", "{a{...on T{b(c:1)...F}}}fragment F on T{b}", "{x{a}}fragment F on T{a a(b:1)}"]
    {
        assert_eq!(refused(source), "field_conflict", "{source}");
    }
    for source in ["{a(b:$v c:1)a(c:1 b:$v)}", "{a{...on S{b(c:1)}...on T{b}}}", "{a{b}a{b}}"] {
        assert!(checked(source).is_ok(), "{source}");
    }
}

#[test]
fn a_large_variable_used_often_is_refused() {
    let list = serde_json::json!({ "v": vec![0; 10_000] });
    let document = |uses: usize| format!("query($v:[Int]){{a(b:[{}])}}", "$v ".repeat(uses));
    assert!(with(&document(5), list.clone()).is_ok());
    assert_eq!(with(&document(20), list).unwrap_err().limit.unwrap().name, "variable_values");
}

#[test]
fn the_formula() {
    assert_eq!(cost("{a b{c}}"), 3);
    // enterprises 1 + 50 × (edges 1 + node 1 + name 1) + pageInfo 1 + endCursor 1 + totalCount 1 + 50
    assert_eq!(cost("{enterprises(first:50){edges{node{name}}pageInfo{endCursor}totalCount}}"), 204);
    assert_eq!(cost("{enterprises{nodes{name}}}"), 1 + 20 * 2);
    assert_eq!(cost("{enterprises(first:null){nodes{name}}}"), 1 + 20 * 2);
    assert_eq!(cost("{enterprises(first:0){nodes{name}}}"), 1);
    assert_eq!(cost("{regions(last:5){name}}"), 1 + 5);
    assert_eq!(cost("{a(first:2,last:7){nodes{b}}}"), 1 + 7 * 2);
    assert_eq!(cost("{a(first:10){nodes{b(first:10){nodes{c}}}}}"), 1 + 10 * (1 + 1 + 10 * 2));
    assert_eq!(cost("{nodes(ids:[1,2,3]){id}}"), 1 + 3);
}

#[test]
fn the_cost_of_a_field_does_not_depend_on_its_path() {
    let plain = cost("{a(first:10){edges{node{b c}}totalCount}}");
    for source in [
        "{...F}fragment F on Q{a(first:10){edges{node{b c}}totalCount}}",
        "{a(first:10){...F totalCount}}fragment F on A{edges{node{...G}}}fragment G on N{b c}",
        "{...on Q{a(first:10){...on A{edges{...on E{node{b c}}}}...F}}}fragment F on A{totalCount}",
        "{x:a(first:10){y:edges{z:node{b c}}w:totalCount}}",
    ] {
        assert_eq!(cost(source), plain, "{source}");
    }
}

#[test]
fn sizes_come_from_variables_and_defaults_and_saturate() {
    let paged = "query($n:Int=7){a(first:$n){nodes{b}}}";
    assert_eq!(unlimited(paged, serde_json::json!({})).requested, 1 + 7 * 2);
    assert_eq!(unlimited(paged, serde_json::json!({"n": 3})).requested, 1 + 3 * 2);
    assert_eq!(unlimited(paged, serde_json::json!({"n": null})).requested, 1 + 20 * 2);
    let ids = "query($ids:[ID!]!){nodes(ids:$ids){id}}";
    assert_eq!(unlimited(ids, serde_json::json!({"ids": ["x", "y"]})).requested, 1 + 2);
    let huge = 1_u64 << 62;
    assert_eq!(cost(&format!("{{a(first:{huge}){{nodes{{b{{c}}}}}}}}")), 1 + huge * 3);
    assert_eq!(cost(&format!("{{a(first:{huge}){{nodes{{b(first:{huge}){{nodes{{c}}}}}}}}}}")), u64::MAX);
    assert_eq!(with(paged, serde_json::json!({ "n": huge })).unwrap_err().limit.unwrap().name, "cost");
    assert_eq!(refused(&format!("{{a(first:-{huge}){{nodes{{b}}}}}}")), "cost");
}

#[test]
fn skipped_selections_are_validated_and_cost_nothing() {
    let source =
        "query($yes:Boolean=true){a @skip(if:$yes){b} c @include(if:false) d @include(if:$yes) ...F@skip(if:true)}
                  fragment F on Q{e f}";
    let checked = checked(source).unwrap();
    assert_eq!(checked.cost.requested, 1);
    assert_eq!(checked.cost.expanded_fields, 7 + 2);
    // A condition nobody gave a value is not relied on.
    assert_eq!(cost("query($v:Boolean!){a @skip(if:$v) b @include(if:$v)}"), 2);
}

#[test]
fn defaults_of_variables_left_out_are_handed_on() {
    let source = "query A($a:Int=1,$b:Int=2,$c:Int){x(a:$a,b:$b,c:$c)}";
    let names: Vec<_> = with(source, serde_json::json!({"b": null})).unwrap().defaults;
    assert_eq!(names, [(Name::new("a"), Value::from(1))]);
}

#[test]
fn the_operation_is_chosen_by_name() {
    let source = "query A{a(first:9){nodes{b}}}mutation B{b}subscription C{c}";
    let check = |name| check(source, name, &Variables::default(), &Limits::default());
    let chosen = |name| check(Some(name)).map(|it| (it.operation, it.cost.requested)).unwrap();
    assert_eq!(chosen("A"), (OperationType::Query, 19));
    assert_eq!(chosen("B"), (OperationType::Mutation, 1));
    assert_eq!(chosen("C"), (OperationType::Subscription, 1));
    assert_eq!(check(None).unwrap_err().reason, "operation_name_required");
    assert_eq!(check(Some("")).unwrap_err().reason, "operation_name_required");
    assert_eq!(check(Some("D")).unwrap_err().reason, "unknown_operation");
    assert_eq!(checked("{a}").unwrap().operation_name, None);
    assert_eq!(checked("query A{a}").unwrap().operation_name.as_deref(), Some("A"));
    assert_eq!(refused("fragment A on Q{a}"), "syntax");
    assert_eq!(refused(&(0..31).map(|n| format!("query A{n}{{a}}")).collect::<String>()), "operations");
}

#[test]
fn syntax_errors_have_a_place_and_do_not_quote_the_document() {
    let source = format!("{{\n  a(b: ) # {}\n}}", "secret".repeat(2_000));
    let refusal = checked(&source).unwrap_err();
    assert_eq!(refusal.code, BAD_DOCUMENT);
    assert_eq!(refusal.location.map(|at| (at.line, at.column)), Some((2, 8)));
    assert!(refusal.message.starts_with("Syntax error: expected") && !refusal.message.contains("secret"));
    for source in [
        "",
        "{",
        "{a",
        "}",
        "{}",
        "query",
        "{a(b:1e999)}",
        "{a(b:\"\\q\")}",
        "{a}{b}",
        "query A{a}query A{a}",
        "{...on}fragment on on Q{a}",
    ] {
        assert_eq!(refused(source), "syntax", "{source}");
    }
}

#[test]
fn strings_comments_and_marks_are_read_as_the_parser_reads_them() {
    for source in [
        "\u{feff}{a}",
        "{a(b:\"\"\" [[[ {{{ ((( \\\"\"\" \" \"\"\")}",
        "{a(b:\"[{(\\\\\")} # ]",
        "{a(b:\"\u{0}ж🏃\")}",
        "{,,a,,}",
        "{a(b:\"\",c:\"\"\"\"\"\",d:\"x\")}",
    ] {
        checked(source).unwrap();
    }
}

/// Pieces of documents, one to be split at each space; white space itself is added below.
const WORDS: &str = "{ } ( ) [ ] : $ @ ... ! = | & \" \"\"\" \\ # on fragment query mutation a F first 1 -1e9 \"x\" {a} ...F \
                     skip(if:true) \u{feff}";

#[test]
fn noise_never_panics_and_what_passes_is_small() {
    let words: Vec<&str> = WORDS.split(' ').chain([" ", "\n"]).collect();
    let mut random = fastrand::Rng::with_seed(20_261_122);
    for round in 0..20_000 {
        let length = random.usize(0..60);
        let source = if round % 2 == 0 {
            String::from_utf8_lossy(&(0..length).map(|_| random.u8(..)).collect::<Vec<_>>()).into_owned()
        } else {
            (0..length).map(|_| words[random.usize(..words.len())]).collect()
        };
        let framed = format!("{{a(b:{source})}}fragment F on Q{{a}}");
        for source in [source.as_str(), framed.as_str()] {
            if let Ok(checked) = checked(source) {
                assert!(checked.cost.expanded_fields <= 200, "{source}");
            }
        }
    }
}

#[test]
fn mutated_documents_never_panic() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..3_000 {
        let mut bytes = STANDARD_INTROSPECTION.as_bytes().to_vec();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..bytes.len());
            match random.u8(..3) {
                0 => bytes[at] = random.u8(..128),
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"{}[]()\"$@.#:"[random.usize(..12)]),
            }
        }
        _ = checked(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn counting_and_searching_cost_more() {
    let of = |source: &str| {
        let cost = unlimited(source, serde_json::json!({"f": {"search": "жол"}, "n": {"search": null}, "s": "x"}));
        (cost.requested, cost.work)
    };
    assert_eq!(of("{a{totalCount}}"), (52, 50));
    assert_eq!(of("{a(first:10){edges{node{b{totalCount}}}}}"), (1 + 10 * (1 + 1 + 52), 500));
    for search in ["filter:{search:\"x\"}", "search:\"x\"", "filter:$f", "search:$s"] {
        let source = format!("query($f:F,$n:F,$s:String){{a({search}){{b}} c(filter:$n){{d}}}}");
        assert_eq!(of(&source), (2 + 50 + 2, 50), "{search}");
    }
    assert_eq!(of("{a(filter:{search:null}){b}}"), (2, 0));
    assert_eq!(of("{a(filter:{searchable:true}){b}}"), (2, 0));
}
