//! What compaction leaves, on a disk in memory, also when it is cut short.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use broker_types::{LeaderEpoch, ProducerEpoch, ProducerId};
use broker_wire::compression::{Compression, Limits};
use broker_wire::record_batch::{
    BatchBuilder, BatchHeader, BatchOptions, Producer, RecordScan, batches, verify_crc,
};

use super::super::tests::{NOW, all, append, files, log_files, names, offset, open, sync};
use super::super::{OnDamage, OpenOptions, Restart, SyncScope};
use super::cleaning::SOURCES_MAX;
use super::*;
use crate::config::CleanupPolicy;
use crate::dir::memory::{MemoryDir, Verdict};
use crate::view::Read;

const DAY_MS: u64 = 86_400_000;
const LIMITS: Limits = Limits {
    output_bytes_max: 1 << 20,
    memory_bytes_max: 1 << 20,
};

/// What a reader sees of a record: offset, timestamp, key, value.
type Seen = (u64, i64, Vec<u8>, Option<Vec<u8>>);

fn config() -> LogConfig {
    LogConfig {
        cleanup_policy: CleanupPolicy {
            compact: true,
            delete: false,
        },
        index_interval_bytes: 100,
        segment_bytes: 1000,
        min_cleanable_dirty_ratio: 0.0,
        ..LogConfig::default()
    }
}

fn put(log: &mut Log<MemoryDir>, options: BatchOptions, records: &[(&str, Option<&str>)]) {
    let mut builder = BatchBuilder::new(options);
    for (key, value) in records {
        let value = value.map(str::as_bytes);
        builder.append(NOW, Some(key.as_bytes()), value, &[]);
    }
    append(log, &builder.build().unwrap());
}

/// Begins another segment, so that what was appended before can be cleaned.
fn roll(log: &mut Log<MemoryDir>) {
    let end_offset = log.log_end_offset();
    log.roll(end_offset, NOW).unwrap();
    sync(log);
    sync(log);
}

fn seen(log: &Log<MemoryDir>) -> Vec<Seen> {
    let view = log.view();
    let (mut seen, mut next) = (Vec::new(), view.log_start_offset());
    while let Read::Slice(slice) = view.read(next, &all(log)).unwrap() {
        let bytes = slice.to_vec().unwrap();
        for batch in batches(&bytes) {
            let batch = batch.unwrap();
            verify_crc(batch.bytes()).unwrap();
            let header = *batch.header();
            assert!(next <= header.base_offset || header.next_offset() > next);
            let mut scan = RecordScan::new(&header, batch.records_bytes(), LIMITS).unwrap();
            while let Some(record) = scan.next() {
                let record = record.unwrap();
                seen.push((
                    record.offset(&header).value(),
                    record.timestamp(&header).as_millis(),
                    record.key.unwrap().to_vec(),
                    record.value.map(<[u8]>::to_vec),
                ));
            }
        }
        assert!(next < slice.end_offset);
        next = slice.end_offset;
    }
    assert_eq!(next, log.log_end_offset());
    assert!(
        seen.windows(2).all(|it| it[0].0 < it[1].0),
        "offsets ascend"
    );
    seen
}

/// Base offsets of the batches that are left.
fn headers(log: &Log<MemoryDir>) -> Vec<u64> {
    super::super::tests::offsets(log)
}

fn last_values(seen: &[Seen]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut values = BTreeMap::new();
    for (_, _, key, value) in seen {
        match value {
            Some(value) => values.insert(key.clone(), value.clone()),
            None => values.remove(key),
        };
    }
    values
}

/// Cleans all that can be cleaned, as a broker does. Returns how many segments were replaced.
fn clean_at(
    log: &mut Log<MemoryDir>,
    now: Timestamp,
    map_bytes_max: usize,
) -> Result<usize, Error> {
    let options = CleanOptions {
        map_bytes_max,
        secret: [3, 4],
    };
    match log.clean(log.log_end_offset(), options, now) {
        Some(cleaning) => perform(log, cleaning),
        None => Ok(0),
    }
}

