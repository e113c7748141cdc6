//! How far a named import has come, so that it can be resumed.

use sea_orm::entity::prelude::*;

/// One row of `import_batch`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_batch")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is imported.
    pub kind: String,
    /// Name given by the operator.
    pub name: String,
    /// Hash of the file; another file under the same name is refused.
    pub file_sha256: String,
    /// Rows committed so far.
    pub rows_done: i64,
    /// Moment of the first run.
    pub created_at: DateTimeUtc,
    /// Moment of the last committed chunk.
    pub updated_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
