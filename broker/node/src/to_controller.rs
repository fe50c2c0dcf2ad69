//! Asking the active controller, wherever it is.
//!
//! In: a request. Out: its answer, or that there was none in time. A controller that is gone, or is
//! one no longer, is looked for again. Never here: what is asked.

use std::sync::Arc;
use std::time::Duration;

use broker_replica::{AlterPartition, AlteredPartition, LeaderRecovery};
use broker_types::{
    BrokerEpoch, BrokerId, ErrorCode, LeaderEpoch, Monotonic, PartitionEpoch, TopicPartition,
};
use broker_wire::messages::alter_partition_request::{BrokerState, PartitionData, TopicData};
use broker_wire::messages::{AlterPartitionRequest, AlterPartitionResponse, EnvelopeRequest};
use broker_wire::{Request, Response, frame};
use futures::channel::{mpsc, oneshot};

use crate::node::Node;
use crate::partitions::is_replica;
use crate::quorum::driver;
use crate::race::{Either, race};
use crate::shard;
use crate::world::{Purpose, World};

/// Pause before the controller is looked for again.
const RETRY_AFTER: Duration = Duration::from_millis(20);
/// Pause before a loss is reported again.
const REPORT_AFTER: Duration = Duration::from_millis(500);
/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long an ISR change may take altogether.
const ALTER_WITHIN: Duration = Duration::from_secs(10);

const ALTER_PARTITION_VERSION: i16 = 3;

/// Whether an answer says that another broker is the controller.
fn is_elsewhere(response: &Response) -> bool {
    let not_controller = ErrorCode::NotController.to_wire();
    let not_leader = ErrorCode::NotLeaderOrFollower.to_wire();
    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "no other answer comes from a controller"
    )]
    match response {
        Response::CreateTopics(it) => it.topics.iter().any(|it| it.error_code == not_controller),
        Response::DeleteTopics(it) => it
            .responses
            .iter()
            .any(|it| it.error_code == not_controller),
        Response::CreatePartitions(it) => {
            it.results.iter().any(|it| it.error_code == not_controller)
        }
        Response::IncrementalAlterConfigs(it) => it
            .responses
            .iter()
            .any(|it| it.error_code == not_controller),
        Response::AlterConfigs(it) => it
            .responses
            .iter()
            .any(|it| it.error_code == not_controller),
        Response::DescribeQuorum(it) => it.error_code == not_leader,
        Response::AddRaftVoter(it) => [not_controller, not_leader].contains(&it.error_code),
        Response::RemoveRaftVoter(it) => [not_controller, not_leader].contains(&it.error_code),
        Response::AllocateProducerIds(it) => it.error_code == not_controller,
        Response::BrokerRegistration(it) => it.error_code == not_controller,
        Response::BrokerHeartbeat(it) => it.error_code == not_controller,
        Response::AlterPartition(it) => it.error_code == not_controller,
        Response::AlterPartitionReassignments(it) => it.error_code == not_controller,
        Response::ListPartitionReassignments(it) => it.error_code == not_controller,
        // Version 0 says it only of each partition.
        Response::ElectLeaders(it) => {
            let results = it.replica_election_results.iter();
            let mut results = results.flat_map(|it| &it.partition_result);
            it.error_code == not_controller || results.any(|it| it.error_code == not_controller)
        }
        Response::UnregisterBroker(it) => it.error_code == not_controller,
        _ => false,
    }
}

impl<W: World> Node<W> {
    /// Asks this node's own quorum, as a controller.
    pub(crate) async fn ask_own_controller(&self, request: Request) -> Option<Response> {
        let (reply, answer) = oneshot::channel();
        self.tell_quorum(driver::Command::Controller { request, reply });
        answer.await.ok()
    }

