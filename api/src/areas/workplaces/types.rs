//! What clients see of a workplace.

use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::localized::LocalizedStr;
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use entity::workplace;
use uuid::Uuid;

use crate::areas::assessments::{self, Assessment, AssessmentCount};
use crate::areas::enterprises::{Enterprise, EnterpriseById};
use crate::areas::factors::{self, FactorAssignment, FactorAssignmentCount, Measurement, MeasurementCount};
use crate::areas::guarantees::{self, WorkplaceGuarantees};
use crate::areas::ppe::{self, WorkplacePpe};
use crate::areas::reference::{ReferenceKind, ReferenceRow};
use crate::areas::workplaces::loaders::{WorkplaceById, WorkplacesOfEnterprise};
use crate::areas::workplaces::store::{self, Filter};
use crate::areas::workplaces::unit::Unit;
use crate::error::Result;
use crate::graphql::children::{CountOf, page_of};
use crate::graphql::page::{Cursor, PageArgs, connection};
use crate::graphql::scalars::Decimal;
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick};

/// Where one or more workers of one profession work; the object of an assessment of professional risk.
pub struct Workplace {
    /// The row.
    pub row: workplace::Model,
}

impl From<workplace::Model> for Workplace {
    fn from(row: workplace::Model) -> Self {
        Self { row }
    }
}

/// Where one or more workers of one profession work; the object of an assessment of professional risk.
/// Requires permission `workplace:read`.
#[Object]
impl Workplace {
    /// Opaque id.
    pub(crate) async fn id(&self) -> ID {
        id::encode("Workplace", self.row.id)
    }

    /// The enterprise it belongs to. Null when the caller may not see it. Requires permission `enterprise:read`.
    async fn enterprise(&self, ctx: &Context<'_>) -> Option<Result<Enterprise>> {
        self.load_enterprise(ctx).await.transpose()
    }

    /// The structural unit it belongs to. Null when it belongs to none. Requires permission `unit:read`.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit>> {
        Unit::load(ctx, self.row.unit_id).await.transpose()
    }

    /// Code, unique within the enterprise.
    async fn code(&self) -> &str {
        &self.row.code
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

    /// Code of the profession of its workers.
    async fn profession_code(&self) -> &str {
        &self.row.profession_code
    }

    /// The profession itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn profession(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        ReferenceRow::load(ctx, ReferenceKind::Profession, &self.row.profession_code).await.transpose()
    }

    /// Workers over all shifts.
    async fn workers(&self) -> i32 {
        self.row.workers
    }

    /// Shifts a day, 1..4.
    async fn shifts(&self) -> i32 {
        i32::from(self.row.shifts)
    }

    /// Degree of professional risk by the assessment in force, 1 (acceptable) to 5 (very high). Null while the
    /// workplace is not assessed.
    async fn degree(&self) -> Option<i32> {
        store::counted(&self.row).map(|counted| i32::from(counted.degree.get()))
    }

    /// PR by the assessment in force, 1.0..5.0. Null while the workplace is not assessed.
    async fn pr(&self) -> Option<Decimal> {
        store::counted(&self.row).map(|counted| Decimal::from_micro(counted.pr_micro))
    }

    /// Harmful factors present here, by code.
    /// Requires permission `factor_assignment:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn factors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Cursor, FactorAssignment, FactorAssignmentCount>>> {
        Some(factors::of_workplace(ctx, self.row.id, PageArgs { first, after, last, before }).await)
    }

    /// Measurements made here, of all factors, newest day first.
    /// Requires permission `measurement:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn measurements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Cursor, Measurement, MeasurementCount>>> {
        Some(factors::measurements_of_workplace(ctx, self.row.id, PageArgs { first, after, last, before }).await)
    }

    /// The assessment in force. Null while the workplace is not assessed, or when the caller may not see it.
    /// Requires permission `assessment:read`.
    async fn current_assessment(&self, ctx: &Context<'_>) -> Option<Result<Assessment>> {
        assessments::current_of_workplace(ctx, &self.row).await.transpose()
    }

    /// All assessments of the workplace, newest day first.
    /// Requires permission `assessment:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Cursor, Assessment, AssessmentCount>>> {
        Some(assessments::of_workplace(ctx, self.row.id, PageArgs { first, after, last, before }).await)
    }

    /// Personal protective equipment due by the assessment in force. Null while the workplace is not assessed, or when
    /// the caller may not see it. Requires permission `ppe_due:read`.
    async fn ppe_due(&self, ctx: &Context<'_>) -> Option<Result<WorkplacePpe>> {
        ppe::due_at(ctx, &self.row).await.transpose()
    }

    /// Social guarantees due by the assessment in force. Null while the workplace is not assessed, or when the caller
    /// may not see it. Requires permission `guarantee_due:read`.
    async fn guarantees_due(&self, ctx: &Context<'_>) -> Option<Result<WorkplaceGuarantees>> {
        guarantees::due_at(ctx, &self.row).await.transpose()
    }

    /// Version for optimistic locking: pass it to `workplaceUpdate`. A new assessment does not change it.
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// When the record was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// When the record itself was last changed; a new assessment does not count.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.row.updated_at
    }
}

impl Workplace {
    async fn load_enterprise(&self, ctx: &Context<'_>) -> Result<Option<Enterprise>> {
        let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
        let row = ctx.load(EnterpriseById { id: self.row.enterprise_id, scope }).await?;
        Ok(row.map(Enterprise::from))
    }

    /// The workplace of a key, batched over the request. `None` when it does not exist or the caller may not see it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let scope = ctx.allow(Action::Read, Resource::Workplace)?;
        Ok(ctx.load(WorkplaceById { id, scope }).await?.map(Self::from))
    }

    fn names_text(&self) -> LocalizedStr<'_> {
        LocalizedStr { kk: &self.row.name_kk, ru: &self.row.name_ru, en: &self.row.name_en }
    }
}

/// Counted only when asked for.
pub enum WorkplaceCount {
    /// The list at the root.
    Listed {
        /// What the caller may see.
        scope: Scope,
        /// Which ones.
        filter: Filter,
    },
    /// The workplaces of one enterprise.
    OfEnterprise(CountOf<WorkplacesOfEnterprise>),
}

/// Counted only when asked for.
#[Object]
impl WorkplaceCount {
    /// Workplaces that match, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(match self {
            Self::Listed { scope, filter } => store::count(ctx.db(), scope, filter).await,
            Self::OfEnterprise(children) => children.count(ctx).await,
        })
    }
}

/// The workplaces of an enterprise, by code, batched over the request.
pub async fn of_enterprise(
    ctx: &Context<'_>,
    enterprise: Uuid,
    args: PageArgs,
) -> Result<Connection<Cursor, Workplace, WorkplaceCount>> {
    let scope = ctx.allow(Action::Read, Resource::Workplace)?;
    let rows = page_of::<WorkplacesOfEnterprise>(ctx, enterprise, scope.clone(), args).await?;
    Ok(connection(rows, WorkplaceCount::OfEnterprise(CountOf::new(enterprise, scope)), Workplace::from))
}
