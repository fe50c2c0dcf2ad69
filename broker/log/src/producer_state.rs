//! What idempotent producers have written: the last five batches of each (KIP-98, KIP-360).
//!
//! In: headers of batches, in order. Out: whether the next batch of a producer is new, was
//! appended before, or must be refused; the first offset of an open transaction.
//! Never here: the log; the same headers in the same order always give the same state.
//!
//! ```text
//!   batch of a known producer      same epoch                 lower epoch   higher epoch
//!   one of the last five           duplicate                  refused       -
//!   sequence follows the last      accepted (2^31-1, then 0)  refused       only from 0
//!   any other sequence             out of order               refused       out of order
//! ```

mod snapshot;

use std::collections::{BTreeMap, VecDeque};

use broker_types::{LeaderEpoch, Mutant, Offset, ProducerEpoch, ProducerId, Timestamp};
use broker_wire::record_batch::{BatchHeader, ControlRecordKind, records};

pub(crate) use snapshot::{decode, encode};

/// Batches that are remembered of each producer. Clients keep at most as many in flight.
pub const BATCHES_RETAINED: usize = 5;

/// Sequence numbers are of 31 bits.
const SEQUENCE_MAX: u32 = i32::MAX.unsigned_abs();

/// A batch that a producer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchMetadata {
    pub first_sequence: u32,
    pub last_sequence: u32,
    pub last_offset: Offset,
    /// Records in the batch, less one.
    pub offset_delta: u32,
    /// Greatest timestamp of the batch, as it was stored.
    pub timestamp: Timestamp,
}

impl BatchMetadata {
    pub fn base_offset(&self) -> Offset {
        Offset::new(
            self.last_offset
                .value()
                .saturating_sub(u64::from(self.offset_delta)),
        )
    }
}

/// What is known of one producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerEntry {
    pub epoch: ProducerEpoch,
    /// The last batches of this epoch, oldest first; none after a marker of a newer epoch.
    ///
    /// Invariant: at most [`BATCHES_RETAINED`].
    pub batches: VecDeque<BatchMetadata>,
    /// Time of the last write, markers included.
    pub last_timestamp: Timestamp,
    /// Epoch of the coordinator that wrote the last marker.
    pub coordinator_epoch: Option<u32>,
    /// First offset of the transaction that is open.
    pub transaction_start_offset: Option<Offset>,
}

impl ProducerEntry {
    pub fn last_sequence(&self) -> Option<u32> {
        self.batches.back().map(|it| it.last_sequence)
    }
}

/// What a batch's sequence number says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    New,
    /// The batch was appended before; the producer did not see the answer.
    Duplicate(BatchMetadata),
}

/// Why a producer's batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError {
    #[error("sequence {found} of producer {producer_id} does not follow {last:?}")]
    OutOfOrder {
        producer_id: ProducerId,
        found: u32,
        last: Option<u32>,
    },
    #[error("producer {producer_id} has epoch {current}, which fences {found}")]
    Fenced {
        producer_id: ProducerId,
        current: ProducerEpoch,
        found: ProducerEpoch,
    },
}

/// The producers of one log.
#[derive(Clone, Debug, Default)]
pub struct ProducerState {
    producers: BTreeMap<ProducerId, ProducerEntry>,
    /// Greatest timestamp seen: the log's own time, which a jump of the clock does not move. After
    /// a restart only the producers' own batches count, so it may be less than it was; then they
    /// are forgotten later.
    log_time: Option<Timestamp>,
}

impl PartialEq for ProducerState {
    fn eq(&self, other: &ProducerState) -> bool {
        self.producers == other.producers
    }
}

impl Eq for ProducerState {}

impl ProducerState {
    /// The producers, by id.
    pub fn producers(&self) -> impl Iterator<Item = (ProducerId, &ProducerEntry)> {
        self.producers.iter().map(|(id, entry)| (*id, entry))
    }

    pub fn producer(&self, producer_id: ProducerId) -> Option<&ProducerEntry> {
        self.producers.get(&producer_id)
    }

    /// First offset of the oldest open transaction.
    pub fn first_unstable_offset(&self) -> Option<Offset> {
        let starts = self.producers.values();
        starts.filter_map(|it| it.transaction_start_offset).min()
    }

