//! Adding an enterprise.

use async_graphql::{Context, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use domain::ids::Bin as BinCode;
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::enterprise;
use entity::scope::Scope;
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::areas::enterprises::input::{CheckedEnterprise, EnterpriseDraft, Secondary, check};
use crate::areas::enterprises::store;
use crate::areas::enterprises::types::Enterprise;
use crate::areas::identity::Employers;
use crate::error::{Code, Error, Result};
use crate::graphql::Ask;
use crate::graphql::once::{Keyed, Saved, Writing, once, recalled};
use crate::graphql::scalars::{Bin, Date, Decimal, Given, KatoCode, OkedCode};
use crate::graphql::user_error::{Stop, settle};
use crate::mutation_error;

mutation_error!(
    /// Why an enterprise was not created.
    EnterpriseCreateUserError, EnterpriseCreateErrorCode {
        Required: "A required value is missing.",
        TooLong: "A text is longer than allowed.",
        InvalidLength: "A code has the wrong length.",
        NotDigits: "A code holds something else than digits.",
        InvalidChecksum: "The check digit of a BIN is wrong.",
        InvalidStructure: "A code has an impossible part.",
        InvalidDate: "A text is not a civil date.",
        InvalidDecimal: "A text is not a decimal number.",
        TooManyDecimals: "A number has more decimals than are kept.",
        Negative: "A number is below zero.",
        OutOfRange: "A number is outside its range.",
        InFuture: "A date is after today.",
        UnknownTerritory: "The KATO code is not in the classifier.",
        UnknownActivity: "The OKED code is not in the classifier.",
        Duplicate: "The same value is given twice.",
        NotOwnBin: "An employer names another BIN than that of its own organisation; the ministry enters those.",
        NotAvailable: "An enterprise cannot be created with this BIN; nothing is said about why.",
        NotFound: "The enterprise that was created with this idempotency key may not be seen by the caller any more.",
    }
);

/// A new enterprise.
#[derive(Clone, InputObject)]
pub struct EnterpriseCreateInput {
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: String,
    /// Business identification number.
    pub bin: Bin,
    /// Name in Kazakh, at most 300 characters.
    pub name_kk: Option<String>,
    /// Name in Russian, at most 300 characters.
    pub name_ru: String,
    /// Name in English, at most 300 characters.
    pub name_en: Option<String>,
    /// Territorial unit of the address, of any level.
    pub kato: KatoCode,
    /// Main activity, two to five digits.
    pub oked: OkedCode,
    /// Secondary activities, at most twenty.
    #[graphql(default)]
    pub secondary_okeds: Vec<OkedCode>,
    /// Employees on the payroll.
    pub headcount: i32,
    /// Longitude, degrees east; with `latitude` or not at all.
    pub longitude: Option<Given<Decimal>>,
    /// Latitude, degrees north; with `longitude` or not at all.
    pub latitude: Option<Given<Decimal>>,
    /// Day of registration; today when absent.
    pub valid_from: Option<Given<Date>>,
}

impl Keyed for EnterpriseCreateInput {
    fn key(&self) -> Option<&str> {
        Some(&self.idempotency_key)
    }
}

/// Result of `enterpriseCreate`.
#[derive(SimpleObject)]
pub struct EnterpriseCreatePayload {
    /// The new enterprise. Null when there are user errors.
    pub enterprise: Option<Enterprise>,
    /// What was wrong with the input; empty when the enterprise was created.
    pub user_errors: Vec<EnterpriseCreateUserError>,
}

/// Adds an enterprise, or says what is wrong with it.
pub async fn enterprise_create(ctx: &Context<'_>, input: EnterpriseCreateInput) -> Result<EnterpriseCreatePayload> {
    let scope = ctx.allow(Action::Create, Resource::Enterprise)?;
    let run = |tx| create(ctx, tx, &scope, input.clone());
    let outcome = once(ctx, &input, run, async |id| recalled(store::find(&ctx.db(), &scope, id), "").await).await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(EnterpriseCreatePayload { enterprise: row.map(Into::into), user_errors })
}

async fn create(
    ctx: &Context<'_>,
    tx: Writing,
    scope: &Scope,
    input: EnterpriseCreateInput,
) -> Result<Saved<enterprise::Model>, Stop> {
    let draft = EnterpriseDraft::from(input);
    let own = check_own(ctx, scope, &draft.bin);
    let checked = match (check(&draft, &ctx.app().library.book(), ctx.today()), own) {
        (Ok(checked), Ok(())) => checked,
        (checked, own) => return Err([Vec::from_iter(own.err()), checked.err().unwrap_or_default()].concat().into()),
    };
    let owner = match scope.owner() {
        Some(organisation) => organisation,
        None => employer(&tx, &checked, ctx.now()).await?,
    };
    let secondary = checked.secondary.clone().unwrap_or_default();
    let row = checked.into_row(owner, false, ctx.now());
    let row = store::insert(&tx, scope, row, &secondary).await.map_err(taken)?;
    tx.save(row.id, row).await
}

/// An employer proves a BIN by its own organisation's and by nothing else (ADR 0017).
fn check_own(ctx: &Context<'_>, scope: &Scope, bin: &str) -> Result<(), Refusal> {
    let own = ctx.actor().acting.as_ref().and_then(|acting| acting.bin.as_deref());
    let foreign = BinCode::parse(bin).is_ok_and(|bin| own != Some(bin.as_str()));
    match scope.owner() {
        Some(_) if foreign => Err(Refusal::new(RefusalCode::NotOwnBin).at("bin")),
        _ => Ok(()),
    }
}

/// The organisation that owns an enterprise entered by the ministry: the employer with its BIN, who is added when there
/// is none.
async fn employer(tx: &DatabaseTransaction, checked: &CheckedEnterprise, now: DateTime<Utc>) -> Result<Uuid, Stop> {
    let mut employers = Employers::read(tx, &[checked.bin.as_str()]).await?;
    let owner = employers.find_or_add(checked.employer(), now)?;
    employers.write(tx).await.map_err(taken)?;
    Ok(owner)
}

/// A BIN that is taken gets a neutral answer: the caller may not learn who has it.
fn taken(error: Error) -> Stop {
    match error.code {
        Code::Conflict => Refusal::new(RefusalCode::NotAvailable).at("bin").into(),
        _ => error.into(),
    }
}

impl From<EnterpriseCreateInput> for EnterpriseDraft {
    fn from(input: EnterpriseCreateInput) -> Self {
        Self {
            bin: input.bin.0,
            name_kk: input.name_kk,
            name_ru: input.name_ru,
            name_en: input.name_en,
            kato: input.kato.0,
            oked: input.oked.0,
            secondary_okeds: Secondary::Given(input.secondary_okeds.into_iter().map(|code| code.0).collect()),
            headcount: input.headcount.into(),
            longitude: input.longitude.map(|value| value.at("longitude")),
            latitude: input.latitude.map(|value| value.at("latitude")),
            valid_from: input.valid_from.map(|day| day.at("validFrom")),
        }
    }
}
