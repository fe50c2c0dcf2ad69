//! The sparse index from timestamps to offsets in a segment.
//!
//! In: the greatest timestamp so far and the batch that has it. Out: where to begin to look for a
//! timestamp. Never here: the truth: an index is a cache.
//!
//! The file is Kafka's `.timeindex`: entries of 12 bytes, a timestamp and an offset less the
//! segment's. All batches up to that one have no greater timestamp.

use std::io;

use broker_types::Timestamp;

use crate::dir::File;
use crate::offset_index::floor;
use crate::words::{LENGTH_MAX, Words};

pub(crate) const ENTRY_BYTES: usize = 12;

/// The greatest timestamp of the segment up to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) timestamp: Timestamp,
    /// Base offset of the batch that has it, less that of the segment.
    pub(crate) relative_offset: u32,
}

impl Entry {
    fn from_bytes(bytes: [u8; ENTRY_BYTES]) -> Entry {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
        Entry {
            timestamp: Timestamp::from_millis(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
            relative_offset: u32::from_be_bytes([i, j, k, l]),
        }
    }
}

/// The index of the segment that is appended to.
///
/// Invariant: the timestamps ascend.
#[derive(Debug, Default)]
pub(crate) struct TimeIndex {
    words: Words,
}

impl TimeIndex {
    pub(crate) fn len(&self) -> usize {
        self.words.len() / 2
    }

    fn get(&self, index: usize) -> Option<Entry> {
        let timestamp = self.words.get(2 * index)?.cast_signed();
        Some(Entry {
            timestamp: Timestamp::from_millis(timestamp),
            relative_offset: u32::try_from(self.words.get(2 * index + 1)?).ok()?,
        })
    }

    pub(crate) fn last(&self) -> Option<Entry> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Adds an entry if its timestamp is greater than the last one.
    pub(crate) fn push(&self, entry: Entry) {
        let is_greater = self.last().is_none_or(|it| it.timestamp < entry.timestamp);
        if is_greater && self.words.len() + 2 <= LENGTH_MAX {
            let timestamp = entry.timestamp.as_millis().cast_unsigned();
            self.words
                .push(&[timestamp, u64::from(entry.relative_offset)]);
        }
    }

    /// The last entry before the first one with `timestamp` or a greater one.
    pub(crate) fn before(&self, timestamp: Timestamp) -> Option<Entry> {
        let get = |index| Ok(self.get(index));
        let found = floor(self.len(), get, |it: Entry| it.timestamp < timestamp);
        found.ok().flatten()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len() * ENTRY_BYTES);
        for entry in (0..self.len()).filter_map(|it| self.get(it)) {
            bytes.extend(entry.timestamp.as_millis().to_be_bytes());
            bytes.extend(entry.relative_offset.to_be_bytes());
        }
        bytes
    }

    /// Reads a file's bytes. `None` when they cannot be a time index.
    pub(crate) fn decode(bytes: &[u8]) -> Option<TimeIndex> {
        let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
        let index = TimeIndex::default();
        for entry in entries {
            let length = index.len();
            index.push(Entry::from_bytes(*entry));
            if index.len() == length {
                return None;
            }
        }
        rest.is_empty().then_some(index)
    }
}

/// [`TimeIndex::before`] in an index file.
pub(crate) fn before_in_file<F: File>(file: &F, timestamp: Timestamp) -> io::Result<Option<Entry>> {
    let get = |index| entry_in_file(file, index);
    floor(length(file)?, get, |it: Entry| it.timestamp < timestamp)
}

/// The last entry of an index file: the greatest timestamp of its segment.
pub(crate) fn last_in_file<F: File>(file: &F) -> io::Result<Option<Entry>> {
    match length(file)?.checked_sub(1) {
        Some(index) => entry_in_file(file, index),
        None => Ok(None),
    }
}

fn length<F: File>(file: &F) -> io::Result<usize> {
    Ok(usize::try_from(file.size()?).map_err(io::Error::other)? / ENTRY_BYTES)
}

fn entry_in_file<F: File>(file: &F, index: usize) -> io::Result<Option<Entry>> {
    let mut bytes = [0; ENTRY_BYTES];
    file.read_exact_at(&mut bytes, (index * ENTRY_BYTES) as u64)?;
    Ok(Some(Entry::from_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(entries: &[(i64, u32)]) -> TimeIndex {
        let index = TimeIndex::default();
        for (millis, relative_offset) in entries.iter().copied() {
            index.push(Entry {
                timestamp: Timestamp::from_millis(millis),
                relative_offset,
            });
        }
        index
    }

    #[test]
    fn only_greater_timestamps_are_kept() {
        let index = index(&[(100, 1), (100, 2), (90, 3), (101, 4)]);
        assert_eq!(index.len(), 2);
        assert_eq!(index.last().unwrap().relative_offset, 4);
    }

    #[test]
    fn a_search_begins_before_the_first_entry_that_is_late_enough() {
        let index = index(&[(100, 1), (200, 5), (300, 9)]);
        for (millis, expected) in [(100, None), (101, Some(1)), (200, Some(1)), (999, Some(9))] {
            let found = index.before(Timestamp::from_millis(millis));
            assert_eq!(found.map(|it| it.relative_offset), expected, "{millis}");
        }
    }

    #[test]
    fn an_index_reads_back_what_it_wrote_and_refuses_damage() {
        let index = index(&[(-5, 0), (200, 5)]);
        let bytes = index.encode();
        assert_eq!(TimeIndex::decode(&bytes).unwrap().encode(), bytes);
        assert!(TimeIndex::decode(&bytes[1..]).is_none());
        assert!(TimeIndex::decode(&[0; 24]).is_none());
    }
}
