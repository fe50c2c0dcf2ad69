//! The disk, as traits small enough to fake.
//!
//! In: paths relative to one data directory. Out: what a Unix file system does, and nothing that
//! only a real one could: no memory maps, no watches, no clocks.
//! Never here: what the files mean.
//!
//! Two implementations: [`real`] on files, and [`memory`], which loses what was not synced when
//! the power goes. One suite of tests holds both to the same behaviour.

pub mod memory;
pub mod real;

use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

/// How to open a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The file must exist.
    Existing,
    /// Made when it is missing; kept as it is when it exists.
    Create,
    /// Made when it is missing; emptied when it exists.
    CreateEmpty,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub name: String,
    pub is_folder: bool,
}

/// How much a file system holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes in all.
    pub total: u64,
    /// Bytes that are still to be had.
    pub usable: u64,
}

/// A data directory. All paths are relative to it; the empty path is the directory itself.
///
/// What was written, created, renamed or removed survives the death of the process at once. It
/// survives a loss of power only after [`File::sync_data`] for contents and [`Dir::sync_dir`] for
/// names, or [`Dir::sync_all`] for both.
///
/// Clones are cheap and stand for the same directory.
pub trait Dir: Clone + Send + Sync + 'static {
    type File: File;
    /// Releases the lock when dropped.
    type Lock: Send + 'static;

    /// Locks the directory for this process.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when another process holds the lock.
    fn lock(&self) -> io::Result<Self::Lock>;

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Self::File>;

    /// The names in a folder, sorted. Names that are not UTF-8 are left out: none of ours is.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;

    fn exists(&self, path: &Path) -> io::Result<bool>;

    /// Makes one folder, whose parent exists.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Gives a file or folder another name, at once and whole; replaces a file of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes the name of a file. Whoever has it open can read it on.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder and all that is in it.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Makes all that was written below this directory durable, with one call.
    fn sync_all(&self) -> io::Result<()>;

    /// How much the file system of the directory holds.
    fn space(&self) -> io::Result<Space>;

    /// Reads what the disk itself holds at `position`, not what the page cache remembers: after a
    /// failed sync the two differ, though the pages look clean. Returns less than asked for only
    /// at the end of the file.
    fn read_durable(&self, path: &Path, buffer: &mut [u8], position: u64) -> io::Result<usize>;
}

/// An open file. Clones are cheap and stand for the same open file.
pub trait File: Clone + Send + Sync + 'static {
    /// The length in bytes. Never zero only because nobody knows: an error then.
    fn size(&self) -> io::Result<u64>;

    /// Fills `buffer` from `position` on; returns less than asked for only at the end of the file.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes all of the parts, one after the other, from `position` on. After an error any number
    /// of bytes may have been written.
    fn write_at(&self, parts: &[&[u8]], position: u64) -> io::Result<()>;

    fn set_size(&self, size: u64) -> io::Result<()>;

    /// Sets bytes of the disk aside for the file, which keeps its length. What of them lies behind its
    /// end is given back by [`File::set_size`].
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] when there are not so many; others when the file system cannot do
    /// that, which need not matter.
    fn allocate(&self, size: u64) -> io::Result<()>;

    /// Makes the contents and the length durable. An error is final: the kernel may have dropped
    /// what it could not write and marked it clean, so a second call proves nothing.
    fn sync_data(&self) -> io::Result<()>;

    /// The descriptor, for sendfile; `None` when there is none.
    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Fills the whole buffer.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when the file ends before.
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        let wanted = buffer.len();
        if self.read_at(buffer, position)? == wanted {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

/// Reads a whole small file.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] when it has more than `size_max` bytes.
pub fn read_small<D: Dir>(dir: &D, path: &Path, size_max: u64) -> io::Result<Vec<u8>> {
    let file = dir.open(path, OpenMode::Existing)?;
    let size = file.size()?;
    if size > size_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; usize::try_from(size).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// Puts `bytes` into a file of that name, whole or not at all: a new file takes the old one's
/// place. Nothing is durable yet; returns the file, which the caller may sync.
pub(crate) fn replace<D: Dir>(dir: &D, path: &Path, bytes: &[u8]) -> io::Result<D::File> {
    let temporary = temporary(path);
    let file = dir.open(&temporary, OpenMode::CreateEmpty)?;
    file.write_at(&[bytes], 0)?;
    dir.rename(&temporary, path)?;
    Ok(file)
}

/// Puts `bytes` into a file of that name, whole or not at all: durable before it takes the old
/// one's place, and again when it has.
///
/// # Errors
/// When the disk does not take it; the old one stays.
pub fn replace_durably<D: Dir>(dir: &D, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let file = dir.open(&temporary, OpenMode::CreateEmpty)?;
    file.write_at(&[bytes], 0)?;
    file.sync_data()?;
    dir.rename(&temporary, path)?;
    dir.sync_dir(path.parent().unwrap_or(Path::new("")))
}

/// Where a file is written before it takes its name. Recovery removes what ends so.
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(TEMPORARY_SUFFIX);
    PathBuf::from(name)
}
