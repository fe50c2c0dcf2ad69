//! A broker's parts, joined: what every request handler and every thread of the node can reach.
//!
//! In: a world, a configuration, what was found on the disk. Out: senders to the threads, views of
//! what they own. Never here: a thread's own state, or what a request means.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use broker_coordinator::group_partition;
use broker_log::{OpenFiles, Origin, Read, ReadLimit};
use broker_metadata::Image;
use broker_replica::{Acks, RoleKind};
use broker_types::{
    BrokerEpoch, BrokerId, DirectoryId, Durability, ErrorCode, LeaderEpoch, Monotonic, Mutant,
    Offset, PartitionIndex, TopicPartition,
};
use broker_wire::{Request, Response, Str, frame};
use bytes::Bytes;
use futures::channel::{mpsc, oneshot};

use crate::api::auto_create::Creations;
use crate::api::topic_names;
use crate::fetch_sessions::Sessions;
use crate::fetchers::Fetchers;
use crate::folders::Folders;
use crate::follower_sessions::FollowerSessions;
use crate::groups;
use crate::partitions::{Partition, Partitions, shard_of};
use crate::previous::Previous;
use crate::producer_ids::ProducerIds;
use crate::quorum::driver;
use crate::quorum::published::Published;
use crate::reachable::REPLICATION;
use crate::registration::Stored;
use crate::room::Room;
use crate::shard::{self, Append, AppendFailure, Watch};
use crate::throttles::Throttles;
use crate::waiter::Waiter;
use crate::world::{BoxFuture, CallError, Peer, Purpose, World};

/// A listener as this broker registers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertised {
    pub name: String,
    pub host: String,
    pub port: u16,
}

/// Who this broker is and how it runs.
#[derive(Clone, Debug)]
pub struct Config {
    pub cluster_id: Str,
    pub broker_id: BrokerId,
    pub directory_id: DirectoryId,
    /// The cluster's.
    pub durability: Durability,
    pub rack: Option<Str>,
    /// Of clients and of brokers; the latter is named `REPLICATION`.
    pub listeners: Vec<Advertised>,
    /// Replication listeners of other brokers.
    pub bootstrap: Vec<Peer>,
    /// Where the data is, as `DescribeLogDirs` names it.
    pub log_dir: PathBuf,
    pub previous: Previous,
    pub n_shards: usize,
    /// Closed segments of all logs that are open at once; each partition has one more, written to.
    pub open_segments_max: NonZeroUsize,
    /// Records of the metadata after which a snapshot of it is written.
    pub snapshot_every: u64,
}

/// How long a leader trusts its registration unheard: it fences itself before the controller does.
pub(crate) const LEASE: Duration = Duration::from_millis(3_500);
/// No broker epoch.
const NONE: u64 = u64::MAX;

/// A broker.
pub struct Node<W: World> {
    pub world: W,
    pub config: Config,
    pub(crate) dir: W::Dir,
    pub(crate) files: OpenFiles<W::Dir>,
    pub(crate) room: Arc<Room<W::Dir>>,
    pub(crate) partitions: Partitions<W::Dir>,
    pub(crate) folders: Folders,
    pub(crate) fetch_sessions: Mutex<Sessions>,
    pub(crate) follower_sessions: Mutex<FollowerSessions>,
    pub(crate) producer_ids: Mutex<ProducerIds>,
    pub(crate) creations: Arc<Creations>,
    pub(crate) fetchers: Fetchers<W>,
    pub(crate) throttles: Throttles,
    pub(crate) published: Arc<Published>,
    quorum: OnceLock<mpsc::UnboundedSender<driver::Command<W>>>,
    groups: OnceLock<mpsc::UnboundedSender<groups::Command>>,
    shards: OnceLock<Vec<mpsc::UnboundedSender<shard::Command<W>>>>,
    broker_epoch: AtomicU64,
    /// Until when heartbeats were answered.
    lease_until: AtomicU64,
    is_ready: AtomicBool,
    is_stopping: AtomicBool,
    /// Woken when the controller lets this broker go.
    release: Arc<Waiter>,
    is_unclean: AtomicBool,
}

/// A leader that knows what is committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    pub(crate) log_start_offset: Offset,
    pub(crate) high_watermark: Offset,
}

