//! One run over one file, whatever its kind.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Seek};

use domain::refusal::{Refusal, RefusalCode};
use entity::scope::Scope;
use sea_orm::DatabaseTransaction;

use crate::areas::reference::Book;
use crate::clock::Clock;
use crate::db::Db;
use crate::import::ImportOptions;
use crate::import::batch::{Batch, Survey};
use crate::import::cells::{Cells, CsvFile, Header};
use crate::import::report::{ImportReport, Ledger};
use crate::import::table::{Desk, Table};

/// Rows that are judged and written together, and committed together in a batch.
const BLOCK: u64 = 1_000;

/// A run.
pub struct Run<'a> {
    /// Where it writes.
    pub db: &'a Db,
    /// Time.
    pub clock: &'a Clock,
    /// Name of the kind.
    pub kind: &'static str,
    /// What the operator wants.
    pub options: &'a ImportOptions<'a>,
}

/// Keys seen so far, as hashes: a file may have millions of rows.
struct Seen {
    hashers: (RandomState, RandomState),
    keys: HashSet<(u64, u64)>,
}

impl Seen {
    /// Whether the key is seen for the first time.
    fn first(&mut self, key: &str) -> bool {
        self.keys.insert((self.hashers.0.hash_one(key), self.hashers.1.hash_one(key)))
    }
}

impl Run<'_> {
    /// Imports a file of the kind that `table` knows.
    pub async fn import<R: Read + Seek + Send, T: Table>(
        &self,
        mut source: R,
        mut table: T,
    ) -> anyhow::Result<ImportReport> {
        let mut ledger = Ledger::new(self.kind, self.options.language, self.options.batch.is_none());
        let survey = Survey::of(&mut source, T::REFERRED)?;
        table.announce(survey.referred);
        let batch = match &self.options.batch {
            Some(name) => Some(Batch::open(self.db, self.kind, name, &mut source, self.clock.now()).await?),
            None => None,
        };
        let mut file = CsvFile::open(source)?;
        check_header::<T>(file.header(), &mut ledger);
        if !ledger.report.is_clean() {
            return Ok(ledger.finish(false, false));
        }
        self.rows(&mut file, table, batch, (ledger, survey.rows)).await
    }

    async fn rows<R: Read + Seek + Send, T: Table>(
        &self,
        file: &mut CsvFile<R>,
        mut table: T,
        mut batch: Option<Batch>,
        (mut ledger, total): (Ledger, u64),
    ) -> anyhow::Result<ImportReport> {
        let book = Book::read(self.db, self.clock.today()).await.map_err(anyhow::Error::from)?;
        let mut seen = Seen { hashers: Default::default(), keys: HashSet::new() };
        let skip = batch.as_ref().map_or(0, Batch::done);
        let mut done = 0;
        let mut tx = self.db.begin().await?;
        while done < total {
            let read = if done < skip { (skip - done).min(BLOCK) } else { BLOCK };
            let judged = done >= skip;
            let (rows, read) = block(file, &table, &mut seen, (read, judged.then_some(&mut ledger)))?;
            done += read;
            if judged {
                self.take(&tx, &book, &mut table, (&rows, &mut ledger)).await?;
            } else {
                ledger.report.skipped += read;
            }
            if let Some(batch) = batch.as_mut().filter(|_| judged && !self.options.dry_run) {
                batch.advance(&tx, read, self.clock.now()).await?;
                tx.commit().await?;
                tx = self.db.begin().await?;
            }
            (self.options.progress)(done, total);
        }
        let written = !self.options.dry_run && (batch.is_some() || ledger.report.is_clean());
        if written {
            tx.commit().await?
        } else {
            tx.rollback().await?
        }
        Ok(ledger.finish(written, self.options.dry_run))
    }

    async fn take<T: Table>(
        &self,
        tx: &DatabaseTransaction,
        book: &Book,
        table: &mut T,
        (rows, ledger): (&[Cells], &mut Ledger),
    ) -> anyhow::Result<()> {
        let today = self.clock.today();
        #[allow(clippy::disallowed_methods)] // the operator's command line, not a request
        let scope = Scope::operator(today);
        let desk = Desk { tx, book, scope: &scope, today, now: self.clock.now(), source: &self.options.source };
        Ok(table.take(&desk, rows, ledger).await?)
    }
}

/// Reads up to so many rows. Those that cannot be read or repeat a key are refused here; without a ledger they only
/// count as seen. Gives the good ones and how many were read.
fn block<R: Read + Seek, T: Table>(
    file: &mut CsvFile<R>,
    table: &T,
    seen: &mut Seen,
    (most, mut ledger): (u64, Option<&mut Ledger>),
) -> anyhow::Result<(Vec<Cells>, u64)> {
    let mut rows = Vec::new();
    let mut read = 0;
    while read < most {
        let Some((cells, mut refusals)) = file.next()? else { break };
        read += 1;
        if refusals.is_empty() && !seen.first(&table.key(&cells)) {
            let refusal = Refusal::new(RefusalCode::Duplicate).at(T::BLAMED);
            refusals.push(refusal.with("value", cells.text(T::BLAMED)));
        }
        let Some(ledger) = ledger.as_deref_mut() else { continue };
        ledger.report.rows += 1;
        if refusals.is_empty() {
            rows.push(cells);
        } else {
            ledger.refuse(&cells, &refusals);
        }
    }
    Ok((rows, read))
}

fn check_header<T: Table>(header: &Header, ledger: &mut Ledger) {
    for column in T::COLUMNS.iter().filter(|column| column.required && !header.has(column.name)) {
        ledger.missing_column(column.name);
    }
    for (index, name) in header.names().iter().enumerate() {
        if header.names().iter().take(index).any(|before| before == name) {
            ledger.repeated_column(name);
        } else if !T::COLUMNS.iter().any(|column| column.name == name) {
            ledger.report.notes.push(format!("column {name:?} is not used"));
        }
    }
}
