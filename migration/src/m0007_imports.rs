//! Tables of progress of named imports.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    r#"CREATE TABLE import_batch (
        id uuid NOT NULL PRIMARY KEY,
        kind text{C} NOT NULL,
        name text{C} NOT NULL,
        file_sha256 text NOT NULL,
        rows_done bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX import_batch_name ON import_batch (kind, name)",
];

const DOWN: &[&str] = &["DROP TABLE import_batch"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
