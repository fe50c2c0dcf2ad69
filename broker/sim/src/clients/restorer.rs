//! Restores a table from a compacted topic, again and again, as an application does that starts.
//!
//! In: a partition whose records have keys. Out: the table that the last whole reading gave;
//! a violation when records of a key are not in the order in which they were written, are not what was
//! written, or come back. Never here: records that are no longer there: compaction may have taken them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_types::ErrorCode;
use broker_wire::messages::ListOffsetsRequest;
use broker_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use broker_wire::record_batch::{batches, records, verify_crc};
use broker_wire::{Records, Response};

use super::connection::{Client, may_retry};
use super::{Key, Place, decode, decode_key};
use crate::history::Value;

const FETCH_VERSION: i16 = 17;
const LIST_VERSION: i16 = 7;
const LATEST: i64 = -1;
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// `delete.retention.ms` of the topic.
pub const DELETE_RETENTION: Duration = Duration::from_millis(1_000);
const BACK_OFF: Duration = Duration::from_millis(50);

/// The last record of each key: its offset, and its value unless it has none.
pub type Table = BTreeMap<Key, (u64, Option<Value>)>;

/// One reading from the beginning to where the topic ended when it began.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub table: Table,
    /// Records that were met.
    pub n_records: u64,
}

/// One restorer. Clones are the same one.
#[derive(Clone)]
pub struct Restorer {
    client: Client,
    place: Place,
    last: Arc<Mutex<Option<Reading>>>,
    /// The last offset at which each key was ever met.
    newest: Arc<Mutex<BTreeMap<Key, u64>>>,
}

impl Restorer {
    pub fn new(client: Client, place: Place) -> Restorer {
        Restorer {
            client,
            place,
            last: Arc::default(),
            newest: Arc::default(),
        }
    }

    /// Reads for as long as the process lives.
    pub fn start(&self) {
        let restorer = self.clone();
        self.client.spawn(async move {
            loop {
                let pause = restorer.client.around.chance.millis(50, 1_000);
                restorer.client.pause(pause).await;
                let Some(reading) = restorer.read().await else {
                    continue;
                };
                restorer.compare(&reading.table);
                let mut last = restorer.last.lock().unwrap_or_else(PoisonError::into_inner);
                *last = Some(reading);
            }
        });
    }

    /// The last reading that came to its end.
    pub fn last(&self) -> Option<Reading> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    /// What a key was before never comes back.
    fn compare(&self, table: &Table) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.keys().any(|it| !table.contains_key(it)) {
            self.client.around.trace.mark("a deleted key has gone");
        }
        for (key, (offset, value)) in table {
            let before = newest.insert(*key, *offset).unwrap_or_default();
            if before > *offset {
                let what = format!("{key:?} was met at @{before}, and is {value:?} of @{offset}");
                self.client.around.trace.violation(what);
            }
        }
    }

    /// A reading from one leader, as fast as it must be: replicas are compacted each at its own time, and
    /// who is slower than `delete.retention.ms` may miss that a key went.
    async fn read(&self) -> Option<Reading> {
        let begun = self.client.now();
        let end = loop {
            if let Some(end) = self.end().await {
                break end;
            }
            self.look_for_another().await;
        };
        let (mut reading, mut position) = (Reading::default(), 0);
        while position < end {
            match self.fetch(position).await {
                Some(bytes) if !bytes.is_empty() => match self.take(&mut reading, &bytes, position)
                {
                    Ok(next) => position = next,
                    Err(what) => {
                        let what = format!("{:?}: {what}", self.place);
                        self.client.around.trace.violation(what);
                        return None;
                    }
                },
                Some(_) | None => {
                    self.look_for_another().await;
                    return None;
                }
            }
        }
        (self.client.now().since(begun) < DELETE_RETENTION).then_some(reading)
    }

    /// Adds what was fetched; the offset to go on from.
    fn take(&self, reading: &mut Reading, bytes: &[u8], position: u64) -> Result<u64, String> {
        let mut next = position;
        for batch in batches(bytes).map_while(Result::ok) {
            verify_crc(batch.bytes()).map_err(|it| it.to_string())?;
            let header = batch.header();
            for record in records(header, batch.records_bytes()) {
                let record = record.map_err(|it| it.to_string())?;
                let offset = record.offset(header).value();
                if offset < next {
                    continue;
                }
                let key = record.key.and_then(decode_key);
                let key = key.ok_or(format!("@{offset} has no key"))?;
                let value = record.value.map(|it| decode(it).ok_or("has no value"));
                let value = value.transpose().map_err(|it| format!("@{offset} {it}"))?;
                if value.is_some_and(|it| Key::of(it) != key) {
                    return Err(format!("@{offset} has {value:?} under {key:?}"));
                }
                let before = reading.table.insert(key, (offset, value));
                if let (Some((earlier, Some(before))), Some(now)) = (before, value)
                    && before >= now
                {
                    return Err(format!(
                        "{now} at @{offset} comes after {before} at @{earlier}"
                    ));
                }
                reading.n_records += 1;
                next = offset + 1;
            }
            next = next.max(header.next_offset().value());
        }
        if next == position {
            return Err(format!("nothing whole was shown from @{position} on"));
        }
        Ok(next)
    }

    async fn end(&self) -> Option<u64> {
        let leader = self.client.leader(self.place)?;
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: self.place.topic.into(),
                partitions: vec![ListOffsetsPartition {
                    partition_index: self.place.partition,
                    current_leader_epoch: leader.epoch,
                    timestamp: LATEST,
                    ..ListOffsetsPartition::default()
                }],
                ..ListOffsetsTopic::default()
            }],
            ..ListOffsetsRequest::default()
        };
        let request = request.into();
        let answer = self
            .client
            .ask(&leader.peer, &request, LIST_VERSION, ANSWER_WITHIN);
        let Ok(Response::ListOffsets(response)) = answer.await else {
            return None;
        };
        let topic = response.topics.into_iter().next()?;
        let partition = topic.partitions.into_iter().next()?;
        let is_good = self.is_good("asking for the end", partition.error_code);
        is_good.then(|| u64::try_from(partition.offset).unwrap_or_default())
    }

    /// The bytes from an offset on; `None` when they cannot be had.
    async fn fetch(&self, position: u64) -> Option<bytes::Bytes> {
        let leader = self.client.leader(self.place)?;
        let partition = self
            .client
            .fetch(self.place, &leader, FETCH_VERSION, position, ANSWER_WITHIN)
            .await?;
        if !self.is_good("fetching", partition.error_code) {
            return None;
        }
        match partition.records {
            Some(Records::Bytes(bytes)) => Some(bytes),
            _ => Some(bytes::Bytes::new()),
        }
    }

    async fn look_for_another(&self) {
        self.client.pause(BACK_OFF).await;
        self.client.refresh(&[self.place.topic]).await;
    }

    /// Whether an answer is no error; another leader may do better.
    fn is_good(&self, doing: &str, error_code: i16) -> bool {
        let error = ErrorCode::from_wire(error_code);
        match error {
            Some(ErrorCode::None) => return true,
            Some(error) if may_retry(error) => {}
            _ => {
                let what = format!("{doing} at {:?} was answered with {error:?}", self.place);
                self.client.around.trace.violation(what);
            }
        }
        false
    }
}
