//! Follower: fetches from the leader of its epoch. Observers are followers too.
//!
//! In: the leader's answers, lost connections, the time. Out: fetches, each after its sync.
//! Never here: what an answer means for the log (`fetch`, `snapshot`).

use broker_types::{BrokerId, Epoch, Monotonic};

use super::Role;
use crate::SnapshotId;
use crate::action::{Action, ElectionState, Target};
use crate::mutant::mutated;
use crate::quorum::Quorum;

#[derive(Debug)]
pub(crate) struct Follower {
    pub(crate) leader: BrokerId,
    /// When a voter stands and an observer looks for another leader.
    pub(crate) election_at: Monotonic,
    /// The leader has answered a fetch in this epoch, and its connection was not lost since.
    ///
    /// While this holds, no pre-vote is granted: the leader is not to be disturbed (KIP-996).
    pub(crate) is_heard: bool,
    /// The leader's connection was lost, and a pre-vote is due soon.
    pub(crate) is_lost: bool,
    /// The snapshot that the leader wants fetched. The log waits for it.
    pub(crate) download: Option<Download>,
    /// When a voter of which the log has other endpoints may ask to be updated.
    pub(crate) update_at: Monotonic,
}

/// A snapshot on its way.
#[derive(Debug)]
pub(crate) struct Download {
    pub(crate) id: SnapshotId,
    /// Bytes received.
    pub(crate) position: u64,
    /// Size as the first answer said.
    pub(crate) size: Option<u64>,
    /// All bytes are here, and the driver loads them.
    pub(crate) is_loading: bool,
    /// A request is on its way.
    pub(crate) is_asked: bool,
}

impl<P> Quorum<P> {
    pub(crate) fn become_follower(&mut self, now: Monotonic, epoch: Epoch, leader: BrokerId) {
        let before = self.election;
        let voted = before.voted.filter(|_| before.epoch == epoch);
        self.set_election(ElectionState {
            epoch,
            voted,
            leader: Some(leader),
        });
        let election_at = now + self.fetch_timeout();
        self.follow(now, leader, election_at, false);
        if mutated!(self, TruncateToHighWatermark) && self.high_watermark < self.log.end() {
            self.truncate_log(self.high_watermark);
        }
        self.send_fetch(Target::Broker(leader));
    }

    /// Goes on with a leader that was lost: it may come back before `again_at`.
    pub(crate) fn follow_lost_leader(
        &mut self,
        now: Monotonic,
        leader: BrokerId,
        again_at: Monotonic,
    ) {
        self.follow(now, leader, again_at, true);
        self.send_fetch(Target::Broker(leader));
    }

    fn follow(&mut self, now: Monotonic, leader: BrokerId, election_at: Monotonic, is_lost: bool) {
        assert!(leader != self.me().id, "a replica does not follow itself");
        let update_at = now + self.config.timeouts.fetch;
        let (is_heard, download) = (false, None);
        let state = Follower {
            leader,
            election_at,
            is_heard,
            is_lost,
            download,
            update_at,
        };
        self.set_role(Role::Follower(state));
    }

    /// The leader has shown that it is alive and leads.
    pub(crate) fn hear_leader(&mut self, now: Monotonic) {
        let election_at = now + self.fetch_timeout();
        if let Role::Follower(state) = &mut self.role {
            state.election_at = election_at;
            state.is_heard = true;
            state.is_lost = false;
        }
    }

    /// The leader's connection is gone, or it says that it leads no more.
    ///
    /// A voter stands soon, after a moment of random length; an observer looks for the next leader.
    pub(crate) fn lose_leader(&mut self, now: Monotonic) {
        let soon = now + self.lost_connection_wait();
        let may_stand = self.may_stand();
        let Role::Follower(state) = &mut self.role else {
            return;
        };
        if !may_stand {
            return self.become_unattached(now, self.election.epoch);
        }
        state.is_heard = false;
        if !state.is_lost {
            state.is_lost = true;
            state.election_at = state.election_at.min(soon);
        }
    }

    pub(crate) fn tick_follower(&mut self, now: Monotonic) {
        let Role::Follower(state) = &self.role else {
            return;
        };
        let leader = Target::Broker(state.leader);
        if now >= state.election_at {
            return self.stand_or_wait(now);
        }
        let wants_update = now >= state.update_at;
        if now >= self.fetch_at {
            self.fetch_log_or_snapshot(now, leader);
        }
        if wants_update {
            self.ask_for_update(now, leader);
        }
    }

    /// Tells the leader where this voter listens, when the log says something else.
    fn ask_for_update(&mut self, now: Monotonic, leader: Target) {
        let request = self.update_request();
        let next_at = now + self.config.timeouts.fetch;
        let Role::Follower(state) = &mut self.role else {
            return;
        };
        state.update_at = next_at;
        if let Some(request) = request {
            self.outbox.after_persist(Action::Send {
                to: leader,
                request,
            });
        }
    }
}
