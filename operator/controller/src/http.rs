//! `/metrics`, `/livez`, `/readyz`.
//!
//! Live and ready mean that the process answers: a replica that waits for the lease is ready to take
//! it, and the API server being away is no reason to restart.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::context::Context;

pub(crate) async fn serve(
    listener: TcpListener,
    context: Arc<Context>,
    mut stopped: watch::Receiver<bool>,
) {
    let metrics = move || async move { context.metrics.text() };
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(|| async { "ok" }));
    let stop = async move {
        let _ = stopped.wait_for(|it| *it).await;
    };
    if let Err(error) = axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
    {
        tracing::error!(%error, "the HTTP server stopped");
    }
}
