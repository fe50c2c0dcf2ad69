//! Snapshots of the metadata (KIP-630): written whole and under their name only then; read back
//! batch by batch, each checked.
//!
//! In: records, or parts that a leader sent. Out: files, and what is in them. Never here: when.

use std::path::{Path, PathBuf};

use broker_log::dir::{Dir, File, OpenMode};
use broker_raft::{ControlRecord, SnapshotId, VoterSet};
use broker_types::{Epoch, Offset, Timestamp};
use broker_wire::MetadataRecord;
use broker_wire::record_batch::{batches, verify_crc};
use bytes::Bytes;

use super::{FOLDER, Store, StoreError};
use crate::quorum::batches::{self as codec, Entry, decode};
use crate::quorum::driver::apply::voters_of;

const SUFFIX: &str = ".checkpoint";
const PART_SUFFIX: &str = ".checkpoint.part";
/// Records of one batch of a snapshot.
const RECORDS_PER_BATCH: usize = 1_000;
/// Largest snapshot that is read into memory.
const BYTES_MAX: u64 = 1 << 30;

fn path(id: SnapshotId, suffix: &str) -> PathBuf {
    let SnapshotId { end_offset, epoch } = id;
    Path::new(FOLDER).join(format!(
        "{:020}-{:010}{suffix}",
        end_offset.value(),
        epoch.value()
    ))
}

/// The snapshot that a file name stands for.
fn parse(name: &str) -> Option<SnapshotId> {
    let (end_offset, epoch) = name.strip_suffix(SUFFIX)?.split_once('-')?;
    Some(SnapshotId {
        end_offset: Offset::from_wire(end_offset.parse().ok()?)?,
        epoch: Epoch::from_wire(epoch.parse().ok()?)?,
    })
}

