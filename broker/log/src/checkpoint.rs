//! The replica's own small record of what it promised: its stated end and its log start.
//!
//! In: the two offsets. Out: the newest pair that was written whole. Never here: when to sync.
//!
//! The file holds two slots in blocks of their own, and each write goes to the slot that is not
//! known to be durable; so a torn write never costs the last durable pair.
//!
//! ```text
//!   slot 0 at 0, slot 1 at 4096:
//!   │magic 4│counter 8│stated end offset 8│log start offset 8│crc-32c of the bytes before 4│
//! ```

use std::path::{Path, PathBuf};

use broker_types::Offset;

use crate::dir::{Dir, File, OpenMode};
use crate::error::Error;
use crate::names;

const MAGIC: u32 = 0x544d_6301;
const SLOT_BYTES: usize = 32;
const BODY_BYTES: usize = 28;
const SLOT_POSITIONS: [u64; 2] = [0, 4096];

/// What a replica promised.
///
/// Invariant: `log_start_offset <= stated_end_offset` unless the log was restarted further on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The durable end that this replica stated, at the time of writing: all below is on the disk.
    pub(crate) stated_end_offset: Offset,
    pub(crate) log_start_offset: Offset,
}

/// The file, and which slot may be overwritten.
#[derive(Debug)]
pub(crate) struct CheckpointFile {
    path: PathBuf,
    /// Counter of the last write; it grows with each.
    counter: u64,
    /// The slot that a crash cannot take away.
    durable_slot: Option<usize>,
    last_slot: usize,
}

impl CheckpointFile {
    /// Opens the file of a partition and reads the newest pair that the disk has: after a failed sync
    /// the page cache may have a newer one that nobody will ever see again. `None` when nothing was
    /// ever synced there.
    ///
    /// # Errors
    /// [`Error::DamagedCheckpoint`] when there is something, and none of it is readable.
    pub(crate) fn open<D: Dir>(
        dir: &D,
        folder: &Path,
    ) -> Result<(CheckpointFile, Option<Checkpoint>), Error> {
        let path = folder.join(names::CHECKPOINT);
        let mut slots = [[0; SLOT_BYTES]; 2];
        let read_error = |source| Error::ReadCheckpoint {
            path: path.clone(),
            source,
        };
        if dir.exists(&path).map_err(read_error)? {
            for (slot, position) in slots.iter_mut().zip(SLOT_POSITIONS) {
                let read = dir
                    .read_durable(&path, slot, position)
                    .map_err(read_error)?;
                // The file ends within a slot that was never synced.
                if read < SLOT_BYTES {
                    *slot = [0; SLOT_BYTES];
                }
            }
        }
        let found = slots.iter().enumerate();
        let newest = found
            .filter_map(|(slot, bytes)| decode(bytes).map(|(counter, pair)| (counter, slot, pair)))
            .max_by_key(|(counter, ..)| *counter);
        if newest.is_none() && slots.iter().flatten().any(|it| *it != 0) {
            return Err(Error::DamagedCheckpoint { path });
        }
        let file = CheckpointFile {
            path,
            counter: newest.map_or(0, |(counter, ..)| counter),
            durable_slot: newest.map(|(_, slot, _)| slot),
            last_slot: newest.map_or(1, |(_, slot, _)| slot),
        };
        Ok((file, newest.map(|(.., pair)| pair)))
    }

    /// Whether any pair is durable.
    pub(crate) fn is_durable(&self) -> bool {
        self.durable_slot.is_some()
    }

    /// Writes a pair into the page cache. Returns the file, which must be synced before the pair
    /// counts, and the write's counter for [`CheckpointFile::handle_synced`].
    pub(crate) fn write<D: Dir>(
        &mut self,
        dir: &D,
        checkpoint: Checkpoint,
    ) -> Result<(D::File, u64), Error> {
        let slot = match self.durable_slot {
            Some(slot) => 1 - slot,
            None => 1 - self.last_slot,
        };
        self.counter += 1;
        self.last_slot = slot;
        let bytes = encode(self.counter, checkpoint);
        let position = SLOT_POSITIONS.get(slot).copied().unwrap_or(0);
        let write = || {
            let file = dir.open(&self.path, OpenMode::Create)?;
            if self.durable_slot.is_none() && self.counter == 1 {
                // So that no later write needs room: what deletes must work on a full disk.
                let last = SLOT_POSITIONS.last().copied().unwrap_or(0);
                file.write_at(&[&[0; SLOT_BYTES]], last)?;
            }
            file.write_at(&[&bytes], position)?;
            Ok(file)
        };
        match write() {
            Ok(file) => Ok((file, self.counter)),
            Err(source) => Err(Error::WriteCheckpoint {
                path: self.path.clone(),
                source,
            }),
        }
    }

    /// The write with this counter was synced. Returns whether it is durable now: if there was
    /// another one since, it went to the same slot, and what of it is on the disk is not known.
    pub(crate) fn handle_synced(&mut self, counter: u64) -> bool {
        let is_last = counter == self.counter;
        if is_last {
            self.durable_slot = Some(self.last_slot);
        }
        is_last
    }
}

