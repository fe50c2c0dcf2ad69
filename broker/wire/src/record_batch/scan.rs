//! The records of a batch, walked as they come out of their codec.
//!
//! In: a batch. Out: one record after another, as [`records`](super::records) gives them, without
//! the records ever being in memory together.
//! Never here: rules about keys and timestamps that a topic has.

use super::record::{Cursor, Order};
use super::{BatchHeader, Record, RecordError};
use crate::compression::{DecompressError, Decompressor, Limits};

/// Bytes of the longest varint that states a record's length.
const LENGTH_BYTES_MAX: usize = 5;

/// Why the records of a batch cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    #[error("the records of the batch cannot be decompressed")]
    Decompress(#[from] DecompressError),
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Walks the records of a batch, of which it holds one chunk of its codec and at most one record.
///
/// A record that is in one chunk is read where it is; only those across two are copied.
pub struct RecordScan<'a> {
    order: Order,
    source: Decompressor<'a>,
    record_bytes_max: usize,
    /// The bytes of the current record when they are not in one chunk.
    carry: Vec<u8>,
    /// Bytes of the current record in the chunk.
    in_chunk: usize,
    is_over: bool,
}

impl<'a> RecordScan<'a> {
    /// Begins to walk the records of a batch with this header, as they are stored.
    ///
    /// # Errors
    /// When the first bytes are not the codec's.
    pub fn new(
        header: &BatchHeader,
        stored: &'a [u8],
        limits: Limits,
    ) -> Result<RecordScan<'a>, DecompressError> {
        Ok(RecordScan {
            order: Order::new(header),
            source: Decompressor::new(header.compression(), stored, limits)?,
            record_bytes_max: limits.memory_bytes_max,
            carry: Vec::new(),
            in_chunk: 0,
            is_over: false,
        })
    }

    /// The next record. `None` after the last one, when as many records were met as the header
    /// says, their offset deltas ascended up to the header's last one at most, no byte was left and
    /// the codec's checksums were right; and after the first error.
    ///
    /// # Errors
    /// Also when a record has more bytes than may be held, unless the batch is not compressed.
    #[expect(
        clippy::should_implement_trait,
        reason = "each record borrows from the scan, which no Iterator can say"
    )]
    pub fn next(&mut self) -> Option<Result<Record<'_>, ScanError>> {
        if self.is_over {
            return None;
        }
        // Over, until a record was read to its end.
        self.is_over = true;
        match self.find() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        let bytes = match self.carry.as_slice() {
            [] => self.source.rest(),
            carried => carried,
        };
        let index = self.order.index();
        let record = Cursor { rest: bytes, index }.record();
        let checked = record.and_then(|it| self.order.accept(&it).map(|()| it));
        self.is_over = checked.is_err();
        Some(checked.map_err(ScanError::Record))
    }

    /// Finds the bytes of the next record: in `carry`, or at the front of the chunk if that is
    /// empty. `false` at the end of the batch.
    fn find(&mut self) -> Result<bool, ScanError> {
        self.source.consume(std::mem::take(&mut self.in_chunk));
        self.carry.clear();
        if self.order.is_last() {
            let left = self.source.rest().len();
            let is_more = left == 0 && self.source.fill()?;
            let left = if is_more {
                self.source.rest().len()
            } else {
                left
            };
            self.order.end(left)?;
            return Ok(false);
        }
        loop {
            if self.source.rest().is_empty() && !self.source.fill()? {
                // What is missing is said by whoever reads the fields.
                return Ok(true);
            }
            let chunk = self.source.rest();
            let wanted = if self.carry.is_empty() {
                match stated_bytes(chunk) {
                    Some(bytes) if bytes <= chunk.len() => {
                        self.in_chunk = bytes;
                        return Ok(true);
                    }
                    // All of the chunk belongs to this record.
                    _ => chunk.len(),
                }
            } else {
                match stated_bytes(&self.carry) {
                    Some(bytes) => bytes - self.carry.len(),
                    None => 1,
                }
            };
            let taken = wanted.min(chunk.len());
            self.carry
                .extend_from_slice(chunk.get(..taken).unwrap_or_default());
            self.source.consume(taken);
            let Some(bytes) = stated_bytes(&self.carry) else {
                continue;
            };
            if bytes > self.record_bytes_max {
                return Err(ScanError::Record(RecordError::TooLong {
                    index: self.order.index(),
                    bytes,
                    bytes_max: self.record_bytes_max,
                }));
            }
            if bytes <= self.carry.len() {
                return Ok(true);
            }
        }
    }
}

/// Bytes of the record at the front of `bytes`, its length field included, as that field states
/// them; `None` when the field is cut. Of a field that is no length, its own bytes.
fn stated_bytes(bytes: &[u8]) -> Option<usize> {
    let mut cursor = Cursor {
        rest: bytes,
        index: 0,
    };
    match cursor.varint() {
        Ok(length) => {
            let field = bytes.len() - cursor.rest.len();
            Some(field + usize::try_from(length).unwrap_or(0))
        }
        Err(_) if bytes.len() < LENGTH_BYTES_MAX => None,
        Err(_) => Some(LENGTH_BYTES_MAX),
    }
}

#[cfg(test)]
mod tests;
