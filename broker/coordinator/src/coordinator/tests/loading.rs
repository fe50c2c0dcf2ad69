//! A coordinator's beginning and end.

use broker_types::{ErrorCode, Monotonic, Offset};
use broker_wire::messages::group_metadata_value::GroupMetadataValue;
use broker_wire::messages::list_groups_request::ListGroupsRequest;

use crate::tests::harness::{Client, GROUP, World};
use crate::{Config, GroupCoordinator};

fn old_client() -> Client {
    Client {
        version: 3,
        ..Client::default()
    }
}

/// Sends one request of each kind and checks that all get `error`.
fn check_all_refused(world: &mut World, error: ErrorCode, heartbeat: ErrorCode) {
    let join = world.join(&Client::default());
    let sync = world.sync("m", 1, &[]);
    let leave = world.leave(3, &[("m", None)]);
    let commit = world.commit_offset(9, "", -1, 5);
    let request = broker_wire::messages::offset_delete_request::OffsetDeleteRequest {
        group_id: GROUP.into(),
        ..Default::default()
    };
    let offset_delete = world.send(0, |it, now, context, actions| {
        it.handle_offset_delete(now, context, &request, actions);
    });
    let delete = world.send(0, |it, now, context, actions| {
        it.handle_delete_group(now, context, &GROUP.into(), actions);
    });
    for token in [join, sync, leave, commit, offset_delete, delete] {
        assert_eq!(world.error(token), error);
    }
    assert_eq!(world.heartbeat("m", 1), heartbeat);
    let coordinator = &world.coordinator;
    assert_eq!(
        coordinator.describe_group(6, &GROUP.into()).error_code,
        error.to_wire()
    );
    assert_eq!(
        coordinator.list_groups(&ListGroupsRequest::default()),
        Err(error)
    );
    let fetch = broker_wire::messages::offset_fetch_request::OffsetFetchRequestGroup {
        group_id: GROUP.into(),
        ..Default::default()
    };
    assert_eq!(
        coordinator.fetch_offsets(&fetch).error_code,
        error.to_wire()
    );
    assert_eq!(coordinator.next_deadline(), Monotonic::NEVER);
}

#[test]
fn nothing_is_served_before_the_partition_is_loaded() {
    let mut world = World::new();
    world.coordinator = GroupCoordinator::new(Config::default());
    // Clients take the answer to a heartbeat of theirs as life: they go on until it is loaded.
    check_all_refused(
        &mut world,
        ErrorCode::CoordinatorLoadInProgress,
        ErrorCode::None,
    );
}

#[test]
fn nothing_is_served_once_the_partition_is_led_from_elsewhere() {
    let (mut world, _) = World::stable(&old_client());
    world.act(GroupCoordinator::unload);
    check_all_refused(
        &mut world,
        ErrorCode::NotCoordinator,
        ErrorCode::NotCoordinator,
    );
}

#[test]
fn everyone_who_waits_is_sent_to_the_new_coordinator() {
    let (mut world, id) = World::stable(&old_client());
    world.commits = false;
    let commit = world.commit_offset(9, &id, 1, 5);
    let join = world.join(&old_client());
    world.act(GroupCoordinator::unload);
    for token in [commit, join] {
        assert_eq!(world.error(token), ErrorCode::NotCoordinator);
    }

    let mut world = World::new();
    let join = world.join(&old_client());
    world.pass(3000);
    let id = world.joined(join).member_id.to_string();
    world.commits = false;
    let sync = world.sync(&id, 1, &[]);
    world.act(GroupCoordinator::unload);
    assert_eq!(world.error(sync), ErrorCode::NotCoordinator);
    // News of appends that were on their way finds nobody.
    world.commit();
}

