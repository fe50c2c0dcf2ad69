//! One thread and the partitions that it owns: their logs, and what they decide.
//!
//! In: commands, each for one or more partitions. Out: files written, syncs asked for, answers,
//! published views. Never here: other shards' partitions, sockets, or whether a request was allowed.
//!
//! The thread takes all commands that wait, decides on each and writes; then it asks for one sync of
//! all that was written, and publishes what can be seen. Batching is a result of the loop.

mod actions;
mod appends;
mod assignment;
mod compaction;
mod damaged;
mod deletions;
mod follower;
mod lost;
mod owned;
mod refused_batches;
mod removal;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use broker_log::{Damage, EpochEnd};
use broker_metadata::Image;
use broker_replica::{
    AlterPartition, AlteredPartition, Context, FollowerFetch, Registration, RoleKind, Served,
};
use broker_types::{
    BrokerId, ErrorCode, LeaderEpoch, Monotonic, Offset, PartitionEpoch, TopicPartition,
};
use futures::StreamExt;
use futures::channel::mpsc::TryRecvError;
use futures::channel::{mpsc, oneshot};

use crate::node::Node;
use crate::partitions::PartitionView;
use crate::quorum::published::Change;
use crate::race::{Either, race};
use crate::room::Fullness;
use crate::waiter::Waiter;
use crate::world::World;

pub(crate) use appends::{Append, AppendFailure, Appended};
pub(crate) use compaction::Compaction;
pub(crate) use damaged::Scrubbing;
pub(crate) use deletions::{Deleted, DeletionFailure};
pub(crate) use follower::{FetchedPartition, FollowerPosition};
use lost::Losing;
use owned::{LogSync, Owned};
use refused_batches::RefusedBatches;

/// Logs that may have files waiting for a sync beside their segments. Each such file holds a descriptor.
const LOGS_UNSYNCED_MAX: usize = 256;
/// Commands that are handled before the next sync is begun.
const BATCH_MAX: usize = 1024;
/// How often replicas that lag are looked for.
const TICK_EVERY: Duration = Duration::from_millis(500);
/// How often old segments are looked for (`log.retention.check.interval.ms`).
const RETENTION_EVERY: Duration = Duration::from_secs(300);
/// The same, on a disk that is full.
const RETENTION_WHEN_FULL: Duration = Duration::from_secs(5);
/// How often the end that a replica stated is checkpointed.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);

/// What became of a follower's fetch of one partition.
pub(crate) type FollowerServed<D> =
    Result<(Served, Arc<PartitionView<D>>), broker_replica::Refusal>;

/// A partition that a fetch waits for, and what it has seen of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    pub(crate) partition: TopicPartition,
    /// What this broker was to the partition.
    pub(crate) role: RoleKind,
    pub(crate) high_watermark: Offset,
    /// `None`: the log's end does not matter to a consumer.
    pub(crate) log_end_offset: Option<Offset>,
    /// `None`: where the log begins does not matter to a consumer.
    pub(crate) log_start_offset: Option<Offset>,
}

/// What a shard is told.
pub(crate) enum Command<W: World> {
    /// The metadata changed.
    Changed(Arc<Change>),
    Append {
        appends: Vec<Append>,
        reply: oneshot::Sender<Vec<Result<Appended, AppendFailure>>>,
    },
    FollowerFetch {
        fetches: Vec<(TopicPartition, FollowerFetch)>,
        reply: oneshot::Sender<Vec<FollowerServed<W::Dir>>>,
    },
    /// Wake the fetch as soon as one of the partitions has more than it has seen.
    Watch {
        watches: Vec<Watch>,
        waiter: Arc<Waiter>,
    },
    /// A leader answered our fetch.
    Fetched {
        leader: BrokerId,
        partitions: Vec<FetchedPartition>,
        reply: oneshot::Sender<()>,
    },
    /// A sync of several logs came back.
    Synced {
        syncs: Vec<(TopicPartition, LogSync<W::Dir>)>,
        result: io::Result<()>,
    },
    /// The controller changed an ISR as asked, or did not.
    Altered {
        partition: TopicPartition,
        altered: AlteredPartition,
    },
    AlterPartitionFailed {
        partition: TopicPartition,
        change: AlterPartition,
        error: ErrorCode,
    },
    DeleteRecords {
        partition: TopicPartition,
        to: Option<Offset>,
        /// Until when to wait for other replicas.
        deadline: Monotonic,
        reply: oneshot::Sender<Deleted>,
    },
    EpochEnd {
        partition: TopicPartition,
        leader_epoch: LeaderEpoch,
        reply: oneshot::Sender<Option<EpochEnd>>,
    },
    /// Something for the cleaner.
    Compaction(Compaction<W>),
    /// Something about damage.
    Scrub(Scrubbing<W>),
    /// The controller knows that a replica here has lost what it had; it was told in this epoch.
    LostTold {
        partition: TopicPartition,
        told_in: PartitionEpoch,
    },
    /// Another topic's partition has given back the folder that this one waits for.
    FolderFree { partition: TopicPartition },
    /// Flush all and stop writing.
    Close { done: oneshot::Sender<()> },
}

