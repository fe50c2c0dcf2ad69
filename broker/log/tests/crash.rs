//! Crashes at any call, of the process and of power: what was durable is there, nothing else than
//! what was appended is, and the caches agree with the batches.
//!
//! Every failure prints the call of `run` that replays it.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use broker_log::dir::memory::{MemoryDir, Policy, Verdict};
use broker_log::dir::{Dir, File, OpenMode};
use broker_log::{
    Append, Log, LogConfig, OnDamage, OpenFiles, OpenOptions, Origin, Read, ReadLimit, Restart,
    SyncRequest, SyncScope,
};
use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};
use broker_wire::record_batch::{BatchBuilder, BatchHeader, BatchOptions, Producer, batches};

const FOLDER: &str = "t-0";

/// A small generator of numbers (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crash {
    Process,
    Power,
    /// A sync fails; then the process dies, and the page cache looks better than the disk.
    FailedSync,
}

/// What must hold after the crash.
#[derive(Clone, Default)]
struct Expected {
    /// Batches by base offset; what an append that was cut short would have written is among them.
    batches: BTreeMap<u64, Vec<u8>>,
    /// All below was durable, and no truncation has asked for less since.
    durable_end: u64,
    log_start: u64,
    durable_start: u64,
    log_end: u64,
    /// A truncation was cut short: the log may end anywhere from `durable_end` on.
    is_truncating: bool,
    /// The log was asked to begin again here, and that was cut short.
    restart_at: Option<u64>,
}

struct World {
    dir: MemoryDir,
    log: Log<MemoryDir>,
    expected: Expected,
    request: Option<SyncRequest<MemoryDir>>,
    sequences: BTreeMap<u64, u32>,
    /// The controller gives epochs out; none comes twice, whatever a log has forgotten.
    epoch: LeaderEpoch,
    deletes: bool,
    now: i64,
}

fn config() -> LogConfig {
    LogConfig {
        index_interval_bytes: 150,
        segment_bytes: 1200,
        retention_bytes: Some(2500),
        producer_id_expiration_ms: u64::MAX,
        ..LogConfig::default()
    }
}

fn open(dir: &MemoryDir, restart: Restart) -> Result<Log<MemoryDir>, broker_log::Error> {
    let options = OpenOptions {
        topic_id: None,
        config: Arc::new(config()),
        restart,
        on_damage: OnDamage::Refuse,
        now: Timestamp::from_millis(1_000_000),
    };
    let files = OpenFiles::new(dir.clone(), NonZeroUsize::MIN);
    Log::open(&files, FOLDER, &options).map(|(log, _)| log)
}

fn batch(chance: &mut Chance, world: &World) -> (Vec<u8>, Option<(u64, u32)>) {
    let count = 1 + chance.below(4);
    let id = chance.below(4);
    let producer = (id > 0).then(|| world.sequences.get(&id).copied().unwrap_or(0));
    let options = BatchOptions {
        producer: producer.map(|base_sequence| Producer {
            id: ProducerId::new(id),
            epoch: ProducerEpoch::ZERO,
            base_sequence: Some(base_sequence),
        }),
        ..BatchOptions::default()
    };
    let mut builder = BatchBuilder::new(options);
    for _ in 0..count {
        let value = vec![
            u8::try_from(chance.below(256)).unwrap();
            usize::try_from(chance.below(150)).unwrap()
        ];
        let timestamp = world.now + i64::try_from(chance.below(100)).unwrap();
        builder.append(
            Timestamp::from_millis(timestamp),
            Some(b"k"),
            Some(&value),
            &[],
        );
    }
    let next = producer.map(|it| (id, it + u32::try_from(count).unwrap()));
    (builder.build().unwrap(), next)
}

