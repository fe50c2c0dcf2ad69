//! What a leader asks of a batch before it appends it.
//!
//! In: the bytes a producer sent for one partition, the topic's config, the time. Out: the batch as
//! it will be stored, or why not. Never here: sequence numbers, offsets, or anything of the log.
//!
//! A batch passes through untouched unless its topic wants another codec or the broker's clock, or
//! its max timestamp is not that of its records. It is decompressed nevertheless: a batch whose
//! records nobody could read must not become part of a log.

use std::borrow::Cow;

use broker_types::Timestamp;
use broker_wire::compression::{Compression, DecompressError, decompress};
use broker_wire::record_batch::{
    Batch, BatchBuilder, BatchError, BatchHeader, BatchMut, BatchOptions, BuildError, Producer,
    Record, RecordError, TimestampType, records, validate_produced, verify_crc,
};

use crate::config::LogConfig;

/// Most bytes that the records of a batch may decompress to: as many as a request may have
/// (`socket.request.max.bytes`).
pub const DECOMPRESSED_BYTES_MAX: usize = 104_857_600;

/// Who made a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A producer: everything is checked.
    Client,
    /// A coordinator on this broker: control batches are allowed.
    Coordinator,
    /// The leader of the metadata quorum: it has given its batch offsets already.
    RaftLeader,
}

/// A record that was refused, and with it its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRecord {
    /// Place of the record in its batch.
    pub batch_index: u32,
    pub message: String,
}

/// Why a batch is refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// INVALID_RECORD.
    #[error("{reason}")]
    InvalidBatch { reason: String },
    /// INVALID_RECORD, with the records.
    #[error("{} records of the batch are invalid", records.len())]
    InvalidRecords { records: Vec<RefusedRecord> },
    /// INVALID_TIMESTAMP, with the records; none when it is the batch as a whole.
    #[error("timestamps of the batch are out of the topic's range, or not the producer's to set")]
    InvalidTimestamp { records: Vec<RefusedRecord> },
    /// CORRUPT_MESSAGE.
    #[error("the batch is damaged")]
    Corrupt(#[source] BatchError),
    /// CORRUPT_MESSAGE: the records cannot be decompressed.
    #[error("the records of the batch cannot be decompressed")]
    Decompress(#[source] DecompressError),
    /// MESSAGE_TOO_LARGE.
    #[error("the batch has {bytes} bytes, more than the {bytes_max} of max.message.bytes")]
    TooLarge { bytes: usize, bytes_max: u32 },
    /// RECORD_LIST_TOO_LARGE.
    #[error("the batch has {bytes} bytes, more than the {bytes_max} of segment.bytes")]
    LargerThanSegment { bytes: usize, bytes_max: u32 },
    #[error("failed to compress the records again")]
    Recompress(#[source] BuildError),
}

/// A batch that may be appended.
#[derive(Debug)]
pub(crate) struct Validated<'a> {
    pub(crate) header: BatchHeader,
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Set on topics that take the broker's clock.
    pub(crate) log_append_time: Option<Timestamp>,
}

/// Checks the bytes that were sent for one partition.
pub(crate) fn validate<'a>(
    bytes: &'a [u8],
    config: &LogConfig,
    origin: Origin,
    now: Timestamp,
) -> Result<Validated<'a>, Refusal> {
    let batch = single_batch(bytes)?;
    let header = *batch.header();
    check_size(bytes.len(), config)?;
    check_header(&header, origin)?;
    verify_crc(bytes).map_err(Refusal::Corrupt)?;
    if origin == Origin::RaftLeader {
        return Ok(Validated {
            header,
            bytes: Cow::Borrowed(bytes),
            log_append_time: None,
        });
    }
    let stored = batch.records_bytes();
    let decompressed = decompress(header.compression(), stored, DECOMPRESSED_BYTES_MAX)
        .map_err(Refusal::Decompress)?;
    validate_produced(&header, &decompressed).map_err(invalid)?;
    let timestamps = check_records(&header, &decompressed, config, now)?;
    let is_append_time = config.message_timestamp_type == TimestampType::LogAppendTime;
    let log_append_time = is_append_time.then_some(now);
    let codec = config.compression.filter(|_| !header.is_control());
    let mut bytes = match codec {
        Some(codec) if codec != header.compression() => {
            let bytes = recompress(&header, &decompressed, codec, config)?;
            check_size(bytes.len(), config)?;
            Cow::Owned(bytes)
        }
        Some(_) | None => Cow::Borrowed(bytes),
    };
    let max_timestamp = log_append_time.unwrap_or(timestamps);
    let kind = config.message_timestamp_type;
    if max_timestamp != header.max_timestamp || kind != header.timestamp_type() {
        BatchMut::parse(bytes.to_mut())
            .map_err(Refusal::Corrupt)?
            .set_max_timestamp_and_type(kind, max_timestamp);
    }
    Ok(Validated {
        header: BatchHeader::parse(&bytes).map_err(Refusal::Corrupt)?,
        bytes,
        log_append_time,
    })
}

