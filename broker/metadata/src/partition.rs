//! One partition as the controller knows it.
//!
//! In: `PartitionRecord` and `PartitionChangeRecord`. Out: a [`Partition`] whose rules hold, or the
//! rule that does not. Never here: who should lead; that is the controller's.

use broker_types::{
    BrokerId, DirectoryId, LeaderEpoch, Mutant, PartitionEpoch, PartitionIndex, TopicId,
};
use broker_wire::messages::partition_change_record::PartitionChangeRecord;
use broker_wire::messages::partition_record::PartitionRecord;

use crate::apply_error::{ApplyError, broker_ids, field, to_wire};

/// `PartitionChangeRecord.Leader` for "the leader is the same, and so is its epoch".
pub(crate) const LEADER_UNCHANGED: i32 = -2;
/// `PartitionChangeRecord.LeaderRecoveryState` for "as it was".
const RECOVERY_UNCHANGED: i8 = -1;

const PARTITION: &str = "PartitionRecord";
const CHANGE: &str = "PartitionChangeRecord";

/// Whether the leader was elected although it may lack acknowledged records (KIP-704).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeaderRecovery {
    #[default]
    Recovered,
    /// Elected uncleanly, and it has not yet said that it has recovered.
    Recovering,
}

impl LeaderRecovery {
    pub fn from_wire(raw: i8) -> Option<LeaderRecovery> {
        match raw {
            0 => Some(LeaderRecovery::Recovered),
            1 => Some(LeaderRecovery::Recovering),
            _ => None,
        }
    }

    pub fn to_wire(self) -> i8 {
        match self {
            LeaderRecovery::Recovered => 0,
            LeaderRecovery::Recovering => 1,
        }
    }
}

/// A partition's replicas, and what the controller has decided about them (KIP-966).
///
/// Invariant: `replicas` are distinct and not empty; `directories` has one entry for each. `isr`,
/// `elr` and `last_known_elr` are parts of `replicas`, of which the first shares nobody with the
/// others; `adding` and `removing` are parts that may overlap: who was to be added when another target
/// was named is in both. The leader is in `isr`. With `isr` at the effective `min.insync.replicas`,
/// `elr` is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// In order of preference: the first one leads when it can.
    pub replicas: Vec<BrokerId>,
    /// Where each of `replicas` lies. `None` until the broker has chosen one of several.
    pub directories: Vec<Option<DirectoryId>>,
    /// Replicas that have all that is acknowledged, and that the high watermark waits for.
    pub isr: Vec<BrokerId>,
    /// Eligible leader replicas: out of `isr`, yet known to have all that is acknowledged, because
    /// the high watermark has stood still since.
    pub elr: Vec<BrokerId>,
    /// Replicas that were in `isr` or `elr` last, and of which it is not known what they have. With
    /// page-cache durability who led last comes first, as soon as nobody leads.
    pub last_known_elr: Vec<BrokerId>,
    pub leader: Option<BrokerId>,
    pub recovery: LeaderRecovery,
    pub leader_epoch: LeaderEpoch,
    /// Grows with every change to this partition.
    pub partition_epoch: PartitionEpoch,
    /// Replicas that were not there before the reassignment that is going on.
    pub adding: Vec<BrokerId>,
    /// Replicas that will not be there after the reassignment that is going on.
    pub removing: Vec<BrokerId>,
}

impl Partition {
    /// The broker that should lead: the first of the replicas.
    pub fn preferred_leader(&self) -> Option<BrokerId> {
        self.replicas.first().copied()
    }

