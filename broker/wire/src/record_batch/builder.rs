//! Writing a new batch.
//!
//! In: records, one after the other. Out: one batch, compressed, with its CRC.
//! Never here: batches that a client sent; those pass through as they are.

use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};

use super::{
    BATCH_HEADER_BYTES, BATCH_OVERHEAD_BYTES, CONTROL_BIT, CRC_START, ControlRecordKind,
    LOG_APPEND_TIME_BIT, MAGIC, TRANSACTIONAL_BIT, TimestampType,
};
use crate::compression::{CompressError, Compression, compress};

/// Why a batch cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("failed to compress the records")]
    Compress(#[source] CompressError),
    #[error("{bytes} bytes are too many for one batch")]
    TooLarge { bytes: usize },
}

/// The producer a batch is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Producer {
    pub id: ProducerId,
    pub epoch: ProducerEpoch,
    /// Sequence number of the first record. `None` in the markers that end a transaction.
    pub base_sequence: Option<u32>,
}

/// What a batch is, beside its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    pub base_offset: Offset,
    pub partition_leader_epoch: Option<LeaderEpoch>,
    pub compression: Compression,
    pub compression_level: Option<i32>,
    pub timestamp_type: TimestampType,
    pub producer: Option<Producer>,
    pub is_transactional: bool,
    pub is_control: bool,
}

impl Default for BatchOptions {
    /// What a producer without any wishes sends.
    fn default() -> BatchOptions {
        BatchOptions {
            base_offset: Offset::ZERO,
            partition_leader_epoch: None,
            compression: Compression::None,
            compression_level: None,
            timestamp_type: TimestampType::CreateTime,
            producer: None,
            is_transactional: false,
            is_control: false,
        }
    }
}

/// Collects the records of one batch.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
    records: Vec<u8>,
    records_count: u32,
    base_timestamp: Timestamp,
    max_timestamp: Timestamp,
}

impl BatchBuilder {
    /// # Panics
    /// When a control batch is to be compressed: readers do not decompress those.
    pub fn new(options: BatchOptions) -> BatchBuilder {
        let is_plain = options.compression == Compression::None;
        assert!(
            !options.is_control || is_plain,
            "control batches are never compressed"
        );
        BatchBuilder {
            options,
            records: Vec::new(),
            records_count: 0,
            base_timestamp: Timestamp::default(),
            max_timestamp: Timestamp::default(),
        }
    }

    /// A batch of one control record.
    pub fn control(
        options: BatchOptions,
        kind: ControlRecordKind,
        timestamp: Timestamp,
        value: &[u8],
    ) -> Result<Vec<u8>, BuildError> {
        let mut builder = BatchBuilder::new(BatchOptions {
            is_control: true,
            ..options
        });
        builder.append(timestamp, Some(&kind.to_key()), Some(value), &[]);
        builder.build()
    }

    pub fn records_count(&self) -> u32 {
        self.records_count
    }

    /// Bytes of the batch if it were built now and not compressed.
    pub fn size_in_bytes(&self) -> usize {
        BATCH_HEADER_BYTES + self.records.len()
    }

    /// Appends a record, which takes the next offset.
    ///
    /// # Panics
    /// When a key, a value or a header has more bytes than a signed field of 32 bits counts.
    pub fn append(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
    ) {
        if self.records_count == 0 {
            self.base_timestamp = timestamp;
            self.max_timestamp = timestamp;
        }
        self.max_timestamp = self.max_timestamp.max(timestamp);
        let mut body = vec![0];
        put_varint(&mut body, timestamp.millis_since(self.base_timestamp));
        put_varint(&mut body, i64::from(self.records_count));
        put_nullable_bytes(&mut body, key);
        put_nullable_bytes(&mut body, value);
        put_length(&mut body, headers.len());
        for (key, value) in headers {
            put_nullable_bytes(&mut body, Some(key));
            put_nullable_bytes(&mut body, *value);
        }
        put_length(&mut self.records, body.len());
        self.records.append(&mut body);
        self.records_count += 1;
    }

    /// The batch: header and records, with its CRC.
    ///
    /// # Panics
    /// When it has no records.
    pub fn build(self) -> Result<Vec<u8>, BuildError> {
        let last_offset_delta = self
            .records_count
            .checked_sub(1)
            .expect("a batch has records");
        let BatchOptions {
            compression,
            compression_level,
            ..
        } = self.options;
        let records = if compression == Compression::None {
            self.records
        } else {
            compress(compression, compression_level, &self.records).map_err(BuildError::Compress)?
        };
        let bytes = BATCH_HEADER_BYTES + records.len();
        let batch_length = i32::try_from(bytes - BATCH_OVERHEAD_BYTES)
            .map_err(|_| BuildError::TooLarge { bytes })?;
        let producer = self.options.producer;
        let mut batch = Vec::with_capacity(bytes);
        batch.extend(self.options.base_offset.to_wire().to_be_bytes());
        batch.extend(batch_length.to_be_bytes());
        let leader_epoch = LeaderEpoch::option_to_wire(self.options.partition_leader_epoch);
        batch.extend(leader_epoch.to_be_bytes());
        batch.extend(MAGIC.to_be_bytes());
        batch.extend([0; 4]);
        batch.extend(attributes(&self.options).to_be_bytes());
        batch.extend(last_offset_delta.to_be_bytes());
        batch.extend(self.base_timestamp.as_millis().to_be_bytes());
        batch.extend(self.max_timestamp.as_millis().to_be_bytes());
        batch.extend(ProducerId::option_to_wire(producer.map(|it| it.id)).to_be_bytes());
        batch.extend(ProducerEpoch::option_to_wire(producer.map(|it| it.epoch)).to_be_bytes());
        let base_sequence = producer.and_then(|it| it.base_sequence);
        batch.extend(base_sequence.map_or(-1, u32::cast_signed).to_be_bytes());
        batch.extend(self.records_count.to_be_bytes());
        batch.extend(records);
        let crc = crc_fast::crc32_iscsi(batch.get(CRC_START..).unwrap_or_default());
        if let Some(field) = batch.get_mut(17..CRC_START) {
            field.copy_from_slice(&crc.to_be_bytes());
        }
        Ok(batch)
    }
}

fn attributes(options: &BatchOptions) -> i16 {
    let flag = |is_set, bit| if is_set { bit } else { 0 };
    i16::from(options.compression.to_wire())
        | flag(
            options.timestamp_type == TimestampType::LogAppendTime,
            LOG_APPEND_TIME_BIT,
        )
        | flag(options.is_transactional, TRANSACTIONAL_BIT)
        | flag(options.is_control, CONTROL_BIT)
}

pub(super) fn put_nullable_bytes(buffer: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            put_length(buffer, bytes.len());
            buffer.extend(bytes);
        }
        None => put_varint(buffer, -1),
    }
}

pub(super) fn put_length(buffer: &mut Vec<u8>, length: usize) {
    let length = i32::try_from(length).expect("lengths within a record fit 32 bits");
    put_varint(buffer, i64::from(length));
}

/// A zigzag varint; of 32 bits or 64, the bytes are the same.
pub(super) fn put_varint(buffer: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest > 0x7f {
        buffer.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    buffer.push(rest.to_le_bytes()[0]);
}

/// Sets a field of a batch that is being built.
pub(super) fn set<const N: usize>(batch: &mut [u8], at: usize, field: [u8; N]) {
    let place = batch.get_mut(at..at + N);
    place.expect("a batch has a header").copy_from_slice(&field);
}