    /// Asks the controller once; `None` when it is not known, gone, or no controller.
    async fn ask_once(
        &self,
        request: &Request,
        purpose: Purpose,
        version: i16,
    ) -> Option<Response> {
        let controller = self.published.controller()?;
        let deadline = self.world.now() + ANSWER_WITHIN;
        let response = if controller.is_me {
            let timer = self.world.sleep_until(deadline);
            match race(self.ask_own_controller(request.clone()), timer).await {
                Either::First(answer) => answer?,
                Either::Second(()) => return None,
            }
        } else {
            let peer = controller.peer.clone()?;
            self.call(peer, purpose, request, version, deadline)
                .await
                .ok()?
        };
        (!is_elsewhere(&response)).then_some(response)
    }

    /// Asks the controller until it answers or the deadline has passed.
    pub(crate) async fn ask_controller(
        &self,
        request: &Request,
        purpose: Purpose,
        version: i16,
        deadline: Monotonic,
    ) -> Option<Response> {
        loop {
            if let Some(response) = self.ask_once(request, purpose, version).await {
                return Some(response);
            }
            let now = self.world.now();
            if now >= deadline {
                return None;
            }
            self.world
                .sleep_until((now + RETRY_AFTER).min(deadline))
                .await;
        }
    }

    /// Passes a client's request on to the controller (KIP-590) and brings back its answer.
    pub(crate) async fn forward(
        &self,
        request: &Request,
        version: i16,
        client_host: &str,
        deadline: Monotonic,
    ) -> Option<Response> {
        let key = request.api_key();
        loop {
            let is_me = self.published.controller().is_some_and(|it| it.is_me);
            let answer = if is_me {
                self.ask_once(request, Purpose::Controller, version).await
            } else {
                let inner = frame::encode_request(request, version, 0, "forwarded").ok()?;
                let envelope = EnvelopeRequest {
                    request_data: inner,
                    client_host_address: client_host.as_bytes().to_vec().into(),
                    ..EnvelopeRequest::default()
                };
                match self
                    .ask_once(&envelope.into(), Purpose::Controller, 0)
                    .await
                {
                    Some(Response::Envelope(it)) if it.error_code == 0 => it
                        .response_data
                        .and_then(|it| frame::decode_response(key, version, 0, it).ok())
                        .filter(|it| !is_elsewhere(it)),
                    Some(_) | None => None,
                }
            };
            if answer.is_some() {
                return answer;
            }
            let now = self.world.now();
            if now >= deadline {
                return None;
            }
            self.world
                .sleep_until((now + RETRY_AFTER).min(deadline))
                .await;
        }
    }

    /// Asks for another ISR and tells the shard what came of it.
    pub(crate) async fn alter_partition(
        self: &Arc<Self>,
        id: TopicPartition,
        change: AlterPartition,
        shard: mpsc::UnboundedSender<shard::Command<W>>,
    ) {
        let answer = match self.broker_epoch() {
            None => Err(ErrorCode::NetworkException),
            Some(broker_epoch) => {
                let request = self.alter_request(id, &change, broker_epoch);
                let deadline = self.world.now() + ALTER_WITHIN;
                let purpose = Purpose::Controller;
                let version = ALTER_PARTITION_VERSION;
                match self
                    .ask_controller(&request.into(), purpose, version, deadline)
                    .await
                {
                    Some(Response::AlterPartition(response)) => altered(&response),
                    Some(_) | None => Err(ErrorCode::NetworkException),
                }
            }
        };
        let partition = id;
        let command = match answer {
            Ok(altered) => shard::Command::Altered { partition, altered },
            Err(error) => shard::Command::AlterPartitionFailed {
                partition,
                change,
                error,
            },
        };
        // The thread is gone only when the node is going down.
        let _ = shard.unbounded_send(command);
    }

