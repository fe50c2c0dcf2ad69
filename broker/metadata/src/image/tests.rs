//! Records in, image out: by example, refused by name, through snapshots, and what a delta tells.

use broker_types::{DirectoryId, LeaderEpoch, PartitionEpoch};
use broker_wire::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;
use broker_wire::messages::clear_elr_record::ClearElrRecord;
use broker_wire::messages::config_record::ConfigRecord;
use broker_wire::messages::no_op_record::NoOpRecord;
use broker_wire::messages::partition_change_record::PartitionChangeRecord;
use broker_wire::messages::partition_record::PartitionRecord;
use broker_wire::messages::reassignment_record::{ReassignedTopic, ReassignmentRecord};
use broker_wire::messages::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};
use broker_wire::messages::remove_topic_record::RemoveTopicRecord;
use broker_wire::messages::unregister_broker_record::UnregisterBrokerRecord;

use super::*;
use crate::delta::Delta;
use crate::feature;
use crate::partition::LeaderRecovery;

fn id(byte: u8) -> [u8; 16] {
    [byte; 16]
}

fn register(broker: i32) -> RegisterBrokerRecord {
    RegisterBrokerRecord {
        broker_id: broker,
        broker_epoch: i64::from(broker) * 10,
        incarnation_id: id(0xaa),
        end_points: vec![BrokerEndpoint {
            name: "CLIENT".into(),
            host: "localhost".into(),
            port: 9092,
            ..BrokerEndpoint::default()
        }],
        features: vec![BrokerFeature {
            name: feature::METADATA_VERSION.into(),
            min_supported_version: 30,
            max_supported_version: 30,
            ..BrokerFeature::default()
        }],
        rack: Some("a".into()),
        fenced: false,
        log_dirs: vec![id(0xd0)],
        cordoned_log_dirs: Some(vec![id(0xd0)]),
        ..RegisterBrokerRecord::default()
    }
}

fn topic(byte: u8, name: &str) -> TopicRecord {
    TopicRecord {
        name: name.into(),
        topic_id: id(byte),
        ..TopicRecord::default()
    }
}

fn partition(topic: u8, index: i32) -> PartitionRecord {
    PartitionRecord {
        partition_id: index,
        topic_id: id(topic),
        replicas: vec![1, 2, 3],
        isr: vec![1],
        leader: 1,
        leader_epoch: 4,
        partition_epoch: 7,
        directories: vec![id(0xd0), id(0), id(0xd1)],
        eligible_leader_replicas: Some(vec![2]),
        last_known_elr: Some(vec![3]),
        leader_recovery_state: 1,
        ..PartitionRecord::default()
    }
}

fn change(topic: u8, index: i32) -> PartitionChangeRecord {
    PartitionChangeRecord {
        partition_id: index,
        topic_id: id(topic),
        ..PartitionChangeRecord::default()
    }
}

fn reassignment(id_of: &str, throttle: i64, partitions: &[(u8, i32)]) -> ReassignmentRecord {
    let topics = partitions.iter().map(|(topic, index)| ReassignedTopic {
        topic_id: id(*topic),
        partitions: vec![*index],
        ..ReassignedTopic::default()
    });
    ReassignmentRecord {
        reassignment_id: id_of.into(),
        throttle,
        topics: topics.collect(),
        ..ReassignmentRecord::default()
    }
}

fn config(resource_type: i8, resource: &str, name: &str, value: Option<&str>) -> ConfigRecord {
    ConfigRecord {
        resource_type,
        resource_name: resource.into(),
        name: name.into(),
        value: value.map(Into::into),
        ..ConfigRecord::default()
    }
}

fn apply(image: &mut Image, records: impl IntoIterator<Item = MetadataRecord>) {
    for record in records {
        image.apply(&record).unwrap();
    }
}

/// An image with something of everything.
fn full() -> Image {
    let mut image = Image::new("a cluster".into());
    apply(&mut image, feature::bootstrap_records());
    apply(&mut image, (1..=3).map(|it| register(it).into()));
    let min_isr = "min.insync.replicas";
    let records: [MetadataRecord; 11] = [
        topic(1, "orders").into(),
        partition(1, 0).into(),
        partition(1, 1).into(),
        topic(2, "clicks").into(),
        PartitionRecord {
            adding_replicas: vec![3],
            ..partition(2, 0)
        }
        .into(),
        reassignment("a", 5, &[(2, 0)]).into(),
        config(2, "orders", min_isr, Some("2")).into(),
        config(2, "clicks", min_isr, Some("3")).into(),
        config(4, "", "num.partitions", Some("6")).into(),
        config(4, "2", "log.retention.ms", Some("1000")).into(),
        ProducerIdsRecord {
            next_producer_id: 3000,
            ..ProducerIdsRecord::default()
        }
        .into(),
    ];
    apply(&mut image, records);
    image.advance(at(20));
    image
}

