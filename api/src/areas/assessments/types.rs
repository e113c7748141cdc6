//! What clients see of an assessment.

use async_graphql::{Context, ID, Object};
use domain::roles::{Action, Resource};
use domain::rule_set::DegreeRule;
use domain::trace::Trace;
use entity::scope::Scope;
use entity::{assessment, assessment_trace};
use futures::FutureExt;

use crate::areas::assessments::evidence::AssessmentInputs;
use crate::areas::assessments::standing::{degree_of, rules_of, trace_of};
use crate::areas::enterprises::{Enterprise, EnterpriseById, RiskLevel};
use crate::areas::identity::Organisation;
use crate::areas::workplaces::Workplace;
use crate::error::{Error, Result};
use crate::graphql::explanation::Explanation;
use crate::graphql::scalars::{Date, Decimal, Moment};
use crate::graphql::{Ask, id};
use crate::language::{Language, pick};

/// The professional risk of one workplace on one day.
pub struct Assessment {
    row: assessment::Model,
    /// Inputs and arithmetic when they are at hand: a dry run has them nowhere else.
    trace: Option<assessment_trace::Model>,
}

impl From<assessment::Model> for Assessment {
    fn from(row: assessment::Model) -> Self {
        Self { row, trace: None }
    }
}

/// The professional risk of one workplace on one day: PR = 0.7·(V+T)/2 + 0.2·(Ob+SIZ)/2 + 0.1·Z with the weights of its
/// rule set. Requires permission `assessment:read`.
#[Object]
impl Assessment {
    /// Opaque id. That of a dry run finds nothing.
    pub(crate) async fn id(&self) -> ID {
        id::encode("Assessment", self.row.id)
    }

    /// The workplace. Null when the caller may not see it. Requires permission `workplace:read`.
    async fn workplace(&self, ctx: &Context<'_>) -> Option<Result<Workplace>> {
        Workplace::load(ctx, self.row.workplace_id).boxed().await.transpose()
    }

    /// The enterprise of the workplace. Null when the caller may not see it. Requires permission `enterprise:read`.
    async fn enterprise(&self, ctx: &Context<'_>) -> Option<Result<Enterprise>> {
        self.load_enterprise(ctx).boxed().await.transpose()
    }

    /// Day the assessment speaks of.
    async fn assessed_on(&self) -> Date {
        Date(self.row.assessed_on)
    }

    /// Code of the rule set that was in force on that day.
    async fn rule_set_code(&self) -> &str {
        &self.row.rule_set_code
    }

    /// Harmfulness of the conditions (В), grade 1 (best) to 5 (worst).
    async fn v(&self) -> i32 {
        self.row.v.into()
    }

    /// Hazard of injury (Т), grade 1 (best) to 5 (worst).
    async fn t(&self) -> i32 {
        self.row.t.into()
    }

    /// Safety of the equipment (Об), grade 1 (best) to 5 (worst).
    async fn ob(&self) -> i32 {
        self.row.ob.into()
    }

    /// Provision with personal protective equipment (СИЗ), grade 1 (best) to 5 (worst).
    async fn siz(&self) -> i32 {
        self.row.siz.into()
    }

    /// Morbidity (З), grade 1 (best) to 5 (worst).
    async fn z(&self) -> i32 {
        self.row.z.into()
    }

    /// PR, 1.0..5.0, exact.
    async fn pr(&self) -> Decimal {
        Decimal::from_micro(self.row.pr_micro)
    }

    /// Degree of professional risk, 1 (acceptable) to 5 (very high): the band of the rule set that PR falls in.
    async fn degree(&self) -> i32 {
        self.row.degree.into()
    }

    /// Name of the degree in the language asked for, else in that of the request. Null only with an error.
    async fn degree_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> Option<Result<String>> {
        Some(self.degree_rule(ctx, |rule| pick(rule.names.as_str(), ctx, language).to_owned()))
    }

    /// Level of protection the degree calls for: A maximal, B high, C medium, D minimal, E none beyond the ordinary. Null only
    /// with an error.
    async fn protection_level(&self, ctx: &Context<'_>) -> Option<Result<RiskLevel>> {
        Some(self.degree_rule(ctx, |rule| rule.level.letter.into()))
    }

