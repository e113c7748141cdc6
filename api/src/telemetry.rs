//! Logs, metrics and traces.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseExt};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, Telemetry};

/// Seconds, from a cached look-up to the statement time-out.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0];

/// Starts logging and, when an endpoint is set, the export of traces. Must be called within the runtime. The result must
/// live as long as the process; its `shutdown` sends what is still buffered.
pub fn init(config: &Telemetry) -> anyhow::Result<Option<SdkTracerProvider>> {
    let log = match config.log_format {
        LogFormat::Text => tracing_subscriber::fmt::layer().with_target(false).with_writer(std::io::stderr).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).boxed(),
    };
    let provider = exporter(&config.otlp_endpoint)?;
    // Each has a filter of its own: whoever wants a quiet log may still want traces.
    let traces = provider.as_ref().map(|provider| {
        let ours = Targets::new().with_target("api", LevelFilter::INFO);
        tracing_opentelemetry::layer().with_tracer(provider.tracer("osh-map")).with_filter(ours)
    });
    let log = log.with_filter(EnvFilter::try_new(&config.log)?);
    tracing_subscriber::registry().with(traces).with(log).try_init()?;
    Ok(provider)
}

fn exporter(endpoint: &str) -> anyhow::Result<Option<SdkTracerProvider>> {
    if endpoint.is_empty() {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(Sender::new())
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    let resource = opentelemetry_sdk::Resource::builder().with_service_name("osh-map").build();
    Ok(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
}

/// A collector that does not answer within this time does not get the batch.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends batches of spans. The exporter calls it from a thread of its own, outside the runtime, without which the
/// client panics.
#[derive(Debug)]
struct Sender {
    client: HyperClient,
    runtime: Handle,
}

impl Sender {
    fn new() -> Self {
        Self { client: HyperClient::with_default_connector(EXPORT_TIMEOUT, None), runtime: Handle::current() }
    }
}

impl HttpClient for Sender {
    fn send_bytes<'client, 'future>(
        &'client self,
        request: Request<Bytes>,
    ) -> BoxFuture<'future, Result<Response<Bytes>, HttpError>>
    where
        'client: 'future,
        Self: 'future,
    {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move { client.send_bytes(request).await?.error_for_status() });
        Box::pin(async move {
            let answer = sent.await.map_err(HttpError::from).flatten();
            if let Err(error) = &answer {
                metrics::counter!("osh_trace_export_failures_total").increment(1);
                tracing::warn!(%error, "the collector does not take traces; they are lost");
            }
            answer
        })
    }
}

/// How often samples are counted and thrown away.
const UPKEEP: Duration = Duration::from_secs(5);

/// The recorder behind `/metrics`. A process has one, however many servers run in it.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut known = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*known {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)?;
    let upkeep = handle.clone();
    // Samples wait in memory until they are counted; without this, until somebody reads /metrics, or for ever.
    std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(UPKEEP);
            upkeep.run_upkeep();
        }
    })?;
    Ok(known.insert(handle).clone())
}
