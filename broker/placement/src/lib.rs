//! Where replicas go: rack-aware assignment of partitions to brokers.
//!
//! In: the brokers with their racks and loads, and how many replicas are wanted. Out: a list of
//! brokers per partition, its preferred leader first. Never here: chance, clocks, or who asked;
//! the same input gives the same output.

mod initial;
mod leaders;

pub use initial::{Broker, Request, place};

/// Why no assignment exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("a partition needs at least one replica")]
    NoReplicas,
    #[error(
        "the replication factor {replication_factor} is larger than the number of brokers, {brokers}"
    )]
    ReplicationFactorOverBrokers {
        replication_factor: usize,
        brokers: usize,
    },
    #[error("all brokers are fenced or shutting down")]
    NoActiveBroker,
}
