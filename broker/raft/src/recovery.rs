//! What a driver found on the disk, from which a quorum is opened.
//!
//! In: what was read back. Out: the same, checked. Never here: reading it; and no default for what
//! could not be read: a replica that cannot read its snapshot does not start.

use broker_types::{Epoch, Offset};

use crate::action::ElectionState;
use crate::log_view::LogView;
use crate::{EpochStart, SnapshotId, VoterSet};

/// A snapshot on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSnapshot {
    pub id: SnapshotId,
    /// Size of its file in bytes.
    pub size: u64,
}

/// What a driver found on the disk.
///
/// A replica formatted as one of the first voters has an empty log and those voters at offset zero;
/// a replica formatted later has an empty log and no voters, and finds the leader by the bootstrap
/// servers.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// The election state; that of a new disk is the default.
    pub election: ElectionState,
    /// The snapshot at the start of the log; the default for a log that starts at zero.
    pub log_start: SnapshotId,
    /// Where each epoch in the log starts, in order.
    pub epochs: Vec<EpochStart>,
    pub log_end: Offset,
    /// The voters at the log's start, then those of each `VotersRecord` in the log, each with the
    /// offset just past its record, in order.
    pub voters: Vec<(Offset, VoterSet)>,
    /// The snapshots that could be loaded, oldest first. All of them are at or above the log's
    /// start, and the log holds what they cover (see [`Recovered::superseded_by`]).
    pub snapshots: Vec<StoredSnapshot>,
}

/// Why a quorum cannot be opened on what is on the disk.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the log ends at {log_end}, below its start at {log_start}")]
    EndBeforeStart { log_start: Offset, log_end: Offset },
    #[error("epoch {epoch} starts at {start_offset}, which is out of order or outside the log")]
    EpochOutOfOrder { epoch: Epoch, start_offset: Offset },
    #[error("the log holds epoch {log_epoch}, but the election state only knows of {epoch}")]
    EpochForgotten { log_epoch: Epoch, epoch: Epoch },
    #[error("the log starts at {log_start}, but there is no snapshot of what lies below")]
    SnapshotMissing { log_start: Offset },
    #[error("the snapshot that ends at {end_offset} is outside the log {log_start}..{log_end}")]
    SnapshotOutsideLog {
        end_offset: Offset,
        log_start: Offset,
        log_end: Offset,
    },
    #[error("the log does not hold what the snapshot that ends at {end_offset} covers")]
    SnapshotSupersedesLog { end_offset: Offset },
    #[error("the voters at offset {offset} are out of order or outside the log")]
    VotersOutOfOrder { offset: Offset },
}

