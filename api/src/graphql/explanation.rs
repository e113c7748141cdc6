//! How a number came about, for every computed number of the schema.

use async_graphql::{ComplexObject, Enum, SimpleObject};
use domain::trace;

/// Where a rule or a row of reference data comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::provenance::Provenance")]
pub enum Provenance {
    /// The ministry's published presentation of the new policy.
    Deck,
    /// A law or an order.
    Law,
    /// A statement of a state body.
    Official,
    /// Seen in use by insurers or public calculators; not law.
    Practice,
    /// An assumption of this system where no source could be read; replaced by importing the official table.
    Provisional,
}

/// Where a rule or a row comes from: the kind of source, and the words to find it by.
#[derive(Clone, Debug, SimpleObject)]
pub struct Origin {
    /// Kind of source.
    pub provenance: Provenance,
    /// Document, slide, article or calculator, in the words of the table it was loaded from.
    pub source: String,
}

impl From<domain::rule_set::Origin> for Origin {
    fn from(origin: domain::rule_set::Origin) -> Self {
        Self { provenance: origin.provenance.into(), source: origin.source }
    }
}

/// One step of the arithmetic.
#[derive(Clone, Debug, SimpleObject)]
pub struct ExplanationStep {
    /// Stable name of what was computed, such as `PR` or `LIMIT:NOISE_CONSTANT`.
    pub code: String,
    /// The arithmetic with its numbers filled in.
    pub expression: String,
    /// The result of the step.
    pub value: String,
    /// Source of the rule that was applied.
    pub provenance: Provenance,
}

/// Why a number is what it is: the rule set and the arithmetic, step by step. The same inputs give the same text.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Explanation {
    /// Code of the rule set that gave the rules.
    pub rule_set_code: String,
    /// The weakest source among the steps: the number is not more official than this. Null when there are no steps.
    pub provenance: Option<Provenance>,
    /// The steps in the order of computation; at most a few dozen.
    pub steps: Vec<ExplanationStep>,
}

#[ComplexObject]
impl Explanation {
    /// Code of the rule set that gave the rules.
    #[graphql(deprecation = "Use Explanation.ruleSetCode. Removed after 2027-11-30.")]
    async fn rule_set(&self) -> &str {
        &self.rule_set_code
    }
}

impl From<trace::Trace> for Explanation {
    fn from(trace: trace::Trace) -> Self {
        let provenance = trace.provenance().map(Into::into);
        Self { rule_set_code: trace.rule_set, provenance, steps: trace.steps.into_iter().map(Into::into).collect() }
    }
}

impl From<trace::Step> for ExplanationStep {
    fn from(step: trace::Step) -> Self {
        Self { code: step.code, expression: step.expression, value: step.value, provenance: step.provenance.into() }
    }
}