/// A thread's partitions.
pub(crate) struct Shard<W: World> {
    node: Arc<Node<W>>,
    index: usize,
    sender: mpsc::UnboundedSender<Command<W>>,
    inbox: mpsc::UnboundedReceiver<Command<W>>,
    image: Arc<Image>,
    registrations: BTreeMap<BrokerId, Registration>,
    partitions: BTreeMap<TopicPartition, Owned<W>>,
    losing: Losing,
    /// Folders of partitions that are gone and that a sync on its way still needs.
    doomed: BTreeMap<TopicPartition, PathBuf>,
    held: lost::Held,
    /// Damage in logs that a sync on its way still needs.
    damaged: BTreeMap<TopicPartition, Damage<W::Dir>>,
    /// Partitions whose view, sync or waiters need attention after this round.
    touched: BTreeSet<TopicPartition>,
    produces: appends::Produces,
    refused_batches: RefusedBatches,
    pending_fetches: Vec<follower::PendingFetch>,
    tick_at: Monotonic,
    retention_at: Monotonic,
    checkpoint_at: Monotonic,
    is_closed: bool,
    /// Syncs that are not back.
    n_syncs: usize,
    /// Logs that have written something beside their segments since the last sync that was waited for.
    n_unsynced: usize,
    /// To be told when all logs are flushed.
    closing: Option<oneshot::Sender<()>>,
}

impl<W: World> Shard<W> {
    pub(crate) fn new(
        node: Arc<Node<W>>,
        index: usize,
        sender: mpsc::UnboundedSender<Command<W>>,
        inbox: mpsc::UnboundedReceiver<Command<W>>,
    ) -> Shard<W> {
        let now = node.world.now();
        let image = node.image();
        let held = lost::Held::new(&node.config.previous.held, index, node.n_shards());
        Shard {
            node,
            index,
            sender,
            inbox,
            image,
            registrations: BTreeMap::new(),
            partitions: BTreeMap::new(),
            losing: Losing::new(),
            doomed: BTreeMap::new(),
            held,
            damaged: BTreeMap::new(),
            touched: BTreeSet::new(),
            produces: appends::Produces::default(),
            refused_batches: RefusedBatches::default(),
            pending_fetches: Vec::new(),
            tick_at: now + TICK_EVERY,
            retention_at: now + RETENTION_EVERY,
            checkpoint_at: now + CHECKPOINT_EVERY,
            is_closed: false,
            n_syncs: 0,
            n_unsynced: 0,
            closing: None,
        }
    }

    /// Runs until the node is gone.
    pub(crate) async fn run(mut self) {
        while self.step().await {}
    }

    async fn step(&mut self) -> bool {
        // Nothing is due any more once the logs are closed.
        let deadline = if self.is_closed {
            Monotonic::NEVER
        } else {
            self.tick_at.min(self.retention_at).min(self.checkpoint_at)
        };
        let timer = self.node.world.sleep_until(deadline);
        match race(self.inbox.next(), timer).await {
            Either::First(None) => return false,
            Either::First(Some(command)) => self.handle(command),
            Either::Second(()) => {}
        }
        for _ in 1..BATCH_MAX {
            match self.inbox.try_recv() {
                Ok(command) => self.handle(command),
                Err(TryRecvError::Closed) => return false,
                Err(TryRecvError::Empty) => break,
            }
        }
        if !self.is_closed {
            self.tick();
        }
        self.settle();
        true
    }

