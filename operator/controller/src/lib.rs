//! The operator as a process: watches, reads, applies.
//!
//! In: a client of the API server, [`Settings`]. Out: what `operator-plan` decided, done, and told in
//! statuses, events, metrics and logs. Never here: a decision about a cluster.
//!
//! [`run`] is all of it, so that a test runs it in its own process.

mod authority;
mod brokers;
mod cluster;
mod consumer_group;
mod context;
mod error;
mod events;
mod http;
mod lease;
mod metrics;
mod settings;
mod topic;
mod unmanaged;
mod watch;
mod write;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use kube::Client;
use tokio::sync::watch as tokio_watch;

pub use brokers::{ControlAddress, pod_address};
pub use settings::{Arguments, Settings};

use context::Context;

/// How long what was begun may take to end after a stop. A controller that is stopped before it has
/// read its objects once never ends by itself.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Runs the operator until `stop` ends, or until it may no longer lead.
///
/// # Errors
///
/// When the lease is lost, or the HTTP listener cannot be bound. Nothing is written after a lost
/// lease: whoever has it now decides.
pub async fn run(
    client: Client,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let context = Arc::new(Context::new(client.clone(), settings));
    let (stopping, stopped) = tokio_watch::channel(false);
    let waits = tokio::spawn(async move {
        stop.await;
        stopping.send_replace(true);
    });
    let listener = tokio::net::TcpListener::bind(&context.settings.http_address)
        .await
        .with_context(|| format!("failed to listen on {}", context.settings.http_address))?;
    let served = tokio::spawn(http::serve(listener, Arc::clone(&context), stopped.clone()));
    let result = lead(&context, stopped).await;
    waits.abort();
    served.abort();
    result
}

/// Waits for the lease, then reconciles for as long as it is held.
async fn lead(
    context: &Arc<Context>,
    mut stopped: tokio_watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut lease = lease::Lease::new(context);
    let acquired = tokio::select! {
        it = lease.acquire() => it.context("failed to acquire the lease"),
        _ = stopped.wait_for(|it| *it) => return Ok(()),
    };
    acquired?;
    context.metrics.leader.set(1);
    let _ = context.leading_since.set(Instant::now());
    tracing::info!(holder = context.settings.holder, "leading");
    let controllers = watch::run(Arc::clone(context), stopped.clone());
    let too_late = async {
        let _ = stopped.wait_for(|it| *it).await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    let lost = tokio::select! {
        () = controllers => None,
        error = lease.keep() => Some(error),
        () = too_late => {
            tracing::warn!("what was begun did not end in time");
            None
        }
    };
    context.metrics.leader.set(0);
    match lost {
        Some(error) => Err(error).context("the lease is lost"),
        None => {
            lease.release().await;
            Ok(())
        }
    }
}
