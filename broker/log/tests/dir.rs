//! One suite for every disk: what the log relies on holds on the real one and on the one in memory.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where it unwraps"
)]

use std::io::ErrorKind;
use std::path::Path;

use broker_log::dir::memory::{Call, MemoryDir, Verdict};
use broker_log::dir::real::RealDir;
use broker_log::dir::{Dir, Entry, File, OpenMode};

/// Makes a test of each check for each kind of disk.
macro_rules! on_both {
    ($($check:ident)*) => {
        mod memory {
            $(#[test] fn $check() { super::$check(&super::MemoryDir::new()); })*
        }

        mod real {
            $(#[test] fn $check() {
                let folder = tempfile::tempdir().unwrap();
                super::$check(&super::RealDir::open(folder.path()).unwrap());
            })*
        }
    };
}

on_both! {
    files_hold_what_was_written
    names_come_and_go
    a_removed_file_can_be_read_on
    a_replaced_file_can_be_read_on
    folders_are_listed_renamed_and_removed
    what_is_durable_can_be_read_past_the_cache
    there_is_one_lock_at_a_time
    many_parts_are_written_in_order
    what_is_set_aside_takes_room_and_no_length
}

fn path(path: &str) -> &Path {
    Path::new(path)
}

fn content<F: File>(file: &F) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

