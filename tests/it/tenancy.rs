//! Rows of other tenants: not in a list, not behind an edge, not by key, not in a count, and no different from rows that
//! do not exist.

use std::collections::BTreeSet;

use api::graphql::id;
use domain::roles::Role;
use serde_json::{Value, json};
use tests::happenings;
use tests::sandbox::{free_bin, subject};
use tests::schema::Schema;
use tests::world::{TENANT_TYPES, World};
use tests::{Answer, TestApp, User, on_both, shared};
use uuid::Uuid;

use crate::explore::{Examples, Explorer};

/// What a root field has to do with tenants. `{id}` and `{bin}` stand for what is asked for.
enum Root {
    /// It shows no row of a tenant, or only what the whole public may see.
    Public,
    /// A list of all rows of this type that one may see.
    List(&'static str),
    /// It names one row of this type: these arguments, and the selection.
    Key(&'static str, &'static str, &'static str),
    /// It tells of rows that one may see, as `realtime/tenants.rs` shows.
    Told,
}

use Root::{Key, List, Public, Told};

/// Every root field must stand here, as often as it has ways to name a row.
const ROOTS: &[(&str, Root)] = &[
    ("me", Public),
    ("serviceConfig", Public),
    ("referenceRows", Public),
    ("ruleSet", Public),
    ("ruleSets", Public),
    ("map", Public),
    ("passport", Public),
    ("passports", Public),
    ("enterprises", List("Enterprise")),
    ("workplaces", List("Workplace")),
    ("workplaces", Key("Enterprise", "filter: {enterpriseId: \"{id}\"}", "{ totalCount edges { node { id } } }")),
    ("measurements", List("Measurement")),
    ("measurements", Key("Enterprise", "filter: {enterpriseId: \"{id}\"}", "{ totalCount edges { node { id } } }")),
    ("measurements", Key("Workplace", "filter: {workplaceId: \"{id}\"}", "{ totalCount edges { node { id } } }")),
    ("assessments", List("Assessment")),
    ("assessments", Key("Enterprise", "filter: {enterpriseId: \"{id}\"}", "{ totalCount edges { node { id } } }")),
    ("assessments", Key("Workplace", "filter: {workplaceId: \"{id}\"}", "{ totalCount edges { node { id } } }")),
    ("enterprise", Key("Enterprise", "by: {id: \"{id}\"}", "{ id }")),
    ("enterprise", Key("Enterprise", "by: {bin: \"{bin}\"}", "{ id }")),
    ("workplace", Key("Workplace", "id: \"{id}\"", "{ id }")),
    ("measurement", Key("Measurement", "id: \"{id}\"", "{ id }")),
    ("assessment", Key("Assessment", "id: \"{id}\"", "{ id }")),
    ("node", Key("Enterprise", "id: \"{id}\"", "{ id }")),
    ("node", Key("Unit", "id: \"{id}\"", "{ id }")),
    ("node", Key("Workplace", "id: \"{id}\"", "{ id }")),
    ("node", Key("FactorAssignment", "id: \"{id}\"", "{ id }")),
    ("node", Key("Measurement", "id: \"{id}\"", "{ id }")),
    ("node", Key("Assessment", "id: \"{id}\"", "{ id }")),
    ("node", Key("Organisation", "id: \"{id}\"", "{ id }")),
    ("nodes", Key("Enterprise", "ids: [\"{id}\"]", "{ id }")),
    ("nodes", Key("Unit", "ids: [\"{id}\"]", "{ id }")),
    ("nodes", Key("Workplace", "ids: [\"{id}\"]", "{ id }")),
    ("nodes", Key("FactorAssignment", "ids: [\"{id}\"]", "{ id }")),
    ("nodes", Key("Measurement", "ids: [\"{id}\"]", "{ id }")),
    ("nodes", Key("Assessment", "ids: [\"{id}\"]", "{ id }")),
    ("nodes", Key("Organisation", "ids: [\"{id}\"]", "{ id }")),
];

/// Types with a global id whose objects everyone may see.
const PUBLIC_TYPES: &[&str] = &["ReferenceRow", "EnterprisePassport"];

const ERRORS: &str = "{ userErrors { code field message } }";

/// Every mutation must stand here, once for each row it names.
const MUTATIONS: &[(&str, Root)] = &[
    ("enterpriseCreate", Public),
    ("enterpriseUpdate", Key("Enterprise", "input: {id: \"{id}\", version: 1, headcount: 7}", ERRORS)),
    (
        "unitCreate",
        Key("Enterprise", "input: {idempotencyKey: \"k\", enterpriseId: \"{id}\", code: \"X\", nameRu: \"X\"}", ERRORS),
    ),
    (
        "unitCreate",
        Key(
            "Unit",
            "input: {idempotencyKey: \"k\", enterpriseId: \"{own}\", parentId: \"{id}\", code: \"X\", nameRu: \"X\"}",
            ERRORS,
        ),
    ),
    (
        "workplaceCreate",
        Key(
            "Enterprise",
            "input: {idempotencyKey: \"k\", enterpriseId: \"{id}\", code: \"X\", nameRu: \"X\", \
             professionCode: \"FITTER\", workers: 1}",
            ERRORS,
        ),
    ),
    (
        "workplaceCreate",
        Key(
            "Unit",
            "input: {idempotencyKey: \"k\", enterpriseId: \"{own}\", unitId: \"{id}\", code: \"X\", nameRu: \"X\", \
             professionCode: \"FITTER\", workers: 1}",
            ERRORS,
        ),
    ),
    (
        "assessmentCompute",
        Key("Workplace", "input: {idempotencyKey: \"k\", workplaceId: \"{id}\", assessedOn: \"2026-03-01\"}", ERRORS),
    ),
    ("workplaceUpdate", Key("Workplace", "input: {id: \"{id}\", version: 1, workers: 7}", ERRORS)),
    (
        "factorAssign",
        Key(
            "Workplace",
            "input: {idempotencyKey: \"k\", workplaceId: \"{id}\", factorCode: \"NOISE_CONSTANT\", \
             exposureMinutes: 60}",
            ERRORS,
        ),
    ),
    (
        "measurementRecord",
        Key(
            "Workplace",
            "input: {idempotencyKey: \"k\", workplaceId: \"{id}\", factorCode: \"NOISE_CONSTANT\", \
             measuredOn: \"2026-03-01\", laboratory: \"L\", protocolNumber: \"1\", observation: {value: {value: \"85\", unit: \"dBA\"}}}",
            ERRORS,
        ),
    ),
];

/// Every subscription must stand here.
const SUBSCRIPTIONS: &[(&str, Root)] = &[("enterpriseLevelChanged", Told), ("assessmentStatusChanged", Told)];

/// Subjects of the persons who ask.
pub fn people() -> impl Iterator<Item = String> {
    Role::ALL.iter().map(|role| subject(*role)).chain(["demo-insurer-fund".to_owned()])
}

/// One of them.
pub fn user<'a>(app: &'a TestApp, person: &str) -> User<'a> {
    if person == subject(Role::Anonymous) { app.anonymous() } else { app.as_role(person) }
}

