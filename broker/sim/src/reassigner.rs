//! Reassignments under an id and a throttle, as the operator asks for them over the control service.
//!
//! In: nodes, partitions. Out: questions to each of them, of which one that is the active controller
//! decides. Never here: the service itself, or what came of it: the images show that.

use broker_metadata::controller::{PartitionTarget, ReassignmentSpec};
use broker_node::control::Question;
use broker_types::BrokerId;
use futures::FutureExt;

use crate::cluster::Cluster;

/// Few, so that the same one is often asked for again.
const IDS: [&str; 2] = ["a", "b"];
/// What the logs of a run pass in well under the time in which all must be well again.
const THROTTLE: (u64, u64) = (50_000, 1_000_000);
const PARTITIONS_MAX: usize = 3;

/// Begins a reassignment, alters it or takes it back.
pub(crate) fn reassign(cluster: &Cluster, places: &[(&str, i32)]) {
    let chance = &cluster.around.chance;
    let id = IDS.get(chance.index(IDS.len())).copied().unwrap_or("a");
    let targets = (0..=chance.index(PARTITIONS_MAX)).filter_map(|_| {
        let (topic, partition) = chance.pick(places)?;
        Some(PartitionTarget {
            topic: topic.into(),
            partition,
            replicas: three(cluster),
        })
    });
    let asked = ReassignmentSpec {
        id: id.into(),
        throttle: Some(chance.between(THROTTLE.0, THROTTLE.1)),
        targets: targets.collect(),
        may_change_factor: true,
    };
    let question = match chance.index(4) {
        0 | 1 => Question::StartReassignment(asked),
        2 => Question::AlterReassignment(asked),
        _ => Question::CancelReassignment {
            id: id.into(),
            only: None,
        },
    };
    for node in cluster.brokers.iter().filter_map(|it| it.node()) {
        // Asked is what counts here; the answer may be lost, as others are.
        let _ = node.decide(question.clone()).now_or_never();
        if node.image().reassignments().len() > 0 {
            let mark = "partitions move under an id and a throttle";
            cluster.around.trace.mark(mark);
        }
    }
}

fn three(cluster: &Cluster) -> Vec<i32> {
    let mut left: Vec<BrokerId> = cluster.ids.to_vec();
    let mut target = Vec::new();
    while target.len() < 3 && !left.is_empty() {
        let one = cluster.around.chance.index(left.len());
        target.push(left.swap_remove(one).to_wire());
    }
    target
}
