//! Reading assessments.

use async_graphql::{Context, ID, InputObject, Object};
use domain::roles::{Action, Resource};
use entity::scope::Scope;
use uuid::Uuid;

use crate::areas::assessments::loaders::AssessmentsOfWorkplace;
use crate::areas::assessments::store::{self, Filter};
use crate::areas::assessments::types::Assessment;
use crate::error::Result;
use crate::graphql::arguments::both;
use crate::graphql::children::{CountOf, page_of};
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::{Page, PageArgs};
use crate::graphql::scalars::{Date, Given};
use crate::graphql::{Ask, id};

/// Which assessments a list shows. All given fields must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AssessmentFilter {
    /// Only those of one enterprise.
    pub enterprise_id: Option<ID>,
    /// Only those of one workplace.
    pub workplace_id: Option<ID>,
    /// Degrees of professional risk, 1..5; an empty list shows nothing.
    pub degrees: Option<Vec<i32>>,
    /// Only those in force (true) or only superseded ones and those dated before the one in force (false).
    pub current: Option<bool>,
    /// Only those that speak of this day or a later one.
    pub assessed_from: Option<Given<Date>>,
    /// Only those that speak of this day or an earlier one.
    pub assessed_to: Option<Given<Date>>,
}

/// Counted only when asked for.
pub enum AssessmentCount {
    /// The list at the root.
    Listed {
        /// What the caller may see.
        scope: Scope,
        /// Which ones.
        filter: Filter,
    },
    /// The assessments of one workplace.
    OfWorkplace(CountOf<AssessmentsOfWorkplace>),
}

/// Counted only when asked for.
#[Object]
impl AssessmentCount {
    /// Assessments that match, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(match self {
            Self::Listed { scope, filter } => store::count(&ctx.db(), scope, filter).await,
            Self::OfWorkplace(children) => children.count(ctx).await,
        })
    }
}

/// Assessments of a workplace, newest day first, for the workplace's own edge: one statement for a whole list of
/// workplaces.
pub async fn of_workplace(
    ctx: &Context<'_>,
    workplace_id: Uuid,
    args: PageArgs,
) -> Result<Connection<Assessment, AssessmentCount>> {
    let scope = ctx.allow(Action::Read, Resource::Assessment)?;
    let rows = page_of::<AssessmentsOfWorkplace>(ctx, workplace_id, scope.clone(), args).await?;
    Ok(connection(rows, AssessmentCount::OfWorkplace(CountOf::new(workplace_id, scope)), Assessment::from))
}

/// Reading assessments.
#[derive(Default)]
pub struct AssessmentQuery;

#[Object]
impl AssessmentQuery {
    /// One assessment. Null when it does not exist or the caller may not see it.
    /// Requires permission `assessment:read`.
    async fn assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: ID,
    ) -> Option<Result<Assessment>> {
        assessment(ctx, &id).await.transpose()
    }

    /// Assessments the caller may see, the newest filed first. Requires permission `assessment:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<AssessmentFilter>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Assessment, AssessmentCount>>> {
        Some(assessments(ctx, filter.unwrap_or_default(), PageArgs { first, after, last, before }).await)
    }
}

async fn assessment(ctx: &Context<'_>, id: &ID) -> Result<Option<Assessment>> {
    let scope = ctx.allow(Action::Read, Resource::Assessment)?;
    let row = store::find(&ctx.db(), &scope, id::decode("Assessment", id, "id")?).await?;
    Ok(row.map(Assessment::from))
}

async fn assessments(
    ctx: &Context<'_>,
    filter: AssessmentFilter,
    page: PageArgs,
) -> Result<Connection<Assessment, AssessmentCount>> {
    let scope = ctx.allow(Action::Read, Resource::Assessment)?;
    let page = Page::new(page, &ctx.app().config.graphql);
    let (page, filter) = both(page, Filter::parse(filter))?;
    let rows = store::page(&ctx.db(), &scope, &filter, &page).await?;
    Ok(connection(rows, AssessmentCount::Listed { scope, filter }, Assessment::from))
}
