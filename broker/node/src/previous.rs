//! What the process before this one left in the data directory.
//!
//! In: a data directory that is locked. Out: how that process ended, under which registration, and
//! which replicas it had. Never here: what is in the replicas' logs.

use std::collections::BTreeSet;
use std::io;

use broker_log::Restart;
use broker_log::data_dir::{self, DataDir, PartitionFolder};
use broker_log::dir::Dir;
use broker_types::{BrokerEpoch, Durability, TopicPartition};

use crate::held;
use crate::registration::Stored;

/// Why a data directory cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum PreviousError {
    #[error("failed to look through the data directory")]
    Start { source: data_dir::Error },
    #[error("failed to remove a deleted partition")]
    RemoveDeleted { source: data_dir::Error },
    #[error("failed to read the broker's registration")]
    ReadRegistration { source: io::Error },
    #[error("failed to read which replicas there were")]
    ReadHeld { source: io::Error },
}

/// What a process finds of the one before it.
#[derive(Clone, Debug)]
pub struct Previous {
    /// How it ended.
    pub restart: Restart,
    /// The registrations that are gone on with.
    pub registered: Stored,
    /// The last registration that the disk knows of, though it may not be gone on with: the metadata
    /// that is known goes on from there.
    pub last_epoch: Option<BrokerEpoch>,
    /// The folders of partitions.
    pub folders: Vec<PartitionFolder>,
    /// The replicas that it held: their folders are there, or lost.
    pub held: BTreeSet<TopicPartition>,
}

impl Previous {
    /// Takes away the marker of a clean shutdown and what was about to be removed, and reads the
    /// rest.
    ///
    /// Where the page cache was enough, a process that ended in any other way may have taken records
    /// with it that it stated to have: then no registration is gone on with.
    ///
    /// # Errors
    /// When something cannot be read or removed, or is damaged.
    pub fn take<D: Dir>(
        data_dir: &DataDir<D>,
        durability: Durability,
    ) -> Result<Previous, PreviousError> {
        let found = data_dir
            .start()
            .map_err(|source| PreviousError::Start { source })?;
        for folder in &found.deleted {
            let removed = data_dir.remove(folder);
            removed.map_err(|source| PreviousError::RemoveDeleted { source })?;
        }
        let dir = data_dir.dir();
        let stored =
            Stored::read(dir).map_err(|source| PreviousError::ReadRegistration { source })?;
        let last_epoch = found.clean_shutdown.or(stored.epoch);
        let registered = match (durability, found.clean_shutdown) {
            (_, Some(clean)) => Stored {
                epoch: Some(clean),
                ..stored
            },
            (Durability::Fsync, None) => stored,
            (Durability::PageCache, None) => Stored {
                epoch: None,
                pending: None,
            },
        };
        Ok(Previous {
            restart: match found.clean_shutdown {
                Some(_) => Restart::Clean,
                None => Restart::Unclean,
            },
            registered,
            last_epoch,
            folders: found.partitions,
            held: held::read(dir).map_err(|source| PreviousError::ReadHeld { source })?,
        })
    }
}
