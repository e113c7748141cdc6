//! `osh-map import`

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::cli::{ImportArgs, data};
use crate::clock::Clock;
use crate::config::Config;
use crate::events::{Event, Events};
use crate::import::{self, ImportOptions, ImportReport};
use crate::redis_link::RedisLink;
use crate::setup;

/// Imports one file and says what became of it.
pub async fn import(arguments: ImportArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    let clock = Clock::system();
    let db = setup::open(&config, &clock).await?;
    let bar = data::progress("Importing");
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let options = ImportOptions {
        dry_run: arguments.dry_run,
        batch: arguments.batch,
        source: arguments.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        language: arguments.language.parse()?,
        progress: &progress,
    };
    let report = if arguments.file == Path::new("-") {
        // What has been read is looked at twice, which a pipe does not allow.
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text)?;
        import::run(&db, &clock, arguments.kind, Cursor::new(text), &options).await
    } else {
        let file = File::open(&arguments.file).with_context(|| arguments.file.display().to_string())?;
        import::run(&db, &clock, arguments.kind, file, &options).await
    };
    bar.finish_and_clear();
    if let Ok(report) = &report {
        show(report, arguments.json)?;
    }
    // What failed may have committed rows before.
    if report.as_ref().map_or(!arguments.dry_run, |report| report.written)
        && let Some(event) = arguments.kind.told()
    {
        tell_replicas(&config, event).await?;
    }
    Ok(if report?.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(report: &ImportReport, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    print!("{}", report.errors_csv()?);
    for note in &report.notes {
        eprintln!("{note}");
    }
    let ImportReport { kind, rows, skipped, inserted, updated, unchanged, refused, error_count, .. } = report;
    eprintln!(
        "{kind}: {rows} rows, {inserted} new, {updated} changed, {unchanged} unchanged, {skipped} done before, \
         {refused} refused with {error_count} errors; {}",
        if report.written { "written" } else { "nothing written" }
    );
    Ok(())
}

/// Running replicas hear it at once. Without Redis a server reads reference data again within a minute, and tells its
/// subscriptions of new levels with the next change that it makes itself.
async fn tell_replicas(config: &Config, event: Event) -> anyhow::Result<()> {
    if !config.redis.url.is_empty() {
        let link = RedisLink::new(&config.redis)?;
        Events::new(Some(link)).tell(event).await;
    }
    Ok(())
}