/// The key in a global id of this type.
pub fn key_of(global: &Value, kind: &str) -> Uuid {
    let (found, key) = id::parse(global.as_str().unwrap()).unwrap();
    assert_eq!(found, kind);
    key
}

/// Everything of an answer that a client can compare: all but the id of the request.
fn comparable(answer: Answer) -> Value {
    let mut json = answer.json;
    for error in json["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("requestId");
    }
    json!([answer.status.as_u16(), json])
}

/// Keys of all pages of a root list, and the count that the server gives.
async fn listed(user: &User<'_>, list: &str, kind: &str) -> Result<(BTreeSet<Uuid>, i64), String> {
    let document = format!(
        "query($after: String) {{ {list}(first: 100, after: $after) {{ totalCount pageInfo {{ hasNextPage \
        endCursor }} edges {{ node {{ id }} }} }} }}"
    );
    let (mut keys, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let answer = user.query(&document, json!({ "after": after })).await;
        if let Some(code) = answer.codes().first() {
            return Err((*code).to_owned());
        }
        keys.extend(answer.nodes(list, "id").iter().map(|id| key_of(id, kind)));
        after = answer.data(&format!("{list}.pageInfo.endCursor")).clone();
        if answer.data(&format!("{list}.pageInfo.hasNextPage")) == false {
            return Ok((keys, answer.int(&format!("{list}.totalCount"))));
        }
    }
}

