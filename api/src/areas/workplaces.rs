use async_graphql::{Context, SimpleObject, connection::Connection};
#[derive(SimpleObject)]
pub struct Workplace {
    pub x: i32,
}
#[derive(SimpleObject)]
pub struct WorkplaceCount {
    pub y: i32,
}
pub async fn of_enterprise(
    _c: &Context<'_>,
    _e: uuid::Uuid,
    _a: crate::graphql::page::PageArgs,
) -> crate::error::Result<Connection<String, Workplace, WorkplaceCount>> {
    Ok(Connection::with_additional_fields(false, false, WorkplaceCount { y: 1 }))
}
