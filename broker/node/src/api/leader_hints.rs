//! Where partitions went that this broker does not lead, for the answers that can say it (KIP-951).
//!
//! In: the image, a listener, partitions. Out: their leaders and where those are reached. Never
//! here: which errors are worth a hint.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_metadata::{Image, Topic};
use broker_types::{BrokerId, LeaderEpoch, PartitionIndex, TopicId};

use crate::connection::Listener;
use crate::reachable::{Reachable, ReachableBrokers};

/// The leaders that one answer names.
pub(super) struct LeaderHints<'a> {
    image: &'a Image,
    reachable: ReachableBrokers,
    told: BTreeMap<BrokerId, Reachable>,
}

impl<'a> LeaderHints<'a> {
    pub(super) fn new(image: &'a Image, listener: &Listener) -> LeaderHints<'a> {
        LeaderHints {
            image,
            reachable: ReachableBrokers::new(image, listener),
            told: BTreeMap::new(),
        }
    }

    /// A topic by its id, or where a request has none, by its name.
    pub(super) fn topic(&self, id: [u8; 16], name: &str) -> Option<&'a Arc<Topic>> {
        match TopicId::from_wire(id) {
            Some(id) => self.image.topic_by_id(id),
            None => self.image.topic(name),
        }
    }

    /// The leader of a partition. One whom the client cannot look up helps it less than none.
    pub(super) fn leader(&mut self, topic: &Topic, index: i32) -> Option<(BrokerId, LeaderEpoch)> {
        let partition = topic.partition(PartitionIndex::from_wire(index)?)?;
        let leader = self.reachable.broker(partition.leader?)?;
        self.told.insert(leader.id, leader.clone());
        Some((leader.id, partition.leader_epoch))
    }

    /// Where the leaders that were named are reached.
    pub(super) fn into_endpoints(self) -> impl Iterator<Item = Reachable> {
        self.told.into_values()
    }
}
