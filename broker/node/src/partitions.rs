//! What of this broker's partitions everybody may see: views, published by the shards that own them.
//!
//! In: what a shard publishes. Out: the newest of it, without entering the shard. Never here:
//! anything that changes a partition.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use broker_log::LogView;
use broker_log::dir::Dir;
use broker_replica::{InSyncFollower, RoleKind};
use broker_types::{BrokerId, LeaderEpoch, Offset, TopicPartition};
use broker_wire::Str;

/// What a partition shows of itself at one moment.
pub struct PartitionView<D: Dir> {
    pub log: LogView<D>,
    pub role: RoleKind,
    pub leader_epoch: Option<LeaderEpoch>,
    /// Consumers read below it.
    pub high_watermark: Offset,
    /// Whether this leader knows what is committed: the high watermark has passed all that earlier
    /// leaders left (KIP-207).
    pub is_settled: bool,
    /// Of a leader.
    pub in_sync_followers: Vec<InSyncFollower>,
    /// Whether the disk failed under it.
    pub is_offline: bool,
}

/// A partition of this broker.
pub struct Partition<D: Dir> {
    pub id: TopicPartition,
    pub topic: Str,
    /// The shard that owns it.
    pub shard: usize,
    view: ArcSwap<PartitionView<D>>,
}

impl<D: Dir> Partition<D> {
    pub(crate) fn new(
        id: TopicPartition,
        topic: Str,
        shard: usize,
        view: PartitionView<D>,
    ) -> Partition<D> {
        Partition {
            id,
            topic,
            shard,
            view: ArcSwap::from_pointee(view),
        }
    }

    pub fn view(&self) -> Arc<PartitionView<D>> {
        self.view.load_full()
    }

    pub(crate) fn publish(&self, view: PartitionView<D>) {
        self.view.store(Arc::new(view));
    }
}

/// All partitions that this broker has a replica of.
pub struct Partitions<D: Dir> {
    by_id: ArcSwap<BTreeMap<TopicPartition, Arc<Partition<D>>>>,
}

impl<D: Dir> Default for Partitions<D> {
    fn default() -> Partitions<D> {
        Partitions {
            by_id: ArcSwap::from_pointee(BTreeMap::new()),
        }
    }
}

impl<D: Dir> Partitions<D> {
    pub fn partition(&self, id: TopicPartition) -> Option<Arc<Partition<D>>> {
        self.by_id.load().get(&id).cloned()
    }

    pub fn all(&self) -> Arc<BTreeMap<TopicPartition, Arc<Partition<D>>>> {
        self.by_id.load_full()
    }

    /// Adds and removes at once, so that a change of many partitions copies the table once.
    pub(crate) fn change(&self, added: &[Arc<Partition<D>>], removed: &[TopicPartition]) {
        if added.is_empty() && removed.is_empty() {
            return;
        }
        self.by_id.rcu(|before| {
            let mut after = BTreeMap::clone(before);
            for id in removed {
                after.remove(id);
            }
            after.extend(added.iter().map(|it| (it.id, Arc::clone(it))));
            after
        });
    }
}

/// The shard that owns a partition: always the same for the same partition.
pub fn shard_of(id: TopicPartition, n_shards: usize) -> usize {
    let bytes = id.topic_id.to_bytes();
    let mixed = bytes.iter().fold(id.partition.value(), |mixed, byte| {
        mixed.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    usize::try_from(mixed).unwrap_or(0) % n_shards.max(1)
}

/// Whether a broker is among a partition's replicas.
pub fn is_replica(partition: &broker_metadata::Partition, broker: BrokerId) -> bool {
    partition.replicas.contains(&broker)
}
