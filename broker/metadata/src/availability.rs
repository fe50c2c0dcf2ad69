//! Whether brokers can be stopped without a partition becoming unavailable.
//!
//! In: an image, and the brokers that would stop together. Out: nothing, or what stands against it.
//! Never here: the quorum's majority, and who asks.

use std::fmt;

use broker_types::{BrokerId, PartitionIndex};
use broker_wire::Str;

use crate::image::Image;
use crate::partition::Partition;

/// Partitions of an [`Obstacle`] that are named.
const NAMED_MAX: usize = 10;

/// What partitions would lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// `min.insync.replicas` replicas in sync, so that they refuse `acks=all`.
    MinIsr,
    /// A leader.
    Leader,
}

/// Partitions that would lack something, or do already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub lack: Lack,
    /// The first ten, in the order of their topics' names.
    pub partitions: Vec<(Str, PartitionIndex)>,
    /// How many there are in all. At least one.
    pub total: usize,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partitions = self.partitions.iter();
        let names: Vec<String> = partitions
            .map(|(topic, index)| format!("{topic}-{index}"))
            .collect();
        let more = self.total.saturating_sub(names.len());
        let lack = match self.lack {
            Lack::MinIsr => "would be under min.insync.replicas",
            Lack::Leader => "would have no leader",
        };
        write!(formatter, "{}", names.join(", "))?;
        if more > 0 {
            write!(formatter, " and {more} more")?;
        }
        write!(formatter, " {lack}")
    }
}

/// What stands against stopping `brokers` at the same time; what is worse for fewer comes later:
/// first partitions under their minimum, then those without a leader.
///
/// Only partitions with a replica on one of them count. With no replica to spare, no order of
/// restarts helps, so such a partition stands against nothing. Partitions are named in the order of
/// their topics, so that what the user reads does not flap.
pub fn obstacle(image: &Image, brokers: &[BrokerId]) -> Option<Obstacle> {
    let left = |it: &Partition| it.isr.iter().filter(|it| !brokers.contains(it)).count();
    let under_min_isr = find(image, brokers, Lack::MinIsr, |partition, min| {
        partition.replicas.len() > min && left(partition) < min
    });
    under_min_isr.or_else(|| {
        find(image, brokers, Lack::Leader, |partition, _| {
            partition.replicas.len() > 1 && left(partition) == 0
        })
    })
}

fn find(
    image: &Image,
    brokers: &[BrokerId],
    lack: Lack,
    lacks: impl Fn(&Partition, usize) -> bool,
) -> Option<Obstacle> {
    let mut obstacle = Obstacle {
        lack,
        partitions: Vec::new(),
        total: 0,
    };
    for topic in image.topics() {
        let min_insync_replicas = image.min_insync_replicas(&topic.name);
        for (index, partition) in topic.partitions() {
            let is_touched = partition.replicas.iter().any(|it| brokers.contains(it));
            if is_touched && lacks(partition, min_insync_replicas) {
                obstacle.total += 1;
                if obstacle.partitions.len() < NAMED_MAX {
                    obstacle.partitions.push((topic.name.clone(), index));
                }
            }
        }
    }
    (obstacle.total > 0).then_some(obstacle)
}
