//! Reading the map.

use std::collections::HashMap;

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use domain::ids;
use domain::refusal::Refusal;
use domain::roles::{Action, Reach, Resource};
use entity::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::areas::enterprises::{self, EnterpriseOrder};
use crate::areas::map::counts::Counts;
use crate::areas::map::loaders::PassportByBin;
use crate::areas::map::passport::{EnterprisePassport, PassportFilter, PassportRow};
use crate::areas::map::store::{self, Cell, Filter, Freshness};
use crate::areas::map::types::{MapCounts, MapFilter, MapRegion, RegionMap};
use crate::areas::reference::Book;
use crate::error::Result;
use crate::graphql::Ask;
use crate::graphql::arguments::both;
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::{Page, PageArgs};
use crate::graphql::scalars::{Bin, Moment};

/// Counted only when asked for.
pub struct PassportCount {
    scope: Scope,
    filter: enterprises::Filter,
}

/// Counted only when asked for.
#[Object]
impl PassportCount {
    /// Passports that match, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(enterprises::count(&ctx.db(), &self.scope, &self.filter).await)
    }
}

/// Reading the map.
#[derive(Default)]
pub struct MapQuery;

#[Object]
impl MapQuery {
    /// The digital map: enterprises per region and level, workers per degree. The public sees no number of workers that
    /// rests on fewer than three enterprises. Requires permission `map:read`.
    async fn map(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which enterprises count; all when absent.")] filter: Option<MapFilter>,
    ) -> Option<Result<RegionMap>> {
        Some(map(ctx, filter.unwrap_or_default()).await)
    }

    /// Passport of one enterprise, also of one that was struck off. Null when there is none with this BIN.
    /// Requires permission `passport:read`.
    async fn passport(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Business identification number.")] bin: Bin,
    ) -> Option<Result<EnterprisePassport>> {
        passport(ctx, &bin.0).await.transpose()
    }

    /// Passports of all enterprises, also of those struck off. Requires permission `passport:read`.
    #[allow(clippy::too_many_arguments)] // the four arguments of every list
    async fn passports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<PassportFilter>,
        #[graphql(desc = "Order of the list.", default)] order: EnterpriseOrder,
        #[graphql(desc = "Rows from the start; at most the published page size.")] first: Option<i32>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Rows from the end; at most the published page size.")] last: Option<i32>,
        #[graphql(desc = "Cursor to stop before.")] before: Option<String>,
    ) -> Option<Result<Connection<EnterprisePassport, PassportCount>>> {
        Some(passports(ctx, filter.unwrap_or_default(), order, PageArgs { first, after, last, before }).await)
    }
}

async fn passport(ctx: &Context<'_>, bin: &str) -> Result<Option<EnterprisePassport>> {
    let scope = ctx.allow(Action::Read, Resource::Passport)?;
    let bin = ids::Bin::parse(bin).map_err(|error| Refusal::from(error).at("bin"))?;
    let row = ctx.gather(PassportByBin { bin: bin.to_string(), scope }).await?;
    Ok(row.map(EnterprisePassport::from))
}

async fn passports(
    ctx: &Context<'_>,
    filter: PassportFilter,
    order: EnterpriseOrder,
    page: PageArgs,
) -> Result<Connection<EnterprisePassport, PassportCount>> {
    let scope = ctx.allow(Action::Read, Resource::Passport)?;
    let page = Page::new(page, &ctx.app().config.graphql);
    let rules = ctx.app().library.book().rules_on(ctx.today());
    let (page, filter) = both(page, enterprises::Filter::parse(filter.into(), rules.as_deref()))?;
    let rows = enterprises::page(&ctx.db(), &scope, &filter, order, &page).await?;
    let rows = rows.try_map(PassportRow::try_from)?;
    Ok(connection(rows, PassportCount { scope, filter }, EnterprisePassport::from))
}

async fn map(ctx: &Context<'_>, filter: MapFilter) -> Result<RegionMap> {
    let scope = ctx.allow(Action::Read, Resource::Map)?;
    let book = ctx.app().library.book();
    let filter = filter.judge(&book)?;
    let counted = counted(ctx, &scope.for_counting(), &filter).await?;
    Ok(drawn(counted, &book, &filter, scope.reach() == Reach::Aggregate))
}

/// What the database counted, and when.
#[derive(Serialize, Deserialize)]
struct Counted {
    as_of: DateTime<Utc>,
    cells: Vec<Cell>,
}

/// The counts of a scope, kept for a moment. The key holds all that they depend on; what the public may not see is
/// hidden afterwards, so that everybody who counts the whole country shares one answer.
async fn counted(ctx: &Context<'_>, scope: &Scope, filter: &Filter) -> Result<Counted> {
    let section = filter.section.as_ref().map_or("", ids::OkedCode::as_str);
    let region = filter.region.as_ref().map_or("", ids::KatoCode::as_str);
    let key = format!("map:1:{}:{section}:{region}", rows_of(scope));
    let make = async { Ok(Counted { as_of: ctx.now(), cells: store::cells(&ctx.db(), scope, filter).await? }) };
    ctx.app().cache.get_or_make(&key, make).await
}

/// Which rows a scope reaches, for the key of a kept answer.
fn rows_of(scope: &Scope) -> String {
    format!("{:?}@{}", scope.bound(), scope.today())
}

fn drawn(counted: Counted, book: &Book, filter: &Filter, public: bool) -> RegionMap {
    let mut country = Counts::default();
    let mut regions: HashMap<&str, Counts> = HashMap::new();
    for cell in &counted.cells {
        let level = book.level_of(cell.rule_set_code.as_deref(), cell.level_rank);
        country.add(cell, level);
        regions.entry(&cell.region_kato).or_default().add(cell, level);
    }
    let shown =
        book.regions().iter().filter(|region| filter.region.as_ref().is_none_or(|it| it.as_str() == region.kato));
    let regions = shown.map(|region| {
        let counts = regions.remove(region.kato.as_str()).unwrap_or_default();
        MapRegion { region: region.clone(), counts: MapCounts::new(&counts, public) }
    });
    RegionMap {
        regions: regions.collect(),
        as_of: Moment(counted.as_of),
        small_counts_hidden: public,
        country: MapCounts::new(&country, public),
    }
}

/// When the enterprises last changed, over all that the caller may count; kept for a moment.
pub async fn freshness(ctx: &Context<'_>) -> Result<Option<Freshness>> {
    let scope = ctx.allow(Action::Read, Resource::Map)?.for_counting();
    let key = format!("freshness:1:{}", rows_of(&scope));
    let make = async { store::freshness(&ctx.db(), &scope).await };
    ctx.app().cache.get_or_make(&key, make).await
}
