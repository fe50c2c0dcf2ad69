//! The files of a log that can be made again from its batches: indexes, leader epochs, snapshots of
//! producer state.
//!
//! In: what is in memory, or the batches. Out: files that appear whole or not at all. Never here: a
//! cache that is believed though it is damaged.

use std::io;
use std::path::Path;
use std::sync::Arc;

use broker_types::Offset;
use broker_wire::record_batch::BATCH_HEADER_BYTES;

use super::active::Active;
use super::sync::Unsynced;
use super::truncate::remove_if_there;
use crate::dir::{self, Dir};
use crate::error::Error;
use crate::leader_epochs::LeaderEpochs;
use crate::names::{self, FileKind};
use crate::producer_state::{self, ProducerState};
use crate::segment::{Indexes, Opened, Span};
use crate::walk::Met;

/// Largest cache file that is read. An index is bounded by `segment.index.bytes`, whose greatest
/// value this is; a snapshot has 46 bytes for each batch it remembers.
pub(super) const CACHE_BYTES_MAX: u64 = i32::MAX.unsigned_abs() as u64;

/// Moves a segment's indexes into files, and lets go of its own. If they cannot be written they stay in
/// memory: they are needed, and made anew from the log at the next start.
pub(super) fn close_segment<D: Dir>(
    dir: &D,
    unsynced: &mut Unsynced<D>,
    closing: Active<D>,
) -> Span<D> {
    closing.finish_time_index();
    let span = closing.span;
    let indexes = match &span.segment.indexes {
        Indexes::Memory(indexes) if write_indexes(dir, unsynced, &span).is_err() => {
            Indexes::Memory(Arc::clone(indexes))
        }
        Indexes::Memory(_) | Indexes::Files => Indexes::Files,
    };
    Span::new(span.segment.close(indexes), span.extent)
}

/// Writes the indexes of a segment that has them in memory.
pub(super) fn write_indexes<D: Dir>(
    dir: &D,
    unsynced: &mut Unsynced<D>,
    span: &Span<D>,
) -> Result<(), Error> {
    let Indexes::Memory(indexes) = &span.segment.indexes else {
        return Ok(());
    };
    let files = [
        (FileKind::OffsetIndex, indexes.offsets.encode()),
        (FileKind::TimeIndex, indexes.times.encode()),
    ];
    for (kind, bytes) in files {
        let path = span.segment.path(kind);
        match dir::replace(dir, &path, &bytes) {
            Ok(file) => unsynced.add(&path, file),
            Err(source) => return Err(Error::WriteIndex { path, source }),
        }
    }
    unsynced.is_folder_dirty = true;
    Ok(())
}

pub(super) fn write_leader_epochs<D: Dir>(
    dir: &D,
    folder: &Path,
    unsynced: &mut Unsynced<D>,
    epochs: &LeaderEpochs,
) {
    let path = folder.join(names::LEADER_EPOCHS);
    replace(dir, unsynced, &path, epochs.encode().as_bytes());
}

/// Writes a snapshot of the producers as they are before `offset`.
pub(super) fn write_producer_snapshot<D: Dir>(
    dir: &D,
    folder: &Path,
    unsynced: &mut Unsynced<D>,
    offset: Offset,
    producers: &ProducerState,
) {
    let path = names::file(folder, offset, FileKind::ProducerSnapshot);
    replace(dir, unsynced, &path, &producer_state::encode(producers));
}

fn replace<D: Dir>(dir: &D, unsynced: &mut Unsynced<D>, path: &Path, bytes: &[u8]) {
    match dir::replace(dir, path, bytes) {
        Ok(file) => unsynced.add(path, file),
        // An old one must not stand for what it does not know. If it cannot be removed either, the
        // disk is so ill that the next sync says so.
        Err(_) => drop(dir.remove_file(path)),
    }
    unsynced.is_folder_dirty = true;
}

