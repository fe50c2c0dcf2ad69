//! Making durable what was appended.
//!
//! In: files and folders that were changed. Out: a request that another thread performs, and the
//! durable end when it comes back. Never here: the sync itself being waited for, or tried again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use broker_types::Offset;

use super::Log;
use crate::checkpoint::Checkpoint;
use crate::dir::{Dir, File};
use crate::error::Error;

/// What of a log is not on the disk yet.
pub(super) struct Unsynced<D: Dir> {
    /// Invariant: all below is on the disk.
    pub(super) durable_end_offset: Offset,
    /// Segments are removed only below this one: a crash must not find them gone and the log
    /// start before them.
    pub(super) durable_log_start_offset: Offset,
    pub(super) files: Vec<(PathBuf, D::File)>,
    pub(super) is_active_dirty: bool,
    pub(super) is_folder_dirty: bool,
    pub(super) is_parent_dirty: bool,
    /// Counter of the checkpoint's last write, if that is not synced.
    pub(super) checkpoint_counter: Option<u64>,
    /// One request at a time: two could come back in the wrong order.
    in_flight: bool,
    /// Grows with each truncation; a request from before says nothing about what came after.
    generation: u64,
}

impl<D: Dir> Unsynced<D> {
    pub(super) fn new(durable_end_offset: Offset, durable_log_start_offset: Offset) -> Unsynced<D> {
        Unsynced {
            durable_end_offset,
            durable_log_start_offset,
            files: Vec::new(),
            is_active_dirty: false,
            is_folder_dirty: false,
            is_parent_dirty: false,
            checkpoint_counter: None,
            in_flight: false,
            generation: 0,
        }
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.in_flight
    }

    fn is_clean(&self, scope: SyncScope) -> bool {
        let is_active_left = !self.is_active_dirty || scope == SyncScope::ClosedSegments;
        let are_folders_left = !self.is_folder_dirty && !self.is_parent_dirty;
        self.files.is_empty() && is_active_left && are_folders_left
    }

    /// Later writes of a file need no second sync of it.
    pub(super) fn add(&mut self, path: &Path, file: D::File) {
        self.files.retain(|(known, _)| known != path);
        self.files.push((path.to_path_buf(), file));
    }
}

/// What a sync is to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncScope {
    /// All that was appended.
    All,
    /// All but the active segment, whose records the page cache may keep.
    ClosedSegments,
}

/// What to sync, and how far the log is durable afterwards. Any thread may perform it.
#[derive(Debug)]
#[must_use = "what was appended counts only once it is synced"]
pub struct SyncRequest<D: Dir> {
    dir: D,
    files: Vec<(PathBuf, D::File)>,
    folders: Vec<Arc<Path>>,
    end_offset: Offset,
    log_start_offset: Offset,
    checkpoint_counter: Option<u64>,
    generation: u64,
    /// Segments that had been replaced by cleaned ones.
    replacements: u64,
}

impl<D: Dir> SyncRequest<D> {
    /// Offset below which all is durable once the request is performed.
    pub fn end_offset(&self) -> Offset {
        self.end_offset
    }

    /// Syncs that [`SyncRequest::perform`] makes. With many of them, over all logs of a directory,
    /// one [`Dir::sync_all`] in their place is faster.
    pub fn syncs_count(&self) -> usize {
        self.files.len() + self.folders.len()
    }

    /// Syncs each file, then the folders that name them.
    ///
    /// # Errors
    /// The first error, which is final: see [`File::sync_data`].
    pub fn perform(&self) -> io::Result<()> {
        for (_, file) in &self.files {
            file.sync_data()?;
        }
        self.folders.iter().try_for_each(|it| self.dir.sync_dir(it))
    }
}

