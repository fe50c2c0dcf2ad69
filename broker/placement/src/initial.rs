//! Initial placement: replicas for a new topic, or for partitions added to one.
//!
//! In: a [`Request`]. Out: one list of brokers per new partition. Never here: moving replicas that
//! exist.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use broker_types::BrokerId;

use crate::{Error, leaders};

/// A broker that may receive replicas. Cordoned brokers are left out by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broker<'a> {
    pub id: BrokerId,
    /// Brokers without a rack count as being in one rack of their own.
    pub rack: Option<&'a str>,
    /// Unfenced and not shutting down: it may lead from the first moment.
    pub is_active: bool,
    /// Replicas that it holds already, of all topics.
    pub replicas: usize,
    /// How many of those are the first of their partition.
    pub leaders: usize,
}

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub brokers: &'a [Broker<'a>],
    /// Assignments of the topic's partitions that exist: new ones fill the gaps that these leave.
    pub existing: &'a [Vec<BrokerId>],
    /// How many partitions to place.
    pub partitions: usize,
    pub replication_factor: usize,
}

/// Assigns brokers to new partitions of one topic.
///
/// Per partition, racks are used as evenly as their sizes allow, so that replicas are on distinct
/// racks when there are enough of them. The topic is spread evenly first; the load of the cluster
/// only breaks ties, so that successive topics begin at different brokers, yet a new empty broker
/// does not get all of a topic. The first replica of each partition is active; inactive brokers
/// are used only where their rack has no active one left. With racks of the same size and all
/// brokers active, replicas per broker and leaders per broker differ by at most one.
///
/// Brokers that share few partitions of the topic are put together, and of the followers the one
/// that has followed this leader least comes first: when a broker fails, its leaderships spread over
/// the others.
///
/// # Errors
/// When there are fewer brokers than replicas, or no active broker, or no replica is wanted.
pub fn place(request: &Request<'_>) -> Result<Vec<Vec<BrokerId>>, Error> {
    let brokers: BTreeMap<BrokerId, &Broker<'_>> =
        request.brokers.iter().map(|it| (it.id, it)).collect();
    if request.replication_factor == 0 {
        return Err(Error::NoReplicas);
    }
    if request.replication_factor > brokers.len() {
        return Err(Error::ReplicationFactorOverBrokers {
            replication_factor: request.replication_factor,
            brokers: brokers.len(),
        });
    }
    if !brokers.values().any(|it| it.is_active) {
        return Err(Error::NoActiveBroker);
    }
    let mut load = Load::new(&brokers, request.existing);
    let mut placed: Vec<Vec<BrokerId>> = (0..request.partitions)
        .map(|_| load.choose_replicas(request.replication_factor))
        .collect();
    leaders::elect(&brokers, request.existing, &mut placed);
    leaders::order_followers(request.existing, &mut placed);
    Ok(placed)
}

/// Replicas per broker and rack, as they grow while partitions are placed.
struct Load<'a> {
    racks: BTreeMap<Option<&'a str>, Rack<'a>>,
    shared: Shared,
}

/// How many partitions of the topic two brokers share, the lesser id first.
#[derive(Default)]
struct Shared(BTreeMap<(BrokerId, BrokerId), usize>);

impl Shared {
    fn add(&mut self, replicas: &[BrokerId]) {
        for (place, one) in replicas.iter().enumerate() {
            for other in replicas.iter().skip(place + 1) {
                *self.0.entry(Self::key(*one, *other)).or_default() += 1;
            }
        }
    }

    fn with(&self, broker: BrokerId, chosen: &BTreeSet<BrokerId>) -> usize {
        let shared = |it: &BrokerId| self.0.get(&Self::key(broker, *it)).copied();
        chosen.iter().filter_map(shared).sum()
    }

    fn key(one: BrokerId, other: BrokerId) -> (BrokerId, BrokerId) {
        (one.min(other), one.max(other))
    }
}

