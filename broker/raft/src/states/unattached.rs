//! Unattached: the leader of the epoch is not known, or is no longer believed in.
//!
//! In: the time. Out: a fetch now and then to whoever may know the leader; a voter stands in the end.
//! Never here: how votes are given (`election`).

use broker_types::{Epoch, Monotonic};

use super::Role;
use crate::action::{ElectionState, Target};
use crate::quorum::Quorum;

#[derive(Debug)]
pub(crate) struct Unattached {
    /// When a voter becomes prospective.
    pub(crate) election_at: Monotonic,
}

impl<P> Quorum<P> {
    /// Knows of `epoch`, not of its leader.
    pub(crate) fn become_unattached(&mut self, now: Monotonic, epoch: Epoch) {
        if epoch > self.election.epoch {
            self.set_election(ElectionState {
                epoch,
                voted: None,
                leader: None,
            });
        }
        let election_at = now + self.election_timeout();
        self.set_role(Role::Unattached(Unattached { election_at }));
        self.fetch_at = now + self.retry_backoff();
    }

    pub(crate) fn tick_unattached(&mut self, now: Monotonic, election_at: Monotonic) {
        if self.may_stand() && now >= election_at {
            self.become_prospective(now);
        } else if now >= self.fetch_at {
            // Whoever was asked before may be gone without a word.
            self.fetching = None;
            self.outbox.drop_fetches();
            let target = self.someone_else();
            self.send_fetch(target);
            self.fetch_at = now + self.config.timeouts.reminder();
        }
    }

    /// A voter at random, or the bootstrap servers: the voters known here may all be gone.
    fn someone_else(&mut self) -> Target {
        let others = self.voters().others(self.me());
        let n_choices = u64::try_from(others.len()).unwrap_or(0) + 1;
        let choice = usize::try_from(self.jitter.below(n_choices)).unwrap_or(0);
        others
            .get(choice)
            .map_or(Target::Bootstrap, |it| Target::Broker(it.id))
    }
}
