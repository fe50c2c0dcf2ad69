//! What a leader knows of what is wanted (KIP-227): a fetch says only what has changed since the last one.
//!
//! In: where followers are now; how much of each may come; the leader's answers. Out: what the next fetch
//! adds and takes back. Never here: sending it.

use std::collections::BTreeMap;

use broker_types::{BrokerEpoch, LeaderEpoch, TopicPartition};
use broker_wire::messages::fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};

use crate::fetch_sessions::{INITIAL_EPOCH, next_epoch};
use crate::shard::FollowerPosition;
use crate::throttles::Limits;

/// What the leader was asked for a partition.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) at: FollowerPosition,
    pub(super) limits: Limits,
}

/// How much of a partition may come now.
pub(super) struct Room {
    /// 0: nothing.
    pub(super) bytes_max: i32,
    pub(super) limits: Limits,
}

/// The session with one leader. Without an id the next fetch is a full one, and opens it.
#[derive(Debug, Default)]
pub(super) struct Session {
    id: i32,
    epoch: i32,
    /// As whom it was opened: what a broker says counts for its registration.
    broker_epoch: Option<BrokerEpoch>,
    asked: BTreeMap<TopicPartition, Asked>,
    /// Not asked for: their throttles leave them nothing.
    held: BTreeMap<TopicPartition, FollowerPosition>,
}

/// The part of a fetch that a session decides.
#[derive(Debug, Default)]
pub(super) struct Next {
    pub(super) session_id: i32,
    pub(super) session_epoch: i32,
    pub(super) topics: Vec<FetchTopic>,
    pub(super) forgotten: Vec<ForgottenTopic>,
}

impl Session {
    /// Whether it begins anew with all that is wanted.
    pub(super) fn is_new(&self) -> bool {
        self.epoch == INITIAL_EPOCH
    }

    /// Forgets what the leader knows.
    pub(super) fn reset(&mut self) {
        *self = Session::default();
    }

