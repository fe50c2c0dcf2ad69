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

use std::io::{self, Write};

use lz4_flex::block::DecompressError;
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
use twox_hash::XxHash32;

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

/// Decompresses the first frame of `input`; as in Java, what follows it is ignored. Returns `None`
/// when more than `output_bytes_max` bytes would come.
pub(super) fn decompress(input: &[u8], output_bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut rest = input;
    let descriptor = descriptor(&mut rest)?;
    let mut output = Vec::new();
    loop {
        let word = u32::from_le_bytes(take(&mut rest)?);
        if word == 0 {
            break;
        }
        let length = (word & !STORED_BIT) as usize;
        if length > descriptor.block_bytes_max {
            return Err(invalid("an lz4 block is longer than the frame allows"));
        }
        let (block, after) = rest
            .split_at_checked(length)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        rest = after;
        if descriptor.flags & BLOCK_CHECKSUM_FLAG != 0 {
            check(block, take(&mut rest)?)?;
        }
        let room = output_bytes_max - output.len();
        let fits = if word & STORED_BIT == 0 {
            append_block(block, &mut output, descriptor.block_bytes_max, room)?
        } else {
            let fits = length <= room;
            output.extend(if fits { block } else { &[] });
            fits
        };
        if !fits {
            return Ok(None);
        }
    }
    if descriptor.flags & CONTENT_CHECKSUM_FLAG != 0 {
        check(&output, take(&mut rest)?)?;
    }
    if descriptor
        .content_size
        .is_some_and(|size| usize::try_from(size) != Ok(output.len()))
    {
        return Err(invalid("an lz4 frame states another size than it has"));
    }
    Ok(Some(output))
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

fn check(bytes: &[u8], checksum: [u8; 4]) -> io::Result<()> {
    if XxHash32::oneshot(0, bytes) == u32::from_le_bytes(checksum) {
        Ok(())
    } else {
        Err(invalid("an lz4 frame fails its checksum"))
    }
}

/// Appends what a compressed block holds; `false` when that would take more than `room` bytes.
fn append_block(
    block: &[u8],
    output: &mut Vec<u8>,
    block_bytes_max: usize,
    room: usize,
) -> io::Result<bool> {
    // What is reserved follows the bytes that are there, so that many short blocks cost little.
    let possible = block_bytes_max.min(block.len() * EXPANSION_MAX + EXPANSION_CONSTANT);
    let reserved = possible.min(room);
    let start = output.len();
    output.resize(start + reserved, 0);
    let target = output.get_mut(start..).unwrap_or_default();
    match lz4_flex::block::decompress_into(block, target) {
        Ok(written) => {
            output.truncate(start + written);
            Ok(true)
        }
        Err(DecompressError::OutputTooSmall { .. }) if reserved < possible => Ok(false),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}

/// One frame with blocks of 64 KiB, as Kafka's `Lz4BlockOutputStream` writes it.
pub(super) fn compress(input: &[u8]) -> io::Result<Vec<u8>> {
    let info = FrameInfo::new()
        .block_mode(BlockMode::Independent)
        .block_size(BlockSize::Max64KB);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(input)?;
    encoder.finish().map_err(io::Error::other)
}
