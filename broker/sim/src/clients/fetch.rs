//! Fetching from one partition, for clients that read one at a time.
//!
//! In: a place, its leader, an offset. Out: what the leader said of it. Never here: what an error
//! means to whoever asked.

use std::time::Duration;

use broker_wire::Response;
use broker_wire::messages::FetchRequest;
use broker_wire::messages::fetch_request::{FetchPartition, FetchTopic};
use broker_wire::messages::fetch_response::PartitionData;

use super::Place;
use super::connection::{Client, Leader};

const BYTES_MAX: i32 = 1024 * 1024;
const WAIT_MAX_MS: i32 = 100;

impl Client {
    /// Asks a leader for what is there from an offset on; `None` when no answer came in time.
    pub(super) async fn fetch(
        &self,
        place: Place,
        leader: &Leader,
        version: i16,
        position: u64,
        within: Duration,
    ) -> Option<PartitionData> {
        let request = FetchRequest {
            max_wait_ms: WAIT_MAX_MS,
            min_bytes: 1,
            max_bytes: BYTES_MAX,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic_id: leader.topic_id,
                partitions: vec![FetchPartition {
                    partition: place.partition,
                    current_leader_epoch: leader.epoch,
                    fetch_offset: i64::try_from(position).unwrap_or(i64::MAX),
                    partition_max_bytes: BYTES_MAX,
                    ..FetchPartition::default()
                }],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let answer = self.ask(&leader.peer, &request.into(), version, within);
        let Ok(Response::Fetch(response)) = answer.await else {
            return None;
        };
        let topic = response.responses.into_iter().next()?;
        topic.partitions.into_iter().next()
    }
}
