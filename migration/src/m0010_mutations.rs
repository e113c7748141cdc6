//! What mutations go by: the idempotency keys they were sent with, and the version of what they change.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// A key has no references: its row must not hold up who changes a person, and is gone after two days. See ADR 0026.
const UP: &[&str] = &[
    r#"CREATE TABLE idempotency (
        person_id uuid NOT NULL,
        organisation_id uuid NOT NULL,
        mutation text{C} NOT NULL,
        key text{C} NOT NULL,
        input_digest text NOT NULL,
        outcome text,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (person_id, organisation_id, mutation, key)
    )"#,
    "CREATE INDEX idempotency_created_at ON idempotency (created_at)",
    "ALTER TABLE factor_assignment ADD COLUMN version bigint NOT NULL DEFAULT 1",
];

const DOWN: &[&str] = &["ALTER TABLE factor_assignment DROP COLUMN version", "DROP TABLE idempotency"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
