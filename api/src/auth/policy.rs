//! The policies of `policies/`, checked at the start and compiled into a table.
//!
//! casbin evaluates each written rule once, when the policies are loaded; a request then only looks up a table. Its
//! own check is linear and goes through a script engine: milliseconds with a thousand rules.

use std::collections::HashMap;
use std::str::FromStr;

use casbin::{CoreApi, DefaultModel, Enforcer, MgmtApi};
use domain::roles::{Action, Reach, Resource, Role};

/// The embedded model and the rules of every area, by file name.
const MODEL: &str = include_str!("../../../policies/model.conf");
const AREAS: [(&str, &str); 10] = [
    ("identity.csv", include_str!("../../../policies/identity.csv")),
    ("reference.csv", include_str!("../../../policies/reference.csv")),
    ("enterprises.csv", include_str!("../../../policies/enterprises.csv")),
    ("workplaces.csv", include_str!("../../../policies/workplaces.csv")),
    ("factors.csv", include_str!("../../../policies/factors.csv")),
    ("assessments.csv", include_str!("../../../policies/assessments.csv")),
    ("ppe.csv", include_str!("../../../policies/ppe.csv")),
    ("guarantees.csv", include_str!("../../../policies/guarantees.csv")),
    ("tariffs.csv", include_str!("../../../policies/tariffs.csv")),
    ("map.csv", include_str!("../../../policies/map.csv")),
];

/// Why a policy file is refused. The server does not start with it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PolicyError {
    /// A row is not a rule we know.
    #[error("policies/{file} line {line}: {reason}")]
    Row {
        /// File name below `policies/`.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// casbin refuses the model or the rules.
    #[error("policies/{file}: {reason}")]
    Engine {
        /// File name below `policies/`.
        file: String,
        /// casbin's own words.
        reason: String,
    },
}

/// Answers "may this role do this to that, and how far?".
#[derive(Clone, Debug)]
pub struct Policies {
    table: HashMap<(Role, Resource, Action), Reach>,
}

impl Policies {
    /// Compiles the embedded policies.
    pub async fn embedded() -> Result<Self, PolicyError> {
        Self::compile(MODEL, &AREAS).await
    }

    /// Lints and compiles policy files: `(file name, text)`.
    pub async fn compile(model: &str, files: &[(&str, &str)]) -> Result<Self, PolicyError> {
        let mut table = HashMap::new();
        for (file, text) in files {
            let rules = lint(file, text, &table)?;
            for (rule, reach) in evaluate(model, file, rules).await? {
                table.insert(rule, reach);
            }
        }
        Ok(Self { table })
    }

    /// The reach of a role for an action on a resource; `None` is a refusal.
    pub fn reach(&self, role: Role, action: Action, resource: Resource) -> Option<Reach> {
        self.table.get(&(role, resource, action)).copied()
    }
}

type Rule = (Role, Resource, Action);

fn lint(file: &str, text: &str, known: &HashMap<Rule, Reach>) -> Result<Vec<(Rule, Reach)>, PolicyError> {
    let mut rules: Vec<(Rule, Reach)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let refuse = |reason: String| PolicyError::Row { file: file.to_owned(), line: index + 1, reason };
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let ["p", role, resource, action, reach] = cells.as_slice() else {
            return Err(refuse(format!("expected `p, role, resource, action, reach`, found {} cells", cells.len())));
        };
        let rule = (
            Role::from_str(role).map_err(|_| refuse(format!("unknown role `{role}`")))?,
            Resource::from_str(resource).map_err(|_| refuse(format!("unknown resource `{resource}`")))?,
            Action::from_str(action).map_err(|_| refuse(format!("unknown action `{action}`")))?,
        );
        let reach = Reach::from_str(reach).map_err(|_| refuse(format!("unknown reach `{reach}`")))?;
        if known.contains_key(&rule) || rules.iter().any(|(other, _)| *other == rule) {
            return Err(refuse(format!("a second rule for {role}, {resource}, {action}")));
        }
        rules.push((rule, reach));
    }
    Ok(rules)
}

/// Lets casbin decide every written rule: what it does not allow, although written, is a fault of the model.
async fn evaluate(model: &str, file: &str, rules: Vec<(Rule, Reach)>) -> Result<Vec<(Rule, Reach)>, PolicyError> {
    let engine = |error: casbin::Error| PolicyError::Engine { file: file.to_owned(), reason: error.to_string() };
    let model = DefaultModel::from_str(model).await.map_err(engine)?;
    let mut enforcer = Enforcer::new(model, casbin::MemoryAdapter::default()).await.map_err(engine)?;
    let row = |((role, resource, action), reach): &(Rule, Reach)| {
        vec![role.to_string(), resource.to_string(), action.to_string(), reach.to_string()]
    };
    enforcer.add_policies(rules.iter().map(row).collect()).await.map_err(engine)?;
    let mut allowed = Vec::with_capacity(rules.len());
    for rule in rules {
        if enforcer.enforce(row(&rule)).map_err(engine)? {
            allowed.push(rule);
        } else {
            let reason = format!("the model denies the written rule {}", row(&rule).join(", "));
            return Err(PolicyError::Engine { file: file.to_owned(), reason });
        }
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(text: &str) -> String {
        Policies::compile(MODEL, &[("x.csv", text)]).await.expect_err(text).to_string()
    }

    #[tokio::test]
    async fn a_faulty_row_is_refused_with_file_and_line() {
        for (text, reason) in [
            ("# c\np, king, enterprise, read, own", "policies/x.csv line 2: unknown role `king`"),
            ("p, worker, castle, read, own", "unknown resource `castle`"),
            ("p, worker, enterprise, conquer, own", "unknown action `conquer`"),
            ("p, worker, enterprise, read, far", "unknown reach `far`"),
            ("p, worker, enterprise, read", "found 4 cells"),
            ("p, worker, enterprise, read, own, Deny", "found 6 cells"),
            ("g, worker, enterprise, read, own", "expected `p"),
            ("p, worker, enterprise, read, own\np, worker, enterprise, read, region", "a second rule"),
        ] {
            let sentence = refused(text).await;
            assert!(sentence.contains(reason), "{text}: {sentence}");
        }
    }

    #[tokio::test]
    async fn what_is_not_written_is_denied() {
        let policies = Policies::compile(MODEL, &[("x.csv", "p, worker, workplace, read, self")]).await.expect("valid");
        assert_eq!(policies.reach(Role::Worker, Action::Read, Resource::Workplace), Some(Reach::SelfOnly));
        assert_eq!(policies.reach(Role::Worker, Action::Update, Resource::Workplace), None);
        assert_eq!(policies.reach(Role::Ministry, Action::Read, Resource::Workplace), None);
    }

    #[tokio::test]
    async fn the_written_expectations_hold() {
        let policies = Policies::embedded().await.expect("the embedded policies are valid");
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/tests");
        let mut checked = 0;
        for file in std::fs::read_dir(directory).expect("policies/tests") {
            let mut rows = csv::Reader::from_path(file.expect("entry").path()).expect("readable");
            for row in rows.deserialize::<(String, String, String, String)>() {
                let (role, resource, action, expected) = row.expect("four columns");
                let reach = policies.reach(
                    role.parse().expect(&role),
                    action.parse().expect(&action),
                    resource.parse().expect(&resource),
                );
                let found = reach.map_or("none".to_owned(), |reach| reach.to_string());
                assert_eq!(found, expected, "{role} {action} {resource}");
                checked += 1;
            }
        }
        assert!(checked >= 60, "only {checked} expectations");
    }
}
