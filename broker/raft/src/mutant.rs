//! Deliberate mistakes. The simulation is worth what it finds of them.
//!
//! In a default build nothing of this exists: [`mutated!`] is then the constant `false`, and the
//! type is not exported:
//!
#![cfg_attr(
    not(feature = "mutants"),
    doc = "```compile_fail\nuse broker_raft::Mutant;\n```"
)]

/// Whether a quorum can be told to make mistakes.
pub const MISTAKES: bool = cfg!(feature = "mutants");

/// Declares the mistakes, each with what it does.
#[cfg(feature = "mutants")]
macro_rules! mutants {
    ($($name:ident: $what:literal,)*) => {
        /// One mistake in the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mutant {
            $(#[doc = $what] $name,)*
        }

        impl Mutant {
            /// All of them.
            pub const ALL: &[Mutant] = &[$(Mutant::$name,)*];

            /// What it does, for a person.
            pub fn what(self) -> &'static str {
                match self {
                    $(Mutant::$name => $what,)*
                }
            }
        }
    };
}

#[cfg(feature = "mutants")]
mutants! {
    VoteNotPersisted: "A vote is answered without having been written.",
    VoteGrantedTwice: "Whoever asks in an epoch gets a vote.",
    StaleCandidateGranted: "A candidate whose log is behind gets a vote.",
    OwnUnflushedCounted: "The leader counts records that it has not synced.",
    OldEpochCommittedByCount: "Records of an older epoch are committed by count alone.",
    HighWatermarkFromRemovedVoter: "A voter that was removed still counts for the high watermark.",
    TwoVoterChanges: "A change of the voters starts while another one is not committed.",
    TruncateToHighWatermark: "A new follower cuts its log to its high watermark.",
    OldSnapshotInstalled: "A snapshot is installed although the log has gone past it.",
    FailedLoadIsEmpty: "A snapshot that could not be loaded counts as an empty one.",
    WipedDiskVotes: "A replica with a new disk answers votes that ask for its old one.",
    AckBeforeSync: "A follower acknowledges before its sync.",
    NoPreVote: "A follower stands at once, without asking whether it could win.",
    NoCheckQuorum: "A leader leads on without a majority.",
    LeadershipResumed: "A leader that starts again leads on in its epoch.",
    ReadBackIsDurable: "What is read back after a crash counts as durable.",
    SnapshotAheadOfLog: "A snapshot is taken of what is not durable here.",
    VotersOutliveTruncation: "Voters whose record is cut off stay in force.",
    GenerationIgnored: "A voter of before a recovery stands in an epoch that comes after it.",
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
