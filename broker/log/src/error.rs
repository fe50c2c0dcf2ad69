//! What can go wrong with a log, one variant per operation.
//!
//! In: errors of the disk and of record batches. Out: errors that say what was being done, and
//! where. Never here: Kafka's error codes.

use std::io;
use std::path::PathBuf;

use broker_types::{LeaderEpoch, Offset};
use broker_wire::record_batch::BatchError;

/// Why a log cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("failed to create partition folder `{path}`")]
    CreateFolder { path: PathBuf, source: io::Error },
    #[error("failed to list folder `{path}`")]
    ListFolder { path: PathBuf, source: io::Error },
    #[error("failed to open segment `{path}`")]
    OpenSegment { path: PathBuf, source: io::Error },
    #[error("failed to read segment `{path}`")]
    ReadSegment { path: PathBuf, source: io::Error },
    #[error("failed to append to segment `{path}`")]
    AppendSegment { path: PathBuf, source: io::Error },
    #[error("failed to truncate segment `{path}`")]
    TruncateSegment { path: PathBuf, source: io::Error },
    #[error("failed to remove `{path}`")]
    Remove { path: PathBuf, source: io::Error },
    #[error("failed to write index or snapshot `{path}`")]
    WriteIndex { path: PathBuf, source: io::Error },
    #[error("failed to write the cleaned segment `{path}`")]
    WriteCleaned { path: PathBuf, source: io::Error },
    #[error("failed to write where the cleaned part ends, to `{path}`")]
    WriteCleanerOffset { path: PathBuf, source: io::Error },
    /// A batch that is damaged, or that cannot be written without some of its records.
    #[error("failed to clean the record batch at position {position} of segment `{path}`")]
    Clean {
        path: PathBuf,
        position: u64,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("failed to read checkpoint `{path}`")]
    ReadCheckpoint { path: PathBuf, source: io::Error },
    #[error("failed to write checkpoint `{path}`")]
    WriteCheckpoint { path: PathBuf, source: io::Error },
    #[error("failed to sync `{path}`")]
    Sync { path: PathBuf, source: io::Error },
    /// A sync or a write failed before. What the disk holds is not known: nothing is tried again.
    #[error("the log in `{path}` is offline after an earlier error")]
    Offline { path: PathBuf },
    /// A batch within what the log holds is not one: the disk has changed it.
    #[error("segment `{path}` has no record batch at position {position}")]
    CorruptBatch {
        path: PathBuf,
        position: u64,
        source: BatchError,
    },
    /// A truncation has cut what the view still shows. Nothing is wrong with the log: a new view
    /// can be read.
    #[error("segment `{path}` was truncated since the view was taken")]
    StaleView { path: PathBuf },
    /// Something is missing or damaged below the end that this replica once stated as durable.
    #[error(
        "the log in `{path}` is damaged at offset {offset}, below its stated end {stated_end_offset}"
    )]
    Damaged {
        path: PathBuf,
        offset: Offset,
        stated_end_offset: Offset,
    },
    #[error("the log in `{path}` holds epoch {latest}: nobody can lead it in epoch {epoch}")]
    EpochRegression {
        path: PathBuf,
        epoch: LeaderEpoch,
        latest: LeaderEpoch,
    },
    /// Both copies of a checkpoint are unreadable, so nobody knows what was stated.
    #[error("checkpoint `{path}` is damaged")]
    DamagedCheckpoint { path: PathBuf },
    #[error("`{path}` is not the partition that was asked for: {reason}")]
    WrongPartition { path: PathBuf, reason: String },
}

/// Whether a call failed because the disk had no room.
pub fn is_disk_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// Whether something could not be done because the disk had no room.
pub fn is_out_of_space(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |it| it.source());
    causes.any(|it| it.downcast_ref::<io::Error>().is_some_and(is_disk_full))
}
