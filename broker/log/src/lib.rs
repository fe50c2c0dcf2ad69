//! One partition's log: segments, indexes, recovery, retention, compaction; and the data directory they are in.
//!
//! In: record batches, truncations, results of syncs, the time. Out: offsets, views for readers,
//! requests to sync. Never here: locks, threads, clocks, sockets, or another partition.
//!
//! ```text
//!   owner ──append──► Log ──sync_request──► a sync thread ──handle_synced──► Log
//!                      └──view──► readers: (file, position, length) of whole batches
//! ```
//!
//! All files are reached through [`dir::Dir`], so that the same code runs on a disk in memory that
//! loses power when a test says so.

mod checkpoint;
pub mod config;
pub mod data_dir;
pub mod dir;
mod error;
pub mod flush;
mod folder;
mod leader_epochs;
mod log;
mod names;
mod offset_index;
mod open_files;
pub mod partition_metadata;
mod producer_state;
mod scrub;
mod segment;
mod segment_file;
mod time_index;
mod validator;
mod view;
mod walk;
mod words;

pub use config::LogConfig;
pub use error::{Error, is_disk_full, is_out_of_space};
pub use leader_epochs::{EpochEnd, EpochStart, LeaderEpochs};
pub use log::{
    Append, AppendError, Appended, CleanOptions, CleanPoint, CleanedSegment, Cleaning, Dirty,
    Duplicate, Log, OnDamage, OpenOptions, Recovery, Removal, Replaced, Restart, Step, SyncRequest,
    SyncScope,
};
pub use names::{parse_partition_folder, partition_folder};
pub use open_files::OpenFiles;
pub use producer_state::{
    Admission, BATCHES_RETAINED, BatchMetadata, ProducerEntry, ProducerState, SequenceError,
};
pub use scrub::{Damage, Scrub, Scrubbed};
pub use validator::{Origin, Refusal, RefusedRecord};
pub use view::{FoundRecord, LogView, Read, ReadLimit, ReadSlice};
