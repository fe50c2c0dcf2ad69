//! A consumer that reads partitions from their beginning and goes on while brokers die.
//!
//! In: partitions, and perhaps a rack: then it reads from the replica in it when leaders say so. Out:
//! every record it was shown, in the history; a violation when it was shown a
//! gap, or told that a place where it has been is not in the log. Never here: groups.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_node::world::Peer;
use broker_types::{BrokerId, ErrorCode};
use broker_wire::messages::FetchRequest;
use broker_wire::messages::fetch_request::{FetchPartition, FetchTopic};
use broker_wire::messages::fetch_response::PartitionData;
use broker_wire::record_batch::{batches, records, verify_crc};
use broker_wire::{Records, Response};
use futures::future::join_all;

use super::connection::{Client, Leader, may_retry};
use super::{Journal, Place, decode};
use crate::broker::{client_address, rack};
use crate::run::FLIPPED;

const FETCH_VERSION: i16 = 17;
const WAIT_MAX: Duration = Duration::from_millis(250);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const BACK_OFF: Duration = Duration::from_millis(50);

/// One consumer. Clones are the same one.
#[derive(Clone)]
pub struct Consumer {
    client: Client,
    journal: Journal,
    number: u32,
    rack: Option<BrokerId>,
    positions: Arc<Mutex<BTreeMap<Place, u64>>>,
    /// Followers that leaders sent it to.
    preferred: Arc<Mutex<BTreeMap<Place, BrokerId>>>,
}

impl Consumer {
    pub fn new(client: Client, journal: Journal, number: u32, places: &[Place]) -> Consumer {
        let positions = places.iter().map(|it| (*it, 0)).collect();
        Consumer {
            client,
            journal,
            number,
            rack: None,
            positions: Arc::new(Mutex::new(positions)),
            preferred: Arc::default(),
        }
    }

    /// The same, in the rack of a broker.
    pub fn in_rack_of(self, broker: BrokerId) -> Consumer {
        Consumer {
            rack: Some(broker),
            ..self
        }
    }

    /// Where to read a partition: from the follower that its leader sent it to, until that fails or
    /// some time has passed.
    fn source(&self, place: Place, leader: &Leader) -> Peer {
        let mut preferred = self
            .preferred
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.rack.is_some() && self.client.around.chance.happens(20) {
            preferred.remove(&place);
        }
        let nearer = preferred.get(&place).map(|it| client_address(*it));
        nearer.unwrap_or_else(|| leader.peer.clone())
    }

    fn prefer(&self, place: Place, broker: Option<BrokerId>) {
        let mut preferred = self
            .preferred
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match broker {
            Some(broker) => {
                let mark = "a consumer was sent to a follower";
                self.client.around.trace.mark(mark);
                preferred.insert(place, broker);
            }
            None => {
                preferred.remove(&place);
            }
        }
    }

    /// Reads for as long as the process lives.
    pub fn start(&self) {
        let consumer = self.clone();
        self.client.spawn(async move {
            loop {
                consumer.poll().await;
            }
        });
    }

    /// The next offset of a partition that it would read.
    pub fn position(&self, place: Place) -> u64 {
        self.positions().get(&place).copied().unwrap_or_default()
    }