/// Reads the leader epochs of a log of these segments that ends at `end_offset`. `None` when the file
/// is missing, damaged or says something else of the last batch than the batch itself.
pub(super) fn read_leader_epochs<D: Dir>(
    dir: &D,
    folder: &Path,
    end_offset: Offset,
    spans: &[Span<D>],
) -> Option<LeaderEpochs> {
    let path = folder.join(names::LEADER_EPOCHS);
    let bytes = dir::read_small(dir, &path, CACHE_BYTES_MAX).ok()?;
    let mut epochs = LeaderEpochs::decode(std::str::from_utf8(&bytes).ok()?)?;
    epochs.truncate_from_end(end_offset);
    // Compaction may have left segments without a batch.
    let mut last = spans.iter().rev().map(|it| it.open()?.last_batch());
    let last = last.find(|it| !matches!(it, Ok(None)));
    let Some(last) = last.transpose().ok()?.flatten() else {
        return Some(epochs);
    };
    let is_same = epochs.epoch_at(last.base_offset) == last.partition_leader_epoch;
    let is_last = epochs.latest() == last.partition_leader_epoch;
    (is_same && is_last).then_some(epochs)
}

/// Reads the leader epochs from the headers of all batches.
pub(super) fn rebuild_leader_epochs<D: Dir>(spans: &[Span<D>]) -> Result<LeaderEpochs, Error> {
    let mut epochs = LeaderEpochs::default();
    for span in spans {
        let opened = span.open()?;
        let mut walk = opened.walk(0);
        while let Some(met) = walk.next().map_err(|it| opened.walk_error(it))? {
            if let Some(epoch) = met.header.partition_leader_epoch {
                epochs.assign(epoch, met.header.base_offset);
            }
        }
    }
    Ok(epochs)
}

/// The state of the producers after the last of `spans`: from the newest snapshot that is whole,
/// and the headers of all batches since.
pub(super) fn rebuild_producers<D: Dir>(
    dir: &D,
    folder: &Path,
    spans: &[Span<D>],
) -> Result<ProducerState, Error> {
    let Some(last) = spans.last() else {
        return Ok(ProducerState::default());
    };
    let end_offset = last.extent.end_offset;
    let (mut state, from) = newest_snapshot(dir, folder, end_offset)?;
    for span in spans.iter().filter(|it| it.extent.end_offset > from) {
        let opened = span.open()?;
        let first = opened.find(from.max(span.base_offset()))?;
        let mut walk = opened.walk(first.map_or(span.extent.size, |it| it.position));
        while let Some(met) = walk.next().map_err(|it| opened.walk_error(it))? {
            let records = control_records(&opened, &met)?;
            state.record(
                &met.header,
                records.get(BATCH_HEADER_BYTES..).unwrap_or_default(),
            );
        }
    }
    Ok(state)
}

/// The bytes of a control batch; nothing of another, whose header says all.
fn control_records<D: Dir>(opened: &Opened<'_, D>, met: &Met) -> Result<Vec<u8>, Error> {
    if met.header.is_control() {
        opened.batch(met)
    } else {
        Ok(Vec::new())
    }
}

fn newest_snapshot<D: Dir>(
    dir: &D,
    folder: &Path,
    end_offset: Offset,
) -> Result<(ProducerState, Offset), Error> {
    let offsets = producer_snapshots(dir, folder)?;
    for offset in offsets.into_iter().rev().filter(|it| *it <= end_offset) {
        let path = names::file(folder, offset, FileKind::ProducerSnapshot);
        let bytes = dir::read_small(dir, &path, CACHE_BYTES_MAX);
        if let Some(state) = bytes.ok().and_then(|it| producer_state::decode(&it)) {
            return Ok((state, offset));
        }
    }
    Ok((ProducerState::default(), Offset::ZERO))
}

/// Removes the snapshots that cover more than the log has up to `end_offset`.
pub(super) fn remove_producer_snapshots_after<D: Dir>(
    dir: &D,
    folder: &Path,
    end_offset: Offset,
) -> Result<(), Error> {
    let offsets = producer_snapshots(dir, folder)?;
    for offset in offsets.into_iter().filter(|it| *it > end_offset) {
        let kind = FileKind::ProducerSnapshot;
        remove_if_there(dir, &names::file(folder, offset, kind))?;
    }
    Ok(())
}

/// Offsets of the producer snapshots, ascending.
fn producer_snapshots<D: Dir>(dir: &D, folder: &Path) -> Result<Vec<Offset>, Error> {
    let listed = dir.list(folder);
    let entries = listed.map_err(|source: io::Error| Error::ListFolder {
        path: folder.to_path_buf(),
        source,
    })?;
    let snapshot = |name: &str| match names::parse_file(name) {
        Some((offset, FileKind::ProducerSnapshot)) => Some(offset),
        Some((_, FileKind::Log | FileKind::OffsetIndex | FileKind::TimeIndex)) | None => None,
    };
    Ok(entries.iter().filter_map(|it| snapshot(&it.name)).collect())
}
