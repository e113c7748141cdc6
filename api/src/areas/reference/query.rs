//! Reading reference data.

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use domain::roles::{Action, Resource};
use domain::text::fold;

use crate::areas::reference::kind::ReferenceKind;
use crate::areas::reference::rule_set::RuleSet;
use crate::areas::reference::store::{self, Filter};
use crate::areas::reference::types::ReferenceRow;
use crate::error::Result;
use crate::graphql::Ask;
use crate::graphql::arguments::both;
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::{Page, PageArgs};
use crate::graphql::scalars::{Date, Given};

/// Counted only when asked for.
pub struct ReferenceRowCount {
    filter: Filter,
}

/// Counted only when asked for.
#[Object]
impl ReferenceRowCount {
    /// Rows that match, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(store::count(&ctx.db(), &self.filter).await)
    }
}

/// Reading reference data.
#[derive(Default)]
pub struct ReferenceQuery;

#[Object]
impl ReferenceQuery {
    /// Rows of one classifier or rate table, by code. Requires permission `reference:read`.
    #[allow(clippy::too_many_arguments)] // filter and the four arguments of every list
    async fn reference_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which table.")] kind: ReferenceKind,
        #[graphql(desc = "Only rows directly below this code.")] parent_code: Option<String>,
        #[graphql(desc = "Part of a name or code, in any of the three languages; case does not count.")] search: Option<
            String,
        >,
        #[graphql(desc = "Only rows in force on this day; today when absent.")] as_of: Option<Given<Date>>,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<ReferenceRow, ReferenceRowCount>>> {
        Some(
            async {
                ctx.allow(Action::Read, Resource::Reference)?;
                let page = Page::new(PageArgs { first, after, last, before }, &ctx.app().config.graphql);
                let (page, on) = both(page, day(ctx, as_of))?;
                let filter = Filter { kind, parent: parent_code, search: search.map(|term| fold(&term)), on };
                let rows = store::page(&ctx.db(), &filter, &page).await?;
                Ok(connection(rows.try_map(ReferenceRow::new)?, ReferenceRowCount { filter }, |row| row))
            }
            .await,
        )
    }

    /// The rules in force on a day, or those of a code. Null when there are none.
    /// Requires permission `reference:read`.
    async fn rule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a rule set; wins over `asOf`.")] code: Option<String>,
        #[graphql(desc = "Day; today when absent.")] as_of: Option<Given<Date>>,
    ) -> Option<Result<RuleSet>> {
        async {
            ctx.allow(Action::Read, Resource::Reference)?;
            let book = ctx.app().library.book();
            let on = day(ctx, as_of)?;
            let rules = match code {
                Some(code) => book.rule_set(&code),
                None => book.rules_on(on),
            };
            Ok(rules.map(RuleSet::from))
        }
        .await
        .transpose()
    }

    /// All rule sets, oldest first; a handful. Requires permission `reference:read`.
    async fn rule_sets(&self, ctx: &Context<'_>) -> Option<Result<Vec<RuleSet>>> {
        Some(
            async {
                ctx.allow(Action::Read, Resource::Reference)?;
                Ok(ctx.app().library.book().rule_sets().iter().cloned().map(RuleSet::from).collect())
            }
            .await,
        )
    }
}

/// The day asked for, today when absent.
fn day(ctx: &Context<'_>, as_of: Option<Given<Date>>) -> Result<NaiveDate> {
    as_of.map_or(Ok(ctx.today()), |day| Ok(day.at("asOf")?))
}
