//! The bytes of one request as they arrive.
//!
//! In: a stream, the budgets. Out: a whole frame and its share of a budget; an error when it stands
//! still. Never here: what is in it, beside the key of its API.

use std::io;
use std::time::Duration;

use broker_wire::{ApiKey, frame};
use bytes::{Buf, BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{Limits, invalid};
use crate::budget::Share;

/// Length of a frame's length.
const LENGTH_BYTES: usize = 4;
/// What tells the API and its version.
const KEY_BYTES: usize = 4;
/// First room for a frame's bytes; more is reserved as they arrive, never on the length's word.
const READ_BYTES_MIN: usize = 4 * 1024;
/// Longest frame that counts as small: every connection may have so much of its own.
pub(super) const SMALL_FRAME_BYTES: usize = 16 * 1024;
/// How long a request that has begun may stand still.
const STALL_MAX: Duration = Duration::from_secs(10);
/// How long it may stand still while others wait for the memory that it holds.
const STALL_MAX_WHEN_WANTED: Duration = Duration::from_millis(500);
/// Slowest that the bytes of a request may come, beside that.
const BYTES_PER_SECOND_MIN: u64 = 4 * 1024;

/// The front of a request, of which nothing else was read yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Front {
    length: usize,
    pub(super) key: Option<ApiKey>,
}

/// Reads what a request begins with; `None` when the peer closed between two.
pub(super) async fn read_front(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    request_bytes_max: usize,
) -> io::Result<Option<Front>> {
    // Not charged: every connection has so much of its own.
    if !fill(reader, buffer, LENGTH_BYTES).await? {
        return Ok(None);
    }
    let length = buffer.get_i32();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length == 0 || length > request_bytes_max {
        return Err(invalid(format!(
            "a request of {length} bytes; between 1 and {request_bytes_max} are allowed"
        )));
    }
    let front = length.min(KEY_BYTES);
    if !fill(reader, buffer, front).await? {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let key = frame::peek(buffer).and_then(|(key, _)| ApiKey::from_wire(key));
    Ok(Some(Front { length, key }))
}

/// How much of a request its peer is trusted to send: twice what it has sent whole before. Only that
/// much is reserved at once, so that the bytes of a well-known producer are written down once, and what
/// a stranger announces costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trust {
    bytes: usize,
}

impl Trust {
    fn earn(&mut self, length: usize) {
        self.bytes = self.bytes.max(2 * length);
    }
}

/// Reads the request that begins so, and takes the memory that it needs.
pub(super) async fn read_rest(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    front: Front,
    trust: &mut Trust,
    limits: &Limits,
) -> io::Result<(Bytes, Share)> {
    let Front { length, key } = front;
    let mut memory = limits.budget_of(key, length).share();
    if length <= SMALL_FRAME_BYTES {
        // A half one keeps nobody else waiting.
        Arrival::begin(None).fill(reader, buffer, length, 0).await?;
        memory.grow(length).await?;
        return Ok((buffer.split_to(length).freeze(), memory));
    }
    let charged = buffer.len().max(trust.bytes).min(length);
    memory.grow(charged).await?;
    buffer.reserve(charged.saturating_sub(buffer.len()));
    let mut arrival = Arrival::begin(Some(&mut memory));
    arrival.fill(reader, buffer, length, charged).await?;
    trust.earn(length);
    let frame = buffer.split_to(length).freeze();
    // What is left would keep all of the frame's room, long after its share was given back.
    *buffer = BytesMut::from(&buffer[..]);
    Ok((frame, memory))
}

/// Reads until `buffer` holds `length` bytes; false when the peer closed before the first of them.
async fn fill(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    length: usize,
) -> io::Result<bool> {
    while buffer.len() < length {
        buffer.reserve(READ_BYTES_MIN);
        let mut room = (&mut *buffer).limit(READ_BYTES_MIN);
        if reader.read_buf(&mut room).await? == 0 {
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

    /// Reads until `buffer` holds `length` bytes, of which so many are `charged` already.
    ///
    /// Once what is charged is full, a little is read on credit: only for who goes on is there as
    /// much room again as has arrived, for which it may have to wait.
    async fn fill(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        buffer: &mut BytesMut,
        length: usize,
        mut charged: usize,
    ) -> io::Result<()> {
        while buffer.len() < length {
            let missing = length - buffer.len();
            let room = missing.min(READ_BYTES_MIN.max(charged.saturating_sub(buffer.len())));
            buffer.reserve(room);
            let read = self.go_on(reader.read_buf(&mut buffer.limit(room))).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let millis = read as u64 * 1000 / BYTES_PER_SECOND_MIN;
            let earned = self.deadline + Duration::from_millis(millis);
            self.deadline = earned.min(tokio::time::Instant::now() + STALL_MAX);
            if let Some(memory) = &mut self.memory
                && charged < buffer.len()
            {
                let wanted = length.min(2 * buffer.len()).max(charged);
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
