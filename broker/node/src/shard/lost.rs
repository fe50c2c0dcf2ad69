//! Replicas that lack what they once had: they leave ISR and ELR before they begin again.
//!
//! In: a partition whose log is damaged, or missing though this broker had it. Out: word to
//! the controller; then the log, cut to what is left, as any replica that is to catch up. Never
//! here: who may be elected.
//!
//! ```text
//!   damaged, ────► member of ISR or ELR? ──no──► cut, follow, catch up
//!   found by a start       │ yes                       ▲
//!                          ▼                           │ a later partition epoch
//!   damaged in use ──► tell the controller, who takes it out and begins a leader epoch
//! ```
//!
//! Until then the replica is not there at all: nobody may count on it, or be led by it. A replica that was
//! in use may have told its leader that it has everything, and be on its way into the ISR: only what it says
//! in the next leader epoch is believed. What an earlier process said is not: it had another broker epoch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use broker_log::dir::Dir;
use broker_log::{OnDamage, is_disk_full, partition_folder};
use broker_metadata::Partition as Assigned;
use broker_types::{BrokerId, Durability, Mutant, Offset, PartitionEpoch, TopicPartition};
use broker_wire::Str;

use super::Shard;
use super::owned::Owned;
use crate::held;
use crate::partitions::{is_replica, shard_of};
use crate::quorum::driver::chain;
use crate::quorum::published::Change;
use crate::world::World;

/// Why a log is not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// It is not what it was when the replica told others of it.
    #[error("something is missing that this replica had")]
    Damaged { source: broker_log::Error },
    #[error("the folder `{folder}` is missing, though this broker had the replica")]
    Missing { folder: String },
    /// The disk has changed what was written, in a segment that nobody writes to.
    #[error("the records at offset {offset} are damaged (position {position} of their segment)")]
    Rotten { offset: Offset, position: u64 },
    #[error("failed to open the log")]
    Open { source: broker_log::Error },
}

/// Partitions that wait until the controller knows of their loss; the partition epoch in which it
/// was told, once it was.
pub(super) type Losing = BTreeMap<TopicPartition, Option<PartitionEpoch>>;

/// Whether others may count on what a broker's replica has. Of page caches the one that led last may
/// be called back to lead, though it has no place in ISR or ELR any more.
pub(super) fn is_member(partition: &Assigned, broker: BrokerId, durability: Durability) -> bool {
    let may_be_called_back =
        durability == Durability::PageCache && partition.last_known_elr.contains(&broker);
    partition.isr.contains(&broker) || partition.elr.contains(&broker) || may_be_called_back
}

impl<W: World> Shard<W> {
    /// What to do with a log that has lost something.
    pub(super) fn on_damage(&self, id: TopicPartition, assigned: &Assigned) -> OnDamage {
        let config = &self.node.config;
        let may_be_counted_on = match self.losing.get(&id) {
            Some(Some(told_in)) => assigned.partition_epoch <= *told_in,
            Some(None) => true,
            None => is_member(assigned, config.broker_id, config.durability),
        };
        // Nobody has what would be cut off: it stays until somebody leads, by a person's choice this one.
        let can_be_fetched = assigned.leader.is_some();
        if (!may_be_counted_on && can_be_fetched) || Mutant::HideLoss.is_made() {
            OnDamage::Cut
        } else {
            OnDamage::Refuse
        }
    }

    /// Opens a log. A folder of another topic's id is one that was deleted while this broker was down,
    /// and whose name is used again: it goes first.
    pub(super) fn open_anew(
        &self,
        id: TopicPartition,
        topic: &Str,
        on_damage: OnDamage,
    ) -> Result<Owned<W>, OpenError> {
        let folder = partition_folder(topic, id.partition);
        let must_be_there =
            on_damage == OnDamage::Refuse && self.node.config.previous.held.contains(&id);
        let missing = || OpenError::Missing {
            folder: folder.clone(),
        };
        let is_there = self.node.dir.exists(Path::new(&folder));
        // An error of the disk is found out by opening.
        if must_be_there && matches!(is_there, Ok(false)) {
            return Err(missing());
        }
        match self.open(id, topic, on_damage) {
            Err(error @ broker_log::Error::WrongPartition { .. }) if !must_be_there => {
                tracing::warn!(folder, "removed a deleted topic's log: {}", chain(&error));
                self.node.free_names(&[PathBuf::from(&folder)]);
                let opened = self.open(id, topic, on_damage);
                opened.map_err(|source| OpenError::Open { source })
            }
            Err(
                source @ (broker_log::Error::Damaged { .. }
                | broker_log::Error::DamagedCheckpoint { .. }
                | broker_log::Error::WrongPartition { .. }),
            ) if on_damage == OnDamage::Refuse => Err(OpenError::Damaged { source }),
            opened => opened.map_err(|source| OpenError::Open { source }),
        }
    }

