//! Heartbeats, sessions, leaving.

use broker_types::ErrorCode;
use broker_wire::messages::heartbeat_request::HeartbeatRequest;

use crate::tests::harness::{Client, GROUP, World};

fn old_client() -> Client {
    Client {
        version: 3,
        ..Client::default()
    }
}

#[test]
fn a_silent_member_is_gone_after_its_session() {
    let (mut world, id) = World::stable(&old_client());
    world.pass(9000);
    assert_eq!(world.heartbeat(&id, 1), ErrorCode::None);
    world.pass(9999);
    assert_eq!(world.state(), "Stable");
    world.pass(1);
    assert_eq!(world.state(), "Empty");
    assert_eq!(world.heartbeat(&id, 1), ErrorCode::UnknownMemberId);
}

#[test]
fn heartbeats_are_refused_for_these_reasons() {
    let (mut world, id) = World::stable(&Client::with_instance("i"));
    let good = HeartbeatRequest {
        group_id: GROUP.into(),
        member_id: id.as_str().into(),
        generation_id: 1,
        group_instance_id: Some("i".into()),
        ..HeartbeatRequest::default()
    };
    let with = |change: fn(&mut HeartbeatRequest)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    let cases = [
        (good.clone(), ErrorCode::None),
        (with(|it| it.group_instance_id = None), ErrorCode::None),
        (
            with(|it| it.group_id = "".into()),
            ErrorCode::InvalidGroupId,
        ),
        (
            with(|it| it.group_id = "other".into()),
            ErrorCode::UnknownMemberId,
        ),
        (
            with(|it| it.generation_id = 0),
            ErrorCode::IllegalGeneration,
        ),
        (
            with(|it| it.generation_id = 2),
            ErrorCode::IllegalGeneration,
        ),
        (
            with(|it| it.group_instance_id = Some("j".into())),
            ErrorCode::UnknownMemberId,
        ),
        (
            with(|it| it.member_id = "other".into()),
            ErrorCode::FencedInstanceId,
        ),
    ];
    for (request, error) in cases {
        let response = world.coordinator.handle_heartbeat(world.now, &request);
        assert_eq!(response.error_code, error.to_wire(), "{request:?}");
    }
    let nobody = with(|it| {
        it.member_id = "other".into();
        it.group_instance_id = None;
    });
    let response = world.coordinator.handle_heartbeat(world.now, &nobody);
    assert_eq!(response.error_code, ErrorCode::UnknownMemberId.to_wire());
}

#[test]
fn a_member_may_heartbeat_before_it_has_its_assignment() {
    let mut world = World::new();
    let join = world.join(&old_client());
    world.pass(3000);
    let id = world.joined(join).member_id.to_string();
    assert_eq!(world.state(), "CompletingRebalance");
    assert_eq!(world.heartbeat(&id, 1), ErrorCode::None);
}

#[test]
fn a_member_that_waits_for_the_group_need_not_heartbeat() {
    let mut world = World::new();
    let client = Client {
        session_timeout_ms: 6000,
        ..old_client()
    };
    let joins = [world.join(&client), world.join(&client)];
    world.pass(6000);
    let ids: Vec<_> = joins
        .iter()
        .map(|it| world.joined(*it).member_id.to_string())
        .collect();
    let waiting = world.sync(&ids[1], 1, &[]);
    for _ in 0..4 {
        world.pass(5000);
        assert_eq!(world.heartbeat(&ids[0], 1), ErrorCode::None);
    }
    world.sync(&ids[0], 1, &[]);
    assert_eq!(world.error(waiting), ErrorCode::None);
    // From the answer on it has one session.
    world.pass(5000);
    assert_eq!(world.heartbeat(&ids[0], 1), ErrorCode::None);
    world.pass(1000);
    assert_eq!(world.heartbeat(&ids[1], 1), ErrorCode::UnknownMemberId);
}

#[test]
fn a_new_member_whose_client_is_gone_is_dropped_while_it_waits() {
    let client = Client {
        rebalance_timeout_ms: 3_600_000,
        ..old_client()
    };
    let (mut world, id) = World::stable(&client);
    let ghost = world.join(&client);
    for _ in 0..60 {
        world.pass(5000);
        world.heartbeat(&id, 1);
    }
    assert_eq!(world.error(ghost), ErrorCode::UnknownMemberId);
}

