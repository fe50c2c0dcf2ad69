//! A partition as its shard holds it: log and replica together, and who waits for it.
//!
//! In: nothing by itself. Out: views, wake-ups, syncs of many logs at once. Never here: a command.

use std::io;
use std::sync::{Arc, Weak};

use broker_log::dir::Dir;
use broker_log::flush::{self, Unflushed};
use broker_log::{EpochEnd as LogEpochEnd, Log, SyncRequest, SyncScope};
use broker_replica::{EpochEnd, EpochEnds, Partition as Replica, RoleKind, Token};
use broker_types::{Durability, LeaderEpoch, Monotonic, Mutant, Offset, TopicPartition};
use broker_wire::Str;
use futures::channel::oneshot;

use super::deletions::DeletionWait;
use super::{FollowerPosition, Watch};
use crate::partitions::{Partition, PartitionView};
use crate::waiter::Waiter;
use crate::world::World;

/// Files and folders above which one sync of the whole directory is faster than one each.
const SINGLE_SYNCS_MAX: usize = 2;

/// A produce request that waits until the leader vouches for it.
pub(super) struct DurableWait {
    /// What must count: all below.
    pub(super) end_offset: Offset,
    pub(super) token: Token,
    pub(super) deadline: Monotonic,
}

/// A partition and all that belongs to it.
pub(super) struct Owned<W: World> {
    pub(super) topic: Str,
    pub(super) log: Log<W::Dir>,
    pub(super) replica: Replica,
    /// What others see.
    pub(super) shown: Arc<Partition<W::Dir>>,
    pub(super) watches: Vec<(Watch, Weak<Waiter>)>,
    /// Produce requests that want the leader alone to vouch for them.
    pub(super) durable_waits: Vec<DurableWait>,
    pub(super) deletion_waits: Vec<DeletionWait>,
    /// Who waits for compacted segments to be durably in place.
    pub(super) replacement_waits: Vec<oneshot::Sender<Result<(), broker_log::Error>>>,
    /// Since when the page cache has had a record that the disk has not, when it may.
    pub(super) unflushed_since: Option<Monotonic>,
    /// What the fetcher of the leader was last told.
    pub(super) position: Option<FollowerPosition>,
    /// What the group coordinators were last told: the epoch that this broker leads in.
    pub(super) told_groups: Option<LeaderEpoch>,
}

impl<W: World> Owned<W> {
    pub(super) fn view(log: &Log<W::Dir>, replica: &Replica) -> PartitionView<W::Dir> {
        PartitionView {
            log: log.view(),
            role: replica.role(),
            leader_epoch: replica.leader_epoch(),
            high_watermark: replica.offsets().high_watermark,
            is_settled: replica.latest_offset().is_ok(),
            in_sync_followers: replica.in_sync_followers(),
            is_offline: log.is_offline(),
        }
    }

    pub(super) fn publish(&self) {
        self.shown
            .publish(Owned::<W>::view(&self.log, &self.replica));
    }

    /// Below it is all that this replica vouches for.
    pub(super) fn counted_end_offset(&self, durability: Durability) -> Offset {
        match durability {
            Durability::Fsync => self.log.durable_end_offset(),
            Durability::PageCache => self.log.log_end_offset(),
        }
    }

    /// What is to be synced now, and no request is on its way for.
    pub(super) fn sync_request(
        &mut self,
        durability: Durability,
        now: Monotonic,
    ) -> Option<LogSync<W::Dir>> {
        let is_flush_due = durability == Durability::Fsync || self.is_flush_due(now);
        let scope = match is_flush_due {
            true => SyncScope::All,
            false => SyncScope::ClosedSegments,
        };
        let request = self.log.sync_request(scope)?;
        if is_flush_due {
            self.unflushed_since = None;
        }
        Some(request)
    }

    /// Whether the page cache has what the disk has not: `flush.ms` may ask for it.
    pub(super) fn is_unflushed(&self) -> bool {
        self.log.durable_end_offset() < self.log.log_end_offset()
    }

