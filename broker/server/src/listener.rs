//! Accepting connections.
//!
//! In: an address and who listens there. Out: a task for each connection, as many as are allowed.
//! Never here: bytes.

use std::sync::Arc;

use anyhow::{Context, Result};
use broker_node::Node;
use broker_node::connection::{Connection, Listener};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::connection::{Limits, serve};
use crate::world::ServerWorld;

/// Connections of one listener at once (`max.connections`).
const CONNECTIONS_MAX: usize = 10_000;

/// Opens a listener, so that a port that is taken is found out before anything else happens.
pub(crate) async fn open(bind: &str) -> Result<TcpListener> {
    TcpListener::bind(bind)
        .await
        .with_context(|| format!("failed to listen on {bind}"))
}

/// Accepts connections for as long as the process lives.
pub(crate) async fn accept(
    listener: TcpListener,
    node: Arc<Node<ServerWorld>>,
    kind: Listener,
    limits: Limits,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, or a client that was gone at once: the others go on.
                tracing::warn!("failed to accept a connection: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                continue;
            }
        };
        let host = format!("/{}", address.ip());
        let connection = Connection::new(Arc::clone(&node), kind.clone(), host);
        let limits = limits.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(stream, connection, limits).await {
                tracing::debug!(%address, "closed a connection: {error}");
            }
            drop(place);
        });
    }
}
