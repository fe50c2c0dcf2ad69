//! What a log is after a clean stop, a crash and damage.

use super::*;
use crate::dir::{File, OpenMode};

fn close(log: &mut Log<MemoryDir>) {
    if let Some(request) = log.close().unwrap() {
        let result = request.perform();
        log.handle_synced(request, result).unwrap();
    }
    log.checkpoint().unwrap();
    sync(log);
}

fn reopen(dir: &MemoryDir, restart: Restart) -> Result<(Log<MemoryDir>, Recovery), Error> {
    Log::open(&files(dir), FOLDER, &options(config(), restart))
}

fn state(log: &Log<MemoryDir>) -> (Vec<u64>, LeaderEpochs, ProducerState, usize) {
    (
        offsets(log),
        log.leader_epochs().clone(),
        log.producers().clone(),
        log.view().segments_count(),
    )
}

/// Several segments, epochs and producers; all synced and stated.
fn lived() -> (MemoryDir, Log<MemoryDir>) {
    let (dir, mut log) = new_log();
    for sequence in 0..40 {
        if sequence % 15 == 0 {
            log.begin_epoch(LeaderEpoch::new(1 + sequence)).unwrap();
        }
        append(&mut log, &sequenced(1, 0, sequence, 1));
        append(&mut log, &sequenced(2, 0, 2 * sequence, 2));
    }
    sync(&mut log);
    log.checkpoint().unwrap();
    sync(&mut log);
    (dir, log)
}

#[test]
fn a_clean_restart_reads_no_batch_and_an_unclean_one_checks_the_last_segment() {
    let (dir, mut log) = lived();
    let before = state(&log);
    close(&mut log);
    let dir = dir.crash_power(7);
    let (log, recovery) = reopen(&dir.fork(), Restart::Clean).unwrap();
    assert_eq!(state(&log), before);
    assert_eq!(recovery.scanned_bytes, 0);
    assert_eq!(log.durable_end_offset(), log.log_end_offset());
    let (mut log, recovery) = reopen(&dir, Restart::Unclean).unwrap();
    assert_eq!(state(&log), before);
    assert!((1..=1000).contains(&recovery.scanned_bytes), "{recovery:?}");
    append(&mut log, &sequenced(1, 0, 40, 1));
}

#[test]
fn every_cache_can_be_missing_or_damaged() {
    let caches = ["index", "timeindex", "snapshot", "leader-epoch-checkpoint"];
    for (place, restart) in [(0, Restart::Clean), (1, Restart::Unclean)] {
        for cache in caches {
            for is_removed in [true, false] {
                let (dir, mut log) = lived();
                let before = state(&log);
                close(&mut log);
                for name in names(&dir).iter().filter(|it| it.ends_with(cache)) {
                    let path = Path::new(FOLDER).join(name);
                    if is_removed {
                        dir.remove_file(&path).unwrap();
                    } else {
                        let file = dir.open(&path, OpenMode::Existing).unwrap();
                        let size = usize::try_from(file.size().unwrap()).unwrap();
                        file.write_at(&[&vec![0; size]], 0).unwrap();
                    }
                }
                let (log, _) = reopen(&dir.crash_process(), restart).unwrap();
                assert_eq!(state(&log), before, "{place} {cache} {is_removed}");
            }
        }
    }
}

#[test]
fn a_torn_tail_is_cut_off() {
    let (dir, mut log) = lived();
    let end = log.log_end_offset();
    let size = log.active.span.extent.size;
    append(&mut log, &batch_at(&[1, 2, 3]));
    let path = log.active.span.segment.path(crate::names::FileKind::Log);
    let written = log.active.span.extent.size;
    drop(log);
    for cut in size..written {
        let dir = dir.fork();
        let file = dir.open(&path, OpenMode::Existing).unwrap();
        file.set_size(cut).unwrap();
        let (log, recovery) = reopen(&dir, Restart::Unclean).unwrap();
        assert_eq!(log.log_end_offset(), end);
        assert_eq!(recovery.cut_bytes, cut - size);
        assert_eq!(file.size().unwrap(), size, "what was torn is gone");
    }
    let file = dir.open(&path, OpenMode::Existing).unwrap();
    file.write_at(&[&[0; 300]], written).unwrap();
    let (log, recovery) = reopen(&dir, Restart::Unclean).unwrap();
    assert_eq!(
        log.log_end_offset(),
        end.advance(3),
        "zeros after it do no harm"
    );
    assert_eq!(recovery.cut_bytes, 300);
}

