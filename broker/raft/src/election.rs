//! Elections: who asks for votes, who gives them, who says who leads.
//!
//! In: Vote, BeginQuorumEpoch, EndQuorumEpoch and their answers. Out: the same, each after the
//! election state it speaks of is written. Never here: the waits of each state (`states`).

use std::collections::BTreeSet;

use broker_types::{BrokerId, Epoch, ErrorCode, Monotonic};

use crate::action::{Action, ElectionState, Target};
use crate::message::{
    BeginQuorumEpochRequest, EndQuorumEpochRequest, EpochResponse, ReplyTo, Request, Response,
    VoteRequest, VoteResponse,
};
use crate::mutant::mutated;
use crate::quorum::Quorum;
use crate::states::Role;
use crate::{ReplicaKey, VoterSet};

/// Votes, or pre-votes, of one election.
#[derive(Debug)]
pub(crate) struct Ballot {
    granted: BTreeSet<ReplicaKey>,
    rejected: BTreeSet<ReplicaKey>,
    /// Asked, and neither answered nor failed.
    asked: BTreeSet<ReplicaKey>,
    /// When those whose request failed are asked again.
    pub(crate) retry_at: Monotonic,
}

impl Default for Ballot {
    fn default() -> Ballot {
        let (granted, rejected, asked) = Default::default();
        Ballot {
            granted,
            rejected,
            asked,
            retry_at: Monotonic::NEVER,
        }
    }
}

/// How an election stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Won,
    /// A majority can no longer be reached.
    Lost,
    Open,
}

impl Ballot {
    pub(crate) fn grant(&mut self, voter: ReplicaKey) {
        self.granted.insert(voter);
    }

    pub(crate) fn granted(&self) -> Vec<ReplicaKey> {
        self.granted.iter().copied().collect()
    }

    pub(crate) fn outcome(&self, voters: &VoterSet) -> Outcome {
        let count = |of: &BTreeSet<ReplicaKey>| voters.keys().filter(|it| of.contains(it)).count();
        let majority = voters.majority();
        if count(&self.granted) >= majority {
            Outcome::Won
        } else if voters.len() - count(&self.rejected) < majority {
            Outcome::Lost
        } else {
            Outcome::Open
        }
    }
}

/// Whether `left` is at least as new as `right`: by epoch of the last record, then by length.
fn is_up_to_date(
    left: (Epoch, broker_types::Offset),
    right: (Epoch, broker_types::Offset),
) -> bool {
    left >= right
}

impl<P> Quorum<P> {
    /// Asks all voters that have not answered yet.
    pub(crate) fn ask_for_votes(&mut self) {
        let (me, epoch) = (self.me(), self.election.epoch);
        let (last_epoch, last_offset) = (self.log.last_epoch(), self.log.end());
        let others = self.voters().others(me);
        let Some((ballot, pre_vote)) = self.role.ballot() else {
            return;
        };
        ballot.retry_at = Monotonic::NEVER;
        for voter in others {
            let is_settled = [&ballot.granted, &ballot.rejected, &ballot.asked];
            if is_settled.iter().any(|it| it.contains(&voter)) {
                continue;
            }
            ballot.asked.insert(voter);
            let candidate = me;
            let request = VoteRequest {
                epoch,
                candidate,
                voter,
                last_epoch,
                last_offset,
                pre_vote,
            };
            let to = Target::Broker(voter.id);
            self.outbox.after_persist(Action::Send {
                to,
                request: Request::Vote(request),
            });
        }
    }

    /// Answers a request for this replica's vote.
    pub fn handle_vote(&mut self, now: Monotonic, to: ReplyTo, request: &VoteRequest) {
        let (error, granted) = self.decide_vote(now, request);
        let (epoch, leader) = (self.election.epoch, self.leader());
        let response = Response::Vote(VoteResponse {
            error,
            epoch,
            leader,
            granted,
        });
        self.outbox.after_persist(Action::Respond { to, response });
    }

