//! How much room the disk has, and who may still write when there is little.
//!
//! In: the free bytes, looked at twice a second, and what was written since; writes that found no room.
//! Out: whether a write may be tried; a file that holds a reserve, made and given up. Never here: what is
//! written.
//!
//! ```text
//!   free bytes   ... ─────────────┬──────────────────────┬──────────── 0, and the reserve file
//!                 everybody       │ no more from clients │ only what the cluster lives by:
//!                                 │                      │ metadata, internal topics, deletions
//!                            minimum            a quarter of it
//! ```
//!
//! The brokers' own records are small and must not be lost sight of because others are not; and what
//! makes room again, retention and deletion, writes a little first. Copies of records that another
//! leader has taken already may use most of what is kept free, so that a disk that fills up does not
//! cost them a replica at once.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_log::dir::{Dir, File, OpenMode, Space};
use broker_types::Monotonic;

use crate::configs;
use crate::node::Node;
use crate::world::World;

/// Bytes that are kept free; a config of ours.
pub(crate) const MIN_FREE_BYTES: &str = "tidemill.disk.min.free.bytes";
/// Unless it is set: this part of the disk, and so many bytes at most.
const MIN_FREE_PART: u64 = 20;
const MIN_FREE_MAX: u64 = 5 << 30;
/// How much of what is kept free is left when replicas stop to copy.
const RESERVED_PART: u64 = 4;
/// How much more than the minimum must be free until clients may write again.
const HYSTERESIS_PART: u64 = 10;

/// Holds blocks for when there are no others.
const RESERVE: &str = "disk.reserve";
const RESERVE_TEMPORARY: &str = "disk.reserve.tmp";
/// Largest reserve; less when less is kept free.
const RESERVE_MAX: u64 = 256 << 20;

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often what is to be removed later asks whether the disk has become full.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// How full a disk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fullness {
    #[default]
    Roomy,
    /// Clients may not write.
    Full,
    /// Nor may replicas copy.
    Reserved,
}

/// Who wants to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// A producer.
    Client,
    /// A replica, what its leader has taken.
    Replica,
    /// The cluster itself.
    Internal,
}

/// What becomes of a disk with so many bytes free.
fn fullness(before: Fullness, usable: u64, min_free: u64) -> Fullness {
    let reserved = min_free / RESERVED_PART;
    let beyond = |bound: u64| bound.saturating_add(min_free / HYSTERESIS_PART);
    let is_below = |bound: u64, was: bool| usable < if was { beyond(bound) } else { bound };
    if is_below(reserved, before == Fullness::Reserved) {
        Fullness::Reserved
    } else if is_below(min_free, before >= Fullness::Full) {
        Fullness::Full
    } else {
        Fullness::Roomy
    }
}

/// Bytes to keep free: what was set, or a part of the disk.
fn min_free(set: Option<i64>, total: u64) -> u64 {
    let set = set.and_then(|it| u64::try_from(it).ok());
    set.unwrap_or_else(|| (total / MIN_FREE_PART).min(MIN_FREE_MAX))
}

/// The room on a disk. Clones of what is in it are never made: all ask the same.
pub(crate) struct Room<D: Dir> {
    dir: D,
    total: AtomicU64,
    /// What was free when last looked at, without what was written since.
    usable: AtomicU64,
    /// 0 is roomy, as [`Fullness`] counts.
    fullness: AtomicU8,
    /// What was last said of it. A write that finds no room says nothing.
    said: AtomicU8,
    /// Held while the reserve is made or given up.
    reserve: Mutex<()>,
}

impl<D: Dir> Room<D> {
    /// Looks at the disk. When it has next to nothing left, the reserve goes: starting takes some.
    pub(crate) fn new(dir: &D) -> Room<D> {
        let space = dir.space().ok();
        let room = Room {
            dir: dir.clone(),
            total: AtomicU64::new(space.map_or(0, |it| it.total)),
            usable: AtomicU64::new(space.map_or(u64::MAX, |it| it.usable)),
            fullness: AtomicU8::new(0),
            said: AtomicU8::new(0),
            reserve: Mutex::new(()),
        };
        if let Some(space) = space {
            let min_free = min_free(None, space.total);
            if space.usable < reserve_size(min_free) {
                room.release();
            }
        }
        room
    }

    /// What was last seen; `None` when nobody could look.
    pub(crate) fn space(&self) -> Option<Space> {
        let total = self.total.load(Ordering::Relaxed);
        let usable = self.usable.load(Ordering::Relaxed);
        (total > 0).then_some(Space { total, usable })
    }

    pub(crate) fn fullness(&self) -> Fullness {
        match self.fullness.load(Ordering::Relaxed) {
            0 => Fullness::Roomy,
            1 => Fullness::Full,
            _ => Fullness::Reserved,
        }
    }

