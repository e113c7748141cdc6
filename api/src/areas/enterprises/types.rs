//! What clients see of an enterprise.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::NaiveDate;
use domain::grade::{Degree, Level};
use domain::roles::{Action, Resource};
use entity::enterprise;
use entity::record::Record;
use futures::FutureExt;
use sea_orm::DbErr;

use crate::areas::enterprises::loaders::SecondaryActivities;
use crate::areas::enterprises::store;
use crate::areas::reference::{Book, ReferenceKind, ReferenceRow};
use crate::areas::tariffs::EnterpriseTariff;
use crate::areas::workplaces::{self, Unit, UnitCount, Workplace, WorkplaceCount};
use crate::error::{Error, Result};
use crate::graphql::connection::Connection;
use crate::graphql::explanation::Explanation;
use crate::graphql::page::PageArgs;
use crate::graphql::scalars::{Bin, Date, Decimal, Given, KatoCode, Moment, OkedCode};
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick_read};

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
    pub row: Record<enterprise::Model>,
}

impl From<Record<enterprise::Model>> for Enterprise {
    fn from(row: Record<enterprise::Model>) -> Self {
        Self { row }
    }
}

impl From<enterprise::Model> for Enterprise {
    fn from(row: enterprise::Model) -> Self {
        Record::from(row).into()
    }
}

/// A legal entity with its workplaces and its integral level of professional risk.
/// Requires permission `enterprise:read`.
// What loads is in a box of its own: the library boxes the state of every field, and each box is as large as the
// largest state of its type.
#[Object]
impl Enterprise {
    /// Opaque id.
    pub(crate) async fn id(&self) -> Result<ID> {
        Ok(id::encode("Enterprise", self.row.id()?))
    }

    /// Business identification number.
    async fn bin(&self) -> Result<Bin> {
        Ok(Bin(self.row.bin()?.to_owned()))
    }

