//! The metadata quorum of this node: its log and snapshots on the disk, its one thread, the images
//! and the controller that come of it.
//!
//! In: the disk as it was left, requests. Out: what is published; answers. Never here: what a record
//! means (`broker-metadata`) or who may lead (`broker-raft`).

pub(crate) mod batches;
pub(crate) mod controller;
pub(crate) mod driver;
pub(crate) mod messages;
pub mod published;
pub(crate) mod store;

pub use store::StoreError;
