//! Deliberate mistakes of the log that the simulation does not show, each with the scenario that must
//! fail.
//!
//! Never here: mistakes that lose data in a crash; the simulation of brokers looks for those.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use broker_log::data_dir::DataDir;
use broker_log::dir::memory::MemoryDir;
use broker_log::{Log, LogConfig, OnDamage, OpenFiles, OpenOptions, Restart};
use broker_types::{BrokerEpoch, LeaderEpoch, Mutant, Timestamp};
use broker_wire::record_batch::{BatchBuilder, BatchOptions};

/// When the log is opened.
const OPENED: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const HOUR_MS: u64 = 3_600_000;

fn open(dir: &MemoryDir) -> Log<MemoryDir> {
    let config = LogConfig {
        retention_ms: Some(HOUR_MS),
        ..LogConfig::default()
    };
    let options = OpenOptions {
        topic_id: None,
        config: Arc::new(config),
        restart: Restart::Unclean,
        on_damage: OnDamage::Refuse,
        now: OPENED,
    };
    let files = OpenFiles::new(dir.clone(), NonZeroUsize::MIN);
    Log::open(&files, "t-0", &options).unwrap().0
}

/// Ten records, written that long before the log was opened.
fn written(hours_before: i64) -> Log<MemoryDir> {
    let mut log = open(&MemoryDir::new());
    let at = OPENED.plus_millis(-hours_before * HOUR_MS.cast_signed());
    let mut builder = BatchBuilder::new(BatchOptions {
        partition_leader_epoch: Some(LeaderEpoch::ZERO),
        ..BatchOptions::default()
    });
    for _ in 0..10 {
        builder.append(at, None, Some(b"value"), &[]);
    }
    let batch = builder.build().unwrap();
    log.append_as_follower(&batch, OPENED).unwrap();
    log
}

fn old_records_go_however_young_their_file_is() {
    let mut log = written(2);
    let end = log.log_end_offset();
    assert!(log.apply_retention(end, OPENED).unwrap(), "they stay");
}

/// A process that died without a word left its directory as it was while it worked.
fn a_directory_is_clean_once_after_a_clean_shutdown() {
    let dir = MemoryDir::new();
    let start = |dir: &MemoryDir| {
        let data_dir = DataDir::open(dir.clone()).unwrap();
        data_dir.start().unwrap().clean_shutdown
    };
    let data_dir = DataDir::open(dir.clone()).unwrap();
    data_dir.write_clean_shutdown(BrokerEpoch::new(7)).unwrap();
    let dir = dir.crash_process();
    assert_eq!(start(&dir), Some(BrokerEpoch::new(7)));
    let after_a_crash = start(&dir.crash_process());
    assert_eq!(after_a_crash, None, "it passes for clean");
}

const SCENARIOS: [(Mutant, fn()); 2] = [
    (
        Mutant::RetainByWallClock,
        old_records_go_however_young_their_file_is,
    ),
    (
        Mutant::KeepCleanMarker,
        a_directory_is_clean_once_after_a_clean_shutdown,
    ),
];

#[test]
fn every_mistake_is_found() {
    SCENARIOS.iter().for_each(|(_, scenario)| scenario());
    std::panic::set_hook(Box::new(|_| {}));
    let mut unfound = Vec::new();
    for (mutant, scenario) in SCENARIOS {
        Mutant::choose(Some(mutant));
        match catch_unwind(AssertUnwindSafe(scenario)) {
            Ok(()) => unfound.push(mutant),
            Err(_) => println!(
                "| {mutant:?} | {} | scenario | its assertion |",
                mutant.what()
            ),
        }
    }
    Mutant::choose(None);
    let _ = std::panic::take_hook();
    assert!(unfound.is_empty(), "not found: {unfound:?}");
}
