//! Structural units of an enterprise.

use async_graphql::{Context, ID, Object};
use domain::localized::LocalizedStr;
use domain::roles::{Action, Resource};
use entity::unit;
use futures::FutureExt;
use uuid::Uuid;

use crate::areas::workplaces::loaders::{UnitById, UnitsOfEnterprise};
use crate::error::Result;
use crate::graphql::children::{CountOf, page_of};
use crate::graphql::connection::{Connection, connection};
use crate::graphql::page::PageArgs;
use crate::graphql::scalars::Moment;
use crate::graphql::{Ask, id};
use crate::language::{Language, LocalizedText, pick};

/// A shop, site or department of an enterprise.
pub struct Unit {
    /// The row.
    pub row: unit::Model,
}

impl From<unit::Model> for Unit {
    fn from(row: unit::Model) -> Self {
        Self { row }
    }
}

/// A shop, site or department of an enterprise. Requires permission `unit:read`.
#[Object]
impl Unit {
    /// Opaque id.
    pub(crate) async fn id(&self) -> ID {
        id::encode("Unit", self.row.id)
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

    /// The unit above. Null at the top of the enterprise. Requires permission `unit:read`.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Unit>> {
        Self::load(ctx, self.row.parent_id).boxed().await.transpose()
    }

    /// When the record was made.
    async fn created_at(&self) -> Moment {
        Moment(self.row.created_at)
    }
}

impl Unit {
    /// The unit of a key, batched over the request. `None` when none is named or the caller may not see it.
    pub async fn load(ctx: &Context<'_>, id: Option<Uuid>) -> Result<Option<Self>> {
        let scope = ctx.allow(Action::Read, Resource::Unit)?;
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.load(UnitById { id, scope }).await?.map(Self::from))
    }

    fn names_text(&self) -> LocalizedStr<'_> {
        LocalizedStr { kk: &self.row.name_kk, ru: &self.row.name_ru, en: &self.row.name_en }
    }
}

/// Counted only when asked for.
pub struct UnitCount {
    of: CountOf<UnitsOfEnterprise>,
}

/// Counted only when asked for.
#[Object]
impl UnitCount {
    /// Units of the enterprise, over all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<i64>> {
        Some(self.of.count(ctx).await)
    }
}

/// The units of an enterprise, by code, batched over the request.
pub async fn units_of_enterprise(
    ctx: &Context<'_>,
    enterprise: Uuid,
    args: PageArgs,
) -> Result<Connection<Unit, UnitCount>> {
    let scope = ctx.allow(Action::Read, Resource::Unit)?;
    let rows = page_of::<UnitsOfEnterprise>(ctx, enterprise, scope.clone(), args).await?;
    Ok(connection(rows, UnitCount { of: CountOf::new(enterprise, scope) }, Unit::from))
}
