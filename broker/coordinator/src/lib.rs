//! Classic consumer groups and their offsets: one [`GroupCoordinator`] per partition of
//! `__consumer_offsets`.
//!
//! In: requests, the time, the partition's records when it is loaded, and word of which records
//! have been appended and committed. Out: [`Action`]s in the order in which they must be done.
//! Never here: clocks, randomness, disks, sockets, which broker leads the partition, or whether a
//! topic exists.
//!
//! ```text
//!  load(record)*  finish_load          handle_*            Append ──► the partition's log
//!  ───────────────────────────► active ─────────► actions ─┤              │
//!                                  │                       Respond        │ handle_appended
//!  unload: all who wait get        │◄───────────────────────────────────── handle_committed
//!  NOT_COORDINATOR                 ▼                                      handle_append_failed
//! ```
//!
//! A change is answered only once its records are committed, and offsets are read only as far as
//! they are committed. Membership lives in memory, as in Kafka: what is written is a generation's
//! outcome (`GroupMetadataValue`), not each step to it.

mod action;
mod config;
mod coordinator;
mod group;
mod group_partition;
mod offset_fetch;
mod offsets;
mod record;
mod write;

#[cfg(test)]
mod tests;

pub use action::{Action, AppendToken, GroupRecord, Now, RequestContext, RequestToken, Response};
pub use config::Config;
pub use coordinator::{DeletedTopic, GroupCoordinator};
pub use group::GroupState;
pub use group_partition::group_partition;
pub use offset_fetch::{offset_fetch_groups, offset_fetch_response, refused_offset_fetch};
pub use record::LoadError;
