//! Random histories: every image equal, every invariant kept, and no acknowledged record lost.

use broker_wire::messages::delete_topics_request::DeleteTopicsRequest;

use super::*;
use crate::delta::Delta;

const BROKERS: u32 = 5;
const STEPS: usize = 400;

/// SplitMix64: small, and the same on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn is(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.below(from.len())])
    }
}

/// What the partitions' logs would hold: numbers of records, in order.
#[derive(Default)]
struct Logs {
    last_record: u64,
    acknowledged: BTreeMap<TopicPartition, Vec<u64>>,
    held: BTreeMap<(TopicPartition, BrokerId), Vec<u64>>,
    /// Elections seen, so that a test that checks nothing fails.
    clean_elections: usize,
    unclean_elections: usize,
    elections_from_elr: usize,
    /// Partitions whose reassignment came to an end, and those of them that moved under an id.
    reassignments: usize,
    under_id: usize,
}

impl Logs {
    fn acknowledged(&self, place: TopicPartition) -> Vec<u64> {
        self.acknowledged.get(&place).cloned().unwrap_or_default()
    }

    fn held(&self, place: TopicPartition, broker: BrokerId) -> Vec<u64> {
        self.held.get(&(place, broker)).cloned().unwrap_or_default()
    }

    fn copy(&mut self, place: TopicPartition, from: BrokerId, to: BrokerId) {
        let held = self.held(place, from);
        self.held.insert((place, to), held);
    }

    /// The leader appends. The record and all before it are acknowledged when the ISR is at its
    /// minimum: then all of the ISR has them. Otherwise some of it may.
    fn produce(&mut self, image: &Image, place: TopicPartition, chance: &mut Chance) {
        let Some(topic) = image.topic_by_id(place.topic_id) else {
            return;
        };
        let partition = topic.partition(place.partition).unwrap();
        let Some(leader) = partition.leader else {
            return;
        };
        self.last_record += 1;
        let record = self.last_record;
        self.held.entry((place, leader)).or_default().push(record);
        let minimum = image.min_insync_replicas(&topic.name);
        let is_acknowledged = partition.isr.len() >= minimum.min(partition.replicas.len());
        for member in &partition.isr {
            if is_acknowledged || chance.is(50) {
                self.copy(place, leader, *member);
            }
        }
        if is_acknowledged {
            let held = self.held(place, leader);
            self.acknowledged.insert(place, held);
        }
    }

    fn lose_disk(&mut self, broker: BrokerId) {
        self.held.retain(|(_, it), _| *it != broker);
    }

    /// Every leader that was not elected uncleanly has all that was acknowledged.
    fn check(&mut self, old: &Image, new: &Image, seed: u64) {
        for place in Delta::between(old, new).partitions {
            let partition = new.partition(place).unwrap();
            // Who holds the partition no more removes its log.
            let is_kept = |it: &BrokerId| partition.replicas.contains(it);
            self.held.retain(|(of, it), _| *of != place || is_kept(it));
            if old.partition(place).is_some_and(Partition::is_reassigning)
                && !partition.is_reassigning()
            {
                self.reassignments += 1;
                let was_under_id = old.reassignment_of(place).is_some();
                self.under_id += usize::from(was_under_id);
            }
            let before = old.partition(place);
            let Some(leader) = partition.leader else {
                continue;
            };
            if before.is_some_and(|it| it.leader_epoch == partition.leader_epoch) {
                continue;
            }
            let (held, acknowledged) = (self.held(place, leader), self.acknowledged(place));
            if partition.recovery == LeaderRecovery::Recovering {
                self.unclean_elections += 1;
                let kept = held
                    .iter()
                    .zip(&acknowledged)
                    .take_while(|(one, other)| one == other);
                let kept = kept.map(|it| *it.0).collect();
                self.acknowledged.insert(place, kept);
            } else {
                self.clean_elections += 1;
                if before.is_some_and(|it| it.elr.contains(&leader)) {
                    self.elections_from_elr += 1;
                }
                assert!(
                    held.starts_with(&acknowledged),
                    "seed {seed}: {before:?} to {partition:?}: {held:?} of {acknowledged:?}"
                );
            }
        }
    }
}

struct History {
    world: World,
    logs: Logs,
    chance: Chance,
    seed: u64,
}

impl History {
    fn new(seed: u64) -> History {
        History {
            world: World::with_brokers(BROKERS),
            logs: Logs::default(),
            chance: Chance(seed),
            seed,
        }
    }

    fn broker(&mut self) -> u32 {
        1 + u32::try_from(self.chance.below(BROKERS as usize)).unwrap()
    }

