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
use std::path::PathBuf;
use std::sync::Arc;

use super::super::Log;
use super::cleaning::CleanedSegment;
use crate::dir::Dir;
use crate::error::Error;
use crate::log::truncate::remove_if_there;
use crate::names::{self, FileKind};
use crate::segment::Span;

/// What became of a cleaned segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// It is part of the log, though not durably: see [`Log::is_replacement_durable`].
    Yes,
    /// The log has changed there meanwhile. The copy is gone.
    Stale,
}

/// Files of segments that a cleaned one covers, and when they may go.
#[derive(Debug, Default)]
pub(in crate::log) struct Covered {
    /// Files, and how many replacements had been made with theirs. The segment that comes first goes
    /// first: what a crash leaves of them lies at the end of what covers them.
    waiting: VecDeque<(u64, PathBuf)>,
    /// Replacements so far.
    made: u64,
    /// Of these, how many are durable.
    durable: u64,
    /// Files that have the name of something to remove.
    deleted: Vec<PathBuf>,
}

impl Covered {
    pub(in crate::log) fn made(&self) -> u64 {
        self.made
    }

    /// The first `made` replacements are on the disk.
    pub(in crate::log) fn handle_durable(&mut self, made: u64) {
        self.durable = self.durable.max(made);
    }

    pub(in crate::log) fn take_deleted(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.deleted)
    }

    /// Gives the files that may go a name that says so.
    ///
    /// # Errors
    /// When one cannot be renamed; it may be tried again.
    pub(in crate::log) fn release<D: Dir>(&mut self, dir: &D) -> Result<(), Error> {
        while let Some((made, path)) = self.waiting.front()
            && *made <= self.durable
        {
            let deleted = names::deleted(path);
            match dir.rename(path, &deleted) {
                Ok(()) => self.deleted.push(deleted),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => {
                    let path = path.clone();
                    return Err(Error::Remove { path, source });
                }
            }
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
        let path = cleaned.span.segment.path(FileKind::Log);
        if let Err(source) = self.dir.rename(&names::cleaned(&path), &path) {
            // What went wrong first is what matters.
            drop(cleaned.discard());
            return Err(Error::WriteCleaned { path, source });
        }
        let CleanedSegment { sources, span, .. } = cleaned;
        for kind in [FileKind::OffsetIndex, FileKind::TimeIndex] {
            let path = span.segment.path(kind);
            if self.dir.rename(&names::cleaned(&path), &path).is_err() {
                // What is there is of another file: no index is better. It is made anew at the next
                // start, and until then the segment is walked.
                drop(self.dir.remove_file(&path));
            }
        }
        self.covered.made += 1;
        let made = self.covered.made;
        for source in sources.iter().skip(1) {
            let paths = FileKind::ALL.map(|it| source.segment.path(it));
            let waiting = paths.into_iter().map(|it| (made, it));
            self.covered.waiting.extend(waiting);
        }
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
        self.covered.release(&self.dir)?;
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
        for kind in [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex] {
            let path = names::cleaned(&self.span.segment.path(kind));
            remove_if_there(&self.dir, &path)?;
        }
        Ok(())
    }
}
