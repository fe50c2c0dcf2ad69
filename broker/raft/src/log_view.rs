//! What the quorum knows of the log: its bounds, what is durable, and where each epoch starts.
//!
//! In: appends, truncations, syncs, snapshots. Out: where two logs part (KIP-101, KIP-595).
//! Never here: records.

use broker_types::{Epoch, Offset};

/// Identity of a snapshot: the log up to `end_offset`, whose last record is of `epoch` (KIP-630).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId {
    /// First offset that the snapshot does not cover.
    pub end_offset: Offset,
    /// Epoch of the last record that it covers.
    pub epoch: Epoch,
}

/// The first offset of an epoch's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochStart {
    pub epoch: Epoch,
    pub start_offset: Offset,
}

/// The bounds of the log.
///
/// ```text
///   [ in a snapshot ][ durable           ][ written, not synced ]
///                    ^                    ^                      ^
///                    start                durable_end            end
/// ```
///
/// Invariant: `start <= durable_end <= end`. `epochs` is never empty and grows strictly in epoch;
/// its first entry is the epoch of the record before `start` (zero for a log that starts at zero).
#[derive(Clone, Debug)]
pub(crate) struct LogView {
    start: Offset,
    end: Offset,
    durable_end: Offset,
    epochs: Vec<EpochStart>,
    /// Counts truncations, so that a sync issued before one proves nothing after it.
    generation: u64,
    /// What the latest sync ticket covers.
    ticketed: (u64, Offset),
}

/// What a sync, once done, proves of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SyncCover {
    generation: u64,
    end: Offset,
}

impl LogView {
    /// A log as it was read back. None of it counts as durable until it is synced again.
    pub(crate) fn new(base: SnapshotId, epochs: &[EpochStart], end: Offset) -> LogView {
        let start = base.end_offset;
        let first = EpochStart {
            epoch: base.epoch,
            start_offset: start,
        };
        let later = epochs.iter().filter(|it| it.epoch > base.epoch);
        LogView {
            start,
            end,
            durable_end: start,
            epochs: std::iter::once(first).chain(later.copied()).collect(),
            generation: 0,
            ticketed: (0, start),
        }
    }

    pub(crate) fn start(&self) -> Offset {
        self.start
    }

    pub(crate) fn end(&self) -> Offset {
        self.end
    }

    pub(crate) fn durable_end(&self) -> Offset {
        self.durable_end
    }

    /// Epoch of the last record.
    pub(crate) fn last_epoch(&self) -> Epoch {
        self.epochs.last().map_or(Epoch::ZERO, |it| it.epoch)
    }

    /// Epoch of the last record below `end`; `None` when that is not in this log.
    pub(crate) fn epoch_before(&self, end: Offset) -> Option<Epoch> {
        if end < self.start || end > self.end {
            return None;
        }
        let first = self.epochs.first()?.epoch;
        let of = self.epochs.iter().rev().find(|it| it.start_offset < end);
        Some(of.map_or(first, |it| it.epoch))
    }

    /// The largest epoch at or below `epoch`, and the end of its records.
    ///
    /// `None` when that lies before the start of this log: only a snapshot can tell.
    pub(crate) fn end_of_epoch(&self, epoch: Epoch) -> Option<(Epoch, Offset)> {
        let n_up_to = self
            .epochs
            .iter()
            .take_while(|it| it.epoch <= epoch)
            .count();
        let found = self.epochs.get(n_up_to.checked_sub(1)?)?;
        let end = self
            .epochs
            .get(n_up_to)
            .map_or(self.end, |it| it.start_offset);
        Some((found.epoch, end))
    }

    pub(crate) fn append(&mut self, epoch: Epoch, end: Offset) {
        assert!(
            epoch >= self.last_epoch(),
            "epochs in the log never go back"
        );
        assert!(end > self.end, "an append has records");
        if epoch > self.last_epoch() {
            self.epochs.push(EpochStart {
                epoch,
                start_offset: self.end,
            });
        }
        self.end = end;
    }

    pub(crate) fn truncate(&mut self, to: Offset) {
        assert!(
            self.start <= to && to <= self.end,
            "a cut lies within the log"
        );
        let start = self.start;
        let base = self.epochs.first().map(|it| it.epoch);
        self.epochs
            .retain(|it| it.start_offset < to || Some(it.epoch) == base);
        self.end = to;
        self.durable_end = self.durable_end.min(to);
        self.generation += 1;
        self.ticketed = (self.generation, start);
    }

    /// Drops everything: the log starts again where a snapshot ends.
    pub(crate) fn restart(&mut self, at: SnapshotId) {
        let generation = self.generation + 1;
        let ticketed = (generation, at.end_offset);
        *self = LogView {
            generation,
            ticketed,
            ..LogView::new(at, &[], at.end_offset)
        };
    }

