//! Creating and changing enterprises.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
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
use crate::error::{Code, Result};
use crate::graphql::attempt::Attempt;
use crate::graphql::scalars::{Bin, Date, Decimal, Given, KatoCode, OkedCode};
use crate::graphql::user_error::{Stop, settle};
use crate::graphql::{Ask, id};
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
    }
);

mutation_error!(
    /// Why an enterprise was not changed.
    EnterpriseUpdateUserError, EnterpriseUpdateErrorCode {
        IdInvalid: "An id is malformed or of another type.",
        Required: "A required value is missing.",
        TooLong: "A text is longer than allowed.",
        InvalidLength: "A code has the wrong length.",
        NotDigits: "A code holds something else than digits.",
        InvalidChecksum: "The check digit of a code is wrong.",
        InvalidStructure: "A code has an impossible part.",
        InvalidDecimal: "A text is not a decimal number.",
        TooManyDecimals: "A number has more decimals than are kept.",
        Negative: "A number is below zero.",
        OutOfRange: "A number is outside its range.",
        InFuture: "A date is after today.",
        UnknownTerritory: "The KATO code is not in the classifier.",
        UnknownActivity: "The OKED code is not in the classifier.",
        Duplicate: "The same value is given twice, or the new main activity is a secondary one already.",
        NotFound: "The enterprise does not exist or may not be seen by the caller.",
        Conflict: "The enterprise was changed since the given version.",
        NothingToChange: "No field to change was given.",
    }
);

/// A new enterprise.
#[derive(Clone, InputObject)]
pub struct EnterpriseCreateInput {
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

/// What to change of an enterprise. An absent field stays as it is.
#[derive(Clone, InputObject)]
pub struct EnterpriseUpdateInput {
    /// Which enterprise.
    pub id: ID,
    /// The version that was read; another one is a conflict.
    pub version: i64,
    /// New name in Kazakh.
    pub name_kk: Option<String>,
    /// New name in Russian.
    pub name_ru: Option<String>,
    /// New name in English.
    pub name_en: Option<String>,
    /// New territorial unit.
    pub kato: Option<KatoCode>,
    /// New main activity.
    pub oked: Option<OkedCode>,
    /// New list of secondary activities.
    pub secondary_okeds: Option<Vec<OkedCode>>,
    /// New number of employees.
    pub headcount: Option<i32>,
    /// New longitude; with `latitude` or not at all.
    pub longitude: Option<Given<Decimal>>,
    /// New latitude; with `longitude` or not at all.
    pub latitude: Option<Given<Decimal>>,
}

/// Result of `enterpriseCreate`.
#[derive(SimpleObject)]
pub struct EnterpriseCreatePayload {
    /// The new enterprise. Null when there are user errors.
    pub enterprise: Option<Enterprise>,
    /// What was wrong with the input; empty when the enterprise was created.
    pub user_errors: Vec<EnterpriseCreateUserError>,
}

/// Result of `enterpriseUpdate`.
#[derive(SimpleObject)]
pub struct EnterpriseUpdatePayload {
    /// The changed enterprise. Null when there are user errors.
    pub enterprise: Option<Enterprise>,
    /// What was wrong with the input; empty when the enterprise was changed.
    pub user_errors: Vec<EnterpriseUpdateUserError>,
}

/// Creating and changing enterprises.
#[derive(Default)]
pub struct EnterpriseMutation;

#[Object]
impl EnterpriseMutation {
    /// Adds an enterprise. An employer adds the one with the BIN of its own organisation; the ministry adds any, for the
    /// employer organisation with its BIN, which is added when there is none.
    /// Requires permission `enterprise:create`.
    async fn enterprise_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new enterprise.")] input: EnterpriseCreateInput,
    ) -> Option<Result<EnterpriseCreatePayload>> {
        Some(enterprise_create(ctx, input).await)
    }

    /// Changes an enterprise. Requires permission `enterprise:update`.
    async fn enterprise_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: EnterpriseUpdateInput,
    ) -> Option<Result<EnterpriseUpdatePayload>> {
        Some(enterprise_update(ctx, input).await)
    }
}

async fn enterprise_create(ctx: &Context<'_>, input: EnterpriseCreateInput) -> Result<EnterpriseCreatePayload> {
    let scope = ctx.allow(Action::Create, Resource::Enterprise)?;
    let outcome = ctx.retrying(|attempt| create(ctx, attempt, &scope, input.clone())).await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(EnterpriseCreatePayload { enterprise: row.map(Into::into), user_errors })
}

