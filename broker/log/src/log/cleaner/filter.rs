//! What becomes of one batch when its log is compacted.
//!
//! In: a batch, the map of keys, the time. Out: the batch as it is, a smaller one, or nothing.
//! Never here: files.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use broker_types::{Mutant, Offset, ProducerEpoch, ProducerId, Timestamp};
use broker_wire::compression::Limits;
use broker_wire::record_batch::{
    Batch, BatchError, BatchHeader, BuildError, CompactedBatch, Record, RecordScan, ScanError,
    verify_crc,
};

use super::offset_map::OffsetMap;
use crate::producer_state::BATCHES_RETAINED;
use crate::validator::DECOMPRESSED_BYTES_MAX;

const LIMITS: Limits = Limits {
    output_bytes_max: DECOMPRESSED_BYTES_MAX,
    memory_bytes_max: DECOMPRESSED_BYTES_MAX,
};

/// Why a batch cannot be cleaned. It stays as it is, and so does its log.
#[derive(Debug, thiserror::Error)]
pub(super) enum BatchFailure {
    #[error(transparent)]
    Damaged(#[from] BatchError),
    #[error("its offsets {first} to {last} do not belong there")]
    Misplaced { first: Offset, last: Offset },
    #[error(transparent)]
    Unreadable(#[from] ScanError),
    #[error(transparent)]
    Unbuilt(#[from] BuildError),
}

/// By what records are judged.
pub(super) struct Filter {
    pub(super) map: OffsetMap,
    /// Records from here on are not in the map, and stay.
    pub(super) map_end_offset: Offset,
    pub(super) now: Timestamp,
    pub(super) delete_retention_ms: u64,
    /// Where leader epochs begin.
    pub(super) epoch_starts: BTreeSet<Offset>,
    pub(super) producers: LastBatches,
}

/// The last batches of the producers that the log remembers, as many of each as it remembers.
pub(super) struct LastBatches {
    /// Epoch of each, and the last offsets of its batches, oldest first.
    batches: BTreeMap<ProducerId, (Option<ProducerEpoch>, VecDeque<Offset>)>,
}

impl LastBatches {
    pub(super) fn new(remembered: impl Iterator<Item = ProducerId>) -> LastBatches {
        LastBatches {
            batches: remembered.map(|it| (it, (None, VecDeque::new()))).collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The next batch was met.
    fn learn(&mut self, header: &BatchHeader) {
        let producer = header.producer_id.and_then(|it| self.batches.get_mut(&it));
        let Some((epoch, last_offsets)) = producer.filter(|_| header.base_sequence.is_some())
        else {
            return;
        };
        if *epoch != header.producer_epoch {
            *epoch = header.producer_epoch;
            last_offsets.clear();
        }
        if last_offsets.len() == BATCHES_RETAINED {
            last_offsets.pop_front();
        }
        last_offsets.push_back(header.last_offset());
    }

    fn has(&self, header: &BatchHeader) -> bool {
        let producer = header.producer_id.and_then(|it| self.batches.get(&it));
        producer.is_some_and(|(_, it)| it.contains(&header.last_offset()))
    }
}

/// How much of a batch is in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learned {
    All,
    /// Only the first records: the map takes no other key.
    UntilFull,
}

/// What a pass over a batch has found.
struct Judged {
    kept: u32,
    /// Whether a record without a value stays, and nobody has said until when.
    needs_horizon: bool,
}

impl Filter {
    /// Notes whose batch it is, and puts its keys into the map, those from `from` on.
    pub(super) fn learn(
        &mut self,
        batch: &Batch<'_>,
        from: Offset,
    ) -> Result<Learned, BatchFailure> {
        let header = batch.header();
        if header.next_offset() <= from {
            self.producers.learn(header);
            return Ok(Learned::All);
        }
        verify_crc(batch.bytes())?;
        if is_compacted(batch) {
            let scan = RecordScan::new(header, batch.records_bytes(), LIMITS);
            let mut scan = scan.map_err(ScanError::Decompress)?;
            while let Some(record) = scan.next() {
                let record = record?;
                let offset = record.offset(header);
                let is_known = from <= offset
                    && !(Mutant::ForgetTombstones.is_made() && record.value.is_none());
                if let Some(key) = record.key.filter(|_| is_known)
                    && self.map.insert(key, offset).is_err()
                {
                    self.map_end_offset = offset;
                    return Ok(Learned::UntilFull);
                }
            }
        }
        self.producers.learn(header);
        self.map_end_offset = header.next_offset();
        Ok(Learned::All)
    }

    /// What is left of a batch. Without a record nothing is, or its header, if that says more than where
    /// its records were.
    pub(super) fn apply<'a>(
        &self,
        batch: &Batch<'a>,
        is_last_of_segment: bool,
    ) -> Result<Option<Cow<'a, [u8]>>, BatchFailure> {
        // Else damage would get a CRC of its own.
        verify_crc(batch.bytes())?;
        let header = batch.header();
        if !is_compacted(batch) || self.map_end_offset <= header.base_offset {
            return Ok(Some(Cow::Borrowed(batch.bytes())));
        }
        let must_stay = is_last_of_segment
            || self.epoch_starts.contains(&header.base_offset)
            || self.producers.has(header);
        let judged = self.judge(batch)?;
        if judged.kept == header.records_count && !judged.needs_horizon {
            let is_needed = judged.kept > 0 || must_stay;
            return Ok(is_needed.then_some(Cow::Borrowed(batch.bytes())));
        }
        if judged.kept == 0 && !must_stay {
            return Ok(None);
        }
        let retention_ms = i64::try_from(self.delete_retention_ms).unwrap_or(i64::MAX);
        let horizon = self.now.plus_millis(retention_ms);
        let horizon = judged.needs_horizon.then_some(horizon);
        let mut compacted = CompactedBatch::new(batch, horizon)?;
        let scan = RecordScan::new(header, batch.records_bytes(), LIMITS);
        let mut scan = scan.map_err(ScanError::Decompress)?;
        while let Some(record) = scan.next() {
            let record = record?;
            if self.retains(batch, &record) {
                compacted.append(&record)?;
            }
        }
        Ok(Some(Cow::Owned(compacted.finish()?)))
    }

    fn judge(&self, batch: &Batch<'_>) -> Result<Judged, BatchFailure> {
        let mut judged = Judged {
            kept: 0,
            needs_horizon: false,
        };
        let has_horizon = batch.header().has_delete_horizon();
        let scan = RecordScan::new(batch.header(), batch.records_bytes(), LIMITS);
        let mut scan = scan.map_err(ScanError::Decompress)?;
        while let Some(record) = scan.next() {
            let record = record?;
            if self.retains(batch, &record) {
                judged.kept += 1;
                judged.needs_horizon |= record.value.is_none() && !has_horizon;
            }
        }
        Ok(judged)
    }

    fn retains(&self, batch: &Batch<'_>, record: &Record<'_>) -> bool {
        let header = batch.header();
        let offset = record.offset(header);
        if self.map_end_offset <= offset {
            return true;
        }
        // From before the topic was compacted: nothing will ever take its place.
        let Some(key) = record.key else {
            return false;
        };
        let is_last = self.map.last_offset(key).is_none_or(|it| it <= offset);
        let is_over = header.has_delete_horizon() && header.base_timestamp <= self.now;
        is_last && (record.value.is_some() || !is_over)
    }
}

/// Whether the records of a batch are judged each by itself.
fn is_compacted(batch: &Batch<'_>) -> bool {
    !batch.header().is_control() && !batch.header().is_transactional()
}
