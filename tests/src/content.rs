//! What stands in the tables, so that a test can say that nothing changed.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TryGetable};

/// Number of rows and a digest of each table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(BTreeMap<String, (usize, u64)>);

impl Content {
    pub(crate) async fn read(db: &DatabaseConnection) -> Self {
        let tables = match db.get_database_backend() {
            DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            _ => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
        };
        let mut content = BTreeMap::new();
        for table in column::<String>(db, tables).await {
            let mut rows = column::<String>(db, &rows_of(db, &table).await).await;
            rows.sort();
            let mut digest = DefaultHasher::new();
            rows.hash(&mut digest);
            content.insert(table, (rows.len(), digest.finish()));
        }
        assert!(content.len() > 10, "only {content:?}");
        Self(content)
    }

    /// Tables that differ.
    pub fn changed(&self, later: &Self) -> Vec<&str> {
        self.0.iter().filter(|(table, state)| later.0.get(*table) != Some(state)).map(|(table, _)| &**table).collect()
    }

    /// Rows of one table.
    pub fn rows(&self, table: &str) -> usize {
        self.0[table].0
    }
}

/// Every row of a table as one text.
async fn rows_of(db: &DatabaseConnection, table: &str) -> String {
    if db.get_database_backend() != DbBackend::Sqlite {
        return format!("SELECT t::text FROM {table} t");
    }
    let columns = column::<String>(db, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
    format!("SELECT {} FROM {table}", quoted.join(" || ',' || "))
}

async fn column<T: TryGetable>(db: &DatabaseConnection, sql: &str) -> Vec<T> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.expect(sql);
    rows.iter().map(|row| row.try_get_by_index(0).expect(sql)).collect()
}
