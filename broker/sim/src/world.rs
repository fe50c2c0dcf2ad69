//! The outside of one simulated broker process.
//!
//! In: what the node asks of its [`World`]. Out: virtual time, seeded chance, tasks of the process,
//! a disk in memory that takes its time, a network. Never here: which faults happen when.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use broker_log::dir::memory::MemoryDir;
use broker_node::world::{BoxFuture, CallError, Peer, Purpose, World};
use broker_types::{Durability, Monotonic, Timestamp};
use bytes::Bytes;
use futures::channel::oneshot;

use crate::calls::Calls;
use crate::executor::{Handle, Process, end_process};
use crate::network::{Host, Network};
use crate::rng::Chance;
use crate::trace::Trace;

/// When the simulated world begins (2026-01-01T00:00:00Z).
const EPOCH_MILLIS: i64 = 1_767_225_600_000;

/// What of a machine outlives its processes.
#[derive(Debug, Default)]
pub struct Hardware {
    /// How far the wall clock is off, in milliseconds.
    wall_skew: AtomicI64,
    /// How much slower the disk is than it should be, in percent added.
    disk_drag: AtomicU64,
}

impl Hardware {
    pub fn set_wall_skew(&self, millis: i64) {
        self.wall_skew.store(millis, Ordering::Relaxed);
    }

    pub fn set_disk_drag(&self, percent: u64) {
        self.disk_drag.store(percent, Ordering::Relaxed);
    }
}

/// What all simulated machines share.
#[derive(Clone)]
pub struct Surroundings {
    pub handle: Handle,
    pub chance: Chance,
    pub network: Network,
    pub trace: Trace,
    /// The cluster's.
    pub durability: Durability,
}

/// The outside of one process of a broker.
#[derive(Clone)]
pub struct SimWorld {
    inner: Arc<Inner>,
}

struct Inner {
    around: Surroundings,
    hardware: Arc<Hardware>,
    host: Host,
    process: Process,
    calls: Calls,
    started: Monotonic,
    /// Ticks of this machine's monotonic clock in a million true microseconds.
    rate: u64,
}

impl SimWorld {
    pub fn new(
        around: Surroundings,
        hardware: Arc<Hardware>,
        host: Host,
        process: Process,
    ) -> SimWorld {
        let (handle, network) = (around.handle.clone(), around.network.clone());
        let inner = Inner {
            calls: Calls::new(handle.clone(), network, host, process),
            started: handle.now(),
            // Crystals of one machine and another differ by some hundred parts in a million.
            rate: around.chance.between(999_500, 1_000_500),
            around,
            hardware,
            host,
            process,
        };
        SimWorld {
            inner: Arc::new(inner),
        }
    }

    pub fn host(&self) -> Host {
        self.inner.host
    }

    pub fn process(&self) -> Process {
        self.inner.process
    }

    pub fn around(&self) -> &Surroundings {
        &self.inner.around
    }

    /// How long the next access to the disk takes.
    fn disk_time(&self) -> Duration {
        let chance = &self.inner.around.chance;
        let micros = match chance.between(0, 99) {
            0 => chance.between(5_000, 60_000),
            1..=9 => chance.between(1_000, 5_000),
            _ => chance.between(50, 1_000),
        };
        let drag = self.inner.hardware.disk_drag.load(Ordering::Relaxed);
        Duration::from_micros(micros * (100 + drag) / 100)
    }
}

impl World for SimWorld {
    type Dir = MemoryDir;

    fn now(&self) -> Monotonic {
        let true_micros = self.inner.around.handle.now().since(self.inner.started);
        let micros = true_micros.as_micros() * u128::from(self.inner.rate) / 1_000_000;
        Monotonic::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    fn wall(&self) -> Timestamp {
        let true_millis = self.inner.around.handle.now().as_micros() / 1000;
        let skew = self.inner.hardware.wall_skew.load(Ordering::Relaxed);
        let millis = EPOCH_MILLIS + i64::try_from(true_millis).unwrap_or(i64::MAX) + skew;
        Timestamp::from_millis(millis)
    }

    fn random(&self) -> u64 {
        self.inner.around.chance.number()
    }

    fn sleep_until(&self, deadline: Monotonic) -> BoxFuture<()> {
        if deadline == Monotonic::NEVER {
            return Box::pin(std::future::pending());
        }
        // Rounded up: whoever wakes must find that the deadline has come.
        let true_micros =
            (u128::from(deadline.as_micros()) * 1_000_000).div_ceil(u128::from(self.inner.rate));
        let after = Duration::from_micros(u64::try_from(true_micros).unwrap_or(u64::MAX));
        let at = self.inner.started + after;
        self.inner.around.handle.sleep_until(at)
    }

    fn spawn(&self, task: BoxFuture<()>) {
        self.inner.around.handle.spawn(self.inner.process, task);
    }

    fn spawn_actor(&self, _name: &str, task: BoxFuture<()>) {
        self.spawn(task);
    }

    fn block<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> BoxFuture<T> {
        let (done, result) = oneshot::channel();
        let handle = self.inner.around.handle.clone();
        let (before, after) = (self.disk_time(), self.disk_time());
        // The work goes on also when nobody waits for it any more.
        self.spawn(Box::pin(async move {
            handle.sleep_until(handle.now() + before).await;
            let result = work();
            handle.sleep_until(handle.now() + after / 4).await;
            let _ = done.send(result);
        }));
        Box::pin(async move {
            match result.await {
                Ok(result) => result,
                // The work was dropped: only with the process.
                Err(_) => std::future::pending().await,
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
        let timeout = self.sleep_until(deadline);
        let calls = self.inner.calls.clone();
        Box::pin(async move {
            let calling = Box::pin(calls.call(peer, purpose, request, Monotonic::NEVER));
            match futures::future::select(calling, timeout).await {
                futures::future::Either::Left((answer, _)) => answer,
                futures::future::Either::Right(((), _)) => Err(CallError::TimedOut),
            }
        })
    }

    fn halt(&self, reason: String) -> BoxFuture<()> {
        end_process(format!("halted: {reason}"))
    }
}