    /// Whether somebody may try to write.
    pub(crate) fn admits(&self, writer: Writer) -> bool {
        let fullness = self.fullness();
        match writer {
            Writer::Client => fullness < Fullness::Full,
            Writer::Replica => fullness < Fullness::Reserved,
            Writer::Internal => true,
        }
    }

    /// So many bytes were written since the last look.
    pub(crate) fn handle_written(&self, bytes: u64) {
        let rest = |usable: u64| Some(usable.saturating_sub(bytes));
        // The order of writers does not matter, and the closure always has a value.
        let _ = self
            .usable
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest);
    }

    /// A write found no room, whatever was seen before.
    pub(crate) fn handle_full(&self) {
        self.usable.store(0, Ordering::Relaxed);
        self.set(Fullness::Reserved);
    }

    fn set(&self, fullness: Fullness) {
        self.fullness.store(fullness as u8, Ordering::Relaxed);
    }

    /// Gives up the reserve. Whether there was one: then what found no room can be tried again.
    pub(crate) fn release(&self) -> bool {
        let _making = self.reserve.lock().unwrap_or_else(PoisonError::into_inner);
        let is_released = self.dir.remove_file(Path::new(RESERVE)).is_ok();
        // One that a crash has left half made.
        let _ = self.dir.remove_file(Path::new(RESERVE_TEMPORARY));
        if is_released {
            tracing::warn!("the disk is full: gave up the reserve for the broker's own records");
        }
        is_released
    }

    /// Looks at the disk again, and makes or gives up the reserve. Says how full it is when that is news,
    /// and returns it then. Blocks.
    fn look(&self, set: Option<i64>) -> Option<Fullness> {
        let space = match self.dir.space() {
            Ok(space) => space,
            Err(error) => {
                tracing::warn!("the free space of the data directory is not known: {error}");
                return None;
            }
        };
        self.total.store(space.total, Ordering::Relaxed);
        self.usable.store(space.usable, Ordering::Relaxed);
        let min_free = min_free(set, space.total);
        let after = fullness(self.fullness(), space.usable, min_free);
        self.set(after);
        let is_news = self.said.swap(after as u8, Ordering::Relaxed) != after as u8;
        if is_news {
            say(after, space, min_free);
        }
        let size = reserve_size(min_free);
        if space.usable < size / 2 {
            self.release();
        } else if after == Fullness::Roomy
            && space.usable.saturating_sub(size) >= min_free
            && let Err(error) = self.make_reserve(size)
        {
            tracing::debug!("no reserve can be set aside on this disk: {error}");
        }
        is_news.then_some(after)
    }

    /// The file gets its name when it has its blocks: one that has it holds them.
    fn make_reserve(&self, size: u64) -> io::Result<()> {
        let _making = self.reserve.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, temporary) = (Path::new(RESERVE), Path::new(RESERVE_TEMPORARY));
        if size == 0 || self.dir.exists(path)? {
            return Ok(());
        }
        let made = self
            .dir
            .open(temporary, OpenMode::CreateEmpty)
            .and_then(|file| file.allocate(size))
            .and_then(|()| self.dir.rename(temporary, path));
        if made.is_err() {
            let _ = self.dir.remove_file(temporary);
        }
        made
    }
}

fn reserve_size(min_free: u64) -> u64 {
    (min_free / RESERVED_PART).min(RESERVE_MAX)
}

fn say(fullness: Fullness, space: Space, min_free: u64) {
    let Space { total, usable } = space;
    match fullness {
        Fullness::Roomy => {
            tracing::info!(usable, total, "the disk has room again: clients may write");
        }
        Fullness::Full => tracing::error!(
            usable,
            total,
            min_free,
            "the disk is almost full: records of clients are refused (KAFKA_STORAGE_ERROR, which they \
             try again) until {min_free} bytes ({MIN_FREE_BYTES}) are free. Make the volume larger, \
             delete topics or records, or shorten retention.ms or retention.bytes"
        ),
        Fullness::Reserved => tracing::error!(
            usable,
            total,
            min_free,
            "the disk is full: records of clients are refused, and replicas do not copy theirs, until \
             more than a quarter of {min_free} bytes ({MIN_FREE_BYTES}) is free. Make the volume \
             larger, delete topics or records, or shorten retention.ms or retention.bytes"
        ),
    }
}

/// Looks at the disk until the node stops.
pub(crate) async fn run<W: World>(node: Arc<Node<W>>) {
    while !node.is_stopping() {
        let me = node.config.broker_id;
        let set = configs::number::<i64>(&node.image(), me, MIN_FREE_BYTES);
        let room = Arc::clone(&node.room);
        node.world.block(move || room.look(set)).await;
        node.world.sleep_until(node.world.now() + LOOK_EVERY).await;
    }
}

