//! Batches of idempotent producers that were refused for now: what was sent behind them waits for them.
//!
//! In: batches before they are appended, and what became of them. Out: whether a gap in the sequence is one
//! that this broker has made. Never here: sequences of the log.
//!
//! Producers have several batches on their way. One is refused, because the ISR is too small or this broker
//! does not lead yet, and a moment later the next one would be taken: the log sees a gap that is nobody's
//! mistake. `OUT_OF_ORDER_SEQUENCE_NUMBER` would have librdkafka begin another epoch, in which it sends again
//! what an earlier connection may have written to other partitions: twice in the log. So what follows a refused
//! batch is refused for now as well, and all come again in their order.
//!
//! Of a producer that the log does not know any sequence is taken, for its state may have expired: there
//! the second of several batches would become the first in the log. The very first may also have been
//! refused before it came to its shard: sequence 0 is always taken.

use std::collections::BTreeMap;
use std::time::Duration;

use broker_types::{Monotonic, ProducerEpoch, ProducerId, TopicPartition};
use broker_wire::record_batch::BatchHeader;

/// How long a producer may take to send a batch again: longer than any gives it before it begins anew in
/// another epoch (`delivery.timeout.ms`).
const REMEMBERED_FOR: Duration = Duration::from_secs(300);
/// Producers that are remembered; of more, the first to come.
const PRODUCERS_MAX: usize = 10_000;
/// Sequences are of 31 bits; what is less than half of that ahead comes later.
const SEQUENCES: u32 = 1 << 31;

#[derive(Clone, Copy, Debug)]
struct Refused {
    epoch: ProducerEpoch,
    /// The first sequence that was refused.
    sequence: u32,
    until: Monotonic,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the log, since now or before.
    Appended,
    /// It was not appended, and is to come again.
    Later,
    /// It was not appended, and will not be.
    Never,
}

/// What a shard has refused and not seen again.
#[derive(Debug, Default)]
pub(super) struct RefusedBatches {
    refused: BTreeMap<(TopicPartition, ProducerId), Refused>,
}

impl RefusedBatches {
    /// Whether one that was sent before this batch was refused, and has not come again.
    pub(super) fn is_behind(
        &mut self,
        partition: TopicPartition,
        header: &BatchHeader,
        now: Monotonic,
    ) -> bool {
        if self.refused.is_empty() {
            return false;
        }
        let (Some(producer_id), Some(sequence)) = (header.producer_id, header.base_sequence) else {
            return false;
        };
        let key = (partition, producer_id);
        match self.refused.get(&key) {
            Some(refused) if refused.until <= now => {
                self.refused.remove(&key);
                false
            }
            Some(refused) => {
                header.producer_epoch == Some(refused.epoch) && follows(refused.sequence, sequence)
            }
            None => false,
        }
    }

    /// Takes what became of a batch. `was_known`: whether the log knew its producer before.
    pub(super) fn settle(
        &mut self,
        partition: TopicPartition,
        header: &BatchHeader,
        was_known: bool,
        fate: Fate,
        now: Monotonic,
    ) {
        let (Some(producer_id), Some(sequence), Some(epoch)) = (
            header.producer_id,
            header.base_sequence,
            header.producer_epoch,
        ) else {
            return;
        };
        let key = (partition, producer_id);
        let before = self.refused.get(&key).copied();
        let before = before.filter(|it| it.epoch == epoch);
        match fate {
            // One from before the refused one, sent again, says nothing of it.
            Fate::Appended
                if before.is_some_and(|it| follows(sequence, it.sequence) && was_known) => {}
            Fate::Appended => {
                self.refused.remove(&key);
            }
            // The log knows where its producer is. Nobody waits for what will not come.
            Fate::Never if was_known => {
                if before.is_some_and(|it| it.sequence == sequence) {
                    self.refused.remove(&key);
                }
            }
            Fate::Later | Fate::Never => {
                let first = before.map(|it| it.sequence);
                let first = first
                    .filter(|it| follows(*it, sequence))
                    .unwrap_or(sequence);
                self.remember(key, epoch, first, now);
            }
        }
    }

    fn remember(
        &mut self,
        key: (TopicPartition, ProducerId),
        epoch: ProducerEpoch,
        sequence: u32,
        now: Monotonic,
    ) {
        if self.refused.len() >= PRODUCERS_MAX {
            self.refused.retain(|_, it| it.until > now);
        }
        if self.refused.len() < PRODUCERS_MAX || self.refused.contains_key(&key) {
            let until = now + REMEMBERED_FOR;
            let refused = Refused {
                epoch,
                sequence,
                until,
            };
            self.refused.insert(key, refused);
        }
    }
}

/// Whether `later` comes after `earlier`, also beyond the end of the sequences.
fn follows(earlier: u32, later: u32) -> bool {
    let ahead = later.wrapping_sub(earlier) % SEQUENCES;
    0 < ahead && ahead < SEQUENCES / 2
}

