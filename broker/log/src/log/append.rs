//! Appending, and beginning the next segment.
//!
//! In: one batch of a producer, or the batches a leader sent. Out: the offsets they took. Never
//! here: syncing, or waiting for anybody.

use broker_types::{LeaderEpoch, Mutant, Offset, Timestamp};
use broker_wire::record_batch::{
    BATCH_HEADER_BYTES, Batch, BatchError, BatchHeader, batches, verify_crc,
};

use super::active::Active;
use super::{Log, caches};
use crate::dir::{Dir, File, OpenMode};
use crate::error::{Error, is_disk_full};
use crate::names::FileKind;
use crate::producer_state::{Admission, BatchMetadata, SequenceError};
use crate::segment::Segment;
use crate::validator::{Origin, Refusal, validate};

/// Segments hold offsets up to this far from their base: Kafka's indexes have signed fields.
pub(super) const RELATIVE_OFFSET_MAX: u64 = i32::MAX.unsigned_abs() as u64;

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Append {
    Appended(Appended),
    Duplicate(Duplicate),
}

/// A batch that was appended. It is not durable yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: Offset,
    pub last_offset: Offset,
    /// The broker's time that the records took; `None` when they keep their own.
    pub log_append_time: Option<Timestamp>,
    pub log_start_offset: Offset,
}

/// A batch that its producer had sent before. It may not be durable yet: whoever waits for it
/// waits as for the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Offsets of the first time.
    pub base_offset: Offset,
    pub last_offset: Offset,
    /// Greatest timestamp as it was stored the first time.
    pub timestamp: Timestamp,
    pub log_start_offset: Offset,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    #[error("the batch at place {index} of what the leader sent is damaged")]
    Damaged {
        index: usize,
        #[source]
        source: BatchError,
    },
    #[error("a batch at offset {found} cannot follow log end offset {log_end_offset}")]
    UnexpectedOffset {
        found: Offset,
        log_end_offset: Offset,
    },
    #[error("a batch of leader epoch {found:?} cannot follow epoch {latest:?}")]
    StaleEpoch {
        found: Option<LeaderEpoch>,
        latest: Option<LeaderEpoch>,
    },
    #[error(transparent)]
    Log(#[from] Error),
}

