//! OffsetCommit, OffsetFetch, OffsetDelete.

use broker_types::ErrorCode;
use broker_wire::Message;
use broker_wire::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use broker_wire::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use broker_wire::messages::offset_fetch_response::OffsetFetchResponse;

use crate::tests::harness::{Client, GROUP, World, commit_request, subscription};
use crate::{Config, RequestToken, Response, offset_fetch_groups, offset_fetch_response};

fn old_client() -> Client {
    Client {
        version: 3,
        ..Client::default()
    }
}

fn delete(world: &mut World, topic: &str) -> RequestToken {
    let request = OffsetDeleteRequest {
        group_id: GROUP.into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: topic.into(),
            partitions: vec![OffsetDeleteRequestPartition { partition_index: 0 }],
        }],
    };
    world.send(0, |it, now, context, actions| {
        it.handle_offset_delete(now, context, &request, actions);
    })
}

fn deleted(world: &World, token: RequestToken) -> ErrorCode {
    let Some(Response::OffsetDelete(response)) = world.answers.get(&token) else {
        panic!("{token:?} still waits");
    };
    let code = response
        .topics
        .first()
        .map_or(response.error_code, |it| it.partitions[0].error_code);
    ErrorCode::from_wire(code).unwrap()
}

#[test]
fn an_offset_is_shown_once_it_is_committed_and_not_before() {
    let mut world = World::new();
    world.commits = false;
    let first = world.commit_offset(9, "", -1, 5);
    assert!(!world.is_answered(first));
    assert_eq!(world.offset_of(GROUP, "topic"), -1);
    world.commit();
    assert_eq!(world.error(first), ErrorCode::None);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);

    // Two more: each is shown in its turn.
    let (second, third) = (
        world.commit_offset(9, "", -1, 6),
        world.commit_offset(9, "", -1, 7),
    );
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    let (token, records) = world.appends.remove(0);
    world.log.extend(records);
    let end = broker_types::Offset::new(2);
    world.act(|it, now, actions| it.handle_appended(now, token, end, actions));
    assert!(!world.is_answered(second), "appended is not committed");
    world.act(|it, now, actions| it.handle_committed(now, end, actions));
    assert_eq!(world.error(second), ErrorCode::None);
    assert_eq!(world.offset_of(GROUP, "topic"), 6);
    world.commit();
    assert_eq!(world.error(third), ErrorCode::None);
    assert_eq!(world.offset_of(GROUP, "topic"), 7);
}

/// Whose member id a commit bears.
enum Who {
    Member,
    Nobody,
    Stranger,
}

#[test]
fn who_may_commit() {
    let stable = || World::stable(&old_client());
    let preparing = || {
        let (mut world, id) = stable();
        world.join(&old_client());
        assert_eq!(world.state(), "PreparingRebalance");
        (world, id)
    };
    let completing = || {
        let mut world = World::new();
        let join = world.join(&old_client());
        world.pass(3000);
        let id = world.joined(join).member_id.to_string();
        assert_eq!(world.state(), "CompletingRebalance");
        (world, id)
    };
    let empty = || {
        let (mut world, id) = stable();
        world.leave(2, &[(&id, None)]);
        assert_eq!(world.state(), "Empty");
        (world, id)
    };
    let none = || (World::new(), String::new());
    type Setting<'a> = &'a dyn Fn() -> (World, String);
    let cases: &[(&str, Setting, i16, Who, i32, ErrorCode)] = &[
        (
            "member in Stable",
            &stable,
            9,
            Who::Member,
            1,
            ErrorCode::None,
        ),
        (
            "member in PreparingRebalance",
            &preparing,
            9,
            Who::Member,
            1,
            ErrorCode::None,
        ),
        (
            "member in CompletingRebalance",
            &completing,
            9,
            Who::Member,
            1,
            ErrorCode::RebalanceInProgress,
        ),
        (
            "older generation",
            &stable,
            9,
            Who::Member,
            0,
            ErrorCode::IllegalGeneration,
        ),
        (
            "newer generation",
            &stable,
            9,
            Who::Member,
            2,
            ErrorCode::IllegalGeneration,
        ),
        (
            "member without generation",
            &stable,
            9,
            Who::Member,
            -1,
            ErrorCode::IllegalGeneration,
        ),
        (
            "stranger",
            &stable,
            9,
            Who::Stranger,
            1,
            ErrorCode::UnknownMemberId,
        ),
        (
            "nobody while there are members",
            &stable,
            9,
            Who::Nobody,
            -1,
            ErrorCode::UnknownMemberId,
        ),
        (
            "nobody in PreparingRebalance",
            &preparing,
            9,
            Who::Nobody,
            -1,
            ErrorCode::UnknownMemberId,
        ),
        (
            "nobody in an empty group",
            &empty,
            9,
            Who::Nobody,
            -1,
            ErrorCode::None,
        ),
        (
            "former member",
            &empty,
            9,
            Who::Member,
            1,
            ErrorCode::UnknownMemberId,
        ),
        (
            "nobody, no group",
            &none,
            9,
            Who::Nobody,
            -1,
            ErrorCode::None,
        ),
        (
            "generation of no group, old",
            &none,
            8,
            Who::Stranger,
            1,
            ErrorCode::IllegalGeneration,
        ),
        (
            "generation of no group",
            &none,
            9,
            Who::Stranger,
            1,
            ErrorCode::GroupIdNotFound,
        ),
    ];
    for (name, setting, version, who, generation, error) in cases {
        let (mut world, id) = setting();
        let member_id = match who {
            Who::Member => id.as_str(),
            Who::Nobody => "",
            Who::Stranger => "stranger",
        };
        let token = world.commit_offset(*version, member_id, *generation, 5);
        assert_eq!(world.error(token), *error, "{name}");
        let expected = if error.is_none() { 5 } else { -1 };
        assert_eq!(world.offset_of(GROUP, "topic"), expected, "{name}");
    }
}

