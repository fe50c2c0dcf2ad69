//! What a replica must never forget about elections, as Kafka writes it (`QuorumStateData`).
//!
//! In: the election state. Out: a file that is there whole, or the one before it. A vote is on the
//! disk before it is given.

use std::io;
use std::path::{Path, PathBuf};

use broker_log::dir::{Dir, File, OpenMode};
use broker_raft::{ElectionState, ReplicaKey};
use broker_types::{BrokerId, DirectoryId, Epoch};
use serde::{Deserialize, Serialize};

use super::{FOLDER, Store, StoreError};

const NAME: &str = "quorum-state";
const TEMPORARY: &str = "quorum-state.tmp";
/// Largest file that is read.
const BYTES_MAX: u64 = 64 * 1024;
/// Version of Kafka's schema with the directory id of the vote (KIP-853).
const DATA_VERSION: i16 = 1;

/// `QuorumStateData`, as Kafka writes it: JSON with the version inside.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    leader_id: i32,
    leader_epoch: i32,
    voted_id: i32,
    voted_directory_id: String,
    #[serde(rename = "data_version")]
    data_version: i16,
}

fn path(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

impl<D: Dir> Store<D> {
    /// Writes the state; when this returns it survives a loss of power.
    pub(crate) fn persist(&mut self, state: &ElectionState) -> Result<(), StoreError> {
        let none = DirectoryId::from_bytes([0; 16]);
        let written = Written {
            leader_id: BrokerId::option_to_wire(state.leader),
            leader_epoch: state.epoch.to_wire(),
            voted_id: BrokerId::option_to_wire(state.voted.map(|it| it.id)),
            voted_directory_id: state.voted.map_or(none, |it| it.directory_id).to_string(),
            data_version: DATA_VERSION,
        };
        let text = serde_json::to_vec(&written).map_err(io::Error::other);
        text.and_then(|text| replace(&self.dir, &text))
            .map_err(|source| StoreError::WriteElection { source })
    }

    /// The state on the disk; that of a new disk is the default.
    pub(super) fn read_election(&self) -> Result<ElectionState, StoreError> {
        let read = read(&self.dir).map_err(|source| StoreError::ReadElection { source })?;
        let Some(text) = read else {
            return Ok(ElectionState::default());
        };
        let written: Written =
            serde_json::from_slice(&text).map_err(|error| StoreError::DamagedElection {
                reason: error.to_string(),
            })?;
        parse(&written).ok_or_else(|| StoreError::DamagedElection {
            reason: format!("{written:?} is not a state of an election"),
        })
    }
}

fn parse(written: &Written) -> Option<ElectionState> {
    let directory_id: DirectoryId = written.voted_directory_id.parse().ok()?;
    let voted = BrokerId::from_wire(written.voted_id);
    Some(ElectionState {
        epoch: Epoch::from_wire(written.leader_epoch)?,
        voted: voted.map(|id| ReplicaKey { id, directory_id }),
        leader: BrokerId::from_wire(written.leader_id),
    })
}

fn replace<D: Dir>(dir: &D, text: &[u8]) -> io::Result<()> {
    let file = dir.open(&path(TEMPORARY), OpenMode::CreateEmpty)?;
    file.write_at(&[text], 0)?;
    file.sync_data()?;
    dir.rename(&path(TEMPORARY), &path(NAME))?;
    dir.sync_dir(Path::new(FOLDER))
}

fn read<D: Dir>(dir: &D) -> io::Result<Option<Vec<u8>>> {
    if !dir.exists(&path(NAME))? {
        return Ok(None);
    }
    let file = dir.open(&path(NAME), OpenMode::Existing)?;
    let size = file.size()?;
    if size > BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut text = vec![0; usize::try_from(size).map_err(io::Error::other)?];
    file.read_exact_at(&mut text, 0)?;
    Ok(Some(text))
}
