//! A broker's data directory: its identity, its lock, its partitions, whether it was left cleanly.
//!
//! In: cluster id, node id, directory id, the broker epoch. Out: Kafka's `meta.properties`, the
//! partition folders, the marker of a clean shutdown. Never here: what is in a partition's folder.

use std::io;
use std::path::{Path, PathBuf};

use broker_types::{
    BrokerEpoch, BrokerId, DirectoryId, Durability, Mutant, PartitionIndex, TopicId,
};

use crate::dir::{self, Dir};
use crate::error::Error as LogError;
use crate::names::{self, DELETED_SUFFIX};
use crate::partition_metadata;

const META_PROPERTIES: &str = "meta.properties";
const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
const BYTES_MAX: u64 = 64 * 1024;
/// Longest name that file systems take.
const NAME_BYTES_MAX: usize = 255;

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "another broker uses the data directory: stop that one, or give each a directory of its own"
    )]
    InUse { source: io::Error },
    #[error("the data directory cannot be locked")]
    Lock { source: io::Error },
    #[error("failed to read `{path}`")]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write `{path}`")]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to remove `{path}`")]
    Remove { path: PathBuf, source: io::Error },
    #[error("failed to sync the data directory")]
    Sync { source: io::Error },
    #[error("meta.properties is not whole: {reason}")]
    InvalidMetaProperties { reason: String },
    #[error("the directory belongs to another identity: {found:?} and not {wanted:?}")]
    WrongIdentity {
        found: Box<MetaProperties>,
        wanted: Box<MetaProperties>,
    },
    #[error(transparent)]
    Partition(#[from] LogError),
}

/// Whose directory it is (`meta.properties`, version 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaProperties {
    /// `None` until the cluster is known to the broker.
    pub cluster_id: Option<String>,
    pub node_id: BrokerId,
    pub directory_id: DirectoryId,
    /// The cluster's; `durability`, a key of ours, left out where it is `fsync`.
    pub durability: Durability,
}

/// A partition's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionFolder {
    pub name: String,
    pub topic: String,
    pub partition: PartitionIndex,
    /// `None` when the folder was never finished: nothing in it was ever promised.
    pub topic_id: Option<TopicId>,
}

/// What a start finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub partitions: Vec<PartitionFolder>,
    /// Folders that were about to be removed.
    pub deleted: Vec<String>,
    /// Epoch of the broker that left the directory cleanly; `None` after a crash.
    pub clean_shutdown: Option<BrokerEpoch>,
}

/// A data directory that this process has locked.
#[derive(Debug)]
pub struct DataDir<D: Dir> {
    dir: D,
    _lock: D::Lock,
}

impl<D: Dir> DataDir<D> {
    /// Locks the directory, for as long as the value lives.
    ///
    /// # Errors
    /// [`Error::InUse`] when another process has it, [`Error::Lock`] when nobody could.
    pub fn open(dir: D) -> Result<DataDir<D>, Error> {
        let lock = dir.lock().map_err(|source| {
            if source.kind() == io::ErrorKind::WouldBlock {
                Error::InUse { source }
            } else {
                Error::Lock { source }
            }
        })?;
        Ok(DataDir { dir, _lock: lock })
    }

    pub fn dir(&self) -> &D {
        &self.dir
    }

    /// The identity that was written. `None` in a new directory.
    ///
    /// # Errors
    /// When the file cannot be read, or says something else.
    pub fn meta_properties(&self) -> Result<Option<MetaProperties>, Error> {
        match self.read(META_PROPERTIES)? {
            Some(text) => MetaProperties::decode(&text).map(Some),
            None => Ok(None),
        }
    }

