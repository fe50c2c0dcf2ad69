//! Asks again and again where partitions end: what was committed once stays so.
//!
//! In: partitions. Out: the last end of each; a violation when one falls. A leader is asked in the
//! newest epoch that this client knows, so that a deposed one refuses to answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_types::ErrorCode;
use broker_wire::Response;
use broker_wire::messages::ListOffsetsRequest;
use broker_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};

use super::Place;
use super::connection::{Client, may_retry};

const VERSION: i16 = 7;
const LATEST: i64 = -1;
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
const BACK_OFF: Duration = Duration::from_millis(100);

/// One watcher. Clones are the same one.
#[derive(Clone)]
pub struct Watcher {
    client: Client,
    ends: Arc<Mutex<BTreeMap<Place, u64>>>,
    /// How often each was asked with success.
    n_answers: Arc<Mutex<BTreeMap<Place, u64>>>,
}

impl Watcher {
    pub fn new(client: Client) -> Watcher {
        Watcher {
            client,
            ends: Arc::default(),
            n_answers: Arc::default(),
        }
    }

    /// Watches for as long as the process lives.
    pub fn start(&self, places: &[Place]) {
        for place in places {
            let (watcher, place) = (self.clone(), *place);
            self.client.spawn(async move {
                loop {
                    let pause = watcher.client.around.chance.millis(50, 500);
                    watcher.client.pause(pause).await;
                    watcher.look(place).await;
                }
            });
        }
    }

    /// The end of a partition, and how many answers said so far.
    pub fn end(&self, place: Place) -> (u64, u64) {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = self
            .n_answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let of = |it: &BTreeMap<Place, u64>| it.get(&place).copied().unwrap_or_default();
        (of(&ends), of(&answers))
    }

    async fn look(&self, place: Place) {
        let leader = self.client.await_leader(place).await;
        let partition = ListOffsetsPartition {
            partition_index: place.partition,
            current_leader_epoch: leader.epoch,
            timestamp: LATEST,
            ..ListOffsetsPartition::default()
        };
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: place.topic.into(),
                partitions: vec![partition],
                ..ListOffsetsTopic::default()
            }],
            ..ListOffsetsRequest::default()
        };
        let answer = self
            .client
            .ask(&leader.peer, &request.into(), VERSION, ANSWER_WITHIN)
            .await;
        let answered = match answer {
            Ok(Response::ListOffsets(response)) => response
                .topics
                .into_iter()
                .flat_map(|it| it.partitions)
                .next(),
            Ok(_) | Err(_) => None,
        };
        let Some(answered) = answered else {
            return self.look_for_another(place).await;
        };
        match ErrorCode::from_wire(answered.error_code) {
            Some(ErrorCode::None) => self.take(place, answered.offset),
            Some(error) if may_retry(error) => self.look_for_another(place).await,
            error => {
                let what = format!("where {place:?} ends was answered with {error:?}");
                self.client.around.trace.violation(what);
            }
        }
    }

    async fn look_for_another(&self, place: Place) {
        self.client.pause(BACK_OFF).await;
        self.client.refresh(&[place.topic]).await;
    }

    fn take(&self, place: Place, offset: i64) {
        let offset = u64::try_from(offset).unwrap_or_default();
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ends.entry(place).or_default();
        if offset < *end {
            let what = format!("{place:?} ended at {end} and then at {offset}");
            self.client.around.trace.violation(what);
        }
        *end = offset;
        let mut answers = self
            .n_answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *answers.entry(place).or_default() += 1;
    }
}
