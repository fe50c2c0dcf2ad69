//! Quorum loss: what makes a survivor the only voter, when most voters have lost their disks for ever.
//!
//! In: what is on the survivor's disk, who it is. Out: the record to append and the election state to
//! write after it. Never here: whether the others are really gone; who asks has made sure of that, and
//! what only they had is lost.

use broker_types::{Epoch, Offset};

use crate::action::{ControlRecord, ElectionState};
use crate::generation::first_of_next;
use crate::log_view::LogView;
use crate::recovery::{OpenError, Recovered};
use crate::{Endpoint, ReplicaKey, VoterSet};

/// What makes a survivor the only voter.
///
/// The driver appends the record and syncs it, and then writes the election state. Between the two
/// the replica cannot be opened ([`OpenError::EpochForgotten`]): doing all of it again completes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoleVoter {
    /// Where the record goes: the end of the log.
    pub base_offset: Offset,
    /// First of a new generation: above every epoch that the survivor knows of, and all that the
    /// voters of before may come to by themselves.
    pub epoch: Epoch,
    /// The `VotersRecord` that says so, for a batch of its own.
    pub records: Vec<ControlRecord>,
    pub election: ElectionState,
}

/// Why a replica cannot be made the only voter.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SoleVoterError {
    #[error("the metadata log is empty: there is nothing to go on with")]
    NothingToGoOnWith,
    #[error("the metadata log cannot be gone on with")]
    Damaged {
        #[from]
        source: OpenError,
    },
    #[error("there is no epoch left for another recovery after epoch {epoch}")]
    NoEpochLeft { epoch: Epoch },
}

impl Recovered {
    /// Epoch of the last record in the log, or of the snapshot that it starts with.
    pub fn last_epoch(&self) -> Epoch {
        LogView::new(self.log_start, &self.epochs, self.log_end).last_epoch()
    }

    /// The voters that the log says, committed or not.
    pub fn last_voters(&self) -> VoterSet {
        let last = self.voters.last();
        last.map(|(_, set)| set.clone()).unwrap_or_default()
    }

    /// What makes this replica the only voter. `heard` is the highest epoch that anybody still tells of.
    ///
    /// # Errors
    /// When the log is empty or does not fit together.
    pub fn sole_voter(
        &self,
        me: ReplicaKey,
        endpoints: Vec<Endpoint>,
        heard: Epoch,
    ) -> Result<SoleVoter, SoleVoterError> {
        if self.log_end == Offset::ZERO {
            return Err(SoleVoterError::NothingToGoOnWith);
        }
        let last = self.last_epoch();
        let mut complete = self.clone();
        // A recovery that was cut short left a record, and not the election state that goes with it.
        complete.election.epoch = complete.election.epoch.max(last);
        complete.check()?;
        let highest = complete.election.epoch.max(heard);
        let epoch = first_of_next(highest).ok_or(SoleVoterError::NoEpochLeft { epoch: highest })?;
        let voters = VoterSet::new([(me, endpoints)]);
        Ok(SoleVoter {
            base_offset: self.log_end,
            epoch,
            records: vec![ControlRecord::Voters(voters)],
            election: ElectionState {
                epoch,
                voted: None,
                leader: None,
            },
        })
    }
}
