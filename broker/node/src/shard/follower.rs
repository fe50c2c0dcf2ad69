//! What followers of this shard fetched: appended, or the log cut back first.
//!
//! In: a leader's answer. Out: records in the log; word to the fetcher once all of them are durable,
//! for only then may it state so in its next fetch. Never here: the fetching.

use std::collections::BTreeSet;

use broker_replica::{FetchPosition, FetchResponse, Next, RoleKind};
use broker_types::{BrokerId, Mutant, TopicPartition};
use bytes::Bytes;
use futures::channel::oneshot;

use super::Shard;
use super::owned::Epochs;
use crate::api::topic_names;
use crate::quorum::driver::chain;
use crate::room::Writer;
use crate::world::World;

/// Where a follower is, as its fetcher must say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FollowerPosition {
    pub(crate) position: FetchPosition,
    pub(crate) high_watermark: broker_types::Offset,
    pub(crate) log_start_offset: broker_types::Offset,
}

/// What a leader answered for one partition.
#[derive(Clone, Debug)]
pub(crate) struct FetchedPartition {
    pub(crate) partition: TopicPartition,
    pub(crate) response: FetchResponse,
    pub(crate) records: Bytes,
}

/// A fetcher that waits until what it brought is durable.
pub(super) struct PendingFetch {
    waiting: BTreeSet<TopicPartition>,
    reply: oneshot::Sender<()>,
}

impl<W: World> Shard<W> {
    pub(super) fn handle_fetched(
        &mut self,
        leader: BrokerId,
        partitions: Vec<FetchedPartition>,
        reply: oneshot::Sender<()>,
    ) {
        let mut waiting = BTreeSet::new();
        for fetched in partitions {
            let id = fetched.partition;
            if self.take_fetched(leader, fetched) {
                waiting.insert(id);
            }
        }
        self.pending_fetches.push(PendingFetch { waiting, reply });
    }

    /// Whether there is something to be made durable.
    fn take_fetched(&mut self, leader: BrokerId, fetched: FetchedPartition) -> bool {
        let id = fetched.partition;
        let next = self.with(id, |owned, _, actions| {
            let own = Epochs { log: &owned.log };
            owned
                .replica
                .handle_fetch_response(fetched.response, &own, actions)
        });
        match next {
            Some(Next::Append) => {}
            Some(Next::BackOff) => {
                self.node.fetchers.back_off(leader, id);
                return false;
            }
            Some(Next::Fetch | Next::AwaitMetadata | Next::Drop) | None => return false,
        }
        let writer = match self.partitions.get(&id) {
            Some(owned) if topic_names::is_internal(&owned.topic) => Writer::Internal,
            Some(_) | None => Writer::Replica,
        };
        if !self.node.room.admits(writer) {
            self.node.fetchers.back_off(leader, id);
            return false;
        }
        let wall = self.node.world.wall();
        let appended = self.with(id, |owned, context, actions| {
            let appended = owned.log.append_as_follower(&fetched.records, wall);
            // Of what several segments take, a front part may be there after an error.
            let end = owned.log.log_end_offset();
            if owned.replica.offsets().log_end_offset < end {
                owned.replica.handle_appended(end, context, actions);
            }
            appended
        });
        if let Some(Err(error)) = &appended {
            tracing::error!(partition = %id, %leader, "failed to append what the leader sent: {}", chain(error));
            self.node.fetchers.back_off(leader, id);
            self.note_failed_write(id, error);
        } else {
            self.node.room.handle_written(fetched.records.len() as u64);
        }
        appended.is_some()
    }

    /// Tells the fetchers where followers are, and those that wait that their records are durable.
    pub(super) fn settle_followers(&mut self, touched: &BTreeSet<TopicPartition>) {
        for id in touched {
            let Some(owned) = self.partitions.get_mut(id) else {
                continue;
            };
            let offsets = *owned.replica.offsets();
            let own = Epochs { log: &owned.log };
            let position = owned
                .replica
                .fetch_position(&own)
                .map(|position| FollowerPosition {
                    position,
                    high_watermark: offsets.high_watermark,
                    // What a loss of power cannot take back.
                    log_start_offset: owned.log.durable_log_start_offset(),
                });
            if position != owned.position {
                self.node.fetchers.set(*id, position.clone());
                owned.position = position;
            }
        }
        let (partitions, durability) = (&self.partitions, self.node.config.durability);
        let is_waiting = |id: &TopicPartition| {
            partitions.get(id).is_some_and(|owned| {
                owned.replica.role() == RoleKind::Follower
                    && !Mutant::FetchAheadOfSync.is_made()
                    && !owned.log.is_offline()
                    && owned.counted_end_offset(durability) < owned.log.log_end_offset()
            })
        };
        for mut pending in std::mem::take(&mut self.pending_fetches) {
            pending.waiting.retain(is_waiting);
            if pending.waiting.is_empty() {
                // The fetcher may be gone.
                let _ = pending.reply.send(());
            } else {
                self.pending_fetches.push(pending);
            }
        }
    }

    pub(super) fn stop_following(&mut self, id: TopicPartition) {
        self.node.fetchers.set(id, None);
        if let Some(owned) = self.partitions.get_mut(&id) {
            owned.position = None;
        }
    }
}
