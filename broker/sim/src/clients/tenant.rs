//! Makes a topic, writes to it, reads it back, deletes it, and again under the same name.
//!
//! In: a name of its own. Out: how often it read back all that was acknowledged to it. A record that
//! is lost keeps it from going on, which the run notices once nothing fails any more.
//! Never here: anything of the topic before: a new one has none of its records.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use broker_types::{ErrorCode, Timestamp};
use broker_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use broker_wire::messages::delete_topics_request::DeleteTopicState;
use broker_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use broker_wire::messages::{CreateTopicsRequest, DeleteTopicsRequest, ProduceRequest};
use broker_wire::record_batch::{BatchBuilder, BatchOptions, batches, records};
use broker_wire::{Records, Response};

use super::connection::{Client, Leader, may_retry};
use super::{Place, decode, encode};
use crate::history::Value;

/// The topic that comes and goes.
const PLACE: Place = Place {
    topic: "fleeting",
    partition: 0,
    number: u32::MAX,
    is_compacted: false,
};
/// The producer of its records; no other has this number.
const NUMBER: u32 = 77;
const CREATE_VERSION: i16 = 7;
const DELETE_VERSION: i16 = 6;
const PRODUCE_VERSION: i16 = 13;
const FETCH_VERSION: i16 = 13;
const ANSWER_WITHIN: Duration = Duration::from_secs(6);
const BACK_OFF: Duration = Duration::from_millis(50);

type TopicId = [u8; 16];

/// One tenant. Clones are the same one.
#[derive(Clone)]
pub struct Tenant {
    client: Client,
    n_values: Arc<AtomicU64>,
    n_topics: Arc<AtomicU64>,
}

impl Tenant {
    pub fn new(client: Client) -> Tenant {
        Tenant {
            client,
            n_values: Arc::default(),
            n_topics: Arc::default(),
        }
    }

    /// Works for as long as the process lives.
    pub fn start(&self) {
        let tenant = self.clone();
        self.client.spawn(async move {
            loop {
                let topic_id = tenant.create().await;
                let acknowledged = tenant.write(topic_id).await;
                tenant.read_back(topic_id, &acknowledged).await;
                tenant.n_topics.fetch_add(1, Ordering::Relaxed);
                // Its end finds it in the middle of its work.
                let writing = tenant.clone();
                tenant.client.spawn(async move {
                    while writing.send(topic_id, writing.next_value()).await {}
                });
                let pause = tenant.client.around.chance.millis(0, 20);
                tenant.client.pause(pause).await;
                tenant.delete(topic_id).await;
            }
        });
    }

    /// Topics whose acknowledged records were all read back.
    pub fn n_topics(&self) -> u64 {
        self.n_topics.load(Ordering::Relaxed)
    }

