//! Retention, deletion of records and the removal of files.

use super::*;

fn retention(ms: Option<u64>, bytes: Option<u64>) -> LogConfig {
    LogConfig {
        retention_ms: ms,
        retention_bytes: bytes,
        ..config()
    }
}

/// Ten batches of one record, one millisecond apart, and segments of four.
fn aged(config: LogConfig) -> (MemoryDir, Log<MemoryDir>) {
    let dir = MemoryDir::new();
    let size = u32::try_from(batch_at(&[1]).len()).unwrap();
    let mut log = open(
        &dir,
        LogConfig {
            segment_bytes: 4 * size,
            ..config
        },
    );
    for number in 0..10 {
        append(&mut log, &batch_at(&[NOW.as_millis() + number]));
    }
    assert_eq!(log.view().segments_count(), 3);
    (dir, log)
}

fn starts(log: &mut Log<MemoryDir>, high_watermark: u64, after_ms: i64) -> u64 {
    let now = NOW.plus_millis(after_ms);
    log.apply_retention(offset(high_watermark), now).unwrap();
    log.log_start_offset().value()
}

#[test]
fn old_segments_go_by_their_greatest_timestamp_up_to_the_high_watermark() {
    let cases = [
        ("young", 10, 100, 0),
        ("first is not old enough", 10, 103, 0),
        ("first", 10, 104, 4),
        ("first two", 10, 108, 8),
        ("bounded by the high watermark", 7, 108, 4),
        ("all: another one begins", 10, 1000, 10),
    ];
    for (what, high_watermark, after_ms, expected) in cases {
        let (_, mut log) = aged(retention(Some(100), None));
        assert_eq!(
            starts(&mut log, high_watermark, after_ms),
            expected,
            "{what}"
        );
        assert_eq!(log.log_end_offset(), offset(10), "{what}");
    }
}

#[test]
fn segments_beyond_the_size_go() {
    let size = batch_at(&[1]).len() as u64;
    for (batches, expected) in [(10, 0), (7, 0), (6, 4), (3, 4), (2, 8), (0, 10)] {
        let (_, mut log) = aged(retention(None, Some(batches * size)));
        assert_eq!(
            starts(&mut log, 10, 0),
            expected,
            "{batches} batches may stay"
        );
    }
}

#[test]
fn a_jump_of_the_clock_backwards_or_no_limit_deletes_nothing() {
    let (_, mut log) = aged(retention(Some(100), None));
    assert_eq!(starts(&mut log, 10, -1_000_000), 0);
    let (_, mut log) = aged(retention(None, None));
    assert_eq!(starts(&mut log, 10, i64::MAX), 0);
}

#[test]
fn only_a_topic_whose_policy_says_so_is_deleted() {
    for (delete, compact, expected) in [(false, true, 0), (true, true, 10), (false, false, 0)] {
        let mut config = retention(Some(1), Some(1));
        config.cleanup_policy = crate::config::CleanupPolicy { compact, delete };
        let (_, mut log) = aged(config);
        assert_eq!(starts(&mut log, 10, 1_000_000), expected);
    }
}

#[test]
fn segments_are_let_go_of_once_the_log_start_is_durable_and_views_keep_them_for_a_while() {
    let (dir, mut log) = aged(retention(Some(100), None));
    sync(&mut log);
    let view = log.view();
    assert_eq!(starts(&mut log, 10, 104), 4);
    assert!(log.take_removal().unwrap().is_none(), "not durable yet");
    sync(&mut log);
    let removal = log.take_removal().unwrap().unwrap();
    assert_eq!(removal.bytes(), 4 * batch_at(&[1]).len() as u64);
    assert_eq!(log_files(&dir).len(), 2);
    let limit = ReadLimit {
        upper_bound: offset(4),
        ..all(&log)
    };
    let Read::Slice(slice) = view.read(offset(2), &limit).unwrap() else {
        panic!("nothing");
    };
    removal.perform().unwrap();
    assert!(names(&dir).iter().all(|it| !it.ends_with(".deleted")));
    assert_eq!(offsets(&log), [4, 5, 6, 7, 8, 9]);
    assert!(slice.to_vec().unwrap().len() > 100);
    let log = open(&dir.crash_process(), config());
    assert_eq!(offsets(&log), [4, 5, 6, 7, 8, 9]);
}

