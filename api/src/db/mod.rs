//! The two databases behind one value: where to read, where to write, how to begin. In which order writers take rows is
//! written in ARCHITECTURE.md.

mod counts;
mod held;
mod reader;
mod stop;

use std::time::Duration;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::config;
use crate::db::counts::Counts;

pub use reader::Reader;

/// Connections of one server.
#[derive(Clone)]
pub struct Db {
    read: Reader,
    write: DatabaseConnection,
    counts: Counts,
}

impl Db {
    /// Opens the database that the settings name. A missing SQLite file is created.
    pub async fn connect(config: &config::Database) -> Result<Self, DbErr> {
        let counts = Counts::default();
        let (for_writing, mut for_reading) = match config.is_sqlite() {
            // One writer: a pool of writers fails with "database is locked" in read-then-write transactions.
            true => (sqlite(config, 1, false), sqlite(config, config.max_connections, true)),
            false => (postgres(config, false), postgres(config, true)),
        };
        // The writer first: it makes a missing file.
        let mut write = Database::connect(for_writing).await?;
        counts.watch(&mut write);
        // What readers take from their pool is seldom and may have lain there for long.
        for_reading.test_before_acquire(true);
        let pool = Database::connect(for_reading).await?;
        let read = Reader::new(&pool, Duration::from_millis(config.acquire_timeout_ms), counts.clone());
        Ok(Self { read, write, counts })
    }

    /// For reading. These connections refuse to write.
    pub fn read(&self) -> &Reader {
        &self.read
    }

    /// For writing outside a transaction: migrations only.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Begins a writing transaction. SQLite takes its write lock at once, so that a reader's snapshot cannot go stale
    /// between load and write.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        match self.backend() {
            DbBackend::Sqlite => self.write.begin_with_options(options).await,
            _ => self.write.begin().await,
        }
    }

    /// Ends all connections, once those in use have answered; none is opened any more.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.read.close().await;
        self.write.close_by_ref().await
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// Statements sent since the start; a test of constancy in rows reads the difference.
    pub fn statements(&self) -> u64 {
        self.counts.statements()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.query_one(Query::select().expr(Expr::val(1))).await.map(drop)
    }

    /// Open connections and those of them that wait for a statement, for the metrics: of readers, then of writers.
    pub fn pool_sizes(&self) -> [(u32, usize); 2] {
        let writers = match self.backend() {
            DbBackend::Sqlite => {
                let pool = self.write.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.write.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        [self.read.sizes(), writers]
    }
}

fn sqlite(config: &config::Database, connections: u32, read_only: bool) -> ConnectOptions {
    // A missing file is made, unless the settings say otherwise.
    let mode = if config.url.contains('?') { "" } else { "?mode=rwc" };
    let mut options = ConnectOptions::new(format!("{}{mode}", config.url));
    shared(&mut options, config).max_connections(connections);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an acknowledged write survives a power cut.
            .synchronous(if read_only { SqliteSynchronous::Normal } else { SqliteSynchronous::Full })
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .statement_cache_capacity(200)
            .pragma("query_only", if read_only { "1" } else { "0" })
            // Two megabytes for each connection; a memory map would be counted once for each of them.
            .pragma("cache_size", "-2000")
            .pragma("temp_store", "memory")
    });
    options
}

fn postgres(config: &config::Database, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.clone());
    let timeout = config.statement_timeout_ms.to_string();
    let read_only = if read_only { "on" } else { "off" };
    shared(&mut options, config).max_connections(config.max_connections);
    options.map_sqlx_postgres_opts(move |postgres| {
        let settings = [
            ("statement_timeout", timeout.as_str()),
            ("default_transaction_read_only", read_only),
            // A statement whose request went away ends with its connection, not when it has its answer.
            ("client_connection_check_interval", "1s"),
        ];
        postgres.options(settings).statement_cache_capacity(200)
    });
    options
}

fn shared<'a>(options: &'a mut ConnectOptions, config: &config::Database) -> &'a mut ConnectOptions {
    options
        .min_connections(1)
        .acquire_timeout(Duration::from_millis(config.acquire_timeout_ms))
        .idle_timeout(Some(Duration::from_secs(300)))
        // A ping before every use costs a round trip; a dead connection shows itself at its first statement.
        .test_before_acquire(false)
        .sqlx_logging(false)
}
