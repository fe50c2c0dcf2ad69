//! Offsets that go by themselves.

use std::time::Duration;

use broker_types::{ErrorCode, TopicId};

use crate::tests::harness::{Client, GROUP, World, commit_request, subscription};
use crate::{Config, DeletedTopic};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// More than the time between two checks.
const CHECK_MS: u64 = 601_000;

fn consumer(topics: &[&str]) -> Client {
    Client {
        version: 3,
        session_timeout_ms: 1_800_000,
        protocols: vec![("range".to_owned(), subscription(topics))],
        ..Client::default()
    }
}

fn commit(world: &mut World, member_id: &str, generation: i32, topic: &str) {
    let request = commit_request(member_id, generation, topic, 5);
    let token = world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    assert_eq!(world.error(token), ErrorCode::None);
}

/// Lets days pass for a member that stays alive.
fn live(world: &mut World, member_id: &str, days: u64) {
    for _ in 0..days * 72 {
        world.pass(DAY_MS / 72);
        assert_eq!(world.heartbeat(member_id, 1), ErrorCode::None);
    }
}

#[test]
fn offsets_of_simple_groups_expire_seven_days_after_their_commit() {
    let mut world = World::new();
    commit(&mut world, "", -1, "topic");
    world.pass(7 * DAY_MS - 1);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    world.pass(CHECK_MS);
    assert_eq!(world.offset_of(GROUP, "topic"), -1);
    assert_eq!(
        world.coordinator.n_groups(),
        0,
        "the group goes with its last offset"
    );
    assert_eq!(world.successor().coordinator.n_groups(), 0);
}

#[test]
fn offsets_of_a_group_expire_seven_days_after_it_became_empty() {
    let (mut world, id) = World::stable(&consumer(&["topic"]));
    commit(&mut world, &id, 1, "topic");
    live(&mut world, &id, 8);
    assert_eq!(world.offset_of(GROUP, "topic"), 5, "it is subscribed");
    world.leave(2, &[(&id, None)]);
    world.pass(7 * DAY_MS - 1);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    // The next coordinator counts from the same moment.
    let mut successor = world.successor();
    assert_eq!(successor.offset_of(GROUP, "topic"), 5);
    for world in [&mut world, &mut successor] {
        world.pass(CHECK_MS);
        assert_eq!(world.offset_of(GROUP, "topic"), -1);
        assert_eq!(world.state(), "none");
    }
}

#[test]
fn a_stable_consumer_group_loses_only_what_it_no_longer_subscribes_to() {
    let (mut world, id) = World::stable(&consumer(&["topic"]));
    commit(&mut world, &id, 1, "topic");
    commit(&mut world, &id, 1, "former");
    live(&mut world, &id, 6);
    assert_eq!(world.offset_of(GROUP, "former"), 5);
    live(&mut world, &id, 2);
    assert_eq!(world.offset_of(GROUP, "former"), -1);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    assert_eq!(world.state(), "Stable");
}

#[test]
fn a_live_group_of_another_protocol_loses_nothing() {
    let client = Client {
        protocol_type: "connect".to_owned(),
        ..consumer(&[])
    };
    let mut world = World::new();
    let join = world.join(&client);
    world.pass(3000);
    let id = world.joined(join).member_id.to_string();
    let mut request = crate::tests::harness::sync_request(&id, 1, &[]);
    request.protocol_type = Some("connect".into());
    world.send(5, |it, now, context, actions| {
        it.handle_sync_group(now, context, &request, actions);
    });
    commit(&mut world, &id, 1, "topic");
    live(&mut world, &id, 8);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
}

