//! DescribeGroups, ListGroups, DeleteGroups.

use broker_types::ErrorCode;
use broker_wire::messages::list_groups_request::ListGroupsRequest;

use crate::tests::harness::{Client, GROUP, World, subscription};
use crate::{GroupState, RequestToken};

fn old_client() -> Client {
    Client {
        version: 3,
        ..Client::default()
    }
}

fn delete(world: &mut World) -> RequestToken {
    world.send(2, |it, now, context, actions| {
        it.handle_delete_group(now, context, &GROUP.into(), actions);
    })
}

#[test]
fn a_stable_group_is_described_whole() {
    let (world, id) = World::stable(&Client::with_instance("i"));
    let group = world.coordinator.describe_group(5, &GROUP.into());
    assert_eq!(group.error_code, 0);
    assert_eq!(group.group_state, "Stable");
    assert_eq!(group.protocol_type, "consumer");
    assert_eq!(group.protocol_data, "range");
    let member = &group.members[0];
    assert_eq!(member.member_id, id);
    assert_eq!(member.group_instance_id.as_deref(), Some("i"));
    assert_eq!(
        (&*member.client_id, &*member.client_host),
        ("client", "/127.0.0.1")
    );
    assert_eq!(member.member_metadata, subscription(&["topic"]));
    assert_eq!(member.member_assignment, b"all".as_slice());
}

#[test]
fn a_group_that_is_rebalancing_does_not_show_metadata() {
    let (mut world, _) = World::stable(&old_client());
    world.join(&old_client());
    let group = world.coordinator.describe_group(5, &GROUP.into());
    assert_eq!(group.group_state, "PreparingRebalance");
    assert_eq!(group.protocol_data, "");
    assert_eq!(group.members.len(), 2);
    assert!(group.members.iter().all(|it| it.member_metadata.is_empty()));
}

#[test]
fn a_missing_group_is_dead_and_from_version_6_also_not_found() {
    let world = World::new();
    for version in 0..=6 {
        let group = world.coordinator.describe_group(version, &GROUP.into());
        assert_eq!(group.group_state, "Dead");
        let expected = if version >= 6 {
            ErrorCode::GroupIdNotFound
        } else {
            ErrorCode::None
        };
        assert_eq!(group.error_code, expected.to_wire(), "version {version}");
        assert_eq!(group.error_message.is_some(), version >= 6);
    }
}

#[test]
fn groups_are_listed_by_state_and_type() {
    let (mut world, _) = World::stable(&old_client());
    let request = crate::tests::harness::commit_request("", -1, "topic", 5);
    let simple = broker_wire::messages::offset_commit_request::OffsetCommitRequest {
        group_id: "simple".into(),
        ..request
    };
    world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &simple, actions);
    });
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&[], &[], &["group", "simple"]),
        (&["Stable"], &[], &["group"]),
        (&["sTABLE", "EMPTY"], &[], &["group", "simple"]),
        (&["Empty"], &["classic"], &["simple"]),
        (&["Dead"], &[], &[]),
        (&["nonsense"], &[], &[]),
        (&[], &["Classic"], &["group", "simple"]),
        (&[], &["consumer"], &[]),
    ];
    for (states, types, expected) in cases {
        let request = ListGroupsRequest {
            states_filter: states.iter().map(|it| (*it).into()).collect(),
            types_filter: types.iter().map(|it| (*it).into()).collect(),
            ..ListGroupsRequest::default()
        };
        let groups = world.coordinator.list_groups(&request).unwrap();
        let ids: Vec<_> = groups.iter().map(|it| &*it.group_id).collect();
        assert_eq!(ids, *expected, "{states:?} {types:?}");
    }
    let groups = world
        .coordinator
        .list_groups(&ListGroupsRequest::default())
        .unwrap();
    assert_eq!(&*groups[0].protocol_type, "consumer");
    assert_eq!(&*groups[0].group_type, "Classic");
    assert_eq!(&*groups[1].protocol_type, "");
    assert_eq!(&*groups[1].group_state, GroupState::Empty.name());
}

#[test]
fn an_empty_group_is_deleted_with_its_offsets() {
    let (mut world, id) = World::stable(&old_client());
    world.commit_offset(9, &id, 1, 5);
    let token = delete(&mut world);
    assert_eq!(world.error(token), ErrorCode::NonEmptyGroup);
    world.leave(2, &[(&id, None)]);
    let token = delete(&mut world);
    assert_eq!(world.error(token), ErrorCode::None);
    for world in [&world, &world.successor()] {
        assert_eq!(world.state(), "none");
        assert_eq!(world.offset_of(GROUP, "topic"), -1);
        assert_eq!(world.coordinator.n_groups(), 0);
    }
    let token = delete(&mut world);
    assert_eq!(world.error(token), ErrorCode::GroupIdNotFound);
}

#[test]
fn a_deletion_takes_offsets_that_are_on_their_way_along() {
    let mut world = World::new();
    world.commits = false;
    let commit = world.commit_offset(9, "", -1, 5);
    let token = delete(&mut world);
    world.commit();
    assert_eq!(world.error(commit), ErrorCode::None);
    assert_eq!(world.error(token), ErrorCode::None);
    assert_eq!(world.coordinator.n_groups(), 0);
    assert_eq!(world.successor().coordinator.n_groups(), 0);
}

#[test]
fn a_group_that_is_being_deleted_is_dead_to_everybody() {
    let mut world = World::new();
    world.commit_offset(9, "", -1, 5);
    world.commits = false;
    let first = delete(&mut world);
    assert_eq!(world.state(), "Dead");
    let retriable = ErrorCode::CoordinatorNotAvailable;
    let join = world.join(&Client::default());
    assert_eq!(world.error(join), retriable);
    let sync = world.sync("m", 1, &[]);
    assert_eq!(world.error(sync), retriable);
    assert_eq!(world.heartbeat("m", 1), retriable);
    let leave = world.leave(3, &[("m", None)]);
    assert_eq!(world.error(leave), retriable);
    let commit = world.commit_offset(9, "", -1, 6);
    assert_eq!(world.error(commit), retriable);
    let second = delete(&mut world);
    assert_eq!(world.error(second), retriable);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);

    world.fail(ErrorCode::NotEnoughReplicas);
    assert_eq!(world.error(first), retriable);
    assert_eq!(world.state(), "Empty");
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    let commit = world.commit_offset(9, "", -1, 7);
    world.commit();
    assert_eq!(world.error(commit), ErrorCode::None);
}

#[test]
fn a_group_that_was_never_written_is_deleted_without_a_record() {
    let mut world = World::new();
    world.join(&Client::default());
    let token = delete(&mut world);
    assert_eq!(world.error(token), ErrorCode::None);
    assert_eq!(world.coordinator.n_groups(), 0);
    assert_eq!(world.log.len(), 0);
}
