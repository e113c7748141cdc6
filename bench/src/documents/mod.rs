//! What hostile documents cost the server, and what they cost others; the guard by itself; and the least query there
//! is, beside a server that does nothing else.

mod client;
mod hostile;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use self::client::Client;
use self::hostile::{Family, post};
use crate::load::wrk;
use crate::server::{self, Plain, Server, seed};

/// Connections of a flood.
const FLOOD: usize = 4;
/// How often each hostile request is sent.
const TIMES: usize = 100;

/// What to measure with.
pub struct Setup<'s> {
    /// The server.
    pub server: &'s Path,
    /// The least server.
    pub plain: &'s Path,
    /// Measures the guard alone.
    pub guard: PathBuf,
    /// Seconds of each measurement.
    pub seconds: u32,
    /// Rounds of which the median is shown.
    pub rounds: usize,
    /// Connections of the load.
    pub connections: u32,
}

/// Measures and prints.
pub fn measure(setup: &Setup<'_>, directory: &Path) -> anyhow::Result<()> {
    let url = format!("sqlite://{}", directory.join("osh-map.sqlite").display());
    let environment = server::environment(&url, directory);
    seed(setup.server, &environment, 60, 600)?;
    let server = Server::start(setup.server, &environment)?;
    let families = hostile::all()?;
    refusals(&server, &families)?;
    neighbours(&server, &families, setup)?;
    least(&server, setup, directory)?;
    let guard = Command::new(&setup.guard).output().context("the guard's own measurement does not start")?;
    ensure!(guard.status.success(), "{}", String::from_utf8_lossy(&guard.stderr));
    println!("\n{}", String::from_utf8_lossy(&guard.stdout));
    Ok(())
}

/// Each hostile request by itself.
fn refusals(server: &Server, families: &[Family]) -> anyhow::Result<()> {
    println!(
        "| hostile | requests | refused in at most, ms | p99 ms | answer at most, bytes |\n|---|---:|---:|---:|---:|"
    );
    let mut client = Client::new(&server.address);
    for family in families {
        let (mut times, mut largest) = (Vec::new(), 0);
        for request in &family.requests {
            for _ in 0..TIMES {
                let told = client.ask(request).with_context(|| format!("{}: no answer", family.name))?;
                // An event stream tells its refusal in an event.
                ensure!((400..500).contains(&told.status) || told.status == 200, "{}: {told:?}", family.name);
                times.push(told.ms);
                largest = largest.max(told.bytes);
            }
        }
        times.sort_by(f64::total_cmp);
        let most = times.last().copied().unwrap_or_default();
        println!(
            "| {} | {} | {most:.1} | {:.1} | {largest} |",
            family.name,
            family.requests.len(),
            quantile(&times, 99)
        );
    }
    ensure!(client.ask(&trivial())?.status == 200, "the server does not live");
    println!();
    Ok(())
}

fn trivial() -> Vec<u8> {
    post("content-type: application/json\r\n", br#"{"query":"{ __typename }"}"#)
}

/// Another client's least query beside a flood.
fn neighbours(server: &Server, families: &[Family], setup: &Setup<'_>) -> anyhow::Result<()> {
    let hostile: Vec<&[u8]> = families.iter().flat_map(|it| it.requests.iter().map(Vec::as_slice)).collect();
    let trivial = trivial();
    println!(
        "| `{{ __typename }}` of another connection | p50 ms | p99 ms | flood, requests/s |\n|---|---:|---:|---:|"
    );
    for (name, requests) in [
        ("alone".to_owned(), Vec::new()),
        (format!("beside {FLOOD} connections with hostile requests"), hostile),
        (format!("beside {FLOOD} connections with the same query"), vec![trivial.as_slice()]),
    ] {
        let (times, sent) = beside(&server.address, &requests, &trivial, setup.seconds)?;
        let (p50, p99) = (quantile(&times, 50), quantile(&times, 99));
        println!("| {name} | {p50:.2} | {p99:.2} | {:.0} |", sent / f64::from(setup.seconds));
    }
    println!();
    Ok(())
}

/// Times of the probe, sorted, and how many requests the flood sent.
fn beside(address: &str, flood: &[&[u8]], probe: &[u8], seconds: u32) -> anyhow::Result<(Vec<f64>, f64)> {
    let (over, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for first in 0..if flood.is_empty() { 0 } else { FLOOD } {
            let (over, sent) = (&over, &sent);
            scope.spawn(move || {
                let mut client = Client::new(address);
                let turn = flood.iter().cycle().skip(first * flood.len() / FLOOD);
                for request in turn.take_while(|_| !over.load(Ordering::Relaxed)) {
                    if client.ask(request).is_ok() {
                        sent.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let mut client = Client::new(address);
        let begun = Instant::now();
        let mut times = Vec::new();
        let mut failed = None;
        while begun.elapsed() < Duration::from_secs(u64::from(seconds)) && failed.is_none() {
            match client.ask(probe) {
                Ok(told) => times.push(told.ms),
                Err(error) => failed = Some(error),
            }
            // A person's client, not another flood.
            std::thread::sleep(Duration::from_millis(1));
        }
        over.store(true, Ordering::Relaxed);
        times.sort_by(f64::total_cmp);
        let sent = u32::try_from(sent.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        failed.map_or(Ok((times, f64::from(sent))), |error| Err(error.into()))
    })
}

/// The least query under full load, in turn with a server that only reads and writes JSON.
fn least(server: &Server, setup: &Setup<'_>, directory: &Path) -> anyhow::Result<()> {
    let script = directory.join("least.lua");
    let body = r#"wrk.method, wrk.body = "POST", '{"query":"{ __typename }"}'
        wrk.headers["content-type"] = "application/json""#;
    std::fs::write(&script, body)?;
    let plain = Plain::start(setup.plain, None)?;
    println!("| `{{ __typename }}` | requests/s | bare axum handler/s | share |\n|---|---:|---:|---:|");
    // With few connections all three programs wait for one another; with many, the processors are the limit.
    for connections in [setup.connections, 4 * setup.connections] {
        let mut shares = Vec::new();
        for _ in 0..setup.rounds.max(1) {
            let load = |address: &str| wrk(address, &script, connections, setup.seconds);
            let (ours, least) = (load(&server.address)?.per_second, load(&plain.address)?.per_second);
            shares.push((ours / least, ours, least));
        }
        shares.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (share, ours, least) = shares.get(shares.len() / 2).context("no rounds")?;
        println!("| {connections} connections | {ours:.0} | {least:.0} | {:.0} % |", share * 100.0);
    }
    Ok(())
}

/// A quantile of sorted times.
fn quantile(times: &[f64], percent: usize) -> f64 {
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
