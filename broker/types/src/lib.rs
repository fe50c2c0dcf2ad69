//! The words of the broker as types: positions, epochs, identities, error codes, points in time.
//!
//! In: plain numbers and bytes, checked once. Out: values that cannot be mixed up.
//! Never here: anything with state, bytes on the wire (`broker-wire`), or a clock.
//!
//! The wire writes absence as `-1`. That sentinel ends in `from_wire`: past `broker-wire`,
//! absence is `None`.

mod durability;
mod error_code;
mod id;
mod mutant;
mod number;
mod time;

pub use durability::{Durability, UnknownDurability};
pub use error_code::ErrorCode;
pub use id::{DirectoryId, TopicId, TopicPartition};
pub use mutant::{FoundBy, Mutant};
pub use number::{
    BrokerEpoch, BrokerId, Epoch, LeaderEpoch, Offset, PartitionEpoch, PartitionIndex,
    ProducerEpoch, ProducerId,
};
pub use time::{Monotonic, Timestamp};
