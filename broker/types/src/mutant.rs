//! Deliberate mistakes, for the simulation to find: each is one that brokers have had.
//!
//! In: with the feature `mutants`, which of them a program makes. Out: whether one is made here.
//! Never here: the mistakes; they stand where the right thing is done. Without the feature, which no
//! shipped build has, none is ever made, and no code is left of them.

#[cfg(feature = "mutants")]
use std::sync::atomic::{AtomicU8, Ordering};

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mutant {
    /// A leader answers acks=all when the records are in its own page cache.
    AnswerAtAppend,
    /// A leader counts what it has appended and not synced.
    CountUnsynced,
    /// A leader counts nobody but itself.
    CountLeaderAlone,
    /// A leader takes followers that have not fetched from it yet for caught up.
    AssumeCaughtUp,
    /// `min.insync.replicas` means nothing.
    IgnoreMinIsr,
    /// A follower states an end that it has not synced.
    FetchAheadOfSync,
    /// A leader serves followers whose logs part from its own.
    IgnoreDivergence,
    /// Any replica may be elected, whatever it lacks.
    ElectAnybody,
    /// A new leader goes on in the epoch of the old one.
    KeepLeaderEpoch,
    /// A leader appends what an idempotent producer sends again.
    ForgetSequences,
    /// A follower does not learn the sequences of what it copies.
    CopyWithoutSequences,
    /// A replica that lost its log stays eligible.
    HideLoss,
    /// A folder is opened though a deleted topic of its name still uses it.
    ShareFolders,
    /// A group's offsets are answered before they are replicated.
    AnswerCommitAtAppend,
    /// A sync does nothing.
    SyncNothing,
    /// Consumers read what is not committed.
    ServeUncommitted,
    /// The controller answers before its decision is committed.
    AnswerBeforeCommit,
    /// A record without a value is taken for one that nobody needs.
    ForgetTombstones,
    /// Whoever looks through old records sees no damage.
    IgnoreDamage,
    /// A leader goes on with records that it knows to be damaged.
    ServeDamaged,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 20] = [
        Mutant::AnswerAtAppend,
        Mutant::CountUnsynced,
        Mutant::CountLeaderAlone,
        Mutant::AssumeCaughtUp,
        Mutant::IgnoreMinIsr,
        Mutant::FetchAheadOfSync,
        Mutant::IgnoreDivergence,
        Mutant::ElectAnybody,
        Mutant::KeepLeaderEpoch,
        Mutant::ForgetSequences,
        Mutant::CopyWithoutSequences,
        Mutant::HideLoss,
        Mutant::ShareFolders,
        Mutant::AnswerCommitAtAppend,
        Mutant::SyncNothing,
        Mutant::ServeUncommitted,
        Mutant::AnswerBeforeCommit,
        Mutant::ForgetTombstones,
        Mutant::IgnoreDamage,
        Mutant::ServeDamaged,
    ];

    /// Whether the program makes this mistake.
    #[inline]
    pub fn is_made(self) -> bool {
        #[cfg(feature = "mutants")]
        let is_made = CURRENT.load(Ordering::Relaxed) == self as u8;
        #[cfg(not(feature = "mutants"))]
        let is_made = false;
        is_made
    }

    /// From now on the program makes this mistake, or none.
    #[cfg(feature = "mutants")]
    pub fn choose(mutant: Option<Mutant>) {
        CURRENT.store(mutant.map_or(NONE, |it| it as u8), Ordering::Relaxed);
    }
}

#[cfg(feature = "mutants")]
const NONE: u8 = u8::MAX;

#[cfg(feature = "mutants")]
static CURRENT: AtomicU8 = AtomicU8::new(NONE);