impl World {
    fn append(&mut self, chance: &mut Chance) -> Result<(), String> {
        let (bytes, next) = batch(chance, self);
        let epoch = self.epoch;
        let base = self.log.log_end_offset();
        let mut stored = bytes.clone();
        let mut header = broker_wire::record_batch::BatchMut::parse(&mut stored).unwrap();
        header.set_base_offset(base);
        header.set_partition_leader_epoch(epoch);
        // What is behind in the old history goes when something is written there.
        self.expected.batches.split_off(&base.value());
        self.expected.batches.insert(base.value(), stored);
        let now = Timestamp::from_millis(self.now);
        let appended = self
            .log
            .append_as_leader(&bytes, epoch, Origin::Client, now);
        assert!(
            matches!(appended, Ok(Append::Appended(_)) | Err(_)),
            "{appended:?}"
        );
        appended.map_err(|it| it.to_string())?;
        if let Some((id, sequence)) = next {
            self.sequences.insert(id, sequence);
        }
        self.expected.log_end = self.log.log_end_offset().value();
        Ok(())
    }

    fn truncate(&mut self, chance: &mut Chance) -> Result<(), String> {
        let (start, end) = (
            self.log.log_start_offset().value(),
            self.log.log_end_offset().value(),
        );
        let to = start + chance.below(end - start + 1);
        let holds = self.expected.batches.range(..=to).next_back();
        let cut = match holds {
            Some((base, bytes)) => {
                let header = BatchHeader::parse(bytes).unwrap();
                if header.next_offset().value() > to {
                    *base
                } else {
                    to
                }
            }
            None => to,
        };
        let cut = cut.max(start);
        self.expected.durable_end = self.expected.durable_end.min(cut);
        self.expected.is_truncating = true;
        let now = Timestamp::from_millis(self.now);
        let end = self
            .log
            .truncate_to(Offset::new(to), now)
            .map_err(|it| it.to_string())?;
        assert_eq!(end.value(), cut.min(self.expected.log_end));
        self.expected.is_truncating = false;
        self.expected.log_end = end.value();
        self.expected.durable_end = self.log.durable_end_offset().value();
        self.expected.batches.split_off(&end.value());
        self.expected.log_start = self.log.log_start_offset().value();
        self.forget_sequences();
        Ok(())
    }

    fn restart_at(&mut self, chance: &mut Chance) -> Result<(), String> {
        let start = chance.below(self.log.log_end_offset().value() + 20);
        self.expected.restart_at = Some(start);
        let now = Timestamp::from_millis(self.now);
        let offset = Offset::new(start);
        let restarted = self.log.truncate_fully_and_start_at(offset, now);
        restarted.map_err(|it| it.to_string())?;
        self.expected = Expected {
            durable_end: start,
            log_start: start,
            durable_start: start,
            log_end: start,
            ..Expected::default()
        };
        self.forget_sequences();
        Ok(())
    }

    /// The next sequence of each producer, as the log knows it.
    fn forget_sequences(&mut self) {
        let last = |(id, entry): (ProducerId, &broker_log::ProducerEntry)| {
            (id.value(), entry.last_sequence().map_or(0, |it| it + 1))
        };
        self.sequences = self.log.producers().producers().map(last).collect();
    }

    fn sync(&mut self, chance: &mut Chance) -> Result<(), String> {
        if self.request.is_none() {
            self.request = self.log.sync_request(SyncScope::All);
        }
        // Sometimes it takes a while.
        if chance.below(3) == 0 {
            return Ok(());
        }
        if let Some(request) = self.request.take() {
            let result = match chance.below(3) {
                0 => self.dir.sync_all(),
                _ => request.perform(),
            };
            let handled = self.log.handle_synced(request, result);
            handled.map_err(|it| it.to_string())?;
            let durable_end = self.log.durable_end_offset().value();
            self.expected.durable_end = self.expected.durable_end.max(durable_end);
        }
        Ok(())
    }