impl<D: Dir> Log<D> {
    /// Appends one batch as the leader of `leader_epoch`, which gives it its offsets.
    ///
    /// # Errors
    /// When the batch is refused, or cannot be written. Nothing is appended then.
    ///
    /// # Panics
    /// When a later epoch has begun: whoever leads has noticed before.
    pub fn append_as_leader(
        &mut self,
        bytes: &[u8],
        leader_epoch: LeaderEpoch,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Append, AppendError> {
        self.require_online()?;
        assert!(self.latest_epoch() <= Some(leader_epoch));
        let validated = validate(bytes, &self.config, origin, now)?;
        if !Mutant::ForgetSequences.is_made()
            && let Admission::Duplicate(batch) = self.producers.admit(&validated.header)?
        {
            return Ok(Append::Duplicate(self.duplicate(&batch)));
        }
        let base_offset = self.log_end_offset();
        if origin == Origin::RaftLeader && validated.header.base_offset != base_offset {
            return Err(AppendError::UnexpectedOffset {
                found: validated.header.base_offset,
                log_end_offset: base_offset,
            });
        }
        let bytes = validated.bytes.as_ref();
        let mut header = [0; BATCH_HEADER_BYTES];
        let (front, records) = bytes
            .split_at_checked(BATCH_HEADER_BYTES)
            .expect("a validated batch has a header");
        header.copy_from_slice(front);
        stamp(&mut header, base_offset, leader_epoch);
        let parsed = BatchHeader::parse(&header)
            .map_err(|source| AppendError::Damaged { index: 0, source })?;
        if self.must_roll(&parsed, now, 0) {
            self.roll(base_offset, now)?;
        }
        self.write(&[&header, records])?;
        self.account(&parsed, records);
        Ok(Append::Appended(Appended {
            base_offset,
            last_offset: parsed.last_offset(),
            log_append_time: validated.log_append_time,
            log_start_offset: self.log_start_offset,
        }))
    }

    fn duplicate(&self, batch: &BatchMetadata) -> Duplicate {
        Duplicate {
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset,
            timestamp: batch.timestamp,
            log_start_offset: self.log_start_offset,
        }
    }

    /// Appends the whole batches that a leader sent, as they are. Returns the new log end.
    ///
    /// All are checked before the first is written: CRC, offsets that ascend from the log end, leader
    /// epochs that do not go back. Gaps between offsets are taken: compaction makes them.
    ///
    /// # Errors
    /// When one is not as it should be. Nothing is appended then; after an error of the disk, a
    /// front part may be.
    pub fn append_as_follower(
        &mut self,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<Offset, AppendError> {
        self.require_online()?;
        let Some(base_offset) = self.base_of_start(bytes) else {
            self.check_replicated(bytes, self.log_end_offset())?;
            return self.append_replicated(bytes, now);
        };
        self.check_replicated(bytes, base_offset)?;
        let log_start_offset = self.log_start_offset;
        self.truncate_fully_and_start_at(base_offset, now)?;
        let appended = self.append_replicated(bytes, now);
        let is_there = log_start_offset <= self.log_end_offset();
        let begun = if is_there {
            self.advance_log_start_offset(log_start_offset).map(drop)
        } else {
            self.truncate_fully_and_start_at(log_start_offset, now)
        };
        let end = appended?;
        begun?;
        Ok(end)
    }

    /// The base offset of the first batch, if the log is to begin within it: DeleteRecords may move a
    /// leader's log start there, and a follower that has nothing begins with the whole batch.
    fn base_of_start(&self, bytes: &[u8]) -> Option<Offset> {
        let start = self.log_start_offset;
        let is_empty = self.closed.is_empty() && self.active.span.extent.size == 0;
        let first = batches(bytes).next()?.ok()?;
        let (base_offset, next_offset) = (first.header().base_offset, first.header().next_offset());
        let is_within = base_offset < start && start < next_offset;
        (is_empty && start == self.log_end_offset() && is_within).then_some(base_offset)
    }

    fn append_replicated(&mut self, bytes: &[u8], now: Timestamp) -> Result<Offset, AppendError> {
        // Batches that go into the same segment are written together.
        let (mut pending, mut pending_from) = (Vec::new(), 0);
        let mut position = 0;
        for batch in batches(bytes).map_while(Result::ok) {
            let waiting: usize = position - pending_from;
            if self.must_roll(batch.header(), now, waiting as u64) {
                self.append_checked(bytes.get(pending_from..position), &pending)?;
                pending.clear();
                pending_from = position;
                self.roll(self.next_base_offset(batch.header()), now)?;
            }
            position += batch.bytes().len();
            pending.push(batch);
        }
        self.append_checked(bytes.get(pending_from..position), &pending)?;
        Ok(self.log_end_offset())
    }

    fn check_replicated(
        &self,
        bytes: &[u8],
        mut log_end_offset: Offset,
    ) -> Result<(), AppendError> {
        let mut latest = self.latest_epoch();
        for (index, batch) in batches(bytes).enumerate() {
            let damaged = |source| AppendError::Damaged { index, source };
            let batch = batch.map_err(damaged)?;
            verify_crc(batch.bytes()).map_err(damaged)?;
            let header = batch.header();
            if header.base_offset < log_end_offset {
                return Err(AppendError::UnexpectedOffset {
                    found: header.base_offset,
                    log_end_offset,
                });
            }
            let found = header.partition_leader_epoch;
            if found.is_none() || found < latest {
                return Err(AppendError::StaleEpoch { found, latest });
            }
            log_end_offset = header.next_offset();
            latest = found;
        }
        Ok(())
    }

    fn append_checked(&mut self, bytes: Option<&[u8]>, batches: &[Batch<'_>]) -> Result<(), Error> {
        if batches.is_empty() {
            return Ok(());
        }
        self.write(&[bytes.unwrap_or_default()])?;
        for batch in batches {
            if Mutant::CopyWithoutSequences.is_made() {
                self.producers.clear();
            }
            self.account(batch.header(), batch.records_bytes());
        }
        Ok(())
    }

    /// Writes at the end of the active segment. When the disk is full, what was written of it is cut
    /// off again, and the log goes on; any other error leaves the file in doubt.
    fn write(&mut self, parts: &[&[u8]]) -> Result<(), Error> {
        let span = &self.active.span;
        let (file, size) = (span.segment.writer(), span.extent.size);
        self.unsynced.is_active_dirty = true;
        let Err(source) = file.write_at(parts, size) else {
            return Ok(());
        };
        let is_undone = is_disk_full(&source) && file.set_size(size).is_ok();
        let path = span.segment.path(FileKind::Log);
        let error = Error::AppendSegment { path, source };
        if is_undone {
            Err(error)
        } else {
            Err(self.go_offline(error))
        }
    }

    /// Counts a batch that was written at the end of the active segment.
    fn account(&mut self, header: &BatchHeader, records: &[u8]) {
        self.active
            .account(header, self.config.index_interval_bytes);
        self.producers.record(header, records);
        if let Some(epoch) = header.partition_leader_epoch {
            self.leader_epochs.assign(epoch, header.base_offset);
        }
    }

    /// Whether a batch must begin another segment, when `waiting` bytes go into this one first.
    fn must_roll(&self, header: &BatchHeader, now: Timestamp, waiting: u64) -> bool {
        let active = &self.active;
        let extent = &active.span.extent;
        let base_offset = active.span.base_offset();
        if header.last_offset().distance_from(base_offset) > RELATIVE_OFFSET_MAX {
            return true;
        }
        let size = extent.size + waiting;
        if size == 0 {
            return false;
        }
        let config = &self.config;
        let segment_bytes = u64::from(config.segment_bytes);
        let age = match active.first_timestamp {
            Some(first) => header.max_timestamp.millis_since(first),
            None => now.millis_since(active.opened),
        };
        let age_max = config.segment_ms.saturating_sub(self.roll_jitter_ms());
        // Only closed segments are compacted.
        let age_max = match config.cleanup_policy.compact {
            true => age_max.min(config.max_compaction_lag_ms),
            false => age_max,
        };
        let age_max = i64::try_from(age_max).unwrap_or(i64::MAX);
        active.is_cut
            || size + header.size_in_bytes() as u64 > segment_bytes
            || age > age_max
            || active.is_index_full(config.segment_index_bytes)
    }

    /// Part of `segment.jitter.ms` by which this segment is shorter-lived: another for each segment,
    /// and always the same for one.
    fn roll_jitter_ms(&self) -> u64 {
        if self.config.segment_jitter_ms == 0 {
            return 0;
        }
        let name = self.active.span.segment.path(FileKind::Log);
        let hash = crc_fast::crc32_iscsi(name.as_os_str().as_encoded_bytes());
        u64::from(hash) % (self.config.segment_jitter_ms.saturating_add(1))
    }

    /// Base offset of a segment that begins with this batch: the log end, unless compaction has
    /// left a gap that an index could not express.
    fn next_base_offset(&self, header: &BatchHeader) -> Offset {
        let log_end_offset = self.log_end_offset();
        if header.last_offset().distance_from(log_end_offset) > RELATIVE_OFFSET_MAX {
            header.base_offset
        } else {
            log_end_offset
        }
    }

    /// Closes the active segment and begins the next one at `base_offset`. A segment without
    /// batches gives way to the next one.
    ///
    /// # Errors
    /// When the next one cannot be made: the old one stays.
    pub(super) fn roll(&mut self, base_offset: Offset, now: Timestamp) -> Result<(), Error> {
        let old = &self.active.span;
        let is_empty = old.extent.size == 0;
        if is_empty && old.base_offset() == base_offset {
            return Ok(());
        }
        // Once there is more than one segment, the checkpoint must say where the log starts: a crash
        // that loses the first segment would leave the second one as the start.
        if !self.checkpoint.is_durable() {
            self.sync_now()?;
        }
        let old = &self.active.span;
        let (files, folder) = (&self.files, &self.folder);
        let segment = Segment::in_memory(files, folder, base_offset, OpenMode::CreateEmpty)?;
        if self.config.preallocate {
            // A file system that cannot do that lets the segment grow, and so does a full one.
            drop(
                segment
                    .writer()
                    .allocate(u64::from(self.config.segment_bytes)),
            );
        }
        self.unsynced.is_active_dirty = true;
        self.unsynced.is_folder_dirty = true;
        if is_empty {
            let path = old.segment.path(FileKind::Log);
            let old = std::mem::replace(&mut self.active, Active::new(segment, now));
            let removed = old.span.segment.file.remove();
            return removed.map_err(|source| self.go_offline(Error::Remove { path, source }));
        }
        let closing = std::mem::replace(&mut self.active, Active::new(segment, now));
        let (path, size) = (
            closing.span.segment.path(FileKind::Log),
            closing.span.extent.size,
        );
        if self.config.preallocate {
            // What was set aside and not used.
            drop(closing.span.segment.writer().set_size(size));
        }
        self.unsynced
            .add(&path, closing.span.segment.writer().clone());
        let closed = caches::close_segment(self.files.dir(), &mut self.unsynced, closing);
        self.closed = self.closed.iter().cloned().chain([closed]).collect();
        self.write_leader_epochs();
        self.write_producer_snapshot(base_offset);
        Ok(())
    }
}

/// Sets what the leader decides in a batch's header, beside its records, which are not copied for
/// it. The CRC covers neither field (`DefaultRecordBatch`).
fn stamp(header: &mut [u8; BATCH_HEADER_BYTES], base_offset: Offset, leader_epoch: LeaderEpoch) {
    header[0..8].copy_from_slice(&base_offset.to_wire().to_be_bytes());
    header[12..16].copy_from_slice(&leader_epoch.to_wire().to_be_bytes());
}
