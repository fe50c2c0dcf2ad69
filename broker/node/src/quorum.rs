//! The metadata quorum of this node: its log and snapshots on the disk, its one thread, the images
//! and the controller that come of it.
//!
//! In: the disk as it was left, requests. Out: what is published; answers. Never here: what a record
//! means (`broker-metadata`) or who may lead (`broker-raft`).

pub(crate) mod batches;
mod control;
pub(crate) mod controller;
pub(crate) mod driver;
pub(crate) mod messages;
pub mod published;
pub mod recover;
pub(crate) mod store;

use broker_log::dir::Dir;
use broker_raft::{Endpoint, ReplicaKey, VoterSet};
use broker_types::{BrokerId, DirectoryId, Timestamp};

pub use store::StoreError;

use crate::reachable::REPLICATION;
use crate::world::Peer;

/// Whether the quorum can be told to make mistakes. A program that is shipped asserts that it cannot.
pub const MISTAKES: bool = broker_raft::MISTAKES;

/// One of the voters that a cluster begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstVoter {
    pub id: BrokerId,
    pub directory_id: DirectoryId,
    /// Its replication listener.
    pub peer: Peer,
}

/// Makes an empty directory one of a cluster's first voters. Doing it again changes nothing.
///
/// # Errors
/// When the disk cannot be written.
pub fn format<D: Dir>(dir: &D, voters: &[FirstVoter], now: Timestamp) -> Result<(), StoreError> {
    let voters = voters.iter().map(|it| {
        let key = ReplicaKey {
            id: it.id,
            directory_id: it.directory_id,
        };
        (key, vec![endpoint(&it.peer)])
    });
    store::snapshots::format(dir, &VoterSet::new(voters), now)
}

/// A voter's replication listener, as the log has it.
fn endpoint(peer: &Peer) -> Endpoint {
    Endpoint {
        name: REPLICATION.to_owned(),
        host: peer.host.clone(),
        port: peer.port,
    }
}
