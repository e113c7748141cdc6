//! Measures the shipped server against the same SQL through `pgbench`, on this machine, in one run.
//!
//! `cargo build --profile dist -p api -p bench && cargo run -p bench`: fills a throwaway PostgreSQL and a SQLite file with the demo
//! data at the size of a country, starts the server as its users do, loads it from another process (`wrk`) and prints the
//! table of `bench/README.md`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command line talks to people

mod documents;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use bench::load::{self, Rate, pgbench, wrk};
use bench::server::{self, Plain, Server, seed};
use bench::workload::{Workload, all};
use clap::Parser;
use tests::services::Services;

/// What to measure, and how long.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// The server to measure.
    #[arg(long, default_value = "target/dist/osh-map")]
    server: PathBuf,
    /// The least server to compare with.
    #[arg(long, default_value = "target/dist/plain")]
    plain: PathBuf,
    /// Enterprises of the data set.
    #[arg(long, default_value_t = 50_000)]
    enterprises: usize,
    /// Workplaces of the data set.
    #[arg(long, default_value_t = 400_000)]
    workplaces: usize,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Connections of the load.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Rounds; the median is shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measures what documents cost instead: hostile ones, their neighbours, the guard alone, the least query.
    #[arg(long)]
    documents: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    for program in [&arguments.server, &arguments.plain] {
        let built = "run `cargo build --profile dist -p api -p bench` first";
        ensure!(program.is_file(), "{} is missing: {built}", program.display());
    }
    let directory = tempfile::tempdir()?;
    if arguments.documents {
        let setup = documents::Setup {
            server: &arguments.server,
            plain: &arguments.plain,
            guard: arguments.plain.with_file_name("guard"),
            seconds: arguments.seconds,
            rounds: arguments.rounds,
            connections: arguments.connections,
        };
        return documents::measure(&setup, directory.path());
    }
    println!("| database | query | requests/s | p50 ms | p99 ms | pgbench/s | share | least server/s | share |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    let services = Services::shared();
    let database = services.create_database(None);
    on_postgres(&arguments, &database.url, directory.path())?;
    on_sqlite(&arguments, directory.path())
}

fn on_postgres(arguments: &Arguments, url: &str, directory: &std::path::Path) -> anyhow::Result<()> {
    let environment = server::environment(url, directory);
    let seconds = seed(&arguments.server, &environment, arguments.enterprises, arguments.workplaces)?;
    eprintln!("PostgreSQL filled in {seconds:.0} s");
    load::sql(url, "ANALYZE")?;
    let bins = load::sql(url, "SELECT bin FROM enterprise ORDER BY id")?;
    let bins: Vec<String> = bins.lines().map(str::to_owned).collect();
    measure("PostgreSQL", arguments, &environment, &bins, directory, Some(url))
}

fn on_sqlite(arguments: &Arguments, directory: &std::path::Path) -> anyhow::Result<()> {
    let url = format!("sqlite://{}", directory.join("osh-map.sqlite").display());
    let environment = server::environment(&url, directory);
    let seconds = seed(&arguments.server, &environment, arguments.enterprises, arguments.workplaces)?;
    eprintln!("SQLite filled in {seconds:.0} s");
    // The demo data is the same on both databases: the BINs come from the server itself.
    let server = Server::start(&arguments.server, &environment)?;
    let bins = server.bins()?;
    drop(server);
    measure("SQLite", arguments, &environment, &bins, directory, None)
}

fn measure(
    name: &str,
    arguments: &Arguments,
    environment: &server::Environment,
    bins: &[String],
    directory: &std::path::Path,
    peer: Option<&str>,
) -> anyhow::Result<()> {
    ensure!(!bins.is_empty(), "{name}: no enterprises");
    let server = Server::start(&arguments.server, environment)?;
    let idle = server.resident_mib()?;
    for workload in all() {
        let mut rounds = Vec::new();
        for _ in 0..arguments.rounds.max(1) {
            rounds.push(round(&workload, arguments, &server, bins, directory, peer)?);
        }
        rounds.sort_by(|a, b| a.rate.per_second.total_cmp(&b.rate.per_second));
        let Round { rate, limit, plain } = rounds.get(rounds.len() / 2).context("no rounds")?;
        println!(
            "| {name} | {} | {:.0} | {:.2} | {:.2} | {} | {} |",
            workload.name,
            rate.per_second,
            rate.p50_ms,
            rate.p99_ms,
            beside(rate, *limit),
            beside(rate, *plain)
        );
    }
    println!(
        "\n{name}: start to first answer {:.0} ms; resident {idle:.0} MiB idle, {:.0} MiB at most under load\n",
        server.start_ms,
        server.peak_mib()?
    );
    Ok(())
}

/// One measurement of all that answer a workload, one after the other.
struct Round {
    rate: Rate,
    limit: Option<f64>,
    plain: Option<f64>,
}

fn round(
    workload: &Workload,
    arguments: &Arguments,
    server: &Server,
    bins: &[String],
    directory: &std::path::Path,
    peer: Option<&str>,
) -> anyhow::Result<Round> {
    let script = workload.wrk_script(&server.token, bins, directory)?;
    let load = |address: &str| wrk(address, &script, arguments.connections, arguments.seconds);
    let rate = load(&server.address)?;
    ensure!(server.errors()? == 0.0, "{}: answers with errors", workload.name);
    let limit = peer.map(|url| limit(workload, url, bins, directory, arguments)).transpose()?;
    let plain = peer.filter(|_| workload.plain).map(|url| {
        let plain = Plain::start(&arguments.plain, Some(url))?;
        load(&plain.address).map(|rate| rate.per_second)
    });
    Ok(Round { rate, limit, plain: plain.transpose()? })
}

/// A peer's rate, and ours as a share of it.
fn beside(rate: &Rate, peer: Option<f64>) -> String {
    match peer {
        Some(peer) => format!("{peer:.0} | {:.0} %", 100.0 * rate.per_second / peer),
        None => "– | –".to_owned(),
    }
}

fn limit(
    workload: &Workload,
    url: &str,
    bins: &[String],
    directory: &std::path::Path,
    arguments: &Arguments,
) -> anyhow::Result<f64> {
    let scripts = workload.pgbench_scripts(bins, directory)?;
    pgbench(url, &scripts, arguments.connections, arguments.seconds)
}
