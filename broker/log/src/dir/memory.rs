//! A disk in memory that knows what a crash leaves behind.
//!
//! In: the same calls as the real disk, a fault policy, a seed. Out: the same answers; after
//! [`MemoryDir::crash_process`] what the page cache held, after [`MemoryDir::crash_power`] what was
//! synced and a random part of the rest. Never here: chance that a seed does not repeat.
//!
//! ```text
//!   write, set_size ──► cached ──sync_data──► durable      a failed sync_data forgets which
//!   create, rename  ──► names  ──sync_dir───► durable      pages were dirty and copies none
//! ```

mod crash;
mod disk;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::disk::{Change, Disk, Inode, Node, PAGE_BYTES};
use super::{Dir, Entry, File, OpenMode, Space};

/// What kind of call is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Create,
    Read,
    Write,
    SetSize,
    Rename,
    Remove,
    SyncData,
    SyncDir,
    SyncAll,
}

/// What a fault policy says about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call is done.
    Pass,
    /// The call fails, and has no effect. A failed sync forgets what was dirty.
    Fail(io::ErrorKind),
    /// A write leaves this many of its bytes and then fails; other calls fail without any effect,
    /// and a failed sync forgets nothing. What a process leaves that dies within the call.
    Torn { bytes: usize, kind: io::ErrorKind },
}

/// Decides on each call in turn.
pub type Policy = Box<dyn FnMut(Call, &Path) -> Verdict + Send>;

/// What a disk without bounds says that it holds.
const UNBOUNDED_BYTES: u64 = 1 << 40;

/// A data directory in memory. Clones stand for the same directory.
#[derive(Clone)]
pub struct MemoryDir {
    shared: Arc<Mutex<Shared>>,
    /// Handles from before a crash are dead.
    incarnation: u64,
}

/// An open file of a [`MemoryDir`].
#[derive(Clone)]
pub struct MemoryFile {
    dir: MemoryDir,
    inode: u64,
    path: Arc<Path>,
}

/// The lock on a [`MemoryDir`].
pub struct MemoryLock {
    dir: MemoryDir,
}

struct Shared {
    disk: Disk,
    policy: Option<Policy>,
    incarnation: u64,
    is_locked: bool,
    calls_count: u64,
}

impl Shared {
    /// How much of a write the disk has room for, and how the write ends.
    fn fitting(&self, inode: u64, length: usize, position: u64) -> (usize, io::Result<()>) {
        let end = position.saturating_add(length as u64);
        let taken = self.disk.inodes.get(&inode).map_or(0, Inode::taken);
        let room = self.disk.room(inode, end);
        let beyond = end.saturating_sub(taken.max(position));
        match usize::try_from(beyond.saturating_sub(room)) {
            Ok(0) => (length, Ok(())),
            Ok(lacking) => {
                let kept = length.saturating_sub(lacking);
                (kept, Err(io::ErrorKind::StorageFull.into()))
            }
            Err(_) => (0, Err(io::ErrorKind::StorageFull.into())),
        }
    }
}

impl Default for MemoryDir {
    fn default() -> MemoryDir {
        MemoryDir::new()
    }
}

impl fmt::Debug for MemoryDir {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MemoryDir")
    }
}

impl fmt::Debug for MemoryFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MemoryFile({})", self.path.display())
    }
}

impl MemoryDir {
    /// An empty directory.
    pub fn new() -> MemoryDir {
        MemoryDir {
            shared: Arc::new(Mutex::new(Shared {
                disk: Disk::new(),
                policy: None,
                incarnation: 0,
                is_locked: false,
                calls_count: 0,
            })),
            incarnation: 0,
        }
    }

    /// Calls that change or sync something, so far.
    pub fn calls_count(&self) -> u64 {
        self.state().calls_count
    }

    /// Lets `policy` decide on each call from now on; `None` lets all pass.
    pub fn set_policy(&self, policy: Option<Policy>) {
        self.state().policy = policy;
    }

