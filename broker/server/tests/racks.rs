//! Consumers read from the replica in their own rack (KIP-392), as Kafka's clients do it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not as expected ends the test"
)]

mod judges;
mod raw;

use std::time::{Duration, Instant};

use broker_wire::messages::fetch_response::PartitionData;
use broker_wire::messages::{self as wire, fetch_request as fetch, metadata_request as metadata};
use broker_wire::{Records, Request, Response};
use judges::Cluster;
use raw::Client;

const TOPIC: &str = "orders";
const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
const CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const SELECTOR: &str =
    "replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector";
/// How long a follower may take to have what was written.
const REPLICATED_WITHIN: Duration = Duration::from_secs(30);

const NONE: i16 = 0;
const OFFSET_OUT_OF_RANGE: i16 = 1;
const NOT_LEADER_OR_FOLLOWER: i16 = 6;
const UNKNOWN_LEADER_EPOCH: i16 = 75;
const OFFSET_NOT_AVAILABLE: i16 = 78;

/// One client of each broker, and the topic's id. Broker 1 leads, 2 follows, and 3 has no replica.
struct Asked {
    clients: Vec<Client>,
    topic_id: [u8; 16],
}

impl Asked {
    fn new(cluster: &Cluster) -> Asked {
        let addresses = cluster.bootstrap.split(',');
        let mut clients: Vec<Client> = addresses.map(Client::connect).collect();
        let request = wire::MetadataRequest {
            topics: Some(vec![metadata::MetadataRequestTopic {
                name: Some(TOPIC.into()),
                ..Default::default()
            }]),
            ..Default::default()
        };
        let Response::Metadata(described) = clients[0].ask(&request.into(), 12) else {
            panic!("Metadata was answered with something else");
        };
        assert_eq!(described.topics[0].partitions[0].leader_id, 1);
        let topic_id = described.topics[0].topic_id;
        Asked { clients, topic_id }
    }

    fn fetch(&mut self, broker: usize, version: i16, rack: &str, offset: i64) -> PartitionData {
        self.fetch_in(broker, version, rack, offset, -1)
    }

    fn fetch_in(
        &mut self,
        broker: usize,
        version: i16,
        rack: &str,
        offset: i64,
        leader_epoch: i32,
    ) -> PartitionData {
        let partition = fetch::FetchPartition {
            fetch_offset: offset,
            current_leader_epoch: leader_epoch,
            partition_max_bytes: 1 << 20,
            ..Default::default()
        };
        let by_id = version >= 13;
        let topic = fetch::FetchTopic {
            topic: if by_id { "" } else { TOPIC }.into(),
            topic_id: if by_id { self.topic_id } else { [0; 16] },
            partitions: vec![partition],
            ..Default::default()
        };
        let request = wire::FetchRequest {
            max_bytes: 1 << 24,
            max_wait_ms: 100,
            min_bytes: 1,
            session_epoch: -1,
            rack_id: rack.into(),
            topics: vec![topic],
            ..Default::default()
        };
        let answer = self.clients[broker - 1].ask(&Request::from(request), version);
        let Response::Fetch(mut fetched) = answer else {
            panic!("answered with {answer:?}");
        };
        fetched.responses.remove(0).partitions.remove(0)
    }
}

fn has_records(data: &PartitionData) -> bool {
    matches!(&data.records, Some(Records::Bytes(it)) if !it.is_empty())
}

fn set_up() -> Cluster {
    let cluster = Cluster::start(3);
    let servers = ["--bootstrap-server", &cluster.bootstrap];
    let create = ["--create", "--topic", TOPIC, "--replica-assignment", "1:2"];
    cluster.java(TOPICS, &[&servers[..], &create].concat());
    let lines: String = (0..100).map(|it| format!("line {it}\n")).collect();
    cluster.kcat(&["-P", "-t", TOPIC, "-X", "acks=all"], &lines);
    cluster
}

fn select_by_rack(cluster: &Cluster) {
    cluster.configure_brokers(SELECTOR);
}

#[test]
fn a_consumer_is_sent_to_the_follower_in_its_rack_and_served_there() {
    let cluster = set_up();
    let mut asked = Asked::new(&cluster);
    // Nobody is sent anywhere before it is asked for.
    let data = asked.fetch(1, 17, "rack-2", 0);
    assert!(data.preferred_read_replica == -1 && has_records(&data));
    select_by_rack(&cluster);

    let deadline = Instant::now() + REPLICATED_WITHIN;
    let sent = loop {
        let data = asked.fetch(1, 17, "rack-2", 0);
        if data.preferred_read_replica >= 0 {
            break data;
        }
        assert!(Instant::now() < deadline, "{data:?}");
    };
    assert_eq!((sent.preferred_read_replica, sent.error_code), (2, NONE));
    assert!(
        !has_records(&sent) && sent.high_watermark == 100,
        "{sent:?}"
    );
    for (version, rack) in [
        (10, ""),
        (17, ""),
        (17, "rack-1"),
        (17, "rack-3"),
        (17, "elsewhere"),
    ] {
        let data = asked.fetch(1, version, rack, 0);
        assert!(has_records(&data), "{version} {rack}: {data:?}");
        assert_eq!(data.preferred_read_replica, -1, "{version} {rack}");
    }
    // It has as much as the leader: there is nothing to send to the follower for beyond it.
    let data = asked.fetch(1, 17, "rack-2", 101);
    let out_of_range = (-1, OFFSET_OUT_OF_RANGE);
    assert_eq!((data.preferred_read_replica, data.error_code), out_of_range);

    for (version, offset, expected) in [
        (11, 0, NONE),
        (12, 50, NONE),
        (17, 100, NONE),
        (17, 101, OFFSET_NOT_AVAILABLE),
        (10, 0, NOT_LEADER_OR_FOLLOWER),
    ] {
        let data = asked.fetch(2, version, "rack-2", offset);
        assert_eq!(data.error_code, expected, "{version} @{offset}: {data:?}");
        assert_eq!(has_records(&data), expected == NONE && offset < 100);
        assert_eq!(data.preferred_read_replica, -1);
    }
    let at_epoch = |asked: &mut Asked, epoch| asked.fetch_in(2, 17, "", 0, epoch).error_code;
    assert_eq!(at_epoch(&mut asked, 0), NONE);
    assert_eq!(at_epoch(&mut asked, 5), UNKNOWN_LEADER_EPOCH);
    assert_eq!(
        asked.fetch(3, 17, "rack-3", 0).error_code,
        NOT_LEADER_OR_FOLLOWER
    );

    // The follower wakes who waits there for what comes next.
    cluster.kcat(&["-P", "-t", TOPIC, "-X", "acks=all"], "one more\n");
    let deadline = Instant::now() + REPLICATED_WITHIN;
    while !has_records(&asked.fetch(2, 17, "rack-2", 100)) {
        assert!(Instant::now() < deadline, "{}", cluster.log());
    }

    let arguments = [
        "--bootstrap-server",
        &cluster.bootstrap,
        "--topic",
        TOPIC,
        "--from-beginning",
        "--max-messages",
        "101",
        "--timeout-ms",
        "30000",
        "--command-property",
        "client.rack=rack-2",
    ];
    assert_eq!(cluster.java(CONSUMER, &arguments).lines().count(), 101);
    let consume = [
        "-C",
        "-t",
        TOPIC,
        "-o",
        "beginning",
        "-e",
        "-q",
        "-X",
        "client.rack=rack-2",
    ];
    assert_eq!(cluster.kcat(&consume, "").lines().count(), 101);
}
