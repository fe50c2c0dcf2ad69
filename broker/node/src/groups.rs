//! The group coordinators of this broker: one for each partition of `__consumer_offsets` it leads.
//!
//! In: requests about groups, word that a partition is led here or no longer, what became of
//! appends, the time. Out: answers, appends to the partitions. Never here: what a group does
//! (`broker-coordinator`).

mod loading;
mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_coordinator::{
    Action, AppendToken, Config, DeletedTopic, GroupCoordinator, GroupRecord, Now, RequestContext,
    RequestToken, Response,
};
use broker_types::{ErrorCode, LeaderEpoch, Monotonic, Offset, PartitionIndex, TopicPartition};
use broker_wire::Str;
use broker_wire::compression::Compression;
use broker_wire::messages::describe_groups_response::DescribedGroup;
use broker_wire::messages::list_groups_response::ListedGroup;
use broker_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
use broker_wire::messages::offset_fetch_response::OffsetFetchResponseGroup;
use broker_wire::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest,
    OffsetCommitRequest, OffsetDeleteRequest, SyncGroupRequest,
};
use broker_wire::record_batch::{BatchBuilder, BatchOptions, TimestampType};
use bytes::Bytes;
use futures::StreamExt;
use futures::channel::mpsc::TryRecvError;
use futures::channel::{mpsc, oneshot};

use crate::node::Node;
use crate::race::{Either, race};
use crate::world::World;

/// Commands that are handled before the clocks are read again.
const BATCH_MAX: usize = 256;

/// A request that may wait, or that changes something.
#[derive(Debug)]
pub(crate) enum Call {
    Join(JoinGroupRequest),
    Sync(SyncGroupRequest),
    Leave(LeaveGroupRequest),
    Commit(OffsetCommitRequest),
    DeleteOffsets(OffsetDeleteRequest),
    Delete(Str),
}

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) api_version: i16,
    pub(crate) client_id: Str,
    pub(crate) client_host: String,
}

/// A request that is answered at once.
#[derive(Debug)]
pub(crate) enum Query {
    Heartbeat(HeartbeatRequest, oneshot::Sender<HeartbeatResponse>),
    Offsets(
        OffsetFetchRequestGroup,
        oneshot::Sender<OffsetFetchResponseGroup>,
    ),
    Describe {
        version: i16,
        group: Str,
        reply: oneshot::Sender<DescribedGroup>,
    },
    List(
        ListGroupsRequest,
        oneshot::Sender<Result<Vec<ListedGroup>, ErrorCode>>,
    ),
}

/// What the coordinators are told.
#[derive(Debug)]
pub(crate) enum Command {
    Call {
        partition: PartitionIndex,
        call: Call,
        caller: Caller,
        reply: oneshot::Sender<Response>,
    },
    Query {
        partition: PartitionIndex,
        query: Query,
    },
    /// This broker leads the partition in a new epoch.
    Led {
        partition: TopicPartition,
        leader_epoch: LeaderEpoch,
    },
    /// This broker leads it no more.
    NotLed {
        partition: PartitionIndex,
    },
    /// Records of a partition that is being loaded, in their order.
    Loaded {
        partition: PartitionIndex,
        leader_epoch: LeaderEpoch,
        records: Vec<GroupRecord>,
    },
    /// All of them were, up to the high watermark; or they cannot be read.
    LoadEnded {
        partition: PartitionIndex,
        leader_epoch: LeaderEpoch,
        end: Result<Offset, String>,
    },
    /// What became of an append: the offset after its last record, once that is committed.
    Appended {
        partition: PartitionIndex,
        leader_epoch: LeaderEpoch,
        token: AppendToken,
        result: Result<Offset, ErrorCode>,
    },
    TopicsDeleted(Arc<[DeletedTopic]>),
    /// Configs of brokers were changed.
    Configured,
}

/// A coordinator and the leadership that it is for.
struct Led {
    topic: TopicPartition,
    leader_epoch: LeaderEpoch,
    coordinator: GroupCoordinator,
}

/// All coordinators of a broker.
pub(crate) struct Groups<W: World> {
    node: Arc<Node<W>>,
    inbox: mpsc::UnboundedReceiver<Command>,
    led: BTreeMap<PartitionIndex, Led>,
    replies: BTreeMap<RequestToken, oneshot::Sender<Response>>,
    n_requests: u64,
    config: Config,
}

impl<W: World> Groups<W> {
    pub(crate) fn new(node: Arc<Node<W>>, inbox: mpsc::UnboundedReceiver<Command>) -> Groups<W> {
        let config = settings::config(&node.image(), node.config.broker_id);
        Groups {
            node,
            config,
            inbox,
            led: BTreeMap::new(),
            replies: BTreeMap::new(),
            n_requests: 0,
        }
    }

