//! Loading the files of a log before it is one.
//!
//! In: a partition's folder. Out: its checkpoint, its segments as their caches describe them, and in
//! the end the log. Never here: batches being checked, which recovery does.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use broker_types::Offset;

use super::active::Active;
use super::cleaner::{self, Covered};
use super::recovery::{OnDamage, OpenOptions, Recovery};
use super::sync::Unsynced;
use super::truncate::remove_if_there;
use super::{Log, caches};
use crate::checkpoint::{Checkpoint, CheckpointFile};
use crate::dir::{self, Dir, File, OpenMode};
use crate::error::Error;
use crate::folder::{Folder, Tenancy};
use crate::leader_epochs::LeaderEpochs;
use crate::names::{self, FileKind};
use crate::offset_index::OffsetIndex;
use crate::open_files::OpenFiles;
use crate::partition_metadata;
use crate::producer_state::ProducerState;
use crate::segment::{Extent, Indexes, MemoryIndexes, Segment, Span};
use crate::time_index::{self, TimeIndex};

/// Files that a log which is being opened holds open until they are synced.
const UNSYNCED_FILES_MAX: usize = 8;

/// A log that is being put together.
pub(super) struct Loader<'a, D: Dir> {
    pub(super) dir: &'a D,
    pub(super) files: &'a OpenFiles<D>,
    pub(super) folder: Arc<Folder>,
    pub(super) options: &'a OpenOptions,
    pub(super) checkpoint: CheckpointFile,
    pub(super) checkpointed: Checkpoint,
    pub(super) unsynced: Unsynced<D>,
    pub(super) recovery: Recovery,
    pub(super) log_start_offset: Offset,
    /// Whether there is no checkpoint: nothing was ever stated.
    is_unpromised: bool,
    pub(super) closed: Vec<Span<D>>,
    pub(super) active: Option<Active<D>>,
    pub(super) leader_epochs: LeaderEpochs,
    pub(super) producers: ProducerState,
}