impl Recovered {
    /// The newest snapshot, when the log does not hold what it covers: it ends before, or is
    /// another one there.
    ///
    /// That is what a crash leaves while a fetched snapshot is being installed. The driver must
    /// finish that, so that the log starts empty at the snapshot's end, before it opens a quorum.
    pub fn superseded_by(&self) -> Option<SnapshotId> {
        let id = self.snapshots.last().map(|it| it.id)?;
        let log = LogView::new(self.log_start, &self.epochs, self.log_end);
        (log.epoch_before(id.end_offset) != Some(id.epoch)).then_some(id)
    }

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let (log_start, log_end) = (self.log_start.end_offset, self.log_end);
        if log_end < log_start {
            return Err(OpenError::EndBeforeStart { log_start, log_end });
        }
        self.check_epochs()?;
        let covers_start = |it: &StoredSnapshot| it.id == self.log_start;
        if log_start > Offset::ZERO && !self.snapshots.iter().any(covers_start) {
            return Err(OpenError::SnapshotMissing { log_start });
        }
        for StoredSnapshot { id, .. } in &self.snapshots {
            let end_offset = id.end_offset;
            if end_offset < log_start || end_offset > log_end {
                return Err(OpenError::SnapshotOutsideLog {
                    end_offset,
                    log_start,
                    log_end,
                });
            }
        }
        if let Some(SnapshotId { end_offset, .. }) = self.superseded_by() {
            return Err(OpenError::SnapshotSupersedesLog { end_offset });
        }
        let mut previous = None;
        for (offset, _) in &self.voters {
            if *offset > log_end || previous.is_some_and(|it| *offset <= it) {
                return Err(OpenError::VotersOutOfOrder { offset: *offset });
            }
            previous = Some(*offset);
        }
        Ok(())
    }

    fn check_epochs(&self) -> Result<(), OpenError> {
        let mut previous = EpochStart {
            epoch: self.log_start.epoch,
            start_offset: self.log_start.end_offset,
        };
        for found in &self.epochs {
            let EpochStart {
                epoch,
                start_offset,
            } = *found;
            // The epoch of the record before the start may reach into the log.
            if epoch <= self.log_start.epoch {
                continue;
            }
            let is_in_order = epoch > previous.epoch && start_offset >= previous.start_offset;
            if !is_in_order || start_offset >= self.log_end {
                return Err(OpenError::EpochOutOfOrder {
                    epoch,
                    start_offset,
                });
            }
            previous = *found;
        }
        let (log_epoch, epoch) = (previous.epoch, self.election.epoch);
        if log_epoch > epoch {
            return Err(OpenError::EpochForgotten { log_epoch, epoch });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recovered() -> Recovered {
        let id = SnapshotId {
            end_offset: Offset::new(10),
            epoch: Epoch::new(2),
        };
        Recovered {
            election: ElectionState {
                epoch: Epoch::new(5),
                voted: None,
                leader: None,
            },
            log_start: id,
            epochs: vec![EpochStart {
                epoch: Epoch::new(4),
                start_offset: Offset::new(12),
            }],
            log_end: Offset::new(15),
            voters: vec![(Offset::new(10), VoterSet::default())],
            snapshots: vec![StoredSnapshot { id, size: 100 }],
        }
    }

    #[test]
    fn what_fits_together_is_opened() {
        assert_eq!(recovered().check(), Ok(()));
        assert_eq!(Recovered::default().check(), Ok(()));
    }

    #[test]
    fn a_log_without_the_snapshot_of_its_start_is_refused() {
        let found = Recovered {
            snapshots: Vec::new(),
            ..recovered()
        };
        let log_start = Offset::new(10);
        assert_eq!(found.check(), Err(OpenError::SnapshotMissing { log_start }));
    }

    #[test]
    fn a_log_ahead_of_the_election_state_is_refused() {
        let found = Recovered {
            election: ElectionState::default(),
            ..recovered()
        };
        let (log_epoch, epoch) = (Epoch::new(4), Epoch::ZERO);
        assert_eq!(
            found.check(),
            Err(OpenError::EpochForgotten { log_epoch, epoch })
        );
    }

    #[test]
    fn a_log_that_is_another_one_at_its_newest_snapshot_is_refused() {
        let mut found = recovered();
        let end_offset = Offset::new(14);
        let id = SnapshotId {
            end_offset,
            epoch: Epoch::new(4),
        };
        found.snapshots.push(StoredSnapshot { id, size: 100 });
        assert_eq!((found.superseded_by(), found.check()), (None, Ok(())));
        let id = SnapshotId {
            end_offset,
            epoch: Epoch::new(5),
        };
        found.snapshots.push(StoredSnapshot { id, size: 100 });
        assert_eq!(found.superseded_by(), Some(id));
        assert_eq!(
            found.check(),
            Err(OpenError::SnapshotSupersedesLog { end_offset })
        );
    }

    #[test]
    fn a_log_below_its_newest_snapshot_is_refused() {
        let found = Recovered {
            log_end: Offset::new(9),
            ..recovered()
        };
        let (log_start, log_end) = (Offset::new(10), Offset::new(9));
        assert_eq!(
            found.check(),
            Err(OpenError::EndBeforeStart { log_start, log_end })
        );
    }
}
