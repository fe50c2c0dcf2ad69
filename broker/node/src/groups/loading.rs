//! Reading a partition's groups back, before its coordinator serves.
//!
//! In: a partition that this broker leads in a new epoch. Out: its records, in order, up to the high
//! watermark once that has passed all that earlier leaders left. Never here: what they mean.

use std::sync::Arc;
use std::time::Duration;

use broker_coordinator::GroupRecord;
use broker_types::{LeaderEpoch, Offset, TopicPartition};
use broker_wire::compression::decompress;
use broker_wire::record_batch::{Batch, batches, records};
use bytes::Bytes;

use super::Command;
use crate::node::Node;
use crate::world::World;

/// Bytes of the log that are read at a time.
const READ_BYTES_MAX: u32 = 1024 * 1024;
/// Most bytes that the records of one batch may come to.
const BATCH_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Pause after a load that failed: what could not be read may be readable again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Loads a partition once more, after a pause.
pub(super) async fn load_again<W: World>(
    node: Arc<Node<W>>,
    topic: TopicPartition,
    leader_epoch: LeaderEpoch,
) {
    node.world.sleep_until(node.world.now() + RETRY_AFTER).await;
    load(node, topic, leader_epoch).await;
}

/// Loads a partition; its coordinator hears of it by commands.
pub(super) async fn load<W: World>(
    node: Arc<Node<W>>,
    topic: TopicPartition,
    leader_epoch: LeaderEpoch,
) {
    let partition = topic.partition;
    let Some(settled) = node.await_settled(topic, leader_epoch).await else {
        return;
    };
    let mut offset = settled.log_start_offset;
    let end = loop {
        // What comes later is this coordinator's own.
        if offset >= settled.high_watermark {
            break Ok(settled.high_watermark);
        }
        let bytes = match node.read_committed(topic, offset, READ_BYTES_MAX).await {
            Ok(bytes) => bytes,
            Err(reason) => break Err(reason),
        };
        match read(&bytes, offset) {
            Ok((next, records)) if next > offset => {
                offset = next;
                node.tell_groups(Command::Loaded {
                    partition,
                    leader_epoch,
                    records,
                });
            }
            Ok(_) => break Err(format!("nothing is at offset {offset}")),
            Err(reason) => break Err(reason),
        }
    };
    node.tell_groups(Command::LoadEnded {
        partition,
        leader_epoch,
        end,
    });
}

/// The records of whole batches from `offset` on, and the offset after them.
fn read(bytes: &Bytes, offset: Offset) -> Result<(Offset, Vec<GroupRecord>), String> {
    let mut next = offset;
    let mut found = Vec::new();
    for batch in batches(bytes) {
        let batch = batch.map_err(|error| error.to_string())?;
        next = batch.header().next_offset();
        if !batch.header().is_control() {
            read_batch(&batch, &mut found)?;
        }
    }
    Ok((next, found))
}

fn read_batch(batch: &Batch<'_>, found: &mut Vec<GroupRecord>) -> Result<(), String> {
    let header = batch.header();
    let plain = decompress(header.compression(), batch.records_bytes(), BATCH_BYTES_MAX)
        .map_err(|error| error.to_string())?;
    for record in records(header, &plain) {
        let record = record.map_err(|error| error.to_string())?;
        // Without a key it says nothing about any group.
        let Some(key) = record.key else { continue };
        found.push(GroupRecord {
            key: Bytes::copy_from_slice(key),
            value: record.value.map(Bytes::copy_from_slice),
        });
    }
    Ok(())
}