fn at(offset: u64) -> Position {
    Position {
        offset: Offset::new(offset),
        epoch: Epoch::new(1),
    }
}

fn broker_ids(ids: &[u32]) -> Vec<BrokerId> {
    ids.iter().map(|it| BrokerId::new(*it)).collect()
}

fn orders(image: &Image, index: u32) -> &Partition {
    let topic = image.topic("orders").unwrap();
    topic.partition(PartitionIndex::new(index)).unwrap()
}

#[test]
fn a_snapshot_gives_the_same_image() {
    let image = full();
    let mut loaded = Image::new("a cluster".into());
    // Through bytes, as it is stored.
    for record in image.records() {
        let bytes = record.encode(record.versions().to).unwrap();
        loaded
            .apply(&MetadataRecord::decode(bytes).unwrap())
            .unwrap();
    }
    assert_ne!(loaded, image, "only the position is missing");
    loaded.advance(image.position().unwrap());
    assert_eq!(loaded, image);
    loaded.assert_invariants();
}

#[test]
fn a_partition_record_is_read_whole() {
    let image = full();
    let expected = Partition {
        replicas: broker_ids(&[1, 2, 3]),
        directories: vec![
            Some(DirectoryId::from_bytes(id(0xd0))),
            None,
            Some(DirectoryId::from_bytes(id(0xd1))),
        ],
        isr: broker_ids(&[1]),
        elr: broker_ids(&[2]),
        last_known_elr: broker_ids(&[3]),
        leader: Some(BrokerId::new(1)),
        recovery: LeaderRecovery::Recovering,
        leader_epoch: LeaderEpoch::new(4),
        partition_epoch: PartitionEpoch::new(7),
        adding: Vec::new(),
        removing: Vec::new(),
    };
    assert_eq!(*orders(&image, 0), expected);
}

#[test]
fn a_named_leader_begins_an_epoch_and_any_change_a_partition_epoch() {
    let mut image = full();
    let epochs = |image: &Image| {
        let it = orders(image, 0);
        (it.leader_epoch.value(), it.partition_epoch.value())
    };
    let isr = PartitionChangeRecord {
        isr: Some(vec![1, 3]),
        last_known_elr: Some(Vec::new()),
        eligible_leader_replicas: Some(Vec::new()),
        ..change(1, 0)
    };
    apply(&mut image, [isr.into()]);
    assert_eq!(epochs(&image), (4, 8));
    assert_eq!(orders(&image, 0).isr, broker_ids(&[1, 3]));
    let same_leader = PartitionChangeRecord {
        leader: 1,
        leader_recovery_state: 0,
        ..change(1, 0)
    };
    apply(&mut image, [same_leader.into()]);
    assert_eq!(epochs(&image), (5, 9));
    assert_eq!(orders(&image, 0).recovery, LeaderRecovery::Recovered);
    let no_leader = PartitionChangeRecord {
        leader: -1,
        ..change(1, 0)
    };
    apply(&mut image, [no_leader.into()]);
    assert_eq!(epochs(&image), (6, 10));
    assert_eq!(orders(&image, 0).leader, None);
}

#[test]
fn the_record_between_two_partitions_leads_from_one_to_the_other() {
    let image = full();
    let topic = image.topic("orders").unwrap();
    let index = PartitionIndex::new(0);
    let before = orders(&image, 0);
    assert_eq!(before.change_to(before, false, topic.id, index), None);
    let after = Partition {
        replicas: broker_ids(&[3, 2, 4]),
        directories: vec![None; 3],
        isr: broker_ids(&[2]),
        elr: broker_ids(&[3]),
        last_known_elr: broker_ids(&[4]),
        leader: Some(BrokerId::new(2)),
        recovery: LeaderRecovery::Recovered,
        leader_epoch: LeaderEpoch::new(5),
        partition_epoch: PartitionEpoch::new(8),
        adding: broker_ids(&[4]),
        removing: broker_ids(&[2]),
    };
    let record = before.change_to(&after, false, topic.id, index).unwrap();
    assert_eq!(before.changed(&record).unwrap(), after);
}

