//! For the balancer and the monitoring.

use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::http::Web;

/// The process runs. It does not ask the database: a restart would not mend that.
pub async fn live() -> &'static str {
    "live\n"
}

/// Requests can be served: the database answers and the server is not shutting down.
pub async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    if web.draining.load(Ordering::SeqCst) {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n");
    }
    match tokio::time::timeout(Duration::from_secs(2), web.app.db.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

/// Everything that is counted, in the text format of Prometheus.
pub async fn metrics(State(web): State<Web>) -> impl IntoResponse {
    for ((open, idle), pool) in web.app.db.pool_sizes().into_iter().zip(["read", "write"]) {
        let idle = u32::try_from(idle).map_or(f64::MAX, f64::from);
        metrics::gauge!("osh_db_connections", "pool" => pool, "state" => "open").set(f64::from(open));
        metrics::gauge!("osh_db_connections", "pool" => pool, "state" => "idle").set(idle);
    }
    ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], web.app.metrics.render())
}
