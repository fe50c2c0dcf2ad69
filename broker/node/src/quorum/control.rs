//! What the control service asks of the quorum's thread: stops, reassignments, and how the quorum is.
//!
//! In: questions, the time. Out: answers, those of the active controller once their records are
//! committed. Never here: whether a broker may be stopped (`broker-metadata`).

use std::time::Duration;

use broker_metadata::Controller;
use broker_metadata::controller::{Moment, QuorumHealth};
use broker_raft::ReplicaDescription;
use broker_types::Monotonic;
use broker_wire::MetadataRecord;
use futures::channel::oneshot;

use super::driver::Driver;
use crate::configs::Definitions;
use crate::control::{Question, QuorumReplica, QuorumState, Verdict};
use crate::world::World;

/// A voter that was not at the leader's end for so long is behind.
const BEHIND_AFTER: Duration = Duration::from_secs(3);

impl<W: World> Driver<W> {
    /// Answers as the active controller; `None` from any other broker.
    pub(super) fn handle_question(
        &mut self,
        now: Monotonic,
        question: Question,
        reply: oneshot::Sender<Option<Verdict>>,
    ) {
        let at = Moment {
            now,
            log_end_offset: self.quorum.log_end(),
        };
        let health = self.health(now);
        let Some(controller) = self.active() else {
            // Whoever asked may have gone, here and below.
            let _ = reply.send(None);
            return;
        };
        let (records, verdict) = decide(controller, at, question, &health);
        let answer = move || drop(reply.send(Some(verdict)));
        self.commit(records, Some(Box::new(answer)));
    }

    fn health(&self, now: Monotonic) -> QuorumHealth {
        let described = self.quorum.describe(now).voters;
        let is_caught_up = |it: &ReplicaDescription| {
            let at = it.last_caught_up;
            at.is_some_and(|it| now.since(it) < BEHIND_AFTER)
        };
        let voters = self.quorum.voters().iter().map(|(key, _)| {
            let described = described.iter().find(|it| it.replica == key);
            (key.id, described.is_some_and(is_caught_up))
        });
        QuorumHealth {
            voters: voters.collect(),
        }
    }

    /// The quorum as this replica sees it.
    pub(super) fn quorum_state(&self, now: Monotonic) -> QuorumState {
        let described = self.quorum.describe(now);
        let replica = |it: &ReplicaDescription| QuorumReplica {
            id: it.replica.id,
            directory_id: it.replica.directory_id,
            log_end_offset: it.log_end,
            behind: it.last_caught_up.map(|it| now.since(it)),
        };
        let voters = self.quorum.voters().iter().map(|(key, _)| {
            let described = described.voters.iter().find(|it| it.replica == key);
            described.map_or(QuorumReplica::unknown(key), replica)
        });
        QuorumState {
            leader: described.leader,
            epoch: described.epoch,
            high_watermark: described.high_watermark,
            voters: voters.collect(),
            observers: described.observers.iter().map(replica).collect(),
        }
    }
}

/// The records of a decision, and what is said once they are committed.
fn decide(
    controller: &mut Controller,
    at: Moment,
    question: Question,
    health: &QuorumHealth,
) -> (Vec<MetadataRecord>, Verdict) {
    match question {
        Question::CanStop(asked) => {
            let decision = controller.can_stop(at, asked, health);
            (decision.records, Verdict::CanStop(decision.response))
        }
        Question::Drain(asked) => {
            let decision = controller.drain(asked);
            (decision.records, Verdict::Drain(decision.response))
        }
        Question::AlterTopic(asked) => {
            let decision = controller.alter_topic(&asked, &Definitions);
            (decision.records, Verdict::AlterTopic(decision.response))
        }
        Question::CaughtUp(broker) => {
            let catch_up = controller.caught_up(broker, health);
            (Vec::new(), Verdict::CaughtUp(catch_up))
        }
        Question::StartReassignment(asked) => {
            let decision = controller.start_reassignment(&asked);
            (
                decision.records,
                Verdict::StartReassignment(decision.response),
            )
        }
        Question::AlterReassignment(asked) => {
            let decision = controller.alter_reassignment(&asked);
            (
                decision.records,
                Verdict::AlterReassignment(decision.response),
            )
        }
        Question::CancelReassignment { id, only } => {
            let decision = controller.cancel_reassignment(&id, only.as_deref());
            (
                decision.records,
                Verdict::CancelReassignment(decision.response),
            )
        }
        Question::Reassignments => {
            let all = controller.reassignments();
            (Vec::new(), Verdict::Reassignments(all))
        }
        Question::MovingPartitions { id, after, limit } => {
            let page = controller.moving_partitions(&id, after, limit);
            (Vec::new(), Verdict::MovingPartitions(page))
        }
    }
}
