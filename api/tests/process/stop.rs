//! How a server ends.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::child::{Home, post, read};

#[test]
fn a_request_in_flight_is_answered_after_sigterm() {
    let home = Home::new();
    let mut server = home.start(&[]);
    let body = json!({"query": "{ ruleSets { code } }"}).to_string();
    let (first, second) = body.split_at(10);
    let mut stream = server.open(&post(None), body.len());
    stream.write_all(first.as_bytes()).unwrap();
    // Its head must have been read before the server stops to accept.
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    server.logged.wait_for("stopping", &server.said);
    let begun = Instant::now();
    while TcpStream::connect(&server.address).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(5), "it still lets clients in");
        std::thread::sleep(Duration::from_millis(20));
    }
    stream.write_all(second.as_bytes()).unwrap();
    let (status, body) = read(stream);
    assert!(status == 200 && body.contains("KZ-2023-PROVISIONAL"), "{status} {body}");
    assert_eq!(server.ended(), Some(0), "{}", server.logged.text());
}

#[test]
fn a_client_that_never_ends_its_request_does_not_keep_the_server() {
    let home = Home::new();
    let mut server = home.start(&[("OSH_HTTP_DRAIN_SECONDS", "1")]);
    let stream = server.open(&post(None), 100);
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    assert_eq!(server.ended(), Some(0), "{}", server.logged.text());
    assert!(server.logged.text().contains("some connections did not finish in time"), "{}", server.logged.text());
    drop(stream);
}
