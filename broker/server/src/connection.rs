//! One accepted connection: bytes to frames, answers to bytes, in the order of the requests.
//!
//! In: a socket and what handles its requests. Out: answers in request order; file ranges leave by
//! sendfile, or are read to be encrypted. Never here: what a request means.
//!
//! Requests that may overlap (produce) are handed on while earlier ones still wait; every other
//! request waits until all earlier ones are answered, as clients of Kafka expect.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use broker_log::dir::File as _;
use broker_node::connection::{Answer, Connection, Outcome, Part};
use broker_node::world::BoxFuture;
use broker_wire::{ApiKey, frame};
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::budget::{Budget, Share};
use crate::metrics::ListenerMetrics;
use crate::stream::{Stream, Writer};
use crate::world::ServerWorld;

/// Requests of one connection that may be under way at once.
const IN_FLIGHT_MAX: u32 = 32;
/// Length of a frame's length.
const LENGTH_BYTES: usize = 4;
/// First room for a frame's bytes; more is reserved as they arrive, never on the length's word.
const READ_BYTES_MIN: usize = 4 * 1024;
/// Longest frame that counts as small.
const SMALL_FRAME_BYTES: usize = 16 * 1024;
/// How long the bytes of one request may take to arrive.
const FRAME_WITHIN: Duration = Duration::from_secs(60);
/// Most that one sendfile call is asked to move, so that connections take turns.
const SENDFILE_BYTES_MAX: usize = 1024 * 1024;

/// Most of a file that is read at once to be encrypted.
const ENCRYPT_BYTES_MAX: usize = 256 * 1024;

/// What all connections of a listener share.
#[derive(Clone)]
pub(crate) struct Limits {
    /// `socket.request.max.bytes`.
    pub(crate) request_bytes_max: usize,
    /// `connections.max.idle.ms`.
    pub(crate) idle_max: Duration,
    /// Memory for the requests of all connections.
    pub(crate) budget: Budget,
    /// Memory for those that are small. Heartbeats must not wait for a place among large produce
    /// requests, which may wait for followers: members would lose their groups.
    pub(crate) budget_of_small: Budget,
}

/// A request on its way: its answer when it comes, and what it holds until then.
struct Pending {
    key: Option<ApiKey>,
    arrived: Instant,
    outcome: BoxFuture<Outcome<crate::world::File>>,
    _turn: OwnedSemaphorePermit,
    _memory: Share,
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
    let write = tokio::spawn(write_answers(writer, receiver, Arc::clone(&metrics)));
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
    let mut buffer = BytesMut::new();
    loop {
        let reading = read_frame(&mut reader, &mut buffer, &limits);
        let read = tokio::select! {
            biased;
            () = pending.closed() => return Ok(()),
            read = tokio::time::timeout(limits.idle_max, reading) => read,
        };
        let Ok(read) = read else { return Ok(()) };
        let Some((frame, mut memory)) = read? else {
            return Ok(());
        };
        metrics.received.inc_by(frame.len() as u64);
        let (key, arrived) = (key(&frame), Instant::now());
        let n_turns = if connection.may_overlap(&frame) {
            1
        } else {
            IN_FLIGHT_MAX
        };
        let Ok(turn) = Arc::clone(&turns).acquire_many_owned(n_turns).await else {
            return Ok(());
        };
        let memory_max = frame::request_memory_max(&frame);
        memory.grow(memory_max).await?;
        let begun = connection.handle(frame);
        memory.shrink(memory_max - begun.memory);
        let next = Pending {
            key,
            arrived,
            outcome: begun.outcome,
            _turn: turn,
            _memory: memory,
        };
        if pending.send(next).await.is_err() {
            return Ok(());
        }
    }
}

fn key(frame: &[u8]) -> Option<ApiKey> {
    ApiKey::from_wire(frame::peek(frame)?.0)
}

/// Reads one frame, and the memory that it takes; `None` when the peer closed between frames.
async fn read_frame(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    limits: &Limits,
) -> io::Result<Option<(Bytes, Share)>> {
    // Not charged: every connection has so much of its own.
    if !fill(reader, buffer, LENGTH_BYTES, None).await? {
        return Ok(None);
    }
    let length = buffer.get_i32();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length == 0 || length > limits.request_bytes_max {
        return Err(invalid(format!(
            "a request of {length} bytes; between 1 and {} are allowed",
            limits.request_bytes_max
        )));
    }
    let mut memory = if length <= SMALL_FRAME_BYTES {
        limits.budget_of_small.share()
    } else {
        limits.budget.share()
    };
    memory.grow(buffer.len().min(length)).await?;
    // Who has begun a request holds a share of the budget: it must go on with it.
    let filling = fill(reader, buffer, length, Some(&mut memory));
    let filled = tokio::time::timeout(FRAME_WITHIN, filling).await;
    if !filled.map_err(|_| {
        invalid(format!(
            "a request that did not arrive within {FRAME_WITHIN:?}"
        ))
    })?? {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((buffer.split_to(length).freeze(), memory)))
}

