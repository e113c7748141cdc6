//! Tables of enterprises and the mandates over them.

use sea_orm_migration::{prelude::*, sea_orm};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    r#"CREATE TABLE enterprise (
        id uuid NOT NULL PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        bin text{C} NOT NULL CHECK (length(bin) = 12),
        name_kk text NOT NULL,
        name_ru text NOT NULL,
        name_en text NOT NULL,
        name_sort text{C} NOT NULL,
        search_fold text NOT NULL,
        kato text{C} NOT NULL,
        region_kato text{C} NOT NULL,
        oked text{C} NOT NULL,
        oked_section text{C} NOT NULL,
        headcount integer NOT NULL CHECK (headcount >= 0),
        lon_micro bigint,
        lat_micro bigint,
        valid_from date NOT NULL,
        valid_to date,
        demo boolean NOT NULL,
        level_rank smallint NOT NULL CHECK (level_rank BETWEEN 0 AND 5),
        integral_pr_micro bigint NOT NULL,
        weighted_pr_micro bigint NOT NULL,
        workers_d1 integer NOT NULL,
        workers_d2 integer NOT NULL,
        workers_d3 integer NOT NULL,
        workers_d4 integer NOT NULL,
        workers_d5 integer NOT NULL,
        workplaces_d1 integer NOT NULL,
        workplaces_d2 integer NOT NULL,
        workplaces_d3 integer NOT NULL,
        workplaces_d4 integer NOT NULL,
        workplaces_d5 integer NOT NULL,
        assessed_on date,
        rule_set_code text,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )"#,
    "CREATE UNIQUE INDEX enterprise_bin ON enterprise (bin)",
    "CREATE INDEX enterprise_name ON enterprise (name_sort, id)",
    "CREATE INDEX enterprise_region_name ON enterprise (region_kato, name_sort, id)",
    "CREATE INDEX enterprise_owner_name ON enterprise (organisation_id, name_sort, id)",
    "CREATE INDEX enterprise_level ON enterprise (level_rank, id)",
    "CREATE INDEX enterprise_region_level ON enterprise (region_kato, level_rank, id)",
    "CREATE INDEX enterprise_activity_name ON enterprise (oked, name_sort, id)",
    r#"CREATE TABLE enterprise_activity (
        id uuid NOT NULL PRIMARY KEY,
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        oked text{C} NOT NULL
    )"#,
    "CREATE UNIQUE INDEX enterprise_activity_once ON enterprise_activity (enterprise_id, oked)",
    r#"CREATE TABLE mandate (
        id uuid NOT NULL PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        enterprise_id uuid NOT NULL REFERENCES enterprise (id),
        kind text{C} NOT NULL,
        reason text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        revoked_at timestamptz,
        created_at timestamptz NOT NULL
    )"#,
    "CREATE INDEX mandate_holder ON mandate (organisation_id, kind, enterprise_id)",
    "CREATE INDEX mandate_enterprise ON mandate (enterprise_id, kind)",
];

/// Substring search in names. SQLite scans the column instead: it serves one machine.
const UP_POSTGRES: &[&str] = &[
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX enterprise_search ON enterprise USING gin (search_fold gin_trgm_ops)",
];

const DOWN: &[&str] = &["DROP TABLE mandate", "DROP TABLE enterprise_activity", "DROP TABLE enterprise"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await?;
        if manager.get_database_backend() == sea_orm::DatabaseBackend::Postgres {
            run(manager, UP_POSTGRES).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
