//! Moves partitions between brokers and leaderships between replicas, as an administrator might who
//! cannot make up their mind.
//!
//! In: partitions, and which brokers there are. Out: nothing but requests: what they may do is for
//! everybody else to find fault with. A violation when an answer is none that such a request has.
//! Never here: whether a move is wise.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use broker_types::{BrokerId, ErrorCode};
use broker_wire::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use broker_wire::messages::{AlterPartitionReassignmentsRequest, ElectLeadersRequest};
use broker_wire::{Request, Response};

use super::connection::Client;

const REASSIGN_VERSION: i16 = 1;
const ELECT_VERSION: i16 = 2;
const ANSWER_WITHIN: Duration = Duration::from_secs(6);
/// Fewest replicas that a partition is given: as many as must have what is acknowledged.
const REPLICAS_MIN: usize = 2;
const REPLICAS_MAX: usize = 3;

/// One administrator. Clones are the same one.
#[derive(Clone)]
pub struct Mover {
    client: Client,
    brokers: Arc<[BrokerId]>,
    places: Arc<[(String, i32)]>,
    has_ended: Arc<AtomicBool>,
}

impl Mover {
    pub fn new(client: Client, brokers: &[BrokerId], places: &[(&str, i32)]) -> Mover {
        let places = places.iter().map(|(topic, it)| ((*topic).to_owned(), *it));
        Mover {
            client,
            brokers: brokers.into(),
            places: places.collect(),
            has_ended: Arc::default(),
        }
    }

    /// Works until it is told to end.
    pub fn start(&self) {
        let mover = self.clone();
        self.client.spawn(async move {
            while !mover.has_ended.load(Ordering::Relaxed) {
                let chance = &mover.client.around.chance;
                let pause = chance.millis(50, 2_500);
                mover.client.pause(pause).await;
                let place = chance.pick(&mover.places);
                match place {
                    Some(place) if chance.happens(700) => mover.move_one(place).await,
                    Some(_) | None => mover.elect().await,
                }
            }
        });
    }

    /// Asks for nothing more.
    pub fn end(&self) {
        self.has_ended.store(true, Ordering::Relaxed);
    }

    /// Some brokers, in any order.
    fn target(&self) -> Vec<i32> {
        let chance = &self.client.around.chance;
        let mut left = self.brokers.to_vec();
        let count = if chance.happens(700) {
            REPLICAS_MAX
        } else {
            REPLICAS_MIN
        };
        let mut target = Vec::new();
        while target.len() < count && !left.is_empty() {
            target.push(left.swap_remove(chance.index(left.len())).to_wire());
        }
        target
    }

    /// Begins a move; while it goes on, it may get another end, or be taken back.
    async fn move_one(&self, (topic, partition): (String, i32)) {
        let chance = &self.client.around.chance;
        self.reassign(&topic, partition, Some(self.target())).await;
        while chance.happens(400) {
            self.client.pause(chance.millis(0, 150)).await;
            let other = chance.happens(500).then(|| self.target());
            self.reassign(&topic, partition, other).await;
        }
    }

    async fn reassign(&self, topic: &str, partition: i32, replicas: Option<Vec<i32>>) {
        let is_begun = replicas.is_some();
        let request = AlterPartitionReassignmentsRequest {
            timeout_ms: 5_000,
            topics: vec![ReassignableTopic {
                name: topic.into(),
                partitions: vec![ReassignablePartition {
                    partition_index: partition,
                    replicas,
                    ..ReassignablePartition::default()
                }],
                ..ReassignableTopic::default()
            }],
            ..AlterPartitionReassignmentsRequest::default()
        };
        if let Some(Response::AlterPartitionReassignments(response)) =
            self.ask(request.into(), REASSIGN_VERSION).await
        {
            let partitions = response.responses.iter().flat_map(|it| &it.partitions);
            for partition in partitions {
                match ErrorCode::from_wire(partition.error_code) {
                    Some(ErrorCode::None) if is_begun => {
                        self.client.around.trace.mark("a partition is to move");
                    }
                    Some(ErrorCode::None) => {
                        self.client.around.trace.mark("a move was taken back");
                    }
                    // Too few of those before are in sync, or there is nothing to take back.
                    Some(
                        ErrorCode::NoReassignmentInProgress | ErrorCode::InvalidReplicaAssignment,
                    ) if !is_begun => {}
                    Some(
                        ErrorCode::NotController
                        | ErrorCode::RequestTimedOut
                        | ErrorCode::UnknownTopicOrPartition,
                    ) => {}
                    error => {
                        let message = &partition.error_message;
                        let what = format!("a move was answered with {error:?}: {message:?}");
                        self.client.around.trace.violation(what);
                    }
                }
            }
        }
    }

    /// Leaderships of all partitions go to the first replicas that can.
    async fn elect(&self) {
        let request = ElectLeadersRequest {
            timeout_ms: 5_000,
            topic_partitions: None,
            ..ElectLeadersRequest::default()
        };
        if let Some(Response::ElectLeaders(response)) =
            self.ask(request.into(), ELECT_VERSION).await
        {
            let results = response.replica_election_results.iter();
            let mut results = results.flat_map(|it| &it.partition_result);
            if results.any(|it| it.error_code == 0) {
                self.client
                    .around
                    .trace
                    .mark("a preferred leader was elected on request");
            }
        }
    }

    async fn ask(&self, request: Request, version: i16) -> Option<Response> {
        let peer = self.client.anybody();
        let answer = self.client.ask(&peer, &request, version, ANSWER_WITHIN);
        answer.await.ok()
    }
}
