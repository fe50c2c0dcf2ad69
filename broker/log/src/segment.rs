//! One segment: a file of record batches and its two indexes.
//!
//! In: offsets, positions, timestamps. Out: where batches begin and end. Never here: appending,
//! which the log does, or what may be read, which the view knows.
//!
//! A segment that is appended to has its indexes in memory; a closed one has them in files that
//! are searched where they lie. What an index says is checked against the batch it points at, and
//! without a usable index the segment is walked from its start: slower, never wrong.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use broker_types::{Offset, Timestamp};
use broker_wire::record_batch::BatchHeader;

use crate::dir::{Dir, OpenMode};
use crate::error::Error;
use crate::folder::Folder;
use crate::names::{self, FileKind};
use crate::offset_index::{self, OffsetIndex};
use crate::open_files::OpenFiles;
use crate::segment_file::{Name, SegmentFile};
use crate::time_index::{self, TimeIndex};
use crate::view::known;
use crate::walk::{Met, Walk, WalkError, read_batch, walk};

/// Where a segment's indexes are.
pub(crate) enum Indexes {
    Memory(Arc<MemoryIndexes>),
    Files,
}

/// The indexes of a segment that is appended to.
#[derive(Debug, Default)]
pub(crate) struct MemoryIndexes {
    pub(crate) offsets: OffsetIndex,
    pub(crate) times: TimeIndex,
}

impl Indexes {
    pub(crate) fn empty() -> Indexes {
        Indexes::Memory(Arc::default())
    }
}

/// One segment's files. What of them counts is its [`Extent`].
pub(crate) struct Segment<D: Dir> {
    pub(crate) base_offset: Offset,
    pub(crate) folder: Arc<Folder>,
    pub(crate) file: Arc<SegmentFile<D>>,
    /// The file, while it is written to; a closed one is opened by whoever reads it.
    writer: Option<D::File>,
    pub(crate) indexes: Indexes,
    /// Time of the first batch, once it was looked at.
    first_timestamp: OnceLock<Option<Timestamp>>,
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
    /// A segment that is written to.
    pub(crate) fn in_memory(
        files: &OpenFiles<D>,
        folder: &Arc<Folder>,
        base_offset: Offset,
        mode: OpenMode,
    ) -> Result<Segment<D>, Error> {
        Segment::written(files, folder, base_offset, (Name::Own, mode))
    }

    /// A copy that is to take a segment's place, once it is written.
    pub(crate) fn cleaned(
        files: &OpenFiles<D>,
        folder: &Arc<Folder>,
        base_offset: Offset,
    ) -> Result<Segment<D>, Error> {
        let name = (Name::Cleaned, OpenMode::CreateEmpty);
        Segment::written(files, folder, base_offset, name)
    }

    fn written(
        files: &OpenFiles<D>,
        folder: &Arc<Folder>,
        base_offset: Offset,
        (name, mode): (Name, OpenMode),
    ) -> Result<Segment<D>, Error> {
        let file = SegmentFile::new(files, folder, base_offset, name);
        Ok(Segment {
            base_offset,
            folder: Arc::clone(folder),
            writer: Some(file.create(mode)?),
            file,
            indexes: Indexes::empty(),
            first_timestamp: OnceLock::new(),
        })
    }

    /// A segment that nobody writes to, whose indexes are in files.
    pub(crate) fn closed(
        files: &OpenFiles<D>,
        folder: &Arc<Folder>,
        base_offset: Offset,
    ) -> Segment<D> {
        Segment {
            base_offset,
            folder: Arc::clone(folder),
            file: SegmentFile::new(files, folder, base_offset, Name::Own),
            writer: None,
            indexes: Indexes::Files,
            first_timestamp: OnceLock::new(),
        }
    }

    /// The same segment when it is no longer written to.
    pub(crate) fn close(&self, indexes: Indexes) -> Segment<D> {
        Segment {
            base_offset: self.base_offset,
            folder: Arc::clone(&self.folder),
            file: Arc::clone(&self.file),
            writer: None,
            indexes,
            first_timestamp: self.first_timestamp.clone(),
        }
    }

    /// The same segment when it is written to again, with indexes that are to be made anew.
    pub(crate) fn reopen(&self) -> Result<Segment<D>, Error> {
        Ok(Segment {
            writer: Some(self.open()?),
            ..self.close(Indexes::empty())
        })
    }

