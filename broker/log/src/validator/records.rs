//! What a leader asks of the records of a batch.
//!
//! In: a batch, the topic's config, the time. Out: the greatest timestamp, and the batch in the
//! topic's own codec if it has another; or why the records are refused.
//! Never here: the header's own fields, or offsets.
//!
//! The records are read once, as they come out of their codec, and never held together: a few
//! thousand bytes can become a hundred million.

use broker_types::Timestamp;
use broker_wire::compression::{DecompressError, Limits};
use broker_wire::record_batch::{
    Batch, BuildError, Recompression, Record, RecordError, RecordScan, ScanError, TimestampType,
};

use super::{Refusal, RefusedRecord};
use crate::config::LogConfig;

/// Most bytes that the records of a batch may decompress to: as many as a request may have
/// (`socket.request.max.bytes`).
pub(crate) const DECOMPRESSED_BYTES_MAX: usize = 104_857_600;
/// Times `max.message.bytes` that a codec, or a record that was compressed, may take in memory.
const MEMORY_FACTOR: usize = 16;
/// A codec may take as much in any topic: above zstd's window at all levels but its highest three.
const MEMORY_BYTES_MIN: usize = 16 << 20;
/// Refused records that are told of one batch.
const REFUSED_RECORDS_MAX: usize = 1000;

/// What the records of a batch are like.
pub(super) struct CheckedRecords {
    pub(super) max_timestamp: Timestamp,
    /// The batch in the topic's codec, when its producer chose another.
    pub(super) recompressed: Option<Vec<u8>>,
}

/// Checks each record against the topic.
pub(super) fn check_records(
    batch: &Batch<'_>,
    config: &LogConfig,
    now: Timestamp,
) -> Result<CheckedRecords, Refusal> {
    let header = batch.header();
    let scan = RecordScan::new(header, batch.records_bytes(), limits(config));
    let mut scan = scan.map_err(|it| refusal(it.into()))?;
    let mut recompression = recompression(batch, config)?;
    let mut refused = Refused::default();
    let mut max_timestamp = Timestamp::from_millis(-1);
    while let Some(record) = scan.next() {
        let record = record.map_err(refusal)?;
        let timestamp = header.base_timestamp.plus_millis(record.timestamp_delta);
        max_timestamp = max_timestamp.max(timestamp);
        if config.cleanup_policy.compact && !header.is_control() && record.key.is_none() {
            refused.without_key(&record);
        }
        if !is_in_range(timestamp, config, now) {
            refused.out_of_range(&record, timestamp, now);
        }
        if let Some(recompression) = &mut recompression {
            let appended = recompression.append(&record);
            appended.map_err(|it| unbuilt(it, config))?;
        }
    }
    refused.into_result()?;
    let recompressed = recompression.map(Recompression::finish).transpose();
    Ok(CheckedRecords {
        max_timestamp,
        recompressed: recompressed.map_err(|it| unbuilt(it, config))?,
    })
}

fn limits(config: &LogConfig) -> Limits {
    let scaled = (config.max_message_bytes as usize).saturating_mul(MEMORY_FACTOR);
    Limits {
        output_bytes_max: DECOMPRESSED_BYTES_MAX,
        memory_bytes_max: scaled.clamp(MEMORY_BYTES_MIN, DECOMPRESSED_BYTES_MAX),
    }
}

fn recompression(batch: &Batch<'_>, config: &LogConfig) -> Result<Option<Recompression>, Refusal> {
    let header = batch.header();
    let codec = config.compression.filter(|_| !header.is_control());
    let codec = codec.filter(|it| *it != header.compression());
    let Some(codec) = codec else { return Ok(None) };
    let bytes_max = config.max_message_bytes.min(config.segment_bytes) as usize;
    let begun = Recompression::new(batch, codec, config.compression_level, bytes_max);
    begun.map(Some).map_err(|it| unbuilt(it, config))
}

/// Why a batch in another codec could not be built.
fn unbuilt(error: BuildError, config: &LogConfig) -> Refusal {
    match error {
        BuildError::TooLarge { bytes } => super::check_size(bytes, config)
            .err()
            .unwrap_or(Refusal::Recompress(error)),
        BuildError::Compress(_) => Refusal::Recompress(error),
    }
}

fn refusal(error: ScanError) -> Refusal {
    match error {
        ScanError::Decompress(
            DecompressError::TooLarge { .. } | DecompressError::Memory { .. },
        )
        | ScanError::Record(RecordError::TooLong { .. }) => Refusal::TooLargeDecompressed(error),
        ScanError::Decompress(error @ DecompressError::Corrupt { .. }) => {
            Refusal::Decompress(error)
        }
        ScanError::Record(error) => Refusal::InvalidBatch {
            reason: error.to_string(),
        },
    }
}

/// The records that were refused, for either reason.
#[derive(Default)]
struct Refused {
    without_key: Vec<RefusedRecord>,
    out_of_range: Vec<RefusedRecord>,
}

impl Refused {
    fn without_key(&mut self, record: &Record<'_>) {
        push(&mut self.without_key, record, || {
            "a compacted topic cannot accept a record without a key".to_owned()
        });
    }

    fn out_of_range(&mut self, record: &Record<'_>, timestamp: Timestamp, now: Timestamp) {
        push(&mut self.out_of_range, record, || {
            format!(
                "timestamp {} is out of the range that the topic accepts at {}",
                timestamp.as_millis(),
                now.as_millis()
            )
        });
    }

    fn into_result(self) -> Result<(), Refusal> {
        let (without_key, out_of_range) = (self.without_key, self.out_of_range);
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
        Ok(())
    }
}

fn push(refused: &mut Vec<RefusedRecord>, record: &Record<'_>, message: impl Fn() -> String) {
    if refused.len() < REFUSED_RECORDS_MAX {
        refused.push(RefusedRecord {
            batch_index: record.offset_delta,
            message: message(),
        });
    }
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
