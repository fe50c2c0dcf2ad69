//! The compression codecs of record batches.
//!
//! In: bytes and a codec. Out: bytes, never more than the caller allows.
//! Never here: which codec a topic wants, or what the bytes mean.
//!
//! What Java's consumers could not read again is refused here too: a broker that passes batches
//! through is the last one who can. Concatenated gzip members, zstd frames and snappy streams are
//! read as one, as Java reads them.

mod compressor;
mod decompressor;
mod lz4;
mod snappy;
mod zstd;

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::RangeInclusive;

pub use compressor::Compressor;
pub use decompressor::{Decompressor, Limits};

/// A codec, as the lowest three bits of a batch's attributes name it
/// (`org.apache.kafka.common.record.internal.CompressionType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    /// Readable only by clients that speak Produce 7 or Fetch 10 and later (KIP-110).
    Zstd,
}

impl Compression {
    /// All codecs, in the order of their numbers.
    pub const ALL: [Compression; 5] = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];

    /// The codec with this number. `None` for a number that Kafka has not given out.
    pub fn from_wire(number: u8) -> Option<Compression> {
        Compression::ALL.get(usize::from(number)).copied()
    }

    /// The number in a batch's attributes.
    pub const fn to_wire(self) -> u8 {
        self as u8
    }

    /// The name in the config `compression.type`.
    pub const fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        }
    }

    /// Levels the codec takes, as the configs `compression.<codec>.level` allow them (KIP-390).
    pub const fn levels(self) -> Option<RangeInclusive<i32>> {
        match self {
            Compression::None | Compression::Snappy => None,
            Compression::Gzip => Some(1..=9),
            Compression::Lz4 => Some(1..=17),
            Compression::Zstd => Some(-131_072..=22),
        }
    }
}

/// Why bytes could not be decompressed.
#[derive(Debug, thiserror::Error)]
pub enum DecompressError {
    #[error("{} decompresses to more than {output_bytes_max} bytes", codec.name())]
    TooLarge {
        codec: Compression,
        output_bytes_max: usize,
    },
    #[error("the bytes are not {}", codec.name())]
    Corrupt {
        codec: Compression,
        source: io::Error,
    },
    #[error("{} needs more than {memory_bytes_max} bytes of memory to read what was sent", codec.name())]
    Memory {
        codec: Compression,
        memory_bytes_max: usize,
    },
}

/// Why bytes could not be compressed.
#[derive(Debug, thiserror::Error)]
pub enum CompressError {
    #[error("{} has no level {level}", codec.name())]
    Level { codec: Compression, level: i32 },
    #[error("failed to compress with {}", codec.name())]
    Codec {
        codec: Compression,
        source: io::Error,
    },
}

/// Decompresses `input` to at most `output_bytes_max` bytes, all of which are held at once.
///
/// The output grows with what comes out of the codec, never with what the input promises.
pub fn decompress(
    codec: Compression,
    input: &[u8],
    output_bytes_max: usize,
) -> Result<Cow<'_, [u8]>, DecompressError> {
    let limits = Limits {
        output_bytes_max,
        memory_bytes_max: usize::MAX,
    };
    if codec == Compression::None && input.len() <= output_bytes_max {
        return Ok(Cow::Borrowed(input));
    }
    let mut decompressor = Decompressor::new(codec, input, limits)?;
    let mut output = Vec::new();
    while decompressor.fill()? {
        let chunk = decompressor.rest();
        output.extend_from_slice(chunk);
        let bytes = chunk.len();
        decompressor.consume(bytes);
    }
    Ok(Cow::Owned(output))
}

/// Compresses `input`. Without a level the codec's default is taken, which is Kafka's: 6 for gzip,
/// 3 for zstd. For lz4 all levels compress alike.
pub fn compress(
    codec: Compression,
    level: Option<i32>,
    input: &[u8],
) -> Result<Vec<u8>, CompressError> {
    let mut compressor = Compressor::new(codec, level, Vec::new())?;
    let written = compressor.write_all(input);
    written.map_err(|source| CompressError::Codec { codec, source })?;
    compressor.finish()
}

/// An error of a codec whose own error type says less than a sentence.
fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests;
