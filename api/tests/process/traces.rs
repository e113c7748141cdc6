//! Traces reach a collector.

use serde_json::json;

use crate::child::{Home, post};
use crate::collector::Collector;

fn asked(name: &str) -> String {
    json!({"query": format!("query {name} {{ ruleSets {{ code }} }}")}).to_string()
}

#[test]
fn the_span_of_a_request_reaches_the_collector() {
    let (home, collector) = (Home::new(), Collector::start());
    // A quiet log is no reason to have no traces.
    let endpoint = &*collector.endpoint;
    let settings =
        [("OSH_TELEMETRY_OTLP_ENDPOINT", endpoint), ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OSH_TELEMETRY_LOG", "warn")];
    let mut server = home.start(&settings);
    let head = format!("{}\r\nx-request-id: traced-1", post(Some(&server.token("ministry"))));
    assert_eq!(server.send(&head, &asked("Traced")).0, 200);
    let span = collector.wait_for(|span| span.attribute("request_id") == Some("traced-1"));
    let span = span.unwrap_or_else(|| panic!("no span arrived:\n{}", server.logged.text()));
    assert_eq!((&*span.service, &*span.name), ("osh-map", "graphql"));
    for (name, value) in [("operation", "query"), ("name", "Traced"), ("role", "ministry"), ("cost", "2")] {
        assert_eq!(span.attribute(name), Some(value), "{span:?}");
    }
    // What does not look like an id is not taken along: it could be anything about anybody.
    let head = format!("{}\r\nx-request-id: Ivanov Ivan 870412300123", post(None));
    assert_eq!(server.send(&head, &asked("Forged")).0, 200);
    let span = collector.wait_for(|span| span.attribute("name") == Some("Forged")).expect("a span");
    let made = span.attribute("request_id").unwrap_or_default();
    assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{span:?}");
    // What is still buffered is sent at the end.
    let head = format!("{}\r\nx-request-id: traced-2", post(None));
    assert_eq!(server.send(&head, &asked("Last")).0, 200);
    server.terminate();
    assert_eq!(server.ended(), Some(0));
    let last = collector.wait_for(|span| span.attribute("request_id") == Some("traced-2"));
    assert!(last.is_some(), "the last span is lost:\n{}", server.logged.text());
}

#[test]
fn a_collector_that_is_not_there_is_no_reason_to_fail() {
    let home = Home::new();
    let settings = [("OSH_TELEMETRY_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_BSP_SCHEDULE_DELAY", "200")];
    let mut server = home.start(&settings);
    for _ in 0..3 {
        assert_eq!(server.send(&post(None), &asked("Alone")).0, 200);
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    server.terminate();
    assert_eq!(server.ended(), Some(0), "{}", server.logged.text());
    let log = server.logged.text();
    assert!(log.contains("the collector does not take traces") && !log.contains("panicked"), "{log}");
}
