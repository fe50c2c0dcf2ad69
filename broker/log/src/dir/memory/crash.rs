//! What a loss of power leaves of a disk.
//!
//! In: a disk and a seed. Out: the disk as the next start finds it. Never here: a choice that the
//! seed does not make again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::disk::{Disk, Inode, Node, PAGE_BYTES, copy_range};

/// The smallest piece that a disk writes whole.
const SECTOR_BYTES: usize = 512;

/// A small generator of numbers (splitmix64): good enough to choose what is lost.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }
}

/// How much of what was not synced survives: chosen once per crash, so that both "nothing" and
/// "everything" are common.
#[derive(Clone, Copy)]
enum Mood {
    Nothing,
    Everything,
    Some,
}

impl Mood {
    fn survives(self, chance: &mut Chance) -> bool {
        match self {
            Mood::Nothing => false,
            Mood::Everything => true,
            Mood::Some => chance.below(2) == 0,
        }
    }
}

fn mood(chance: &mut Chance) -> Mood {
    match chance.below(4) {
        0 => Mood::Nothing,
        1 => Mood::Everything,
        _ => Mood::Some,
    }
}

pub(super) fn lose_power(disk: &mut Disk, seed: u64) {
    let mut chance = Chance(seed);
    lose_names(disk, &mut chance);
    let names = &disk.names;
    let named: BTreeSet<u64> = names.values().filter_map(|it| inode_of(*it)).collect();
    disk.inodes.retain(|inode, _| named.contains(inode));
    let contents_mood = mood(&mut chance);
    for inode in disk.inodes.values_mut() {
        lose_contents(inode, contents_mood, &mut chance);
    }
}

fn inode_of(node: Node) -> Option<u64> {
    match node {
        Node::Folder => None,
        Node::File(inode) => Some(inode),
    }
}

/// Keeps a subset of the changes of names that were not synced, in order.
fn lose_names(disk: &mut Disk, chance: &mut Chance) {
    let names_mood = mood(chance);
    for change in std::mem::take(&mut disk.unsynced) {
        if names_mood.survives(chance) {
            change.apply(&mut disk.durable_names);
        }
    }
    remove_orphans(&mut disk.durable_names);
    disk.names = disk.durable_names.clone();
}

/// What lies in a folder that was lost is lost with it.
fn remove_orphans(names: &mut BTreeMap<PathBuf, Node>) {
    let is_folder = |path: &Path| {
        path.as_os_str().is_empty() || names.get(path).is_some_and(|it| *it == Node::Folder)
    };
    let is_orphan = |path: &&PathBuf| path.ancestors().skip(1).any(|it| !is_folder(it));
    let orphans: Vec<PathBuf> = names.keys().filter(is_orphan).cloned().collect();
    for orphan in orphans {
        names.remove(&orphan);
    }
}

fn lose_contents(inode: &mut Inode, mood: Mood, chance: &mut Chance) {
    let mut content = inode.durable.clone();
    if inode.is_size_dirty && mood.survives(chance) {
        // Whole, or as far as the file system had come.
        let cached = inode.cached.len();
        let size = match (chance.below(2), cached.checked_sub(content.len())) {
            (0, Some(grown)) => content.len() + chance.below(grown + 1),
            _ => cached,
        };
        content.resize(size, 0);
    }
    for page in &inode.dirty {
        let start = page * PAGE_BYTES;
        if !mood.survives(chance) {
            continue;
        }
        let is_torn = matches!(mood, Mood::Some) && chance.below(4) == 0;
        for sector in 0..PAGE_BYTES / SECTOR_BYTES {
            if !is_torn || chance.below(2) == 0 {
                let at = start + sector * SECTOR_BYTES;
                copy_range(&inode.cached, &mut content, at, SECTOR_BYTES);
            }
        }
    }
    *inode = Inode {
        cached: content.clone(),
        durable: content,
        ..Inode::default()
    };
}