    /// Runs until the node is gone.
    pub(crate) async fn run(mut self) {
        loop {
            let deadline = self.next_deadline();
            let timer = self.node.world.sleep_until(deadline);
            match race(self.inbox.next(), timer).await {
                Either::First(None) => return,
                Either::First(Some(command)) => self.handle(command),
                Either::Second(()) => {}
            }
            for _ in 1..BATCH_MAX {
                match self.inbox.try_recv() {
                    Ok(command) => self.handle(command),
                    Err(TryRecvError::Closed) => return,
                    Err(TryRecvError::Empty) => break,
                }
            }
            self.tick();
        }
    }

    fn now(&self) -> Now {
        Now {
            monotonic: self.node.world.now(),
            wall: self.node.world.wall(),
        }
    }

    fn next_deadline(&self) -> Monotonic {
        let deadlines = self.led.values().map(|it| it.coordinator.next_deadline());
        deadlines.min().unwrap_or(Monotonic::NEVER)
    }

    fn tick(&mut self) {
        let now = self.now();
        let due: Vec<PartitionIndex> = self
            .led
            .iter()
            .filter(|(_, it)| it.coordinator.next_deadline() <= now.monotonic)
            .map(|(partition, _)| *partition)
            .collect();
        for partition in due {
            self.with(partition, |coordinator, actions| {
                coordinator.tick(now, actions)
            });
        }
    }

    /// Lets a partition's coordinator decide, and does what it asks for.
    fn with(
        &mut self,
        partition: PartitionIndex,
        decide: impl FnOnce(&mut GroupCoordinator, &mut Vec<Action>),
    ) {
        let Some(led) = self.led.get_mut(&partition) else {
            return;
        };
        let mut actions = Vec::new();
        decide(&mut led.coordinator, &mut actions);
        let (topic, leader_epoch) = (led.topic, led.leader_epoch);
        self.perform(topic, leader_epoch, actions);
    }

