//! Adding a workplace.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::workplace;

use crate::areas::enterprises;
use crate::areas::workplaces::input::{WorkplaceDraft, check_draft};
use crate::areas::workplaces::place::Place;
use crate::areas::workplaces::store;
use crate::areas::workplaces::types::Workplace;
use crate::error::Result;
use crate::graphql::once::{Keyed, Saved, Writing, once, recalled};
use crate::graphql::user_error::{Stop, both, settle};
use crate::graphql::{Ask, id};
use crate::mutation_error;

mutation_error!(
    /// Why a workplace was not created.
    WorkplaceCreateUserError, WorkplaceCreateErrorCode {
        IdInvalid: "An id is malformed or of another type.",
        Required: "A required value is missing.",
        TooLong: "A text is longer than allowed.",
        Negative: "A number is below zero.",
        OutOfRange: "A number is outside its range.",
        UnknownProfession: "The profession is not in the classifier.",
        UnknownReference: "The unit does not exist or belongs to another enterprise.",
        Duplicate: "Another workplace of the enterprise has the code.",
        NotFound: "The enterprise does not exist or may not be changed by the caller.",
    }
);

/// A new workplace.
#[derive(Clone, InputObject)]
pub struct WorkplaceCreateInput {
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: String,
    /// The enterprise it belongs to.
    pub enterprise_id: ID,
    /// The structural unit it belongs to, of the same enterprise; none when absent.
    pub unit_id: Option<ID>,
    /// Code, unique within the enterprise, at most 64 characters.
    pub code: String,
    /// Name in Kazakh, at most 300 characters.
    pub name_kk: Option<String>,
    /// Name in Russian, at most 300 characters.
    pub name_ru: String,
    /// Name in English, at most 300 characters.
    pub name_en: Option<String>,
    /// Code of the profession of its workers.
    pub profession_code: String,
    /// Workers over all shifts, 0..100,000.
    pub workers: i32,
    /// Shifts a day, 1..4.
    #[graphql(default = 1)]
    pub shifts: i32,
}

impl Keyed for WorkplaceCreateInput {
    fn key(&self) -> Option<&str> {
        Some(&self.idempotency_key)
    }
}

/// Result of `workplaceCreate`.
#[derive(SimpleObject)]
pub struct WorkplaceCreatePayload {
    /// The new workplace. Null when there are user errors.
    pub workplace: Option<Workplace>,
    /// What was wrong with the input; empty when the workplace was created.
    pub user_errors: Vec<WorkplaceCreateUserError>,
}

/// Adds a workplace, or says what is wrong with it.
pub async fn workplace_create(ctx: &Context<'_>, input: WorkplaceCreateInput) -> Result<WorkplaceCreatePayload> {
    let scope = ctx.allow(Action::Create, Resource::Workplace)?;
    let run = |tx| create(ctx, tx, &scope, input.clone());
    let outcome =
        once(ctx, &input, run, async |id| recalled(store::find(&ctx.db(), &scope, id), "enterpriseId").await).await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(WorkplaceCreatePayload { workplace: row.map(Into::into), user_errors })
}

async fn create(
    ctx: &Context<'_>,
    tx: Writing,
    scope: &Scope,
    input: WorkplaceCreateInput,
) -> Result<Saved<workplace::Model>, Stop> {
    let key = id::read("Enterprise", &input.enterprise_id, "enterpriseId");
    let unit = input.unit_id.as_ref().map(|unit| id::read("Unit", unit, "unitId")).transpose();
    let (draft, book) = (WorkplaceDraft::from(input), ctx.app().library.book());
    let not_found = || Refusal::new(RefusalCode::NotFound).at("enterpriseId");
    let enterprise = match key {
        Ok(key) => enterprises::lock(&tx, scope, key).await?.ok_or_else(not_found),
        Err(refusal) => Err(refusal),
    };
    let Ok(enterprise) = enterprise else {
        // Without an enterprise the draft is judged by itself.
        let alone = both(unit, check_draft(&draft, &book).map(|_| ()));
        return Err(both(enterprise.map(|_| ()), alone.map(|_| ())).err().unwrap_or_default().into());
    };
    let place = Place { enterprise: enterprise.id, unit, itself: None };
    let checked = place.judge(&tx, scope, &draft, &book).await?;
    let row = checked.into_row(place.enterprise, place.unit?, ctx.now());
    let row = store::insert(&tx, row).await?;
    tx.save(row.id, row).await
}

impl From<WorkplaceCreateInput> for WorkplaceDraft {
    fn from(input: WorkplaceCreateInput) -> Self {
        Self {
            code: input.code,
            name_kk: input.name_kk,
            name_ru: input.name_ru,
            name_en: input.name_en,
            profession: input.profession_code,
            workers: input.workers.into(),
            shifts: input.shifts.into(),
        }
    }
}
