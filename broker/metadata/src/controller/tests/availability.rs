//! Which brokers may stop together.

use super::*;
use crate::availability::{Lack, obstacle};

/// What stands against stopping the brokers, as a person reads it.
fn told(world: &World, brokers: &[BrokerId]) -> Option<String> {
    obstacle(&world.replayed, brokers).map(|it| it.to_string())
}

#[test]
fn brokers_may_stop_while_enough_replicas_stay_in_sync() {
    let mut world = World::with_brokers(4);
    world.create_topic("orders", 1, 3, 2);
    let replicas = world.partition("orders", 0).replicas;
    let under = Some("orders-0 would be under min.insync.replicas".to_owned());
    let stranger = (1..=4).map(BrokerId::new).find(|it| !replicas.contains(it));
    let stranger = stranger.unwrap();
    for broker in &replicas {
        assert_eq!(told(&world, &[*broker, stranger]), None);
    }
    assert_eq!(told(&world, &replicas[..2]), under);
    // One has left: no other may, nor may it be kept from coming back.
    world.kill(replicas[2].value());
    assert_eq!(told(&world, &[replicas[0]]), under);
    assert_eq!(told(&world, &[replicas[2]]), None);
    world.kill(replicas[1].value());
    assert_eq!(told(&world, &[replicas[1]]), under);
    assert_eq!(told(&world, &[stranger]), None);
}

#[test]
fn a_partition_without_a_replica_to_spare_forbids_nothing() {
    let mut world = World::with_brokers(2);
    world.create_topic("single", 1, 1, 1);
    world.create_topic("both", 1, 2, 2);
    for id in [1, 2] {
        assert_eq!(told(&world, &ids(&[id])), None);
    }
}

#[test]
fn the_last_in_sync_is_not_stopped_while_another_could_catch_up() {
    let mut world = World::with_brokers(2);
    world.create_topic("both", 12, 2, 2);
    world.kill(1);
    let named = "both-0, both-1, both-2, both-3, both-4, both-5, both-6, both-7, both-8, both-9";
    let expected = format!("{named} and 2 more would have no leader");
    assert_eq!(told(&world, &ids(&[2])), Some(expected));
    let lack = obstacle(&world.replayed, &ids(&[2])).map(|it| it.lack);
    assert_eq!(lack, Some(Lack::Leader));
}
