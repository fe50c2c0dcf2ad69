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

use std::io::{self, Write};

use super::decompressor::Next;
use super::invalid;

const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const VERSION: [u8; 4] = 1_i32.to_be_bytes();
const HEADER_BYTES: usize = 16;
/// Block size of `SnappyOutputStream`.
const BLOCK_BYTES: usize = 32 * 1024;
/// No element of a block makes more bytes than this out of one.
const EXPANSION_MAX: usize = 64;

pub(super) struct Decoder<'a> {
    rest: &'a [u8],
    is_stream: bool,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(input: &'a [u8]) -> Decoder<'a> {
        Decoder {
            rest: input,
            is_stream: input.starts_with(&MAGIC),
        }
    }

    /// Decompresses the next block that is not empty into `buffer`. `room` is how many bytes may
    /// still come.
    pub(super) fn next(
        &mut self,
        buffer: &mut Vec<u8>,
        room: usize,
        memory_bytes_max: usize,
    ) -> io::Result<Next> {
        while let Some(block) = self.next_block()? {
            let stated = snap::raw::decompress_len(block)?;
            // The length is the block's own word: hold it against what the block can hold at most.
            if stated / EXPANSION_MAX > block.len() {
                return Err(invalid("a snappy block states more bytes than it can hold"));
            }
            if stated > room {
                return Ok(Next::TooLarge);
            }
            if stated > memory_bytes_max {
                return Ok(Next::TooMuchMemory);
            }
            if buffer.len() < stated {
                buffer.resize(stated, 0);
            }
            let written = snap::raw::Decoder::new().decompress(block, buffer)?;
            if written > 0 {
                return Ok(Next::Chunk(written));
            }
        }
        Ok(Next::Chunk(0))
    }

    fn next_block(&mut self) -> io::Result<Option<&'a [u8]>> {
        if !self.is_stream {
            let block = std::mem::take(&mut self.rest);
            self.is_stream = true;
            return Ok(Some(block));
        }
        // A header may stand wherever a block may: streams can be concatenated.
        while self.rest.starts_with(&MAGIC) {
            let rest = self.rest.get(HEADER_BYTES..);
            self.rest = rest.ok_or(io::ErrorKind::UnexpectedEof)?;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (length, after) = self
            .rest
            .split_first_chunk()
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let length = usize::try_from(i32::from_be_bytes(*length))
            .map_err(|_| invalid("the length of a snappy block is negative"))?;
        let (block, after) = after
            .split_at_checked(length)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        self.rest = after;
        Ok(Some(block))
    }
}

/// Writes xerial's stream.
pub(super) struct Encoder {
    output: Vec<u8>,
    /// What was written and is not yet a block; less than one.
    block: Vec<u8>,
}

impl Encoder {
    pub(super) fn new(mut output: Vec<u8>) -> Encoder {
        output.extend(MAGIC);
        output.extend(VERSION);
        output.extend(VERSION);
        Encoder {
            output,
            block: Vec::new(),
        }
    }

    pub(super) fn output_bytes(&self) -> usize {
        self.output.len()
    }

    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        Ok(self.output)
    }

    fn end_block(&mut self) -> io::Result<()> {
        let block = snap::raw::Encoder::new().compress_vec(&self.block)?;
        let length = i32::try_from(block.len()).map_err(io::Error::other)?;
        self.output.extend(length.to_be_bytes());
        self.output.extend(block);
        self.block.clear();
        Ok(())
    }
}

impl Write for Encoder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK_BYTES - self.block.len());
        self.block
            .extend_from_slice(bytes.get(..taken).unwrap_or_default());
        if self.block.len() == BLOCK_BYTES {
            self.end_block()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
