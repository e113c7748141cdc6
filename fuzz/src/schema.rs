//! A schema with one of each thing, whose fields answer nothing. What validates here is the library of the server.

use std::sync::LazyLock;

use async_graphql::{
    Enum, ID, InputObject, Interface, Object, OneofObject, Request, Response, Schema, SimpleObject, Subscription,
    Union, ValidationMode,
};
use futures::stream::{self, Stream};

use crate::graphql::coercion::Types;
use crate::graphql::validate_only::ValidateOnly;

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Order {
    /// By name.
    Name,
    /// By risk.
    Risk,
}

/// A filter that holds another.
#[derive(InputObject)]
pub struct Filter {
    search: Option<String>,
    levels: Option<Vec<Order>>,
    degrees: Option<Vec<i32>>,
    #[graphql(default = true)]
    active: bool,
    inner: Option<Box<Filter>>,
}

/// One of two keys.
#[derive(OneofObject)]
pub enum By {
    /// The id.
    Id(ID),
    /// The number.
    Bin(String),
}

/// A row.
pub struct Row;

#[Object]
impl Row {
    async fn id(&self) -> ID {
        ID::from("x")
    }
    async fn name(&self, language: Option<Order>) -> Option<String> {
        language.map(|_| String::new())
    }
    async fn level(&self) -> Option<Order> {
        None
    }
    async fn rows(&self, first: Option<i32>, last: Option<i32>, filter: Option<Filter>) -> Option<Page> {
        (first == last && filter.is_none()).then_some(Page { total_count: 1 })
    }
}

/// A page of rows.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Page {
    total_count: i32,
}

#[async_graphql::ComplexObject]
impl Page {
    async fn nodes(&self) -> Vec<Row> {
        vec![Row]
    }
    async fn edges(&self) -> Vec<Edge> {
        Vec::new()
    }
}

/// A row in its place.
#[derive(SimpleObject)]
pub struct Edge {
    cursor: String,
    node: Row,
}

/// Another row.
pub struct Other;

#[Object]
impl Other {
    async fn id(&self) -> ID {
        ID::from("y")
    }
    async fn code(&self) -> &str {
        ""
    }
    async fn level(&self) -> i32 {
        0
    }
}

/// Both.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID"))]
pub enum Node {
    /// A row.
    Row(Row),
    /// Another.
    Other(Other),
}

/// Both, without a common field.
#[derive(Union)]
pub enum Any {
    /// A row.
    Row(Row),
    /// Another.
    Other(Other),
}

/// What can be asked.
pub struct Query;

#[Object]
impl Query {
    async fn rows(
        &self,
        first: Option<i32>,
        last: Option<i32>,
        filter: Option<Filter>,
        #[graphql(default_with = "Order::Name")] order: Order,
    ) -> Option<Page> {
        let _ = (filter, order);
        (first == last).then_some(Page { total_count: 0 })
    }
    async fn row(&self, by: By) -> Option<Row> {
        matches!(by, By::Id(_)).then_some(Row)
    }
    async fn node(&self, id: ID) -> Option<Node> {
        (id.as_str() == "x").then_some(Node::Row(Row))
    }
    async fn nodes(&self, ids: Vec<ID>) -> Vec<Option<Node>> {
        ids.into_iter()
            .take(1)
            .map(|id| Some(if id.as_str() == "x" { Node::Row(Row) } else { Node::Other(Other) }))
            .collect()
    }
    async fn any(&self) -> Option<Any> {
        Some(Any::Row(Row))
    }
}

/// What can be changed.
pub struct Mutation;

#[Object]
impl Mutation {
    async fn change(&self, filter: Filter) -> bool {
        filter.active
    }
}

/// What can be heard.
pub struct Subscribed;

#[Subscription]
impl Subscribed {
    async fn heard(&self) -> impl Stream<Item = Row> + use<> {
        stream::empty()
    }
    async fn other(&self) -> impl Stream<Item = Row> + use<> {
        stream::empty()
    }
}

type Small = Schema<Query, Mutation, Subscribed>;

static VALIDATING: LazyLock<Small> =
    LazyLock::new(|| Schema::build(Query, Mutation, Subscribed).disable_suggestions().extension(ValidateOnly).finish());
static TRUSTING: LazyLock<Small> = LazyLock::new(|| {
    Schema::build(Query, Mutation, Subscribed).disable_suggestions().validation_mode(ValidationMode::Fast).finish()
});
static TYPES: LazyLock<Types> = LazyLock::new(|| Types::read(&TRUSTING.sdl()).expect("its own text"));

/// The types of the schema, as the server reads them.
pub fn types() -> &'static Types {
    &TYPES
}

/// Validates and executes nothing.
pub fn validate(request: Request) -> Response {
    futures::executor::block_on(VALIDATING.execute(request))
}

/// Executes without validating.
pub fn execute(request: Request) -> Response {
    futures::executor::block_on(TRUSTING.execute(request))
}
