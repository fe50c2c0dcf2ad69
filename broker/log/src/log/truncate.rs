//! Cutting off the end of a log, or all of it.
//!
//! In: the offset at which the log must end. Out: a log that ends there, or at the start of the
//! batch that holds it, all of it durable. Never here: the decision, which is the replica's.
//!
//! Order: the stated end is lowered and synced first, so that a crash on the way does not look
//! like loss; then files are cut and removed, the newest first; all is synced before anything is
//! appended, so that no cut byte can come back behind what is written next.

use broker_types::{Offset, Timestamp};

use super::active::Active;
use super::{Log, caches};
use crate::checkpoint::Checkpoint;
use crate::dir::{Dir, File, OpenMode};
use crate::error::Error;
use crate::names::FileKind;
use crate::segment::{Segment, Span};

impl<D: Dir> Log<D> {
    /// Cuts off all batches that reach beyond `offset`. Blocks until that is durable.
    /// Returns the new log end, which is `offset` or the base offset of the batch that held it, and
    /// not before the log start.
    ///
    /// # Errors
    /// When a file cannot be cut, removed or synced; the log is offline then.
    pub fn truncate_to(&mut self, offset: Offset, now: Timestamp) -> Result<Offset, Error> {
        self.require_online()?;
        if offset >= self.log_end_offset() {
            // No record goes, but an epoch that began there and wrote nothing must be forgotten
            // with what the leader does not have (KIP-279).
            self.leader_epochs.truncate_from_end(offset);
            return Ok(self.log_end_offset());
        }
        if offset < self.log_start_offset {
            self.truncate_fully_and_start_at(offset, now)?;
            return Ok(offset);
        }
        if self.is_start_in_batch_of(offset)? {
            // The whole batch goes, and with it all that was still readable.
            self.truncate_fully_and_start_at(self.log_start_offset, now)?;
        } else {
            self.cut(offset, now).map_err(|it| self.go_offline(it))?;
        }
        Ok(self.log_end_offset())
    }

    /// Whether the batch that holds `offset` begins before the log does.
    fn is_start_in_batch_of(&self, offset: Offset) -> Result<bool, Error> {
        let span = self.spans().find(|it| offset < it.extent.end_offset);
        let met = span
            .map(|it| it.open()?.find(offset))
            .transpose()?
            .flatten();
        Ok(met.is_some_and(|it| it.header.base_offset < self.log_start_offset))
    }

    fn cut(&mut self, offset: Offset, now: Timestamp) -> Result<(), Error> {
        let stated_end_offset = self.checkpointed.stated_end_offset;
        let mut spans: Vec<Span<D>> = self.spans().cloned().collect();
        let kept = spans.iter().rev().find(|it| it.base_offset() < offset);
        let kept_offset = kept.map_or(self.log_start_offset, Span::base_offset);
        self.forget_cleaned_after(kept_offset)?;
        self.promise(Checkpoint {
            // Where in its segment the cut falls is not known yet: promise none of it.
            stated_end_offset: stated_end_offset.min(kept_offset),
            log_start_offset: self.log_start_offset,
        })?;
        self.release_covered()?;
        while spans.len() > 1
            && let Some(last) = spans.pop_if(|it| it.base_offset() >= offset)
        {
            self.remove_segment(&last)?;
        }
        let last = spans.pop().expect("a log has a segment");
        self.closed = spans.into();
        self.active = self.cut_segment(&last, offset, now)?;
        let log_end_offset = self.log_end_offset();
        self.leader_epochs.truncate_from_end(log_end_offset);
        caches::remove_producer_snapshots_after(self.files.dir(), &self.folder, log_end_offset)?;
        let spans: Vec<Span<D>> = self.spans().cloned().collect();
        self.producers = caches::rebuild_producers(self.files.dir(), &self.folder, &spans)?;
        self.finish_truncation(stated_end_offset.min(log_end_offset))
    }

    /// The part of `span` before `offset`, as the active segment. Its views keep the old one.
    fn cut_segment(
        &self,
        span: &Span<D>,
        offset: Offset,
        now: Timestamp,
    ) -> Result<Active<D>, Error> {
        let old = &span.segment;
        let Some(first_cut) = span.open()?.find(offset)? else {
            // Only a gap is cut off.
            return self.reopen(span, span.extent.size, now);
        };
        let size = first_cut.position;
        if size == 0 {
            self.remove_segment(span)?;
            let base_offset = old.base_offset;
            let (files, folder) = (&self.files, &self.folder);
            let segment = Segment::in_memory(files, folder, base_offset, OpenMode::CreateEmpty)?;
            return Ok(Active::new(segment, now));
        }
        old.open()?.set_size(size).map_err(|source| {
            let path = old.path(FileKind::Log);
            Error::TruncateSegment { path, source }
        })?;
        self.reopen(span, size, now)
    }

