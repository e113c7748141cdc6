//! Changes over HTTP, on connections that are kept.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

use crate::people::Place;

const UPDATE: &str = "mutation($input: WorkplaceUpdateInput!) { \
    workplaceUpdate(input: $input) { workplace { version } userErrors { code message } } }";

/// A change that was made.
pub struct Written {
    /// Of which place.
    pub place: usize,
    /// When it was sent.
    pub sent: Instant,
    /// How long the answer took.
    pub took: Duration,
}

/// Changes one place after the other, `every` so often or as fast as it goes, for so long. Places are numbered, and
/// come back as they are then.
pub async fn write(
    address: &str,
    mut places: Vec<(usize, Place)>,
    every: Duration,
    lasting: Duration,
) -> anyhow::Result<(Vec<Written>, Vec<(usize, Place)>)> {
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    let mut written = Vec::new();
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let began = Instant::now();
    'all: loop {
        for (number, place) in &mut places {
            ticks.tick().await;
            if began.elapsed() >= lasting {
                break 'all;
            }
            let sent = Instant::now();
            change(&mut stream, place).await?;
            written.push(Written { place: *number, sent, took: sent.elapsed() });
        }
    }
    Ok((written, places))
}

/// Gives a place the other number of workers.
async fn change(stream: &mut BufReader<TcpStream>, place: &mut Place) -> anyhow::Result<()> {
    let [now, other] = place.workers;
    let input = json!({"id": place.workplace, "version": place.version, "workers": other});
    let answer = ask(stream, &place.token, &json!({"query": UPDATE, "variables": {"input": input}})).await?;
    let version = answer.pointer("/data/workplaceUpdate/workplace/version").and_then(Value::as_i64);
    place.version = version.with_context(|| format!("not changed: {answer}"))?;
    place.workers = [other, now];
    Ok(())
}

async fn ask(stream: &mut BufReader<TcpStream>, token: &str, body: &Value) -> anyhow::Result<Value> {
    let body = body.to_string();
    let head = "POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n";
    let request = format!("{head}authorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await?;
    let mut length = None;
    let mut first = None;
    loop {
        let mut line = String::new();
        ensure!(stream.read_line(&mut line).await? > 0, "the server closed the connection");
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok(),
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
        first.get_or_insert(line);
    }
    let mut answer = vec![0; length.context("an answer without a length")?];
    stream.read_exact(&mut answer).await?;
    match first {
        Some(line) if line.starts_with("HTTP/1.1 200") => Ok(serde_json::from_slice(&answer)?),
        line => bail!("{line:?}: {}", String::from_utf8_lossy(&answer)),
    }
}
