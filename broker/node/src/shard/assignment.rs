//! Which partitions this shard owns, as the metadata says it.
//!
//! In: a change of the image. Out: logs opened, replicas told, the group coordinators told what this
//! broker leads. Never here: who should own what, or the end of a replica (`removal`).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use broker_log::{Log, OnDamage, OpenOptions, Restart, SyncScope, partition_folder};
use broker_metadata::{ConfigResource, Image, Partition as Assigned};
use broker_replica::{
    Config, LeaderRecovery, Offsets, Partition as Replica, PartitionState, Registration,
};
use broker_types::TopicPartition;
use broker_wire::Str;

use super::Shard;
use super::lost::OpenError;
use super::owned::{self, LogSync, Owned};
use crate::api::topic_names;
use crate::configs;
use crate::groups;
use crate::partitions::{Partition, is_replica, shard_of};
use crate::quorum::driver::chain;
use crate::quorum::published::Change;
use crate::world::World;

/// How long a member of an ISR may lag (`replica.lag.time.max.ms`).
const REPLICA_LAG_MAX: Duration = Duration::from_secs(30);

impl<W: World> Shard<W> {
    pub(super) fn handle_changed(&mut self, change: &Change) {
        self.image = Arc::clone(&change.image);
        let delta = &change.delta;
        if !delta.brokers.is_empty() {
            self.registrations = registrations(&change.image);
        }
        let is_mine = |id: &TopicPartition| shard_of(*id, self.node.n_shards()) == self.index;
        let changed: BTreeSet<TopicPartition> =
            delta.partitions.iter().copied().filter(is_mine).collect();
        self.remove_topics(change);
        self.remove_moved(&changed);
        self.held.handle_changed(change, self.node.config.broker_id);
        let mut added = Vec::new();
        for id in changed {
            self.assign(id, &mut added);
        }
        self.show(&added);
        if !delta.configs.is_empty() {
            self.reconfigure(&delta.configs);
        }
    }

    /// Takes what the metadata says of a partition.
    fn assign(&mut self, id: TopicPartition, added: &mut Vec<Arc<Partition<W::Dir>>>) {
        let image = Arc::clone(&self.image);
        let Some(topic) = image.topic_by_id(id.topic_id) else {
            return;
        };
        let Some(assigned) = topic.partition(id.partition) else {
            return;
        };
        let is_ours = is_replica(assigned, self.node.config.broker_id);
        if !self.partitions.contains_key(&id) {
            let folder = PathBuf::from(partition_folder(&topic.name, id.partition));
            // A replica that comes back waits until what it had is gone.
            if !is_ours
                || self.doomed.contains_key(&id)
                || !self.node.folders.take_or_wait(&folder, id)
            {
                return;
            }
            match self.open_anew(id, &topic.name, self.on_damage(id, assigned)) {
                Ok(owned) => {
                    added.push(Arc::clone(&owned.shown));
                    self.partitions.insert(id, owned);
                    self.losing.remove(&id);
                    self.touched.insert(id);
                    self.bound_unsynced();
                }
                Err(
                    error @ (OpenError::Damaged { .. }
                    | OpenError::Missing { .. }
                    | OpenError::Rotten { .. }),
                ) => {
                    // Whoever starts next must look, too, if this process ends before the loss is known.
                    self.node.report_unclean();
                    self.report_lost(id, &topic.name, &error);
                    return;
                }
                Err(error @ OpenError::Open { .. }) => {
                    tracing::error!(partition = %id, topic = &*topic.name, "failed to open the log: {}", chain(&error));
                    self.node.report_disk_failure(format!(
                        "partition {}-{}: {}",
                        topic.name,
                        id.partition,
                        chain(&error)
                    ));
                    return;
                }
            }
        }
        let state = partition_state(assigned);
        let led_from = self.with(id, |owned, context, actions| {
            let before = owned.replica.leader_epoch();
            owned.replica.apply(&state, context, actions);
            let begins_to_lead = owned.is_leader() && owned.replica.leader_epoch() != before;
            begins_to_lead.then(|| owned.log.log_end_offset())
        });
        if let Some(end) = led_from.flatten()
            && state.leader_recovery == LeaderRecovery::Recovering
        {
            tracing::warn!(
                partition = %id, topic = &*topic.name, %end,
                "no replica is left that is sure to have every acknowledged record, and this one leads \
                 with what it has: records from offset {end} on may be lost"
            );
        }
        self.complete_durable(id);
        self.complete_deletions(id);
        self.tell_groups(id);
    }

    /// Takes what the metadata says of a partition now.
    pub(super) fn assign_now(&mut self, id: TopicPartition) {
        let mut added = Vec::new();
        self.assign(id, &mut added);
        self.show(&added);
    }

    /// Lets others see partitions that were opened, once they are written down.
    fn show(&mut self, added: &[Arc<Partition<W::Dir>>]) {
        if !added.is_empty() {
            self.write_held();
            self.node.partitions.change(added, &[]);
        }
    }

