//! A disk without room: what was written in part is taken back, and what makes room works.

use std::io::ErrorKind;

use super::*;
use crate::dir::File;
use crate::error::is_out_of_space;

/// A log of so many batches, all of it durable, on a disk that has so many bytes left.
fn log_with_left(count: usize, left: u64) -> (MemoryDir, Log<MemoryDir>) {
    let (dir, mut log) = new_log();
    fill(&mut log, count);
    sync(&mut log);
    log.checkpoint().unwrap();
    sync(&mut log);
    dir.set_capacity(Some(dir.used() + left));
    (dir, log)
}

fn append_one(log: &mut Log<MemoryDir>) -> Result<Append, AppendError> {
    let batch = batch_at(&[NOW.as_millis()]);
    log.append_as_leader(&batch, LeaderEpoch::new(1), Origin::Client, NOW)
}

#[test]
fn a_batch_that_finds_no_room_leaves_nothing_and_the_log_goes_on_when_there_is_some() {
    let size = batch_at(&[1]).len() as u64;
    for left in 0..size {
        let (dir, mut log) = log_with_left(3, left);
        let used = dir.used();
        for _ in 0..3 {
            let error = append_one(&mut log).unwrap_err();
            assert!(is_out_of_space(&error), "{error}");
            assert_eq!(dir.used(), used, "{left}");
        }
        assert!(!log.is_offline());
        dir.set_capacity(None);
        append_one(&mut log).unwrap();
        sync(&mut log);
        assert_eq!(offsets(&log), [0, 1, 2, 3]);
        let log = open(&dir.crash_power(left), config());
        assert_eq!(offsets(&log), [0, 1, 2, 3], "{left}");
    }
}

#[test]
fn a_follower_takes_what_has_room_and_no_part_of_a_batch() {
    let batches: Vec<u8> = (3..6_i64)
        .flat_map(|at| {
            let mut batch = batch_at(&[NOW.as_millis()]);
            batch[0..8].copy_from_slice(&at.to_be_bytes());
            batch[12..16].copy_from_slice(&1_i32.to_be_bytes());
            batch
        })
        .collect();
    for left in 0..batches.len() as u64 {
        let (dir, mut log) = log_with_left(3, left);
        let error = log.append_as_follower(&batches, NOW).unwrap_err();
        assert!(is_out_of_space(&error), "{error}");
        assert_eq!(log.log_end_offset(), offset(3));
        dir.set_capacity(None);
        log.append_as_follower(&batches, NOW).unwrap();
        assert_eq!(offsets(&log), [0, 1, 2, 3, 4, 5], "{left}");
    }
}

#[test]
fn a_part_that_cannot_be_taken_back_ends_the_log_and_it_is_never_closed_cleanly() {
    let (dir, mut log) = log_with_left(3, 10);
    dir.set_policy(Some(fail(Call::SetSize, Verdict::Fail(ErrorKind::Other))));
    assert!(append_one(&mut log).is_err());
    assert!(log.is_offline());
    assert!(matches!(log.close(), Err(Error::Offline { .. })));
    assert!(append_one(&mut log).is_err());
    let log = open(&dir.crash_process(), config());
    assert_eq!(offsets(&log), [0, 1, 2], "what was acknowledged is there");
}

#[test]
fn deleting_needs_no_room() {
    let deletions: [fn(&mut Log<MemoryDir>); 2] = [
        |log| assert!(log.advance_log_start_offset(offset(30)).unwrap()),
        |log| {
            log.set_config(Arc::new(LogConfig {
                retention_bytes: Some(500),
                ..config()
            }));
            assert!(log.apply_retention(offset(40), NOW).unwrap());
        },
    ];
    for delete in deletions {
        let (dir, mut log) = log_with_left(40, 0);
        let used = dir.used();
        delete(&mut log);
        sync(&mut log);
        log.take_removal().unwrap().unwrap().perform().unwrap();
        assert!(dir.used() + 1_500 < used, "{} of {used} bytes", dir.used());
        append_one(&mut log).unwrap();
        let start = log.log_start_offset();
        let log = open(&dir.crash_power(1), config());
        assert_eq!(log.log_start_offset(), start);
    }
}

#[test]
fn a_disk_without_room_for_names_gets_rid_of_files_at_once() {
    let (dir, mut log) = log_with_left(40, 0);
    let used = dir.used();
    log.advance_log_start_offset(offset(30)).unwrap();
    sync(&mut log);
    dir.set_policy(Some(fail(
        Call::Rename,
        Verdict::Fail(ErrorKind::StorageFull),
    )));
    let removal = log.take_removal().unwrap().unwrap();
    assert!(dir.used() + 1_500 < used, "before anything is performed");
    removal.perform().unwrap();
    assert_eq!(offsets(&log).last(), Some(&39));
}

#[test]
fn when_all_is_too_old_and_no_segment_can_be_begun_the_closed_ones_go() {
    let (dir, mut log) = log_with_left(40, 0);
    log.set_config(Arc::new(LogConfig {
        retention_ms: Some(10),
        ..config()
    }));
    dir.set_policy(Some(fail(
        Call::Create,
        Verdict::Fail(ErrorKind::StorageFull),
    )));
    let late = NOW.plus_millis(1_000);
    assert!(log.apply_retention(offset(40), late).unwrap());
    assert_eq!(log.log_start_offset(), log.active.span.base_offset());
    assert!(!log.apply_retention(offset(40), late).unwrap());
    dir.set_policy(None);
    assert!(log.apply_retention(offset(40), late).unwrap());
    assert_eq!(log.log_start_offset(), offset(40));
}

#[test]
fn a_preallocated_segment_takes_its_size_and_is_as_long_as_what_is_in_it() {
    let (dir, mut log) = new_log();
    log.set_config(Arc::new(LogConfig {
        preallocate: true,
        ..config()
    }));
    fill(&mut log, 15);
    sync(&mut log);
    let sizes: Vec<u64> = log.spans().map(|it| it.extent.size).collect();
    assert_eq!(sizes.len(), 2);
    for (span, size) in log.spans().zip(&sizes) {
        assert_eq!(span.segment.open().unwrap().size().unwrap(), *size);
    }
    let others: u64 = dir.used() - sizes[0] - 1_000;
    assert!(
        others < 1_000 + 4_096 + 64,
        "the first one keeps no more than it has"
    );
    let log = open(&dir.crash_process(), config());
    assert_eq!(offsets(&log).len(), 15);
}
