//! A disk under a page cache: what a process reads is not yet what a loss of power leaves.
//!
//! Writes to the log go to the cache and are pending until a sync that was issued after them is
//! done. A loss of power keeps what was synced and any number of the pending writes, in order. A
//! crash of the process keeps the cache. A sync that fails leaves pages that look clean and are not
//! on the disk: later syncs do not write them, so recovery, which reads past the cache, finds a hole.

use std::rc::Rc;

use broker_raft::{
    ElectionState, EpochStart, Recovered, ReplicaKey, SnapshotId, StoredSnapshot, VoterSet,
};
use broker_types::{Epoch, Offset};

use crate::rng::Rng;

/// A record batch. Two batches with one `id` are the same batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) base: u64,
    pub(crate) end: u64,
    pub(crate) epoch: u32,
    pub(crate) id: u64,
    pub(crate) voters: Option<VoterSet>,
}

/// The state that applying the log makes: a hash over all batches in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) applied: u64,
    pub(crate) hash: u64,
}

#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) id: SnapshotId,
    pub(crate) size: u64,
    pub(crate) state: State,
    pub(crate) voters: VoterSet,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    pub(crate) start: SnapshotId,
    pub(crate) batches: Vec<Rc<Batch>>,
}

impl Image {
    pub(crate) fn end(&self) -> u64 {
        self.batches
            .last()
            .map_or(self.start.end_offset.value(), |it| it.end)
    }

    /// The batches from `offset` on.
    pub(crate) fn read(&self, offset: u64) -> &[Rc<Batch>] {
        &self.batches[self.batches.partition_point(|it| it.base < offset)..]
    }

    /// The batch that ends at `end`.
    pub(crate) fn ending_at(&self, end: u64) -> Option<&Rc<Batch>> {
        let place = self.batches.partition_point(|it| it.end < end);
        self.batches.get(place).filter(|it| it.end == end)
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Append(batch) => {
                assert_eq!(batch.base, self.end(), "a log has no gaps");
                self.batches.push(Rc::clone(batch));
            }
            Op::Truncate(to) => {
                let keep = self.batches.partition_point(|it| it.end <= *to);
                self.batches.truncate(keep);
                assert_eq!(self.end(), *to, "a cut lies between batches");
            }
        }
    }

    fn trim(&mut self, to: SnapshotId) {
        let n_below = self
            .batches
            .partition_point(|it| it.end <= to.end_offset.value());
        self.batches.drain(..n_below);
        self.start = to;
    }
}

#[derive(Debug)]
enum Op {
    Append(Rc<Batch>),
    Truncate(u64),
}

#[derive(Debug)]
pub(crate) struct Disk {
    pub(crate) key: ReplicaKey,
    /// The voters that the disk was formatted with.
    bootstrap: VoterSet,
    pub(crate) election: ElectionState,
    /// What a loss of power leaves of the log.
    pub(crate) durable: Image,
    /// What a process reads of the log.
    pub(crate) cache: Image,
    pending: Vec<Op>,
    /// How many writes are no longer pending.
    n_done: usize,
    has_hole: bool,
    /// Recovery believes the page cache: a mistake of a driver.
    trusts_cache: bool,
    /// Oldest first.
    pub(crate) snapshots: Vec<Rc<Snapshot>>,
}

impl Disk {
    pub(crate) fn format(key: ReplicaKey, bootstrap: VoterSet) -> Disk {
        Disk {
            key,
            bootstrap,
            election: ElectionState::default(),
            durable: Image::default(),
            cache: Image::default(),
            pending: Vec::new(),
            n_done: 0,
            has_hole: false,
            trusts_cache: false,
            snapshots: Vec::new(),
        }
    }

    #[cfg(feature = "mutants")]
    pub(crate) fn trust_cache(&mut self, trusts_cache: bool) {
        self.trusts_cache = trusts_cache;
    }

    pub(crate) fn append(&mut self, batch: Rc<Batch>) {
        self.write(Op::Append(batch));
    }

    pub(crate) fn truncate(&mut self, to: u64) {
        self.write(Op::Truncate(to));
    }

