//! What a sync makes durable, and what the log says of it.

use super::*;

#[test]
fn a_sync_covers_only_what_was_appended_before_it_was_issued() {
    let (_, mut log) = new_log();
    fill(&mut log, 2);
    let request = log.sync_request(SyncScope::All).unwrap();
    fill(&mut log, 3);
    assert!(log.sync_request(SyncScope::All).is_none(), "one at a time");
    let result = request.perform();
    log.handle_synced(request, result).unwrap();
    assert_eq!(log.durable_end_offset(), offset(2));
    sync(&mut log);
    assert_eq!(log.durable_end_offset(), offset(5));
    assert!(
        log.sync_request(SyncScope::All).is_none(),
        "nothing is left"
    );
}

#[test]
fn a_sync_covers_the_segments_that_were_rolled_since_the_last_one() {
    let (dir, mut log) = new_log();
    fill(&mut log, 60);
    assert!(log.view().segments_count() > 3);
    sync(&mut log);
    for seed in 0..50 {
        let log = open(&dir.fork().crash_power(seed), config());
        assert_eq!(log.log_end_offset(), offset(60), "seed {seed}");
    }
}

#[test]
fn the_page_cache_keeps_only_the_active_segment() {
    let (dir, mut log) = new_log();
    fill(&mut log, 2);
    // The folder and its parent, which name the file.
    let request = log.sync_request(SyncScope::ClosedSegments).unwrap();
    let result = request.perform();
    log.handle_synced(request, result).unwrap();
    assert_eq!(log.durable_end_offset(), offset(0));
    assert!(log.sync_request(SyncScope::ClosedSegments).is_none());
    fill(&mut log, 60);
    assert!(log.view().segments_count() > 3);
    let request = log.sync_request(SyncScope::ClosedSegments).unwrap();
    let result = request.perform();
    log.handle_synced(request, result).unwrap();
    let durable = log.durable_end_offset();
    assert!(offset(40) < durable && durable < offset(62), "{durable}");
    for seed in 0..50 {
        let log = open(&dir.fork().crash_power(seed), config());
        assert!(durable <= log.log_end_offset(), "seed {seed}");
    }
    // What a close or a truncation has synced stays so.
    sync(&mut log);
    fill(&mut log, 1);
    assert!(log.sync_request(SyncScope::ClosedSegments).is_none());
    assert_eq!(log.durable_end_offset(), offset(62));
    let log = open(&dir.fork().crash_process(), config());
    assert_eq!(log.log_end_offset(), offset(63));
}

#[test]
fn after_a_failed_sync_nothing_is_tried_again() {
    let (dir, mut log) = new_log();
    fill(&mut log, 2);
    sync(&mut log);
    fill(&mut log, 2);
    let request = log.sync_request(SyncScope::All).unwrap();
    dir.set_policy(Some(fail(
        Call::SyncData,
        Verdict::Fail(std::io::ErrorKind::Other),
    )));
    let result = request.perform();
    dir.set_policy(None);
    assert!(matches!(
        log.handle_synced(request, result),
        Err(Error::Sync { .. })
    ));
    assert!(log.is_offline());
    assert_eq!(log.durable_end_offset(), offset(2));
    assert!(log.sync_request(SyncScope::All).is_none());
    assert!(matches!(log.checkpoint(), Err(Error::Offline { .. })));
    assert!(matches!(
        log.truncate_to(offset(0), NOW),
        Err(Error::Offline { .. })
    ));
    assert!(matches!(log.close(), Err(Error::Offline { .. })));
    let epoch = LeaderEpoch::new(1);
    let refused = log.append_as_leader(&batch_at(&[1]), epoch, Origin::Client, NOW);
    assert!(matches!(
        refused,
        Err(AppendError::Log(Error::Offline { .. }))
    ));
}

#[test]
fn what_a_failed_sync_left_clean_in_the_page_cache_is_not_believed_after_a_restart() {
    let (dir, mut log) = new_log();
    fill(&mut log, 2);
    sync(&mut log);
    log.checkpoint().unwrap();
    sync(&mut log);
    fill(&mut log, 2);
    let request = log.sync_request(SyncScope::All).unwrap();
    dir.set_policy(Some(fail(
        Call::SyncData,
        Verdict::Fail(std::io::ErrorKind::Other),
    )));
    assert!(request.perform().is_err());
    // The process dies and starts again; the page cache still shows four batches.
    let dir = dir.crash_process();
    let mut log = open(&dir, config());
    assert_eq!(offsets(&log), [0, 1], "only what the disk has");
    sync(&mut log);
    assert_eq!(
        open(&dir.crash_power(1), config()).log_end_offset(),
        offset(2)
    );
}

#[test]
fn a_sync_from_before_a_truncation_says_nothing_of_what_came_after() {
    let (dir, mut log) = new_log();
    fill(&mut log, 8);
    let request = log.sync_request(SyncScope::All).unwrap();
    let result = request.perform();
    log.truncate_to(offset(3), NOW).unwrap();
    fill(&mut log, 5);
    log.handle_synced(request, result).unwrap();
    assert_eq!(log.durable_end_offset(), offset(3));
    for seed in 0..50 {
        let log = open(&dir.fork().crash_power(seed), config());
        assert!(log.log_end_offset() >= offset(3), "seed {seed}");
    }
    sync(&mut log);
    assert_eq!(log.durable_end_offset(), offset(8));
}

#[test]
fn recovered_records_are_not_durable_before_they_are_synced() {
    let (dir, mut log) = new_log();
    fill(&mut log, 2);
    sync(&mut log);
    log.checkpoint().unwrap();
    sync(&mut log);
    fill(&mut log, 2);
    let mut log = open(&dir.crash_process(), config());
    assert_eq!(log.log_end_offset(), offset(4));
    assert_eq!(log.durable_end_offset(), offset(2));
    sync(&mut log);
    assert_eq!(log.durable_end_offset(), offset(4));
}

#[test]
fn one_sync_of_the_directory_does_for_many_requests() {
    let (dir, mut log) = new_log();
    fill(&mut log, 40);
    let request = log.sync_request(SyncScope::All).unwrap();
    assert!(request.syncs_count() > 2);
    let result = dir.sync_all();
    log.handle_synced(request, result).unwrap();
    assert_eq!(
        open(&dir.crash_power(9), config()).log_end_offset(),
        offset(40)
    );
}