fn encode(counter: u64, checkpoint: Checkpoint) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SLOT_BYTES);
    bytes.extend(MAGIC.to_be_bytes());
    bytes.extend(counter.to_be_bytes());
    bytes.extend(checkpoint.stated_end_offset.to_wire().to_be_bytes());
    bytes.extend(checkpoint.log_start_offset.to_wire().to_be_bytes());
    bytes.extend(crc_fast::crc32_iscsi(&bytes).to_be_bytes());
    bytes
}

fn decode(slot: &[u8; SLOT_BYTES]) -> Option<(u64, Checkpoint)> {
    let (body, crc) = slot.split_first_chunk::<BODY_BYTES>()?;
    if crc_fast::crc32_iscsi(body).to_be_bytes() != *crc {
        return None;
    }
    let (magic, numbers) = body.split_first_chunk::<4>()?;
    let (numbers, _) = numbers.as_chunks::<8>();
    let [counter, stated_end_offset, log_start_offset] = numbers else {
        return None;
    };
    let offset = |bytes: &[u8; 8]| Offset::from_wire(i64::from_be_bytes(*bytes));
    let checkpoint = Checkpoint {
        stated_end_offset: offset(stated_end_offset)?,
        log_start_offset: offset(log_start_offset)?,
    };
    (u32::from_be_bytes(*magic) == MAGIC).then_some((u64::from_be_bytes(*counter), checkpoint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dir::memory::{MemoryDir, Verdict};

    fn pair(stated_end: u64) -> Checkpoint {
        Checkpoint {
            stated_end_offset: Offset::new(stated_end),
            log_start_offset: Offset::ZERO,
        }
    }

    fn open(dir: &MemoryDir) -> Result<(CheckpointFile, Option<Checkpoint>), Error> {
        CheckpointFile::open(dir, Path::new(""))
    }

    #[test]
    fn the_newest_pair_comes_back() {
        let dir = MemoryDir::new();
        let (mut checkpoint, found) = open(&dir).unwrap();
        assert_eq!(found, None);
        for stated_end in 1..=5 {
            let (file, counter) = checkpoint.write(&dir, pair(stated_end)).unwrap();
            file.sync_data().unwrap();
            checkpoint.handle_synced(counter);
            assert_eq!(open(&dir).unwrap().1, Some(pair(stated_end)));
        }
    }

    #[test]
    fn a_crash_at_any_write_leaves_the_last_durable_pair_or_a_newer_one() {
        for seed in 0..200 {
            let dir = MemoryDir::new();
            let (mut checkpoint, _) = open(&dir).unwrap();
            let (file, counter) = checkpoint.write(&dir, pair(1)).unwrap();
            file.sync_data().unwrap();
            dir.sync_dir(Path::new("")).unwrap();
            checkpoint.handle_synced(counter);
            for stated_end in 2..2 + seed % 4 {
                checkpoint.write(&dir, pair(stated_end)).unwrap();
            }
            let dir = dir.crash_power(seed);
            let found = open(&dir).unwrap().1.unwrap();
            let newest = pair(1.max(1 + seed % 4));
            assert!(
                found == pair(1) || found == newest,
                "seed {seed}: {found:?}"
            );
        }
    }

    #[test]
    fn a_sync_from_before_the_last_write_proves_nothing_about_it() {
        let dir = MemoryDir::new();
        let (mut checkpoint, _) = open(&dir).unwrap();
        let (_, counter) = checkpoint.write(&dir, pair(1)).unwrap();
        checkpoint.write(&dir, pair(2)).unwrap();
        assert!(!checkpoint.handle_synced(counter));
        assert_eq!(checkpoint.durable_slot, None);
    }

    #[test]
    fn damage_to_both_slots_is_an_error_and_to_one_is_not() {
        let dir = MemoryDir::new();
        let (mut checkpoint, _) = open(&dir).unwrap();
        let (file, counter) = checkpoint.write(&dir, pair(1)).unwrap();
        checkpoint.handle_synced(counter);
        checkpoint.write(&dir, pair(2)).unwrap();
        file.write_at(&[&[0xff]], 4100).unwrap();
        assert_eq!(open(&dir).unwrap().1, Some(pair(1)));
        file.write_at(&[&[0xff]], 4).unwrap();
        assert!(matches!(open(&dir), Err(Error::DamagedCheckpoint { .. })));
    }

    #[test]
    fn a_pair_whose_sync_failed_is_not_believed_though_the_page_cache_has_it() {
        let dir = MemoryDir::new();
        let (mut checkpoint, _) = open(&dir).unwrap();
        let (file, counter) = checkpoint.write(&dir, pair(1)).unwrap();
        file.sync_data().unwrap();
        checkpoint.handle_synced(counter);
        let (file, _) = checkpoint.write(&dir, pair(2)).unwrap();
        dir.set_policy(Some(Box::new(|_, _| {
            Verdict::Fail(std::io::ErrorKind::Other)
        })));
        assert!(file.sync_data().is_err());
        let dir = dir.crash_process();
        assert_eq!(open(&dir).unwrap().1, Some(pair(1)));
    }
}
