//! Tables of classifiers, rate tables and rule sets.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    r#"CREATE TABLE reference_row (
        id uuid NOT NULL PRIMARY KEY,
        kind text{C} NOT NULL,
        code text{C} NOT NULL,
        parent_code text{C},
        name_kk text NOT NULL,
        name_ru text NOT NULL,
        name_en text NOT NULL,
        search_fold text NOT NULL,
        attributes text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        provenance text NOT NULL,
        source text NOT NULL,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX reference_row_code ON reference_row (kind, code, valid_from)",
    "CREATE INDEX reference_row_parent ON reference_row (kind, parent_code, code)",
    r#"CREATE TABLE rule_set (
        id uuid NOT NULL PRIMARY KEY,
        code text{C} NOT NULL,
        status text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        content text NOT NULL,
        content_sha256 text NOT NULL,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX rule_set_code ON rule_set (code)",
];

const DOWN: &[&str] = &["DROP TABLE rule_set", "DROP TABLE reference_row"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
