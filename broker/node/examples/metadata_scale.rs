//! How the metadata behaves at many partitions: `cargo run --profile fast -p broker-node --example
//! metadata_scale`, with other numbers of partitions as arguments.
//!
//! In: numbers of partitions. Out, for each of several shapes: how long a start takes from a snapshot
//! and from the log, what the image holds in memory, and what one change costs while others look at the
//! image. Never here: a check; what is measured is the shipped code.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement by hand: it has a clock, prints, and stops at whatever goes wrong"
)]

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use broker_log::config::LogConfig;
use broker_log::dir::Dir;
use broker_log::dir::real::RealDir;
use broker_log::{Log, OnDamage, OpenFiles, OpenOptions, Restart};
use broker_metadata::controller::Settings;
use broker_metadata::{Controller, Delta, Image};
use broker_node::quorum::FirstVoter;
use broker_node::quorum::recover::Survivor;
use broker_node::world::Peer;
use broker_types::{
    BrokerId, DirectoryId, Epoch, LeaderEpoch, Monotonic, Offset, Timestamp, TopicId,
};
use broker_wire::messages::partition_change_record::PartitionChangeRecord;
use broker_wire::messages::partition_record::PartitionRecord;
use broker_wire::messages::register_broker_record::RegisterBrokerRecord;
use broker_wire::messages::snapshot_footer_record::SnapshotFooterRecord;
use broker_wire::messages::snapshot_header_record::SnapshotHeaderRecord;
use broker_wire::messages::topic_record::TopicRecord;
use broker_wire::record_batch::{BatchBuilder, BatchOptions, ControlRecordKind};
use broker_wire::{Message as _, MetadataRecord};

const FOLDER: &str = "__cluster_metadata-0";
const CLUSTER: &str = "scale";
const EPOCH: Epoch = Epoch::new(1);
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const BROKERS: u32 = 3;
/// Records of one batch.
const BATCH: usize = 1_000;
/// Changes of which the mean is told.
const CHANGES: usize = 300;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let numbers = || asked.iter().map(|it| it.parse::<usize>().unwrap());
    if let [first, n_partitions, per_topic] = asked.as_slice()
        && first == ONE
    {
        return measure(n_partitions.parse().unwrap(), per_topic.parse().unwrap());
    }
    let mut sizes: Vec<usize> = numbers().collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000];
    }
    println!("| {} |", COLUMNS.join(" | "));
    println!("|{}", "---|".repeat(COLUMNS.len()));
    for n_partitions in sizes {
        for per_topic in [1, 10, n_partitions / 10] {
            // In a process of its own: memory that was used before would not count again.
            let mut one = Command::new(std::env::current_exe().unwrap());
            one.args([ONE, &n_partitions.to_string(), &per_topic.to_string()]);
            assert!(one.status().unwrap().success());
        }
    }
}

const ONE: &str = "one";

const COLUMNS: [&str; 10] = [
    "Partitions",
    "Topics",
    "Snapshot, MB",
    "Start from it, ms",
    "Log, MB",
    "Start from it, ms",
    "Image, MB",
    "Apply all, ms",
    "One change, us",
    "Fence a broker, ms",
];