impl<'a, D: Dir> Loader<'a, D> {
    /// The folder, made if it is missing, with its metadata and its checkpoint.
    pub(super) fn prepare(
        files: &'a OpenFiles<D>,
        folder: &Path,
        options: &'a OpenOptions,
    ) -> Result<Loader<'a, D>, Error> {
        let dir = files.dir();
        let create_error = |source| Error::CreateFolder {
            path: folder.to_path_buf(),
            source,
        };
        let is_new = !dir.exists(folder).map_err(create_error)?;
        if is_new {
            dir.create_dir(folder).map_err(create_error)?;
        }
        let metadata = partition_metadata::require(dir, folder, options.topic_id)?;
        let (checkpoint, found) = match CheckpointFile::open(dir, folder) {
            Err(Error::DamagedCheckpoint { path }) if options.on_damage == OnDamage::Cut => {
                remove_if_there(dir, &path)?;
                CheckpointFile::open(dir, folder)?
            }
            result => result?,
        };
        let checkpointed = found.unwrap_or_default();
        let log_start_offset = checkpointed.log_start_offset;
        let mut loader = Loader {
            dir,
            files,
            folder: Folder::new(folder),
            options,
            checkpoint,
            checkpointed,
            unsynced: Unsynced::new(Offset::ZERO, log_start_offset),
            recovery: Recovery {
                stated_end_offset: checkpointed.stated_end_offset,
                ..Recovery::default()
            },
            log_start_offset,
            is_unpromised: found.is_none(),
            closed: Vec::new(),
            active: None,
            leader_epochs: LeaderEpochs::default(),
            producers: ProducerState::default(),
        };
        loader.unsynced.is_folder_dirty = is_new;
        loader.unsynced.is_parent_dirty = is_new;
        if let Some(file) = metadata {
            loader.unsynced.add(&folder.join(names::METADATA), file);
            loader.unsynced.is_folder_dirty = true;
        }
        Ok(loader)
    }

    /// The base offsets of the segments, ascending. Removes what a crash left half done, caches
    /// without their log, and segments that lie before the log start.
    pub(super) fn segment_bases(&mut self) -> Result<Vec<Offset>, Error> {
        let listed = self.dir.list(&self.folder);
        let entries = listed.map_err(|source| Error::ListFolder {
            path: self.folder.to_path_buf(),
            source,
        })?;
        let mut bases = BTreeSet::new();
        self.remove_outdated_indexes(&entries)?;
        for entry in &entries {
            if names::is_left_over(&entry.name) {
                remove_if_there(self.dir, &self.folder.join(&entry.name))?;
            } else if let Some((offset, FileKind::Log)) = names::parse_file(&entry.name) {
                bases.insert(offset);
            }
        }
        for entry in &entries {
            if let Some((offset, FileKind::OffsetIndex | FileKind::TimeIndex)) =
                names::parse_file(&entry.name)
                && !bases.contains(&offset)
            {
                remove_if_there(self.dir, &self.folder.join(&entry.name))?;
            }
        }
        let mut bases: Vec<Offset> = bases.into_iter().collect();
        if self.is_unpromised {
            self.log_start_offset = bases.first().copied().unwrap_or_default();
        }
        let count = self.count_before_start(&bases)?;
        for base_offset in bases.drain(..count) {
            self.remove_segment(base_offset)?;
        }
        Ok(bases)
    }

    /// How many of the first segments lie before the log start. One does if the next one begins there or
    /// before, unless it was made of several by compaction and covers that one.
    fn count_before_start(&mut self, bases: &[Offset]) -> Result<usize, Error> {
        let start = self.log_start_offset;
        let pairs = bases.iter().zip(bases.iter().skip(1));
        let mut count = 0;
        for (base_offset, next) in pairs.take_while(|(_, next)| **next <= start) {
            let span = self.load_closed(*base_offset, *next)?;
            let last = span.and_then(|it| it.open().ok()?.last_batch().ok()?);
            if last.is_some_and(|it| it.next_offset() > *next) {
                break;
            }
            count += 1;
        }
        Ok(count)
    }

    /// Removes indexes of segments in whose place a crash has left a compacted one without its own:
    /// they are made anew. The greatest timestamp of a segment is believed of its index.
    fn remove_outdated_indexes(&self, entries: &[dir::Entry]) -> Result<(), Error> {
        let copies: BTreeSet<_> = entries
            .iter()
            .filter_map(|it| names::parse_cleaned(&it.name))
            .collect();
        let is_in_place = |it: &&(Offset, FileKind)| !copies.contains(&(it.0, FileKind::Log));
        for (offset, _) in copies.iter().filter(is_in_place) {
            for kind in [FileKind::OffsetIndex, FileKind::TimeIndex] {
                remove_if_there(self.dir, &names::file(&self.folder, *offset, kind))?;
            }
        }
        Ok(())
    }

    /// Loads all from the caches. Returns whether that went well; if not, nothing was kept.
    pub(super) fn load_clean(&mut self, bases: &[Offset]) -> Result<bool, Error> {
        let Some((last, closed)) = bases.split_last() else {
            return Ok(false);
        };
        for (base_offset, next) in closed.iter().zip(bases.iter().skip(1)) {
            match self.load_closed(*base_offset, *next)? {
                Some(span) => self.closed.push(span),
                None => return Ok(self.forget()),
            }
            self.close_files()?;
        }
        let Some(active) = self.load_active(*last)? else {
            return Ok(self.forget());
        };
        let log_end_offset = active.span.extent.end_offset;
        let starts_in_time = bases.first() <= Some(&self.log_start_offset);
        if log_end_offset != self.checkpointed.stated_end_offset || !starts_in_time {
            return Ok(self.forget());
        }
        let spans: Vec<Span<D>> = self.closed.iter().chain([&active.span]).cloned().collect();
        let (dir, folder) = (self.dir, &self.folder);
        match caches::read_leader_epochs(dir, folder, log_end_offset, &spans) {
            Some(epochs) => self.leader_epochs = epochs,
            None => return Ok(self.forget()),
        }
        self.producers = caches::rebuild_producers(self.dir, &self.folder, &spans)?;
        self.active = Some(active);
        self.unsynced.durable_end_offset = log_end_offset;
        Ok(true)
    }

    fn forget(&mut self) -> bool {
        self.closed.clear();
        false
    }

    /// A closed segment as its caches describe it; they are made anew when they are missing or
    /// damaged. `None` when it holds something else than batches.
    pub(super) fn load_closed(
        &mut self,
        base_offset: Offset,
        next: Offset,
    ) -> Result<Option<Span<D>>, Error> {
        let mode = OpenMode::Existing;
        let segment = Segment::closed(self.files, &self.folder, base_offset);
        let file = segment.file.create(mode)?;
        let size = file.size().map_err(|it| segment.read_error(it))?;
        drop(file);
        let open = |kind| self.dir.open(&segment.path(kind), mode);
        let offsets = open(FileKind::OffsetIndex).and_then(|it| it.size());
        let times = open(FileKind::TimeIndex).and_then(|it| time_index::last_in_file(&it));
        let (Ok(_), Ok(last)) = (offsets, times) else {
            let Ok(active) = self.index_anew(base_offset) else {
                return Ok(None);
            };
            let mut span = caches::close_segment(self.dir, &mut self.unsynced, active);
            span.extent.end_offset = next;
            return Ok(Some(span));
        };
        let extent = Extent {
            size,
            end_offset: next,
            max_timestamp: last.map(|it| it.timestamp),
        };
        Ok(Some(Span::new(segment, extent)))
    }

    /// The last segment, with its indexes in memory. `None` when it cannot be loaded so.
    fn load_active(&self, base_offset: Offset) -> Result<Option<Active<D>>, Error> {
        let (folder, mode) = (&self.folder, OpenMode::Existing);
        let mut segment = Segment::in_memory(self.files, folder, base_offset, mode)?;
        let size = segment.writer().size();
        let size = size.map_err(|it| segment.read_error(it))?;
        let read = |kind| {
            let path = names::file(folder, base_offset, kind);
            dir::read_small(self.dir, &path, caches::CACHE_BYTES_MAX).ok()
        };
        let offsets = read(FileKind::OffsetIndex).and_then(|it| OffsetIndex::decode(&it, size));
        let times = read(FileKind::TimeIndex).and_then(|it| TimeIndex::decode(&it));
        let (Some(offsets), Some(times)) = (offsets, times) else {
            return Ok(self.index_anew(base_offset).ok());
        };
        segment.indexes = Indexes::Memory(Arc::new(MemoryIndexes { offsets, times }));
        let interval = self.options.config.index_interval_bytes;
        Ok(Active::resume(segment, size, interval, self.options.now).ok())
    }

    /// Walks a whole segment to make its indexes.
    fn index_anew(&self, base_offset: Offset) -> Result<Active<D>, Error> {
        let (folder, mode) = (&self.folder, OpenMode::Existing);
        let segment = Segment::in_memory(self.files, folder, base_offset, mode)?;
        let size = segment.writer().size();
        let size = size.map_err(|it| segment.read_error(it))?;
        let interval = self.options.config.index_interval_bytes;
        Active::index_anew(segment, size, interval, self.options.now)
    }

    /// Syncs what waits for it, if it is much: it is kept open until then, and other logs are opened at
    /// the same time.
    pub(super) fn close_files(&mut self) -> Result<(), Error> {
        if self.unsynced.files.len() < UNSYNCED_FILES_MAX {
            return Ok(());
        }
        for (path, file) in std::mem::take(&mut self.unsynced.files) {
            file.sync_data()
                .map_err(|source| Error::Sync { path, source })?;
        }
        Ok(())
    }

    pub(super) fn log_end_offset(&self) -> Offset {
        let closed = self.closed.last().map(|it| it.extent.end_offset);
        let active = self.active.as_ref().map(|it| it.span.extent.end_offset);
        active.or(closed).unwrap_or(self.log_start_offset)
    }

    pub(super) fn snapshot_producers(&mut self, offset: Offset) {
        let (folder, producers) = (&self.folder, &self.producers);
        caches::write_producer_snapshot(self.dir, folder, &mut self.unsynced, offset, producers);
    }

    /// Replaces what the file of leader epochs says, if there is one or something to say.
    pub(super) fn write_leader_epochs(&mut self) {
        let path = self.folder.join(names::LEADER_EPOCHS);
        let is_missing = self.dir.exists(&path).is_ok_and(|it| !it);
        if is_missing && self.leader_epochs.entries().is_empty() {
            return;
        }
        let epochs = &self.leader_epochs;
        caches::write_leader_epochs(self.dir, &self.folder, &mut self.unsynced, epochs);
    }

    pub(super) fn sync_folder(&self) -> Result<(), Error> {
        let synced = self.dir.sync_dir(&self.folder);
        synced.map_err(|source| Error::Sync {
            path: self.folder.to_path_buf(),
            source,
        })
    }

    /// The log, from what was loaded.
    pub(super) fn finish(mut self) -> Result<(Log<D>, Recovery), Error> {
        let active = match self.active.take() {
            Some(active) if active.span.extent.end_offset >= self.log_start_offset => active,
            // All that is left lies before the log start: the rest was let go of.
            found => self.start_anew(found)?,
        };
        let is_unpromised = self.is_unpromised;
        let mut log = Log {
            files: self.files.clone(),
            _tenancy: Tenancy::new(&self.folder),
            folder: self.folder,
            config: Arc::clone(&self.options.config),
            closed: self.closed.into(),
            active,
            log_start_offset: self.log_start_offset,
            leader_epochs: self.leader_epochs,
            producers: self.producers,
            checkpoint: self.checkpoint,
            checkpointed: self.checkpointed,
            unsynced: self.unsynced,
            first_dirty_offset: Offset::ZERO,
            covered: Covered::default(),
            is_offline: false,
        };
        let log_end_offset = log.log_end_offset();
        log.first_dirty_offset = cleaner::read_first_dirty_offset(log.files.dir(), &log.folder);
        if log.first_dirty_offset > log_end_offset {
            // What comes back there was never cleaned, whoever opens the log next.
            log.set_first_dirty_offset(log_end_offset)?;
        }
        let unsynced = &mut log.unsynced;
        unsynced.durable_end_offset = unsynced.durable_end_offset.min(log_end_offset);
        log.leader_epochs.truncate_from_start(log.log_start_offset);
        if is_unpromised {
            log.rewrite_checkpoint(Checkpoint {
                stated_end_offset: Offset::ZERO,
                log_start_offset: log.log_start_offset,
            })?;
            log.unsynced.is_folder_dirty = true;
        }
        log.expire_producers(self.options.now);
        log.assert_invariants();
        Ok((log, self.recovery))
    }

    /// An empty segment at the log start, in place of what there was.
    fn start_anew(&mut self, found: Option<Active<D>>) -> Result<Active<D>, Error> {
        let closed = std::mem::take(&mut self.closed);
        let bases = closed.iter().map(Span::base_offset);
        let found = found.iter().map(|it| it.span.base_offset());
        let bases: Vec<Offset> = bases.chain(found).collect();
        self.drop_segments(&bases)?;
        self.leader_epochs.clear();
        self.write_leader_epochs();
        self.producers.clear();
        caches::remove_producer_snapshots_after(self.dir, &self.folder, Offset::ZERO)?;
        self.unsynced.is_active_dirty = true;
        self.unsynced.is_folder_dirty = true;
        self.unsynced.durable_end_offset = self.log_start_offset;
        let (folder, mode) = (&self.folder, OpenMode::CreateEmpty);
        let segment = Segment::in_memory(self.files, folder, self.log_start_offset, mode)?;
        Ok(Active::new(segment, self.options.now))
    }
}
