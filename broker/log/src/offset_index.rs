//! The sparse index from offsets to positions in a segment.
//!
//! In: where a batch begins, every few kilobytes. Out: the last known batch at or before an offset
//! or a position. Never here: the truth: an index is a cache, and what it says is checked against
//! the batch it points at.
//!
//! The file is Kafka's `.index`: entries of 8 bytes, the batch's base offset less the segment's,
//! and its position.

use std::io;

use crate::dir::File;
use crate::words::{LENGTH_MAX, Words};

pub(crate) const ENTRY_BYTES: usize = 8;

/// Where a batch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Base offset of the batch, less that of the segment.
    pub(crate) relative_offset: u32,
    pub(crate) position: u32,
}

impl Entry {
    fn to_word(self) -> u64 {
        (u64::from(self.relative_offset) << 32) | u64::from(self.position)
    }

    fn from_word(word: u64) -> Entry {
        let half = |bits: u64| u32::try_from(bits & 0xffff_ffff).unwrap_or(0);
        Entry {
            relative_offset: half(word >> 32),
            position: half(word),
        }
    }
}

/// The index of the segment that is appended to.
///
/// Invariant: both numbers of the entries ascend.
#[derive(Debug, Default)]
pub(crate) struct OffsetIndex {
    words: Words,
}

impl OffsetIndex {
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// Adds an entry. One that does not ascend is left out: only a damaged segment has one, and
    /// searches rely on the order.
    pub(crate) fn push(&self, entry: Entry) {
        let ascends = self.last().is_none_or(|last| {
            last.relative_offset < entry.relative_offset && last.position < entry.position
        });
        if ascends && self.len() < LENGTH_MAX {
            self.words.push(&[entry.to_word()]);
        }
    }

    pub(crate) fn last(&self) -> Option<Entry> {
        self.get(self.len().checked_sub(1)?)
    }

    fn get(&self, index: usize) -> Option<Entry> {
        self.words.get(index).map(Entry::from_word)
    }

    /// The last entry for which `is_before` holds, if it holds for a front part of the entries.
    pub(crate) fn floor(&self, is_before: impl Fn(Entry) -> bool) -> Option<Entry> {
        let get = |index| Ok(self.get(index).map(Entry::to_word));
        let found = floor(self.len(), get, |word| is_before(Entry::from_word(word)));
        found.ok().flatten().map(Entry::from_word)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let entries = (0..self.len()).filter_map(|it| self.words.get(it));
        entries.flat_map(u64::to_be_bytes).collect()
    }

    /// Reads a file's bytes. `None` when they cannot be an index of a segment of that size.
    pub(crate) fn decode(bytes: &[u8], segment_bytes: u64) -> Option<OffsetIndex> {
        let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
        if !rest.is_empty() {
            return None;
        }
        let index = OffsetIndex::default();
        for bytes in entries {
            let entry = Entry::from_word(u64::from_be_bytes(*bytes));
            if u64::from(entry.position) >= segment_bytes {
                return None;
            }
            index.push(entry);
        }
        (index.len() == entries.len()).then_some(index)
    }
}

/// [`OffsetIndex::floor`] in an index file, which is searched where it lies.
pub(crate) fn floor_in_file<F: File>(
    file: &F,
    is_before: impl Fn(Entry) -> bool,
) -> io::Result<Option<Entry>> {
    let size = usize::try_from(file.size()?).map_err(io::Error::other)?;
    let get = |index: usize| {
        let mut bytes = [0; ENTRY_BYTES];
        file.read_exact_at(&mut bytes, (index * ENTRY_BYTES) as u64)?;
        Ok(Some(u64::from_be_bytes(bytes)))
    };
    let found = floor(size / ENTRY_BYTES, get, |word| {
        is_before(Entry::from_word(word))
    })?;
    Ok(found.map(Entry::from_word))
}

/// Binary search for the last of `length` items for which `is_before` holds.
pub(crate) fn floor<T: Copy>(
    length: usize,
    get: impl Fn(usize) -> io::Result<Option<T>>,
    is_before: impl Fn(T) -> bool,
) -> io::Result<Option<T>> {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        match get(middle)? {
            Some(item) if is_before(item) => low = middle + 1,
            Some(_) | None => high = middle,
        }
    }
    match low.checked_sub(1) {
        Some(index) => get(index),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(entries: &[(u32, u32)]) -> OffsetIndex {
        let index = OffsetIndex::default();
        for (relative_offset, position) in entries.iter().copied() {
            index.push(Entry {
                relative_offset,
                position,
            });
        }
        index
    }

    #[test]
    fn the_floor_of_an_offset_is_the_last_entry_not_after_it() {
        let index = index(&[(10, 4096), (20, 8192), (30, 12_288)]);
        for (offset, expected) in [
            (0, None),
            (9, None),
            (10, Some(10)),
            (19, Some(10)),
            (30, Some(30)),
            (99, Some(30)),
        ] {
            let found = index.floor(|it| it.relative_offset <= offset);
            assert_eq!(found.map(|it| it.relative_offset), expected, "{offset}");
        }
    }

    #[test]
    fn an_index_reads_back_what_it_wrote() {
        let index = index(&[(10, 4096), (20, 8192)]);
        let bytes = index.encode();
        assert_eq!(bytes[..8], [0, 0, 0, 10, 0, 0, 0x10, 0]);
        assert_eq!(OffsetIndex::decode(&bytes, 9000).unwrap().encode(), bytes);
    }

    #[test]
    fn damaged_indexes_are_refused() {
        let bytes = index(&[(10, 4096), (20, 8192)]).encode();
        assert!(
            OffsetIndex::decode(&bytes, 8192).is_none(),
            "past the segment"
        );
        assert!(
            OffsetIndex::decode(&bytes[..9], 9000).is_none(),
            "half an entry"
        );
        assert!(OffsetIndex::decode(&[0; 24], 9000).is_none(), "zeros");
        let mut swapped = bytes[8..].to_vec();
        swapped.extend(&bytes[..8]);
        assert!(OffsetIndex::decode(&swapped, 9000).is_none(), "descending");
    }
}
