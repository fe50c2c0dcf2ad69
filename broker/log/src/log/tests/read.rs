//! What readers see of a log that others write and cut.

use super::*;
use crate::view::FoundRecord;

fn slice(log: &Log<MemoryDir>, from: u64, bytes_max: u32, upper: u64) -> Option<(u64, u64)> {
    let limit = ReadLimit {
        bytes_max,
        upper_bound: offset(upper),
        at_least_one_batch: false,
    };
    match log.view().read(offset(from), &limit).unwrap() {
        Read::Slice(slice) => {
            assert!(slice.length <= bytes_max);
            Some((slice.base_offset.value(), slice.end_offset.value()))
        }
        Read::Nothing => None,
        Read::OutOfRange { .. } => panic!("out of range"),
    }
}

#[test]
fn whole_batches_are_read_within_the_limits() {
    let dir = MemoryDir::new();
    let mut log = open(
        &dir,
        LogConfig {
            segment_bytes: 1 << 20,
            ..config()
        },
    );
    for _ in 0..100 {
        append(&mut log, &batch_at(&[1, 2, 3]));
    }
    let size = u32::try_from(batch_at(&[1, 2, 3]).len()).unwrap();
    let cases = [
        ("from the start", 0, size, 300, Some((0, 3))),
        ("a byte short of two", 0, 2 * size - 1, 300, Some((0, 3))),
        ("two", 0, 2 * size, 300, Some((0, 6))),
        ("within a batch", 4, 2 * size, 300, Some((3, 9))),
        ("last of a batch", 5, size, 300, Some((3, 6))),
        ("far in", 250, 10 * size, 300, Some((249, 279))),
        ("up to the end", 290, u32::MAX, 300, Some((288, 300))),
        ("all", 0, u32::MAX, 300, Some((0, 300))),
        ("up to a bound", 0, u32::MAX, 30, Some((0, 30))),
        ("a bound within a batch", 0, u32::MAX, 31, Some((0, 30))),
        ("a bound before the batch ends", 30, u32::MAX, 32, None),
        ("at the bound", 30, u32::MAX, 30, None),
        ("at the end", 300, u32::MAX, 300, None),
        ("too large", 0, size - 1, 300, None),
    ];
    for (what, from, bytes_max, upper, expected) in cases {
        assert_eq!(slice(&log, from, bytes_max, upper), expected, "{what}");
    }
}

#[test]
fn one_batch_is_returned_even_if_it_is_too_large() {
    let (_, mut log) = new_log();
    append(&mut log, &batch_at(&[1, 2, 3]));
    append(&mut log, &batch_at(&[1, 2, 3]));
    let limit = ReadLimit {
        bytes_max: 0,
        upper_bound: offset(6),
        at_least_one_batch: true,
    };
    let Read::Slice(slice) = log.view().read(offset(1), &limit).unwrap() else {
        panic!("nothing");
    };
    assert_eq!(
        (slice.base_offset, slice.end_offset),
        (offset(0), offset(3))
    );
}

#[test]
fn offsets_outside_are_out_of_range() {
    let (_, mut log) = new_log();
    fill(&mut log, 10);
    log.advance_log_start_offset(offset(4)).unwrap();
    for (from, is_in_range) in [(3, false), (4, true), (10, true), (11, false)] {
        let read = log.view().read(offset(from), &all(&log)).unwrap();
        assert_eq!(
            !matches!(read, Read::OutOfRange { .. }),
            is_in_range,
            "{from}"
        );
    }
}

#[test]
fn every_offset_is_found_in_every_segment_with_and_without_indexes() {
    let (dir, mut log) = new_log();
    fill(&mut log, 100);
    assert!(log.view().segments_count() > 5);
    let check = |what: &str| {
        for from in 0..100 {
            let read = log.view().read(offset(from), &all(&log)).unwrap();
            let Read::Slice(slice) = read else {
                panic!("{what}: {from}")
            };
            assert_eq!(slice.base_offset, offset(from), "{what}");
        }
    };
    check("as written");
    for name in names(&dir).iter().filter(|it| it.ends_with("index")) {
        let path = Path::new(FOLDER).join(name);
        let file = dir.open(&path, crate::dir::OpenMode::Existing).unwrap();
        let size = usize::try_from(crate::dir::File::size(&file).unwrap()).unwrap();
        crate::dir::File::write_at(&file, &[&vec![0x11; size]], 0).unwrap();
    }
    check("indexes overwritten");
    for name in names(&dir).iter().filter(|it| it.ends_with("index")) {
        dir.remove_file(&Path::new(FOLDER).join(name)).unwrap();
    }
    check("indexes gone");
}

#[test]
fn a_view_does_not_change_while_the_log_does() {
    let (_, mut log) = new_log();
    fill(&mut log, 3);
    let view = log.view();
    fill(&mut log, 50);
    assert_eq!(view.log_end_offset(), offset(3));
    let limit = ReadLimit {
        upper_bound: offset(53),
        ..all(&log)
    };
    let Read::Slice(slice) = view.read(offset(0), &limit).unwrap() else {
        panic!("nothing");
    };
    assert_eq!(slice.end_offset, offset(3));
}