    /// Walks the first `size` bytes of a segment and makes its indexes anew, in memory.
    fn reopen(&self, span: &Span<D>, size: u64, now: Timestamp) -> Result<Active<D>, Error> {
        let segment = span.segment.reopen()?;
        let interval = self.config.index_interval_bytes;
        let mut active = Active::index_anew(segment, size, interval, now)?;
        active.is_cut = true;
        Ok(active)
    }

    /// Empties the log and lets it go on at `offset`: what a leader does not have any more, or a
    /// snapshot covers, need not be kept. Blocks until that is durable.
    ///
    /// # Errors
    /// When a file cannot be removed, made or synced; the log is offline then.
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: Offset,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.require_online()?;
        self.empty(offset, now).map_err(|it| self.go_offline(it))
    }

    fn empty(&mut self, offset: Offset, now: Timestamp) -> Result<(), Error> {
        self.forget_cleaned_after(Offset::ZERO)?;
        // What a crash leaves of the old segments lies before this start, or has no promise. A start
        // that goes back waits until they are gone: what was deleted must not come back.
        self.promise(Checkpoint {
            stated_end_offset: offset,
            log_start_offset: self.log_start_offset.max(offset),
        })?;
        self.release_covered()?;
        let spans: Vec<Span<D>> = self.spans().cloned().collect();
        for span in spans.iter().rev() {
            self.remove_segment(span)?;
        }
        caches::remove_producer_snapshots_after(self.files.dir(), &self.folder, Offset::ZERO)?;
        self.closed = Vec::new().into();
        let (files, folder) = (&self.files, &self.folder);
        let segment = Segment::in_memory(files, folder, offset, OpenMode::CreateEmpty)?;
        self.active = Active::new(segment, now);
        self.leader_epochs.clear();
        self.producers.clear();
        self.sync_folder()?;
        self.log_start_offset = offset;
        self.write_checkpoint(Checkpoint {
            stated_end_offset: offset,
            log_start_offset: offset,
        })?;
        self.finish_truncation(offset)
    }

    fn sync_folder(&self) -> Result<(), Error> {
        let synced = self.files.dir().sync_dir(&self.folder);
        synced.map_err(|source| Error::Sync {
            path: self.folder.to_path_buf(),
            source,
        })
    }

    /// Makes a weaker promise durable before what it no longer covers is touched.
    fn promise(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        self.write_checkpoint(checkpoint)?;
        self.sync_now()
    }

    /// Writes what was changed, syncs it, and with it all that the log still has.
    fn finish_truncation(&mut self, stated_end_offset: Offset) -> Result<(), Error> {
        self.write_leader_epochs();
        self.unsynced.is_active_dirty = true;
        self.unsynced.is_folder_dirty = true;
        let log_end_offset = self.log_end_offset();
        let unsynced = &mut self.unsynced;
        unsynced.durable_end_offset = unsynced.durable_end_offset.min(log_end_offset);
        unsynced.durable_log_start_offset =
            self.log_start_offset.min(unsynced.durable_log_start_offset);
        self.sync_now()?;
        self.assert_invariants();
        // The old promise again, as far as there is something to it. Synced with what comes next:
        // until then the weaker one holds.
        self.write_checkpoint(Checkpoint {
            stated_end_offset,
            log_start_offset: self.log_start_offset,
        })
    }

    /// Removes a segment's files. The log file is emptied before, so that a view that still holds it
    /// finds nothing rather than what the log does not hold any more.
    fn remove_segment(&self, span: &Span<D>) -> Result<(), Error> {
        let segment = &span.segment;
        let path = segment.path(FileKind::Log);
        let emptied = segment.open()?.set_size(0);
        emptied.map_err(|source| Error::TruncateSegment {
            path: path.clone(),
            source,
        })?;
        for kind in [FileKind::TimeIndex, FileKind::OffsetIndex] {
            remove_if_there(self.files.dir(), &segment.path(kind))?;
        }
        let removed = segment.file.remove();
        removed.map_err(|source| Error::Remove { path, source })
    }
}

pub(super) fn remove_if_there<D: Dir>(dir: &D, path: &std::path::Path) -> Result<(), Error> {
    match dir.remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::Remove {
            path: path.to_path_buf(),
            source,
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}
