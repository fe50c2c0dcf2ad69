//! Cleaning one log, step by step.
//!
//! In: the segments of a view, and what of them is dirty. Out: copies without the records that went.
//! Never here: the log itself, which knows of nothing until it is given a copy; a pause, which
//! whoever performs the steps makes between them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use broker_types::{Offset, Timestamp};
use broker_wire::record_batch::{Batch, BatchError, BatchHeader, batches};

use super::super::Log;
use super::super::active::Active;
use super::super::append::RELATIVE_OFFSET_MAX;
use super::filter::{BatchFailure, Filter, LastBatches, Learned};
use super::offset_map::OffsetMap;
use crate::config::LogConfig;
use crate::dir::{Dir, File, OpenMode};
use crate::error::Error;
use crate::folder::Folder;
use crate::log::truncate::remove_if_there;
use crate::names::{self, FileKind};
use crate::open_files::OpenFiles;
use crate::segment::{Indexes, Segment, Span};

/// Bytes that are read or written at once; larger batches are read whole.
const CHUNK_BYTES: usize = 1 << 20;
/// Segments that are copied into one: all of them are given other names at once, while nobody else is
/// served.
pub(super) const SOURCES_MAX: usize = 64;

/// How to clean, beside the topic's config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanOptions {
    /// Bytes that the map of keys may take (`log.cleaner.dedupe.buffer.size`).
    pub map_bytes_max: usize,
    /// Something nobody else knows, for the hashes of keys.
    pub secret: [u64; 2],
}

/// What a step has done.
pub enum Step<D: Dir> {
    /// A part, and there is more.
    Part,
    /// A segment is ready to take the place of others.
    Segment(CleanedSegment<D>),
    /// Once all segments are in place and durable, all below this offset is clean.
    Done(CleanPoint),
    /// Something was cut off the log, or it is gone: the rest would be in vain.
    Stopped,
}

/// How far a log is clean, as long as nothing was cut off it since the cleaning began.
#[derive(Clone, Debug)]
pub struct CleanPoint {
    pub(super) first_dirty_offset: Offset,
    /// Which log: one that was opened later in the same folder has another.
    pub(super) folder: Arc<Folder>,
    pub(super) truncations: u64,
}

/// A copy of neighbouring segments, without the records that went; whole and on the disk.
pub struct CleanedSegment<D: Dir> {
    /// What it takes the place of: neighbours, the first of which has its base offset.
    pub(super) sources: Vec<Span<D>>,
    pub(super) span: Span<D>,
}

impl<D: Dir> CleanedSegment<D> {
    /// Bytes of batches before and after.
    pub fn bytes(&self) -> (u64, u64) {
        let before = self.sources.iter().map(|it| it.extent.size).sum();
        (before, self.span.extent.size)
    }
}

/// A log being cleaned. Any thread may perform its steps.
pub struct Cleaning<D: Dir> {
    files: OpenFiles<D>,
    folder: Arc<Folder>,
    config: Arc<LogConfig>,
    /// The first dirty offset.
    from: Offset,
    /// The first offset that cannot be cleaned.
    to: Offset,
    /// The segments below `to`.
    spans: Vec<Span<D>>,
    filter: Filter,
    phase: Phase<D>,
    bytes: u64,
    /// Of the log when this began.
    truncations: u64,
}

enum Phase<D: Dir> {
    /// Headers are looked at, and keys of the dirty part go into the map. Which segment is read, and
    /// from where.
    Map {
        place: usize,
        position: u64,
    },
    /// Segments are copied, by groups, the last of which comes first.
    Copy {
        groups: Vec<Vec<Span<D>>>,
    },
    Write(Box<Copy<D>>),
}

/// A group of segments being copied into one.
struct Copy<D: Dir> {
    groups: Vec<Vec<Span<D>>>,
    sources: Vec<Span<D>>,
    place: usize,
    position: u64,
    output: Active<D>,
    waiting: Vec<u8>,
    is_changed: bool,
}

