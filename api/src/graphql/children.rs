//! Lists below many parents at once: one statement for the pages of all of them, one for their counts.
//!
//! A page of fifty enterprises with ten workplaces each is two statements, not fifty-one. An area says what hangs on
//! what in a few lines ([`Children`]) and gets both loaders.

use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;

use async_graphql::Context;
use async_graphql::dataloader::Loader;
use entity::row::{Row, Taken};
use entity::scope::{Scope, Scoped};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, JoinType, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, Iterable, PrimaryKeyToColumn, QueryFilter,
    QuerySelect, QueryTrait, Select, Statement,
};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::graphql::Ask;
use crate::graphql::loader::{Batch, grouped, in_keys};
use crate::graphql::page::{Keyset, Page, PageArgs, Slice};

/// A list that hangs on a parent: the workplaces of an enterprise, the measurements of a workplace.
pub trait Children: Clone + Eq + Hash + Send + Sync + 'static {
    /// Table of the children.
    type Entity: Scoped<Model: Sync>;
    /// In what form they are taken.
    type Row: Taken<Entity = Self::Entity> + Clone + Sync + 'static;
    /// Column that names the parent.
    const PARENT: <Self::Entity as EntityTrait>::Column;
    /// Order of the list; its index begins with `PARENT`.
    const ORDER: Keyset<Self::Row>;
    /// The parent of a child.
    fn parent(row: &Self::Row) -> Result<Uuid, DbErr>;
}

/// One page of the children of one parent, within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageOf<L> {
    parent: Uuid,
    scope: Scope,
    page: Page,
    list: PhantomData<L>,
}

/// How many children one parent has within a scope. A parent without any has no entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountOf<L> {
    parent: Uuid,
    scope: Scope,
    list: PhantomData<L>,
}

impl<L: Children> CountOf<L> {
    /// The children of `parent`.
    pub fn new(parent: Uuid, scope: Scope) -> Self {
        Self { parent, scope, list: PhantomData }
    }

    /// Counts, together with all siblings of this moment.
    pub async fn count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(ctx.load(self.clone()).await?.unwrap_or_default())
    }
}

/// One page of the children of `parent`, read together with the pages of all siblings of this moment.
pub async fn page_of<L: Children>(
    ctx: &Context<'_>,
    parent: Uuid,
    scope: Scope,
    args: PageArgs,
) -> Result<Slice<L::Row>> {
    let page = Page::new(args, &ctx.app().config.graphql)?;
    let key = PageOf::<L> { parent, scope, page, list: PhantomData };
    Ok(ctx.load(key).await?.unwrap_or_default())
}

impl<L: Children> Loader<PageOf<L>> for Batch {
    type Value = Slice<L::Row>;
    type Error = Error;

    async fn load(&self, keys: &[PageOf<L>]) -> Result<HashMap<PageOf<L>, Self::Value>, Error> {
        let mut found = HashMap::new();
        for ((scope, page), keys) in grouped(keys.to_vec(), |key| (key.scope.clone(), key.page.clone())) {
            let parents = keys.iter().map(|key| key.parent).collect();
            let statement = pages_of::<L>(&scope, &page, parents, self.db.backend())?;
            let rows = self.db.read().query_all_raw(statement).await?;
            let mut families: HashMap<Uuid, Vec<L::Row>> = HashMap::new();
            for row in rows {
                let row = L::Row::take(row)?;
                families.entry(L::parent(&row)?).or_default().push(row);
            }
            for key in keys {
                let rows = families.remove(&key.parent).unwrap_or_default();
                found.insert(key, page.slice(rows, &L::ORDER)?);
            }
        }
        Ok(found)
    }
}

/// Name of the list of parents in [`pages_of`].
const PARENTS: &str = "parents";

/// One page of children for each parent. The index that begins with the parent gives the first rows of each: the cost
/// does not depend on how many there are.
fn pages_of<L: Children>(
    scope: &Scope,
    page: &Page,
    parents: Vec<Uuid>,
    backend: DbBackend,
) -> Result<Statement, Error> {
    let of_one = |parent: &'static str| -> Result<Select<L::Entity>, Error> {
        page.cut(L::Entity::within(scope).filter(L::PARENT.into_expr().equals((PARENTS, parent))), &L::ORDER)
    };
    let table = <L::Entity>::default();
    let mut select = Query::select();
    let from = match backend {
        // The name of a function's rows is also that of their only column.
        DbBackend::Postgres => {
            let from = "children";
            let unnest = Func::cust("unnest").arg(Expr::val(parents));
            let page = QueryTrait::into_query(of_one(PARENTS)?);
            select.from_function(unnest, PARENTS).join_lateral(JoinType::InnerJoin, page, from, Expr::value(true));
            // What the page selects, in its order.
            select.column((from, Asterisk));
            from
        }
        // SQLite cannot join a list that depends on the row before, but looks keys up in one.
        _ => {
            let key = primary_key::<L::Entity>()?;
            let page = QueryTrait::into_query(of_one("column1")?.select_only().column(key));
            let on = key.into_expr().in_subquery(page);
            select.from_values(padded(parents), PARENTS).join(JoinType::InnerJoin, table.table_ref(), on);
            select.expr(Expr::cust(<L::Entity as EntityTrait>::Model::COLUMNS));
            table.table_name()
        }
    };
    for column in L::ORDER.columns {
        select.order_by((from, *column), page.order(&L::ORDER));
    }
    Ok(backend.build(&select))
}

/// Fills up with a key that nothing has, to a power of two: a list of any length is one of ten statements.
fn padded(mut parents: Vec<Uuid>) -> Vec<Uuid> {
    parents.resize(parents.len().next_power_of_two(), Uuid::nil());
    parents
}

fn primary_key<E: EntityTrait>() -> Result<E::Column, Error> {
    let key = E::PrimaryKey::iter().next().map(PrimaryKeyToColumn::into_column);
    key.ok_or_else(|| Error::internal("a table without a key"))
}

impl<L: Children> Loader<CountOf<L>> for Batch {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[CountOf<L>]) -> Result<HashMap<CountOf<L>, i64>, Error> {
        let mut found = HashMap::new();
        for (scope, keys) in grouped(keys.to_vec(), |key| key.scope.clone()) {
            let parents = keys.iter().map(|key| key.parent).collect();
            let counts: Vec<(Uuid, i64)> = L::Entity::within(&scope)
                .filter(in_keys(L::PARENT, parents, self.db.backend()))
                .select_only()
                .column(L::PARENT)
                .column_as(Expr::col(L::PARENT.as_column_ref()).count(), "children")
                .group_by(L::PARENT)
                .into_tuple()
                .all(self.db.read())
                .await?;
            found.extend(counts.into_iter().map(|(parent, count)| (CountOf::new(parent, scope.clone()), count)));
        }
        Ok(found)
    }
}