#[test]
fn a_commit_counts_as_a_sign_of_life() {
    let (mut world, id) = World::stable(&old_client());
    for _ in 0..3 {
        world.pass(9000);
        let token = world.commit_offset(9, &id, 1, 5);
        assert_eq!(world.error(token), ErrorCode::None);
    }
    assert_eq!(world.state(), "Stable");
}

#[test]
fn metadata_that_is_too_large_fails_for_its_partition_alone() {
    let mut world = World::new();
    let mut request = commit_request("", -1, "topic", 5);
    let mut too_large = request.topics[0].partitions[0].clone();
    too_large.partition_index = 1;
    too_large.committed_metadata = Some("m".repeat(4097).into());
    let mut just_fits = too_large.clone();
    just_fits.partition_index = 2;
    just_fits.committed_metadata = Some("m".repeat(4096).into());
    request.topics[0]
        .partitions
        .extend([too_large.clone(), just_fits]);
    let token = world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    let Some(Response::OffsetCommit(response)) = world.answers.get(&token) else {
        panic!()
    };
    let errors: Vec<_> = response.topics[0]
        .partitions
        .iter()
        .map(|it| it.error_code)
        .collect();
    assert_eq!(errors, [0, ErrorCode::OffsetMetadataTooLarge.to_wire(), 0]);
    assert_eq!(world.coordinator.n_offsets(), 2);

    // When nothing is left to write the answer goes out, and no group remains.
    let mut world = World::new();
    request.topics[0].partitions = vec![too_large];
    let token = world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    assert_eq!(world.error(token), ErrorCode::OffsetMetadataTooLarge);
    assert_eq!(world.coordinator.n_groups(), 0);
}

#[test]
fn a_commit_that_cannot_be_written_is_undone() {
    let cases = [
        (
            ErrorCode::NotEnoughReplicas,
            ErrorCode::CoordinatorNotAvailable,
        ),
        (ErrorCode::NotLeaderOrFollower, ErrorCode::NotCoordinator),
        (
            ErrorCode::MessageTooLarge,
            ErrorCode::InvalidCommitOffsetSize,
        ),
        (
            ErrorCode::RecordListTooLarge,
            ErrorCode::InvalidCommitOffsetSize,
        ),
    ];
    for (append_error, error) in cases {
        let mut world = World::new();
        world.commits = false;
        let token = world.commit_offset(9, "", -1, 5);
        world.fail(append_error);
        assert_eq!(world.error(token), error);
        assert_eq!(world.offset_of(GROUP, "topic"), -1);
        assert_eq!(world.coordinator.n_groups(), 0);
        assert_eq!(world.coordinator.n_offsets(), 0);
    }
}

#[test]
fn a_commit_that_fails_leaves_those_around_it_alone() {
    let mut world = World::new();
    world.commits = false;
    let tokens = [5, 6, 7].map(|offset| world.commit_offset(9, "", -1, offset));
    let (middle, _) = world.appends.remove(1);
    world.act(|it, now, actions| {
        it.handle_append_failed(now, middle, ErrorCode::NotEnoughReplicas, actions);
    });
    assert_eq!(world.error(tokens[1]), ErrorCode::CoordinatorNotAvailable);
    world.commit();
    assert_eq!(world.error(tokens[0]), ErrorCode::None);
    assert_eq!(world.error(tokens[2]), ErrorCode::None);
    assert_eq!(world.offset_of(GROUP, "topic"), 7);
}