fn perform(log: &mut Log<MemoryDir>, mut cleaning: Cleaning<MemoryDir>) -> Result<usize, Error> {
    let mut count = 0;
    loop {
        match cleaning.step()? {
            Step::Part => {}
            Step::Segment(cleaned) => {
                assert_eq!(log.replace_segments(cleaned)?, Replaced::Yes);
                count += 1;
                while !log.is_replacement_durable() {
                    let request = log
                        .sync_request(SyncScope::All)
                        .expect("a replacement is to be synced");
                    let result = request.perform();
                    log.handle_synced(request, result)?;
                }
                if let Some(removal) = log.take_removal()? {
                    removal.perform()?;
                }
            }
            Step::Done(point) => {
                log.handle_cleaned(point)?;
                return Ok(count);
            }
            Step::Stopped => panic!("nothing was cut off"),
        }
    }
}

fn clean(log: &mut Log<MemoryDir>) -> usize {
    clean_at(log, NOW, 1 << 20).unwrap()
}

fn new_log() -> (MemoryDir, Log<MemoryDir>) {
    let dir = MemoryDir::new();
    let log = open(&dir, config());
    (dir, log)
}

fn no_options() -> BatchOptions {
    BatchOptions::default()
}

#[test]
fn the_last_record_of_each_key_stays_where_it_is() {
    let (dir, mut log) = new_log();
    for round in 0..40 {
        let value = format!("value {round}");
        let records = [("a", Some(&*value)), ("b", Some(&*value))];
        put(&mut log, no_options(), &records);
    }
    put(&mut log, no_options(), &[("once", Some("x"))]);
    roll(&mut log);
    put(&mut log, no_options(), &[("a", Some("active"))]);
    let before = seen(&log);
    let files = log_files(&dir).len();
    assert!(files > 3);
    clean(&mut log);
    let after = seen(&log);
    let expected: Vec<Seen> = [78, 79, 80, 81].map(|it| before[it].clone()).to_vec();
    assert_eq!(after, expected);
    assert_eq!(log.first_dirty_offset(), offset(81));
    assert!(log_files(&dir).len() <= files);
    assert!(names(&dir).iter().all(|it| !it.contains("cleaned")));
    assert_eq!(log.dirty(log.log_end_offset(), NOW), None);
}

#[test]
fn small_neighbours_become_one_segment() {
    let (dir, mut log) = new_log();
    for round in 0..400 {
        put(&mut log, no_options(), &[("a", Some(&round.to_string()))]);
    }
    roll(&mut log);
    clean(&mut log);
    let once = log_files(&dir).len();
    put(&mut log, no_options(), &[("a", Some("z"))]);
    roll(&mut log);
    clean(&mut log);
    assert!(log_files(&dir).len() < once);
    for _ in 0..5 {
        put(&mut log, no_options(), &[("a", Some("z"))]);
        roll(&mut log);
        clean(&mut log);
    }
    assert!(log_files(&dir).len() <= 4, "{:?}", log_files(&dir));
    assert_eq!(seen(&log).len(), 1);
}

#[test]
fn a_record_without_a_value_goes_after_its_time() {
    let (_dir, mut log) = new_log();
    put(
        &mut log,
        no_options(),
        &[("a", Some("1")), ("b", Some("1"))],
    );
    put(&mut log, no_options(), &[("a", None)]);
    roll(&mut log);
    let at = |ms: u64| NOW.plus_millis(i64::try_from(ms).unwrap());
    let mut clean_after = |ms: u64| {
        put(&mut log, no_options(), &[("c", Some("1"))]);
        roll(&mut log);
        clean_at(&mut log, at(ms), 1 << 20).unwrap();
        seen(&log).iter().any(|it| it.2 == b"a")
    };
    assert!(clean_after(0));
    assert!(clean_after(DAY_MS - 1));
    assert!(!clean_after(DAY_MS));
}

#[test]
fn a_producer_goes_on_after_its_records_went_and_the_state_was_lost() {
    let (dir, mut log) = new_log();
    let options = |base_sequence| BatchOptions {
        producer: Some(Producer {
            id: ProducerId::new(5),
            epoch: ProducerEpoch::ZERO,
            base_sequence: Some(base_sequence),
        }),
        compression: Compression::Gzip,
        ..BatchOptions::default()
    };
    put(&mut log, options(0), &[("a", Some("1")), ("a", Some("2"))]);
    put(&mut log, no_options(), &[("a", Some("3"))]);
    roll(&mut log);
    clean(&mut log);
    assert_eq!(seen(&log).len(), 1);
    log.checkpoint().unwrap();
    sync(&mut log);
    for name in names(&dir).iter().filter(|it| it.ends_with(".snapshot")) {
        dir.remove_file(&Path::new("t-0").join(name)).unwrap();
    }
    let dir = dir.crash_process();
    let log = open(&dir, config());
    let producer = log.producers().producer(ProducerId::new(5)).unwrap();
    assert_eq!(producer.last_sequence(), Some(1));
}

