//! What of a log can be read at one moment, without its owner.
//!
//! In: an offset and limits. Out: ranges of files that hold whole batches. A view never changes:
//! the owner publishes another one. Closed segments are opened when they are read: one that was deleted
//! since can be read for as long as its file lies there, or somebody has it open; after that the view is
//! stale. What was truncated since is cut off the file, so that a read of it comes up short instead of
//! showing bytes that are no longer the log's.
//! Never here: changing anything, or deciding how far a reader may see: that comes in.

use std::fmt;
use std::sync::Arc;

use broker_types::{LeaderEpoch, Offset, Timestamp};
use broker_wire::compression::Limits;
use broker_wire::record_batch::{BATCH_HEADER_BYTES, RecordScan};

use crate::dir::{Dir, File};
use crate::error::Error;
use crate::segment::{Opened, Span};
use crate::validator::DECOMPRESSED_BYTES_MAX;
use crate::walk::Met;

/// A log's segments and bounds, as of some moment. Clones are cheap.
pub struct LogView<D: Dir> {
    pub(crate) closed: Arc<[Span<D>]>,
    pub(crate) active: Span<D>,
    pub(crate) log_start_offset: Offset,
}

impl<D: Dir> Clone for LogView<D> {
    fn clone(&self) -> LogView<D> {
        LogView {
            closed: Arc::clone(&self.closed),
            active: self.active.clone(),
            log_start_offset: self.log_start_offset,
        }
    }
}

impl<D: Dir> fmt::Debug for LogView<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogView")
            .field("log_start_offset", &self.log_start_offset)
            .field("log_end_offset", &self.log_end_offset())
            .finish_non_exhaustive()
    }
}

/// How much a read may return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimit {
    pub bytes_max: u32,
    /// First offset that the reader may not see: the high watermark, the last stable offset, or
    /// the log end for a follower.
    pub upper_bound: Offset,
    /// Return one whole batch even if it has more than `bytes_max` bytes (KIP-74).
    pub at_least_one_batch: bool,
}

/// A range of a file that holds whole batches. Keeps the file open.
#[derive(Clone, Debug)]
pub struct ReadSlice<F> {
    pub file: F,
    pub position: u64,
    pub length: u32,
    /// Base offset of the first batch, which may lie before the offset that was asked for.
    pub base_offset: Offset,
    /// Offset to read from next.
    pub end_offset: Offset,
    /// Epoch of the leader that appended the first batch.
    pub leader_epoch: Option<LeaderEpoch>,
}

impl<F: File> ReadSlice<F> {
    /// The batches, for whoever cannot send a file.
    ///
    /// # Errors
    /// When the file cannot be read, or was cut since by a truncation.
    pub fn to_vec(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.length as usize];
        self.file.read_exact_at(&mut bytes, self.position)?;
        Ok(bytes)
    }
}

/// What a read found.
#[derive(Clone, Debug)]
pub enum Read<F> {
    Slice(ReadSlice<F>),
    /// The offset is one of the log's, and nothing that fits the limits is there yet.
    Nothing,
    /// The log does not go there.
    OutOfRange {
        log_start_offset: Offset,
        log_end_offset: Offset,
    },
}

/// A record that was looked for by its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundRecord {
    pub offset: Offset,
    pub timestamp: Timestamp,
    pub leader_epoch: Option<LeaderEpoch>,
}

impl<D: Dir> LogView<D> {
    /// First offset that can be read.
    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// Offset that the next record takes.
    pub fn log_end_offset(&self) -> Offset {
        self.active.extent.end_offset
    }

    /// Bytes of all batches in the segments.
    pub fn size_in_bytes(&self) -> u64 {
        self.spans().map(|it| it.extent.size).sum()
    }

    /// How many segments there are.
    pub fn segments_count(&self) -> usize {
        self.closed.len() + 1
    }

    fn spans(&self) -> impl Iterator<Item = &Span<D>> {
        self.closed.iter().chain(std::iter::once(&self.active))
    }

    /// The segments from the one that may hold `offset` on.
    fn spans_from(&self, offset: Offset) -> impl Iterator<Item = &Span<D>> {
        let after = self
            .closed
            .partition_point(|it| it.extent.end_offset <= offset);
        self.spans().skip(after)
    }

    /// Reads whole batches, beginning with the one that holds `offset`.
    ///
    /// # Errors
    /// When a file cannot be read or holds something else than batches.
    pub fn read(&self, offset: Offset, limit: &ReadLimit) -> Result<Read<D::File>, Error> {
        let (log_start_offset, log_end_offset) = (self.log_start_offset, self.log_end_offset());
        if offset < log_start_offset || log_end_offset < offset {
            return Ok(Read::OutOfRange {
                log_start_offset,
                log_end_offset,
            });
        }
        if limit.upper_bound <= offset {
            return Ok(Read::Nothing);
        }
        for span in self.spans_from(offset) {
            let opened = span.open()?;
            if let Some(first) = opened.find(offset)? {
                return read_span(span, &opened, &first, limit);
            }
        }
        Ok(Read::Nothing)
    }