    /// The file, open for as long as the caller has it.
    pub(crate) fn open(&self) -> Result<D::File, Error> {
        match &self.writer {
            Some(file) => Ok(file.clone()),
            None => self.file.open(),
        }
    }

    /// The file of a segment that is written to.
    pub(crate) fn writer(&self) -> &D::File {
        let writer = self.writer.as_ref();
        writer.expect("who writes to a segment keeps it open")
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
            Indexes::Files => {
                let path = self.path(FileKind::OffsetIndex);
                let file = self.file.dir().open(&path, OpenMode::Existing).ok()?;
                offset_index::floor_in_file(&file, is_before).ok()?
            }
        }
    }

    fn time_before(&self, timestamp: Timestamp) -> Option<time_index::Entry> {
        match &self.indexes {
            Indexes::Memory(indexes) => indexes.times.before(timestamp),
            Indexes::Files => {
                let path = self.path(FileKind::TimeIndex);
                let file = self.file.dir().open(&path, OpenMode::Existing).ok()?;
                time_index::before_in_file(&file, timestamp).ok()?
            }
        }
    }
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

    /// Opens the file for a few reads.
    ///
    /// # Errors
    /// [`Error::StaleView`] when the segment is not part of the log any more, and nobody has it open.
    pub(crate) fn open(&self) -> Result<Opened<'_, D>, Error> {
        Ok(Opened {
            span: self,
            file: self.segment.open()?,
        })
    }

    /// Time of the segment's first batch, which is what has waited for longest. One that cannot be read
    /// is found when the segment is cleaned.
    pub(crate) fn first_timestamp(&self) -> Option<Timestamp> {
        let first = &self.segment.first_timestamp;
        if let Some(known) = first.get() {
            return *known;
        }
        let met = self.open().ok()?.walk(0).next().ok()?;
        let found = met.and_then(|it| known(it.header.max_timestamp));
        *first.get_or_init(|| found)
    }
}

/// A segment as far as it goes, its file open.
pub(crate) struct Opened<'a, D: Dir> {
    span: &'a Span<D>,
    pub(crate) file: D::File,
}

impl<D: Dir> Opened<'_, D> {
    /// Walks the batches from `position`, where one begins.
    pub(crate) fn walk(&self, position: u64) -> Walk<'_, D::File> {
        walk(&self.file, position, self.span.extent.size)
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
                if self.span.segment.relative(met.header.base_offset) == entry.relative_offset =>
            {
                self.walk(position)
            }
            _ => self.walk(0),
        }
    }

    /// The first batch that ends after `offset`: the one that holds it, or the next one.
    pub(crate) fn find(&self, offset: Offset) -> Result<Option<Met>, Error> {
        let target = self.span.segment.relative(offset);
        let entry = self
            .span
            .segment
            .offset_floor(|it| it.relative_offset <= target);
        let mut walk = self.walk_from(entry);
        while let Some(met) = walk.next().map_err(|it| self.walk_error(it))? {
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
        let segment = &self.span.segment;
        let entry = segment.offset_floor(|it| u64::from(it.position) <= position_max);
        let entry = entry.filter(|it| u64::from(it.position) > first.position);
        let mut walk = match entry {
            Some(entry) => self.walk_from(Some(entry)),
            None => self.walk(first.position),
        };
        while let Some(met) = walk.next().map_err(|it| self.walk_error(it))? {
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
        let mut walk = self.walk_from(self.span.segment.offset_floor(|_| true));
        let mut last = None;
        while let Some(met) = walk.next().map_err(|it| self.walk_error(it))? {
            last = Some(met.header);
        }
        Ok(last)
    }

    /// A walk that begins before the first batch with a record at or after `timestamp`.
    pub(crate) fn walk_to_timestamp(&self, timestamp: Timestamp) -> Walk<'_, D::File> {
        let Some(time) = self.span.segment.time_before(timestamp) else {
            return self.walk(0);
        };
        let segment = &self.span.segment;
        let entry = segment.offset_floor(|it| it.relative_offset <= time.relative_offset);
        self.walk_from(entry)
    }

    /// Reads one whole batch that was met.
    pub(crate) fn batch(&self, met: &Met) -> Result<Vec<u8>, Error> {
        read_batch(&self.file, met).map_err(|it| self.span.segment.read_error(it))
    }

    pub(crate) fn walk_error(&self, error: WalkError) -> Error {
        self.span.segment.walk_error(error)
    }
}
