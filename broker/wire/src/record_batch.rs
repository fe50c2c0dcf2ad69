//! Record batches of magic 2: the header as a view, changed in place, never encoded again.
//!
//! In: bytes that nobody vouches for. Out: a [`BatchHeader`] whose numbers are consistent, the
//! batches of a buffer, and the few fields a leader sets in place; records that are walked without
//! copying ([`records`]); new batches ([`BatchBuilder`]).
//! Never here: files, offsets' meaning, producer state, or rules that only a leader has.
//!
//! ```text
//!  0         8        12       16  17    21       23        27        35        43
//!  │base     │batch   │leader  │mag│crc  │attri-  │last     │base     │max      │producer
//!  │offset   │length  │epoch   │ic │     │butes   │offset   │timestamp│timestamp│id
//!  │         │        │        │   │     │        │delta    │         │         │
//!            ╰ bytes after this field          43        51       53        57        61
//!                                 crc covers   │producer │producer│base    │records │records
//!                                 21..end      │id       │epoch   │sequence│count   │...
//! ```
//!
//! The CRC does not cover base offset and leader epoch, so that a leader can set both without
//! reading the records (`org.apache.kafka.common.record.internal.DefaultRecordBatch`).

mod builder;
mod compacted;
mod control;
mod recompression;
mod record;
mod scan;

pub use builder::{BatchBuilder, BatchOptions, BuildError, Producer};
pub use compacted::CompactedBatch;
pub use control::ControlRecordKind;
pub use recompression::Recompression;
pub use record::{Record, RecordError, Records, records};
pub use scan::{RecordScan, ScanError};

use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};
use bytes::Buf;

use crate::compression::Compression;

/// Bytes of a batch before its records.
pub const BATCH_HEADER_BYTES: usize = 61;
/// Bytes of a batch that its length field does not count: base offset and the field itself.
pub const BATCH_OVERHEAD_BYTES: usize = 12;
/// The only magic there is since Kafka 4.0 (KIP-724).
pub const MAGIC: i8 = 2;

const BATCH_LENGTH_MIN: i32 = 49;
const CRC_START: usize = 21;

const COMPRESSION_BITS: i16 = 0x07;
const LOG_APPEND_TIME_BIT: i16 = 0x08;
const TRANSACTIONAL_BIT: i16 = 0x10;
const CONTROL_BIT: i16 = 0x20;
const DELETE_HORIZON_BIT: i16 = 0x40;

const _: () = assert!(BATCH_LENGTH_MIN as usize == BATCH_HEADER_BYTES - BATCH_OVERHEAD_BYTES);

/// Why bytes are not a record batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    #[error("a batch needs {wanted} bytes and {left} are left")]
    Truncated { wanted: usize, left: usize },
    #[error("magic {magic} is not {MAGIC}")]
    Magic { magic: i8 },
    #[error("a batch length of {batch_length} is less than a header")]
    BatchLength { batch_length: i32 },
    #[error("the batch is {stated} bytes long and {given} were given")]
    Size { stated: usize, given: usize },
    #[error("{field} is {value}")]
    Negative { field: &'static str, value: i64 },
    #[error(
        "a last offset delta of {last_offset_delta} passes the greatest offset from {base_offset}"
    )]
    LastOffset {
        base_offset: Offset,
        last_offset_delta: u32,
    },
    #[error("no compression codec has the number {number}")]
    Compression { number: u8 },
    #[error("the batch states CRC {stated:#010x} and its bytes have {computed:#010x}")]
    Crc { stated: u32, computed: u32 },
}

/// Whose clock a batch's timestamps come from (config `message.timestamp.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimestampType {
    /// Each record carries the time its producer gave it.
    CreateTime,
    /// All records were appended at the batch's max timestamp.
    LogAppendTime,
}

/// The decoded fields of a batch's header.
///
/// Invariant: `base_offset` and `last_offset_delta` add up to less than [`Offset::MAX`],
/// `batch_length` covers the header, and the attributes name a known codec; so no accessor fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    pub base_offset: Offset,
    /// Bytes of the batch after this field.
    pub batch_length: u32,
    /// `None` in what a producer sends; set by the leader that appends.
    pub partition_leader_epoch: Option<LeaderEpoch>,
    /// CRC-32C that the batch states; see [`verify_crc`].
    pub crc: u32,
    pub attributes: i16,
    /// Offset of the last record, less `base_offset`. Compaction keeps it when it removes records.
    pub last_offset_delta: u32,
    /// What the records' timestamp deltas count from. With a delete horizon it is the horizon.
    pub base_timestamp: Timestamp,
    pub max_timestamp: Timestamp,
    pub producer_id: Option<ProducerId>,
    pub producer_epoch: Option<ProducerEpoch>,
    /// Sequence number of the first record; at most `i32::MAX`.
    pub base_sequence: Option<u32>,
    /// Records that the batch states to hold. Zero in a batch that compaction emptied.
    pub records_count: u32,
}

