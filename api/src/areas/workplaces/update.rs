//! Changing a workplace.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::workplace;

use crate::areas::workplaces::input::WorkplaceDraft;
use crate::areas::workplaces::place::Place;
use crate::areas::workplaces::recount::recount;
use crate::areas::workplaces::store;
use crate::areas::workplaces::types::Workplace;
use crate::error::Result;
use crate::events::Event;
use crate::graphql::attempt::Attempt;
use crate::graphql::user_error::{Stop, settle};
use crate::graphql::{Ask, id};
use crate::mutation_error;

mutation_error!(
    /// Why a workplace was not changed.
    WorkplaceUpdateUserError, WorkplaceUpdateErrorCode {
        IdInvalid: "An id is malformed or of another type.",
        Required: "A required value is missing.",
        TooLong: "A text is longer than allowed.",
        Negative: "A number is below zero.",
        OutOfRange: "A number is outside its range.",
        UnknownProfession: "The profession is not in the classifier.",
        UnknownReference: "The unit does not exist or belongs to another enterprise.",
        Duplicate: "Another workplace of the enterprise has the code.",
        NotFound: "The workplace does not exist or may not be changed by the caller.",
        Conflict: "The workplace was changed since the given version.",
        NothingToChange: "No field to change was given.",
    }
);

/// What to change of a workplace. An absent field stays as it is.
#[derive(Clone, InputObject)]
pub struct WorkplaceUpdateInput {
    /// Which workplace.
    pub id: ID,
    /// The version that was read; another one is a conflict.
    pub version: i64,
    /// New structural unit; null takes the workplace out of its unit.
    pub unit_id: MaybeUndefined<ID>,
    /// New code.
    pub code: Option<String>,
    /// New name in Kazakh.
    pub name_kk: Option<String>,
    /// New name in Russian.
    pub name_ru: Option<String>,
    /// New name in English.
    pub name_en: Option<String>,
    /// New profession.
    pub profession_code: Option<String>,
    /// New number of workers. The level of the enterprise follows at once when the workplace is assessed.
    pub workers: Option<i32>,
    /// New number of shifts.
    pub shifts: Option<i32>,
}

/// Result of `workplaceUpdate`.
#[derive(SimpleObject)]
pub struct WorkplaceUpdatePayload {
    /// The changed workplace. Null when there are user errors.
    pub workplace: Option<Workplace>,
    /// What was wrong with the input; empty when the workplace was changed.
    pub user_errors: Vec<WorkplaceUpdateUserError>,
}

/// Changes a workplace, or says what is wrong with the change.
pub async fn workplace_update(ctx: &Context<'_>, input: WorkplaceUpdateInput) -> Result<WorkplaceUpdatePayload> {
    let scope = ctx.allow(Action::Update, Resource::Workplace)?;
    let outcome = ctx.retrying(|attempt| update(ctx, attempt, &scope, input.clone())).await;
    if outcome.is_ok() {
        ctx.app().events.tell(Event::Logged).await;
    }
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(WorkplaceUpdatePayload { workplace: row.map(Into::into), user_errors })
}

async fn update(
    ctx: &Context<'_>,
    attempt: Attempt<'_>,
    scope: &Scope,
    input: WorkplaceUpdateInput,
) -> Result<workplace::Model, Stop> {
    if input.is_empty() {
        return Err(Refusal::new(RefusalCode::NothingToChange).into());
    }
    let key = id::read("Workplace", &input.id, "id")?;
    let moved_to = input.unit_id.as_opt_ref().map(|unit| unit.map(|unit| id::read("Unit", unit, "unitId")).transpose());
    let tx = attempt.begin().await?;
    let not_found = || Refusal::new(RefusalCode::NotFound).at("id");
    let (owner, row) = store::lock_with_enterprise(&tx, scope, key).await?.ok_or_else(not_found)?;
    if row.version != input.version {
        return Err(Refusal::new(RefusalCode::Conflict).at("version").into());
    }
    let place = Place { enterprise: owner.id, unit: moved_to.unwrap_or(Ok(row.unit_id)), itself: Some(row.id) };
    let book = ctx.app().library.book();
    let checked = place.judge(&tx, scope, &input.over(&row), &book).await?;
    let changed = workplace::Model {
        unit_id: place.unit?,
        version: row.version + 1,
        updated_at: ctx.now(),
        ..checked.write_to(row.clone())
    };
    recount(&tx, &book, owner, &row, &changed).await?;
    let changed = store::update(&tx, changed).await?;
    tx.commit().await?;
    Ok(changed)
}

impl WorkplaceUpdateInput {
    fn is_empty(&self) -> bool {
        let names = self.name_kk.is_none() && self.name_ru.is_none() && self.name_en.is_none();
        let codes = self.code.is_none() && self.profession_code.is_none() && self.unit_id.is_undefined();
        names && codes && self.workers.is_none() && self.shifts.is_none()
    }

    /// The row as it would be: what is given, over what is there.
    fn over(self, row: &workplace::Model) -> WorkplaceDraft {
        WorkplaceDraft {
            code: self.code.unwrap_or_else(|| row.code.clone()),
            name_kk: self.name_kk.or_else(|| Some(row.name_kk.clone())),
            name_ru: self.name_ru.unwrap_or_else(|| row.name_ru.clone()),
            name_en: self.name_en.or_else(|| Some(row.name_en.clone())),
            profession: self.profession_code.unwrap_or_else(|| row.profession_code.clone()),
            workers: self.workers.unwrap_or(row.workers).into(),
            shifts: self.shifts.map_or_else(|| row.shifts.into(), i64::from),
        }
    }
}