    fn write(&mut self, op: Op) {
        self.cache.apply(&op);
        self.pending.push(op);
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Issues a sync: it covers the writes up to here.
    pub(crate) fn issue_sync(&self) -> usize {
        self.n_done + self.pending.len()
    }

    pub(crate) fn sync_done(&mut self, up_to: usize) {
        assert!(
            !self.has_hole || self.trusts_cache,
            "a failed sync is not tried again"
        );
        if self.has_hole {
            return;
        }
        let n_covered = up_to.saturating_sub(self.n_done).min(self.pending.len());
        for op in self.pending.drain(..n_covered) {
            self.durable.apply(&op);
        }
        self.n_done += n_covered;
    }

    /// The pages of this sync look clean from now on, and are not on the disk.
    pub(crate) fn sync_failed(&mut self) {
        self.has_hole = true;
    }

    pub(crate) fn lose_power(&mut self, rng: &mut Rng) {
        let n_kept = if self.has_hole {
            0
        } else {
            rng.index(self.pending.len() + 1)
        };
        for op in self.pending.drain(..n_kept) {
            self.durable.apply(&op);
        }
        self.forget_cache();
    }

    fn forget_cache(&mut self) {
        self.n_done += self.pending.len() + 1_000_000;
        self.pending.clear();
        self.cache = self.durable.clone();
        self.has_hole = false;
    }

    /// Stores a snapshot that was fetched; the log is not cleared yet.
    pub(crate) fn store(&mut self, snapshot: Rc<Snapshot>) {
        self.snapshots.push(snapshot);
    }

    /// Replaces log and snapshots by a snapshot, durably.
    pub(crate) fn install(&mut self, snapshot: Rc<Snapshot>) {
        self.durable = Image {
            start: snapshot.id,
            batches: Vec::new(),
        };
        self.snapshots = vec![snapshot];
        self.forget_cache();
    }

    pub(crate) fn trim(&mut self, to: SnapshotId) {
        self.snapshots
            .retain(|it| it.id.end_offset >= to.end_offset);
        self.durable.trim(to);
        self.cache.trim(to);
    }

    /// What recovery finds: it reads past the cache, and cuts what is not there.
    pub(crate) fn recover(&mut self) -> Recovered {
        if self.has_hole && !self.trusts_cache {
            self.forget_cache();
        }
        let found = self.read_back();
        if found.superseded_by().is_none() {
            return found;
        }
        // A crash came while a snapshot was being installed.
        let newest = self.snapshots.last().cloned();
        newest.into_iter().for_each(|it| self.install(it));
        self.read_back()
    }

    fn read_back(&self) -> Recovered {
        Recovered {
            election: self.election,
            log_start: self.cache.start,
            epochs: self.epochs(),
            log_end: Offset::new(self.cache.end()),
            voters: self.voters(),
            snapshots: self.snapshots.iter().map(|it| stored(it)).collect(),
        }
    }

    fn epochs(&self) -> Vec<EpochStart> {
        let mut epochs: Vec<EpochStart> = Vec::new();
        for batch in &self.cache.batches {
            let epoch = Epoch::new(batch.epoch);
            if epochs.last().is_none_or(|it| it.epoch < epoch) {
                epochs.push(EpochStart {
                    epoch,
                    start_offset: Offset::new(batch.base),
                });
            }
        }
        epochs
    }

    fn voters(&self) -> Vec<(Offset, VoterSet)> {
        self.voters_in(&self.cache)
    }

    fn voters_in(&self, image: &Image) -> Vec<(Offset, VoterSet)> {
        let start = image.start;
        let at_start = self.snapshots.iter().find(|it| it.id == start);
        let first = at_start.map_or(&self.bootstrap, |it| &it.voters);
        let later = image.batches.iter().filter_map(|batch| {
            let set = batch.voters.clone()?;
            Some((Offset::new(batch.end), set))
        });
        std::iter::once((start.end_offset, first.clone()))
            .chain(later)
            .collect()
    }

    /// The voters that the log may say after a crash: with all that is written, with what is durable
    /// alone, and with any part of the writes between.
    pub(crate) fn possible_voters(&self) -> Vec<VoterSet> {
        let latest = |image: &Image| self.voters_in(image).pop().map(|(_, set)| set);
        let mut image = self.durable.clone();
        let mut sets = vec![latest(&image), latest(&self.cache)];
        for op in &self.pending {
            image.apply(op);
            sets.push(latest(&image));
        }
        sets.into_iter().flatten().collect()
    }

    /// The state that a process starts with.
    pub(crate) fn state(&self) -> State {
        self.snapshots
            .last()
            .map_or(State::default(), |it| it.state)
    }
}

fn stored(snapshot: &Snapshot) -> StoredSnapshot {
    StoredSnapshot {
        id: snapshot.id,
        size: snapshot.size,
    }
}
