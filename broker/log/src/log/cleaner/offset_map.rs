//! Keys and the offsets of their last records.
//!
//! In: keys with ascending offsets. Out: the offset of the last record with a key. Never here: the
//! keys themselves: 128 bits of a hash stand for each. It has a secret, so that nobody can make
//! keys that are taken for each other.

#![expect(
    clippy::disallowed_types,
    reason = "keys are looked up, and nothing ever goes through all of them"
)]

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use broker_types::Offset;
use siphasher::sip128::SipHasher13;

/// Bytes that an entry takes: hash, offset, and its part of a table that is seven eighths full.
const ENTRY_BYTES: usize = 32;

/// The map has as many keys as it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Keys of a part of a log, and their last offsets.
pub(super) struct OffsetMap {
    hasher: SipHasher13,
    offsets: HashMap<(u64, u64), Offset, BuildHasherDefault<Hashed>>,
    keys_max: usize,
}

impl OffsetMap {
    /// A map that takes at most `bytes_max` bytes, and at least one key.
    pub(super) fn new(secret: [u64; 2], bytes_max: usize) -> OffsetMap {
        let [first, second] = secret;
        OffsetMap {
            hasher: SipHasher13::new_with_keys(first, second),
            offsets: HashMap::default(),
            // A table doubles: while it grows there are two.
            keys_max: (bytes_max / ENTRY_BYTES / 3).max(1),
        }
    }

    /// A record with this key was met.
    ///
    /// # Errors
    /// When the key is another one, and the map is full.
    pub(super) fn insert(&mut self, key: &[u8], offset: Offset) -> Result<(), Full> {
        let is_full = self.offsets.len() >= self.keys_max;
        match self.offsets.entry(self.hash(key)) {
            Entry::Occupied(mut entry) => {
                entry.insert(offset);
                Ok(())
            }
            Entry::Vacant(_) if is_full => Err(Full),
            Entry::Vacant(entry) => {
                entry.insert(offset);
                Ok(())
            }
        }
    }

    pub(super) fn last_offset(&self, key: &[u8]) -> Option<Offset> {
        self.offsets.get(&self.hash(key)).copied()
    }

    fn hash(&self, key: &[u8]) -> (u64, u64) {
        let hash = self.hasher.hash(key);
        (hash.h1, hash.h2)
    }
}

/// The keys of the table are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("a key is two words");
    }

    fn write_u64(&mut self, word: u64) {
        self.0 ^= word;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_offset_counts() {
        let mut map = OffsetMap::new([1, 2], 1 << 20);
        for offset in 0..1_000 {
            let key = format!("key-{}", offset % 10);
            map.insert(key.as_bytes(), Offset::new(offset)).unwrap();
        }
        assert_eq!(map.last_offset(b"key-3"), Some(Offset::new(993)));
        assert_eq!(map.last_offset(b""), None);
    }

    #[test]
    fn a_full_map_takes_only_keys_that_it_has() {
        let mut map = OffsetMap::new([1, 2], 0);
        map.insert(b"a", Offset::new(0)).unwrap();
        assert_eq!(map.insert(b"b", Offset::new(1)), Err(Full));
        map.insert(b"a", Offset::new(2)).unwrap();
        assert_eq!(map.last_offset(b"a"), Some(Offset::new(2)));
    }
}
