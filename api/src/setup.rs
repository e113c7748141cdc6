//! From an address of a database to one that can be used: schema up to date, shipped reference data there.

use migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use sea_orm_migration::MigratorTrait;

use crate::areas::reference;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;

/// What is done by one after the other, however many replicas and command lines there are. Any numbers, as long as nobody
/// else locks them.
#[derive(Clone, Copy, Debug)]
#[repr(i64)]
pub enum Turn {
    /// Schema, shipped reference data, demo data.
    Prepare = 0x6f73_686d_6170,
    /// A file. It takes locks block by block, in an order that only the file knows.
    Import = 0x6f73_686d_6171,
}

/// Opens the database; when the settings say so, brings the schema up to date and loads the shipped reference data into
/// a database that has none.
pub async fn open(config: &Config, clock: &Clock) -> anyhow::Result<Db> {
    let file = config.database.url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
    if config.database.is_sqlite()
        && let Some(directory) = std::path::Path::new(file).parent()
    {
        std::fs::create_dir_all(directory)?;
    }
    let db = Db::connect(&config.database).await?;
    if config.database.migrate_on_start {
        let turn = turn(&db, Turn::Prepare).await?;
        Migrator::up(db.writer(), None).await?;
        load_reference(&db, clock).await?;
        end(turn).await?;
    }
    Ok(db)
}

async fn load_reference(db: &Db, clock: &Clock) -> anyhow::Result<()> {
    if reference::is_empty(db.read()).await? {
        let tx = db.begin().await?;
        reference::load_embedded(&tx, clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Waits until nobody else has this turn. SQLite has one writer and needs no turn.
pub async fn turn(db: &Db, turn: Turn) -> anyhow::Result<Option<DatabaseTransaction>> {
    if db.backend() == DbBackend::Sqlite {
        return Ok(None);
    }
    let tx = db.begin().await?;
    let lock = turn as i64;
    tx.execute_unprepared(&format!("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({lock})")).await?;
    Ok(Some(tx))
}

/// Lets the next one have its turn.
pub async fn end(turn: Option<DatabaseTransaction>) -> anyhow::Result<()> {
    match turn {
        Some(tx) => Ok(tx.commit().await?),
        None => Ok(()),
    }
}
