//! Reading enterprises.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject};
use domain::ids;
use domain::refusal::Refusal;
use domain::roles::{Action, Resource};
use entity::scope::Scope;

use crate::areas::enterprises::loaders::EnterpriseByBin;
use crate::areas::enterprises::store::{self, Filter};
use crate::areas::enterprises::types::{Enterprise, RiskLevel};
use crate::error::Result;
use crate::graphql::arguments::both;
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::{Page, PageArgs};
use crate::graphql::scalars::{Bin, KatoCode, OkedCode};
use crate::graphql::{Ask, id};

/// How to name one enterprise: exactly one field.
#[derive(OneofObject)]
pub enum EnterpriseBy {
    /// By opaque id.
    Id(ID),
    /// By business identification number.
    Bin(Bin),
}

/// Which enterprises a list shows. All given fields must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct EnterpriseFilter {
    /// Part of a name in Kazakh, Russian or English, or of the BIN; case and the difference between Kazakh and Russian
    /// letters do not count. Two to a hundred characters.
    pub search: Option<String>,
    /// Region, by its KATO code.
    pub region_kato: Option<KatoCode>,
    /// Main activity, or the division or group it belongs to; a letter for a section.
    pub oked: Option<OkedCode>,
    /// Levels; an empty list shows nothing.
    pub levels: Option<Vec<RiskLevel>>,
    /// Only enterprises with (true) or without (false) a level, that is with somebody who works at an assessed workplace.
    pub assessed: Option<bool>,
}

/// Order of a list of enterprises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum EnterpriseOrder {
    /// By Russian name, without regard to case.
    #[default]
    Name,
    /// By integral degree, highest first; those not assessed last.
    Risk,
}

/// Counted only when asked for.
pub struct EnterpriseCount {
    scope: Scope,
    filter: Filter,
}

/// Counted only when asked for.
#[Object]
impl EnterpriseCount {
    /// Enterprises that match, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(store::count(&ctx.db(), &self.scope, &self.filter).await)
    }
}

/// Reading enterprises.
#[derive(Default)]
pub struct EnterpriseQuery;

#[Object]
impl EnterpriseQuery {
    /// One enterprise. Null when it does not exist or the caller may not see it.
    /// Requires permission `enterprise:read`.
    async fn enterprise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: EnterpriseBy,
    ) -> Option<Result<Enterprise>> {
        async {
            let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
            let row = match by {
                EnterpriseBy::Id(id) => store::find(&ctx.db(), &scope, id::decode("Enterprise", &id, "by.id")?).await?,
                EnterpriseBy::Bin(bin) => {
                    let bin = ids::Bin::parse(&bin.0).map_err(|error| Refusal::from(error).at("by.bin"))?;
                    ctx.gather(EnterpriseByBin { bin: bin.to_string(), scope }).await?
                }
            };
            Ok(row.map(Enterprise::from))
        }
        .await
        .transpose()
    }

    /// Enterprises the caller may see. Requires permission `enterprise:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn enterprises(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<EnterpriseFilter>,
        #[graphql(desc = "Order of the list.", default)] order: EnterpriseOrder,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<Enterprise, EnterpriseCount>>> {
        Some(
            async {
                let scope = ctx.allow(Action::Read, Resource::Enterprise)?;
                let page = Page::new(PageArgs { first, after, last, before }, &ctx.app().config.graphql);
                let rules = ctx.app().library.book().rules_on(ctx.today());
                let (page, filter) = both(page, Filter::parse(filter.unwrap_or_default(), rules.as_deref()))?;
                let rows = store::page(&ctx.db(), &scope, &filter, order, &page).await?;
                Ok(connection(rows, EnterpriseCount { scope, filter }, Enterprise::from))
            }
            .await,
        )
    }
}