    fn positions(&self) -> BTreeMap<Place, u64> {
        let positions = self.positions.lock();
        positions.unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn poll(&self) {
        let mut by_leader: BTreeMap<Peer, Vec<(Place, u64, Leader)>> = BTreeMap::new();
        let mut is_lost = false;
        for (place, position) in self.positions() {
            match self.client.leader(place) {
                Some(leader) => by_leader
                    .entry(self.source(place, &leader))
                    .or_default()
                    .push((place, position, leader)),
                None => is_lost = true,
            }
        }
        let fetches = by_leader
            .into_iter()
            .map(|(peer, asked)| self.fetch(peer, asked));
        let results = join_all(fetches).await;
        if is_lost || results.contains(&false) {
            let topics: std::collections::BTreeSet<_> =
                self.positions().keys().map(|it| it.topic).collect();
            let topics: Vec<_> = topics.into_iter().collect();
            self.client.refresh(&topics).await;
            self.client.pause(BACK_OFF).await;
        }
    }

    /// Fetches from one leader; whether all went well.
    async fn fetch(&self, peer: Peer, asked: Vec<(Place, u64, Leader)>) -> bool {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for (place, position, leader) in &asked {
            let partition = FetchPartition {
                partition: place.partition,
                current_leader_epoch: leader.epoch,
                fetch_offset: i64::try_from(*position).unwrap_or(i64::MAX),
                partition_max_bytes: 4096,
                ..FetchPartition::default()
            };
            match topics.last_mut() {
                Some(topic) if topic.topic_id == leader.topic_id => {
                    topic.partitions.push(partition);
                }
                _ => topics.push(FetchTopic {
                    topic_id: leader.topic_id,
                    partitions: vec![partition],
                    ..FetchTopic::default()
                }),
            }
        }
        let request = FetchRequest {
            max_wait_ms: i32::try_from(WAIT_MAX.as_millis()).unwrap_or(i32::MAX),
            min_bytes: 1,
            max_bytes: 1024 * 1024,
            session_epoch: -1,
            rack_id: self.rack.map(rack).unwrap_or_default().into(),
            topics,
            ..FetchRequest::default()
        };
        let answer = self
            .client
            .ask(&peer, &request.into(), FETCH_VERSION, ANSWER_WITHIN)
            .await;
        let Ok(Response::Fetch(response)) = answer else {
            for (place, _, _) in asked {
                self.prefer(place, None);
            }
            return false;
        };
        let mut is_good = response.error_code == 0;
        for topic in response.responses {
            for data in topic.partitions {
                let of = |(place, _, leader): &&(Place, u64, Leader)| {
                    leader.topic_id == topic.topic_id && place.partition == data.partition_index
                };
                if let Some((place, position, _)) = asked.iter().find(of) {
                    let preferred = BrokerId::from_wire(data.preferred_read_replica);
                    let is_taken = self.take(*place, *position, data);
                    if preferred.is_some() || !is_taken {
                        self.prefer(*place, preferred);
                    }
                    is_good &= is_taken;
                }
            }
        }
        is_good
    }

    /// Takes what was shown of a partition; whether its leader can be asked again.
    fn take(&self, place: Place, position: u64, data: PartitionData) -> bool {
        let trace = &self.client.around.trace;
        match ErrorCode::from_wire(data.error_code) {
            Some(ErrorCode::None) => {}
            Some(error) if may_retry(error) => return false,
            error => {
                trace.violation(format!("a consumer at {place:?}@{position}: {error:?}"));
                return false;
            }
        }
        let Some(Records::Bytes(bytes)) = data.records else {
            return true;
        };
        let mut next = position;
        for batch in batches(&bytes) {
            // The last one may be cut.
            let Ok(batch) = batch else { break };
            if verify_crc(batch.bytes()).is_err() {
                if trace.marks().contains_key(FLIPPED) {
                    // Clients see that themselves, and ask again: it is to be well in the end.
                    trace.mark("a consumer was shown damage");
                    return false;
                }
                trace.violation(format!("a damaged batch was shown at {place:?}@{next}"));
                return false;
            }
            for record in records(batch.header(), batch.records_bytes()) {
                let Ok(record) = record else {
                    trace.violation(format!("a damaged record was shown at {place:?}@{next}"));
                    return false;
                };
                let offset = u64::try_from(record.offset(batch.header()).to_wire()).unwrap_or(0);
                if offset < next {
                    continue;
                }
                let value = record.value.and_then(decode);
                let (Some(value), true) = (value, offset == next) else {
                    trace.violation(format!(
                        "{place:?}@{offset} was shown where @{next} is next"
                    ));
                    return false;
                };
                self.journal
                    .with(|it| it.read(place.number, self.number, offset, value));
                next = offset + 1;
            }
        }
        let mut positions = self
            .positions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        positions.insert(place, next);
        true
    }
}
