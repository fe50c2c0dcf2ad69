//! JoinGroup: who is let in, and under which id.

use broker_types::ErrorCode;
use broker_wire::Message;
use broker_wire::messages::join_group_response::JoinGroupResponse;
use bytes::Bytes;

use crate::tests::harness::{Client, World, subscription};
use crate::{Config, Response};

#[test]
fn a_client_without_member_id_is_given_one_and_joins_again() {
    let mut world = World::new();
    let first = world.join(&Client::default());
    assert_eq!(world.error(first), ErrorCode::MemberIdRequired);
    let member_id = world.joined(first).member_id.to_string();
    assert!(member_id.starts_with("client-"), "{member_id}");
    assert_eq!(world.state(), "Empty");

    let again = world.join(&Client::with_id(&member_id));
    assert!(
        !world.is_answered(again),
        "the initial rebalance waits for others"
    );
    world.pass(3000);
    let joined = world.joined(again);
    assert_eq!(joined.error_code, 0);
    assert_eq!(joined.member_id, member_id);
    assert_eq!(joined.generation_id, 1);
    assert_eq!(joined.leader, member_id);
}

#[test]
fn a_client_before_version_4_joins_at_once() {
    for version in 0..=3 {
        let mut world = World::new();
        let client = Client {
            version,
            ..Client::default()
        };
        let join = world.join(&client);
        assert!(!world.is_answered(join));
        world.pass(3000);
        assert_eq!(world.joined(join).error_code, 0);
        assert!(world.joined(join).member_id.starts_with("client-"));
    }
}

#[test]
fn every_answer_can_be_written_in_the_version_that_was_asked() {
    for version in JoinGroupResponse::VERSIONS.from..=JoinGroupResponse::VERSIONS.to {
        let mut world = World::new();
        let clients = [
            Client {
                version,
                ..Client::default()
            },
            Client {
                version,
                protocols: Vec::new(),
                ..Client::default()
            },
            Client {
                version,
                group: String::new(),
                ..Client::default()
            },
            Client {
                version,
                member_id: "unknown".to_owned(),
                ..Client::default()
            },
        ];
        for client in &clients {
            world.join(client);
        }
        world.pass(3000);
        world.act(|coordinator, now, actions| coordinator.unload(now, actions));
        assert_eq!(world.answers.len(), clients.len());
        for answer in world.answers.values() {
            let Response::JoinGroup(response) = answer else {
                panic!("{answer:?}")
            };
            assert!(
                response.encode(version).is_ok(),
                "version {version}: {response:?}"
            );
        }
    }
}

#[test]
fn version_0_has_one_timeout_for_session_and_rebalance() {
    let client = Client {
        version: 0,
        rebalance_timeout_ms: -1,
        session_timeout_ms: 7000,
        ..Client::default()
    };
    let (mut world, member_id) = World::stable(&client);
    // A second member makes the first rejoin within its rebalance timeout, or be dropped.
    let second = world.join(&client);
    world.pass(4000);
    assert_eq!(
        world.heartbeat(&member_id, 1),
        ErrorCode::RebalanceInProgress
    );
    world.pass(2900);
    assert!(!world.is_answered(second));
    world.pass(200);
    assert_eq!(world.joined(second).generation_id, 2);
    assert_eq!(world.heartbeat(&member_id, 1), ErrorCode::UnknownMemberId);
}

#[test]
fn an_id_that_is_not_joined_with_is_forgotten_after_a_session() {
    let mut world = World::new();
    let first = world.join(&Client::default());
    let member_id = world.joined(first).member_id.to_string();
    world.pass(9999);
    let (_, held) = world.join_twice(&Client::default());
    world.pass(1);
    let late = world.join(&Client::with_id(&member_id));
    assert_eq!(world.error(late), ErrorCode::UnknownMemberId);
    world.pass(3000);
    assert_eq!(world.joined(held).error_code, 0);
}

