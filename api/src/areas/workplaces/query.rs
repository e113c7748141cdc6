//! Reading workplaces.

use async_graphql::{Context, ID, InputObject, Object};
use domain::roles::{Action, Resource};

use crate::areas::workplaces::store::{self, Filter};
use crate::areas::workplaces::types::{Workplace, WorkplaceCount};
use crate::error::Result;
use crate::graphql::arguments::both;
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::{Page, PageArgs};
use crate::graphql::{Ask, id};

/// Which workplaces a list shows. All given fields must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct WorkplaceFilter {
    /// Only workplaces of this enterprise.
    pub enterprise_id: Option<ID>,
    /// Degrees of professional risk, 1..5; an empty list shows nothing.
    pub degrees: Option<Vec<i32>>,
    /// Only workplaces with (true) or without (false) an assessment in force.
    pub assessed: Option<bool>,
}

/// Reading workplaces.
#[derive(Default)]
pub struct WorkplaceQuery;

#[Object]
impl WorkplaceQuery {
    /// One workplace. Null when it does not exist or the caller may not see it.
    /// Requires permission `workplace:read`.
    async fn workplace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, by opaque id.")] id: ID,
    ) -> Option<Result<Workplace>> {
        workplace(ctx, &id).await.transpose()
    }

    /// Workplaces the caller may see, in the order of their entry. Requires permission `workplace:read`.
    #[allow(clippy::too_many_arguments)] // filter and the four arguments of every list
    async fn workplaces(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<WorkplaceFilter>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Workplace, WorkplaceCount>>> {
        Some(workplaces(ctx, filter.unwrap_or_default(), PageArgs { first, after, last, before }).await)
    }
}

async fn workplace(ctx: &Context<'_>, id: &ID) -> Result<Option<Workplace>> {
    let scope = ctx.allow(Action::Read, Resource::Workplace)?;
    let row = store::find(&ctx.db(), &scope, id::decode("Workplace", id, "id")?).await?;
    Ok(row.map(Workplace::from))
}

async fn workplaces(
    ctx: &Context<'_>,
    filter: WorkplaceFilter,
    page: PageArgs,
) -> Result<Connection<Workplace, WorkplaceCount>> {
    let scope = ctx.allow(Action::Read, Resource::Workplace)?;
    let page = Page::new(page, &ctx.app().config.graphql);
    let (page, filter) = both(page, Filter::parse(filter))?;
    let rows = store::page(&ctx.db(), &scope, &filter, &page).await?;
    Ok(connection(rows, WorkplaceCount::Listed { scope, filter }, Workplace::from))
}