fn measure(n_partitions: usize, per_topic: usize) {
    let records = records(n_partitions, per_topic);
    let before = resident();
    let (image, applied_in) = timed(|| image(&records));
    let held = resident().saturating_sub(before);
    let (snapshot_bytes, from_snapshot) = start(|folder| write_snapshot(folder, &records));
    let (log_bytes, from_log) = start(|folder| write_log(folder, &records));
    let one_change = change(&image);
    let fenced_in = fence(&image);
    let ms = |it: Duration| format!("{:.0}", it.as_secs_f64() * 1e3);
    let mb = |it: u64| format!("{:.1}", it as f64 / 1e6);
    let row = [
        n_partitions.to_string(),
        (n_partitions / per_topic).to_string(),
        mb(snapshot_bytes),
        ms(from_snapshot),
        mb(log_bytes),
        ms(from_log),
        mb(held),
        ms(applied_in),
        format!("{:.0}", one_change.as_secs_f64() * 1e6),
        ms(fenced_in),
    ];
    println!("| {} |", row.join(" | "));
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// Ids as they are in a cluster: spread over all there are.
fn topic_id(number: usize) -> TopicId {
    let spread = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    TopicId::from_bytes(bytes)
}

/// Three brokers, and topics with three replicas each.
fn records(n_partitions: usize, per_topic: usize) -> Vec<MetadataRecord> {
    let mut records: Vec<MetadataRecord> = Vec::new();
    for id in 1..=BROKERS {
        records.push(
            RegisterBrokerRecord {
                broker_id: id.cast_signed(),
                broker_epoch: i64::from(id),
                incarnation_id: [u8::try_from(id).unwrap(); 16],
                log_dirs: vec![[u8::try_from(id).unwrap(); 16]],
                fenced: false,
                ..RegisterBrokerRecord::default()
            }
            .into(),
        );
    }
    for topic in 0..n_partitions / per_topic {
        let id = topic_id(topic).to_bytes();
        records.push(
            TopicRecord {
                name: format!("topic-{topic:06}").into(),
                topic_id: id,
                ..TopicRecord::default()
            }
            .into(),
        );
        for partition in 0..per_topic {
            let first = (topic + partition) % BROKERS as usize;
            let replicas: Vec<i32> = (0..BROKERS as usize)
                .map(|it| i32::try_from((first + it) % BROKERS as usize).unwrap() + 1)
                .collect();
            let directory = |id: &i32| [u8::try_from(*id).unwrap(); 16];
            records.push(
                PartitionRecord {
                    partition_id: i32::try_from(partition).unwrap(),
                    topic_id: id,
                    leader: replicas[0],
                    leader_epoch: 0,
                    partition_epoch: 0,
                    directories: replicas.iter().map(directory).collect(),
                    isr: replicas.clone(),
                    replicas,
                    ..PartitionRecord::default()
                }
                .into(),
            );
        }
    }
    records
}

fn image(records: &[MetadataRecord]) -> Image {
    let mut image = Image::new(CLUSTER.into());
    for record in records {
        image.apply(record).unwrap();
    }
    image
}

/// Changes one partition after the other, each told to those who look at the image: as the thread of
/// the quorum does when changes come one by one.
fn change(image: &Image) -> Duration {
    let topics: Vec<TopicId> = image.topics().map(|it| it.id).collect();
    let mut shown = Arc::new(image.clone());
    let mut next = image.clone();
    let ((), taken) = timed(|| {
        for number in 0..CHANGES {
            let topic = topics[number * 7919 % topics.len()];
            let record = PartitionChangeRecord {
                partition_id: 0,
                topic_id: topic.to_bytes(),
                isr: Some(if number % 2 == 0 {
                    vec![1, 2]
                } else {
                    vec![1, 2, 3]
                }),
                leader: 1,
                ..PartitionChangeRecord::default()
            };
            next.apply(&record.into()).unwrap();
            let now = Arc::new(next.clone());
            let delta = Delta::between(&shown, &now);
            assert!(delta.partitions.len() <= 1);
            shown = now;
        }
    });
    taken / u32::try_from(CHANGES).unwrap()
}

/// What the controller does when a broker is gone: it leaves every ISR, and what it led is led by others.
fn fence(image: &Image) -> Duration {
    let mut controller = Controller::new(Settings::default(), image.clone(), Monotonic::ZERO);
    let (decision, taken) = timed(|| controller.fence_lost(&[BrokerId::new(2)]));
    assert!(decision.records.len() > 1);
    taken
}

/// How many bytes the metadata has on the disk, and how long it takes to have it as an image again.
fn start(write: impl FnOnce(&Path)) -> (u64, Duration) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
    write(folder.path());
    let files = std::fs::read_dir(folder.path().join(FOLDER)).unwrap();
    let bytes = files.map(|it| it.unwrap().metadata().unwrap().len()).sum();
    let dir = RealDir::open(folder.path()).unwrap();
    let me = FirstVoter {
        id: BrokerId::new(1),
        directory_id: DirectoryId::from_bytes([1; 16]),
        peer: Peer {
            host: "localhost".to_owned(),
            port: 1,
        },
    };
    let (survivor, taken) = timed(|| Survivor::open(&dir, CLUSTER, me, NOW).unwrap());
    drop(survivor);
    (bytes, taken)
}

fn options(base_offset: usize, is_control: bool) -> BatchOptions {
    BatchOptions {
        base_offset: Offset::new(base_offset as u64),
        partition_leader_epoch: Some(LeaderEpoch::new(EPOCH.value())),
        is_control,
        ..BatchOptions::default()
    }
}

/// Batches of the records, from `base_offset` on.
fn batches(base_offset: usize, records: &[MetadataRecord]) -> Vec<Vec<u8>> {
    let chunks = records.chunks(BATCH).enumerate();
    let batches = chunks.map(|(number, records)| {
        let mut builder = BatchBuilder::new(options(base_offset + number * BATCH, false));
        for record in records {
            let value = record.encode(record.versions().to).unwrap();
            builder.append(NOW, None, Some(&value), &[]);
        }
        builder.build().unwrap()
    });
    batches.collect()
}

fn control(base_offset: usize, kind: ControlRecordKind, value: &[u8]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options(base_offset, true));
    builder.append(NOW, Some(&kind.to_key()), Some(value), &[]);
    builder.build().unwrap()
}

fn write_snapshot(folder: &Path, records: &[MetadataRecord]) {
    let header = SnapshotHeaderRecord::default();
    let header = header.encode(header.version).unwrap();
    let footer = SnapshotFooterRecord::default();
    let footer = footer.encode(footer.version).unwrap();
    let mut bytes = control(0, ControlRecordKind::SnapshotHeader, &header);
    bytes.extend(batches(1, records).concat());
    bytes.extend(control(
        records.len() + 1,
        ControlRecordKind::SnapshotFooter,
        &footer,
    ));
    let name = format!("{:020}-{:010}.checkpoint", records.len(), EPOCH.value());
    std::fs::write(folder.join(FOLDER).join(name), bytes).unwrap();
}

fn write_log(folder: &Path, records: &[MetadataRecord]) {
    let dir = RealDir::open(folder).unwrap();
    let options = OpenOptions {
        topic_id: Some(TopicId::METADATA),
        config: Arc::new(LogConfig::default()),
        restart: Restart::Unclean,
        on_damage: OnDamage::Refuse,
        now: NOW,
    };
    let files = OpenFiles::new(dir.clone(), NonZeroUsize::MIN);
    let (mut log, _) = Log::open(&files, FOLDER, &options).unwrap();
    for batch in batches(0, records) {
        log.append_as_follower(&batch, NOW).unwrap();
    }
    dir.sync_all().unwrap();
}