    /// Begins anew if this broker has another epoch than when the session was opened.
    pub(super) fn go_on_as(&mut self, broker_epoch: Option<BrokerEpoch>) {
        if self.broker_epoch != broker_epoch {
            self.reset();
        }
        self.broker_epoch = broker_epoch;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Whether something is left out that time alone lets in.
    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    pub(super) fn asked(&self, id: TopicPartition) -> Option<&Asked> {
        self.asked.get(&id)
    }

    /// What to ask next. `changed`: where these followers are now, or `None` for what is not to be fetched
    /// any more; all of them when the session is new.
    pub(super) fn ask(
        &mut self,
        changed: Vec<(TopicPartition, Option<FollowerPosition>)>,
        mut room: impl FnMut(TopicPartition) -> Room,
    ) -> Next {
        let held = std::mem::take(&mut self.held).into_iter();
        let mut now: BTreeMap<_, _> = held.map(|(id, at)| (id, Some(at))).collect();
        now.extend(changed);
        let mut next = Next {
            session_id: self.id,
            session_epoch: self.epoch,
            ..Next::default()
        };
        for (id, at) in now {
            let found = at.as_ref().map(|_| room(id));
            match (at, found) {
                (Some(at), Some(room)) if room.bytes_max > 0 => {
                    let Room { bytes_max, limits } = room;
                    push_wanted(&mut next.topics, id, &at, bytes_max);
                    self.asked.insert(id, Asked { at, limits });
                }
                (at, _) => {
                    if self.asked.remove(&id).is_some() && !self.is_new() {
                        push_forgotten(&mut next.forgotten, id);
                    }
                    if let Some(at) = at {
                        self.held.insert(id, at);
                    }
                }
            }
        }
        next
    }

    /// The leader has answered. Without a session of its own, it is told all again.
    pub(super) fn handle_answer(&mut self, session_id: i32) {
        if session_id == 0 {
            self.reset();
        } else {
            self.id = session_id;
            self.epoch = next_epoch(self.epoch);
        }
    }
}

fn push_wanted(
    topics: &mut Vec<FetchTopic>,
    id: TopicPartition,
    at: &FollowerPosition,
    bytes_max: i32,
) {
    let topic_id = id.topic_id.to_bytes();
    let partition = FetchPartition {
        partition: id.partition.to_wire(),
        current_leader_epoch: at.position.leader_epoch.to_wire(),
        fetch_offset: at.position.fetch_offset.to_wire(),
        last_fetched_epoch: LeaderEpoch::option_to_wire(at.position.last_fetched_epoch),
        log_start_offset: at.log_start_offset.to_wire(),
        partition_max_bytes: bytes_max,
        high_watermark: at.high_watermark.to_wire(),
        ..FetchPartition::default()
    };
    match topics.last_mut() {
        Some(topic) if topic.topic_id == topic_id => topic.partitions.push(partition),
        _ => topics.push(FetchTopic {
            topic_id,
            partitions: vec![partition],
            ..FetchTopic::default()
        }),
    }
}

fn push_forgotten(topics: &mut Vec<ForgottenTopic>, id: TopicPartition) {
    let topic_id = id.topic_id.to_bytes();
    let partition = id.partition.to_wire();
    match topics.last_mut() {
        Some(topic) if topic.topic_id == topic_id => topic.partitions.push(partition),
        _ => topics.push(ForgottenTopic {
            topic_id,
            partitions: vec![partition],
            ..ForgottenTopic::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use broker_replica::FetchPosition;
    use broker_types::{BrokerId, Offset, PartitionIndex, TopicId};

    use super::*;

    fn id(index: i32) -> TopicPartition {
        TopicPartition {
            topic_id: TopicId::from_bytes([7; 16]),
            partition: PartitionIndex::from_wire(index).unwrap(),
        }
    }

    fn at(offset: i64) -> FollowerPosition {
        FollowerPosition {
            position: FetchPosition {
                leader: BrokerId::from_wire(1).unwrap(),
                leader_epoch: LeaderEpoch::from_wire(3).unwrap(),
                fetch_offset: Offset::from_wire(offset).unwrap(),
                last_fetched_epoch: None,
            },
            high_watermark: Offset::ZERO,
            log_start_offset: Offset::ZERO,
        }
    }

    fn all(_: TopicPartition) -> Room {
        Room {
            bytes_max: 100,
            limits: Limits::new(),
        }
    }

    fn none(_: TopicPartition) -> Room {
        Room {
            bytes_max: 0,
            limits: Limits::new(),
        }
    }

    /// Session id and epoch, wanted partitions with their offsets, forgotten partitions.
    fn shown(next: &Next) -> (i32, i32, Vec<(i32, i64)>, Vec<i32>) {
        let wanted = next.topics.iter().flat_map(|it| &it.partitions);
        let forgotten = next.forgotten.iter().flat_map(|it| &it.partitions);
        (
            next.session_id,
            next.session_epoch,
            wanted.map(|it| (it.partition, it.fetch_offset)).collect(),
            forgotten.copied().collect(),
        )
    }

    fn opened() -> Session {
        let mut session = Session::default();
        let next = session.ask(vec![(id(0), Some(at(5))), (id(1), Some(at(6)))], all);
        assert_eq!(shown(&next), (0, 0, vec![(0, 5), (1, 6)], vec![]));
        session.handle_answer(9);
        session
    }

    #[test]
    fn a_later_fetch_says_only_what_has_changed() {
        let mut session = opened();
        let next = session.ask(vec![(id(1), Some(at(7)))], all);
        assert_eq!(shown(&next), (9, 1, vec![(1, 7)], vec![]));
        session.handle_answer(9);
        let next = session.ask(vec![(id(0), None)], all);
        assert_eq!(shown(&next), (9, 2, vec![], vec![0]));
        assert!(session.asked(id(0)).is_none());
    }

    #[test]
    fn what_is_held_back_is_forgotten_and_asked_for_again_unchanged() {
        let mut session = opened();
        let next = session.ask(vec![(id(1), Some(at(7)))], none);
        assert_eq!(shown(&next), (9, 1, vec![], vec![1]));
        assert!(session.is_holding());
        session.handle_answer(9);
        let next = session.ask(Vec::new(), all);
        assert_eq!(shown(&next), (9, 2, vec![(1, 7)], vec![]));
        session.handle_answer(9);
        assert!(!session.is_holding());
        session.ask(vec![(id(1), Some(at(8)))], none);
        let next = session.ask(vec![(id(1), None)], all);
        assert_eq!(shown(&next).2, [], "gone while it was held back");
    }

    #[test]
    fn a_leader_without_a_session_is_told_all_again() {
        let mut session = opened();
        session.handle_answer(0);
        assert!(session.is_new() && session.is_empty());
    }

    #[test]
    fn another_broker_epoch_begins_anew() {
        let epoch = |it| BrokerEpoch::from_wire(it).unwrap();
        let mut session = Session::default();
        session.go_on_as(Some(epoch(4)));
        session.ask(vec![(id(0), Some(at(5)))], all);
        session.handle_answer(9);
        session.go_on_as(Some(epoch(4)));
        assert!(!session.is_new());
        session.go_on_as(Some(epoch(5)));
        assert!(session.is_new() && session.is_empty());
    }
}
