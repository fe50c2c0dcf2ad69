//! An idempotent producer that waits for all in-sync replicas and never gives up.
//!
//! In: partitions to write to. Out: each record sent until it is acknowledged, with up to five
//! batches of a partition under way, in the order of their sequence numbers, as Kafka's Java client
//! does it. Never here: a second sequence number for a record.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use broker_node::world::{BoxFuture, CallError};
use broker_types::{ErrorCode, ProducerEpoch, ProducerId, Timestamp};
use broker_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use broker_wire::messages::{InitProducerIdRequest, ProduceRequest};
use broker_wire::record_batch::{BatchBuilder, BatchOptions, Producer as BatchProducer};
use broker_wire::{Records, Response};
use bytes::Bytes;

use super::connection::{Client, Leader, may_retry};
use super::{Journal, Key, Place, encode, encode_key, is_tombstone};
use crate::history::{Sent, Value};

/// Batches of a partition that may be under way (`max.in.flight.requests.per.connection`).
const IN_FLIGHT_MAX: usize = 5;
const PRODUCE_VERSION: i16 = 13;
const INIT_VERSION: i16 = 5;
/// `request.timeout.ms`, shorter than Kafka's, so that a run sees it pass.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
const BACK_OFF: Duration = Duration::from_millis(50);

/// One producer. Clones are the same one.
#[derive(Clone)]
pub struct Producer {
    client: Client,
    journal: Journal,
    number: u32,
    n_values: Arc<AtomicU64>,
    n_unacknowledged: Arc<AtomicUsize>,
    n_acknowledged: Arc<AtomicUsize>,
    is_ending: Arc<AtomicBool>,
    /// Mean pause between two batches of a partition.
    pace: Duration,
}

struct Identity {
    id: ProducerId,
    epoch: ProducerEpoch,
}

struct Batch {
    base_sequence: u32,
    values: Vec<Value>,
    bytes: Bytes,
}

type Answer = BoxFuture<Result<Response, CallError>>;

impl Producer {
    pub fn new(client: Client, journal: Journal, number: u32, pace: Duration) -> Producer {
        Producer {
            client,
            journal,
            number,
            n_values: Arc::default(),
            n_unacknowledged: Arc::default(),
            n_acknowledged: Arc::default(),
            is_ending: Arc::default(),
            pace,
        }
    }

    /// Begins to write to the partitions.
    pub fn start(&self, places: &[Place]) {
        let (producer, places) = (self.clone(), places.to_vec());
        self.client.spawn(async move {
            let identity = Arc::new(producer.identify().await);
            for place in places {
                let lane = Lane {
                    producer: producer.clone(),
                    identity: Arc::clone(&identity),
                    place,
                    next_sequence: 0,
                    unacknowledged: VecDeque::new(),
                };
                producer.client.spawn(lane.run());
            }
        });
    }

    /// From now on only what was begun is sent.
    pub fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    /// Records that were sent and not acknowledged yet.
    pub fn n_unacknowledged(&self) -> usize {
        self.n_unacknowledged.load(Ordering::Relaxed)
    }

    /// Records that were acknowledged.
    pub fn n_acknowledged(&self) -> usize {
        self.n_acknowledged.load(Ordering::Relaxed)
    }

    async fn identify(&self) -> Identity {
        loop {
            let request = InitProducerIdRequest {
                transactional_id: None,
                transaction_timeout_ms: i32::MAX,
                ..InitProducerIdRequest::default()
            };
            let peer = self.client.anybody();
            let answer = self
                .client
                .ask(&peer, &request.into(), INIT_VERSION, ANSWER_WITHIN)
                .await;
            if let Ok(Response::InitProducerId(response)) = answer {
                let id = ProducerId::from_wire(response.producer_id);
                let epoch = ProducerEpoch::from_wire(response.producer_epoch);
                if let (0, Some(id), Some(epoch)) = (response.error_code, id, epoch) {
                    return Identity { id, epoch };
                }
                if !ErrorCode::from_wire(response.error_code).is_some_and(may_retry) {
                    let what = format!("no producer id: error {}", response.error_code);
                    self.client.around.trace.violation(what);
                }
            }
            self.client.pause(BACK_OFF).await;
        }
    }
}

