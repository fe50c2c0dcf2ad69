//! What leaders and followers may append, and what comes of it.

use super::*;
use crate::producer_state::SequenceError;

#[test]
fn a_leader_gives_offsets_and_its_epoch_and_changes_nothing_else() {
    let (_, mut log) = new_log();
    let sent = batch_at(&[5, 7, 6]);
    let epoch = LeaderEpoch::new(4);
    for base in [0, 3] {
        let appended = log.append_as_leader(&sent, epoch, Origin::Client, NOW);
        let expected = Append::Appended(Appended {
            base_offset: offset(base),
            last_offset: offset(base + 2),
            log_append_time: None,
            log_start_offset: offset(0),
        });
        assert_eq!(appended.unwrap(), expected);
    }
    let Read::Slice(slice) = log.view().read(offset(3), &all(&log)).unwrap() else {
        panic!("nothing read");
    };
    let bytes = slice.to_vec().unwrap();
    let header = BatchHeader::parse(&bytes).unwrap();
    assert_eq!(header.base_offset, offset(3));
    assert_eq!(header.partition_leader_epoch, Some(epoch));
    assert_eq!(
        bytes[16..],
        sent[16..],
        "all from the magic on passes through"
    );
    assert_eq!(log.latest_epoch(), Some(epoch));
}

#[test]
fn a_repeated_batch_gets_the_answer_of_the_first_time() {
    let (_, mut log) = new_log();
    append(&mut log, &batch_at(&[1]));
    let first = append(&mut log, &sequenced(9, 0, 0, 2));
    append(&mut log, &sequenced(9, 0, 2, 1));
    let epoch = LeaderEpoch::new(1);
    let again = log.append_as_leader(&sequenced(9, 0, 0, 2), epoch, Origin::Client, NOW);
    let Append::Duplicate(duplicate) = again.unwrap() else {
        panic!("appended twice");
    };
    assert_eq!(duplicate.base_offset, first.base_offset);
    assert_eq!(duplicate.last_offset, first.last_offset);
    assert_eq!(duplicate.timestamp, NOW);
    assert_eq!(log.log_end_offset(), offset(4));
}

#[test]
fn a_gap_in_the_sequence_is_refused_and_nothing_is_written() {
    let (_, mut log) = new_log();
    append(&mut log, &sequenced(9, 0, 0, 2));
    let epoch = LeaderEpoch::new(1);
    let error = log.append_as_leader(&sequenced(9, 0, 5, 1), epoch, Origin::Client, NOW);
    let is_expected = matches!(
        error,
        Err(AppendError::Sequence(SequenceError::OutOfOrder {
            found: 5,
            last: Some(1),
            ..
        }))
    );
    assert!(is_expected, "{error:?}");
    assert_eq!(offsets(&log), [0]);
}

#[test]
fn segments_roll_by_size_age_and_index() {
    let cases = [
        (
            "size",
            LogConfig {
                segment_bytes: 300,
                ..config()
            },
            0,
            3,
        ),
        (
            "age",
            LogConfig {
                segment_ms: 10,
                segment_bytes: 1 << 30,
                ..config()
            },
            11,
            8,
        ),
        (
            "not old enough",
            LogConfig {
                segment_ms: 10,
                segment_bytes: 1 << 30,
                ..config()
            },
            1,
            1,
        ),
        // One entry of twelve bytes is all that fits, and comes with the third batch.
        (
            "index",
            LogConfig {
                segment_index_bytes: 12,
                segment_bytes: 1 << 30,
                ..config()
            },
            0,
            3,
        ),
    ];
    for (what, config, step, expected) in cases {
        let dir = MemoryDir::new();
        let mut log = open(&dir, config);
        for number in 0..8 {
            append(&mut log, &batch_at(&[NOW.as_millis() + number * step]));
        }
        assert_eq!(log.view().segments_count(), expected, "{what}");
        assert_eq!(offsets(&log), (0..8).collect::<Vec<u64>>(), "{what}");
        assert_eq!(log_files(&dir).len(), expected, "{what}");
    }
}