    /// The name of something that a broker has left here: a partition, or the marker of its shutdown.
    /// `None` in a directory that no broker has worked in.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn remains(&self) -> Result<Option<String>, Error> {
        let listed = self.dir.list(Path::new(""));
        let entries = listed.map_err(|source| Error::Read {
            path: PathBuf::new(),
            source,
        })?;
        let is_ours = |name: &str| {
            name == CLEAN_SHUTDOWN
                || name.ends_with(DELETED_SUFFIX)
                || names::parse_partition_folder(name).is_some()
        };
        let mut names = entries.into_iter().map(|it| it.name);
        Ok(names.find(|it| is_ours(it)))
    }

    /// Writes the identity, durably. A cluster id, and with it the cluster's durability, may be
    /// added to one without; nothing else of it ever changes.
    ///
    /// # Errors
    /// [`Error::WrongIdentity`] when the directory has another one.
    pub fn write_meta_properties(&self, wanted: &MetaProperties) -> Result<(), Error> {
        if let Some(found) = self.meta_properties()? {
            let is_same = found.node_id == wanted.node_id
                && found.directory_id == wanted.directory_id
                && (found.cluster_id.is_none()
                    || (&found.cluster_id, found.durability)
                        == (&wanted.cluster_id, wanted.durability));
            if !is_same {
                return Err(Error::WrongIdentity {
                    found: Box::new(found),
                    wanted: Box::new(wanted.clone()),
                });
            }
        }
        self.write(META_PROPERTIES, &wanted.encode())
    }

    /// Lists the partitions, and takes away the marker of a clean shutdown, durably, before any of
    /// them is opened: from now on the directory is clean only if it is left cleanly again.
    ///
    /// # Errors
    /// When a folder cannot be read, or the marker cannot be taken away.
    pub fn start(&self) -> Result<Found, Error> {
        let clean_shutdown = self.read(CLEAN_SHUTDOWN)?;
        let clean_shutdown = clean_shutdown.as_deref().and_then(decode_clean_shutdown);
        let path = Path::new(CLEAN_SHUTDOWN);
        if Mutant::KeepCleanMarker.is_made() {
            return self.list_found(clean_shutdown);
        }
        match self.dir.remove_file(path) {
            Ok(()) => self.sync()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                let path = path.to_path_buf();
                return Err(Error::Remove { path, source });
            }
        }
        self.list_found(clean_shutdown)
    }

    fn list_found(&self, clean_shutdown: Option<BrokerEpoch>) -> Result<Found, Error> {
        let listed = self.dir.list(Path::new(""));
        let entries = listed.map_err(|source| Error::Read {
            path: PathBuf::new(),
            source,
        })?;
        let (mut partitions, mut deleted) = (Vec::new(), Vec::new());
        for entry in entries.into_iter().filter(|it| it.is_folder) {
            let name = entry.name;
            if name.ends_with(DELETED_SUFFIX) && names::parse_partition_folder(&name).is_none() {
                deleted.push(name);
            } else if let Some((topic, partition)) = names::parse_partition_folder(&name) {
                partitions.push(PartitionFolder {
                    topic: topic.to_owned(),
                    partition,
                    topic_id: partition_metadata::read(&self.dir, Path::new(&name))?,
                    name,
                });
            }
        }
        Ok(Found {
            partitions,
            deleted,
            clean_shutdown,
        })
    }

    /// Writes the marker of a clean shutdown, durably. All logs are closed and synced before.
    ///
    /// # Errors
    /// When it cannot be written: the next start is an unclean one then.
    pub fn write_clean_shutdown(&self, broker_epoch: BrokerEpoch) -> Result<(), Error> {
        let text = format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}");
        self.write(CLEAN_SHUTDOWN, &text)
    }

    /// Removes a folder that was marked as deleted, and all in it. Takes time.
    ///
    /// # Errors
    /// When something cannot be removed; it may be tried again.
    pub fn remove(&self, deleted: &str) -> Result<(), Error> {
        let path = Path::new(deleted);
        match self.dir.remove_dir_all(path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Remove {
                path: path.to_path_buf(),
                source,
            }),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn read(&self, name: &str) -> Result<Option<String>, Error> {
        let path = Path::new(name);
        match dir::read_small(&self.dir, path, BYTES_MAX) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Read {
                path: path.to_path_buf(),
                source,
            }),
        }
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = Path::new(name);
        let written = dir::replace_durably(&self.dir, path, text.as_bytes());
        written.map_err(|source| Error::Write {
            path: path.to_path_buf(),
            source,
        })
    }

    fn sync(&self) -> Result<(), Error> {
        let synced = self.dir.sync_dir(Path::new(""));
        synced.map_err(|source| Error::Sync { source })
    }
}