    /// Tells the controller that this broker's replica lacks what it had, until it knows or the replica
    /// is this broker's no more. One that is in neither ISR nor ELR may be about to join.
    pub(crate) async fn report_lost(
        self: &Arc<Self>,
        id: TopicPartition,
        shard: mpsc::UnboundedSender<shard::Command<W>>,
    ) {
        loop {
            let image = self.image();
            let me = self.config.broker_id;
            let partition = image.partition(id).filter(|it| is_replica(it, me));
            // What made it so has reached the shard, or will.
            let Some(partition) = partition else { return };
            let told_in = partition.partition_epoch;
            if let Some(broker_epoch) = self.broker_epoch() {
                let mut data = PartitionData {
                    partition_index: id.partition.to_wire(),
                    partition_epoch: told_in.to_wire(),
                    ..PartitionData::default()
                };
                data.set_lost_replicas(&[me.to_wire()]);
                let request = self.alter_of_one(id, data, broker_epoch);
                let deadline = self.world.now() + ALTER_WITHIN;
                let (purpose, version) = (Purpose::Controller, ALTER_PARTITION_VERSION);
                let answer = self
                    .ask_controller(&request.into(), purpose, version, deadline)
                    .await;
                if let Some(Response::AlterPartition(response)) = answer
                    && altered(&response).is_ok()
                {
                    let partition = id;
                    // The thread is gone only when the node is going down.
                    let _ = shard.unbounded_send(shard::Command::LostTold { partition, told_in });
                    return;
                }
            }
            let again_at = self.world.now() + REPORT_AFTER;
            self.world.sleep_until(again_at).await;
        }
    }

    fn alter_request(
        &self,
        id: TopicPartition,
        change: &AlterPartition,
        broker_epoch: BrokerEpoch,
    ) -> AlterPartitionRequest {
        let members = change.isr.iter().map(|it| BrokerState {
            broker_id: it.broker_id.to_wire(),
            broker_epoch: BrokerEpoch::option_to_wire(it.broker_epoch),
            ..BrokerState::default()
        });
        let mut partition = PartitionData {
            partition_index: id.partition.to_wire(),
            leader_epoch: change.leader_epoch.to_wire(),
            new_isr_with_epochs: members.collect(),
            partition_epoch: change.partition_epoch.to_wire(),
            ..PartitionData::default()
        };
        let lost: Vec<i32> = change.lossy.iter().map(|it| it.to_wire()).collect();
        partition.set_lost_replicas(&lost);
        self.alter_of_one(id, partition, broker_epoch)
    }

    fn alter_of_one(
        &self,
        id: TopicPartition,
        partition: PartitionData,
        broker_epoch: BrokerEpoch,
    ) -> AlterPartitionRequest {
        let topic = TopicData {
            topic_id: id.topic_id.to_bytes(),
            partitions: vec![partition],
            ..TopicData::default()
        };
        AlterPartitionRequest {
            broker_id: self.config.broker_id.to_wire(),
            broker_epoch: broker_epoch.to_wire(),
            topics: vec![topic],
            ..AlterPartitionRequest::default()
        }
    }
}

/// What the controller made of a change of one partition.
fn altered(response: &AlterPartitionResponse) -> Result<AlteredPartition, ErrorCode> {
    let code = |raw| ErrorCode::from_wire(raw).unwrap_or(ErrorCode::UnknownServerError);
    let top = code(response.error_code);
    if !top.is_none() {
        return Err(top);
    }
    let partition = response.topics.first().and_then(|it| it.partitions.first());
    let partition = partition.ok_or(ErrorCode::UnknownServerError)?;
    let error = code(partition.error_code);
    if !error.is_none() {
        return Err(error);
    }
    let leader_epoch = LeaderEpoch::from_wire(partition.leader_epoch);
    let partition_epoch = PartitionEpoch::from_wire(partition.partition_epoch);
    let (leader_epoch, partition_epoch) = leader_epoch
        .zip(partition_epoch)
        .ok_or(ErrorCode::UnknownServerError)?;
    let isr = partition
        .isr
        .iter()
        .filter_map(|it| BrokerId::from_wire(*it))
        .collect();
    let leader_recovery = match partition.leader_recovery_state {
        1 => LeaderRecovery::Recovering,
        _ => LeaderRecovery::Recovered,
    };
    Ok(AlteredPartition {
        leader_epoch,
        partition_epoch,
        isr,
        leader_recovery,
    })
}
