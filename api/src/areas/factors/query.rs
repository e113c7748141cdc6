//! Reading measurements.

use async_graphql::{Context, ID, InputObject, Object};
use domain::roles::{Action, Resource};

use crate::areas::factors::store::{self, Filter};
use crate::areas::factors::types::{Measurement, MeasurementCount};
use crate::error::Result;
use crate::graphql::arguments::both;
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::{Page, PageArgs};
use crate::graphql::scalars::{Date, Given};
use crate::graphql::{Ask, id};

/// Which measurements a list shows. All given fields must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MeasurementFilter {
    /// Only measurements at workplaces of this enterprise.
    pub enterprise_id: Option<ID>,
    /// Only measurements at this workplace.
    pub workplace_id: Option<ID>,
    /// Only measurements of this factor, by its code in the catalogue.
    pub factor_code: Option<String>,
    /// Only measurements made on this day or later.
    pub measured_from: Option<Given<Date>>,
    /// Only measurements made on this day or earlier.
    pub measured_to: Option<Given<Date>>,
}

/// Reading measurements.
#[derive(Default)]
pub struct FactorQuery;

#[Object]
impl FactorQuery {
    /// One measurement. Null when it does not exist or the caller may not see it.
    /// Requires permission `measurement:read`.
    async fn measurement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, by opaque id.")] id: ID,
    ) -> Option<Result<Measurement>> {
        measurement(ctx, &id).await.transpose()
    }

    /// Measurements the caller may see, last recorded first. Requires permission `measurement:read`.
    #[allow(clippy::too_many_arguments)] // filter and the four arguments of every list
    async fn measurements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<MeasurementFilter>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Measurement, MeasurementCount>>> {
        Some(measurements(ctx, filter.unwrap_or_default(), PageArgs { first, after, last, before }).await)
    }
}

async fn measurement(ctx: &Context<'_>, id: &ID) -> Result<Option<Measurement>> {
    let scope = ctx.allow(Action::Read, Resource::Measurement)?;
    let row = store::find(&ctx.db(), &scope, id::decode("Measurement", id, "id")?).await?;
    Ok(row.map(Measurement::from))
}

async fn measurements(
    ctx: &Context<'_>,
    filter: MeasurementFilter,
    page: PageArgs,
) -> Result<Connection<Measurement, MeasurementCount>> {
    let scope = ctx.allow(Action::Read, Resource::Measurement)?;
    let page = Page::new(page, &ctx.app().config.graphql);
    let (page, filter) = both(page, Filter::parse(filter))?;
    let rows = store::page(&ctx.db(), &scope, &filter, &page).await?;
    Ok(connection(rows, MeasurementCount::Listed { scope, filter }, Measurement::from))
}
