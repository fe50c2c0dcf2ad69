//! Snappy as Kafka's clients write it: xerial's stream of blocks, or one bare block.
//!
//! In: either form. Out: the bytes, and xerial's form the other way round.
//! Never here: the framing format of snappy itself, which Kafka does not use.
//!
//! ```text
//! ┌──────────────────────┬─────────┬────────────┬┬────────┬───────────┬┬───
//! │ 82 S N A P P Y 00    │ version │ compatible ││ length │ raw block ││ ...
//! │ 8                    │ 4       │ 4          ││ 4      │           ││
//! └──────────────────────┴─────────┴────────────┴┴────────┴───────────┴┴───
//! ```

use std::io;

use super::invalid;

const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const VERSION: [u8; 4] = 1_i32.to_be_bytes();
const HEADER_BYTES: usize = 16;
/// Block size of `SnappyOutputStream`.
const BLOCK_BYTES: usize = 32 * 1024;
/// No element of a block makes more bytes than this out of one.
const EXPANSION_MAX: usize = 64;

/// Returns `None` when more than `output_bytes_max` bytes would come.
pub(super) fn decompress(input: &[u8], output_bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut output = Vec::new();
    if !input.starts_with(&MAGIC) {
        let fits = append_block(input, &mut output, output_bytes_max)?;
        return Ok(fits.then_some(output));
    }
    let mut rest = input;
    while !rest.is_empty() {
        // A header may stand wherever a block may: streams can be concatenated.
        if rest.starts_with(&MAGIC) {
            rest = rest
                .get(HEADER_BYTES..)
                .ok_or(io::ErrorKind::UnexpectedEof)?;
            continue;
        }
        let (length, after) = rest
            .split_first_chunk()
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let length = usize::try_from(i32::from_be_bytes(*length))
            .map_err(|_| invalid("the length of a snappy block is negative"))?;
        let (block, after) = after
            .split_at_checked(length)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        if !append_block(block, &mut output, output_bytes_max)? {
            return Ok(None);
        }
        rest = after;
    }
    Ok(Some(output))
}

/// Appends what a raw block holds; `false` when that would pass `output_bytes_max`.
fn append_block(block: &[u8], output: &mut Vec<u8>, output_bytes_max: usize) -> io::Result<bool> {
    let stated = snap::raw::decompress_len(block)?;
    // The length is the block's own word: hold it against what the block can hold at most.
    if stated / EXPANSION_MAX > block.len() {
        return Err(invalid("a snappy block states more bytes than it can hold"));
    }
    let start = output.len();
    if output_bytes_max - start < stated {
        return Ok(false);
    }
    output.resize(start + stated, 0);
    let room = output.get_mut(start..).unwrap_or_default();
    let written = snap::raw::Decoder::new().decompress(block, room)?;
    output.truncate(start + written);
    Ok(true)
}

pub(super) fn compress(input: &[u8]) -> io::Result<Vec<u8>> {
    let mut output = Vec::with_capacity(HEADER_BYTES + input.len() / 2);
    output.extend(MAGIC);
    output.extend(VERSION);
    output.extend(VERSION);
    let mut encoder = snap::raw::Encoder::new();
    for block in input.chunks(BLOCK_BYTES) {
        let block = encoder.compress_vec(block)?;
        let length = i32::try_from(block.len()).map_err(io::Error::other)?;
        output.extend(length.to_be_bytes());
        output.extend(block);
    }
    Ok(output)
}
