//! From one generation to the next.

use broker_types::ErrorCode;

use crate::tests::harness::{Client, World, subscription};
use crate::{Config, RequestToken};

fn old_client() -> Client {
    Client {
        version: 3,
        rebalance_timeout_ms: 30_000,
        ..Client::default()
    }
}

/// A stable group of three; their ids, the leader's first.
fn three() -> (World, Vec<String>) {
    let mut world = World::new();
    let joins: Vec<RequestToken> = (0..3).map(|_| world.join(&old_client())).collect();
    world.pass(6000);
    let ids: Vec<String> = joins
        .iter()
        .map(|it| world.joined(*it).member_id.to_string())
        .collect();
    let syncs: Vec<RequestToken> = ids[1..].iter().map(|it| world.sync(it, 1, &[])).collect();
    assert!(
        syncs.iter().all(|it| !world.is_answered(*it)),
        "only the leader can end it"
    );
    let assignment: [(&str, &'static [u8]); 3] =
        [(&ids[0], b"a"), (&ids[1], b"b"), (&ids[2], b"c")];
    let leader = world.sync(&ids[0], 1, &assignment);
    assert_eq!(world.synced(leader).assignment, b"a".as_slice());
    assert_eq!(world.synced(syncs[0]).assignment, b"b".as_slice());
    assert_eq!(world.synced(syncs[1]).assignment, b"c".as_slice());
    assert_eq!(world.state(), "Stable");
    (world, ids)
}

fn rejoin(world: &mut World, member_id: &str) -> RequestToken {
    world.join(&Client {
        member_id: member_id.to_owned(),
        ..old_client()
    })
}

#[test]
fn newcomers_extend_the_initial_rebalance_up_to_the_rebalance_timeout() {
    let client = Client {
        rebalance_timeout_ms: 8000,
        ..old_client()
    };
    let mut world = World::new();
    let mut joins = vec![world.join(&client)];
    // Somebody comes in every delay of 3 s: 3, then 3 more, then the 2 that are left of 8.
    for _ in 0..2 {
        world.pass(2900);
        joins.push(world.join(&client));
        world.pass(100);
        assert!(!world.is_answered(joins[0]));
    }
    joins.push(world.join(&client));
    world.pass(1999);
    assert!(!world.is_answered(joins[0]));
    world.pass(1);
    for join in joins {
        assert_eq!(world.joined(join).generation_id, 1);
    }
}

#[test]
fn without_newcomers_the_initial_rebalance_ends_after_its_delay() {
    let mut world = World::new();
    let join = world.join(&old_client());
    world.pass(2999);
    assert!(!world.is_answered(join));
    world.pass(1);
    assert!(world.is_answered(join));

    let mut world = World::with(Config {
        group_initial_rebalance_delay: std::time::Duration::ZERO,
        ..Config::default()
    });
    let join = world.join(&old_client());
    world.pass(0);
    assert!(world.is_answered(join), "a delay of zero is none");
}

#[test]
fn a_rebalance_ends_as_soon_as_all_members_have_rejoined() {
    let (mut world, ids) = three();
    let newcomer = world.join(&old_client());
    assert_eq!(world.state(), "PreparingRebalance");
    for id in &ids {
        assert_eq!(world.heartbeat(id, 1), ErrorCode::RebalanceInProgress);
    }
    let rejoins: Vec<_> = ids.iter().map(|id| rejoin(&mut world, id)).collect();
    for join in rejoins.iter().chain([&newcomer]) {
        assert_eq!(world.joined(*join).generation_id, 2);
        assert_eq!(world.joined(*join).leader, ids[0], "the leader stays");
    }
    assert_eq!(world.joined(rejoins[0]).members.len(), 4);
    assert_eq!(world.state(), "CompletingRebalance");
}

#[test]
fn members_that_do_not_rejoin_within_the_longest_rebalance_timeout_are_out() {
    let (mut world, ids) = three();
    let patient = Client {
        rebalance_timeout_ms: 50_000,
        ..old_client()
    };
    let newcomer = world.join(&patient);
    let rejoined = rejoin(&mut world, &ids[1]);
    for _ in 0..12 {
        // The others stay alive, and yet do not rejoin.
        world.pass(4000);
        for id in [&ids[0], &ids[2]] {
            assert_eq!(world.heartbeat(id, 1), ErrorCode::RebalanceInProgress);
        }
    }
    world.pass(1999);
    assert!(!world.is_answered(newcomer));
    world.pass(1);
    assert_eq!(world.joined(newcomer).generation_id, 2);
    let leader = world.joined(rejoined).leader.to_string();
    let of_leader = if leader == ids[1] { rejoined } else { newcomer };
    assert_eq!(world.joined(of_leader).members.len(), 2);
    for id in [&ids[0], &ids[2]] {
        assert_eq!(world.heartbeat(id, 2), ErrorCode::UnknownMemberId);
    }
}

#[test]
fn a_leader_that_joins_again_starts_a_rebalance_and_a_follower_does_not() {
    let (mut world, ids) = three();
    let follower = rejoin(&mut world, &ids[1]);
    assert_eq!(world.joined(follower).generation_id, 1);
    assert_eq!(world.joined(follower).members.len(), 0);
    assert_eq!(world.state(), "Stable");
    let leader = rejoin(&mut world, &ids[0]);
    assert!(!world.is_answered(leader));
    assert_eq!(world.state(), "PreparingRebalance");
}

#[test]
fn a_follower_with_other_metadata_starts_a_rebalance() {
    let (mut world, ids) = three();
    let changed = Client {
        member_id: ids[1].clone(),
        protocols: vec![("range".to_owned(), subscription(&["another"]))],
        ..old_client()
    };
    let join = world.join(&changed);
    assert!(!world.is_answered(join));
    assert_eq!(world.state(), "PreparingRebalance");
}

#[test]
fn a_lost_join_answer_can_be_asked_for_again() {
    let mut world = World::new();
    let join = world.join(&old_client());
    world.pass(3000);
    let first = world.joined(join).clone();
    let again = rejoin(&mut world, &first.member_id);
    assert_eq!(*world.joined(again), first);
    assert_eq!(world.state(), "CompletingRebalance");
    let changed = Client {
        member_id: first.member_id.to_string(),
        protocols: vec![("range".to_owned(), subscription(&["another"]))],
        ..old_client()
    };
    let join = world.join(&changed);
    assert_eq!(
        world.joined(join).generation_id,
        2,
        "alone, it need not wait"
    );
}

#[test]
fn a_join_that_overtakes_itself_leaves_no_request_unanswered() {
    let (mut world, ids) = three();
    let first = rejoin(&mut world, &ids[0]);
    let second = rejoin(&mut world, &ids[0]);
    assert_eq!(world.error(first), ErrorCode::RebalanceInProgress);
    assert!(!world.is_answered(second));
}

#[test]
fn members_that_never_sync_are_dropped_after_the_rebalance_timeout() {
    let mut world = World::new();
    let joins = [world.join(&old_client()), world.join(&old_client())];
    world.pass(6000);
    let ids: Vec<_> = joins
        .iter()
        .map(|it| world.joined(*it).member_id.to_string())
        .collect();
    let sync = world.sync(&ids[0], 1, &[]);
    assert_eq!(world.error(sync), ErrorCode::None);
    for _ in 0..5 {
        for id in &ids {
            assert_eq!(world.heartbeat(id, 1), ErrorCode::None);
        }
        world.pass(5900);
    }
    for id in &ids {
        assert_eq!(world.heartbeat(id, 1), ErrorCode::None);
    }
    world.pass(500);
    assert_eq!(world.state(), "PreparingRebalance");
    assert_eq!(world.heartbeat(&ids[0], 1), ErrorCode::RebalanceInProgress);
    assert_eq!(world.heartbeat(&ids[1], 1), ErrorCode::UnknownMemberId);
}

#[test]
fn a_leader_that_never_syncs_is_dropped_and_another_leads() {
    let mut world = World::new();
    let joins = [world.join(&old_client()), world.join(&old_client())];
    world.pass(6000);
    let ids: Vec<_> = joins
        .iter()
        .map(|it| world.joined(*it).member_id.to_string())
        .collect();
    let waiting = world.sync(&ids[1], 1, &[]);
    for _ in 0..5 {
        assert_eq!(world.heartbeat(&ids[0], 1), ErrorCode::None);
        world.pass(6000);
    }
    assert_eq!(world.error(waiting), ErrorCode::RebalanceInProgress);
    let join = rejoin(&mut world, &ids[1]);
    assert_eq!(world.joined(join).leader, ids[1]);
}

#[test]
fn sync_is_refused_for_these_reasons() {
    let (mut world, ids) = three();
    let mut request = crate::tests::harness::sync_request(&ids[0], 1, &[]);
    let mut check = |version: i16, request: &_, error: ErrorCode| {
        let token = world.send(version, |it, now, context, actions| {
            it.handle_sync_group(now, context, request, actions);
        });
        assert_eq!(world.error(token), error);
    };
    check(5, &request, ErrorCode::None);
    request.generation_id = 2;
    check(5, &request, ErrorCode::IllegalGeneration);
    request.generation_id = 1;
    request.protocol_name = Some("sticky".into());
    check(5, &request, ErrorCode::InconsistentGroupProtocol);
    request.protocol_name = None;
    check(5, &request, ErrorCode::InconsistentGroupProtocol);
    request.protocol_type = None;
    check(4, &request, ErrorCode::None);
    request.protocol_type = Some("connect".into());
    check(4, &request, ErrorCode::InconsistentGroupProtocol);
    request.protocol_type = None;
    request.member_id = "nobody".into();
    check(4, &request, ErrorCode::UnknownMemberId);
    request.group_instance_id = Some("nobody".into());
    check(4, &request, ErrorCode::UnknownMemberId);
    request.group_id = "no such group".into();
    check(4, &request, ErrorCode::UnknownMemberId);
    request.group_id = "".into();
    check(4, &request, ErrorCode::InvalidGroupId);
}

#[test]
fn sync_during_a_rebalance_sends_the_member_to_rejoin() {
    let (mut world, ids) = three();
    world.join(&old_client());
    let sync = world.sync(&ids[1], 1, &[]);
    assert_eq!(world.error(sync), ErrorCode::RebalanceInProgress);
}

#[test]
fn nobody_gets_an_assignment_that_is_not_committed() {
    let mut world = World::new();
    let join = world.join(&old_client());
    world.pass(3000);
    let id = world.joined(join).member_id.to_string();
    world.commits = false;
    let sync = world.sync(&id, 1, &[(&id, b"all")]);
    assert!(!world.is_answered(sync));
    assert_eq!(world.state(), "CompletingRebalance");
    // The leader asks again while its assignment is on its way: it is written once.
    let again = world.sync(&id, 1, &[(&id, b"other")]);
    assert_eq!(world.error(sync), ErrorCode::RebalanceInProgress);
    assert_eq!(world.appends.len(), 1);
    world.commit();
    assert_eq!(world.synced(again).assignment, b"all".as_slice());
    assert_eq!(world.state(), "Stable");
}

#[test]
fn an_assignment_that_cannot_be_written_sends_everybody_to_rejoin() {
    let cases = [
        (
            ErrorCode::NotEnoughReplicas,
            ErrorCode::CoordinatorNotAvailable,
        ),
        (
            ErrorCode::UnknownTopicOrPartition,
            ErrorCode::CoordinatorNotAvailable,
        ),
        (ErrorCode::NotLeaderOrFollower, ErrorCode::NotCoordinator),
        (ErrorCode::KafkaStorageError, ErrorCode::NotCoordinator),
        (ErrorCode::RecordListTooLarge, ErrorCode::UnknownServerError),
    ];
    for (append_error, error) in cases {
        let mut world = World::new();
        let join = world.join(&old_client());
        world.pass(3000);
        let id = world.joined(join).member_id.to_string();
        world.commits = false;
        let sync = world.sync(&id, 1, &[(&id, b"all")]);
        world.fail(append_error);
        assert_eq!(world.error(sync), error);
        assert_eq!(world.state(), "PreparingRebalance");
        let join = rejoin(&mut world, &id);
        assert_eq!(world.joined(join).generation_id, 2);
    }
}

#[test]
fn an_assignment_that_is_not_committed_in_time_is_given_up() {
    let mut world = World::new();
    let join = world.join(&old_client());
    world.pass(3000);
    let id = world.joined(join).member_id.to_string();
    world.commits = false;
    let sync = world.sync(&id, 1, &[(&id, b"all")]);
    world.pass(4999);
    assert!(!world.is_answered(sync));
    world.pass(1);
    assert_eq!(world.error(sync), ErrorCode::CoordinatorNotAvailable);
    // It is committed after all: nobody waits for it any more.
    world.commit();
    assert_eq!(world.state(), "PreparingRebalance");
    let join = rejoin(&mut world, &id);
    assert_eq!(world.joined(join).generation_id, 2);
}

#[test]
fn a_member_that_comes_while_the_assignment_is_written_makes_it_void() {
    let mut world = World::new();
    let join = world.join(&old_client());
    world.pass(3000);
    let id = world.joined(join).member_id.to_string();
    world.commits = false;
    let sync = world.sync(&id, 1, &[(&id, b"all")]);
    let newcomer = world.join(&old_client());
    assert_eq!(world.error(sync), ErrorCode::RebalanceInProgress);
    world.commit();
    assert_eq!(world.state(), "PreparingRebalance");
    let again = rejoin(&mut world, &id);
    assert_eq!(world.joined(again).generation_id, 2);
    assert_eq!(world.joined(newcomer).generation_id, 2);
}

#[test]
fn members_that_the_leader_forgot_get_nothing_and_invented_ones_are_ignored() {
    let mut world = World::new();
    let joins = [world.join(&old_client()), world.join(&old_client())];
    world.pass(6000);
    let ids: Vec<_> = joins
        .iter()
        .map(|it| world.joined(*it).member_id.to_string())
        .collect();
    let follower = world.sync(&ids[1], 1, &[]);
    world.sync(&ids[0], 1, &[(&ids[0], b"all"), ("invented", b"x")]);
    assert_eq!(world.synced(follower).assignment, b"".as_slice());
    assert_eq!(world.synced(follower).error_code, 0);
}