impl<W: World> Node<W> {
    /// Completes at `deadline`, or when the disk is full.
    pub(crate) async fn sleep_until_full(&self, deadline: Monotonic) {
        while self.room.fullness() == Fullness::Roomy && self.world.now() < deadline {
            let next = self.world.now() + ASK_EVERY;
            self.world.sleep_until(deadline.min(next)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use broker_log::dir::memory::MemoryDir;

    use super::*;

    #[test]
    fn a_disk_is_full_below_the_minimum_and_roomy_a_little_above() {
        use Fullness::{Full, Reserved, Roomy};
        for (before, usable, expected) in [
            (Roomy, 1_000, Roomy),
            (Roomy, 999, Full),
            (Roomy, 249, Reserved),
            (Full, 1_099, Full),
            (Full, 1_100, Roomy),
            (Full, 249, Reserved),
            (Reserved, 349, Reserved),
            (Reserved, 350, Full),
            (Reserved, 1_100, Roomy),
        ] {
            let found = fullness(before, usable, 1_000);
            assert_eq!(found, expected, "{before:?}, {usable}");
        }
        assert_eq!(fullness(Full, 0, 0), Roomy, "nothing is to be kept free");
    }

    #[test]
    fn a_part_of_the_disk_is_kept_free_unless_something_else_is_set() {
        assert_eq!(min_free(None, 100 << 20), 5 << 20);
        assert_eq!(min_free(Some(-1), 10 << 40), 5 << 30);
        assert_eq!(min_free(Some(0), 10 << 40), 0);
        assert_eq!(min_free(Some(7), 10 << 40), 7);
    }

    #[test]
    fn a_full_disk_is_told_of_also_when_a_write_found_out_first() {
        let dir = MemoryDir::new();
        dir.set_capacity(Some(10_000));
        let file = dir.open(Path::new("other"), OpenMode::Create).unwrap();
        let room = Room::new(&dir);
        assert_eq!(room.look(Some(4_000)), None);
        file.allocate(9_000).unwrap();
        room.handle_full();
        assert_eq!(room.look(Some(4_000)), Some(Fullness::Reserved));
        assert_eq!(room.look(Some(4_000)), None, "it is said once");
        file.set_size(0).unwrap();
        assert_eq!(room.look(Some(4_000)), Some(Fullness::Roomy));
    }

    #[test]
    fn the_reserve_is_made_on_a_roomy_disk_and_given_up_on_a_full_one() {
        let dir = MemoryDir::new();
        dir.set_capacity(Some(10_000));
        let file = dir.open(Path::new("other"), OpenMode::Create).unwrap();
        let room = Room::new(&dir);
        room.look(Some(4_000));
        assert_eq!(dir.used(), 1_000, "a quarter of what is kept free");
        assert!(room.admits(Writer::Client));
        file.allocate(5_500).unwrap();
        room.look(Some(4_000));
        assert_eq!(room.fullness(), Fullness::Full);
        assert!(!room.admits(Writer::Client) && room.admits(Writer::Replica));
        file.allocate(8_700).unwrap();
        room.look(Some(4_000));
        assert!(!room.admits(Writer::Replica) && room.admits(Writer::Internal));
        assert_eq!(
            dir.used(),
            8_700,
            "it had 300 bytes left, and 1000 with the reserve"
        );
        file.set_size(0).unwrap();
        room.look(Some(4_000));
        assert_eq!(room.fullness(), Fullness::Roomy);
        assert_eq!(dir.used(), 1_000);
    }

    #[test]
    fn a_start_on_a_disk_without_room_begins_with_what_was_kept_for_it() {
        let dir = MemoryDir::new();
        dir.set_capacity(Some(1 << 20));
        let room = Room::new(&dir);
        room.look(None);
        let reserve = dir.used();
        assert!(reserve > 10_000);
        dir.set_capacity(Some(reserve));
        let room = Room::new(&dir);
        assert_eq!(dir.used(), 0);
        assert!(!room.release(), "there is none any more");
    }

    #[test]
    fn what_is_written_counts_before_the_next_look_and_a_failed_write_at_once() {
        let dir = MemoryDir::new();
        dir.set_capacity(Some(10_000));
        let room = Room::new(&dir);
        room.handle_written(4_000);
        assert_eq!(room.space().unwrap().usable, 6_000);
        room.handle_written(u64::MAX);
        assert_eq!(room.space().unwrap().usable, 0);
        assert!(room.admits(Writer::Client), "the next look decides");
        room.handle_full();
        assert!(!room.admits(Writer::Replica));
        room.look(Some(1_000));
        assert!(room.admits(Writer::Client));
    }
}