#[test]
fn a_successor_goes_on_where_the_log_ends() {
    let (mut world, id) = World::stable(&old_client());
    world.commit_offset(9, &id, 1, 5);
    let mut successor = world.successor();
    assert_eq!(successor.state(), "Stable");
    assert_eq!(successor.offset_of(GROUP, "topic"), 5);
    assert_eq!(successor.heartbeat(&id, 1), ErrorCode::None);
    let sync = successor.sync(&id, 1, &[]);
    assert_eq!(successor.synced(sync).assignment, b"all".as_slice());
    let commit = successor.commit_offset(9, &id, 1, 6);
    assert_eq!(successor.error(commit), ErrorCode::None);
    // Members that do not come are gone after one whole session.
    successor.pass(9999);
    assert_eq!(successor.state(), "Stable");
    successor.pass(1);
    assert_eq!(successor.state(), "Empty");
}

#[test]
fn a_group_above_the_limit_is_made_to_rebalance_when_it_is_loaded() {
    let mut world = World::new();
    let joins = [world.join(&old_client()), world.join(&old_client())];
    world.pass(6000);
    let ids: Vec<_> = joins
        .iter()
        .map(|it| world.joined(*it).member_id.to_string())
        .collect();
    world.sync(&ids[1], 1, &[]);
    world.sync(&ids[0], 1, &[]);
    world.config.group_max_size = 1;
    let mut successor = world.successor();
    assert_eq!(successor.state(), "PreparingRebalance");
    let first = successor.join(&Client {
        member_id: ids[0].clone(),
        ..old_client()
    });
    let second = successor.join(&Client {
        member_id: ids[1].clone(),
        ..old_client()
    });
    assert_eq!(successor.error(second), ErrorCode::GroupMaxSizeReached);
    assert_eq!(successor.joined(first).members.len(), 1);
}

#[test]
fn what_was_deleted_again_leaves_nothing_when_loaded() {
    let (mut world, id) = World::stable(&old_client());
    world.commit_offset(9, &id, 1, 5);
    world.leave(3, &[(&id, None)]);
    world.send(0, |it, now, context, actions| {
        it.handle_delete_group(now, context, &GROUP.into(), actions);
    });
    let mut log = world.log.clone();
    let successor = world.successor();
    assert_eq!(
        (
            successor.coordinator.n_groups(),
            successor.coordinator.n_offsets()
        ),
        (0, 0)
    );
    // Compaction may leave a tombstone without what it deleted, and more of them.
    let tombstones: Vec<_> = log
        .iter()
        .filter(|it| it.value.is_none())
        .cloned()
        .collect();
    log.splice(0..0, tombstones);
    let successor = World::loaded(Config::default(), log, world.now);
    assert_eq!(
        (
            successor.coordinator.n_groups(),
            successor.coordinator.n_offsets()
        ),
        (0, 0)
    );
}

#[test]
fn a_record_that_cannot_be_read_is_an_error() {
    let mut coordinator = GroupCoordinator::new(Config::default());
    assert!(coordinator.load(b"", None).is_err());
    assert!(coordinator.load(b"\0\x02\0\x01g", Some(b"\0\x03")).is_err());
    assert!(coordinator.load(b"\0\x02\0\x01g", None).is_ok());
    assert!(
        coordinator.load(b"\0\x63?", Some(b"?")).is_ok(),
        "of another kind"
    );
}

#[test]
fn an_append_may_be_committed_before_it_is_reported() {
    let mut world = World::new();
    world.commits = false;
    let commit = world.commit_offset(9, "", -1, 5);
    let (token, _) = world.appends.remove(0);
    let end = Offset::new(1);
    world.act(|it, now, actions| it.handle_committed(now, end, actions));
    assert!(!world.is_answered(commit));
    world.act(|it, now, actions| it.handle_appended(now, token, end, actions));
    assert_eq!(world.error(commit), ErrorCode::None);
}

#[test]
fn generations_begin_anew_when_they_are_used_up() {
    let value = GroupMetadataValue {
        protocol_type: "consumer".into(),
        generation: i32::MAX,
        protocol: None,
        leader: None,
        ..GroupMetadataValue::default()
    };
    let log = vec![crate::record::group_metadata(GROUP, &value)];
    let mut world = World::loaded(Config::default(), log, World::new().now);
    let join = world.join(&old_client());
    world.pass(3000);
    assert_eq!(world.joined(join).generation_id, 1);
}