#[test]
fn a_commit_that_takes_too_long_is_answered_and_may_still_count() {
    let mut world = World::new();
    world.commits = false;
    let token = world.commit_offset(9, "", -1, 5);
    world.pass(5000);
    assert_eq!(world.error(token), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(world.offset_of(GROUP, "topic"), -1);
    world.commit();
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
}

#[test]
fn offsets_and_waiting_writes_are_bounded() {
    let mut world = World::with(Config {
        offsets_max: 1,
        ..Config::default()
    });
    let token = world.commit_offset(9, "", -1, 5);
    assert_eq!(world.error(token), ErrorCode::None);
    let request = commit_request("", -1, "another", 5);
    let token = world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    assert_eq!(world.error(token), ErrorCode::PolicyViolation);
    let token = world.commit_offset(9, "", -1, 6);
    assert_eq!(
        world.error(token),
        ErrorCode::None,
        "one that is there may change"
    );

    let mut world = World::with(Config {
        writes_waiting_max: 1,
        ..Config::default()
    });
    world.commits = false;
    world.commit_offset(9, "", -1, 5);
    let token = world.commit_offset(9, "", -1, 6);
    assert_eq!(world.error(token), ErrorCode::CoordinatorNotAvailable);
}

#[test]
fn a_topic_made_again_does_not_inherit_offsets() {
    let mut world = World::new();
    let mut request = commit_request("", -1, "topic", 5);
    request.topics[0].topic_id = [1; 16];
    world.send(10, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    for (topic_id, offset) in [([1; 16], 5), ([0; 16], 5), ([2; 16], -1)] {
        let request = OffsetFetchRequestGroup {
            group_id: GROUP.into(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "topic".into(),
                topic_id,
                partition_indexes: vec![0],
                ..OffsetFetchRequestTopics::default()
            }]),
            ..OffsetFetchRequestGroup::default()
        };
        for world in [&world, &world.successor()] {
            let response = world.coordinator.fetch_offsets(&request);
            assert_eq!(response.topics[0].topic_id, topic_id);
            assert_eq!(response.topics[0].partitions[0].committed_offset, offset);
        }
    }
}

#[test]
fn fetching_without_topics_gives_all_that_is_committed() {
    let mut world = World::new();
    for topic in ["b", "a"] {
        let mut request = commit_request("", -1, topic, 5);
        let mut second = request.topics[0].partitions[0].clone();
        second.partition_index = 7;
        second.committed_leader_epoch = 3;
        second.committed_metadata = Some("m".into());
        request.topics[0].partitions.push(second);
        world.send(9, |it, now, context, actions| {
            it.handle_offset_commit(now, context, &request, actions);
        });
    }
    world.commits = false;
    let request = commit_request("", -1, "uncommitted", 5);
    world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    let all = OffsetFetchRequestGroup {
        group_id: GROUP.into(),
        topics: None,
        ..OffsetFetchRequestGroup::default()
    };
    let response = world.coordinator.fetch_offsets(&all);
    let names: Vec<_> = response.topics.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["a", "b"]);
    let last = &response.topics[1].partitions[1];
    assert_eq!(last.partition_index, 7);
    assert_eq!(last.committed_offset, 5);
    assert_eq!(last.committed_leader_epoch, 3);
    assert_eq!(last.metadata.as_deref(), Some("m"));
    let nowhere = OffsetFetchRequestGroup {
        group_id: "nowhere".into(),
        ..all
    };
    let response = world.coordinator.fetch_offsets(&nowhere);
    assert_eq!((response.error_code, response.topics.len()), (0, 0));
}

