//! The states of a replica, one file each.
//!
//! ```text
//!  from         to           when
//!  any          unattached   a higher epoch is heard of, its leader is not
//!  any          follower     the leader of this or a higher epoch is heard of
//!  unattached   prospective  the election timeout passes (voters only)
//!  follower     prospective  the fetch timeout passes, or the leader's connection was lost
//!  follower     candidate    the leader resigned and prefers this replica
//!  prospective  candidate    a majority would vote for this replica
//!  prospective  follower     a majority would not, and the leader of the epoch is known
//!  prospective  unattached   a majority would not, and it is not known
//!  candidate    leader       a majority voted for this replica
//!  candidate    prospective  a majority did not, or the election timeout passed
//!  leader       resigned     no majority fetches, the replica stops, or it is no longer a voter
//!  resigned     unattached   the election timeout passes
//! ```
//!
//! An observer is only ever unattached, a follower, or, for a moment after it was removed, resigned.

mod candidate;
mod follower;
mod leader;
mod prospective;
mod resigned;
mod unattached;

pub(crate) use candidate::Candidate;
pub(crate) use follower::{Download, Follower};
pub(crate) use leader::{Leader, Progress};
pub(crate) use prospective::Prospective;
pub(crate) use resigned::Resigned;
pub(crate) use unattached::Unattached;

use crate::election::Ballot;

/// A replica's state, with what only that state needs.
#[derive(Debug)]
pub(crate) enum Role {
    Unattached(Unattached),
    Prospective(Prospective),
    Candidate(Candidate),
    Leader(Leader),
    Follower(Follower),
    Resigned(Resigned),
}

/// A replica's state, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleName {
    Unattached,
    Prospective,
    Candidate,
    Leader,
    Follower,
    Resigned,
}

impl Role {
    /// The election that runs in this state, and whether it is of pre-votes.
    pub(crate) fn ballot(&mut self) -> Option<(&mut Ballot, bool)> {
        match self {
            Role::Prospective(state) => Some((&mut state.ballot, true)),
            Role::Candidate(state) => Some((&mut state.ballot, false)),
            Role::Unattached(_) | Role::Leader(_) | Role::Follower(_) | Role::Resigned(_) => None,
        }
    }

    pub(crate) fn name(&self) -> RoleName {
        match self {
            Role::Unattached(_) => RoleName::Unattached,
            Role::Prospective(_) => RoleName::Prospective,
            Role::Candidate(_) => RoleName::Candidate,
            Role::Leader(_) => RoleName::Leader,
            Role::Follower(_) => RoleName::Follower,
            Role::Resigned(_) => RoleName::Resigned,
        }
    }
}
