//! What each follower fetches from this broker, remembered between its fetches (KIP-227): a fetch costs
//! what is new, however many partitions are followed.
//!
//! In: the session fields and partitions of followers' requests; which partitions were looked at, and what
//! was found. Out: the partitions to look at. Never here: reading, waiting, the sessions of consumers.
//!
//! A partition is due until a look at it has found nothing to say, and its shard has been asked to wake the
//! session at the next news. So one whose answer is lost, or has no room, is looked at again, whatever the
//! follower says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use broker_types::{BrokerId, ErrorCode, TopicPartition};

use crate::fetch_sessions::{FINAL_EPOCH, INITIAL_EPOCH, Wanted, next_epoch};
use crate::waiter::Waiter;

/// Partitions that one follower may follow here.
const FOLLOWED_MAX: usize = 1_000_000;

/// What an answer says of a partition besides its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) high_watermark: i64,
    pub(crate) log_start_offset: i64,
}

/// What a look at a partition has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Looked {
    pub(crate) partition: TopicPartition,
    /// `None`: an error.
    pub(crate) bounds: Option<Bounds>,
    /// Records, or something else that the follower must act upon.
    pub(crate) has_word: bool,
    /// There is nothing more to say before its shard says so.
    pub(crate) is_quiet: bool,
}

/// The session fields of a follower's request.
#[derive(Clone, Debug)]
pub(crate) struct FollowerRequest {
    pub(crate) follower: BrokerId,
    pub(crate) session_id: i32,
    pub(crate) session_epoch: i32,
    pub(crate) wanted: Vec<(TopicPartition, Wanted)>,
    pub(crate) forgotten: Vec<TopicPartition>,
}

#[derive(Debug)]
struct Followed {
    wanted: Wanted,
    /// What the follower was last told.
    told: Option<Bounds>,
}

#[derive(Debug)]
struct Session {
    id: i32,
    /// Of the next request.
    epoch: i32,
    followed: BTreeMap<TopicPartition, Followed>,
    due: BTreeSet<TopicPartition>,
    /// The partition after which the next answer begins, so that none starves.
    served_last: Option<TopicPartition>,
    waiter: Arc<Waiter>,
}

/// A session that a request belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) follower: BrokerId,
    pub(crate) session_id: i32,
    /// Woken by the partitions that have news.
    pub(crate) waiter: Arc<Waiter>,
}

/// The sessions of all followers, one each.
#[derive(Debug, Default)]
pub(crate) struct FollowerSessions {
    sessions: BTreeMap<BrokerId, Session>,
}

impl FollowerSessions {
    /// Starts a request. `random` becomes the id of a new session.
    ///
    /// # Errors
    /// `FETCH_SESSION_ID_NOT_FOUND`, `INVALID_FETCH_SESSION_EPOCH`: the follower starts over with a full
    /// request.
    pub(crate) fn begin(
        &mut self,
        request: FollowerRequest,
        random: u64,
    ) -> Result<Opened, ErrorCode> {
        let follower = request.follower;
        if request.session_epoch == INITIAL_EPOCH {
            let id = i32::try_from(random % 0x7fff_ffff).unwrap_or_default() + 1;
            self.sessions.insert(follower, Session::new(id));
        }
        let session = self.sessions.get_mut(&follower);
        let session = session.ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if request.session_epoch != INITIAL_EPOCH {
            if session.id != request.session_id {
                return Err(ErrorCode::FetchSessionIdNotFound);
            }
            if session.epoch != request.session_epoch {
                return Err(ErrorCode::InvalidFetchSessionEpoch);
            }
            session.epoch = next_epoch(session.epoch);
        }
        for partition in &request.forgotten {
            session.followed.remove(partition);
            session.due.remove(partition);
        }
        for (partition, wanted) in request.wanted {
            session.want(partition, wanted);
        }
        if session.followed.len() > FOLLOWED_MAX {
            self.sessions.remove(&follower);
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        Ok(Opened {
            follower,
            session_id: session.id,
            waiter: Arc::clone(&session.waiter),
        })
    }

    /// What to look at now. Nothing of a session that has been replaced since.
    pub(crate) fn due(&mut self, opened: &Opened) -> Vec<(TopicPartition, Wanted)> {
        self.session(opened).map_or_else(Vec::new, Session::due)
    }

    /// Notes what was found; whether each is news to the follower.
    pub(crate) fn looked(&mut self, opened: &Opened, looked: &[Looked]) -> Vec<bool> {
        match self.session(opened) {
            Some(session) => looked.iter().map(|it| session.looked(it)).collect(),
            // Whoever asked has begun anew, and reads no answer any more.
            None => vec![false; looked.len()],
        }
    }

    /// Notes that all news of `looked` is in the answer, and what was served last.
    pub(crate) fn answered(
        &mut self,
        opened: &Opened,
        looked: &[Looked],
        served_last: Option<TopicPartition>,
    ) {
        let Some(session) = self.session(opened) else {
            return;
        };
        session.served_last = served_last.or(session.served_last);
        for it in looked {
            if let Some(followed) = session.followed.get_mut(&it.partition) {
                followed.told = it.bounds;
            }
        }
    }

    fn session(&mut self, opened: &Opened) -> Option<&mut Session> {
        let session = self.sessions.get_mut(&opened.follower);
        session.filter(|it| it.id == opened.session_id)
    }
}

impl Session {
    fn new(id: i32) -> Session {
        Session {
            id,
            epoch: next_epoch(INITIAL_EPOCH),
            followed: BTreeMap::new(),
            due: BTreeSet::new(),
            served_last: None,
            waiter: Arc::new(Waiter::remembering()),
        }
    }

