//! Files of the operator: classifiers, rate tables, enterprises, workplaces, measurements. CSV, row by row, judged by
//! the rules that the mutations use, written by natural key, so that the same file again changes nothing.

mod batch;
mod cells;
mod classifiers;
mod enterprises;
mod judge;
mod measurements;
mod rates;
mod report;
mod run;
mod table;
mod timeline;
mod workplaces;

#[cfg(test)]
mod tests;

use std::io::{Read, Seek};

use domain::localized::Language;

use crate::clock::Clock;
use crate::db::Db;
use crate::events::Event;
use crate::import::classifiers::{Activities, Territories};
use crate::import::enterprises::Enterprises;
use crate::import::measurements::Measurements;
use crate::import::rates::{ActivityClasses, TariffRates};
use crate::import::run::Run;
use crate::import::workplaces::Workplaces;
use crate::setup::{self, Turn};

pub use crate::import::report::{ImportReport, RowError};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// Territorial units, KATO.
    Territories,
    /// Economic activities, OKED.
    Activities,
    /// Classes of professional risk of activities.
    ActivityClasses,
    /// Insurance rates of the classes.
    TariffRates,
    /// Enterprises.
    Enterprises,
    /// Workplaces.
    Workplaces,
    /// Measurements.
    Measurements,
}

impl ImportKind {
    /// All kinds, in the order in which they build upon each other.
    pub const ALL: [Self; 7] = [
        Self::Territories,
        Self::Activities,
        Self::ActivityClasses,
        Self::TariffRates,
        Self::Enterprises,
        Self::Workplaces,
        Self::Measurements,
    ];

    /// As the command line names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Territories => "territories",
            Self::Activities => "activities",
            Self::ActivityClasses => "activity-classes",
            Self::TariffRates => "tariff-rates",
            Self::Enterprises => "enterprises",
            Self::Workplaces => "workplaces",
            Self::Measurements => "measurements",
        }
    }

    /// What running servers must hear when rows of this kind have been written.
    pub const fn told(self) -> Option<Event> {
        match self {
            Self::Territories | Self::Activities | Self::ActivityClasses | Self::TariffRates => {
                Some(Event::ReferenceChanged)
            }
            // Other numbers of workers move the level of an enterprise.
            Self::Workplaces => Some(Event::Logged),
            Self::Enterprises | Self::Measurements => None,
        }
    }
}

impl std::str::FromStr for ImportKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| format!("one of: {}", names()))
    }
}

/// How a file is imported.
pub struct ImportOptions<'a> {
    /// Do everything but keep nothing.
    pub dry_run: bool,
    /// Commit every 1,000 rows under this name and go on there after a failure; refused rows are left out. Without a
    /// name the file is taken whole or not at all.
    pub batch: Option<String>,
    /// Citation of rows that name no source, usually the name of the file.
    pub source: String,
    /// Language of the messages.
    pub language: Language,
    /// Told rows done and rows in all.
    pub progress: &'a (dyn Fn(u64, u64) + Send + Sync),
}

/// Imports a file, after those that others are importing. What is wrong with its rows stands in the report; an error
/// means that the file could not be read or the database failed, and then the rows since the last commit are not kept.
pub async fn run<R: Read + Seek + Send>(
    db: &Db,
    clock: &Clock,
    kind: ImportKind,
    source: R,
    options: &ImportOptions<'_>,
) -> anyhow::Result<ImportReport> {
    let turn = setup::turn(db, Turn::Import).await?;
    let run = Run { db, clock, kind: kind.as_str(), options };
    let report = match kind {
        ImportKind::Territories => run.import(source, Territories::open(db).await?).await,
        ImportKind::Activities => run.import(source, Activities::open(db).await?).await,
        ImportKind::ActivityClasses => run.import(source, ActivityClasses::open(db).await?).await,
        ImportKind::TariffRates => run.import(source, TariffRates::open(db).await?).await,
        ImportKind::Enterprises => run.import(source, Enterprises).await,
        ImportKind::Workplaces => run.import(source, Workplaces).await,
        ImportKind::Measurements => run.import(source, Measurements).await,
    };
    // What is written is written, also when the connection that kept the turn has been lost meanwhile.
    let _ = setup::end(turn).await;
    report
}
