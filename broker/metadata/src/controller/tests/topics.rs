//! Topics are created and deleted, or are not, and why.

use broker_wire::messages::create_topics_request::CreatableReplicaAssignment;
use broker_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};

use super::*;

fn assigned(name: &str, assignments: &[(i32, &[i32])]) -> CreatableTopic {
    let assignments = assignments
        .iter()
        .map(|(index, brokers)| CreatableReplicaAssignment {
            partition_index: *index,
            broker_ids: brokers.to_vec(),
            ..CreatableReplicaAssignment::default()
        });
    CreatableTopic {
        assignments: assignments.collect(),
        ..topic(name, -1, -1)
    }
}

#[test]
fn a_topic_is_created_with_all_that_it_has() {
    let mut world = World::with_brokers(3);
    let request = CreatableTopic {
        configs: vec![config("retention.ms", Some("1000"))],
        ..topic("orders", 3, 2)
    };
    let results = world.create(vec![request]);
    let result = &results[0];
    assert_eq!((result.error_code, &result.error_message), (0, &None));
    assert_eq!((result.num_partitions, result.replication_factor), (3, 2));
    let created = world.replayed.topic("orders").unwrap();
    assert_eq!(result.topic_id, created.id.to_bytes());
    assert_eq!(created.partition_count(), 3);
    let leaders = created.partitions().map(|(_, it)| it.leader.unwrap());
    let mut leaders: Vec<BrokerId> = leaders.collect();
    leaders.sort();
    assert_eq!(leaders, ids(&[1, 2, 3]));
    let first = world.partition("orders", 0);
    assert_eq!(first.isr, first.replicas);
    assert!(first.directories.iter().all(Option::is_some));
    let resource = ConfigResource::Topic("orders".into());
    let value = world.replayed.configs().value(&resource, "retention.ms");
    assert_eq!(value.map(|it| &**it), Some("1000"));
}