impl BatchHeader {
    /// Reads the header at the front of `bytes`, which need not hold the records yet.
    pub fn parse(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
        let Some(mut header) = bytes.get(..BATCH_HEADER_BYTES) else {
            return Err(BatchError::Truncated {
                wanted: BATCH_HEADER_BYTES,
                left: bytes.len(),
            });
        };
        let base_offset = header.get_i64();
        let batch_length = header.get_i32();
        let partition_leader_epoch = LeaderEpoch::from_wire(header.get_i32());
        let magic = header.get_i8();
        if magic != MAGIC {
            return Err(BatchError::Magic { magic });
        }
        if batch_length < BATCH_LENGTH_MIN {
            return Err(BatchError::BatchLength { batch_length });
        }
        let crc = header.get_u32();
        let attributes = header.get_i16();
        let number = compression_number(attributes);
        if Compression::from_wire(number).is_none() {
            return Err(BatchError::Compression { number });
        }
        let base_offset = Offset::from_wire(base_offset).ok_or(BatchError::Negative {
            field: "base offset",
            value: base_offset,
        })?;
        let last_offset_delta = non_negative("last offset delta", header.get_i32())?;
        let offsets_left = Offset::MAX.distance_from(base_offset);
        if u64::from(last_offset_delta) >= offsets_left {
            return Err(BatchError::LastOffset {
                base_offset,
                last_offset_delta,
            });
        }
        Ok(BatchHeader {
            base_offset,
            batch_length: batch_length.unsigned_abs(),
            partition_leader_epoch,
            crc,
            attributes,
            last_offset_delta,
            base_timestamp: Timestamp::from_millis(header.get_i64()),
            max_timestamp: Timestamp::from_millis(header.get_i64()),
            producer_id: ProducerId::from_wire(header.get_i64()),
            producer_epoch: ProducerEpoch::from_wire(header.get_i16()),
            base_sequence: u32::try_from(header.get_i32()).ok(),
            records_count: non_negative("records count", header.get_i32())?,
        })
    }

    pub fn compression(&self) -> Compression {
        // Known since the header was parsed.
        Compression::from_wire(compression_number(self.attributes)).unwrap_or_default()
    }

    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes & LOG_APPEND_TIME_BIT == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the batch belongs to a transaction (KIP-98).
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL_BIT != 0
    }

    /// Whether the batch holds control records, which consumers never see.
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL_BIT != 0
    }

    /// Whether `base_timestamp` is the time from which tombstones may go (KIP-534).
    pub fn has_delete_horizon(&self) -> bool {
        self.attributes & DELETE_HORIZON_BIT != 0
    }

    /// Offset of the last record the batch was written with.
    pub fn last_offset(&self) -> Offset {
        self.base_offset.advance(u64::from(self.last_offset_delta))
    }

    /// Offset that follows the batch.
    pub fn next_offset(&self) -> Offset {
        self.base_offset
            .advance(u64::from(self.last_offset_delta) + 1)
    }

    /// Bytes of the whole batch, header included.
    pub fn size_in_bytes(&self) -> usize {
        BATCH_OVERHEAD_BYTES + self.batch_length as usize
    }

    /// Sequence number of the last record; sequence numbers wrap from `i32::MAX` to 0.
    pub fn last_sequence(&self) -> Option<u32> {
        let sum = |first: u32| u64::from(first) + u64::from(self.last_offset_delta);
        let wrapped = |first| sum(first) & u64::from(i32::MAX.unsigned_abs());
        self.base_sequence
            .and_then(|first| u32::try_from(wrapped(first)).ok())
    }
}

fn compression_number(attributes: i16) -> u8 {
    u8::try_from(attributes & COMPRESSION_BITS).unwrap_or(u8::MAX)
}

fn non_negative(field: &'static str, value: i32) -> Result<u32, BatchError> {
    u32::try_from(value).map_err(|_| BatchError::Negative {
        field,
        value: i64::from(value),
    })
}

/// One whole batch within a buffer. Its CRC was not checked: see [`verify_crc`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    header: BatchHeader,
    bytes: &'a [u8],
}