    /// The first record with `timestamp` or a greater one, among those below `upper_bound`.
    ///
    /// # Errors
    /// When a file cannot be read or holds something else than batches.
    pub fn first_at_or_after(
        &self,
        timestamp: Timestamp,
        upper_bound: Offset,
    ) -> Result<Option<FoundRecord>, Error> {
        let is_late_enough = |it: &&Span<D>| it.extent.max_timestamp >= Some(timestamp);
        for span in self
            .spans_from(self.log_start_offset)
            .filter(is_late_enough)
        {
            let opened = span.open()?;
            let mut walk = opened.walk_to_timestamp(timestamp);
            while let Some(met) = walk.next().map_err(|it| opened.walk_error(it))? {
                let is_candidate =
                    met.header.max_timestamp >= timestamp && !met.header.is_control();
                if met.header.base_offset >= upper_bound {
                    return Ok(None);
                }
                if !is_candidate || met.header.next_offset() <= self.log_start_offset {
                    continue;
                }
                if let Some(found) =
                    self.first_in_batch(span, &opened.batch(&met)?, &met, timestamp)?
                {
                    return Ok((found.offset < upper_bound).then_some(found));
                }
            }
        }
        Ok(None)
    }

    /// The first record that has the greatest timestamp of all below `upper_bound`.
    ///
    /// # Errors
    /// As [`LogView::first_at_or_after`].
    pub fn first_with_max_timestamp(
        &self,
        upper_bound: Offset,
    ) -> Result<Option<FoundRecord>, Error> {
        let visible = |it: &&Span<D>| it.base_offset() < upper_bound;
        let spans = || self.spans_from(self.log_start_offset).filter(visible);
        let mut max_timestamp = None;
        for span in spans() {
            if span.extent.end_offset <= upper_bound {
                max_timestamp = max_timestamp.max(span.extent.max_timestamp);
                continue;
            }
            let opened = span.open()?;
            let mut walk = opened.walk(0);
            while let Some(met) = walk.next().map_err(|it| opened.walk_error(it))?
                && met.header.next_offset() <= upper_bound
            {
                max_timestamp = max_timestamp.max(known(met.header.max_timestamp));
            }
        }
        match max_timestamp {
            Some(timestamp) => self.first_at_or_after(timestamp, upper_bound),
            None => Ok(None),
        }
    }

    fn first_in_batch(
        &self,
        span: &Span<D>,
        bytes: &[u8],
        met: &Met,
        timestamp: Timestamp,
    ) -> Result<Option<FoundRecord>, Error> {
        let stored = bytes.get(BATCH_HEADER_BYTES..).unwrap_or_default();
        let invalid = |source: Box<dyn std::error::Error + Send + Sync>| {
            span.segment.read_error(std::io::Error::other(source))
        };
        let limits = Limits {
            output_bytes_max: DECOMPRESSED_BYTES_MAX,
            memory_bytes_max: DECOMPRESSED_BYTES_MAX,
        };
        let scan = RecordScan::new(&met.header, stored, limits);
        let mut scan = scan.map_err(|it| invalid(it.into()))?;
        while let Some(record) = scan.next() {
            let record = record.map_err(|it| invalid(it.into()))?;
            let offset = record.offset(&met.header);
            let found = record.timestamp(&met.header);
            if found >= timestamp && offset >= self.log_start_offset {
                return Ok(Some(FoundRecord {
                    offset,
                    timestamp: found,
                    leader_epoch: met.header.partition_leader_epoch,
                }));
            }
        }
        Ok(None)
    }
}

/// A record without a timestamp has -1, which is no time.
pub(crate) fn known(timestamp: Timestamp) -> Option<Timestamp> {
    (timestamp.as_millis() >= 0).then_some(timestamp)
}

/// The batches of one segment from `first` on, as far as `limit` allows.
fn read_span<D: Dir>(
    span: &Span<D>,
    opened: &Opened<'_, D>,
    first: &Met,
    limit: &ReadLimit,
) -> Result<Read<D::File>, Error> {
    if first.header.next_offset() > limit.upper_bound {
        return Ok(Read::Nothing);
    }
    let extent = &span.extent;
    let (mut end, mut end_offset) = (extent.size, extent.end_offset);
    if limit.upper_bound < extent.end_offset
        && let Some(hidden) = opened.find(limit.upper_bound)?
    {
        (end, end_offset) = (hidden.position, hidden.header.base_offset);
    }
    let bytes_max = limit.bytes_max.min(i32::MAX.unsigned_abs());
    if first.position + u64::from(bytes_max) < end {
        let position_max = first.position + u64::from(bytes_max);
        (end, end_offset) = opened.last_before(first, position_max)?;
        if end > position_max && !limit.at_least_one_batch {
            return Ok(Read::Nothing);
        }
    }
    let length = u32::try_from(end - first.position).expect("a batch has a length of 31 bits");
    Ok(Read::Slice(ReadSlice {
        file: opened.file.clone(),
        position: first.position,
        length,
        base_offset: first.header.base_offset,
        end_offset,
        leader_epoch: first.header.partition_leader_epoch,
    }))
}
