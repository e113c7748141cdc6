//! A file read in two passes: first what it is, then its rows; and how far a named batch has come.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};

use anyhow::ensure;
use chrono::{DateTime, Utc};
use entity::import_batch;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use sha2::{Digest, Sha256};

use crate::clock::new_id;
use crate::db::Db;
use crate::import::cells::CsvFile;

/// Longest name of a batch, characters.
const NAME_LENGTH: usize = 100;

/// What the first pass finds.
pub struct Survey {
    /// Rows of the file.
    pub rows: u64,
    /// Everything in the column that other rows refer to.
    pub referred: HashSet<String>,
}

impl Survey {
    /// Counts the rows, and collects the values of a column.
    pub fn of<R: Read + Seek>(source: R, column: Option<&str>) -> anyhow::Result<Self> {
        let mut file = CsvFile::open(source)?;
        let mut survey = Self { rows: 0, referred: HashSet::new() };
        while let Some((cells, _)) = file.next()? {
            survey.rows += 1;
            if let Some(text) = column.and_then(|column| cells.filled(column)) {
                survey.referred.insert(text.to_owned());
            }
        }
        Ok(survey)
    }
}

/// SHA-256 of a whole file, hexadecimal.
fn sha256<R: Read + Seek>(mut source: R) -> anyhow::Result<String> {
    source.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 1 << 16];
    loop {
        let length = source.read(&mut part)?;
        match part.get(..length) {
            Some(read) if length > 0 => hash.update(read),
            _ => return Ok(hex::encode(hash.finalize())),
        }
    }
}

/// Progress of a named import.
pub struct Batch(import_batch::Model);

impl Batch {
    /// Finds how far the batch has come; a new one has done nothing. Another file under the same name is refused: its
    /// rows would be skipped without having been read.
    pub async fn open<R: Read + Seek>(
        db: &Db,
        kind: &str,
        name: &str,
        source: R,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        let length = name.chars().count();
        ensure!((1..=NAME_LENGTH).contains(&length), "the name of a batch has 1 to {NAME_LENGTH} characters");
        let file_sha256 = sha256(source)?;
        let stored = import_batch::Entity::find()
            .filter(import_batch::Column::Kind.eq(kind))
            .filter(import_batch::Column::Name.eq(name))
            .one(db.read())
            .await?;
        if let Some(row) = stored {
            ensure!(row.file_sha256 == file_sha256, "the batch {name} has begun with another file; use another name");
            return Ok(Self(row));
        }
        let (kind, name) = (kind.to_owned(), name.to_owned());
        let row = import_batch::Model {
            id: new_id(),
            kind,
            name,
            file_sha256,
            rows_done: 0,
            created_at: now,
            updated_at: now,
        };
        Ok(Self(row))
    }

    /// Rows that are done.
    pub fn done(&self) -> u64 {
        u64::try_from(self.0.rows_done).unwrap_or_default()
    }

    /// Notes in the transaction of the rows that they are done.
    pub async fn advance(&mut self, tx: &DatabaseTransaction, rows: u64, now: DateTime<Utc>) -> anyhow::Result<()> {
        self.0.rows_done += i64::try_from(rows)?;
        self.0.updated_at = now;
        let same = OnConflict::columns([import_batch::Column::Kind, import_batch::Column::Name])
            .update_columns([import_batch::Column::RowsDone, import_batch::Column::UpdatedAt])
            .to_owned();
        let row = self.0.clone().into_active_model();
        import_batch::Entity::insert(row).on_conflict(same).exec_without_returning(tx).await?;
        Ok(())
    }
}
