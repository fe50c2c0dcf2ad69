//! What a leader knows of one follower.
//!
//! In: the follower's fetches. Out: how far it is, and whether it keeps up.
//! Never here: the ISR itself.

use std::time::Duration;

use broker_types::{BrokerEpoch, Monotonic, Offset};

/// What a leader knows of one follower, in the current leader epoch (Kafka's `ReplicaState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What the follower's fetches have stated. `None` until it has fetched in this leader epoch:
    /// nothing it said to an earlier leader counts (KIP-320).
    stated: Option<Stated>,
    /// The last time at which it had all that the leader had. `None`: never, as far as we know.
    caught_up_at: Option<Monotonic>,
    /// It stated less than it must have, and has not caught up since.
    is_lossy: bool,
    /// Where its log begins, as far as it has stated.
    log_start_offset: Offset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stated {
    /// The follower's durable end: the offset it fetches.
    end_offset: Offset,
    broker_epoch: BrokerEpoch,
    /// When it fetched last, and the leader's log end then.
    fetched_at: Monotonic,
    leader_end_offset: Offset,
}

impl Progress {
    /// What is known of an ISR member when its leader begins: it counts as caught up, so that it
    /// has `replica.lag.time.max.ms` to show that it is.
    pub(crate) fn in_sync(now: Monotonic) -> Progress {
        Progress {
            caught_up_at: Some(now),
            ..Progress::default()
        }
    }

    pub(crate) fn end_offset(&self) -> Option<Offset> {
        self.stated.map(|it| it.end_offset)
    }

    pub(crate) fn caught_up_at(&self) -> Option<Monotonic> {
        self.caught_up_at
    }

    pub(crate) fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    pub(crate) fn handle_log_start(&mut self, log_start_offset: Offset) {
        self.log_start_offset = log_start_offset;
    }

    pub(crate) fn broker_epoch(&self) -> Option<BrokerEpoch> {
        self.stated.map(|it| it.broker_epoch)
    }

    pub(crate) fn is_lossy(&self) -> bool {
        self.is_lossy
    }

    /// Takes a fetch at `end_offset`. `must_have` is what the follower had to have whatever
    /// happened: the high watermark for an ISR member, nothing for others.
    pub(crate) fn handle_fetch(
        &mut self,
        end_offset: Offset,
        broker_epoch: BrokerEpoch,
        leader_end_offset: Offset,
        must_have: Offset,
        now: Monotonic,
    ) {
        let stated_before = self.end_offset().unwrap_or(Offset::ZERO);
        if end_offset < stated_before.max(must_have) {
            self.is_lossy = true;
            self.caught_up_at = None;
        } else if leader_end_offset <= end_offset {
            self.caught_up_at = Some(now);
        } else if let Some(before) = self.stated
            && before.leader_end_offset <= end_offset
        {
            // It has what the leader had when it fetched before. Under steady load it never has
            // more, and still keeps up.
            self.caught_up_at = self.caught_up_at.max(Some(before.fetched_at));
        }
        self.stated = Some(Stated {
            end_offset,
            broker_epoch,
            fetched_at: now,
            leader_end_offset,
        });
    }

    /// The leader's log is about to grow beyond `leader_end_offset`. Who has all of it until now has kept up
    /// until now, however long it is since it said so: it is asked for no word while there is no news.
    pub(crate) fn handle_leader_append(&mut self, leader_end_offset: Offset, now: Monotonic) {
        if self.end_offset() == Some(leader_end_offset) && !self.is_lossy {
            self.caught_up_at = Some(now);
        }
    }

    /// Forgets the loss, once the follower has again what an ISR member must have.
    pub(crate) fn handle_rejoined(&mut self) {
        self.is_lossy = false;
    }

    /// Whether it had all that the leader had, now or at most `lag_max` ago.
    pub(crate) fn is_caught_up(
        &self,
        leader_end_offset: Offset,
        lag_max: Duration,
        now: Monotonic,
    ) -> bool {
        self.end_offset() == Some(leader_end_offset)
            || self.caught_up_at.is_some_and(|at| now.since(at) <= lag_max)
    }
}
