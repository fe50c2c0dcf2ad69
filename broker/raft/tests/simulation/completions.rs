//! What a process hears of its disk: writes that are done, syncs that are done or failed, snapshots.

use std::rc::Rc;

use broker_raft::{LoadFailed, LoadedSnapshot, Persist, SnapshotId, SyncTicket};

use crate::disk::Snapshot;
use crate::world::{Event, World};

impl World {
    pub(crate) fn persisted(
        &mut self,
        place: usize,
        incarnation: u64,
        persist: Persist,
    ) -> Option<usize> {
        if !self.runs(place, incarnation) {
            // The write may have reached the disk just before the crash, or not.
            if self.nodes[place].incarnation == incarnation && self.rng.chance(500) {
                self.nodes[place].disk.election = *persist.state();
            }
            return None;
        }
        let now = self.clock();
        self.nodes[place].disk.election = *persist.state();
        let process = self.nodes[place].process.as_mut()?;
        process.quorum.handle_persisted(now, persist.done());
        Some(place)
    }

    pub(crate) fn synced(
        &mut self,
        place: usize,
        incarnation: u64,
        ticket: SyncTicket,
        up_to: usize,
    ) -> Option<usize> {
        if !self.runs(place, incarnation) {
            return None;
        }
        if std::mem::take(&mut self.nodes[place].fails_next_sync) {
            self.mark("a sync failed");
            self.nodes[place].disk.sync_failed();
            self.crash(place, true);
            let delay = self.rng.between(100_000, 800_000);
            self.after(delay, Event::Start { node: place });
            return None;
        }
        let now = self.clock();
        self.nodes[place].disk.sync_done(up_to);
        let process = self.nodes[place].process.as_mut()?;
        process.is_syncing = false;
        let next = process.next_sync.take();
        process.quorum.handle_synced(now, ticket.done());
        if let Some(ticket) = next {
            self.begin_sync(place, ticket);
        }
        Some(place)
    }

    pub(crate) fn loaded(
        &mut self,
        place: usize,
        incarnation: u64,
        id: SnapshotId,
        is_readable: bool,
    ) -> Option<usize> {
        if !self.runs(place, incarnation) {
            return None;
        }
        let now = self.clock();
        let process = self.nodes[place].process.as_mut()?;
        let snapshot = process
            .incoming
            .clone()
            .filter(|it| it.id == id && is_readable);
        if let Some(snapshot) = &snapshot {
            process.loaded.insert(id, Rc::clone(snapshot));
        }
        let loaded = match snapshot {
            Some(it) => Ok(LoadedSnapshot {
                voters: it.voters.clone(),
                size: it.size,
            }),
            None => Err(LoadFailed),
        };
        if loaded.is_err() {
            self.mark("a snapshot could not be loaded");
        }
        let process = self.nodes[place].process.as_mut()?;
        process.quorum.handle_snapshot_loaded(now, id, loaded);
        Some(place)
    }

    pub(crate) fn snapshot_written(
        &mut self,
        place: usize,
        incarnation: u64,
        snapshot: Rc<Snapshot>,
    ) -> Option<usize> {
        if !self.runs(place, incarnation) {
            return None;
        }
        let node = &mut self.nodes[place];
        let process = node.process.as_mut()?;
        process.is_writing_snapshot = false;
        let (id, size) = (snapshot.id, snapshot.size);
        process.quorum.handle_snapshot_written(id, size);
        if process
            .quorum
            .latest_snapshot()
            .is_some_and(|it| it.id == id)
            && node.disk.snapshots.last().is_none_or(|it| it.id != id)
        {
            node.disk.snapshots.push(snapshot);
        }
        Some(place)
    }
}