    /// Whether this is the assessment in force. False for superseded ones and for one that was filed later but speaks
    /// of an earlier day.
    async fn current(&self) -> bool {
        self.row.current
    }

    /// Organisation that filed the assessment: the employer itself or an accredited organisation. Null when it came by
    /// import. Requires permission `assessment:read`.
    async fn assessor_organisation(&self, ctx: &Context<'_>) -> Option<Result<Organisation>> {
        Organisation::load(ctx, self.row.assessor_organisation_id?).boxed().await.transpose()
    }

    /// When it was filed.
    async fn created_at(&self) -> Moment {
        Moment(self.row.created_at)
    }

    /// How PR and degree came about. Steps that name factors or hold figures of morbidity are left out for a caller
    /// without permission `measurement:read`; all grades, the formula and the band stay.
    /// Requires permission `assessment:read`.
    async fn explanation(&self, ctx: &Context<'_>) -> Option<Result<Explanation>> {
        Some(self.explain(ctx).boxed().await)
    }

    /// What it was computed from. The degree may be read by many, the measurements behind it not.
    /// Requires permission `measurement:read`.
    async fn inputs(&self, ctx: &Context<'_>) -> Option<Result<AssessmentInputs>> {
        Some(self.load_inputs(ctx).boxed().await)
    }
}

impl Assessment {
    /// An assessment that was computed in this request.
    pub(super) fn computed(row: assessment::Model, trace: assessment_trace::Model) -> Self {
        Self { row, trace: Some(trace) }
    }

    async fn trace(&self, ctx: &Context<'_>, scope: &Scope) -> Result<assessment_trace::Model> {
        match &self.trace {
            Some(trace) => Ok(trace.clone()),
            None => trace_of(ctx, scope, self.row.id).await,
        }
    }

    async fn load_enterprise(&self, ctx: &Context<'_>) -> Result<Option<Enterprise>> {
        let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
        let row = ctx.load(EnterpriseById { id: self.row.enterprise_id, scope }).await?;
        Ok(row.map(Enterprise::from))
    }

    async fn explain(&self, ctx: &Context<'_>) -> Result<Explanation> {
        let scope = ctx.allow(Action::Read, Resource::Assessment)?;
        let stored = self.trace(ctx, &scope).await?;
        let mut explanation = Explanation::from(Trace::from_json(&stored.trace).map_err(Error::internal)?);
        if !ctx.allows(Action::Read, Resource::Measurement) {
            explanation.steps.retain(|step| !quotes_inputs(&step.code));
        }
        Ok(explanation)
    }

    async fn load_inputs(&self, ctx: &Context<'_>) -> Result<AssessmentInputs> {
        let scope = ctx.allow(Action::Read, Resource::Measurement)?;
        let stored = self.trace(ctx, &scope).await?;
        AssessmentInputs::parse(&stored, &*rules_of(ctx, &self.row)?)
    }

    /// What the rule set says about the degree.
    fn degree_rule<T>(&self, ctx: &Context<'_>, pick: impl FnOnce(&DegreeRule) -> T) -> Result<T> {
        let rules = rules_of(ctx, &self.row)?;
        let rule = rules.degree(degree_of(&self.row)?);
        rule.map(pick).ok_or_else(|| Error::internal(format!("rule set {} lacks a degree", rules.code)))
    }
}

/// Whether a step shows more than grades. `V_WORST` lists the factors of the workplace with their classes, which is the
/// matter of measurements; `Z:…` holds sick days and shares of the chronically ill, which at a workplace of one worker
/// speak of one person. No step holds a measured value.
fn quotes_inputs(code: &str) -> bool {
    code == "V_WORST" || code.starts_with("Z:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_steps_with_grades_are_for_everyone() {
        for open in ["V_FOLD", "V_RAISE", "V", "T", "OB_SHARE", "OB", "SIZ", "Z", "PR", "DEGREE"] {
            assert!(!quotes_inputs(open), "{open}");
        }
        for closed in ["V_WORST", "Z:TEMPORARY_INCAPACITY_DAYS"] {
            assert!(quotes_inputs(closed), "{closed}");
        }
    }
}