async fn create(
    ctx: &Context<'_>,
    attempt: Attempt<'_>,
    scope: &Scope,
    input: EnterpriseCreateInput,
) -> Result<enterprise::Model, Stop> {
    let draft = EnterpriseDraft::from(input);
    let own = check_own(ctx, scope, &draft.bin);
    let checked = match (check(&draft, &ctx.app().library.book(), ctx.today()), own) {
        (Ok(checked), Ok(())) => checked,
        (checked, own) => return Err([Vec::from_iter(own.err()), checked.err().unwrap_or_default()].concat().into()),
    };
    let tx = attempt.begin().await?;
    let owner = match scope.owner() {
        Some(organisation) => organisation,
        None => employer(&tx, &checked, ctx.now()).await?,
    };
    let secondary = checked.secondary.clone().unwrap_or_default();
    let row = checked.into_row(owner, false, ctx.now());
    let row = store::insert(&tx, scope, row, &secondary).await.map_err(taken)?;
    tx.commit().await?;
    Ok(row)
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
fn taken(error: crate::error::Error) -> Stop {
    match error.code {
        Code::Conflict => Refusal::new(RefusalCode::NotAvailable).at("bin").into(),
        _ => error.into(),
    }
}

async fn enterprise_update(ctx: &Context<'_>, input: EnterpriseUpdateInput) -> Result<EnterpriseUpdatePayload> {
    let scope = ctx.allow(Action::Update, Resource::Enterprise)?;
    let outcome = ctx.retrying(|attempt| update(ctx, attempt, &scope, input.clone())).await;
    let (row, user_errors) = settle(outcome, ctx.language(None))?;
    Ok(EnterpriseUpdatePayload { enterprise: row.map(Into::into), user_errors })
}

async fn update(
    ctx: &Context<'_>,
    attempt: Attempt<'_>,
    scope: &Scope,
    input: EnterpriseUpdateInput,
) -> Result<enterprise::Model, Stop> {
    if input.is_empty() {
        return Err(Refusal::new(RefusalCode::NothingToChange).into());
    }
    let key = id::read("Enterprise", &input.id, "id")?;
    let tx = attempt.begin().await?;
    let row = store::lock(&tx, scope, key).await?.ok_or_else(|| Refusal::new(RefusalCode::NotFound).at("id"))?;
    if row.version != input.version {
        return Err(Refusal::new(RefusalCode::Conflict).at("version").into());
    }
    let stored = store::activities(&tx, scope, row.id).await?;
    let checked = check(&input.over(&row, stored), &ctx.app().library.book(), ctx.today())?;
    let secondary = checked.secondary.clone();
    let row = enterprise::Model { version: row.version + 1, updated_at: ctx.now(), ..checked.write_to(row) };
    let row = store::update(&tx, row, secondary.as_deref()).await?;
    tx.commit().await?;
    Ok(row)
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

impl EnterpriseUpdateInput {
    fn is_empty(&self) -> bool {
        let names = self.name_kk.is_none() && self.name_ru.is_none() && self.name_en.is_none();
        let codes = self.kato.is_none() && self.oked.is_none() && self.secondary_okeds.is_none();
        names && codes && self.headcount.is_none() && self.longitude.is_none() && self.latitude.is_none()
    }

    /// The row as it would be: what is given, over what is there.
    fn over(self, row: &enterprise::Model, activities: Vec<String>) -> EnterpriseDraft {
        let moved = self.longitude.is_some() || self.latitude.is_some();
        let position = |given: Option<Given<Decimal>>, kept: Option<i64>, field| match moved {
            true => given.map(|value| value.at(field)),
            false => kept.map(entity::micro::to_decimal).map(Ok),
        };
        EnterpriseDraft {
            bin: row.bin.clone(),
            name_kk: self.name_kk.or_else(|| Some(row.name_kk.clone())),
            name_ru: self.name_ru.unwrap_or_else(|| row.name_ru.clone()),
            name_en: self.name_en.or_else(|| Some(row.name_en.clone())),
            kato: self.kato.map_or_else(|| row.kato.clone(), |code| code.0),
            oked: self.oked.map_or_else(|| row.oked.clone(), |code| code.0),
            secondary_okeds: match self.secondary_okeds {
                Some(given) => Secondary::Given(given.into_iter().map(|code| code.0).collect()),
                None => Secondary::Kept(activities),
            },
            headcount: self.headcount.unwrap_or(row.headcount).into(),
            longitude: position(self.longitude, row.lon_micro, "longitude"),
            latitude: position(self.latitude, row.lat_micro, "latitude"),
            valid_from: Some(Ok(row.valid_from)),
        }
    }
}
