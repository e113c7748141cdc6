//! Many rows in one statement: made-up data and imports.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait, Statement, Value};

/// Most rows of one statement: enough that the round trip does not count.
const ROWS: usize = 500;
/// Most values of one statement; SQLite takes 32,766, PostgreSQL 65,535.
const VALUES: usize = 32_000;

/// Adds rows as they are. The text of a full chunk is the same every time, so that the driver prepares it once; building
/// it through the ORM costs more than the insert itself.
pub async fn insert<E, C>(db: &C, rows: &[E::Model]) -> Result<(), DbErr>
where
    E: EntityTrait,
    C: ConnectionTrait,
{
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let size = ROWS.min(VALUES / columns.len().max(1));
    let backend = db.get_database_backend();
    let mut full: Option<String> = None;
    for chunk in rows.chunks(size) {
        let text = match &full {
            Some(text) if chunk.len() == size => text.clone(),
            _ => statement::<E>(backend, &columns, chunk.len()),
        };
        let values: Vec<Value> = chunk.iter().flat_map(|row| columns.iter().map(|column| row.get(*column))).collect();
        db.execute_raw(Statement::from_sql_and_values(backend, text.clone(), values)).await?;
        if chunk.len() == size {
            full = Some(text);
        }
    }
    Ok(())
}

fn statement<E: EntityTrait>(backend: DbBackend, columns: &[E::Column], rows: usize) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.as_str())).collect();
    let mut place = 0;
    let tuples: Vec<String> = (0..rows)
        .map(|_| {
            let places: Vec<String> = columns
                .iter()
                .map(|_| {
                    place += 1;
                    if backend == DbBackend::Postgres { format!("${place}") } else { "?".to_owned() }
                })
                .collect();
            format!("({})", places.join(","))
        })
        .collect();
    format!("INSERT INTO \"{}\" ({}) VALUES {}", E::default().table_name(), names.join(","), tuples.join(","))
}