    /// Tells the controller, once, and opens the log when the metadata says so.
    pub(super) fn report_lost(&mut self, id: TopicPartition, topic: &Str, error: &OpenError) {
        if self.losing.contains_key(&id) {
            return;
        }
        tracing::error!(
            partition = %id,
            topic = &**topic,
            "{}; this replica leaves the ISR, and fetches from the leader what is missing",
            chain(error)
        );
        self.losing.insert(id, None);
        let (node, sender) = (Arc::clone(&self.node), self.sender.clone());
        self.node.world.spawn(Box::pin(async move {
            node.report_lost(id, sender).await;
        }));
    }

    /// The controller knows of the loss.
    pub(super) fn handle_lost_told(&mut self, id: TopicPartition, told_in: PartitionEpoch) {
        if let Some(told) = self.losing.get_mut(&id) {
            *told = Some(told_in);
            self.assign_now(id);
        }
    }

    /// Writes down which replicas this shard holds. Those that are new are not written to before.
    pub(super) fn write_held(&mut self) {
        self.held.replicas.extend(self.partitions.keys().copied());
        if self.held.written.as_ref() == Some(&self.held.replicas) {
            return;
        }
        let dir = &self.node.dir;
        // A folder that is on the list and not on the disk would count as lost.
        let write = || {
            let synced = dir.sync_dir(Path::new(""));
            synced.and_then(|()| held::write(dir, self.index, &self.held.replicas))
        };
        let written = match write() {
            Err(error) if is_disk_full(&error) && self.node.room.release() => write(),
            written => written,
        };
        match written {
            Ok(()) => self.held.written = Some(self.held.replicas.clone()),
            Err(error) => self.node.report_disk_failure(format!(
                "the list of the replicas cannot be written: {error}"
            )),
        }
    }
}

/// The replicas of a shard, as its list says.
///
/// What is on it leaves it when the metadata says that this broker has the replica no more, and for no
/// other reason: a replica that is not open may be one that is lost.
pub(super) struct Held {
    replicas: BTreeSet<TopicPartition>,
    /// What the file says; `None` until this process has written it: the one before may have spread
    /// its replicas over another number of files.
    written: Option<BTreeSet<TopicPartition>>,
    /// Whether the metadata was looked at since the process began.
    is_current: bool,
}

impl Held {
    /// What a shard takes over from the process before.
    pub(super) fn new(previous: &BTreeSet<TopicPartition>, shard: usize, n_shards: usize) -> Held {
        let is_ours = |it: &&TopicPartition| shard_of(**it, n_shards) == shard;
        let replicas: BTreeSet<TopicPartition> = previous.iter().filter(is_ours).copied().collect();
        Held {
            written: None,
            replicas,
            is_current: false,
        }
    }

    /// Lets go of replicas of topics that are no more, and of those that others have now.
    pub(super) fn handle_changed(&mut self, change: &Change, me: BrokerId) {
        // Topics may also have been deleted while this broker was down.
        let is_first = !std::mem::replace(&mut self.is_current, true);
        let is_ours = |it: &TopicPartition| {
            let partition = change.image.partition(*it);
            partition.is_some_and(|it| is_replica(it, me))
        };
        if is_first || !change.delta.removed_topics.is_empty() {
            self.replicas.retain(is_ours);
        } else {
            for changed in change.delta.partitions.iter().filter(|it| !is_ours(it)) {
                self.replicas.remove(changed);
            }
        }
    }
}