#[test]
fn a_member_that_leaves_makes_the_others_rebalance_at_once() {
    let mut world = World::new();
    let joins = [world.join(&old_client()), world.join(&old_client())];
    world.pass(6000);
    let ids: Vec<_> = joins
        .iter()
        .map(|it| world.joined(*it).member_id.to_string())
        .collect();
    world.sync(&ids[1], 1, &[]);
    world.sync(&ids[0], 1, &[]);
    let leave = world.leave(2, &[(&ids[0], None)]);
    assert_eq!(world.error(leave), ErrorCode::None);
    assert_eq!(world.heartbeat(&ids[1], 1), ErrorCode::RebalanceInProgress);
    let join = world.join(&Client {
        member_id: ids[1].clone(),
        ..old_client()
    });
    assert_eq!(world.joined(join).leader, ids[1]);
    assert_eq!(world.joined(join).generation_id, 2);
}

#[test]
fn the_last_member_to_leave_is_answered_once_the_empty_group_is_committed() {
    let (mut world, id) = World::stable(&old_client());
    world.commits = false;
    let leave = world.leave(5, &[(&id, None)]);
    assert!(!world.is_answered(leave));
    world.commit();
    assert_eq!(world.left(leave).members[0].error_code, 0);
    assert_eq!(world.state(), "Empty");
    let successor = world.successor();
    assert_eq!(successor.state(), "Empty");
}

#[test]
fn before_version_3_the_members_error_is_the_answers() {
    let (mut world, _) = World::stable(&old_client());
    for version in 0..=2 {
        let leave = world.leave(version, &[("nobody", None)]);
        assert_eq!(
            world.left(leave).error_code,
            ErrorCode::UnknownMemberId.to_wire()
        );
        assert_eq!(world.left(leave).members.len(), 0);
    }
    for version in 3..=5 {
        let leave = world.leave(version, &[("nobody", None)]);
        assert_eq!(world.left(leave).error_code, 0);
        assert_eq!(
            world.left(leave).members[0].error_code,
            ErrorCode::UnknownMemberId.to_wire()
        );
    }
}

#[test]
fn leaving_a_group_that_is_not_there_fails_for_each_member() {
    let mut world = World::new();
    let leave = world.leave(3, &[("a", None), ("b", None)]);
    let errors: Vec<_> = world
        .left(leave)
        .members
        .iter()
        .map(|it| it.error_code)
        .collect();
    assert_eq!(errors, [ErrorCode::UnknownMemberId.to_wire(); 2]);
    let leave = world.leave(2, &[("a", None)]);
    assert_eq!(world.error(leave), ErrorCode::UnknownMemberId);
}

#[test]
fn members_leave_in_a_batch_each_for_itself() {
    let (mut world, id) = World::stable(&Client::with_instance("i"));
    let pending = world.join(&Client::default());
    let pending = world.joined(pending).member_id.to_string();
    let leave = world.leave(
        3,
        &[
            ("nobody", None),
            ("", Some("nobody")),
            ("", None),
            ("wrong", Some("i")),
            (&pending, None),
            ("", Some("i")),
            (&id, Some("i")),
        ],
    );
    let errors: Vec<_> = world
        .left(leave)
        .members
        .iter()
        .map(|it| it.error_code)
        .collect();
    let expected = [
        ErrorCode::UnknownMemberId,
        ErrorCode::UnknownMemberId,
        ErrorCode::UnknownMemberId,
        ErrorCode::FencedInstanceId,
        ErrorCode::None,
        ErrorCode::None,
        // It has left by its instance id already.
        ErrorCode::UnknownMemberId,
    ];
    assert_eq!(errors, expected.map(ErrorCode::to_wire));
    assert_eq!(world.state(), "Empty");
    let late = world.join(&Client::with_id(&pending));
    assert_eq!(world.error(late), ErrorCode::UnknownMemberId);
}

#[test]
fn a_member_that_leaves_while_it_waits_gets_both_answers() {
    let (mut world, id) = World::stable(&old_client());
    let newcomer = world.join(&old_client());
    let again = world.join(&Client {
        member_id: id.clone(),
        ..old_client()
    });
    assert_eq!(world.joined(again).generation_id, 2);
    assert!(world.is_answered(newcomer));
    let newcomer_id = world.joined(newcomer).member_id.to_string();
    let sync = world.sync(&newcomer_id, 2, &[]);
    let follower_waits = !world.is_answered(sync);
    world.leave(3, &[(&newcomer_id, None)]);
    assert!(follower_waits && world.is_answered(sync));
    assert_eq!(world.error(sync), ErrorCode::UnknownMemberId);
}
