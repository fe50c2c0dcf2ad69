//! Walking the record batches of a segment's file by their headers.
//!
//! In: a file and a range of it. Out: each batch's position and header, in order; whole batches.
//! Never here: whether their records are intact, which only a CRC tells.

use std::io;

use broker_wire::record_batch::{BATCH_HEADER_BYTES, BatchError, BatchHeader};

use crate::dir::File;

/// Bytes that are read at once. Batches are often smaller, so that one read has many headers; a
/// larger batch is stepped over without reading it.
const CHUNK_BYTES: usize = 8192;

/// Why a walk cannot go on.
#[derive(Debug)]
pub(crate) enum WalkError {
    Read(io::Error),
    /// The file ends before the range does: it was cut since.
    Cut,
    Batch {
        position: u64,
        source: BatchError,
    },
}

/// A batch that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) position: u64,
    pub(crate) header: BatchHeader,
}

impl Met {
    pub(crate) fn end_position(&self) -> u64 {
        self.position + self.header.size_in_bytes() as u64
    }
}

/// Walks the batches of `file` from `position`, where one begins, to `end`.
pub(crate) struct Walk<'a, F: File> {
    file: &'a F,
    position: u64,
    end: u64,
    chunk: Vec<u8>,
    chunk_start: u64,
}

pub(crate) fn walk<F: File>(file: &F, position: u64, end: u64) -> Walk<'_, F> {
    Walk {
        file,
        position,
        end,
        chunk: Vec::new(),
        chunk_start: position,
    }
}

impl<F: File> Walk<'_, F> {
    /// The next batch that lies whole before the end; `None` at the end.
    ///
    /// # Errors
    /// When what lies there is no batch, or one that passes the end. The walk must not go on.
    pub(crate) fn next(&mut self) -> Result<Option<Met>, WalkError> {
        let position = self.position;
        let Some(left) = self.end.checked_sub(position).filter(|it| *it > 0) else {
            return Ok(None);
        };
        let error = |source| WalkError::Batch { position, source };
        let header = self.header(left).map_err(WalkError::Read)?;
        if (header.len() as u64) < left.min(BATCH_HEADER_BYTES as u64) {
            return Err(WalkError::Cut);
        }
        let header = BatchHeader::parse(header).map_err(error)?;
        let met = Met { position, header };
        if met.end_position() > self.end {
            return Err(error(BatchError::Truncated {
                wanted: header.size_in_bytes(),
                left: usize::try_from(left).unwrap_or(usize::MAX),
            }));
        }
        self.position = met.end_position();
        Ok(Some(met))
    }

    /// The bytes of a header at the position, or fewer when the range ends before.
    fn header(&mut self, left: u64) -> io::Result<&[u8]> {
        let wanted =
            usize::try_from(left.min(BATCH_HEADER_BYTES as u64)).map_err(io::Error::other)?;
        let place = |walk: &Self| {
            let start = usize::try_from(walk.position - walk.chunk_start).ok()?;
            Some(start..start.checked_add(wanted)?)
        };
        let is_there = place(self).is_some_and(|it| it.end <= self.chunk.len());
        if !is_there {
            let length = usize::try_from(left.min(CHUNK_BYTES as u64)).map_err(io::Error::other)?;
            self.chunk.resize(length, 0);
            let read = self.file.read_at(&mut self.chunk, self.position)?;
            self.chunk.truncate(read);
            self.chunk_start = self.position;
        }
        let found = place(self).and_then(|it| self.chunk.get(it));
        Ok(found.unwrap_or(&self.chunk))
    }
}

/// Reads one whole batch that was met. Its length is bounded by the file it was met in.
pub(crate) fn read_batch<F: File>(file: &F, met: &Met) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; met.header.size_in_bytes()];
    file.read_exact_at(&mut bytes, met.position)?;
    Ok(bytes)
}
