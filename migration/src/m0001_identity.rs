//! Tables of organisations, persons and their memberships.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    r#"CREATE TABLE organisation (
        id uuid NOT NULL PRIMARY KEY,
        kind text{C} NOT NULL,
        name_kk text NOT NULL,
        name_ru text NOT NULL,
        name_en text NOT NULL,
        bin text{C},
        jurisdiction_kato text{C},
        demo boolean NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX organisation_bin ON organisation (bin)",
    "CREATE INDEX organisation_kind ON organisation (kind, id)",
    r#"CREATE TABLE person (
        id uuid NOT NULL PRIMARY KEY,
        subject text{C} NOT NULL,
        display_name text NOT NULL,
        locale text NOT NULL,
        demo boolean NOT NULL,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX person_subject ON person (subject)",
    r#"CREATE TABLE membership (
        id uuid NOT NULL PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        role text{C} NOT NULL,
        workplace_id uuid,
        valid_from date NOT NULL,
        valid_to date,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE INDEX membership_person ON membership (person_id)",
    "CREATE UNIQUE INDEX membership_once ON membership (person_id, organisation_id, role, valid_from)",
];

const DOWN: &[&str] = &["DROP TABLE membership", "DROP TABLE person", "DROP TABLE organisation"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
