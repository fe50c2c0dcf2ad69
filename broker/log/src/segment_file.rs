//! The file of a segment, whatever name it has by now.
//!
//! In: new names. Out: the file, open. Never here: another file that has got the name since.
//!
//! A view may want to read a segment that was deleted, replaced or cut off after the view was made.
//! The file is renamed and opened under one lock, so that what is opened is this file, or nothing.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use broker_types::Offset;

use crate::dir::{Dir, OpenMode};
use crate::error::Error;
use crate::folder::{Folder, Held};
use crate::names::{self, FileKind};
use crate::open_files::OpenFiles;

/// The name under which a segment's file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A segment's.
    Own,
    /// That of a copy which is to take a segment's place.
    Cleaned,
    /// That of a file which is to be removed.
    Deleted,
    /// That of a file which does not hold what was written to it.
    Damaged,
    /// None: it was removed, or another file has taken its place.
    Gone,
}

/// A segment's file.
pub(crate) struct SegmentFile<D: Dir> {
    files: OpenFiles<D>,
    folder: Arc<Folder>,
    base_offset: Offset,
    number: u64,
    name: Mutex<Name>,
}

impl<D: Dir> fmt::Debug for SegmentFile<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SegmentFile")
            .field("folder", &self.folder)
            .field("base_offset", &self.base_offset)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<D: Dir> SegmentFile<D> {
    pub(crate) fn new(
        files: &OpenFiles<D>,
        folder: &Arc<Folder>,
        base_offset: Offset,
        name: Name,
    ) -> Arc<SegmentFile<D>> {
        Arc::new(SegmentFile {
            number: files.next_number(),
            files: files.clone(),
            folder: Arc::clone(folder),
            base_offset,
            name: Mutex::new(name),
        })
    }

    pub(crate) fn dir(&self) -> &D {
        self.files.dir()
    }

    /// Makes the file, or opens it, for whoever writes to it and keeps it open.
    pub(crate) fn create(&self, mode: OpenMode) -> Result<D::File, Error> {
        let (_held, name) = self.hold()?;
        let path = self.path(*name).ok_or_else(|| self.stale())?;
        let opened = self.dir().open(&path, mode);
        opened.map_err(|source| Error::OpenSegment { path, source })
    }

    /// The file, which others may close again once this is dropped.
    pub(crate) fn open(&self) -> Result<D::File, Error> {
        if let Some(file) = self.files.find(self.number) {
            return Ok(file);
        }
        let (held, name) = self.hold()?;
        if let Some(file) = self.files.find(self.number) {
            return Ok(file);
        }
        let path = self.path(*name).ok_or_else(|| self.stale())?;
        let opened = self.dir().open(&path, OpenMode::Existing);
        let file = opened.map_err(|source| {
            if source.kind() == io::ErrorKind::NotFound && *name == Name::Deleted {
                self.stale()
            } else {
                Error::OpenSegment { path, source }
            }
        })?;
        let gone = self.files.keep(self.number, file.clone());
        drop((name, held));
        drop(gone);
        Ok(file)
    }

    /// Reads what the disk itself holds, not the page cache.
    pub(crate) fn read_durable(&self, buffer: &mut [u8], position: u64) -> Result<usize, Error> {
        let (_held, name) = self.hold()?;
        let path = self.path(*name).ok_or_else(|| self.stale())?;
        let read = self.dir().read_durable(&path, buffer, position);
        read.map_err(|source| {
            if source.kind() == io::ErrorKind::NotFound && *name == Name::Deleted {
                self.stale()
            } else {
                Error::ReadSegment { path, source }
            }
        })
    }

    /// Gives the file another name, at once and whole.
    ///
    /// # Errors
    /// When it cannot be renamed; it has its old name then.
    pub(crate) fn rename(&self, to: Name) -> io::Result<()> {
        let mut name = self.name();
        let paths = self.path(*name).zip(self.path(to));
        let (from, target) = paths.ok_or(io::ErrorKind::NotFound)?;
        self.dir().rename(&from, &target)?;
        *name = to;
        Ok(())
    }

    /// Removes the file. Whoever has it open reads it on.
    ///
    /// # Errors
    /// When it cannot be removed; one that is not there is no error.
    pub(crate) fn remove(&self) -> io::Result<()> {
        let mut name = self.name();
        let Some(path) = self.path(*name) else {
            return Ok(());
        };
        match self.dir().remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => {
                *name = Name::Gone;
                Ok(())
            }
        }
    }

    /// Another file takes this one's name, with `replace`.
    ///
    /// # Errors
    /// Those of `replace`, after which the file has its name still.
    pub(crate) fn give_way(&self, replace: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut name = self.name();
        replace()?;
        *name = Name::Gone;
        Ok(())
    }

    fn hold(&self) -> Result<(Held<'_>, MutexGuard<'_, Name>), Error> {
        let held = self.folder.hold().ok_or_else(|| self.stale())?;
        Ok((held, self.name()))
    }

    fn name(&self) -> MutexGuard<'_, Name> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: Name) -> Option<PathBuf> {
        let own = names::file(&self.folder, self.base_offset, FileKind::Log);
        match name {
            Name::Own => Some(own),
            Name::Cleaned => Some(names::cleaned(&own)),
            Name::Deleted => Some(names::deleted(&own)),
            Name::Damaged => Some(names::damaged(&own)),
            Name::Gone => None,
        }
    }

    fn stale(&self) -> Error {
        let folder: &Path = &self.folder;
        let path = names::file(folder, self.base_offset, FileKind::Log);
        Error::StaleView { path }
    }
}

impl<D: Dir> Drop for SegmentFile<D> {
    fn drop(&mut self) {
        self.files.forget(self.number);
    }
}