    fn want(&mut self, partition: TopicPartition, wanted: Wanted) {
        self.due.insert(partition);
        match self.followed.get_mut(&partition) {
            Some(followed) => followed.wanted = wanted,
            None => {
                let told = None;
                self.followed.insert(partition, Followed { wanted, told });
            }
        }
    }

    fn due(&mut self) -> Vec<(TopicPartition, Wanted)> {
        let woken_by = self.waiter.take_woken_by().into_iter();
        self.due
            .extend(woken_by.filter(|it| self.followed.contains_key(it)));
        let (after, up_to) = match self.served_last {
            Some(last) => ((Bound::Excluded(last), Bound::Unbounded), ..=last),
            None => return self.wanted(self.due.iter()),
        };
        self.wanted(self.due.range(after).chain(self.due.range(up_to)))
    }

    fn wanted<'a>(
        &self,
        due: impl Iterator<Item = &'a TopicPartition>,
    ) -> Vec<(TopicPartition, Wanted)> {
        let wanted = |it: &TopicPartition| Some((*it, self.followed.get(it)?.wanted));
        due.filter_map(wanted).collect()
    }

    fn looked(&mut self, looked: &Looked) -> bool {
        if looked.is_quiet {
            self.due.remove(&looked.partition);
        }
        let followed = self.followed.get(&looked.partition);
        looked.has_word || followed.is_some_and(|it| it.told.is_none() || it.told != looked.bounds)
    }
}

/// Whether a follower's request opens a session or belongs to one.
pub(crate) fn is_of_session(session_epoch: i32) -> bool {
    session_epoch != FINAL_EPOCH
}

#[cfg(test)]
mod tests {
    use broker_types::{PartitionIndex, TopicId};

    use super::*;

    fn partition(index: i32) -> TopicPartition {
        TopicPartition {
            topic_id: TopicId::from_bytes([7; 16]),
            partition: PartitionIndex::from_wire(index).unwrap(),
        }
    }

    fn wanted(fetch_offset: i64) -> Wanted {
        Wanted {
            current_leader_epoch: 1,
            fetch_offset,
            last_fetched_epoch: -1,
            log_start_offset: 0,
            partition_max_bytes: 1024,
            high_watermark: 0,
        }
    }

    fn request(session_id: i32, session_epoch: i32, partitions: &[i32]) -> FollowerRequest {
        FollowerRequest {
            follower: BrokerId::from_wire(2).unwrap(),
            session_id,
            session_epoch,
            wanted: partitions
                .iter()
                .map(|it| (partition(*it), wanted(0)))
                .collect(),
            forgotten: Vec::new(),
        }
    }

    fn quiet(index: i32, high_watermark: i64) -> Looked {
        Looked {
            partition: partition(index),
            bounds: Some(Bounds {
                high_watermark,
                log_start_offset: 0,
            }),
            has_word: false,
            is_quiet: true,
        }
    }

    fn due(sessions: &mut FollowerSessions, opened: &Opened) -> Vec<TopicPartition> {
        let due = sessions.due(opened).into_iter();
        due.map(|(partition, _)| partition).collect()
    }

