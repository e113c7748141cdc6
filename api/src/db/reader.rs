//! Where handlers read: the ORM's view of the connections that are [`Held`].

use std::sync::Arc;
use std::time::Duration;

use sea_orm::prelude::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement, Values};
use sqlx::{Postgres, Sqlite};

use super::counts::Counts;
use super::held::Held;
use crate::running::Running;

/// Connections for reading. Two statements may run on two of them, so nothing can be begun here, and nothing written.
#[derive(Clone)]
pub struct Reader {
    kind: Arc<Kind>,
    asker: Option<(Running, Arc<str>)>,
}

enum Kind {
    Postgres(Held<Postgres>),
    Sqlite(Held<Sqlite>),
}

impl Reader {
    /// Over a pool that nobody else uses. `wait` bounds the wait for a connection.
    pub(super) fn new(pool: &DatabaseConnection, wait: Duration, counts: Counts) -> Self {
        let held = match pool.get_database_backend() {
            DbBackend::Postgres => Kind::Postgres(Held::new(pool.get_postgres_connection_pool().clone(), wait, counts)),
            _ => Kind::Sqlite(Held::new(pool.get_sqlite_connection_pool().clone(), wait, counts)),
        };
        Self { kind: Arc::new(held), asker: None }
    }

    /// The same for one field of a request, which is known to wait while a statement runs.
    pub fn asked_by(&self, running: Running, path: String) -> Self {
        Self { kind: self.kind.clone(), asker: Some((running, path.into())) }
    }

    /// Open connections, and those of them that wait for a statement.
    pub fn sizes(&self) -> (u32, usize) {
        match &*self.kind {
            Kind::Postgres(held) => held.sizes(),
            Kind::Sqlite(held) => held.sizes(),
        }
    }

    pub(super) async fn close(&self) {
        match &*self.kind {
            Kind::Postgres(held) => held.close().await,
            Kind::Sqlite(held) => held.close().await,
        }
    }

    async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Statement { sql, values, .. } = statement;
        let _waiting = self.asker.as_ref().map(|(running, path)| running.enter(path.clone()));
        let values = values.unwrap_or_else(|| Values(Vec::new()));
        Ok(match &*self.kind {
            Kind::Postgres(held) => held.rows(&sql, values).await?.into_iter().map(QueryResult::from).collect(),
            Kind::Sqlite(held) => held.rows(&sql, values).await?.into_iter().map(QueryResult::from).collect(),
        })
    }
}

fn refused<T>() -> Result<T, DbErr> {
    Err(DbErr::Custom("a reader does not write".to_owned()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match &*self.kind {
            Kind::Postgres(_) => DbBackend::Postgres,
            Kind::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.rows(statement).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        refused()
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        refused()
    }
}