#[test]
fn offset_fetch_has_one_shape_inside_and_every_versions_outside() {
    let mut world = World::new();
    world.commit_offset(9, "", -1, 5);
    let loading = crate::GroupCoordinator::new(Config::default());
    for version in OffsetFetchResponse::VERSIONS.from..=OffsetFetchResponse::VERSIONS.to {
        let request = OffsetFetchRequest {
            group_id: GROUP.into(),
            topics: Some(vec![OffsetFetchRequestTopic {
                name: "topic".into(),
                partition_indexes: vec![0],
                ..OffsetFetchRequestTopic::default()
            }]),
            groups: vec![OffsetFetchRequestGroup {
                group_id: GROUP.into(),
                topics: Some(vec![OffsetFetchRequestTopics {
                    name: "topic".into(),
                    partition_indexes: vec![0],
                    ..OffsetFetchRequestTopics::default()
                }]),
                ..OffsetFetchRequestGroup::default()
            }],
            ..OffsetFetchRequest::default()
        };
        let groups = offset_fetch_groups(version, request);
        let served = groups
            .iter()
            .map(|it| world.coordinator.fetch_offsets(it))
            .collect();
        let served = offset_fetch_response(version, served);
        let refused = groups.iter().map(|it| loading.fetch_offsets(it)).collect();
        let refused = offset_fetch_response(version, refused);
        assert!(served.encode(version).is_ok(), "version {version}");
        assert!(refused.encode(version).is_ok(), "version {version}");
        let in_progress = ErrorCode::CoordinatorLoadInProgress.to_wire();
        if version >= 8 {
            assert_eq!(served.groups[0].topics[0].partitions[0].committed_offset, 5);
            assert_eq!(refused.groups[0].error_code, in_progress);
        } else {
            assert_eq!(served.topics[0].partitions[0].committed_offset, 5);
            let of_partition = refused.topics[0].partitions[0].error_code;
            let expected = if version == 1 {
                (0, in_progress)
            } else {
                (in_progress, 0)
            };
            assert_eq!(
                (refused.error_code, of_partition),
                expected,
                "version {version}"
            );
        }
    }
}

#[test]
fn offsets_that_a_consumer_may_be_using_are_not_deleted() {
    let client = Client {
        protocols: vec![("range".to_owned(), subscription(&["used", "topic"]))],
        ..old_client()
    };
    let (mut world, id) = World::stable(&client);
    let token = world.commit_offset(9, &id, 1, 5);
    assert_eq!(world.error(token), ErrorCode::None);
    let request = commit_request(&id, 1, "unused", 5);
    world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    let token = delete(&mut world, "topic");
    assert_eq!(deleted(&world, token), ErrorCode::GroupSubscribedToTopic);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    let token = delete(&mut world, "unused");
    assert_eq!(deleted(&world, token), ErrorCode::None);
    assert_eq!(world.offset_of(GROUP, "unused"), -1);
    assert_eq!(world.successor().offset_of(GROUP, "unused"), -1);
    let token = delete(&mut world, "never committed");
    assert_eq!(deleted(&world, token), ErrorCode::None);
}

#[test]
fn a_consumer_whose_subscription_cannot_be_read_may_be_using_anything() {
    let unreadable = [
        &b""[..],
        b"\0",
        b"\xff\xff",
        b"\0\0\x7f\xff\xff\xff",
        b"\0\0\0\0\0\x02\0\x01a",
    ];
    for metadata in unreadable {
        let client = Client {
            protocols: vec![("range".to_owned(), bytes::Bytes::copy_from_slice(metadata))],
            ..old_client()
        };
        let (mut world, id) = World::stable(&client);
        world.commit_offset(9, &id, 1, 5);
        let token = delete(&mut world, "topic");
        assert_eq!(
            deleted(&world, token),
            ErrorCode::GroupSubscribedToTopic,
            "{metadata:?}"
        );
    }
}

#[test]
fn offset_deletions_are_refused_for_these_reasons() {
    let mut world = World::new();
    let token = delete(&mut world, "topic");
    assert_eq!(world.error(token), ErrorCode::GroupIdNotFound);
    let client = Client {
        protocol_type: "connect".to_owned(),
        ..old_client()
    };
    let (mut world, _) = {
        let mut world = World::new();
        let join = world.join(&client);
        world.pass(3000);
        let id = world.joined(join).member_id.to_string();
        (world, id)
    };
    let token = delete(&mut world, "topic");
    assert_eq!(world.error(token), ErrorCode::NonEmptyGroup);
    let request = OffsetDeleteRequest::default();
    let token = world.send(0, |it, now, context, actions| {
        it.handle_offset_delete(now, context, &request, actions);
    });
    assert_eq!(world.error(token), ErrorCode::InvalidGroupId);
}

#[test]
fn a_deletion_is_shown_once_it_is_committed() {
    let mut world = World::new();
    world.commit_offset(9, "", -1, 5);
    world.commits = false;
    let first = delete(&mut world, "topic");
    let second = delete(&mut world, "topic");
    assert!(
        !world.is_answered(second),
        "it depends on what is not committed"
    );
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    world.fail(ErrorCode::NotEnoughReplicas);
    assert_eq!(world.error(first), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    world.commit();
    assert_eq!(deleted(&world, second), ErrorCode::None);
    assert_eq!(world.offset_of(GROUP, "topic"), -1);
}

#[test]
fn the_empty_group_id_may_commit_and_fetch() {
    let mut world = World::new();
    let mut request = commit_request("", -1, "topic", 5);
    request.group_id = "".into();
    let token = world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    assert_eq!(world.error(token), ErrorCode::None);
    assert_eq!(world.offset_of("", "topic"), 5);
}
