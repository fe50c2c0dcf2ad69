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
use bytes::{Buf, BufMut as _, Bytes, BytesMut};
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
/// How long a request that has begun may stand still.
const STALL_MAX: Duration = Duration::from_secs(10);
/// How long it may stand still while others wait for the memory that it holds.
const STALL_MAX_WHEN_WANTED: Duration = Duration::from_millis(500);
/// Slowest that the bytes of a request may come, beside that.
const BYTES_PER_SECOND_MIN: u64 = 4 * 1024;
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
    /// Memory for small ones that may wait for a while, as fetches do: nothing else waits behind them.
    pub(crate) budget_of_waiting: Budget,
}

impl Limits {
    /// The budget of a small request.
    fn budget_of(&self, frame: &[u8]) -> &Budget {
        match key(frame) {
            Some(ApiKey::Fetch | ApiKey::JoinGroup | ApiKey::SyncGroup) => &self.budget_of_waiting,
            _ => &self.budget_of_small,
        }
    }
}

/// A request on its way: its answer when it comes, and what it holds until then.
struct Pending {
    key: Option<ApiKey>,
    arrived: Instant,
    outcome: BoxFuture<Outcome<crate::world::File>>,
    /// Held until the answer is written: nobody is read from who does not read.
    _turn: OwnedSemaphorePermit,
    /// Given back when there is an answer, however long it takes to be written.
    memory: Share,
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
    let mut buffer = BytesMut::new();
    loop {
        // Before anything of the request takes memory.
        let turn = tokio::select! {
            biased;
            () = pending.closed() => return Ok(()),
            turn = Arc::clone(&turns).acquire_owned() => turn,
        };
        let Ok(mut turn) = turn else { return Ok(()) };
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
        if !connection.may_overlap(&frame) {
            let others = Arc::clone(&turns).acquire_many_owned(IN_FLIGHT_MAX - 1);
            let Ok(others) = others.await else {
                return Ok(());
            };
            turn.merge(others);
        }
        let memory_max = frame::request_memory_max(&frame);
        memory.grow(memory_max).await?;
        let begun = connection.handle(frame);
        memory.shrink(memory_max - begun.memory);
        let next = Pending {
            key,
            arrived,
            outcome: begun.outcome,
            _turn: turn,
            memory,
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
    if !fill(reader, buffer, LENGTH_BYTES).await? {
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
    if length <= SMALL_FRAME_BYTES {
        // Every connection has so much of its own: a half one keeps nobody else waiting.
        let mut arrival = Arrival::begin(None);
        arrival.fill(reader, buffer, length).await?;
        let frame = buffer.split_to(length).freeze();
        let mut memory = limits.budget_of(&frame).share();
        memory.grow(length).await?;
        return Ok(Some((frame, memory)));
    }
    let mut memory = limits.budget.share();
    memory.grow(buffer.len().min(length)).await?;
    let mut arrival = Arrival::begin(Some(&mut memory));
    arrival.fill(reader, buffer, length).await?;
    Ok(Some((buffer.split_to(length).freeze(), memory)))
}

/// Reads until `buffer` holds `length` bytes; false when the peer closed before the first of them.
async fn fill(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    length: usize,
) -> io::Result<bool> {
    while buffer.len() < length {
        buffer.reserve(READ_BYTES_MIN);
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

/// A request whose bytes are on their way. It must go on: what it holds, others wait for.
struct Arrival<'a> {
    /// What its bytes are charged to.
    memory: Option<&'a mut Share>,
    /// When it stands still; without the time that it waited for memory.
    deadline: tokio::time::Instant,
}

impl Arrival<'_> {
    fn begin(memory: Option<&mut Share>) -> Arrival<'_> {
        Arrival {
            memory,
            deadline: tokio::time::Instant::now() + STALL_MAX,
        }
    }

    /// Reads until `buffer` holds `length` bytes.
    ///
    /// Once what is charged is full, a little is read on credit: only for who goes on is there as
    /// much room again as has arrived, for which it may have to wait.
    async fn fill(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        buffer: &mut BytesMut,
        length: usize,
    ) -> io::Result<()> {
        let mut charged = buffer.len();
        while buffer.len() < length {
            let missing = length - buffer.len();
            let room = missing.min(READ_BYTES_MIN.max(charged.saturating_sub(buffer.len())));
            buffer.reserve(room);
            let read = self.go_on(reader.read_buf(&mut buffer.limit(room))).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let millis = read as u64 * 1000 / BYTES_PER_SECOND_MIN;
            self.deadline += Duration::from_millis(millis);
            if let Some(memory) = &mut self.memory
                && charged < buffer.len()
            {
                let wanted = length.min(2 * buffer.len());
                let asked = tokio::time::Instant::now();
                memory.grow(wanted - charged).await?;
                self.deadline += asked.elapsed();
                charged = wanted;
            }
        }
        Ok(())
    }

    /// Waits for the next bytes: for long, or for a moment if others wait for what this one holds.
    async fn go_on(&self, reading: impl Future<Output = io::Result<usize>>) -> io::Result<usize> {
        let mut reading = std::pin::pin!(reading);
        loop {
            let moment = tokio::time::Instant::now() + STALL_MAX_WHEN_WANTED;
            let until = self.deadline.min(moment);
            if let Ok(read) = tokio::time::timeout_at(until, reading.as_mut()).await {
                return read;
            }
            let is_wanted = self.memory.as_ref().is_some_and(|it| it.is_wanted());
            if is_wanted || until == self.deadline {
                return Err(invalid("a request that did not go on".to_owned()));
            }
        }
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

async fn write_answers(
    writer: Writer,
    mut pending: mpsc::Receiver<Pending>,
    idle_max: Duration,
    metrics: Arc<ListenerMetrics>,
) -> io::Result<()> {
    let mut writer = Patient { writer, idle_max };
    while let Some(next) = pending.recv().await {
        let outcome = next.outcome.await;
        drop(next.memory);
        if let Some(key) = next.key {
            metrics.answered(key, next.arrived.elapsed());
        }
        match outcome {
            Outcome::Answer(answer) => {
                metrics.sent.inc_by(answer.len());
                writer.write_answer(answer).await?;
            }
            Outcome::Silence => {}
            Outcome::Close(reason) => return Err(invalid(reason)),
        }
    }
    Ok(())
}

/// Writes for as long as the peer takes something now and then.
struct Patient {
    writer: Writer,
    idle_max: Duration,
}

impl Patient {
    async fn write_answer(&mut self, answer: Answer<crate::world::File>) -> io::Result<()> {
        let idle_max = self.idle_max;
        for part in answer.parts {
            match part {
                Part::Bytes(bytes) => write_all(&mut self.writer, &bytes, idle_max).await?,
                Part::File {
                    file,
                    position,
                    length,
                } => match &mut self.writer {
                    Writer::Left(plain) => {
                        send_file(plain, &file, position, length, idle_max).await?;
                    }
                    Writer::Right(tls) => {
                        copy_file(tls, &file, position, length, idle_max).await?;
                    }
                },
            }
        }
        // What encrypts may hold the last bytes back.
        taken(idle_max, self.writer.flush()).await
    }
}

/// A step of writing, which the peer must let end.
async fn taken<T>(idle_max: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let taken = tokio::time::timeout(idle_max, step).await;
    taken.map_err(|_| invalid("a peer that does not read its answers".to_owned()))?
}

async fn write_all(
    writer: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
    idle_max: Duration,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = taken(idle_max, writer.write(bytes)).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

/// Reads a range of a file, a piece at a time, and writes it.
async fn copy_file(
    writer: &mut (impl AsyncWrite + Unpin),
    file: &crate::world::File,
    position: u64,
    length: u32,
    idle_max: Duration,
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
        let read = piece.get(..n_read).unwrap_or_default();
        write_all(writer, read, idle_max).await?;
        position += n_read as u64;
    }
    Ok(())
}

async fn send_file(
    writer: &mut OwnedWriteHalf,
    file: &crate::world::File,
    mut position: u64,
    length: u32,
    idle_max: Duration,
) -> io::Result<()> {
    let stream: &TcpStream = writer.as_ref();
    let descriptor = file
        .as_fd()
        .ok_or_else(|| invalid("a file without a descriptor".into()))?;
    let mut left = length as usize;
    while left > 0 {
        let wanted = left.min(SENDFILE_BYTES_MAX);
        let sending = stream.async_io(Interest::WRITABLE, || {
            let sent =
                rustix::fs::sendfile(stream.as_fd(), descriptor, Some(&mut position), wanted);
            sent.map_err(io::Error::from)
        });
        let sent = taken(idle_max, sending).await?;
        if sent == 0 {
            // The file is shorter than the view promised: the answer cannot be completed.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= sent.min(left);
    }
    Ok(())
}
