//! Compressing piece by piece.
//!
//! In: a codec, a level, bytes as they come. Out: the compressed bytes, behind those that the
//! buffer held before. Never here: reading them back.

use std::io::{self, Write};

use super::{CompressError, Compression, lz4, snappy};

/// Writes what it is given into a buffer, compressed.
///
/// What was written is whole only after [`Compressor::finish`].
pub struct Compressor {
    codec: Compression,
    sink: Sink,
}

enum Sink {
    Plain(Vec<u8>),
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    Snappy(snappy::Encoder),
    Lz4(Box<lz4::Encoder>),
    Zstd(::zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Compressor {
    /// Appends to `output`. Without a level the codec's default is taken.
    pub fn new(
        codec: Compression,
        level: Option<i32>,
        output: Vec<u8>,
    ) -> Result<Compressor, CompressError> {
        if let Some(level) = level
            && !codec.levels().is_some_and(|it| it.contains(&level))
        {
            return Err(CompressError::Level { codec, level });
        }
        let sink = match codec {
            Compression::None => Sink::Plain(output),
            Compression::Gzip => {
                let level = level.and_then(|it| u32::try_from(it).ok());
                let level =
                    level.map_or_else(flate2::Compression::default, flate2::Compression::new);
                Sink::Gzip(flate2::write::GzEncoder::new(output, level))
            }
            Compression::Snappy => Sink::Snappy(snappy::Encoder::new(output)),
            Compression::Lz4 => Sink::Lz4(Box::new(lz4::encoder(output))),
            Compression::Zstd => {
                let level = level.unwrap_or(::zstd::DEFAULT_COMPRESSION_LEVEL);
                let encoder = ::zstd::stream::write::Encoder::new(output, level);
                Sink::Zstd(encoder.map_err(|source| CompressError::Codec { codec, source })?)
            }
        };
        Ok(Compressor { codec, sink })
    }

    /// Bytes in the buffer so far; the codec may hold back some that were written.
    pub fn output_bytes(&self) -> usize {
        match &self.sink {
            Sink::Plain(output) => output.len(),
            Sink::Gzip(encoder) => encoder.get_ref().len(),
            Sink::Snappy(encoder) => encoder.output_bytes(),
            Sink::Lz4(encoder) => encoder.get_ref().len(),
            Sink::Zstd(encoder) => encoder.get_ref().len(),
        }
    }

    /// The buffer, with the end of what was written.
    pub fn finish(self) -> Result<Vec<u8>, CompressError> {
        let codec = self.codec;
        let output = match self.sink {
            Sink::Plain(output) => Ok(output),
            Sink::Gzip(encoder) => encoder.finish(),
            Sink::Snappy(encoder) => encoder.finish(),
            Sink::Lz4(encoder) => encoder.finish().map_err(io::Error::other),
            Sink::Zstd(encoder) => encoder.finish(),
        };
        output.map_err(|source| CompressError::Codec { codec, source })
    }
}

impl Write for Compressor {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Plain(output) => output.write(bytes),
            Sink::Gzip(encoder) => encoder.write(bytes),
            Sink::Snappy(encoder) => encoder.write(bytes),
            Sink::Lz4(encoder) => encoder.write(bytes),
            Sink::Zstd(encoder) => encoder.write(bytes),
        }
    }

    /// Does nothing: to flush a codec in the middle would make its output longer.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
