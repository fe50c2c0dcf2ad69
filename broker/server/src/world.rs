//! The real outside of a broker: clocks, chance, threads, sockets and the disk.
//!
//! In: what the node asks of its [`World`]. Out: the real thing. Never here: a decision.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use broker_log::dir::real::RealDir;
use broker_node::world::{BoxFuture, CallError, Peer, Purpose, World};
use broker_types::{Monotonic, Timestamp};
use bytes::Bytes;
use futures::FutureExt as _;
use tokio::runtime::Handle;

use crate::peers::{Introduction, Peers};

/// A file of the real disk.
pub(crate) type File = <RealDir as broker_log::dir::Dir>::File;

/// How long an answer may take of which nothing else is said.
const CALL_WITHIN: Duration = Duration::from_secs(60);

/// The process's world.
#[derive(Clone)]
pub(crate) struct ServerWorld {
    inner: Arc<Inner>,
}

struct Inner {
    started: Instant,
    runtime: Handle,
    peers: Peers,
}

impl ServerWorld {
    /// The node's own tasks, and its connections to others, run on `runtime`.
    pub(crate) fn new(introduction: Option<Introduction>, runtime: Handle) -> ServerWorld {
        let inner = Inner {
            started: Instant::now(),
            peers: Peers::new(introduction, runtime.clone()),
            runtime,
        };
        ServerWorld {
            inner: Arc::new(inner),
        }
    }

    fn instant(&self, at: Monotonic) -> Option<Instant> {
        self.inner
            .started
            .checked_add(Duration::from_micros(at.as_micros()))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl World for ServerWorld {
    type Dir = RealDir;

    fn now(&self) -> Monotonic {
        Monotonic::from_micros(micros(self.inner.started.elapsed()))
    }

    fn wall(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        rand::random()
    }

    fn sleep_until(&self, deadline: Monotonic) -> BoxFuture<()> {
        match self.instant(deadline) {
            Some(at) => Box::pin(tokio::time::sleep_until(at.into())),
            None => Box::pin(std::future::pending()),
        }
    }

    fn spawn(&self, task: BoxFuture<()>) {
        self.inner.runtime.spawn(or_halt("a task", task));
    }

    fn spawn_actor(&self, name: &str, task: BoxFuture<()>) {
        let runtime = self.inner.runtime.clone();
        let task = or_halt(&format!("the thread {name}"), task);
        let spawned = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || runtime.block_on(task));
        if let Err(error) = spawned {
            halt(&format!("failed to start the thread {name}: {error}"));
        }
    }

    fn block<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> BoxFuture<T> {
        let work = self.inner.runtime.spawn_blocking(work);
        Box::pin(async move {
            match work.await {
                Ok(result) => result,
                Err(error) => halt(&format!("work on files did not end: {error}")),
            }
        })
    }

    fn call(
        &self,
        peer: Peer,
        purpose: Purpose,
        request: Bytes,
        deadline: Monotonic,
    ) -> BoxFuture<Result<Bytes, CallError>> {
        let peers = self.inner.peers.clone();
        let deadline = self.instant(deadline);
        // Nobody waits for another broker as long as that.
        let deadline = deadline.unwrap_or_else(|| Instant::now() + CALL_WITHIN);
        Box::pin(async move { peers.call(peer, purpose, request, deadline.into()).await })
    }

    fn halt(&self, reason: String) -> BoxFuture<()> {
        halt(&reason)
    }
}

/// The task, whose panic ends the process: a broker without one of its parts would go on telling the
/// controller that it is well.
fn or_halt(what: &str, task: BoxFuture<()>) -> impl Future<Output = ()> + Send + use<> {
    let reason = format!("{what} of the node panicked");
    async move {
        // Nothing that it has touched is looked at again.
        if AssertUnwindSafe(task).catch_unwind().await.is_err() {
            halt(&reason);
        }
    }
}

/// Ends the process at once: what is in memory is not to be trusted any more.
#[allow(
    clippy::disallowed_methods,
    reason = "no destructor may run: a clean end would say that all is well"
)]
fn halt(reason: &str) -> ! {
    tracing::error!("halted: {reason}");
    std::process::exit(70)
}
