//! Fetching what this broker follows: one loop for each leader, for all partitions at once.
//!
//! In: where the shards say their followers are. Out: fetches to leaders; their answers, handed to
//! the shards. Never here: what a follower does with an answer.
//!
//! A fetch states how far each partition is durable here. So the next one leaves only when the
//! records of the last one are on the disk, or when something else has changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_replica::{EpochEnd, FetchResponse as Answer, Fetched};
use broker_types::{BrokerId, ErrorCode, LeaderEpoch, Monotonic, Offset, TopicId, TopicPartition};
use broker_wire::messages::fetch_request::{FetchPartition, FetchTopic, ReplicaState};
use broker_wire::messages::fetch_response::PartitionData;
use broker_wire::messages::{FetchRequest, FetchResponse};
use broker_wire::{Records, Response};
use bytes::Bytes;
use futures::channel::oneshot;

use crate::node::Node;
use crate::partitions::shard_of;
use crate::race::race;
use crate::shard::{Command, FetchedPartition, FollowerPosition};
use crate::throttles::{self, Allowance, Limits};
use crate::waiter::Waiter;
use crate::world::{Purpose, World};

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
                if Some(*id_of) != leader {
                    it.positions.remove(&id);
                    it.paused.remove(&id);
                }
            }
            let (Some(leader), Some(position)) = (leader, position) else {
                return None;
            };
            let is_new = !leaders.contains_key(&leader);
            let entry = leaders.entry(leader).or_insert_with(|| Leader {
                positions: BTreeMap::new(),
                paused: BTreeMap::new(),
                waiter: Arc::default(),
            });
            entry.positions.insert(id, position);
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
            }
        });
    }

    /// What to ask a leader now, and when a paused partition may be asked for; `None`: the loop of
    /// that leader ends, since nothing follows it.
    fn due(&self, leader: BrokerId) -> Option<Due> {
        let now = self.world.now();
        self.with(|leaders| {
            let it = leaders.get_mut(&leader)?;
            if it.positions.is_empty() {
                leaders.remove(&leader);
                return None;
            }
            it.paused.retain(|_, until| *until > now);
            let is_due = |id: &TopicPartition| !it.paused.contains_key(id);
            let positions = it
                .positions
                .iter()
                .filter(|(id, _)| is_due(id))
                .map(|(id, at)| (*id, at.clone()));
            let positions = positions.collect();
            let retry_at = it
                .paused
                .values()
                .copied()
                .min()
                .unwrap_or(Monotonic::NEVER);
            Some(Due {
                positions,
                retry_at,
                waiter: Arc::clone(&it.waiter),
            })
        })
    }
}

struct Due {
    positions: Vec<(TopicPartition, FollowerPosition)>,
    retry_at: Monotonic,
    waiter: Arc<Waiter>,
}

/// Fetches from one leader for as long as anything follows it.
async fn run<W: World>(node: Arc<Node<W>>, leader: BrokerId) {
    let mut turn = 0;
    while let Some(due) = node.fetchers.due(leader) {
        if due.positions.is_empty() {
            let timer = node.world.sleep_until(due.retry_at);
            race(due.waiter.woken(), timer).await;
            continue;
        }
        let mut asked = due.positions;
        // An answer has room for so much: each time another partition stands first.
        let first = turn % asked.len();
        asked.rotate_left(first);
        turn = first + 1;
        let asked = without_throttled(&node, asked);
        if asked.is_empty() {
            // All that is asked for is throttled, and waits for time to pass.
            let until = due.retry_at.min(node.world.now() + BACK_OFF);
            race(due.waiter.woken(), node.world.sleep_until(until)).await;
            continue;
        }
        let is_answered = match fetch(&node, leader, &asked).await {
            Some(response) => hand_over(&node, leader, &asked, response).await,
            None => false,
        };
        if !is_answered {
            node.world.sleep_until(node.world.now() + BACK_OFF).await;
        }
    }
}

/// What is to be fetched, and at most how many bytes of it.
struct Asked {
    id: TopicPartition,
    at: FollowerPosition,
    bytes_max: i32,
    limits: Limits,
}

/// Leaves out replicas that have had all that their throttles let them have.
fn without_throttled<W: World>(
    node: &Node<W>,
    asked: Vec<(TopicPartition, FollowerPosition)>,
) -> Vec<Asked> {
    let (image, me) = (node.image(), node.config.broker_id);
    let mut allowance = Allowance::at(node.world.now());
    let asked = asked.into_iter().filter_map(|(id, at)| {
        let limits = node.throttles.follower.limits(&image, id, me);
        let allowed = allowance.left(&limits);
        if allowed == 0 {
            return None;
        }
        let all = PARTITION_BYTES_MAX;
        let bytes_max = i32::try_from(allowed).map_or(all, |it| it.min(all));
        allowance.take(&limits, u64::from(bytes_max.unsigned_abs()));
        Some(Asked {
            id,
            at,
            bytes_max,
            limits,
        })
    });
    asked.collect()
}

async fn fetch<W: World>(
    node: &Arc<Node<W>>,
    leader: BrokerId,
    asked: &[Asked],
) -> Option<FetchResponse> {
    let mut topics: Vec<FetchTopic> = Vec::new();
    for Asked {
        id, at, bytes_max, ..
    } in asked
    {
        let topic_id = id.topic_id.to_bytes();
        let partition = FetchPartition {
            partition: id.partition.to_wire(),
            current_leader_epoch: at.position.leader_epoch.to_wire(),
            fetch_offset: at.position.fetch_offset.to_wire(),
            last_fetched_epoch: LeaderEpoch::option_to_wire(at.position.last_fetched_epoch),
            log_start_offset: at.log_start_offset.to_wire(),
            partition_max_bytes: *bytes_max,
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
    let request = FetchRequest {
        replica_state: ReplicaState {
            replica_id: node.config.broker_id.to_wire(),
            replica_epoch: node.broker_epoch()?.to_wire(),
            ..ReplicaState::default()
        },
        max_wait_ms: i32::try_from(WAIT_MAX.as_millis()).unwrap_or(i32::MAX),
        min_bytes: 1,
        max_bytes: BYTES_MAX,
        session_epoch: -1,
        topics,
        ..FetchRequest::default()
    };
    let peer = node.peer(leader)?;
    let deadline = node.world.now() + WAIT_MAX + ANSWER_WITHIN;
    let purpose = Purpose::ReplicaFetch;
    match node
        .call(peer, purpose, &request.into(), FETCH_VERSION, deadline)
        .await
    {
        Ok(Response::Fetch(response)) if response.error_code == 0 => Some(response),
        Ok(_) | Err(_) => None,
    }
}

/// Gives the shards what came, and waits until it is durable; whether anything was of use.
async fn hand_over<W: World>(
    node: &Arc<Node<W>>,
    leader: BrokerId,
    asked: &[Asked],
    response: FetchResponse,
) -> bool {
    let asked: BTreeMap<TopicPartition, &Asked> = asked.iter().map(|it| (it.id, it)).collect();
    let now = node.world.now();
    let mut by_shard: BTreeMap<usize, Vec<FetchedPartition>> = BTreeMap::new();
    let mut n_good = 0_usize;
    for topic in response.responses {
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
            let Some(asked) = asked.get(&id) else {
                continue;
            };
            n_good += usize::from(data.error_code == 0);
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
    n_good > 0
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
