//! ListOffsets: where a log begins, ends, or has a time.
//!
//! In: a timestamp, or one of the numbers below zero that stand for a place. Out: an offset.

use std::collections::BTreeSet;
use std::sync::Arc;

use broker_log::FoundRecord;
use broker_replica::RoleKind;
use broker_types::{ErrorCode, LeaderEpoch, PartitionIndex, Timestamp, TopicPartition};
use broker_wire::Str;
use broker_wire::messages::list_offsets_request::ListOffsetsPartition;
use broker_wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use broker_wire::messages::{ListOffsetsRequest, ListOffsetsResponse};

use super::fetch::check_epoch;
use crate::connection::RequestContext;
use crate::node::Node;
use crate::partitions::PartitionView;
use crate::world::World;

/// Places that have no timestamp.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;
/// First version that knows each of them.
const PLACES_FROM: &[(i64, i16)] = &[
    (LATEST, 1),
    (EARLIEST, 1),
    (MAX_TIMESTAMP, 7),
    (EARLIEST_LOCAL, 8),
    (LATEST_TIERED, 9),
    (EARLIEST_PENDING_UPLOAD, 11),
];
/// First version that can be told that a new leader does not know the answer yet.
const NOT_AVAILABLE_FROM: i16 = 5;
/// First version whose answer has room for the leader's epoch.
const LEADER_EPOCH_FROM: i16 = 4;

/// What was found: offset, timestamp, leader epoch.
type Found = (i64, i64, i32);
const NOTHING: Found = (-1, -1, -1);

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let twice = named_twice(&request);
    let mut topics = Vec::new();
    for topic in request.topics {
        let mut partitions = Vec::new();
        for wanted in &topic.partitions {
            let found = if twice.contains(&(topic.name.clone(), wanted.partition_index)) {
                Err(ErrorCode::InvalidRequest)
            } else {
                find(node, context, &topic.name, wanted).await
            };
            partitions.push(answer(context.api_version, wanted.partition_index, found));
        }
        topics.push(ListOffsetsTopicResponse {
            name: topic.name,
            partitions,
            ..ListOffsetsTopicResponse::default()
        });
    }
    ListOffsetsResponse {
        topics,
        ..ListOffsetsResponse::default()
    }
}

/// The partitions of which the request wants to know more than one thing.
fn named_twice(request: &ListOffsetsRequest) -> BTreeSet<(Str, i32)> {
    let mut met = BTreeSet::new();
    let named = request.topics.iter().flat_map(|topic| {
        let partitions = topic.partitions.iter();
        partitions.map(|it| (topic.name.clone(), it.partition_index))
    });
    named.filter(|it| !met.insert(it.clone())).collect()
}

fn answer(
    version: i16,
    partition_index: i32,
    found: Result<Found, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let (error, (offset, timestamp, leader_epoch)) = match found {
        Ok(found) => (ErrorCode::None, found),
        Err(error) => (error, NOTHING),
    };
    ListOffsetsPartitionResponse {
        partition_index,
        error_code: error.to_wire(),
        timestamp,
        offset,
        leader_epoch: if version >= LEADER_EPOCH_FROM {
            leader_epoch
        } else {
            -1
        },
        ..ListOffsetsPartitionResponse::default()
    }
}

/// Refuses what would be taken for a timestamp though it lies before all time.
fn check_timestamp(version: i16, timestamp: i64) -> Result<(), ErrorCode> {
    let mut places = PLACES_FROM.iter();
    let is_known =
        timestamp >= 0 || places.any(|(place, from)| *place == timestamp && *from <= version);
    is_known.then_some(()).ok_or(ErrorCode::UnsupportedVersion)
}

async fn find<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    topic: &str,
    wanted: &ListOffsetsPartition,
) -> Result<Found, ErrorCode> {
    check_timestamp(context.api_version, wanted.timestamp)?;
    let image = node.image();
    let topic = image
        .topic(topic)
        .ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let index = PartitionIndex::from_wire(wanted.partition_index);
    let index = index.filter(|it| topic.partition(*it).is_some());
    let partition = index.ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let id = TopicPartition {
        topic_id: topic.id,
        partition,
    };
    let view = node
        .partitions
        .partition(id)
        .ok_or(ErrorCode::NotLeaderOrFollower)?
        .view();
    if view.role != RoleKind::Leader {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    check_epoch(
        LeaderEpoch::from_wire(wanted.current_leader_epoch),
        view.leader_epoch,
    )?;
    let not_known = if context.api_version >= NOT_AVAILABLE_FROM {
        ErrorCode::OffsetNotAvailable
    } else {
        ErrorCode::LeaderNotAvailable
    };
    let epoch = LeaderEpoch::option_to_wire(view.leader_epoch);
    match wanted.timestamp {
        EARLIEST | EARLIEST_LOCAL => Ok((view.log.log_start_offset().to_wire(), -1, epoch)),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(NOTHING),
        LATEST if view.is_settled => Ok((view.high_watermark.to_wire(), -1, epoch)),
        LATEST => Err(not_known),
        timestamp => {
            let is_settled = view.is_settled;
            let found = search(node, view, timestamp).await?;
            match found {
                Some(it) => Ok((
                    it.offset.to_wire(),
                    it.timestamp.as_millis(),
                    LeaderEpoch::option_to_wire(it.leader_epoch),
                )),
                // What earlier leaders left may hold it, once that is known to be committed.
                None if !is_settled => Err(not_known),
                None => Ok(NOTHING),
            }
        }
    }
}

/// Looks a timestamp up in the files, on a thread that may wait for the disk.
async fn search<W: World>(
    node: &Arc<Node<W>>,
    view: Arc<PartitionView<W::Dir>>,
    timestamp: i64,
) -> Result<Option<FoundRecord>, ErrorCode> {
    let found = node.world.block(move || {
        let upper_bound = view.high_watermark;
        if timestamp == MAX_TIMESTAMP {
            view.log.first_with_max_timestamp(upper_bound)
        } else {
            view.log
                .first_at_or_after(Timestamp::from_millis(timestamp), upper_bound)
        }
    });
    found.await.map_err(|error| {
        if matches!(error, broker_log::Error::StaleView { .. }) {
            // The log has changed under the search: whoever asks again finds what there is by then.
            return ErrorCode::NotLeaderOrFollower;
        }
        tracing::error!("failed to look a timestamp up: {error}");
        ErrorCode::KafkaStorageError
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_from_its_version_on_and_others_below_zero_never() {
        for (timestamp, from) in [(-1, 1), (-2, 1), (-3, 7), (-4, 8), (-5, 9), (-6, 11)] {
            for version in 1..=11 {
                let expected = if version >= from {
                    Ok(())
                } else {
                    Err(ErrorCode::UnsupportedVersion)
                };
                let checked = check_timestamp(version, timestamp);
                assert_eq!(checked, expected, "{timestamp} in version {version}");
            }
        }
        for version in 1..=11 {
            let refused = Err(ErrorCode::UnsupportedVersion);
            assert_eq!(check_timestamp(version, -7), refused);
            assert_eq!(check_timestamp(version, i64::MIN), refused);
            assert_eq!(check_timestamp(version, 0), Ok(()));
            assert_eq!(check_timestamp(version, i64::MAX), Ok(()));
        }
    }
}
