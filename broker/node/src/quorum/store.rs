//! The quorum's files: the metadata log, its snapshots, and what must not be forgotten of elections.
//!
//! In: batches, positions, the election state. Out: the same, read back and checked. Never here:
//! when something is written, or what it means.
//!
//! ```text
//!   __cluster_metadata-0/
//!     00000000000000000000.log ...                    the log, as any partition's
//!     00000000000000004711-0000000003.checkpoint      a snapshot: end offset, epoch
//!     00000000000000000000-0000000000.checkpoint      the first voters, on a disk that was one of them
//!     quorum-state                                    epoch and vote
//! ```

mod election;
pub(crate) mod snapshots;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use broker_log::config::LogConfig;
use broker_log::dir::Dir;
use broker_log::{
    AppendError, Log, OnDamage, OpenFiles, OpenOptions, Read, ReadLimit, Restart, SyncRequest,
    SyncScope,
};
use broker_metadata::ApplyError;
use broker_raft::{
    ElectionState, EpochStart, Halt, OpenError, Recovered, SnapshotId, StoredSnapshot, VoterSet,
};
use broker_types::{Epoch, Offset, Timestamp, TopicId};
use broker_wire::record_batch::batches;
use bytes::Bytes;

use super::batches::{Entry, ReadError, WriteError, decode, voters};
use super::driver::apply::voters_of;

/// The log's folder.
const FOLDER: &str = "__cluster_metadata-0";
/// Bytes of the log that are read at a time when it is opened.
const READ_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Records of which the log may be ahead of what it noted to be durable.
const CHECKPOINT_EVERY: i64 = 32;

/// What can go wrong with the quorum's files.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("failed to open the metadata log")]
    OpenLog { source: broker_log::Error },
    #[error("failed to append to the metadata log")]
    Append { source: AppendError },
    #[error("failed to change the metadata log")]
    Log { source: broker_log::Error },
    #[error("failed to read the metadata log")]
    ReadFile { source: io::Error },
    #[error("the metadata log ends in the middle of what is committed, at offset {offset}")]
    Gap { offset: Offset },
    #[error("failed to read a batch of the metadata log")]
    Read { source: ReadError },
    #[error("failed to write a batch of the metadata log")]
    Encode { source: WriteError },
    #[error("failed to apply the record at offset {offset} of the metadata log")]
    Apply { offset: Offset, source: ApplyError },
    #[error("failed to write the election state")]
    WriteElection { source: io::Error },
    #[error("failed to read the election state")]
    ReadElection { source: io::Error },
    #[error("the election state is damaged: {reason}")]
    DamagedElection { reason: String },
    #[error("failed to write snapshot `{path}`")]
    WriteSnapshot { path: PathBuf, source: io::Error },
    #[error("failed to read snapshot `{path}`")]
    ReadSnapshot { path: PathBuf, source: io::Error },
    #[error("snapshot `{path}` is damaged")]
    DamagedSnapshot { path: PathBuf, source: ReadError },
    #[error("snapshot `{path}` is not whole")]
    PartialSnapshot { path: PathBuf },
    #[error("the quorum cannot be opened on what is on the disk")]
    Open {
        #[from]
        source: OpenError,
    },
    #[error("the quorum cannot go on")]
    Halted { source: Halt },
}

/// A sync of the metadata log, performed elsewhere.
pub(crate) struct StoreSync<D: Dir> {
    request: SyncRequest<D>,
    result: io::Result<()>,
}

/// The quorum's files, open.
pub(crate) struct Store<D: Dir> {
    dir: D,
    log: Log<D>,
    is_syncing: bool,
}

/// What was found on the disk.
pub(crate) struct Found<D: Dir> {
    pub(crate) store: Store<D>,
    pub(crate) recovered: Recovered,
    /// The newest snapshot and what is in it.
    pub(crate) snapshot: Option<(SnapshotId, Vec<(Offset, Entry)>)>,
}

impl<D: Dir> Store<D> {
    /// Opens the files in the data directory; makes them when there are none.
    ///
    /// # Errors
    /// When anything is damaged: what cannot be read is never taken for empty.
    pub(crate) fn open(files: &OpenFiles<D>, now: Timestamp) -> Result<Found<D>, StoreError> {
        let options = OpenOptions {
            topic_id: Some(TopicId::METADATA),
            config: Arc::new(LogConfig::default()),
            // Nothing closes this log in good order: it is read whole each time, and it is small.
            restart: Restart::Unclean,
            on_damage: OnDamage::Refuse,
            now,
        };
        let (log, _) =
            Log::open(files, FOLDER, &options).map_err(|source| StoreError::OpenLog { source })?;
        let mut store = Store {
            dir: files.dir().clone(),
            log,
            is_syncing: false,
        };
        let election = store.read_election()?;
        let mut snapshots = store.list_snapshots()?;
        let bootstrap = store.bootstrap_voters(&mut snapshots)?;
        let newest = match snapshots.last() {
            Some(id) => Some((*id, store.read_snapshot(*id)?)),
            None => None,
        };
        if let Some((id, _)) = &newest
            && id.end_offset > store.log.log_end_offset()
        {
            // It was installed, and the crash came before the log was begun anew.
            store.begin_log_at(id.end_offset, now)?;
        }
        let mut recovered = store.recover(election, bootstrap.clone(), &snapshots)?;
        if let Some(id) = recovered.superseded_by() {
            // The same, where the log holds other records at the snapshot's end.
            store.begin_log_at(id.end_offset, now)?;
            recovered = store.recover(election, bootstrap, &snapshots)?;
        }
        Ok(Found {
            store,
            recovered,
            snapshot: newest,
        })
    }

