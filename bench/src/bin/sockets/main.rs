//! Measures open sockets: memory, silence, and the way of an event from the change to all who may hear of it.
//!
//! `cargo build --profile dist -p api -p bench && target/dist/sockets`: fills a throwaway PostgreSQL and a SQLite file
//! with demo data and a person for each socket, starts the server as its users do, and prints the table of
//! `bench/README.md`. An event that does not come, or comes twice, ends the run.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command line talks to people

mod listener;
mod people;
mod writer;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use api::config::Config;
use bench::load;
use bench::server::{Environment, Server, environment, seed};
use clap::Parser;
use futures::future::try_join_all;
use tests::services::Services;
use tokio::time::sleep;

use crate::people::{Crowd, Place};
use crate::writer::{Written, write};

/// PostgreSQL tells of the transactions of an idle connection after ten seconds.
const SETTLING: Duration = Duration::from_secs(11);

/// More than the server has connections for reading.
const READERS: usize = 16;

/// What to measure, and how long.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server to measure.
    #[arg(long, default_value = "target/dist/osh-map")]
    server: PathBuf,
    /// Open sockets, each of another person.
    #[arg(long, default_value_t = 1000)]
    sockets: usize,
    /// Seconds of silence in which statements are counted.
    #[arg(long, default_value_t = 30)]
    silence: u64,
    /// Seconds in which events are caused.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// Connections that cause events, where each socket has its own.
    #[arg(long, default_value_t = 16)]
    writers: usize,
    /// Rounds; the one with the median of the median latency is shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.server.is_file(), "run `cargo build --profile dist -p api -p bench` first");
    let directory = tempfile::tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    println!(
        "| database | sockets hear | resident before, MiB | KiB a socket, silent | at most | statements in silence | \
         transactions | processor in silence | events heard/s | p50 ms | p99 ms | write p50 ms |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let database = Services::shared().create_database(None);
    runtime.block_on(measure("PostgreSQL", &arguments, &database.url, directory.path()))?;
    let url = format!("sqlite://{}", directory.path().join("osh-map.sqlite").display());
    runtime.block_on(measure("SQLite", &arguments, &url, directory.path()))
}

async fn measure(name: &str, arguments: &Arguments, url: &str, directory: &Path) -> anyhow::Result<()> {
    let mut environment = environment(url, directory);
    let sockets = (4 * arguments.sockets).to_string();
    environment.push(("OSH_REALTIME_MAX_SOCKETS".to_owned(), sockets));
    // Most enterprises have one workplace then.
    let enterprises = 2 * arguments.sockets + 100;
    seed(&arguments.server, &environment, enterprises, enterprises + 100)?;
    let crowds = people::crowds(&Config::read(environment.clone())?, arguments.sockets).await?;
    let transactions = url.starts_with("postgres").then_some(url);
    for mut crowd in crowds {
        let mut rounds = Vec::new();
        for _ in 0..arguments.rounds.max(1) {
            rounds.push(round(arguments, &environment, &mut crowd, transactions).await?);
        }
        rounds.sort_by_key(|round| round.p50);
        rounds.get(rounds.len() / 2).context("no rounds")?.print(name, crowd.name);
    }
    Ok(())
}

/// What one round gave.
struct Round {
    before_mib: f64,
    silent_kib: f64,
    most_kib: f64,
    silence: Silence,
    rate: f64,
    p50: Duration,
    p99: Duration,
    write: Duration,
}

/// What a server does while nothing happens.
struct Silence {
    statements: f64,
    transactions: Option<i64>,
    /// Share of one processor.
    processor: f64,
}

async fn round(
    arguments: &Arguments,
    environment: &Environment,
    crowd: &mut Crowd,
    database: Option<&str>,
) -> anyhow::Result<Round> {
    let server = Server::start(&arguments.server, environment)?;
    warm(&server, crowd).await?;
    server.forget_peak()?;
    let before_mib = server.resident_mib()?;
    let a_socket = |mib: f64| (mib - before_mib) * 1024.0 / arguments.sockets as f64;
    let sockets = listener::open(&server.address, &crowd.listeners).await?;
    let (listening, mut heard) = listener::listen(sockets);
    sleep(SETTLING).await;
    let silent_kib = a_socket(server.resident_mib()?);
    let silence = silence(&server, Duration::from_secs(arguments.silence), database).await?;

    let began = Instant::now();
    let written = tell(arguments, &server.address, crowd).await?;
    let for_all = crowd.places.len() == 1;
    let expected = if for_all { written.len() * arguments.sockets } else { written.len() };
    let came = listener::take(&mut heard, expected).await?;
    let rate = came.len() as f64 / began.elapsed().as_secs_f64();
    // One more than was caused would be told within this time.
    sleep(Duration::from_secs(1)).await;
    ensure!(heard.is_empty(), "an event came twice");
    drop(listening);

    let latencies = latencies(&came, &written, for_all)?;
    let took: Vec<Duration> = written.iter().map(|write| write.took).collect();
    let (p50, p99, write) = (share(&latencies, 50), share(&latencies, 99), share(&took, 50));
    let most_kib = a_socket(server.peak_mib()?);
    Ok(Round { before_mib, silent_kib, most_kib, silence, rate, p50, p99, write })
}

