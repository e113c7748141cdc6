//! An idempotency key with what came of the mutation it was sent with, kept for a while so that sending it again
//! changes nothing.

use sea_orm::entity::prelude::*;

/// One row of `idempotency`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// Who sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    /// For whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation_id: Uuid,
    /// Field of the schema's `Mutation`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mutation: String,
    /// The key, as the client chose it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the input.
    pub input_digest: String,
    /// What the answer is rebuilt from, as JSON; none only until the transaction ends.
    pub outcome: Option<String>,
    /// Moment of the request.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
