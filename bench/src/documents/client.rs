//! A client that sends ready-made bytes and reads one answer: it must cost next to nothing beside what is measured.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Status of HTTP.
    pub status: u16,
    /// Bytes of the body.
    pub bytes: usize,
    /// From the first byte sent to the last one read.
    pub ms: f64,
}

/// A connection that is opened again when the server closes it.
pub struct Client {
    address: String,
    stream: Option<TcpStream>,
}

impl Client {
    /// To `127.0.0.1:PORT`.
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    /// Sends a whole request and reads the answer to its end.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<Told> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let begun = Instant::now();
        // A server may refuse a long body before it has all of it, and close.
        let sent = stream.write_all(request);
        let answer = read(&mut stream);
        let (head, bytes) = match (answer, sent) {
            (Ok(answer), _) => answer,
            (Err(error), _) => return Err(error),
        };
        let ms = begun.elapsed().as_secs_f64() * 1000.0;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
        if !head.to_ascii_lowercase().contains("connection: close") {
            self.stream = Some(stream);
        }
        Ok(Told { status, bytes, ms })
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(stream)
    }
}

/// Head, and length of the body.
fn read(stream: &mut TcpStream) -> io::Result<(String, usize)> {
    let mut received = Vec::with_capacity(8 * 1024);
    let mut buffer = [0; 8 * 1024];
    loop {
        let count = stream.read(&mut buffer)?;
        received.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let end = received.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
        if let Some(end) = end {
            let head = String::from_utf8_lossy(received.get(..end).unwrap_or_default()).into_owned();
            let body = received.get(end..).unwrap_or_default();
            let length = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
            let is_whole = length.map_or_else(|| body.ends_with(b"0\r\n\r\n"), |length: usize| body.len() >= length);
            if is_whole || count == 0 {
                return Ok((head, body.len()));
            }
        }
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
