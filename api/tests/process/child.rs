//! A running server, and what one needs to talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Enough for a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A directory for the database and the key of one installation.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The program with a small demo, on a port the system chooses. Settings of whoever runs the tests do not count.
    pub fn command(&self, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_osh-map"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OSH_")) {
            command.env_remove(name);
        }
        command
            .current_dir(self.0.path())
            .env("OSH_HTTP_LISTEN", "127.0.0.1:0")
            .env("OSH_DEMO_ENTERPRISES", "30")
            .env("OSH_DEMO_WORKPLACES", "200")
            .env("RUST_BACKTRACE", "0")
            .envs(settings.iter().copied());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
        self.command(settings).args(arguments).output().unwrap()
    }

    /// A server that has greeted.
    pub fn start(&self, settings: &[(&str, &str)]) -> Server {
        let mut child = self.command(settings).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Stream::of(child.stdout.take().unwrap());
        let logged = Stream::of(child.stderr.take().unwrap());
        let mut server = Server { child, said, logged, address: String::new() };
        // The last line of the greeting.
        server.said.wait_for("-d '{\"query\"", &server.logged);
        let said = server.said.text();
        let line = said.lines().find(|line| line.starts_with("OSH Map ")).unwrap();
        server.address = line.rsplit("http://").next().unwrap().to_owned();
        server
    }
}

/// What one of the two streams has brought so far.
#[derive(Clone)]
pub struct Stream(Arc<Mutex<String>>);

impl Stream {
    fn of(source: impl Read + Send + 'static) -> Self {
        let stream = Self(Arc::default());
        let kept = stream.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                let mut text = kept.0.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        stream
    }

    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    pub fn wait_for(&self, text: &str, other: &Self) {
        let begun = Instant::now();
        while !self.text().contains(text) {
            assert!(begun.elapsed() < PATIENCE, "no {text} in:\n{}\n{}", self.text(), other.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A running server; it is killed when dropped.
pub struct Server {
    child: Child,
    /// Standard output.
    pub said: Stream,
    /// Standard error.
    pub logged: Stream,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Server {
    /// Status and body of any request, written as it goes over the wire.
    pub fn send(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = self.open(head, body.len());
        stream.write_all(body.as_bytes()).unwrap();
        read(stream)
    }

    /// A connection on which everything but the body has been sent.
    pub fn open(&self, head: &str, length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!("{head}\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// The answer to a document.
    pub fn ask(&self, token: Option<&str>, document: &str, variables: Value) -> Value {
        let body = json!({"query": document, "variables": variables}).to_string();
        let (_, body) = self.send(&post(token), &body);
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    /// The token that the greeting shows for a role.
    pub fn token(&self, role: &str) -> String {
        let said = self.said.text();
        let mut lines = said.lines().skip_while(|line| line.split_whitespace().next() != Some(role));
        lines.nth(1).unwrap_or_else(|| panic!("no token of {role} in:\n{said}")).trim().to_owned()
    }

    /// Asks the process to end, as a container does.
    pub fn terminate(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// The exit code.
    pub fn ended(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.logged.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The head of a GraphQL request.
pub fn post(token: Option<&str>) -> String {
    let token = token.map(|token| format!("\r\nauthorization: Bearer {token}")).unwrap_or_default();
    format!("POST /graphql HTTP/1.1\r\ncontent-type: application/json{token}")
}

/// Status and body of what comes back.
pub fn read(mut stream: TcpStream) -> (u16, String) {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
