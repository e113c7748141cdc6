//! The log of events, from which subscriptions are told and resumed.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Positions are given after the commit, under the lock of the one row of `event_head`: see ADR 0022.
const UP: &[&str] = &[
    r#"CREATE TABLE event (
        id uuid NOT NULL PRIMARY KEY,
        position bigint,
        kind text NOT NULL,
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        workplace_id uuid,
        assessment_id uuid,
        organisation_id uuid NOT NULL,
        region_kato text NOT NULL,
        before text,
        after text,
        at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX event_position ON event (position)",
    "CREATE INDEX event_unnumbered ON event (id) WHERE position IS NULL",
    "CREATE INDEX event_at ON event (at)",
    "CREATE TABLE event_head (id integer NOT NULL PRIMARY KEY CHECK (id = 1), position bigint NOT NULL)",
    "INSERT INTO event_head (id, position) VALUES (1, 0)",
];

const DOWN: &[&str] = &["DROP TABLE event_head", "DROP TABLE event"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