#[test]
fn records_that_do_not_fit_are_refused_by_name() {
    let invalid = |rule| ApplyError::InvalidPartition {
        topic_id: TopicId::from_bytes(id(1)),
        partition: PartitionIndex::new(0),
        rule,
    };
    let field = |record, field, value| ApplyError::Field {
        record,
        field,
        value,
    };
    let reassigned = |id: &str, rule| ApplyError::InvalidReassignment {
        id: id.into(),
        rule,
    };
    let with = |edit: fn(&mut PartitionRecord)| {
        let mut record = partition(1, 0);
        edit(&mut record);
        MetadataRecord::from(record)
    };
    let cases: Vec<(MetadataRecord, ApplyError)> = vec![
        (
            topic(1, "other").into(),
            ApplyError::DuplicateTopic {
                name: "other".into(),
                topic_id: TopicId::from_bytes(id(1)),
            },
        ),
        (
            topic(9, "orders").into(),
            ApplyError::DuplicateTopic {
                name: "orders".into(),
                topic_id: TopicId::from_bytes(id(9)),
            },
        ),
        (topic(0, "zero").into(), field("TopicRecord", "TopicId", 0)),
        (
            partition(9, 0).into(),
            ApplyError::UnknownTopic {
                topic_id: TopicId::from_bytes(id(9)),
            },
        ),
        (
            partition(1, 3).into(),
            ApplyError::InvalidPartition {
                topic_id: TopicId::from_bytes(id(1)),
                partition: PartitionIndex::new(3),
                rule: "partitions come in order",
            },
        ),
        (
            partition(1, -1).into(),
            field("PartitionRecord", "PartitionId", -1),
        ),
        (
            change(1, 2).into(),
            ApplyError::UnknownPartition {
                topic_id: TopicId::from_bytes(id(1)),
                partition: PartitionIndex::new(2),
            },
        ),
        (
            with(|it| it.replicas.clear()),
            invalid("replicas are not empty"),
        ),
        (
            with(|it| it.replicas = vec![1, 1, 2]),
            invalid("replicas are distinct"),
        ),
        (
            with(|it| it.directories.push(id(1))),
            invalid("there is one directory per replica"),
        ),
        (
            with(|it| it.isr = vec![1, 4]),
            invalid("the ISR is part of the replicas"),
        ),
        (
            with(|it| it.isr = vec![1, 1]),
            invalid("the ISR is part of the replicas"),
        ),
        (
            with(|it| it.isr = vec![1, 2]),
            invalid("who is in the ISR is in neither ELR nor last known ELR"),
        ),
        (
            with(|it| it.leader = 3),
            invalid("the leader is in the ISR"),
        ),
        (
            with(|it| it.adding_replicas = vec![4]),
            invalid("adding and removing are part of the replicas"),
        ),
        (
            with(|it| it.isr = vec![-1]),
            field("PartitionRecord", "Isr", -1),
        ),
        (
            with(|it| it.leader_epoch = -1),
            field("PartitionRecord", "LeaderEpoch", -1),
        ),
        (
            with(|it| it.leader_recovery_state = 2),
            field("PartitionRecord", "LeaderRecoveryState", 2),
        ),
        (
            config(32, "group", "key", Some("1")).into(),
            field("ConfigRecord", "ResourceType", 32),
        ),
        (
            UnregisterBrokerRecord {
                broker_id: 9,
                ..UnregisterBrokerRecord::default()
            }
            .into(),
            ApplyError::UnknownBroker {
                broker_id: BrokerId::new(9),
            },
        ),
        (
            BrokerRegistrationChangeRecord {
                broker_id: 1,
                broker_epoch: 9,
                ..BrokerRegistrationChangeRecord::default()
            }
            .into(),
            ApplyError::BrokerEpoch {
                broker_id: BrokerId::new(1),
                registered: BrokerEpoch::new(10),
                stated: BrokerEpoch::new(9),
            },
        ),
        (
            BrokerRegistrationChangeRecord {
                broker_id: 1,
                broker_epoch: 10,
                fenced: 2,
                ..BrokerRegistrationChangeRecord::default()
            }
            .into(),
            field("BrokerRegistrationChangeRecord", "Fenced", 2),
        ),
        (
            ProducerIdsRecord {
                next_producer_id: 2999,
                ..ProducerIdsRecord::default()
            }
            .into(),
            ApplyError::ProducerIdsBack {
                from: ProducerId::new(3000),
                to: ProducerId::new(2999),
            },
        ),
        (
            reassignment("a", -2, &[(2, 0)]).into(),
            field("ReassignmentRecord", "Throttle", -2),
        ),
        (
            reassignment("a", 5, &[(2, -1)]).into(),
            field("ReassignmentRecord", "Partitions", -1),
        ),
        (
            reassignment("b", 5, &[]).into(),
            reassigned("b", "it has partitions"),
        ),
        (
            reassignment("b", 5, &[(1, 0)]).into(),
            reassigned("b", "its partitions are being reassigned"),
        ),
        (
            reassignment("b", 5, &[(2, 0)]).into(),
            reassigned("b", "its partitions are in no other one"),
        ),
        (
            MetadataRecord::ClientQuota(Default::default()),
            ApplyError::Unsupported { api_key: 14 },
        ),
    ];
    for (record, error) in cases {
        let mut image = full();
        assert_eq!(image.apply(&record), Err(error), "{record:?}");
        assert_eq!(
            image,
            full(),
            "a refused record changes nothing: {record:?}"
        );
    }
}

