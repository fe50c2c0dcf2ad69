//! What the driver must do, in order, and the proofs that it has done it.
//!
//! Never here: a decision.

use broker_types::{BrokerId, Epoch, Offset};

use crate::log_view::SyncCover;
use crate::message::{ReplyTo, Request, Response};
use crate::{ReplicaKey, SnapshotId, VoterSet};

/// What a replica must never forget about elections (`QuorumStateData`).
///
/// Invariant: `epoch` never goes back; within an epoch `voted` and `leader` are set once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ElectionState {
    pub epoch: Epoch,
    /// Who got this replica's vote in `epoch`.
    pub voted: Option<ReplicaKey>,
    /// Who leads `epoch`, once known.
    pub leader: Option<BrokerId>,
}

/// A thing to do. The driver does them in the order in which they come and stops the replica at
/// the first that fails: a voter that cannot write its vote must not answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Action<P> {
    /// Write the election state and sync it, then hand [`Persist::done`] back.
    Persist(Persist),
    /// Cut the log: `to` becomes its end.
    Truncate { to: Offset },
    /// Append to the log; a sync follows.
    Append(Append<P>),
    /// Sync all of the log that was changed before this action, and hand [`SyncTicket::done`] back.
    ///
    /// May run beside other actions. A later ticket covers an earlier one, which may then be
    /// dropped unused; a ticket whose sync failed must not be used: the replica stops.
    Sync(SyncTicket),
    /// Send a request. Its answer, or that there will be none, is handed back with the request.
    Send { to: Target, request: Request },
    /// Answer a request.
    Respond { to: ReplyTo, response: Response },
    /// Records below this are committed: apply them.
    ///
    /// Never lower than before, unless the process started anew.
    Advance { high_watermark: Offset },
    /// Leadership as this replica sees it has changed. `leader` is this replica only while it leads.
    LeaderChanged {
        epoch: Epoch,
        leader: Option<BrokerId>,
    },
    /// Write bytes of a snapshot that is being fetched. Position zero starts a new file.
    WriteSnapshot {
        id: SnapshotId,
        position: u64,
        payload: P,
    },
    /// The snapshot is complete: sync it, check it, and say what it holds to
    /// [`crate::Quorum::handle_snapshot_loaded`]. May run beside other actions.
    LoadSnapshot(SnapshotId),
    /// The loaded snapshot replaces all state, and the log starts empty at its end: durably, before
    /// the next action is done, for what the snapshot covers counts as acknowledged from here on.
    InstallSnapshot(SnapshotId),
    /// Drop the log below this snapshot's end, and older snapshots.
    TrimLog(SnapshotId),
    /// Going on would break a promise: stop the process.
    Halt(Halt),
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Broker(BrokerId),
    /// Any of the addresses in `controller.quorum.bootstrap.servers`.
    Bootstrap,
}

/// An election state to be written. Messages that depend on it wait for its proof.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "messages wait until the state is written"]
pub struct Persist {
    pub(crate) state: ElectionState,
    pub(crate) number: u64,
}

impl Persist {
    pub fn state(&self) -> &ElectionState {
        &self.state
    }

    /// To be called once the state would survive a loss of power, never before.
    pub fn done(self) -> Persisted {
        Persisted {
            number: self.number,
        }
    }
}

/// Proof that an election state, and those before it, would survive a loss of power.
///
/// Only [`Persist::done`] makes one:
///
/// ```compile_fail
/// let proof = broker_raft::Persisted { number: 1 };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Persisted {
    pub(crate) number: u64,
}

/// A sync of the log to be done.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "messages wait until the log is synced"]
pub struct SyncTicket {
    pub(crate) cover: SyncCover,
}

impl SyncTicket {
    /// To be called once what the ticket covers would survive a loss of power, never before: the
    /// sync must have been issued after the actions before the ticket were done.
    pub fn done(self) -> Synced {
        Synced { cover: self.cover }
    }
}

/// Proof that a part of the log would survive a loss of power.
#[derive(Debug, PartialEq, Eq)]
pub struct Synced {
    pub(crate) cover: SyncCover,
}

/// A record batch to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append<P> {
    pub base_offset: Offset,
    /// Just past the last record.
    pub end_offset: Offset,
    pub epoch: Epoch,
    pub content: Content<P>,
}

/// What a record batch holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<P> {
    /// What was proposed, or the batch as the leader sent it.
    Payload(P),
    /// A control batch that the driver encodes, one offset per record.
    Control(Vec<ControlRecord>),
}

/// A control record of the metadata log or of a snapshot of it (KIP-595, KIP-630, KIP-853).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlRecord {
    /// `LeaderChangeMessage`: the first record of every leadership.
    LeaderChange {
        leader: BrokerId,
        voters: Vec<ReplicaKey>,
        granting: Vec<ReplicaKey>,
    },
    /// `SnapshotHeaderRecord`; the driver adds the timestamp of the last record.
    SnapshotHeader,
    /// `SnapshotFooterRecord`.
    SnapshotFooter,
    /// `KRaftVersionRecord`.
    KRaftVersion(u16),
    /// `VotersRecord`.
    Voters(VoterSet),
}

/// Why a replica must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The leader's log parts from ours below what is committed: acknowledged records are gone
    /// somewhere, and to follow would lose them in silence.
    #[error(
        "the leader of epoch {epoch} parts from this log at {at}, below the high watermark {high_watermark}"
    )]
    DivergedBelowHighWatermark {
        epoch: Epoch,
        at: Offset,
        high_watermark: Offset,
    },
}