/// Exactly one batch, and nothing after it.
fn single_batch(bytes: &[u8]) -> Result<Batch<'_>, Refusal> {
    let invalid = |reason: String| Refusal::InvalidBatch { reason };
    let batch = Batch::parse(bytes).map_err(|error| match error {
        BatchError::Magic { .. } | BatchError::Truncated { .. } => invalid(error.to_string()),
        BatchError::Compression { .. }
        | BatchError::BatchLength { .. }
        | BatchError::Size { .. }
        | BatchError::Negative { .. }
        | BatchError::LastOffset { .. }
        | BatchError::Crc { .. } => Refusal::Corrupt(error),
    })?;
    if batch.bytes().len() == bytes.len() {
        Ok(batch)
    } else {
        Err(invalid("more than one record batch was sent".to_owned()))
    }
}

fn check_size(bytes: usize, config: &LogConfig) -> Result<(), Refusal> {
    let bytes_max = config.max_message_bytes;
    if bytes > bytes_max as usize {
        return Err(Refusal::TooLarge { bytes, bytes_max });
    }
    let bytes_max = config.segment_bytes;
    if bytes > bytes_max as usize {
        return Err(Refusal::LargerThanSegment { bytes, bytes_max });
    }
    Ok(())
}

fn check_header(header: &BatchHeader, origin: Origin) -> Result<(), Refusal> {
    let is_client = origin == Origin::Client;
    let has_sequence = header.base_sequence.is_some();
    let reason = if origin == Origin::RaftLeader {
        None
    } else if header.base_offset.value() != 0 {
        Some("base offset of a produced batch is not 0")
    } else if header.records_count == 0 {
        Some("the batch has no records")
    } else if u64::from(header.records_count) != u64::from(header.last_offset_delta) + 1 {
        Some("the batch's records count does not agree with its last offset delta")
    } else if is_client && header.is_control() {
        Some("clients may not write control records")
    } else if is_client && header.has_delete_horizon() {
        Some("clients may not set a delete horizon")
    } else if header.producer_id.is_some() && header.producer_epoch.is_none() {
        Some("the batch has a producer id and no producer epoch")
    } else if is_client && header.producer_id.is_some() && !has_sequence {
        Some("the batch has a producer id and no sequence number")
    } else {
        None
    };
    if let Some(reason) = reason {
        return Err(Refusal::InvalidBatch {
            reason: reason.to_owned(),
        });
    }
    if is_client && header.timestamp_type() == TimestampType::LogAppendTime {
        return Err(Refusal::InvalidTimestamp {
            records: Vec::new(),
        });
    }
    Ok(())
}

fn invalid(error: RecordError) -> Refusal {
    Refusal::InvalidBatch {
        reason: error.to_string(),
    }
}

/// Checks each record against the topic. Returns the greatest timestamp.
fn check_records(
    header: &BatchHeader,
    bytes: &[u8],
    config: &LogConfig,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let needs_keys = config.cleanup_policy.compact && !header.is_control();
    let (mut without_key, mut out_of_range) = (Vec::new(), Vec::new());
    let mut max_timestamp = Timestamp::from_millis(-1);
    for record in records(header, bytes) {
        let record = record.map_err(invalid)?;
        let batch_index = record.offset_delta;
        let timestamp = header.base_timestamp.plus_millis(record.timestamp_delta);
        max_timestamp = max_timestamp.max(timestamp);
        if needs_keys && record.key.is_none() {
            let message = "a compacted topic cannot accept a record without a key".to_owned();
            without_key.push(RefusedRecord {
                batch_index,
                message,
            });
        }
        if !is_in_range(timestamp, config, now) {
            let message = format!(
                "timestamp {} is out of the range that the topic accepts at {}",
                timestamp.as_millis(),
                now.as_millis()
            );
            out_of_range.push(RefusedRecord {
                batch_index,
                message,
            });
        }
    }
    if !without_key.is_empty() {
        return Err(Refusal::InvalidRecords {
            records: without_key,
        });
    }
    if !out_of_range.is_empty() {
        return Err(Refusal::InvalidTimestamp {
            records: out_of_range,
        });
    }
    Ok(max_timestamp)
}

/// Whether a topic takes a record's timestamp. -1 is no timestamp and passes.
fn is_in_range(timestamp: Timestamp, config: &LogConfig, now: Timestamp) -> bool {
    if config.message_timestamp_type == TimestampType::LogAppendTime || timestamp.as_millis() == -1
    {
        return true;
    }
    let limit = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX);
    let after = timestamp.millis_since(now);
    after <= limit(config.message_timestamp_after_max_ms)
        && after.saturating_neg() <= limit(config.message_timestamp_before_max_ms)
}

/// The same records in another codec.
fn recompress(
    header: &BatchHeader,
    bytes: &[u8],
    compression: Compression,
    config: &LogConfig,
) -> Result<Vec<u8>, Refusal> {
    let producer = header.producer_id.zip(header.producer_epoch);
    let mut builder = BatchBuilder::new(BatchOptions {
        compression,
        compression_level: config.compression_level,
        producer: producer.map(|(id, epoch)| Producer {
            id,
            epoch,
            base_sequence: header.base_sequence,
        }),
        is_transactional: header.is_transactional(),
        ..BatchOptions::default()
    });
    for record in records(header, bytes) {
        let record: Record<'_> = record.map_err(invalid)?;
        let headers: Vec<_> = record.headers().collect();
        let timestamp = header.base_timestamp.plus_millis(record.timestamp_delta);
        builder.append(timestamp, record.key, record.value, &headers);
    }
    builder.build().map_err(Refusal::Recompress)
}

#[cfg(test)]
mod tests;
