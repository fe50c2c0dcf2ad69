//! A client: its connections, and what it knows of the cluster.
//!
//! In: requests. Out: answers, or that there was none; where leaders are, as brokers say it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_node::world::{CallError, Peer, Purpose};
use broker_types::{BrokerId, ErrorCode, Monotonic};
use broker_wire::messages::metadata_request::MetadataRequestTopic;
use broker_wire::messages::{MetadataRequest, MetadataResponse};
use broker_wire::{ApiKey, Request, Response, frame};

use super::Place;
use crate::broker::client_address;
use crate::calls::Calls;
use crate::executor::Process;
use crate::network::Host;
use crate::world::Surroundings;

const METADATA_VERSION: i16 = 13;
const METADATA_WITHIN: Duration = Duration::from_secs(3);

/// Where a partition's leader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    pub peer: Peer,
    pub epoch: i32,
    pub topic_id: [u8; 16],
}

#[derive(Default)]
struct Known {
    leaders: BTreeMap<(String, i32), Leader>,
}

/// One client process. Clones are the same process.
#[derive(Clone)]
pub struct Client {
    pub around: Surroundings,
    pub process: Process,
    name: Arc<str>,
    calls: Calls,
    bootstrap: Arc<[Peer]>,
    known: Arc<Mutex<Known>>,
}

impl Client {
    pub fn new(
        around: &Surroundings,
        host: Host,
        process: Process,
        brokers: &[BrokerId],
    ) -> Client {
        let (handle, network) = (around.handle.clone(), around.network.clone());
        Client {
            around: around.clone(),
            process,
            name: format!("client-{}", process.0).into(),
            calls: Calls::new(handle, network, host, process),
            bootstrap: brokers.iter().map(|it| client_address(*it)).collect(),
            known: Arc::default(),
        }
    }

    pub fn now(&self) -> Monotonic {
        self.around.handle.now()
    }

    pub async fn pause(&self, duration: Duration) {
        self.around.handle.sleep_until(self.now() + duration).await;
    }

    /// Starts a task of this process.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.around.handle.spawn(self.process, Box::pin(task));
    }

    /// Any broker: who does not know better asks one of these.
    pub fn anybody(&self) -> Peer {
        let peer = self.around.chance.pick(&self.bootstrap);
        peer.expect("there are brokers")
    }

    /// Sends a request, now; completes with its answer. Requests to one peer keep their order,
    /// except fetches, which have a connection of their own.
    pub fn ask(
        &self,
        peer: &Peer,
        request: &Request,
        version: i16,
        within: Duration,
    ) -> impl Future<Output = Result<Response, CallError>> + Send + use<> {
        let key = request.api_key();
        let purpose = if key == ApiKey::Fetch {
            Purpose::ReplicaFetch
        } else {
            Purpose::Controller
        };
        let encoded = frame::encode_request(request, version, 0, &self.name);
        let bytes = encoded.expect("a request of ours can be written");
        let deadline = self.now() + within;
        let calling = self.calls.call(peer.clone(), purpose, bytes, deadline);
        let (calls, peer) = (self.calls.clone(), peer.clone());
        async move {
            let answer = calling.await;
            if answer == Err(CallError::TimedOut) {
                calls.close(&peer, purpose);
            }
            let decoded = frame::decode_response(key, version, 0, answer?);
            decoded.map_err(|_| CallError::Disconnected)
        }
    }

    /// Asks a broker where the leaders are. What it says may be old; the epochs tell.
    pub async fn refresh(&self, topics: &[&'static str]) {
        let request = MetadataRequest {
            topics: Some(
                topics
                    .iter()
                    .map(|name| MetadataRequestTopic {
                        name: Some((*name).into()),
                        ..MetadataRequestTopic::default()
                    })
                    .collect(),
            ),
            ..MetadataRequest::default()
        };
        let peer = self.anybody();
        let answer = self.ask(&peer, &request.into(), METADATA_VERSION, METADATA_WITHIN);
        if let Ok(Response::Metadata(response)) = answer.await {
            self.learn(&response);
        }
    }

    fn learn(&self, response: &MetadataResponse) {
        let peer = |id: i32| {
            let broker = response.brokers.iter().find(|it| it.node_id == id)?;
            Some(Peer {
                host: broker.host.to_string(),
                port: u16::try_from(broker.port).ok()?,
            })
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in &response.topics {
            let Some(name) = &topic.name else { continue };
            for partition in &topic.partitions {
                let Some(peer) = peer(partition.leader_id) else {
                    continue;
                };
                let place = (name.to_string(), partition.partition_index);
                let leader = Leader {
                    peer,
                    epoch: partition.leader_epoch,
                    topic_id: topic.topic_id,
                };
                // A topic of the same name counts its epochs from the beginning.
                let is_old = known
                    .leaders
                    .get(&place)
                    .is_some_and(|it| it.topic_id == leader.topic_id && it.epoch > leader.epoch);
                if !is_old {
                    known.leaders.insert(place, leader);
                }
            }
        }
    }

    pub fn leader(&self, place: Place) -> Option<Leader> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (place.topic.to_owned(), place.partition);
        known.leaders.get(&key).cloned()
    }

    /// Has to be told anew where the leader is.
    pub fn forget(&self, place: Place) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .leaders
            .remove(&(place.topic.to_owned(), place.partition));
    }

    /// Waits until a leader is known.
    pub async fn await_leader(&self, place: Place) -> Leader {
        loop {
            if let Some(leader) = self.leader(place) {
                return leader;
            }
            self.refresh(&[place.topic]).await;
            self.pause(Duration::from_millis(50)).await;
        }
    }
}

/// Whether asking again may bring what was asked for, as Kafka's clients see it.
pub(super) fn may_retry(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::UnknownTopicOrPartition
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::RequestTimedOut
            | ErrorCode::ReplicaNotAvailable
            | ErrorCode::NetworkException
            | ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::NotEnoughReplicas
            | ErrorCode::NotEnoughReplicasAfterAppend
            | ErrorCode::NotController
            | ErrorCode::KafkaStorageError
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownLeaderEpoch
            | ErrorCode::OffsetNotAvailable
            | ErrorCode::UnknownTopicId
            | ErrorCode::FetchSessionIdNotFound
            | ErrorCode::InvalidFetchSessionEpoch
            | ErrorCode::PreferredLeaderNotAvailable
            | ErrorCode::EligibleLeadersNotAvailable
    )
}
