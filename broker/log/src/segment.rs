//! One segment: a file of record batches and its two indexes.
//!
//! In: offsets, positions, timestamps. Out: where batches begin and end. Never here: appending,
//! which the log does, or what may be read, which the view knows.
//!
//! A segment that is appended to has its indexes in memory; a closed one has them in files that
//! are searched where they lie. What an index says is checked against the batch it points at, and
//! without a usable index the segment is walked from its start: slower, never wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use broker_types::{Offset, Timestamp};
use broker_wire::record_batch::BatchHeader;

use crate::dir::{Dir, OpenMode};
use crate::error::Error;
use crate::names::{self, FileKind};
use crate::offset_index::{self, OffsetIndex};
use crate::time_index::{self, TimeIndex};
use crate::walk::{Met, Walk, WalkError, walk};

/// Where a segment's indexes are.
pub(crate) enum Indexes<D: Dir> {
    Memory(Box<MemoryIndexes>),
    Files { dir: D },
}

/// The indexes of a segment that is appended to.
#[derive(Debug, Default)]
pub(crate) struct MemoryIndexes {
    pub(crate) offsets: OffsetIndex,
    pub(crate) times: TimeIndex,
}

impl<D: Dir> Indexes<D> {
    pub(crate) fn empty() -> Indexes<D> {
        Indexes::Memory(Box::default())
    }
}

/// One segment's files. What of them counts is its [`Extent`].
pub(crate) struct Segment<D: Dir> {
    pub(crate) base_offset: Offset,
    pub(crate) folder: Arc<Path>,
    pub(crate) file: D::File,
    pub(crate) indexes: Indexes<D>,
}

/// How far a segment goes, as of some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes of whole batches.
    pub(crate) size: u64,
    /// Offset after the last batch; the base offset when there is none.
    pub(crate) end_offset: Offset,
    /// Greatest timestamp of a batch; `None` when no record has one.
    pub(crate) max_timestamp: Option<Timestamp>,
}

impl Extent {
    pub(crate) fn empty(base_offset: Offset) -> Extent {
        Extent {
            size: 0,
            end_offset: base_offset,
            max_timestamp: None,
        }
    }
}

/// A segment as far as it goes.
pub(crate) struct Span<D: Dir> {
    pub(crate) segment: Arc<Segment<D>>,
    pub(crate) extent: Extent,
}

impl<D: Dir> Clone for Span<D> {
    fn clone(&self) -> Span<D> {
        Span {
            segment: Arc::clone(&self.segment),
            extent: self.extent,
        }
    }
}

impl<D: Dir> Segment<D> {
    pub(crate) fn in_memory(
        dir: &D,
        folder: &Arc<Path>,
        base_offset: Offset,
        mode: OpenMode,
    ) -> Result<Segment<D>, Error> {
        Ok(Segment {
            base_offset,
            folder: Arc::clone(folder),
            file: open(dir, folder, base_offset, mode)?,
            indexes: Indexes::empty(),
        })
    }

    pub(crate) fn path(&self, kind: FileKind) -> PathBuf {
        names::file(&self.folder, self.base_offset, kind)
    }

    /// Distance of an offset from the base; the greatest number for those that are too far.
    pub(crate) fn relative(&self, offset: Offset) -> u32 {
        u32::try_from(offset.distance_from(self.base_offset)).unwrap_or(u32::MAX)
    }

    pub(crate) fn read_error(&self, source: std::io::Error) -> Error {
        let path = self.path(FileKind::Log);
        Error::ReadSegment { path, source }
    }

    pub(crate) fn walk_error(&self, error: WalkError) -> Error {
        match error {
            WalkError::Read(source) => self.read_error(source),
            WalkError::Cut => Error::StaleView {
                path: self.path(FileKind::Log),
            },
            WalkError::Batch { position, source } => Error::CorruptBatch {
                path: self.path(FileKind::Log),
                position,
                source,
            },
        }
    }

    /// The last entry of the offset index for which `is_before` holds. `None` also when the index
    /// cannot be read: the caller begins at the start then.
    fn offset_floor(
        &self,
        is_before: impl Fn(offset_index::Entry) -> bool,
    ) -> Option<offset_index::Entry> {
        match &self.indexes {
            Indexes::Memory(indexes) => indexes.offsets.floor(is_before),
            Indexes::Files { dir } => {
                let path = self.path(FileKind::OffsetIndex);
                let file = dir.open(&path, OpenMode::Existing).ok()?;
                offset_index::floor_in_file(&file, is_before).ok()?
            }
        }
    }

