//! Which brokers hold a new partition: chosen by `broker-placement`, or named by the request.
//!
//! In: what is wanted. Out: brokers per partition, and the partition as it begins. Never here: how a
//! placement is spread.

use std::collections::BTreeMap;

use broker_placement::{self as placement, Request};
use broker_types::{BrokerId, LeaderEpoch, PartitionEpoch, PartitionIndex};

use crate::controller::refusal::Refusal;
use crate::image::Image;
use crate::partition::{LeaderRecovery, Partition, are_distinct};

/// Most partitions that one request may create: the records of a decision are one batch.
pub(crate) const PARTITIONS_PER_REQUEST_MAX: usize = 10_000;

/// How much each broker holds, counted once per request and kept while it places.
pub(crate) struct Loads(BTreeMap<BrokerId, Load>);

#[derive(Clone, Copy, Default)]
struct Load {
    replicas: usize,
    leaders: usize,
}

impl Loads {
    pub(crate) fn of(image: &Image) -> Loads {
        let mut loads = Loads(BTreeMap::new());
        for (_, _, partition) in image.partitions() {
            loads.add(&partition.replicas);
        }
        loads
    }

    fn add(&mut self, replicas: &[BrokerId]) {
        for id in replicas {
            self.0.entry(*id).or_default().replicas += 1;
        }
        if let Some(first) = replicas.first() {
            self.0.entry(*first).or_default().leaders += 1;
        }
    }

    /// Chooses brokers for `partitions` more partitions beside those of `existing`.
    pub(crate) fn place(
        &mut self,
        image: &Image,
        existing: &[Vec<BrokerId>],
        partitions: usize,
        replication_factor: usize,
    ) -> Result<Vec<Vec<BrokerId>>, Refusal> {
        let open = image.brokers().filter(|it| !it.is_cordoned());
        let brokers = open.map(|it| {
            let load = self.0.get(&it.id).copied().unwrap_or_default();
            placement::Broker {
                id: it.id,
                rack: it.rack.as_deref(),
                is_active: it.is_active(),
                replicas: load.replicas,
                leaders: load.leaders,
            }
        });
        let request = Request {
            brokers: &brokers.collect::<Vec<_>>(),
            existing,
            partitions,
            replication_factor,
        };
        let placed = placement::place(&request).map_err(|error| {
            let reason = error.to_string();
            Refusal::InvalidReplicationFactor { reason }
        })?;
        for replicas in &placed {
            self.add(replicas);
        }
        Ok(placed)
    }
}

/// The brokers that a request names for a partition.
pub(crate) fn named(
    image: &Image,
    partition: PartitionIndex,
    broker_ids: &[i32],
) -> Result<Vec<BrokerId>, Refusal> {
    let invalid = |reason: String| Refusal::InvalidReplicaAssignment { partition, reason };
    let known = |raw: &i32| {
        let broker = BrokerId::from_wire(*raw).and_then(|it| image.broker(it));
        broker.ok_or_else(|| invalid(format!("broker {raw} is not registered")))
    };
    let brokers = broker_ids
        .iter()
        .map(known)
        .collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<BrokerId> = brokers.iter().map(|it| it.id).collect();
    if ids.is_empty() {
        return Err(invalid("it names no broker".to_owned()));
    }
    if !are_distinct(&ids) {
        return Err(invalid("it names a broker twice".to_owned()));
    }
    if !brokers.iter().any(|it| it.is_active()) {
        return Err(invalid(
            "all its brokers are fenced or shutting down".to_owned(),
        ));
    }
    Ok(ids)
}

/// A partition at its beginning: all replicas that are active are in sync, for there is nothing to
/// have yet; the first of them leads.
pub(crate) fn new_partition(image: &Image, replicas: Vec<BrokerId>) -> Partition {
    let directory = |it: &BrokerId| image.broker(*it).and_then(|it| it.only_directory());
    let is_active = |it: &BrokerId| image.broker(*it).is_some_and(|it| it.is_active());
    let isr: Vec<BrokerId> = replicas.iter().copied().filter(is_active).collect();
    Partition {
        directories: replicas.iter().map(directory).collect(),
        leader: isr.first().copied(),
        isr,
        replicas,
        elr: Vec::new(),
        last_known_elr: Vec::new(),
        recovery: LeaderRecovery::Recovered,
        leader_epoch: LeaderEpoch::ZERO,
        partition_epoch: PartitionEpoch::ZERO,
        adding: Vec::new(),
        removing: Vec::new(),
    }
}