async fn silence(server: &Server, lasting: Duration, database: Option<&str>) -> anyhow::Result<Silence> {
    let counts = || anyhow::Ok((server.statements()?, database.map(transactions).transpose()?));
    let (statements, transacted) = counts()?;
    let processor = server.processor_seconds()?;
    sleep(lasting).await;
    let processor = (server.processor_seconds()? - processor) / lasting.as_secs_f64();
    let after = counts()?;
    let transactions = after.1.zip(transacted).map(|(after, before)| after - before);
    Ok(Silence { statements: after.0 - statements, transactions, processor })
}

/// What is made once, whoever comes first, is not a socket's.
async fn warm(server: &Server, crowd: &mut Crowd) -> anyhow::Result<()> {
    let first = crowd.listeners.get(..1).context("no listeners")?;
    let (_listening, mut heard) = listener::listen(listener::open(&server.address, first).await?);
    // Each connection to SQLite keeps pages of its own, as many as its settings say, whoever asked for them.
    try_join_all((0..READERS).map(|_| read_all(server))).await?;
    let place = crowd.places.drain(..1).enumerate().collect();
    let (written, place) = write(&server.address, place, Duration::from_millis(100), Duration::from_secs(1)).await?;
    crowd.places.splice(..0, place.into_iter().map(|(_, place)| place));
    listener::take(&mut heard, written.len()).await?;
    Ok(())
}

/// Reads what the sockets will be told of, and more.
async fn read_all(server: &Server) -> anyhow::Result<()> {
    let reader = server.reader();
    tokio::task::spawn_blocking(move || reader.bins()).await??;
    Ok(())
}

/// One change a second of each place. Places are left as they are then.
async fn tell(arguments: &Arguments, address: &str, crowd: &mut Crowd) -> anyhow::Result<Vec<Written>> {
    let writers = arguments.writers.min(crowd.places.len()).max(1);
    let mut shares: Vec<Vec<(usize, Place)>> = vec![Vec::new(); writers];
    let every = Duration::from_secs(1).mul_f64(writers as f64 / crowd.places.len().max(1) as f64);
    for (number, place) in crowd.places.drain(..).enumerate() {
        shares.get_mut(number % writers).context("no writer")?.push((number, place));
    }
    let lasting = Duration::from_secs(arguments.seconds);
    let done = try_join_all(shares.into_iter().map(|share| write(address, share, every, lasting))).await?;
    let mut written = Vec::new();
    let mut places = Vec::new();
    for (changes, share) in done {
        written.extend(changes);
        places.extend(share);
    }
    places.sort_by_key(|(number, _)| *number);
    crowd.places = places.into_iter().map(|(_, place)| place).collect();
    Ok(written)
}

/// From the sending of a change to its arrival: the n-th event of a socket is that of the n-th change.
fn latencies(came: &[listener::Heard], written: &[Written], for_all: bool) -> anyhow::Result<Vec<Duration>> {
    let mut sent: Vec<Vec<Instant>> = Vec::new();
    for write in written {
        sent.resize(sent.len().max(write.place + 1), Vec::new());
        sent.get_mut(write.place).context("no place")?.push(write.sent);
    }
    let mut told: Vec<usize> = Vec::new();
    let mut latencies = Vec::with_capacity(came.len());
    for event in came {
        told.resize(told.len().max(event.socket + 1), 0);
        let number = told.get_mut(event.socket).context("no socket")?;
        let of_socket = sent.get(if for_all { 0 } else { event.socket }).context("nothing was changed")?;
        latencies.push(event.at - *of_socket.get(*number).context("an event without a change")?);
        *number += 1;
    }
    Ok(latencies)
}

fn share(durations: &[Duration], percent: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort();
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// Transactions of a database so far, asked for in another one.
fn transactions(url: &str) -> anyhow::Result<i64> {
    let (server, name) = url.rsplit_once('/').context("no database in the address")?;
    let name = name.split('?').next().unwrap_or_default();
    let statement = format!("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '{name}'");
    Ok(load::sql(&format!("{server}/postgres"), &statement)?.trim().parse()?)
}

impl Round {
    fn print(&self, database: &str, crowd: &str) {
        let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
        println!(
            "| {database} | {crowd} | {:.0} | {:.1} | {:.1} | {:.0} | {} | {:.1} % | {:.0} | {:.1} | {:.1} | {:.1} |",
            self.before_mib,
            self.silent_kib,
            self.most_kib,
            self.silence.statements,
            self.silence.transactions.map_or("–".to_owned(), |count| count.to_string()),
            self.silence.processor * 100.0,
            self.rate,
            ms(self.p50),
            ms(self.p99),
            ms(self.write),
        );
    }
}