impl<D: Dir> Log<D> {
    /// Begins to clean what is dirty; `None` when nothing is. The log may go on meanwhile: whatever
    /// becomes of it, a segment that does not fit any more is refused.
    pub fn clean(
        &self,
        high_watermark: Offset,
        options: CleanOptions,
        now: Timestamp,
    ) -> Option<Cleaning<D>> {
        let dirty = self.dirty(high_watermark, now)?;
        let is_below = |it: &&Span<D>| it.extent.end_offset <= dirty.to;
        let spans: Vec<Span<D>> = self.closed.iter().take_while(is_below).cloned().collect();
        let producers = LastBatches::new(self.producers.producers().map(|(id, _)| id));
        let is_dirty = |it: &Span<D>| it.extent.end_offset > dirty.from;
        // What is clean has nothing to tell but whose batches are in it.
        let place = match producers.is_empty() {
            true => spans.partition_point(|it| !is_dirty(it)),
            false => 0,
        };
        let epochs = self.leader_epochs.entries();
        Some(Cleaning {
            files: self.files.clone(),
            folder: Arc::clone(&self.folder),
            config: Arc::clone(&self.config),
            from: dirty.from,
            to: dirty.to,
            spans,
            filter: Filter {
                map: OffsetMap::new(options.secret, options.map_bytes_max),
                map_end_offset: dirty.from,
                now,
                delete_retention_ms: self.config.delete_retention_ms,
                epoch_starts: epochs.iter().map(|it| it.start_offset).collect(),
                producers,
            },
            phase: Phase::Map { place, position: 0 },
            bytes: 0,
            truncations: self.folder.truncations(),
        })
    }
}

impl<D: Dir> Cleaning<D> {
    /// Does a part of the work: at most about a chunk's worth of reading, or making a segment durable.
    ///
    /// # Errors
    /// When a file cannot be read or written, or a batch is damaged. The log is as it was, and the
    /// cleaning is over.
    pub fn step(&mut self) -> Result<Step<D>, Error> {
        if self.is_stopped() {
            return self.stop();
        }
        match self.go_on() {
            // What was cut off under a read looks like damage; what was let go of is not there.
            Err(Error::StaleView { .. }) => self.stop(),
            Err(_) if self.is_stopped() => self.stop(),
            result => result,
        }
    }

    /// Leaves nothing behind of a copy that is not whole.
    fn stop(&mut self) -> Result<Step<D>, Error> {
        let begun = Phase::Copy { groups: Vec::new() };
        if let Phase::Write(copy) = std::mem::replace(&mut self.phase, begun) {
            discard(&copy.output.span.segment)?;
        }
        Ok(Step::Stopped)
    }

    fn go_on(&mut self) -> Result<Step<D>, Error> {
        let begun = Phase::Copy { groups: Vec::new() };
        match std::mem::replace(&mut self.phase, begun) {
            Phase::Map { place, position } => self.map(place, position)?,
            Phase::Copy { mut groups } => match groups.pop() {
                Some(sources) => self.phase = Phase::Write(self.begin(groups, sources)?),
                None => {
                    return Ok(Step::Done(CleanPoint {
                        first_dirty_offset: self.filter.map_end_offset,
                        folder: Arc::clone(&self.folder),
                        truncations: self.truncations,
                    }));
                }
            },
            Phase::Write(copy) => {
                let output = Arc::clone(&copy.output.span.segment);
                match self.copy(copy) {
                    Ok(Some(cleaned)) => return Ok(Step::Segment(cleaned)),
                    Ok(None) => {}
                    Err(error) => {
                        // The disk may be full of it. What went wrong first is what matters.
                        drop(discard(&output));
                        return Err(error);
                    }
                }
            }
        }
        Ok(Step::Part)
    }

    /// Whether the log is not what it was when this began.
    fn is_stopped(&self) -> bool {
        self.folder.truncations() != self.truncations || self.folder.hold().is_none()
    }

    /// Bytes that were read and written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts the keys of one chunk into the map.
    fn map(&mut self, place: usize, position: u64) -> Result<(), Error> {
        let Some(span) = self.spans.get(place).cloned() else {
            self.filter.map_end_offset = self.to;
            self.phase = Phase::Copy {
                groups: self.groups(),
            };
            return Ok(());
        };
        let chunk = read_chunk(&span, position)?;
        self.bytes += chunk.len() as u64;
        let mut position = position;
        for batch in batches(&chunk).map_while(Result::ok) {
            let placed = require_place(&span, &batch);
            let learned = placed.and_then(|()| self.filter.learn(&batch, self.from));
            if learned.map_err(|it| damaged(&span, position, it))? == Learned::UntilFull {
                self.phase = Phase::Copy {
                    groups: self.groups(),
                };
                return Ok(());
            }
            position += batch.bytes().len() as u64;
        }
        self.phase = if position < span.extent.size {
            Phase::Map { place, position }
        } else {
            Phase::Map {
                place: place + 1,
                position: 0,
            }
        };
        Ok(())
    }

