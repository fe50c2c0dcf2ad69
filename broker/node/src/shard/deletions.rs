//! DeleteRecords: a log begins later, and nobody is told before it does so everywhere.
//!
//! In: where a log is to begin. Out: its new begin, once it is durable here and every replica that
//! lives has stated that its own log begins there as well: after any failure, what was deleted stays
//! so. Never here: files; the log lets go of segments by itself.

use broker_replica::{Acks, Refusal};
use broker_types::{Monotonic, Offset, TopicPartition};
use futures::channel::oneshot;

use super::{AppendFailure, Shard};
use crate::world::World;

/// What became of a deletion: where the log begins now, or why it does not.
pub(crate) type Deleted = Result<Offset, DeletionFailure>;

/// Why records are not known to be deleted.
#[derive(Debug)]
pub(crate) enum DeletionFailure {
    Refused(AppendFailure),
    /// Some replica did not follow in time; it still may.
    TimedOut,
}

/// Somebody who waits for a deletion.
pub(super) struct DeletionWait {
    /// Where every log must begin.
    to: Offset,
    deadline: Monotonic,
    reply: oneshot::Sender<Deleted>,
}

impl<W: World> Shard<W> {
    /// Deletes below `to`, or below the high watermark.
    pub(super) fn delete_records(
        &mut self,
        id: TopicPartition,
        to: Option<Offset>,
        deadline: Monotonic,
        reply: oneshot::Sender<Deleted>,
    ) {
        match self.begin_deletion(id, to) {
            Ok(to) => {
                if let Some(owned) = self.partitions.get_mut(&id) {
                    owned.deletion_waits.push(DeletionWait {
                        to,
                        deadline,
                        reply,
                    });
                }
                self.complete_deletions(id);
            }
            Err(failure) => {
                // Whoever asked may have gone.
                let _ = reply.send(Err(DeletionFailure::Refused(failure)));
            }
        }
    }

    fn begin_deletion(
        &mut self,
        id: TopicPartition,
        to: Option<Offset>,
    ) -> Result<Offset, AppendFailure> {
        let begun = self.with(id, |owned, context, _| {
            owned
                .replica
                .may_append(Acks::Leader, context)
                .map_err(AppendFailure::Replica)?;
            let offsets = *owned.replica.offsets();
            // What is gone already is deleted: whoever asks again learns where the log begins.
            let to = to.unwrap_or(offsets.high_watermark);
            let to = to.max(offsets.log_start_offset);
            if to > offsets.high_watermark {
                return Err(AppendFailure::Replica(Refusal::OffsetOutOfRange {
                    log_start_offset: offsets.log_start_offset,
                    log_end_offset: offsets.high_watermark,
                }));
            }
            owned
                .log
                .advance_log_start_offset(to)
                .map_err(|it| AppendFailure::Log(it.into()))?;
            owned.replica.handle_log_start(owned.log.log_start_offset());
            Ok(to)
        });
        begun.unwrap_or(Err(AppendFailure::NoReplica))
    }

    /// Answers those whose records are gone everywhere, and those who have waited for long enough.
    pub(super) fn complete_deletions(&mut self, id: TopicPartition) {
        let has_waits = |it: &super::Owned<W>| !it.deletion_waits.is_empty();
        if !self.partitions.get(&id).is_some_and(has_waits) {
            return;
        }
        let now = self.node.world.now();
        self.with(id, |owned, context, _| {
            let own = owned.log.durable_log_start_offset();
            let low_watermark = owned.replica.low_watermark(own, context);
            let is_offline = owned.log.is_offline();
            for wait in std::mem::take(&mut owned.deletion_waits) {
                let answer = match low_watermark {
                    Err(refusal) => Err(DeletionFailure::Refused(AppendFailure::Replica(refusal))),
                    Ok(_) if is_offline => {
                        let gone = AppendFailure::Replica(Refusal::NotLeader);
                        Err(DeletionFailure::Refused(gone))
                    }
                    Ok(low_watermark) if wait.to <= low_watermark => Ok(low_watermark),
                    Ok(_) if wait.deadline <= now => Err(DeletionFailure::TimedOut),
                    Ok(_) => {
                        owned.deletion_waits.push(wait);
                        continue;
                    }
                };
                let _ = wait.reply.send(answer);
            }
        });
    }
}
