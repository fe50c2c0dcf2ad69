//! The compression codecs of record batches.
//!
//! In: bytes and a codec. Out: bytes, never more than the caller allows.
//! Never here: which codec a topic wants, or what the bytes mean.
//!
//! What Java's consumers could not read again is refused here too: a broker that passes batches
//! through is the last one who can. Concatenated gzip members, zstd frames and snappy streams are
//! read as one, as Java reads them.

mod lz4;
mod snappy;

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::ops::RangeInclusive;

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

/// Decompresses `input` to at most `output_bytes_max` bytes.
///
/// The output grows with what comes out of the codec, never with what the input promises. Beside
/// it, gzip holds a window of 32 KiB and zstd one of at most 128 MiB, of which only as much is
/// touched as comes out.
pub fn decompress(
    codec: Compression,
    input: &[u8],
    output_bytes_max: usize,
) -> Result<Cow<'_, [u8]>, DecompressError> {
    let corrupt = |source| DecompressError::Corrupt { codec, source };
    let output = match codec {
        Compression::None if input.len() <= output_bytes_max => return Ok(Cow::Borrowed(input)),
        Compression::None => Ok(None),
        Compression::Gzip => read_up_to(flate2::read::MultiGzDecoder::new(input), output_bytes_max),
        Compression::Snappy => snappy::decompress(input, output_bytes_max),
        Compression::Lz4 => lz4::decompress(input, output_bytes_max),
        Compression::Zstd => zstd::stream::read::Decoder::with_buffer(input)
            .and_then(|it| read_up_to(it, output_bytes_max)),
    };
    match output.map_err(corrupt)? {
        Some(output) => Ok(Cow::Owned(output)),
        None => Err(DecompressError::TooLarge {
            codec,
            output_bytes_max,
        }),
    }
}

/// Compresses `input`. Without a level the codec's default is taken, which is Kafka's: 6 for gzip,
/// 3 for zstd. For lz4 all levels compress alike.
pub fn compress(
    codec: Compression,
    level: Option<i32>,
    input: &[u8],
) -> Result<Vec<u8>, CompressError> {
    if let Some(level) = level
        && !codec.levels().is_some_and(|it| it.contains(&level))
    {
        return Err(CompressError::Level { codec, level });
    }
    let output = match codec {
        Compression::None => Ok(input.to_vec()),
        Compression::Gzip => gzip(level, input),
        Compression::Snappy => snappy::compress(input),
        Compression::Lz4 => lz4::compress(input),
        Compression::Zstd => {
            zstd::bulk::compress(input, level.unwrap_or(zstd::DEFAULT_COMPRESSION_LEVEL))
        }
    };
    output.map_err(|source| CompressError::Codec { codec, source })
}

fn gzip(level: Option<i32>, input: &[u8]) -> io::Result<Vec<u8>> {
    let level = level.and_then(|it| u32::try_from(it).ok());
    let level = level.map_or_else(flate2::Compression::default, flate2::Compression::new);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(input)?;
    encoder.finish()
}

/// Reads to the end, or returns `None` when more than `output_bytes_max` bytes come.
fn read_up_to(reader: impl Read, output_bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let limit = u64::try_from(output_bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut output = Vec::new();
    reader.take(limit).read_to_end(&mut output)?;
    Ok((output.len() <= output_bytes_max).then_some(output))
}

/// An error of a codec whose own error type says less than a sentence.
fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests;
