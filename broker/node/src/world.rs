//! What a broker needs of the outside, as one small trait: time, chance, tasks, sync threads, peers.
//!
//! The server implements it with threads, sockets and clocks; the simulator with one loop and one
//! seed. Everything else in this crate is the same code in both.
//!
//! Never here: a decision, or a default implementation that would differ between the two.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use broker_log::dir::Dir;
use broker_types::{Monotonic, Timestamp};
use bytes::Bytes;

/// A file of a world's disk.
pub type FileOf<W> = <<W as World>::Dir as Dir>::File;

/// A future that owns what it needs.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// Where a broker of the cluster listens for other brokers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    pub host: String,
    pub port: u16,
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// Calls of one purpose share a connection, so that a long poll of one never delays the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Votes and what else the quorum must hear of at once.
    Quorum,
    /// Long polls for metadata.
    MetadataFetch,
    /// Long polls for records.
    ReplicaFetch,
    /// Registration and heartbeats; losing it tells the controller that the broker may be gone.
    Heartbeat,
    /// ISR changes, producer ids, forwarded requests.
    Controller,
    /// What the control service asks of other brokers.
    Control,
    /// Whether anybody is there.
    Probe,
}

/// Why a call has no answer. In each case the peer may or may not have acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// Nothing listens there: the process is gone.
    Refused,
    /// The connection broke, or the name does not resolve.
    Disconnected,
    /// No answer came in time.
    TimedOut,
}

impl fmt::Display for CallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            CallError::Refused => "connection refused",
            CallError::Disconnected => "disconnected",
            CallError::TimedOut => "no answer in time",
        })
    }
}

impl std::error::Error for CallError {}

/// The outside of one broker.
pub trait World: Clone + Send + Sync + 'static {
    /// The disk.
    type Dir: Dir;

    /// The monotonic clock, which sessions and timeouts go by.
    fn now(&self) -> Monotonic;

    /// The wall clock, which records and retention go by.
    fn wall(&self) -> Timestamp;

    /// A number that nobody can guess.
    fn random(&self) -> u64;

    /// Completes at or soon after `deadline`; never, for [`Monotonic::NEVER`].
    fn sleep_until(&self, deadline: Monotonic) -> BoxFuture<()>;

    /// Runs a task that never blocks.
    fn spawn(&self, task: BoxFuture<()>);

    /// Runs a task that writes files, on a thread of its own named `name`.
    fn spawn_actor(&self, name: &str, task: BoxFuture<()>);

    /// Runs blocking work on a thread made for it and completes with what it returned.
    fn block<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> BoxFuture<T>;

    /// Sends a framed request (without its length) to a peer and completes with the framed answer.
    fn call(
        &self,
        peer: Peer,
        purpose: Purpose,
        request: Bytes,
        deadline: Monotonic,
    ) -> BoxFuture<Result<Bytes, CallError>>;

    /// Ends the process: going on would break a promise. Does not return to the caller's loop.
    fn halt(&self, reason: String) -> BoxFuture<()>;
}
