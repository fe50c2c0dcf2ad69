//! The metadata quorum: elections, pull replication, voters, snapshots.
//!
//! In: requests, responses and lost connections, what became durable, the time. Out: [`Action`]s,
//! in the order in which they must be done. Never here: files, sockets, clocks, threads, randomness
//! that is not seeded, or the bytes of a record.
//!
//! The protocol is KRaft's: KIP-595 (the quorum), KIP-630 (snapshots), KIP-853 (voters with the
//! identity of their disk, changed one at a time) and KIP-996 (pre-vote).
//!
//! ```text
//!             requests, responses, lost connections, tick
//!                               │
//!                               ▼
//!   Persisted, Synced ──►  ┌─────────┐  take_actions   ┌────────┐
//!   (proofs, made from     │ Quorum  │ ──────────────► │ driver │──► disk, network
//!    the actions' tickets) └─────────┘  Vec<Action>    └────────┘
//! ```
//!
//! **Persist before send.** A message that depends on the disk stays inside until the driver hands
//! back the proof of the write: [`Persist::done`] for the election state, [`SyncTicket::done`] for
//! the log. A driver cannot send such a message early, for it does not have it.
//!
//! ```
//! use broker_raft::{Action, Config, Quorum, Recovered, ReplicaKey, Timeouts, VoterSet};
//! use broker_types::{BrokerId, DirectoryId, Monotonic, Offset};
//!
//! /// Does what the quorum asks for; doing may make more.
//! fn perform(quorum: &mut Quorum<&'static str>, now: Monotonic) {
//!     loop {
//!         let actions = quorum.take_actions();
//!         if actions.is_empty() {
//!             return;
//!         }
//!         for action in actions {
//!             match action {
//!                 // Here the driver writes `persist.state()` and syncs it.
//!                 Action::Persist(persist) => quorum.handle_persisted(now, persist.done()),
//!                 // Here it syncs the log; it may do so elsewhere and come back later.
//!                 Action::Sync(ticket) => quorum.handle_synced(now, ticket.done()),
//!                 // Appends, messages and the rest.
//!                 _ => {}
//!             }
//!         }
//!     }
//! }
//!
//! let directory_id = DirectoryId::from_bytes([1; 16]);
//! let me = ReplicaKey { id: BrokerId::new(1), directory_id };
//! let voters = VoterSet::new([(me, Vec::new())]);
//! let recovered = Recovered { voters: vec![(Offset::ZERO, voters)], ..Recovered::default() };
//! let timeouts = Timeouts::default();
//! let config = Config { me, endpoints: Vec::new(), timeouts, seed: 7 };
//!
//! let now = Monotonic::ZERO;
//! let mut quorum = Quorum::open(now, config, recovered)?;
//! perform(&mut quorum, now);
//! let offsets = quorum.propose("a batch of two records", 2)?;
//! perform(&mut quorum, now);
//! assert_eq!(quorum.high_watermark(), offsets.end);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Who is what.** A replica is a broker id together with the id of its log directory
//! ([`ReplicaKey`]): an empty disk is a new replica. The voters are what the log says; every other
//! replica observes: it fetches what is committed, and does not stand or count.

mod action;
mod config;
mod describe;
mod election;
mod fetch;
mod generation;
mod log_view;
mod message;
mod mutant;
mod outbox;
mod quorum;
mod recovery;
mod snapshot;
mod sole_voter;
mod states;
mod voter_change;
mod voter_set;

pub use action::{
    Action, Append, Content, ControlRecord, ElectionState, Halt, Persist, Persisted, SyncTicket,
    Synced, Target,
};
pub use config::{Config, Timeouts};
pub use describe::{Description, ReplicaDescription};
pub use log_view::{EpochStart, SnapshotId};
pub use message::{
    AddVoterRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest, EpochResponse, Failure,
    FetchAnswer, FetchRequest, FetchResponse, FetchSnapshotAnswer, FetchSnapshotRequest,
    FetchSnapshotResponse, Fetched, FetchedBatch, RemoveVoterRequest, ReplyTo, Request, Response,
    Served, UpdateVoterRequest, VoteRequest, VoteResponse, VoterChangeResponse,
};
pub use mutant::MISTAKES;
#[cfg(feature = "mutants")]
pub use mutant::Mutant;
pub use quorum::{NotLeader, Quorum};
pub use recovery::{OpenError, Recovered, StoredSnapshot};
pub use snapshot::{LoadFailed, LoadedSnapshot};
pub use sole_voter::{SoleVoter, SoleVoterError};
pub use states::RoleName;
pub use voter_set::{Endpoint, ReplicaKey, Voter, VoterSet};
