//! Deliberate mistakes. The simulation is worth what it finds of them.
//!
//! In a default build nothing of this exists: [`mutated!`] is then the constant `false`, and the
//! type is not exported:
//!
#![cfg_attr(
    not(feature = "mutants"),
    doc = "```compile_fail\nuse broker_raft::Mutant;\n```"
)]

/// One mistake in the protocol.
#[cfg(feature = "mutants")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// A vote is answered without having been written.
    VoteNotPersisted,
    /// Whoever asks in an epoch gets a vote.
    VoteGrantedTwice,
    /// A candidate whose log is behind gets a vote.
    StaleCandidateGranted,
    /// The leader counts records that it has not synced.
    OwnUnflushedCounted,
    /// Records of an older epoch are committed by count alone.
    OldEpochCommittedByCount,
    /// A voter that was removed still counts for the high watermark.
    HighWatermarkFromRemovedVoter,
    /// A change of the voters starts while another one is not committed.
    TwoVoterChanges,
    /// A new follower cuts its log to its high watermark.
    TruncateToHighWatermark,
    /// A snapshot is installed although the log has gone past it.
    OldSnapshotInstalled,
    /// A snapshot that could not be loaded counts as an empty one.
    FailedLoadIsEmpty,
    /// A replica with a new disk answers votes that ask for its old one.
    WipedDiskVotes,
    /// A follower acknowledges before its sync.
    AckBeforeSync,
    /// A follower stands at once, without asking whether it could win.
    NoPreVote,
    /// A leader leads on without a majority.
    NoCheckQuorum,
    /// A leader that starts again leads on in its epoch.
    LeadershipResumed,
    /// What is read back after a crash counts as durable.
    ReadBackIsDurable,
    /// A snapshot is taken of what is not durable here.
    SnapshotAheadOfLog,
    /// Voters whose record is cut off stay in force.
    VotersOutliveTruncation,
    /// A voter of before a recovery stands in an epoch that comes after it.
    GenerationIgnored,
}

#[cfg(feature = "mutants")]
impl Mutant {
    pub const ALL: [Mutant; 19] = [
        Mutant::VoteNotPersisted,
        Mutant::VoteGrantedTwice,
        Mutant::StaleCandidateGranted,
        Mutant::OwnUnflushedCounted,
        Mutant::OldEpochCommittedByCount,
        Mutant::HighWatermarkFromRemovedVoter,
        Mutant::TwoVoterChanges,
        Mutant::TruncateToHighWatermark,
        Mutant::OldSnapshotInstalled,
        Mutant::FailedLoadIsEmpty,
        Mutant::WipedDiskVotes,
        Mutant::AckBeforeSync,
        Mutant::NoPreVote,
        Mutant::NoCheckQuorum,
        Mutant::LeadershipResumed,
        Mutant::ReadBackIsDurable,
        Mutant::SnapshotAheadOfLog,
        Mutant::VotersOutliveTruncation,
        Mutant::GenerationIgnored,
    ];
}

/// Whether a quorum makes this mistake. The constant `false` in a default build.
macro_rules! mutated {
    ($quorum:expr, $mutant:ident) => {{
        #[cfg(feature = "mutants")]
        let is_mutated = $quorum.mutant == Some($crate::mutant::Mutant::$mutant);
        #[cfg(not(feature = "mutants"))]
        let is_mutated = false;
        is_mutated
    }};
}

pub(crate) use mutated;
