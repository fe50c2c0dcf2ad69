//! zstd frames, one after another, as Java's `ZstdInputStream` reads them.
//!
//! In: frames. Out: their content, a buffer at a time.
//! Never here: dictionaries.

use std::io;

use zstd::zstd_safe::{DCtx, InBuffer, OutBuffer, get_error_name};

use super::decompressor::Next;

/// What a decoder holds beside the window: two blocks of 128 KiB and its own state.
const OVERHEAD_BYTES: usize = 1 << 20;

pub(super) struct Decoder<'a> {
    context: DCtx<'static>,
    input: InBuffer<'a>,
    is_in_frame: bool,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(input: &'a [u8]) -> Decoder<'a> {
        Decoder {
            context: DCtx::create(),
            input: InBuffer::around(input),
            is_in_frame: false,
        }
    }

    /// Fills `buffer` as far as the input reaches. `output_bytes` is what came out before.
    ///
    /// The memory for a window is reserved as its frame states it, but the system gives only as
    /// much of it as is written: a wide window costs nothing while little has come out.
    pub(super) fn next(
        &mut self,
        buffer: &mut [u8],
        output_bytes: usize,
        memory_bytes_max: usize,
    ) -> io::Result<Next> {
        let mut output = OutBuffer::around(buffer);
        while output.pos() < output.capacity() {
            let is_input_left = self.input.pos() < self.input.src.len();
            if !is_input_left && !self.is_in_frame {
                break;
            }
            let before = (self.input.pos(), output.pos());
            let hint = self.context.decompress_stream(&mut output, &mut self.input);
            let hint = hint.map_err(|code| io::Error::other(get_error_name(code)))?;
            self.is_in_frame = hint != 0;
            if self.is_in_frame && before == (self.input.pos(), output.pos()) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let bytes = output.pos();
        let held_bytes_max = memory_bytes_max.saturating_add(OVERHEAD_BYTES);
        let is_wide = self.context.sizeof() > held_bytes_max;
        if is_wide && output_bytes + bytes > memory_bytes_max {
            return Ok(Next::TooMuchMemory);
        }
        Ok(Next::Chunk(bytes))
    }
}