#[test]
fn joins_are_refused_for_these_reasons() {
    let long = "x".repeat(40_000);
    let cases = [
        (
            "empty group",
            Client {
                group: String::new(),
                ..Client::default()
            },
            ErrorCode::InvalidGroupId,
        ),
        (
            "session too short",
            Client {
                session_timeout_ms: 5999,
                ..Client::default()
            },
            ErrorCode::InvalidSessionTimeout,
        ),
        (
            "session too long",
            Client {
                session_timeout_ms: 1_800_001,
                ..Client::default()
            },
            ErrorCode::InvalidSessionTimeout,
        ),
        (
            "session negative",
            Client {
                session_timeout_ms: -1,
                ..Client::default()
            },
            ErrorCode::InvalidSessionTimeout,
        ),
        (
            "unknown member of no group",
            Client::with_id("m"),
            ErrorCode::UnknownMemberId,
        ),
        (
            "no protocol",
            Client {
                protocols: Vec::new(),
                ..Client::default()
            },
            ErrorCode::InconsistentGroupProtocol,
        ),
        (
            "no protocol type",
            Client {
                protocol_type: String::new(),
                ..Client::default()
            },
            ErrorCode::InconsistentGroupProtocol,
        ),
        (
            "a name that no record can hold",
            Client {
                protocols: vec![(long.clone(), Bytes::new())],
                ..Client::default()
            },
            ErrorCode::InvalidRequest,
        ),
        (
            "a group id that no record can hold",
            Client {
                group: long,
                ..Client::default()
            },
            ErrorCode::InvalidRequest,
        ),
    ];
    for (name, client, error) in cases {
        let mut world = World::new();
        let join = world.join(&client);
        assert_eq!(world.error(join), error, "{name}");
        assert_eq!(
            world.coordinator.n_groups(),
            0,
            "{name}: no group is left behind"
        );
        assert_eq!(world.log.len(), 0, "{name}");
    }
    for session_timeout_ms in [6000, 1_800_000] {
        let mut world = World::new();
        let join = world.join(&Client {
            session_timeout_ms,
            ..Client::default()
        });
        assert_eq!(world.error(join), ErrorCode::MemberIdRequired);
    }
}

#[test]
fn members_of_a_group_share_a_protocol() {
    let client = Client {
        version: 3,
        protocols: vec![
            ("range".to_owned(), Bytes::new()),
            ("sticky".to_owned(), Bytes::new()),
        ],
        ..Client::default()
    };
    let (mut world, _) = World::stable(&client);
    let of_other_type = Client {
        protocol_type: "connect".to_owned(),
        ..client.clone()
    };
    let join = world.join(&of_other_type);
    assert_eq!(world.error(join), ErrorCode::InconsistentGroupProtocol);
    let nothing_shared = Client {
        protocols: vec![("cooperative".to_owned(), Bytes::new())],
        ..client
    };
    let join = world.join(&nothing_shared);
    assert_eq!(world.error(join), ErrorCode::InconsistentGroupProtocol);
    assert_eq!(world.state(), "Stable");
}

#[test]
fn the_protocol_is_what_most_members_prefer_of_what_all_support() {
    let of = |names: &[&str]| {
        names
            .iter()
            .map(|it| ((*it).to_owned(), Bytes::new()))
            .collect()
    };
    let cases: &[(&[&[&str]], &str)] = &[
        (&[&["a", "b"]], "a"),
        (&[&["a", "b"], &["b", "a"], &["b", "a"]], "b"),
        // As many votes: the first by name.
        (&[&["a", "b"], &["b", "a"]], "a"),
        // The favourite of two is unknown to the third.
        (&[&["a", "b"], &["a", "b"], &["b"]], "b"),
        // A name said twice counts once.
        (&[&["a", "a", "b"], &["b"]], "b"),
    ];
    for (members, chosen) in cases {
        let mut world = World::new();
        let clients = members.iter().map(|names| Client {
            version: 3,
            protocols: of(names),
            ..Client::default()
        });
        let joins: Vec<_> = clients.map(|it| world.join(&it)).collect();
        world.pass(10_000);
        for join in joins {
            assert_eq!(
                world.joined(join).protocol_name.as_deref(),
                Some(*chosen),
                "{members:?}"
            );
        }
    }
}

#[test]
fn only_the_leader_is_told_who_the_members_are() {
    let mut world = World::new();
    let client = Client {
        version: 3,
        ..Client::default()
    };
    let joins = [
        world.join(&client),
        world.join(&client),
        world.join(&client),
    ];
    world.pass(9000);
    let leader = world.joined(joins[0]).clone();
    assert_eq!(leader.leader, leader.member_id, "the first to join leads");
    assert_eq!(leader.members.len(), 3);
    assert_eq!(leader.members[0].metadata, subscription(&["topic"]));
    for join in &joins[1..] {
        let follower = world.joined(*join);
        assert_eq!(follower.leader, leader.member_id);
        assert_eq!(follower.members.len(), 0);
    }
}