#[test]
fn a_follower_takes_batches_as_they_are_and_rolls_between_them() {
    let (_, mut leader) = new_log();
    for _ in 0..30 {
        append(&mut leader, &batch_at(&[1, 2]));
    }
    let (_, mut follower) = new_log();
    let view = leader.view();
    while follower.log_end_offset() < leader.log_end_offset() {
        let Read::Slice(slice) = view.read(follower.log_end_offset(), &all(&leader)).unwrap()
        else {
            panic!("nothing to fetch");
        };
        let bytes = slice.to_vec().unwrap();
        follower.append_as_follower(&bytes, NOW).unwrap();
    }
    assert_eq!(offsets(&follower), offsets(&leader));
    assert_eq!(follower.leader_epochs(), leader.leader_epochs());
    assert!(follower.view().segments_count() > 2);
}

#[test]
fn a_follower_refuses_what_does_not_follow() {
    let stamped = |base: u64, epoch: Option<u32>| {
        let options = BatchOptions {
            base_offset: offset(base),
            partition_leader_epoch: epoch.map(LeaderEpoch::new),
            ..BatchOptions::default()
        };
        batch_of(options, &[1, 2])
    };
    let (_, mut log) = new_log();
    let good = [stamped(0, Some(3)), stamped(2, Some(3))].concat();
    assert_eq!(log.append_as_follower(&good, NOW).unwrap(), offset(4));
    // A gap is what compaction leaves.
    assert_eq!(
        log.append_as_follower(&stamped(10, Some(3)), NOW).unwrap(),
        offset(12)
    );
    let mut damaged = stamped(12, Some(3));
    *damaged.last_mut().unwrap() ^= 1;
    let cases = [
        ("overlaps", stamped(11, Some(3))),
        ("older epoch", stamped(12, Some(2))),
        ("no epoch", stamped(12, None)),
        ("damaged", damaged.clone()),
        (
            "damaged after a good one",
            [stamped(12, Some(3)), damaged].concat(),
        ),
        ("cut short", stamped(12, Some(3))[..70].to_vec()),
    ];
    for (what, bytes) in cases {
        assert!(log.append_as_follower(&bytes, NOW).is_err(), "{what}");
        assert_eq!(log.log_end_offset(), offset(12), "{what}");
    }
}

/// A follower that had nothing, and begins where its leader's log does: within a batch.
fn begun_within_a_batch() -> (MemoryDir, Log<MemoryDir>, Vec<u8>) {
    let (_, mut leader) = new_log();
    for _ in 0..3 {
        append(&mut leader, &batch_at(&[1, 2, 3]));
    }
    leader.advance_log_start_offset(offset(4)).unwrap();
    let Read::Slice(slice) = leader.view().read(offset(4), &all(&leader)).unwrap() else {
        panic!("nothing to fetch");
    };
    let (dir, mut follower) = new_log();
    follower
        .truncate_fully_and_start_at(offset(4), NOW)
        .unwrap();
    (dir, follower, slice.to_vec().unwrap())
}

fn bounds(log: &Log<MemoryDir>) -> (Offset, Offset) {
    (log.log_start_offset(), log.log_end_offset())
}

#[test]
fn a_follower_begins_within_a_batch_where_the_leader_does() {
    let (dir, mut follower, bytes) = begun_within_a_batch();
    assert_eq!(follower.append_as_follower(&bytes, NOW).unwrap(), offset(9));
    assert_eq!(bounds(&follower), (offset(4), offset(9)));
    sync(&mut follower);
    let follower = open(&dir.crash_power(3), config());
    assert_eq!(bounds(&follower), (offset(4), offset(9)));
    let Read::Slice(slice) = follower.view().read(offset(4), &all(&follower)).unwrap() else {
        panic!("nothing is there");
    };
    assert_eq!(slice.to_vec().unwrap(), bytes);
}

