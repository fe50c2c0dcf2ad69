//! The folder of a log, for as long as the log is its user.
//!
//! In: the end of the log's use of it; cuts of the log. Out: whether a path in it still means a file
//! of this log. Never here: files.
//!
//! The name of a folder may be given to another topic as soon as a log is done with it. Whoever opens
//! or makes a file by its path holds the folder meanwhile, so that it is a file of this log, or none.

use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// A folder, relative to the data directory.
#[derive(Debug)]
pub(crate) struct Folder {
    path: Arc<Path>,
    is_left: RwLock<bool>,
    truncations: AtomicU64,
}

/// Ends the log's use of its folder when it is dropped.
#[derive(Debug)]
pub(crate) struct Tenancy(Arc<Folder>);

/// The folder is the log's while this lives.
pub(crate) type Held<'a> = RwLockReadGuard<'a, bool>;

impl Folder {
    pub(crate) fn new(path: &Path) -> Arc<Folder> {
        Arc::new(Folder {
            path: Arc::from(path),
            is_left: RwLock::new(false),
            truncations: AtomicU64::new(0),
        })
    }

    pub(crate) fn path(&self) -> Arc<Path> {
        Arc::clone(&self.path)
    }

    /// Keeps the folder the log's for a moment; `None` when it is not any more.
    pub(crate) fn hold(&self) -> Option<Held<'_>> {
        let is_left = self.is_left.read().unwrap_or_else(PoisonError::into_inner);
        (!*is_left).then_some(is_left)
    }

    /// Times that something was cut off the log since it was opened.
    pub(crate) fn truncations(&self) -> u64 {
        self.truncations.load(Ordering::Acquire)
    }

    /// Something is about to be cut off: whoever works on segments of before can stop.
    pub(crate) fn handle_truncation(&self) {
        self.truncations.fetch_add(1, Ordering::AcqRel);
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl Tenancy {
    pub(crate) fn new(folder: &Arc<Folder>) -> Tenancy {
        Tenancy(Arc::clone(folder))
    }
}

impl Drop for Tenancy {
    fn drop(&mut self) {
        let is_left = self.0.is_left.write();
        *is_left.unwrap_or_else(PoisonError::into_inner) = true;
    }
}
