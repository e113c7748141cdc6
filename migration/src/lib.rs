//! The schema, one change a file, imported by nothing but the server's start and its `migrate` command.
//!
//! Statements are written once for both databases. `{C}` stands for the collation that compares bytes: PostgreSQL
//! needs it spelled out so that keyset pages come in the order SQLite gives.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend};

mod m0001_identity;
mod m0002_reference;
mod m0003_enterprises;
mod m0004_workplaces;
mod m0005_factors;
mod m0006_assessments;
mod m0007_imports;
mod m0008_assessors;
mod m0009_events;
mod m0010_mutations;

/// All changes, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_identity::Migration),
            Box::new(m0002_reference::Migration),
            Box::new(m0003_enterprises::Migration),
            Box::new(m0004_workplaces::Migration),
            Box::new(m0005_factors::Migration),
            Box::new(m0006_assessments::Migration),
            Box::new(m0007_imports::Migration),
            Box::new(m0008_assessors::Migration),
            Box::new(m0009_events::Migration),
            Box::new(m0010_mutations::Migration),
        ]
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let collation = match manager.get_database_backend() {
        DatabaseBackend::Postgres => " COLLATE \"C\"",
        _ => "",
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement.replace("{C}", collation)).await?;
    }
    Ok(())
}
