//! A topic is altered as a whole or not at all.

use super::*;
use crate::controller::TopicAlteration;

fn alteration(world: &World) -> TopicAlteration {
    TopicAlteration {
        name: "orders".into(),
        topic_id: world.replayed.topic("orders").unwrap().id,
        partitions: None,
        set: BTreeMap::new(),
        reset: Vec::new(),
    }
}

#[track_caller]
fn alter(world: &mut World, asked: &TopicAlteration) -> Result<(), ErrorCode> {
    let decision = world.controller.alter_topic(asked, &Rules);
    world.commit(decision).map_err(|it| it.0)
}

fn world() -> World {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 2, 3, 2);
    world
}

#[test]
fn partitions_and_configs_change_together() {
    let mut world = world();
    let asked = TopicAlteration {
        partitions: Some(5),
        set: BTreeMap::from([("retention.ms".into(), "1000".into())]),
        reset: vec!["min.insync.replicas".into()],
        ..alteration(&world)
    };
    assert_eq!(alter(&mut world, &asked), Ok(()));
    assert_eq!(world.replayed.topic("orders").unwrap().partition_count(), 5);
    assert_eq!(world.replayed.min_insync_replicas(&"orders".into()), 1);
    let decision = world.controller.alter_topic(&asked, &Rules);
    assert!(decision.records.is_empty(), "twice is once");
}

#[test]
fn one_refusal_leaves_all_as_it_was() {
    let mut world = world();
    let before = world.replayed.clone();
    let bad_config = TopicAlteration {
        partitions: Some(5),
        set: BTreeMap::from([("retention.ms".into(), "soon".into())]),
        ..alteration(&world)
    };
    assert_eq!(
        alter(&mut world, &bad_config),
        Err(ErrorCode::InvalidConfig)
    );
    let fewer = TopicAlteration {
        partitions: Some(1),
        set: BTreeMap::from([("retention.ms".into(), "1000".into())]),
        ..alteration(&world)
    };
    assert_eq!(alter(&mut world, &fewer), Err(ErrorCode::InvalidPartitions));
    let another = TopicAlteration {
        partitions: Some(5),
        topic_id: TopicId::from_wire([9; 16]).unwrap(),
        ..alteration(&world)
    };
    assert_eq!(alter(&mut world, &another), Err(ErrorCode::UnknownTopicId));
    assert_eq!(world.replayed, before);
}
