//! What a log does, on a disk in memory.

mod append;
mod durability;
mod full;
mod read;
mod remove;
mod restart;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};
use broker_wire::record_batch::{BatchBuilder, BatchHeader, BatchOptions, Producer, batches};

use super::*;
use crate::dir::memory::{Call, MemoryDir, Policy, Verdict};
use crate::validator::Origin;
use crate::view::{Read, ReadLimit};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000_000);
pub(crate) const FOLDER: &str = "t-0";

/// A config whose limits are small enough to reach.
pub(crate) fn config() -> LogConfig {
    LogConfig {
        index_interval_bytes: 100,
        segment_bytes: 1000,
        ..LogConfig::default()
    }
}

pub(crate) fn options(config: LogConfig, restart: Restart) -> OpenOptions {
    OpenOptions {
        topic_id: None,
        config: Arc::new(config),
        restart,
        on_damage: OnDamage::Refuse,
        now: NOW,
    }
}

/// So few that most reads of a closed segment open it anew.
pub(crate) fn files(dir: &MemoryDir) -> OpenFiles<MemoryDir> {
    OpenFiles::new(dir.clone(), NonZeroUsize::MIN)
}

pub(crate) fn open(dir: &MemoryDir, config: LogConfig) -> Log<MemoryDir> {
    let options = options(config, Restart::Unclean);
    Log::open(&files(dir), FOLDER, &options).unwrap().0
}

pub(crate) fn new_log() -> (MemoryDir, Log<MemoryDir>) {
    let dir = MemoryDir::new();
    let log = open(&dir, config());
    (dir, log)
}

/// A batch of as many records as there are timestamps; each is 20 bytes or so.
pub(crate) fn batch_at(timestamps: &[i64]) -> Vec<u8> {
    batch_of(BatchOptions::default(), timestamps)
}

pub(crate) fn batch_of(options: BatchOptions, timestamps: &[i64]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for timestamp in timestamps {
        let timestamp = Timestamp::from_millis(*timestamp);
        builder.append(timestamp, Some(b"key"), Some(b"some value"), &[]);
    }
    builder.build().unwrap()
}

/// A batch of `count` records that an idempotent producer sends.
pub(crate) fn sequenced(id: u64, epoch: u16, base_sequence: u32, count: usize) -> Vec<u8> {
    let producer = Some(Producer {
        id: ProducerId::new(id),
        epoch: ProducerEpoch::new(epoch),
        base_sequence: Some(base_sequence),
    });
    let options = BatchOptions {
        producer,
        ..BatchOptions::default()
    };
    batch_of(options, &vec![NOW.as_millis(); count])
}

pub(crate) fn append(log: &mut Log<MemoryDir>, bytes: &[u8]) -> Appended {
    let epoch = log.latest_epoch().unwrap_or(LeaderEpoch::new(1));
    match log.append_as_leader(bytes, epoch, Origin::Client, NOW) {
        Ok(Append::Appended(appended)) => appended,
        other => panic!("{other:?}"),
    }
}

/// Appends `count` batches of one record.
pub(crate) fn fill(log: &mut Log<MemoryDir>, count: usize) {
    for _ in 0..count {
        append(log, &batch_at(&[NOW.as_millis()]));
    }
}

pub(crate) fn sync(log: &mut Log<MemoryDir>) {
    if let Some(request) = log.sync_request(SyncScope::All) {
        let result = request.perform();
        log.handle_synced(request, result).unwrap();
    }
}

pub(crate) fn all(log: &Log<MemoryDir>) -> ReadLimit {
    ReadLimit {
        bytes_max: u32::MAX,
        upper_bound: log.log_end_offset(),
        at_least_one_batch: true,
    }
}

/// Base offsets of all batches that the log's view has, each checked.
pub(crate) fn offsets(log: &Log<MemoryDir>) -> Vec<u64> {
    let view = log.view();
    let (mut offsets, mut next) = (Vec::new(), view.log_start_offset());
    while let Read::Slice(slice) = view.read(next, &all(log)).unwrap() {
        let bytes = slice.to_vec().unwrap();
        for batch in batches(&bytes) {
            let batch = batch.unwrap();
            broker_wire::record_batch::verify_crc(batch.bytes()).unwrap();
            offsets.push(batch.header().base_offset.value());
        }
        assert!(next < slice.end_offset);
        next = slice.end_offset;
    }
    assert_eq!(next, log.log_end_offset());
    offsets
}

pub(crate) fn names(dir: &MemoryDir) -> Vec<String> {
    let entries = dir.list(Path::new(FOLDER)).unwrap();
    entries.into_iter().map(|it| it.name).collect()
}

pub(crate) fn log_files(dir: &MemoryDir) -> Vec<String> {
    let mut names = names(dir);
    names.retain(|it| it.ends_with(".log"));
    names
}

/// A policy with a verdict on calls of one kind.
pub(crate) fn fail(kind: Call, verdict: Verdict) -> Policy {
    Box::new(move |call, _| if call == kind { verdict } else { Verdict::Pass })
}

pub(crate) fn offset(value: u64) -> Offset {
    Offset::new(value)
}

#[test]
fn an_empty_log_is_small_and_moves_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    fn is_sent<T: Send>() {}
    is_sent::<Log<crate::dir::real::RealDir>>();
    is_sent::<SyncRequest<crate::dir::real::RealDir>>();
    is_shared::<LogView<crate::dir::real::RealDir>>();
    let owned = size_of::<Log<crate::dir::real::RealDir>>();
    let shared = size_of::<crate::segment::Segment<crate::dir::real::RealDir>>()
        + size_of::<crate::segment::MemoryIndexes>();
    assert!(owned + shared < 2048, "{owned} and {shared} bytes");
}
