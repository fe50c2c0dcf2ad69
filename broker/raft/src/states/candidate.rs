//! Candidate: stands in a new epoch, with its own vote.
//!
//! In: votes, the time, the proof that its own vote is written. Out: requests for votes.
//! Never here: a second candidacy in an epoch, also not after a restart.

use broker_types::Monotonic;

use super::Role;
use crate::action::ElectionState;
use crate::election::{Ballot, Outcome};
use crate::quorum::Quorum;

#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) ballot: Ballot,
    /// Number of the election state that holds its own vote, which counts once that is written.
    own_vote: u64,
    /// When it gives up, or, once it has lost, when it may ask again.
    deadline: Monotonic,
    has_lost: bool,
}

impl<P> Quorum<P> {
    pub(crate) fn become_candidate(&mut self, now: Monotonic) {
        assert!(
            self.may_stand(),
            "only who is or may still be a voter stands"
        );
        let epoch = self.election.epoch.next();
        self.set_election(ElectionState {
            epoch,
            voted: Some(self.me()),
            leader: None,
        });
        let deadline = now + self.election_timeout();
        self.set_role(Role::Candidate(Candidate {
            ballot: Ballot::default(),
            own_vote: self.outbox.issued(),
            deadline,
            has_lost: false,
        }));
        self.ask_for_votes();
        self.count_votes(now);
    }

    pub(crate) fn count_votes(&mut self, now: Monotonic) {
        let me = self.config.me;
        let backoff = self.election_backoff();
        let Role::Candidate(state) = &mut self.role else {
            return;
        };
        if self.outbox.is_persisted(state.own_vote) {
            state.ballot.grant(me);
        }
        match state.ballot.outcome(self.voters.latest()) {
            Outcome::Won => {
                let granting = state.ballot.granted();
                self.become_leader(now, granting);
            }
            Outcome::Lost if !state.has_lost => {
                state.has_lost = true;
                state.deadline = state.deadline.min(now + backoff);
            }
            Outcome::Lost | Outcome::Open => {}
        }
    }

    pub(crate) fn tick_candidate(&mut self, now: Monotonic) {
        let Role::Candidate(state) = &self.role else {
            return;
        };
        if now >= state.deadline {
            self.stand_or_wait(now);
        } else if now >= state.ballot.retry_at {
            self.ask_for_votes();
        }
    }

    /// A voter asks again. One that learned meanwhile that it is none waits to be told who leads.
    pub(crate) fn stand_or_wait(&mut self, now: Monotonic) {
        if self.may_stand() {
            self.become_prospective(now);
        } else {
            self.become_unattached(now, self.election.epoch);
        }
    }

    pub(crate) fn candidate_deadline(state: &Candidate) -> Monotonic {
        state.deadline.min(state.ballot.retry_at)
    }
}