/// Gives a partition's folder a name under which no start finds it as a partition; durably, once the
/// directory is synced. `unique` makes the name a new one. Returns it: whoever removes the folder then may be interrupted.
///
/// The log is closed or dropped before, and no request to sync it is on its way: the folder would not
/// be found any more, which looks like a disk that fails.
///
/// # Errors
/// When the folder cannot be renamed.
pub fn mark_deleted<D: Dir>(dir: &D, folder: &Path, unique: DirectoryId) -> io::Result<PathBuf> {
    // `topic-partition.<id>-delete`, cut to what the file system takes: the id comes last.
    let id = unique.to_string();
    let kept_max = NAME_BYTES_MAX - id.len() - DELETED_SUFFIX.len() - 1;
    let name = folder.to_string_lossy();
    let kept = name.get(..name.len().min(kept_max)).unwrap_or(&name);
    let deleted = PathBuf::from(format!("{kept}.{id}{DELETED_SUFFIX}"));
    dir.rename(folder, &deleted)?;
    Ok(deleted)
}

impl MetaProperties {
    /// The text of the file.
    pub fn encode(&self) -> String {
        use std::fmt::Write;
        let mut text = String::from("version=1\n");
        if let Some(cluster_id) = &self.cluster_id {
            writeln!(text, "cluster.id={cluster_id}").expect("a string takes all");
        }
        let (node_id, directory_id) = (self.node_id, self.directory_id);
        writeln!(text, "node.id={node_id}\ndirectory.id={directory_id}")
            .expect("a string takes all");
        if self.durability != Durability::Fsync {
            writeln!(text, "durability={}", self.durability).expect("a string takes all");
        }
        text
    }

    /// Reads the text of the file. Lines that are empty or comments, and keys of others, are left
    /// alone.
    ///
    /// # Errors
    /// When the version is another one, or a value is missing or not what it must be.
    pub fn decode(text: &str) -> Result<MetaProperties, Error> {
        let find = |key: &str| {
            let pairs = text.lines().filter(|it| !it.starts_with('#'));
            let mut pairs = pairs.filter_map(|it| it.split_once('='));
            let found = pairs.find(|(name, _)| name.trim() == key);
            found.map(|(_, value)| value.trim())
        };
        let invalid = |reason: &str| Error::InvalidMetaProperties {
            reason: reason.to_owned(),
        };
        if find("version") != Some("1") {
            return Err(invalid("version is not 1"));
        }
        let node_id = find("node.id").and_then(|it| it.parse().ok());
        let directory_id = find("directory.id").and_then(|it| it.parse().ok());
        let durability = find("durability").map_or(Ok(Durability::Fsync), str::parse);
        Ok(MetaProperties {
            cluster_id: find("cluster.id").map(str::to_owned),
            node_id: node_id
                .and_then(BrokerId::from_wire)
                .ok_or_else(|| invalid("node.id is missing or not a node id"))?,
            directory_id: directory_id
                .ok_or_else(|| invalid("directory.id is missing or not an id"))?,
            durability: durability.map_err(|it| invalid(&it.to_string()))?,
        })
    }
}

fn decode_clean_shutdown(text: &str) -> Option<BrokerEpoch> {
    let text: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    let fields = text.strip_prefix('{')?.strip_suffix('}')?;
    let find = |key: &str| {
        let mut pairs = fields.split(',').filter_map(|it| it.split_once(':'));
        let found = pairs.find(|(name, _)| name.trim_matches('"') == key);
        found.and_then(|(_, value)| value.parse::<i64>().ok())
    };
    BrokerEpoch::from_wire(find("brokerEpoch")?).filter(|_| find("version") == Some(0))
}

/// Whether there is a data directory at all: an identity was written.
///
/// # Errors
/// When the directory cannot be read.
pub fn is_formatted<D: Dir>(dir: &D) -> io::Result<bool> {
    dir.exists(Path::new(META_PROPERTIES))
}

#[cfg(test)]
mod tests;
