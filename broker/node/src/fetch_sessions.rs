//! Incremental fetch sessions (KIP-227): what a client fetches, remembered between its requests, so
//! that neither side repeats what has not changed.
//!
//! In: the session fields and partitions of a Fetch request, then what was read for each. Out: the
//! whole list to read, then the part of it that the answer must carry.
//! Never here: reading, waiting, or the bytes of a request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use broker_types::{ErrorCode, Monotonic, PartitionIndex, TopicId};

/// Sessions that are kept (`max.incremental.fetch.session.cache.slots`).
pub const SLOTS_MAX: usize = 1_000;
/// Partitions of all sessions together: some twenty megabytes. Who wants more is served without a
/// session.
pub const PARTITIONS_MAX: usize = 100_000;
/// Idle time after which a session may make room for another one
/// (`min.incremental.fetch.session.eviction.ms`).
pub const EVICTION_IDLE_MIN: Duration = Duration::from_secs(120);

/// How a request names a topic: by id since version 13, by name before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicKey {
    Id(TopicId),
    Name(Arc<str>),
}

impl TopicKey {
    fn is_id(&self) -> bool {
        matches!(self, TopicKey::Id(_))
    }
}

/// A partition as a fetcher names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartitionKey {
    pub topic: TopicKey,
    pub partition: PartitionIndex,
}

/// What a fetcher wants of a partition: the fields of `FetchPartition`, as the wire has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub current_leader_epoch: i32,
    pub fetch_offset: i64,
    pub last_fetched_epoch: i32,
    pub log_start_offset: i64,
    pub partition_max_bytes: i32,
    /// What a follower knows to be committed (KIP-1166).
    pub high_watermark: i64,
}

/// What the answer for a partition says besides its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    pub error_code: ErrorCode,
    pub high_watermark: i64,
    pub log_start_offset: i64,
    /// Whether there are records, a diverging epoch or a preferred read replica.
    pub has_news: bool,
}

/// How a request stands to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Context {
    /// No session: everything asked for is answered.
    Sessionless,
    /// A full request that opens a session: everything asked for is answered.
    Full { wanted: Vec<(PartitionKey, Wanted)> },
    /// A later request of a session: only news is answered.
    Incremental { session_id: i32 },
}

/// A request's context and the partitions to read, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub context: Context,
    pub wanted: Vec<(PartitionKey, Wanted)>,
}

/// Request epoch of a full request that wants a session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// Request epoch of a request that closes its session.
pub(crate) const FINAL_EPOCH: i32 = -1;

#[derive(Debug)]
struct Partition {
    key: PartitionKey,
    wanted: Wanted,
    /// What the client was last told; `None` makes the next answer carry the partition.
    told: Option<(i64, i64)>,
}

#[derive(Debug)]
struct Session {
    epoch: i32,
    uses_ids: bool,
    used_at: Monotonic,
    /// By turn: what was answered with records goes to the end, so that none starves.
    partitions: BTreeMap<u64, Partition>,
    turns: BTreeMap<PartitionKey, u64>,
    next_turn: u64,
}

impl Session {
    fn new(wanted: Vec<(PartitionKey, Wanted)>, now: Monotonic) -> Session {
        let uses_ids = wanted.first().is_some_and(|(key, _)| key.topic.is_id());
        let mut session = Session {
            epoch: 1,
            uses_ids,
            used_at: now,
            partitions: BTreeMap::new(),
            turns: BTreeMap::new(),
            next_turn: 0,
        };
        for (key, wanted) in wanted {
            session.want(key, wanted);
        }
        session
    }

    fn want(&mut self, key: PartitionKey, wanted: Wanted) {
        if let Some(partition) = self
            .turns
            .get(&key)
            .and_then(|it| self.partitions.get_mut(it))
        {
            partition.wanted = wanted;
            return;
        }
        self.turns.insert(key.clone(), self.next_turn);
        self.partitions.insert(
            self.next_turn,
            Partition {
                key,
                wanted,
                told: None,
            },
        );
        self.next_turn += 1;
    }

    fn forget(&mut self, key: &PartitionKey) {
        if let Some(turn) = self.turns.remove(key) {
            self.partitions.remove(&turn);
        }
    }

    /// Notes what a partition was answered; whether the answer must carry it.
    fn tell(&mut self, key: &PartitionKey, answered: &Answered) -> bool {
        let Some(turn) = self.turns.get(key).copied() else {
            return true;
        };
        let Some(partition) = self.partitions.get_mut(&turn) else {
            return true;
        };
        let state = (answered.high_watermark, answered.log_start_offset);
        let is_error = !answered.error_code.is_none();
        let is_news = answered.has_news || is_error || partition.told != Some(state);
        // After an error the client is told of the recovery, whatever the offsets are then.
        partition.told = (!is_error).then_some(state);
        if answered.has_news
            && let Some(partition) = self.partitions.remove(&turn)
        {
            self.turns.insert(key.clone(), self.next_turn);
            self.partitions.insert(self.next_turn, partition);
            self.next_turn += 1;
        }
        is_news
    }