/// The answer to a question for one row.
async fn answer(user: &User<'_>, document: &str, kind: &str, key: Uuid, bin: &str) -> Value {
    let document = document.replace("{id}", &id::encode(kind, key)).replace("{bin}", bin);
    comparable(user.query(&document, json!({})).await)
}

/// So many keys, from the first to the last.
fn some<'a>(keys: impl Iterator<Item = &'a Uuid>, count: usize) -> Vec<Uuid> {
    let keys: Vec<Uuid> = keys.copied().collect();
    keys.iter().copied().step_by((keys.len() / count).max(1)).collect()
}

on_both! {
    async fn no_root_field_is_forgotten_here(backend) {
        let schema = Schema::of(shared(backend).await).await;
        for (root, table) in [("Query", ROOTS), ("Mutation", MUTATIONS), ("Subscription", SUBSCRIPTIONS)] {
            for field in &schema.get(root).fields {
                let known = table.iter().any(|(name, _)| *name == field.name);
                assert!(known, "say in tenancy.rs what {root}.{} has to do with the rows of tenants", field.name);
            }
        }
    }

    async fn no_type_with_a_global_id_is_forgotten_here(backend) {
        let schema = Schema::of(shared(backend).await).await;
        for of in &schema.get("Node").possible_types {
            let kind = of.inner();
            let known = ["node", "nodes"].iter().all(|field| {
                ROOTS.iter().any(|(name, root)| name == field && matches!(root, Key(known, ..) if *known == kind))
            });
            assert!(known || PUBLIC_TYPES.contains(&kind), "add look-ups of {kind} by node and nodes to tenancy.rs");
        }
    }

    async fn a_passport_by_its_id_is_the_one_of_the_list_and_no_enterprise(backend) {
        let public = shared(backend).await.anonymous();
        let listed = public.ask("{ passports(first: 30) { nodes { id bin level } } }").await;
        let listed = listed.list("passports.nodes");
        let ids: Vec<&Value> = listed.iter().map(|passport| &passport["id"]).collect();
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on EnterprisePassport { bin level } } }";
        let found = public.query(nodes, json!({ "ids": ids })).await.ok();
        assert_eq!(found.list("nodes"), listed);
        let enterprise = id::encode("Enterprise", key_of(ids[0], "EnterprisePassport"));
        let codes = public.query(nodes, json!({ "ids": [enterprise] })).await;
        assert_eq!(codes.codes(), ["UNAUTHENTICATED"]);
    }

    async fn a_list_its_count_and_a_look_up_by_key_show_the_same_rows(backend) {
        let app = shared(backend).await;
        let world = World::read(app).await;
        for person in people() {
            let (asker, sees) = (user(app, &person), world.seen_by(&person));
            for (field, root) in ROOTS {
                let List(kind) = root else { continue };
                match listed(&asker, field, kind).await {
                    Ok((keys, count)) => {
                        assert_eq!(&keys, sees.of(kind), "{person}: {field}");
                        assert_eq!(count, i64::try_from(keys.len()).unwrap(), "{person}: {field}");
                    }
                    Err(_) => assert!(sees.of(kind).is_empty(), "{person} is refused {field}"),
                }
            }
            // Each own row is found by its key, so that a refusal of everything is no success.
            for kind in TENANT_TYPES {
                for chunk in sees.of(kind).iter().copied().collect::<Vec<_>>().chunks(100) {
                    let ids: Vec<String> = chunk.iter().map(|key| id::encode(kind, *key).to_string()).collect();
                    let found = asker.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({"ids": ids})).await.ok();
                    assert_eq!(found.list("nodes").iter().map(|node| &node["id"]).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>(), "{person}");
                }
            }
        }
    }

    async fn every_person_has_something_to_see_and_something_not_to(backend) {
        let world = World::read(shared(backend).await).await;
        for person in people().filter(|person| *person != subject(Role::Anonymous)) {
            let (seen, all) = (world.seen_by(&person), world.all("Enterprise"));
            assert!(!seen.of("Enterprise").is_empty(), "{person}");
            let national = ["demo-ministry", "demo-analyst"].contains(&&*person);
            assert_eq!(seen.of("Enterprise").len() == all.len(), national, "{person}");
        }
    }

    async fn a_foreign_row_and_a_missing_one_are_the_same_answer(backend) {
        let app = shared(backend).await;
        let world = World::read(app).await;
        let mut cases = 0;
        for person in people() {
            let (asker, sees) = (user(app, &person), world.seen_by(&person));
            for (field, root) in ROOTS {
                let Key(kind, arguments, selection) = root else { continue };
                let document = format!("{{ {field}({arguments}) {selection} }}");
                let missing = answer(&asker, &document, kind, Uuid::nil(), &free_bin(9_999)).await;
                for key in some(world.all(kind).difference(sees.of(kind)), 10) {
                    let bin = world.enterprises.iter().find(|row| row.id == key).map_or("", |row| &row.bin);
                    let foreign = answer(&asker, &document, kind, key, bin).await;
                    assert_eq!(foreign, missing, "{person}: {document} of {key}");
                    cases += 1;
                }
            }
        }
        assert!(cases > 1_000, "only {cases} cases");
    }

    async fn a_foreign_row_cannot_be_changed_and_is_the_same_answer_as_a_missing_one(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let before = app.content().await;
        for person in people() {
            let (asker, sees) = (user(&app, &person), world.seen_by(&person));
            let own = sees.of("Enterprise").first().copied().unwrap_or_default();
            let own = id::encode("Enterprise", own).to_string();
            for (field, root) in MUTATIONS {
                let Key(kind, arguments, selection) = root else { continue };
                let document = format!("mutation {{ {field}({}) {selection} }}", arguments.replace("{own}", &own));
                let missing = answer(&asker, &document, kind, Uuid::nil(), "").await;
                let error = &missing[1]["data"][field]["userErrors"][0]["code"];
                assert!(error.is_string() || missing[1]["errors"].is_array(), "{person}: {document}: {missing}");
                for key in some(world.all(kind).difference(sees.of(kind)), 4) {
                    let foreign = answer(&asker, &document, kind, key, "").await;
                    assert_eq!(foreign, missing, "{person}: {document} of {key}");
                }
            }
        }
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
    }

    async fn what_may_be_seen_but_not_changed_is_refused_and_stays(backend) {
        let app = TestApp::new(backend).await;
        let world = World::read(&app).await;
        let before = app.content().await;
        for role in [Role::Worker, Role::EmployeeRepresentative, Role::Insurer, Role::Inspector, Role::Ministry, Role::Analyst] {
            let sees = world.seen_by(&subject(role));
            for (field, root) in MUTATIONS {
                let Key(kind, arguments, selection) = root else { continue };
                let Some(key) = sees.of(kind).first() else { continue };
                let own = id::encode("Enterprise", *sees.of("Enterprise").first().unwrap()).to_string();
                let arguments = arguments.replace("{id}", &id::encode(kind, *key)).replace("{own}", &own);
                let document = format!("mutation {{ {field}({arguments}) {selection} }}");
                let answer = app.as_role(&subject(role)).query(&document, json!({})).await;
                assert_eq!(answer.codes(), ["FORBIDDEN"], "{role}: {document}");
            }
        }
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
    }

    async fn no_edge_leads_to_a_foreign_row(backend) {
        let app = TestApp::with(backend, |config| {
            // Every row of every list, which no client could afford.
            config.limits.cost = u64::MAX;
            config.graphql.max_page_size = 1_000;
        })
        .await;
        let (schema, world) = (Schema::of(&app).await, World::read(&app).await);
        let seen = people().flat_map(|person| Examples::for_person(&world, &person, "").happened());
        let after = happenings::write(&app, &world, &seen.collect::<Vec<_>>()).await;
        let mut rows = 0;
        // To the ministry nothing is foreign.
        for person in people().filter(|person| *person != subject(Role::Ministry)) {
            let sees = world.seen_by(&person);
            let examples = Examples::for_person(&world, &person, &after);
            let found = Explorer { schema: &schema, user: user(&app, &person), examples, by_lists: true }.explore().await;
            for (kind, global, place) in found.objects {
                if !TENANT_TYPES.contains(&&*kind) {
                    let own = ["Membership", "Me"].contains(&&*kind);
                    assert!(own || PUBLIC_TYPES.contains(&&*kind), "say in world.rs to whom objects of type {kind} belong");
                    continue;
                }
                let key = key_of(&json!(global), &kind);
                assert!(sees.of(&kind).contains(&key), "{person} got hold of a foreign {kind} by {place:?}");
                rows += 1;
            }
        }
        assert!(rows > 3_000, "only {rows} rows");
    }
}
