//! Topics get more partitions.

use broker_wire::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};

use super::*;

fn more(name: &str, count: i32, assignments: Option<&[&[i32]]>) -> CreatePartitionsTopic {
    let assignment = |it: &&[i32]| CreatePartitionsAssignment {
        broker_ids: it.to_vec(),
        ..CreatePartitionsAssignment::default()
    };
    CreatePartitionsTopic {
        name: name.into(),
        count,
        assignments: assignments.map(|it| it.iter().map(assignment).collect()),
        ..CreatePartitionsTopic::default()
    }
}

#[track_caller]
fn ask(
    world: &mut World,
    topics: Vec<CreatePartitionsTopic>,
    validate_only: bool,
) -> Vec<ErrorCode> {
    let request = CreatePartitionsRequest {
        topics,
        validate_only,
        ..CreatePartitionsRequest::default()
    };
    let decision = world.controller.create_partitions(&request);
    let results = world.commit(decision).results;
    results.iter().map(|it| code(it.error_code)).collect()
}

fn count(world: &World, name: &str) -> usize {
    world.replayed.topic(name).unwrap().partition_count()
}

#[test]
fn partitions_are_added_and_the_old_ones_stay() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 2, 2, 1);
    let before = [world.partition("orders", 0), world.partition("orders", 1)];
    assert_eq!(
        ask(&mut world, vec![more("orders", 3, None)], true),
        [ErrorCode::None]
    );
    assert_eq!(count(&world, "orders"), 2);
    assert_eq!(
        ask(&mut world, vec![more("orders", 3, None)], false),
        [ErrorCode::None]
    );
    assert_eq!(count(&world, "orders"), 3);
    assert_eq!(
        [world.partition("orders", 0), world.partition("orders", 1)],
        before
    );
    // The broker that led nothing leads the new one.
    let leaders: std::collections::BTreeSet<_> = (0..3)
        .map(|it| world.partition("orders", it).leader)
        .collect();
    assert_eq!(leaders.len(), 3);
    let named: [&[i32]; 1] = [&[3, 1]];
    let named = more("orders", 4, Some(&named));
    assert_eq!(ask(&mut world, vec![named], false), [ErrorCode::None]);
    assert_eq!(world.partition("orders", 3).replicas, ids(&[3, 1]));
}

#[test]
fn requests_that_cannot_be_are_refused() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 2, 2, 1);
    let assignments: [&[&[i32]]; 5] = [&[], &[&[1, 2], &[1, 2]], &[&[1]], &[&[1, 1]], &[&[1, 9]]];
    let mut cases = vec![
        (more("none", 3, None), ErrorCode::UnknownTopicOrPartition),
        (more("orders", 2, None), ErrorCode::InvalidPartitions),
        (more("orders", 1, None), ErrorCode::InvalidPartitions),
        (more("orders", -1, None), ErrorCode::InvalidPartitions),
        (more("orders", 10_003, None), ErrorCode::PolicyViolation),
        (more("orders", i32::MAX, None), ErrorCode::PolicyViolation),
    ];
    for named in assignments {
        let invalid = ErrorCode::InvalidReplicaAssignment;
        cases.push((more("orders", 3, Some(named)), invalid));
    }
    for (topic, error) in cases {
        assert_eq!(
            ask(&mut world, vec![topic.clone()], false),
            [error],
            "{topic:?}"
        );
        assert_eq!(count(&world, "orders"), 2);
    }
    let twice = vec![more("orders", 3, None), more("orders", 4, None)];
    assert_eq!(
        ask(&mut world, twice, false),
        [ErrorCode::InvalidRequest; 2]
    );
}