    /// The segments that the map says something about, small neighbours together; the last first.
    fn groups(&self) -> Vec<Vec<Span<D>>> {
        let mut groups: Vec<Vec<Span<D>>> = Vec::new();
        let segment_bytes = u64::from(self.config.segment_bytes);
        let end_offset = self.filter.map_end_offset;
        for span in self
            .spans
            .iter()
            .take_while(|it| it.base_offset() < end_offset)
        {
            let fits = |group: &&mut Vec<Span<D>>| {
                if group.len() == SOURCES_MAX {
                    return false;
                }
                let bytes: u64 = group.iter().map(|it| it.extent.size).sum();
                let base_offset = group.first().map_or(span.base_offset(), Span::base_offset);
                let offsets = span.extent.end_offset.distance_from(base_offset);
                bytes + span.extent.size <= segment_bytes && offsets <= RELATIVE_OFFSET_MAX
            };
            match groups.last_mut().filter(fits) {
                Some(group) => group.push(span.clone()),
                None => groups.push(vec![span.clone()]),
            }
        }
        groups.reverse();
        groups
    }

    fn begin(
        &self,
        groups: Vec<Vec<Span<D>>>,
        sources: Vec<Span<D>>,
    ) -> Result<Box<Copy<D>>, Error> {
        let first = sources.first().expect("a group has a segment");
        let segment = Segment::cleaned(&self.files, &self.folder, first.base_offset())?;
        let is_changed = sources.len() > 1;
        Ok(Box::new(Copy {
            groups,
            sources,
            place: 0,
            position: 0,
            output: Active::new(segment, self.filter.now),
            waiting: Vec::new(),
            is_changed,
        }))
    }

    /// Copies one chunk; after the last, makes the copy durable and returns it, if it differs.
    fn copy(&mut self, mut copy: Box<Copy<D>>) -> Result<Option<CleanedSegment<D>>, Error> {
        let Some(span) = copy.sources.get(copy.place).cloned() else {
            return self.finish(*copy);
        };
        let chunk = read_chunk(&span, copy.position)?;
        self.bytes += chunk.len() as u64;
        let is_last = copy.place + 1 == copy.sources.len();
        for batch in batches(&chunk).map_while(Result::ok) {
            let end_position = copy.position + batch.bytes().len() as u64;
            let must_stay = is_last && end_position == span.extent.size;
            let placed = require_place(&span, &batch);
            let left = placed.and_then(|()| self.filter.apply(&batch, must_stay));
            let left = left.map_err(|it| damaged(&span, copy.position, it))?;
            copy.is_changed |= !matches!(left, Some(Cow::Borrowed(_)));
            if let Some(bytes) = left {
                self.bytes += bytes.len() as u64;
                copy.push(&bytes, self.config.index_interval_bytes)?;
            }
            copy.position = end_position;
        }
        if copy.position >= span.extent.size {
            copy.place += 1;
            copy.position = 0;
        }
        self.phase = Phase::Write(copy);
        Ok(None)
    }

    fn finish(&mut self, mut copy: Copy<D>) -> Result<Option<CleanedSegment<D>>, Error> {
        let groups = std::mem::take(&mut copy.groups);
        self.phase = Phase::Copy { groups };
        if !copy.is_changed {
            discard(&copy.output.span.segment)?;
            return Ok(None);
        }
        copy.flush()?;
        let Copy {
            sources, output, ..
        } = copy;
        output.finish_time_index();
        let span = output.span;
        let segment = &span.segment;
        make_durable(&self.folder, segment)?;
        let mut extent = span.extent;
        extent.end_offset = sources
            .last()
            .map_or(extent.end_offset, |it| it.extent.end_offset);
        Ok(Some(CleanedSegment {
            sources,
            span: Span::new(segment.close(Indexes::Files), extent),
        }))
    }
}