    fn recover(
        &self,
        election: ElectionState,
        bootstrap: VoterSet,
        snapshots: &[SnapshotId],
    ) -> Result<Recovered, StoreError> {
        let start = self.log.log_start_offset();
        let base = snapshots
            .iter()
            .rev()
            .find(|it| it.end_offset == start)
            .copied();
        let log_start = base.unwrap_or(SnapshotId {
            end_offset: start,
            epoch: Epoch::ZERO,
        });
        let first = match base {
            Some(id) => voters_of(&self.read_snapshot(id)?),
            None => bootstrap,
        };
        let epochs = self
            .log
            .leader_epochs()
            .entries()
            .iter()
            .map(|it| EpochStart {
                epoch: Epoch::new(it.epoch.value()),
                start_offset: it.start_offset,
            });
        let in_log = |it: &EpochStart| it.start_offset < self.log.log_end_offset();
        let mut voters = Vec::new();
        if !first.is_empty() {
            voters.push((start, first));
        }
        voters.extend(self.voters_in_log()?);
        let mut stored = Vec::new();
        for id in snapshots.iter().filter(|it| it.end_offset >= start) {
            stored.push(StoredSnapshot {
                id: *id,
                size: self.snapshot_size(*id)?,
            });
        }
        Ok(Recovered {
            election,
            log_start,
            epochs: epochs.filter(in_log).collect(),
            log_end: self.log.log_end_offset(),
            voters,
            snapshots: stored,
        })
    }

    /// The sets of voters that the log holds, each with the offset after its record.
    fn voters_in_log(&self) -> Result<Vec<(Offset, VoterSet)>, StoreError> {
        let mut found = Vec::new();
        let (mut offset, end) = (self.log.log_start_offset(), self.log.log_end_offset());
        while offset < end {
            let bytes = self.read(offset, end, READ_BYTES_MAX as usize)?;
            let mut next = offset;
            for batch in batches(&bytes) {
                let batch = batch.map_err(|source| StoreError::Read {
                    source: source.into(),
                })?;
                next = batch.header().next_offset();
                if !batch.header().is_control() {
                    continue;
                }
                let entries = decode(&batch).map_err(|source| StoreError::Read { source })?;
                for (offset, entry) in entries {
                    if let Entry::Voters(record) = entry {
                        found.push((offset.advance(1), voters(&record)));
                    }
                }
            }
            if next <= offset {
                return Err(StoreError::Gap { offset });
            }
            offset = next;
        }
        Ok(found)
    }

    /// Whole batches from `start` on, none past `end`, at least one and else at most `bytes_max`.
    pub(crate) fn read(
        &self,
        start: Offset,
        end: Offset,
        bytes_max: usize,
    ) -> Result<Bytes, StoreError> {
        let limit = ReadLimit {
            bytes_max: u32::try_from(bytes_max).unwrap_or(u32::MAX),
            upper_bound: end,
            at_least_one_batch: true,
        };
        let read = self.log.view().read(start, &limit);
        match read.map_err(|source| StoreError::Log { source })? {
            Read::Slice(slice) => slice
                .to_vec()
                .map(Bytes::from)
                .map_err(|source| StoreError::ReadFile { source }),
            Read::Nothing => Ok(Bytes::new()),
            Read::OutOfRange { .. } => Err(StoreError::Gap { offset: start }),
        }
    }

    pub(crate) fn append(&mut self, batch: &[u8], now: Timestamp) -> Result<(), StoreError> {
        let appended = self.log.append_as_follower(batch, now);
        appended
            .map(|_| ())
            .map_err(|source| StoreError::Append { source })
    }

    pub(crate) fn truncate(&mut self, to: Offset, now: Timestamp) -> Result<(), StoreError> {
        let truncated = self.log.truncate_to(to, now);
        truncated
            .map(|_| ())
            .map_err(|source| StoreError::Log { source })
    }

    /// Whether a sync is on its way: another one can begin only when it is back.
    pub(crate) fn is_syncing(&self) -> bool {
        self.is_syncing
    }

    /// What to sync; `None` when all is on the disk.
    pub(crate) fn sync_request(&mut self) -> Option<SyncRequest<D>> {
        let request = self.log.sync_request(SyncScope::All)?;
        self.is_syncing = true;
        Some(request)
    }

    /// A sync came back.
    pub(crate) fn handle_synced(&mut self, sync: StoreSync<D>) -> Result<(), StoreError> {
        self.is_syncing = false;
        let synced = self.log.handle_synced(sync.request, sync.result);
        synced.map_err(|source| StoreError::Log { source })?;
        self.checkpoint()
    }

    /// Notes now and then how far the log is durable: the next start can tell a torn tail, which
    /// nobody was told of, from damage to what others count on.
    fn checkpoint(&mut self) -> Result<(), StoreError> {
        let stated = self.log.stated_end_offset().to_wire();
        if self.log.durable_end_offset().to_wire() - stated < CHECKPOINT_EVERY {
            return Ok(());
        }
        let noted = self.log.checkpoint();
        noted.map_err(|source| StoreError::Log { source })
    }

    fn begin_log_at(&mut self, offset: Offset, now: Timestamp) -> Result<(), StoreError> {
        let begun = self.log.truncate_fully_and_start_at(offset, now);
        begun.map_err(|source| StoreError::Log { source })
    }
}

/// Performs a sync; any thread may.
pub(crate) fn perform<D: Dir>(request: SyncRequest<D>) -> StoreSync<D> {
    let result = request.perform();
    StoreSync { request, result }
}