#[test]
fn the_last_batches_of_a_producer_stay_though_later_ones_may_be_cut_off() {
    let (_dir, mut log) = new_log();
    let options = |base_sequence| BatchOptions {
        producer: Some(Producer {
            id: ProducerId::new(5),
            epoch: ProducerEpoch::ZERO,
            base_sequence: Some(base_sequence),
        }),
        ..BatchOptions::default()
    };
    for sequence in 0..20 {
        put(&mut log, options(sequence), &[("a", Some("1"))]);
    }
    roll(&mut log);
    for sequence in 20..23 {
        put(&mut log, options(sequence), &[("a", Some("1"))]);
    }
    roll(&mut log);
    // What comes after the first twenty is not committed yet.
    let cleaning = CleanOptions {
        map_bytes_max: 1 << 20,
        secret: [3, 4],
    };
    let cleaning = log.clean(offset(20), cleaning, NOW).unwrap();
    perform(&mut log, cleaning).unwrap();
    let left = |log: &Log<MemoryDir>| {
        let mut headers = headers(log);
        headers.retain(|it| (14..20).contains(it));
        headers
    };
    assert_eq!(left(&log), [15, 16, 17, 18, 19]);
    // A second time the clean part is looked at as well.
    put(&mut log, no_options(), &[("b", Some("1"))]);
    roll(&mut log);
    clean(&mut log);
    assert_eq!(left(&log), [18, 19]);
}

#[test]
fn where_a_leader_epoch_begins_stays_known_to_whoever_copies_the_log() {
    let (_dir, mut log) = new_log();
    for epoch in 1..4 {
        log.begin_epoch(LeaderEpoch::new(epoch)).unwrap();
        for _ in 0..3 {
            put(&mut log, no_options(), &[("a", Some("1"))]);
        }
    }
    roll(&mut log);
    clean(&mut log);
    assert_eq!(headers(&log), [0, 3, 6, 8]);
}

#[test]
fn a_map_that_is_too_small_only_takes_more_rounds() {
    let (_dir, mut log) = new_log();
    for round in 0..3 {
        for number in 0..30 {
            let (key, value) = (format!("k{number}"), format!("{round}"));
            put(
                &mut log,
                no_options(),
                &[(&key, Some(&value)), (&key, Some(&value))],
            );
        }
    }
    roll(&mut log);
    let before = last_values(&seen(&log));
    let mut rounds = 0;
    while log.dirty(log.log_end_offset(), NOW).is_some() {
        // Room for seven keys.
        clean_at(&mut log, NOW, 7 * 96).unwrap();
        rounds += 1;
        assert_eq!(last_values(&seen(&log)), before);
    }
    assert!(rounds > 5);
    assert!(seen(&log).len() < 60, "{}", seen(&log).len());
}

#[test]
fn what_is_not_committed_or_too_young_is_not_cleaned() {
    let (_dir, mut log) = new_log();
    for _ in 0..100 {
        put(&mut log, no_options(), &[("a", Some("1"))]);
    }
    roll(&mut log);
    assert_eq!(log.dirty(offset(0), NOW), None);
    let half = log.dirty(offset(50), NOW).unwrap();
    assert!(half.to <= offset(50));
    log.set_config(Arc::new(LogConfig {
        min_compaction_lag_ms: 10,
        ..config()
    }));
    assert_eq!(log.dirty(offset(100), NOW.plus_millis(10)), None);
    assert!(log.dirty(offset(100), NOW.plus_millis(11)).is_some());
    let mostly_clean = |max_compaction_lag_ms| LogConfig {
        min_cleanable_dirty_ratio: 1.0,
        max_compaction_lag_ms,
        ..config()
    };
    log.set_config(Arc::new(mostly_clean(u64::MAX)));
    assert!(!log.dirty(offset(100), NOW).unwrap().is_due);
    log.set_config(Arc::new(mostly_clean(10)));
    assert!(log.dirty(offset(100), NOW.plus_millis(11)).unwrap().is_due);
}

