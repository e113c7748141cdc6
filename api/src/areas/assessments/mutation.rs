//! Assessing a workplace.

use async_graphql::{Context, Object, SimpleObject};
use chrono::NaiveDate;
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::{assessment, enterprise, workplace};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::areas::assessments::error::{AssessmentComputeUserError, user_errors};
use crate::areas::assessments::filing::Filing;
use crate::areas::assessments::input::AssessmentComputeInput;
use crate::areas::assessments::judge::{Evidence, Judged, judge};
use crate::areas::assessments::standing::degree_of;
use crate::areas::assessments::store;
use crate::areas::assessments::subscription::status_events;
use crate::areas::assessments::types::Assessment;
use crate::areas::enterprises::{self, Counted, LevelChange, RiskLevel};
use crate::areas::factors;
use crate::areas::workplaces;
use crate::error::{Error, Result};
use crate::events::{Event, log};
use crate::graphql::once::{Saved, Writing, once, recalled};
use crate::graphql::user_error::{Stop, beside};
use crate::graphql::{Ask, id};

/// Result of `assessmentCompute`.
#[derive(SimpleObject)]
pub struct AssessmentComputePayload {
    /// The assessment; of a dry run, what it would be. Null when there are user errors.
    pub assessment: Option<Assessment>,
    /// Level of the enterprise before. Null while it had none, and when there are user errors.
    pub enterprise_level_before: Option<RiskLevel>,
    /// Level of the enterprise with the assessment. Null when there are user errors, and while nobody works at an
    /// assessed workplace.
    pub enterprise_level_after: Option<RiskLevel>,
    /// What was wrong with the input; empty when the assessment was computed.
    pub user_errors: Vec<AssessmentComputeUserError>,
}

/// Assessing workplaces.
#[derive(Default)]
pub struct AssessmentMutation;

#[Object]
impl AssessmentMutation {
    /// Computes the professional risk of a workplace from its newest measurements and the stated inputs, and stores it
    /// with its arithmetic. It comes into force unless the one in force speaks of a later day; degree of the workplace
    /// and level of the enterprise follow at once. With `dryRun` nothing is stored.
    /// Requires permission `assessment:create`.
    async fn assessment_compute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workplace, the day and the stated inputs.")] input: AssessmentComputeInput,
    ) -> Option<Result<AssessmentComputePayload>> {
        Some(assessment_compute(ctx, &input).await)
    }
}

async fn assessment_compute(ctx: &Context<'_>, input: &AssessmentComputeInput) -> Result<AssessmentComputePayload> {
    let scope = ctx.allow(Action::Create, Resource::Assessment)?;
    let again = async |kept: Kept| {
        let row = recalled(store::find(&ctx.db(), &scope, kept.assessment), "workplaceId").await?;
        Ok((row.into(), kept.level))
    };
    match once(ctx, input, |tx| compute(ctx, tx, &scope, input), again).await {
        Ok((assessment, level)) => Ok(AssessmentComputePayload {
            assessment: Some(assessment),
            enterprise_level_before: level.before.map(Into::into),
            enterprise_level_after: level.after.map(Into::into),
            user_errors: Vec::new(),
        }),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::Refused(refusals)) => Ok(AssessmentComputePayload {
            assessment: None,
            enterprise_level_before: None,
            enterprise_level_after: None,
            user_errors: user_errors(&refusals, ctx.language(None))?,
        }),
    }
}

/// What the answer is rebuilt from.
#[derive(Serialize, Deserialize)]
struct Kept {
    assessment: Uuid,
    level: LevelChange,
}

