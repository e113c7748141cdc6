//! Keyset pages, both ways, written once.
//!
//! A cursor holds the order it belongs to and the key of its row, so it never expires and cannot be used in another
//! list. Rows are compared as whole tuples, `(name, id) > (?, ?)`: the form both databases answer from the index.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Datelike, NaiveDate};
use entity::row::{Rows, Taken};
use sea_orm::sea_query::{Expr, ExprTrait, Order};
use sea_orm::{
    Condition, ConnectionTrait, DbErr, EntityTrait, IntoSimpleExpr, QueryFilter, QueryOrder, QuerySelect, Select, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config;
use crate::error::{Error, Result};

/// One part of a row's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Key {
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "d")]
    Day(NaiveDate),
    #[serde(rename = "u")]
    Id(Uuid),
}

impl Key {
    /// Whether PostgreSQL can take it: a forged cursor must not reach the database.
    fn is_storable(&self) -> bool {
        match self {
            Self::Text(text) => !text.contains('\0'),
            Self::Day(day) => (1..=9999).contains(&day.year()),
            Self::Number(_) | Self::Id(_) => true,
        }
    }

    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Text(text) => text.into(),
            Key::Number(number) => number.into(),
            Key::Day(day) => day.into(),
            Key::Id(id) => id.into(),
        }
    }
}

/// A total order of a list: the columns of the key, which together are unique in it, and in what form its rows are
/// taken.
pub struct Keyset<R: Taken> {
    /// Name inside the cursor; changing it retires all cursors of this order.
    pub tag: &'static str,
    /// Columns, most significant first.
    pub columns: &'static [<R::Entity as EntityTrait>::Column],
    /// Whether the first row is the one with the greatest key.
    pub descending: bool,
    /// The key of a row, in the order of `columns`.
    pub key: fn(&R) -> Result<Vec<Key>, DbErr>,
    /// A key of the right kinds, against which a cursor is checked.
    pub kinds: fn() -> Vec<Key>,
}

/// Arguments of every list. `first`/`after` walk forward, `last`/`before` backward.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// A checked request for one page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    size: u64,
    backward: bool,
    cursor: Option<String>,
}

/// Where a row stands in its list. It is written down only when a client asks for it.
#[derive(Clone, Debug)]
pub struct Cursor {
    tag: &'static str,
    key: Vec<Key>,
}

impl Cursor {
    /// As clients see it.
    pub fn written(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(self.tag, &self.key)).unwrap_or_default())
    }
}

/// Rows of one page with their cursors.
#[derive(Clone, Debug)]
pub struct Slice<M> {
    /// Cursor and row, in the order of the list.
    pub rows: Vec<(Cursor, M)>,
    /// Whether rows follow.
    pub has_next: bool,
    /// Whether rows precede.
    pub has_previous: bool,
}

impl<M> Default for Slice<M> {
    fn default() -> Self {
        Self { rows: Vec::new(), has_next: false, has_previous: false }
    }
}

impl<M> Slice<M> {
    /// The same page of something else.
    pub fn try_map<N, E>(self, map: impl Fn(M) -> Result<N, E>) -> Result<Slice<N>, E> {
        let rows = self.rows.into_iter().map(|(cursor, row)| Ok((cursor, map(row)?))).collect::<Result<_, E>>()?;
        Ok(Slice { rows, has_next: self.has_next, has_previous: self.has_previous })
    }
}

impl Page {
    /// Checks the arguments: one direction, a size within the limit. Too much is an error, never a silent cut.
    pub fn new(args: PageArgs, limits: &config::Graphql) -> Result<Self> {
        let backward = args.last.is_some() || args.before.is_some();
        if backward && (args.first.is_some() || args.after.is_some()) {
            return Err(Error::input("first", "PAGE_DIRECTION"));
        }
        let (wanted, field) = if backward { (args.last, "last") } else { (args.first, "first") };
        let size = match wanted {
            None => u64::from(limits.default_page_size),
            Some(size) if size < 1 => return Err(Error::input(field, "PAGE_SIZE_INVALID")),
            Some(size) => u64::try_from(size).unwrap_or(u64::MAX),
        };
        if size > u64::from(limits.max_page_size) {
            return Err(Error::input(field, "PAGE_TOO_LARGE").arg("limit", limits.max_page_size));
        }
        Ok(Self { size, backward, cursor: if backward { args.before } else { args.after } })
    }

    /// Reads one page of `select`, which already carries scope and filters.
    pub async fn fetch<R, C>(&self, select: Select<R::Entity>, keyset: &Keyset<R>, db: &C) -> Result<Slice<R>>
    where
        R: Taken,
        C: ConnectionTrait,
    {
        let rows = self.cut(select, keyset)?.rows_as(db).await?;
        self.slice(rows, keyset)
    }

    /// `select` from the cursor on, in order, one row longer than the page.
    pub fn cut<R: Taken>(&self, mut select: Select<R::Entity>, keyset: &Keyset<R>) -> Result<Select<R::Entity>> {
        if let Some(condition) = self.beyond(keyset)? {
            select = select.filter(condition);
        }
        for column in keyset.columns {
            select = select.order_by(*column, self.order(keyset));
        }
        Ok(select.limit(self.size.saturating_add(1)))
    }

    /// Cuts what was read to the page: drops the row that only told of more, and turns a backward page round.
    pub fn slice<R: Taken>(&self, mut rows: Vec<R>, keyset: &Keyset<R>) -> Result<Slice<R>> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.backward {
            rows.reverse();
        }
        let came_from = self.cursor.is_some();
        let placed = |row| Ok((Cursor { tag: keyset.tag, key: (keyset.key)(&row)? }, row));
        Ok(Slice {
            rows: rows.into_iter().map(placed).collect::<Result<_>>()?,
            has_next: if self.backward { came_from } else { more },
            has_previous: if self.backward { more } else { came_from },
        })
    }

    /// Direction in which the rows are read.
    pub fn order<R: Taken>(&self, keyset: &Keyset<R>) -> Order {
        if keyset.descending == self.backward { Order::Asc } else { Order::Desc }
    }

    /// The condition that a row lies beyond the cursor.
    fn beyond<R: Taken>(&self, keyset: &Keyset<R>) -> Result<Option<Condition>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let field = if self.backward { "before" } else { "after" };
        let kinds = (keyset.kinds)();
        let key = decode(keyset.tag, cursor).filter(|key| {
            key.len() == kinds.len() && key.iter().zip(&kinds).all(|(found, expected)| found.same_kind(expected))
        });
        let key = key.ok_or_else(|| Error::input(field, "CURSOR_INVALID"))?;
        let columns = Expr::tuple(keyset.columns.iter().map(|column| column.into_simple_expr()));
        let values = Expr::tuple(key.into_iter().map(|part| Expr::val(Value::from(part))));
        let condition = match self.order(keyset) {
            Order::Desc => columns.lt(values),
            _ => columns.gt(values),
        };
        Ok(Some(Condition::all().add(condition)))
    }
}

fn decode(tag: &str, cursor: &str) -> Option<Vec<Key>> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (found, key): (String, Vec<Key>) = serde_json::from_slice(&bytes).ok()?;
    (found == tag && key.iter().all(Key::is_storable)).then_some(key)
}