fn kind<T: std::fmt::Debug>(result: std::io::Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn files_hold_what_was_written<D: Dir>(dir: &D) {
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    file.write_at(&[b"hello"], 0).unwrap();
    file.write_at(&[b"y"], 4).unwrap();
    file.write_at(&[b"far"], 8).unwrap();
    assert_eq!(content(&file), b"helly\0\0\0far");
    file.set_size(3).unwrap();
    file.set_size(5).unwrap();
    assert_eq!(
        content(&file),
        b"hel\0\0",
        "what was cut does not come back"
    );
    let mut buffer = [0xff; 4];
    assert_eq!(file.read_at(&mut buffer, 3).unwrap(), 2);
    assert_eq!(file.read_at(&mut buffer, 5).unwrap(), 0);
    assert_eq!(file.read_at(&mut buffer, 500).unwrap(), 0);
    assert_eq!(
        kind(file.read_exact_at(&mut buffer, 3)),
        ErrorKind::UnexpectedEof
    );
    let again = dir.open(path("a"), OpenMode::Existing).unwrap();
    again.write_at(&[b"X"], 0).unwrap();
    assert_eq!(content(&file), b"Xel\0\0", "handles share the file");
    file.sync_data().unwrap();
    dir.sync_dir(path("")).unwrap();
    dir.sync_all().unwrap();
    let emptied = dir.open(path("a"), OpenMode::CreateEmpty).unwrap();
    assert_eq!(emptied.size().unwrap(), 0);
    assert_eq!(file.size().unwrap(), 0);
}

fn names_come_and_go<D: Dir>(dir: &D) {
    assert!(!dir.exists(path("a")).unwrap());
    assert_eq!(
        kind(dir.open(path("a"), OpenMode::Existing).map(drop)),
        ErrorKind::NotFound
    );
    assert_eq!(kind(dir.remove_file(path("a"))), ErrorKind::NotFound);
    assert_eq!(kind(dir.rename(path("a"), path("b"))), ErrorKind::NotFound);
    let missing = dir.open(path("no/a"), OpenMode::Create).map(drop);
    assert_eq!(kind(missing), ErrorKind::NotFound);
    dir.open(path("a"), OpenMode::Create).unwrap();
    assert!(dir.exists(path("a")).unwrap());
    dir.rename(path("a"), path("b")).unwrap();
    assert!(!dir.exists(path("a")).unwrap() && dir.exists(path("b")).unwrap());
    dir.remove_file(path("b")).unwrap();
    assert!(!dir.exists(path("b")).unwrap());
    assert!(dir.exists(path("")).unwrap());
}

fn a_removed_file_can_be_read_on<D: Dir>(dir: &D) {
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    file.write_at(&[b"old"], 0).unwrap();
    dir.remove_file(path("a")).unwrap();
    let new = dir.open(path("a"), OpenMode::Create).unwrap();
    new.write_at(&[b"new"], 0).unwrap();
    assert_eq!(content(&file), b"old");
    assert_eq!(content(&new), b"new");
}

fn a_replaced_file_can_be_read_on<D: Dir>(dir: &D) {
    let old = dir.open(path("a"), OpenMode::Create).unwrap();
    old.write_at(&[b"old"], 0).unwrap();
    let new = dir.open(path("b"), OpenMode::Create).unwrap();
    new.write_at(&[b"new"], 0).unwrap();
    dir.rename(path("b"), path("a")).unwrap();
    assert_eq!(content(&old), b"old");
    assert_eq!(
        content(&dir.open(path("a"), OpenMode::Existing).unwrap()),
        b"new"
    );
}

fn folders_are_listed_renamed_and_removed<D: Dir>(dir: &D) {
    dir.create_dir(path("t-0")).unwrap();
    assert_eq!(kind(dir.create_dir(path("t-0"))), ErrorKind::AlreadyExists);
    for name in ["t-0/b", "t-0/a", "z"] {
        dir.open(path(name), OpenMode::Create).unwrap();
    }
    let entry = |name: &str, is_folder| Entry {
        name: name.to_owned(),
        is_folder,
    };
    let root = dir.list(path("")).unwrap();
    assert_eq!(root, [entry("t-0", true), entry("z", false)]);
    let inside = [entry("a", false), entry("b", false)];
    assert_eq!(dir.list(path("t-0")).unwrap(), inside);
    dir.rename(path("t-0"), path("t-0-delete")).unwrap();
    assert_eq!(kind(dir.list(path("t-0"))), ErrorKind::NotFound);
    assert_eq!(dir.list(path("t-0-delete")).unwrap(), inside);
    dir.sync_dir(path("t-0-delete")).unwrap();
    dir.remove_dir_all(path("t-0-delete")).unwrap();
    assert_eq!(dir.list(path("")).unwrap(), [entry("z", false)]);
}

fn what_is_durable_can_be_read_past_the_cache<D: Dir>(dir: &D) {
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    let bytes: Vec<u8> = (0..10_000_u32).map(|it| it.to_le_bytes()[0]).collect();
    file.write_at(&[&bytes], 0).unwrap();
    for (position, length) in [
        (0, 10_000),
        (0, 100),
        (1, 5000),
        (4096, 4096),
        (9000, 5000),
        (9999, 1),
    ] {
        let mut buffer = vec![0; length];
        let read = dir
            .read_durable(path("a"), &mut buffer, position as u64)
            .unwrap();
        let expected = &bytes[position..bytes.len().min(position + length)];
        assert_eq!(&buffer[..read], expected, "{length} at {position}");
    }
    let mut buffer = [0; 10];
    assert_eq!(dir.read_durable(path("a"), &mut buffer, 10_000).unwrap(), 0);
    assert_eq!(
        kind(dir.read_durable(path("b"), &mut buffer, 0)),
        ErrorKind::NotFound
    );
}

fn there_is_one_lock_at_a_time<D: Dir>(dir: &D) {
    let lock = dir.lock().unwrap();
    assert_eq!(kind(dir.lock().map(drop)), ErrorKind::WouldBlock);
    drop(lock);
    drop(dir.lock().unwrap());
}

fn what_is_set_aside_takes_room_and_no_length<D: Dir>(dir: &D) {
    let size = 1 << 20;
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    file.write_at(&[b"abc"], 0).unwrap();
    file.allocate(size).unwrap();
    assert_eq!(content(&file), b"abc");
    let space = dir.space().unwrap();
    assert!(space.usable <= space.total - size, "{space:?}");
    file.set_size(3).unwrap();
    assert_eq!(content(&file), b"abc");
}

fn many_parts_are_written_in_order<D: Dir>(dir: &D) {
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    let parts: Vec<Vec<u8>> = (0..200_u8)
        .map(|it| vec![it; usize::from(it % 7)])
        .collect();
    let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    file.write_at(&slices, 3).unwrap();
    assert_eq!(content(&file)[3..], parts.concat());
    file.write_at(&[], 0).unwrap();
    file.write_at(&[b"", b""], 5000).unwrap();
    assert_eq!(file.size().unwrap(), 3 + parts.concat().len() as u64);
}

#[test]
fn only_the_real_disk_has_descriptors() {
    let folder = tempfile::tempdir().unwrap();
    let real = RealDir::open(folder.path().join("made")).unwrap();
    assert!(
        real.open(path("a"), OpenMode::Create)
            .unwrap()
            .as_fd()
            .is_some()
    );
    let memory = MemoryDir::new();
    assert!(
        memory
            .open(path("a"), OpenMode::Create)
            .unwrap()
            .as_fd()
            .is_none()
    );
}

#[test]
fn a_dead_process_keeps_the_page_cache_and_its_handles_are_dead() {
    let dir = MemoryDir::new();
    let lock = dir.lock().unwrap();
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    file.write_at(&[b"kept"], 0).unwrap();
    let next = dir.crash_process();
    assert!(file.write_at(&[b"late"], 0).is_err());
    assert!(dir.list(path("")).is_err());
    let lock_of_next = next.lock().unwrap();
    drop(lock);
    assert!(next.lock().is_err(), "a dead process releases nothing");
    drop(lock_of_next);
    assert_eq!(
        content(&next.open(path("a"), OpenMode::Existing).unwrap()),
        b"kept"
    );
}

#[test]
fn power_takes_what_was_not_synced_in_every_possible_way() {
    let (mut with_name, mut with_content, mut torn) = (0, 0, 0);
    for seed in 0..400 {
        let dir = MemoryDir::new();
        let file = dir.open(path("synced"), OpenMode::Create).unwrap();
        file.write_at(&[&[1; 5000]], 0).unwrap();
        file.sync_data().unwrap();
        dir.sync_dir(path("")).unwrap();
        file.write_at(&[&[2; 5000]], 0).unwrap();
        let new = dir.open(path("new"), OpenMode::Create).unwrap();
        new.write_at(&[b"x"], 0).unwrap();
        new.sync_data().unwrap();
        let dir = dir.crash_power(seed);
        let found = content(&dir.open(path("synced"), OpenMode::Existing).unwrap());
        assert_eq!(found.len(), 5000, "seed {seed}");
        assert!(found.iter().all(|it| [1, 2].contains(it)), "seed {seed}");
        with_name += u32::from(dir.exists(path("new")).unwrap());
        with_content += u32::from(found == [2; 5000]);
        torn += u32::from(found[..4096].contains(&1) && found[..4096].contains(&2));
    }
    assert!((50..350).contains(&with_name), "{with_name}");
    assert!((50..350).contains(&with_content), "{with_content}");
    assert!(torn > 5, "{torn}");
}

#[test]
fn the_same_seed_leaves_the_same_disk() {
    let disk = |seed| {
        let dir = MemoryDir::new();
        for name in ["a", "b", "c"] {
            let file = dir.open(path(name), OpenMode::Create).unwrap();
            file.write_at(&[&[7; 20_000]], 0).unwrap();
        }
        dir.sync_dir(path("")).unwrap();
        let dir = dir.crash_power(seed);
        let names = dir.list(path("")).unwrap();
        let files = names
            .iter()
            .map(|it| dir.open(path(&it.name), OpenMode::Existing).unwrap());
        files.map(|it| content(&it)).collect::<Vec<_>>()
    };
    assert!((0..50).all(|seed| disk(seed) == disk(seed)));
    assert!((0..50).any(|seed| disk(seed) != disk(seed + 1)));
}

#[test]
fn a_failed_sync_leaves_pages_that_only_look_clean() {
    let dir = MemoryDir::new();
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    dir.sync_dir(path("")).unwrap();
    file.write_at(&[b"lost"], 0).unwrap();
    dir.set_policy(Some(Box::new(|call, _| {
        if call == Call::SyncData {
            Verdict::Fail(ErrorKind::Other)
        } else {
            Verdict::Pass
        }
    })));
    assert!(file.sync_data().is_err());
    dir.set_policy(None);
    file.sync_data().unwrap();
    assert_eq!(content(&file), b"lost", "the cache still shows it");
    let mut buffer = [0xff; 4];
    assert_eq!(dir.read_durable(path("a"), &mut buffer, 0).unwrap(), 4);
    assert_eq!(buffer, [0; 4], "the disk never had it");
    assert_eq!(content(&file), [0; 4], "and now nobody has");
}

#[test]
fn faults_are_chosen_by_call_and_path() {
    let dir = MemoryDir::new();
    dir.set_policy(Some(Box::new(|call, path| {
        if call == Call::Write && path == Path::new("full") {
            let kind = ErrorKind::StorageFull;
            Verdict::Torn { bytes: 2, kind }
        } else {
            Verdict::Pass
        }
    })));
    let other = dir.open(path("other"), OpenMode::Create).unwrap();
    other.write_at(&[b"fine"], 0).unwrap();
    let full = dir.open(path("full"), OpenMode::Create).unwrap();
    assert_eq!(
        kind(full.write_at(&[b"ab", b"cd"], 0)),
        ErrorKind::StorageFull
    );
    assert_eq!(content(&full), b"ab");
    assert_eq!(dir.calls_count(), 4);
}

#[test]
fn a_disk_that_is_full_takes_what_fits_and_says_so() {
    let dir = MemoryDir::new();
    let file = dir.open(path("a"), OpenMode::Create).unwrap();
    file.write_at(&[b"abcd"], 0).unwrap();
    dir.set_capacity(Some(6));
    file.write_at(&[b"ABCD"], 0).unwrap();
    assert_eq!(kind(file.write_at(&[b"efgh"], 4)), ErrorKind::StorageFull);
    assert_eq!(content(&file), b"ABCDef");
    assert_eq!(dir.space().unwrap().usable, 0);
    assert_eq!(kind(file.allocate(7)), ErrorKind::StorageFull);
    file.set_size(2).unwrap();
    file.allocate(6).unwrap();
    let other = dir.open(path("b"), OpenMode::Create).unwrap();
    assert_eq!(kind(other.write_at(&[b"x"], 0)), ErrorKind::StorageFull);
    file.write_at(&[b"cdef"], 2).unwrap();
    dir.remove_file(path("a")).unwrap();
    assert_eq!((dir.used(), dir.space().unwrap().usable), (0, 6));
}