    /// Lets the disk hold so many bytes from now on, or so many less than it has; `None`: any number.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().disk.capacity = bytes;
    }

    /// Whether it may get full.
    pub fn is_bounded(&self) -> bool {
        self.state().disk.capacity.is_some()
    }

    /// Bytes that all files take.
    pub fn used(&self) -> u64 {
        self.state().disk.used()
    }

    /// Changes one bit of a file, as it is read and as it is kept: what a disk does to old data.
    ///
    /// # Errors
    /// When there is no such file, or it is shorter.
    pub fn flip_bit(&self, path: &Path, position: u64) -> io::Result<()> {
        let mut state = self.state();
        let Some(Node::File(inode)) = state.disk.names.get(path).copied() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let inode = state.disk.inode(inode)?;
        let position = usize::try_from(position).map_err(io::Error::other)?;
        for bytes in [&mut inode.cached, &mut inode.durable] {
            *bytes
                .get_mut(position)
                .ok_or(io::ErrorKind::UnexpectedEof)? ^= 1;
        }
        Ok(())
    }

    /// The process dies: the page cache survives. Returns the directory as the next process finds
    /// it; all handles to this one are dead.
    #[must_use]
    pub fn crash_process(&self) -> MemoryDir {
        self.crash(|_| {})
    }

    /// The power goes: what was synced survives, and of the rest a part that `seed` chooses: any
    /// page may be lost, new, or torn between the two, any length in between, any name lost.
    #[must_use]
    pub fn crash_power(&self, seed: u64) -> MemoryDir {
        self.crash(|disk| crash::lose_power(disk, seed))
    }

    /// A copy that shares nothing with this one.
    #[must_use]
    pub fn fork(&self) -> MemoryDir {
        let copy = MemoryDir::new();
        copy.state().disk = self.state().disk.clone();
        copy
    }

    fn crash(&self, lose: impl FnOnce(&mut Disk)) -> MemoryDir {
        let mut state = self.state();
        lose(&mut state.disk);
        state.policy = None;
        state.is_locked = false;
        state.incarnation += 1;
        MemoryDir {
            shared: Arc::clone(&self.shared),
            incarnation: state.incarnation,
        }
    }

    /// A panic while the lock is held can only be a failed assertion of a test.
    fn state(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the policy about a call. `Ok(Some(n))` lets a write leave `n` bytes and fail.
    fn admit(&self, call: Call, path: &Path) -> io::Result<(MutexGuard<'_, Shared>, Verdict)> {
        let mut state = self.state();
        if state.incarnation != self.incarnation {
            return Err(io::Error::other("the process that opened this is dead"));
        }
        if call != Call::Read {
            state.calls_count += 1;
        }
        let verdict = match state.policy.as_mut() {
            Some(policy) => policy(call, path),
            None => Verdict::Pass,
        };
        Ok((state, verdict))
    }

    /// [`MemoryDir::admit`] for a call that happens whole or not at all.
    fn begin(&self, call: Call, path: &Path) -> io::Result<MutexGuard<'_, Shared>> {
        match self.admit(call, path)? {
            (state, Verdict::Pass) => Ok(state),
            (_, Verdict::Fail(kind) | Verdict::Torn { kind, .. }) => Err(kind.into()),
        }
    }
}

impl Dir for MemoryDir {
    type File = MemoryFile;
    type Lock = MemoryLock;