    fn handle(&mut self, command: Command<W>) {
        match command {
            // What is written after the logs were flushed would not be what the next start expects.
            Command::Changed(_)
            | Command::Fetched { .. }
            | Command::LostTold { .. }
            | Command::FolderFree { .. }
            | Command::Compaction(_)
            | Command::Scrub(_)
                if self.is_closed => {}
            Command::DeleteRecords { reply, .. } if self.is_closed => {
                // Whoever asked may have gone.
                let _ = reply.send(Err(DeletionFailure::Refused(AppendFailure::Closing)));
            }
            Command::Changed(change) => self.handle_changed(&change),
            Command::Append { appends, reply } => self.handle_appends(appends, reply),
            Command::FollowerFetch { fetches, reply } => {
                let served = fetches
                    .into_iter()
                    .map(|(id, it)| self.follower_fetch(id, it));
                // Whoever asked may have gone.
                let _ = reply.send(served.collect());
            }
            Command::Watch { watches, waiter } => self.watch(&watches, &waiter),
            Command::Fetched {
                leader,
                partitions,
                reply,
            } => {
                self.handle_fetched(leader, partitions, reply);
            }
            Command::Synced { syncs, result } => self.handle_synced(syncs, &result),
            Command::Altered { partition, altered } => self.handle_altered(partition, altered),
            Command::AlterPartitionFailed {
                partition,
                change,
                error,
            } => {
                let now = self.node.world.now();
                if let Some(owned) = self.partitions.get_mut(&partition) {
                    owned
                        .replica
                        .handle_alter_partition_error(&change, error, now);
                }
            }
            Command::DeleteRecords {
                partition,
                to,
                deadline,
                reply,
            } => self.delete_records(partition, to, deadline, reply),
            Command::EpochEnd {
                partition,
                leader_epoch,
                reply,
            } => {
                let owned = self.partitions.get(&partition);
                let _ = reply.send(owned.and_then(|it| it.log.end_offset_for_epoch(leader_epoch)));
            }
            Command::Compaction(command) => self.handle_compaction(command),
            Command::Scrub(command) => self.handle_scrub(command),
            Command::LostTold { partition, told_in } => self.handle_lost_told(partition, told_in),
            Command::FolderFree { partition } => self.assign_now(partition),
            Command::Close { done } => {
                self.is_closed = true;
                self.closing = Some(done);
            }
        }
    }

