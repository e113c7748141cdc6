//! What clients see of an enterprise.

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::grade::{Degree, Level};
use domain::localized::LocalizedStr;
use domain::roles::{Action, Resource};
use entity::enterprise;

use crate::areas::enterprises::loaders::SecondaryActivities;
use crate::areas::enterprises::store;
use crate::areas::reference::{Book, ReferenceKind, ReferenceRow};
use crate::areas::tariffs::EnterpriseTariff;
use crate::areas::workplaces::{self, Unit, UnitCount, Workplace, WorkplaceCount};
use crate::error::Result;
use crate::graphql::explanation::Explanation;
use crate::graphql::page::{Cursor, PageArgs};
use crate::graphql::scalars::{Bin, Date, Decimal, Given, KatoCode, OkedCode};
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick};

/// Level of an enterprise on the digital map, by its integral degree: A is the highest risk and asks for maximal
/// protection, E the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "Level")]
pub enum RiskLevel {
    /// Degree 5: very high risk, maximal protection.
    A,
    /// Degree 4: high risk, high protection.
    B,
    /// Degree 3: medium risk, medium protection.
    C,
    /// Degree 2: low risk, minimal protection.
    D,
    /// Degree 1: acceptable risk.
    E,
}

/// How many workers and workplaces have one degree.
#[derive(Clone, Debug, SimpleObject)]
pub struct DegreeCount {
    /// Degree of professional risk, 1 (acceptable) to 5 (very high).
    pub degree: i32,
    /// Workers at the workplaces of this degree.
    pub workers: i32,
    /// Workplaces of this degree.
    pub workplaces: i32,
}

/// A point on the map, WGS 84.
#[derive(Clone, Debug, SimpleObject)]
pub struct Coordinates {
    /// Longitude, degrees east.
    pub longitude: Decimal,
    /// Latitude, degrees north.
    pub latitude: Decimal,
}

/// A legal entity with its workplaces and its integral level of professional risk.
pub struct Enterprise {
    /// The row.
    pub row: enterprise::Model,
}

impl From<enterprise::Model> for Enterprise {
    fn from(row: enterprise::Model) -> Self {
        Self { row }
    }
}

/// A legal entity with its workplaces and its integral level of professional risk.
/// Requires permission `enterprise:read`.
#[Object]
impl Enterprise {
    /// Opaque id.
    pub(crate) async fn id(&self) -> ID {
        id::encode("Enterprise", self.row.id)
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

    /// Territorial unit of the address.
    async fn kato(&self) -> KatoCode {
        KatoCode(self.row.kato.clone())
    }

    /// The territorial unit itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn territory(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        ReferenceRow::load(ctx, ReferenceKind::Territory, &self.row.kato).await.transpose()
    }

    /// Region the territorial unit belongs to.
    async fn region_kato(&self) -> KatoCode {
        KatoCode(self.row.region_kato.clone())
    }

    /// Main economic activity.
    async fn oked(&self) -> OkedCode {
        OkedCode(self.row.oked.clone())
    }