/// Reads until `buffer` holds `length` bytes; false when the peer closed before the first of them.
/// Room is made for as much again as has arrived, and charged to `memory` before.
async fn fill(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    length: usize,
    mut memory: Option<&mut Share>,
) -> io::Result<bool> {
    let mut charged = buffer.len();
    while buffer.len() < length {
        let missing = length - buffer.len();
        let room = missing.min(buffer.len().max(READ_BYTES_MIN));
        let wanted = buffer.len() + room;
        if let Some(memory) = &mut memory
            && charged < wanted
        {
            memory.grow(wanted - charged).await?;
            charged = wanted;
        }
        buffer.reserve(room);
        if reader.read_buf(buffer).await? == 0 {
            return if buffer.is_empty() {
                Ok(false)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
    }
    Ok(true)
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

async fn write_answers(
    mut writer: Writer,
    mut pending: mpsc::Receiver<Pending>,
    metrics: Arc<ListenerMetrics>,
) -> io::Result<()> {
    while let Some(next) = pending.recv().await {
        let outcome = next.outcome.await;
        if let Some(key) = next.key {
            metrics.answered(key, next.arrived.elapsed());
        }
        match outcome {
            Outcome::Answer(answer) => {
                metrics.sent.inc_by(answer.len());
                write_answer(&mut writer, answer).await?;
            }
            Outcome::Silence => {}
            Outcome::Close(reason) => return Err(invalid(reason)),
        }
    }
    Ok(())
}

async fn write_answer(writer: &mut Writer, answer: Answer<crate::world::File>) -> io::Result<()> {
    for part in answer.parts {
        match part {
            Part::Bytes(bytes) => writer.write_all(&bytes).await?,
            Part::File {
                file,
                position,
                length,
            } => match writer {
                Writer::Left(plain) => send_file(plain, &file, position, length).await?,
                Writer::Right(tls) => copy_file(tls, &file, position, length).await?,
            },
        }
    }
    // What encrypts may hold the last bytes back.
    writer.flush().await
}

/// Reads a range of a file, a piece at a time, and writes it.
async fn copy_file(
    writer: &mut (impl AsyncWrite + Unpin),
    file: &crate::world::File,
    position: u64,
    length: u32,
) -> io::Result<()> {
    let end = position + u64::from(length);
    let mut position = position;
    let mut piece = vec![0; ENCRYPT_BYTES_MAX.min(length as usize)];
    while position < end {
        let wanted = usize::try_from(end - position).map_or(piece.len(), |it| it.min(piece.len()));
        let file = file.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let n_read = file.read_at(piece.get_mut(..wanted).unwrap_or_default(), position)?;
            io::Result::Ok((piece, n_read))
        });
        let n_read;
        (piece, n_read) = reading.await.map_err(io::Error::other)??;
        if n_read == 0 {
            // The file is shorter than the view promised: the answer cannot be completed.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        writer
            .write_all(piece.get(..n_read).unwrap_or_default())
            .await?;
        position += n_read as u64;
    }
    Ok(())
}

async fn send_file(
    writer: &mut OwnedWriteHalf,
    file: &crate::world::File,
    mut position: u64,
    length: u32,
) -> io::Result<()> {
    let stream: &TcpStream = writer.as_ref();
    let descriptor = file
        .as_fd()
        .ok_or_else(|| invalid("a file without a descriptor".into()))?;
    let mut left = length as usize;
    while left > 0 {
        let wanted = left.min(SENDFILE_BYTES_MAX);
        let sent = stream
            .async_io(Interest::WRITABLE, || {
                let sent =
                    rustix::fs::sendfile(stream.as_fd(), descriptor, Some(&mut position), wanted);
                sent.map_err(io::Error::from)
            })
            .await?;
        if sent == 0 {
            // The file is shorter than the view promised: the answer cannot be completed.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= sent.min(left);
    }
    Ok(())
}
