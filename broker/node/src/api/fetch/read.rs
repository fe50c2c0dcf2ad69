//! One pass over the partitions of a fetch.
//!
//! In: positions and limits. Out: for each partition a range of a file, or why there is none; and
//! what to wait for when it was not enough. Never here: waiting, sessions.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_log::dir::Dir;
use broker_log::{Read, ReadLimit, ReadSlice};
use broker_replica::{RoleKind, Served};
use broker_types::{
    BrokerEpoch, BrokerId, ErrorCode, LeaderEpoch, Mutant, Offset, PartitionIndex, TopicPartition,
};
use broker_wire::messages::fetch_response::PartitionData;
use futures::channel::oneshot;

use super::nearby::Nearby;
use super::{diverging, error_data, follower_fetch, id_of};
use crate::api::produce::replica_code;
use crate::fetch_sessions::{Answered, PartitionKey, TopicKey, Wanted};
use crate::follower_sessions::Bounds;
use crate::node::Node;
use crate::partitions::{PartitionView, shard_of};
use crate::shard::{Command, Watch};
use crate::throttles::{self, Allowance, Limits};
use crate::waiter::Waiter;
use crate::world::{FileOf, World};

/// What is asked for.
pub(super) struct Fetch {
    /// Who asks, if it is a broker.
    pub(super) replica: Option<(BrokerId, BrokerEpoch)>,
    /// Whether followers may answer, too.
    pub(super) may_follow: bool,
    /// Brokers near to who asks, if nearer ones are to be told of.
    pub(super) nearby: Option<Nearby>,
    pub(super) min_bytes: i32,
    pub(super) max_bytes: i32,
    pub(super) wanted: Vec<(PartitionKey, Wanted)>,
}

/// What was found in one partition.
pub(super) struct Partition<W: World> {
    pub(super) key: PartitionKey,
    pub(super) data: PartitionData,
    pub(super) slice: Option<ReadSlice<FileOf<W>>>,
    /// There are more records to see than the slice holds: a segment ended, or a limit was met.
    pub(super) has_more: bool,
    /// What to wait for; `None` when there is nothing to wait for.
    watch: Option<Watch>,
    /// A follower does not know yet what the leader knows to be committed.
    has_commit: bool,
    /// There is nothing behind the offset that was asked for.
    is_at_end: bool,
    /// What who asks is held to, as a replica that is throttled.
    limits: Limits,
}

impl<W: World> Partition<W> {
    /// A partition of which nothing is shown but `data`.
    fn nothing(key: &PartitionKey, data: PartitionData) -> Partition<W> {
        Partition {
            key: key.clone(),
            data,
            slice: None,
            has_more: false,
            watch: None,
            has_commit: false,
            is_at_end: false,
            limits: Limits::new(),
        }
    }

    pub(super) fn length(&self) -> u32 {
        self.slice.as_ref().map_or(0, |it| it.length)
    }

    /// Whether the fetch is answered at once, however little was read.
    pub(super) fn must_be_told(&self) -> bool {
        let has_moved = self.data.preferred_read_replica >= 0;
        let has_diverged = self.data.diverging_epoch.epoch >= 0;
        self.data.error_code != 0 || has_diverged || has_moved || self.has_commit
    }

    /// Whether nothing more is to be said before the partition's shard wakes who waits.
    pub(super) fn is_quiet(&self) -> bool {
        self.is_at_end && self.watch.is_some() && !self.must_be_told()
    }

    /// `None`: an error.
    pub(super) fn bounds(&self) -> Option<Bounds> {
        (self.data.error_code == 0).then_some(Bounds {
            high_watermark: self.data.high_watermark,
            log_start_offset: self.data.log_start_offset,
        })
    }

    pub(super) fn answered(&self) -> Answered {
        Answered {
            error_code: ErrorCode::from_wire(self.data.error_code)
                .unwrap_or(ErrorCode::UnknownServerError),
            high_watermark: self.data.high_watermark,
            log_start_offset: self.data.log_start_offset,
            has_news: self.slice.is_some()
                || self.data.diverging_epoch.epoch >= 0
                || self.data.preferred_read_replica >= 0,
        }
    }
}

/// How much of a partition has room in an answer.
struct Room {
    bytes_max: u32,
    at_least_one_batch: bool,
    limits: Limits,
}

impl Room {
    fn limit(&self, wanted: &Wanted, upper_bound: Offset) -> ReadLimit {
        let wanted = u32::try_from(wanted.partition_max_bytes).unwrap_or(0);
        ReadLimit {
            bytes_max: wanted.min(self.bytes_max),
            upper_bound,
            at_least_one_batch: self.at_least_one_batch,
        }
    }
}

