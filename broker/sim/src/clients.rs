//! Clients over the wire codec: they ask as clients of Kafka do, and note what they are told.
//!
//! In: brokers somewhere. Out: entries in the history; violations of what a client is promised.
//! Never here: faults, or a look into a broker.

mod committer;
mod connection;
mod consumer;
mod fetch;
mod mover;
mod producer;
mod restorer;
mod tenant;
mod watcher;

use std::sync::{Arc, Mutex, PoisonError};

pub use committer::Committer;
pub use connection::Client;
pub use consumer::Consumer;
pub use mover::Mover;
pub use producer::Producer;
pub use restorer::{DELETE_RETENTION, Reading, Restorer, Table};
pub use tenant::Tenant;
pub use watcher::Watcher;

use crate::history::{History, Value};

/// What all clients of a run did.
#[derive(Clone, Default)]
pub struct Journal {
    history: Arc<Mutex<History>>,
}

impl Journal {
    pub fn with<T>(&self, work: impl FnOnce(&mut History) -> T) -> T {
        work(&mut self.history.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A partition of the topics that clients write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub topic: &'static str,
    pub partition: i32,
    /// The number under which the history knows it.
    pub number: u32,
    /// Whether its records have keys, and only the last of each must stay.
    pub is_compacted: bool,
}

/// The key of a record in a compacted partition: each producer has a few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub producer: u32,
    pub number: u64,
}

/// Keys of each producer.
const KEYS: u64 = 6;
/// One of so many records has no value, so that its key goes.
const EVERY_TOMBSTONE: u64 = 5;

impl Key {
    pub fn of(value: Value) -> Key {
        Key {
            producer: value.producer,
            number: value.sequence % KEYS,
        }
    }
}

/// Whether the record that stands for a value in a compacted partition has none.
pub fn is_tombstone(value: Value) -> bool {
    value.sequence.is_multiple_of(EVERY_TOMBSTONE)
}

fn encode_key(key: Key) -> Vec<u8> {
    [
        &key.producer.to_be_bytes()[..],
        &key.number.to_be_bytes()[..],
    ]
    .concat()
}

fn decode_key(bytes: &[u8]) -> Option<Key> {
    let (producer, number) = bytes.split_first_chunk::<4>()?;
    Some(Key {
        producer: u32::from_be_bytes(*producer),
        number: u64::from_be_bytes(*number.first_chunk::<8>()?),
    })
}

fn encode(value: Value) -> Vec<u8> {
    [
        &value.producer.to_be_bytes()[..],
        &value.sequence.to_be_bytes()[..],
    ]
    .concat()
}

fn decode(bytes: &[u8]) -> Option<Value> {
    let (producer, rest) = bytes.split_first_chunk::<4>()?;
    Some(Value {
        producer: u32::from_be_bytes(*producer),
        sequence: u64::from_be_bytes(*rest.first_chunk::<8>()?),
    })
}
