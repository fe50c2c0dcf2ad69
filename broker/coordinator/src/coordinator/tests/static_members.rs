//! Members with a group instance id (KIP-345).

use broker_types::ErrorCode;

use crate::tests::harness::{Client, World, subscription};

fn instance(version: i16) -> Client {
    Client {
        version,
        ..Client::with_instance("i")
    }
}

#[test]
fn a_static_member_joins_without_asking_for_an_id_first() {
    let (world, id) = World::stable(&instance(9));
    assert!(id.starts_with("i-"), "{id}");
    assert_eq!(world.state(), "Stable");
}

#[test]
fn a_restarted_leader_of_version_9_keeps_its_generation_and_skips_the_assignment() {
    let (mut world, old) = World::stable(&instance(9));
    let join = world.join(&instance(9));
    let joined = world.joined(join).clone();
    assert_eq!(joined.error_code, 0);
    assert_eq!(joined.generation_id, 1);
    assert_ne!(joined.member_id, old);
    assert_eq!(joined.leader, joined.member_id);
    assert!(joined.skip_assignment);
    assert_eq!(joined.members.len(), 1);
    assert_eq!(world.state(), "Stable");
    let sync = world.sync(&joined.member_id, 1, &[]);
    assert_eq!(world.synced(sync).assignment, b"all".as_slice());
}

#[test]
fn a_restarted_leader_of_an_older_version_is_told_that_its_old_id_leads() {
    let (mut world, old) = World::stable(&instance(8));
    let join = world.join(&instance(8));
    let joined = world.joined(join);
    assert_eq!(joined.generation_id, 1);
    assert_eq!(joined.leader, old);
    assert!(!joined.skip_assignment);
    assert_eq!(joined.members.len(), 0);
}

#[test]
fn the_old_id_of_a_restarted_member_is_fenced() {
    let (mut world, old) = World::stable(&instance(9));
    world.join(&instance(9));
    let by_old_id = Client {
        member_id: old.clone(),
        ..instance(9)
    };
    let join = world.join(&by_old_id);
    assert_eq!(world.error(join), ErrorCode::FencedInstanceId);
    let mut request = crate::tests::harness::sync_request(&old, 1, &[]);
    request.group_instance_id = Some("i".into());
    let sync = world.send(5, |it, now, context, actions| {
        it.handle_sync_group(now, context, &request, actions);
    });
    assert_eq!(world.error(sync), ErrorCode::FencedInstanceId);
    let mut commit = crate::tests::harness::commit_request(&old, 1, "topic", 5);
    commit.group_instance_id = Some("i".into());
    let commit = world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &commit, actions);
    });
    assert_eq!(world.error(commit), ErrorCode::FencedInstanceId);
}

#[test]
fn whoever_waits_under_the_old_id_is_fenced_at_once() {
    let mut world = World::new();
    let join = world.join(&instance(9));
    world.pass(1000);
    let restarted = world.join(&instance(9));
    assert_eq!(world.error(join), ErrorCode::FencedInstanceId);
    world.pass(10_000);
    assert_eq!(world.joined(restarted).generation_id, 1);
    assert_eq!(world.joined(restarted).members.len(), 1);
}

#[test]
fn a_restart_that_changes_the_chosen_protocol_rebalances() {
    let (mut world, _) = World::stable(&Client {
        protocols: vec![
            ("range".to_owned(), subscription(&["topic"])),
            ("sticky".to_owned(), subscription(&["topic"])),
        ],
        ..instance(9)
    });
    let other = Client {
        protocols: vec![
            ("sticky".to_owned(), subscription(&["topic"])),
            ("range".to_owned(), subscription(&["topic"])),
        ],
        ..instance(9)
    };
    let join = world.join(&other);
    assert_eq!(
        world.joined(join).generation_id,
        2,
        "alone, it need not wait"
    );
    assert_eq!(world.joined(join).protocol_name.as_deref(), Some("sticky"));
}

#[test]
fn a_restart_between_join_and_sync_rebalances() {
    let mut world = World::new();
    let join = world.join(&instance(9));
    world.pass(3000);
    assert_eq!(world.joined(join).generation_id, 1);
    assert_eq!(world.state(), "CompletingRebalance");
    let restarted = world.join(&instance(9));
    assert_eq!(world.joined(restarted).generation_id, 2);
}

#[test]
fn a_restart_is_remembered_by_the_next_coordinator() {
    let (mut world, old) = World::stable(&instance(9));
    let join = world.join(&instance(9));
    let new = world.joined(join).member_id.to_string();
    let mut successor = world.successor();
    assert_eq!(successor.heartbeat(&new, 1), ErrorCode::None);
    assert_eq!(successor.heartbeat(&old, 1), ErrorCode::UnknownMemberId);
}

