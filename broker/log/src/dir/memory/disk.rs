//! What a disk in memory holds: contents and names, each as cached and as durable.
//!
//! In: changes. Out: both states. Never here: faults and crashes, which act on both from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::pages_between;

/// Bytes that a disk loses or keeps together.
pub(super) const PAGE_BYTES: usize = 4096;

/// Longest file: a position beyond is a mistake of the caller, not a wish for memory.
const FILE_BYTES_MAX: usize = 1 << 32;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Folder,
    File(u64),
}

/// A change of names that may still get lost.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Add(PathBuf, Node),
    Rename {
        from: PathBuf,
        to: PathBuf,
        node: Node,
    },
    Remove(PathBuf),
}

impl Change {
    /// The folder whose sync makes the change durable.
    pub(super) fn parent(&self) -> &Path {
        let (Change::Add(path, _) | Change::Rename { to: path, .. } | Change::Remove(path)) = self;
        path.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn apply(&self, names: &mut BTreeMap<PathBuf, Node>) {
        match self {
            Change::Add(path, node) => {
                names.insert(path.clone(), *node);
            }
            Change::Rename { from, to, node } => {
                names.remove(from);
                names.insert(to.clone(), *node);
                if *node == Node::Folder {
                    rename_children(names, from, to);
                }
            }
            Change::Remove(path) => {
                names.remove(path);
            }
        }
    }
}

fn rename_children(names: &mut BTreeMap<PathBuf, Node>, from: &Path, to: &Path) {
    let inside = |it: &&PathBuf| it.starts_with(from);
    let children: Vec<PathBuf> = names.keys().filter(inside).cloned().collect();
    for child in children {
        if let (Some(node), Ok(rest)) = (names.remove(&child), child.strip_prefix(from)) {
            names.insert(to.join(rest), node);
        }
    }
}

/// A file's contents.
#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    /// What a read sees.
    pub(super) cached: Vec<u8>,
    /// What the disk holds.
    pub(super) durable: Vec<u8>,
    /// Pages of `cached` that a sync would write.
    pub(super) dirty: BTreeSet<usize>,
    /// Whether a sync would write the length.
    pub(super) is_size_dirty: bool,
    /// Bytes that are set aside, from the start on.
    pub(super) allocated: u64,
}

impl Inode {
    /// Bytes of the disk that it takes.
    pub(super) fn taken(&self) -> u64 {
        self.allocated.max(self.cached.len() as u64)
    }

    pub(super) fn write(&mut self, bytes: &[u8], position: u64) -> io::Result<()> {
        let start = usize::try_from(position).map_err(io::Error::other)?;
        let end = start
            .checked_add(bytes.len())
            .filter(|it| *it <= FILE_BYTES_MAX);
        let end = end.ok_or(io::ErrorKind::FileTooLarge)?;
        if bytes.is_empty() {
            return Ok(());
        }
        if self.cached.len() < end {
            self.set_size(end);
        }
        if let Some(target) = self.cached.get_mut(start..end) {
            target.copy_from_slice(bytes);
        }
        self.dirty.extend(pages_between(start, end));
        Ok(())
    }

    pub(super) fn set_size(&mut self, size: usize) {
        let before = self.cached.len();
        self.cached.resize(size, 0);
        self.is_size_dirty = true;
        self.dirty.retain(|page| page * PAGE_BYTES < size);
        // The page in which the file ends holds zeros after its end: they count when it grows.
        self.dirty.extend(pages_between(before.min(size), size));
    }

    pub(super) fn sync(&mut self) {
        if self.is_size_dirty {
            self.durable.resize(self.cached.len(), 0);
        }
        for page in std::mem::take(&mut self.dirty) {
            copy_range(
                &self.cached,
                &mut self.durable,
                page * PAGE_BYTES,
                PAGE_BYTES,
            );
        }
        self.is_size_dirty = false;
    }

    /// What a failed sync does: nothing is written, and nothing looks dirty any more.
    pub(super) fn forget_dirty(&mut self) {
        self.dirty.clear();
        self.is_size_dirty = false;
    }

    /// Makes reads see what the disk holds, in all pages that look clean. Lengths stay: they are
    /// the file system's own, not the page cache's.
    pub(super) fn drop_clean_pages(&mut self) {
        let length = self.cached.len();
        self.cached.fill(0);
        let durable = self.durable.len().min(length);
        copy_range(&self.durable, &mut self.cached, 0, durable);
        self.durable.resize(length, 0);
    }
}

/// Copies `length` bytes at `start`, as far as both have them.
pub(super) fn copy_range(source: &[u8], target: &mut [u8], start: usize, length: usize) {
    let end = (start + length).min(source.len()).min(target.len());
    if let (Some(source), Some(target)) = (source.get(start..end), target.get_mut(start..end)) {
        target.copy_from_slice(source);
    }
}

/// All names and contents.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    pub(super) inodes: BTreeMap<u64, Inode>,
    /// Names as a process sees them.
    pub(super) names: BTreeMap<PathBuf, Node>,
    /// Names as they would be if all of `unsynced` were lost.
    pub(super) durable_names: BTreeMap<PathBuf, Node>,
    /// Changes since, in order.
    pub(super) unsynced: Vec<Change>,
    /// Bytes that it holds; `None`: as many as are asked for.
    pub(super) capacity: Option<u64>,
    next_inode: u64,
}

impl Disk {
    pub(super) fn new() -> Disk {
        Disk {
            inodes: BTreeMap::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            unsynced: Vec::new(),
            capacity: None,
            next_inode: 0,
        }
    }

    pub(super) fn add_inode(&mut self) -> u64 {
        let inode = self.next_inode;
        self.next_inode += 1;
        self.inodes.insert(inode, Inode::default());
        inode
    }

    /// Bytes that all files take. One that was removed gives its own back at once.
    pub(super) fn used(&self) -> u64 {
        let named = self.names.values().filter_map(|it| match it {
            Node::File(inode) => self.inodes.get(inode),
            Node::Folder => None,
        });
        named.map(Inode::taken).sum()
    }

    /// How many bytes more a file may take, of those that it wants to reach up to `end`.
    pub(super) fn room(&self, inode: u64, end: u64) -> u64 {
        let Some(capacity) = self.capacity else {
            return u64::MAX;
        };
        let taken = self.inodes.get(&inode).map_or(0, Inode::taken);
        if end <= taken {
            return u64::MAX;
        }
        capacity.saturating_sub(self.used())
    }

    pub(super) fn inode(&mut self, inode: u64) -> io::Result<&mut Inode> {
        self.inodes
            .get_mut(&inode)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn add(&mut self, path: &Path, node: Node) -> io::Result<()> {
        self.require_folder(path.parent().unwrap_or(Path::new("")))?;
        self.change(Change::Add(path.to_path_buf(), node));
        Ok(())
    }

    pub(super) fn change(&mut self, change: Change) {
        change.apply(&mut self.names);
        self.unsynced.push(change);
    }

    pub(super) fn require_folder(&self, path: &Path) -> io::Result<()> {
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        match self.names.get(path) {
            Some(Node::Folder) => Ok(()),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn sync_names(&mut self, is_synced: impl Fn(&Path) -> bool) {
        let mut rest = Vec::new();
        for change in std::mem::take(&mut self.unsynced) {
            if is_synced(change.parent()) {
                change.apply(&mut self.durable_names);
            } else {
                rest.push(change);
            }
        }
        self.unsynced = rest;
    }
}
