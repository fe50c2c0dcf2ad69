//! Prospective: asks whether it could win before it disturbs anyone with a new epoch (KIP-996).
//!
//! In: answers to pre-votes, the time. Out: pre-votes. Never here: a new epoch.

use broker_types::Monotonic;

use super::Role;
use crate::election::{Ballot, Outcome};
use crate::mutant::mutated;
use crate::quorum::Quorum;

#[derive(Debug)]
pub(crate) struct Prospective {
    pub(crate) ballot: Ballot,
    /// When it gives up.
    pub(crate) deadline: Monotonic,
}

impl<P> Quorum<P> {
    pub(crate) fn become_prospective(&mut self, now: Monotonic) {
        assert!(
            self.may_stand(),
            "only who is or may still be a voter stands"
        );
        if mutated!(self, NoPreVote) {
            return self.become_candidate(now);
        }
        let deadline = now + self.election_timeout();
        let mut ballot = Ballot::default();
        // Nothing was given away, so there is nothing to be written first.
        ballot.grant(self.me());
        self.set_role(Role::Prospective(Prospective { ballot, deadline }));
        self.ask_for_votes();
        self.count_pre_votes(now);
    }

    pub(crate) fn count_pre_votes(&mut self, now: Monotonic) {
        let Role::Prospective(state) = &self.role else {
            return;
        };
        match state.ballot.outcome(self.voters()) {
            Outcome::Won => self.become_candidate(now),
            Outcome::Lost => self.give_up_pre_vote(now),
            Outcome::Open => {}
        }
    }

    pub(crate) fn tick_prospective(&mut self, now: Monotonic) {
        let Role::Prospective(state) = &self.role else {
            return;
        };
        if now >= state.deadline {
            self.give_up_pre_vote(now);
        } else if now >= state.ballot.retry_at {
            self.ask_for_votes();
        }
    }

    /// Goes back to the leader if there is one: it may be reachable again.
    fn give_up_pre_vote(&mut self, now: Monotonic) {
        let again_at = now + self.election_backoff();
        match self.election.leader {
            Some(leader) if leader != self.me().id => {
                self.follow_lost_leader(now, leader, again_at)
            }
            _ => {
                self.become_unattached(now, self.election.epoch);
                if let Role::Unattached(state) = &mut self.role {
                    state.election_at = again_at;
                }
            }
        }
    }
}
