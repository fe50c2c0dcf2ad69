//! OffsetFetch in one shape: before version 8 it asks about one group, from then on about many.
//!
//! In: a request or the groups' answers, and the version. Out: groups to ask, or a response.
//! Never here: the offsets themselves.

use std::collections::{BTreeMap, BTreeSet};

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

/// The groups that a request asks about, whatever its version: each once, with all that it is asked
/// for, so that a small request cannot ask for the same offsets any number of times.
pub fn offset_fetch_groups(
    version: i16,
    request: OffsetFetchRequest,
) -> Vec<OffsetFetchRequestGroup> {
    if version >= MANY_GROUPS_FROM {
        return merged(request.groups);
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
    merged(vec![OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics,
        ..OffsetFetchRequestGroup::default()
    }])
}

fn merged(asked: Vec<OffsetFetchRequestGroup>) -> Vec<OffsetFetchRequestGroup> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<OffsetFetchRequestGroup> = Vec::new();
    for group in asked {
        let place = *places.entry(group.group_id.clone()).or_insert(groups.len());
        let Some(first) = groups.get_mut(place) else {
            groups.push(group);
            continue;
        };
        // No list asks for all topics.
        first.topics = first
            .topics
            .take()
            .zip(group.topics)
            .map(|(mut topics, more)| {
                topics.extend(more);
                topics
            });
    }
    for topics in groups.iter_mut().filter_map(|it| it.topics.as_mut()) {
        *topics = merged_topics(std::mem::take(topics));
    }
    groups
}

fn merged_topics(asked: Vec<OffsetFetchRequestTopics>) -> Vec<OffsetFetchRequestTopics> {
    let mut places = BTreeMap::new();
    let mut topics: Vec<(OffsetFetchRequestTopics, BTreeSet<i32>)> = Vec::new();
    for mut topic in asked {
        let indexes = std::mem::take(&mut topic.partition_indexes);
        let key = (topic.name.clone(), topic.topic_id);
        let place = *places.entry(key).or_insert(topics.len());
        if place == topics.len() {
            topics.push((topic, BTreeSet::new()));
        }
        if let Some((topic, met)) = topics.get_mut(place) {
            let new = indexes.into_iter().filter(|it| met.insert(*it));
            topic.partition_indexes.extend(new);
        }
    }
    topics.into_iter().map(|(topic, _)| topic).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &'static str, partition_indexes: &[i32]) -> OffsetFetchRequestTopics {
        OffsetFetchRequestTopics {
            name: name.into(),
            partition_indexes: partition_indexes.to_vec(),
            ..OffsetFetchRequestTopics::default()
        }
    }

    #[test]
    fn what_is_asked_for_again_is_asked_for_once() {
        let group = |id: &'static str, topics| OffsetFetchRequestGroup {
            group_id: id.into(),
            topics,
            ..OffsetFetchRequestGroup::default()
        };
        let request = OffsetFetchRequest {
            groups: vec![
                group("some", Some(vec![topic("a", &[1, 0, 1]), topic("b", &[0])])),
                group("all", Some(vec![topic("a", &[0])])),
                group("some", Some(vec![topic("a", &[0, 2])])),
                group("all", None),
                group("all", Some(vec![topic("b", &[0])])),
            ],
            ..OffsetFetchRequest::default()
        };
        let expected = [
            group("some", Some(vec![topic("a", &[1, 0, 2]), topic("b", &[0])])),
            group("all", None),
        ];
        assert_eq!(offset_fetch_groups(9, request), expected);
    }
}