#[test]
fn a_restart_that_cannot_be_written_is_undone() {
    let (mut world, old) = World::stable(&instance(9));
    world.commits = false;
    let join = world.join(&instance(9));
    assert!(!world.is_answered(join));
    world.fail(ErrorCode::NotEnoughReplicas);
    assert_eq!(world.error(join), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(world.heartbeat(&old, 1), ErrorCode::None);
}

#[test]
fn a_restart_that_is_not_committed_in_time_is_answered_and_stays() {
    let (mut world, old) = World::stable(&instance(9));
    world.commits = false;
    let join = world.join(&instance(9));
    world.pass(5000);
    assert_eq!(world.error(join), ErrorCode::CoordinatorNotAvailable);
    world.commit();
    assert_eq!(world.heartbeat(&old, 1), ErrorCode::UnknownMemberId);
    let again = world.join(&instance(9));
    world.commit();
    assert_eq!(world.joined(again).generation_id, 1);
    // It has a session like anybody else.
    world.pass(10_000);
    world.commit();
    assert_eq!(world.state(), "Empty");
}

#[test]
fn a_rebalance_that_begins_while_a_restart_is_written_answers_it() {
    let (mut world, _) = World::stable(&instance(9));
    world.commits = false;
    let restarted = world.join(&instance(9));
    let other = world.join(&Client::with_instance("j"));
    assert_eq!(world.joined(restarted).generation_id, 2);
    assert_eq!(world.joined(other).generation_id, 2);
    world.commit();
    assert_eq!(world.state(), "CompletingRebalance");
}

#[test]
fn a_static_member_that_does_not_rejoin_keeps_its_place_until_its_session_ends() {
    let slow = Client {
        session_timeout_ms: 60_000,
        rebalance_timeout_ms: 10_000,
        ..instance(9)
    };
    let (mut world, id) = World::stable(&slow);
    let other = world.join(&Client {
        rebalance_timeout_ms: 10_000,
        ..Client::with_instance("j")
    });
    world.pass(10_000);
    let joined = world.joined(other).clone();
    assert_eq!(joined.generation_id, 2);
    assert_eq!(joined.leader, joined.member_id);
    assert_eq!(
        joined.members.len(),
        2,
        "it gets partitions while it is away"
    );
    assert_eq!(world.heartbeat(&id, 2), ErrorCode::None);
}

#[test]
fn static_members_that_are_all_away_keep_the_group_waiting_without_spinning() {
    let client = Client {
        rebalance_timeout_ms: 10,
        session_timeout_ms: 60_000,
        ..instance(9)
    };
    let (mut world, id) = World::stable(&client);
    let (guest, _) = world.join_twice(&Client {
        rebalance_timeout_ms: 0,
        ..Client::default()
    });
    world.leave(3, &[(&guest, None)]);
    assert_eq!(world.state(), "PreparingRebalance");
    world.pass(50_000);
    assert_eq!(world.state(), "PreparingRebalance", "its place is kept");
    world.pass(10_000);
    assert_eq!(world.state(), "Empty");
    assert_eq!(world.heartbeat(&id, 1), ErrorCode::UnknownMemberId);
}

#[test]
fn an_instance_id_that_nobody_holds_does_not_go_with_a_member_id() {
    let (mut world, id) = World::stable(&instance(9));
    let join = world.join(&Client {
        instance_id: Some("j".to_owned()),
        ..Client::with_id(&id)
    });
    assert_eq!(world.error(join), ErrorCode::UnknownMemberId);
    let pending = world.join(&Client::default());
    let pending = world.joined(pending).member_id.to_string();
    let join = world.join(&Client {
        instance_id: Some("j".to_owned()),
        ..Client::with_id(&pending)
    });
    assert_eq!(world.error(join), ErrorCode::UnknownMemberId);
}

#[test]
fn a_member_that_restarts_before_it_synced_still_has_to() {
    let mut world = World::new();
    let leader = world.join(&instance(9));
    let follower = world.join(&Client::with_instance("j"));
    world.pass(6000);
    let leader_id = world.joined(leader).member_id.to_string();
    assert_eq!(world.joined(follower).generation_id, 1);
    world.sync(&leader_id, 1, &[]);
    assert_eq!(world.state(), "Stable");
    let restarted = world.join(&Client::with_instance("j"));
    let id = world.joined(restarted).member_id.to_string();
    assert_eq!(world.joined(restarted).generation_id, 1);
    for _ in 0..10 {
        assert_eq!(world.heartbeat(&id, 1), ErrorCode::None);
        assert_eq!(world.heartbeat(&leader_id, 1), ErrorCode::None);
        world.pass(6000);
    }
    assert_eq!(world.state(), "PreparingRebalance");
    assert_eq!(world.heartbeat(&id, 1), ErrorCode::UnknownMemberId);
}