#[cfg(test)]
mod tests {
    use broker_types::{Offset, PartitionIndex, Timestamp, TopicId};
    use broker_wire::compression::Compression;
    use broker_wire::record_batch::{Batch, BatchBuilder, BatchOptions, Producer, TimestampType};

    use super::*;

    const PARTITION: TopicPartition = TopicPartition {
        topic_id: TopicId::METADATA,
        partition: PartitionIndex::ZERO,
    };

    fn header(producer: u64, epoch: u16, sequence: u32) -> BatchHeader {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: Offset::ZERO,
            partition_leader_epoch: None,
            compression: Compression::None,
            compression_level: None,
            timestamp_type: TimestampType::CreateTime,
            producer: Some(Producer {
                id: ProducerId::new(producer),
                epoch: ProducerEpoch::new(epoch),
                base_sequence: Some(sequence),
            }),
            is_transactional: false,
            is_control: false,
        });
        builder.append(Timestamp::from_millis(1), None, Some(b"x"), &[]);
        *Batch::parse(&builder.build().unwrap()).unwrap().header()
    }

    #[test]
    fn what_follows_a_refused_first_batch_waits_for_it() {
        let mut refused = RefusedBatches::default();
        let now = Monotonic::from_micros(0);
        let mut appended = |it: &BatchHeader, is_ready: bool, now| {
            let is_behind = refused.is_behind(PARTITION, it, now);
            let is_appended = is_ready && (!is_behind || it.base_sequence == Some(0));
            let fate = if is_appended {
                Fate::Appended
            } else {
                Fate::Later
            };
            refused.settle(PARTITION, it, false, fate, now);
            is_appended
        };
        assert!(!appended(&header(1, 0, 0), false, now));
        assert!(!appended(&header(1, 0, 2), true, now));
        assert!(appended(&header(2, 0, 2), true, now), "of another producer");
        assert!(appended(&header(1, 1, 3), true, now), "of another epoch");
        assert!(appended(&header(1, 0, 0), true, now));
        assert!(appended(&header(1, 0, 2), true, now));
        // The first was refused before it came here: what was refused next is the first to come again.
        assert!(!appended(&header(5, 0, 1), false, now));
        assert!(!appended(&header(5, 0, 2), true, now));
        assert!(!appended(&header(5, 0, 3), true, now));
        assert!(appended(&header(5, 0, 0), true, now));
        assert!(appended(&header(5, 0, 1), true, now));
        // One whose state has expired goes on where it was.
        assert!(!appended(&header(6, 0, 70), false, now));
        assert!(!appended(&header(6, 0, 71), true, now));
        assert!(appended(&header(6, 0, 70), true, now));
        assert!(appended(&header(6, 0, 71), true, now));
        // Whoever does not come again in time has given up.
        assert!(!appended(&header(3, 0, 0), false, now));
        assert!(!appended(&header(3, 0, 5), true, now));
        assert!(appended(&header(3, 0, 5), true, now + REMEMBERED_FOR));
    }

    #[test]
    fn a_gap_behind_a_refused_batch_is_no_gap_of_the_producer() {
        let mut refused = RefusedBatches::default();
        let now = Monotonic::from_micros(0);
        let mut settle = |sequence, fate| {
            let it = header(1, 0, sequence);
            let is_behind = refused.is_behind(PARTITION, &it, now);
            refused.settle(PARTITION, &it, true, fate, now);
            is_behind
        };
        assert!(!settle(33, Fate::Later));
        assert!(settle(36, Fate::Later));
        assert!(!settle(30, Fate::Appended), "a duplicate from before");
        assert!(settle(37, Fate::Later), "33 has not come again");
        assert!(!settle(33, Fate::Appended));
        assert!(!settle(36, Fate::Appended));
        // Its producer makes a gap by itself, and what it sends cannot be read.
        assert!(!settle(50, Fate::Never));
        assert!(!settle(51, Fate::Never));
        // Sequences begin anew.
        assert!(!settle(SEQUENCES - 1, Fate::Later));
        assert!(settle(0, Fate::Later));
        assert!(!settle(SEQUENCES - 2, Fate::Appended));
        assert!(settle(1, Fate::Later));
        assert!(!settle(SEQUENCES - 1, Fate::Never));
        assert!(!settle(1, Fate::Never), "its producer has given up");
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut first = RefusedBatches::default();
        let now = Monotonic::from_micros(0);
        for producer in 0..PRODUCERS_MAX as u64 + 10 {
            first.settle(PARTITION, &header(producer, 0, 0), false, Fate::Later, now);
        }
        assert_eq!(first.refused.len(), PRODUCERS_MAX);
        let later = now + REMEMBERED_FOR;
        first.settle(PARTITION, &header(1 << 40, 0, 0), false, Fate::Later, later);
        assert_eq!(first.refused.len(), 1);
    }
}
