//! OffsetFetch in one shape: before version 8 it asks about one group, from then on about many.
//!
//! In: a request or the groups' answers, and the version. Out: groups to ask, or a response.
//! Never here: the offsets themselves.

use broker_types::ErrorCode;
use broker_wire::Str;
use broker_wire::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use broker_wire::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};

/// First version that asks about several groups.
const MANY_GROUPS_FROM: i16 = 8;

/// First version with an error code beside the topics.
const TOP_LEVEL_ERROR_FROM: i16 = 2;

/// The groups that a request asks about, whatever its version.
pub fn offset_fetch_groups(
    version: i16,
    request: OffsetFetchRequest,
) -> Vec<OffsetFetchRequestGroup> {
    if version >= MANY_GROUPS_FROM {
        return request.groups;
    }
    let topics = request.topics.map(|topics| {
        topics
            .into_iter()
            .map(|topic| OffsetFetchRequestTopics {
                name: topic.name,
                partition_indexes: topic.partition_indexes,
                ..OffsetFetchRequestTopics::default()
            })
            .collect()
    });
    vec![OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics,
        ..OffsetFetchRequestGroup::default()
    }]
}

/// The answer about a group that nothing can be said of.
///
/// It names all partitions that were asked for: before version 2 only they carry the error, and a
/// client that is told of none believes that nothing is committed.
pub fn refused_offset_fetch(
    asked: &OffsetFetchRequestGroup,
    error: ErrorCode,
) -> OffsetFetchResponseGroup {
    let partition = |index: &i32| OffsetFetchResponsePartitions {
        partition_index: *index,
        committed_offset: -1,
        metadata: Some(Str::new()),
        ..OffsetFetchResponsePartitions::default()
    };
    let topic = |it: &OffsetFetchRequestTopics| OffsetFetchResponseTopics {
        name: it.name.clone(),
        topic_id: it.topic_id,
        partitions: it.partition_indexes.iter().map(partition).collect(),
        ..OffsetFetchResponseTopics::default()
    };
    OffsetFetchResponseGroup {
        group_id: asked.group_id.clone(),
        topics: asked.topics.iter().flatten().map(topic).collect(),
        error_code: error.to_wire(),
        ..OffsetFetchResponseGroup::default()
    }
}

/// The response to such a request. `groups` answers [`offset_fetch_groups`] one to one.
///
/// Version 1 has no room for a group's error, so there each partition carries it.
pub fn offset_fetch_response(
    version: i16,
    groups: Vec<OffsetFetchResponseGroup>,
) -> OffsetFetchResponse {
    if version >= MANY_GROUPS_FROM {
        return OffsetFetchResponse {
            groups,
            ..OffsetFetchResponse::default()
        };
    }
    let group = groups.into_iter().next().unwrap_or_default();
    let error_code = group.error_code;
    let partition = |it: OffsetFetchResponsePartitions| OffsetFetchResponsePartition {
        partition_index: it.partition_index,
        committed_offset: it.committed_offset,
        committed_leader_epoch: it.committed_leader_epoch,
        metadata: it.metadata,
        error_code: if version < TOP_LEVEL_ERROR_FROM && error_code != 0 {
            error_code
        } else {
            it.error_code
        },
        ..OffsetFetchResponsePartition::default()
    };
    let topic = |it: OffsetFetchResponseTopics| OffsetFetchResponseTopic {
        name: it.name,
        partitions: it.partitions.into_iter().map(partition).collect(),
        ..OffsetFetchResponseTopic::default()
    };
    OffsetFetchResponse {
        error_code: if version < TOP_LEVEL_ERROR_FROM {
            0
        } else {
            error_code
        },
        topics: group.topics.into_iter().map(topic).collect(),
        ..OffsetFetchResponse::default()
    }
}
