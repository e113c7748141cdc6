//! The server under test, run as its users run it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// Settings of the server as environment variables.
pub type Environment = Vec<(String, String)>;

/// Settings for a database. The port is chosen by the system.
pub fn environment(url: &str, directory: &Path) -> Environment {
    let key = directory.join("demo-issuer.key");
    [
        ("OSH_DATABASE_URL", url.to_owned()),
        ("OSH_HTTP_LISTEN", "127.0.0.1:0".to_owned()),
        ("OSH_AUTH_DEMO_KEY_FILE", key.display().to_string()),
        ("OSH_TELEMETRY_LOG", "warn".to_owned()),
        // As in the image.
        ("MIMALLOC_PURGE_DELAY", "0".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .chain(budgets())
    .collect()
}

/// Budgets that are kept as for everybody, and so large that no load uses them up.
fn budgets() -> impl Iterator<Item = (String, String)> {
    [
        ("OSH_BUDGETS_PERSON_POINTS", "1000000000"),
        ("OSH_BUDGETS_PERSON_POINTS_PER_SECOND", "1000000"),
        ("OSH_BUDGETS_ORGANISATION_POINTS", "1000000000"),
        ("OSH_BUDGETS_ORGANISATION_POINTS_PER_SECOND", "1000000"),
        ("OSH_BUDGETS_ADDRESS_POINTS", "1000000000"),
        ("OSH_BUDGETS_ADDRESS_POINTS_PER_SECOND", "1000000"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
}

/// Fills an empty database and gives the seconds it took.
pub fn seed(server: &Path, environment: &Environment, enterprises: usize, workplaces: usize) -> anyhow::Result<f64> {
    let started = Instant::now();
    let sizes =
        ["seed", "--enterprises", &enterprises.to_string(), "--workplaces", &workplaces.to_string()].map(String::from);
    let status = Command::new(server).args(sizes).envs(environment.iter().cloned()).stdout(Stdio::null()).status()?;
    if !status.success() {
        bail!("the demo data could not be created: {status}");
    }
    Ok(started.elapsed().as_secs_f64())
}

/// A running server; it is stopped when dropped.
pub struct Server {
    child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
    /// Token of the demo person of the ministry.
    pub token: String,
    /// Milliseconds from the start of the process to the first answer.
    pub start_ms: f64,
}

impl Server {
    /// Starts the server and waits for its first answer.
    pub fn start(server: &Path, environment: &Environment) -> anyhow::Result<Self> {
        let started = Instant::now();
        let mut command = Command::new(server);
        command.envs(environment.iter().cloned()).stdout(Stdio::piped());
        let mut child = command.spawn().context("the server does not start")?;
        let output = child.stdout.take().context("no output of the server")?;
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().context("the server said nothing")??;
        let address = first.rsplit("http://").next().context("no address")?.trim().to_owned();
        post(&address, "", r#"{"query":"{ __typename }"}"#)?;
        let start_ms = started.elapsed().as_secs_f64() * 1000.0;
        let token = Command::new(server).args(["token", "demo-ministry"]).envs(environment.iter().cloned()).output()?;
        let token = String::from_utf8(token.stdout)?.trim().to_owned();
        // Somebody must go on reading what the server prints.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address, token, start_ms })
    }

    /// Who reads from it.
    pub fn reader(&self) -> Reader {
        Reader { address: self.address.clone(), token: self.token.clone() }
    }

    /// BINs of the first enterprises; see [`Reader::bins`].
    pub fn bins(&self) -> anyhow::Result<Vec<String>> {
        self.reader().bins()
    }

    /// Errors in answers so far, by the server's own count.
    pub fn errors(&self) -> anyhow::Result<f64> {
        self.metric("osh_graphql_errors_total{")
    }

    /// Statements sent to the database so far, by the server's own count.
    pub fn statements(&self) -> anyhow::Result<f64> {
        self.metric("osh_db_statement_seconds_count")
    }

    /// Sum of the figures whose name begins so.
    fn metric(&self, name: &str) -> anyhow::Result<f64> {
        let metrics = exchange(&self.address, "GET /metrics HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
        let counts = metrics.lines().filter(|line| line.starts_with(name));
        counts.map(|line| Ok(line.rsplit(' ').next().context("no count")?.parse::<f64>()?)).sum()
    }

    /// Seconds of processor time used so far.
    pub fn processor_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Behind the name, which may hold anything: state is the first field, the two times are the 12th and 13th.
        let fields = stat.rsplit(')').next().context("no times")?.split_whitespace().skip(11).take(2);
        let ticks: f64 = fields.map(|field| field.parse::<f64>().unwrap_or_default()).sum();
        Ok(ticks / 100.0)
    }

    /// Memory in use now.
    pub fn resident_mib(&self) -> anyhow::Result<f64> {
        self.status("VmRSS:")
    }

    /// Most memory in use so far.
    pub fn peak_mib(&self) -> anyhow::Result<f64> {
        self.status("VmHWM:")
    }

    /// From now on the most is counted anew.
    pub fn forget_peak(&self) -> anyhow::Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    fn status(&self, field: &str) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with(field)).context("no memory figure")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no memory figure")?.parse()?;
        Ok(kib / 1024.0)
    }
}

/// The least server over a database; it is stopped when dropped.
pub struct Plain {
    child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Plain {
    /// Starts it, over a database or without one, and waits until it listens.
    pub fn start(program: &Path, url: Option<&str>) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        let mut child = command.args(url).stdout(Stdio::piped()).spawn().context("the least server does not start")?;
        let output = child.stdout.take().context("no output of the least server")?;
        let first = BufReader::new(output).lines().next().context("the least server said nothing")??;
        let address = first.rsplit("http://").next().context("no address")?.trim().to_owned();
        Ok(Self { child, address })
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One question on a connection of its own; the body of the answer.
fn post(address: &str, token: &str, body: &str) -> anyhow::Result<String> {
    let authorization = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    let length = body.len();
    let head = "POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nconnection: close\r\n";
    exchange(address, &format!("{head}{authorization}content-length: {length}\r\n\r\n{body}"))
}

/// One request on a connection of its own; the body of the answer.
fn exchange(address: &str, request: &str) -> anyhow::Result<String> {
    let mut stream = connect(address)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
        _ => bail!("unexpected answer: {}", answer.lines().next().unwrap_or_default()),
    }
}

fn connect(address: &str) -> anyhow::Result<TcpStream> {
    for _ in 0..1000 {
        if let Ok(stream) = TcpStream::connect(address) {
            return Ok(stream);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    bail!("nobody listens on {address}")
}

/// Somebody of the ministry.
pub struct Reader {
    address: String,
    token: String,
}

impl Reader {
    /// BINs of the first enterprises, page by page, at most ten thousand.
    pub fn bins(&self) -> anyhow::Result<Vec<String>> {
        let mut bins = Vec::new();
        let mut after = serde_json::Value::Null;
        while bins.len() < 10_000 {
            let query = "query($after: String) { enterprises(first: 100, after: $after) {
                nodes { bin level workplaces(first: 2) { nodes { id } } } pageInfo { endCursor hasNextPage } } }";
            let body = serde_json::json!({"query": query, "variables": {"after": after}}).to_string();
            let answer: serde_json::Value = serde_json::from_str(&post(&self.address, &self.token, &body)?)?;
            let page = answer.pointer("/data/enterprises").context("no page of enterprises")?;
            let nodes = page.get("nodes").and_then(serde_json::Value::as_array).context("no nodes")?;
            bins.extend(nodes.iter().filter_map(|node| node.get("bin")?.as_str().map(str::to_owned)));
            after = page.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
            if page.pointer("/pageInfo/hasNextPage") != Some(&serde_json::Value::Bool(true)) {
                break;
            }
        }
        Ok(bins)
    }
}