#[test]
fn the_first_record_at_or_after_a_time_is_found() {
    let (_, mut log) = new_log();
    // Timestamps within and across batches go up and down.
    let batches = [
        &[100, 300, 200][..],
        &[50],
        &[400, 350],
        &[-1],
        &[500; 40],
        &[450],
    ];
    for timestamps in batches {
        append(&mut log, &batch_at(timestamps));
    }
    fill(&mut log, 20);
    let cases = [
        (0, Some((0, 100))),
        (100, Some((0, 100))),
        (101, Some((1, 300))),
        (301, Some((4, 400))),
        (400, Some((4, 400))),
        (401, Some((7, 500))),
        (501, Some((48, NOW.as_millis()))),
        (NOW.as_millis() + 1, None),
    ];
    let end = log.log_end_offset();
    for (timestamp, expected) in cases {
        let found = log
            .view()
            .first_at_or_after(Timestamp::from_millis(timestamp), end)
            .unwrap();
        let found = found.map(|it| (it.offset.value(), it.timestamp.as_millis()));
        assert_eq!(found, expected, "{timestamp}");
    }
    let timestamp = Timestamp::from_millis(400);
    let hidden = log.view().first_at_or_after(timestamp, offset(4)).unwrap();
    assert_eq!(hidden, None, "a record beyond the bound is not found");
    log.advance_log_start_offset(offset(5)).unwrap();
    let found = log
        .view()
        .first_at_or_after(Timestamp::from_millis(0), end)
        .unwrap();
    assert_eq!(
        found.unwrap().offset,
        offset(5),
        "nor one before the log start"
    );
}

#[test]
fn the_record_with_the_greatest_timestamp_is_the_first_one() {
    let (_, mut log) = new_log();
    assert_eq!(
        log.view().first_with_max_timestamp(offset(0)).unwrap(),
        None
    );
    append(&mut log, &batch_at(&[100, 900, 900]));
    append(&mut log, &batch_at(&[-1; 30]));
    append(&mut log, &batch_at(&[900, 950]));
    let found = |upper| {
        let found = log.view().first_with_max_timestamp(offset(upper)).unwrap();
        found.map(|it: FoundRecord| (it.offset.value(), it.timestamp.as_millis()))
    };
    assert_eq!(found(35), Some((34, 950)));
    assert_eq!(found(33), Some((1, 900)));
}

/// The bytes that a view reads at an offset, or what becomes of the read.
fn bytes_at(view: &LogView<MemoryDir>, at: u64) -> Result<Vec<u8>, Error> {
    let limit = ReadLimit {
        bytes_max: 1,
        upper_bound: view.log_end_offset(),
        at_least_one_batch: true,
    };
    match view.read(offset(at), &limit)? {
        Read::Slice(slice) => Ok(slice.to_vec().unwrap_or_default()),
        nothing @ (Read::Nothing | Read::OutOfRange { .. }) => panic!("{nothing:?}"),
    }
}

fn is_stale<T>(read: &Result<T, Error>) -> bool {
    matches!(read, Err(Error::StaleView { .. }))
}

#[test]
fn a_view_reads_what_retention_let_go_of_until_the_file_is_removed() {
    let (_, mut log) = new_log();
    fill(&mut log, 40);
    sync(&mut log);
    let view = log.view();
    let expected = bytes_at(&view, 0).unwrap();
    log.advance_log_start_offset(offset(30)).unwrap();
    sync(&mut log);
    let removal = log.take_removal().unwrap().unwrap();
    // Another segment takes the only descriptor.
    bytes_at(&view, 15).unwrap();
    assert_eq!(
        bytes_at(&view, 0).unwrap(),
        expected,
        "under its other name"
    );
    bytes_at(&view, 15).unwrap();
    removal.perform().unwrap();
    assert!(is_stale(&bytes_at(&view, 0)));
    assert!(bytes_at(&view, 35).is_ok());
}

#[test]
fn a_segment_that_is_being_read_stays_open_when_others_need_its_descriptor() {
    let (_, mut log) = new_log();
    fill(&mut log, 40);
    sync(&mut log);
    let view = log.view();
    let Read::Slice(slice) = view.read(offset(0), &all(&log)).unwrap() else {
        panic!("there is something to read");
    };
    let expected = slice.to_vec().unwrap();
    log.advance_log_start_offset(offset(30)).unwrap();
    sync(&mut log);
    log.take_removal().unwrap().unwrap().perform().unwrap();
    bytes_at(&view, 35).unwrap();
    assert_eq!(slice.to_vec().unwrap(), expected);
}

#[test]
fn a_view_never_reads_a_file_that_got_the_name_of_its_own() {
    let (_, mut log) = new_log();
    fill(&mut log, 40);
    sync(&mut log);
    let view = log.view();
    let second = log.closed[1].base_offset().value();
    log.truncate_to(offset(second), NOW).unwrap();
    for _ in 0..40 {
        append(&mut log, &batch_at(&[NOW.as_millis() + 1]));
    }
    assert_eq!(
        log.closed[1].base_offset().value(),
        second,
        "the name is used again"
    );
    assert!(is_stale(&bytes_at(&view, second)));
    assert!(bytes_at(&log.view(), second).is_ok());
}

#[test]
fn a_view_of_a_log_that_is_gone_never_reads_the_next_one_of_its_name() {
    let (dir, mut log) = new_log();
    fill(&mut log, 40);
    sync(&mut log);
    let view = log.view();
    drop(log);
    dir.rename(Path::new(FOLDER), Path::new("t-0.gone"))
        .unwrap();
    let mut log = open(&dir, config());
    fill(&mut log, 40);
    for at in (0..30).step_by(5) {
        assert!(is_stale(&bytes_at(&view, at)), "{at}");
    }
    assert_eq!(offsets(&log).len(), 40);
}
