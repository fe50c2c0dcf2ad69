//! Descriptors of closed segments: opened when somebody reads, closed when others need theirs.
//!
//! In: files by their path. Out: open ones, and never more of them than a bound. Never here: which path
//! a segment has; the segment knows.
//!
//! A descriptor that is let go of here stays open until the last read of it ends. There may be that
//! many more for a moment, one for each read that is under way.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dir::Dir;

/// The open closed segments of a data directory. Clones are cheap and stand for the same.
pub struct OpenFiles<D: Dir> {
    shared: Arc<Shared<D>>,
}

struct Shared<D: Dir> {
    dir: D,
    max: NonZeroUsize,
    numbers: AtomicU64,
    open: Mutex<Open<D::File>>,
}

/// Open files by their number, and the numbers in the order of their last use.
struct Open<F> {
    turn: u64,
    files: BTreeMap<u64, (u64, F)>,
    turns: BTreeMap<u64, u64>,
}

impl<D: Dir> Clone for OpenFiles<D> {
    fn clone(&self) -> OpenFiles<D> {
        OpenFiles {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<D: Dir> fmt::Debug for OpenFiles<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OpenFiles")
            .field("max", &self.shared.max)
            .finish_non_exhaustive()
    }
}

impl<D: Dir> OpenFiles<D> {
    /// Keeps at most `max` closed segments of `dir` open.
    pub fn new(dir: D, max: NonZeroUsize) -> OpenFiles<D> {
        let open = Open {
            turn: 0,
            files: BTreeMap::new(),
            turns: BTreeMap::new(),
        };
        OpenFiles {
            shared: Arc::new(Shared {
                dir,
                max,
                numbers: AtomicU64::new(0),
                open: Mutex::new(open),
            }),
        }
    }

    pub fn dir(&self) -> &D {
        &self.shared.dir
    }

    /// How many are open now.
    pub fn count(&self) -> usize {
        self.open().files.len()
    }

    /// A number for a file, which no other has.
    pub(crate) fn next_number(&self) -> u64 {
        self.shared.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// The file of that number, if it is open.
    pub(crate) fn find(&self, number: u64) -> Option<D::File> {
        let mut open = self.open();
        let turn = open.next_turn();
        let (last, file) = open.files.get_mut(&number)?;
        let (last, file) = (std::mem::replace(last, turn), file.clone());
        open.turns.remove(&last);
        open.turns.insert(turn, number);
        Some(file)
    }

    /// Keeps a file open. Returns those that give way, to be dropped where no lock is held.
    #[must_use = "closing a file takes time"]
    pub(crate) fn keep(&self, number: u64, file: D::File) -> Vec<D::File> {
        let mut open = self.open();
        let turn = open.next_turn();
        let mut gone = Vec::new();
        if let Some((last, before)) = open.files.insert(number, (turn, file)) {
            open.turns.remove(&last);
            gone.push(before);
        }
        open.turns.insert(turn, number);
        while open.files.len() > self.shared.max.get()
            && let Some((_, oldest)) = open.turns.pop_first()
        {
            gone.extend(open.files.remove(&oldest).map(|(_, file)| file));
        }
        gone
    }

    /// Nobody will ask for that number again.
    pub(crate) fn forget(&self, number: u64) {
        let mut open = self.open();
        let gone = open.files.remove(&number);
        if let Some((turn, _)) = &gone {
            open.turns.remove(turn);
        }
        drop(open);
        drop(gone);
    }

    fn open(&self) -> MutexGuard<'_, Open<D::File>> {
        let open = self.shared.open.lock();
        open.unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> Open<F> {
    fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dir::OpenMode;
    use crate::dir::memory::MemoryDir;

    #[test]
    fn those_that_were_not_used_for_longest_give_way() {
        let dir = MemoryDir::new();
        let file = dir.open(Path::new("a"), OpenMode::Create).unwrap();
        let files = OpenFiles::new(dir, NonZeroUsize::new(2).unwrap());
        assert!(files.keep(1, file.clone()).is_empty());
        assert!(files.keep(2, file.clone()).is_empty());
        assert!(files.find(1).is_some());
        assert_eq!(files.keep(3, file.clone()).len(), 1);
        assert!(files.find(2).is_none(), "the other one was used since");
        assert!(files.find(1).is_some() && files.find(3).is_some());
        assert_eq!(files.keep(3, file).len(), 1, "one number is one file");
        files.forget(3);
        files.forget(3);
        assert_eq!(files.count(), 1);
    }
}