    fn handle(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Call {
                partition,
                call,
                caller,
                reply,
            } => {
                self.handle_call(now, partition, call, &caller, reply);
            }
            Command::Query { partition, query } => self.handle_query(now, partition, query),
            Command::Led {
                partition,
                leader_epoch,
            } => self.handle_led(partition, leader_epoch),
            Command::NotLed { partition } => {
                self.with(partition, |coordinator, actions| {
                    coordinator.unload(now, actions)
                });
                self.led.remove(&partition);
            }
            Command::Loaded {
                partition,
                leader_epoch,
                records,
            } => {
                self.handle_loaded(partition, leader_epoch, &records);
            }
            Command::LoadEnded {
                partition,
                leader_epoch,
                end,
            } => match end {
                Ok(end) if self.is_current(partition, leader_epoch) => {
                    tracing::debug!(%partition, %end, "serves the groups of a partition");
                    self.with(partition, |it, actions| it.finish_load(now, end, actions));
                }
                Ok(_) => {}
                Err(reason) => self.handle_load_failed(partition, leader_epoch, &reason),
            },
            Command::Appended {
                partition,
                leader_epoch,
                token,
                result,
            } => {
                if !self.is_current(partition, leader_epoch) {
                    return;
                }
                self.with(partition, |it, actions| match result {
                    Ok(end) => {
                        it.handle_appended(now, token, end, actions);
                        it.handle_committed(now, end, actions);
                    }
                    Err(error) => it.handle_append_failed(now, token, error, actions),
                });
            }
            Command::Configured => self.configure(now),
            Command::TopicsDeleted(topics) => {
                let partitions: Vec<PartitionIndex> = self.led.keys().copied().collect();
                for partition in partitions {
                    self.with(partition, |it, actions| {
                        it.handle_topics_deleted(now, &topics, actions);
                    });
                }
            }
        }
    }

    /// Takes what the brokers' configs say now.
    fn configure(&mut self, now: Now) {
        let config = settings::config(&self.node.image(), self.node.config.broker_id);
        if config == self.config {
            return;
        }
        self.config = config;
        for led in self.led.values_mut() {
            led.coordinator.set_config(now, self.config.clone());
        }
    }

    fn is_current(&self, partition: PartitionIndex, leader_epoch: LeaderEpoch) -> bool {
        self.led
            .get(&partition)
            .is_some_and(|it| it.leader_epoch == leader_epoch)
    }

    fn handle_led(&mut self, topic: TopicPartition, leader_epoch: LeaderEpoch) {
        if self.is_current(topic.partition, leader_epoch) {
            return;
        }
        let now = self.now();
        self.with(topic.partition, |it, actions| it.unload(now, actions));
        let coordinator = GroupCoordinator::new(self.config.clone());
        self.led.insert(
            topic.partition,
            Led {
                topic,
                leader_epoch,
                coordinator,
            },
        );
        let node = Arc::clone(&self.node);
        self.node
            .world
            .spawn(Box::pin(loading::load(node, topic, leader_epoch)));
    }

    /// Begins the load again. Who asks meanwhile is told that it goes on.
    fn handle_load_failed(
        &mut self,
        partition: PartitionIndex,
        leader_epoch: LeaderEpoch,
        reason: &str,
    ) {
        let Some(led) = self.led.get_mut(&partition) else {
            return;
        };
        if led.leader_epoch != leader_epoch {
            return;
        }
        tracing::error!(%partition, "the groups of a partition cannot be read: {reason}; trying again");
        led.coordinator = GroupCoordinator::new(self.config.clone());
        let again = loading::load_again(Arc::clone(&self.node), led.topic, leader_epoch);
        self.node.world.spawn(Box::pin(again));
    }

    fn handle_loaded(
        &mut self,
        partition: PartitionIndex,
        leader_epoch: LeaderEpoch,
        records: &[GroupRecord],
    ) {
        if !self.is_current(partition, leader_epoch) {
            return;
        }
        let Some(led) = self.led.get_mut(&partition) else {
            return;
        };
        for record in records {
            if let Err(error) = led.coordinator.load(&record.key, record.value.as_deref()) {
                // Not served at all: damaged groups would be served as others.
                tracing::error!(%partition, "a record of the groups is damaged: {error}");
                self.led.remove(&partition);
                return;
            }
        }
    }

    fn handle_call(
        &mut self,
        now: Now,
        partition: PartitionIndex,
        call: Call,
        caller: &Caller,
        reply: oneshot::Sender<Response>,
    ) {
        // Without a coordinator the reply is dropped, which says that it is not here.
        if !self.led.contains_key(&partition) {
            return;
        }
        let token = RequestToken(self.n_requests);
        self.n_requests += 1;
        self.replies.insert(token, reply);
        let world = &self.node.world;
        let random = (u128::from(world.random()) << 64) | u128::from(world.random());
        let context = RequestContext {
            token,
            api_version: caller.api_version,
            client_id: &caller.client_id,
            client_host: &caller.client_host,
            random,
        };
        self.with(partition, |it, actions| match &call {
            Call::Join(request) => it.handle_join_group(now, &context, request, actions),
            Call::Sync(request) => it.handle_sync_group(now, &context, request, actions),
            Call::Leave(request) => it.handle_leave_group(now, &context, request, actions),
            Call::Commit(request) => it.handle_offset_commit(now, &context, request, actions),
            Call::DeleteOffsets(request) => {
                it.handle_offset_delete(now, &context, request, actions);
            }
            Call::Delete(group) => it.handle_delete_group(now, &context, group, actions),
        });
    }

    fn handle_query(&mut self, now: Now, partition: PartitionIndex, query: Query) {
        // Without a coordinator the reply is dropped, which says that it is not here.
        let Some(led) = self.led.get_mut(&partition) else {
            return;
        };
        let coordinator = &mut led.coordinator;
        match query {
            Query::Heartbeat(request, reply) => {
                let _ = reply.send(coordinator.handle_heartbeat(now, &request));
            }
            // Another broker may be the coordinator by now: what is committed there is not known here.
            Query::Offsets(..) if self.node.is_self_fenced() => {}
            Query::Offsets(request, reply) => {
                let _ = reply.send(coordinator.fetch_offsets(&request));
            }
            Query::Describe {
                version,
                group,
                reply,
            } => {
                let _ = reply.send(coordinator.describe_group(version, &group));
            }
            Query::List(request, reply) => {
                let _ = reply.send(coordinator.list_groups(&request));
            }
        }
    }

    fn perform(&mut self, topic: TopicPartition, leader_epoch: LeaderEpoch, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Append { token, records } => {
                    self.append(topic, leader_epoch, token, &records);
                }
                Action::Respond { token, response } => {
                    if let Some(reply) = self.replies.remove(&token) {
                        // Whoever asked may have gone.
                        let _ = reply.send(response);
                    }
                }
            }
        }
    }

    fn append(
        &mut self,
        topic: TopicPartition,
        leader_epoch: LeaderEpoch,
        token: AppendToken,
        records: &[GroupRecord],
    ) {
        let partition = topic.partition;
        let appended = match self.batch(records) {
            // Handed over here and now, so that appends reach the log in their order.
            Ok(batch) => self.node.append_own(topic, batch),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        };
        let node = Arc::clone(&self.node);
        self.node.world.spawn(Box::pin(async move {
            let result = appended.await;
            node.tell_groups(Command::Appended {
                partition,
                leader_epoch,
                token,
                result,
            });
        }));
    }

    fn batch(&self, records: &[GroupRecord]) -> Result<Bytes, ErrorCode> {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: Offset::ZERO,
            partition_leader_epoch: None,
            compression: Compression::None,
            compression_level: None,
            timestamp_type: TimestampType::CreateTime,
            producer: None,
            is_transactional: false,
            is_control: false,
        });
        let timestamp = self.node.world.wall();
        for record in records {
            builder.append(timestamp, Some(&record.key), record.value.as_deref(), &[]);
        }
        builder
            .build()
            .map(Bytes::from)
            .map_err(|_| ErrorCode::RecordListTooLarge)
    }
}
