//! The custom resources as Rust types, with the rules that the API server checks.
//!
//! In: nothing. Out: [`Cluster`], [`Topic`], [`ConsumerGroup`], and [`definitions`], from which
//! `generated/*.yaml` is written. Never here: a client, a decision, or what needs the state of a
//! cluster; those checks are `operator-plan`'s.
//!
//! What is wrong in itself (shape, range, forbidden transition) is refused at apply by a rule whose
//! message says the remedy. Every list, map and string has a bound, so that the API server can
//! compute what the rules cost.

#![allow(
    unreachable_pub,
    reason = "the derive of the schemas repeats each struct inside a function"
)]
#![allow(
    clippy::duplicated_attributes,
    reason = "columns of one kind are alike in their types"
)]

mod cluster;
mod config_keys;
mod consumer_group;
mod definition;
mod shared;
mod topic;

pub use cluster::{
    Brokers, Cluster, ClusterSpec, ClusterStatus, Disruption, DisruptiveAction, Durability,
    Listener, ListenerStatus, ListenerType, PendingUpdate, Pool, PoolResources, PoolStorage,
    PoolTemplate, Role, Update, UpdateMode,
};
pub use config_keys::{CLUSTER_CONFIG_KEYS, TOPIC_CONFIG_KEYS};
pub use consumer_group::{
    ConsumerGroup, ConsumerGroupSpec, ConsumerGroupStatus, Lag, LagLimit, PartitionLag,
};
pub use definition::definitions;
pub use shared::{ClusterRef, DeletionPolicy};
pub use topic::{Adoption, Topic, TopicDeletionPolicy, TopicSpec, TopicStatus};

pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// API group of all kinds.
pub const GROUP: &str = "tidemill.dev";
/// The one version so far.
pub const VERSION: &str = "v1alpha1";

#[cfg(test)]
mod tests;
