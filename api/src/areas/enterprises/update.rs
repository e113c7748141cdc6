//! Changing an enterprise.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use domain::refusal::{Refusal, RefusalCode};
use domain::roles::{Action, Resource};
use entity::enterprise;
use entity::scope::Scope;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::areas::enterprises::input::{EnterpriseDraft, Secondary, check};
use crate::areas::enterprises::store;
use crate::areas::enterprises::types::Enterprise;
use crate::areas::tariffs;
use crate::error::Result;
use crate::graphql::once::{Keyed, Saved, Writing, once, recalled};
use crate::graphql::scalars::{Decimal, Given, KatoCode, OkedCode, Percent};
use crate::graphql::user_error::{Stop, beside, settle};
use crate::graphql::{Ask, id};
use crate::mutation_error;

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

/// What to change of an enterprise. An absent field stays as it is.
#[derive(Clone, InputObject)]
pub struct EnterpriseUpdateInput {
    /// Chosen by the client for this one request, 1 to 128 visible ASCII characters. Sent again with the same input, it
    /// gives the answer of the first time and changes nothing.
    pub idempotency_key: Option<String>,
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
    /// Does everything and keeps nothing, the idempotency key neither.
    #[graphql(default)]
    pub dry_run: bool,
}

impl Keyed for EnterpriseUpdateInput {
    fn key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

/// Result of `enterpriseUpdate`.
#[derive(SimpleObject)]
pub struct EnterpriseUpdatePayload {
    /// The changed enterprise; of a dry run, what its record would be, while lists and tables below it are those that
    /// are stored. Null when there are user errors.
    pub enterprise: Option<Enterprise>,
    /// Rate of the accident insurance before, corrected by the degree, per cent of the payroll. Null when the loaded
    /// tables do not give it, and when there are user errors.
    pub insurance_rate_before: Option<Percent>,
    /// The same rate with the change: activity and headcount decide on it. Null when the loaded tables do not give it,
    /// and when there are user errors.
    pub insurance_rate_after: Option<Percent>,
    /// What was wrong with the input; empty when the enterprise was changed.
    pub user_errors: Vec<EnterpriseUpdateUserError>,
}

/// Insurance rates before and after, where the caller may know them.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Rates {
    before: Option<rust_decimal::Decimal>,
    after: Option<rust_decimal::Decimal>,
}

/// What the answer is rebuilt from.
#[derive(Serialize, Deserialize)]
struct Kept {
    enterprise: Uuid,
    rates: Rates,
}

/// Changes an enterprise, or says what is wrong with the change.
pub async fn enterprise_update(ctx: &Context<'_>, input: EnterpriseUpdateInput) -> Result<EnterpriseUpdatePayload> {
    let scope = ctx.allow(Action::Update, Resource::Enterprise)?;
    let again = async |kept: Kept| {
        let row = recalled(store::find(&ctx.db(), &scope, kept.enterprise), "id").await?;
        Ok((row, kept.rates))
    };
    let outcome = once(ctx, &input, |tx| update(ctx, tx, &scope, input.clone()), again).await;
    let (changed, user_errors) = settle(outcome, ctx.language(None))?;
    let (row, rates) = changed.unzip();
    let rates = rates.filter(|_| ctx.allows(Action::Read, Resource::Tariff)).unwrap_or_default();
    Ok(EnterpriseUpdatePayload {
        enterprise: row.map(Into::into),
        insurance_rate_before: rates.before.map(Percent),
        insurance_rate_after: rates.after.map(Percent),
        user_errors,
    })
}

