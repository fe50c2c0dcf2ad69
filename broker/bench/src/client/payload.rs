//! What records hold.
//!
//! In: sizes. Out: bytes that compress as data does, or not at all. Never here: batches.

use rand::RngExt;

/// Bytes of which each record takes a part.
const POOL_BYTES: usize = 4 * 1024 * 1024;
/// Length of what is repeated in bytes that compress.
const CHUNK_BYTES: usize = 64;

/// Values of records, all of one size, none like the one before.
pub(crate) struct Payload {
    pool: Vec<u8>,
    bytes: usize,
    position: usize,
}

impl Payload {
    /// Random bytes; nothing can compress them.
    pub(crate) fn random(bytes: usize) -> Payload {
        let mut pool = vec![0; POOL_BYTES + bytes];
        rand::rng().fill(&mut pool[..]);
        Payload {
            pool,
            bytes,
            position: 0,
        }
    }

    /// Bytes of which every other chunk is one of sixteen: about half goes away.
    pub(crate) fn compressible(bytes: usize) -> Payload {
        let mut payload = Payload::random(bytes);
        let words: Vec<[u8; CHUNK_BYTES]> = (0..16).map(|_| rand::rng().random()).collect();
        for (index, chunk) in payload.pool.chunks_exact_mut(CHUNK_BYTES).enumerate() {
            if let Some(word) = words.get(index / 2 % 16).filter(|_| index % 2 == 0) {
                chunk.copy_from_slice(word);
            }
        }
        payload
    }

    pub(crate) fn next(&mut self) -> &[u8] {
        // A prime step, so that parts do not repeat.
        self.position = (self.position + 10_007) % POOL_BYTES;
        let end = self.position + self.bytes;
        self.pool.get(self.position..end).unwrap_or_default()
    }
}