#[test]
fn a_follower_that_has_something_does_not_begin_within_a_batch() {
    let (_, mut follower, bytes) = begun_within_a_batch();
    follower.append_as_follower(&bytes, NOW).unwrap();
    assert!(follower.append_as_follower(&bytes, NOW).is_err());
    assert_eq!(bounds(&follower), (offset(4), offset(9)));
}

#[test]
fn a_full_disk_leaves_a_follower_where_it_was_to_begin() {
    let (dir, mut follower, bytes) = begun_within_a_batch();
    let is_log = |path: &Path| path.extension().is_some_and(|it| it == "log");
    dir.set_policy(Some(Box::new(move |call, path| {
        if call == Call::Write && is_log(path) {
            return Verdict::Fail(std::io::ErrorKind::StorageFull);
        }
        Verdict::Pass
    })));
    assert!(follower.append_as_follower(&bytes, NOW).is_err());
    assert_eq!(bounds(&follower), (offset(4), offset(4)));
    dir.set_policy(None);
    follower.append_as_follower(&bytes, NOW).unwrap();
    assert_eq!(bounds(&follower), (offset(4), offset(9)));
}

#[test]
fn a_gap_wider_than_an_index_begins_another_segment() {
    let stamped = |base: u64| {
        let options = BatchOptions {
            base_offset: offset(base),
            partition_leader_epoch: Some(LeaderEpoch::new(1)),
            ..BatchOptions::default()
        };
        batch_of(options, &[1])
    };
    let far = 1 << 40;
    for bases in [vec![0, far], vec![far]] {
        let (_, mut log) = new_log();
        let bytes: Vec<u8> = bases.iter().flat_map(|it| stamped(*it)).collect();
        log.append_as_follower(&bytes, NOW).unwrap();
        assert_eq!(log.log_end_offset(), offset(far + 1));
        assert_eq!(offsets(&log), bases);
        assert_eq!(log.view().segments_count(), bases.len());
    }
}

#[test]
fn a_full_disk_refuses_the_batch_and_the_log_goes_on() {
    let (dir, mut log) = new_log();
    fill(&mut log, 2);
    dir.set_policy(Some(fail(
        Call::Write,
        Verdict::Torn {
            bytes: 30,
            kind: std::io::ErrorKind::StorageFull,
        },
    )));
    let epoch = LeaderEpoch::new(1);
    let batch = batch_at(&[1]);
    let error = log.append_as_leader(&batch, epoch, Origin::Client, NOW);
    assert!(matches!(
        error,
        Err(AppendError::Log(Error::AppendSegment { .. }))
    ));
    dir.set_policy(None);
    fill(&mut log, 1);
    assert_eq!(offsets(&log), [0, 1, 2]);
    let log = open(&dir.crash_process(), config());
    assert_eq!(offsets(&log), [0, 1, 2]);
}

#[test]
fn any_other_error_of_a_write_takes_the_log_offline() {
    let (dir, mut log) = new_log();
    dir.set_policy(Some(fail(
        Call::Write,
        Verdict::Torn {
            bytes: 30,
            kind: std::io::ErrorKind::Other,
        },
    )));
    let epoch = LeaderEpoch::new(1);
    for _ in 0..2 {
        let batch = batch_at(&[1]);
        assert!(
            log.append_as_leader(&batch, epoch, Origin::Client, NOW)
                .is_err()
        );
        dir.set_policy(None);
    }
    assert!(log.is_offline());
}

#[test]
#[should_panic(expected = "latest_epoch")]
fn a_leader_of_an_older_epoch_is_a_mistake_of_its_owner() {
    let (_, mut log) = new_log();
    log.begin_epoch(LeaderEpoch::new(5)).unwrap();
    let _ = log.append_as_leader(&batch_at(&[1]), LeaderEpoch::new(4), Origin::Client, NOW);
}
