//! Decompressing piece by piece, so that the whole is never held.
//!
//! In: a codec and compressed bytes. Out: what they hold, one chunk after another, up to limits.
//! Never here: what the bytes mean.

use std::io::{self, Read};

use super::{Compression, DecompressError, lz4, snappy, zstd};

/// Bytes that the codecs without blocks give at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// What a decompressor may make, and what it may hold for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes that may come out in all.
    pub output_bytes_max: usize,
    /// Most bytes that the codec may hold at a time: a block of snappy, the window of zstd. Less
    /// than 4 MiB, the largest block of lz4, limits neither that nor gzip, which needs 32 KiB.
    pub memory_bytes_max: usize,
}

/// Reads compressed bytes, a chunk at a time.
///
/// [`Decompressor::rest`] is the part of the current chunk that was not consumed;
/// [`Decompressor::fill`] replaces it by the next one. When that says `false`, the input was whole
/// and its checksums right.
pub struct Decompressor<'a> {
    codec: Compression,
    limits: Limits,
    output_bytes: usize,
    source: Source<'a>,
    buffer: Vec<u8>,
    /// The part of `buffer` that is the rest of the chunk.
    start: usize,
    end: usize,
}

enum Source<'a> {
    Plain(&'a [u8]),
    Gzip(Box<flate2::read::MultiGzDecoder<&'a [u8]>>),
    Snappy(snappy::Decoder<'a>),
    Lz4(Box<lz4::Decoder<'a>>),
    Zstd(zstd::Decoder<'a>),
}

/// What a codec says of the next chunk.
pub(super) enum Next {
    /// So many bytes of the buffer were written; 0 is the end.
    Chunk(usize),
    /// More bytes than may come out.
    TooLarge,
    /// More memory than is allowed would be needed.
    TooMuchMemory,
}

impl<'a> Decompressor<'a> {
    /// # Errors
    /// When the first bytes are not the codec's.
    pub fn new(
        codec: Compression,
        input: &'a [u8],
        limits: Limits,
    ) -> Result<Decompressor<'a>, DecompressError> {
        let corrupt = |source| DecompressError::Corrupt { codec, source };
        let source = match codec {
            Compression::None => Source::Plain(input),
            Compression::Gzip => Source::Gzip(Box::new(flate2::read::MultiGzDecoder::new(input))),
            Compression::Snappy => Source::Snappy(snappy::Decoder::new(input)),
            Compression::Lz4 => Source::Lz4(Box::new(lz4::Decoder::new(input).map_err(corrupt)?)),
            Compression::Zstd => Source::Zstd(zstd::Decoder::new(input)),
        };
        Ok(Decompressor {
            codec,
            limits,
            output_bytes: 0,
            source,
            buffer: Vec::new(),
            start: 0,
            end: 0,
        })
    }

    /// What is left of the current chunk.
    pub fn rest(&self) -> &[u8] {
        match &self.source {
            Source::Plain(rest) => rest.get(self.start..self.end).unwrap_or_default(),
            Source::Gzip(_) | Source::Snappy(_) | Source::Lz4(_) | Source::Zstd(_) => {
                self.buffer.get(self.start..self.end).unwrap_or_default()
            }
        }
    }

    /// Takes `bytes` off the front of the rest.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn consume(&mut self, bytes: usize) {
        assert!(
            bytes <= self.end - self.start,
            "only what is there is consumed"
        );
        self.start += bytes;
    }

    /// Reads the next chunk, once the current one is consumed; `false` at the end of the input.
    ///
    /// # Panics
    /// When the current chunk is not consumed.
    pub fn fill(&mut self) -> Result<bool, DecompressError> {
        assert_eq!(self.start, self.end, "a chunk is consumed before the next");
        let (codec, limits) = (self.codec, self.limits);
        let memory_bytes_max = limits.memory_bytes_max;
        let room = limits.output_bytes_max - self.output_bytes;
        let too_large = DecompressError::TooLarge {
            codec,
            output_bytes_max: limits.output_bytes_max,
        };
        let next = match &mut self.source {
            // The one chunk is the input itself.
            Source::Plain(input) => {
                self.end = input.len();
                Ok(Next::Chunk(self.end - self.start))
            }
            Source::Gzip(decoder) => {
                self.buffer.resize(CHUNK_BYTES, 0);
                read(decoder, &mut self.buffer).map(Next::Chunk)
            }
            Source::Snappy(decoder) => decoder.next(&mut self.buffer, room, memory_bytes_max),
            Source::Lz4(decoder) => decoder.next(&mut self.buffer),
            Source::Zstd(decoder) => {
                self.buffer.resize(CHUNK_BYTES, 0);
                decoder.next(&mut self.buffer, self.output_bytes, memory_bytes_max)
            }
        };
        let bytes = match next.map_err(|source| DecompressError::Corrupt { codec, source })? {
            Next::Chunk(bytes) if bytes <= room => bytes,
            Next::Chunk(_) | Next::TooLarge => return Err(too_large),
            Next::TooMuchMemory => {
                return Err(DecompressError::Memory {
                    codec,
                    memory_bytes_max,
                });
            }
        };
        if self.codec != Compression::None {
            (self.start, self.end) = (0, bytes);
        }
        self.output_bytes += bytes;
        Ok(bytes > 0)
    }
}

/// Reads into `buffer` until it is full or the input ends.
fn read(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut bytes = 0;
    while let Some(room) = buffer.get_mut(bytes..)
        && !room.is_empty()
    {
        match reader.read(room)? {
            0 => break,
            read => bytes += read,
        }
    }
    Ok(bytes)
}