    /// The main activity itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn activity(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        ReferenceRow::load(ctx, ReferenceKind::Activity, &self.row.oked).await.transpose()
    }

    /// Secondary economic activities, at most twenty. They count for the insurance class.
    async fn secondary_okeds(&self, ctx: &Context<'_>) -> Option<Result<Vec<OkedCode>>> {
        Some(
            async {
                let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
                let codes = ctx.load(SecondaryActivities { enterprise: self.row.id, scope }).await?;
                Ok(codes.unwrap_or_default().into_iter().map(OkedCode).collect())
            }
            .await,
        )
    }

    /// Employees on the payroll.
    async fn headcount(&self) -> i32 {
        self.row.headcount
    }

    /// Where it is. Null when not known.
    async fn coordinates(&self) -> Option<Coordinates> {
        let (longitude, latitude) = self.row.lon_micro.zip(self.row.lat_micro)?;
        Some(Coordinates { longitude: Decimal::from_micro(longitude), latitude: Decimal::from_micro(latitude) })
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

    /// Level on the digital map. Null while nobody works at an assessed workplace.
    async fn level(&self, ctx: &Context<'_>) -> Option<RiskLevel> {
        level_of(ctx, &self.row)
    }

    /// Integral degree of professional risk, 1..5. Null while nobody works at an assessed workplace.
    async fn degree(&self) -> Option<i32> {
        degree_of(&self.row).map(|degree| i32::from(degree.get()))
    }

    /// Integral PR: the mean of the workplaces in force, weighted by workers, 1.0..5.0. Null while no workplace has
    /// been assessed.
    async fn integral_pr(&self) -> Option<Decimal> {
        degree_of(&self.row).map(|_| Decimal::from_micro(self.row.integral_pr_micro))
    }

    /// How the integral score came about. Null while nobody works at an assessed workplace.
    async fn explanation(&self, ctx: &Context<'_>) -> Option<Result<Explanation>> {
        async {
            let Some(code) = &self.row.rule_set_code else { return Ok(None) };
            let Some(rules) = ctx.app().library.book().rule_set(code) else { return Ok(None) };
            Ok(store::tally(&self.row)?.integral(&rules).map(|score| score.trace.into()))
        }
        .await
        .transpose()
    }

    /// Workers and workplaces per degree, for all five degrees.
    async fn degrees(&self) -> Vec<DegreeCount> {
        let row = &self.row;
        let workers = [row.workers_d1, row.workers_d2, row.workers_d3, row.workers_d4, row.workers_d5];
        let workplaces =
            [row.workplaces_d1, row.workplaces_d2, row.workplaces_d3, row.workplaces_d4, row.workplaces_d5];
        let counts = (1..).zip(workers).zip(workplaces);
        counts.map(|((degree, workers), workplaces)| DegreeCount { degree, workers, workplaces }).collect()
    }

    /// Day of the newest assessment that counts. Null while no workplace has been assessed.
    async fn assessed_on(&self) -> Option<Date> {
        self.row.assessed_on.map(Date)
    }

    /// Workplaces by code. Requires permission `workplace:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn workplaces(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Cursor, Workplace, WorkplaceCount>>> {
        Some(workplaces::of_enterprise(ctx, self.row.id, PageArgs { first, after, last, before }).await)
    }

    /// Structural units by code. Requires permission `unit:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Cursor, Unit, UnitCount>>> {
        Some(workplaces::units_of_enterprise(ctx, self.row.id, PageArgs { first, after, last, before }).await)
    }

    /// Class of professional risk, rate, correction and premium of accident insurance. Null when the caller may see the
    /// enterprise but not its tariff. Requires permission `tariff:read`.
    async fn tariff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Day whose tables and rules count; today when absent.")] as_of: Option<Given<Date>>,
    ) -> Option<Result<EnterpriseTariff>> {
        self.tariff_on(ctx, as_of).await.transpose()
    }

    /// Version for optimistic locking: pass it to `enterpriseUpdate`.
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// When the record was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// When the record itself was last changed; a new score does not count.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.row.updated_at
    }
}

impl Enterprise {
    async fn tariff_on(&self, ctx: &Context<'_>, as_of: Option<Given<Date>>) -> Result<Option<EnterpriseTariff>> {
        let as_of = as_of.map(|day| day.at("asOf")).transpose()?;
        EnterpriseTariff::of(ctx, &self.row, as_of).await
    }

    fn names_text(&self) -> LocalizedStr<'_> {
        LocalizedStr { kk: &self.row.name_kk, ru: &self.row.name_ru, en: &self.row.name_en }
    }
}

/// The integral degree, if anything is assessed.
pub fn degree_of(row: &enterprise::Model) -> Option<Degree> {
    u8::try_from(row.level_rank).ok().and_then(|rank| Degree::new(rank).ok())
}

/// The level of the integral degree, by the rules that gave it.
pub fn level_of(ctx: &Context<'_>, row: &enterprise::Model) -> Option<RiskLevel> {
    level_under(&ctx.app().library.book(), row)
}

/// The same outside of a request.
pub fn level_under(book: &Book, row: &enterprise::Model) -> Option<RiskLevel> {
    let rules = book.rule_set(row.rule_set_code.as_deref()?)?;
    rules.level_of(degree_of(row)?).map(Into::into)
}
