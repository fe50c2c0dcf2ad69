//! DescribeLogDirs: what lies in this broker's log directory, and how large it is.
//!
//! In: partitions, or all. Out: sizes. Never here: another broker's.

use std::collections::{BTreeMap, BTreeSet};

use broker_wire::Str;
use broker_wire::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use broker_wire::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};

use crate::node::Node;
use crate::world::World;

pub(super) fn handle<W: World>(
    node: &Node<W>,
    request: &DescribeLogDirsRequest,
) -> DescribeLogDirsResponse {
    let asked: Option<BTreeSet<(&str, i32)>> = request.topics.as_ref().map(|topics| {
        let partitions = topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(|it| (&*topic.topic, *it)));
        partitions.collect()
    });
    let is_wanted = |topic: &str, partition: i32| {
        let asked = asked.as_ref();
        asked.is_none_or(|it| it.contains(&(topic, partition)))
    };
    let mut topics: BTreeMap<Str, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
    for (id, partition) in node.partitions.all().iter() {
        let partition_index = id.partition.to_wire();
        if !is_wanted(&partition.topic, partition_index) {
            continue;
        }
        let view = partition.view();
        let behind = view.high_watermark.distance_from(view.log.log_end_offset());
        topics
            .entry(partition.topic.clone())
            .or_default()
            .push(DescribeLogDirsPartition {
                partition_index,
                partition_size: i64::try_from(view.log.size_in_bytes()).unwrap_or(i64::MAX),
                offset_lag: i64::try_from(behind).unwrap_or(i64::MAX),
                ..DescribeLogDirsPartition::default()
            });
    }
    let topics = topics
        .into_iter()
        .map(|(name, partitions)| DescribeLogDirsTopic {
            name,
            partitions,
            ..DescribeLogDirsTopic::default()
        });
    let space = node.room.space();
    let bytes = |it: Option<u64>| it.and_then(|it| i64::try_from(it).ok()).unwrap_or(-1);
    let directory = DescribeLogDirsResult {
        log_dir: node.config.log_dir.to_string_lossy().into_owned().into(),
        topics: topics.collect(),
        total_bytes: bytes(space.map(|it| it.total)),
        usable_bytes: bytes(space.map(|it| it.usable)),
        ..DescribeLogDirsResult::default()
    };
    DescribeLogDirsResponse {
        results: vec![directory],
        ..DescribeLogDirsResponse::default()
    }
}
