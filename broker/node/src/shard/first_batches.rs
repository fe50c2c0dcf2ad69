//! Idempotent producers whose first batch was refused: what they sent behind it is refused too.
//!
//! In: batches before they are appended, and what became of them. Out: whether one may be appended.
//! Never here: producers that the log knows, whose gaps the log sees.
//!
//! Of a producer that the log does not know any sequence is taken: its state may have expired. So the
//! second of several batches on their way could become the first in the log, and the first, sent
//! again, the second. Whoever refuses a batch of such a producer remembers it, until it comes again.
//! The very first may also have been refused before it came to its shard: sequence 0 is always taken.

use std::collections::BTreeMap;
use std::time::Duration;

use broker_log::SequenceError;
use broker_types::{Monotonic, ProducerEpoch, ProducerId, TopicPartition};
use broker_wire::record_batch::BatchHeader;

/// How long a producer may take to send its first batch again: longer than any gives it before it
/// begins anew in another epoch (`delivery.timeout.ms`).
const REMEMBERED_FOR: Duration = Duration::from_secs(300);
/// Producers that are remembered; of more, the first to come.
const PRODUCERS_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug)]
struct Refused {
    epoch: ProducerEpoch,
    /// The lowest sequence that was refused.
    sequence: u32,
    until: Monotonic,
}

/// The first batches that a shard has refused and not seen again.
#[derive(Debug, Default)]
pub(super) struct FirstBatches {
    refused: BTreeMap<(TopicPartition, ProducerId), Refused>,
}

impl FirstBatches {
    /// Whether a batch may be appended, as far as earlier ones of its producer go. `is_known`:
    /// whether the log knows the producer, which may have written elsewhere since it was refused here.
    pub(super) fn admit(
        &mut self,
        partition: TopicPartition,
        header: &BatchHeader,
        is_known: bool,
        now: Monotonic,
    ) -> Result<(), SequenceError> {
        if self.refused.is_empty() {
            return Ok(());
        }
        let (Some(producer_id), Some(sequence)) = (header.producer_id, header.base_sequence) else {
            return Ok(());
        };
        let key = (partition, producer_id);
        match self.refused.get(&key) {
            Some(refused) if refused.until <= now || is_known => {
                self.refused.remove(&key);
                Ok(())
            }
            Some(refused)
                if header.producer_epoch == Some(refused.epoch)
                    && sequence != 0
                    && sequence != refused.sequence =>
            {
                Err(SequenceError::OutOfOrder {
                    producer_id,
                    found: sequence,
                    last: None,
                })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Takes what became of a batch. `is_known`: whether the log knew its producer before.
    pub(super) fn settle(
        &mut self,
        partition: TopicPartition,
        header: &BatchHeader,
        is_known: bool,
        is_appended: bool,
        now: Monotonic,
    ) {
        let (Some(producer_id), Some(sequence)) = (header.producer_id, header.base_sequence) else {
            return;
        };
        let key = (partition, producer_id);
        if is_appended || is_known {
            self.refused.remove(&key);
            return;
        }
        let before = self.refused.get(&key);
        let before = before.filter(|it| Some(it.epoch) == header.producer_epoch);
        let sequence = before.map_or(sequence, |it| it.sequence.min(sequence));
        if self.refused.len() >= PRODUCERS_MAX {
            self.refused.retain(|_, it| it.until > now);
        }
        if let Some(epoch) = header.producer_epoch
            && (self.refused.len() < PRODUCERS_MAX || self.refused.contains_key(&key))
        {
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
        let mut first = FirstBatches::default();
        let now = Monotonic::from_micros(0);
        let known = ProducerId::new(4);
        let mut appended = |it: &BatchHeader, is_ready: bool, now| {
            let is_known = it.producer_id == Some(known);
            let admitted = first.admit(PARTITION, it, is_known, now);
            let is_appended = is_ready && admitted.is_ok();
            first.settle(PARTITION, it, is_known, is_appended, now);
            is_appended
        };
        assert!(!appended(&header(1, 0, 0), false, now));
        assert!(!appended(&header(1, 0, 2), true, now));
        assert!(appended(&header(2, 0, 2), true, now), "of another producer");
        assert!(appended(&header(1, 1, 3), true, now), "of another epoch");
        assert!(appended(&header(1, 0, 0), true, now));
        assert!(appended(&header(1, 0, 2), true, now));
        assert!(appended(&header(4, 0, 7), true, now), "the log knows it");
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
    fn only_so_many_are_remembered() {
        let mut first = FirstBatches::default();
        let now = Monotonic::from_micros(0);
        for producer in 0..PRODUCERS_MAX as u64 + 10 {
            first.settle(PARTITION, &header(producer, 0, 0), false, false, now);
        }
        assert_eq!(first.refused.len(), PRODUCERS_MAX);
        let later = now + REMEMBERED_FOR;
        first.settle(PARTITION, &header(1 << 40, 0, 0), false, false, later);
        assert_eq!(first.refused.len(), 1);
    }
}
