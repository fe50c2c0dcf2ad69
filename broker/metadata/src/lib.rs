//! Cluster metadata: records to image, and the controller's decisions.
//!
//! In: the records of the metadata log, in order; requests, and the time. Out: an [`Image`] that
//! every node has alike, a [`Delta`] of what changed, and the records that a decision writes.
//! Never here: the log itself, connections, clocks, chance. Every value comes in as an argument.
//!
//! ```text
//!  request ──► Controller ──► records ──► quorum commits ──► Image::apply ──► Delta ──► the node acts
//! ```

mod apply_error;
pub mod availability;
mod broker;
mod config;
pub mod controller;
mod delta;
pub mod feature;
mod image;
mod partition;
mod reassignment;
mod topic;
mod topics_by_id;

pub use apply_error::ApplyError;
pub use broker::{Broker, Endpoint, SupportedVersions};
pub use config::{ConfigResource, ConfigSource, Configs};
pub use controller::Controller;
pub use delta::Delta;
pub use image::{Image, Position};
pub use partition::{LeaderRecovery, Partition};
pub use reassignment::Reassignment;
pub use topic::Topic;