    fn time_before(&self, timestamp: Timestamp) -> Option<time_index::Entry> {
        match &self.indexes {
            Indexes::Memory(indexes) => indexes.times.before(timestamp),
            Indexes::Files { dir } => {
                let path = self.path(FileKind::TimeIndex);
                let file = dir.open(&path, OpenMode::Existing).ok()?;
                time_index::before_in_file(&file, timestamp).ok()?
            }
        }
    }
}

pub(crate) fn open<D: Dir>(
    dir: &D,
    folder: &Path,
    base_offset: Offset,
    mode: OpenMode,
) -> Result<D::File, Error> {
    let path = names::file(folder, base_offset, FileKind::Log);
    dir.open(&path, mode)
        .map_err(|source| Error::OpenSegment { path, source })
}

impl<D: Dir> Span<D> {
    pub(crate) fn new(segment: Segment<D>, extent: Extent) -> Span<D> {
        Span {
            segment: Arc::new(segment),
            extent,
        }
    }

    pub(crate) fn base_offset(&self) -> Offset {
        self.segment.base_offset
    }

    /// Walks the batches from `position`, where one begins.
    pub(crate) fn walk(&self, position: u64) -> Walk<'_, D::File> {
        walk(&self.segment.file, position, self.extent.size)
    }

    /// Walks from the place an index entry gives, if the batch it promises is there; else from the
    /// start.
    fn walk_from(&self, entry: Option<offset_index::Entry>) -> Walk<'_, D::File> {
        let Some(entry) = entry else {
            return self.walk(0);
        };
        let position = u64::from(entry.position);
        match self.walk(position).next() {
            Ok(Some(met))
                if self.segment.relative(met.header.base_offset) == entry.relative_offset =>
            {
                self.walk(position)
            }
            _ => self.walk(0),
        }
    }

    /// The first batch that ends after `offset`: the one that holds it, or the next one.
    pub(crate) fn find(&self, offset: Offset) -> Result<Option<Met>, Error> {
        let target = self.segment.relative(offset);
        let entry = self.segment.offset_floor(|it| it.relative_offset <= target);
        let mut walk = self.walk_from(entry);
        while let Some(met) = walk.next().map_err(|it| self.segment.walk_error(it))? {
            if met.header.next_offset() > offset {
                return Ok(Some(met));
            }
        }
        Ok(None)
    }

    /// How far the batches from `first` on reach without passing `position_max`: the position
    /// and the offset after the last of them. `first` itself counts even if it passes.
    pub(crate) fn last_before(
        &self,
        first: &Met,
        position_max: u64,
    ) -> Result<(u64, Offset), Error> {
        let mut reached = (first.end_position(), first.header.next_offset());
        if first.end_position() >= position_max {
            return Ok(reached);
        }
        let entry = self
            .segment
            .offset_floor(|it| u64::from(it.position) <= position_max);
        let entry = entry.filter(|it| u64::from(it.position) > first.position);
        let mut walk = match entry {
            Some(entry) => self.walk_from(Some(entry)),
            None => self.walk(first.position),
        };
        while let Some(met) = walk.next().map_err(|it| self.segment.walk_error(it))? {
            // Without a usable index the walk begins before the first batch.
            if met.position <= first.position {
                continue;
            }
            if met.end_position() > position_max {
                return Ok((met.position, met.header.base_offset));
            }
            reached = (met.end_position(), met.header.next_offset());
        }
        Ok(reached)
    }

    /// The last batch, by walking from the last one that the index knows.
    pub(crate) fn last_batch(&self) -> Result<Option<BatchHeader>, Error> {
        let mut walk = self.walk_from(self.segment.offset_floor(|_| true));
        let mut last = None;
        while let Some(met) = walk.next().map_err(|it| self.segment.walk_error(it))? {
            last = Some(met.header);
        }
        Ok(last)
    }

    /// A walk that begins before the first batch with a record at or after `timestamp`.
    pub(crate) fn walk_to_timestamp(&self, timestamp: Timestamp) -> Walk<'_, D::File> {
        let Some(time) = self.segment.time_before(timestamp) else {
            return self.walk(0);
        };
        let entry = self
            .segment
            .offset_floor(|it| it.relative_offset <= time.relative_offset);
        self.walk_from(entry)
    }
}
