//! Creating and changing workplaces and units.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::{enterprise, workplace};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::areas::enterprises;
use crate::areas::reference::Book;
use crate::areas::workplaces::input::{CheckedWorkplace, WorkplaceDraft, check_draft};
use crate::areas::workplaces::store;
use crate::areas::workplaces::types::Workplace;
use crate::areas::workplaces::unit_create::{self, UnitCreateInput, UnitCreatePayload};
use crate::error::{Error, Result};
use crate::graphql::user_error::{Stop, user_errors};
use crate::graphql::{Ask, id};
use crate::mutation_error;

mutation_error!(
    /// Why a workplace was not created.
    WorkplaceCreateUserError, WorkplaceCreateErrorCode {
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

mutation_error!(
    /// Why a workplace was not changed.
    WorkplaceUpdateUserError, WorkplaceUpdateErrorCode {
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

/// A new workplace.
#[derive(InputObject)]
pub struct WorkplaceCreateInput {
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

/// What to change of a workplace. An absent field stays as it is.
#[derive(InputObject)]
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

/// Result of `workplaceCreate`.
#[derive(SimpleObject)]
pub struct WorkplaceCreatePayload {
    /// The new workplace. Null when there are user errors.
    pub workplace: Option<Workplace>,
    /// What was wrong with the input; empty when the workplace was created.
    pub user_errors: Vec<WorkplaceCreateUserError>,
}

/// Result of `workplaceUpdate`.
#[derive(SimpleObject)]
pub struct WorkplaceUpdatePayload {
    /// The changed workplace. Null when there are user errors.
    pub workplace: Option<Workplace>,
    /// What was wrong with the input; empty when the workplace was changed.
    pub user_errors: Vec<WorkplaceUpdateUserError>,
}

/// Creating and changing workplaces and units.
#[derive(Default)]
pub struct WorkplaceMutation;

#[Object]
impl WorkplaceMutation {
    /// Adds a workplace to an enterprise. Requires permission `workplace:create`.
    async fn workplace_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new workplace.")] input: WorkplaceCreateInput,
    ) -> Result<WorkplaceCreatePayload> {
        let scope = ctx.allow(Action::Create, Resource::Workplace)?;
        match create(ctx, &scope, input).await {
            Ok(row) => Ok(WorkplaceCreatePayload { workplace: Some(row.into()), user_errors: Vec::new() }),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Refused(refusals)) => {
                Ok(WorkplaceCreatePayload { workplace: None, user_errors: user_errors(refusals, ctx.language(None))? })
            }
        }
    }

    /// Changes a workplace. Requires permission `workplace:update`.
    async fn workplace_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: WorkplaceUpdateInput,
    ) -> Result<WorkplaceUpdatePayload> {
        let scope = ctx.allow(Action::Update, Resource::Workplace)?;
        match update(ctx, &scope, input).await {
            Ok(row) => Ok(WorkplaceUpdatePayload { workplace: Some(row.into()), user_errors: Vec::new() }),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Refused(refusals)) => {
                Ok(WorkplaceUpdatePayload { workplace: None, user_errors: user_errors(refusals, ctx.language(None))? })
            }
        }
    }

    /// Adds a structural unit to an enterprise. Requires permission `unit:create`.
    async fn unit_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new unit.")] input: UnitCreateInput,
    ) -> Result<UnitCreatePayload> {
        let scope = ctx.allow(Action::Create, Resource::Unit)?;
        match unit_create::create(ctx, &scope, input).await {
            Ok(row) => Ok(UnitCreatePayload { unit: Some(row.into()), user_errors: Vec::new() }),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Refused(refusals)) => {
                Ok(UnitCreatePayload { unit: None, user_errors: user_errors(refusals, ctx.language(None))? })
            }
        }
    }
}

async fn create(ctx: &Context<'_>, scope: &Scope, input: WorkplaceCreateInput) -> Result<workplace::Model, Stop> {
    let enterprise = id::decode("Enterprise", &input.enterprise_id, "input.enterpriseId")?;
    let unit = input.unit_id.as_ref().map(|unit| id::decode("Unit", unit, "input.unitId")).transpose()?;
    let tx = ctx.begin().await?;
    let not_found = || Refusal::new(RefusalCode::NotFound).at("enterpriseId");
    let enterprise = enterprises::lock(&tx, scope, enterprise).await?.ok_or_else(not_found)?.id;
    let place = Place { enterprise, unit, itself: None };
    let checked = judge(&tx, scope, &place, &input.into(), &ctx.app().library.book()).await?;
    let row = store::insert(&tx, checked.into_row(enterprise, unit, ctx.now())).await?;
    tx.commit().await?;
    Ok(row)
}

