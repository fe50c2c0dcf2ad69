//! A small cluster for tests: what brokers and topics there are, and nothing that happened.

use broker_metadata::Image;
use broker_types::DirectoryId;
use broker_wire::MetadataRecord;
use broker_wire::messages::partition_record::PartitionRecord;
use broker_wire::messages::register_broker_record::{BrokerEndpoint, RegisterBrokerRecord};
use broker_wire::messages::topic_record::TopicRecord;

use crate::connection::Listener;

/// The clients' listener of all brokers.
pub(crate) fn listener() -> Listener {
    Listener::Clients {
        name: "internal".to_owned(),
    }
}

/// The id of the topic at a place.
pub(crate) fn topic_id(place: u8) -> [u8; 16] {
    [place + 1; 16]
}

/// Brokers 1 and 2, and topics with so many partitions each, all of them led by broker 2 in epoch 7.
pub(crate) fn image(topics: &[(&'static str, i32)]) -> Image {
    let mut image = Image::new("a-cluster".into());
    let mut apply = |record: MetadataRecord| image.apply(&record).unwrap();
    for broker_id in [1, 2] {
        let directory = DirectoryId::from_wire([0xd0; 16]).unwrap();
        apply(
            RegisterBrokerRecord {
                broker_id,
                broker_epoch: i64::from(broker_id),
                incarnation_id: [0xaa; 16],
                end_points: vec![BrokerEndpoint {
                    name: "internal".into(),
                    host: "localhost".into(),
                    port: 9090 + u16::try_from(broker_id).unwrap(),
                    ..BrokerEndpoint::default()
                }],
                fenced: false,
                log_dirs: vec![directory.to_bytes()],
                cordoned_log_dirs: Some(Vec::new()),
                ..RegisterBrokerRecord::default()
            }
            .into(),
        );
    }
    for (place, (name, n_partitions)) in topics.iter().enumerate() {
        let topic_id = topic_id(u8::try_from(place).unwrap());
        let name = (*name).into();
        apply(
            TopicRecord {
                name,
                topic_id,
                ..TopicRecord::default()
            }
            .into(),
        );
        for partition_id in 0..*n_partitions {
            apply(
                PartitionRecord {
                    partition_id,
                    topic_id,
                    replicas: vec![2, 1],
                    isr: vec![2, 1],
                    leader: 2,
                    leader_epoch: 7,
                    partition_epoch: 1,
                    ..PartitionRecord::default()
                }
                .into(),
            );
        }
    }
    image
}
