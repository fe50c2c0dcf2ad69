//! Whether brokers can be stopped without a partition falling under its minimum.
//!
//! In: an image, and the brokers that would stop together. Out: yes, or the first partition that
//! forbids it. Never here: the quorum's majority, and who asks.

use broker_types::{BrokerId, PartitionIndex};
use broker_wire::Str;

use crate::image::Image;

/// A partition that would have too few replicas in sync to accept `acks=all`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "partition {topic}-{partition} would have {isr} replicas in sync, and needs {min_insync_replicas}"
)]
pub struct UnderMinIsr {
    pub topic: Str,
    pub partition: PartitionIndex,
    /// How many would be left in the ISR.
    pub isr: usize,
    pub min_insync_replicas: usize,
}

/// Whether `brokers` may stop at the same time.
///
/// Only partitions with a replica on one of them count. With no replica to spare, no order of
/// restarts helps, so such a partition forbids nothing. Partitions are looked at in the order of
/// their topics' names and the first reason wins, so that what the user reads does not flap.
///
/// # Errors
/// With the first partition that would fall, or stay, under its minimum.
pub fn may_stop(image: &Image, brokers: &[BrokerId]) -> Result<(), UnderMinIsr> {
    for topic in image.topics() {
        let min_insync_replicas = image.min_insync_replicas(&topic.name);
        for (index, partition) in topic.partitions() {
            let is_touched = partition.replicas.iter().any(|it| brokers.contains(it));
            if !is_touched || partition.replicas.len() <= min_insync_replicas {
                continue;
            }
            let left = partition.isr.iter().filter(|it| !brokers.contains(it));
            let isr = left.count();
            if isr < min_insync_replicas {
                return Err(UnderMinIsr {
                    topic: topic.name.clone(),
                    partition: index,
                    isr,
                    min_insync_replicas,
                });
            }
        }
    }
    Ok(())
}