impl<'a> Batch<'a> {
    /// The batch at the front of `bytes`; what follows it is left alone.
    pub fn parse(bytes: &'a [u8]) -> Result<Batch<'a>, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let wanted = header.size_in_bytes();
        match bytes.get(..wanted) {
            Some(bytes) => Ok(Batch { header, bytes }),
            None => Err(BatchError::Truncated {
                wanted,
                left: bytes.len(),
            }),
        }
    }

    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch: [`BatchHeader::size_in_bytes`] bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The records as they are stored: compressed, if the header says so.
    pub fn records_bytes(&self) -> &'a [u8] {
        self.bytes.get(BATCH_HEADER_BYTES..).unwrap_or_default()
    }
}

/// The batches of `bytes`, one after the other. Ends after the first error, and a buffer that
/// stops within a batch ends with [`BatchError::Truncated`].
pub fn batches(bytes: &[u8]) -> Batches<'_> {
    Batches { rest: bytes }
}

/// Iterator of [`batches`].
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    rest: &'a [u8],
}

impl<'a> Batches<'a> {
    /// The bytes after the last batch that was yielded; after an error, nothing.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Batch<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let batch = Batch::parse(self.rest);
        self.rest = match &batch {
            Ok(batch) => self.rest.get(batch.bytes.len()..).unwrap_or_default(),
            Err(_) => &[],
        };
        Some(batch)
    }
}

impl std::iter::FusedIterator for Batches<'_> {}

/// Checks the CRC-32C of `batch`, which must be exactly one batch.
pub fn verify_crc(batch: &[u8]) -> Result<(), BatchError> {
    let header = BatchHeader::parse(batch)?;
    let (stated, given) = (header.size_in_bytes(), batch.len());
    if stated != given {
        return Err(BatchError::Size { stated, given });
    }
    let computed = crc_fast::crc32_iscsi(batch.get(CRC_START..).unwrap_or_default());
    if computed == header.crc {
        Ok(())
    } else {
        Err(BatchError::Crc {
            stated: header.crc,
            computed,
        })
    }
}

/// One whole batch whose header can be changed in place.
#[derive(Debug)]
pub struct BatchMut<'a> {
    header: &'a mut [u8; BATCH_HEADER_BYTES],
    records: &'a [u8],
}

impl<'a> BatchMut<'a> {
    /// The batch at the front of `bytes`; what follows it is left alone.
    pub fn parse(bytes: &'a mut [u8]) -> Result<BatchMut<'a>, BatchError> {
        let wanted = BatchHeader::parse(bytes)?.size_in_bytes();
        let left = bytes.len();
        let truncated = BatchError::Truncated { wanted, left };
        let Some(batch) = bytes.get_mut(..wanted) else {
            return Err(truncated);
        };
        match batch.split_first_chunk_mut() {
            Some((header, records)) => Ok(BatchMut { header, records }),
            None => Err(truncated),
        }
    }

    /// Sets the base offset. The CRC does not cover it.
    pub fn set_base_offset(&mut self, base_offset: Offset) {
        self.header[0..8].copy_from_slice(&base_offset.to_wire().to_be_bytes());
    }

    /// Sets the epoch of the leader that appends the batch. The CRC does not cover it.
    pub fn set_partition_leader_epoch(&mut self, leader_epoch: LeaderEpoch) {
        self.header[12..16].copy_from_slice(&leader_epoch.to_wire().to_be_bytes());
    }

    /// Sets the max timestamp and whose clock the timestamps come from, and the CRC anew.
    ///
    /// The CRC is computed from the bytes, so a batch that was damaged before would look whole
    /// afterwards: check it first.
    pub fn set_max_timestamp_and_type(&mut self, kind: TimestampType, max_timestamp: Timestamp) {
        let attributes = i16::from_be_bytes([self.header[21], self.header[22]]);
        let attributes = match kind {
            TimestampType::CreateTime => attributes & !LOG_APPEND_TIME_BIT,
            TimestampType::LogAppendTime => attributes | LOG_APPEND_TIME_BIT,
        };
        self.header[21..23].copy_from_slice(&attributes.to_be_bytes());
        self.header[35..43].copy_from_slice(&max_timestamp.as_millis().to_be_bytes());
        let mut crc = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
        crc.update(&self.header[CRC_START..]);
        crc.update(self.records);
        let crc = u32::try_from(crc.finalize()).expect("a CRC-32 has 32 bits");
        self.header[17..21].copy_from_slice(&crc.to_be_bytes());
    }
}

#[cfg(test)]
mod tests;
