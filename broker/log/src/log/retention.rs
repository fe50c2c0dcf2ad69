//! Letting go of old segments.
//!
//! In: the time, the high watermark, a wish of DeleteRecords. Out: a log start that has moved, and
//! later the files to remove. Never here: compaction, or the time from a clock.
//!
//! Two steps: the log start moves and is checkpointed; once that is durable, segments that lie
//! before it whole are let go of. So no crash finds segments missing that the checkpoint still
//! counts, in whatever order the disk has forgotten them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use broker_types::{Mutant, Offset, Timestamp};

use super::Log;
use crate::checkpoint::Checkpoint;
use crate::dir::Dir;
use crate::error::{Error, is_disk_full, is_out_of_space};
use crate::folder::Folder;
use crate::log::truncate::remove_if_there;
use crate::names::{self, FileKind};
use crate::segment::{Segment, Span};
use crate::segment_file::{Name, SegmentFile};

/// Files of segments that are no longer part of the log, under names that say so. Any thread may
/// remove them, when `file.delete.delay.ms` has passed; a crash before does no harm.
#[must_use = "the files stay on the disk until they are removed"]
pub struct Removal<D: Dir> {
    folder: Arc<Folder>,
    dir: D,
    discarded: Discarded<D>,
    bytes: u64,
}

/// Files that wait to be removed.
pub(super) struct Discarded<D: Dir> {
    files: Vec<Arc<SegmentFile<D>>>,
    /// Indexes and producer snapshots.
    caches: Vec<PathBuf>,
}

impl<D: Dir> Default for Discarded<D> {
    fn default() -> Discarded<D> {
        Discarded {
            files: Vec::new(),
            caches: Vec::new(),
        }
    }
}