/// Writes a copy's indexes, and makes all of it durable: a crash must not find it in its place and its
/// indexes nowhere.
fn make_durable<D: Dir>(folder: &Folder, segment: &Segment<D>) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        |source| Error::WriteCleaned { path, source }
    };
    let path = segment.path(FileKind::Log);
    let synced = segment.writer().sync_data();
    synced.map_err(failed(&names::cleaned(&path)))?;
    let dir = segment.file.dir();
    // Another topic may have the folder's name by now.
    let Some(_held) = folder.hold() else {
        return Err(Error::StaleView { path });
    };
    if let Indexes::Memory(indexes) = &segment.indexes {
        let files = [
            (FileKind::OffsetIndex, indexes.offsets.encode()),
            (FileKind::TimeIndex, indexes.times.encode()),
        ];
        for (kind, bytes) in files {
            let path = names::cleaned(&segment.path(kind));
            let file = dir.open(&path, OpenMode::CreateEmpty);
            let file = file.map_err(failed(&path))?;
            file.write_at(&[&bytes], 0).map_err(failed(&path))?;
            file.sync_data().map_err(failed(&path))?;
        }
    }
    dir.sync_dir(folder).map_err(failed(folder))
}

/// Removes a copy, for which there is no place.
pub(super) fn discard<D: Dir>(copy: &Segment<D>) -> Result<(), Error> {
    // What lies in a folder that is not the log's any more goes with it.
    let Some(_held) = copy.folder.hold() else {
        return Ok(());
    };
    let path = copy.path(FileKind::Log);
    let removed = copy.file.remove();
    removed.map_err(|source| Error::Remove { path, source })?;
    for kind in [FileKind::OffsetIndex, FileKind::TimeIndex] {
        remove_if_there(copy.file.dir(), &names::cleaned(&copy.path(kind)))?;
    }
    Ok(())
}

impl<D: Dir> Copy<D> {
    fn push(&mut self, bytes: &[u8], index_interval_bytes: u32) -> Result<(), Error> {
        let header = BatchHeader::parse(bytes).map_err(|source| Error::CorruptBatch {
            path: self.path(),
            position: self.output.span.extent.size,
            source,
        })?;
        self.output.account(&header, index_interval_bytes);
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        let span = &self.output.span;
        let position = span.extent.size - self.waiting.len() as u64;
        let written = span.segment.writer().write_at(&[&self.waiting], position);
        written.map_err(|source| Error::WriteCleaned {
            path: self.path(),
            source,
        })?;
        self.waiting.clear();
        Ok(())
    }

    fn path(&self) -> PathBuf {
        names::cleaned(&self.output.span.segment.path(FileKind::Log))
    }
}

/// Whole batches from `position` on: about a chunk of them, and one at least.
fn read_chunk<D: Dir>(span: &Span<D>, position: u64) -> Result<Vec<u8>, Error> {
    let segment = &span.segment;
    let left = span.extent.size.saturating_sub(position);
    let chunk = CHUNK_BYTES as u64;
    let mut bytes = read(span, position, left.min(chunk))?;
    let corrupt = |source| Error::CorruptBatch {
        path: segment.path(FileKind::Log),
        position,
        source,
    };
    if left == 0 {
        return Ok(bytes);
    }
    match Batch::parse(&bytes) {
        Ok(_) => {}
        Err(BatchError::Truncated { wanted, .. }) if (wanted as u64) <= left => {
            bytes = read(span, position, wanted as u64)?;
        }
        Err(source) => return Err(corrupt(source)),
    }
    Ok(bytes)
}

/// A batch's CRC does not cover its offset.
fn require_place<D: Dir>(span: &Span<D>, batch: &Batch<'_>) -> Result<(), BatchFailure> {
    let header = batch.header();
    let (first, end) = (header.base_offset, header.next_offset());
    if span.base_offset() <= first && end <= span.extent.end_offset {
        return Ok(());
    }
    let last = header.last_offset();
    Err(BatchFailure::Misplaced { first, last })
}

fn read<D: Dir>(span: &Span<D>, position: u64, length: u64) -> Result<Vec<u8>, Error> {
    let length = usize::try_from(length).expect("a chunk or a batch fits memory");
    let mut bytes = vec![0; length];
    let read = span.open()?.file.read_exact_at(&mut bytes, position);
    read.map_err(|it| span.segment.read_error(it))?;
    Ok(bytes)
}

fn damaged<D: Dir>(span: &Span<D>, position: u64, source: BatchFailure) -> Error {
    Error::Clean {
        path: span.segment.path(FileKind::Log),
        position,
        source: Box::new(source),
    }
}
