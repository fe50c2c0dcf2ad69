//! Health and metrics over HTTP, each on its own port.
//!
//! In: what the node says of itself. Out: `/livez` and `/readyz`, which say yes or no; `/metrics` in
//! the OpenMetrics text format. Never here: what ready means.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

/// Whether something holds now.
pub(crate) type Check = Arc<dyn Fn() -> bool + Send + Sync>;

fn answer(check: &Check, yes: &'static str, no: &'static str) -> (StatusCode, &'static str) {
    if check() {
        (StatusCode::OK, yes)
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, no)
    }
}

/// Serves `/livez` and `/readyz` until the process ends.
pub(crate) async fn serve_health(listener: TcpListener, is_live: Check, is_ready: Check) {
    let router = Router::new()
        .route(
            "/livez",
            get(move || async move { answer(&is_live, "live\n", "stuck\n") }),
        )
        .route(
            "/readyz",
            get(move || async move { answer(&is_ready, "ready\n", "not ready\n") }),
        );
    serve(listener, router).await;
}

/// Serves `/metrics` until the process ends.
pub(crate) async fn serve_metrics(listener: TcpListener, registry: Registry) {
    let registry = Arc::new(registry);
    let metrics = move || async move {
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, &registry) {
            Ok(()) => {
                let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                ([(header::CONTENT_TYPE, kind)], text).into_response()
            }
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    };
    serve(listener, Router::new().route("/metrics", get(metrics))).await;
}

async fn serve(listener: TcpListener, router: Router) {
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!("an HTTP listener ended: {error}");
    }
}