impl<D: Dir> Discarded<D> {
    /// Gives a segment's files names that say what is to become of them. A disk that has no room even
    /// for names gets rid of them at once.
    ///
    /// # Errors
    /// When a file cannot be renamed; it may be tried again.
    pub(super) fn add(&mut self, segment: &Segment<D>) -> Result<(), Error> {
        let failed = |path: &PathBuf, source| Error::Remove {
            path: path.clone(),
            source,
        };
        let path = segment.path(FileKind::Log);
        match segment.file.rename(Name::Deleted) {
            Ok(()) => self.files.push(Arc::clone(&segment.file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if is_disk_full(&error) => {
                segment.file.remove().map_err(|it| failed(&path, it))?;
            }
            Err(source) => return Err(failed(&path, source)),
        }
        let dir = segment.file.dir();
        for kind in FileKind::ALL.into_iter().filter(|it| *it != FileKind::Log) {
            let path = segment.path(kind);
            let deleted = names::deleted(&path);
            match dir.rename(&path, &deleted) {
                Ok(()) => self.caches.push(deleted),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if is_disk_full(&error) => remove_if_there(dir, &path)?,
                Err(source) => return Err(failed(&path, source)),
            }
        }
        Ok(())
    }
}

impl<D: Dir> Removal<D> {
    /// Bytes of records that are let go of.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Removes the files. Removing a large file takes time.
    ///
    /// # Errors
    /// The first error; it may be performed again.
    pub fn perform(&self) -> Result<(), Error> {
        // What lies in a folder that is not the log's any more goes with it.
        let Some(_held) = self.folder.hold() else {
            return Ok(());
        };
        for file in &self.discarded.files {
            file.remove().map_err(|source| Error::Remove {
                path: self.folder.to_path_buf(),
                source,
            })?;
        }
        let mut caches = self.discarded.caches.iter();
        caches.try_for_each(|it| remove_if_there(&self.dir, it))
    }
}

impl<D: Dir> Log<D> {
    /// Moves the log start past the segments that are too old or too many, as far as the high
    /// watermark. Returns whether it moved.
    ///
    /// A segment's age is that of its greatest timestamp. When all of them are too old, another one
    /// begins, so that the last can go too.
    ///
    /// # Errors
    /// When the checkpoint or the next segment cannot be written.
    pub fn apply_retention(
        &mut self,
        high_watermark: Offset,
        now: Timestamp,
    ) -> Result<bool, Error> {
        self.require_online()?;
        if !self.config.cleanup_policy.delete {
            return Ok(false);
        }
        let mut count = self.expired_count(high_watermark, now);
        if count == self.closed.len() + 1 {
            match self.roll(self.log_end_offset(), now) {
                Ok(()) => {}
                // A disk without room for a new segment needs most that the old ones go.
                Err(error) if is_out_of_space(&error) && !self.is_offline => count -= 1,
                Err(error) => return Err(error),
            }
        }
        let Some(last) = count.checked_sub(1) else {
            return Ok(false);
        };
        let last = self.spans().nth(last).expect("expired segments exist");
        let log_start_offset = last.extent.end_offset;
        self.advance_log_start_offset(log_start_offset)
    }

    /// How many of the first segments may go.
    fn expired_count(&self, high_watermark: Offset, now: Timestamp) -> usize {
        let config = &self.config;
        let retention_ms = config.retention_ms;
        let retention_ms = retention_ms.map(|it| i64::try_from(it).unwrap_or(i64::MAX));
        let is_old = |span: &Span<D>| {
            let greatest = span.extent.max_timestamp;
            let greatest = greatest.filter(|_| !Mutant::RetainByWallClock.is_made());
            let time = greatest.unwrap_or(self.active.opened);
            retention_ms.is_some_and(|it| now.millis_since(time) > it)
        };
        let mut excess = config
            .retention_bytes
            .map_or(0, |it| self.size_in_bytes().saturating_sub(it));
        let mut is_too_much = |span: &Span<D>| {
            let is_too_much = config.retention_bytes.is_some() && span.extent.size <= excess;
            excess = excess.saturating_sub(span.extent.size);
            is_too_much
        };
        let may_go = |span: &&Span<D>| {
            let is_below = span.extent.end_offset <= high_watermark && span.extent.size > 0;
            is_below && (is_too_much(span) | is_old(span))
        };
        self.spans().take_while(may_go).count()
    }

    /// Moves the log start to `offset`, as DeleteRecords asks. Returns whether it moved. Records
    /// before it are no longer read from now on; their segments go once that is durable.
    ///
    /// # Errors
    /// When the checkpoint cannot be written.
    ///
    /// # Panics
    /// When the offset is beyond the log end: the caller compares it with the high watermark.
    pub fn advance_log_start_offset(&mut self, offset: Offset) -> Result<bool, Error> {
        self.require_online()?;
        assert!(offset <= self.log_end_offset());
        if offset <= self.log_start_offset {
            return Ok(false);
        }
        self.write_checkpoint(Checkpoint {
            stated_end_offset: self.checkpointed.stated_end_offset,
            log_start_offset: offset,
        })?;
        self.log_start_offset = offset;
        Ok(true)
    }

    /// Takes the segments that lie before the durable log start out of the log, and those that a
    /// cleaned one covers durably off the disk. Views that have them can read them until they are
    /// removed. `None` when there are none.
    ///
    /// # Errors
    /// When a file cannot be renamed; the segments before it are out of the log.
    pub fn take_removal(&mut self) -> Result<Option<Removal<D>>, Error> {
        self.require_online()?;
        let durable_start = self
            .unsynced
            .durable_log_start_offset
            .min(self.log_start_offset);
        let is_before = |it: &Span<D>| it.extent.end_offset <= durable_start;
        let count = self.closed.partition_point(is_before);
        self.covered.release()?;
        let mut discarded = self.covered.take_discarded();
        if count == 0 && discarded.files.is_empty() && discarded.caches.is_empty() {
            return Ok(None);
        }
        let gone: Vec<Span<D>> = self.closed.iter().take(count).cloned().collect();
        self.closed = self.closed.iter().skip(count).cloned().collect();
        // Not before: a crash may bring back an older log start, and its records with it.
        self.leader_epochs.truncate_from_start(durable_start);
        for span in &gone {
            discarded.add(&span.segment)?;
        }
        Ok(Some(Removal {
            folder: Arc::clone(&self.folder),
            dir: self.files.dir().clone(),
            discarded,
            bytes: gone.iter().map(|it| it.extent.size).sum(),
        }))
    }
}