/// One partition of a producer.
struct Lane {
    producer: Producer,
    identity: Arc<Identity>,
    place: Place,
    next_sequence: u32,
    unacknowledged: VecDeque<Batch>,
}

/// What became of a batch.
enum Fate {
    Acknowledged(u64),
    Again(String),
    Fatal(String),
}

impl Lane {
    async fn run(mut self) {
        let chance = self.producer.client.around.chance.clone();
        loop {
            let leader = self.producer.client.await_leader(self.place).await;
            // What was sent before goes alone, one after the other, until all of it is acknowledged:
            // so does Java's client, lest a broker that never saw the first takes the second.
            let mut n_again = self.unacknowledged.len();
            let mut answers: VecDeque<Answer> = VecDeque::new();
            let mut failure = None;
            while failure.is_none() {
                let is_ending = self.producer.is_ending.load(Ordering::Relaxed);
                if is_ending && self.unacknowledged.is_empty() {
                    return;
                }
                if n_again > 0 {
                    let first = self.unacknowledged.front();
                    answers.extend(first.map(|it| self.send(&leader, it)));
                    failure = self.settle_first(&mut answers).await;
                    n_again -= 1;
                    continue;
                }
                if answers.is_empty() {
                    let pace = u64::try_from(self.producer.pace.as_micros()).unwrap_or(u64::MAX);
                    let pause = chance.micros(0, 2 * pace);
                    self.producer.client.pause(pause).await;
                }
                while !is_ending
                    && answers.len() < IN_FLIGHT_MAX
                    && (answers.is_empty() || chance.happens(500))
                {
                    let batch = self.batch();
                    answers.push_back(self.send(&leader, &batch));
                    self.unacknowledged.push_back(batch);
                }
                failure = self.settle_first(&mut answers).await;
            }
            // Whatever else is under way is decided before anything is sent again.
            let mut kept = VecDeque::new();
            std::mem::swap(&mut kept, &mut self.unacknowledged);
            self.unacknowledged.extend(kept.pop_front());
            for batch in kept {
                let fate = match answers.pop_front() {
                    Some(answer) => self.fate(answer.await),
                    None => Fate::Again("not sent".to_owned()),
                };
                match fate {
                    Fate::Acknowledged(offset) => self.note_acknowledged(&batch, offset),
                    Fate::Again(_) | Fate::Fatal(_) => self.unacknowledged.push_back(batch),
                }
            }
            let sequences: Vec<u32> = self
                .unacknowledged
                .iter()
                .map(|it| it.base_sequence)
                .collect();
            let failure = failure.unwrap_or_default();
            tracing::debug!(place = ?self.place, ?sequences, "sends again: {failure}");
            self.producer.client.pause(BACK_OFF).await;
            self.producer.client.refresh(&[self.place.topic]).await;
        }
    }

    /// Waits for the oldest batch's answer; the reason when it must be sent again.
    async fn settle_first(&mut self, answers: &mut VecDeque<Answer>) -> Option<String> {
        let answer = answers.pop_front()?.await;
        match self.fate(answer) {
            Fate::Acknowledged(offset) => {
                let batch = self.unacknowledged.pop_front()?;
                self.note_acknowledged(&batch, offset);
                None
            }
            Fate::Again(reason) => Some(reason),
            Fate::Fatal(reason) => {
                // All before it is acknowledged: no broker may find that it does not follow.
                let first = self.unacknowledged.front();
                let sequence = first.map(|it| it.base_sequence).unwrap_or_default();
                let (number, place) = (self.producer.number, self.place);
                let what = format!(
                    "producer {number} at {place:?}: sequence {sequence}, before which all is \
                     acknowledged, is answered with {reason}"
                );
                self.producer.client.around.trace.violation(what);
                Some(reason)
            }
        }
    }

