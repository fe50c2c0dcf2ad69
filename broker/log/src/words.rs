//! A list of words that one owner appends to while others read, without locks.
//!
//! In: words. Out: the same words, in order. A reader sees a prefix. Never here: what they mean.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Words of the first chunk; each next one has twice as many.
const FIRST_CHUNK: usize = 32;
/// Enough for 2^24 words, more than the indexes of the largest segment have.
const CHUNKS: usize = 19;

/// Most words a list holds. Indexes leave entries out rather than be longer.
pub(crate) const LENGTH_MAX: usize = FIRST_CHUNK * ((1 << CHUNKS) - 1);

/// Chunks never move, so readers need no protection from growth.
#[derive(Debug, Default)]
pub(crate) struct Words {
    chunks: [OnceLock<Box<[AtomicU64]>>; CHUNKS],
    /// Invariant: words below are written, and are never changed again.
    length: AtomicUsize,
}

impl Words {
    pub(crate) fn len(&self) -> usize {
        self.length.load(Ordering::Acquire)
    }

    pub(crate) fn get(&self, index: usize) -> Option<u64> {
        if index >= self.len() {
            return None;
        }
        let (chunk, place) = locate(index);
        let chunk = self.chunks.get(chunk)?.get()?;
        chunk.get(place).map(|it| it.load(Ordering::Relaxed))
    }

    /// Appends words that readers see together. Only the owner may call this.
    ///
    /// # Panics
    /// When the list would be longer than [`LENGTH_MAX`].
    pub(crate) fn push(&self, words: &[u64]) {
        let mut length = self.length.load(Ordering::Relaxed);
        for word in words {
            let (chunk, place) = locate(length);
            let new_chunk = || {
                (0..FIRST_CHUNK << chunk)
                    .map(|_| AtomicU64::new(0))
                    .collect()
            };
            let slot = self
                .chunks
                .get(chunk)
                .and_then(|it| it.get_or_init(new_chunk).get(place));
            let slot = slot.expect("indexes look for room first");
            slot.store(*word, Ordering::Relaxed);
            length += 1;
        }
        self.length.store(length, Ordering::Release);
    }
}

fn locate(index: usize) -> (usize, usize) {
    let chunk = (index / FIRST_CHUNK + 1).ilog2() as usize;
    let before = FIRST_CHUNK * ((1 << chunk) - 1);
    (chunk, index - before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_in_order_across_chunks() {
        let words = Words::default();
        assert_eq!(words.get(0), None);
        for word in 0..1000 {
            words.push(&[word * 2, word * 2 + 1]);
        }
        assert_eq!(words.len(), 2000);
        for word in 0..2000 {
            assert_eq!(words.get(word), Some(word as u64));
        }
        assert_eq!(words.get(2000), None);
    }

    #[test]
    fn chunks_follow_each_other_without_a_gap() {
        let mut expected = (0, 0);
        for index in 0..10_000 {
            assert_eq!(locate(index), expected, "{index}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }
}
