//! The public face of an enterprise.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;
use domain::localized::LocalizedStr;
use entity::enterprise;
use entity::record::Record;
use futures::FutureExt;
use sea_orm::DerivePartialModel;
use uuid::Uuid;

use crate::areas::enterprises::{EnterpriseFilter, RiskLevel};
use crate::areas::reference::{ReferenceKind, ReferenceRow};
use crate::error::{Error, Result};
use crate::graphql::scalars::{Bin, Date, KatoCode, OkedCode};
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick};

/// The columns a passport shows; nothing else of the row is read.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "enterprise::Entity")]
#[allow(missing_docs)]
pub struct PassportRow {
    pub id: Uuid,
    pub bin: String,
    pub name_kk: String,
    pub name_ru: String,
    pub name_en: String,
    pub region_kato: String,
    pub oked: String,
    pub level_rank: i16,
    pub rule_set_code: Option<String>,
    pub assessed_on: Option<NaiveDate>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub demo: bool,
}

impl TryFrom<Record<enterprise::Model>> for PassportRow {
    type Error = Error;

    fn try_from(row: Record<enterprise::Model>) -> Result<Self> {
        Ok(Self {
            id: row.id()?,
            bin: row.bin()?.to_owned(),
            name_kk: row.name_kk()?.to_owned(),
            name_ru: row.name_ru()?.to_owned(),
            name_en: row.name_en()?.to_owned(),
            region_kato: row.region_kato()?.to_owned(),
            oked: row.oked()?.to_owned(),
            level_rank: row.level_rank()?,
            rule_set_code: row.rule_set_code()?.map(str::to_owned),
            assessed_on: row.assessed_on()?,
            valid_from: row.valid_from()?,
            valid_to: row.valid_to()?,
            demo: row.demo()?,
        })
    }
}

/// Which passports a list shows. All given fields must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PassportFilter {
    /// Part of a name in Kazakh, Russian or English, or of the BIN; case and the difference between Kazakh and Russian
    /// letters do not count. At least two characters.
    pub search: Option<String>,
    /// Region, by its KATO code.
    pub region_kato: Option<KatoCode>,
    /// Levels; an empty list shows nothing.
    pub levels: Option<Vec<RiskLevel>>,
}

impl From<PassportFilter> for EnterpriseFilter {
    fn from(filter: PassportFilter) -> Self {
        let PassportFilter { search, region_kato, levels } = filter;
        Self { search, region_kato, levels, ..Self::default() }
    }
}

/// What everyone may know of an enterprise: who it is, where, what it does, and its level on the map.
pub struct EnterprisePassport {
    row: PassportRow,
}

impl From<PassportRow> for EnterprisePassport {
    fn from(row: PassportRow) -> Self {
        Self { row }
    }
}

/// What everyone may know of an enterprise: who it is, where, what it does, and its level on the map. What lies behind
/// the level is shown by `enterprise` to those who may see it. Requires permission `passport:read`.
#[Object]
impl EnterprisePassport {
    /// Opaque id; not that of the enterprise.
    pub(crate) async fn id(&self) -> ID {
        id::encode("EnterprisePassport", self.row.id)
    }

    /// Business identification number.
    async fn bin(&self) -> Bin {
        Bin(self.row.bin.clone())
    }

    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> &str {
        pick(self.names_text(), ctx, language)
    }

    /// Name in all three languages.
    async fn names(&self) -> LocalizedText {
        self.names_text().into()
    }

    /// Region of the address.
    async fn region_kato(&self) -> KatoCode {
        KatoCode(self.row.region_kato.clone())
    }

    /// The region itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn region(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        ReferenceRow::load(ctx, ReferenceKind::Territory, &self.row.region_kato).boxed().await.transpose()
    }

    /// Main economic activity.
    async fn oked(&self) -> OkedCode {
        OkedCode(self.row.oked.clone())
    }

    /// The main activity itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn activity(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        ReferenceRow::load(ctx, ReferenceKind::Activity, &self.row.oked).boxed().await.transpose()
    }

    /// Level on the digital map. Null while nobody works at an assessed workplace.
    async fn level(&self, ctx: &Context<'_>) -> Option<RiskLevel> {
        let book = ctx.app().library.book();
        book.level_of(self.row.rule_set_code.as_deref(), self.row.level_rank).map(Into::into)
    }

    /// Day of the newest assessment that counts. Null while no workplace has been assessed.
    async fn assessed_on(&self) -> Option<Date> {
        self.row.assessed_on.map(Date)
    }

    /// Day of registration.
    async fn valid_from(&self) -> Date {
        Date(self.row.valid_from)
    }

    /// Day of striking off. Null while registered.
    async fn valid_to(&self) -> Option<Date> {
        self.row.valid_to.map(Date)
    }

    /// Whether this is made-up data of the sandbox.
    async fn demo(&self) -> bool {
        self.row.demo
    }
}

impl EnterprisePassport {
    fn names_text(&self) -> LocalizedStr<'_> {
        LocalizedStr { kk: &self.row.name_kk, ru: &self.row.name_ru, en: &self.row.name_en }
    }
}
