//! The two databases behind one value: where to read, where to write, how to begin. In which order writers take rows is
//! written in ARCHITECTURE.md.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::config;

/// Connections of one server.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Opens the database that the settings name. A missing SQLite file is created.
    pub async fn connect(config: &config::Database) -> Result<Self, DbErr> {
        let statements = Arc::new(AtomicU64::new(0));
        if config.is_sqlite() {
            // One writer: a pool of writers fails with "database is locked" in read-then-write transactions.
            let write = Self::open(sqlite(config, 1, false), &statements).await?;
            let read = Self::open(sqlite(config, config.max_connections, true), &statements).await?;
            return Ok(Self { read, write, statements });
        }
        let pool = Self::open(postgres(config), &statements).await?;
        Ok(Self { read: pool.clone(), write: pool, statements })
    }

    async fn open(options: ConnectOptions, statements: &Arc<AtomicU64>) -> Result<DatabaseConnection, DbErr> {
        let mut connection = Database::connect(options).await?;
        let statements = statements.clone();
        connection.set_metric_callback(move |info| {
            statements.fetch_add(1, Ordering::Relaxed);
            metrics::histogram!("osh_db_statement_seconds").record(info.elapsed.as_secs_f64());
            if info.failed {
                metrics::counter!("osh_db_statement_failures_total").increment(1);
            }
        });
        Ok(connection)
    }

    /// For reading. On SQLite these connections refuse to write.
    pub fn read(&self) -> &DatabaseConnection {
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

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Statements sent since the start; a test of constancy in rows reads the difference.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.ping().await
    }

    /// Open and idle connections of the pools, for the metrics.
    pub fn pool_sizes(&self) -> (u32, usize) {
        match self.backend() {
            DbBackend::Sqlite => {
                let pool = self.read.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.read.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        }
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
            // Four megabytes for each connection; a memory map would be counted once for each of them.
            .pragma("cache_size", "-4000")
            .pragma("temp_store", "memory")
    });
    options
}

fn postgres(config: &config::Database) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.clone());
    let timeout = config.statement_timeout_ms.to_string();
    shared(&mut options, config).max_connections(config.max_connections);
    options.map_sqlx_postgres_opts(move |postgres| {
        postgres.options([("statement_timeout", timeout.as_str())]).statement_cache_capacity(200)
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