/// A partition as its shard, or its published view, shows it.
type Shown<W> = Result<(Arc<PartitionView<<W as World>::Dir>>, Option<Served>), ErrorCode>;

/// A partition, what is said of it, and its records.
type Found<W> = (
    Arc<PartitionView<<W as World>::Dir>>,
    PartitionData,
    Option<ReadSlice<FileOf<W>>>,
);

/// One pass.
pub(super) struct Reader<'a, W: World> {
    pub(super) node: &'a Arc<Node<W>>,
    pub(super) fetch: &'a Fetch,
}

impl<W: World> Reader<'_, W> {
    pub(super) async fn read(&self) -> Vec<Partition<W>> {
        let shown = match self.fetch.replica {
            Some(replica) => self.ask_shards(replica).await,
            None => self
                .fetch
                .wanted
                .iter()
                .map(|(key, it)| self.look(key, it))
                .collect(),
        };
        let mut left = u32::try_from(self.fetch.max_bytes).unwrap_or(0);
        let mut allowance = Allowance::at(self.node.world.now());
        let mut has_read = false;
        let mut read = Vec::new();
        for ((key, wanted), shown) in self.fetch.wanted.iter().zip(shown) {
            let mut room = Room {
                bytes_max: left,
                at_least_one_batch: !has_read,
                limits: self.limits(key),
            };
            if !room.limits.is_empty() {
                let allowed = allowance.left(&room.limits);
                room.bytes_max = left.min(u32::try_from(allowed).unwrap_or(u32::MAX));
                // However small the rate is, it is kept over time, and nothing stands still: who finds no room
                // in this answer is first in the next.
                room.at_least_one_batch = allowed > 0 && (left > 0 || !has_read);
            }
            let partition = self.read_one(key, wanted, shown, &room);
            let length = partition.length();
            left = left.saturating_sub(length);
            allowance.take(&room.limits, length.into());
            has_read |= partition.slice.is_some();
            read.push(partition);
        }
        read
    }

    /// What who asks is held to.
    fn limits(&self, key: &PartitionKey) -> Limits {
        let Some((replica, _)) = self.fetch.replica else {
            return Limits::new();
        };
        let Ok(place) = self.find(key) else {
            return Limits::new();
        };
        let image = self.node.image();
        self.node.throttles.leader.limits(&image, place, replica)
    }

    fn find(&self, key: &PartitionKey) -> Result<TopicPartition, ErrorCode> {
        let image = self.node.image();
        let (topic, missing) = match &key.topic {
            TopicKey::Id(id) => (image.topic_by_id(*id), ErrorCode::UnknownTopicId),
            TopicKey::Name(name) => (image.topic(name), ErrorCode::UnknownTopicOrPartition),
        };
        let topic = topic.ok_or(missing)?;
        topic
            .partition(key.partition)
            .ok_or(ErrorCode::UnknownTopicOrPartition)?;
        Ok(id_of(topic.id, key.partition))
    }

    /// What a consumer may see, from the published view.
    fn look(&self, key: &PartitionKey, wanted: &Wanted) -> Shown<W> {
        let id = self.find(key)?;
        let partition = self
            .node
            .partitions
            .partition(id)
            .ok_or(ErrorCode::NotLeaderOrFollower)?;
        let view = partition.view();
        if view.is_offline {
            return Err(ErrorCode::KafkaStorageError);
        }
        let may_answer = match view.role {
            RoleKind::Leader => true,
            RoleKind::Follower => self.fetch.may_follow,
            RoleKind::None => false,
        };
        if !may_answer {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        check_epoch(
            LeaderEpoch::from_wire(wanted.current_leader_epoch),
            view.leader_epoch,
        )?;
        Ok((view, None))
    }

    /// What followers may see: their positions count, so the shards are asked.
    async fn ask_shards(&self, replica: (BrokerId, BrokerEpoch)) -> Vec<Shown<W>> {
        let mut by_shard: BTreeMap<usize, (Vec<usize>, Vec<_>)> = BTreeMap::new();
        let mut shown: Vec<Option<Shown<W>>> = Vec::new();
        for (place, (key, wanted)) in self.fetch.wanted.iter().enumerate() {
            let fetch = follower_fetch(replica, wanted).ok_or(ErrorCode::InvalidRequest);
            match self.find(key).and_then(|id| Ok((id, fetch?))) {
                Ok((id, fetch)) => {
                    let shard = shard_of(id, self.node.n_shards());
                    let (places, fetches) = by_shard.entry(shard).or_default();
                    places.push(place);
                    fetches.push((id, fetch));
                    shown.push(None);
                }
                Err(error) => shown.push(Some(Err(error))),
            }
        }
        let mut answers = Vec::new();
        for (shard, (places, fetches)) in by_shard {
            let (reply, answer) = oneshot::channel();
            self.node
                .tell_shard(shard, Command::FollowerFetch { fetches, reply });
            answers.push((places, answer));
        }
        for (places, answer) in answers {
            for (place, served) in places.into_iter().zip(answer.await.unwrap_or_default()) {
                if let Some(shown) = shown.get_mut(place) {
                    *shown = Some(match served {
                        Ok((served, view)) => Ok((view, Some(served))),
                        Err(refusal) => Err(replica_code(&refusal)),
                    });
                }
            }
        }
        shown
            .into_iter()
            .map(|it| it.unwrap_or(Err(ErrorCode::NotLeaderOrFollower)))
            .collect()
    }

    fn read_one(
        &self,
        key: &PartitionKey,
        wanted: &Wanted,
        shown: Shown<W>,
        room: &Room,
    ) -> Partition<W> {
        let found = self.find_records(key, wanted, shown, room);
        let (view, data, slice) = match found {
            Ok(found) => found,
            Err(data) => {
                return Partition {
                    limits: room.limits.clone(),
                    ..Partition::nothing(key, *data)
                };
            }
        };
        let is_replica = self.fetch.replica.is_some();
        let partition = self.find(key).ok();
        let watch = partition.map(|partition| Watch {
            partition,
            role: view.role,
            high_watermark: view.high_watermark,
            log_end_offset: is_replica.then_some(view.log.log_end_offset()),
            log_start_offset: is_replica.then_some(view.log.log_start_offset()),
        });
        let known = Offset::from_wire(wanted.high_watermark);
        let has_commit = is_replica && known.is_some_and(|it| it < view.high_watermark);
        let end = self.upper_bound(&view);
        let has_more = slice.as_ref().is_some_and(|it| it.end_offset < end);
        let is_at_end = Offset::from_wire(wanted.fetch_offset) == Some(end);
        Partition {
            key: key.clone(),
            data,
            slice,
            has_more,
            watch,
            has_commit,
            is_at_end,
            limits: room.limits.clone(),
        }
    }

    /// The records that there are, or what is said in their place when nothing is to be waited for.
    fn find_records(
        &self,
        key: &PartitionKey,
        wanted: &Wanted,
        shown: Shown<W>,
        room: &Room,
    ) -> Result<Found<W>, Box<PartitionData>> {
        let (mut view, served) = shown.map_err(|error| Box::new(self.error(key, error)))?;
        let mut data = bounds(key.partition, &view);
        if let Some((epoch, end_offset)) = served.as_ref().and_then(diverging) {
            (data.diverging_epoch.epoch, data.diverging_epoch.end_offset) =
                (epoch.to_wire(), end_offset.to_wire());
            return Err(Box::new(data));
        }
        let offset = Offset::from_wire(wanted.fetch_offset);
        let error = |it| Box::new(error_data(key.partition, it));
        let offset = offset.ok_or_else(|| error(ErrorCode::OffsetOutOfRange))?;
        let nearby = self.fetch.nearby.as_ref();
        if let Some(nearer) = nearby.and_then(|it| it.follower(&view.in_sync_followers, offset)) {
            data.preferred_read_replica = nearer.to_wire();
            return Err(Box::new(data));
        }
        if !room.limits.is_empty() && !room.at_least_one_batch {
            // It waits for time to pass, and for nothing else.
            return Err(Box::new(data));
        }
        let limit = room.limit(wanted, self.upper_bound(&view));
        let mut found = read(&view, offset, &limit);
        if matches!(found, Err(ReadFailure::Stale)) && self.fetch.replica.is_none() {
            // Retention has let go of it since, or it was compacted. A newer view knows.
            let newer = self.look(key, wanted);
            (view, _) = newer.map_err(|code| Box::new(self.error(key, code)))?;
            data = bounds(key.partition, &view);
            found = read(&view, offset, &limit);
        }
        match found {
            Ok(slice) => Ok((view, data, slice)),
            // What a follower does not have yet its leader may have.
            Err(ReadFailure::OutOfRange)
                if view.role == RoleKind::Follower && view.log.log_end_offset() < offset =>
            {
                Err(error(ErrorCode::OffsetNotAvailable))
            }
            Err(failure) => Err(Box::new(self.error(key, failure.code()))),
        }
    }

    /// Where what may be seen ends.
    fn upper_bound(&self, view: &PartitionView<W::Dir>) -> Offset {
        if self.fetch.replica.is_some() || Mutant::ServeUncommitted.is_made() {
            view.log.log_end_offset()
        } else {
            view.high_watermark
        }
    }

    /// An error; with an offset that is out of range a follower is told the bounds of the log.
    fn error(&self, key: &PartitionKey, error: ErrorCode) -> PartitionData {
        let mut data = error_data(key.partition, error);
        if error == ErrorCode::OffsetOutOfRange && self.fetch.replica.is_some() {
            let id = self.find(key).ok();
            if let Some(partition) = id.and_then(|it| self.node.partitions.partition(it)) {
                let view = partition.view();
                data.log_start_offset = view.log.log_start_offset().to_wire();
                data.last_stable_offset = view.log.log_end_offset().to_wire();
            }
        }
        data
    }

    /// Asks the shards to wake `waiter` as soon as there is more than was read.
    pub(super) fn watch(&self, read: &[Partition<W>], waiter: &Arc<Waiter>) {
        self.watch_all(read.iter().filter_map(|it| it.watch), waiter);
    }

    /// The same for those of which there is nothing more to say; the others are looked at again.
    pub(super) fn watch_quiet(&self, read: &[Partition<W>], waiter: &Arc<Waiter>) {
        let quiet = read.iter().filter(|it| it.is_quiet());
        self.watch_all(quiet.filter_map(|it| it.watch), waiter);
    }

    fn watch_all(&self, watches: impl Iterator<Item = Watch>, waiter: &Arc<Waiter>) {
        let mut by_shard: BTreeMap<usize, Vec<Watch>> = BTreeMap::new();
        for watch in watches {
            let shard = shard_of(watch.partition, self.node.n_shards());
            by_shard.entry(shard).or_default().push(watch);
        }
        for (shard, watches) in by_shard {
            let waiter = Arc::clone(waiter);
            self.node
                .tell_shard(shard, Command::Watch { watches, waiter });
        }
    }
}

