//! Folders of partitions that are no longer this broker's: of topics that were deleted, or of replicas
//! that were moved to others, while it was down.
//!
//! In: the folders that the process before left, the metadata as of this broker's registration.
//! Out: folders removed. Never here: folders whose names are in use; who opens them looks whose they
//! are.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use broker_log::data_dir::{self, PartitionFolder};
use broker_log::dir::Dir;
use broker_log::is_disk_full;
use broker_metadata::Image;
use broker_types::{BrokerId, DirectoryId, TopicPartition};

use crate::node::Node;
use crate::partitions::{is_replica, shard_of};
use crate::quorum::messages::TOPIC as METADATA_TOPIC;
use crate::shard::Command;
use crate::world::World;

/// Whether nothing that the metadata says needs a folder of this name.
fn is_stray(folder: &PartitionFolder, image: &Image, me: BrokerId) -> bool {
    let topic = image.topic(&folder.topic);
    let partition = topic.and_then(|it| it.partition(folder.partition));
    let is_ours = partition.is_some_and(|it| is_replica(it, me));
    // Without a topic's id it was never finished, or it is not a partition's at all.
    let is_partition = folder.topic_id.is_some() && folder.topic != METADATA_TOPIC;
    is_partition && !is_ours
}

fn partition(folder: &PartitionFolder) -> Option<TopicPartition> {
    Some(TopicPartition {
        topic_id: folder.topic_id?,
        partition: folder.partition,
    })
}

impl<W: World> Node<W> {
    /// Removes what was left of replicas that were deleted or moved while this broker was down. To be
    /// called with metadata that this broker's registration is part of: what is not in it is not ours.
    pub(crate) fn remove_strays(self: &Arc<Self>, image: &Image) {
        let previous = &self.config.previous;
        let me = self.config.broker_id;
        let strays = previous
            .folders
            .iter()
            .filter(|it| is_stray(it, image, me))
            .filter_map(|it| Some((PathBuf::from(&it.name), partition(it)?)))
            .collect::<Vec<_>>();
        if strays.is_empty() {
            return;
        }
        // Metadata that this broker was part of before goes on from there. If it does not, it is not
        // known what became of the topics.
        if previous
            .last_epoch
            .is_none_or(|it| Some(it) >= self.broker_epoch())
        {
            tracing::warn!(
                folders = strays.len(),
                "the metadata does not know partitions that are on the disk; they are left there"
            );
            return;
        }
        tracing::info!(
            folders = strays.len(),
            "removes the partitions of deleted topics, and those that others have now"
        );
        // One whose name was given to another topic meanwhile is not there any more.
        let strays = strays
            .into_iter()
            .filter(|(folder, id)| self.folders.take(folder, *id))
            .collect::<Vec<_>>();
        self.remove_folders(&strays);
    }

    /// Removes folders that partitions used, and lets those know that wait for their names.
    pub(crate) fn remove_folders(&self, folders: &[(PathBuf, TopicPartition)]) {
        let names: Vec<_> = folders.iter().map(|(folder, _)| folder.clone()).collect();
        self.free_names(&names);
        for (folder, id) in folders {
            for partition in self.folders.give_back(folder, *id) {
                let shard = shard_of(partition, self.n_shards());
                self.tell_shard(shard, Command::FolderFree { partition });
            }
        }
    }

    /// Gives the folders names that say what is to become of them, then removes them in the
    /// background. Their names are free when this returns.
    pub(crate) fn free_names(&self, folders: &[PathBuf]) {
        if folders.is_empty() {
            return;
        }
        let failed = |folder: &Path, error| {
            tracing::error!(folder = %folder.display(), "failed to remove a deleted partition: {error}");
        };
        let dir = &self.dir;
        let mut doomed = Vec::new();
        for folder in folders {
            let random = || u128::from(self.world.random());
            let unique = DirectoryId::from_bytes(((random() << 64) | random()).to_be_bytes());
            match data_dir::mark_deleted(dir, folder, unique) {
                Ok(name) => doomed.push(name),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                // No room even for a name: it takes longer, and the shard waits.
                Err(error) if is_disk_full(&error) => {
                    if let Err(error) = dir.remove_dir_all(folder) {
                        failed(folder, error);
                    }
                }
                Err(error) => failed(folder, error),
            }
        }
        if let Err(error) = dir.sync_dir(Path::new("")) {
            // The next start finds them under one name or the other.
            return failed(Path::new(""), error);
        }
        let dir = dir.clone();
        let removed = self.world.block(move || {
            for folder in doomed {
                if let Err(error) = dir.remove_dir_all(&folder) {
                    failed(&folder, error);
                }
            }
        });
        self.world.spawn(removed);
    }
}