#[test]
fn a_commit_may_bring_its_own_retention() {
    let mut world = World::new();
    let mut request = commit_request("", -1, "topic", 5);
    request.retention_time_ms = 1_000_000;
    let token = world.send(2, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    assert_eq!(world.error(token), ErrorCode::None);
    world.pass(999_999);
    let mut successor = world.successor();
    for world in [&mut world, &mut successor] {
        assert_eq!(world.offset_of(GROUP, "topic"), 5);
        world.pass(CHECK_MS);
        assert_eq!(world.offset_of(GROUP, "topic"), -1);
    }
}

#[test]
fn an_expiry_that_cannot_be_written_is_tried_again() {
    let config = Config {
        offsets_retention: Duration::from_secs(60),
        ..Config::default()
    };
    let mut world = World::with(config);
    commit(&mut world, "", -1, "topic");
    world.commits = false;
    world.pass(CHECK_MS);
    assert_eq!(world.state(), "Dead");
    world.fail(ErrorCode::NotEnoughReplicas);
    assert_eq!(world.state(), "Empty");
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    world.pass(CHECK_MS);
    world.commit();
    assert_eq!(world.coordinator.n_groups(), 0);
}

#[test]
fn many_expired_offsets_go_in_appends_of_a_bounded_size() {
    let config = Config {
        offsets_retention: Duration::from_secs(60),
        ..Config::default()
    };
    let mut world = World::with(config);
    let mut request = commit_request("", -1, "topic", 5);
    let one = request.topics[0].partitions[0].clone();
    request.topics[0].partitions = (0..1200)
        .map(|partition_index| {
            broker_wire::messages::offset_commit_request::OffsetCommitRequestPartition {
                partition_index,
                ..one.clone()
            }
        })
        .collect();
    world.send(9, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    assert_eq!(world.coordinator.n_offsets(), 1200);
    world.commits = false;
    world.pass(CHECK_MS);
    let sizes: Vec<_> = world
        .appends
        .iter()
        .map(|(_, records)| records.len())
        .collect();
    assert_eq!(sizes, [500, 500, 200]);
    world.commit();
    assert_eq!(world.coordinator.n_offsets(), 0);
    world.commits = true;
    world.pass(CHECK_MS);
    assert_eq!(world.coordinator.n_groups(), 0);
    assert_eq!(world.successor().coordinator.n_groups(), 0);
}

#[test]
fn offsets_of_deleted_topics_go_whoever_uses_them() {
    let (mut world, id) = World::stable(&consumer(&["topic"]));
    commit(&mut world, &id, 1, "topic");
    commit(&mut world, &id, 1, "kept");
    assert_eq!(world.coordinator.topics_with_offsets(), ["kept", "topic"]);
    let deleted = DeletedTopic {
        name: "topic".into(),
        topic_id: None,
    };
    world.act(|it, now, actions| it.handle_topics_deleted(now, &[deleted], actions));
    assert_eq!(world.offset_of(GROUP, "topic"), -1);
    assert_eq!(world.offset_of(GROUP, "kept"), 5);
    assert_eq!(world.successor().offset_of(GROUP, "topic"), -1);
    assert_eq!(world.state(), "Stable");
}

#[test]
fn offsets_of_a_topics_namesake_stay() {
    let mut world = World::new();
    let mut request = commit_request("", -1, "topic", 5);
    request.topics[0].topic_id = [2; 16];
    world.send(10, |it, now, context, actions| {
        it.handle_offset_commit(now, context, &request, actions);
    });
    for (id, offset) in [([1; 16], 5), ([2; 16], -1)] {
        let topic_id = TopicId::from_wire(id);
        let deleted = DeletedTopic {
            name: "topic".into(),
            topic_id,
        };
        world.act(|it, now, actions| it.handle_topics_deleted(now, &[deleted], actions));
        assert_eq!(world.offset_of(GROUP, "topic"), offset);
    }
}

#[test]
fn a_shorter_retention_counts_at_once_and_not_after_a_long_interval() {
    let mut world = World::new();
    commit(&mut world, "", -1, "topic");
    let config = Config {
        offsets_retention: Duration::from_secs(60),
        offsets_retention_check_interval: Duration::from_secs(1),
        ..Config::default()
    };
    let now = world.now;
    world.coordinator.set_config(now, config);
    world.pass(59_000);
    assert_eq!(world.offset_of(GROUP, "topic"), 5);
    world.pass(3_000);
    assert_eq!(world.offset_of(GROUP, "topic"), -1);
}