    fn lock(&self) -> io::Result<MemoryLock> {
        let mut state = self.begin(Call::Read, Path::new(".lock"))?;
        if state.is_locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.is_locked = true;
        Ok(MemoryLock { dir: self.clone() })
    }

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<MemoryFile> {
        let found = self.begin(Call::Read, path)?.disk.names.get(path).copied();
        let inode = match (found, mode) {
            (Some(Node::Folder), _) => return Err(io::ErrorKind::IsADirectory.into()),
            (None, OpenMode::Existing) => return Err(io::ErrorKind::NotFound.into()),
            (Some(Node::File(inode)), OpenMode::Existing | OpenMode::Create) => inode,
            (Some(Node::File(inode)), OpenMode::CreateEmpty) => {
                let mut state = self.begin(Call::SetSize, path)?;
                let emptied = state.disk.inode(inode)?;
                emptied.set_size(0);
                emptied.allocated = 0;
                inode
            }
            (None, OpenMode::Create | OpenMode::CreateEmpty) => {
                let mut state = self.begin(Call::Create, path)?;
                let inode = state.disk.add_inode();
                state.disk.add(path, Node::File(inode))?;
                inode
            }
        };
        Ok(MemoryFile {
            dir: self.clone(),
            inode,
            path: path.into(),
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let state = self.begin(Call::Read, path)?;
        state.disk.require_folder(path)?;
        let entry = |(child, node): (&PathBuf, &Node)| {
            let name = child.file_name()?.to_str()?.to_owned();
            let is_folder = *node == Node::Folder;
            (child.parent() == Some(path)).then_some(Entry { name, is_folder })
        };
        let mut entries: Vec<Entry> = state.disk.names.iter().filter_map(entry).collect();
        entries.sort();
        Ok(entries)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        let state = self.begin(Call::Read, path)?;
        Ok(path.as_os_str().is_empty() || state.disk.names.contains_key(path))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.begin(Call::Create, path)?;
        if state.disk.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.disk.add(path, Node::Folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.begin(Call::Rename, from)?;
        let node = *state.disk.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        if node == Node::Folder && state.disk.names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state
            .disk
            .require_folder(to.parent().unwrap_or(Path::new("")))?;
        let (from, to) = (from.to_path_buf(), to.to_path_buf());
        state.disk.change(Change::Rename { from, to, node });
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.begin(Call::Remove, path)?;
        match state.disk.names.get(path) {
            Some(Node::File(_)) => {}
            Some(Node::Folder) => return Err(io::ErrorKind::IsADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        state.disk.change(Change::Remove(path.to_path_buf()));
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.begin(Call::Remove, path)?;
        state.disk.require_folder(path)?;
        let inside = |it: &&PathBuf| it.starts_with(path);
        let names: Vec<PathBuf> = state.disk.names.keys().filter(inside).cloned().collect();
        for name in names.into_iter().rev() {
            state.disk.change(Change::Remove(name));
        }
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.begin(Call::SyncDir, path)?;
        state.disk.require_folder(path)?;
        state.disk.sync_names(|parent| parent == path);
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        let (mut state, verdict) = self.admit(Call::SyncAll, Path::new(""))?;
        match verdict {
            Verdict::Pass => {
                state.disk.sync_names(|_| true);
                state.disk.inodes.values_mut().for_each(Inode::sync);
                Ok(())
            }
            Verdict::Fail(kind) => {
                state.disk.inodes.values_mut().for_each(Inode::forget_dirty);
                Err(kind.into())
            }
            Verdict::Torn { kind, .. } => Err(kind.into()),
        }
    }

    fn space(&self) -> io::Result<Space> {
        let state = self.begin(Call::Read, Path::new(""))?;
        let total = state.disk.capacity.unwrap_or(UNBOUNDED_BYTES);
        let usable = total.saturating_sub(state.disk.used());
        Ok(Space { total, usable })
    }

    fn read_durable(&self, path: &Path, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let mut state = self.begin(Call::Read, path)?;
        let Some(Node::File(inode)) = state.disk.names.get(path).copied() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let inode = state.disk.inode(inode)?;
        // As a direct read does: dirty pages are written first; clean ones are not looked at.
        inode.sync();
        inode.drop_clean_pages();
        Ok(read(&inode.durable, buffer, position))
    }
}

impl MemoryFile {
    fn begin(&self, call: Call) -> io::Result<MutexGuard<'_, Shared>> {
        self.dir.begin(call, &self.path)
    }
}

impl File for MemoryFile {
    fn size(&self) -> io::Result<u64> {
        let mut state = self.begin(Call::Read)?;
        Ok(state.disk.inode(self.inode)?.cached.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let mut state = self.begin(Call::Read)?;
        Ok(read(
            &state.disk.inode(self.inode)?.cached,
            buffer,
            position,
        ))
    }

    fn write_at(&self, parts: &[&[u8]], position: u64) -> io::Result<()> {
        let (mut state, verdict) = self.dir.admit(Call::Write, &self.path)?;
        let bytes = parts.concat();
        let (length, result) = match verdict {
            Verdict::Pass => state.fitting(self.inode, bytes.len(), position),
            Verdict::Fail(kind) => (0, Err(kind.into())),
            Verdict::Torn { bytes, kind } => (bytes, Err(kind.into())),
        };
        let written = bytes.get(..length).unwrap_or(&bytes);
        state.disk.inode(self.inode)?.write(written, position)?;
        result
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        let mut state = self.begin(Call::SetSize)?;
        let size = usize::try_from(size).map_err(io::Error::other)?;
        let inode = state.disk.inode(self.inode)?;
        inode.set_size(size);
        inode.allocated = inode.allocated.min(size as u64);
        Ok(())
    }

    fn allocate(&self, size: u64) -> io::Result<()> {
        let mut state = self.begin(Call::Write)?;
        let inode = self.inode;
        let more = size.saturating_sub(state.disk.inode(inode)?.taken());
        if more > state.disk.room(inode, size) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let inode = state.disk.inode(inode)?;
        inode.allocated = inode.allocated.max(size);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let (mut state, verdict) = self.dir.admit(Call::SyncData, &self.path)?;
        let inode = state.disk.inode(self.inode)?;
        match verdict {
            Verdict::Pass => {
                inode.sync();
                Ok(())
            }
            Verdict::Fail(kind) => {
                inode.forget_dirty();
                Err(kind.into())
            }
            Verdict::Torn { kind, .. } => Err(kind.into()),
        }
    }
}

fn read(content: &[u8], buffer: &mut [u8], position: u64) -> usize {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    let found = content.get(position..).unwrap_or_default();
    for (target, source) in buffer.iter_mut().zip(found) {
        *target = *source;
    }
    found.len().min(buffer.len())
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        let mut state = self.dir.state();
        if state.incarnation == self.dir.incarnation {
            state.is_locked = false;
        }
    }
}

/// The pages that lie at least in part between two lengths.
fn pages_between(from: usize, to: usize) -> BTreeSet<usize> {
    (from / PAGE_BYTES..to.div_ceil(PAGE_BYTES)).collect()
}
