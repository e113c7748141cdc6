//! What other areas ask of the assessment in force at a workplace. All look-ups are batched over the request.

use std::sync::Arc;

use async_graphql::Context;
use domain::grade::Degree;
use domain::risk::AssessmentInputs;
use domain::roles::{Action, Resource};
use domain::rule_set::RuleSet;
use entity::scope::Scope;
use entity::{assessment, assessment_trace, workplace};
use uuid::Uuid;

use crate::areas::assessments::loaders::{AssessmentById, TraceOf};
use crate::areas::assessments::types::Assessment;
use crate::error::{Error, Result};
use crate::graphql::Ask;

/// The assessment in force at a workplace; `None` while it is not assessed.
pub async fn current_of_workplace(ctx: &Context<'_>, workplace: &workplace::Model) -> Result<Option<Assessment>> {
    let scope = ctx.allow(Action::Read, Resource::Assessment)?;
    Ok(current(ctx, &scope, workplace).await?.map(Assessment::from))
}

async fn current(ctx: &Context<'_>, scope: &Scope, workplace: &workplace::Model) -> Result<Option<assessment::Model>> {
    let Some(id) = workplace.current_assessment_id else { return Ok(None) };
    ctx.load(AssessmentById { id, scope: scope.clone() }).await
}

/// The degree of a workplace, with the rules that gave it: what follows from a degree follows by the same rules.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The assessment in force.
    pub assessment: Uuid,
    /// Its degree.
    pub degree: Degree,
    /// Its rule set.
    pub rules: Arc<RuleSet>,
}

/// Where a workplace stands; `None` while it is not assessed. The caller has asked for permission on what it derives.
pub async fn standing(ctx: &Context<'_>, scope: &Scope, workplace: &workplace::Model) -> Result<Option<Standing>> {
    let Some(row) = current(ctx, scope, workplace).await? else { return Ok(None) };
    Ok(Some(Standing { assessment: row.id, degree: degree_of(&row)?, rules: rules_of(ctx, &row)? }))
}

/// What a stored assessment was computed from.
pub async fn inputs_of(ctx: &Context<'_>, scope: &Scope, assessment: Uuid) -> Result<AssessmentInputs> {
    let row = trace_of(ctx, scope, assessment).await?;
    serde_json::from_str(&row.inputs).map_err(|error| Error::internal(format!("inputs of {assessment}: {error}")))
}

/// Inputs and arithmetic as stored. Every assessment has them.
pub(super) async fn trace_of(ctx: &Context<'_>, scope: &Scope, assessment: Uuid) -> Result<assessment_trace::Model> {
    let row = ctx.load(TraceOf { assessment, scope: scope.clone() }).await?;
    row.ok_or_else(|| Error::internal(format!("assessment {assessment} has no trace")))
}

/// The degree of a stored assessment.
pub(super) fn degree_of(row: &assessment::Model) -> Result<Degree> {
    let degree = Degree::numbered(row.degree);
    degree.ok_or_else(|| Error::internal(format!("assessment {}: degree {}", row.id, row.degree)))
}

/// The rule set of a stored assessment. Rule sets are retired, never removed.
pub(super) fn rules_of(ctx: &Context<'_>, row: &assessment::Model) -> Result<Arc<RuleSet>> {
    let rules = ctx.app().library.book().rule_set(&row.rule_set_code);
    rules.ok_or_else(|| Error::internal(format!("assessment {}: rule set {} is gone", row.id, row.rule_set_code)))
}
