//! Changing a workplace.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::workplace;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::areas::enterprises::{LevelChange, RiskLevel};
use crate::areas::workplaces::input::{WorkplaceDraft, check_draft};
use crate::areas::workplaces::place::Place;
use crate::areas::workplaces::recount::{has_room, recount};
use crate::areas::workplaces::store;
use crate::areas::workplaces::types::Workplace;
use crate::error::Result;
use crate::events::Event;
use crate::graphql::once::{Keyed, Saved, Writing, once, recalled};
use crate::graphql::user_error::{Stop, beside, settle};
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
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: Option<String>,
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
    /// Does everything and keeps nothing, the idempotency key neither.
    #[graphql(default)]
    pub dry_run: bool,
}

impl Keyed for WorkplaceUpdateInput {
    fn key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

/// Result of `workplaceUpdate`.
#[derive(SimpleObject)]
pub struct WorkplaceUpdatePayload {
    /// The changed workplace; of a dry run, what it would be. Null when there are user errors.
    pub workplace: Option<Workplace>,
    /// Level of the enterprise before. Null while it had none, and when there are user errors.
    pub enterprise_level_before: Option<RiskLevel>,
    /// Level of the enterprise with the change. Null when there are user errors, and while nobody works at an assessed
    /// workplace.
    pub enterprise_level_after: Option<RiskLevel>,
    /// What was wrong with the input; empty when the workplace was changed.
    pub user_errors: Vec<WorkplaceUpdateUserError>,
}

/// Changes a workplace, or says what is wrong with the change.
pub async fn workplace_update(ctx: &Context<'_>, input: WorkplaceUpdateInput) -> Result<WorkplaceUpdatePayload> {
    let scope = ctx.allow(Action::Update, Resource::Workplace)?;
    let again = async |kept: Kept| {
        let row = recalled(store::find(&ctx.db(), &scope, kept.workplace), "id").await?;
        Ok((row, kept.level))
    };
    let outcome = once(ctx, &input, |tx| update(ctx, tx, &scope, input.clone()), again).await;
    let (changed, user_errors) = settle(outcome, ctx.language(None))?;
    let (row, level) = changed.unzip();
    Ok(WorkplaceUpdatePayload {
        workplace: row.map(Into::into),
        enterprise_level_before: level.and_then(|level| level.before).map(Into::into),
        enterprise_level_after: level.and_then(|level| level.after).map(Into::into),
        user_errors,
    })
}

/// What the answer is rebuilt from.
#[derive(Serialize, Deserialize)]
struct Kept {
    workplace: Uuid,
    level: LevelChange,
}

async fn update(
    ctx: &Context<'_>,
    tx: Writing<Kept>,
    scope: &Scope,
    input: WorkplaceUpdateInput,
) -> Result<Saved<(workplace::Model, LevelChange)>, Stop> {
    let book = ctx.app().library.book();
    let mut faults = input.nothing();
    let moved_to = input.unit_id.as_opt_ref().map(|unit| unit.map(|unit| id::read("Unit", unit, "unitId")).transpose());
    let not_found = || Refusal::new(RefusalCode::NotFound).at("id");
    let found = match id::read("Workplace", &input.id, "id") {
        Ok(key) => store::lock_with_enterprise(&tx, scope, key).await?.ok_or_else(not_found),
        Err(refusal) => Err(refusal),
    };
    let (owner, row) = match found {
        Ok(found) => found,
        Err(refusal) => {
            // Without a row only what is given can be judged.
            let alone = check_draft(&input.clone().over(None), &book).err().unwrap_or_default();
            faults.push(refusal);
            faults.extend(moved_to.and_then(Result::err));
            faults.extend(alone.into_iter().filter(|fault| input.gives(&fault.field)));
            return Err(faults.into());
        }
    };
    if row.version != input.version {
        faults.push(Refusal::new(RefusalCode::Conflict).at("version"));
    }
    faults.extend(input.workers.and_then(|workers| has_room(&owner, &row, workers).err()));
    let place = Place { enterprise: owner.id, unit: moved_to.unwrap_or(Ok(row.unit_id)), itself: Some(row.id) };
    let judged = place.judge(&tx, scope, &input.over(Some(&row)), &book).await;
    let checked = beside(faults, judged)?;
    let changed = workplace::Model {
        unit_id: place.unit?,
        version: row.version + 1,
        updated_at: ctx.now(),
        ..checked.write_to(row.clone())
    };
    let rescored = recount(&tx, &book, owner.clone(), &row, &changed).await?;
    let level = LevelChange::of(&book, &owner, &rescored);
    let changed = store::update(&tx, changed).await?;
    let kept = Kept { workplace: changed.id, level };
    Ok(tx.save(kept, (changed, level)).await?.telling(Event::Logged))
}

impl WorkplaceUpdateInput {
    /// That nothing is to be changed.
    fn nothing(&self) -> Vec<Refusal> {
        let names = self.name_kk.is_none() && self.name_ru.is_none() && self.name_en.is_none();
        let codes = self.code.is_none() && self.profession_code.is_none() && self.unit_id.is_undefined();
        let nothing = names && codes && self.workers.is_none() && self.shifts.is_none();
        Vec::from_iter(nothing.then(|| Refusal::new(RefusalCode::NothingToChange)))
    }

    /// Whether a fault at this field is about something that is given.
    fn gives(&self, field: &str) -> bool {
        match field {
            "code" => self.code.is_some(),
            "nameKk" => self.name_kk.is_some(),
            "nameRu" => self.name_ru.is_some(),
            "nameEn" => self.name_en.is_some(),
            "professionCode" => self.profession_code.is_some(),
            "workers" => self.workers.is_some(),
            "shifts" => self.shifts.is_some(),
            _ => false,
        }
    }

    /// The row as it would be: what is given, over what is there.
    fn over(self, row: Option<&workplace::Model>) -> WorkplaceDraft {
        let kept = |text: fn(&workplace::Model) -> &String| row.map(text).cloned();
        WorkplaceDraft {
            code: self.code.or_else(|| kept(|row| &row.code)).unwrap_or_default(),
            name_kk: self.name_kk.or_else(|| kept(|row| &row.name_kk)),
            name_ru: self.name_ru.or_else(|| kept(|row| &row.name_ru)).unwrap_or_default(),
            name_en: self.name_en.or_else(|| kept(|row| &row.name_en)),
            profession: self.profession_code.or_else(|| kept(|row| &row.profession_code)).unwrap_or_default(),
            workers: self.workers.or_else(|| row.map(|row| row.workers)).unwrap_or_default().into(),
            shifts: self.shifts.map(i64::from).or_else(|| row.map(|row| row.shifts.into())).unwrap_or_default(),
        }
    }
}