async fn update(
    ctx: &Context<'_>,
    tx: Writing<Kept>,
    scope: &Scope,
    input: EnterpriseUpdateInput,
) -> Result<Saved<(enterprise::Model, Rates)>, Stop> {
    let (book, version) = (ctx.app().library.book(), input.version);
    let mut faults = input.nothing();
    let found = match id::read("Enterprise", &input.id, "id") {
        Ok(key) => store::lock(&tx, scope, key).await?.ok_or_else(|| Refusal::new(RefusalCode::NotFound).at("id")),
        Err(refusal) => Err(refusal),
    };
    let row = match found {
        Ok(row) => row,
        Err(refusal) => {
            faults.push(refusal);
            // Without a row only what is given can be judged.
            let alone = check(&input.clone().over(None, Vec::new()), &book, ctx.today()).err().unwrap_or_default();
            faults.extend(alone.into_iter().filter(|fault| input.gives(&fault.field)));
            return Err(faults.into());
        }
    };
    if row.version != version {
        faults.push(Refusal::new(RefusalCode::Conflict).at("version"));
    }
    let stored = store::activities(&*tx, scope, row.id).await?;
    let before = tariffs::payable_percent(&book, &row, &stored, ctx.today());
    let checked = check(&input.over(Some(&row), stored.clone()), &book, ctx.today());
    let checked = beside(faults, checked.map_err(Stop::from))?;
    let secondary = checked.secondary.clone();
    let row = enterprise::Model { version: row.version + 1, updated_at: ctx.now(), ..checked.write_to(row) };
    let row = store::update(&tx, row, secondary.as_deref()).await?;
    let secondary = secondary.map_or(stored, |codes| codes.iter().map(ToString::to_string).collect());
    let rates = Rates { before, after: tariffs::payable_percent(&book, &row, &secondary, ctx.today()) };
    tx.save(Kept { enterprise: row.id, rates }, (row, rates)).await
}

impl EnterpriseUpdateInput {
    /// That nothing is to be changed.
    fn nothing(&self) -> Vec<Refusal> {
        let names = self.name_kk.is_none() && self.name_ru.is_none() && self.name_en.is_none();
        let codes = self.kato.is_none() && self.oked.is_none() && self.secondary_okeds.is_none();
        let rest = self.headcount.is_none() && self.longitude.is_none() && self.latitude.is_none();
        let nothing = names && codes && rest;
        Vec::from_iter(nothing.then(|| Refusal::new(RefusalCode::NothingToChange)))
    }

    /// Whether a fault at this path is about something that is given.
    fn gives(&self, field: &str) -> bool {
        match field.split('.').next().unwrap_or_default() {
            "nameKk" => self.name_kk.is_some(),
            "nameRu" => self.name_ru.is_some(),
            "nameEn" => self.name_en.is_some(),
            "kato" => self.kato.is_some(),
            "oked" => self.oked.is_some(),
            "secondaryOkeds" => self.secondary_okeds.is_some(),
            "headcount" => self.headcount.is_some(),
            "longitude" | "latitude" => self.longitude.is_some() || self.latitude.is_some(),
            _ => false,
        }
    }

    /// The row as it would be: what is given, over what is there.
    fn over(self, row: Option<&enterprise::Model>, activities: Vec<String>) -> EnterpriseDraft {
        let moved = self.longitude.is_some() || self.latitude.is_some();
        let position = |given: Option<Given<Decimal>>, kept: Option<i64>, field| match moved {
            true => given.map(|value| value.at(field)),
            false => kept.map(entity::micro::to_decimal).map(Ok),
        };
        let kept = |text: fn(&enterprise::Model) -> &String| row.map(text).cloned();
        EnterpriseDraft {
            bin: kept(|row| &row.bin).unwrap_or_default(),
            name_kk: self.name_kk.or_else(|| kept(|row| &row.name_kk)),
            name_ru: self.name_ru.or_else(|| kept(|row| &row.name_ru)).unwrap_or_default(),
            name_en: self.name_en.or_else(|| kept(|row| &row.name_en)),
            kato: self.kato.map(|code| code.0).or_else(|| kept(|row| &row.kato)).unwrap_or_default(),
            oked: self.oked.map(|code| code.0).or_else(|| kept(|row| &row.oked)).unwrap_or_default(),
            secondary_okeds: match self.secondary_okeds {
                Some(given) => Secondary::Given(given.into_iter().map(|code| code.0).collect()),
                None => Secondary::Kept(activities),
            },
            headcount: self.headcount.or_else(|| row.map(|row| row.headcount)).unwrap_or_default().into(),
            longitude: position(self.longitude, row.and_then(|row| row.lon_micro), "longitude"),
            latitude: position(self.latitude, row.and_then(|row| row.lat_micro), "latitude"),
            valid_from: row.map(|row| Ok(row.valid_from)),
        }
    }
}
