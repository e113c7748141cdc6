//! Adding a structural unit.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::unit;

use crate::areas::enterprises;
use crate::areas::workplaces::input::{UnitDraft, check_unit_draft};
use crate::areas::workplaces::store;
use crate::areas::workplaces::unit::Unit;
use crate::error::Result;
use crate::graphql::attempt::Attempt;
use crate::graphql::user_error::{Stop, both, settle};
use crate::graphql::{Ask, id};
use crate::mutation_error;

mutation_error!(
    /// Why a unit was not created.
    UnitCreateUserError, UnitCreateErrorCode {
        IdInvalid: "An id is malformed or of another type.",
        Required: "A required value is missing.",
        TooLong: "A text is longer than allowed.",
        Duplicate: "Another unit of the enterprise has the code.",
        UnknownReference: "The unit above does not exist or belongs to another enterprise.",
        NotFound: "The enterprise does not exist or may not be changed by the caller.",
    }
);

/// A new structural unit.
#[derive(Clone, InputObject)]
pub struct UnitCreateInput {
    /// The enterprise it belongs to.
    pub enterprise_id: ID,
    /// The unit above, of the same enterprise; at the top when absent.
    pub parent_id: Option<ID>,
    /// Code, unique within the enterprise, at most 64 characters.
    pub code: String,
    /// Name in Kazakh, at most 300 characters.
    pub name_kk: Option<String>,
    /// Name in Russian, at most 300 characters.
    pub name_ru: String,
    /// Name in English, at most 300 characters.
    pub name_en: Option<String>,
}

/// Result of `unitCreate`.
#[derive(SimpleObject)]
pub struct UnitCreatePayload {
    /// The new unit. Null when there are user errors.
    pub unit: Option<Unit>,
    /// What was wrong with the input; empty when the unit was created.
    pub user_errors: Vec<UnitCreateUserError>,
}

/// Adds a unit, or says what is wrong with it.
pub async fn unit_create(ctx: &Context<'_>, input: UnitCreateInput) -> Result<UnitCreatePayload> {
    let scope = ctx.allow(Action::Create, Resource::Unit)?;
    let outcome = ctx.retrying(|attempt| create(ctx, attempt, &scope, input.clone())).await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(UnitCreatePayload { unit: row.map(Into::into), user_errors })
}

async fn create(
    ctx: &Context<'_>,
    attempt: Attempt<'_>,
    scope: &Scope,
    input: UnitCreateInput,
) -> Result<unit::Model, Stop> {
    let key = id::read("Enterprise", &input.enterprise_id, "enterpriseId");
    let parent = input.parent_id.as_ref().map(|parent| id::read("Unit", parent, "parentId")).transpose();
    let draft = UnitDraft::from(input);
    let tx = attempt.begin().await?;
    let not_found = || Refusal::new(RefusalCode::NotFound).at("enterpriseId");
    let enterprise = match key {
        Ok(key) => enterprises::lock(&tx, scope, key).await?.ok_or_else(not_found),
        Err(refusal) => Err(refusal),
    };
    let known = both(enterprise, parent.map_err(|refusal| vec![refusal]));
    // Without an enterprise the draft is judged by itself.
    let (enterprise, parent) =
        known.map_err(|faults| [faults, check_unit_draft(&draft).err().unwrap_or_default()].concat())?;
    let enterprise = enterprise.id;

    let mut faults = Vec::new();
    if let Some(parent) = parent
        && store::find_unit(&tx, scope, enterprise, parent).await?.is_none()
    {
        faults.push(Refusal::new(RefusalCode::UnknownReference).at("parentId"));
    }
    if store::unit_code_taken(&tx, scope, enterprise, draft.code.trim()).await? {
        faults.push(Refusal::new(RefusalCode::Duplicate).at("code").with("value", draft.code.trim()));
    }
    let checked = check_unit_draft(&draft).map_err(|found| [found, faults.clone()].concat())?;
    if !faults.is_empty() {
        return Err(faults.into());
    }

    let row = store::insert_unit(&tx, checked.into_row(enterprise, parent, ctx.now())).await?;
    tx.commit().await?;
    Ok(row)
}

impl From<UnitCreateInput> for UnitDraft {
    fn from(input: UnitCreateInput) -> Self {
        Self { code: input.code, name_kk: input.name_kk, name_ru: input.name_ru, name_en: input.name_en }
    }
}
