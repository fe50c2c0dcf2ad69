//! What replicas say to each other, in the newest form of Kafka's messages, without the wire's.
//!
//! In and out: values; absence is `None`, the one partition of the metadata log goes unsaid.
//! Never here: bytes, versions, cluster ids (the driver checks those), endpoints of other nodes.
//!
//! `P` is a run of bytes that this crate hands on without looking into it.

use broker_types::{BrokerId, Epoch, ErrorCode, Offset};

use crate::{Endpoint, ReplicaKey, SnapshotId, VoterSet};

/// Names a request that waits for its [`Response`]. The driver makes it up; it comes back as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplyTo(pub u64);

/// `VoteRequest` (KIP-595, KIP-996).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteRequest {
    /// The epoch in which the candidate stands; of a pre-vote, the one in which it is.
    pub epoch: Epoch,
    pub candidate: ReplicaKey,
    /// The voter who is asked. A replica with another disk must not answer for it.
    pub voter: ReplicaKey,
    /// Epoch of the candidate's last record.
    pub last_epoch: Epoch,
    /// End of the candidate's log.
    pub last_offset: Offset,
    pub pre_vote: bool,
}

/// `VoteResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteResponse {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    pub granted: bool,
}

/// `BeginQuorumEpochRequest`: who leads now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeginQuorumEpochRequest {
    pub epoch: Epoch,
    pub leader: BrokerId,
    pub voter: ReplicaKey,
}

/// `EndQuorumEpochRequest`: the leader of this epoch leads no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndQuorumEpochRequest {
    pub epoch: Epoch,
    pub leader: BrokerId,
    /// Who should stand, the best first.
    pub preferred: Vec<ReplicaKey>,
}

/// `BeginQuorumEpochResponse` and `EndQuorumEpochResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochResponse {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
}

/// `FetchRequest` of a replica of the metadata log.
///
/// It is also the acknowledgement: everything below `fetch_offset` is durable at the replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    /// `CurrentLeaderEpoch`.
    pub epoch: Epoch,
    pub replica: ReplicaKey,
    /// End of the replica's log.
    pub fetch_offset: Offset,
    /// Epoch of the replica's last record.
    pub last_fetched_epoch: Epoch,
    /// What the replica knows to be committed (KIP-1166): a leader that knows more answers at once.
    pub high_watermark: Offset,
}

/// What a `FetchRequest` gets. Of [`Served::Records`] the driver reads the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchAnswer {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    pub high_watermark: Offset,
    pub log_start: Offset,
    pub served: Served,
}

/// The part of a [`FetchAnswer`] that differs from case to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// Refused; `error` says why.
    Nothing,
    /// Whole batches from `start` on, as many as fit, none past `end`.
    ///
    /// Where `start` is `end` and the replica knows the high watermark there is no news: the
    /// driver may keep the request until there is, and then ask [`crate::Quorum::answer_fetch`].
    Records { start: Offset, end: Offset },
    /// The replica's log is not a prefix of the leader's: the leader's records of `epoch`, the
    /// largest that is not above the replica's, end at `end_offset` (`DivergingEpoch`).
    Diverging { epoch: Epoch, end_offset: Offset },
    /// The leader's log starts later: fetch this snapshot (`SnapshotId`).
    Snapshot(SnapshotId),
}

/// `FetchResponse` as the replica reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchResponse<P> {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    /// Absent in a refusal.
    pub high_watermark: Option<Offset>,
    pub fetched: Fetched<P>,
}

/// The part of a [`FetchResponse`] that differs from case to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched<P> {
    Records(Vec<FetchedBatch<P>>),
    Diverging { epoch: Epoch, end_offset: Offset },
    Snapshot(SnapshotId),
}

/// A record batch that a leader sent. The driver has checked its CRC and that it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedBatch<P> {
    pub base_offset: Offset,
    /// Just past the last record.
    pub end_offset: Offset,
    /// `partitionLeaderEpoch` of the batch.
    pub epoch: Epoch,
    /// What a `VotersRecord` in the batch says.
    pub voters: Option<VoterSet>,
    /// The batch as it came.
    pub payload: P,
}

/// `FetchSnapshotRequest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSnapshotRequest {
    pub epoch: Epoch,
    pub replica: ReplicaKey,
    pub id: SnapshotId,
    /// Bytes that the replica already has.
    pub position: u64,
}

/// What a `FetchSnapshotRequest` gets; without an error the driver reads bytes from `position` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSnapshotAnswer {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    pub id: SnapshotId,
    /// Size of the snapshot in bytes; zero in a refusal.
    pub size: u64,
    pub position: u64,
}

/// `FetchSnapshotResponse` as the replica reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSnapshotResponse<P> {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    pub id: SnapshotId,
    pub size: u64,
    pub position: u64,
    /// How many bytes came.
    pub length: u64,
    pub payload: P,
}

/// `AddRaftVoterRequest` (KIP-853).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddVoterRequest {
    pub voter: ReplicaKey,
    pub endpoints: Vec<Endpoint>,
}

/// `RemoveRaftVoterRequest` (KIP-853).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveVoterRequest {
    pub voter: ReplicaKey,
}

/// `UpdateRaftVoterRequest` (KIP-853).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateVoterRequest {
    pub epoch: Epoch,
    pub voter: ReplicaKey,
    pub endpoints: Vec<Endpoint>,
}

/// The answer to a change of the voters: given once the change is committed, or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterChangeResponse {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    /// Why it was refused, for a person; empty when it was not.
    pub message: &'static str,
}

/// A request for the driver to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Vote(VoteRequest),
    BeginQuorumEpoch(BeginQuorumEpochRequest),
    EndQuorumEpoch(EndQuorumEpochRequest),
    Fetch(FetchRequest),
    FetchSnapshot(FetchSnapshotRequest),
    UpdateVoter(UpdateVoterRequest),
}

/// An answer for the driver to send. Fetches are answered by their own functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    Vote(VoteResponse),
    BeginQuorumEpoch(EpochResponse),
    EndQuorumEpoch(EpochResponse),
    /// Of an add, remove or update.
    VoterChange(VoterChangeResponse),
}

/// Why a request has no answer. The other side may or may not have acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection was refused or broke: the process is probably gone.
    Disconnected,
    /// No answer came in time.
    TimedOut,
}
