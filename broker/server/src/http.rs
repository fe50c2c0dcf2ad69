//! Health and metrics over HTTP, each on its own port.
//!
//! In: what the node says of itself. Out: `/livez` and `/readyz`, which say yes or no; `/metrics` in
//! the OpenMetrics text format. Never here: what ready means.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::Listener;
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;

use crate::listener;
use crate::tls::{Protocol, Tls};

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

/// Serves `/metrics` until the process ends; with `tls`, to whom the authority knows.
pub(crate) async fn serve_metrics(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    registry: Registry,
) {
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
    let router = Router::new().route("/metrics", get(metrics));
    match tls {
        None => serve(listener, router).await,
        Some(tls) => {
            let greeted = listener::greeted(listener, tls, Protocol::Other);
            serve(Greeted(greeted), router).await;
        }
    }
}

/// Connections after their handshakes, as axum takes them.
struct Greeted(mpsc::Receiver<std::io::Result<TlsStream<TcpStream>>>);

impl Listener for Greeted {
    type Io = TlsStream<TcpStream>;
    type Addr = ();

    async fn accept(&mut self) -> (Self::Io, ()) {
        loop {
            match self.0.recv().await {
                Some(Ok(stream)) => return (stream, ()),
                Some(Err(_)) => {}
                // The other end lives as long as the process.
                None => std::future::pending().await,
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn serve<L: Listener<Addr: std::fmt::Debug>>(listener: L, router: Router) {
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!("an HTTP listener ended: {error}");
    }
}
