//! Every byte layout that Kafka fixes: messages, frames, record batches, compression.
//!
//! In: bytes that nobody vouches for. Out: values, or an error; and the other way round.
//! Never here: sockets, files, or what a message means.

mod api;
mod codec;
pub mod compression;
mod extensions;
pub mod frame;
mod metadata_record;
mod reader;
pub mod record_batch;
mod writer;

#[allow(
    clippy::all,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    unused_variables,
    unused_mut,
    unused_imports,
    clippy::allow_attributes_without_reason,
    reason = "written by a program that treats all messages alike"
)]
#[path = "generated/mod.rs"]
mod generated;

pub use api::{ApiKey, Request, Response};
pub use codec::{Message, RawTaggedField, Records, Str, Versions};
pub use metadata_record::MetadataRecord;
pub use reader::{DecodeError, MEMORY_PER_BYTE_MAX, MEMORY_START, Reader};
pub use writer::{EncodeError, Hole, TaggedFields, Writer};

/// The messages, each in a module of its name with the structs nested in it.
pub mod messages {
    pub use crate::generated::*;
}