    fn delete(&mut self, chance: &mut Chance) -> Result<(), String> {
        if !self.deletes {
            return Ok(());
        }
        // Until it is done it may have happened or not.
        self.expected.log_start = self.expected.log_start.max(self.expected.durable_end);
        let moved = if chance.below(2) == 0 {
            let now = Timestamp::from_millis(self.now);
            let high_watermark = Offset::new(self.expected.durable_end);
            self.log.apply_retention(high_watermark, now)
        } else {
            let to = chance.below(self.expected.durable_end + 1);
            self.log.advance_log_start_offset(Offset::new(to))
        };
        moved.map_err(|it| it.to_string())?;
        self.expected.log_start = self.log.log_start_offset().value();
        let removal = self.log.take_removal().map_err(|it| it.to_string())?;
        if let Some(removal) = removal {
            removal.perform().map_err(|it| it.to_string())?;
        }
        Ok(())
    }

    fn step(&mut self, chance: &mut Chance) -> Result<(), String> {
        self.now += i64::try_from(chance.below(50)).unwrap();
        match chance.below(40) {
            0..=19 => self.append(chance),
            20..=28 => self.sync(chance),
            29..=32 => self.log.checkpoint().map_err(|it| it.to_string()),
            33 | 34 => self.truncate(chance),
            35 => {
                self.epoch = self.epoch.next();
                self.log
                    .begin_epoch(self.epoch)
                    .map_err(|it| it.to_string())
            }
            36 if chance.below(4) == 0 => self.restart_at(chance),
            37 if self.request.is_none() && chance.below(3) == 0 => self.close_and_open(),
            _ => self.delete(chance),
        }?;
        self.log.assert_invariants();
        Ok(())
    }

    fn finish(&mut self, request: Option<SyncRequest<MemoryDir>>) -> Result<(), String> {
        let Some(request) = request else {
            return Ok(());
        };
        let result = request.perform();
        let handled = self.log.handle_synced(request, result);
        handled.map_err(|it| it.to_string())
    }

    fn close_and_open(&mut self) -> Result<(), String> {
        let closing = self.log.close().map_err(|it| it.to_string())?;
        self.finish(closing)?;
        self.expected.durable_end = self.log.durable_end_offset().value();
        self.log.checkpoint().map_err(|it| it.to_string())?;
        let stating = self.log.sync_request(SyncScope::All);
        self.finish(stating)?;
        let before = self.log.producers().clone();
        self.log = open(&self.dir, Restart::Clean).map_err(|it| it.to_string())?;
        assert_eq!(self.log.log_end_offset().value(), self.expected.log_end);
        assert_eq!(self.log.durable_end_offset().value(), self.expected.log_end);
        assert_eq!(*self.log.producers(), before);
        Ok(())
    }
}

/// Passes `calls` calls; then the crash begins: a write is torn, and all else fails.
fn crash_after(mut calls: u64, torn: usize, crash: Crash) -> Policy {
    use broker_log::dir::memory::Call;
    Box::new(move |call, _| {
        if call == Call::Read {
            return Verdict::Pass;
        }
        let is_sync = matches!(call, Call::SyncData | Call::SyncAll);
        if calls > 0 && (crash != Crash::FailedSync || is_sync) {
            calls -= 1;
        }
        let kind = io::ErrorKind::Other;
        match crash {
            _ if calls > 0 => Verdict::Pass,
            Crash::FailedSync if !is_sync => Verdict::Pass,
            Crash::FailedSync => Verdict::Fail(kind),
            Crash::Process | Crash::Power => Verdict::Torn { bytes: torn, kind },
        }
    })
}

