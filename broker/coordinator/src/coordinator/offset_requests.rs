//! OffsetCommit, OffsetFetch, OffsetDelete.
//!
//! In: requests whose topics the caller has checked: that they exist and may be used, and, with
//! topic ids, which names they have. Out: offset records and answers.
//! Never here: topics that do not exist, or authorization.

use broker_types::{ErrorCode, LeaderEpoch, TopicId};
use broker_wire::Str;
use broker_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition,
};
use broker_wire::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use broker_wire::messages::offset_delete_request::OffsetDeleteRequest;
use broker_wire::messages::offset_delete_response::{
    OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use broker_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use broker_wire::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};

use super::GroupCoordinator;
use crate::action::{Action, GroupRecord, Now, RequestContext, Response};
use crate::group::{Group, GroupState};
use crate::offset_fetch::refused_offset_fetch;
use crate::offsets::{CommittedOffset, GroupOffsets};
use crate::record::{self, STRING_BYTES_MAX, owned};
use crate::write::{Answer, Effect, Turn};

/// First OffsetCommit version that can be told that a group does not exist.
const GROUP_ID_NOT_FOUND_FROM: i16 = 9;

/// What an OffsetFetch answers where nothing is committed.
const NO_OFFSET: i64 = -1;

impl GroupCoordinator {
    /// OffsetCommit, versions 2 to 10. Topics carry names, and ids where the caller knows them.
    pub fn handle_offset_commit(
        &mut self,
        now: Now,
        context: &RequestContext,
        request: &OffsetCommitRequest,
        actions: &mut Vec<Action>,
    ) {
        if let Err(error) = self.check_offset_commit(context.api_version, request) {
            let response = commit_response(request, |_, _| error);
            let response = Response::OffsetCommit(response);
            actions.push(Action::Respond {
                token: context.token,
                response,
            });
            return;
        }
        let id = &request.group_id;
        if !self.groups.contains_key(id) {
            // A group of offsets alone, without members or protocol.
            let group = Group::new(owned(id), Some(now.wall));
            self.groups.insert(group.id.clone(), group);
        }
        let mut n_free = self.config.offsets_max.saturating_sub(self.n_offsets);
        self.with_group(now, id, actions, |group, turn| {
            if group.has_member(&request.member_id) {
                group.renew_session(&request.member_id, turn.now);
            }
            commit(group, context, request, &mut n_free, turn);
        });
        self.remove_if_unused(id);
    }