    pub(super) fn open(
        &self,
        id: TopicPartition,
        topic: &Str,
        on_damage: OnDamage,
    ) -> Result<Owned<W>, broker_log::Error> {
        let broker_id = self.node.config.broker_id;
        let config = configs::log_config(&self.image, topic, broker_id);
        let options = OpenOptions {
            topic_id: Some(id.topic_id),
            config: Arc::new(config),
            // A log that was in use meanwhile is not as a clean stop has left it.
            restart: match self.losing.contains_key(&id) {
                true => Restart::Unclean,
                false => self.node.config.previous.restart,
            },
            on_damage,
            now: self.node.world.wall(),
        };
        let folder = partition_folder(topic, id.partition);
        let (log, recovery) = Log::open(&self.node.files, &folder, &options)?;
        if recovery.cut_bytes > 0 {
            tracing::info!(
                folder,
                cut_bytes = recovery.cut_bytes,
                "cut a torn end off the log"
            );
        }
        if let Some(damage) = recovery.damage {
            tracing::warn!(folder, %damage, stated_end = %recovery.stated_end_offset, "begins again after damage");
        }
        let log_start_offset = log.log_start_offset();
        let offsets = Offsets {
            log_start_offset,
            // What is committed is learnt from the leader, or from the followers.
            high_watermark: log_start_offset,
            durable_end_offset: log.durable_end_offset(),
            log_end_offset: log.log_end_offset(),
        };
        let replica = Replica::new(broker_id, self.replica_config(topic), offsets);
        let view = Owned::<W>::view(&log, &replica);
        let shown = Arc::new(Partition::new(id, topic.clone(), self.index, view));
        Ok(Owned {
            topic: topic.clone(),
            log,
            replica,
            shown,
            watches: Vec::new(),
            durable_waits: Vec::new(),
            deletion_waits: Vec::new(),
            replacement_waits: Vec::new(),
            position: None,
            told_groups: None,
            unflushed_since: None,
        })
    }

    fn replica_config(&self, topic: &Str) -> Config {
        Config {
            min_insync_replicas: self.image.min_insync_replicas(topic),
            replica_lag_time_max: REPLICA_LAG_MAX,
            durability: self.node.config.durability,
        }
    }

    fn reconfigure(&mut self, resources: &[ConfigResource]) {
        let is_broad = |it: &ConfigResource| !matches!(it, ConfigResource::Topic(_));
        let is_all = resources.iter().any(is_broad);
        let named = |topic: &Str| {
            resources
                .iter()
                .any(|it| matches!(it, ConfigResource::Topic(name) if name == topic))
        };
        let ids: Vec<(TopicPartition, Str)> = self
            .partitions
            .iter()
            .filter(|(_, it)| is_all || named(&it.topic))
            .map(|(id, it)| (*id, it.topic.clone()))
            .collect();
        for (id, topic) in ids {
            let log_config = configs::log_config(&self.image, &topic, self.node.config.broker_id);
            let replica_config = self.replica_config(&topic);
            self.with(id, |owned, context, actions| {
                owned.log.set_config(Arc::new(log_config));
                owned
                    .replica
                    .handle_config(replica_config, context, actions);
            });
        }
    }

    /// The coordinators learn which partitions of their topic this broker leads.
    fn tell_groups(&mut self, id: TopicPartition) {
        let Some(owned) = self.partitions.get_mut(&id) else {
            return;
        };
        if *owned.topic != *topic_names::OFFSETS {
            return;
        }
        let leads = owned.replica.leader_epoch().filter(|_| owned.is_leader());
        if leads == owned.told_groups {
            return;
        }
        owned.told_groups = leads;
        self.node.tell_groups(match leads {
            Some(leader_epoch) => groups::Command::Led {
                partition: id,
                leader_epoch,
            },
            None => groups::Command::NotLed {
                partition: id.partition,
            },
        });
    }

    /// Flushes every log, then states its end, so that the next start need not look.
    pub(super) fn close(&mut self) {
        self.flush(Log::close);
        self.flush(|log| log.checkpoint().map(|()| log.sync_request(SyncScope::All)));
        self.write_held();
    }

    /// Lets every log write something, and makes that durable at once.
    fn flush(
        &mut self,
        write: impl Fn(&mut Log<W::Dir>) -> Result<Option<LogSync<W::Dir>>, broker_log::Error>,
    ) {
        let mut syncs = Vec::new();
        let mut errors = Vec::new();
        for (id, owned) in &mut self.partitions {
            match write(&mut owned.log) {
                Ok(Some(request)) => syncs.push((*id, request)),
                Ok(None) => {}
                Err(error) => errors.push((*id, error)),
            }
        }
        let (syncs, result) = owned::sync_all(&self.node.dir, syncs);
        for (id, request) in syncs {
            let Some(owned) = self.partitions.get_mut(&id) else {
                continue;
            };
            if let Err(error) = owned.log.handle_synced(request, owned::copy(&result)) {
                errors.push((id, error));
            }
        }
        for (id, error) in errors {
            tracing::error!(partition = %id, "failed to close the log: {}", chain(&error));
            self.node.report_unclean();
        }
    }
}

fn registrations(
    image: &Image,
) -> std::collections::BTreeMap<broker_types::BrokerId, Registration> {
    image
        .brokers()
        .map(|it| {
            let registration = Registration {
                broker_epoch: it.epoch,
                is_isr_eligible: it.is_active(),
            };
            (it.id, registration)
        })
        .collect()
}

fn partition_state(assigned: &Assigned) -> PartitionState {
    PartitionState {
        leader: assigned.leader,
        leader_epoch: assigned.leader_epoch,
        partition_epoch: assigned.partition_epoch,
        replicas: assigned.replicas.iter().copied().collect(),
        isr: assigned.isr.iter().copied().collect(),
        leader_recovery: match assigned.recovery {
            broker_metadata::LeaderRecovery::Recovered => LeaderRecovery::Recovered,
            broker_metadata::LeaderRecovery::Recovering => LeaderRecovery::Recovering,
        },
    }
}
