//! Committed records become images; images become snapshots.
//!
//! In: how far the log is committed. Out: the image, published; a snapshot from time to time.
//! Never here: what a record changes (`broker-metadata`).

use std::ops::Range;

use broker_log::dir::Dir;
use broker_metadata::{Image, Position};
use broker_raft::{LoadFailed, LoadedSnapshot, SnapshotId};
use broker_types::{BrokerId, Epoch, Offset};
use broker_wire::record_batch::batches;

use super::{Driver, Performed, chain};
use crate::quorum::batches::{Entry, decode, voters};
use crate::quorum::store::{Store, StoreError};
use crate::world::World;

/// Bytes of the log that are applied at a time.
const APPLY_BYTES_MAX: usize = 4 * 1024 * 1024;

impl<W: World> Driver<W> {
    pub(super) fn apply_committed(&mut self, high_watermark: Offset) -> Performed {
        let range = self.applied..high_watermark;
        if let Some(epoch) = apply_log(&self.store, &mut self.image, range)? {
            self.applied_epoch = Some(epoch);
            self.applied = high_watermark;
            self.published.publish_image(self.image.clone());
        }
        if let Some(active) = &mut self.controller {
            active.complete(self.applied);
        }
        self.activate_controller();
        self.write_snapshot_when_due()
    }

    pub(super) fn leader_changed(&mut self, epoch: Epoch, leader: Option<BrokerId>) {
        tracing::info!(%epoch, leader = leader.map(|it| it.value()), "the quorum's leader");
        self.deactivate_controller();
        self.publish_leader();
        self.activate_controller();
    }

    fn write_snapshot_when_due(&mut self) -> Performed {
        if self.applied.distance_from(self.snapshotted) < self.me.snapshot_every {
            return Ok(());
        }
        let Some(id) = self.quorum.snapshot_id(self.applied) else {
            return Ok(());
        };
        let header = self.quorum.snapshot_header(self.applied);
        let records: Vec<_> = self.image.records().collect();
        let size = self
            .store
            .write_snapshot(id, &header, &records, self.world.wall())?;
        self.snapshotted = self.applied;
        self.quorum.handle_snapshot_written(id, size);
        Ok(())
    }

    /// Reads and checks a snapshot that was fetched, and only then gives it its name: a start takes
    /// whatever has one. It replaces nothing yet.
    pub(super) fn load_snapshot(&mut self, id: SnapshotId) -> Result<LoadedSnapshot, LoadFailed> {
        let loaded = self.store.read_snapshot_part(id).and_then(|entries| {
            let image = image_of(self.me.cluster_id.clone(), id, &entries)?;
            let size = self.store.finish_snapshot(id)?;
            Ok((image, voters_of(&entries), size))
        });
        match loaded {
            Ok((image, voters, size)) => {
                self.loaded = Some((id, image));
                Ok(LoadedSnapshot { voters, size })
            }
            Err(error) => {
                tracing::error!("a snapshot that was fetched is damaged: {}", chain(&error));
                Err(LoadFailed)
            }
        }
    }

    pub(super) fn install_snapshot(&mut self, id: SnapshotId) -> Performed {
        let loaded = self.loaded.take().filter(|(loaded, _)| *loaded == id);
        let (_, image) = loaded.expect("a snapshot is loaded before it is installed");
        self.store.install(id, self.world.wall())?;
        self.image = image;
        self.applied = id.end_offset;
        self.applied_epoch = Some(id.epoch);
        self.snapshotted = id.end_offset;
        self.published.publish_image(self.image.clone());
        Ok(())
    }
}

/// Applies a range of the log, which begins and ends between batches. The epoch of its last batch;
/// `None` when the range is empty.
pub(crate) fn apply_log<D: Dir>(
    store: &Store<D>,
    image: &mut Image,
    range: Range<Offset>,
) -> Result<Option<Epoch>, StoreError> {
    let (mut applied, mut last) = (range.start, None);
    while applied < range.end {
        let bytes = store.read(applied, range.end, APPLY_BYTES_MAX)?;
        let mut next = applied;
        for batch in batches(&bytes) {
            let batch = batch.map_err(|source| StoreError::Read {
                source: source.into(),
            })?;
            let header = batch.header();
            let epoch = header.partition_leader_epoch.map_or(0, |it| it.value());
            let epoch = Epoch::new(epoch);
            let entries = decode(&batch).map_err(|source| StoreError::Read { source })?;
            apply(image, &entries, epoch)?;
            (next, last) = (header.next_offset(), Some(epoch));
        }
        if next <= applied {
            return Err(StoreError::Gap { offset: applied });
        }
        applied = next;
    }
    Ok(last)
}

fn apply(image: &mut Image, entries: &[(Offset, Entry)], epoch: Epoch) -> Performed {
    for (offset, entry) in entries {
        if let Entry::Record(record) = entry {
            image.apply(record).map_err(|source| StoreError::Apply {
                offset: *offset,
                source,
            })?;
        }
        image.advance(Position {
            offset: *offset,
            epoch,
        });
    }
    Ok(())
}

/// The image that a snapshot holds.
pub(crate) fn image_of(
    cluster_id: broker_wire::Str,
    id: SnapshotId,
    entries: &[(Offset, Entry)],
) -> Result<Image, StoreError> {
    let mut image = Image::new(cluster_id);
    for (offset, entry) in entries {
        if let Entry::Record(record) = entry {
            image.apply(record).map_err(|source| StoreError::Apply {
                offset: *offset,
                source,
            })?;
        }
    }
    if let Some(offset) = id.end_offset.value().checked_sub(1) {
        image.advance(Position {
            offset: Offset::new(offset),
            epoch: id.epoch,
        });
    }
    Ok(image)
}

/// The voters that a snapshot holds.
pub(crate) fn voters_of(entries: &[(Offset, Entry)]) -> broker_raft::VoterSet {
    let found = entries.iter().find_map(|(_, entry)| match entry {
        Entry::Voters(record) => Some(voters(record)),
        Entry::Record(_)
        | Entry::LeaderChange(_)
        | Entry::KRaftVersion(_)
        | Entry::SnapshotHeader(_)
        | Entry::SnapshotFooter(_) => None,
    });
    found.unwrap_or_default()
}