    /// Whether `flush.messages` or `flush.ms` asks for a sync of what the page cache may keep.
    fn is_flush_due(&mut self, now: Monotonic) -> bool {
        let log = &self.log;
        let messages = log.log_end_offset().distance_from(log.durable_end_offset());
        if messages == 0 {
            self.unflushed_since = None;
            return false;
        }
        let since = now.since(*self.unflushed_since.get_or_insert(now));
        flush::is_due(log.config(), Unflushed { messages, since })
    }

    pub(super) fn is_leader(&self) -> bool {
        self.replica.role() == RoleKind::Leader
    }

    /// Whether a fetch that waits has something to read, or nothing to wait for.
    pub(super) fn has_news(&self, watch: &Watch) -> bool {
        let offsets = self.replica.offsets();
        let is_longer = watch
            .log_end_offset
            .is_some_and(|it| offsets.log_end_offset > it);
        let has_begun_later = watch
            .log_start_offset
            .is_some_and(|it| offsets.log_start_offset > it);
        self.replica.role() != watch.role
            || is_longer
            || has_begun_later
            || offsets.high_watermark > watch.high_watermark
    }

    /// Notes what a waiter wants to be woken for; it wants one thing of a partition at a time.
    pub(super) fn watch(&mut self, watch: Watch, waiter: &Arc<Waiter>) {
        let is_same =
            |it: &&mut (Watch, Weak<Waiter>)| std::ptr::eq(it.1.as_ptr(), &raw const **waiter);
        match self.watches.iter_mut().find(is_same) {
            Some((before, _)) => *before = watch,
            None => {
                // Nobody else looks after those who have gone while the partition is quiet.
                self.watches.retain(|(_, it)| it.strong_count() > 0);
                self.watches.push((watch, Arc::downgrade(waiter)));
            }
        }
    }

    /// Wakes the fetches that have something to read.
    pub(super) fn wake(&mut self) {
        let watches = std::mem::take(&mut self.watches);
        for (watch, waiter) in watches {
            let Some(waiting) = waiter.upgrade() else {
                continue;
            };
            if self.has_news(&watch) {
                waiting.wake_for(watch.partition);
            } else {
                self.watches.push((watch, waiter));
            }
        }
    }

    pub(super) fn epoch_end(&self, leader_epoch: LeaderEpoch) -> Option<EpochEnd> {
        Epochs { log: &self.log }.end_of(leader_epoch)
    }
}

/// The epochs of a log, as the replica asks for them.
pub(super) struct Epochs<'a, D: Dir> {
    pub(super) log: &'a Log<D>,
}

impl<D: Dir> EpochEnds for Epochs<'_, D> {
    fn end_of(&self, leader_epoch: LeaderEpoch) -> Option<EpochEnd> {
        let LogEpochEnd { epoch, end_offset } = self.log.end_offset_for_epoch(leader_epoch)?;
        Some(EpochEnd {
            leader_epoch: epoch,
            end_offset,
        })
    }

    fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.log.latest_epoch()
    }
}

/// A log's part of a sync of many.
pub(crate) type LogSync<D> = SyncRequest<D>;

/// Makes durable what the requests say: one sync each when there are few, or one for all.
pub(super) fn sync_all<D: Dir>(
    dir: &D,
    syncs: Vec<(TopicPartition, LogSync<D>)>,
) -> (Vec<(TopicPartition, LogSync<D>)>, io::Result<()>) {
    let n_syncs: usize = syncs.iter().map(|(_, it)| it.syncs_count()).sum();
    let result = if Mutant::SyncNothing.is_made() {
        Ok(())
    } else if n_syncs <= SINGLE_SYNCS_MAX {
        syncs.iter().try_for_each(|(_, it)| it.perform())
    } else {
        dir.sync_all()
    };
    (syncs, result)
}

/// The result of a sync of several logs, for one of them.
pub(super) fn copy(result: &io::Result<()>) -> io::Result<()> {
    match result {
        Ok(()) => Ok(()),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    }
}