    /// Runs `work` on a partition with its surroundings.
    fn with<T>(
        &mut self,
        id: TopicPartition,
        work: impl FnOnce(&mut Owned<W>, Context<'_>, &mut Vec<broker_replica::Action>) -> T,
    ) -> Option<T> {
        let owned = self.partitions.get_mut(&id)?;
        let context = Context {
            now: self.node.world.now(),
            registrations: &self.registrations,
            is_self_fenced: self.node.is_self_fenced(),
        };
        let mut actions = Vec::new();
        let result = work(owned, context, &mut actions);
        self.touched.insert(id);
        self.perform(id, actions);
        Some(result)
    }

    fn follower_fetch(
        &mut self,
        id: TopicPartition,
        fetch: FollowerFetch,
    ) -> FollowerServed<W::Dir> {
        let served = self.with(id, |owned, context, actions| {
            let epoch_end = fetch.last_fetched_epoch.and_then(|it| owned.epoch_end(it));
            let fetch = FollowerFetch { epoch_end, ..fetch };
            owned.replica.handle_follower_fetch(fetch, context, actions)
        });
        let served = served.unwrap_or(Err(broker_replica::Refusal::NotLeader))?;
        let owned = self
            .partitions
            .get(&id)
            .ok_or(broker_replica::Refusal::NotLeader)?;
        // The fetch itself may have moved the high watermark, which its answer should tell.
        owned.publish();
        let view = owned.shown.view();
        self.complete_deletions(id);
        Ok((served, view))
    }

    /// A full disk waits for what can go.
    fn retention_pause(&self) -> Duration {
        match self.node.room.fullness() {
            Fullness::Roomy => RETENTION_EVERY,
            Fullness::Full | Fullness::Reserved => RETENTION_WHEN_FULL,
        }
    }

    fn watch(&mut self, watches: &[Watch], waiter: &Arc<Waiter>) {
        for watch in watches {
            match self.partitions.get_mut(&watch.partition) {
                Some(owned) if !owned.has_news(watch) => owned.watch(*watch, waiter),
                // News, or a partition that is gone: the fetch looks again and finds out.
                Some(_) | None => waiter.wake_for(watch.partition),
            }
        }
    }

    fn tick(&mut self) {
        let now = self.node.world.now();
        let ids = |shard: &Self| shard.partitions.keys().copied().collect::<Vec<_>>();
        if now >= self.tick_at {
            self.tick_at = now + TICK_EVERY;
            for id in ids(self) {
                self.tick_one(id);
                self.complete_durable(id);
                self.complete_deletions(id);
            }
        }
        if now >= self.checkpoint_at {
            self.checkpoint_at = now + CHECKPOINT_EVERY;
            for id in ids(self) {
                self.checkpoint(id);
                self.bound_unsynced();
            }
            self.write_held();
        }
        self.retention_at = self.retention_at.min(now + self.retention_pause());
        if now >= self.retention_at {
            self.retention_at = now + self.retention_pause();
            for id in ids(self) {
                self.retain(id);
            }
        }
    }

    /// Lets time pass for a partition. One of which nothing comes needs no more attention: most are quiet.
    fn tick_one(&mut self, id: TopicPartition) {
        let Some(owned) = self.partitions.get_mut(&id) else {
            return;
        };
        let context = Context {
            now: self.node.world.now(),
            registrations: &self.registrations,
            is_self_fenced: self.node.is_self_fenced(),
        };
        let mut actions = Vec::new();
        owned.replica.tick(context, &mut actions);
        if !actions.is_empty() || owned.is_unflushed() {
            self.touched.insert(id);
        }
        self.perform(id, actions);
    }

    /// A log has written something beside its segments. When many have, they are synced here and now, before
    /// the next one does: the number of partitions must not decide how many files are open.
    fn bound_unsynced(&mut self) {
        self.n_unsynced += 1;
        if self.n_unsynced < LOGS_UNSYNCED_MAX {
            return;
        }
        self.n_unsynced = 0;
        let (durability, now) = (self.node.config.durability, self.node.world.now());
        let touched = self.touched.clone().into_iter();
        let request = |id| {
            let owned = self.partitions.get_mut(&id)?;
            Some((id, owned.sync_request(durability, now)?))
        };
        let syncs = touched.filter_map(request).collect();
        let (syncs, result) = owned::sync_all(&self.node.dir, syncs);
        self.n_syncs += 1;
        self.handle_synced(syncs, &result);
    }

    /// After a round: one sync for what was written, views for what can be seen, waiters woken.
    fn settle(&mut self) {
        let mut syncs = Vec::new();
        let touched = std::mem::take(&mut self.touched);
        let (durability, now) = (self.node.config.durability, self.node.world.now());
        self.settle_followers(&touched);
        for id in touched {
            let Some(owned) = self.partitions.get_mut(&id) else {
                continue;
            };
            syncs.extend(owned.sync_request(durability, now).map(|it| (id, it)));
            owned.publish();
            owned.wake();
        }
        if syncs.is_empty() {
            // Nothing is on its way any more: the logs can be closed.
            if self.n_syncs == 0
                && let Some(done) = self.closing.take()
            {
                self.close();
                let _ = done.send(());
            }
            return;
        }
        self.n_syncs += 1;
        let dir = self.node.dir.clone();
        let performed = self.node.world.block(move || owned::sync_all(&dir, syncs));
        let sender = self.sender.clone();
        self.node.world.spawn(Box::pin(async move {
            let (syncs, result) = performed.await;
            // Nobody listens any more only when the node is going down.
            let _ = sender.unbounded_send(Command::Synced { syncs, result });
        }));
    }
}
