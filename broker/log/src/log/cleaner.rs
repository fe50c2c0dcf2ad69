//! Compaction: a log keeps the last record of each key.
//!
//! In: a log, the high watermark, the time. Out: what of it is dirty; a [`Cleaning`], which any
//! thread may perform, and whose segments take the place of the log's. Never here: which log is
//! cleaned when, a thread, a throttle.
//!
//! ```text
//!   log start        first dirty offset      end of the map     first uncleanable     log end
//!      ├── cleaned before ──┼── keys go into the map ──┼── another time ──┼── active, lag ... ──┤
//!      └── copied, without what the map has later ─────┘
//! ```
//!
//! 1. The keys of the dirty part go into a map to their last offsets, as many as it may hold.
//! 2. Segments are copied, small neighbours into one. A record goes when the map has its key at a
//!    later offset. A record without a value goes too, `delete.retention.ms` after it was first
//!    cleaned: its batch carries that time (KIP-534).
//! 3. Some batches stay though none of their records does: the last of each segment, which says how
//!    far it goes; the first of each leader epoch, which says where that begins (a replica that
//!    copies the log would else know it later than it was, and keep what nobody else has); and the
//!    last of each producer, as many as the log remembers, so that it can go on or repeat itself.
//! 4. What was copied is on the disk before it takes a segment's place ([`Log::replace_segments`]).
//!    Neighbours that went into the same copy are removed once that is durable. A crash on the way
//!    leaves the copy and some of them, and the next start sees that the copy covers them.
//! 5. When all segments are in place, and that is durable, the first dirty offset moves.
//!
//! Control batches and those of transactions are kept whole, and their keys shadow nobody's.

mod cleaning;
mod filter;
mod offset_map;
mod replace;

use std::path::Path;
use std::sync::Arc;

use broker_types::{Offset, Timestamp};

pub use cleaning::{CleanOptions, CleanPoint, CleanedSegment, Cleaning, Step};
pub use replace::Replaced;

pub(super) use replace::Covered;

use super::Log;
use crate::config::LogConfig;
use crate::dir::{self, Dir};
use crate::error::Error;
use crate::names;
use crate::segment::Span;

/// What of a log could be cleaned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dirty {
    /// Where the records begin that were never compared with those before them.
    pub from: Offset,
    /// Where the part begins that must stay as it is for now: not before `from`.
    pub to: Offset,
    /// Bytes of the dirty segments, as part of them and those before.
    pub ratio: f64,
    /// Whether it should be cleaned, by `min.cleanable.dirty.ratio` and `max.compaction.lag.ms`.
    pub is_due: bool,
}

impl<D: Dir> Log<D> {
    /// What could be cleaned: closed segments below the high watermark, on this disk, without an open
    /// transaction, and old enough. `None` when there is nothing, or the log is not to be compacted.
    pub fn dirty(&self, high_watermark: Offset, now: Timestamp) -> Option<Dirty> {
        if self.is_offline || !self.config.cleanup_policy.compact {
            return None;
        }
        let limit = high_watermark.min(self.durable_end_offset());
        let open = self.producers.first_unstable_offset();
        let limit = open.map_or(limit, |it| it.min(limit));
        let config = &self.config;
        let is_cleanable =
            |it: &&Span<D>| it.extent.end_offset <= limit && is_old_enough(it, config, now);
        let cleanable = || self.closed.iter().take_while(is_cleanable);
        let from = self.first_dirty_offset();
        let to = cleanable().last()?.extent.end_offset;
        if to <= from {
            return None;
        }
        let is_dirty = |it: &&Span<D>| it.extent.end_offset > from;
        let all: u64 = cleanable().map(|it| it.extent.size).sum();
        let dirty: u64 = cleanable().filter(is_dirty).map(|it| it.extent.size).sum();
        let ratio = part(dirty, all);
        let lag_ms = config.max_compaction_lag_ms;
        let has_lag = i64::try_from(lag_ms).is_ok_and(|it| it < i64::MAX);
        let is_late = |it: &Span<D>| {
            let first = it.first_timestamp();
            first.is_some_and(|it| exceeds(now.millis_since(it), lag_ms))
        };
        let is_overdue = has_lag && cleanable().filter(is_dirty).any(is_late);
        Some(Dirty {
            from,
            to,
            ratio,
            is_due: is_overdue || ratio > config.min_cleanable_dirty_ratio,
        })
    }