#[test]
fn damage_below_the_stated_end_is_never_cut_in_silence() {
    let (dir, log) = lived();
    let (end, start) = (log.log_end_offset(), log.view().segments_count());
    drop(log);
    assert!(start > 3);
    for (place, name) in log_files(&dir).iter().enumerate() {
        let is_last = place + 1 == start;
        let path = Path::new(FOLDER).join(name);
        let size = dir.open(&path, OpenMode::Existing).unwrap().size().unwrap();
        let shortened = dir.fork();
        let file = shortened.open(&path, OpenMode::Existing).unwrap();
        file.set_size(size - 1).unwrap();
        let removed = dir.fork();
        removed.remove_file(&path).unwrap();
        let flipped = dir.fork();
        let file = flipped.open(&path, OpenMode::Existing).unwrap();
        file.write_at(&[&[0xff]], size - 1).unwrap();
        let cases = [
            ("shortened", shortened, true),
            ("removed", removed, true),
            ("flipped", flipped, is_last),
        ];
        for (what, dir, is_noticed) in cases {
            let opened = reopen(&dir, Restart::Unclean);
            let Err(error) = opened else {
                assert!(!is_noticed, "{what} {name}");
                continue;
            };
            assert!(
                matches!(error, Error::Damaged { .. }),
                "{what} {name}: {error}"
            );
            let cut = OpenOptions {
                on_damage: OnDamage::Cut,
                ..options(config(), Restart::Unclean)
            };
            let (log, recovery) = Log::open(&files(&dir), FOLDER, &cut).unwrap();
            let damage = recovery.damage.unwrap();
            assert!(damage < end && log.log_end_offset() < end, "{what} {name}");
            let expected: Vec<u64> = offsets(&log);
            assert!(expected.iter().all(|it| *it < end.value()));
        }
    }
}

#[test]
fn a_clean_marker_does_not_hide_that_something_is_missing() {
    let (dir, mut log) = lived();
    close(&mut log);
    let last = log_files(&dir).pop().unwrap();
    let file = dir
        .open(&Path::new(FOLDER).join(last), OpenMode::Existing)
        .unwrap();
    file.set_size(0).unwrap();
    assert!(matches!(
        reopen(&dir, Restart::Clean),
        Err(Error::Damaged { .. })
    ));
}

#[test]
fn a_damaged_checkpoint_is_an_error_and_a_missing_one_promises_nothing() {
    let (dir, log) = lived();
    let before = offsets(&log);
    drop(log);
    let path = Path::new(FOLDER).join(crate::names::CHECKPOINT);
    let damaged = dir.fork();
    let file = damaged.open(&path, OpenMode::Existing).unwrap();
    let size = usize::try_from(file.size().unwrap()).unwrap();
    file.write_at(&[&vec![0x5a; size]], 0).unwrap();
    let error = reopen(&damaged, Restart::Unclean);
    assert!(matches!(error, Err(Error::DamagedCheckpoint { .. })));
    dir.remove_file(&path).unwrap();
    let (mut log, recovery) = reopen(&dir, Restart::Unclean).unwrap();
    assert_eq!(recovery.stated_end_offset, offset(0));
    assert_eq!(log.durable_end_offset(), offset(0));
    assert_eq!(offsets(&log), before);
    sync(&mut log);
    assert_eq!(log.durable_end_offset(), log.log_end_offset());
}

#[test]
fn a_new_log_is_durable_with_its_folder_after_the_first_sync() {
    let (dir, mut log) = new_log();
    append(&mut log, &batch_at(&[1]));
    sync(&mut log);
    for seed in 0..20 {
        let (log, _) = reopen(&dir.fork().crash_power(seed), Restart::Unclean).unwrap();
        assert_eq!(log.log_end_offset(), offset(1), "seed {seed}");
    }
}

#[test]
fn an_empty_log_has_one_segment_and_few_files() {
    let (dir, mut log) = new_log();
    sync(&mut log);
    assert_eq!(
        names(&dir),
        ["00000000000000000000.log", "replica.checkpoint"]
    );
    close(&mut log);
    let (log, recovery) = reopen(&dir, Restart::Clean).unwrap();
    assert_eq!(
        (log.log_start_offset(), log.log_end_offset()),
        (offset(0), offset(0))
    );
    assert_eq!(recovery, Recovery::default());
}

#[test]
fn left_overs_are_removed() {
    let (dir, log) = lived();
    drop(log);
    let left_overs = [
        "x.tmp",
        "00000000000000000000.log.deleted",
        "00000000000000000007.index",
    ];
    for name in left_overs {
        dir.open(&Path::new(FOLDER).join(name), OpenMode::Create)
            .unwrap();
    }
    reopen(&dir, Restart::Unclean).unwrap();
    assert!(
        names(&dir)
            .iter()
            .all(|it| !left_overs.contains(&it.as_str()))
    );
}