impl<W: World> Node<W> {
    pub(crate) fn new(world: W, config: Config, files: OpenFiles<W::Dir>) -> Node<W> {
        let published = Arc::new(Published::new(config.cluster_id.clone()));
        Node {
            fetchers: Fetchers::new(world.clone()),
            world,
            config,
            dir: files.dir().clone(),
            room: Arc::new(Room::new(files.dir())),
            files,
            partitions: Partitions::default(),
            folders: Folders::default(),
            fetch_sessions: Mutex::default(),
            follower_sessions: Mutex::default(),
            producer_ids: Mutex::default(),
            creations: Arc::default(),
            throttles: Throttles::default(),
            published,
            quorum: OnceLock::new(),
            groups: OnceLock::new(),
            shards: OnceLock::new(),
            broker_epoch: AtomicU64::new(NONE),
            lease_until: AtomicU64::new(0),
            is_ready: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            release: Arc::default(),
            is_unclean: AtomicBool::new(false),
        }
    }

    pub(crate) fn connect(
        &self,
        quorum: mpsc::UnboundedSender<driver::Command<W>>,
        groups: mpsc::UnboundedSender<groups::Command>,
        shards: Vec<mpsc::UnboundedSender<shard::Command<W>>>,
    ) {
        let is_first = self.quorum.set(quorum).is_ok()
            && self.groups.set(groups).is_ok()
            && self.shards.set(shards).is_ok();
        assert!(is_first, "a node is joined once");
    }

    pub fn image(&self) -> Arc<Image> {
        self.published.image()
    }

    /// The replicas of this broker, as they show themselves.
    pub fn replicas(&self) -> Arc<BTreeMap<TopicPartition, Arc<Partition<W::Dir>>>> {
        self.partitions.all()
    }

    /// The broker that is the active controller, as far as this one knows.
    pub fn active_controller(&self) -> Option<BrokerId> {
        self.published.controller().map(|it| it.id)
    }

    pub(crate) fn n_shards(&self) -> usize {
        self.config.n_shards
    }

    pub(crate) fn tell_quorum(&self, command: driver::Command<W>) {
        if let Some(quorum) = self.quorum.get() {
            // The thread is gone only when the node is going down.
            let _ = quorum.unbounded_send(command);
        }
    }

    pub(crate) fn tell_groups(&self, command: groups::Command) {
        if let Some(groups) = self.groups.get() {
            // The thread is gone only when the node is going down.
            let _ = groups.unbounded_send(command);
        }
    }

    pub(crate) fn tell_shard(&self, shard: usize, command: shard::Command<W>) {
        if let Some(shard) = self.shards.get().and_then(|it| it.get(shard)) {
            // The thread is gone only when the node is going down.
            let _ = shard.unbounded_send(command);
        }
    }

    /// Hands one batch of this broker's own to its partition, now; completes with the offset after
    /// it once it is committed.
    pub(crate) fn append_own(
        &self,
        partition: TopicPartition,
        batch: Bytes,
    ) -> BoxFuture<Result<Offset, ErrorCode>> {
        let acks = if Mutant::AnswerCommitAtAppend.is_made() {
            Acks::None
        } else {
            Acks::All
        };
        let append = Append {
            partition,
            batch,
            acks,
            origin: Origin::Coordinator,
            deadline: Monotonic::NEVER,
        };
        let (reply, answer) = oneshot::channel();
        let shard = shard_of(partition, self.n_shards());
        self.tell_shard(
            shard,
            shard::Command::Append {
                appends: vec![append],
                reply,
            },
        );
        Box::pin(async move {
            let answer = answer.await.ok().and_then(|it| it.into_iter().next());
            match answer.unwrap_or(Err(AppendFailure::Closing)) {
                Ok(appended) => Ok(appended.end_offset),
                Err(failure) => Err(crate::api::produce::error_code(&failure)),
            }
        })
    }

