//! Resigned: led this epoch and leads no more; the next leader will have a higher epoch.
//!
//! In: the time. Out: once, the news to the voters. Never here: leading again in the same epoch, also
//! not after a restart: what was lost of the log by then would be written differently.

use broker_types::{BrokerId, Monotonic};

use super::Role;
use crate::ReplicaKey;
use crate::action::{Action, Target};
use crate::message::{EndQuorumEpochRequest, Request};
use crate::quorum::Quorum;

#[derive(Debug)]
pub(crate) struct Resigned {
    pub(crate) deadline: Monotonic,
}

impl<P> Quorum<P> {
    /// Gives leadership up and tells who should stand. Nothing happens when this replica does not
    /// lead.
    ///
    /// To be called before a planned stop. The driver then waits, for as long as it likes, until
    /// [`Quorum::leader`] names another.
    pub fn resign(&mut self, now: Monotonic) {
        let Role::Leader(state) = &self.role else {
            return;
        };
        let end_of = |key: &ReplicaKey| state.replicas.get(key).map(|it| it.end_offset);
        let mut preferred = self.voters().others(self.me());
        // A stable sort, so that of equals the lower id comes first.
        preferred.sort_by_key(|key| std::cmp::Reverse(end_of(key)));
        self.become_resigned(now, preferred);
    }

    /// Notes that this replica leads no more, and tells the voters.
    pub(crate) fn become_resigned(&mut self, now: Monotonic, preferred: Vec<ReplicaKey>) {
        let leader: BrokerId = self.me().id;
        let epoch = self.election.epoch;
        let deadline = now + self.election_timeout();
        self.set_role(Role::Resigned(Resigned { deadline }));
        for voter in self.voters().others(self.me()) {
            let preferred = preferred.clone();
            let request = EndQuorumEpochRequest {
                epoch,
                leader,
                preferred,
            };
            let request = Request::EndQuorumEpoch(request);
            self.outbox.after_persist(Action::Send {
                to: Target::Broker(voter.id),
                request,
            });
        }
    }

    pub(crate) fn tick_resigned(&mut self, now: Monotonic, deadline: Monotonic) {
        if now >= deadline {
            self.stand_or_wait(now);
        }
    }
}