    fn note_acknowledged(&self, batch: &Batch, base_offset: u64) {
        let producer = &self.producer;
        let sequence = batch.base_sequence;
        tracing::debug!(place = ?self.place, sequence, base_offset, "acknowledged");
        producer
            .n_unacknowledged
            .fetch_sub(batch.values.len(), Ordering::Relaxed);
        producer
            .n_acknowledged
            .fetch_add(batch.values.len(), Ordering::Relaxed);
        producer.journal.with(|history| {
            for (value, offset) in batch.values.iter().zip(base_offset..) {
                history.sent(self.place.number, *value, Sent::Acknowledged { offset });
            }
        });
    }

    fn fate(&self, answer: Result<Response, CallError>) -> Fate {
        let response = match answer {
            Ok(Response::Produce(response)) => response,
            Ok(other) => return Fate::Fatal(format!("answered with {other:?}")),
            Err(error) => return Fate::Again(error.to_string()),
        };
        let topic = response.responses.first();
        let Some(partition) = topic.and_then(|it| it.partition_responses.first()) else {
            return Fate::Fatal("answered without the partition".to_owned());
        };
        match ErrorCode::from_wire(partition.error_code) {
            Some(ErrorCode::None) => match u64::try_from(partition.base_offset) {
                Ok(offset) => Fate::Acknowledged(offset),
                Err(_) => Fate::Fatal("acknowledged without an offset".to_owned()),
            },
            Some(error) if may_retry(error) => Fate::Again(error.to_string()),
            Some(error) => Fate::Fatal(error.to_string()),
            None => Fate::Fatal(format!("error {}", partition.error_code)),
        }
    }

    /// The next records, with the next sequence numbers.
    fn batch(&mut self) -> Batch {
        let producer = &self.producer;
        let chance = &producer.client.around.chance;
        let mut builder = BatchBuilder::new(BatchOptions {
            producer: Some(BatchProducer {
                id: self.identity.id,
                epoch: self.identity.epoch,
                base_sequence: Some(self.next_sequence),
            }),
            ..BatchOptions::default()
        });
        let millis = 1_767_225_600_000 + producer.client.now().as_micros() / 1000;
        let timestamp = Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
        let mut values = Vec::new();
        for _ in 0..chance.between(1, 3) {
            let value = Value {
                producer: producer.number,
                sequence: producer.n_values.fetch_add(1, Ordering::Relaxed),
            };
            let bytes = encode(value);
            if self.place.is_compacted {
                let bytes = (!is_tombstone(value)).then_some(&*bytes);
                builder.append(timestamp, Some(&encode_key(Key::of(value))), bytes, &[]);
            } else {
                builder.append(timestamp, None, Some(&bytes), &[]);
            }
            values.push(value);
        }
        let base_sequence = self.next_sequence;
        self.next_sequence += builder.records_count();
        producer
            .n_unacknowledged
            .fetch_add(values.len(), Ordering::Relaxed);
        producer.journal.with(|history| {
            for value in &values {
                history.sending(self.place.number, *value);
            }
        });
        let bytes = builder.build().expect("a small batch can be built");
        Batch {
            base_sequence,
            values,
            bytes: bytes.into(),
        }
    }

    fn send(&self, leader: &Leader, batch: &Batch) -> Answer {
        let partition = PartitionProduceData {
            index: self.place.partition,
            records: Some(Records::Bytes(batch.bytes.clone())),
            ..PartitionProduceData::default()
        };
        let topic = TopicProduceData {
            topic_id: leader.topic_id,
            partition_data: vec![partition],
            ..TopicProduceData::default()
        };
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 5_000,
            topic_data: vec![topic],
            ..ProduceRequest::default()
        };
        let client = &self.producer.client;
        Box::pin(client.ask(
            &leader.peer,
            &request.into(),
            PRODUCE_VERSION,
            ANSWER_WITHIN,
        ))
    }
}