    fn wanted(&self) -> Vec<(PartitionKey, Wanted)> {
        self.partitions
            .values()
            .map(|it| (it.key.clone(), it.wanted))
            .collect()
    }
}

/// All sessions of a broker.
///
/// Invariant: at most [`SLOTS_MAX`] sessions, of at most [`PARTITIONS_MAX`] partitions together.
#[derive(Debug, Default)]
pub struct Sessions {
    sessions: BTreeMap<i32, Session>,
    n_partitions: usize,
}

/// The session fields of a request.
#[derive(Clone, Debug)]
pub struct SessionRequest {
    pub session_id: i32,
    pub session_epoch: i32,
    /// Whether the request's version names topics by id.
    pub uses_ids: bool,
    pub wanted: Vec<(PartitionKey, Wanted)>,
    pub forgotten: Vec<PartitionKey>,
}

impl Sessions {
    /// Starts a request: what to read, or the error of the whole answer.
    ///
    /// # Errors
    /// `FETCH_SESSION_ID_NOT_FOUND`, `INVALID_FETCH_SESSION_EPOCH`, `FETCH_SESSION_TOPIC_ID_ERROR`:
    /// the client starts over with a full request.
    pub fn begin(&mut self, request: SessionRequest, now: Monotonic) -> Result<Begun, ErrorCode> {
        let SessionRequest {
            session_id,
            session_epoch,
            uses_ids,
            wanted,
            forgotten,
        } = request;
        if session_epoch == FINAL_EPOCH || session_epoch == INITIAL_EPOCH {
            self.close(session_id);
            let context = if session_epoch == FINAL_EPOCH || wanted.is_empty() {
                Context::Sessionless
            } else {
                Context::Full {
                    wanted: wanted.clone(),
                }
            };
            return Ok(Begun { context, wanted });
        }
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return Err(ErrorCode::FetchSessionIdNotFound);
        };
        if session.epoch != session_epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.uses_ids != uses_ids {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        self.n_partitions -= session.partitions.len();
        for key in &forgotten {
            session.forget(key);
        }
        for (key, wanted) in wanted {
            session.want(key, wanted);
        }
        self.n_partitions += session.partitions.len();
        session.used_at = now;
        if !self.make_room(0, now) {
            self.close(session_id);
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return Err(ErrorCode::FetchSessionIdNotFound);
        };
        if session.partitions.is_empty() {
            self.close(session_id);
            return Ok(Begun {
                context: Context::Sessionless,
                wanted: Vec::new(),
            });
        }
        session.epoch = next_epoch(session.epoch);
        session.used_at = now;
        let wanted = session.wanted();
        Ok(Begun {
            context: Context::Incremental { session_id },
            wanted,
        })
    }

    /// Ends a request: the session id of the answer, and for each partition read whether the
    /// answer must carry it. `random` becomes the id of a new session, if one is made.
    pub fn finish(
        &mut self,
        context: Context,
        answered: &[(PartitionKey, Answered)],
        now: Monotonic,
        random: u64,
    ) -> (i32, Vec<bool>) {
        let all = vec![true; answered.len()];
        match context {
            Context::Sessionless => (0, all),
            Context::Full { wanted } => {
                let mut session = Session::new(wanted, now);
                if !self.make_room(session.partitions.len(), now) {
                    return (0, all);
                }
                let Some(id) = self.free_id(random, now) else {
                    return (0, all);
                };
                for (key, answer) in answered {
                    session.tell(key, answer);
                }
                self.n_partitions += session.partitions.len();
                self.sessions.insert(id, session);
                assert!(self.sessions.len() <= SLOTS_MAX && self.n_partitions <= PARTITIONS_MAX);
                (id, all)
            }
            Context::Incremental { session_id } => match self.sessions.get_mut(&session_id) {
                Some(session) => {
                    let news = answered
                        .iter()
                        .map(|(key, it)| session.tell(key, it))
                        .collect();
                    (session_id, news)
                }
                // Evicted while it waited: the client learns it from its next request.
                None => (session_id, all),
            },
        }
    }