    /// Name in the language asked for, else in that of the request.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Language of the name; that of the request when absent.")] language: Option<Language>,
    ) -> Result<&str> {
        pick_read(|language| self.row.name(language), ctx, language)
    }

    /// Name in all three languages.
    async fn names(&self) -> Result<LocalizedText> {
        Ok(self.row.names()?.into())
    }

    /// Territorial unit of the address.
    async fn kato(&self) -> Result<KatoCode> {
        Ok(KatoCode(self.row.kato()?.to_owned()))
    }

    /// The territorial unit itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn territory(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        async { ReferenceRow::load(ctx, ReferenceKind::Territory, self.row.kato()?).await }.boxed().await.transpose()
    }

    /// Region the territorial unit belongs to.
    async fn region_kato(&self) -> Result<KatoCode> {
        Ok(KatoCode(self.row.region_kato()?.to_owned()))
    }

    /// Main economic activity.
    async fn oked(&self) -> Result<OkedCode> {
        Ok(OkedCode(self.row.oked()?.to_owned()))
    }

    /// The main activity itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn activity(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        async { ReferenceRow::load(ctx, ReferenceKind::Activity, self.row.oked()?).await }.boxed().await.transpose()
    }

    /// Secondary economic activities, at most twenty. They count for the insurance class.
    async fn secondary_okeds(&self, ctx: &Context<'_>) -> Option<Result<Vec<OkedCode>>> {
        Some(
            async {
                let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
                let codes = ctx.load(SecondaryActivities { enterprise: self.row.id()?, scope }).await?;
                Ok(codes.unwrap_or_default().into_iter().map(OkedCode).collect())
            }
            .boxed()
            .await,
        )
    }

    /// Employees on the payroll.
    async fn headcount(&self) -> Result<i32> {
        Ok(self.row.headcount()?)
    }

    /// Where it is. Null when not known.
    async fn coordinates(&self) -> Option<Result<Coordinates>> {
        self.position().transpose()
    }

    /// Day of registration.
    async fn valid_from(&self) -> Result<Date> {
        Ok(Date(self.row.valid_from()?))
    }

    /// Day of striking off. Null while registered.
    async fn valid_to(&self) -> Option<Result<Date>> {
        day(self.row.valid_to())
    }

    /// Whether this is made-up data of the sandbox.
    async fn demo(&self) -> Result<bool> {
        Ok(self.row.demo()?)
    }

    /// Level on the digital map. Null while nobody works at an assessed workplace.
    async fn level(&self, ctx: &Context<'_>) -> Option<Result<RiskLevel>> {
        self.integral_level(&ctx.app().library.book()).transpose()
    }

    /// Integral degree of professional risk, 1..5. Null while nobody works at an assessed workplace.
    async fn degree(&self) -> Option<Result<i32>> {
        self.integral_degree().map(|degree| Ok(degree?.get().into()))
    }

    /// Integral PR: the mean of the workplaces in force, weighted by workers, 1.0..5.0. Null while no workplace has
    /// been assessed.
    async fn integral_pr(&self) -> Option<Result<Decimal>> {
        self.integral_degree().map(|degree| degree.and_then(|_| Ok(Decimal::from_micro(self.row.integral_pr_micro()?))))
    }

    /// How the integral score came about. Null while nobody works at an assessed workplace.
    async fn explanation(&self, ctx: &Context<'_>) -> Option<Result<Explanation>> {
        async {
            let Some(code) = self.row.rule_set_code()? else { return Ok(None) };
            let Some(rules) = ctx.app().library.book().rule_set(code) else { return Ok(None) };
            Ok(store::tally(self.row.whole()?)?.integral(&rules).map(|score| score.trace.into()))
        }
        .boxed()
        .await
        .transpose()
    }

    /// Workers and workplaces per degree, for all five degrees.
    async fn degrees(&self) -> Result<Vec<DegreeCount>> {
        let row = self.row.whole()?;
        let workers = [row.workers_d1, row.workers_d2, row.workers_d3, row.workers_d4, row.workers_d5];
        let workplaces =
            [row.workplaces_d1, row.workplaces_d2, row.workplaces_d3, row.workplaces_d4, row.workplaces_d5];
        let counts = (1..).zip(workers).zip(workplaces);
        Ok(counts.map(|((degree, workers), workplaces)| DegreeCount { degree, workers, workplaces }).collect())
    }

    /// Day of the newest assessment that counts. Null while no workplace has been assessed.
    async fn assessed_on(&self) -> Option<Result<Date>> {
        day(self.row.assessed_on())
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
    ) -> Option<Result<Connection<Workplace, WorkplaceCount>>> {
        let page = PageArgs { first, after, last, before };
        Some(async { workplaces::of_enterprise(ctx, self.row.id()?, page).await }.boxed().await)
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
    ) -> Option<Result<Connection<Unit, UnitCount>>> {
        let page = PageArgs { first, after, last, before };
        Some(async { workplaces::units_of_enterprise(ctx, self.row.id()?, page).await }.boxed().await)
    }

    /// Class of professional risk, rate, correction and premium of accident insurance. Null when the caller may see the
    /// enterprise but not its tariff. Requires permission `tariff:read`.
    async fn tariff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Day whose tables and rules count; today when absent.")] as_of: Option<Given<Date>>,
    ) -> Option<Result<EnterpriseTariff>> {
        self.tariff_on(ctx, as_of).boxed().await.transpose()
    }

    /// Version for optimistic locking: pass it to `enterpriseUpdate`.
    async fn version(&self) -> Result<i64> {
        Ok(self.row.version()?)
    }

    /// When the record was made.
    async fn created_at(&self) -> Result<Moment> {
        Ok(Moment(self.row.created_at()?))
    }

    /// When the record itself was last changed; a new score does not count.
    async fn updated_at(&self) -> Result<Moment> {
        Ok(Moment(self.row.updated_at()?))
    }
}

impl Enterprise {
    async fn tariff_on(&self, ctx: &Context<'_>, as_of: Option<Given<Date>>) -> Result<Option<EnterpriseTariff>> {
        let as_of = as_of.map(|day| day.at("asOf")).transpose()?;
        EnterpriseTariff::of(ctx, self.row.whole()?, as_of).await
    }

    fn position(&self) -> Result<Option<Coordinates>> {
        let Some((longitude, latitude)) = self.row.lon_micro()?.zip(self.row.lat_micro()?) else { return Ok(None) };
        Ok(Some(Coordinates { longitude: Decimal::from_micro(longitude), latitude: Decimal::from_micro(latitude) }))
    }

    fn integral_degree(&self) -> Option<Result<Degree>> {
        self.row.level_rank().map(Degree::numbered).map_err(Error::from).transpose()
    }

    fn integral_level(&self, book: &Book) -> Result<Option<RiskLevel>> {
        Ok(book.level_of(self.row.rule_set_code()?, self.row.level_rank()?).map(Into::into))
    }
}

fn day(read: Result<Option<NaiveDate>, DbErr>) -> Option<Result<Date>> {
    read.map(|day| day.map(Date)).map_err(Error::from).transpose()
}
