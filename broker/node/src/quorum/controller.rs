//! The active controller on the quorum's thread: requests to decisions, decisions to the log.
//!
//! In: requests, lost connections, what dialling a broker showed, the time. Out: records proposed,
//! answers once they are committed. Never here: a decision (`broker-metadata`).

use std::collections::VecDeque;
use std::time::Duration;

use broker_metadata::controller::{
    Decision, GROUP_METADATA_TOPIC_NAME, Moment, ProbeResult, Settings, group_metadata_topic,
};
use broker_metadata::{Controller, Image};
use broker_types::{
    BrokerEpoch, BrokerId, Durability, ErrorCode, Monotonic, Mutant, Offset, TopicId,
};
use broker_wire::messages::describe_quorum_response as described;
use broker_wire::messages::{ApiVersionsRequest, DescribeQuorumResponse};
use broker_wire::{ApiKey, MetadataRecord, Request, Response, frame};
use futures::channel::oneshot;

use super::driver::{Command, Driver};
use super::{batches, messages};
use crate::api::refusal::{Refusal, refuse};
use crate::configs::Definitions;
use crate::world::{CallError, Purpose, World};

/// Leaderships moved at a time, so that clients do not all move at once.
const BALANCE_MOVES_MAX: usize = 100;
/// How long a broker whose connection was lost has to answer when dialled.
const PROBE_WITHIN: Duration = Duration::from_millis(500);

/// A controller for one leadership, and the answers that wait for the log.
pub(super) struct ActiveController {
    controller: Controller,
    /// In the order of their offsets.
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    /// Everything below must be committed before the answer may leave.
    end: Offset,
    answer: Answer,
}

/// Sends an answer, if whoever asked is still there.
pub(super) type Answer = Box<dyn FnOnce() + Send>;

impl ActiveController {
    fn new(image: Image, durability: Durability, now: Monotonic) -> ActiveController {
        let settings = Settings {
            durability,
            ..Settings::default()
        };
        ActiveController {
            controller: Controller::new(settings, image, now),
            waiting: VecDeque::new(),
        }
    }

    pub(super) fn next_deadline(&self) -> Monotonic {
        self.controller.next_deadline()
    }

    /// Sends the answers that waited for nothing above `committed`.
    pub(super) fn complete(&mut self, committed: Offset) {
        while let Some(first) = self
            .waiting
            .pop_front_if(|it| it.end <= committed || Mutant::AnswerBeforeCommit.is_made())
        {
            (first.answer)();
        }
    }
}

impl<W: World> Driver<W> {
    /// Begins to decide once everything that earlier leaders left is applied.
    pub(super) fn activate_controller(&mut self) {
        let is_leader = self.quorum.leader() == Some(self.me.key.id);
        let is_own_epoch = self.applied_epoch == Some(self.quorum.epoch());
        if !is_leader || !is_own_epoch || self.controller.is_some() {
            return;
        }
        let now = self.world.now();
        tracing::info!(epoch = %self.quorum.epoch(), "this broker is the active controller");
        let mut active = ActiveController::new(self.image.clone(), self.me.durability, now);
        let begun = active.controller.begin_cluster();
        let to_dial = active.controller.to_dial();
        self.controller = Some(active);
        self.commit(begun.records, None);
        for (broker, epoch) in to_dial {
            self.dial(broker, epoch);
        }
    }

    /// The leadership is over: what waits is answered so, and nothing is decided any more.
    pub(super) fn deactivate_controller(&mut self) {
        // Dropping the replies says it: whoever asked looks for the new controller.
        self.controller = None;
    }

    pub(super) fn handle_controller(
        &mut self,
        now: Monotonic,
        request: Request,
        reply: oneshot::Sender<Response>,
    ) {
        if let Request::DescribeQuorum(_) = request {
            let response = self.describe_quorum(now, &request);
            let _ = reply.send(response);
            return;
        }
        if let Request::AddRaftVoter(_) | Request::RemoveRaftVoter(_) = request {
            // The quorum's leader is the controller, and answers once the change is committed.
            return self.handle_asked(now, &request, reply);
        }
        let at = Moment {
            now,
            log_end_offset: self.quorum.log_end(),
        };
        let n_brokers = self.quorum.voters().len().max(self.image.brokers().len());
        let world = self.world.clone();
        let mut new_id = move || loop {
            let id = (u128::from(world.random()) << 64) | u128::from(world.random());
            if let Some(id) = TopicId::from_wire(id.to_be_bytes())
                && id != TopicId::METADATA
            {
                return id;
            }
        };
        let decided = match &mut self.controller {
            Some(active) => decide(&mut active.controller, at, &request, n_brokers, &mut new_id),
            None => None,
        };
        match decided {
            Some(Decision { records, response }) => {
                let answer = move || drop(reply.send(response));
                self.commit(records, Some(Box::new(answer)));
            }
            None => {
                let refusal = Refusal::new(ErrorCode::NotController);
                if let Some(response) = refuse(&request, &refusal) {
                    let _ = reply.send(response);
                }
            }
        }
    }