    fn partition(&mut self) -> Option<TopicPartition> {
        let partitions = self.world.replayed.partitions();
        let places = partitions.map(|(topic, index, _)| TopicPartition {
            topic_id: topic.id,
            partition: index,
        });
        let places: Vec<TopicPartition> = places.collect();
        self.chance.pick(&places)
    }

    fn step(&mut self) {
        let before = self.world.replayed.clone();
        match self.chance.below(23) {
            0 => self.restart(),
            1 => self.fall_silent(),
            2 => {
                let id = self.broker();
                if !self.world.ask_to_shut_down(id).is_fenced {
                    self.beat_all();
                }
            }
            3..=5 => self.beat_all(),
            6..=9 => self.alter_isr(),
            10..=14 => {
                if let Some(place) = self.partition() {
                    let image = &self.world.replayed;
                    self.logs.produce(image, place, &mut self.chance);
                }
            }
            15 => self.create_or_delete(),
            16 => self.configure(),
            17 => self.move_leaders(),
            18 => self.world.fail_over(),
            19 => self.reassign(),
            20 | 21 => self.reassign_together(),
            _ => self.reload(),
        }
        self.logs.check(&before, &self.world.replayed, self.seed);
    }

    /// Replicas are to move to other brokers, as many as before or not, or not to move after all.
    fn reassign(&mut self) {
        let Some(place) = self.partition() else {
            return;
        };
        let topic = self.world.replayed.topic_by_id(place.topic_id).unwrap();
        let name = topic.name.clone();
        let count = 1 + self.chance.below(4);
        let mut brokers: Vec<u32> = (1..=BROKERS).collect();
        let mut target = Vec::new();
        for _ in 0..count {
            let chosen = self.chance.below(brokers.len());
            target.push(brokers.remove(chosen));
        }
        let target = (!self.chance.is(25)).then_some(target);
        let index = place.partition.to_wire();
        // Refused or not, what holds of every decision holds.
        self.world.reassign(&name, index, target.as_deref());
    }

    /// Some partitions are to move under an id, or what does is altered or taken back.
    fn reassign_together(&mut self) {
        let id: Str = ["a", "b", "c"][self.chance.below(3)].into();
        let mut targets = Vec::new();
        for _ in 0..self.chance.below(4) {
            let Some(place) = self.partition() else {
                return;
            };
            let topic = self.world.replayed.topic_by_id(place.topic_id).unwrap();
            let topic = topic.name.clone();
            let first = self.broker();
            let replicas = (0..=self.chance.below(3)).map(|it| {
                let it = u32::try_from(it).unwrap();
                BrokerId::new(1 + (first + it) % BROKERS).to_wire()
            });
            targets.push(PartitionTarget {
                topic,
                partition: place.partition.to_wire(),
                replicas: replicas.collect(),
            });
        }
        let asked = ReassignmentSpec {
            id,
            throttle: self.chance.is(80).then(|| 1 + self.chance.next() % 1000),
            targets,
            may_change_factor: true,
        };
        // Refused or not, what holds of every decision holds.
        match self.chance.below(4) {
            0 | 1 => drop(self.world.start_reassignment(&asked)),
            2 => drop(self.world.alter_reassignment(&asked)),
            _ => drop(self.world.cancel_reassignment(&asked.id, None)),
        }
    }

    fn move_leaders(&mut self) {
        let broker = self.broker();
        let asked = self.world.registration_of(broker);
        let quorum = self.world.quorum();
        let at = self.world.moment();
        let controller = &mut self.world.controller;
        match self.chance.below(3) {
            0 => {
                let decision = controller.balance_leaders(at.now, 3);
                self.world.commit(decision);
            }
            1 => {
                let decision = controller.drain(asked);
                self.world.commit(decision).unwrap();
            }
            _ => {
                let decision = controller.can_stop(at, asked, &quorum);
                // Granted or not, what holds of every decision holds.
                let _ = self.world.commit(decision);
            }
        }
    }

    /// A process starts anew: often on an intact disk, sometimes without what it had.
    fn restart(&mut self) {
        let id = self.broker();
        let epoch = self.world.epoch_of(id).unwrap();
        self.world
            .controller
            .connection_lost(BrokerId::new(id), epoch);
        if self.chance.is(50) {
            let broker = BrokerId::new(id);
            let decision = self
                .world
                .controller
                .probed(broker, epoch, ProbeResult::Refused);
            let before = self.world.replayed.clone();
            self.world.commit(decision);
            self.logs.check(&before, &self.world.replayed, self.seed);
        }
        let before = self.world.replayed.clone();
        let mut request = self.world.registration(id);
        let is_lost = self.chance.is(20);
        if is_lost {
            request.previous_broker_epoch = -1;
        }
        if self.world.register(&request) == ErrorCode::None && is_lost {
            self.logs.lose_disk(BrokerId::new(id));
        }
        self.logs.check(&before, &self.world.replayed, self.seed);
        if self.chance.is(70) {
            let before = self.world.replayed.clone();
            self.world.beat(id);
            self.logs.check(&before, &self.world.replayed, self.seed);
        }
    }

