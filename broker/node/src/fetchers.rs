//! Fetching what this broker follows: one loop for each leader, for all partitions at once.
//!
//! In: where the shards say their followers are. Out: fetches to leaders; their answers, handed to
//! the shards. Never here: what a follower does with an answer.
//!
//! A fetch states how far each partition is durable here. So the next one leaves only when the
//! records of the last one are on the disk, or when something else has changed. It states only what has
//! changed (`session`): however many partitions are quiet, none of them is spoken of.

mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_replica::{EpochEnd, FetchResponse as Answer, Fetched};
use broker_types::{
    BrokerEpoch, BrokerId, ErrorCode, LeaderEpoch, Monotonic, Offset, TopicId, TopicPartition,
};
use broker_wire::messages::fetch_request::ReplicaState;
use broker_wire::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use broker_wire::messages::{FetchRequest, FetchResponse};
use broker_wire::{Records, Response};
use bytes::Bytes;
use futures::channel::oneshot;

use crate::node::Node;
use crate::partitions::shard_of;
use crate::race::race;
use crate::shard::{Command, FetchedPartition, FollowerPosition};
use crate::throttles::{self, Allowance};
use crate::waiter::Waiter;
use crate::world::{Purpose, World};
use session::{Next, Room, Session};

/// Version that carries the high watermark, so that a leader that knows more answers at once.
const FETCH_VERSION: i16 = 18;
/// How long a leader may keep a fetch that brings no news. A partition that begins to follow
/// meanwhile waits for it.
const WAIT_MAX: Duration = Duration::from_millis(100);
/// Most bytes of one answer, and of one partition in it.
const BYTES_MAX: i32 = 10 * 1024 * 1024;
const PARTITION_BYTES_MAX: i32 = 1024 * 1024;
/// How long an answer may take beyond the leader's wait.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Pause after an error.
const BACK_OFF: Duration = Duration::from_millis(100);

/// The partitions that follow one leader.
struct Leader {
    positions: BTreeMap<TopicPartition, FollowerPosition>,
    /// Partitions that are not asked for before a point in time.
    paused: BTreeMap<TopicPartition, Monotonic>,
    /// What is somewhere else since its loop looked last, or paused, or gone.
    changed: BTreeSet<TopicPartition>,
    waiter: Arc<Waiter>,
}

/// Starts the loop that fetches from a leader.
type StartLoop = Box<dyn Fn(BrokerId) + Send>;

/// What all fetch loops of a node share with the shards.
pub(crate) struct Fetchers<W: World> {
    world: W,
    leaders: Mutex<BTreeMap<BrokerId, Leader>>,
    /// Starts a loop for a leader.
    start: Mutex<Option<StartLoop>>,
}

impl<W: World> Fetchers<W> {
    pub(crate) fn new(world: W) -> Fetchers<W> {
        Fetchers {
            world,
            leaders: Mutex::new(BTreeMap::new()),
            start: Mutex::new(None),
        }
    }

