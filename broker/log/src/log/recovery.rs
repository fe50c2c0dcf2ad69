//! Opening a log: after a clean stop from its caches, after a crash from its batches.
//!
//! In: a partition's folder, whether the directory was shut down cleanly. Out: the log, and what was
//! found. Never here: what a replica that lost something may still do.
//!
//! ```text
//!   segments before the stated end's    trusted, as is what their caches say
//!   from the stated end's segment on    every batch is checked; caches are made anew
//!     damage below the stated end       an error: what was promised is not there
//!     damage above it                   a torn tail: cut off
//! ```
//!
//! Nothing above the stated end counts as durable until the first sync.

use std::path::Path;
use std::sync::Arc;

use broker_types::{Offset, Timestamp, TopicId};
use broker_wire::record_batch::BatchHeader;

use super::active::Active;
use super::load::Loader;
use super::scan::Scan;
use super::truncate::remove_if_there;
use super::{Log, caches};
use crate::config::LogConfig;
use crate::dir::{Dir, File, OpenMode};
use crate::error::Error;
use crate::leader_epochs::LeaderEpochs;
use crate::names::FileKind;
use crate::open_files::OpenFiles;
use crate::segment::Segment;

/// How the process that had the log before has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// The data directory has the marker of a clean shutdown.
    Clean,
    /// Anything may have been cut short.
    Unclean,
}

/// What to do when something is missing that this replica once stated as durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDamage {
    /// Leave all as it is, and return an error.
    Refuse,
    /// Cut the log there, and believe only what the disk itself shows. Only for a replica that will
    /// fetch the rest again. What was stated stays on the disk until [`Log::checkpoint`] states
    /// something else: to be called once the replica has left ISR and ELR, not before, or the next
    /// start would not know that something is missing.
    Cut,
}

/// How to open a log.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The topic that the partition must be of; written down when the folder is new.
    pub topic_id: Option<TopicId>,
    pub config: Arc<LogConfig>,
    pub restart: Restart,
    pub on_damage: OnDamage,
    pub now: Timestamp,
}

/// What was found when a log was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Bytes of batches that were checked.
    pub scanned_bytes: u64,
    /// Bytes that were cut off: a torn tail, and what came after.
    pub cut_bytes: u64,
    /// The end that this replica stated before.
    pub stated_end_offset: Offset,
    /// Where damage below the stated end was cut off; only with [`OnDamage::Cut`].
    pub damage: Option<Offset>,
}

impl<D: Dir> Log<D> {
    /// Opens the log in `folder` of the data directory; makes it when there is none. When the log is
    /// dropped the folder may be another's: views that are left find only what is open.
    ///
    /// # Errors
    /// [`Error::Damaged`] when something is missing that was stated as durable;
    /// [`Error::WrongPartition`] when the folder is another topic's; any error of the disk.
    pub fn open(
        files: &OpenFiles<D>,
        folder: &str,
        options: &OpenOptions,
    ) -> Result<(Log<D>, Recovery), Error> {
        let mut loader = Loader::prepare(files, Path::new(folder), options)?;
        let bases = loader.segment_bases()?;
        let is_loaded = options.restart == Restart::Clean && loader.load_clean(&bases)?;
        if !is_loaded {
            loader.recover(&bases)?;
        }
        loader.finish()
    }
}

