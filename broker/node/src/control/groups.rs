//! Consumer groups as their owners see them: state, members, lag.
//!
//! In: ids of groups. Out: what their coordinators say, and the leaders of the partitions that they
//! read. Never here: a change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use broker_types::{ErrorCode, Offset, PartitionIndex, TopicPartition};
use broker_wire::messages::consumer_protocol_assignment::ConsumerProtocolAssignment;
use broker_wire::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use broker_wire::messages::fetch_request::{FetchPartition, FetchTopic};
use broker_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
use broker_wire::messages::offset_fetch_response::OffsetFetchResponseGroup;
use broker_wire::messages::{DescribeGroupsRequest, FetchRequest, OffsetFetchRequest};
use broker_wire::record_batch::{TimestampType, batches};
use broker_wire::{Message, Reader, Records, Response, Str};
use bytes::Bytes;
use futures::future::join_all;

use super::ask::ask;
use super::topics::{LATEST, Place};
use crate::api::topic_names;
use crate::node::Node;
use crate::world::World;

/// Of the partitions of a group where records wait, those with the most are asked for how long: each
/// costs a read of one batch.
const WAITS_MAX: usize = 32;
/// Enough for any one batch; a leader sends at least one.
const BATCH_BYTES: i32 = 1;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupState {
    pub group_id: Str,
    /// Why it could not be described.
    pub error: Option<(ErrorCode, String)>,
    /// Kafka's word: `Empty`, `Stable`, `Dead`, ...
    pub state: Str,
    /// The protocol that the members agreed on; empty without members.
    pub protocol: Str,
    pub members: usize,
    /// Everything with a committed offset, in the order of topics and partitions.
    pub partitions: Vec<GroupPartition>,
}

/// How far a group has read a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPartition {
    pub topic: Str,
    pub partition: i32,
    /// The next record that it would read.
    pub committed_offset: i64,
    /// `None` while no leader says.
    pub log_end_offset: Option<i64>,
    /// For how long the batch of the record at the committed offset has been waiting, by its first
    /// timestamp; `None` when nothing waits or it is not known.
    pub waiting: Option<Duration>,
    /// Of the member that it is assigned to; empty without one.
    pub client_id: Str,
}

impl GroupPartition {
    fn lag(&self) -> i64 {
        self.log_end_offset
            .map_or(0, |it| it - self.committed_offset)
    }
}

impl<W: World> Node<W> {
    /// Groups in the order asked; one that does not exist is `Dead`.
    pub async fn group_states(self: &Arc<Self>, group_ids: &[String]) -> Vec<GroupState> {
        join_all(group_ids.iter().map(|it| self.group_state(it))).await
    }

    async fn group_state(self: &Arc<Self>, group_id: &str) -> GroupState {
        match self.describe_group(group_id).await {
            Ok(state) => state,
            Err(code) => GroupState {
                error: Some((code, format!("the group's coordinator says {code}"))),
                ..dead(group_id)
            },
        }
    }