    /// From now on loops are started for `node`.
    pub(crate) fn start(&self, node: &Arc<Node<W>>) {
        let node = Arc::clone(node);
        let start = move |leader| {
            let task = run(Arc::clone(&node), leader);
            node.world.spawn(Box::pin(task));
        };
        let mut place = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Box::new(start));
    }

    /// No leader is asked any more, and no loop begins.
    pub(crate) fn stop(&self) {
        *self.start.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.with(|leaders| {
            for it in leaders.values() {
                it.waiter.wake();
            }
            leaders.clear();
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<BrokerId, Leader>) -> T) -> T {
        work(&mut self.leaders.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A follower is somewhere else now; `None`: it does not fetch.
    pub(crate) fn set(&self, id: TopicPartition, position: Option<FollowerPosition>) {
        let leader = position.as_ref().map(|it| it.position.leader);
        let is_new = self.with(|leaders| {
            for (id_of, it) in leaders.iter_mut() {
                if Some(*id_of) != leader && it.positions.remove(&id).is_some() {
                    it.paused.remove(&id);
                    it.changed.insert(id);
                }
            }
            let (Some(leader), Some(position)) = (leader, position) else {
                return None;
            };
            let is_new = !leaders.contains_key(&leader);
            let entry = leaders.entry(leader).or_insert_with(|| Leader {
                positions: BTreeMap::new(),
                paused: BTreeMap::new(),
                changed: BTreeSet::new(),
                waiter: Arc::default(),
            });
            entry.positions.insert(id, position);
            entry.changed.insert(id);
            entry.waiter.wake();
            is_new.then_some(leader)
        });
        if let Some(leader) = is_new {
            let start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(start) = start.as_ref() {
                start(leader);
            }
        }
    }

    /// A follower that could not use what it got asks again after a pause.
    pub(crate) fn back_off(&self, leader: BrokerId, id: TopicPartition) {
        let until = self.world.now() + BACK_OFF;
        self.with(|leaders| {
            if let Some(it) = leaders.get_mut(&leader) {
                it.paused.insert(id, until);
                it.changed.insert(id);
            }
        });
    }

    /// What has changed for a leader since this was asked last, or `all` of it, and when a paused
    /// partition may be asked for; `None`: the loop of that leader ends, since nothing follows it.
    fn due(&self, leader: BrokerId, all: bool) -> Option<Due> {
        let now = self.world.now();
        self.with(|leaders| {
            let it = leaders.get_mut(&leader)?;
            if it.positions.is_empty() {
                leaders.remove(&leader);
                return None;
            }
            let changed = &mut it.changed;
            it.paused.retain(|id, until| {
                let is_over = *until <= now;
                if is_over {
                    changed.insert(*id);
                }
                !is_over
            });
            let changed = std::mem::take(changed);
            let ids: Vec<TopicPartition> = match all {
                true => it.positions.keys().copied().collect(),
                false => changed.into_iter().collect(),
            };
            let position = |id: &TopicPartition| match it.paused.contains_key(id) {
                true => None,
                false => it.positions.get(id).cloned(),
            };
            let changed = ids.iter().map(|id| (*id, position(id))).collect();
            let retry_at = it.paused.values().min().copied();
            Some(Due {
                changed,
                retry_at: retry_at.unwrap_or(Monotonic::NEVER),
                waiter: Arc::clone(&it.waiter),
            })
        })
    }
}

struct Due {
    /// Where followers are now; `None`: they are not to be fetched for.
    changed: Vec<(TopicPartition, Option<FollowerPosition>)>,
    retry_at: Monotonic,
    waiter: Arc<Waiter>,
}

/// Fetches from one leader for as long as anything follows it.
async fn run<W: World>(node: Arc<Node<W>>, leader: BrokerId) {
    let mut session = Session::default();
    loop {
        let broker_epoch = node.broker_epoch();
        session.go_on_as(broker_epoch);
        let Some(due) = node.fetchers.due(leader, session.is_new()) else {
            return;
        };
        let next = ask(&node, &mut session, due.changed);
        if session.is_empty() {
            // Nothing may be asked for before time has passed. The leader may forget the session meanwhile.
            let until = match session.is_holding() {
                true => due.retry_at.min(node.world.now() + BACK_OFF),
                false => due.retry_at,
            };
            session.reset();
            race(due.waiter.woken(), node.world.sleep_until(until)).await;
            continue;
        }
        let answer = match broker_epoch {
            Some(broker_epoch) => fetch(&node, leader, broker_epoch, next).await,
            None => None,
        };
        let is_answered = match answer {
            Some(response) if response.error_code == 0 => {
                let is_of_use = hand_over(&node, leader, &session, response.responses).await;
                session.handle_answer(response.session_id);
                is_of_use
            }
            // The leader does not know the session any more, or not as we do.
            Some(_) if !session.is_new() => {
                session.reset();
                true
            }
            Some(_) | None => {
                session.reset();
                false
            }
        };
        if !is_answered {
            node.world.sleep_until(node.world.now() + BACK_OFF).await;
        }
    }
}

/// What to ask a leader next. Replicas that have had all that their throttles let them have are left out.
fn ask<W: World>(
    node: &Node<W>,
    session: &mut Session,
    changed: Vec<(TopicPartition, Option<FollowerPosition>)>,
) -> Next {
    let (image, me) = (node.image(), node.config.broker_id);
    let mut allowance = Allowance::at(node.world.now());
    session.ask(changed, |id| {
        let limits = node.throttles.follower.limits(&image, id, me);
        let allowed = allowance.left(&limits);
        let all = PARTITION_BYTES_MAX;
        let bytes_max = i32::try_from(allowed).map_or(all, |it| it.min(all));
        allowance.take(&limits, u64::from(bytes_max.unsigned_abs()));
        Room { bytes_max, limits }
    })
}

/// `None`: the leader has not answered.
async fn fetch<W: World>(
    node: &Arc<Node<W>>,
    leader: BrokerId,
    broker_epoch: BrokerEpoch,
    next: Next,
) -> Option<FetchResponse> {
    let request = FetchRequest {
        replica_state: ReplicaState {
            replica_id: node.config.broker_id.to_wire(),
            replica_epoch: broker_epoch.to_wire(),
            ..ReplicaState::default()
        },
        max_wait_ms: i32::try_from(WAIT_MAX.as_millis()).unwrap_or(i32::MAX),
        min_bytes: 1,
        max_bytes: BYTES_MAX,
        session_id: next.session_id,
        session_epoch: next.session_epoch,
        topics: next.topics,
        forgotten_topics_data: next.forgotten,
        ..FetchRequest::default()
    };
    let peer = node.peer(leader)?;
    let deadline = node.world.now() + WAIT_MAX + ANSWER_WITHIN;
    let purpose = Purpose::ReplicaFetch;
    match node
        .call(peer, purpose, &request.into(), FETCH_VERSION, deadline)
        .await
    {
        Ok(Response::Fetch(response)) => Some(response),
        Ok(_) | Err(_) => None,
    }
}

/// Gives the shards what came, and waits until it is durable; whether it was not errors alone.
async fn hand_over<W: World>(
    node: &Arc<Node<W>>,
    leader: BrokerId,
    session: &Session,
    responses: Vec<FetchableTopicResponse>,
) -> bool {
    let now = node.world.now();
    let mut by_shard: BTreeMap<usize, Vec<FetchedPartition>> = BTreeMap::new();
    let (mut n_good, mut n_bad) = (0_usize, 0_usize);
    for topic in responses {
        let Some(topic_id) = TopicId::from_wire(topic.topic_id) else {
            continue;
        };
        for data in topic.partitions {
            let Some(partition) = broker_types::PartitionIndex::from_wire(data.partition_index)
            else {
                continue;
            };
            let id = TopicPartition {
                topic_id,
                partition,
            };
            let Some(asked) = session.asked(id) else {
                continue;
            };
            match data.error_code {
                0 => n_good += 1,
                _ => n_bad += 1,
            }
            let (fetched, records) = read(data);
            throttles::record(&asked.limits, records.len() as u64, now);
            let response = Answer {
                position: asked.at.position,
                fetched,
            };
            let shard = shard_of(id, node.n_shards());
            by_shard.entry(shard).or_default().push(FetchedPartition {
                partition: id,
                response,
                records,
            });
        }
    }
    let mut done = Vec::new();
    for (shard, partitions) in by_shard {
        let (reply, taken) = oneshot::channel();
        node.tell_shard(
            shard,
            Command::Fetched {
                leader,
                partitions,
                reply,
            },
        );
        done.push(taken);
    }
    for taken in done {
        // A reply that is dropped means that the node is going down.
        let _ = taken.await;
    }
    n_good > 0 || n_bad == 0
}

/// What an answer for a partition says to its follower.
fn read(data: PartitionData) -> (Fetched, Bytes) {
    let records = match data.records {
        Some(Records::Bytes(bytes)) => bytes,
        Some(Records::Deferred { .. }) | None => Bytes::new(),
    };
    let diverging = LeaderEpoch::from_wire(data.diverging_epoch.epoch)
        .zip(Offset::from_wire(data.diverging_epoch.end_offset));
    let fetched = match ErrorCode::from_wire(data.error_code) {
        Some(ErrorCode::None) => match diverging {
            Some((leader_epoch, end_offset)) => Fetched::Diverging(EpochEnd {
                leader_epoch,
                end_offset,
            }),
            None => Fetched::Records {
                has_records: !records.is_empty(),
                high_watermark: Offset::from_wire(data.high_watermark).unwrap_or_default(),
                log_start_offset: Offset::from_wire(data.log_start_offset).unwrap_or_default(),
            },
        },
        Some(ErrorCode::OffsetOutOfRange) => {
            // The leader tells its bounds in the fields that are otherwise unused with an error.
            let start = Offset::from_wire(data.log_start_offset).unwrap_or_default();
            let end = Offset::from_wire(data.last_stable_offset).unwrap_or(start);
            Fetched::OutOfRange {
                log_start_offset: start,
                log_end_offset: end,
            }
        }
        Some(ErrorCode::FencedLeaderEpoch) => Fetched::Fenced,
        Some(_) | None => Fetched::Failed,
    };
    (fetched, records)
}