/// All batches of the log, by base offset, read from each offset in turn.
fn read_all(log: &Log<MemoryDir>) -> BTreeMap<u64, Vec<u8>> {
    let view = log.view();
    let limit = ReadLimit {
        bytes_max: 1,
        upper_bound: view.log_end_offset(),
        at_least_one_batch: true,
    };
    let (mut found, mut next) = (BTreeMap::new(), view.log_start_offset());
    while let Read::Slice(slice) = view.read(next, &limit).unwrap() {
        let bytes = slice.to_vec().unwrap();
        assert_eq!(batches(&bytes).count(), 1);
        broker_wire::record_batch::verify_crc(&bytes).unwrap();
        found.insert(slice.base_offset.value(), bytes);
        assert!(next < slice.end_offset);
        next = slice.end_offset;
    }
    assert_eq!(next, view.log_end_offset());
    found
}

fn check(log: &Log<MemoryDir>, expected: &Expected, crash: Crash) {
    let (start, end) = (log.log_start_offset().value(), log.log_end_offset().value());
    if expected.restart_at.is_some() {
        // Its promise was withdrawn, so anything may be left of what there was, and nothing else.
        for (base, bytes) in read_all(log) {
            assert_eq!(expected.batches.get(&base), Some(&bytes), "batch at {base}");
        }
        return;
    }
    assert!(start <= expected.log_start, "start {start}");
    assert!(expected.durable_start <= start, "start {start}");
    assert!(
        expected.durable_end <= end,
        "end {end} and durable {}",
        expected.durable_end
    );
    if crash == Crash::Process && !expected.is_truncating && expected.restart_at.is_none() {
        assert!(expected.log_end <= end, "the page cache survives: {end}");
    }
    let found = read_all(log);
    let mut next = None;
    for (base, bytes) in &found {
        assert_eq!(expected.batches.get(base), Some(bytes), "batch at {base}");
        assert!(next.is_none_or(|it| it == *base), "a gap before {base}");
        next = Some(BatchHeader::parse(bytes).unwrap().next_offset().value());
    }
}

/// The caches say what the batches say.
fn check_caches(dir: &MemoryDir, log: &Log<MemoryDir>) {
    let scratch = dir.fork();
    for entry in scratch.list(Path::new(FOLDER)).unwrap() {
        let is_cache = ["index", "snapshot", "leader-epoch-checkpoint"];
        if is_cache.iter().any(|it| entry.name.ends_with(it)) {
            scratch
                .remove_file(&Path::new(FOLDER).join(entry.name))
                .unwrap();
        }
    }
    let rebuilt = open(&scratch, Restart::Unclean).unwrap();
    assert_eq!(rebuilt.log_end_offset(), log.log_end_offset());
    // Of a log without records the file may know the last epoch; the batches do not.
    if log.log_start_offset() < log.log_end_offset() {
        assert_eq!(rebuilt.leader_epochs(), log.leader_epochs());
    }
    // Records that were deleted leave their producers known, which a rebuild cannot know.
    if log.log_start_offset() == Offset::ZERO {
        assert_eq!(rebuilt.producers(), log.producers());
    }
}

fn run(seed: u64, crash: Crash) -> u64 {
    let mut chance = Chance(seed);
    let dir = MemoryDir::new();
    let mut world = World {
        log: open(&dir, Restart::Unclean).unwrap(),
        dir,
        expected: Expected::default(),
        request: None,
        sequences: BTreeMap::new(),
        epoch: LeaderEpoch::ZERO,
        deletes: seed.is_multiple_of(2),
        now: 1_000_000,
    };
    let mut crashes = 0;
    for _ in 0..4 {
        let calls = 1 + chance.below(if crash == Crash::FailedSync { 12 } else { 90 });
        let torn = usize::try_from(chance.below(400)).unwrap();
        world.dir.set_policy(Some(crash_after(calls, torn, crash)));
        let mut steps = 0;
        while steps < 300 && world.step(&mut chance).is_ok() {
            steps += 1;
        }
        crashes += u64::from(steps < 300);
        world.dir = match crash {
            Crash::Process | Crash::FailedSync => world.dir.crash_process(),
            Crash::Power => world.dir.crash_power(chance.next()),
        };
        world.request = None;
        world.log = open(&world.dir, Restart::Unclean).unwrap();
        check(&world.log, &world.expected, crash);
        check_caches(&world.dir, &world.log);
        go_on(&mut world);
    }
    crashes
}