    /// A session of partitions 0 to 3, of which nothing is due.
    fn opened() -> (FollowerSessions, Opened) {
        let mut sessions = FollowerSessions::default();
        let opened = sessions.begin(request(0, 0, &[0, 1, 2, 3]), 5).unwrap();
        assert_eq!(due(&mut sessions, &opened).len(), 4);
        let looked: Vec<Looked> = (0..4).map(|it| quiet(it, 9)).collect();
        assert_eq!(sessions.looked(&opened, &looked), [true; 4], "none is told");
        sessions.answered(&opened, &looked, None);
        (sessions, opened)
    }

    #[test]
    fn what_is_quiet_is_looked_at_only_when_it_wakes_or_is_asked_for_anew() {
        let (mut sessions, opened) = opened();
        let id = opened.session_id;
        let again = sessions.begin(request(id, 1, &[]), 0).unwrap();
        assert_eq!(due(&mut sessions, &again), []);
        again.waiter.wake_for(partition(2));
        assert_eq!(due(&mut sessions, &again), [partition(2)]);
        assert_eq!(sessions.looked(&again, &[quiet(2, 9)]), [false]);
        let again = sessions.begin(request(id, 2, &[1]), 0).unwrap();
        assert_eq!(due(&mut sessions, &again), [partition(1)]);
        assert_eq!(sessions.looked(&again, &[quiet(1, 10)]), [true]);
    }

    #[test]
    fn what_has_more_to_say_stays_due() {
        let (mut sessions, opened) = opened();
        let id = opened.session_id;
        let next = sessions.begin(request(id, 1, &[3]), 0).unwrap();
        let records = Looked {
            has_word: true,
            is_quiet: false,
            ..quiet(3, 9)
        };
        assert_eq!(sessions.looked(&next, &[records]), [true]);
        sessions.answered(&next, &[records], Some(partition(3)));
        let next = sessions.begin(request(id, 2, &[]), 0).unwrap();
        assert_eq!(
            due(&mut sessions, &next),
            [partition(3)],
            "its answer may be lost"
        );
    }

    #[test]
    fn an_answer_begins_where_the_last_one_ended() {
        let (mut sessions, opened) = opened();
        let id = opened.session_id;
        let next = sessions.begin(request(id, 1, &[0, 1, 2, 3]), 0).unwrap();
        sessions.answered(&next, &[], Some(partition(1)));
        let order = [2, 3, 0, 1].map(partition);
        assert_eq!(due(&mut sessions, &next), order);
    }

    #[test]
    fn another_session_or_epoch_starts_over() {
        let (mut sessions, opened) = opened();
        let id = opened.session_id;
        let error = sessions.begin(request(id + 1, 1, &[]), 0).unwrap_err();
        assert_eq!(error, ErrorCode::FetchSessionIdNotFound);
        let error = sessions.begin(request(id, 2, &[]), 0).unwrap_err();
        assert_eq!(error, ErrorCode::InvalidFetchSessionEpoch);
        let anew = sessions.begin(request(id, 0, &[1]), 77).unwrap();
        assert_eq!(due(&mut sessions, &anew), [partition(1)]);
        assert_eq!(
            due(&mut sessions, &opened),
            [],
            "nobody waits for the old one"
        );
        let unknown = FollowerRequest {
            follower: BrokerId::from_wire(3).unwrap(),
            ..request(id, 1, &[])
        };
        let error = sessions.begin(unknown, 0).unwrap_err();
        assert_eq!(error, ErrorCode::FetchSessionIdNotFound);
    }

    #[test]
    fn what_is_forgotten_wakes_nobody() {
        let (mut sessions, opened) = opened();
        let forget = FollowerRequest {
            forgotten: vec![partition(2)],
            ..request(opened.session_id, 1, &[2])
        };
        // Kafka's order: what is forgotten and wanted in one request is wanted.
        let next = sessions.begin(forget.clone(), 0).unwrap();
        assert_eq!(due(&mut sessions, &next), [partition(2)]);
        let forget = FollowerRequest {
            session_epoch: 2,
            wanted: Vec::new(),
            ..forget
        };
        let next = sessions.begin(forget, 0).unwrap();
        next.waiter.wake_for(partition(2));
        assert_eq!(due(&mut sessions, &next), []);
    }
}
