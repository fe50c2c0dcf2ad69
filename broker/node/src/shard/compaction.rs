//! What a shard does for the cleaner.
//!
//! In: questions what is dirty, cleaned segments. Out: logs that have them, once that is durable;
//! files of what they took the place of, removed in the background. Never here: the cleaning, which
//! another thread does.

use std::collections::BTreeSet;
use std::sync::Arc;

use broker_log::{CleanOptions, CleanPoint, CleanedSegment, Cleaning, Dirty, Replaced};
use broker_types::TopicPartition;
use futures::channel::oneshot;

use super::Shard;
use crate::world::World;

/// What the cleaner wants.
pub(crate) enum Compaction<W: World> {
    /// Which log should be compacted first, but for some?
    Find {
        skipped: Arc<BTreeSet<TopicPartition>>,
        reply: oneshot::Sender<Option<(TopicPartition, Dirty)>>,
    },
    /// Begin to compact a log.
    Begin {
        partition: TopicPartition,
        options: CleanOptions,
        reply: oneshot::Sender<Cleaning<W::Dir>>,
    },
    /// Put a compacted segment in its place, and say when that is durable.
    Replace {
        partition: TopicPartition,
        cleaned: CleanedSegment<W::Dir>,
        reply: oneshot::Sender<Result<(), broker_log::Error>>,
    },
    /// All segments are in their places.
    End {
        partition: TopicPartition,
        point: CleanPoint,
        reply: oneshot::Sender<Result<(), broker_log::Error>>,
    },
}

impl<W: World> Shard<W> {
    pub(super) fn handle_compaction(&mut self, command: Compaction<W>) {
        match command {
            Compaction::Find { skipped, reply } => {
                // Whoever asked may have gone.
                let _ = reply.send(self.dirtiest(&skipped));
            }
            Compaction::Begin {
                partition,
                options,
                reply,
            } => self.clean(partition, options, reply),
            Compaction::Replace {
                partition,
                cleaned,
                reply,
            } => self.replace(partition, cleaned, reply),
            Compaction::End {
                partition,
                point,
                reply,
            } => {
                let noted = self.with(partition, |owned, _, _| owned.log.handle_cleaned(point));
                // Whoever asked may have gone.
                let _ = noted.map(|it| reply.send(it));
            }
        }
    }

    /// The log that should be cleaned first, if one should be.
    fn dirtiest(&self, skipped: &BTreeSet<TopicPartition>) -> Option<(TopicPartition, Dirty)> {
        let wall = self.node.world.wall();
        let logs = self
            .partitions
            .iter()
            .filter(|(id, _)| !skipped.contains(id));
        let dirty = logs.filter_map(|(id, owned)| {
            let high_watermark = owned.replica.offsets().high_watermark;
            Some((*id, owned.log.dirty(high_watermark, wall)?))
        });
        dirty
            .filter(|(_, it)| it.is_due)
            .max_by(|(_, a), (_, b)| a.ratio.total_cmp(&b.ratio))
    }

    fn clean(
        &self,
        id: TopicPartition,
        options: CleanOptions,
        reply: oneshot::Sender<Cleaning<W::Dir>>,
    ) {
        if let Some(owned) = self.partitions.get(&id) {
            let wall = self.node.world.wall();
            let high_watermark = owned.replica.offsets().high_watermark;
            if let Some(cleaning) = owned.log.clean(high_watermark, options, wall) {
                // Whoever asked may have gone.
                let _ = reply.send(cleaning);
            }
        }
    }

    /// Puts a segment in its place. It is answered when that is durable, and not at all if there is
    /// no such place any more.
    fn replace(
        &mut self,
        id: TopicPartition,
        cleaned: CleanedSegment<W::Dir>,
        reply: oneshot::Sender<Result<(), broker_log::Error>>,
    ) {
        if !self.partitions.contains_key(&id) {
            // Its folder goes with the topic, and the copy with it.
            drop(cleaned.discard());
            return;
        }
        let replaced = self.with(id, |owned, _, _| owned.log.replace_segments(cleaned));
        match replaced {
            Some(Ok(Replaced::Yes)) => {
                if let Some(owned) = self.partitions.get_mut(&id) {
                    owned.replacement_waits.push(reply);
                }
            }
            Some(Ok(Replaced::Stale)) | None => {}
            Some(Err(error)) => {
                let _ = reply.send(Err(error));
            }
        }
    }

    /// Answers the cleaner, and removes what the segments that are in place have covered.
    pub(super) fn complete_replacements(&mut self, id: TopicPartition) {
        let Some(owned) = self.partitions.get_mut(&id) else {
            return;
        };
        if owned.replacement_waits.is_empty() || !owned.log.is_replacement_durable() {
            return;
        }
        for reply in std::mem::take(&mut owned.replacement_waits) {
            let _ = reply.send(Ok(()));
        }
        self.remove_segments(id);
    }
}
