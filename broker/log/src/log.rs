//! One partition's log.
//!
//! In: batches, truncations, limits of retention, results of syncs, the time. Out: offsets, views
//! for readers, requests to sync. Never here: a lock, a thread, a clock, a retry of what failed.
//!
//! ```text
//!   [ deleted ][ segment ][ segment ][ active segment        ]
//!              ^                              ^              ^
//!              log_start_offset               durable_end    log_end_offset
//! ```
//!
//! Appends go to the page cache. [`Log::sync_request`] says what to sync, another thread does it,
//! and [`Log::handle_synced`] moves the durable end as far as had been appended when the request
//! was made. After an error of a sync, or one that leaves a file in doubt, the log is offline.

mod active;
mod append;
mod caches;
mod cleaner;
mod close;
mod load;
mod recovery;
mod retention;
mod scan;
mod sync;
mod truncate;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use broker_types::{LeaderEpoch, Offset, Timestamp};

pub use append::{Append, AppendError, Appended, Duplicate};
pub use cleaner::{CleanOptions, CleanPoint, CleanedSegment, Cleaning, Dirty, Replaced, Step};
pub use recovery::{OnDamage, OpenOptions, Recovery, Restart};
pub use retention::Removal;
pub use sync::{SyncRequest, SyncScope};

use crate::checkpoint::{Checkpoint, CheckpointFile};
use crate::config::LogConfig;
use crate::dir::Dir;
use crate::error::Error;
use crate::folder::{Folder, Tenancy};
use crate::leader_epochs::{EpochEnd, LeaderEpochs};
use crate::open_files::OpenFiles;
use crate::producer_state::ProducerState;
use crate::scrub::Damage;
use crate::segment::Span;
use crate::view::LogView;

use self::active::Active;
use self::cleaner::Covered;
use self::sync::Unsynced;

/// One partition's log. Its owner alone holds it; everyone else holds a [`LogView`].
///
/// Invariants: `log_start_offset <= log_end_offset`; `durable_end_offset <= log_end_offset`;
/// segments follow each other without overlap.
pub struct Log<D: Dir> {
    files: OpenFiles<D>,
    folder: Arc<Folder>,
    _tenancy: Tenancy,
    config: Arc<LogConfig>,
    closed: Arc<[Span<D>]>,
    active: Active<D>,
    log_start_offset: Offset,
    leader_epochs: LeaderEpochs,
    producers: ProducerState,
    checkpoint: CheckpointFile,
    /// What the checkpoint says, or will once it is synced.
    checkpointed: Checkpoint,
    unsynced: Unsynced<D>,
    /// All below was compared with what came before it, and what went is gone for good. May lie
    /// before the log start.
    first_dirty_offset: Offset,
    covered: Covered<D>,
    is_offline: bool,
}

impl<D: Dir> fmt::Debug for Log<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Log")
            .field("folder", &self.folder)
            .field("log_start_offset", &self.log_start_offset)
            .field("durable_end_offset", &self.durable_end_offset())
            .field("log_end_offset", &self.log_end_offset())
            .finish_non_exhaustive()
    }
}

impl<D: Dir> Log<D> {
    /// First offset that can be read.
    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// Offset that the next record takes.
    pub fn log_end_offset(&self) -> Offset {
        self.active.span.extent.end_offset
    }

    /// All below is on the disk.
    pub fn durable_end_offset(&self) -> Offset {
        self.unsynced.durable_end_offset
    }

    /// The durable end that the last checkpoint says this replica stated.
    pub fn stated_end_offset(&self) -> Offset {
        self.checkpointed.stated_end_offset
    }

    /// The folder, relative to the data directory.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether an earlier error has left the disk in doubt.
    pub fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// Bytes of all batches in the segments.
    pub fn size_in_bytes(&self) -> u64 {
        let closed: u64 = self.closed.iter().map(|it| it.extent.size).sum();
        closed + self.active.span.extent.size
    }

    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    pub fn set_config(&mut self, config: Arc<LogConfig>) {
        self.config = config;
    }

    pub fn leader_epochs(&self) -> &LeaderEpochs {
        &self.leader_epochs
    }

    pub fn producers(&self) -> &ProducerState {
        &self.producers
    }