    /// Appends the records of a decision as one batch; its answer waits until they, and all before
    /// them, are committed.
    pub(super) fn commit(&mut self, records: Vec<MetadataRecord>, answer: Option<Answer>) {
        let mut end = self.quorum.log_end();
        if !records.is_empty() {
            let (epoch, wall) = (self.quorum.epoch(), self.world.wall());
            let batch = batches::encode(end, epoch, wall, &records)
                .expect("what the controller decided can be written");
            let n_records = u32::try_from(records.len()).expect("a decision is bounded");
            match self.quorum.propose(batch, n_records) {
                Ok(offsets) => end = offsets.end,
                // The leadership ended between two events; the answer is lost with it.
                Err(_) => return,
            }
        }
        let Some(answer) = answer else {
            return;
        };
        let applied = self.applied;
        if let Some(active) = &mut self.controller {
            active.waiting.push_back(Waiting { end, answer });
            active.complete(applied);
        }
    }

    /// The controller, while this broker is the active one.
    pub(super) fn active(&mut self) -> Option<&mut Controller> {
        self.controller.as_mut().map(|it| &mut it.controller)
    }

    pub(super) fn tick_controller(&mut self, now: Monotonic) {
        let Some(active) = &mut self.controller else {
            return;
        };
        if active.next_deadline() > now {
            return;
        }
        let expired = active.controller.expire_sessions(now).records;
        let ended = active.controller.expire_grants(now).records;
        let balanced = active.controller.balance_leaders(now, BALANCE_MOVES_MAX);
        // Each decision is a batch.
        for records in [expired, ended, balanced.records] {
            self.commit(records, None);
        }
    }

    /// A broker's connection broke: the process may be gone.
    pub(super) fn handle_connection_lost(&mut self, broker: BrokerId, epoch: BrokerEpoch) {
        let Some(active) = &mut self.controller else {
            return;
        };
        if active.controller.connection_lost(broker, epoch) {
            self.dial(broker, epoch);
        }
    }

    /// Finds out whether a broker's process is there.
    fn dial(&mut self, broker: BrokerId, epoch: BrokerEpoch) {
        let sender = self.sender.clone();
        let probed = move |result| {
            // Nobody listens any more only when the node is going down.
            let _ = sender.unbounded_send(Command::Probed {
                broker,
                epoch,
                result,
            });
        };
        let request = Request::from(ApiVersionsRequest::default());
        let (Some(peer), Ok(frame)) = (
            self.peer(broker),
            frame::encode_request(&request, 0, 0, "controller"),
        ) else {
            return probed(ProbeResult::NoAnswer);
        };
        let deadline = self.world.now() + PROBE_WITHIN;
        let call = self.world.call(peer, Purpose::Probe, frame, deadline);
        self.world.spawn(Box::pin(async move {
            probed(match call.await {
                Ok(_) => ProbeResult::Answered,
                Err(CallError::Refused) => ProbeResult::Refused,
                Err(CallError::Disconnected | CallError::TimedOut) => ProbeResult::NoAnswer,
            });
        }));
    }

    pub(super) fn handle_probed(
        &mut self,
        broker: BrokerId,
        epoch: BrokerEpoch,
        result: ProbeResult,
    ) {
        let Some(active) = &mut self.controller else {
            return;
        };
        let records = active.controller.probed(broker, epoch, result).records;
        self.commit(records, None);
    }