impl<D: Dir> Store<D> {
    /// The snapshots on the disk, oldest first.
    pub(super) fn list_snapshots(&self) -> Result<Vec<SnapshotId>, StoreError> {
        let folder = Path::new(FOLDER);
        let entries = self
            .dir
            .list(folder)
            .map_err(|source| StoreError::ReadSnapshot {
                path: folder.to_path_buf(),
                source,
            })?;
        let mut found: Vec<SnapshotId> = entries.iter().filter_map(|it| parse(&it.name)).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// Takes the snapshot that only names the first voters out of the list.
    pub(super) fn bootstrap_voters(
        &self,
        snapshots: &mut Vec<SnapshotId>,
    ) -> Result<VoterSet, StoreError> {
        let bootstrap = SnapshotId::default();
        let n_before = snapshots.len();
        snapshots.retain(|it| *it != bootstrap);
        if snapshots.len() == n_before {
            return Ok(VoterSet::default());
        }
        Ok(voters_of(&self.read_snapshot(bootstrap)?))
    }

    pub(super) fn snapshot_size(&self, id: SnapshotId) -> Result<u64, StoreError> {
        let path = path(id, SUFFIX);
        let size = self
            .dir
            .open(&path, OpenMode::Existing)
            .and_then(|it| it.size());
        size.map_err(|source| StoreError::ReadSnapshot { path, source })
    }

    /// What a snapshot holds, each batch with its CRC checked, from its header to its footer.
    pub(crate) fn read_snapshot(&self, id: SnapshotId) -> Result<Vec<(Offset, Entry)>, StoreError> {
        self.read_checked(path(id, SUFFIX))
    }

    /// As [`Store::read_snapshot`], of one that has all its bytes and not its name yet.
    pub(crate) fn read_snapshot_part(
        &self,
        id: SnapshotId,
    ) -> Result<Vec<(Offset, Entry)>, StoreError> {
        self.read_checked(path(id, PART_SUFFIX))
    }

    fn read_checked(&self, path: PathBuf) -> Result<Vec<(Offset, Entry)>, StoreError> {
        let bytes = self.read_file(&path)?;
        let damaged = |source| StoreError::DamagedSnapshot {
            path: path.clone(),
            source,
        };
        let mut entries = Vec::new();
        for batch in batches(&bytes) {
            let batch = batch.map_err(|it| damaged(it.into()))?;
            verify_crc(batch.bytes()).map_err(|it| damaged(it.into()))?;
            entries.extend(decode(&batch).map_err(damaged)?);
        }
        let is_whole = matches!(entries.first(), Some((_, Entry::SnapshotHeader(_))))
            && matches!(entries.last(), Some((_, Entry::SnapshotFooter(_))));
        if is_whole {
            Ok(entries)
        } else {
            Err(StoreError::PartialSnapshot { path })
        }
    }

    fn read_file(&self, path: &Path) -> Result<Vec<u8>, StoreError> {
        let read = || {
            let file = self.dir.open(path, OpenMode::Existing)?;
            let size = file.size()?;
            if size > BYTES_MAX {
                return Err(std::io::ErrorKind::FileTooLarge.into());
            }
            let mut bytes = vec![0; usize::try_from(size).map_err(std::io::Error::other)?];
            file.read_exact_at(&mut bytes, 0)?;
            Ok(bytes)
        };
        read().map_err(|source| StoreError::ReadSnapshot {
            path: path.to_path_buf(),
            source,
        })
    }

    /// Part of a snapshot's file, for a replica that fetches it.
    pub(crate) fn snapshot_bytes(
        &self,
        id: SnapshotId,
        position: u64,
        bytes_max: usize,
    ) -> Result<Bytes, StoreError> {
        let path = path(id, SUFFIX);
        let read = || {
            let file = self.dir.open(&path, OpenMode::Existing)?;
            let mut bytes = vec![0; bytes_max];
            let n_read = file.read_at(&mut bytes, position)?;
            bytes.truncate(n_read);
            Ok(Bytes::from(bytes))
        };
        read().map_err(|source| StoreError::ReadSnapshot {
            path: path.clone(),
            source,
        })
    }

    /// Writes a snapshot; when this returns it is whole and durable. Returns its size.
    pub(crate) fn write_snapshot(
        &mut self,
        id: SnapshotId,
        header: &[ControlRecord],
        records: &[MetadataRecord],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let bytes = encode(id, header, records, now)?;
        self.write_snapshot_part(id, 0, &bytes)?;
        self.finish_snapshot(id)
    }

    /// Writes bytes of a snapshot that is not whole yet; position zero begins it anew.
    pub(crate) fn write_snapshot_part(
        &mut self,
        id: SnapshotId,
        position: u64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let path = path(id, PART_SUFFIX);
        let mode = if position == 0 {
            OpenMode::CreateEmpty
        } else {
            OpenMode::Create
        };
        let written = self
            .dir
            .open(&path, mode)
            .and_then(|file| file.write_at(&[bytes], position));
        written.map_err(|source| StoreError::WriteSnapshot { path, source })
    }

    /// The snapshot has all its bytes: it is synced and takes its name. Returns its size.
    pub(crate) fn finish_snapshot(&mut self, id: SnapshotId) -> Result<u64, StoreError> {
        let (part, path) = (path(id, PART_SUFFIX), path(id, SUFFIX));
        let finish = || {
            let file = self.dir.open(&part, OpenMode::Existing)?;
            file.sync_data()?;
            let size = file.size()?;
            self.dir.rename(&part, &path)?;
            self.dir.sync_dir(Path::new(FOLDER))?;
            Ok(size)
        };
        finish().map_err(|source| StoreError::WriteSnapshot {
            path: path.clone(),
            source,
        })
    }

    /// The log begins anew where a snapshot ends.
    pub(crate) fn install(&mut self, id: SnapshotId, now: Timestamp) -> Result<(), StoreError> {
        self.begin_log_at(id.end_offset, now)?;
        self.remove_before(id.end_offset)
    }

    /// Drops the log below a snapshot, and older snapshots.
    ///
    /// A loss of power may bring back the log start that is durable: the snapshot that it begins
    /// with stays until a later trim.
    pub(crate) fn trim(&mut self, id: SnapshotId) -> Result<(), StoreError> {
        let advanced = self.log.advance_log_start_offset(id.end_offset);
        advanced.map_err(|source| StoreError::Log { source })?;
        if let Some(removal) = self
            .log
            .take_removal()
            .map_err(|source| StoreError::Log { source })?
        {
            removal
                .perform()
                .map_err(|source| StoreError::Log { source })?;
        }
        self.remove_before(self.log.durable_log_start_offset().min(id.end_offset))
    }

    fn remove_before(&mut self, offset: Offset) -> Result<(), StoreError> {
        for old in self.list_snapshots()? {
            if old.end_offset < offset {
                let path = path(old, SUFFIX);
                let removed = self.dir.remove_file(&path);
                removed.map_err(|source| StoreError::WriteSnapshot { path, source })?;
            }
        }
        Ok(())
    }
}

/// The bytes of a snapshot.
fn encode(
    id: SnapshotId,
    header: &[ControlRecord],
    records: &[MetadataRecord],
    now: Timestamp,
) -> Result<Vec<u8>, StoreError> {
    let wrong = |source| StoreError::Encode { source };
    let mut offset = Offset::ZERO;
    let entries: Vec<Entry> = header
        .iter()
        .map(|it| codec::control_entry(it, now))
        .collect();
    let mut bytes = codec::encode_control(offset, id.epoch, now, &entries)
        .map_err(wrong)?
        .to_vec();
    offset = offset.advance(entries.len() as u64);
    for records in records.chunks(RECORDS_PER_BATCH) {
        let batch = codec::encode(offset, id.epoch, now, records).map_err(wrong)?;
        bytes.extend_from_slice(&batch);
        offset = offset.advance(records.len() as u64);
    }
    let footer = [codec::control_entry(&ControlRecord::SnapshotFooter, now)];
    let batch = codec::encode_control(offset, id.epoch, now, &footer).map_err(wrong)?;
    bytes.extend_from_slice(&batch);
    Ok(bytes)
}

/// Makes a disk one of the first voters: the snapshot that names them is all it has. Doing it again
/// changes nothing.
pub(crate) fn format<D: Dir>(dir: &D, voters: &VoterSet, now: Timestamp) -> Result<(), StoreError> {
    let folder = Path::new(FOLDER);
    let (part, path) = (
        path(SnapshotId::default(), PART_SUFFIX),
        path(SnapshotId::default(), SUFFIX),
    );
    let header = [
        ControlRecord::SnapshotHeader,
        ControlRecord::KRaftVersion(1),
        ControlRecord::Voters(voters.clone()),
    ];
    let bytes = encode(SnapshotId::default(), &header, &[], now)?;
    let write = || {
        if !dir.exists(folder)? {
            dir.create_dir(folder)?;
        }
        if dir.exists(&path)? {
            return Ok(());
        }
        let file = dir.open(&part, OpenMode::CreateEmpty)?;
        file.write_at(&[&bytes], 0)?;
        file.sync_data()?;
        dir.rename(&part, &path)?;
        dir.sync_dir(folder)?;
        dir.sync_dir(Path::new(""))
    };
    write().map_err(|source| StoreError::WriteSnapshot {
        path: path.clone(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use broker_log::OpenFiles;
    use broker_log::dir::memory::MemoryDir;
    use broker_metadata::feature::bootstrap_records;
    use broker_raft::{Config, Quorum, ReplicaKey, Timeouts};
    use broker_types::{BrokerId, DirectoryId, Monotonic};

    use super::*;
    use crate::quorum::store::perform;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const EPOCH: Epoch = Epoch::ZERO;

    fn me() -> ReplicaKey {
        ReplicaKey {
            id: BrokerId::new(1),
            directory_id: DirectoryId::from_bytes([7; 16]),
        }
    }

    fn files(dir: &MemoryDir) -> OpenFiles<MemoryDir> {
        OpenFiles::new(dir.clone(), NonZeroUsize::MIN)
    }

    fn voters() -> VoterSet {
        VoterSet::new([(me(), Vec::new())])
    }

    /// Appends records; the snapshot of all that is in the log then.
    fn append(store: &mut Store<MemoryDir>) -> SnapshotId {
        let records = bootstrap_records();
        let offset = store.log.log_end_offset();
        let batch = codec::encode(offset, EPOCH, NOW, &records).unwrap();
        store.append(&batch, NOW).unwrap();
        SnapshotId {
            end_offset: store.log.log_end_offset(),
            epoch: EPOCH,
        }
    }

    fn write(store: &mut Store<MemoryDir>, id: SnapshotId) {
        let header = [
            ControlRecord::SnapshotHeader,
            ControlRecord::KRaftVersion(1),
            ControlRecord::Voters(voters()),
        ];
        let written = store.write_snapshot(id, &header, &bootstrap_records(), NOW);
        written.unwrap();
    }

    fn sync(store: &mut Store<MemoryDir>) {
        while let Some(request) = store.sync_request() {
            store.handle_synced(perform(request)).unwrap();
        }
    }

    #[test]
    fn a_start_after_a_loss_of_power_finds_the_snapshot_that_its_log_begins_with() {
        for seed in 0..200 {
            let dir = MemoryDir::new();
            format(&dir, &voters(), NOW).unwrap();
            let mut store = Store::open(&files(&dir), NOW).unwrap().store;
            for _ in 0..3 {
                let id = append(&mut store);
                sync(&mut store);
                write(&mut store, id);
                store.trim(id).unwrap();
            }
            let found = Store::open(&files(&dir.crash_power(seed)), NOW).unwrap();
            let config = Config {
                me: me(),
                endpoints: Vec::new(),
                timeouts: Timeouts::default(),
                seed,
            };
            let opened = Quorum::<Bytes>::open(Monotonic::from_micros(0), config, found.recovered);
            assert!(opened.is_ok(), "{seed}: {:?}", opened.err());
        }
    }

    #[test]
    fn a_damaged_part_of_a_snapshot_never_gets_its_name() {
        let dir = MemoryDir::new();
        format(&dir, &voters(), NOW).unwrap();
        let mut store = Store::open(&files(&dir), NOW).unwrap().store;
        let id = append(&mut store);
        let mut bytes = encode(id, &[ControlRecord::SnapshotHeader], &[], NOW).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        store.write_snapshot_part(id, 0, &bytes).unwrap();
        assert!(store.read_snapshot_part(id).is_err());
        assert_eq!(store.list_snapshots().unwrap(), [SnapshotId::default()]);
    }

    #[test]
    fn names_are_kafkas() {
        let id = SnapshotId {
            end_offset: Offset::new(4711),
            epoch: Epoch::new(3),
        };
        let path = path(id, SUFFIX);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(name, "00000000000000004711-0000000003.checkpoint");
        assert_eq!(parse(name), Some(id));
        assert_eq!(parse("00000000000000004711.log"), None);
        assert_eq!(
            parse("00000000000000004711-0000000003.checkpoint.part"),
            None
        );
    }
}