async fn compute(
    ctx: &Context<'_>,
    tx: Writing<Kept>,
    scope: &Scope,
    input: &AssessmentComputeInput,
) -> Result<Saved<(Assessment, LevelChange)>, Stop> {
    let key = id::read("Workplace", &input.workplace_id, "workplaceId").map_err(|refusal| unplaced(refusal, input))?;
    let not_found = || unplaced(Refusal::new(RefusalCode::NotFound).at("workplaceId"), input);
    let (before, workplace) = workplaces::lock_with_enterprise(&tx, scope, key).await?.ok_or_else(not_found)?;
    // What must change is the number of workers of the workplace.
    let full = enterprises::admits(&before, workplaces::counted(&workplace), workplace.workers).err();
    let full = Vec::from_iter(full.map(|refusal| refusal.at("workplaceId")));
    let (assessed_on, judged) = beside(full, judged(ctx, &tx, scope, workplace.id, input).await)?;
    let filing = Filing {
        assessed_on,
        current: is_newest(&tx, scope, &workplace, assessed_on).await?,
        organisation: ctx.actor().acting.as_ref().map(|acting| acting.organisation_id),
        person: ctx.actor().person.as_ref().map(|person| person.id),
        now: ctx.now(),
    };
    let (row, trace) = filing.rows(&workplace, &judged.inputs, &judged.score)?;
    let after = match row.current {
        true => rescored(ctx, &before, &workplace, &row)?,
        false => before.clone(),
    };
    store::insert(&tx, scope, row.clone(), trace.clone()).await?;
    if row.current {
        workplaces::set_score(&tx, workplace.clone(), row.id, judged.score.degree, row.pr_micro).await?;
        enterprises::save_tally(&tx, after.clone()).await?;
    }
    let book = ctx.app().library.book();
    let told = enterprises::level_event(&book, &before, &after);
    let happened = status_events(&row, workplace.current_assessment_id).into_iter().chain(told).collect();
    log::write(&tx, &before, ctx.now(), happened).await?;
    let level = LevelChange::of(&book, &before, &after);
    let saved = tx.save(Kept { assessment: row.id, level }, (Assessment::computed(row, trace), level)).await?;
    Ok(saved.telling(Event::Logged))
}

/// What is wrong with an input besides its workplace, as far as that can be said without one.
fn unplaced(refusal: Refusal, input: &AssessmentComputeInput) -> Vec<Refusal> {
    let day = input.assessed_on.clone().at("assessedOn").err();
    std::iter::once(refusal).chain(day).chain(input.stated().refusals).collect()
}

/// The day and the score of a locked workplace by its rules. Without rules only what needs none is judged.
async fn judged(
    ctx: &Context<'_>,
    tx: &DatabaseTransaction,
    scope: &Scope,
    workplace: Uuid,
    input: &AssessmentComputeInput,
) -> Result<(NaiveDate, Judged), Stop> {
    let on_day = |code| Refusal::new(code).at("assessedOn");
    let unruled = |refusal: Refusal| [vec![refusal], input.stated().refusals].concat();
    let day = input.assessed_on.clone().at("assessedOn").map_err(unruled)?;
    let mut refusals = Vec::new();
    if day > ctx.today() {
        refusals.push(on_day(RefusalCode::InFuture));
    }
    let Some(rules) = ctx.app().library.book().rules_on(day) else {
        refusals.extend(unruled(on_day(RefusalCode::UnknownRuleSet)));
        return Err(refusals.into());
    };
    let factors = factors::newest_per_factor(tx, scope, workplace, day).await?;
    match judge(&rules, input, Evidence::read(&rules, &factors)?) {
        Ok(judged) if refusals.is_empty() => Ok((day, judged)),
        Ok(_) => Err(refusals.into()),
        Err(found) => Err([refusals, found].concat().into()),
    }
}

/// Whether an assessment of this day comes into force: of one day, the one filed last.
async fn is_newest(
    tx: &DatabaseTransaction,
    scope: &Scope,
    workplace: &workplace::Model,
    day: NaiveDate,
) -> Result<bool> {
    let Some(current) = workplace.current_assessment_id else { return Ok(true) };
    let current = store::find(tx, scope, current).await?;
    Ok(current.is_none_or(|current| current.assessed_on <= day))
}

/// The enterprise with the workplace counted as it is now. Its level follows the rules of its newest assessment.
fn rescored(
    ctx: &Context<'_>,
    before: &enterprise::Model,
    workplace: &workplace::Model,
    row: &assessment::Model,
) -> Result<enterprise::Model> {
    let has_newer = before.assessed_on.is_some_and(|day| day > row.assessed_on);
    let code = before.rule_set_code.as_ref().filter(|_| has_newer).unwrap_or(&row.rule_set_code);
    let rules = ctx.app().library.book().rule_set(code);
    let rules = rules.ok_or_else(|| Error::internal(format!("enterprise {}: rule set {code} is gone", before.id)))?;
    let into = Counted { pr_micro: row.pr_micro, degree: degree_of(row)?, workers: workplace.workers };
    let out = workplaces::counted(workplace);
    enterprises::moved_tally(before.clone(), out, Some(into), &rules, row.assessed_on)
}
