//! One partition's leader or follower: ISR, high watermark, truncation.
//!
//! In: what the metadata says of the partition, what the log has done, fetches and their answers,
//! the time. Out: [`Action`]s, in the order in which they must be done, and answers as values.
//! Never here: record bytes, files, sockets, clocks, threads, other partitions.
//!
//! The protocol is Kafka's (KIP-101, KIP-279, KIP-320, KIP-903, KIP-966), with one rule more: an
//! offset counts only once it is durable on its replica, unless the cluster chose otherwise.
//!
//! ```text
//!                       PartitionState                       wait, tick
//!                             │                                  │
//!   appended, durable ──► Partition ── leader ──► Isr, Progress, Purgatory ──► Actions
//!   follower's fetch          │
//!   answer to our fetch ──────┴─── follower ──► truncation ──► Actions
//! ```

mod action;
mod follower;
mod isr;
mod leader;
mod offsets;
mod partition;
mod progress;
mod purgatory;
mod request;
mod state;
mod truncation;

pub use action::{Action, AlterPartition, IsrMember, Outcome, Token};
pub use follower::{FetchPosition, FetchResponse, Fetched, Next};
pub use offsets::Offsets;
pub use partition::{Partition, RoleKind};
pub use request::{Acks, FollowerFetch, InSyncFollower, Refusal, Served};
pub use state::{
    AlteredPartition, Config, Context, EpochEnd, LeaderRecovery, PartitionState, Registration,
};
pub use truncation::{EpochEnds, Truncation, is_diverging, truncation};
