//! The programs that make load and the ones that give the limit.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// What one measurement gave.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Answers a second.
    pub per_second: f64,
    /// Median time of an answer.
    pub p50_ms: f64,
    /// Ninety-ninth percentile.
    pub p99_ms: f64,
}

/// Loads the server with `wrk` and refuses figures that contain a failed request.
pub fn wrk(address: &str, script: &Path, connections: u32, seconds: u32) -> anyhow::Result<Rate> {
    let output = run(Command::new("wrk").args(["--latency", "-t", "1"]).args([
        "-c",
        &connections.to_string(),
        "-d",
        &format!("{seconds}s"),
        "-s",
        &script.display().to_string(),
        &format!("http://{address}/graphql"),
    ]))?;
    if output.contains("Non-2xx") || output.contains("Socket errors") {
        bail!("requests failed:\n{output}");
    }
    Ok(Rate {
        per_second: after(&output, "Requests/sec:")?.parse()?,
        p50_ms: milliseconds(after(&output, "50%")?)?,
        p99_ms: milliseconds(after(&output, "99%")?)?,
    })
}

/// Transactions a second of the same SQL without a server in between.
pub fn pgbench(url: &str, scripts: &[PathBuf], connections: u32, seconds: u32) -> anyhow::Result<f64> {
    let mut command = Command::new(beside_psql("pgbench"));
    command.args(["-n", "-M", "prepared", "-j", "1", "-c", &connections.to_string(), "-T", &seconds.to_string()]);
    for script in scripts {
        command.arg("-f").arg(script);
    }
    let output = run(command.arg(url))?;
    let line = output.lines().find(|line| line.starts_with("tps = ")).context("pgbench gave no rate")?;
    Ok(line.trim_start_matches("tps = ").split_whitespace().next().context("no rate")?.parse()?)
}

/// Runs one statement and gives its rows.
pub fn sql(url: &str, statement: &str) -> anyhow::Result<String> {
    run(Command::new("psql").args(["-X", "-A", "-t", "-q", "-d", url, "-c", statement]))
}

/// Debian keeps `pgbench` with the server, not on the path.
fn beside_psql(program: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin").join(program)).collect();
    found.retain(|path| path.is_file());
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(program))
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{:?} cannot be run", command.get_program()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{:?}: {text}{}", command.get_program(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(text)
}

fn after<'t>(text: &'t str, label: &str) -> anyhow::Result<&'t str> {
    let rest = text.lines().find_map(|line| line.trim().strip_prefix(label)).with_context(|| format!("no {label}"))?;
    Ok(rest.trim())
}

/// `870.00us`, `1.23ms` or `1.02s`.
fn milliseconds(text: &str) -> anyhow::Result<f64> {
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1000.0)];
    for (unit, factor) in units {
        if let Some(number) = text.strip_suffix(unit)
            && let Ok(number) = number.parse::<f64>()
        {
            return Ok(number * factor);
        }
    }
    bail!("not a time: {text}")
}
