//! The real disk: files of a Unix file system, read and written by position.
//!
//! In: a folder of the machine. Out: what [`Dir`] promises. No memory maps: an I/O error under one
//! would kill the process. Never here: what the files mean.

use std::fs;
use std::io;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Advice, FallocateFlags, FlockOperation, OFlags};

use super::{Dir, Entry, File, OpenMode, Space};

/// What direct reads are aligned to; a multiple of every block size in use.
const DIRECT_ALIGNMENT: usize = 4096;

/// Most parts of a vectored write that are handed to the kernel at once (`IOV_MAX` is 1024).
const PARTS_MAX: usize = 64;

/// A folder of the machine's file system.
#[derive(Clone, Debug)]
pub struct RealDir {
    root: Arc<Path>,
}

/// An open file of the machine's file system.
#[derive(Clone, Debug)]
pub struct RealFile {
    file: Arc<fs::File>,
}

/// The lock on a folder, held by the open descriptor.
#[derive(Debug)]
pub struct RealLock {
    _descriptor: OwnedFd,
}

impl RealDir {
    /// The folder at `root`, made when it is missing.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<RealDir> {
        let root = root.into();
        fs::create_dir_all(&root)?;
        Ok(RealDir { root: root.into() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, path: &Path) -> PathBuf {
        // Joining the empty path would end the result in a slash.
        if path.as_os_str().is_empty() {
            self.root.to_path_buf()
        } else {
            self.root.join(path)
        }
    }
}

impl Dir for RealDir {
    type File = RealFile;
    type Lock = RealLock;

    fn lock(&self) -> io::Result<RealLock> {
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.root.join(".lock"))?;
        let descriptor = OwnedFd::from(file);
        rustix::fs::flock(&descriptor, FlockOperation::NonBlockingLockExclusive)?;
        Ok(RealLock {
            _descriptor: descriptor,
        })
    }

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<RealFile> {
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(mode != OpenMode::Existing)
            .truncate(mode == OpenMode::CreateEmpty)
            .open(self.path(path))?;
        Ok(RealFile {
            file: Arc::new(file),
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.path(path))? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string() {
                let is_folder = entry.file_type()?.is_dir();
                entries.push(Entry { name, is_folder });
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.path(path).try_exists()
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(self.path(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(self.path(path))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(self.path(path))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        fs::File::open(self.path(path))?.sync_all()
    }

    /// syncfs: reports write-back errors since Linux 5.8.
    fn sync_all(&self) -> io::Result<()> {
        let root = fs::File::open(&self.root)?;
        Ok(rustix::fs::syncfs(&root)?)
    }

    fn space(&self) -> io::Result<Space> {
        let space = rustix::fs::statvfs(&*self.root)?;
        let bytes = |blocks: u64| blocks.saturating_mul(space.f_frsize);
        Ok(Space {
            total: bytes(space.f_blocks),
            usable: bytes(space.f_bavail),
        })
    }

    /// Reads past the page cache (O_DIRECT), which also writes out dirty pages first. Clean pages are
    /// dropped, so that later reads see what this one saw.
    ///
    /// Where the file system refuses that, the file is synced and its clean pages are dropped
    /// before they are read. That is weaker: pages that the kernel does not drop are believed.
    fn read_durable(&self, path: &Path, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let path = self.path(path);
        let direct = OFlags::DIRECT.bits().cast_signed();
        let opened = fs::OpenOptions::new()
            .read(true)
            .custom_flags(direct)
            .open(&path);
        let read = |file: fs::File| {
            let read = read_direct(&file, buffer, position)?;
            rustix::fs::fadvise(
                &file,
                position,
                NonZeroU64::new(read as u64),
                Advice::DontNeed,
            )?;
            Ok(read)
        };
        match opened.and_then(read) {
            // EINVAL: tmpfs and some network file systems.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {}
            result => return result,
        }
        let file = fs::OpenOptions::new().read(true).write(true).open(&path)?;
        file.sync_data()?;
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed)?;
        read_up_to(&file, buffer, position)
    }
}

/// Reads through an aligned buffer, whole blocks at a time.
fn read_direct(file: &fs::File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    let alignment = DIRECT_ALIGNMENT as u64;
    let skipped = usize::try_from(position % alignment).map_err(io::Error::other)?;
    let wanted = (skipped + buffer.len()).next_multiple_of(DIRECT_ALIGNMENT);
    let mut memory = vec![0_u8; wanted + DIRECT_ALIGNMENT];
    let front = memory.as_ptr().align_offset(DIRECT_ALIGNMENT);
    let Some(aligned) = memory.get_mut(front..front + wanted) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut filled = 0;
    while filled < wanted {
        let start = position - position % alignment + filled as u64;
        let rest = aligned.get_mut(filled..).unwrap_or_default();
        let read = file.read_at(rest, start)?;
        filled += read;
        // A read that is no whole number of blocks ends at the end of the file.
        if read == 0 || read % DIRECT_ALIGNMENT != 0 {
            break;
        }
    }
    let found = aligned.get(skipped..filled).unwrap_or_default();
    let length = found.len().min(buffer.len());
    for (target, source) in buffer.iter_mut().zip(found) {
        *target = *source;
    }
    Ok(length)
}

fn read_up_to(file: &fs::File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match file.read_at(rest, position + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl File for RealFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        read_up_to(&self.file, buffer, position)
    }

    fn write_at(&self, parts: &[&[u8]], mut position: u64) -> io::Result<()> {
        for parts in parts.chunks(PARTS_MAX) {
            let mut slices: Vec<io::IoSlice<'_>> =
                parts.iter().map(|it| io::IoSlice::new(it)).collect();
            let mut rest = slices.as_mut_slice();
            io::IoSlice::advance_slices(&mut rest, 0);
            while !rest.is_empty() {
                match rustix::io::pwritev(&self.file, rest, position) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(written) => {
                        position += written as u64;
                        io::IoSlice::advance_slices(&mut rest, written);
                    }
                    Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    fn set_size(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn allocate(&self, size: u64) -> io::Result<()> {
        let keeping_size = FallocateFlags::KEEP_SIZE;
        Ok(rustix::fs::fallocate(&self.file, keeping_size, 0, size)?)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.file.as_fd())
    }
}
