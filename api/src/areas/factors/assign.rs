//! Saying that a factor is present at a workplace, and for how long in a shift.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::factor_assignment;
use entity::scope::Scope;

use crate::areas::factors::input::{check_exposure, new_assignment};
use crate::areas::factors::store;
use crate::areas::factors::types::FactorAssignment;
use crate::areas::workplaces;
use crate::error::Result;
use crate::graphql::once::{Keyed, Saved, Writing, once, recalled};
use crate::graphql::user_error::{Stop, beside, both, settle};
use crate::graphql::{Ask, id};
use crate::mutation_error;

mutation_error!(
    /// Why a factor was not assigned.
    FactorAssignUserError, FactorAssignErrorCode {
        IdInvalid: "An id is malformed or of another type.",
        OutOfRange: "A number is outside its range.",
        UnknownFactor: "The factor is not in the catalogue of the rule set in force.",
        UnknownRuleSet: "There is no rule set in force today.",
        NotFound: "The workplace does not exist or may not be changed by the caller.",
        Conflict: "The factor is assigned already with another version than the given one, or none was given.",
    }
);

/// A factor that is present at a workplace.
#[derive(Clone, InputObject)]
pub struct FactorAssignInput {
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: String,
    /// The workplace.
    pub workplace_id: ID,
    /// Code of the factor in the catalogue of the rule set in force.
    pub factor_code: String,
    /// Exposure in a shift, minutes, 0..1440.
    pub exposure_minutes: i32,
    /// The version that was read of a factor that is assigned already; absent for a new one. Another one is a conflict.
    pub version: Option<i64>,
}

impl Keyed for FactorAssignInput {
    fn key(&self) -> Option<&str> {
        Some(&self.idempotency_key)
    }
}

/// Result of `factorAssign`.
#[derive(SimpleObject)]
pub struct FactorAssignPayload {
    /// The factor at the workplace. Null when there are user errors.
    pub factor_assignment: Option<FactorAssignment>,
    /// What was wrong with the input; empty when the factor was assigned.
    pub user_errors: Vec<FactorAssignUserError>,
}

/// Assigns a factor, or says what is wrong with it.
pub async fn factor_assign(ctx: &Context<'_>, input: FactorAssignInput) -> Result<FactorAssignPayload> {
    let scope = ctx.allow(Action::Create, Resource::FactorAssignment)?;
    let run = |tx| assign(ctx, tx, &scope, input.clone());
    let again = async |id| recalled(store::find_assignment(&ctx.db(), &scope, id), "workplaceId").await;
    let outcome = once(ctx, &input, run, again).await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(FactorAssignPayload { factor_assignment: row.map(Into::into), user_errors })
}

/// Assigns the factor, or changes the exposure when it is assigned already.
async fn assign(
    ctx: &Context<'_>,
    tx: Writing,
    scope: &Scope,
    input: FactorAssignInput,
) -> Result<Saved<factor_assignment::Model>, Stop> {
    let key = id::read("Workplace", &input.workplace_id, "workplaceId");
    let rules = ctx.app().library.book().rules_on(ctx.today());
    let checked = check_exposure(&input.factor_code, input.exposure_minutes, rules.as_deref());
    let not_found = || Refusal::new(RefusalCode::NotFound).at("workplaceId");
    let workplace = match key {
        Ok(key) => workplaces::lock(&tx, scope, key).await?.ok_or_else(not_found),
        Err(refusal) => Err(refusal),
    };
    let assigned = match &workplace {
        Ok(workplace) => store::find_factor(&*tx, scope, workplace.id, &input.factor_code).await?,
        Err(_) => None,
    };
    if assigned.is_some() {
        ctx.allow(Action::Update, Resource::FactorAssignment)?;
    }
    let is_another = match &assigned {
        Some(row) => input.version != Some(row.version),
        None => input.version.is_some() && workplace.is_ok() && is_known(&checked),
    };
    let conflict = is_another.then(|| Refusal::new(RefusalCode::Conflict).at("version"));
    let judged = both(workplace, checked).map_err(Stop::from);
    let (workplace, (factor, minutes)) = beside(Vec::from_iter(conflict), judged)?;
    let row = match assigned {
        None => store::insert_assignment(&tx, new_assignment(&workplace, &factor, minutes, ctx.now())).await?,
        Some(row) => store::update_exposure(&tx, row, minutes).await?,
    };
    tx.save(row.id, row).await
}

/// Whether the factor is one of the rules; of another one nobody asks whether it was assigned.
fn is_known<T>(checked: &Result<T, Vec<Refusal>>) -> bool {
    let unknown = [RefusalCode::UnknownFactor, RefusalCode::UnknownRuleSet];
    !checked.as_ref().err().is_some_and(|faults| faults.iter().any(|fault| unknown.contains(&fault.code)))
}