#[test]
fn a_group_takes_no_more_members_than_its_limit() {
    let config = Config {
        group_max_size: 2,
        ..Config::default()
    };
    let mut world = World::with(config);
    let client = Client {
        version: 3,
        ..Client::default()
    };
    let (first, second) = (world.join(&client), world.join(&client));
    let third = world.join(&client);
    assert_eq!(world.error(third), ErrorCode::GroupMaxSizeReached);
    world.pass(6000);
    assert_eq!(world.joined(first).error_code, 0);
    assert_eq!(world.joined(second).error_code, 0);
    let third = world.join(&client);
    assert_eq!(
        world.error(third),
        ErrorCode::GroupMaxSizeReached,
        "in CompletingRebalance too"
    );
    // Those who are in may rejoin.
    let leader = world.joined(first).member_id.to_string();
    let again = world.join(&Client {
        member_id: leader,
        ..client
    });
    assert_eq!(world.error(again), ErrorCode::None);
}

#[test]
fn what_one_partition_remembers_is_bounded() {
    let config = Config {
        groups_max: 1,
        pending_members_max: 2,
        group_metadata_bytes_max: 200,
        ..Config::default()
    };
    let mut world = World::with(config);
    for expected in [
        ErrorCode::MemberIdRequired,
        ErrorCode::MemberIdRequired,
        ErrorCode::GroupMaxSizeReached,
    ] {
        let join = world.join(&Client::default());
        assert_eq!(world.error(join), expected);
    }
    let elsewhere = world.join(&Client {
        group: "another".to_owned(),
        ..Client::default()
    });
    assert_eq!(world.error(elsewhere), ErrorCode::PolicyViolation);
    let talkative = Client {
        version: 3,
        protocols: vec![("range".to_owned(), Bytes::from(vec![0; 196]))],
        ..Client::default()
    };
    let join = world.join(&talkative);
    assert_eq!(world.error(join), ErrorCode::GroupMaxSizeReached);
}

#[test]
fn a_group_that_nobody_joined_in_the_end_is_forgotten() {
    let mut world = World::new();
    world.join(&Client::default());
    assert_eq!(world.coordinator.n_groups(), 1);
    world.pass(601_000);
    assert_eq!(world.coordinator.n_groups(), 0);
    assert_eq!(world.log.len(), 0, "the log never knew it");
}

#[test]
fn ids_that_nobody_may_come_back_for_are_bounded_over_all_groups() {
    let mut world = World::with(Config {
        pending_members_of_all_groups_max: 2,
        ..Config::default()
    });
    let of = |group: &str| Client {
        group: group.to_owned(),
        ..Client::default()
    };
    let mut ids = Vec::new();
    for group in ["one", "two"] {
        let join = world.join(&of(group));
        assert_eq!(world.error(join), ErrorCode::MemberIdRequired);
        ids.push(world.joined(join).member_id.to_string());
    }
    let third = world.join(&of("three"));
    assert_eq!(world.error(third), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(world.coordinator.n_groups(), 2);
    // Who has an id, or needs none to join with, is let in; and each that comes makes room.
    world.join(&Client {
        member_id: ids.remove(0),
        ..of("one")
    });
    let third = world.join(&of("three"));
    assert_eq!(world.error(third), ErrorCode::MemberIdRequired);
    world.pass(601_000);
    world.coordinator.assert_invariants();
}

#[test]
fn what_members_are_called_counts_too() {
    let mut world = World::with(Config {
        group_metadata_bytes_max: 1_000,
        ..Config::default()
    });
    let named = |length: usize| Client {
        version: 3,
        instance_id: Some("x".repeat(length)),
        ..Client::default()
    };
    let join = world.join(&named(1_000));
    assert_eq!(world.error(join), ErrorCode::GroupMaxSizeReached);
    // As an instance id, and in the member id as far as that has room for it.
    let join = world.join(&named(500));
    assert!(!world.is_answered(join));
    let join = world.join(&named(501));
    assert_eq!(world.error(join), ErrorCode::GroupMaxSizeReached);
    // Its next process takes its place, and needs no other.
    let again = world.join(&named(500));
    world.pass(3_000);
    assert_eq!(world.error(again), ErrorCode::None);
    world.coordinator.assert_invariants();
}