#[test]
fn the_longest_that_a_record_may_wait_counts_from_the_first_of_its_segment() {
    let (_dir, mut log) = new_log();
    for millis in [0, 1_000] {
        let mut builder = BatchBuilder::new(no_options());
        builder.append(NOW.plus_millis(millis), Some(b"a"), Some(b"1"), &[]);
        append(&mut log, &builder.build().unwrap());
    }
    roll(&mut log);
    log.set_config(Arc::new(LogConfig {
        min_cleanable_dirty_ratio: 1.0,
        max_compaction_lag_ms: 500,
        ..config()
    }));
    let is_due = |millis| {
        log.dirty(offset(2), NOW.plus_millis(millis))
            .unwrap()
            .is_due
    };
    assert!(!is_due(500));
    assert!(is_due(501));
}

#[test]
fn a_copy_of_what_was_cut_meanwhile_is_refused() {
    let (dir, mut log) = new_log();
    for round in 0..100 {
        put(&mut log, no_options(), &[("a", Some(&round.to_string()))]);
    }
    roll(&mut log);
    let options = CleanOptions {
        map_bytes_max: 1 << 20,
        secret: [0, 0],
    };
    let mut cleaning = log.clean(log.log_end_offset(), options, NOW).unwrap();
    log.truncate_to(offset(3), NOW).unwrap();
    assert!(matches!(cleaning.step(), Ok(Step::Stopped)));
    assert_eq!(seen(&log).len(), 3);
    assert!(log_files(&dir).len() <= 2);
}

/// A log with something to clean, and its cleaning after so many steps; `None` when it is over by then.
fn cleaning_after(steps: usize) -> Option<(MemoryDir, Log<MemoryDir>, Cleaning<MemoryDir>)> {
    let (dir, mut log) = new_log();
    for round in 0..30 {
        put(&mut log, no_options(), &[("a", Some(&round.to_string()))]);
    }
    roll(&mut log);
    let options = CleanOptions {
        map_bytes_max: 1 << 20,
        secret: [0, 0],
    };
    let mut cleaning = log.clean(log.log_end_offset(), options, NOW).unwrap();
    for _ in 0..steps {
        match cleaning.step().unwrap() {
            Step::Part => {}
            Step::Segment(cleaned) => cleaned.discard().unwrap(),
            Step::Done(_) => return None,
            Step::Stopped => panic!("nothing was cut off"),
        }
    }
    Some((dir, log, cleaning))
}

#[test]
fn a_cleaning_of_what_is_cut_meanwhile_stops_at_any_step_and_can_be_tried_again() {
    let mut steps = 0;
    while let Some((dir, mut log, mut cleaning)) = cleaning_after(steps) {
        log.truncate_to(offset(20), NOW).unwrap();
        assert!(matches!(cleaning.step(), Ok(Step::Stopped)), "{steps}");
        roll(&mut log);
        clean(&mut log);
        assert_eq!(last_values(&seen(&log)).len(), 1, "{steps}");
        assert_eq!(
            names(&dir)
                .iter()
                .filter(|it| it.contains("cleaned"))
                .count(),
            0
        );
        steps += 1;
    }
    assert!(steps > 10, "{steps} steps");
}

#[test]
fn a_cleaning_of_a_log_that_is_gone_leaves_nothing_to_the_next_one_of_its_name() {
    let mut steps = 0;
    while let Some((dir, log, mut cleaning)) = cleaning_after(steps) {
        drop(log);
        dir.rename(Path::new("t-0"), Path::new("t-0.gone")).unwrap();
        let log = open(&dir, config());
        let before = names(&dir);
        assert!(matches!(cleaning.step(), Ok(Step::Stopped)), "{steps}");
        assert_eq!(names(&dir), before, "{steps}");
        assert_eq!(seen(&log), []);
        steps += 1;
    }
    assert!(steps > 10, "{steps} steps");
}

#[test]
fn a_copy_of_a_log_that_is_gone_is_not_looked_for_in_the_next_one_of_its_name() {
    let (dir, log, mut cleaning) = cleaning_after(0).unwrap();
    let cleaned = loop {
        if let Step::Segment(cleaned) = cleaning.step().unwrap() {
            break cleaned;
        }
    };
    drop(log);
    dir.rename(Path::new("t-0"), Path::new("t-0.gone")).unwrap();
    let _log = open(&dir, config());
    let copy = Path::new("t-0/00000000000000000000.log.cleaned");
    dir.open(copy, crate::dir::OpenMode::Create).unwrap();
    cleaned.discard().unwrap();
    assert!(dir.exists(copy).unwrap(), "it is another log's");
}