    fn check_offset_commit(
        &self,
        version: i16,
        request: &OffsetCommitRequest,
    ) -> Result<(), ErrorCode> {
        self.check_active()?;
        if self.is_congested() {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        if request.group_id.len() > STRING_BYTES_MAX {
            return Err(ErrorCode::InvalidGroupId);
        }
        let generation = request.generation_id_or_member_epoch;
        match self.groups.get(&request.group_id) {
            Some(group) => check_committer(group, request),
            None if generation >= 0 && version >= GROUP_ID_NOT_FOUND_FROM => {
                Err(ErrorCode::GroupIdNotFound)
            }
            None if generation >= 0 => Err(ErrorCode::IllegalGeneration),
            None if self.groups.len() >= self.config.groups_max => Err(ErrorCode::PolicyViolation),
            None => Ok(()),
        }
    }

    /// One group of an OffsetFetch, versions 1 to 10; see [`crate::offset_fetch_groups`]. Topics
    /// carry names, and ids where the caller knows them.
    ///
    /// A group that does not exist has no offsets, which is no error. Only committed offsets are
    /// shown.
    pub fn fetch_offsets(&self, request: &OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
        let group = self.groups.get(&request.group_id);
        let nothing = GroupOffsets::default();
        let offsets = group.map_or(&nothing, |it| &it.offsets);
        if let Err(error) = self.check_active() {
            return refused_offset_fetch(request, error);
        }
        let topics = match &request.topics {
            Some(topics) => topics.iter().map(|it| fetched_topic(offsets, it)).collect(),
            None => all_topics(offsets),
        };
        OffsetFetchResponseGroup {
            group_id: request.group_id.clone(),
            topics,
            ..OffsetFetchResponseGroup::default()
        }
    }

    /// OffsetDelete, version 0.
    pub fn handle_offset_delete(
        &mut self,
        now: Now,
        context: &RequestContext,
        request: &OffsetDeleteRequest,
        actions: &mut Vec<Action>,
    ) {
        if let Err(error) = self.check_offset_delete(&request.group_id) {
            let response = Response::OffsetDelete(OffsetDeleteResponse {
                error_code: error.to_wire(),
                ..OffsetDeleteResponse::default()
            });
            actions.push(Action::Respond {
                token: context.token,
                response,
            });
            return;
        }
        self.with_group(now, &request.group_id, actions, |group, turn| {
            delete(group, context, request, turn);
        });
    }

    fn check_offset_delete(&self, group_id: &str) -> Result<(), ErrorCode> {
        if group_id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        self.check_active()?;
        if self.is_congested() {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        let group = self
            .groups
            .get(group_id)
            .ok_or(ErrorCode::GroupIdNotFound)?;
        match group.state() {
            GroupState::Empty => Ok(()),
            GroupState::Dead => Err(ErrorCode::CoordinatorNotAvailable),
            // What other members than consumers read cannot be known.
            GroupState::PreparingRebalance
            | GroupState::CompletingRebalance
            | GroupState::Stable => {
                if group.is_consumer() {
                    Ok(())
                } else {
                    Err(ErrorCode::NonEmptyGroup)
                }
            }
        }
    }
}

/// Whether the request may commit: it comes from a member of the current generation, or from
/// nobody while there are no members.
fn check_committer(group: &Group, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    let generation = request.generation_id_or_member_epoch;
    let state = group.state();
    if state == GroupState::Dead {
        return Err(ErrorCode::CoordinatorNotAvailable);
    }
    if generation < 0 && state == GroupState::Empty {
        return Ok(());
    }
    let instance_id = request.group_instance_id.as_deref();
    if generation < 0 && request.member_id.is_empty() && instance_id.is_none() {
        return Err(ErrorCode::UnknownMemberId);
    }
    group.check_member(&request.member_id, instance_id)?;
    if generation != group.generation() {
        return Err(ErrorCode::IllegalGeneration);
    }
    // The member knows its generation, not yet its partitions. Before the next generation it may
    // still commit what it had in this one.
    if state == GroupState::CompletingRebalance {
        return Err(ErrorCode::RebalanceInProgress);
    }
    Ok(())
}

/// A response with an error code for each partition that was asked for.
fn commit_response(
    request: &OffsetCommitRequest,
    mut error_of: impl FnMut(&Str, &OffsetCommitRequestPartition) -> ErrorCode,
) -> OffsetCommitResponse {
    let mut response = OffsetCommitResponse::default();
    for topic in &request.topics {
        let partitions = topic
            .partitions
            .iter()
            .map(|it| OffsetCommitResponsePartition {
                partition_index: it.partition_index,
                error_code: error_of(&topic.name, it).to_wire(),
                ..OffsetCommitResponsePartition::default()
            });
        let partitions = partitions.collect();
        response.topics.push(OffsetCommitResponseTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions,
            ..OffsetCommitResponseTopic::default()
        });
    }
    response
}

/// Writes what may be written; `n_free` more offsets may be remembered.
fn commit(
    group: &mut Group,
    context: &RequestContext,
    request: &OffsetCommitRequest,
    n_free: &mut usize,
    turn: &mut Turn,
) {
    let mut writing = OffsetWriting::new(group, turn);
    let topic_ids = request
        .topics
        .iter()
        .map(|it| (&it.name, TopicId::from_wire(it.topic_id)));
    let topic_ids: std::collections::BTreeMap<_, _> = topic_ids.collect();
    let response = commit_response(request, |topic, partition| {
        let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
        if metadata.len() > writing.turn.config.offset_metadata_bytes_max {
            return ErrorCode::OffsetMetadataTooLarge;
        }
        if topic.len() > STRING_BYTES_MAX {
            return ErrorCode::InvalidTopicException;
        }
        if !writing
            .group
            .offsets
            .has_slot(topic, partition.partition_index)
        {
            if *n_free == 0 {
                return ErrorCode::PolicyViolation;
            }
            *n_free -= 1;
        }
        let wall = writing.turn.wall;
        let offset = CommittedOffset {
            offset: partition.committed_offset,
            leader_epoch: LeaderEpoch::from_wire(partition.committed_leader_epoch),
            metadata: owned(metadata),
            commit_timestamp: wall,
            expire_timestamp: (request.retention_time_ms != -1)
                .then(|| wall.plus_millis(request.retention_time_ms)),
            topic_id: topic_ids.get(topic).copied().flatten(),
        };
        writing.write(&owned(topic), partition.partition_index, Some(offset));
        ErrorCode::None
    });
    writing.finish(Some(Answer {
        to: context.token,
        response: Response::OffsetCommit(response),
    }));
}

fn delete(
    group: &mut Group,
    context: &RequestContext,
    request: &OffsetDeleteRequest,
    turn: &mut Turn,
) {
    let mut writing = OffsetWriting::new(group, turn);
    let mut response = OffsetDeleteResponse::default();
    for topic in &request.topics {
        let is_subscribed = writing.group.is_subscribed_to(&topic.name);
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for partition in &topic.partitions {
            let index = partition.partition_index;
            // A tombstone that is on its way may fail: this one is told of its own.
            if !is_subscribed && writing.group.offsets.has_slot(&topic.name, index) {
                writing.write(&owned(&topic.name), index, None);
            }
            let error = if is_subscribed {
                ErrorCode::GroupSubscribedToTopic
            } else {
                ErrorCode::None
            };
            partitions.push(OffsetDeleteResponsePartition {
                partition_index: index,
                error_code: error.to_wire(),
            });
        }
        response.topics.push(OffsetDeleteResponseTopic {
            name: topic.name.clone(),
            partitions,
        });
    }
    writing.finish(Some(Answer {
        to: context.token,
        response: Response::OffsetDelete(response),
    }));
}

/// Changes of one group's offsets that go to the log as one append.
pub(super) struct OffsetWriting<'a, 'b> {
    group: &'a mut Group,
    turn: &'a mut Turn<'b>,
    records: Vec<GroupRecord>,
    effects: Vec<Effect>,
}

impl<'a, 'b> OffsetWriting<'a, 'b> {
    pub(super) fn new(group: &'a mut Group, turn: &'a mut Turn<'b>) -> OffsetWriting<'a, 'b> {
        OffsetWriting {
            group,
            turn,
            records: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Adds the record of an offset, or its tombstone.
    pub(super) fn write(&mut self, topic: &Str, partition: i32, offset: Option<CommittedOffset>) {
        let id = &self.group.id;
        self.records.push(match &offset {
            Some(offset) => record::offset(id, topic, partition, offset),
            None => record::offset_tombstone(id, topic, partition),
        });
        self.effects.push(Effect::Offset {
            group: id.clone(),
            topic: topic.clone(),
            partition,
        });
        let token = self.turn.next_token();
        self.group.offsets.append(token, topic, partition, offset);
    }

    /// Adds the group's tombstone.
    pub(super) fn write_group_tombstone(&mut self) {
        self.records.push(record::group_tombstone(&self.group.id));
        self.effects.push(Effect::GroupDeleted {
            group: self.group.id.clone(),
        });
        self.group.become_dead();
    }

    /// Asks for the append. Without any change the answer goes out at once.
    pub(super) fn finish(self, answer: Option<Answer>) {
        if !self.records.is_empty() {
            self.turn.append(self.records, self.effects, answer);
        } else if let Some(Answer { to, response }) = answer {
            self.turn.respond(to, response);
        }
    }
}

fn fetched_topic(
    offsets: &GroupOffsets,
    requested: &OffsetFetchRequestTopics,
) -> OffsetFetchResponseTopics {
    let topic_id = TopicId::from_wire(requested.topic_id);
    // An offset of a topic that had this name before is none of this topic's.
    let is_other = |offset: &&CommittedOffset| matches!((offset.topic_id, topic_id), (Some(stored), Some(asked)) if stored != asked);
    let partition = |index: &i32| {
        let offset = offsets
            .committed(&requested.name, *index)
            .filter(|it| !is_other(it));
        fetched_partition(*index, offset)
    };
    OffsetFetchResponseTopics {
        name: requested.name.clone(),
        topic_id: requested.topic_id,
        partitions: requested.partition_indexes.iter().map(partition).collect(),
        ..OffsetFetchResponseTopics::default()
    }
}

fn all_topics(offsets: &GroupOffsets) -> Vec<OffsetFetchResponseTopics> {
    let mut topics: Vec<OffsetFetchResponseTopics> = Vec::new();
    for (name, index, offset) in offsets.all_committed() {
        if topics.last().is_none_or(|it| it.name != *name) {
            topics.push(OffsetFetchResponseTopics {
                name: name.clone(),
                topic_id: TopicId::option_to_wire(offset.topic_id),
                ..OffsetFetchResponseTopics::default()
            });
        }
        if let Some(topic) = topics.last_mut() {
            topic
                .partitions
                .push(fetched_partition(index, Some(offset)));
        }
    }
    topics
}

fn fetched_partition(
    index: i32,
    offset: Option<&CommittedOffset>,
) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index: index,
        committed_offset: offset.map_or(NO_OFFSET, |it| it.offset),
        committed_leader_epoch: LeaderEpoch::option_to_wire(offset.and_then(|it| it.leader_epoch)),
        metadata: Some(offset.map_or_else(Str::new, |it| it.metadata.clone())),
        ..OffsetFetchResponsePartitions::default()
    }
}