    /// Waits until a partition that this broker leads in `leader_epoch` knows what is committed;
    /// `None` when it leads no more.
    pub(crate) async fn await_settled(
        &self,
        id: TopicPartition,
        leader_epoch: LeaderEpoch,
    ) -> Option<Settled> {
        let waiter = Arc::new(Waiter::default());
        loop {
            let partition = self.partitions.partition(id);
            // Not yet in the table: the shard that opens it publishes it with the round.
            if let Some(view) = partition.map(|it| it.view()) {
                if view.role != RoleKind::Leader || view.leader_epoch > Some(leader_epoch) {
                    if view.leader_epoch >= Some(leader_epoch) {
                        return None;
                    }
                } else if view.is_settled && view.leader_epoch == Some(leader_epoch) {
                    return Some(Settled {
                        log_start_offset: view.log.log_start_offset(),
                        high_watermark: view.high_watermark,
                    });
                }
                let watch = Watch {
                    partition: id,
                    role: view.role,
                    high_watermark: view.high_watermark,
                    log_end_offset: None,
                    log_start_offset: None,
                };
                let shard = shard_of(id, self.n_shards());
                let watches = vec![watch];
                self.tell_shard(
                    shard,
                    shard::Command::Watch {
                        watches,
                        waiter: Arc::clone(&waiter),
                    },
                );
            } else if self.image().partition(id).is_none() {
                return None;
            }
            let timer = self
                .world
                .sleep_until(self.world.now() + Duration::from_millis(20));
            crate::race::race(waiter.woken(), timer).await;
        }
    }

    /// Committed batches of a partition from `offset` on.
    pub(crate) async fn read_committed(
        &self,
        id: TopicPartition,
        offset: Offset,
        bytes_max: u32,
    ) -> Result<Bytes, String> {
        let partition = self
            .partitions
            .partition(id)
            .ok_or("the partition is gone")?;
        let view = partition.view();
        let read = self.world.block(move || {
            let limit = ReadLimit {
                bytes_max,
                upper_bound: view.high_watermark,
                at_least_one_batch: true,
            };
            match view
                .log
                .read(offset, &limit)
                .map_err(|error| error.to_string())?
            {
                Read::Slice(slice) => slice
                    .to_vec()
                    .map(Bytes::from)
                    .map_err(|error| error.to_string()),
                Read::Nothing => Ok(Bytes::new()),
                Read::OutOfRange { .. } => Err(format!("offset {offset} is not in the log")),
            }
        });
        read.await
    }

    /// The partition of `__consumer_offsets` that a group lives in, if this broker leads it.
    pub(crate) fn group_partition(&self, group: &str) -> Result<PartitionIndex, ErrorCode> {
        let (partition, leader) = self
            .group_place(group)
            .ok_or(ErrorCode::CoordinatorNotAvailable)?;
        if leader == Some(self.config.broker_id) {
            Ok(partition)
        } else {
            Err(ErrorCode::NotCoordinator)
        }
    }

    /// The broker that leads the partition a group lives in.
    pub(crate) fn group_leader(&self, group: &str) -> Option<BrokerId> {
        self.group_place(group)?.1
    }

    fn group_place(&self, group: &str) -> Option<(PartitionIndex, Option<BrokerId>)> {
        let image = self.image();
        let topic = image.topic(topic_names::OFFSETS)?;
        let n_partitions = NonZeroU32::new(u32::try_from(topic.partition_count()).ok()?)?;
        let index = group_partition(group, n_partitions);
        Some((index, topic.partition(index)?.leader))
    }

    /// The partitions of `__consumer_offsets` that this broker leads.
    pub(crate) fn led_group_partitions(&self) -> Vec<PartitionIndex> {
        let image = self.image();
        let Some(topic) = image.topic(topic_names::OFFSETS) else {
            return Vec::new();
        };
        let me = Some(self.config.broker_id);
        topic
            .partitions()
            .filter(|(_, it)| it.leader == me)
            .map(|(index, _)| index)
            .collect()
    }

    /// Where another broker listens for brokers.
    pub(crate) fn peer(&self, broker: BrokerId) -> Option<Peer> {
        let image = self.image();
        let endpoint = image.broker(broker)?.endpoints.get(REPLICATION)?;
        Some(Peer {
            host: endpoint.host.to_string(),
            port: endpoint.port,
        })
    }

    /// Sends a request to another broker.
    pub(crate) async fn call(
        &self,
        peer: Peer,
        purpose: Purpose,
        request: &Request,
        version: i16,
        deadline: Monotonic,
    ) -> Result<Response, CallError> {
        let client = self.config.broker_id.to_string();
        let frame = frame::encode_request(request, version, 0, &client)
            .map_err(|_| CallError::Disconnected)?;
        let answer = self.world.call(peer, purpose, frame, deadline).await?;
        frame::decode_response(request.api_key(), version, 0, answer)
            .map_err(|_| CallError::Disconnected)
    }