/// What was recovered is what there is from now on.
fn go_on(world: &mut World) {
    let request = world.log.sync_request(SyncScope::All).unwrap();
    let result = request.perform();
    world.log.handle_synced(request, result).unwrap();
    assert_eq!(world.log.durable_end_offset(), world.log.log_end_offset());
    world.epoch = world.epoch.next();
    world.log.begin_epoch(world.epoch).unwrap();
    let (start, end) = (world.log.log_start_offset(), world.log.log_end_offset());
    world.expected = Expected {
        batches: read_all(&world.log),
        durable_end: end.value(),
        log_start: start.value(),
        durable_start: start.value(),
        log_end: end.value(),
        ..Expected::default()
    };
    world.forget_sequences();
}

fn run_many(seeds: std::ops::Range<u64>, crash: Crash) {
    let mut crashes = 0;
    for seed in seeds.clone() {
        let result = std::panic::catch_unwind(|| run(seed, crash));
        match result {
            Ok(count) => crashes += count,
            Err(_) => panic!("failed: run({seed}, Crash::{crash:?})"),
        }
    }
    // A test that never crashed has shown nothing.
    let runs = seeds.end - seeds.start;
    assert!(crashes > runs, "{crashes} crashes in {runs} runs");
}

#[test]
fn what_once_failed_does_not_fail_again() {
    for (seed, crash) in [
        (345, Crash::Process),
        (1070, Crash::Power),
        (1129, Crash::Power),
        (20140, Crash::Power),
        (20902, Crash::Power),
        (5042, Crash::FailedSync),
        (40080, Crash::FailedSync),
        (40247, Crash::FailedSync),
    ] {
        run(seed, crash);
    }
}

#[test]
fn a_dead_process_loses_nothing() {
    run_many(0..300, Crash::Process);
}

#[test]
fn a_loss_of_power_loses_nothing_that_was_durable() {
    run_many(1000..1600, Crash::Power);
}

#[test]
fn a_failed_sync_and_a_restart_lose_nothing_that_was_durable() {
    run_many(5000..5300, Crash::FailedSync);
}

#[test]
fn a_crash_at_every_call_of_one_history_is_survived() {
    for seed in [3, 4] {
        for calls in 1..200 {
            let dir = MemoryDir::new();
            let mut world = World {
                log: open(&dir, Restart::Unclean).unwrap(),
                dir,
                expected: Expected::default(),
                request: None,
                sequences: BTreeMap::new(),
                epoch: LeaderEpoch::ZERO,
                deletes: true,
                now: 1_000_000,
            };
            let mut chance = Chance(seed);
            world
                .dir
                .set_policy(Some(crash_after(calls, 70, Crash::Power)));
            while world.step(&mut chance).is_ok() {}
            for power in 0..4 {
                let dir = world.dir.fork().crash_power(power);
                let log = open(&dir, Restart::Unclean)
                    .unwrap_or_else(|it| panic!("seed {seed} calls {calls} power {power}: {it}"));
                let result =
                    std::panic::catch_unwind(|| check(&log, &world.expected, Crash::Power));
                assert!(result.is_ok(), "seed {seed} calls {calls} power {power}");
            }
        }
    }
}

#[test]
fn files_of_another_log_do_no_harm() {
    let dir = MemoryDir::new();
    dir.create_dir(Path::new(FOLDER)).unwrap();
    let path = Path::new(FOLDER).join("00000000000000000005-0000000001.checkpoint");
    let file = dir.open(&path, OpenMode::Create).unwrap();
    file.write_at(&[b"a snapshot of the metadata log"], 0)
        .unwrap();
    drop(open(&dir, Restart::Unclean).unwrap());
    assert!(dir.exists(&path).unwrap());
}
