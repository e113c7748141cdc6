//! What clients see of a workplace.

use async_graphql::{Context, ID, Object};
use domain::grade::Degree;
use domain::roles::{Action, Resource};
use entity::record::Record;
use entity::scope::Scope;
use entity::workplace;
use futures::FutureExt;
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
use crate::error::{Error, Result};
use crate::graphql::children::{CountOf, page_of};
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::PageArgs;
use crate::graphql::scalars::{Decimal, Moment};
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick_read};

/// Where one or more workers of one profession work; the object of an assessment of professional risk.
pub struct Workplace {
    /// The row.
    pub row: Record<workplace::Model>,
}

impl From<Record<workplace::Model>> for Workplace {
    fn from(row: Record<workplace::Model>) -> Self {
        Self { row }
    }
}

impl From<workplace::Model> for Workplace {
    fn from(row: workplace::Model) -> Self {
        Record::from(row).into()
    }
}

/// Where one or more workers of one profession work; the object of an assessment of professional risk.
/// Requires permission `workplace:read`.
// What loads is in a box of its own: the library boxes the state of every field, and each box is as large as the
// largest state of its type.
#[Object]
impl Workplace {
    /// Opaque id.
    pub(crate) async fn id(&self) -> Result<ID> {
        Ok(id::encode("Workplace", self.row.id()?))
    }

    /// The enterprise it belongs to. Null when the caller may not see it. Requires permission `enterprise:read`.
    async fn enterprise(&self, ctx: &Context<'_>) -> Option<Result<Enterprise>> {
        self.load_enterprise(ctx).boxed().await.transpose()
    }

    /// The structural unit it belongs to. Null when it belongs to none. Requires permission `unit:read`.
    async fn unit(&self, ctx: &Context<'_>) -> Option<Result<Unit>> {
        async { Unit::load(ctx, self.row.unit_id()?).await }.boxed().await.transpose()
    }

    /// Code, unique within the enterprise.
    async fn code(&self) -> Result<&str> {
        Ok(self.row.code()?)
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

    /// Code of the profession of its workers.
    async fn profession_code(&self) -> Result<&str> {
        Ok(self.row.profession_code()?)
    }

    /// The profession itself. Null when the classifier that is loaded does not hold it.
    /// Requires permission `reference:read`.
    async fn profession(&self, ctx: &Context<'_>) -> Option<Result<ReferenceRow>> {
        async { ReferenceRow::load(ctx, ReferenceKind::Profession, self.row.profession_code()?).await }
            .boxed()
            .await
            .transpose()
    }

    /// Workers over all shifts.
    async fn workers(&self) -> Result<i32> {
        Ok(self.row.workers()?)
    }

    /// Shifts a day, 1..4.
    async fn shifts(&self) -> Result<i32> {
        Ok(self.row.shifts()?.into())
    }

    /// Degree of professional risk by the assessment in force, 1 (acceptable) to 5 (very high). Null while the
    /// workplace is not assessed.
    async fn degree(&self) -> Option<Result<i32>> {
        self.degree_in_force().map(|degree| Ok(degree?.get().into()))
    }

    /// PR by the assessment in force, 1.0..5.0. Null while the workplace is not assessed.
    async fn pr(&self) -> Option<Result<Decimal>> {
        self.degree_in_force().map(|degree| degree.and_then(|_| Ok(Decimal::from_micro(self.row.pr_micro()?))))
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
    ) -> Option<Result<Connection<FactorAssignment, FactorAssignmentCount>>> {
        let page = PageArgs { first, after, last, before };
        Some(async { factors::of_workplace(ctx, self.row.id()?, page).await }.boxed().await)
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
    ) -> Option<Result<Connection<Measurement, MeasurementCount>>> {
        let page = PageArgs { first, after, last, before };
        Some(async { factors::measurements_of_workplace(ctx, self.row.id()?, page).await }.boxed().await)
    }

    /// The assessment in force. Null while the workplace is not assessed, or when the caller may not see it.
    /// Requires permission `assessment:read`.
    async fn current_assessment(&self, ctx: &Context<'_>) -> Option<Result<Assessment>> {
        async { assessments::current_of_workplace(ctx, self.row.whole()?).await }.boxed().await.transpose()
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
    ) -> Option<Result<Connection<Assessment, AssessmentCount>>> {
        let page = PageArgs { first, after, last, before };
        Some(async { assessments::of_workplace(ctx, self.row.id()?, page).await }.boxed().await)
    }

    /// Personal protective equipment due by the assessment in force. Null while the workplace is not assessed, or when
    /// the caller may not see it. Requires permission `ppe_due:read`.
    async fn ppe_due(&self, ctx: &Context<'_>) -> Option<Result<WorkplacePpe>> {
        async { ppe::due_at(ctx, self.row.whole()?).await }.boxed().await.transpose()
    }

    /// Social guarantees due by the assessment in force. Null while the workplace is not assessed, or when the caller
    /// may not see it. Requires permission `guarantee_due:read`.
    async fn guarantees_due(&self, ctx: &Context<'_>) -> Option<Result<WorkplaceGuarantees>> {
        async { guarantees::due_at(ctx, self.row.whole()?).await }.boxed().await.transpose()
    }

    /// Version for optimistic locking: pass it to `workplaceUpdate`. A new assessment does not change it.
    async fn version(&self) -> Result<i64> {
        Ok(self.row.version()?)
    }

    /// When the record was made.
    async fn created_at(&self) -> Result<Moment> {
        Ok(Moment(self.row.created_at()?))
    }

    /// When the record itself was last changed; a new assessment does not count.
    async fn updated_at(&self) -> Result<Moment> {
        Ok(Moment(self.row.updated_at()?))
    }
}

impl Workplace {
    async fn load_enterprise(&self, ctx: &Context<'_>) -> Result<Option<Enterprise>> {
        let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
        let row = ctx.load(EnterpriseById { id: self.row.enterprise_id()?, scope }).await?;
        Ok(row.map(Enterprise::from))
    }

    /// The workplace of a key, batched over the request. `None` when it does not exist or the caller may not see it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let scope = ctx.allow(Action::Read, Resource::Workplace)?;
        Ok(ctx.load(WorkplaceById { id, scope }).await?.map(Self::from))
    }

    fn degree_in_force(&self) -> Option<Result<Degree>> {
        self.row.degree().map(Degree::numbered).map_err(Error::from).transpose()
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
            Self::Listed { scope, filter } => store::count(&ctx.db(), scope, filter).await,
            Self::OfEnterprise(children) => children.count(ctx).await,
        })
    }
}

/// The workplaces of an enterprise, by code, batched over the request.
pub async fn of_enterprise(
    ctx: &Context<'_>,
    enterprise: Uuid,
    args: PageArgs,
) -> Result<Connection<Workplace, WorkplaceCount>> {
    let scope = ctx.allow(Action::Read, Resource::Workplace)?;
    let rows = page_of::<WorkplacesOfEnterprise>(ctx, enterprise, scope.clone(), args).await?;
    Ok(connection(rows, WorkplaceCount::OfEnterprise(CountOf::new(enterprise, scope)), Workplace::from))
}
