//! Accepting connections.
//!
//! In: an address and who listens there. Out: a task for each connection, as many as are allowed, of
//! callers that may connect. Never here: bytes.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use broker_node::Node;
use broker_node::connection::{Connection, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::server::TlsStream;

use crate::connection::{Limits, serve};
use crate::metrics::ListenerMetrics;
use crate::stream::Stream;
use crate::tls::{Protocol, Tls};
use crate::world::ServerWorld;

/// Connections of one listener at once (`max.connections`).
const CONNECTIONS_MAX: usize = 10_000;
/// Greeted connections that wait to be taken.
const GREETED_MAX: usize = 16;

/// Opens a listener, so that a port that is taken is found out before anything else happens.
pub(crate) async fn open(bind: &str) -> Result<TcpListener> {
    TcpListener::bind(bind)
        .await
        .with_context(|| format!("failed to listen on {bind}"))
}

/// Takes the next connection, when one more may be open, however long that lasts.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    loop {
        // The semaphore is never closed.
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        match listener.accept().await {
            Ok((stream, address)) => return Some((stream, address, place)),
            Err(error) => {
                // Out of descriptors, or a client that was gone at once: the others go on.
                tracing::warn!("failed to accept a connection: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }
}

/// Who listens, and who is let in.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) node: Arc<Node<ServerWorld>>,
    pub(crate) kind: Listener,
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<ListenerMetrics>,
    /// Only brokers of the cluster connect where there is one.
    pub(crate) tls: Option<Arc<Tls>>,
}

impl Door {
    /// Accepts connections for as long as the process lives.
    pub(crate) async fn accept(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        while let Some((stream, address, place)) = next(&listener, &places).await {
            let door = self.clone();
            tokio::spawn(async move {
                let metrics = Arc::clone(&door.metrics);
                metrics.connections.inc();
                if let Err(error) = door.enter(stream, address).await {
                    metrics.closed_for_errors.inc();
                    tracing::debug!(%address, "closed a connection: {error}");
                }
                metrics.connections.dec();
                drop(place);
            });
        }
    }

    async fn enter(self, stream: TcpStream, address: SocketAddr) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(tls) => {
                let (stream, caller) = tls.accept(stream, Protocol::Other).await?;
                if !caller.is_broker_of(&self.node.config.cluster_id) {
                    tracing::warn!(%address, "{caller:?} is no broker of this cluster");
                    return Ok(());
                }
                Stream::Tls(Box::new(stream.into()))
            }
        };
        let host = format!("/{}", address.ip());
        let connection = Connection::new(self.node, self.kind, host);
        serve(stream, connection, self.limits, self.metrics).await
    }
}

/// Connections of callers that the authority knows, after their handshakes. A caller that is slow to
/// greet delays no other.
pub(crate) fn greeted(
    listener: TcpListener,
    tls: Arc<Tls>,
    protocol: Protocol,
) -> mpsc::Receiver<std::io::Result<TlsStream<TcpStream>>> {
    let (sender, receiver) = mpsc::channel(GREETED_MAX);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    tokio::spawn(async move {
        while let Some((stream, address, place)) = next(&listener, &places).await {
            let (tls, sender) = (Arc::clone(&tls), sender.clone());
            tokio::spawn(async move {
                match tls.accept(stream, protocol).await {
                    // The receiver is gone only when the process ends.
                    Ok((stream, _)) => drop(sender.send(Ok(stream)).await),
                    Err(error) => tracing::debug!(%address, "closed a connection: {error}"),
                }
                // Only handshakes are counted: what is open later has limits of its own.
                drop(place);
            });
        }
    });
    receiver
}
