//! Faults by which a replica loses what it had, each the only one of its run.
//!
//! In: which broker. Out: a bit changed, a folder or a disk gone, a disk as it was before. Never here:
//! whether it is time for one.
//!
//! Two such losses may be all copies of a record, and so may the loss of the only one that was in sync:
//! a cluster must survive any other.

use std::sync::Arc;
use std::time::Duration;

use broker_metadata::Image;
use broker_types::PartitionIndex;

use crate::broker::Crash;
use crate::cluster::{Cluster, Later};
use crate::faults::crash;
use crate::run::{FLIPPED, JOURNAL, LEDGER};

/// Pause after which something is tried again for which it was too early.
const RETRY_AFTER: Duration = Duration::from_millis(700);
/// Topics that may lose a replica.
const TOPICS: [&str; 2] = [LEDGER, JOURNAL];

/// Changes a bit of a record in a closed segment.
pub(crate) fn flip_bit(cluster: &mut Cluster, one: usize) {
    let chance = cluster.around.chance.clone();
    // As with a replica that is lost: others must have all of it.
    if cluster.has_lost_replica || !is_in_sync_elsewhere(cluster, JOURNAL, one) {
        return;
    }
    let flipped = cluster.brokers.get(one);
    if flipped.is_some_and(|it| it.flip(&format!("{JOURNAL}-0"), &chance)) {
        cluster.has_lost_replica = true;
        cluster.around.trace.mark(FLIPPED);
    } else {
        // There is nothing old yet.
        cluster.later(RETRY_AFTER, Later::FlipBit(one));
    }
}

/// Takes a replica away while its broker is down.
pub(crate) fn lose_folder(cluster: &mut Cluster, one: usize) {
    let chance = cluster.around.chance.clone();
    let topic = chance.pick(&TOPICS).unwrap_or_default();
    if !cluster.has_lost_replica && is_in_sync_elsewhere(cluster, topic, one) {
        cluster.has_lost_replica = true;
        cluster.around.trace.mark("a replica was lost");
        crash(cluster, &[one], Crash::Process);
        if let Some(broker) = cluster.brokers.get(one) {
            broker.lose(&format!("{topic}-0"));
        }
    }
}

/// Takes a broker's whole disk away: it comes back with an empty one, and is another replica of all
/// that it had. As in [`lose_folder`], it is the only loss of a run.
pub(crate) fn lose_disk(cluster: &mut Cluster, one: usize) {
    if cluster.has_lost_replica || !has_all_elsewhere(cluster, one) {
        return;
    }
    cluster.has_lost_replica = true;
    cluster.around.trace.mark("a disk was lost");
    crash(cluster, &[one], Crash::Process);
    let around = cluster.around.clone();
    if let Some(broker) = cluster.brokers.get_mut(one) {
        broker.lose_disk(&around);
    }
}

/// Takes a copy of a broker's disk, as a volume is copied under a machine that runs, for the broker to
/// be given later.
///
/// Not of a voter's: one that has forgotten its last votes may vote again, and nobody can tell.
pub(crate) fn remember_disk(cluster: &mut Cluster, n_voters: usize) {
    let chance = cluster.around.chance.clone();
    let observers: Vec<usize> = (n_voters..cluster.brokers.len()).collect();
    let Some(one) = chance
        .pick(&observers)
        .filter(|_| !cluster.has_lost_replica)
    else {
        return;
    };
    if let Some(broker) = cluster.brokers.get_mut(one) {
        broker.remember_disk(&chance);
    }
    // Only a broker that has registered since is told from one that has all.
    crash(cluster, &[one], Crash::Process);
    cluster.later(chance.millis(1_000, 6_000), Later::OldDisk(one));
}

/// Gives a broker the older copy of its disk, once it has registered since the copy was taken. As in
/// [`lose_disk`], others must have all that it had.
pub(crate) fn take_old_disk(cluster: &mut Cluster, one: usize) {
    if cluster.has_lost_replica {
        return;
    }
    let Some(broker) = cluster.brokers.get(one) else {
        return;
    };
    let registered = newest_image(cluster).and_then(|it| it.broker(broker.id).map(|it| it.epoch));
    if registered <= broker.remembered_epoch() || !has_all_elsewhere(cluster, one) {
        return cluster.later(RETRY_AFTER, Later::OldDisk(one));
    }
    cluster.has_lost_replica = true;
    cluster.around.trace.mark("a disk was as it had been");
    crash(cluster, &[one], Crash::Process);
    if let Some(broker) = cluster.brokers.get_mut(one) {
        broker.take_remembered_disk();
    }
}

/// Whether every partition of a broker is in sync on another one, as the newest metadata has it.
fn has_all_elsewhere(cluster: &Cluster, one: usize) -> bool {
    let victim = cluster.brokers.get(one).map(|it| it.id);
    newest_image(cluster).is_some_and(|image| {
        let mut partitions = image.partitions();
        partitions.all(|(_, _, it)| it.isr.iter().any(|it| Some(*it) != victim))
    })
}

/// Whether another broker's replica of a topic's first partition is in its ISR, as the newest
/// metadata has it.
fn is_in_sync_elsewhere(cluster: &Cluster, topic: &str, one: usize) -> bool {
    let victim = cluster.brokers.get(one).map(|it| it.id);
    newest_image(cluster).is_some_and(|image| {
        let partition = image
            .topic(topic)
            .and_then(|it| it.partition(PartitionIndex::ZERO));
        partition.is_some_and(|it| it.isr.iter().any(|it| Some(*it) != victim))
    })
}

fn newest_image(cluster: &Cluster) -> Option<Arc<Image>> {
    let images = cluster.brokers.iter().filter_map(|it| it.node());
    let images = images.map(|it| it.image());
    images.max_by_key(|it| it.position().map(|it| it.offset))
}