impl<D: Dir> Log<D> {
    /// What must be synced for all of `scope` that was appended so far to be durable. `None` when
    /// there is nothing, or while the last request is not back.
    pub fn sync_request(&mut self, scope: SyncScope) -> Option<SyncRequest<D>> {
        let log_start_offset = self.checkpointed.log_start_offset;
        let end_offset = match scope {
            SyncScope::All => self.log_end_offset(),
            // Something may have synced the active segment before.
            SyncScope::ClosedSegments if self.unsynced.is_active_dirty => self
                .active
                .span
                .base_offset()
                .max(self.unsynced.durable_end_offset),
            SyncScope::ClosedSegments => self.log_end_offset(),
        };
        let unsynced = &mut self.unsynced;
        if self.is_offline || unsynced.in_flight || unsynced.is_clean(scope) {
            return None;
        }
        let mut files = std::mem::take(&mut unsynced.files);
        if scope == SyncScope::All && std::mem::take(&mut unsynced.is_active_dirty) {
            let segment = &self.active.span.segment;
            files.push((
                segment.path(crate::names::FileKind::Log),
                segment.writer().clone(),
            ));
        }
        let mut folders = Vec::new();
        if std::mem::take(&mut unsynced.is_folder_dirty) {
            folders.push(self.folder.path());
        }
        if std::mem::take(&mut unsynced.is_parent_dirty) {
            folders.push(Arc::from(self.folder.parent().unwrap_or(Path::new(""))));
        }
        unsynced.in_flight = true;
        Some(SyncRequest {
            dir: self.files.dir().clone(),
            files,
            folders,
            end_offset,
            log_start_offset,
            checkpoint_counter: unsynced.checkpoint_counter.take(),
            generation: unsynced.generation,
            replacements: self.covered.made(),
        })
    }

    /// The log start that a loss of power would bring back; the current one or an earlier one.
    pub fn durable_log_start_offset(&self) -> Offset {
        self.unsynced.durable_log_start_offset
    }

    /// Whether a request is on its way: the log's folder must stay where it is until it is back.
    pub fn is_syncing(&self) -> bool {
        self.unsynced.is_in_flight()
    }

    /// A request was performed, by itself or by a sync of the whole directory.
    ///
    /// # Errors
    /// When it failed, or one before it did: the log is offline from then on.
    pub fn handle_synced(
        &mut self,
        request: SyncRequest<D>,
        result: io::Result<()>,
    ) -> Result<(), Error> {
        self.unsynced.in_flight = false;
        if let Err(source) = result {
            let path = self.folder.to_path_buf();
            return Err(self.go_offline(Error::Sync { path, source }));
        }
        self.require_online()?;
        self.covered.handle_durable(request.replacements);
        let is_checkpoint_durable = request
            .checkpoint_counter
            .is_some_and(|it| self.checkpoint.handle_synced(it));
        // A truncation has synced all that it left. What the request says of the rest is stale.
        if request.generation == self.unsynced.generation {
            self.unsynced.durable_end_offset = request.end_offset;
            if is_checkpoint_durable {
                self.unsynced.durable_log_start_offset = request.log_start_offset;
            }
        }
        Ok(())
    }

    /// Records the durable end as the one that this replica states, and the log start. It counts
    /// once it is synced, with the next request.
    ///
    /// # Errors
    /// When the checkpoint cannot be written. The old one still holds, and is still true.
    pub fn checkpoint(&mut self) -> Result<(), Error> {
        self.require_online()?;
        self.write_checkpoint(Checkpoint {
            stated_end_offset: self.durable_end_offset(),
            log_start_offset: self.log_start_offset,
        })
    }

    pub(super) fn write_checkpoint(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        if checkpoint == self.checkpointed {
            return Ok(());
        }
        self.rewrite_checkpoint(checkpoint)
    }

    pub(super) fn rewrite_checkpoint(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        let (file, counter) = self.checkpoint.write(self.files.dir(), checkpoint)?;
        self.checkpointed = checkpoint;
        self.unsynced.checkpoint_counter = Some(counter);
        let path = self.folder.join(crate::names::CHECKPOINT);
        self.unsynced.add(&path, file);
        Ok(())
    }

    /// Syncs all there is, here and now, also what a request in flight has taken. For what happens
    /// rarely and must be durable before anything else is done.
    pub(super) fn sync_now(&mut self) -> Result<(), Error> {
        self.unsynced.generation += 1;
        let was_in_flight = std::mem::replace(&mut self.unsynced.in_flight, false);
        if was_in_flight {
            // What it took is not known to be synced.
            let durable_end_offset = self.unsynced.durable_end_offset;
            let undone = |it: &&crate::segment::Span<D>| it.extent.end_offset > durable_end_offset;
            let spans: Vec<_> = self.spans().filter(undone).cloned().collect();
            for span in spans {
                let path = span.segment.path(crate::names::FileKind::Log);
                self.unsynced.add(&path, span.segment.open()?);
            }
            self.unsynced.is_folder_dirty = true;
            self.unsynced.is_parent_dirty = true;
            self.rewrite_checkpoint(self.checkpointed)?;
        }
        let request = self.sync_request(SyncScope::All);
        let result = match request {
            Some(request) => {
                let result = request.perform();
                self.handle_synced(request, result)
            }
            None => Ok(()),
        };
        self.unsynced.in_flight = was_in_flight;
        result
    }
}