    fn decide_vote(&mut self, now: Monotonic, request: &VoteRequest) -> (ErrorCode, bool) {
        let is_me = request.voter == self.me()
            || mutated!(self, WipedDiskVotes) && request.voter.id == self.me().id;
        if !is_me {
            return (ErrorCode::InvalidVoterKey, false);
        }
        if request.epoch < self.election.epoch {
            return (ErrorCode::FencedLeaderEpoch, false);
        }
        self.observe_epoch(now, request.epoch, None);
        let theirs = (request.last_epoch, request.last_offset);
        let is_up_to_date = mutated!(self, StaleCandidateGranted)
            || is_up_to_date(theirs, (self.log.last_epoch(), self.log.end()));
        let granted = if request.pre_vote {
            is_up_to_date && self.would_vote()
        } else {
            self.give_vote(now, request.candidate, is_up_to_date)
        };
        (ErrorCode::None, granted)
    }

    /// Whether a pre-vote does not disturb a leader that this replica knows to be alive.
    fn would_vote(&self) -> bool {
        match &self.role {
            Role::Leader(_) => false,
            Role::Follower(state) => !state.is_heard,
            Role::Unattached(_) | Role::Prospective(_) | Role::Candidate(_) | Role::Resigned(_) => {
                true
            }
        }
    }

    /// Gives this epoch's vote, once.
    fn give_vote(&mut self, now: Monotonic, candidate: ReplicaKey, is_up_to_date: bool) -> bool {
        let is_free = self.election.voted.is_none() && self.election.leader.is_none()
            || mutated!(self, VoteGrantedTwice) && self.election.voted != Some(self.me());
        if self.election.voted == Some(candidate) {
            return true;
        }
        if !is_free || !is_up_to_date {
            return false;
        }
        self.set_election(ElectionState {
            voted: Some(candidate),
            ..self.election
        });
        // The election that this vote is for gets its time.
        if matches!(self.role, Role::Unattached(_) | Role::Prospective(_)) {
            self.become_unattached(now, self.election.epoch);
        }
        true
    }

    /// Takes a voter's answer to a request for its vote.
    pub fn handle_vote_response(
        &mut self,
        now: Monotonic,
        request: &VoteRequest,
        response: &VoteResponse,
    ) {
        let epoch = self.election.epoch;
        let is_own = request.epoch == epoch && request.candidate == self.me();
        if response.epoch > epoch || !is_own {
            return self.observe_epoch(now, response.epoch, response.leader);
        }
        let is_from_leader = response.leader == Some(request.voter.id);
        let Some((ballot, _)) = self.role.ballot().filter(|(_, it)| *it == request.pre_vote) else {
            return;
        };
        ballot.asked.remove(&request.voter);
        if response.granted && response.epoch == epoch {
            ballot.granted.insert(request.voter);
        } else {
            ballot.rejected.insert(request.voter);
        }
        let is_known = self
            .election
            .leader
            .is_none_or(|it| Some(it) == response.leader);
        if is_from_leader && is_known && response.epoch == epoch {
            // The leader itself answered, so it is there to be followed.
            return self.become_follower(now, epoch, request.voter.id);
        }
        self.observe_epoch(now, response.epoch, response.leader);
        self.count_pre_votes(now);
        self.count_votes(now);
    }

    /// A voter did not answer: it is asked again, as long as the election runs.
    pub(crate) fn retry_vote(&mut self, now: Monotonic, request: &VoteRequest) {
        let again_at = now + self.retry_backoff();
        if request.epoch != self.election.epoch {
            return;
        }
        let Some((ballot, _)) = self.role.ballot().filter(|(_, it)| *it == request.pre_vote) else {
            return;
        };
        if ballot.asked.remove(&request.voter) {
            ballot.retry_at = ballot.retry_at.min(again_at);
        }
    }

    /// Hears from a leader that it leads.
    pub fn handle_begin_quorum_epoch(
        &mut self,
        now: Monotonic,
        to: ReplyTo,
        request: &BeginQuorumEpochRequest,
    ) {
        let error = if request.voter != self.me() {
            ErrorCode::InvalidVoterKey
        } else if request.epoch < self.election.epoch {
            ErrorCode::FencedLeaderEpoch
        } else {
            self.observe_leader(now, request.epoch, request.leader);
            ErrorCode::None
        };
        let response = Response::BeginQuorumEpoch(self.epoch_response(error));
        self.outbox.after_persist(Action::Respond { to, response });
    }

