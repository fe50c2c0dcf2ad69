//! The records of a batch, walked without copying.
//!
//! In: a batch's records, decompressed. Out: each record with slices of its key, value and
//! headers, every length checked; at the end, whether the walk agrees with the batch's header.
//! Never here: decompression ([`RecordScan`](super::RecordScan) walks records as they come out of
//! it), or rules about keys and timestamps that a topic has.
//!
//! ```text
//! length │ attributes │ timestamp delta │ offset delta │ key length │ key │ value length │ value │
//! varint │ 1          │ varlong         │ varint       │ varint     │     │ varint       │       │
//!
//! headers count │ ( key length │ key │ value length │ value )*
//! varint        │   varint           │ varint
//! ```
//!
//! All varints are zigzag (`org.apache.kafka.common.record.internal.DefaultRecord`); a length of -1 is
//! null.

use broker_types::{Offset, Timestamp};

use super::{BatchHeader, TimestampType};

/// Why bytes are not the records their batch says they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("record {index} needs {wanted} bytes and {left} are left")]
    Truncated {
        index: u32,
        wanted: usize,
        left: usize,
    },
    #[error("a varint of record {index} is longer than its type")]
    Varint { index: u32 },
    #[error("a length or count of record {index} is {value}")]
    Length { index: u32, value: i32 },
    #[error("record {index} has {left} bytes more than its fields")]
    Trailing { index: u32, left: usize },
    #[error("offset delta {offset_delta} of record {index} does not follow from the others")]
    OffsetDelta { index: u32, offset_delta: i32 },
    #[error("{left} bytes follow the batch's {records_count} records")]
    TooManyBytes { records_count: u32, left: usize },
    #[error("record {index} has {bytes} bytes, and at most {bytes_max} are read")]
    TooLong {
        index: u32,
        bytes: usize,
        bytes_max: usize,
    },
}

/// One record. Deltas count from the batch's base offset and base timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Invariant: at most the batch's last offset delta.
    pub offset_delta: u32,
    pub timestamp_delta: i64,
    pub key: Option<&'a [u8]>,
    /// `None` is a tombstone on a compacted topic.
    pub value: Option<&'a [u8]>,
    headers_count: u32,
    headers: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Record<'a> {
    /// The record as it is stored, its length included.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The headers as they are stored, without their count.
    pub fn headers_bytes(&self) -> &'a [u8] {
        self.headers
    }

    pub fn headers_count(&self) -> u32 {
        self.headers_count
    }

    /// Key and value of each header, in order. Keys are text, yet nobody has checked that.
    pub fn headers(&self) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> {
        let mut cursor = Cursor {
            rest: self.headers,
            index: 0,
        };
        // Walked once already when the record was read, so no header can fail.
        (0..self.headers_count).map_while(move |_| cursor.header().ok())
    }

    pub fn offset(&self, batch: &BatchHeader) -> Offset {
        batch.base_offset.advance(u64::from(self.offset_delta))
    }

    pub fn timestamp(&self, batch: &BatchHeader) -> Timestamp {
        match batch.timestamp_type() {
            TimestampType::CreateTime => batch.base_timestamp.plus_millis(self.timestamp_delta),
            TimestampType::LogAppendTime => batch.max_timestamp,
        }
    }
}

/// Walks `records`, the decompressed records of the batch with this header.
///
/// Ends after the first error. When it ends without one, there were as many records as the header
/// says, their offset deltas ascended up to the header's last one at most, and no byte was left.
pub fn records<'a>(header: &BatchHeader, records: &'a [u8]) -> Records<'a> {
    Records {
        rest: records,
        order: Order::new(header),
        is_over: false,
    }
}

/// Iterator of [`records`].
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    order: Order,
    is_over: bool,
}

impl<'a> Records<'a> {
    fn read(&mut self) -> Result<Option<Record<'a>>, RecordError> {
        if self.order.is_last() {
            return self.order.end(self.rest.len()).map(|()| None);
        }
        let mut cursor = Cursor {
            rest: self.rest,
            index: self.order.index,
        };
        let record = cursor.record()?;
        self.order.accept(&record)?;
        self.rest = cursor.rest;
        Ok(Some(record))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let record = self.read().transpose();
        self.is_over = !matches!(record, Some(Ok(_)));
        record
    }
}

impl std::iter::FusedIterator for Records<'_> {}

/// What a walk has met so far, held against the header.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Place of the next record in its batch.
    index: u32,
    records_count: u32,
    offset_delta_min: u32,
    last_offset_delta: u32,
}

impl Order {
    pub(super) fn new(header: &BatchHeader) -> Order {
        Order {
            index: 0,
            records_count: header.records_count,
            offset_delta_min: 0,
            last_offset_delta: header.last_offset_delta,
        }
    }

