//! The rules as clients see them.

use std::sync::Arc;

use async_graphql::{Enum, Object};
use chrono::NaiveDate;
use domain::rule_set;

use crate::graphql::explanation::Provenance;
use crate::language::LocalizedText;

/// Where a rule set is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rule_set::RuleSetStatus")]
pub enum RuleSetStatus {
    /// Being prepared or discussed; never used for stored assessments.
    Draft,
    /// In force from its first day.
    InForce,
    /// Replaced; kept to recompute what was scored with it.
    Retired,
}

/// All rules of the method that were in force together.
pub struct RuleSet(Arc<rule_set::RuleSet>);

impl From<Arc<rule_set::RuleSet>> for RuleSet {
    fn from(rules: Arc<rule_set::RuleSet>) -> Self {
        Self(rules)
    }
}

/// All rules of the method that were in force together. Requires permission `reference:read`.
#[Object]
impl RuleSet {
    /// Stable code; every stored score names it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name in all three languages.
    async fn names(&self) -> LocalizedText {
        self.0.names.clone().into()
    }

    /// Where it is in its life.
    async fn status(&self) -> RuleSetStatus {
        self.0.status.into()
    }

    /// First day.
    async fn valid_from(&self) -> NaiveDate {
        self.0.valid_from
    }

    /// Last day. Null while open.
    async fn valid_to(&self) -> Option<NaiveDate> {
        self.0.valid_to
    }

    /// Kind of source of the rule set as a whole.
    async fn provenance(&self) -> Provenance {
        self.0.origin.provenance.into()
    }
}