    /// Takes a voter's answer to [`Request::BeginQuorumEpoch`] or [`Request::EndQuorumEpoch`].
    pub fn handle_epoch_response(&mut self, now: Monotonic, response: &EpochResponse) {
        self.observe_epoch(now, response.epoch, response.leader);
    }

    /// Hears from a leader that it leads no more, and who should stand.
    ///
    /// The first of the preferred stands at once, without a pre-vote: there is no leader to
    /// disturb. The others give it time, each a little more than the one before.
    pub fn handle_end_quorum_epoch(
        &mut self,
        now: Monotonic,
        to: ReplyTo,
        request: &EndQuorumEpochRequest,
    ) {
        let error = if request.epoch < self.election.epoch {
            ErrorCode::FencedLeaderEpoch
        } else {
            self.observe_leader(now, request.epoch, request.leader);
            self.succeed_leader(now, request);
            ErrorCode::None
        };
        let response = Response::EndQuorumEpoch(self.epoch_response(error));
        self.outbox.after_persist(Action::Respond { to, response });
    }

    fn succeed_leader(&mut self, now: Monotonic, request: &EndQuorumEpochRequest) {
        let follows = matches!(&self.role, Role::Follower(it) if it.leader == request.leader);
        if !follows || request.epoch != self.election.epoch {
            return;
        }
        self.lose_leader(now);
        if !self.may_stand() {
            return;
        }
        let me = self.me();
        let place = request.preferred.iter().position(|it| *it == me);
        match place {
            Some(0) => self.become_candidate(now),
            place => {
                let place = place.unwrap_or(request.preferred.len());
                let place = u32::try_from(place).unwrap_or(u32::MAX);
                let wait = self.lost_connection_wait();
                let step = self.config.timeouts.lost_connection_max;
                let Role::Follower(state) = &mut self.role else {
                    return;
                };
                state.election_at = now + wait + step.saturating_mul(place);
            }
        }
    }

    fn epoch_response(&self, error: ErrorCode) -> EpochResponse {
        EpochResponse {
            error,
            epoch: self.election.epoch,
            leader: self.leader(),
        }
    }

    /// Hears of an epoch from anyone, perhaps with its leader.
    pub(crate) fn observe_epoch(&mut self, now: Monotonic, epoch: Epoch, leader: Option<BrokerId>) {
        // A leader with this broker's id but an earlier disk is nobody to follow.
        let leader = leader.filter(|it| *it != self.me().id);
        if epoch > self.election.epoch {
            match leader {
                Some(leader) => self.become_follower(now, epoch, leader),
                None => self.become_unattached(now, epoch),
            }
            return;
        }
        let Some(leader) = leader.filter(|_| epoch == self.election.epoch) else {
            return;
        };
        let is_news = match &self.role {
            Role::Unattached(_) | Role::Candidate(_) => true,
            // One that knows the leader is prospective because it does not reach it.
            Role::Prospective(_) => self.election.leader.is_none(),
            Role::Leader(_) | Role::Follower(_) | Role::Resigned(_) => false,
        };
        if is_news && self.election.leader.is_none_or(|it| it == leader) {
            self.become_follower(now, epoch, leader);
        }
    }

    /// Hears from a leader itself that it leads, or led, this epoch.
    fn observe_leader(&mut self, now: Monotonic, epoch: Epoch, leader: BrokerId) {
        let knows = self.election.epoch == epoch && self.election.leader == Some(leader);
        if knows && matches!(self.role, Role::Prospective(_)) && leader != self.me().id {
            self.become_follower(now, epoch, leader);
        } else {
            self.observe_epoch(now, epoch, Some(leader));
        }
    }
}

#[cfg(test)]
mod tests {
    use broker_types::Offset;

    use super::*;

    #[test]
    fn a_log_is_newer_by_epoch_and_then_by_length() {
        let cases = [
            ((2, 5), (2, 5), true),
            ((2, 5), (2, 6), false),
            ((2, 6), (2, 5), true),
            ((3, 1), (2, 9), true),
            ((2, 9), (3, 1), false),
        ];
        for (left, right, expected) in cases {
            let log = |(epoch, end)| (Epoch::new(epoch), Offset::new(end));
            assert_eq!(
                is_up_to_date(log(left), log(right)),
                expected,
                "{left:?} {right:?}"
            );
        }
    }
}