    /// First offset that was never cleaned.
    pub fn first_dirty_offset(&self) -> Offset {
        self.first_dirty_offset.max(self.log_start_offset)
    }

    /// All below a point was cleaned, and that is durable. It is written down, and counts after the
    /// next sync; a crash before only means that it is cleaned again. Nothing is done when something
    /// was cut off meanwhile, or the log was removed and begun again: what is there instead may never
    /// have been looked at.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn handle_cleaned(&mut self, point: CleanPoint) -> Result<(), Error> {
        self.require_online()?;
        let is_same_log = Arc::ptr_eq(&point.folder, &self.folder);
        if !is_same_log || point.truncations != self.folder.truncations() {
            return Ok(());
        }
        assert!(point.first_dirty_offset <= self.log_end_offset());
        self.set_first_dirty_offset(point.first_dirty_offset)
    }

    /// A truncation to `offset` is about to begin: what comes back there is dirty. To be synced with
    /// the truncation's promise: were the old offset found again, records would be taken for
    /// cleaned that never were.
    pub(super) fn forget_cleaned_after(&mut self, offset: Offset) -> Result<(), Error> {
        self.folder.handle_truncation();
        if self.first_dirty_offset <= offset {
            return Ok(());
        }
        self.set_first_dirty_offset(offset)
    }

    pub(super) fn set_first_dirty_offset(&mut self, offset: Offset) -> Result<(), Error> {
        let path = self.folder.join(names::CLEANER_OFFSET);
        let file = dir::replace(self.files.dir(), &path, encode(offset).as_bytes());
        let file = file.map_err(|source| Error::WriteCleanerOffset {
            path: path.clone(),
            source,
        })?;
        self.unsynced.add(&path, file);
        self.unsynced.is_folder_dirty = true;
        self.first_dirty_offset = offset;
        Ok(())
    }
}

/// The first dirty offset that was written down; the start of all logs when there is none, or it is
/// damaged: then all is cleaned again.
pub(super) fn read_first_dirty_offset<D: Dir>(dir: &D, folder: &Path) -> Offset {
    let path = folder.join(names::CLEANER_OFFSET);
    let bytes = dir::read_small(dir, &path, CLEANER_OFFSET_BYTES_MAX).ok();
    let text = bytes.and_then(|it| String::from_utf8(it).ok());
    text.and_then(|it| decode(&it)).unwrap_or_default()
}

const CLEANER_OFFSET_BYTES_MAX: u64 = 64;

/// A version, then the offset, as in Kafka's checkpoints; one line each.
fn encode(offset: Offset) -> String {
    format!("0\n{offset}\n")
}

fn decode(text: &str) -> Option<Offset> {
    let line = text.strip_prefix("0\n")?.strip_suffix('\n')?;
    Offset::from_wire(line.parse().ok()?)
}

fn is_old_enough<D: Dir>(span: &Span<D>, config: &LogConfig, now: Timestamp) -> bool {
    let lag_ms = config.min_compaction_lag_ms;
    let time = span.extent.max_timestamp;
    lag_ms == 0 || time.is_none_or(|it| exceeds(now.millis_since(it), lag_ms))
}

fn exceeds(millis: i64, limit: u64) -> bool {
    u64::try_from(millis).is_ok_and(|it| it > limit)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of sizes need not be exact to the byte"
)]
fn part(some: u64, all: u64) -> f64 {
    if all == 0 {
        0.0
    } else {
        some as f64 / all as f64
    }
}

#[cfg(test)]
mod tests;
