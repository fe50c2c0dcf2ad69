//! Commits offsets of a group of its own, each above the last, and reads them back.
//!
//! In: a group and a partition. Out: a violation when a committed offset is forgotten. What may be
//! read is what was acknowledged last, or what was sent and not answered: that may still arrive.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use broker_node::world::Peer;
use broker_types::ErrorCode;
use broker_wire::Response;
use broker_wire::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use broker_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use broker_wire::messages::{FindCoordinatorRequest, OffsetCommitRequest, OffsetFetchRequest};

use super::Place;
use super::connection::{Client, may_retry};

const FIND_VERSION: i16 = 4;
const COMMIT_VERSION: i16 = 9;
const FETCH_VERSION: i16 = 8;
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const BACK_OFF: Duration = Duration::from_millis(100);

/// One group. Clones are the same one.
#[derive(Clone)]
pub struct Committer {
    client: Client,
    group: Arc<str>,
    place: Place,
    n_read_back: Arc<AtomicU64>,
}

/// What of a group's offsets may be read.
#[derive(Default)]
struct Possible {
    acknowledged: u64,
    unanswered: BTreeSet<u64>,
}

impl Committer {
    pub fn new(client: Client, group: &str, place: Place) -> Committer {
        Committer {
            client,
            group: group.into(),
            place,
            n_read_back: Arc::default(),
        }
    }

    /// How many offsets were read back.
    pub fn n_read_back(&self) -> u64 {
        self.n_read_back.load(Ordering::Relaxed)
    }

    /// Commits for as long as the process lives.
    pub fn start(&self) {
        let committer = self.clone();
        self.client.spawn(async move {
            let mut coordinator = None;
            let mut possible = Possible::default();
            let mut offset = 0;
            loop {
                let pause = committer.client.around.chance.millis(5, 100);
                committer.client.pause(pause).await;
                let peer = match &coordinator {
                    Some(peer) => Peer::clone(peer),
                    None => {
                        let Some(peer) = committer.find().await else {
                            continue;
                        };
                        // Before the next commit hides what another coordinator has forgotten.
                        if possible.acknowledged > 0 && !committer.read(&peer, &possible).await {
                            committer.client.pause(BACK_OFF).await;
                            continue;
                        }
                        coordinator.insert(peer).clone()
                    }
                };
                offset += 1;
                possible.unanswered.insert(offset);
                let is_good = committer.commit(&peer, offset).await;
                if is_good {
                    possible.unanswered.remove(&offset);
                    possible.acknowledged = offset;
                }
                if !is_good || !committer.read(&peer, &possible).await {
                    coordinator = None;
                    committer.client.pause(BACK_OFF).await;
                }
            }
        });
    }

    async fn find(&self) -> Option<Peer> {
        let request = FindCoordinatorRequest {
            coordinator_keys: vec![(&*self.group).into()],
            ..FindCoordinatorRequest::default()
        };
        let peer = self.client.anybody();
        let answer = self
            .client
            .ask(&peer, &request.into(), FIND_VERSION, ANSWER_WITHIN);
        let Ok(Response::FindCoordinator(response)) = answer.await else {
            return None;
        };
        let found = response.coordinators.first()?;
        (found.error_code == 0).then_some(())?;
        Some(Peer {
            host: found.host.to_string(),
            port: u16::try_from(found.port).ok()?,
        })
    }

    fn refused(&self, doing: &str, error_code: i16) {
        let error = ErrorCode::from_wire(error_code);
        if !error.is_some_and(may_retry) {
            let what = format!("{doing} an offset of {}: {error:?}", self.group);
            self.client.around.trace.violation(what);
        }
    }

    async fn commit(&self, peer: &Peer, offset: u64) -> bool {
        let partition = OffsetCommitRequestPartition {
            partition_index: self.place.partition,
            committed_offset: i64::try_from(offset).unwrap_or(i64::MAX),
            committed_leader_epoch: -1,
            ..OffsetCommitRequestPartition::default()
        };
        let request = OffsetCommitRequest {
            group_id: (&*self.group).into(),
            generation_id_or_member_epoch: -1,
            topics: vec![OffsetCommitRequestTopic {
                name: self.place.topic.into(),
                partitions: vec![partition],
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        };
        let answer = self
            .client
            .ask(peer, &request.into(), COMMIT_VERSION, ANSWER_WITHIN);
        let Ok(Response::OffsetCommit(response)) = answer.await else {
            return false;
        };
        let partition = response.topics.first().and_then(|it| it.partitions.first());
        match partition.map(|it| it.error_code) {
            Some(0) => true,
            Some(error) => {
                self.refused("committing", error);
                false
            }
            None => false,
        }
    }

    async fn read(&self, peer: &Peer, possible: &Possible) -> bool {
        let request = OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: (&*self.group).into(),
                member_epoch: -1,
                topics: Some(vec![OffsetFetchRequestTopics {
                    name: self.place.topic.into(),
                    partition_indexes: vec![self.place.partition],
                    ..OffsetFetchRequestTopics::default()
                }]),
                ..OffsetFetchRequestGroup::default()
            }],
            ..OffsetFetchRequest::default()
        };
        let answer = self
            .client
            .ask(peer, &request.into(), FETCH_VERSION, ANSWER_WITHIN);
        let Ok(Response::OffsetFetch(response)) = answer.await else {
            return false;
        };
        let Some(group) = response.groups.first() else {
            return false;
        };
        if group.error_code != 0 {
            self.refused("reading", group.error_code);
            return false;
        }
        let topic = group.topics.first();
        let Some(partition) = topic.and_then(|it| it.partitions.first()) else {
            return false;
        };
        if partition.error_code != 0 {
            self.refused("reading", partition.error_code);
            return false;
        }
        let read = u64::try_from(partition.committed_offset).unwrap_or_default();
        if read != possible.acknowledged && !possible.unanswered.contains(&read) {
            let (group, acknowledged) = (&self.group, possible.acknowledged);
            let what = format!(
                "{group} committed {acknowledged} and read {}",
                partition.committed_offset
            );
            self.client.around.trace.violation(what);
        }
        self.n_read_back.fetch_add(1, Ordering::Relaxed);
        true
    }
}
