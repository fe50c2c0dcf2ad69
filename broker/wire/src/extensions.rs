//! What Tidemill's brokers say to each other in Kafka's messages beyond what Kafka has fields for.
//!
//! In: values, or a message. Out: tagged fields (KIP-482) under tags far above Kafka's own; whoever
//! does not know them leaves them alone. Never here: what the values mean to a broker.

use bytes::Bytes;

use crate::RawTaggedField;
use crate::messages::alter_partition_request::PartitionData;
use crate::reader::{DecodeError, Reader};
use crate::writer::Writer;

/// Replicas that lack what they once had: a compact array of broker ids.
const LOST_REPLICAS: u32 = 10_000;

impl PartitionData {
    /// States replicas that lack what they once had; none removes the statement.
    pub fn set_lost_replicas(&mut self, brokers: &[i32]) {
        self.unknown_tagged_fields
            .retain(|it| it.tag != LOST_REPLICAS);
        if brokers.is_empty() {
            return;
        }
        let mut writer = Writer::new();
        let written = writer.array(Some(brokers), true, |writer, it| {
            writer.i32(*it);
            Ok(())
        });
        written.expect("a few numbers fit an array");
        self.unknown_tagged_fields.push(RawTaggedField {
            tag: LOST_REPLICAS,
            data: writer.into_bytes(),
        });
        self.unknown_tagged_fields.sort_by_key(|it| it.tag);
    }

    /// Replicas that are stated to lack what they once had.
    ///
    /// # Errors
    /// When the field is there and is no list of broker ids.
    pub fn lost_replicas(&self) -> Result<Vec<i32>, DecodeError> {
        let mut fields = self.unknown_tagged_fields.iter();
        let Some(field) = fields.find(|it| it.tag == LOST_REPLICAS) else {
            return Ok(Vec::new());
        };
        let mut reader = Reader::new(Bytes::clone(&field.data));
        let brokers = reader.array(true, size_of::<i32>(), Reader::i32)?;
        reader.finish("lost replicas")?;
        Ok(brokers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;
    use crate::messages::AlterPartitionRequest;
    use crate::messages::alter_partition_request::TopicData;

    fn sent(partition: PartitionData) -> PartitionData {
        let topic = TopicData {
            partitions: vec![partition],
            ..TopicData::default()
        };
        let request = AlterPartitionRequest {
            topics: vec![topic],
            ..AlterPartitionRequest::default()
        };
        let bytes = request.encode(3).unwrap();
        let mut read = AlterPartitionRequest::decode(bytes, 3).unwrap();
        read.topics.remove(0).partitions.remove(0)
    }

    #[test]
    fn lost_replicas_arrive() {
        for brokers in [&[][..], &[2], &[1, 4001]] {
            let mut partition = PartitionData::default();
            partition.set_lost_replicas(&[7]);
            partition.set_lost_replicas(brokers);
            assert_eq!(sent(partition).lost_replicas().unwrap(), brokers);
        }
    }

    #[test]
    fn a_field_that_is_no_list_is_an_error() {
        for data in [&[][..], &[3, 0, 0, 0, 1], &[2, 0, 0, 0, 1, 9]] {
            let partition = PartitionData {
                unknown_tagged_fields: vec![RawTaggedField {
                    tag: LOST_REPLICAS,
                    data: Bytes::copy_from_slice(data),
                }],
                ..PartitionData::default()
            };
            assert!(sent(partition).lost_replicas().is_err(), "{data:?}");
        }
    }
}
