//! The controller of the model: it commits one state after the other, as KIP-966 says.

use std::collections::{BTreeMap, BTreeSet};

use broker_replica::{AlterPartition, LeaderRecovery, PartitionState, Registration};
use broker_types::{BrokerEpoch, BrokerId, ErrorCode, LeaderEpoch, PartitionEpoch};

use super::Random;
use super::cluster::{BROKERS, MIN_INSYNC_REPLICAS};

/// What a broker sees of the metadata at one point of it.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) state: PartitionState,
    pub(crate) registrations: BTreeMap<BrokerId, Registration>,
}

#[derive(Clone, Debug)]
pub(crate) struct Controller {
    pub(crate) images: Vec<Image>,
    pub(crate) elr: BTreeSet<BrokerId>,
    next_broker_epoch: u64,
    pub(crate) elections: u64,
    pub(crate) elections_from_elr: u64,
}

impl Controller {
    pub(crate) fn new() -> Controller {
        let replicas: BTreeSet<BrokerId> = (1..=BROKERS).map(BrokerId::new).collect();
        let registration = |broker: &BrokerId| {
            let broker_epoch = BrokerEpoch::new(u64::from(broker.value()));
            (
                *broker,
                Registration {
                    broker_epoch,
                    is_isr_eligible: true,
                },
            )
        };
        let image = Image {
            registrations: replicas.iter().map(registration).collect(),
            state: PartitionState {
                leader: Some(BrokerId::new(1)),
                leader_epoch: LeaderEpoch::new(1),
                partition_epoch: PartitionEpoch::new(1),
                isr: replicas.clone(),
                replicas,
                leader_recovery: LeaderRecovery::Recovered,
            },
        };
        Controller {
            images: vec![image],
            elr: BTreeSet::new(),
            next_broker_epoch: 100,
            elections: 0,
            elections_from_elr: 0,
        }
    }

    pub(crate) fn latest(&self) -> &Image {
        self.images.last().unwrap()
    }

    /// Whom a controller could elect without asking anyone.
    pub(crate) fn candidates(&self) -> BTreeSet<BrokerId> {
        self.latest().state.isr.union(&self.elr).copied().collect()
    }

    fn commit(&mut self, mut image: Image) {
        if image.state.isr.len() >= MIN_INSYNC_REPLICAS {
            self.elr.clear();
        }
        image.state.partition_epoch = image.state.partition_epoch.next();
        self.images.push(image);
    }

    fn is_eligible(image: &Image, broker: BrokerId) -> bool {
        image.registrations[&broker].is_isr_eligible
    }

    fn elect(&mut self, image: &mut Image, random: &mut Random) {
        let pick = |from: &BTreeSet<BrokerId>, random: &mut Random| {
            let eligible: Vec<BrokerId> = from
                .iter()
                .copied()
                .filter(|it| Self::is_eligible(image, *it))
                .collect();
            (!eligible.is_empty()).then(|| eligible[random.below(eligible.len())])
        };
        let from_isr = pick(&image.state.isr, random);
        let from_elr = pick(&self.elr, random);
        if from_isr.is_none()
            && let Some(leader) = from_elr
        {
            self.elr.remove(&leader);
            self.elr.extend(&image.state.isr);
            image.state.isr = BTreeSet::from([leader]);
            self.elections_from_elr += 1;
        }
        image.state.leader = from_isr.or(from_elr);
        image.state.leader_epoch = image.state.leader_epoch.next();
        self.elections += 1;
    }

    /// Takes a broker out of the ISR, for the session is over.
    pub(crate) fn fence(&mut self, broker: BrokerId, random: &mut Random) {
        let mut image = self.latest().clone();
        image
            .registrations
            .get_mut(&broker)
            .unwrap()
            .is_isr_eligible = false;
        if image.state.isr.remove(&broker) && image.state.isr.len() < MIN_INSYNC_REPLICAS {
            self.elr.insert(broker);
        }
        if image.state.leader == Some(broker) {
            self.elect(&mut image, random);
        }
        self.commit(image);
    }

    /// A broker may lead and be in sync again; an election that had no candidate is made up for.
    pub(crate) fn unfence(&mut self, broker: BrokerId, random: &mut Random) {
        let mut image = self.latest().clone();
        image
            .registrations
            .get_mut(&broker)
            .unwrap()
            .is_isr_eligible = true;
        if image.state.leader.is_none() {
            self.elect(&mut image, random);
        }
        self.commit(image);
    }

    /// A broker has started. With the same disk it keeps its place; with another it is a new
    /// replica under an old id.
    pub(crate) fn register(
        &mut self,
        broker: BrokerId,
        has_new_disk: bool,
        random: &mut Random,
    ) -> BrokerEpoch {
        let mut image = self.latest().clone();
        let broker_epoch = BrokerEpoch::new(self.next_broker_epoch);
        self.next_broker_epoch += 1;
        let was_eligible = Self::is_eligible(&image, broker);
        let is_isr_eligible = was_eligible && !has_new_disk;
        image.registrations.insert(
            broker,
            Registration {
                broker_epoch,
                is_isr_eligible,
            },
        );
        if has_new_disk {
            image.state.isr.remove(&broker);
            self.elr.remove(&broker);
        }
        if image.state.leader == Some(broker) {
            self.elect(&mut image, random);
        }
        self.commit(image);
        broker_epoch
    }

    pub(crate) fn alter_partition(
        &mut self,
        from: BrokerId,
        request: &AlterPartition,
    ) -> Result<(), ErrorCode> {
        let mut image = self.latest().clone();
        if image.state.leader != Some(from) || image.state.leader_epoch != request.leader_epoch {
            return Err(ErrorCode::FencedLeaderEpoch);
        }
        if image.state.partition_epoch != request.partition_epoch {
            return Err(ErrorCode::InvalidUpdateVersion);
        }
        for member in &request.isr {
            let registration = image.registrations[&member.broker_id];
            let is_same = member
                .broker_epoch
                .is_none_or(|it| it == registration.broker_epoch);
            if !is_same || !registration.is_isr_eligible {
                return Err(ErrorCode::IneligibleReplica);
            }
        }
        let isr: BTreeSet<BrokerId> = request.isr.iter().map(|it| it.broker_id).collect();
        let left = image.state.isr.difference(&isr).copied();
        let left: Vec<BrokerId> = left.filter(|it| !request.lossy.contains(it)).collect();
        if isr.len() < MIN_INSYNC_REPLICAS {
            self.elr.extend(left);
        }
        self.elr = self.elr.difference(&isr).copied().collect();
        image.state.isr = isr;
        self.commit(image);
        Ok(())
    }
}