    /// Whether a leader may append a batch with this header.
    ///
    /// # Errors
    /// When the batch's sequence number leaves a gap, or a newer epoch of its producer is known.
    pub fn admit(&self, header: &BatchHeader) -> Result<Admission, SequenceError> {
        let (Some(producer_id), Some(epoch)) = (header.producer_id, header.producer_epoch) else {
            return Ok(Admission::New);
        };
        let (Some(first), Some(last)) = (header.base_sequence, header.last_sequence()) else {
            return Ok(Admission::New);
        };
        // Of an unknown producer any sequence is taken: its state may just have expired.
        let Some(entry) = self.producers.get(&producer_id) else {
            return Ok(Admission::New);
        };
        if epoch < entry.epoch {
            return Err(SequenceError::Fenced {
                producer_id,
                current: entry.epoch,
                found: epoch,
            });
        }
        let known = |it: &&BatchMetadata| it.first_sequence == first && it.last_sequence == last;
        let is_same_epoch = epoch == entry.epoch;
        if is_same_epoch && let Some(batch) = entry.batches.iter().find(known) {
            return Ok(Admission::Duplicate(*batch));
        }
        let last = entry.last_sequence().filter(|_| is_same_epoch);
        let expected = match last {
            Some(SEQUENCE_MAX) | None => 0,
            Some(last) => last + 1,
        };
        if first == expected {
            return Ok(Admission::New);
        }
        Err(SequenceError::OutOfOrder {
            producer_id,
            found: first,
            last,
        })
    }

    /// A batch was appended, or met in the log. Nothing is judged: a leader did that. Its records
    /// are looked at only if they are control records.
    pub(crate) fn record(&mut self, header: &BatchHeader, records_bytes: &[u8]) {
        self.log_time = self.log_time.max(Some(header.max_timestamp));
        if header.is_control() {
            self.record_marker(header, records_bytes);
            return;
        }
        let (Some(producer_id), Some(epoch)) = (header.producer_id, header.producer_epoch) else {
            return;
        };
        let (Some(first_sequence), Some(last_sequence)) =
            (header.base_sequence, header.last_sequence())
        else {
            return;
        };
        let entry = self.entry(producer_id, epoch);
        if Mutant::RememberOneBatch.is_made() {
            entry.batches.clear();
        }
        if entry.batches.len() == BATCHES_RETAINED {
            entry.batches.pop_front();
        }
        entry.batches.push_back(BatchMetadata {
            first_sequence,
            last_sequence,
            last_offset: header.last_offset(),
            offset_delta: header.last_offset_delta,
            timestamp: header.max_timestamp,
        });
        entry.last_timestamp = header.max_timestamp;
        if header.is_transactional() && entry.transaction_start_offset.is_none() {
            entry.transaction_start_offset = Some(header.base_offset);
        }
    }

    /// A marker ends its producer's transaction. Other control batches are not about producers.
    fn record_marker(&mut self, header: &BatchHeader, records_bytes: &[u8]) {
        let (Some(producer_id), Some(epoch)) = (header.producer_id, header.producer_epoch) else {
            return;
        };
        let Some(Ok(record)) = records(header, records_bytes).next() else {
            return;
        };
        let kind = record.key.and_then(ControlRecordKind::from_key);
        if !matches!(
            kind,
            Some(ControlRecordKind::Abort | ControlRecordKind::Commit)
        ) {
            return;
        }
        let entry = self.entry(producer_id, epoch);
        entry.last_timestamp = header.max_timestamp;
        entry.transaction_start_offset = None;
        // `EndTxnMarker`: a version of two bytes, then the coordinator's epoch.
        if let Some([_, _, a, b, c, d]) = record.value.and_then(|it| it.first_chunk()) {
            let epoch = LeaderEpoch::from_wire(i32::from_be_bytes([*a, *b, *c, *d]));
            entry.coordinator_epoch = epoch.map(LeaderEpoch::value);
        }
    }

    /// The entry of a producer, made anew where its epoch is.
    fn entry(&mut self, producer_id: ProducerId, epoch: ProducerEpoch) -> &mut ProducerEntry {
        let entry = self
            .producers
            .entry(producer_id)
            .or_insert_with(|| ProducerEntry {
                epoch,
                batches: VecDeque::new(),
                last_timestamp: Timestamp::default(),
                coordinator_epoch: None,
                transaction_start_offset: None,
            });
        if entry.epoch != epoch {
            entry.epoch = epoch;
            entry.batches.clear();
        }
        entry
    }

    /// Forgets producers without an open transaction whose last write is at least `expiration_ms`
    /// old, by the log's own time and by `now`: a clock that jumps ahead expires nobody.
    pub(crate) fn expire(&mut self, now: Timestamp, expiration_ms: u64) {
        let Some(log_time) = self.log_time else {
            return;
        };
        let expiration_ms = i64::try_from(expiration_ms).unwrap_or(i64::MAX);
        let time = log_time.min(now);
        self.producers.retain(|_, it| {
            it.transaction_start_offset.is_some()
                || time.millis_since(it.last_timestamp) < expiration_ms
        });
    }

    pub(crate) fn clear(&mut self) {
        self.producers.clear();
        self.log_time = None;
    }
}

#[cfg(test)]
mod tests;
