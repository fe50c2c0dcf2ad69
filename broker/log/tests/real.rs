//! The log on a real disk: what it writes it reads again, and an empty one costs little.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use broker_log::dir::real::RealDir;
use broker_log::dir::{Dir, File};
use broker_log::{
    Append, Log, LogConfig, OnDamage, OpenFiles, OpenOptions, Origin, Read, ReadLimit, Recovery,
    Restart, SyncScope,
};
use broker_types::{LeaderEpoch, Offset, Timestamp, TopicId};
use broker_wire::record_batch::{BatchBuilder, BatchOptions, batches, verify_crc};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

/// Descriptors of closed segments that the logs of one test may hold.
const OPEN_MAX: NonZeroUsize = NonZeroUsize::new(5).unwrap();

fn files(dir: &RealDir) -> OpenFiles<RealDir> {
    OpenFiles::new(dir.clone(), OPEN_MAX)
}

fn open(files: &OpenFiles<RealDir>, folder: &str, restart: Restart) -> (Log<RealDir>, Recovery) {
    let options = OpenOptions {
        topic_id: Some(TopicId::METADATA),
        config: Arc::new(LogConfig {
            segment_bytes: 1 << 16,
            ..LogConfig::default()
        }),
        restart,
        on_damage: OnDamage::Refuse,
        now: NOW,
    };
    Log::open(files, folder, &options).unwrap()
}

fn sync(log: &mut Log<RealDir>) {
    if let Some(request) = log.sync_request(SyncScope::All) {
        let result = request.perform();
        log.handle_synced(request, result).unwrap();
    }
}

fn append(log: &mut Log<RealDir>, count: usize) {
    for _ in 0..count {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(NOW, Some(b"key"), Some(&[7; 1000]), &[]);
        let batch = builder.build().unwrap();
        let appended = log.append_as_leader(&batch, LeaderEpoch::new(1), Origin::Client, NOW);
        assert!(matches!(appended, Ok(Append::Appended(_))));
    }
}

fn check(log: &Log<RealDir>, count: u64) {
    let (view, mut next) = (log.view(), Offset::ZERO);
    let limit = ReadLimit {
        bytes_max: 100_000,
        upper_bound: view.log_end_offset(),
        at_least_one_batch: true,
    };
    while let Read::Slice(slice) = view.read(next, &limit).unwrap() {
        assert!(slice.file.as_fd().is_some());
        for batch in batches(&slice.to_vec().unwrap()) {
            let batch = batch.unwrap();
            verify_crc(batch.bytes()).unwrap();
            assert_eq!(batch.header().base_offset, next);
            next = batch.header().next_offset();
        }
    }
    assert_eq!(next, Offset::new(count));
}

#[test]
fn a_log_is_opened_again_cleanly_and_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let dir = files(&RealDir::open(folder.path()).unwrap());
    let (mut log, _) = open(&dir, "t-0", Restart::Unclean);
    append(&mut log, 300);
    sync(&mut log);
    log.checkpoint().unwrap();
    sync(&mut log);
    append(&mut log, 10);
    drop(log);
    let (mut log, recovery) = open(&dir, "t-0", Restart::Unclean);
    assert_eq!(recovery.stated_end_offset, Offset::new(300));
    check(&log, 310);
    assert_eq!(log.durable_end_offset(), Offset::new(300));
    log.truncate_to(Offset::new(150), NOW).unwrap();
    append(&mut log, 100);
    check(&log, 250);
    if let Some(request) = log.close().unwrap() {
        let result = request.perform();
        log.handle_synced(request, result).unwrap();
    }
    log.checkpoint().unwrap();
    sync(&mut log);
    drop(log);
    let (log, recovery) = open(&dir, "t-0", Restart::Clean);
    assert_eq!(recovery.scanned_bytes, 0);
    check(&log, 250);
    let end = log.end_offset_for_epoch(LeaderEpoch::new(1)).unwrap();
    assert_eq!(end.end_offset, Offset::new(250));
}

/// Descriptors of what lies in a folder: other tests of this process open and close files meanwhile.
fn descriptors_in(path: &Path) -> usize {
    std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|it| std::fs::read_link(it.unwrap().path()).ok())
        .filter(|it| it.starts_with(path))
        .count()
}

#[test]
fn closed_segments_hold_no_more_descriptors_than_they_may() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let files = files(&RealDir::open(folder.path()).unwrap());
    let n_logs = 10;
    let name = |it| format!("t-{it}");
    let mut logs: Vec<_> = (0..n_logs)
        .map(|it| open(&files, &name(it), Restart::Unclean).0)
        .collect();
    for log in &mut logs {
        append(log, 640);
        sync(log);
        sync(log);
        assert!(log.view().segments_count() >= 10);
    }
    assert!(descriptors_in(&path) <= n_logs + OPEN_MAX.get());
    for log in &logs {
        check(log, 640);
    }
    assert_eq!(files.count(), OPEN_MAX.get());
    assert!(descriptors_in(&path) <= n_logs + OPEN_MAX.get());
    drop(logs);
    assert_eq!((files.count(), descriptors_in(&path)), (0, 0));
    let (mut log, _) = open(&files, &name(0), Restart::Unclean);
    // It has files that are to be synced, and these are few.
    assert!(descriptors_in(&path) <= 1 + OPEN_MAX.get() + 12);
    sync(&mut log);
    check(&log, 640);
    assert!(descriptors_in(&path) <= 1 + OPEN_MAX.get());
}

#[test]
fn an_empty_partition_holds_one_descriptor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let descriptors = || descriptors_in(&path);
    let dir = RealDir::open(folder.path()).unwrap();
    let files = files(&dir);
    let before = descriptors();
    let mut logs: Vec<_> = (0..200)
        .map(|it| open(&files, &format!("t-{it}"), Restart::Unclean).0)
        .collect();
    let requests: Vec<_> = logs
        .iter_mut()
        .map(|it| it.sync_request(SyncScope::All).unwrap())
        .collect();
    dir.sync_all().unwrap();
    for (log, request) in logs.iter_mut().zip(requests) {
        log.handle_synced(request, Ok(())).unwrap();
    }
    assert_eq!(descriptors() - before, 200);
    assert_eq!(dir.list(Path::new("t-7")).unwrap().len(), 3);
}
