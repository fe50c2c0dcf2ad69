//! One accepted connection: bytes to frames, answers to bytes, in the order of the requests.
//!
//! In: a socket and what handles its requests. Out: answers in request order. Never here: what a
//! request means.
//!
//! Requests that may overlap (produce) are handed on while earlier ones still wait; every other
//! request waits until all earlier ones are answered, as clients of Kafka expect.

mod answers;
mod arrival;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use broker_node::connection::{Connection, Outcome, RequestKind};
use broker_node::world::BoxFuture;
use broker_wire::{ApiKey, frame};
use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::budget::{Budget, Share};
use crate::metrics::ListenerMetrics;
use crate::stream::Stream;
use crate::world::ServerWorld;
use answers::write_answers;
use arrival::{SMALL_FRAME_BYTES, Trust, read_front, read_rest};

/// Requests of one connection that may be under way at once.
const IN_FLIGHT_MAX: u32 = 32;

/// What all connections of a listener share.
#[derive(Clone)]
pub(crate) struct Limits {
    /// `socket.request.max.bytes`.
    pub(crate) request_bytes_max: usize,
    /// `connections.max.idle.ms`.
    pub(crate) idle_max: Duration,
    /// Memory for large requests, mostly of producers.
    pub(crate) budget: Budget,
    /// Memory for what producers send of small batches: it waits for followers, and for no large one
    /// that is still on its way.
    pub(crate) budget_of_small_batches: Budget,
    /// Memory for small ones that are answered at once. Heartbeats must not wait for a place among
    /// those that wait for something: members would lose their groups.
    pub(crate) budget_of_small: Budget,
    /// Memory for fetches, which wait for records.
    pub(crate) budget_of_fetches: Budget,
    /// Memory for requests that wait for other members of a group, or for other brokers.
    pub(crate) budget_of_waiting: Budget,
}

impl Limits {
    fn budget_of(&self, key: Option<ApiKey>, length: usize) -> &Budget {
        match RequestKind::of(key) {
            RequestKind::Fetch => &self.budget_of_fetches,
            RequestKind::Waiting => &self.budget_of_waiting,
            RequestKind::Produce | RequestKind::Prompt if length > SMALL_FRAME_BYTES => {
                &self.budget
            }
            RequestKind::Produce => &self.budget_of_small_batches,
            RequestKind::Prompt => &self.budget_of_small,
        }
    }
}

/// A request on its way: its answer when it comes, and what it holds until then.
struct Pending {
    key: Option<ApiKey>,
    arrived: Instant,
    outcome: BoxFuture<Outcome<crate::world::File>>,
    turn: Option<OwnedSemaphorePermit>,
    memory: Option<Share>,
}

/// Serves a connection until either side closes it.
pub(crate) async fn serve(
    stream: Stream,
    connection: Connection<ServerWorld>,
    limits: Limits,
    metrics: Arc<ListenerMetrics>,
) -> io::Result<()> {
    let (reader, writer) = stream.split();
    let (sender, receiver) = mpsc::channel(IN_FLIGHT_MAX as usize);
    let idle_max = limits.idle_max;
    let write = tokio::spawn(write_answers(
        writer,
        receiver,
        idle_max,
        Arc::clone(&metrics),
    ));
    let read = read_requests(reader, connection, limits, &metrics, sender).await;
    // The reader is done: what was asked before is still answered.
    let written = write
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
    read.and(written)
}

async fn read_requests(
    mut reader: impl AsyncRead + Unpin,
    connection: Connection<ServerWorld>,
    limits: Limits,
    metrics: &ListenerMetrics,
    pending: mpsc::Sender<Pending>,
) -> io::Result<()> {
    let turns = Arc::new(Semaphore::new(IN_FLIGHT_MAX as usize));
    let (mut buffer, mut trust) = (BytesMut::new(), Trust::default());
    loop {
        let reading = read_front(&mut reader, &mut buffer, limits.request_bytes_max);
        let read = tokio::select! {
            biased;
            () = pending.closed() => return Ok(()),
            read = tokio::time::timeout(limits.idle_max, reading) => read,
        };
        let Ok(read) = read else { return Ok(()) };
        let Some(front) = read? else { return Ok(()) };
        // Before anything of the request takes memory: it may be long until its turn.
        let n_turns = if RequestKind::of(front.key).may_overlap() {
            1
        } else {
            IN_FLIGHT_MAX
        };
        let turn = tokio::select! {
            biased;
            () = pending.closed() => return Ok(()),
            turn = Arc::clone(&turns).acquire_many_owned(n_turns) => turn,
        };
        let Ok(turn) = turn else { return Ok(()) };
        let read = tokio::select! {
            biased;
            () = pending.closed() => return Ok(()),
            read = read_rest(&mut reader, &mut buffer, front, &mut trust, &limits) => read,
        };
        let (frame, mut memory) = read?;
        metrics.received.inc_by(frame.len() as u64);
        let arrived = Instant::now();
        let memory_max = frame::request_memory_max(&frame);
        memory.grow(memory_max).await?;
        let begun = connection.handle(frame);
        memory.shrink(memory_max - begun.memory);
        let next = Pending {
            key: front.key,
            arrived,
            outcome: begun.outcome,
            turn: Some(turn),
            memory: Some(memory),
        };
        if pending.send(next).await.is_err() {
            return Ok(());
        }
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