async fn update(ctx: &Context<'_>, scope: &Scope, input: WorkplaceUpdateInput) -> Result<workplace::Model, Stop> {
    if input.is_empty() {
        return Err(Refusal::new(RefusalCode::NothingToChange).into());
    }
    let key = id::decode("Workplace", &input.id, "input.id")?;
    let moved_to = input.unit_id.as_opt_ref().map(|unit| unit.map(|unit| id::decode("Unit", unit, "input.unitId")));
    let moved_to = moved_to.map(Option::transpose).transpose()?;
    let tx = ctx.begin().await?;
    let (owner, row) = lock_both(&tx, scope, key).await?;
    if row.version != input.version {
        return Err(Refusal::new(RefusalCode::Conflict).at("version").into());
    }
    let place = Place { enterprise: owner.id, unit: moved_to.unwrap_or(row.unit_id), itself: Some(row.id) };
    let checked = judge(&tx, scope, &place, &input.over(&row), &ctx.app().library.book()).await?;
    let changed = workplace::Model {
        unit_id: place.unit,
        version: row.version + 1,
        updated_at: ctx.now(),
        ..checked.write_to(row.clone())
    };
    recount(ctx, &tx, owner, &row, &changed).await?;
    let changed = store::update(&tx, changed).await?;
    tx.commit().await?;
    Ok(changed)
}

/// The workplace and its enterprise, locked in the order that all writers keep: the enterprise first.
async fn lock_both(
    tx: &DatabaseTransaction,
    scope: &Scope,
    key: Uuid,
) -> Result<(enterprise::Model, workplace::Model), Stop> {
    let not_found = || Refusal::new(RefusalCode::NotFound).at("id");
    let enterprise = store::find(tx, scope, key).await?.ok_or_else(not_found)?.enterprise_id;
    let enterprise = enterprises::lock(tx, scope, enterprise).await?.ok_or_else(not_found)?;
    let row = store::lock(tx, scope, key).await?.ok_or_else(not_found)?;
    Ok((enterprise, row))
}

/// Where a workplace stands: what its draft is judged against besides the classifiers.
struct Place {
    enterprise: Uuid,
    unit: Option<Uuid>,
    /// The workplace itself, when it exists already.
    itself: Option<Uuid>,
}

/// Judges a draft by itself and against the other rows of the enterprise. All faults come at once.
async fn judge(
    tx: &DatabaseTransaction,
    scope: &Scope,
    place: &Place,
    draft: &WorkplaceDraft,
    book: &Book,
) -> Result<CheckedWorkplace, Stop> {
    let code = draft.code.trim();
    let mut faults = Vec::new();
    if let Some(unit) = place.unit
        && store::find_unit(tx, scope, place.enterprise, unit).await?.is_none()
    {
        faults.push(Refusal::new(RefusalCode::UnknownReference).at("unitId"));
    }
    if store::code_taken(tx, scope, place.enterprise, code, place.itself).await? {
        faults.push(Refusal::new(RefusalCode::Duplicate).at("code").with("value", code));
    }
    let checked = check_draft(draft, book).map_err(|found| [found, faults.clone()].concat())?;
    if faults.is_empty() { Ok(checked) } else { Err(faults.into()) }
}

/// Another number of workers is another weight in the score of the enterprise, in the same transaction.
async fn recount(
    ctx: &Context<'_>,
    tx: &DatabaseTransaction,
    owner: enterprise::Model,
    before: &workplace::Model,
    after: &workplace::Model,
) -> Result<()> {
    let (out, into) = (store::counted(before), store::counted(after));
    if out == into {
        return Ok(());
    }
    // The rules that gave the score stay: nothing was assessed anew.
    let book = ctx.app().library.book();
    let rules = owner.rule_set_code.as_deref().and_then(|code| book.rule_set(code));
    let rules = rules.ok_or_else(|| Error::internal(format!("enterprise {}: no rule set of its score", owner.id)))?;
    let assessed_on = owner.assessed_on.unwrap_or(ctx.today());
    enterprises::move_tally(tx, owner, out, into, &rules, assessed_on).await?;
    Ok(())
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