#[test]
fn deleted_records_stay_deleted_after_a_crash() {
    let (dir, mut log) = aged(config());
    assert!(log.advance_log_start_offset(offset(6)).unwrap());
    assert!(!log.advance_log_start_offset(offset(5)).unwrap());
    sync(&mut log);
    let log = open(&dir.crash_power(1), config());
    assert_eq!(log.log_start_offset(), offset(6));
    assert_eq!(offsets(&log), [6, 7, 8, 9]);
    assert_eq!(log.view().segments_count(), 2, "the segment before is gone");
}

#[test]
fn a_truncated_log_ends_where_it_was_cut_and_goes_on_in_another_segment() {
    for to in 0..10 {
        let (dir, mut log) = aged(config());
        let end = log.truncate_to(offset(to), NOW).unwrap();
        assert_eq!(end, offset(to));
        assert_eq!(log.durable_end_offset(), end);
        assert_eq!(offsets(&log), (0..to).collect::<Vec<u64>>());
        fill(&mut log, 3);
        let expected: Vec<u64> = (0..to + 3).collect();
        assert_eq!(offsets(&log), expected, "cut to {to}");
        let log = open(&dir.crash_process(), config());
        assert_eq!(offsets(&log), expected, "cut to {to}, opened again");
    }
}

#[test]
fn a_cut_within_a_batch_takes_all_of_it() {
    let (_, mut log) = new_log();
    append(&mut log, &batch_at(&[1, 2]));
    append(&mut log, &batch_at(&[1, 2, 3]));
    assert_eq!(log.truncate_to(offset(4), NOW).unwrap(), offset(2));
    assert_eq!(
        log.truncate_to(offset(9), NOW).unwrap(),
        offset(2),
        "nothing to cut"
    );
}

#[test]
fn a_view_from_before_a_truncation_never_shows_other_bytes() {
    for to in 0..10 {
        let (_, mut log) = aged(config());
        let view = log.view();
        let whole: Vec<Vec<u8>> = (0..10).map(|it| read_one(&view, it).unwrap()).collect();
        log.truncate_to(offset(to), NOW).unwrap();
        for _ in 0..10 {
            append(&mut log, &batch_at(&[77]));
        }
        for place in 0..10 {
            let found = read_one(&view, place);
            // What was kept reads as before; what was cut cannot be read at all.
            let kept = (place < to).then(|| &whole[usize::try_from(place).unwrap()]);
            assert_eq!(found.as_ref(), kept, "cut to {to}, read {place}");
        }
    }
}

fn read_one(view: &LogView<MemoryDir>, from: u64) -> Option<Vec<u8>> {
    let limit = ReadLimit {
        bytes_max: 1,
        upper_bound: view.log_end_offset(),
        at_least_one_batch: true,
    };
    match view.read(offset(from), &limit) {
        Ok(Read::Slice(slice)) => slice.to_vec().ok(),
        Ok(Read::Nothing | Read::OutOfRange { .. }) | Err(_) => None,
    }
}

#[test]
fn epochs_and_producers_are_cut_with_the_records() {
    let (_, mut log) = new_log();
    append(&mut log, &sequenced(1, 0, 0, 1));
    log.begin_epoch(LeaderEpoch::new(2)).unwrap();
    for sequence in 1..8 {
        append(&mut log, &sequenced(1, 0, sequence, 1));
    }
    log.truncate_to(offset(1), NOW).unwrap();
    assert_eq!(log.latest_epoch(), Some(LeaderEpoch::new(1)));
    let producer = log.producers().producer(ProducerId::new(1)).unwrap();
    assert_eq!(producer.last_sequence(), Some(0));
    append(&mut log, &sequenced(1, 0, 1, 1));
}

#[test]
fn a_log_can_begin_again_anywhere() {
    for start in [0, 3, 8, 10, 500] {
        let (dir, mut log) = aged(config());
        sync(&mut log);
        log.checkpoint().unwrap();
        sync(&mut log);
        log.truncate_fully_and_start_at(offset(start), NOW).unwrap();
        assert_eq!(
            (log.log_start_offset(), log.log_end_offset()),
            (offset(start), offset(start))
        );
        assert_eq!(log.latest_epoch(), None);
        fill(&mut log, 2);
        sync(&mut log);
        let log = open(&dir.crash_power(5), config());
        assert_eq!(offsets(&log), [start, start + 1]);
    }
}
