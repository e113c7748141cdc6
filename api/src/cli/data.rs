//! Commands that fill and check the database.

use std::process::ExitCode;

use entity::scope::Scope;
use indicatif::{ProgressBar, ProgressStyle};

use crate::areas::assessments;
use crate::areas::reference::Book;
use crate::cli::SeedArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::demo::{self, DemoOrigin, DemoSize};
use crate::setup;

/// A bar for people; silent when nobody watches.
pub fn progress(what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:<28} {bar:40} {pos}/{len} {elapsed}");
    let bar = ProgressBar::new(0).with_message(what.to_owned());
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}

/// `osh-map migrate`
pub async fn migrate() -> anyhow::Result<ExitCode> {
    let mut config = Config::load()?;
    config.database.migrate_on_start = true;
    setup::open(&config, &Clock::system()).await?;
    println!("The database is up to date.");
    Ok(ExitCode::SUCCESS)
}

/// `osh-map seed`
pub async fn seed(arguments: SeedArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    let clock = Clock::system();
    let db = setup::open(&config, &clock).await?;
    let size = DemoSize {
        enterprises: arguments.enterprises.unwrap_or(config.demo.enterprises),
        workplaces: arguments.workplaces.unwrap_or(config.demo.workplaces),
    };
    fill(&db, size, arguments.seed.unwrap_or(config.demo.seed), &clock).await?;
    Ok(ExitCode::SUCCESS)
}

/// Creates the demo data set with a progress bar, unless another replica has done so.
pub async fn fill(db: &Db, size: DemoSize, seed: u64, clock: &Clock) -> anyhow::Result<()> {
    let turn = setup::turn(db, setup::Turn::Prepare).await?;
    if !demo::is_empty(db).await? {
        return setup::end(turn).await;
    }
    let bar = progress("Creating demo data");
    let origin = DemoOrigin { seed, size, today: clock.today() };
    let report = demo::create(db, origin, clock.now(), &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    println!(
        "Demo data: {} enterprises, {} workplaces, {} assessments.",
        report.enterprises, report.workplaces, report.assessments
    );
    setup::end(turn).await
}

/// `osh-map assess verify`
pub async fn verify() -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    let clock = Clock::system();
    let db = setup::open(&config, &clock).await?;
    let book = Book::read(&db, clock.today()).await?;
    #[allow(clippy::disallowed_methods)] // the operator's command line, not a request
    let scope = Scope::operator(clock.today());
    let bar = progress("Verifying assessments");
    let result = assessments::verify(db.read(), &scope, &book, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    println!("{} assessments recomputed, {} differ.", result.checked, result.differing);
    for difference in &result.first {
        println!("{}: {}", difference.assessment, difference.fault);
    }
    Ok(if result.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