    /// Drops what a snapshot covers.
    pub(crate) fn trim(&mut self, to: SnapshotId) {
        assert!(self.start <= to.end_offset && to.end_offset <= self.durable_end);
        let later = self.epochs.iter().filter(|it| it.epoch > to.epoch).copied();
        let first = EpochStart {
            epoch: to.epoch,
            start_offset: to.end_offset,
        };
        self.epochs = std::iter::once(first).chain(later).collect();
        self.start = to.end_offset;
    }

    /// What a sync issued now would cover, if no earlier one covers it.
    pub(crate) fn next_sync(&mut self) -> Option<SyncCover> {
        let now = (self.generation, self.end);
        if self.ticketed == now {
            return None;
        }
        self.ticketed = now;
        Some(SyncCover {
            generation: self.generation,
            end: self.end,
        })
    }

    /// Notes that a sync is done. One that a truncation has overtaken proves nothing.
    pub(crate) fn synced(&mut self, cover: SyncCover) {
        if cover.generation == self.generation {
            assert!(cover.end <= self.end);
            self.durable_end = self.durable_end.max(cover.end);
        }
    }

    pub(crate) fn assert_invariants(&self) {
        assert!(self.start <= self.durable_end && self.durable_end <= self.end);
        assert!(
            self.epochs
                .first()
                .is_some_and(|it| it.start_offset == self.start)
        );
        assert!(self.epochs.is_sorted_by(|left, right| {
            left.epoch < right.epoch && left.start_offset <= right.start_offset
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(end_offset: u64, epoch: u32) -> SnapshotId {
        SnapshotId {
            end_offset: Offset::new(end_offset),
            epoch: Epoch::new(epoch),
        }
    }

    /// Epoch 1 at 0..3, epoch 4 at 3..5, epoch 5 at 5..9.
    fn log() -> LogView {
        let mut log = LogView::new(SnapshotId::default(), &[], Offset::ZERO);
        for (epoch, end) in [(1, 3), (4, 5), (5, 7), (5, 9)] {
            log.append(Epoch::new(epoch), Offset::new(end));
        }
        log
    }

    fn end_of(log: &LogView, epoch: u32) -> Option<(u32, u64)> {
        let found = log.end_of_epoch(Epoch::new(epoch));
        found.map(|(epoch, end)| (epoch.value(), end.value()))
    }

    #[test]
    fn an_epoch_ends_where_the_next_one_starts() {
        let cases = [
            (0, (0, 0)),
            (1, (1, 3)),
            (3, (1, 3)),
            (4, (4, 5)),
            (5, (5, 9)),
            (8, (5, 9)),
        ];
        for (epoch, expected) in cases {
            assert_eq!(end_of(&log(), epoch), Some(expected), "epoch {epoch}");
        }
    }

    #[test]
    fn what_lies_before_a_snapshot_is_not_known() {
        let mut log = log();
        log.synced(SyncCover {
            generation: 0,
            end: Offset::new(9),
        });
        log.trim(id(4, 4));
        log.assert_invariants();
        assert_eq!(end_of(&log, 3), None);
        assert_eq!(end_of(&log, 4), Some((4, 5)));
        assert_eq!(log.epoch_before(Offset::new(4)), Some(Epoch::new(4)));
        assert_eq!(log.epoch_before(Offset::new(3)), None);
    }

    #[test]
    fn a_truncation_forgets_the_epochs_it_cuts_off() {
        let mut log = log();
        log.truncate(Offset::new(4));
        assert_eq!(
            (log.last_epoch(), log.end()),
            (Epoch::new(4), Offset::new(4))
        );
        log.truncate(Offset::new(3));
        assert_eq!(log.last_epoch(), Epoch::new(1));
        log.truncate(Offset::ZERO);
        assert_eq!(log.last_epoch(), Epoch::ZERO);
        log.assert_invariants();
    }

    #[test]
    fn a_sync_issued_before_a_truncation_proves_nothing() {
        let mut log = log();
        let early = log.next_sync().unwrap();
        assert_eq!(log.next_sync(), None);
        log.truncate(Offset::new(5));
        log.append(Epoch::new(6), Offset::new(9));
        log.synced(early);
        assert_eq!(log.durable_end(), Offset::ZERO);
        let later = log.next_sync().unwrap();
        log.synced(later);
        assert_eq!(log.durable_end(), Offset::new(9));
    }

    #[test]
    fn a_restarted_log_has_the_epoch_of_its_snapshot() {
        let mut log = log();
        log.restart(id(20, 7));
        log.assert_invariants();
        assert_eq!((log.start(), log.end()), (Offset::new(20), Offset::new(20)));
        assert_eq!(log.last_epoch(), Epoch::new(7));
        assert_eq!(log.next_sync(), None);
    }
}
