//! Which brokers may stop together.

use super::*;
use crate::availability::{UnderMinIsr, may_stop};

#[test]
fn brokers_may_stop_while_enough_replicas_stay_in_sync() {
    let mut world = World::with_brokers(4);
    world.create_topic("orders", 1, 3, 2);
    let replicas = world.partition("orders", 0).replicas;
    let stop = |world: &World, brokers: &[BrokerId]| may_stop(&world.replayed, brokers);
    let under = |isr| {
        Err(UnderMinIsr {
            topic: "orders".into(),
            partition: PartitionIndex::ZERO,
            isr,
            min_insync_replicas: 2,
        })
    };
    let stranger = (1..=4).map(BrokerId::new).find(|it| !replicas.contains(it));
    let stranger = stranger.unwrap();
    for broker in &replicas {
        assert_eq!(stop(&world, &[*broker, stranger]), Ok(()));
    }
    assert_eq!(stop(&world, &replicas[..2]), under(1));
    // One has left: no other may, nor may it be kept from coming back.
    world.kill(replicas[2].value());
    assert_eq!(stop(&world, &[replicas[0]]), under(1));
    assert_eq!(stop(&world, &[replicas[2]]), Ok(()));
    world.kill(replicas[1].value());
    assert_eq!(stop(&world, &[replicas[1]]), under(1));
    assert_eq!(stop(&world, &[stranger]), Ok(()));
}

#[test]
fn a_partition_without_a_replica_to_spare_forbids_nothing() {
    let mut world = World::with_brokers(2);
    world.create_topic("single", 1, 1, 1);
    world.create_topic("both", 1, 2, 2);
    for id in [1, 2] {
        assert_eq!(may_stop(&world.replayed, &ids(&[id])), Ok(()));
    }
}