#[derive(Default)]
struct Rack<'a> {
    brokers: Vec<BrokerLoad<'a>>,
    of_topic: usize,
    of_cluster: usize,
}

struct BrokerLoad<'a> {
    broker: &'a Broker<'a>,
    of_topic: usize,
}

impl<'a> Load<'a> {
    fn new(brokers: &BTreeMap<BrokerId, &'a Broker<'a>>, existing: &[Vec<BrokerId>]) -> Load<'a> {
        let mut of_topic: BTreeMap<BrokerId, usize> = BTreeMap::new();
        for id in existing.iter().flatten() {
            *of_topic.entry(*id).or_default() += 1;
        }
        let mut racks: BTreeMap<Option<&str>, Rack<'_>> = BTreeMap::new();
        for broker in brokers.values() {
            let of_topic = of_topic.get(&broker.id).copied().unwrap_or(0);
            let rack = racks.entry(broker.rack).or_default();
            rack.of_topic += of_topic;
            rack.of_cluster += broker.replicas;
            rack.brokers.push(BrokerLoad { broker, of_topic });
        }
        let mut shared = Shared::default();
        for replicas in existing {
            shared.add(replicas);
        }
        Load { racks, shared }
    }

    /// One partition's brokers, at most as many as there are.
    fn choose_replicas(&mut self, replication_factor: usize) -> Vec<BrokerId> {
        let mut chosen = BTreeSet::new();
        let mut in_order = Vec::new();
        while in_order.len() < replication_factor {
            let rack = self
                .racks
                .values_mut()
                .filter(|it| it.unused(&chosen) > 0)
                .min_by(|one, other| one.compare(other, &chosen));
            let Some(id) = rack.and_then(|it| it.take(&chosen, &self.shared)) else {
                break;
            };
            chosen.insert(id);
            in_order.push(id);
        }
        self.shared.add(&in_order);
        in_order
    }
}

impl Rack<'_> {
    fn unused(&self, chosen: &BTreeSet<BrokerId>) -> usize {
        let is_unused = |it: &&BrokerLoad<'_>| !chosen.contains(&it.broker.id);
        self.brokers.iter().filter(is_unused).count()
    }

    fn has_active(&self, chosen: &BTreeSet<BrokerId>) -> bool {
        self.brokers
            .iter()
            .any(|it| it.broker.is_active && !chosen.contains(&it.broker.id))
    }

    /// Which rack the next replica goes to: the lesser one.
    ///
    /// Distinct racks count more than active brokers: fencing passes, an assignment stays.
    fn compare(&self, other: &Rack<'_>, chosen: &BTreeSet<BrokerId>) -> Ordering {
        let (size, other_size) = (self.brokers.len(), other.brokers.len());
        let used = |it: &Self| it.brokers.len() - it.unused(chosen);
        let other_used = other_size - other.unused(chosen);
        used(self)
            .cmp(&other_used)
            .then(other.has_active(chosen).cmp(&self.has_active(chosen)))
            // Load per broker, compared without dividing.
            .then((self.of_topic * other_size).cmp(&(other.of_topic * size)))
            .then((self.of_cluster * other_size).cmp(&(other.of_cluster * size)))
    }

    /// Takes the least loaded unused broker, an active one if there is one.
    fn take(&mut self, chosen: &BTreeSet<BrokerId>, shared: &Shared) -> Option<BrokerId> {
        let taken = self
            .brokers
            .iter_mut()
            .filter(|it| !chosen.contains(&it.broker.id))
            .min_by_key(|it| {
                let id = it.broker.id;
                let in_cluster = it.broker.replicas + it.of_topic;
                let with_chosen = shared.with(id, chosen);
                (
                    !it.broker.is_active,
                    it.of_topic,
                    with_chosen,
                    in_cluster,
                    id,
                )
            })?;
        taken.of_topic += 1;
        self.of_topic += 1;
        self.of_cluster += 1;
        Some(taken.broker.id)
    }
}

#[cfg(test)]
mod tests;