/// Counts what throttled replicas are sent.
pub(super) fn record<W: World>(node: &Node<W>, read: &[Partition<W>]) {
    let now = node.world.now();
    for partition in read {
        throttles::record(&partition.limits, partition.length().into(), now);
    }
}

/// What every answer about a partition tells, whether it brings records or not.
fn bounds<D: Dir>(partition: PartitionIndex, view: &PartitionView<D>) -> PartitionData {
    PartitionData {
        partition_index: partition.to_wire(),
        high_watermark: view.high_watermark.to_wire(),
        last_stable_offset: view.high_watermark.to_wire(),
        log_start_offset: view.log.log_start_offset().to_wire(),
        aborted_transactions: None,
        ..PartitionData::default()
    }
}

/// Why nothing can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadFailure {
    /// The view shows what the log does not have any more.
    Stale,
    OutOfRange,
    Storage,
}

impl ReadFailure {
    fn code(self) -> ErrorCode {
        match self {
            // What even the newest view shows was cut: the replica follows another leader now.
            ReadFailure::Stale => ErrorCode::NotLeaderOrFollower,
            ReadFailure::OutOfRange => ErrorCode::OffsetOutOfRange,
            ReadFailure::Storage => ErrorCode::KafkaStorageError,
        }
    }
}

/// Where in the files the records from `offset` on lie, as far as `limit` lets them be seen.
fn read<D: Dir>(
    view: &PartitionView<D>,
    offset: Offset,
    limit: &ReadLimit,
) -> Result<Option<ReadSlice<D::File>>, ReadFailure> {
    match view.log.read(offset, limit) {
        Ok(Read::Slice(slice)) => Ok(Some(slice)),
        Ok(Read::Nothing) => Ok(None),
        Ok(Read::OutOfRange { .. }) => Err(ReadFailure::OutOfRange),
        Err(broker_log::Error::StaleView { .. }) => Err(ReadFailure::Stale),
        Err(error) => {
            tracing::error!("failed to read for a fetch: {error}");
            Err(ReadFailure::Storage)
        }
    }
}

/// Holds the leader epoch that a client knows against the current one (KIP-320).
pub(in crate::api) fn check_epoch(
    stated: Option<LeaderEpoch>,
    current: Option<LeaderEpoch>,
) -> Result<(), ErrorCode> {
    match (stated, current) {
        (Some(stated), Some(current)) if stated < current => Err(ErrorCode::FencedLeaderEpoch),
        (Some(stated), Some(current)) if stated > current => Err(ErrorCode::UnknownLeaderEpoch),
        (_, _) => Ok(()),
    }
}
