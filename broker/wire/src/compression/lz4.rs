//! lz4 frames as Kafka writes and reads them.
//!
//! In: a frame. Out: its content, and the other way round.
//! Never here: frames that Java's `Lz4BlockInputStream` refuses: blocks that depend on the ones
//! before them, dictionaries, the legacy format, skippable frames, frames without an end mark.
//!
//! ```text
//! ┌───────┬───────┬───────┬──────────────┬────────┬┬────────┬───────┬───────────┬┬───────┬───────────┐
//! │ magic │ flags │ block │ content size │ header ││ length │ block │ block     ││ 0     │ content   │
//! │       │       │ size  │ if flagged   │ check  ││        │       │ checksum? ││       │ checksum? │
//! │ 4     │ 1     │ 1     │ 8            │ 1      ││ 4      │       │ 4         ││ 4     │ 4         │
//! └───────┴───────┴───────┴──────────────┴────────┴┴────────┴───────┴───────────┴┴───────┴───────────┘
//! ```
//!
//! lz4_flex reads frames as well, but takes the end of the input for the end of the frame.

use std::hash::Hasher as _;
use std::io;

use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
use twox_hash::XxHash32;

use super::decompressor::Next;
use super::invalid;

const MAGIC: [u8; 4] = 0x184D_2204_u32.to_le_bytes();

const CONTENT_CHECKSUM_FLAG: u8 = 0b0000_0100;
const CONTENT_SIZE_FLAG: u8 = 0b0000_1000;
const BLOCK_CHECKSUM_FLAG: u8 = 0b0001_0000;
/// Version 1, and independent blocks.
const FLAGS_REQUIRED: u8 = 0b0110_0000;
/// The other version bit, the reserved bit and the dictionary's.
const FLAGS_FORBIDDEN: u8 = 0b1000_0011;

/// Set in the length of a block that is stored as it is.
const STORED_BIT: u32 = 1 << 31;
/// No block makes more bytes than this out of one, beside [`EXPANSION_CONSTANT`].
const EXPANSION_MAX: usize = 255;
const EXPANSION_CONSTANT: usize = 64;

/// What the header says about the blocks.
struct Descriptor {
    flags: u8,
    block_bytes_max: usize,
    content_size: Option<u64>,
}

pub(super) type Encoder = FrameEncoder<Vec<u8>>;

/// Reads the first frame of its input; as in Java, what follows it is ignored.
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
    descriptor: Descriptor,
    output_bytes: u64,
    checksum: XxHash32,
    is_over: bool,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(input: &'a [u8]) -> io::Result<Decoder<'a>> {
        let mut rest = input;
        let descriptor = descriptor(&mut rest)?;
        Ok(Decoder {
            rest,
            descriptor,
            output_bytes: 0,
            checksum: XxHash32::with_seed(0),
            is_over: false,
        })
    }

    /// Decompresses the next block that is not empty into `buffer`.
    pub(super) fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Next> {
        while !self.is_over {
            let word = u32::from_le_bytes(take(&mut self.rest)?);
            if word & !STORED_BIT == 0 {
                self.end()?;
                break;
            }
            let bytes = self.block(word, buffer)?;
            self.output_bytes += bytes as u64;
            if self.descriptor.flags & CONTENT_CHECKSUM_FLAG != 0 {
                self.checksum.write(buffer.get(..bytes).unwrap_or_default());
            }
            if bytes > 0 {
                return Ok(Next::Chunk(bytes));
            }
        }
        Ok(Next::Chunk(0))
    }

    /// Reads the block whose length is in `word`; returns how many bytes it holds.
    fn block(&mut self, word: u32, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let block_bytes_max = self.descriptor.block_bytes_max;
        let length = (word & !STORED_BIT) as usize;
        if length > block_bytes_max {
            return Err(invalid("an lz4 block is longer than the frame allows"));
        }
        let (block, after) = self
            .rest
            .split_at_checked(length)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        self.rest = after;
        if self.descriptor.flags & BLOCK_CHECKSUM_FLAG != 0 {
            let found = XxHash32::oneshot(0, block);
            check(found, take(&mut self.rest)?)?;
        }
        let is_stored = word & STORED_BIT != 0;
        // What is reserved follows the bytes that are there, so that a short block costs little.
        let possible = if is_stored {
            length
        } else {
            block_bytes_max.min(length * EXPANSION_MAX + EXPANSION_CONSTANT)
        };
        if buffer.len() < possible {
            buffer.resize(possible, 0);
        }
        let target = buffer.get_mut(..possible).unwrap_or_default();
        if is_stored {
            target.copy_from_slice(block);
            return Ok(length);
        }
        lz4_flex::block::decompress_into(block, target)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Reads what follows the end mark.
    fn end(&mut self) -> io::Result<()> {
        self.is_over = true;
        if self.descriptor.flags & CONTENT_CHECKSUM_FLAG != 0 {
            check(self.checksum.finish_32(), take(&mut self.rest)?)?;
        }
        let size = self.descriptor.content_size;
        if size.is_some_and(|it| it != self.output_bytes) {
            return Err(invalid("an lz4 frame states another size than it has"));
        }
        Ok(())
    }
}

fn descriptor(rest: &mut &[u8]) -> io::Result<Descriptor> {
    if take(rest)? != MAGIC {
        return Err(invalid("no lz4 frame begins here"));
    }
    let start = *rest;
    let [flags, block_size] = take(rest)?;
    if flags & FLAGS_REQUIRED != FLAGS_REQUIRED || flags & FLAGS_FORBIDDEN != 0 {
        return Err(invalid(
            "only lz4 frames of version 1 with independent blocks are read",
        ));
    }
    let block_bytes_max = match block_size {
        0x40 => 64 << 10,
        0x50 => 256 << 10,
        0x60 => 1 << 20,
        0x70 => 4 << 20,
        _ => return Err(invalid("an lz4 frame has an unknown block size")),
    };
    let content_size = match flags & CONTENT_SIZE_FLAG {
        0 => None,
        _ => Some(u64::from_le_bytes(take(rest)?)),
    };
    let hashed = start.get(..start.len() - rest.len()).unwrap_or_default();
    let [_, expected, ..] = XxHash32::oneshot(0, hashed).to_le_bytes();
    let [found] = take(rest)?;
    if found != expected {
        return Err(invalid("the header of an lz4 frame fails its checksum"));
    }
    Ok(Descriptor {
        flags,
        block_bytes_max,
        content_size,
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> io::Result<[u8; N]> {
    let (taken, after) = rest
        .split_first_chunk()
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    *rest = after;
    Ok(*taken)
}

fn check(found: u32, stated: [u8; 4]) -> io::Result<()> {
    if found == u32::from_le_bytes(stated) {
        Ok(())
    } else {
        Err(invalid("an lz4 frame fails its checksum"))
    }
}

/// One frame with blocks of 64 KiB, as Kafka's `Lz4BlockOutputStream` writes it.
pub(super) fn encoder(output: Vec<u8>) -> Encoder {
    let info = FrameInfo::new()
        .block_mode(BlockMode::Independent)
        .block_size(BlockSize::Max64KB);
    FrameEncoder::with_frame_info(info, output)
}
