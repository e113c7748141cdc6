//! Tables of stored scores with their traces.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    r#"CREATE TABLE assessment (
        id uuid NOT NULL PRIMARY KEY,
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        workplace_id uuid NOT NULL REFERENCES workplace (id),
        rule_set_code text NOT NULL,
        assessed_on date NOT NULL,
        v smallint NOT NULL CHECK (v BETWEEN 1 AND 5),
        t smallint NOT NULL CHECK (t BETWEEN 1 AND 5),
        ob smallint NOT NULL CHECK (ob BETWEEN 1 AND 5),
        siz smallint NOT NULL CHECK (siz BETWEEN 1 AND 5),
        z smallint NOT NULL CHECK (z BETWEEN 1 AND 5),
        pr_micro bigint NOT NULL,
        degree smallint NOT NULL CHECK (degree BETWEEN 1 AND 5),
        current boolean NOT NULL,
        assessor_organisation_id uuid REFERENCES organisation (id),
        created_by uuid REFERENCES person (id),
        created_at timestamptz NOT NULL
    )"#,
    "CREATE INDEX assessment_workplace ON assessment (workplace_id, assessed_on, id)",
    "CREATE INDEX assessment_enterprise ON assessment (enterprise_id, id)",
    "CREATE UNIQUE INDEX assessment_current ON assessment (workplace_id) WHERE current",
    r#"CREATE TABLE assessment_trace (
        assessment_id uuid NOT NULL PRIMARY KEY REFERENCES assessment (id),
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        workplace_id uuid NOT NULL,
        inputs text NOT NULL,
        trace text NOT NULL
    )"#,
    "CREATE INDEX assessment_trace_enterprise ON assessment_trace (enterprise_id)",
];

const DOWN: &[&str] = &["DROP TABLE assessment_trace", "DROP TABLE assessment"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