    async fn describe_group(self: &Arc<Self>, group_id: &str) -> Result<GroupState, ErrorCode> {
        if self.image().topic(topic_names::OFFSETS).is_none() {
            // The topic is made for the first group: there is none.
            return Ok(dead(group_id));
        }
        let coordinator = self.group_leader(group_id);
        let coordinator = coordinator.ok_or(ErrorCode::CoordinatorNotAvailable)?;
        let describe = DescribeGroupsRequest {
            groups: vec![group_id.into()],
            ..DescribeGroupsRequest::default()
        };
        let fetch = OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: group_id.into(),
                member_epoch: -1,
                // All of them.
                topics: None,
                ..OffsetFetchRequestGroup::default()
            }],
            ..OffsetFetchRequest::default()
        };
        let (described, fetched) = futures::join!(
            ask(self, coordinator, describe.into()),
            ask(self, coordinator, fetch.into())
        );
        let described = match described {
            Some(Response::DescribeGroups(it)) => it.groups.into_iter().next(),
            Some(_) | None => None,
        };
        let fetched = match fetched {
            Some(Response::OffsetFetch(it)) => it.groups.into_iter().next(),
            Some(_) | None => None,
        };
        let (Some(described), Some(fetched)) = (described, fetched) else {
            return Err(ErrorCode::CoordinatorNotAvailable);
        };
        check(described.error_code)?;
        check(fetched.error_code)?;
        let mut partitions = committed(&fetched, &assigned(&described));
        self.measure(&mut partitions).await;
        Ok(GroupState {
            group_id: group_id.into(),
            error: None,
            state: described.group_state,
            protocol: described.protocol_data,
            members: described.members.len(),
            partitions,
        })
    }

    /// Where the partitions end, and how long what waits in them has waited.
    async fn measure(self: &Arc<Self>, partitions: &mut [GroupPartition]) {
        let image = self.image();
        let wanted = partitions.iter().filter_map(|it| {
            let index = PartitionIndex::from_wire(it.partition)?;
            let partition = image.topic(&it.topic)?.partition(index)?;
            Some((it.topic.clone(), it.partition, partition.leader))
        });
        let wanted: Vec<Place> = wanted.collect();
        let ends = self.offsets(&wanted, LATEST).await;
        for it in partitions.iter_mut() {
            it.log_end_offset = ends.get(&(it.topic.clone(), it.partition)).copied();
        }
        let mut waiting: Vec<&mut GroupPartition> =
            partitions.iter_mut().filter(|it| it.lag() > 0).collect();
        waiting.sort_by_key(|it| std::cmp::Reverse(it.lag()));
        waiting.truncate(WAITS_MAX);
        let reads = waiting
            .iter()
            .map(|it| self.timestamp_at(it.topic.clone(), it.partition, it.committed_offset));
        let timestamps = join_all(reads).await;
        let now = self.world.wall().as_millis();
        for (partition, timestamp) in waiting.iter_mut().zip(timestamps) {
            let waited = timestamp.and_then(|it| u64::try_from(now.saturating_sub(it)).ok());
            partition.waiting = waited.map(Duration::from_millis);
        }
    }

    /// First timestamp of the batch that holds an offset.
    async fn timestamp_at(
        self: &Arc<Self>,
        topic: Str,
        partition: i32,
        fetch_offset: i64,
    ) -> Option<i64> {
        let image = self.image();
        let found = image.topic(&topic)?;
        let id = TopicPartition {
            topic_id: found.id,
            partition: PartitionIndex::from_wire(partition)?,
        };
        let leader = found.partition(id.partition)?.leader?;
        let records = if leader == self.config.broker_id {
            let offset = Offset::from_wire(fetch_offset)?;
            self.read_committed(id, offset, 1).await.ok()?
        } else {
            let wanted = FetchPartition {
                partition,
                current_leader_epoch: -1,
                fetch_offset,
                last_fetched_epoch: -1,
                log_start_offset: -1,
                partition_max_bytes: BATCH_BYTES,
                ..FetchPartition::default()
            };
            let request = FetchRequest {
                replica_id: -1,
                max_bytes: BATCH_BYTES,
                session_epoch: -1,
                topics: vec![FetchTopic {
                    topic,
                    partitions: vec![wanted],
                    ..FetchTopic::default()
                }],
                ..FetchRequest::default()
            };
            fetched_records(ask(self, leader, request.into()).await?)?
        };
        let batch = batches(&records).next()?.ok()?;
        let header = batch.header();
        let is_appended = header.timestamp_type() == TimestampType::LogAppendTime;
        let first = if is_appended || header.has_delete_horizon() {
            header.max_timestamp
        } else {
            header.base_timestamp
        };
        Some(first.as_millis())
    }
}

fn fetched_records(response: Response) -> Option<Bytes> {
    let Response::Fetch(response) = response else {
        return None;
    };
    let topic = response.responses.into_iter().next()?;
    let partition = topic.partitions.into_iter().next()?;
    match partition.records? {
        Records::Bytes(bytes) => Some(bytes),
        Records::Deferred { .. } => None,
    }
}

fn dead(group_id: &str) -> GroupState {
    GroupState {
        group_id: group_id.into(),
        error: None,
        state: "Dead".into(),
        protocol: Str::new(),
        members: 0,
        partitions: Vec::new(),
    }
}

fn check(code: i16) -> Result<(), ErrorCode> {
    let error = ErrorCode::from_wire(code).unwrap_or(ErrorCode::UnknownServerError);
    if error.is_none() { Ok(()) } else { Err(error) }
}

fn committed(
    fetched: &OffsetFetchResponseGroup,
    assigned: &BTreeMap<(Str, i32), Str>,
) -> Vec<GroupPartition> {
    let topics = fetched.topics.iter();
    let mut partitions: Vec<GroupPartition> = topics
        .flat_map(|topic| {
            let known = topic.partitions.iter();
            let known = known.filter(|it| it.error_code == 0 && it.committed_offset >= 0);
            known.map(|it| {
                let key = (topic.name.clone(), it.partition_index);
                GroupPartition {
                    topic: topic.name.clone(),
                    partition: it.partition_index,
                    committed_offset: it.committed_offset,
                    log_end_offset: None,
                    waiting: None,
                    client_id: assigned.get(&key).cloned().unwrap_or_default(),
                }
            })
        })
        .collect();
    partitions.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    partitions
}

/// Client ids by what is assigned to them. Groups that are not of consumers assign in their own way.
fn assigned(group: &DescribedGroup) -> BTreeMap<(Str, i32), Str> {
    if group.protocol_type != "consumer" {
        return BTreeMap::new();
    }
    let assigned = |member: &DescribedGroupMember| {
        let client_id = member.client_id.clone();
        let assignment = read_assignment(member.member_assignment.clone());
        let topics = assignment.map_or_else(Vec::new, |it| it.assigned_partitions);
        let partitions = topics.into_iter().flat_map(|topic| {
            let name = topic.topic;
            topic
                .partitions
                .into_iter()
                .map(move |it| (name.clone(), it))
        });
        let pairs: Vec<_> = partitions.map(|it| (it, client_id.clone())).collect();
        pairs
    };
    group.members.iter().flat_map(assigned).collect()
}

/// Every version begins with the fields of version 0.
fn read_assignment(bytes: Bytes) -> Option<ConsumerProtocolAssignment> {
    let mut reader = Reader::new(bytes);
    if reader.i16().ok()? < 0 {
        return None;
    }
    ConsumerProtocolAssignment::read_from(&mut reader, 0).ok()
}
