//! The segment that is appended to.
//!
//! In: headers of batches that lie at its end. Out: its extent, its index entries, whether it is
//! full. Never here: files being written.

use broker_types::{Offset, Timestamp};
use broker_wire::record_batch::BatchHeader;

use crate::dir::Dir;
use crate::error::Error;
use crate::offset_index;
use crate::segment::{Extent, Indexes, Segment, Span};
use crate::time_index;
use crate::view::known;
use crate::words::LENGTH_MAX;

/// Largest index of a segment that is appended to, whatever `segment.index.bytes` allows.
const INDEX_BYTES_MAX: u32 = 64 << 20;

// A time index takes two words for its twelve bytes.
const _: () = assert!(INDEX_BYTES_MAX as usize / time_index::ENTRY_BYTES * 2 < LENGTH_MAX);

/// The segment, and what only its appender needs to know.
pub(super) struct Active<D: Dir> {
    pub(super) span: Span<D>,
    bytes_since_index_entry: u64,
    /// Greatest timestamp, and the base offset of the batch that has it.
    max_timestamp: Option<(Timestamp, Offset)>,
    /// Timestamp of the first batch: age is counted from it.
    pub(super) first_timestamp: Option<Timestamp>,
    /// When the segment was begun or opened: age without timestamps is counted from it.
    pub(super) opened: Timestamp,
    /// Whether a truncation cut the file. Views may still hold it, so nothing is written over the
    /// place of what was cut: the next append begins another segment.
    pub(super) is_cut: bool,
}

impl<D: Dir> Active<D> {
    /// A segment without batches.
    pub(super) fn new(segment: Segment<D>, opened: Timestamp) -> Active<D> {
        let extent = Extent::empty(segment.base_offset);
        Active {
            span: Span::new(segment, extent),
            bytes_since_index_entry: 0,
            max_timestamp: None,
            first_timestamp: None,
            opened,
            is_cut: false,
        }
    }

    /// A segment without index entries, of which `size` bytes are walked to make them.
    pub(super) fn index_anew(
        segment: Segment<D>,
        size: u64,
        index_interval_bytes: u32,
        opened: Timestamp,
    ) -> Result<Active<D>, Error> {
        let mut active = Active::new(segment, opened);
        active.walk_rest(size, index_interval_bytes)?;
        Ok(active)
    }

    /// A segment with index entries, walked from the last of them on.
    pub(super) fn resume(
        segment: Segment<D>,
        size: u64,
        index_interval_bytes: u32,
        opened: Timestamp,
    ) -> Result<Active<D>, Error> {
        let Indexes::Memory(indexes) = &segment.indexes else {
            return Active::index_anew(segment, size, index_interval_bytes, opened);
        };
        let last = indexes.offsets.last();
        let max_timestamp = indexes.times.last().map(|it| {
            let offset = segment.base_offset.advance(u64::from(it.relative_offset));
            (it.timestamp, offset)
        });
        let mut active = Active::new(segment, opened);
        let whole = active.until(size);
        let (segment, opened) = (&whole.segment, whole.open()?);
        let meet = |position| {
            let met = opened.walk(position).next();
            met.map_err(|it| opened.walk_error(it))
        };
        active.first_timestamp = meet(0)?.and_then(|it| known(it.header.max_timestamp));
        if let Some(entry) = last {
            let met = meet(u64::from(entry.position))?;
            let relative = met.map(|it| segment.relative(it.header.base_offset));
            if relative != Some(entry.relative_offset) {
                let source = std::io::ErrorKind::InvalidData.into();
                return Err(segment.read_error(source));
            }
            active.span.extent.size = u64::from(entry.position);
        }
        active.max_timestamp = max_timestamp;
        active.span.extent.max_timestamp = max_timestamp.map(|(timestamp, _)| timestamp);
        active.walk_rest(size, index_interval_bytes)?;
        Ok(active)
    }

    fn until(&self, size: u64) -> Span<D> {
        let mut span = self.span.clone();
        span.extent.size = size;
        span
    }

    /// Accounts for the batches from the extent's end to `size`.
    fn walk_rest(&mut self, size: u64, index_interval_bytes: u32) -> Result<(), Error> {
        let whole = self.until(size);
        let opened = whole.open()?;
        let mut walk = opened.walk(self.span.extent.size);
        while let Some(met) = walk.next().map_err(|it| opened.walk_error(it))? {
            if met.header.base_offset < self.span.extent.end_offset {
                let source = std::io::ErrorKind::InvalidData.into();
                return Err(whole.segment.read_error(source));
            }
            self.account(&met.header, index_interval_bytes);
        }
        Ok(())
    }

    /// Counts a batch that lies at the end of the segment.
    ///
    /// The entry for a batch is there before a view has the batch. A view that is older never looks
    /// for an offset that far, so it does not matter that it sees the entry.
    pub(super) fn account(&mut self, header: &BatchHeader, index_interval_bytes: u32) {
        let segment = &self.span.segment;
        let extent = &mut self.span.extent;
        // A batch that compaction emptied keeps a timestamp that no record has any more.
        let timestamp = known(header.max_timestamp).filter(|_| header.records_count > 0);
        if let Some(timestamp) = timestamp
            && extent.max_timestamp < Some(timestamp)
        {
            self.max_timestamp = Some((timestamp, header.base_offset));
            extent.max_timestamp = Some(timestamp);
        }
        if extent.size == 0 {
            self.first_timestamp = timestamp;
        }
        if self.bytes_since_index_entry > u64::from(index_interval_bytes)
            && let Indexes::Memory(indexes) = &segment.indexes
        {
            // Segments are shorter than 4 GiB, if nobody else has made them.
            if let Ok(position) = u32::try_from(extent.size) {
                indexes.offsets.push(offset_index::Entry {
                    relative_offset: segment.relative(header.base_offset),
                    position,
                });
            }
            self.bytes_since_index_entry = 0;
            self.finish_time_index();
        }
        let size = header.size_in_bytes() as u64;
        let extent = &mut self.span.extent;
        self.bytes_since_index_entry += size;
        extent.size += size;
        extent.end_offset = header.next_offset();
    }

    /// Makes the last entry of the time index the greatest timestamp of the segment, which is
    /// where it is looked up when the segment is opened again.
    pub(super) fn finish_time_index(&self) {
        let segment = &self.span.segment;
        if let Indexes::Memory(indexes) = &segment.indexes
            && let Some((timestamp, offset)) = self.max_timestamp
        {
            indexes.times.push(time_index::Entry {
                timestamp,
                relative_offset: segment.relative(offset),
            });
        }
    }

    /// Whether another entry would make an index larger than `bytes_max`, or than what is held in
    /// memory.
    pub(super) fn is_index_full(&self, bytes_max: u32) -> bool {
        let Indexes::Memory(indexes) = &self.span.segment.indexes else {
            return false;
        };
        let (offsets, times) = (
            (indexes.offsets.len() + 1) * offset_index::ENTRY_BYTES,
            (indexes.times.len() + 1) * time_index::ENTRY_BYTES,
        );
        offsets.max(times) > bytes_max.min(INDEX_BYTES_MAX) as usize
    }
}
