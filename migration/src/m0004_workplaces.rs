//! Tables of structural units and workplaces.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    r#"CREATE TABLE unit (
        id uuid NOT NULL PRIMARY KEY,
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        parent_id uuid REFERENCES unit (id),
        code text{C} NOT NULL,
        name_kk text NOT NULL,
        name_ru text NOT NULL,
        name_en text NOT NULL,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX unit_code ON unit (enterprise_id, code)",
    r#"CREATE TABLE workplace (
        id uuid NOT NULL PRIMARY KEY,
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        unit_id uuid REFERENCES unit (id),
        code text{C} NOT NULL,
        name_kk text NOT NULL,
        name_ru text NOT NULL,
        name_en text NOT NULL,
        profession_code text{C} NOT NULL,
        workers integer NOT NULL CHECK (workers >= 0),
        shifts smallint NOT NULL CHECK (shifts BETWEEN 1 AND 4),
        current_assessment_id uuid,
        degree smallint NOT NULL CHECK (degree BETWEEN 0 AND 5),
        pr_micro bigint NOT NULL,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX workplace_code ON workplace (enterprise_id, code)",
    "CREATE INDEX workplace_enterprise ON workplace (enterprise_id, id)",
    "CREATE INDEX workplace_degree ON workplace (degree, id)",
];

const DOWN: &[&str] = &["DROP TABLE workplace", "DROP TABLE unit"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