#[test]
fn so_many_segments_at_most_are_copied_into_one() {
    let (_, mut log) = new_log();
    for round in 0..3 * SOURCES_MAX {
        put(&mut log, no_options(), &[(&round.to_string(), Some("1"))]);
        roll(&mut log);
    }
    log.set_config(Arc::new(LogConfig {
        segment_bytes: 1 << 20,
        ..config()
    }));
    let options = CleanOptions {
        map_bytes_max: 1 << 20,
        secret: [0, 0],
    };
    let mut cleaning = log.clean(log.log_end_offset(), options, NOW).unwrap();
    let mut counts = Vec::new();
    loop {
        match cleaning.step().unwrap() {
            Step::Part => {}
            Step::Segment(cleaned) => {
                counts.push(cleaned.sources.len());
                assert_eq!(log.replace_segments(cleaned).unwrap(), Replaced::Yes);
            }
            Step::Done(_) => break,
            Step::Stopped => panic!("nothing was cut off"),
        }
    }
    assert_eq!(counts, [SOURCES_MAX; 3]);
    assert_eq!(seen(&log).len(), 3 * SOURCES_MAX);
}

#[test]
fn a_log_that_was_begun_again_is_not_clean_because_the_one_before_was() {
    let (_, mut before) = new_log();
    let (_, mut after) = new_log();
    for round in 0..100 {
        put(
            &mut before,
            no_options(),
            &[("a", Some(&round.to_string()))],
        );
        put(&mut after, no_options(), &[("a", Some(&round.to_string()))]);
    }
    roll(&mut before);
    roll(&mut after);
    let options = CleanOptions {
        map_bytes_max: 1 << 20,
        secret: [0, 0],
    };
    let mut cleaning = before.clean(before.log_end_offset(), options, NOW).unwrap();
    let point = loop {
        match cleaning.step().unwrap() {
            Step::Done(point) => break point,
            Step::Segment(_) | Step::Part => {}
            Step::Stopped => panic!("nothing stops it"),
        }
    };
    after.handle_cleaned(point.clone()).unwrap();
    assert!(after.dirty(after.log_end_offset(), NOW).is_some());
    before.handle_cleaned(point).unwrap();
    assert!(before.dirty(before.log_end_offset(), NOW).is_none());
}

#[test]
fn what_comes_back_after_damage_is_dirty_for_whoever_opens_the_log_next() {
    let (dir, mut log) = new_log();
    for round in 0..60 {
        put(&mut log, no_options(), &[("a", Some(&round.to_string()))]);
    }
    roll(&mut log);
    clean(&mut log);
    sync(&mut log);
    log.checkpoint().unwrap();
    sync(&mut log);
    assert_eq!(log.first_dirty_offset(), offset(60));
    let dir = dir.crash_process();
    let first = Path::new("t-0").join(&log_files(&dir)[0]);
    let file = dir.open(&first, crate::dir::OpenMode::Existing).unwrap();
    crate::dir::File::set_size(&file, 0).unwrap();
    let options = OpenOptions {
        on_damage: OnDamage::Cut,
        ..super::super::tests::options(config(), Restart::Unclean)
    };
    let mut log = Log::open(&files(&dir), "t-0", &options).unwrap().0;
    let cut = log.log_end_offset();
    assert!(cut < offset(60));
    log.checkpoint().unwrap();
    sync(&mut log);
    for round in 0..60 {
        put(&mut log, no_options(), &[("a", Some(&round.to_string()))]);
    }
    sync(&mut log);
    let log = open(&dir.crash_power(1), config());
    assert!(log.first_dirty_offset() <= cut);
}

