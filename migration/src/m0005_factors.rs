//! Tables of factors at workplaces and their measurements.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    r#"CREATE TABLE factor_assignment (
        id uuid NOT NULL PRIMARY KEY,
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        workplace_id uuid NOT NULL REFERENCES workplace (id),
        factor_code text{C} NOT NULL,
        exposure_minutes integer NOT NULL CHECK (exposure_minutes BETWEEN 0 AND 1440),
        created_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX factor_assignment_once ON factor_assignment (workplace_id, factor_code)",
    "CREATE INDEX factor_assignment_enterprise ON factor_assignment (enterprise_id)",
    r#"CREATE TABLE measurement (
        id uuid NOT NULL PRIMARY KEY,
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        workplace_id uuid NOT NULL REFERENCES workplace (id),
        factor_assignment_id uuid NOT NULL REFERENCES factor_assignment (id),
        factor_code text{C} NOT NULL,
        measured_on date NOT NULL,
        observation text NOT NULL,
        condition_class text NOT NULL,
        grade smallint NOT NULL CHECK (grade BETWEEN 1 AND 5),
        rule_set_code text NOT NULL,
        trace text NOT NULL,
        protocol_number text NOT NULL,
        laboratory text NOT NULL,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE INDEX measurement_workplace ON measurement (workplace_id, measured_on, id)",
    "CREATE INDEX measurement_factor ON measurement (factor_assignment_id, measured_on, id)",
    "CREATE INDEX measurement_enterprise ON measurement (enterprise_id, id)",
    "CREATE UNIQUE INDEX measurement_protocol ON measurement (factor_assignment_id, measured_on, protocol_number)",
];

const DOWN: &[&str] = &["DROP TABLE measurement", "DROP TABLE factor_assignment"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