#[test]
fn topics_that_cannot_be_are_refused() {
    let mut world = World::with_brokers(3);
    world.create_topic("a.topic", 1, 1, 1);
    let with_config = |key: &str, value: Option<&str>| CreatableTopic {
        configs: vec![config(key, value)],
        ..topic("new", 1, 1)
    };
    let twice = CreatableTopic {
        configs: vec![
            config("retention.ms", Some("1")),
            config("retention.ms", Some("2")),
        ],
        ..topic("new", 1, 1)
    };
    let numbered = |partitions, factor| CreatableTopic {
        num_partitions: partitions,
        replication_factor: factor,
        ..assigned("new", &[(0, &[1])])
    };
    let cases = [
        (topic("", 1, 1), ErrorCode::InvalidTopicException),
        (topic("..", 1, 1), ErrorCode::InvalidTopicException),
        (topic("a topic", 1, 1), ErrorCode::InvalidTopicException),
        (
            topic(&"x".repeat(250), 1, 1),
            ErrorCode::InvalidTopicException,
        ),
        (topic("a_topic", 1, 1), ErrorCode::InvalidTopicException),
        (topic("a.topic", 1, 1), ErrorCode::TopicAlreadyExists),
        (topic("__cluster_metadata", 1, 1), ErrorCode::InvalidRequest),
        (topic("new", 0, 1), ErrorCode::InvalidPartitions),
        (topic("new", -2, 1), ErrorCode::InvalidPartitions),
        (topic("new", 10_001, 1), ErrorCode::PolicyViolation),
        (topic("new", i32::MAX, 1), ErrorCode::PolicyViolation),
        (topic("new", 1, 0), ErrorCode::InvalidReplicationFactor),
        (topic("new", 1, -2), ErrorCode::InvalidReplicationFactor),
        (topic("new", 1, 4), ErrorCode::InvalidReplicationFactor),
        (
            with_config("no.such.key", Some("1")),
            ErrorCode::InvalidConfig,
        ),
        (
            with_config("retention.ms", Some("soon")),
            ErrorCode::InvalidConfig,
        ),
        (with_config("retention.ms", None), ErrorCode::InvalidConfig),
        (twice, ErrorCode::InvalidConfig),
        (numbered(1, -1), ErrorCode::InvalidRequest),
        (numbered(-1, 1), ErrorCode::InvalidRequest),
        (
            assigned("new", &[(1, &[1])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("new", &[(0, &[1]), (0, &[2])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("new", &[(0, &[1]), (2, &[2])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("new", &[(0, &[])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("new", &[(0, &[1, 1])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("new", &[(0, &[1, 9])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("new", &[(0, &[-1])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("new", &[(0, &[1]), (1, &[1, 2])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
    ];
    for (topic, error) in cases {
        let results = world.create(vec![topic.clone()]);
        assert_eq!(code(results[0].error_code), error, "{topic:?}");
        assert!(
            results[0]
                .error_message
                .as_ref()
                .is_some_and(|it| !it.is_empty())
        );
        assert_eq!(world.replayed.topic_count(), 1, "{topic:?}");
    }
}

#[test]
fn one_topics_refusal_does_not_touch_the_others() {
    let mut world = World::with_brokers(1);
    let requested = ["one", "two", "two", "t.x", "t_x"].map(|it| topic(it, 1, 1));
    let results = world.create(requested.into());
    let codes: Vec<(&str, ErrorCode)> = results
        .iter()
        .map(|it| (&*it.name, code(it.error_code)))
        .collect();
    assert_eq!(
        codes,
        [
            ("one", ErrorCode::None),
            ("two", ErrorCode::InvalidRequest),
            ("t.x", ErrorCode::None),
            ("t_x", ErrorCode::InvalidTopicException),
        ]
    );
    assert_eq!(world.replayed.topic_count(), 2);
}

#[test]
fn the_limit_of_partitions_is_that_of_the_request() {
    let mut world = World::with_brokers(1);
    let requested = [
        topic("one", 6_000, 1),
        topic("two", 6_000, 1),
        topic("three", 4_000, 1),
    ];
    let results = world.create(requested.into());
    let codes: Vec<ErrorCode> = results.iter().map(|it| code(it.error_code)).collect();
    assert_eq!(
        codes,
        [ErrorCode::None, ErrorCode::PolicyViolation, ErrorCode::None]
    );
}

#[test]
fn validation_alone_writes_nothing_and_finds_the_same() {
    let mut world = World::with_brokers(1);
    let request = CreateTopicsRequest {
        topics: vec![
            topic("good", 2, 1),
            topic("bad", 0, 1),
            topic("t.x", 1, 1),
            topic("t_x", 1, 1),
        ],
        validate_only: true,
        ..CreateTopicsRequest::default()
    };
    let before = world.replayed.clone();
    let mut next = 0;
    let mut new_id = || {
        next += 1;
        TopicId::from_bytes([next; 16])
    };
    let decision = world
        .controller
        .create_topics(&request, &Rules, &mut new_id);
    assert!(decision.records.is_empty());
    let results = world.commit(decision).topics;
    assert_eq!(world.replayed, before);
    let codes: Vec<ErrorCode> = results.iter().map(|it| code(it.error_code)).collect();
    let collision = ErrorCode::InvalidTopicException;
    let expected = [
        ErrorCode::None,
        ErrorCode::InvalidPartitions,
        ErrorCode::None,
        collision,
    ];
    assert_eq!(codes, expected);
    assert_eq!(
        (results[0].num_partitions, results[0].topic_id),
        (2, [0; 16])
    );
}

#[test]
fn defaults_are_the_clusters() {
    let mut world = World::with_brokers(3);
    world.create(vec![topic("before", -1, -1)]);
    world.set_config(4, "", "num.partitions", Some("6"));
    world.set_config(4, "", "default.replication.factor", Some("3"));
    world.create(vec![topic("after", -1, -1)]);
    let sizes = |name: &str| {
        let count = world.replayed.topic(name).unwrap().partition_count();
        (count, world.partition(name, 0).replicas.len())
    };
    assert_eq!((sizes("before"), sizes("after")), ((1, 1), (6, 3)));
}

#[test]
fn assignments_are_taken_as_they_are_named() {
    let mut world = World::with_brokers(3);
    world.kill(1);
    let results = world.create(vec![assigned("orders", &[(1, &[3, 2]), (0, &[1, 2])])]);
    assert_eq!(code(results[0].error_code), ErrorCode::None);
    let first = world.partition("orders", 0);
    assert_eq!((&first.replicas, &first.isr), (&ids(&[1, 2]), &ids(&[2])));
    assert_eq!(first.leader, Some(BrokerId::new(2)));
    assert_eq!(world.partition("orders", 1).replicas, ids(&[3, 2]));
    let results = world.create(vec![assigned("offline", &[(0, &[1])])]);
    assert_eq!(
        code(results[0].error_code),
        ErrorCode::InvalidReplicaAssignment
    );
}

#[test]
fn replicas_may_be_put_on_fenced_brokers_but_not_all() {
    let mut world = World::with_brokers(3);
    world.kill(3);
    world.create_topic("orders", 3, 3, 2);
    for index in 0..3 {
        let partition = world.partition("orders", index);
        assert_eq!(partition.replicas.len(), 3);
        assert_eq!(partition.isr.len(), 2);
        assert_ne!(partition.leader, Some(BrokerId::new(3)));
    }
    world.kill(1);
    world.kill(2);
    let results = world.create(vec![topic("none", 1, 1)]);
    assert_eq!(
        code(results[0].error_code),
        ErrorCode::InvalidReplicationFactor
    );
}

#[test]
fn the_topic_of_groups_has_as_many_replicas_as_the_cluster_can_give() {
    let mut world = World::with_brokers(3);
    for (brokers, factor) in [(1, 1), (2, 2), (3, 3), (5, 3)] {
        let topic = group_metadata_topic(&world.replayed, brokers);
        assert_eq!(
            (topic.num_partitions, topic.replication_factor),
            (50, factor)
        );
    }
    let mut topic = group_metadata_topic(&world.replayed, 3);
    // The rules of this test know no other configs.
    topic.configs.retain(|it| &*it.name == "cleanup.policy");
    let results = world.create(vec![topic]);
    assert_eq!(code(results[0].error_code), ErrorCode::None);
    let topic = world.replayed.topic(GROUP_METADATA_TOPIC_NAME).unwrap();
    assert_eq!(topic.partition_count(), 50);
}

#[test]
fn topics_are_deleted_by_name_or_by_id() {
    let mut world = World::with_brokers(1);
    for name in ["one", "two", "three", "four"] {
        world.create_topic(name, 2, 1, 1);
    }
    let id_of = |world: &World, name: &str| world.replayed.topic(name).unwrap().id.to_bytes();
    let two = id_of(&world, "two");
    let named = |name: &str| DeleteTopicState {
        name: Some(name.into()),
        ..DeleteTopicState::default()
    };
    let by_id = |topic_id| DeleteTopicState {
        name: None,
        topic_id,
        ..DeleteTopicState::default()
    };
    let request = DeleteTopicsRequest {
        topics: vec![
            named("one"),
            by_id(two),
            named("no"),
            by_id([9; 16]),
            named("three"),
            named("three"),
            by_id([0; 16]),
            DeleteTopicState {
                topic_id: two,
                ..named("four")
            },
        ],
        ..DeleteTopicsRequest::default()
    };
    let decision = world.controller.delete_topics(&request);
    let responses = world.commit(decision).responses;
    let codes: Vec<ErrorCode> = responses.iter().map(|it| code(it.error_code)).collect();
    let twice = ErrorCode::InvalidRequest;
    // "two" is named twice: by its id, and in the last entry, which is not valid in itself.
    assert_eq!(
        codes,
        [
            ErrorCode::None,
            twice,
            ErrorCode::UnknownTopicOrPartition,
            ErrorCode::UnknownTopicId,
            twice,
            twice,
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidRequest,
        ]
    );
    let request = DeleteTopicsRequest {
        topics: vec![by_id(two)],
        topic_names: vec!["three".into()],
        ..DeleteTopicsRequest::default()
    };
    let decision = world.controller.delete_topics(&request);
    let responses = world.commit(decision).responses;
    assert_eq!(responses[0].name.as_deref(), Some("two"));
    assert_eq!((responses[0].topic_id, responses[1].error_code), (two, 0));
    let names: Vec<&str> = world.replayed.topics().map(|it| &*it.name).collect();
    assert_eq!(names, ["four"]);
    assert_eq!(
        world.replayed.configs().iter().count(),
        1,
        "configs went with their topics"
    );
}

#[test]
fn deletion_can_be_switched_off() {
    let mut world = World::with_brokers(1);
    world.create_topic("one", 1, 1, 1);
    world.set_config(4, "", "delete.topic.enable", Some("false"));
    let request = DeleteTopicsRequest {
        topic_names: vec!["one".into()],
        ..DeleteTopicsRequest::default()
    };
    let decision = world.controller.delete_topics(&request);
    let responses = world.commit(decision).responses;
    assert_eq!(
        code(responses[0].error_code),
        ErrorCode::TopicDeletionDisabled
    );
    assert!(world.replayed.topic("one").is_some());
}
