//! Batches of a few kilobytes that hold a hundred megabytes.
//!
//! In: nothing. Out: produce requests, each with a batch that no broker should unfold in memory.
//! Never here: what the broker is expected to say.

use broker_types::Timestamp;
use broker_wire::Records;
use broker_wire::compression::Compression;
use broker_wire::messages::ProduceRequest;
use broker_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use broker_wire::record_batch::{BatchBuilder, BatchOptions};

/// What the bombs of all codecs but snappy hold.
const HELD_BYTES: usize = 120_000_000;
/// Snappy makes at most some twenty bytes out of one.
const HELD_BYTES_SNAPPY: usize = 20_000_000;

/// A request for many partitions, none of which is there, with no records for any.
pub(crate) fn nothing(topic: &str, n_partitions: i32) -> ProduceRequest {
    let partitions = (0..n_partitions).map(|index| PartitionProduceData {
        index,
        ..PartitionProduceData::default()
    });
    request(topic, partitions.collect())
}

fn request(topic: &str, partition_data: Vec<PartitionProduceData>) -> ProduceRequest {
    ProduceRequest {
        acks: -1,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: topic.into(),
            partition_data,
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

/// A request whose batch was compressed with `codec` and holds records of about `record_bytes`.
pub(crate) fn bomb(topic: &str, codec: Compression, record_bytes: usize) -> ProduceRequest {
    let held = match codec {
        Compression::Snappy => HELD_BYTES_SNAPPY,
        Compression::None | Compression::Gzip | Compression::Lz4 | Compression::Zstd => HELD_BYTES,
    };
    let record_bytes = record_bytes.min(held);
    let zeros = vec![0; record_bytes];
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: codec,
        ..BatchOptions::default()
    });
    for _ in 0..held / record_bytes {
        builder.append(Timestamp::from_millis(-1), None, Some(&zeros), &[]);
    }
    let batch = builder.build().unwrap();
    assert!(batch.len() < 1 << 20, "{codec:?}: {} bytes", batch.len());
    let partition = PartitionProduceData {
        index: 0,
        records: Some(Records::Bytes(batch.into())),
        ..PartitionProduceData::default()
    };
    request(topic, vec![partition])
}