    pub(super) fn index(&self) -> u32 {
        self.index
    }

    /// Whether no record is to come.
    pub(super) fn is_last(&self) -> bool {
        self.index == self.records_count
    }

    pub(super) fn accept(&mut self, record: &Record<'_>) -> Result<(), RecordError> {
        let delta = record.offset_delta;
        if delta < self.offset_delta_min || self.last_offset_delta < delta {
            return Err(RecordError::OffsetDelta {
                index: self.index,
                offset_delta: delta.cast_signed(),
            });
        }
        self.offset_delta_min = delta + 1;
        self.index += 1;
        Ok(())
    }

    /// Checks that no bytes are `left` after the last record.
    pub(super) fn end(&self, left: usize) -> Result<(), RecordError> {
        match left {
            0 => Ok(()),
            left => Err(RecordError::TooManyBytes {
                records_count: self.records_count,
                left,
            }),
        }
    }
}

/// Reads fields off the front of the bytes of record `index`.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
    pub(super) index: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn record(&mut self) -> Result<Record<'a>, RecordError> {
        let start = self.rest;
        let length = self.varint()?;
        let length = self.length(length)?;
        let body = self.take(length)?;
        let bytes = start
            .get(..start.len() - self.rest.len())
            .unwrap_or_default();
        let mut body = Cursor {
            rest: body,
            index: self.index,
        };
        // Attributes: no bit has a meaning.
        body.take(1)?;
        let timestamp_delta = body.varlong()?;
        let offset_delta = body.varint()?;
        let error = RecordError::OffsetDelta {
            index: self.index,
            offset_delta,
        };
        let offset_delta = u32::try_from(offset_delta).map_err(|_| error)?;
        let key = body.nullable_bytes()?;
        let value = body.nullable_bytes()?;
        let headers_count = body.varint()?;
        let headers_count = u32::try_from(headers_count).map_err(|_| RecordError::Length {
            index: self.index,
            value: headers_count,
        })?;
        let headers = body.rest;
        for _ in 0..headers_count {
            body.header()?;
        }
        match body.rest.len() {
            0 => Ok(Record {
                offset_delta,
                timestamp_delta,
                key,
                value,
                headers_count,
                headers,
                bytes,
            }),
            left => Err(RecordError::Trailing {
                index: self.index,
                left,
            }),
        }
    }

    fn header(&mut self) -> Result<(&'a [u8], Option<&'a [u8]>), RecordError> {
        let length = self.varint()?;
        let length = self.length(length)?;
        let key = self.take(length)?;
        Ok((key, self.nullable_bytes()?))
    }

    fn nullable_bytes(&mut self) -> Result<Option<&'a [u8]>, RecordError> {
        match self.varint()? {
            -1 => Ok(None),
            length => {
                let length = self.length(length)?;
                self.take(length).map(Some)
            }
        }
    }

    fn length(&self, value: i32) -> Result<usize, RecordError> {
        usize::try_from(value).map_err(|_| RecordError::Length {
            index: self.index,
            value,
        })
    }

    fn take(&mut self, wanted: usize) -> Result<&'a [u8], RecordError> {
        let left = self.rest.len();
        let error = RecordError::Truncated {
            index: self.index,
            wanted,
            left,
        };
        let (taken, rest) = self.rest.split_at_checked(wanted).ok_or(error)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn varint(&mut self) -> Result<i32, RecordError> {
        let raw = u32::try_from(self.unsigned(5)?);
        let raw = raw.map_err(|_| RecordError::Varint { index: self.index })?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    fn varlong(&mut self) -> Result<i64, RecordError> {
        let raw = self.unsigned(10)?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    /// Seven bits a byte, the lowest first, in at most `bytes_max` bytes.
    fn unsigned(&mut self, bytes_max: usize) -> Result<u64, RecordError> {
        let mut value = 0;
        for (place, byte) in self.rest.iter().take(bytes_max).enumerate() {
            let bits = u64::from(byte & 0x7f);
            if place == 9 && bits > 1 {
                break;
            }
            value |= bits << (7 * place);
            if byte & 0x80 == 0 {
                self.rest = self.rest.get(place + 1..).unwrap_or_default();
                return Ok(value);
            }
        }
        let left = self.rest.len();
        if left < bytes_max && self.rest.iter().all(|it| it & 0x80 != 0) {
            return Err(RecordError::Truncated {
                index: self.index,
                wanted: left + 1,
                left,
            });
        }
        Err(RecordError::Varint { index: self.index })
    }
}

#[cfg(test)]
mod tests;
