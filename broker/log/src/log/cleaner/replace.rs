//! Putting a cleaned segment in the place of those it was copied from.
//!
//! In: a [`CleanedSegment`]. Out: a log whose next views have it; later, files to remove. Never here:
//! copying.
//!
//! ```text
//!   rename the copy over the first      ── sync ──►   rename the other sources to *.deleted
//!   source: at once and whole                         (removed with what retention lets go of)
//! ```
//!
//! The copy is whole on the disk before it is renamed, so whichever of the two a crash leaves is
//! right. Until the rename is durable the other sources stay: they are the only ones that surely
//! have what they hold.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::Log;
use super::super::retention::Discarded;
use super::cleaning::{CleanedSegment, discard};
use crate::dir::Dir;
use crate::error::Error;
use crate::names::{self, FileKind};
use crate::segment::Span;
use crate::segment_file::Name;

/// What became of a cleaned segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// It is part of the log, though not durably: see [`Log::is_replacement_durable`].
    Yes,
    /// The log has changed there meanwhile. The copy is gone.
    Stale,
}

/// Segments that a cleaned one covers, and when their files may go.
pub(in crate::log) struct Covered<D: Dir> {
    /// Segments, and how many replacements had been made with theirs. The one that comes first goes
    /// first: what a crash leaves of them lies at the end of what covers them.
    waiting: VecDeque<(u64, Span<D>)>,
    /// Replacements so far.
    made: u64,
    /// Of these, how many are durable.
    durable: u64,
    /// Files that have the name of something to remove.
    discarded: Discarded<D>,
}

impl<D: Dir> Default for Covered<D> {
    fn default() -> Covered<D> {
        Covered {
            waiting: VecDeque::new(),
            made: 0,
            durable: 0,
            discarded: Discarded::default(),
        }
    }
}

impl<D: Dir> Covered<D> {
    pub(in crate::log) fn made(&self) -> u64 {
        self.made
    }

    /// The first `made` replacements are on the disk.
    pub(in crate::log) fn handle_durable(&mut self, made: u64) {
        self.durable = self.durable.max(made);
    }

    pub(in crate::log) fn take_discarded(&mut self) -> Discarded<D> {
        std::mem::take(&mut self.discarded)
    }

    /// Gives the files that may go a name that says so.
    ///
    /// # Errors
    /// When one cannot be renamed; it may be tried again.
    pub(in crate::log) fn release(&mut self) -> Result<(), Error> {
        while let Some((made, span)) = self.waiting.front()
            && *made <= self.durable
        {
            self.discarded.add(&span.segment)?;
            self.waiting.pop_front();
        }
        Ok(())
    }
}

impl<D: Dir> Log<D> {
    /// Puts a cleaned segment in the place of its sources, if the log still has them as they were.
    ///
    /// # Errors
    /// When the copy cannot be renamed; the log is as it was.
    pub fn replace_segments(&mut self, cleaned: CleanedSegment<D>) -> Result<Replaced, Error> {
        self.require_online()?;
        let Some(place) = self.place_of(&cleaned.sources) else {
            cleaned.discard()?;
            return Ok(Replaced::Stale);
        };
        let CleanedSegment { sources, span } = cleaned;
        let first = sources.first().expect("a cleaned segment has a source");
        let copy = &span.segment;
        let moved = first.segment.file.give_way(|| copy.file.rename(Name::Own));
        if let Err(source) = moved {
            // What went wrong first is what matters.
            drop(discard(copy));
            let path = copy.path(FileKind::Log);
            return Err(Error::WriteCleaned { path, source });
        }
        let dir = self.files.dir();
        for kind in [FileKind::OffsetIndex, FileKind::TimeIndex] {
            let path = copy.path(kind);
            if dir.rename(&names::cleaned(&path), &path).is_err() {
                // What is there is of another file: no index is better. It is made anew at the next
                // start, and until then the segment is walked.
                drop(dir.remove_file(&path));
            }
        }
        self.covered.made += 1;
        let made = self.covered.made;
        let waiting = sources.iter().skip(1).map(|it| (made, it.clone()));
        self.covered.waiting.extend(waiting);
        self.unsynced.is_folder_dirty = true;
        let before = self.closed.iter().take(place).cloned();
        let after = self.closed.iter().skip(place + sources.len()).cloned();
        self.closed = before.chain([span]).chain(after).collect();
        self.assert_invariants();
        Ok(Replaced::Yes)
    }

    /// Whether all segments that were replaced would stay so if the power went.
    pub fn is_replacement_durable(&self) -> bool {
        self.covered.durable == self.covered.made
    }

    fn place_of(&self, sources: &[Span<D>]) -> Option<usize> {
        let first = sources.first()?;
        let is_same =
            |a: &Span<D>, b: &Span<D>| Arc::ptr_eq(&a.segment, &b.segment) && a.extent == b.extent;
        let place = self.closed.iter().position(|it| is_same(it, first))?;
        let found = self.closed.get(place..place + sources.len())?;
        let is_there = found.iter().zip(sources).all(|(a, b)| is_same(a, b));
        is_there.then_some(place)
    }

    /// Gets rid of the names of covered files, here and now: before a segment could be made that has
    /// one of them, or the log is closed.
    pub(in crate::log) fn release_covered(&mut self) -> Result<(), Error> {
        if self.covered.waiting.is_empty() {
            return Ok(());
        }
        self.sync_now()?;
        self.covered.release()?;
        self.unsynced.is_folder_dirty = true;
        Ok(())
    }
}

impl<D: Dir> CleanedSegment<D> {
    /// Removes the copy, for which there is no place.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn discard(self) -> Result<(), Error> {
        discard(&self.span.segment)
    }
}