#[test]
fn damage_is_not_copied_under_a_new_crc() {
    // In the records of the first batch, in its header, in the offset of the second one.
    for position in [65, 50, 75] {
        let (dir, mut log) = new_log();
        for round in 0..60 {
            put(&mut log, no_options(), &[("a", Some(&round.to_string()))]);
        }
        roll(&mut log);
        let first = Path::new("t-0").join(&log_files(&dir)[0]);
        let file = dir.open(&first, crate::dir::OpenMode::Existing).unwrap();
        crate::dir::File::write_at(&file, &[b"!"], position).unwrap();
        let before = log_files(&dir);
        let error = clean_at(&mut log, NOW, 1 << 20).unwrap_err();
        assert!(matches!(error, Error::Clean { .. }), "{position}: {error}");
        assert_eq!(log_files(&dir), before);
    }
}

/// A small generator of numbers (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

fn write_some(log: &mut Log<MemoryDir>, chance: &mut Chance, batches_max: u64) {
    for _ in 0..10 + chance.below(batches_max) {
        let codec = Compression::ALL[usize::try_from(chance.below(5)).unwrap()];
        let options = BatchOptions {
            compression: codec,
            ..BatchOptions::default()
        };
        let mut builder = BatchBuilder::new(options);
        for _ in 0..=chance.below(4) {
            let key = format!("k{}", chance.below(12));
            let value = format!("v{}", chance.below(1 << 40));
            let value = (chance.below(5) > 0).then_some(value.as_bytes());
            let timestamp = NOW.plus_millis(i64::try_from(chance.below(1_000)).unwrap());
            builder.append(timestamp, Some(key.as_bytes()), value, &[]);
        }
        append(log, &builder.build().unwrap());
    }
    roll(log);
}

fn reopen(dir: &MemoryDir, restart: Restart) -> Log<MemoryDir> {
    let options = OpenOptions {
        topic_id: None,
        config: Arc::new(config()),
        restart,
        on_damage: OnDamage::Refuse,
        now: NOW,
    };
    Log::open(&files(dir), "t-0", &options).unwrap().0
}

/// All that is left was written, the last value of each key is the same, and what is looked for by
/// time is found.
fn assert_same(written: &[Seen], log: &Log<MemoryDir>, what: &str) {
    let left = seen(log);
    let start = log.log_start_offset().value();
    let left: Vec<Seen> = left.into_iter().filter(|it| it.0 >= start).collect();
    let written: Vec<Seen> = written.iter().filter(|it| it.0 >= start).cloned().collect();
    let newest = left.iter().map(|it| it.1).max();
    let first = left.iter().find(|it| Some(it.1) == newest);
    let found = log.view().first_with_max_timestamp(log.log_end_offset());
    let found = found
        .unwrap()
        .map(|it| (it.offset.value(), it.timestamp.as_millis()));
    assert_eq!(found, first.map(|it| (it.0, it.1)), "{what}");
    for span in log.view().closed.iter() {
        let opened = span.open().unwrap();
        let (mut walk, mut newest) = (opened.walk(0), None);
        while let Some(met) = walk.next().unwrap() {
            if met.header.records_count > 0 {
                newest = newest.max(Some(met.header.max_timestamp));
            }
        }
        assert_eq!(
            span.extent.max_timestamp,
            newest,
            "{what}: {:?}",
            span.base_offset()
        );
    }
    let by_offset: BTreeMap<u64, &Seen> = written.iter().map(|it| (it.0, it)).collect();
    for record in &left {
        assert_eq!(by_offset.get(&record.0), Some(&record), "{what}");
    }
    assert_eq!(last_values(&left), last_values(&written), "{what}");
}

#[test]
fn the_last_values_are_the_same_whatever_was_written() {
    for seed in 0..60 {
        let mut chance = Chance(seed);
        let (dir, mut log) = new_log();
        let mut written: Vec<Seen> = Vec::new();
        let mut now = NOW;
        for _ in 0..6 {
            write_some(&mut log, &mut chance, 60);
            let end = written.last().map_or(0, |it| it.0 + 1);
            written.extend(seen(&log).into_iter().filter(|it| it.0 >= end));
            now = now.plus_millis(i64::try_from(chance.below(DAY_MS)).unwrap());
            let map_bytes_max = usize::try_from(chance.below(2_000)).unwrap();
            clean_at(&mut log, now, map_bytes_max).unwrap();
            assert_same(&written, &log, &format!("seed {seed}"));
        }
        let first_dirty_offset = log.first_dirty_offset();
        let before = seen(&log);
        let clean: Vec<_> = before
            .iter()
            .filter(|it| it.0 < first_dirty_offset.value())
            .collect();
        let keys: std::collections::BTreeSet<_> = clean.iter().map(|it| &it.2).collect();
        assert_eq!(keys.len(), clean.len(), "no key is twice in the clean part");
        for request in [log.close().unwrap()].into_iter().flatten() {
            let result = request.perform();
            log.handle_synced(request, result).unwrap();
        }
        log.checkpoint().unwrap();
        sync(&mut log);
        let log = reopen(&dir.crash_power(seed), Restart::Clean);
        assert_eq!(seen(&log), before);
        assert_eq!(log.first_dirty_offset(), first_dirty_offset);
    }
}