    /// Epoch of the last record, or of the leader that began last.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.leader_epochs.latest()
    }

    /// Where `epoch` ends in this log (KIP-101, KIP-279).
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<EpochEnd> {
        self.leader_epochs
            .end_offset_for(epoch, self.log_end_offset())
    }

    /// This replica now leads in `epoch`: what it appends from here on is of that epoch.
    ///
    /// # Errors
    /// [`Error::EpochRegression`] when the log holds a later epoch: who says so knows less of the
    /// partition than its log does.
    pub fn begin_epoch(&mut self, epoch: LeaderEpoch) -> Result<(), Error> {
        match self.latest_epoch() {
            Some(latest) if latest > epoch => Err(Error::EpochRegression {
                path: self.folder.to_path_buf(),
                epoch,
                latest,
            }),
            Some(_) | None => {
                self.leader_epochs.assign(epoch, self.log_end_offset());
                Ok(())
            }
        }
    }

    /// What can be read now. Nothing that happens to the log later changes the view.
    pub fn view(&self) -> LogView<D> {
        LogView {
            closed: Arc::clone(&self.closed),
            active: self.active.span.clone(),
            log_start_offset: self.log_start_offset,
        }
    }

    /// Puts a damaged segment out of the way, durably: whoever opens the log from now on finds that
    /// something is missing, whatever becomes of this process. The log must not be used any more.
    /// Returns `false`, and does nothing, when the segment is no longer part of the log.
    ///
    /// # Errors
    /// When its file cannot be renamed, or that cannot be made durable.
    pub fn set_aside(&mut self, damage: &Damage<D>) -> Result<bool, Error> {
        self.require_online()?;
        let span = damage.span();
        let is_it = |it: &Span<D>| Arc::ptr_eq(&it.segment, &span.segment);
        if !self.closed.iter().any(is_it) {
            return Ok(false);
        }
        let path = span.segment.path(crate::names::FileKind::Log);
        let renamed = span.segment.file.rename(crate::segment_file::Name::Damaged);
        renamed.map_err(|source| self.go_offline(Error::Remove { path, source }))?;
        let path = self.folder.path();
        let synced = self.files.dir().sync_dir(&path);
        self.is_offline = true;
        synced.map_err(|source| Error::Sync {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(true)
    }

    /// Forgets idempotent producers that have not written for `producer.id.expiration.ms`.
    pub fn expire_producers(&mut self, now: Timestamp) {
        let expiration_ms = self.config.producer_id_expiration_ms;
        self.producers.expire(now, expiration_ms);
    }

    /// Checks the invariants of the type.
    ///
    /// # Panics
    /// When one does not hold.
    pub fn assert_invariants(&self) {
        let log_end_offset = self.log_end_offset();
        assert!(self.log_start_offset <= log_end_offset);
        assert!(self.durable_end_offset() <= log_end_offset);
        let mut end_offset = Offset::ZERO;
        for span in self.spans() {
            assert!(end_offset <= span.base_offset());
            assert!(span.base_offset() <= span.extent.end_offset);
            end_offset = span.extent.end_offset;
        }
        let last_epoch = self.leader_epochs.entries().last();
        assert!(last_epoch.is_none_or(|it| it.start_offset <= log_end_offset));
    }

    fn spans(&self) -> impl Iterator<Item = &Span<D>> {
        self.closed.iter().chain(std::iter::once(&self.active.span))
    }

    fn write_leader_epochs(&mut self) {
        let epochs = &self.leader_epochs;
        caches::write_leader_epochs(self.files.dir(), &self.folder, &mut self.unsynced, epochs);
    }

    /// Writes what is known of producers, which is up to `offset`.
    fn write_producer_snapshot(&mut self, offset: Offset) {
        let (folder, producers) = (&self.folder, &self.producers);
        caches::write_producer_snapshot(
            self.files.dir(),
            folder,
            &mut self.unsynced,
            offset,
            producers,
        );
    }

    fn require_online(&self) -> Result<(), Error> {
        if self.is_offline {
            return Err(Error::Offline {
                path: self.folder.to_path_buf(),
            });
        }
        Ok(())
    }

    /// After an error that leaves the disk in doubt nothing else is tried.
    fn go_offline(&mut self, error: Error) -> Error {
        self.is_offline = true;
        error
    }
}

#[cfg(test)]
pub(crate) mod tests;