    /// Closes sessions that were idle for long, until there is room for so many partitions more;
    /// whether there is.
    fn make_room(&mut self, n_partitions: usize, now: Monotonic) -> bool {
        while self.n_partitions + n_partitions > PARTITIONS_MAX {
            let oldest = self.sessions.iter().min_by_key(|(_, it)| it.used_at);
            match oldest.map(|(id, it)| (*id, it.used_at)) {
                Some((id, used_at)) if now.since(used_at) >= EVICTION_IDLE_MIN => self.close(id),
                Some(_) | None => return false,
            }
        }
        true
    }

    fn close(&mut self, session_id: i32) {
        if let Some(session) = self.sessions.remove(&session_id) {
            self.n_partitions -= session.partitions.len();
        }
    }

    /// An unused id, after making room; `None` when every session is in use.
    fn free_id(&mut self, random: u64, now: Monotonic) -> Option<i32> {
        if self.sessions.len() >= SLOTS_MAX {
            let (oldest, session) = self.sessions.iter().min_by_key(|(_, it)| it.used_at)?;
            if now.since(session.used_at) < EVICTION_IDLE_MIN {
                return None;
            }
            let oldest = *oldest;
            self.close(oldest);
        }
        let bits = i32::try_from(random & 0x7fff_ffff).unwrap_or(1);
        // At most SLOTS_MAX ids are taken, so one of the next ones is free.
        (0..=i32::try_from(SLOTS_MAX).unwrap_or(i32::MAX))
            .map(|step| bits.wrapping_add(step) & i32::MAX)
            .find(|id| *id != 0 && !self.sessions.contains_key(id))
    }
}

