//! A page of a list as clients see it, by Relay's specification, in our words: the library's have none for the
//! type of a list.

use std::borrow::Cow;

use async_graphql::{Object, ObjectType, OutputType, SimpleObject, TypeName};

use crate::graphql::page::{Cursor, Slice};

/// The rows of a page, each turned into its GraphQL object of type `N`, with further fields of `X`.
pub struct Connection<N, X> {
    edges: Vec<Edge<N>>,
    has_next: bool,
    has_previous: bool,
    more: X,
}

/// A row and its place.
pub struct Edge<N> {
    cursor: Cursor,
    node: N,
}

/// Where a page stands in its list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether rows precede the first one of this page; on the way forward, whether `after` was given.
    pub has_previous_page: bool,
    /// Whether rows follow the last one of this page; on the way back, whether `before` was given.
    pub has_next_page: bool,
    /// Cursor of the first row: pass it as `before` to go back. Null on an empty page.
    pub start_cursor: Option<String>,
    /// Cursor of the last row: pass it as `after` to go on. Null on an empty page.
    pub end_cursor: Option<String>,
}

/// One page of a list, in the order of the list.
#[Object(name_type)]
impl<N: OutputType, X: ObjectType> Connection<N, X> {
    /// Where this page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.written()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.written()),
        }
    }

    /// The rows of this page, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The rows of this page without their cursors.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    #[graphql(flatten)]
    async fn more(&self) -> &X {
        &self.more
    }
}

/// A row of a list and its place in it.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// The place of the row: pass it as `after` or `before`. It belongs to this list and order, and never expires.
    async fn cursor(&self) -> String {
        self.cursor.written()
    }

    /// The row.
    async fn node(&self) -> &N {
        &self.node
    }
}

impl<N: OutputType, X: ObjectType> TypeName for Connection<N, X> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// The page as clients see it.
pub fn connection<M, N, X>(slice: Slice<M>, more: X, node: impl Fn(M) -> N) -> Connection<N, X> {
    let edges = slice.rows.into_iter().map(|(cursor, row)| Edge { cursor, node: node(row) }).collect();
    Connection { edges, has_next: slice.has_next, has_previous: slice.has_previous, more }
}
