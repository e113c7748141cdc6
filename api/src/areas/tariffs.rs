use async_graphql::{Context, SimpleObject};
#[derive(SimpleObject)]
pub struct EnterpriseTariff {
    pub x: i32,
}
impl EnterpriseTariff {
    pub async fn of(_c: &Context<'_>, _r: &entity::enterprise::Model) -> crate::error::Result<Self> {
        Ok(Self { x: 1 })
    }
}
