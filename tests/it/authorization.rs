//! Who may read and change what: every field of every type of the schema, as every role, as a snapshot to be reviewed.

use std::collections::BTreeMap;
use std::fmt::Write;

use domain::roles::{Action, Reach, Resource, Role};
use tests::happenings::{self, Happened};
use tests::sandbox::subject;
use tests::schema::{Field, Kind, Schema};
use tests::world::World;
use tests::{TestApp, on_both};

use crate::explore::{Examples, Explorer, Findings, Outcome};

const LEGEND: &str = "\
Every field of the schema (rows) as every role (columns).

  one's reach, where the field asks for a permission of its own:
    S self  O own  P represented  E engaged  I insured  R region  N national  A aggregate
  +  answered; the field asks for nothing beyond what its object asked for
  x  refused: FORBIDDEN            u  refused: UNAUTHENTICATED
  .  the role cannot get hold of an object of the type

Columns: employer Admin, safety Engineer, Worker, employee Representative, assessoR, Insurer, inspecTor, Ministry,
analYst, public (-).

";
const COLUMNS: &str = "A E W R r I T M Y -";

fn letter(reach: Reach) -> char {
    match reach {
        Reach::SelfOnly => 'S',
        Reach::Own => 'O',
        Reach::Represented => 'P',
        Reach::Engaged => 'E',
        Reach::Insured => 'I',
        Reach::Region => 'R',
        Reach::National => 'N',
        Reach::Aggregate => 'A',
    }
}

/// The reach by which the policies allow a field, `Some(None)` when they refuse it, `None` when it asks for nothing.
fn policy(app: &TestApp, role: Role, field: &Field) -> Option<Option<Reach>> {
    let (resource, action) = field.permission()?.split_once(':').expect("resource:action");
    let resource: Resource = resource.parse().expect("a resource");
    let action: Action = action.parse().expect("an action");
    Some(app.app.policies.reach(role, action, resource))
}

/// The mark of a cell, after a comparison of what happened with what the description and the policies say.
fn mark(app: &TestApp, role: Role, name: &str, field: &Field, outcome: Option<&Outcome>) -> char {
    let Some(outcome) = outcome else { return '.' };
    let refusal = if role == Role::Anonymous { "UNAUTHENTICATED" } else { "FORBIDDEN" };
    match (outcome, policy(app, role, field)) {
        (Outcome::Answered, None) => '+',
        (Outcome::Answered, Some(Some(reach))) => letter(reach),
        (Outcome::Answered, Some(None)) => panic!("{name} was answered for {role}, whom the policies refuse"),
        (Outcome::Refused(code), Some(Some(_))) => panic!("{name}: {code} for {role}, whom the policies allow"),
        (Outcome::Refused(code), said) => {
            let says = field.description.as_deref().is_some_and(|text| text.contains("Requires"));
            assert!(said.is_some() || says, "{name}: {code} for {role}, and its description says nothing of it");
            assert_eq!(code, refusal, "{name} for {role}");
            if role == Role::Anonymous { 'u' } else { 'x' }
        }
    }
}

async fn findings(app: &TestApp, schema: &Schema, world: &World, after: &str) -> BTreeMap<Role, Findings> {
    let mut findings = BTreeMap::new();
    for role in Role::ALL.iter().copied() {
        let user = if role == Role::Anonymous { app.anonymous() } else { app.as_role(&subject(role)) };
        let examples = Examples::for_person(world, &subject(role), after);
        let found = Explorer { schema, user, examples, by_lists: false }.explore().await;
        findings.insert(role, found);
    }
    findings
}

on_both! {
    async fn every_field_as_every_role(backend) {
        let app = TestApp::new(backend).await;
        let (schema, world) = (Schema::of(&app).await, World::read(&app).await);
        // Something to hear of for everybody.
        let of_everybody = Role::ALL.iter().map(|role| Examples::for_person(&world, &subject(*role), ""));
        let happened: Vec<Happened> = of_everybody.flat_map(|examples| examples.happened()).collect();
        let after = happenings::write(&app, &world, &happened).await;
        let before = app.content().await;
        let findings = findings(&app, &schema, &world, &after).await;
        let mut table = format!("{LEGEND}{:<48}{:<26}{COLUMNS}\n", "", "requires");
        let mut unreached = Vec::new();
        for of in schema.0.values().filter(|of| of.kind == Kind::Object) {
            for field in &of.fields {
                let name = format!("{}.{}", of.name, field.name);
                let marks: Vec<String> = Role::ALL
                    .iter()
                    .map(|role| mark(&app, *role, &name, field, findings[role].fields.get(&name)).to_string())
                    .collect();
                if marks.iter().all(|mark| mark == ".") {
                    unreached.push(name.clone());
                }
                writeln!(table, "{name:<48}{:<26}{}", field.permission().unwrap_or("-"), marks.join(" ")).unwrap();
            }
        }
        assert!(unreached.is_empty(), "nobody gets hold of these, so nothing is known of them: {unreached:#?}");
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0], "a refused mutation changed something");
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!("matrix", table);
        });
    }
}
