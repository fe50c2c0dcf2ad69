//! Replicas that this broker has no more: their topic was deleted, or they were moved to others.
//!
//! In: a change of the metadata, which is committed. Out: logs out of sight, then off the disk. Never
//! here: what was moved or deleted while this broker was down (`strays`).

use std::collections::BTreeSet;
use std::path::PathBuf;

use broker_log::partition_folder;
use broker_types::TopicPartition;

use super::Shard;
use super::owned::Owned;
use crate::groups;
use crate::partitions::is_replica;
use crate::quorum::published::Change;
use crate::world::World;

impl<W: World> Shard<W> {
    /// The logs of deleted topics go; a crash in between is made up for when the node starts.
    pub(super) fn remove_topics(&mut self, change: &Change) {
        let (mut removed, mut folders) = (Vec::new(), Vec::new());
        for topic in &change.delta.removed_topics {
            for (index, _) in topic.partitions() {
                let id = TopicPartition {
                    topic_id: topic.id,
                    partition: index,
                };
                if self.losing.remove(&id).is_some() {
                    // Whatever is left of it.
                    folders.push((PathBuf::from(partition_folder(&topic.name, index)), id));
                }
                if self.partitions.contains_key(&id) {
                    removed.push(id);
                }
            }
        }
        self.remove(removed, folders);
    }

    /// The logs of replicas go that a reassignment has taken from this broker.
    pub(super) fn remove_moved(&mut self, changed: &BTreeSet<TopicPartition>) {
        let (mut removed, mut folders) = (Vec::new(), Vec::new());
        for id in changed {
            let Some(topic) = self.image.topic_by_id(id.topic_id) else {
                continue;
            };
            let assigned = topic.partition(id.partition);
            if assigned.is_none_or(|it| is_replica(it, self.node.config.broker_id)) {
                continue;
            }
            if self.losing.remove(id).is_some() {
                // Whatever is left of it.
                let folder = PathBuf::from(partition_folder(&topic.name, id.partition));
                folders.push((folder, *id));
            }
            if self.partitions.contains_key(id) {
                tracing::info!(
                    partition = %id,
                    topic = &*topic.name,
                    "removes a replica that other brokers have now"
                );
                removed.push(*id);
            }
        }
        self.remove(removed, folders);
    }

    /// Removes partitions with their logs, and folders that have no open log.
    fn remove(
        &mut self,
        removed: Vec<TopicPartition>,
        mut folders: Vec<(PathBuf, TopicPartition)>,
    ) {
        self.node.partitions.change(&[], &removed);
        for id in removed {
            let Some(owned) = self.let_go(id) else {
                continue;
            };
            let folder = owned.log.folder().to_path_buf();
            if owned.log.is_syncing() {
                // A sync that does not find the folder would pass for a disk that fails.
                self.doomed.insert(id, folder);
            } else {
                folders.push((folder, id));
            }
        }
        self.node.remove_folders(&folders);
    }

    /// Takes a partition out of this shard. Whoever waits for something of it is told that it is not to
    /// be had here.
    pub(super) fn let_go(&mut self, id: TopicPartition) -> Option<Owned<W>> {
        self.with(id, |owned, _, actions| owned.replica.leave(actions));
        self.stop_following(id);
        self.complete_durable(id);
        self.complete_deletions(id);
        self.damaged.remove(&id);
        let mut owned = self.partitions.remove(&id)?;
        owned.wake();
        if owned.told_groups.is_some() {
            self.node.tell_groups(groups::Command::NotLed {
                partition: id.partition,
            });
        }
        Some(owned)
    }

    /// Removes folders that nothing is on its way to any more. A replica that came back meanwhile
    /// begins now.
    pub(super) fn remove_doomed(&mut self, doomed: &[(PathBuf, TopicPartition)]) {
        self.node.remove_folders(doomed);
        for (_, id) in doomed {
            self.assign_now(*id);
        }
    }
}