pub(crate) fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Monotonic = Monotonic::from_micros(1);

    fn key(name: &str) -> PartitionKey {
        PartitionKey {
            topic: TopicKey::Name(name.into()),
            partition: PartitionIndex::ZERO,
        }
    }

    fn wanted(fetch_offset: i64) -> Wanted {
        Wanted {
            current_leader_epoch: -1,
            fetch_offset,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 1024,
            high_watermark: i64::MAX,
        }
    }

    fn request(id: i32, epoch: i32, names: &[&str]) -> SessionRequest {
        SessionRequest {
            session_id: id,
            session_epoch: epoch,
            uses_ids: false,
            wanted: names.iter().map(|it| (key(it), wanted(0))).collect(),
            forgotten: Vec::new(),
        }
    }

    fn quiet(high_watermark: i64) -> Answered {
        Answered {
            error_code: ErrorCode::None,
            high_watermark,
            log_start_offset: 0,
            has_news: false,
        }
    }

    /// Opens a session on the named partitions, each answered with a high watermark of 5.
    fn opened(names: &[&str]) -> (Sessions, i32) {
        let mut sessions = Sessions::default();
        let begun = sessions.begin(request(0, 0, names), NOW).unwrap();
        let answered: Vec<_> = names.iter().map(|it| (key(it), quiet(5))).collect();
        let (id, carried) = sessions.finish(begun.context, &answered, NOW, 77);
        assert!(carried.iter().all(|it| *it));
        (sessions, id)
    }

    #[test]
    fn a_later_answer_carries_only_news() {
        let (mut sessions, id) = opened(&["a", "b"]);
        let begun = sessions.begin(request(id, 1, &[]), NOW).unwrap();
        assert_eq!(begun.wanted.len(), 2);
        let answered = [(key("a"), quiet(5)), (key("b"), quiet(6))];
        assert_eq!(
            sessions.finish(begun.context, &answered, NOW, 0),
            (id, vec![false, true])
        );
    }

    #[test]
    fn recovery_from_an_error_is_news() {
        let (mut sessions, id) = opened(&["a"]);
        let failed = Answered {
            error_code: ErrorCode::NotLeaderOrFollower,
            ..quiet(-1)
        };
        let begun = sessions.begin(request(id, 1, &[]), NOW).unwrap();
        assert_eq!(
            sessions
                .finish(begun.context, &[(key("a"), failed)], NOW, 0)
                .1,
            [true]
        );
        let begun = sessions.begin(request(id, 2, &[]), NOW).unwrap();
        assert_eq!(
            sessions
                .finish(begun.context, &[(key("a"), quiet(5))], NOW, 0)
                .1,
            [true]
        );
        let begun = sessions.begin(request(id, 3, &[]), NOW).unwrap();
        assert_eq!(
            sessions
                .finish(begun.context, &[(key("a"), quiet(5))], NOW, 0)
                .1,
            [false]
        );
    }

    #[test]
    fn a_partition_with_records_waits_for_its_next_turn() {
        let (mut sessions, id) = opened(&["a", "b"]);
        let begun = sessions.begin(request(id, 1, &[]), NOW).unwrap();
        let answered = [
            (
                key("a"),
                Answered {
                    has_news: true,
                    ..quiet(7)
                },
            ),
            (key("b"), quiet(5)),
        ];
        sessions.finish(begun.context, &answered, NOW, 0);
        let begun = sessions.begin(request(id, 2, &[]), NOW).unwrap();
        let order: Vec<_> = begun.wanted.iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(order, [key("b"), key("a")]);
    }

    #[test]
    fn wrong_ids_epochs_and_forms_are_refused() {
        let (mut sessions, id) = opened(&["a"]);
        let refused = |sessions: &mut Sessions, it| sessions.begin(it, NOW).unwrap_err();
        let unknown = request(id + 1, 1, &[]);
        assert_eq!(
            refused(&mut sessions, unknown),
            ErrorCode::FetchSessionIdNotFound
        );
        let stale = request(id, 2, &[]);
        assert_eq!(
            refused(&mut sessions, stale),
            ErrorCode::InvalidFetchSessionEpoch
        );
        let by_id = SessionRequest {
            uses_ids: true,
            ..request(id, 1, &[])
        };
        assert_eq!(
            refused(&mut sessions, by_id),
            ErrorCode::FetchSessionTopicIdError
        );
    }

    #[test]
    fn forgotten_partitions_are_gone_and_an_empty_session_closes() {
        let (mut sessions, id) = opened(&["a", "b"]);
        let forget = |epoch, name: &str| SessionRequest {
            forgotten: vec![key(name)],
            ..request(id, epoch, &[])
        };
        assert_eq!(sessions.begin(forget(1, "a"), NOW).unwrap().wanted.len(), 1);
        let begun = sessions.begin(forget(2, "b"), NOW).unwrap();
        assert_eq!(begun.context, Context::Sessionless);
        let error = sessions.begin(request(id, 3, &[]), NOW).unwrap_err();
        assert_eq!(error, ErrorCode::FetchSessionIdNotFound);
    }

    #[test]
    fn more_partitions_than_are_kept_are_served_without_a_session() {
        let many = |from: usize, to: usize| -> Vec<(PartitionKey, Wanted)> {
            let name: Arc<str> = "t".into();
            let key = |index| PartitionKey {
                topic: TopicKey::Name(Arc::clone(&name)),
                partition: PartitionIndex::from_wire(i32::try_from(index).unwrap()).unwrap(),
            };
            (from..to).map(|it| (key(it), wanted(0))).collect()
        };
        let full = |wanted| SessionRequest {
            wanted,
            ..request(0, 0, &[])
        };
        let mut sessions = Sessions::default();
        let open = |sessions: &mut Sessions, to, random| {
            let begun = sessions.begin(full(many(0, to)), NOW).unwrap();
            sessions.finish(begun.context, &[], NOW, random).0
        };
        let id = open(&mut sessions, PARTITIONS_MAX - 1, 7);
        assert_ne!(id, 0);
        assert_eq!(open(&mut sessions, 2, 8), 0, "there is room for one");
        let mut later = Sessions::default();
        open(&mut later, PARTITIONS_MAX, 7);
        let begun = later
            .begin(full(many(0, 2)), NOW + EVICTION_IDLE_MIN)
            .unwrap();
        let opened = later.finish(begun.context, &[], NOW + EVICTION_IDLE_MIN, 8);
        assert_ne!(opened.0, 0, "who is gone makes room");
        let other = open(&mut sessions, 1, 8);
        assert_ne!(other, 0);
        let grow = SessionRequest {
            wanted: many(1, 2),
            ..request(other, 1, &[])
        };
        let error = sessions.begin(grow, NOW).unwrap_err();
        assert_eq!(error, ErrorCode::FetchSessionIdNotFound);
        assert_eq!(sessions.n_partitions, PARTITIONS_MAX - 1);
        let last = SessionRequest {
            session_epoch: FINAL_EPOCH,
            ..request(id, 0, &[])
        };
        sessions.begin(last, NOW).unwrap();
        assert_eq!(sessions.n_partitions, 0, "room is given back");
    }

    #[test]
    fn a_full_cache_gives_only_the_idle_session_away() {
        let mut sessions = Sessions::default();
        let open = |sessions: &mut Sessions, now: Monotonic, random: u64| {
            let begun = sessions.begin(request(0, 0, &["a"]), now).unwrap();
            sessions
                .finish(begun.context, &[(key("a"), quiet(5))], now, random)
                .0
        };
        for random in 0..SLOTS_MAX {
            assert_ne!(open(&mut sessions, NOW, random as u64), 0);
        }
        assert_eq!(open(&mut sessions, NOW, 5), 0);
        assert_ne!(open(&mut sessions, NOW + EVICTION_IDLE_MIN, 5), 0);
    }
}