/// Lets the process die at the `call`-th call; returns whether it came that far.
fn clean_until(dir: &MemoryDir, log: &mut Log<MemoryDir>, call: u64) -> bool {
    let mut count = 0;
    dir.set_policy(Some(Box::new(move |_, _| {
        count += 1;
        let kind = io::ErrorKind::Other;
        match count.cmp(&call) {
            std::cmp::Ordering::Less => Verdict::Pass,
            std::cmp::Ordering::Equal => Verdict::Torn { bytes: 30, kind },
            std::cmp::Ordering::Greater => Verdict::Torn { bytes: 0, kind },
        }
    })));
    // Late enough for what the cleaning before has found without a value.
    let two_days = i64::try_from(2 * DAY_MS).unwrap();
    let result = clean_at(log, NOW.plus_millis(two_days), 1 << 20);
    dir.set_policy(None);
    result.is_err()
}

#[test]
fn a_crash_at_any_call_leaves_each_record_once() {
    let mut crashes = 0;
    for seed in 0..3 {
        let mut call = 1;
        loop {
            let mut chance = Chance(seed);
            let (dir, mut log) = new_log();
            write_some(&mut log, &mut chance, 20);
            let mut written = seen(&log);
            clean(&mut log);
            write_some(&mut log, &mut chance, 20);
            let end = written.last().map_or(0, |it| it.0 + 1);
            written.extend(seen(&log).into_iter().filter(|it| it.0 >= end));
            if chance.below(2) == 0 {
                log.checkpoint().unwrap();
                sync(&mut log);
            }
            if chance.below(2) == 0 {
                let end_offset = log.durable_end_offset().value();
                let to = chance.below(end_offset * 3 / 4);
                log.advance_log_start_offset(offset(to)).unwrap();
                sync(&mut log);
            }
            let is_crash = clean_until(&dir, &mut log, call);
            let what = format!("seed {seed}, call {call}");
            let dir = if call.is_multiple_of(2) {
                dir.crash_power(seed * 1_000 + call)
            } else {
                dir.crash_process()
            };
            let mut log = reopen(&dir, Restart::Unclean);
            assert_same(&written, &log, &what);
            assert!(log.first_dirty_offset() <= log.log_end_offset());
            sync(&mut log);
            // What comes after is as if nothing had happened, also after another crash.
            let dir = dir.crash_power(call);
            let mut log = reopen(&dir, Restart::Unclean);
            sync(&mut log);
            clean(&mut log);
            assert_same(&written, &log, &what);
            let is_left_over = |it: &String| it.ends_with(".cleaned") || it.ends_with(".deleted");
            assert!(
                !names(&dir).iter().any(is_left_over),
                "{what}: {:?}",
                names(&dir)
            );
            if !is_crash {
                break;
            }
            crashes += 1;
            call += 1;
        }
    }
    assert!(crashes > 100, "{crashes} crashes");
}

#[test]
fn a_header_without_records_is_no_time_of_the_segment() {
    let (_dir, mut log) = new_log();
    let mut builder = BatchBuilder::new(no_options());
    builder.append(NOW.plus_millis(5_000), Some(b"a"), Some(b"1"), &[]);
    append(&mut log, &builder.build().unwrap());
    roll(&mut log);
    put(&mut log, no_options(), &[("a", Some("2"))]);
    roll(&mut log);
    clean(&mut log);
    let found = log.view().first_with_max_timestamp(log.log_end_offset());
    let found = found.unwrap().unwrap();
    assert_eq!((found.offset, found.timestamp), (offset(1), NOW));
    let header: Option<BatchHeader> = log
        .view()
        .closed
        .first()
        .and_then(|it| it.open().unwrap().last_batch().unwrap());
    assert!(header.is_some());
}
