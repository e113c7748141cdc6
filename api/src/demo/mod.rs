//! The demo data set: a made-up country in small, the same for the same seed, size and day. It is the sandbox of
//! developers who build on the API; every organisation, person and enterprise of it is marked as demo.

mod cast;
mod dice;
mod enterprise;
mod mandates;
mod observe;
mod pattern;
mod plan;
mod rows;
mod words;
mod workplaces;

#[cfg(test)]
mod tests;

use anyhow::{Context, ensure};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{enterprise as enterprise_table, reference_row};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::areas::reference::{self, Book, ReferenceKind, load_embedded, load_embedded_demo};
use crate::db::Db;
use crate::demo::cast::Casting;
use crate::demo::dice::{Bins, Ids};
use crate::demo::enterprise::Maker;
use crate::demo::pattern::Patterns;
use crate::demo::rows::Rows;
use crate::demo::words::Words;

pub use crate::demo::cast::{FORMER, SUBJECTS, TWO_HATS};
pub use crate::demo::rows::DemoReport;

/// Rules by which the demo is assessed.
const RULES: &str = "KZ-2023-PROVISIONAL";
/// Up to so many workplaces the data set is written at once or not at all.
const AT_ONCE: usize = 50_000;

/// How large the data set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSize {
    /// Enterprises; the cases that must not be missing are always made.
    pub enterprises: usize,
    /// Workplaces of all enterprises.
    pub workplaces: usize,
}

/// What the data set follows from: the same three give the same rows and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOrigin {
    /// Seed.
    pub seed: u64,
    /// Size.
    pub size: DemoSize,
    /// The day that dates are counted from.
    pub today: NaiveDate,
}

/// Told enterprises done and enterprises in all.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Whether the database holds no enterprise yet.
pub async fn is_empty(db: &Db) -> anyhow::Result<bool> {
    let first = enterprise_table::Entity::find().select_only().column(enterprise_table::Column::Id);
    Ok(first.into_tuple::<uuid::Uuid>().one(db.read()).await?.is_none())
}

/// Makes the data set in a database without enterprises, and loads the shipped reference data where it is missing.
/// Beyond 50,000 workplaces the rows are committed as they come, and an interrupted run leaves a part behind.
pub async fn create(
    db: &Db,
    origin: DemoOrigin,
    now: DateTime<Utc>,
    progress: Progress<'_>,
) -> anyhow::Result<DemoReport> {
    ensure!(is_empty(db).await?, "the database already holds enterprises; the demo data set needs an empty one");
    load_reference(db, now).await?;
    let book = Book::read(db, origin.today).await.map_err(anyhow::Error::from)?;
    let rules = book.rule_set(RULES).with_context(|| format!("the rule set {RULES} is not loaded"))?;
    let words = Words::load()?;
    let DemoOrigin { seed, size, today } = origin;
    let plans = plan::plan(&words, size.enterprises, size.workplaces, seed)?;
    let (mut ids, mut bins, mut rows) = (Ids::new(seed), Bins::default(), Rows::default());
    let cast = Casting { words: &words, ids: &mut ids, bins: &mut bins, rows: &mut rows, today }.cast()?;
    let patterns = Patterns::new(seed);
    let mut maker = Maker { seed, today, words: &words, book: &book, rules: &rules, cast, ids, bins, patterns, rows };
    let total = u64::try_from(plans.len())?;
    let mut report = DemoReport::default();
    let mut tx = db.begin().await?;
    for (done, (index, plan)) in (1..).zip(plans.iter().enumerate()) {
        maker.make(index, plan)?;
        if maker.rows.enough() {
            maker.rows.write(&tx, &mut report).await?;
            if size.workplaces > AT_ONCE {
                tx.commit().await?;
                tx = db.begin().await?;
            }
            progress(done, total);
        }
    }
    maker.rows.write(&tx, &mut report).await?;
    tx.commit().await?;
    progress(total, total);
    Ok(report)
}

/// The shipped tables, and the made-up rates that fill their gaps unless official ones have been imported.
async fn load_reference(db: &Db, now: DateTime<Utc>) -> anyhow::Result<()> {
    let tx = db.begin().await?;
    if reference::is_empty(&tx).await? {
        load_embedded(&tx, now).await.map_err(anyhow::Error::from)?;
    }
    // Of class 1 nothing is known by what ships.
    if !holds(&tx, ReferenceKind::TariffRate, "1").await? {
        load_embedded_demo(&tx, now).await.map_err(anyhow::Error::from)?;
    }
    tx.commit().await?;
    Ok(())
}

async fn holds<C: ConnectionTrait>(db: &C, kind: ReferenceKind, code: &str) -> anyhow::Result<bool> {
    let row = reference_row::Entity::find()
        .filter(reference_row::Column::Kind.eq(kind.as_str()))
        .filter(reference_row::Column::Code.eq(code));
    Ok(row.one(db).await?.is_some())
}
