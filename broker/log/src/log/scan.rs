//! Reading a segment after a crash, batch by batch, every byte of it.
//!
//! In: a segment's file and the end that is known to be durable. Out: its batches as far as they are intact,
//! and where that ends. Never here: what becomes of the rest.
//!
//! Below that end the page cache is as good as the disk. Beyond, pages may look clean though a
//! sync of them failed, so the disk itself is read.

use std::io;
use std::path::PathBuf;

use broker_types::Offset;
use broker_wire::record_batch::{BATCH_HEADER_BYTES, Batch, BatchHeader, verify_crc};

use crate::dir::{Dir, File};

/// Bytes that are read at once; larger batches are read whole.
const CHUNK_BYTES: usize = 1 << 20;

/// Reads the batches of one segment in order.
pub(super) struct Scan<'a, D: Dir> {
    dir: &'a D,
    path: PathBuf,
    file: &'a D::File,
    size: u64,
    position: u64,
    /// Offset that the next batch has at least.
    expected: Offset,
    /// Batches that end beyond are read from the disk itself.
    believed_end: Offset,
    chunk: Vec<u8>,
    chunk_start: u64,
    is_chunk_durable: bool,
}

impl<'a, D: Dir> Scan<'a, D> {
    pub(super) fn new(
        dir: &'a D,
        path: PathBuf,
        file: &'a D::File,
        base_offset: Offset,
        believed_end: Offset,
    ) -> io::Result<Scan<'a, D>> {
        Ok(Scan {
            dir,
            path,
            file,
            size: file.size()?,
            position: 0,
            expected: base_offset,
            believed_end,
            chunk: Vec::new(),
            chunk_start: 0,
            is_chunk_durable: false,
        })
    }

    /// The next batch, if it is whole, has its CRC and follows the one before.
    pub(super) fn next(&mut self) -> io::Result<Option<Batch<'_>>> {
        let is_beyond = self.expected >= self.believed_end;
        if is_beyond && !self.is_chunk_durable {
            self.chunk.clear();
            self.is_chunk_durable = true;
        }
        let left = self.size - self.position;
        if left < BATCH_HEADER_BYTES as u64 {
            return Ok(None);
        }
        let Ok(header) = BatchHeader::parse(self.bytes(BATCH_HEADER_BYTES)?) else {
            return Ok(None);
        };
        let size = header.size_in_bytes();
        let follows = header.base_offset >= self.expected && size as u64 <= left;
        if !follows || verify_crc(self.bytes(size)?).is_err() {
            return Ok(None);
        }
        self.expected = header.next_offset();
        let start = self.position;
        self.position += size as u64;
        let place = usize::try_from(start - self.chunk_start).map_err(io::Error::other)?;
        let bytes = self.chunk.get(place..place + size).unwrap_or_default();
        Ok(Batch::parse(bytes).ok())
    }

    /// The next `length` bytes, which the file has; fewer when the disk disagrees.
    fn bytes(&mut self, length: usize) -> io::Result<&[u8]> {
        let place = usize::try_from(self.position - self.chunk_start).map_err(io::Error::other)?;
        if self.chunk.len() < place + length {
            self.fill(length)?;
            return Ok(self.chunk.get(..length).unwrap_or(&self.chunk));
        }
        Ok(self.chunk.get(place..place + length).unwrap_or_default())
    }

    fn fill(&mut self, length: usize) -> io::Result<()> {
        let left = usize::try_from(self.size - self.position).map_err(io::Error::other)?;
        self.chunk.resize(length.max(CHUNK_BYTES).min(left), 0);
        self.chunk_start = self.position;
        let read = if self.is_chunk_durable {
            self.dir
                .read_durable(&self.path, &mut self.chunk, self.position)?
        } else {
            self.file.read_at(&mut self.chunk, self.position)?
        };
        self.chunk.truncate(read);
        Ok(())
    }
}
