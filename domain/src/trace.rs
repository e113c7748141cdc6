//! The explanation of a number: the steps of its arithmetic, each with its source.
//!
//! A trace is stored beside the number and must come out byte for byte the same when it is recomputed, so it holds
//! text only, in a fixed order, and is written as compactly as JSON allows: a step is an array of four.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::provenance::Provenance;

/// One step of a computation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct Step {
    /// What was computed, stable: `PR`, `DEGREE`, `LIMIT:NOISE_CONSTANT`.
    pub code: String,
    /// The arithmetic, readable by a person: `0.7*(4+3)/2 + 0.2*(2+3)/2 + 0.1*1`.
    pub expression: String,
    /// The result, a decimal without trailing zeros or a name.
    pub value: String,
    /// The source of the rule that was applied.
    pub provenance: Provenance,
}

/// A step as it is stored.
#[derive(Serialize, Deserialize)]
struct Row(String, String, String, Provenance);

impl From<Row> for Step {
    fn from(Row(code, expression, value, provenance): Row) -> Self {
        Self { code, expression, value, provenance }
    }
}

impl From<Step> for Row {
    fn from(step: Step) -> Self {
        Self(step.code, step.expression, step.value, step.provenance)
    }
}

impl Step {
    /// A step; the value is written as it displays.
    pub fn new(
        code: impl Into<String>,
        expression: impl Into<String>,
        value: impl fmt::Display,
        provenance: Provenance,
    ) -> Self {
        Self { code: code.into(), expression: expression.into(), value: value.to_string(), provenance }
    }
}

/// All steps of one result, and the rule set that gave the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Code of the rule set.
    pub rule_set: String,
    /// The steps in the order of computation.
    pub steps: Vec<Step>,
}

impl Trace {
    /// The stored form: compact JSON, the same bytes for the same trace.
    ///
    /// # Errors
    /// None in practice: the trace holds text only. The error type is the serialiser's.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is not a stored trace.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The weakest source among the steps: the result is not more official than this.
    pub fn provenance(&self) -> Option<Provenance> {
        self.steps.iter().map(|step| step.provenance).max()
    }
}

/// A decimal as people write it: no trailing zeros.
pub(crate) fn plain(value: Decimal) -> Decimal {
    value.normalize()
}

/// Items joined by a separator.
pub(crate) fn join<T: fmt::Display>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    let mut joined = String::new();
    for item in items {
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        joined.push_str(&item.to_string());
    }
    joined
}