#[test]
fn a_removed_topic_takes_its_configs_with_it() {
    let mut image = full();
    let removed = RemoveTopicRecord {
        topic_id: id(1),
        ..RemoveTopicRecord::default()
    };
    apply(&mut image, [removed.into()]);
    assert!(image.topic("orders").is_none());
    assert_eq!(image.min_insync_replicas(&"orders".into()), 1);
    assert_eq!(image.min_insync_replicas(&"clicks".into()), 3);
    let again: [MetadataRecord; 2] = [topic(5, "orders").into(), partition(5, 0).into()];
    apply(&mut image, again);
    assert_eq!(
        image.topic("orders").unwrap().id,
        TopicId::from_bytes(id(5))
    );
}

#[test]
fn unset_configs_leave_no_trace() {
    let mut image = full();
    let set = config(4, "3", "key", Some("value"));
    let unset = config(4, "3", "key", None);
    apply(&mut image, [set.into(), unset.clone().into(), unset.into()]);
    assert_eq!(image, full());
}

#[test]
fn configs_of_topics_come_before_the_brokers_and_the_clusters() {
    let mut image = full();
    let value = |image: &Image| {
        let found = image.topic_config(
            &"orders".into(),
            "retention.ms",
            BrokerId::new(2),
            "log.retention.ms",
        );
        found.map(|(value, source)| (value.to_string(), source))
    };
    assert_eq!(
        value(&image),
        Some(("1000".to_owned(), ConfigSource::Broker))
    );
    let on_topic = config(2, "orders", "retention.ms", Some("5"));
    apply(&mut image, [on_topic.into()]);
    assert_eq!(value(&image), Some(("5".to_owned(), ConfigSource::Topic)));
    let unset = config(2, "orders", "retention.ms", None);
    let not_on_broker = config(4, "2", "log.retention.ms", None);
    let default = config(4, "", "log.retention.ms", Some("7"));
    apply(
        &mut image,
        [unset.into(), not_on_broker.into(), default.into()],
    );
    assert_eq!(
        value(&image),
        Some(("7".to_owned(), ConfigSource::ClusterDefault))
    );
}

#[test]
fn resources_are_read_as_kafka_writes_them() {
    let read = |kind, name: &str| ConfigResource::from_wire(kind, &name.into());
    for (resource, kind, name) in [
        (ConfigResource::ClusterDefault, 4, ""),
        (ConfigResource::Broker(BrokerId::new(12)), 4, "12"),
        (ConfigResource::Topic("orders".into()), 2, "orders"),
    ] {
        assert_eq!(resource.to_wire(), (kind, name.into()));
        assert_eq!(read(kind, name), Some(resource));
    }
    for (kind, name) in [
        (2, ""),
        (4, "-1"),
        (4, "+1"),
        (4, "01"),
        (4, "x"),
        (8, "1"),
        (0, "a"),
    ] {
        assert_eq!(read(kind, name), None, "{kind} {name}");
    }
}

