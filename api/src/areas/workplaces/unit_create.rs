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
use crate::graphql::once::{Keyed, Saved, Writing, once, recalled};
use crate::graphql::user_error::{Stop, beside, settle};
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
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: String,
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

impl Keyed for UnitCreateInput {
    fn key(&self) -> Option<&str> {
        Some(&self.idempotency_key)
    }
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
    let run = |tx| create(ctx, tx, &scope, input.clone());
    let outcome =
        once(ctx, &input, run, async |id| recalled(store::find_unit(&ctx.db(), &scope, id), "enterpriseId").await)
            .await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(UnitCreatePayload { unit: row.map(Into::into), user_errors })
}

async fn create(
    ctx: &Context<'_>,
    tx: Writing,
    scope: &Scope,
    input: UnitCreateInput,
) -> Result<Saved<unit::Model>, Stop> {
    let key = id::read("Enterprise", &input.enterprise_id, "enterpriseId");
    let parent = input.parent_id.as_ref().map(|parent| id::read("Unit", parent, "parentId")).transpose();
    let draft = UnitDraft::from(input);
    let not_found = || Refusal::new(RefusalCode::NotFound).at("enterpriseId");
    let enterprise = match key {
        Ok(key) => enterprises::lock(&tx, scope, key).await?.ok_or_else(not_found),
        Err(refusal) => Err(refusal),
    };
    let mut faults = Vec::from_iter(parent.as_ref().err().cloned());
    let enterprise = match enterprise {
        Ok(row) => row.id,
        // Without an enterprise the draft is judged by itself.
        Err(refusal) => {
            let alone = check_unit_draft(&draft).err().unwrap_or_default();
            return Err([vec![refusal], faults, alone].concat().into());
        }
    };
    let parent = parent.unwrap_or_default();
    if let Some(parent) = parent
        && store::find_unit_of(&*tx, scope, enterprise, parent).await?.is_none()
    {
        faults.push(Refusal::new(RefusalCode::UnknownReference).at("parentId"));
    }
    if store::unit_code_taken(&*tx, scope, enterprise, draft.code.trim()).await? {
        faults.push(Refusal::new(RefusalCode::Duplicate).at("code").with("value", draft.code.trim()));
    }
    let checked = beside(faults, check_unit_draft(&draft).map_err(Stop::from))?;
    let row = store::insert_unit(&tx, checked.into_row(enterprise, parent, ctx.now())).await?;
    tx.save(row.id, row).await
}

impl From<UnitCreateInput> for UnitDraft {
    fn from(input: UnitCreateInput) -> Self {
        Self { code: input.code, name_kk: input.name_kk, name_ru: input.name_ru, name_en: input.name_en }
    }
}