    /// Makes the topic; its id. An answer that was lost leaves a topic that is deleted first.
    async fn create(&self) -> TopicId {
        let config = CreatableTopicConfig {
            name: "min.insync.replicas".into(),
            value: Some("2".into()),
            ..CreatableTopicConfig::default()
        };
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: PLACE.topic.into(),
                num_partitions: 1,
                replication_factor: 3,
                configs: vec![config],
                ..CreatableTopic::default()
            }],
            timeout_ms: 5_000,
            ..CreateTopicsRequest::default()
        };
        let request = request.into();
        loop {
            let peer = self.client.anybody();
            let answer = self
                .client
                .ask(&peer, &request, CREATE_VERSION, ANSWER_WITHIN);
            if let Ok(Response::CreateTopics(response)) = answer.await
                && let Some(topic) = response.topics.first()
            {
                if topic.error_code == 0 {
                    return topic.topic_id;
                }
                if topic.error_code == ErrorCode::TopicAlreadyExists.to_wire() {
                    self.delete_found().await;
                }
            }
            self.client.pause(BACK_OFF).await;
        }
    }

    /// Deletes the topic that has the name. By its id, not by the name: a request that is lost may be
    /// found again, and must not delete what is made meanwhile.
    async fn delete_found(&self) {
        self.client.forget(PLACE);
        self.client.refresh(&[PLACE.topic]).await;
        if let Some(found) = self.client.leader(PLACE) {
            self.ask_to_delete(found.topic_id).await;
        }
    }

    /// Writes some records, each acknowledged before the next; which they are.
    async fn write(&self, topic_id: TopicId) -> BTreeSet<Value> {
        let chance = &self.client.around.chance;
        let mut acknowledged = BTreeSet::new();
        for _ in 0..chance.between(1, 20) {
            let value = self.next_value();
            while !self.send(topic_id, value).await {
                self.client.pause(BACK_OFF).await;
            }
            acknowledged.insert(value);
            self.client.pause(chance.millis(0, 30)).await;
        }
        acknowledged
    }

    fn next_value(&self) -> Value {
        Value {
            producer: NUMBER,
            sequence: self.n_values.fetch_add(1, Ordering::Relaxed),
        }
    }

    async fn send(&self, topic_id: TopicId, value: Value) -> bool {
        let Some(leader) = self.leader(topic_id).await else {
            return false;
        };
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(Timestamp::from_millis(-1), None, Some(&encode(value)), &[]);
        let batch = builder.build().expect("a small batch can be built");
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 3_000,
            topic_data: vec![TopicProduceData {
                topic_id,
                partition_data: vec![PartitionProduceData {
                    index: PLACE.partition,
                    records: Some(Records::Bytes(batch.into())),
                    ..PartitionProduceData::default()
                }],
                ..TopicProduceData::default()
            }],
            ..ProduceRequest::default()
        };
        let (peer, request) = (leader.peer, request.into());
        let answer = self
            .client
            .ask(&peer, &request, PRODUCE_VERSION, ANSWER_WITHIN);
        let Ok(Response::Produce(response)) = answer.await else {
            return false;
        };
        let topic = response.responses.first();
        let partition = topic.and_then(|it| it.partition_responses.first());
        partition.is_some_and(|it| self.is_good("producing", it.error_code))
    }

    /// Reads until all that was acknowledged has been met.
    async fn read_back(&self, topic_id: TopicId, acknowledged: &BTreeSet<Value>) {
        let (mut missing, mut position) = (acknowledged.clone(), 0);
        while !missing.is_empty() {
            match self.fetch(topic_id, position).await {
                Some(values) if !values.is_empty() => {
                    for value in &values {
                        missing.remove(value);
                    }
                    position += values.len() as u64;
                }
                Some(_) | None => {
                    // A leader that is none any more may show less: from the beginning again.
                    (missing, position) = (acknowledged.clone(), 0);
                    self.client.pause(BACK_OFF).await;
                }
            }
        }
    }

    /// The records from an offset on; `None` when they cannot be had.
    async fn fetch(&self, topic_id: TopicId, position: u64) -> Option<Vec<Value>> {
        let leader = self.leader(topic_id).await?;
        let partition = self
            .client
            .fetch(PLACE, &leader, FETCH_VERSION, position, ANSWER_WITHIN)
            .await?;
        if !self.is_good("fetching", partition.error_code) {
            return None;
        }
        let Some(Records::Bytes(bytes)) = partition.records else {
            return Some(Vec::new());
        };
        let mut values = Vec::new();
        for batch in batches(&bytes).map_while(Result::ok) {
            let found = records(batch.header(), batch.records_bytes());
            values.extend(found.map_while(|it| it.ok()?.value.and_then(decode)));
        }
        if let Some(foreign) = values.iter().find(|it| it.producer != NUMBER) {
            let what = format!("{PLACE:?} showed a record of another topic: {foreign:?}");
            self.client.around.trace.violation(what);
        }
        Some(values)
    }

    async fn delete(&self, topic_id: TopicId) {
        while !self.ask_to_delete(topic_id).await {
            self.client.pause(BACK_OFF).await;
        }
    }

    /// Asks for the topic with this id to be deleted; whether it is gone.
    async fn ask_to_delete(&self, topic_id: TopicId) -> bool {
        let request = DeleteTopicsRequest {
            topics: vec![DeleteTopicState {
                name: None,
                topic_id,
                ..DeleteTopicState::default()
            }],
            timeout_ms: 5_000,
            ..DeleteTopicsRequest::default()
        };
        let (peer, request) = (self.client.anybody(), request.into());
        let answer = self
            .client
            .ask(&peer, &request, DELETE_VERSION, ANSWER_WITHIN);
        let Ok(Response::DeleteTopics(response)) = answer.await else {
            return false;
        };
        let gone = [ErrorCode::None, ErrorCode::UnknownTopicId].map(ErrorCode::to_wire);
        let topic = response.responses.first();
        topic.is_some_and(|it| gone.contains(&it.error_code))
    }

    /// The leader of the topic with this id, if it is known.
    async fn leader(&self, topic_id: TopicId) -> Option<Leader> {
        let leader = self.client.leader(PLACE);
        if leader.as_ref().is_none_or(|it| it.topic_id != topic_id) {
            self.client.refresh(&[PLACE.topic]).await;
        }
        let leader = self.client.leader(PLACE)?;
        (leader.topic_id == topic_id).then_some(leader)
    }

    /// Whether an answer is no error; another leader may do better.
    fn is_good(&self, doing: &str, error_code: i16) -> bool {
        let error = ErrorCode::from_wire(error_code);
        match error {
            Some(ErrorCode::None) => return true,
            Some(error) if may_retry(error) => {}
            Some(ErrorCode::OffsetOutOfRange) => {}
            _ => {
                let what = format!("{doing} at {PLACE:?} was answered with {error:?}");
                self.client.around.trace.violation(what);
            }
        }
        self.client.forget(PLACE);
        false
    }
}