#[test]
fn broker_changes_touch_only_what_they_name() {
    let mut image = full();
    let fence = BrokerRegistrationChangeRecord {
        broker_id: 2,
        broker_epoch: 20,
        fenced: 1,
        ..BrokerRegistrationChangeRecord::default()
    };
    let before = image.broker(BrokerId::new(2)).unwrap().as_ref().clone();
    assert!(before.is_active() && before.is_cordoned());
    apply(&mut image, [fence.clone().into()]);
    let after = image.broker(BrokerId::new(2)).unwrap().as_ref().clone();
    assert_eq!(
        after,
        Broker {
            is_fenced: true,
            ..before
        }
    );
    let shut_down = BrokerRegistrationChangeRecord {
        fenced: -1,
        in_controlled_shutdown: 1,
        cordoned_log_dirs: Some(Vec::new()),
        ..fence
    };
    apply(&mut image, [shut_down.into()]);
    let after = image.broker(BrokerId::new(2)).unwrap();
    assert!(!after.is_fenced && after.is_in_controlled_shutdown && !after.is_active());
    assert!(!after.is_cordoned());
}

#[test]
fn elr_is_cleared_for_one_topic_or_for_all() {
    let mut image = full();
    let clear = |name: &str| ClearElrRecord {
        topic_name: name.into(),
        ..ClearElrRecord::default()
    };
    let elr = |image: &Image| -> Vec<usize> {
        image
            .partitions()
            .map(|(_, _, it)| it.elr.len() + it.last_known_elr.len())
            .collect()
    };
    apply(&mut image, [clear("clicks").into()]);
    assert_eq!(elr(&image), [0, 2, 2]);
    apply(&mut image, [clear("").into()]);
    assert_eq!(elr(&image), [0, 0, 0]);
}

#[test]
fn a_delta_names_what_differs_and_nothing_else() {
    let old = full();
    assert!(Delta::between(&old, &old.clone()).is_empty());
    let mut new = old.clone();
    let records: [MetadataRecord; 8] = [
        NoOpRecord::default().into(),
        PartitionChangeRecord {
            leader: 1,
            ..change(1, 1)
        }
        .into(),
        RemoveTopicRecord {
            topic_id: id(2),
            ..RemoveTopicRecord::default()
        }
        .into(),
        topic(3, "clicks").into(),
        partition(3, 0).into(),
        register(4).into(),
        UnregisterBrokerRecord {
            broker_id: 1,
            broker_epoch: 10,
            ..UnregisterBrokerRecord::default()
        }
        .into(),
        FeatureLevelRecord {
            name: "a.feature".into(),
            feature_level: 1,
            ..FeatureLevelRecord::default()
        }
        .into(),
    ];
    apply(&mut new, records);
    let at = |topic, partition| TopicPartition {
        topic_id: TopicId::from_bytes(id(topic)),
        partition: PartitionIndex::new(partition),
    };
    let expected = Delta {
        partitions: vec![at(1, 1), at(3, 0)],
        removed_topics: vec![Arc::clone(old.topic("clicks").unwrap())],
        brokers: broker_ids(&[1, 4]),
        configs: vec![ConfigResource::Topic("clicks".into())],
        features: vec!["a.feature".into()],
        reassignments: vec!["a".into()],
    };
    assert_eq!(Delta::between(&old, &new), expected);
    assert_eq!(old, full(), "the older image is untouched");
}

#[test]
fn a_delta_to_a_loaded_snapshot_is_that_to_the_image_it_was_taken_of() {
    let image = full();
    let mut loaded = Image::new("a cluster".into());
    apply(&mut loaded, image.records());
    assert!(Delta::between(&image, &loaded).is_empty());
    let empty = Image::new("a cluster".into());
    let all = Delta::between(&empty, &loaded);
    assert_eq!(
        (all.partitions.len(), all.brokers.len(), all.configs.len()),
        (3, 3, 4)
    );
}

#[test]
fn a_change_copies_one_topic_and_shares_the_others() {
    let old = full();
    let mut new = old.clone();
    let record = PartitionChangeRecord {
        leader: 1,
        ..change(1, 1)
    };
    apply(&mut new, [record.into()]);
    let is_shared = |name: &str| Arc::ptr_eq(old.topic(name).unwrap(), new.topic(name).unwrap());
    assert!(is_shared("clicks") && !is_shared("orders"));
    assert!(std::ptr::eq(orders(&old, 0), orders(&new, 0)));
}

#[test]
#[should_panic(expected = "an image goes forward")]
fn an_image_does_not_go_back() {
    let mut image = full();
    image.advance(at(20));
}
