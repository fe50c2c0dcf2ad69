//! Deliberate mistakes, for the simulations to find: each is one that brokers have had, or that the
//! published specifications of the protocol show to lose data.
//!
//! In: with the feature `mutants`, which of them a program makes. Out: whether one is made here.
//! Never here: the mistakes; they stand where the right thing is done. Without the feature, which no
//! shipped build has, none is ever made, and no code is left of them:
//!
#![cfg_attr(
    not(feature = "mutants"),
    doc = "```compile_fail\nbroker_types::Mutant::choose(None);\n```"
)]

#[cfg(feature = "mutants")]
use std::sync::atomic::{AtomicU8, Ordering};

/// Who finds a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// The simulation of brokers and their clients (`broker-sim`).
    Simulation,
    /// The model of one partition's replicas (`broker-replica`).
    Model,
    /// A scenario of its own: it breaks a rule that others make up for, or a promise that only shows
    /// with clocks that the simulation does not have.
    Scenario,
}

/// Declares the mistakes, each with who finds it and what it does.
macro_rules! mutants {
    ($($found_by:ident $name:ident: $what:literal,)*) => {
        /// A mistake.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Mutant {
            $(#[doc = $what] $name,)*
        }

        impl Mutant {
            /// All of them.
            pub const ALL: &[Mutant] = &[$(Mutant::$name,)*];

            /// Who must find it.
            pub fn found_by(self) -> FoundBy {
                match self {
                    $(Mutant::$name => FoundBy::$found_by,)*
                }
            }

            /// What it does, for a person.
            pub fn what(self) -> &'static str {
                match self {
                    $(Mutant::$name => $what,)*
                }
            }
        }
    };
}

mutants! {
    Simulation AnswerAtAppend: "A leader answers acks=all when the records are in its own page cache.",
    Simulation CountUnsynced: "A leader counts what it has appended and not synced.",
    Simulation CountLeaderAlone: "A leader counts nobody but itself.",
    Model CountCommittedIsr: "A leader waits for the ISR that it knows, not for one that it has asked for.",
    Simulation AssumeCaughtUp: "A leader takes followers that have not fetched from it yet for caught up.",
    Simulation IgnoreMinIsr: "`min.insync.replicas` means nothing.",
    Model JoinUnheard: "A replica joins the ISR that has not fetched in this leader epoch.",
    Model JoinBelowHighWatermark: "A replica joins the ISR below the high watermark.",
    Model JoinBelowEpochStart: "A replica joins the ISR below the start of the leader epoch.",
    Simulation FetchAheadOfSync: "A follower states an end that it has not synced.",
    Simulation IgnoreDivergence: "A leader serves followers whose logs part from its own.",
    Model TruncateToHighWatermark: "A new follower cuts its log to its high watermark, not by leader epochs.",
    Scenario KeepFollowerState: "A follower goes on as it was when its leader begins another epoch.",
    Scenario FetchOnWhenFenced: "A follower whose leader has another epoch asks again at once, in its own.",
    Model TakeAnswerOfOtherEnd: "A follower takes the answer to a fetch from another offset.",
    Scenario TakeAnswerOfOtherEpoch: "A follower takes the answer to a fetch of another leader epoch.",
    Simulation ElectAnybody: "Any replica may be elected, whatever it lacks.",
    Simulation KeepLeaderEpoch: "A new leader goes on in the epoch of the old one.",
    Simulation KeepRegistration: "A process goes on under the registration of the one before it.",
    Scenario AlterWithoutBrokerEpochs: "The controller does not ask which process a member of an ISR was.",
    Simulation ForgetSequences: "A leader appends what an idempotent producer sends again.",
    Simulation RememberOneBatch: "A leader knows only the last batch of an idempotent producer.",
    Simulation CopyWithoutSequences: "A follower does not learn the sequences of what it copies.",
    Simulation HideLoss: "A replica that lost its log stays eligible.",
    Simulation BelieveOldDisk: "A broker whose disk knows only an older registration counts as intact.",
    Simulation BelieveTheLost: "What a replica stated before it lost its log counts on.",
    Scenario KeepCleanMarker: "The marker of a clean shutdown stays while the next process works.",
    Simulation ShareFolders: "A folder is opened though a deleted topic of its name still uses it.",
    Simulation AnswerCommitAtAppend: "A group's offsets are answered before they are replicated.",
    Simulation SyncNothing: "A sync does nothing.",
    Simulation ServeUncommitted: "Consumers read what is not committed.",
    Simulation AnswerBeforeCommit: "The controller answers before its decision is committed.",
    Simulation ForgetTombstones: "A record without a value is taken for one that nobody needs.",
    Simulation IgnoreDamage: "Whoever looks through old records sees no damage.",
    Simulation ServeDamaged: "A leader goes on with records that it knows to be damaged.",
    Simulation CountAddedInSync: "A reassignment takes the replicas that it adds for in sync.",
    Scenario RetainByWallClock: "The age of a segment is that of its file, not that of its records.",
}

impl Mutant {
    /// Whether mistakes can be made at all. A program that is shipped asserts that they cannot.
    pub const CAN_BE_MADE: bool = cfg!(feature = "mutants");

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