    fn describe_quorum(&self, now: Monotonic, request: &Request) -> Response {
        if self.quorum.leader() != Some(self.me.key.id) {
            let refusal = Refusal::new(ErrorCode::NotLeaderOrFollower);
            return refuse(request, &refusal).expect("a description can be refused");
        }
        let quorum = self.quorum.describe(now);
        let wall = self.world.wall();
        let at = |then: Option<Monotonic>| {
            let ago = then.map(|it| i64::try_from(now.since(it).as_millis()).unwrap_or(i64::MAX));
            ago.map_or(-1, |it| wall.plus_millis(-it).as_millis())
        };
        let states = |replicas: &[broker_raft::ReplicaDescription]| {
            replicas
                .iter()
                .map(|it| described::ReplicaState {
                    replica_id: it.replica.id.to_wire(),
                    replica_directory_id: it.replica.directory_id.to_bytes(),
                    log_end_offset: Offset::option_to_wire(it.log_end),
                    last_fetch_timestamp: at(it.last_fetch),
                    last_caught_up_timestamp: at(it.last_caught_up),
                    ..described::ReplicaState::default()
                })
                .collect()
        };
        let partition = described::PartitionData {
            partition_index: messages::PARTITION,
            leader_id: BrokerId::option_to_wire(quorum.leader),
            leader_epoch: quorum.epoch.to_wire(),
            high_watermark: quorum.high_watermark.to_wire(),
            current_voters: states(&quorum.voters),
            observers: states(&quorum.observers),
            ..described::PartitionData::default()
        };
        let topic = described::TopicData {
            topic_name: messages::TOPIC.into(),
            partitions: vec![partition],
            ..described::TopicData::default()
        };
        let listener = |it: &broker_raft::Endpoint| described::Listener {
            name: it.name.as_str().into(),
            host: it.host.as_str().into(),
            port: it.port,
            ..described::Listener::default()
        };
        let nodes = self
            .quorum
            .voters()
            .iter()
            .map(|(key, voter)| described::Node {
                node_id: key.id.to_wire(),
                listeners: voter.endpoints.iter().map(listener).collect(),
                ..described::Node::default()
            })
            .collect();
        DescribeQuorumResponse {
            topics: vec![topic],
            nodes,
            ..Default::default()
        }
        .into()
    }
}

/// Lets the controller decide; `None` for a request that is not for it.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "every other request is answered elsewhere"
)]
fn decide(
    controller: &mut Controller,
    at: Moment,
    request: &Request,
    n_brokers: usize,
    new_id: &mut dyn FnMut() -> TopicId,
) -> Option<Decision<Response>> {
    Some(match request {
        Request::CreateTopics(request) => {
            let mut request = request.clone();
            for topic in &mut request.topics {
                if *topic.name == *GROUP_METADATA_TOPIC_NAME {
                    *topic = group_metadata_topic(controller.image(), n_brokers);
                }
            }
            answer(controller.create_topics(&request, &Definitions, new_id))
        }
        Request::DeleteTopics(request) => answer(controller.delete_topics(request)),
        Request::CreatePartitions(request) => answer(controller.create_partitions(request)),
        Request::IncrementalAlterConfigs(request) => {
            answer(controller.incremental_alter_configs(request, &Definitions))
        }
        Request::AlterConfigs(request) => answer(controller.alter_configs(request, &Definitions)),
        Request::AllocateProducerIds(request) => answer(controller.allocate_producer_ids(request)),
        Request::BrokerRegistration(request) => answer(controller.register_broker(at, request)),
        Request::BrokerHeartbeat(request) => answer(controller.heartbeat(at, request)),
        Request::AlterPartition(request) => answer(controller.alter_partition(request)),
        Request::AlterPartitionReassignments(request) => {
            answer(controller.alter_partition_reassignments(request))
        }
        Request::ListPartitionReassignments(request) => {
            answer(controller.list_partition_reassignments(request))
        }
        Request::ElectLeaders(request) => answer(controller.elect_leaders(request)),
        Request::UnregisterBroker(request) => answer(controller.unregister_broker(request)),
        _ => return None,
    })
}

fn answer<R: Into<Response>>(decision: Decision<R>) -> Decision<Response> {
    Decision {
        records: decision.records,
        response: decision.response.into(),
    }
}

/// Whether a request is the controller's to answer.
pub(crate) fn is_for_controller(key: ApiKey) -> bool {
    [
        ApiKey::CreateTopics,
        ApiKey::DeleteTopics,
        ApiKey::CreatePartitions,
        ApiKey::IncrementalAlterConfigs,
        ApiKey::AlterConfigs,
        ApiKey::DescribeQuorum,
        ApiKey::AddRaftVoter,
        ApiKey::RemoveRaftVoter,
        ApiKey::AllocateProducerIds,
        ApiKey::BrokerRegistration,
        ApiKey::BrokerHeartbeat,
        ApiKey::AlterPartition,
        ApiKey::AlterPartitionReassignments,
        ApiKey::ListPartitionReassignments,
        ApiKey::ElectLeaders,
        ApiKey::UnregisterBroker,
    ]
    .contains(&key)
}