    /// Whether the replicas are being moved.
    pub fn is_reassigning(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// The replicas as they are to be when the reassignment is complete.
    pub fn target_replicas(&self) -> Vec<BrokerId> {
        let replicas = self.replicas.iter().copied();
        replicas.filter(|it| !self.removing.contains(it)).collect()
    }

    /// The replicas as they were when the reassignment began, but for their order.
    pub fn original_replicas(&self) -> Vec<BrokerId> {
        let replicas = self.replicas.iter().copied();
        replicas.filter(|it| !self.adding.contains(it)).collect()
    }

    /// Whether fewer replicas are in sync than there are, those that a reassignment has brought left
    /// out: to be moved is no lack.
    pub fn is_under_replicated(&self) -> bool {
        self.isr.len() < self.original_replicas().len()
    }

    /// Lets other brokers hold the partition. Who stays keeps its directory.
    pub(crate) fn set_replicas(
        &mut self,
        replicas: Vec<BrokerId>,
        directory_of: impl Fn(BrokerId) -> Option<DirectoryId>,
    ) {
        let known = |id: BrokerId| {
            let mut known = self.replicas.iter().zip(&self.directories);
            known.find(|(it, _)| **it == id).map(|(_, it)| *it)
        };
        let directory = |id: &BrokerId| known(*id).unwrap_or_else(|| directory_of(*id));
        let directories = replicas.iter().map(directory).collect();
        self.directories = directories;
        self.replicas = replicas;
    }

    /// The first rule of the type's invariant that does not hold.
    pub(crate) fn broken_rule(&self) -> Option<&'static str> {
        let rules: [(bool, &'static str); 9] = [
            (!self.replicas.is_empty(), "replicas are not empty"),
            (are_distinct(&self.replicas), "replicas are distinct"),
            (
                self.directories.len() == self.replicas.len(),
                "there is one directory per replica",
            ),
            (self.is_part(&self.isr), "the ISR is part of the replicas"),
            (self.is_part(&self.elr), "the ELR is part of the replicas"),
            (
                self.is_part(&self.last_known_elr),
                "the last known ELR is part of the replicas",
            ),
            (
                self.is_part(&self.adding) && self.is_part(&self.removing),
                "adding and removing are part of the replicas",
            ),
            (
                are_disjoint(&self.isr, &self.elr) && are_disjoint(&self.isr, &self.last_known_elr),
                "who is in the ISR is in neither ELR nor last known ELR",
            ),
            (
                self.leader.is_none_or(|it| self.isr.contains(&it)),
                "the leader is in the ISR",
            ),
        ];
        rules.into_iter().find(|it| !it.0).map(|it| it.1)
    }

    fn is_part(&self, of_replicas: &[BrokerId]) -> bool {
        are_distinct(of_replicas) && of_replicas.iter().all(|it| self.replicas.contains(it))
    }

    pub(crate) fn from_record(record: &PartitionRecord) -> Result<Partition, ApplyError> {
        let ids = |raw: &[i32], name| broker_ids(raw, PARTITION, name);
        let replicas = ids(&record.replicas, "Replicas")?;
        let directories = if record.directories.is_empty() {
            vec![None; replicas.len()]
        } else {
            directories(&record.directories)
        };
        let (epoch, version) = (record.leader_epoch, record.partition_epoch);
        let state = record.leader_recovery_state;
        let optional = |raw: &Option<Vec<i32>>, name| ids(raw.as_deref().unwrap_or(&[]), name);
        Ok(Partition {
            replicas,
            directories,
            isr: ids(&record.isr, "Isr")?,
            elr: optional(&record.eligible_leader_replicas, "EligibleLeaderReplicas")?,
            last_known_elr: optional(&record.last_known_elr, "LastKnownElr")?,
            leader: BrokerId::from_wire(record.leader),
            recovery: field(
                LeaderRecovery::from_wire(state),
                PARTITION,
                "LeaderRecoveryState",
                state,
            )?,
            leader_epoch: field(
                LeaderEpoch::from_wire(epoch),
                PARTITION,
                "LeaderEpoch",
                epoch,
            )?,
            partition_epoch: field(
                PartitionEpoch::from_wire(version),
                PARTITION,
                "PartitionEpoch",
                version,
            )?,
            adding: ids(&record.adding_replicas, "AddingReplicas")?,
            removing: ids(&record.removing_replicas, "RemovingReplicas")?,
        })
    }

    pub(crate) fn to_record(&self, topic_id: TopicId, index: PartitionIndex) -> PartitionRecord {
        // Kafka leaves the two fields out when they are empty.
        let optional = |ids: &[BrokerId]| (!ids.is_empty()).then(|| to_wire(ids));
        PartitionRecord {
            partition_id: index.to_wire(),
            topic_id: topic_id.to_bytes(),
            replicas: to_wire(&self.replicas),
            isr: to_wire(&self.isr),
            removing_replicas: to_wire(&self.removing),
            adding_replicas: to_wire(&self.adding),
            leader: BrokerId::option_to_wire(self.leader),
            leader_recovery_state: self.recovery.to_wire(),
            leader_epoch: self.leader_epoch.to_wire(),
            partition_epoch: self.partition_epoch.to_wire(),
            directories: directories_to_wire(&self.directories),
            eligible_leader_replicas: optional(&self.elr),
            last_known_elr: optional(&self.last_known_elr),
            ..PartitionRecord::default()
        }
    }

    /// The partition after `change`. A leader that is named, even the same one, begins an epoch.
    pub(crate) fn changed(&self, change: &PartitionChangeRecord) -> Result<Partition, ApplyError> {
        let or_same = |raw: &Option<Vec<i32>>, name, same: &Vec<BrokerId>| match raw {
            Some(raw) => broker_ids(raw, CHANGE, name),
            None => Ok(same.clone()),
        };
        let is_led_anew = change.leader != LEADER_UNCHANGED;
        let (leader, leader_epoch) = if is_led_anew {
            let step = i32::from(!Mutant::KeepLeaderEpoch.is_made());
            let next = self.leader_epoch.to_wire().checked_add(step);
            let next = next.and_then(LeaderEpoch::from_wire);
            let next = field(next, CHANGE, "Leader", change.leader)?;
            (BrokerId::from_wire(change.leader), next)
        } else {
            (self.leader, self.leader_epoch)
        };
        let state = change.leader_recovery_state;
        let recovery = if state == RECOVERY_UNCHANGED {
            self.recovery
        } else {
            let recovery = LeaderRecovery::from_wire(state);
            field(recovery, CHANGE, "LeaderRecoveryState", state)?
        };
        let next = self.partition_epoch.to_wire().checked_add(1);
        let next = next.and_then(PartitionEpoch::from_wire);
        Ok(Partition {
            replicas: or_same(&change.replicas, "Replicas", &self.replicas)?,
            directories: match &change.directories {
                Some(raw) => directories(raw),
                None => self.directories.clone(),
            },
            isr: or_same(&change.isr, "Isr", &self.isr)?,
            elr: or_same(
                &change.eligible_leader_replicas,
                "EligibleLeaderReplicas",
                &self.elr,
            )?,
            last_known_elr: or_same(&change.last_known_elr, "LastKnownElr", &self.last_known_elr)?,
            leader,
            recovery,
            leader_epoch,
            partition_epoch: field(next, CHANGE, "PartitionEpoch", i32::MAX)?,
            adding: or_same(&change.adding_replicas, "AddingReplicas", &self.adding)?,
            removing: or_same(
                &change.removing_replicas,
                "RemovingReplicas",
                &self.removing,
            )?,
        })
    }

    /// The record that leads from this partition to `next`: `None` when nothing is to change.
    /// Epochs are not compared; a leader that differs from this one's is named, and so begins an
    /// epoch. So does the same leader when a replica goes: if it comes back, it is new to that leader,
    /// also when the leader sees both changes as one. `begins_epoch`: it does so in any case.
    pub(crate) fn change_to(
        &self,
        next: &Partition,
        begins_epoch: bool,
        topic_id: TopicId,
        index: PartitionIndex,
    ) -> Option<PartitionChangeRecord> {
        let differs = |old: &[BrokerId], new: &[BrokerId]| (old != new).then(|| to_wire(new));
        let unchanged = PartitionChangeRecord {
            partition_id: index.to_wire(),
            topic_id: topic_id.to_bytes(),
            leader: LEADER_UNCHANGED,
            leader_recovery_state: RECOVERY_UNCHANGED,
            ..PartitionChangeRecord::default()
        };
        let mut change = PartitionChangeRecord {
            isr: differs(&self.isr, &next.isr),
            replicas: differs(&self.replicas, &next.replicas),
            removing_replicas: differs(&self.removing, &next.removing),
            adding_replicas: differs(&self.adding, &next.adding),
            eligible_leader_replicas: differs(&self.elr, &next.elr),
            last_known_elr: differs(&self.last_known_elr, &next.last_known_elr),
            ..unchanged.clone()
        };
        let is_one_gone = self.replicas.iter().any(|it| !next.replicas.contains(it));
        if self.leader != next.leader || is_one_gone || begins_epoch {
            change.leader = BrokerId::option_to_wire(next.leader);
        }
        if self.recovery != next.recovery {
            change.leader_recovery_state = next.recovery.to_wire();
        }
        if self.directories != next.directories {
            change.directories = Some(directories_to_wire(&next.directories));
        }
        (change != unchanged).then_some(change)
    }
}

fn directories(raw: &[[u8; 16]]) -> Vec<Option<DirectoryId>> {
    raw.iter().map(|it| DirectoryId::from_wire(*it)).collect()
}

fn directories_to_wire(directories: &[Option<DirectoryId>]) -> Vec<[u8; 16]> {
    let to_wire = |it: &Option<DirectoryId>| DirectoryId::option_to_wire(*it);
    directories.iter().map(to_wire).collect()
}

/// Lists of replicas are short: comparing each with each beats any set.
pub(crate) fn are_distinct<T: PartialEq>(ids: &[T]) -> bool {
    let mut rest = ids;
    while let Some((first, others)) = rest.split_first() {
        if others.contains(first) {
            return false;
        }
        rest = others;
    }
    true
}

fn are_disjoint(one: &[BrokerId], other: &[BrokerId]) -> bool {
    !one.iter().any(|it| other.contains(it))
}
