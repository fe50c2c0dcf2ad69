//! A batch in another codec than its producer chose (config `compression.type`).
//!
//! In: a batch, then its records one after another. Out: the batch with the same records, the same
//! header but for codec, length and CRC.
//! Never here: decompression, or whether the records may be stored.

use std::io::Write as _;

use super::builder::set;
use super::{
    BATCH_HEADER_BYTES, BATCH_OVERHEAD_BYTES, Batch, BuildError, COMPRESSION_BITS, CRC_START,
    Record,
};
use crate::compression::{CompressError, Compression, Compressor};

/// Collects the records of a batch in another codec.
pub struct Recompression {
    codec: Compression,
    compressor: Compressor,
    /// Attributes of the batch before.
    attributes: i16,
    bytes_max: usize,
}

impl Recompression {
    /// A batch of at most `bytes_max` bytes with the header of `batch`.
    ///
    /// # Errors
    /// When the codec has no such level.
    pub fn new(
        batch: &Batch<'_>,
        codec: Compression,
        level: Option<i32>,
        bytes_max: usize,
    ) -> Result<Recompression, BuildError> {
        let header = batch.bytes().get(..BATCH_HEADER_BYTES).unwrap_or_default();
        let compressor = Compressor::new(codec, level, header.to_vec());
        Ok(Recompression {
            codec,
            compressor: compressor.map_err(BuildError::Compress)?,
            attributes: batch.header().attributes,
            bytes_max,
        })
    }

    /// Appends a record as it is: its deltas still count from the header's base.
    ///
    /// # Errors
    /// When the batch has more bytes than it may, though not as soon as it has: codecs hold back.
    pub fn append(&mut self, record: &Record<'_>) -> Result<(), BuildError> {
        let codec = self.codec;
        let written = self.compressor.write_all(record.bytes());
        written.map_err(|source| BuildError::Compress(CompressError::Codec { codec, source }))?;
        self.check_size(self.compressor.output_bytes())
    }

    /// The batch, with its CRC.
    ///
    /// # Errors
    /// When it has more bytes than it may.
    pub fn finish(self) -> Result<Vec<u8>, BuildError> {
        let (codec, bytes_max) = (self.codec, self.bytes_max);
        let mut batch = self.compressor.finish().map_err(BuildError::Compress)?;
        let too_large = BuildError::TooLarge { bytes: batch.len() };
        let batch_length = i32::try_from(batch.len() - BATCH_OVERHEAD_BYTES);
        let (Ok(batch_length), true) = (batch_length, batch.len() <= bytes_max) else {
            return Err(too_large);
        };
        set(&mut batch, 8, batch_length.to_be_bytes());
        let attributes = self.attributes & !COMPRESSION_BITS | i16::from(codec.to_wire());
        set(&mut batch, 21, attributes.to_be_bytes());
        let crc = crc_fast::crc32_iscsi(batch.get(CRC_START..).unwrap_or_default());
        set(&mut batch, 17, crc.to_be_bytes());
        Ok(batch)
    }

    fn check_size(&self, bytes: usize) -> Result<(), BuildError> {
        if bytes <= self.bytes_max {
            Ok(())
        } else {
            Err(BuildError::TooLarge { bytes })
        }
    }
}
