mod examples;
mod fixtures;
mod runs;

use std::io::Cursor;
use std::path::PathBuf;

use sea_orm::EntityTrait;

use super::*;
use crate::config::Config;

/// A database with the shipped reference data, and the day on which the tests happen.
struct Place {
    db: Db,
    clock: Clock,
    _directory: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config: Config = Config::defaults().extract().unwrap();
        config.database.url = format!("sqlite://{}/import.sqlite", directory.path().display());
        let clock = Clock::fixed("2026-09-01T08:00:00Z".parse().unwrap());
        let db = crate::setup::open(&config, &clock).await.unwrap();
        Self { db, clock, _directory: directory }
    }

    async fn with(&self, kind: ImportKind, text: &str, dry_run: bool, batch: Option<&str>) -> ImportReport {
        self.tried(kind, text, dry_run, batch).await.unwrap()
    }

    async fn tried(
        &self,
        kind: ImportKind,
        text: &str,
        dry_run: bool,
        batch: Option<&str>,
    ) -> anyhow::Result<ImportReport> {
        self.from(kind, Cursor::new(text.as_bytes().to_vec()), dry_run, batch).await
    }

    async fn from<R: Read + Seek + Send>(
        &self,
        kind: ImportKind,
        source: R,
        dry_run: bool,
        batch: Option<&str>,
    ) -> anyhow::Result<ImportReport> {
        let options = ImportOptions {
            dry_run,
            batch: batch.map(str::to_owned),
            source: "a test".to_owned(),
            language: Language::En,
            progress: &|_, _| {},
        };
        run(&self.db, &self.clock, kind, source, &options).await
    }

    async fn import(&self, kind: ImportKind, text: &str) -> ImportReport {
        self.with(kind, text, false, None).await
    }

    /// Everything stored, as text.
    async fn content(&self) -> String {
        let db = self.db.read();
        let mut all = String::new();
        macro_rules! add {
            ($($entity:ident),+) => {
                $(all += &format!("{:?}", entity::$entity::Entity::find().all(db).await.unwrap());)+
            };
        }
        add!(organisation, enterprise, enterprise_activity, unit, workplace, factor_assignment, measurement);
        add!(reference_row, import_batch);
        all
    }
}

fn example(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Line, column and code of every error.
fn errors(report: &ImportReport) -> Vec<(u64, &str, &str)> {
    report.errors.iter().map(|error| (error.line, error.column.as_str(), error.code.as_str())).collect()
}

/// Inserted, updated, unchanged.
fn counts(report: &ImportReport) -> (u64, u64, u64) {
    (report.inserted, report.updated, report.unchanged)
}
