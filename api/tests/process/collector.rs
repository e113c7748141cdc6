//! A collector of OpenTelemetry traces: OTLP over HTTP, as far as one needs it to read what arrives.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use prost::Message;
use tokio::runtime::Runtime;

/// A span with the service it is of, its attributes as texts.
#[derive(Clone, Debug)]
pub struct Span {
    pub service: String,
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Span {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

type Spans = Arc<Mutex<Vec<Span>>>;

/// Listens until it is dropped.
pub struct Collector {
    pub endpoint: String,
    spans: Spans,
    _runtime: Runtime,
}

impl Collector {
    pub fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let spans = Spans::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(spans.clone());
        runtime.spawn(async move { serve(listener, router).await });
        Self { endpoint, spans, _runtime: runtime }
    }

    /// The first span that fits, within ten seconds.
    pub fn wait_for(&self, fits: impl Fn(&Span) -> bool) -> Option<Span> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if let Some(span) = self.spans.lock().unwrap().iter().find(|span| fits(span)) {
                return Some(span.clone());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

async fn serve(listener: tokio::net::TcpListener, router: Router) {
    let config = api::config::Config::finish(api::config::Config::defaults()).unwrap().http;
    api::http::serve(listener, router, &config, std::future::pending()).await;
}

async fn take(State(spans): State<Spans>, headers: HeaderMap, body: Bytes) -> StatusCode {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let request = ExportTraceServiceRequest::decode(body).expect("what OTLP says");
    for of_resource in request.resource_spans {
        let resource = texts(&of_resource.resource.unwrap_or_default().attributes);
        let service = resource.into_iter().find(|(name, _)| name == "service.name").unwrap_or_default().1;
        for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let span = Span { service: service.clone(), name: span.name, attributes: texts(&span.attributes) };
            spans.lock().unwrap().push(span);
        }
    }
    StatusCode::OK
}

fn texts(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.clone(), text(&attribute.value))).collect()
}
