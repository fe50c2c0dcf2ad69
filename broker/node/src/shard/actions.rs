//! Doing what a replica decided, in its order.
//!
//! In: actions of one partition. Out: its log changed, the controller asked, answers sent.
//! Never here: a choice.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use broker_replica::{Action, AlteredPartition};
use broker_types::TopicPartition;

use super::Shard;
use super::owned::{self, LogSync};
use crate::quorum::driver::chain;
use crate::world::World;

impl<W: World> Shard<W> {
    pub(super) fn perform(&mut self, id: TopicPartition, actions: Vec<Action>) {
        for action in actions {
            if let Err(error) = self.perform_one(id, action) {
                // The decisions after it count on it: the replica is of no use any more.
                tracing::error!(partition = %id, "the replica is offline: {}", chain(&error));
                self.node
                    .report_disk_failure(format!("partition {id}: {}", chain(&error)));
                return;
            }
        }
    }

    fn perform_one(&mut self, id: TopicPartition, action: Action) -> Result<(), broker_log::Error> {
        let Some(owned) = self.partitions.get_mut(&id) else {
            return Ok(());
        };
        match action {
            Action::AssignLeaderEpoch {
                leader_epoch,
                start_offset,
            } => {
                assert!(
                    start_offset == owned.log.log_end_offset(),
                    "an epoch begins at the end"
                );
                owned.log.begin_epoch(leader_epoch)?;
            }
            // The fetcher learns of it from the position, once this round is over.
            Action::StartFetching { .. } => {}
            Action::StopFetching => self.stop_following(id),
            Action::Truncate { to } => {
                let end_before = owned.log.log_end_offset();
                owned.log.truncate_to(to, self.node.world.wall())?;
                let (start, end) = (owned.log.log_start_offset(), owned.log.log_end_offset());
                if end < end_before {
                    tracing::info!(partition = %id, %to, %end, "cut the log back to where the leader's agrees");
                }
                owned.replica.handle_truncated(start, end);
            }
            Action::TruncateFully { start_offset } => {
                owned
                    .log
                    .truncate_fully_and_start_at(start_offset, self.node.world.wall())?;
                tracing::info!(partition = %id, %start_offset, "began the log anew at the leader's start");
                owned.replica.handle_truncated(start_offset, start_offset);
            }
            Action::Halt { to, high_watermark } => {
                tracing::error!(
                    partition = %id, %to, %high_watermark,
                    "the leader's log lacks committed records; this replica does not follow it"
                );
            }
            Action::AdvanceLogStart { to } => {
                owned.log.advance_log_start_offset(to)?;
                owned.replica.handle_log_start(owned.log.log_start_offset());
            }
            // Published when this round is over.
            Action::SetHighWatermark(_) => {}
            Action::AlterPartition(request) => {
                let node = Arc::clone(&self.node);
                let sender = self.sender.clone();
                self.node.world.spawn(Box::pin(async move {
                    node.alter_partition(id, request, sender).await;
                }));
            }
            Action::Complete { token, outcome } => self.produces.complete(token, outcome),
        }
        Ok(())
    }

    pub(super) fn handle_altered(&mut self, id: TopicPartition, altered: AlteredPartition) {
        self.with(id, |owned, context, actions| {
            owned
                .replica
                .handle_altered_partition(altered, context, actions);
        });
    }

    /// A sync came back: what it covered counts, and who waited for it is answered.
    pub(super) fn handle_synced(
        &mut self,
        syncs: Vec<(TopicPartition, LogSync<W::Dir>)>,
        result: &io::Result<()>,
    ) {
        self.n_syncs -= 1;
        let mut doomed = Vec::new();
        for (id, request) in syncs {
            doomed.extend(self.doomed.remove(&id).map(|folder| (folder, id)));
            let result = owned::copy(result);
            let synced = self.with(id, |owned, context, actions| {
                owned.log.handle_synced(request, result)?;
                let durable = owned.log.durable_end_offset();
                // After a truncation the replica knows better than a sync from before.
                if durable <= owned.replica.offsets().log_end_offset {
                    owned.replica.handle_durable(durable, context, actions);
                }
                Ok::<(), broker_log::Error>(())
            });
            if let Some(Err(error)) = synced {
                tracing::error!(partition = %id, "failed to sync: {}", chain(&error));
                self.node
                    .report_disk_failure(format!("partition {id}: {}", chain(&error)));
            }
            self.complete_durable(id);
            self.complete_deletions(id);
            self.complete_replacements(id);
            self.take_out_waiting(id);
        }
        self.remove_doomed(&doomed);
    }

    pub(super) fn checkpoint(&mut self, id: TopicPartition) {
        let checkpointed = self.with(id, |owned, _, _| owned.log.checkpoint());
        if let Some(Err(error)) = checkpointed {
            tracing::error!(partition = %id, "failed to checkpoint: {}", chain(&error));
        }
    }

    /// Lets go of old segments. Their files go in the background, so that a large one does not hold
    /// up the others.
    pub(super) fn retain(&mut self, id: TopicPartition) {
        let wall = self.node.world.wall();
        let retained = self.with(id, |owned, _, _| {
            let high_watermark = owned.replica.offsets().high_watermark;
            owned.log.expire_producers(wall);
            if owned.is_leader() && owned.log.apply_retention(high_watermark, wall)? {
                owned.replica.handle_log_start(owned.log.log_start_offset());
            }
            Ok::<(), broker_log::Error>(())
        });
        if let Some(Err(error)) = retained {
            tracing::error!(partition = %id, "failed to let go of old segments: {}", chain(&error));
        }
        self.remove_segments(id);
    }

    /// Removes the files that the log has no use for any more, in the background: after
    /// `file.delete.delay.ms`, or at once on a full disk. What a crash leaves goes when the log is opened.
    pub(super) fn remove_segments(&mut self, id: TopicPartition) {
        let removal = self.with(id, |owned, _, _| {
            let delay = owned.log.config().file_delete_delay_ms;
            owned.log.take_removal().map(|it| (it, delay))
        });
        match removal {
            Some(Ok((Some(removal), delay))) => {
                let node = Arc::clone(&self.node);
                let at = node.world.now() + Duration::from_millis(delay);
                self.node.world.spawn(Box::pin(async move {
                    node.sleep_until_full(at).await;
                    let removed = node.world.block(move || removal.perform());
                    if let Err(error) = removed.await {
                        tracing::error!(partition = %id, "failed to remove old segments: {}", chain(&error));
                    }
                }));
            }
            Some(Err(error)) => {
                tracing::error!(partition = %id, "failed to let go of old segments: {}", chain(&error));
            }
            Some(Ok((None, _))) | None => {}
        }
    }
}
