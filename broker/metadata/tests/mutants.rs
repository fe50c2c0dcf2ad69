//! Deliberate mistakes of the controller that the simulation seldom shows, each with the scenario that
//! must fail.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where it unwraps"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use broker_metadata::controller::Settings;
use broker_metadata::{Controller, Image};
use broker_types::{ErrorCode, Monotonic, Mutant};
use broker_wire::messages::AlterPartitionRequest;
use broker_wire::messages::alter_partition_request::{BrokerState, PartitionData, TopicData};
use broker_wire::messages::partition_record::PartitionRecord;
use broker_wire::messages::register_broker_record::RegisterBrokerRecord;
use broker_wire::messages::topic_record::TopicRecord;

const TOPIC: [u8; 16] = [7; 16];

/// Brokers 1, 2 and 3, each registered with ten times its id for its epoch; a partition that broker 1
/// leads, with 1 and 2 in sync.
fn image() -> Image {
    let mut image = Image::new("cluster".into());
    for id in 1..=3_u8 {
        let broker = RegisterBrokerRecord {
            broker_id: i32::from(id),
            broker_epoch: 10 * i64::from(id),
            incarnation_id: [id; 16],
            log_dirs: vec![[id; 16]],
            fenced: false,
            ..RegisterBrokerRecord::default()
        };
        image.apply(&broker.into()).unwrap();
    }
    let topic = TopicRecord {
        name: "topic".into(),
        topic_id: TOPIC,
        ..TopicRecord::default()
    };
    image.apply(&topic.into()).unwrap();
    let partition = PartitionRecord {
        topic_id: TOPIC,
        partition_id: 0,
        replicas: vec![1, 2, 3],
        directories: vec![[1; 16], [2; 16], [3; 16]],
        isr: vec![1, 2],
        leader: 1,
        leader_epoch: 0,
        partition_epoch: 0,
        ..PartitionRecord::default()
    };
    image.apply(&partition.into()).unwrap();
    image
}

/// Its leader saw broker 3 catch up before that broker restarted, on an empty disk for all it knows.
fn a_process_that_is_gone_does_not_join_an_isr() {
    let mut controller = Controller::new(Settings::default(), image(), Monotonic::ZERO);
    let members = [(1, 10), (2, 20), (3, 29)].map(|(broker_id, broker_epoch)| BrokerState {
        broker_id,
        broker_epoch,
        ..BrokerState::default()
    });
    let partition = PartitionData {
        new_isr_with_epochs: members.to_vec(),
        ..PartitionData::default()
    };
    let request = AlterPartitionRequest {
        broker_id: 1,
        broker_epoch: 10,
        topics: vec![TopicData {
            topic_id: TOPIC,
            partitions: vec![partition],
            ..TopicData::default()
        }],
        ..AlterPartitionRequest::default()
    };
    let answer = controller.alter_partition(&request).response;
    let error = answer.topics[0].partitions[0].error_code;
    assert_eq!(error, ErrorCode::IneligibleReplica.to_wire(), "it joins");
}

#[test]
fn every_mistake_is_found() {
    let mutant = Mutant::AlterWithoutBrokerEpochs;
    a_process_that_is_gone_does_not_join_an_isr();
    std::panic::set_hook(Box::new(|_| {}));
    Mutant::choose(Some(mutant));
    let found = catch_unwind(AssertUnwindSafe(
        a_process_that_is_gone_does_not_join_an_isr,
    ));
    Mutant::choose(None);
    let _ = std::panic::take_hook();
    assert!(found.is_err(), "not found: {mutant:?}");
    println!("| {mutant:?} | {} | scenario | it joins |", mutant.what());
}