    pub(crate) fn broker_epoch(&self) -> Option<BrokerEpoch> {
        let epoch = self.broker_epoch.load(Ordering::Acquire);
        (epoch != NONE).then(|| BrokerEpoch::new(epoch))
    }

    /// Takes the epoch of a registration. It is on the disk before this broker acts under it, so
    /// that the next process can say whose directory this is.
    pub(crate) async fn set_broker_epoch(&self, epoch: BrokerEpoch) {
        let stored = Stored {
            epoch: Some(epoch),
            pending: None,
        };
        self.store_registration(stored).await;
        self.broker_epoch.store(epoch.value(), Ordering::Release);
        self.published.announce();
    }

    /// Makes durable what the next process is to know of this one's registration.
    pub(crate) async fn store_registration(&self, stored: Stored) {
        let dir = self.dir.clone();
        let written = self.world.block(move || stored.write(&dir)).await;
        if let Err(error) = written {
            self.report_disk_failure(format!("the broker epoch cannot be written: {error}"));
        }
    }

    /// A heartbeat that was sent at `sent_at` was answered.
    pub(crate) fn renew_lease(&self, sent_at: Monotonic) {
        let until = (sent_at + LEASE).as_micros();
        self.lease_until.fetch_max(until, Ordering::AcqRel);
    }

    /// Whether the controller may have given this broker up.
    pub(crate) fn is_self_fenced(&self) -> bool {
        self.world.now().as_micros() > self.lease_until.load(Ordering::Acquire)
    }

    pub fn registered_epoch(&self) -> Option<BrokerEpoch> {
        self.broker_epoch()
    }

    /// Whether this broker has seen its own registration in the metadata: from then on it knows all
    /// that was there before it came.
    pub fn knows_cluster(&self) -> bool {
        let image = self.image();
        let registered = image.broker(self.config.broker_id).map(|it| it.epoch);
        registered.is_some() && registered == self.broker_epoch()
    }

    /// Whether the broker's threads turn: what a liveness probe asks. Peers do not matter.
    pub fn is_live(&self) -> bool {
        self.quorum.get().is_some_and(|it| !it.is_closed())
            && self
                .shards
                .get()
                .is_some_and(|it| it.iter().all(|it| !it.is_closed()))
    }

    /// Whether the broker serves: unfenced, and caught up once since it started.
    pub fn is_ready(&self) -> bool {
        let image = self.image();
        let is_unfenced = image
            .broker(self.config.broker_id)
            .is_some_and(|it| it.is_active())
            && !self.is_self_fenced();
        is_unfenced && self.is_ready.load(Ordering::Acquire)
    }

    pub(crate) fn set_ready(&self) {
        self.is_ready.store(true, Ordering::Release);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    pub(crate) fn set_stopping(&self) {
        self.is_stopping.store(true, Ordering::Release);
    }

    /// Completes once the controller lets this broker go.
    pub(crate) fn released(&self) -> impl Future<Output = ()> + Send + use<W> {
        self.release.woken()
    }

    pub(crate) fn set_released(&self) {
        self.release.wake();
    }

    /// A log could not be closed: the next start must not believe that all is well.
    pub(crate) fn report_unclean(&self) {
        self.is_unclean.store(true, Ordering::Release);
    }

    pub(crate) fn is_unclean(&self) -> bool {
        self.is_unclean.load(Ordering::Acquire)
    }

    /// The disk failed: the only directory is offline, so the broker leaves. What is on the disk is
    /// looked at by the next process.
    pub(crate) fn report_disk_failure(&self, reason: String) {
        self.report_unclean();
        let halt = self
            .world
            .halt(format!("the data directory failed: {reason}"));
        self.world.spawn(halt);
    }

    pub(crate) fn with_producer_ids<T>(&self, work: impl FnOnce(&mut ProducerIds) -> T) -> T {
        let producer_ids = self.producer_ids.lock();
        work(&mut producer_ids.unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn with_sessions<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> T {
        let sessions = self.fetch_sessions.lock();
        work(&mut sessions.unwrap_or_else(PoisonError::into_inner))
    }
}