    /// All but some beat; the sessions of those are over.
    fn fall_silent(&mut self) {
        self.world.pass(3000);
        for id in 1..=BROKERS {
            if self.chance.is(70) {
                self.world.beat(id);
            }
        }
        self.world.pass(1000);
        let decision = self.world.controller.expire_sessions(self.world.now);
        self.world.commit(decision);
    }

    fn beat_all(&mut self) {
        for id in 1..=BROKERS {
            let before = self.world.replayed.clone();
            self.world.beat(id);
            self.logs.check(&before, &self.world.replayed, self.seed);
        }
    }

    /// A leader drops a member, or adds one that has caught up.
    fn alter_isr(&mut self) {
        let Some(place) = self.partition() else {
            return;
        };
        let partition = self.world.replayed.partition(place).unwrap().clone();
        let Some(leader) = partition.leader else {
            return;
        };
        let mut isr = partition.isr.clone();
        let broker = self.chance.pick(&partition.replicas).unwrap();
        if broker == leader {
            // Says that it has recovered, if it had to.
            isr = vec![leader];
        } else if isr.contains(&broker) {
            isr.retain(|it| *it != broker);
        } else {
            isr.push(broker);
        }
        // Who is to be added has fetched all before its leader asks.
        for added in isr.iter().filter(|it| !partition.isr.contains(it)) {
            self.logs.copy(place, leader, *added);
        }
        let request = self.world.isr_request(place, &isr);
        // Refused or not, what holds of every decision holds.
        self.world.alter(&request);
    }

    fn create_or_delete(&mut self) {
        let count = self.world.replayed.topic_count();
        if count > 6 {
            let name = self.world.replayed.topics().next().unwrap().name.clone();
            let request = DeleteTopicsRequest {
                topic_names: vec![name],
                ..DeleteTopicsRequest::default()
            };
            let decision = self.world.controller.delete_topics(&request);
            self.world.commit(decision);
            return;
        }
        let name = format!("topic-{}", self.chance.next());
        let factor = i16::try_from(1 + self.chance.below(4)).unwrap();
        let min_isr = (1 + self.chance.below(3)).to_string();
        let partitions = i32::try_from(1 + self.chance.below(4)).unwrap();
        let is_unclean = self.chance.is(20).to_string();
        let topic = CreatableTopic {
            configs: vec![
                config("min.insync.replicas", Some(&min_isr)),
                config("unclean.leader.election.enable", Some(&is_unclean)),
            ],
            ..topic(&name, partitions, factor)
        };
        self.world.create(vec![topic]);
    }

    fn configure(&mut self) {
        let names: Vec<Str> = self
            .world
            .replayed
            .topics()
            .map(|it| it.name.clone())
            .collect();
        if names.is_empty() {
            return;
        }
        let name = names[self.chance.below(names.len())].clone();
        let min_isr = (1 + self.chance.below(3)).to_string();
        let key = "min.insync.replicas";
        self.world.set_config(2, &name, key, Some(&min_isr));
    }

    /// A node comes up from a snapshot: it has what everyone has.
    fn reload(&mut self) {
        let image = &self.world.replayed;
        let mut loaded = Image::new(image.cluster_id().clone());
        for record in image.records() {
            loaded.apply(&record).unwrap();
        }
        assert_eq!(&loaded, image, "seed {}", self.seed);
        assert!(Delta::between(&loaded, image).is_empty());
    }
}

#[test]
fn random_histories_keep_every_invariant_and_every_acknowledged_record() {
    let (mut clean, mut unclean, mut from_elr) = (0, 0, 0);
    let (mut reassignments, mut under_id) = (0, 0);
    for seed in 0..60 {
        let mut history = History::new(seed);
        for _ in 0..STEPS {
            history.step();
        }
        clean += history.logs.clean_elections;
        unclean += history.logs.unclean_elections;
        from_elr += history.logs.elections_from_elr;
        reassignments += history.logs.reassignments;
        under_id += history.logs.under_id;
    }
    // A history in which nothing happens proves nothing.
    assert!(clean > 4_000, "{clean} clean elections");
    assert!(unclean > 100, "{unclean} unclean elections");
    assert!(from_elr > 100, "{from_elr} elections from an ELR");
    assert!(reassignments > 100, "{reassignments} reassignments");
    assert!(under_id > 100, "{under_id} of them under an id");
}