impl<D: Dir> Loader<'_, D> {
    /// Loads what can be trusted and checks the rest.
    fn recover(&mut self, bases: &[Offset]) -> Result<(), Error> {
        let stated_end_offset = self.checkpointed.stated_end_offset;
        let mut bases = self.require_start(bases)?.to_vec();
        let trusted = self.load_trusted(&mut bases)?;
        let scanned = bases.split_off(trusted);
        let scan_offset = scanned.first().copied().unwrap_or(self.log_start_offset);
        self.leader_epochs =
            match caches::read_leader_epochs(self.dir, &self.folder, scan_offset, &self.closed) {
                Some(epochs) => epochs,
                None => caches::rebuild_leader_epochs(&self.closed)?,
            };
        caches::remove_producer_snapshots_after(self.dir, &self.folder, scan_offset)?;
        self.producers = caches::rebuild_producers(self.dir, &self.folder, &self.closed)?;
        self.scan_segments(scanned)?;
        let log_end_offset = self.log_end_offset();
        self.handle_loss(log_end_offset)?;
        self.write_leader_epochs();
        self.unsynced.durable_end_offset = match self.recovery.damage {
            None => stated_end_offset.min(log_end_offset),
            Some(_) => self.log_start_offset.min(log_end_offset),
        };
        self.unsynced.is_folder_dirty = true;
        self.unsynced.is_parent_dirty = true;
        Ok(())
    }

    /// The log must begin where its start says: a first segment that begins later has lost what
    /// was before it.
    fn require_start<'b>(&mut self, bases: &'b [Offset]) -> Result<&'b [Offset], Error> {
        let log_start_offset = self.log_start_offset;
        if bases.first().is_none_or(|it| *it <= log_start_offset) {
            return Ok(bases);
        }
        self.handle_loss(log_start_offset)?;
        self.drop_segments(bases)?;
        Ok(&[])
    }

    /// Loads the segments before that of the stated end, whose last batch must be where the index
    /// leads to. Returns how many are as they should be; those that another one covers are gone.
    fn load_trusted(&mut self, bases: &mut Vec<Offset>) -> Result<usize, Error> {
        let stated_end_offset = self.checkpointed.stated_end_offset;
        let mut place = 0;
        while let Some([base_offset, next, ..]) = bases.get(place..)
            && *next < stated_end_offset
        {
            let (base_offset, next) = (*base_offset, *next);
            let span = self.load_closed(base_offset, next)?;
            let last = span.as_ref().map(|it| it.open()?.last_batch());
            let (Some(mut span), Some(Ok(last))) = (span, last) else {
                self.handle_loss(base_offset)?;
                return Ok(place);
            };
            let end_offset = last.map_or(base_offset, |it| it.next_offset());
            let is_covering = self.remove_covered(bases, place, end_offset)?;
            if is_covering {
                span.extent.end_offset = end_offset;
            } else if end_offset != next {
                self.handle_loss(base_offset)?;
                return Ok(place);
            }
            self.closed.push(span);
            self.close_files()?;
            place += 1;
        }
        Ok(place)
    }

    /// Whether the segment at `place`, which ends at `end_offset`, was made of several by
    /// compaction, and a crash has left some of the others. They are removed then.
    ///
    /// It covers them if it ends where a later one begins: no batch is in two segments otherwise.
    fn remove_covered(
        &mut self,
        bases: &mut Vec<Offset>,
        place: usize,
        end_offset: Offset,
    ) -> Result<bool, Error> {
        let after = place + 1;
        let later = bases.get(after..).unwrap_or_default();
        let count = later.partition_point(|it| *it < end_offset);
        if count == 0 || later.get(count) != Some(&end_offset) {
            return Ok(false);
        }
        // That one may not have its name durably yet, and they are all else that there is.
        self.sync_folder()?;
        for base_offset in bases.drain(after..after + count) {
            self.remove_segment(base_offset)?;
        }
        self.unsynced.is_folder_dirty = true;
        Ok(true)
    }

    fn scan_segments(&mut self, mut bases: Vec<Offset>) -> Result<(), Error> {
        let mut place = 0;
        while let Some(base_offset) = bases.get(place).copied() {
            let active = self.scan_segment(base_offset)?;
            let end_offset = active.span.extent.end_offset;
            let size = active.span.segment.writer().size();
            let size = size.map_err(|it| active.span.segment.read_error(it))?;
            self.remove_covered(&mut bases, place, end_offset)?;
            place += 1;
            let later = bases.get(place..).unwrap_or_default();
            let next = later.first().copied();
            let is_whole = active.span.extent.size == size;
            // Compaction leaves the last batch of a segment, if only its header.
            let is_followed = next.is_none_or(|it| it == end_offset);
            if is_whole && is_followed {
                if let Some(next) = next {
                    let closed = caches::close_segment(self.dir, &mut self.unsynced, active);
                    self.closed.push(closed);
                    self.snapshot_producers(next);
                    self.close_files()?;
                } else {
                    self.active = Some(active);
                }
                continue;
            }
            self.handle_loss(end_offset)?;
            self.cut(&active, size)?;
            self.drop_segments(later)?;
            self.active = Some(active);
            return Ok(());
        }
        Ok(())
    }

    /// Checks every batch of a segment and makes its indexes anew. The segment that comes back ends
    /// after the last batch that is intact.
    fn scan_segment(&mut self, base_offset: Offset) -> Result<Active<D>, Error> {
        let (dir, now) = (self.dir, self.options.now);
        let (folder, mode) = (&self.folder, OpenMode::Existing);
        let segment = Segment::in_memory(self.files, folder, base_offset, mode)?;
        let path = segment.path(FileKind::Log);
        let file = segment.writer().clone();
        self.unsynced.add(&path, file.clone());
        let read_error = |source| Error::ReadSegment {
            path: path.clone(),
            source,
        };
        let mut active = Active::new(segment, now);
        let stated_end_offset = self.checkpointed.stated_end_offset;
        // A log that was to begin again at its start has promised nothing that is left from before.
        let is_intact = self.options.on_damage == OnDamage::Refuse;
        let is_promised = is_intact && self.log_start_offset < stated_end_offset;
        let believed_end = if is_promised {
            stated_end_offset
        } else {
            base_offset
        };
        let mut scan =
            Scan::new(dir, path.clone(), &file, base_offset, believed_end).map_err(read_error)?;
        let interval = self.options.config.index_interval_bytes;
        while let Some(batch) = scan.next().map_err(read_error)? {
            let header = batch.header();
            if !continues(&self.leader_epochs, header) {
                break;
            }
            active.account(header, interval);
            self.producers.record(header, batch.records_bytes());
            if let Some(epoch) = header.partition_leader_epoch {
                self.leader_epochs.assign(epoch, header.base_offset);
            }
        }
        self.recovery.scanned_bytes += active.span.extent.size;
        Ok(active)
    }

    /// Cuts off what follows the last intact batch of a segment.
    fn cut(&mut self, active: &Active<D>, size: u64) -> Result<(), Error> {
        let span = &active.span;
        self.recovery.cut_bytes += size - span.extent.size;
        let result = span.segment.writer().set_size(span.extent.size);
        result.map_err(|source| Error::TruncateSegment {
            path: span.segment.path(FileKind::Log),
            source,
        })
    }

    /// Removes segments that do not belong to the log, the newest first. That is durable before
    /// anything is written in their place: old ones must not come back behind it.
    pub(super) fn drop_segments(&mut self, bases: &[Offset]) -> Result<(), Error> {
        if bases.is_empty() {
            return Ok(());
        }
        for base_offset in bases.iter().rev() {
            let path = crate::names::file(&self.folder, *base_offset, FileKind::Log);
            let file = self.dir.open(&path, OpenMode::Existing);
            let file = file.map_err(|source| Error::OpenSegment { path, source })?;
            self.recovery.cut_bytes += file.size().unwrap_or(0);
            self.remove_segment(*base_offset)?;
        }
        self.sync_folder()
    }

    pub(super) fn remove_segment(&self, base_offset: Offset) -> Result<(), Error> {
        for kind in FileKind::ALL.into_iter().rev() {
            let path = crate::names::file(&self.folder, base_offset, kind);
            // The snapshot at a segment's base is of what came before it.
            if kind != FileKind::ProducerSnapshot {
                remove_if_there(self.dir, &path)?;
            }
        }
        Ok(())
    }

    /// What comes from `offset` on is not there. That is a loss if some of it was stated as durable
    /// and not let go of since.
    fn handle_loss(&mut self, offset: Offset) -> Result<(), Error> {
        let stated_end_offset = self.checkpointed.stated_end_offset;
        let offset = offset.max(self.log_start_offset);
        if stated_end_offset <= offset {
            return Ok(());
        }
        match self.options.on_damage {
            OnDamage::Refuse => Err(Error::Damaged {
                path: self.folder.to_path_buf(),
                offset,
                stated_end_offset,
            }),
            OnDamage::Cut => {
                let damage = self.recovery.damage.map_or(offset, |it| it.min(offset));
                self.recovery.damage = Some(damage);
                Ok(())
            }
        }
    }
}

/// Whether a batch can come after what has these epochs: leader epochs never go back. One that
/// does is left over from before a truncation.
fn continues(epochs: &LeaderEpochs, header: &BatchHeader) -> bool {
    epochs.latest() <= header.partition_leader_epoch
}