#[test]
fn any_flipped_byte_is_an_error_or_is_harmless_and_never_a_panic() {
    let (dir, mut log) = lived();
    let end = log.log_end_offset();
    close(&mut log);
    let files = names(&dir);
    for name in files.iter().filter(|it| !it.ends_with(".log")) {
        let path = Path::new(FOLDER).join(name);
        let size = dir.open(&path, OpenMode::Existing).unwrap().size().unwrap();
        for position in (0..size).step_by(3) {
            for restart in [Restart::Clean, Restart::Unclean] {
                let dir = dir.fork();
                let file = dir.open(&path, OpenMode::Existing).unwrap();
                file.write_at(&[&[0xa5]], position).unwrap();
                if let Ok((log, _)) = reopen(&dir, restart) {
                    assert_eq!(log.log_end_offset(), end, "{name} at {position}");
                }
            }
        }
    }
    for name in log_files(&dir) {
        let path = Path::new(FOLDER).join(name);
        let size = dir.open(&path, OpenMode::Existing).unwrap().size().unwrap();
        for position in (0..size).step_by(5) {
            for restart in [Restart::Clean, Restart::Unclean] {
                let dir = dir.fork();
                let file = dir.open(&path, OpenMode::Existing).unwrap();
                file.write_at(&[&[0xa5; 2]], position).unwrap();
                if let Ok((log, _)) = reopen(&dir, restart) {
                    let _ = log.view().read(offset(0), &all(&log));
                }
            }
        }
    }
}

#[test]
fn a_segment_of_an_older_epoch_behind_a_newer_one_is_left_over_and_goes() {
    let (dir, mut log) = new_log();
    log.begin_epoch(LeaderEpoch::new(5)).unwrap();
    fill(&mut log, 20);
    drop(log);
    let second = log_files(&dir).remove(1);
    let base: u64 = second.trim_end_matches(".log").parse().unwrap();
    let file = dir
        .open(&Path::new(FOLDER).join(second), OpenMode::Existing)
        .unwrap();
    // The CRC does not cover the epoch: the batch is whole, and still not this log's.
    file.write_at(&[&4_i32.to_be_bytes()], 12).unwrap();
    let (log, recovery) = reopen(&dir, Restart::Unclean).unwrap();
    assert_eq!(log.log_end_offset(), offset(base));
    assert!(recovery.cut_bytes > 0);
    assert_eq!(
        log_files(&dir).len(),
        2,
        "an empty segment is left to append to"
    );
}

#[test]
fn a_file_of_epochs_that_lags_behind_the_batches_is_not_believed() {
    let (dir, mut log) = lived();
    let path = Path::new(FOLDER).join(crate::names::LEADER_EPOCHS);
    let before = state(&log);
    close(&mut log);
    // What the file said while the log was shorter.
    for kept in 0..before.1.entries().len() {
        let mut old = LeaderEpochs::default();
        for entry in before.1.entries().iter().take(kept) {
            old.assign(entry.epoch, entry.start_offset);
        }
        for restart in [Restart::Clean, Restart::Unclean] {
            let dir = dir.fork();
            let file = dir.open(&path, OpenMode::CreateEmpty).unwrap();
            file.write_at(&[old.encode().as_bytes()], 0).unwrap();
            let (log, _) = reopen(&dir, restart).unwrap();
            assert_eq!(state(&log), before, "{kept} {restart:?}");
        }
    }
}

#[test]
fn a_log_that_does_not_end_where_it_was_stated_to_end_was_not_left_cleanly() {
    let (dir, mut log) = lived();
    let end = log.log_end_offset();
    close(&mut log);
    drop(log);
    let (mut log, _) = reopen(&dir, Restart::Clean).unwrap();
    append(&mut log, &batch_at(&[1, 2, 3]));
    drop(log);
    let (mut log, recovery) = reopen(&dir, Restart::Clean).unwrap();
    assert!(recovery.scanned_bytes > 0);
    assert_eq!(log.log_end_offset(), end.advance(3));
    assert_eq!(log.durable_end_offset(), end, "nobody has synced the rest");
    sync(&mut log);
    assert_eq!(log.durable_end_offset(), log.log_end_offset());
}

#[test]
fn an_epoch_never_begins_behind_a_later_one() {
    let (_, mut log) = lived();
    let before = log.leader_epochs().clone();
    let latest = log.latest_epoch().unwrap();
    let refused = log.begin_epoch(LeaderEpoch::new(latest.value() - 1));
    assert!(matches!(refused, Err(Error::EpochRegression { .. })));
    assert_eq!(*log.leader_epochs(), before);
    log.begin_epoch(latest).unwrap();
    log.begin_epoch(latest.next()).unwrap();
}
