//! Replicas that the disk has damaged while they were in use.
//!
//! In: closed segments in which something is not what was written. Out: a replica that is not there any
//! more, neither to be read nor to be counted on, until it has left ISR and ELR as any replica that is
//! lost. Never here: looking for damage.
//!
//! The segment is put out of the way, durably, before anybody is told: a crash in between finds a log
//! that something is missing of, and says so by itself. A leader stops serving here and now, and is
//! succeeded by one of the others.

use broker_log::{Damage, Scrub};
use broker_metadata::Partition as Assigned;
use broker_types::{BrokerId, Mutant, TopicPartition};
use futures::channel::oneshot;

use super::Shard;
use super::lost::OpenError;
use crate::quorum::driver::chain;
use crate::world::World;

/// What is asked and told about damage.
pub(crate) enum Scrubbing<W: World> {
    /// What of a log is to be read again?
    Begin {
        partition: TopicPartition,
        reply: oneshot::Sender<Scrub<W::Dir>>,
    },
    /// A segment is damaged.
    Damaged {
        partition: TopicPartition,
        damage: Damage<W::Dir>,
    },
}

/// Whether another broker has a replica from which this one's could be copied.
fn has_peer(partition: &Assigned, me: BrokerId) -> bool {
    let mut members = partition.isr.iter().chain(&partition.elr);
    members.any(|it| *it != me)
}

impl<W: World> Shard<W> {
    pub(super) fn handle_scrub(&mut self, command: Scrubbing<W>) {
        match command {
            Scrubbing::Begin { partition, reply } => {
                if let Some(owned) = self.partitions.get(&partition) {
                    // Whoever asked may have gone.
                    let _ = reply.send(owned.log.scrub());
                }
            }
            Scrubbing::Damaged { partition, damage } => self.take_out(partition, damage),
        }
    }

    /// Takes a damaged replica out, unless nobody else has what is left of it.
    fn take_out(&mut self, id: TopicPartition, damage: Damage<W::Dir>) {
        let image = std::sync::Arc::clone(&self.image);
        let me = self.node.config.broker_id;
        let assigned = image.partition(id);
        let (Some(owned), Some(assigned)) = (self.partitions.get_mut(&id), assigned) else {
            return;
        };
        if owned.is_leader() && Mutant::ServeDamaged.is_made() {
            return;
        }
        let (topic, offset, position) = (owned.topic.clone(), damage.offset, damage.position);
        if !has_peer(assigned, me) {
            tracing::error!(
                partition = %id, topic = &*topic, %offset, position,
                "records are damaged on the disk, and no other replica is in sync: what is left stays \
                 readable here. Replace the disk; delete the records up to there once they are read"
            );
            return;
        }
        if owned.log.is_syncing() {
            // What comes back would be taken for a sync of the log that is opened next.
            self.damaged.insert(id, damage);
            return;
        }
        match owned.log.set_aside(&damage) {
            Ok(true) => {}
            // It was cut off, deleted or compacted meanwhile.
            Ok(false) => return,
            Err(error) => {
                let reason = format!("partition {id}: {}", chain(&error));
                return self.node.report_disk_failure(reason);
            }
        }
        // A clean start would not look for what is missing.
        self.node.report_unclean();
        self.node.partitions.change(&[], &[id]);
        drop(self.let_go(id));
        let error = OpenError::Rotten { offset, position };
        self.report_lost(id, &topic, &error);
    }

    /// A sync came back that a damaged log had to wait for.
    pub(super) fn take_out_waiting(&mut self, id: TopicPartition) {
        if let Some(damage) = self.damaged.remove(&id) {
            self.take_out(id, damage);
        }
    }
}
