//! What a leader asks of a batch before it appends it.
//!
//! In: the bytes a producer sent for one partition, the topic's config, the time. Out: the batch as
//! it will be stored, or why not. Never here: sequence numbers, offsets, or anything of the log.
//!
//! A batch passes through untouched unless its topic wants another codec or the broker's clock, or
//! its max timestamp is not that of its records. Its records are walked nevertheless, as they come
//! out of their codec: a batch that nobody could read must not become part of a log.

mod records;

use std::borrow::Cow;

use broker_types::Timestamp;
use broker_wire::compression::DecompressError;
use broker_wire::record_batch::{
    Batch, BatchError, BatchHeader, BatchMut, BuildError, ScanError, TimestampType, verify_crc,
};

use crate::config::LogConfig;
pub(crate) use records::DECOMPRESSED_BYTES_MAX;
use records::check_records;

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

/// A record that was refused, and with it its batch. Of many, the first are told.
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
    /// MESSAGE_TOO_LARGE: to read the records would take more than a broker gives.
    #[error(transparent)]
    TooLargeDecompressed(ScanError),
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
    let checked = check_records(&batch, config, now)?;
    let mut bytes = checked
        .recompressed
        .map_or(Cow::Borrowed(bytes), Cow::Owned);
    check_size(bytes.len(), config)?;
    let is_append_time = config.message_timestamp_type == TimestampType::LogAppendTime;
    let log_append_time = is_append_time.then_some(now);
    let max_timestamp = log_append_time.unwrap_or(checked.max_timestamp);
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

#[cfg(test)]
mod tests;
