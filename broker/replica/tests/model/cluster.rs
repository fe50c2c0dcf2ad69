//! The brokers of the model and what happens to them.

use std::collections::BTreeMap;
use std::time::Duration;

use broker_replica::{
    Acks, Action, AlterPartition, AlteredPartition, Config, Context, EpochEnd, EpochEnds,
    FetchPosition, FetchResponse, Fetched, FollowerFetch, Next, Offsets, Outcome, Partition,
    RoleKind, Served, Token,
};
use broker_types::{BrokerEpoch, BrokerId, Durability, ErrorCode, LeaderEpoch, Monotonic, Offset};

use super::Random;
use super::controller::Controller;

pub(crate) const BROKERS: u32 = 4;
pub(crate) const MIN_INSYNC_REPLICAS: usize = 2;

const CONFIG: Config = Config {
    min_insync_replicas: MIN_INSYNC_REPLICAS,
    replica_lag_time_max: Duration::from_secs(2),
    durability: Durability::Fsync,
};

/// What the run met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) acknowledged: u64,
    pub(crate) not_leader: u64,
    pub(crate) elections: u64,
    pub(crate) elections_from_elr: u64,
    pub(crate) truncations: u64,
    pub(crate) isr_changes: u64,
    pub(crate) refused_isr_changes: u64,
    pub(crate) disks_replaced: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Counts) {
        self.acknowledged += other.acknowledged;
        self.not_leader += other.not_leader;
        self.elections += other.elections;
        self.elections_from_elr += other.elections_from_elr;
        self.truncations += other.truncations;
        self.isr_changes += other.isr_changes;
        self.refused_isr_changes += other.refused_isr_changes;
        self.disks_replaced += other.disks_replaced;
    }
}

/// A record: its epoch, and a value that no other record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    leader_epoch: LeaderEpoch,
    value: u64,
}

/// A log on a disk. What is past `durable` a crash takes.
#[derive(Clone, Debug, Default)]
struct Log {
    records: Vec<Record>,
    durable: usize,
    /// Where each epoch begins, one without records too.
    epochs: Vec<(LeaderEpoch, usize)>,
    high_watermark_checkpoint: u64,
}

fn offset(index: usize) -> Offset {
    Offset::new(u64::try_from(index).unwrap())
}

fn index(offset: Offset) -> usize {
    usize::try_from(offset.value()).unwrap()
}

impl Log {
    fn assign(&mut self, leader_epoch: LeaderEpoch, start: usize) {
        let latest = self.latest_epoch();
        assert!(latest <= Some(leader_epoch), "epochs go forward");
        if latest < Some(leader_epoch) {
            self.epochs.retain(|(_, it)| *it < start);
            self.epochs.push((leader_epoch, start));
        }
    }

    fn append(&mut self, record: Record) {
        self.assign(record.leader_epoch, self.records.len());
        self.records.push(record);
    }

    fn truncate(&mut self, end: usize) {
        self.records.truncate(end);
        self.durable = self.durable.min(end);
        self.epochs.retain(|(_, start)| *start < end);
    }

    fn offsets(&self) -> Offsets {
        let end = offset(self.records.len());
        Offsets {
            log_start_offset: Offset::ZERO,
            high_watermark: Offset::new(self.high_watermark_checkpoint).min(end),
            durable_end_offset: offset(self.durable),
            log_end_offset: end,
        }
    }
}

impl EpochEnds for Log {
    fn end_of(&self, leader_epoch: LeaderEpoch) -> Option<EpochEnd> {
        let next = self.epochs.iter().position(|(it, _)| leader_epoch < *it);
        let end = next.map_or(self.records.len(), |it| self.epochs[it].1);
        let known = next.unwrap_or(self.epochs.len()).checked_sub(1);
        if self.epochs.is_empty() {
            return None;
        }
        let known = known.map_or(leader_epoch, |it| self.epochs[it].0);
        Some(EpochEnd {
            leader_epoch: known,
            end_offset: offset(end),
        })
    }

    fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.last().map(|(it, _)| *it)
    }
}

#[derive(Clone, Debug)]
struct Broker {
    /// `None` while the process is down.
    partition: Option<Partition>,
    broker_epoch: BrokerEpoch,
    log: Log,
    /// Which image of the metadata it has applied.
    image: usize,
}

/// What is on its way. It reaches only the process it was sent to.
#[derive(Clone, Debug)]
enum Message {
    Fetch {
        position: FetchPosition,
    },
    Fetched {
        position: FetchPosition,
        fetched: Fetched,
        records: Vec<Record>,
    },
    AlterPartition(AlterPartition),
    Altered {
        request: AlterPartition,
        result: Result<AlteredPartition, ErrorCode>,
    },
}

#[derive(Clone, Debug)]
struct Envelope {
    from: BrokerId,
    from_epoch: BrokerEpoch,
    /// `None`: the controller.
    to: Option<(BrokerId, BrokerEpoch)>,
    message: Message,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    broker: BrokerId,
    at: usize,
    record: Record,
}

pub(crate) struct Cluster {
    seed: u64,
    random: Random,
    now: Monotonic,
    controller: Controller,
    brokers: BTreeMap<BrokerId, Broker>,
    network: Vec<Envelope>,
    /// Records that producers wait for, by token; and those they were told of.
    waiting: BTreeMap<Token, Waiting>,
    acknowledged: BTreeMap<usize, Record>,
    /// Every record that was below a high watermark anywhere.
    committed: BTreeMap<usize, Record>,
    next_value: u64,
    is_healed: bool,
    pub(crate) counts: Counts,
}

impl Cluster {
    pub(crate) fn new(seed: u64) -> Cluster {
        let mut cluster = Cluster {
            seed,
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            now: Monotonic::from_micros(1_000_000_000),
            controller: Controller::new(),
            brokers: BTreeMap::new(),
            network: Vec::new(),
            waiting: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            committed: BTreeMap::new(),
            next_value: 0,
            is_healed: false,
            counts: Counts::default(),
        };
        for id in (1..=BROKERS).map(BrokerId::new) {
            let log = Log::default();
            let partition = Some(Partition::new(id, CONFIG, log.offsets()));
            let broker_epoch = BrokerEpoch::new(u64::from(id.value()));
            cluster.brokers.insert(
                id,
                Broker {
                    partition,
                    broker_epoch,
                    log,
                    image: 0,
                },
            );
            cluster.apply_image(id, 0);
        }
        cluster
    }

    pub(crate) fn step(&mut self) {
        self.now = self.now + Duration::from_millis(self.random.below(100) as u64);
        let id = BrokerId::new(1 + u32::try_from(self.random.below(4)).unwrap());
        match self.random.below(200) {
            0..15 => self.produce(id),
            15..50 => self.sync(id),
            50..90 => self.send_fetch(id),
            90..165 => self.deliver(),
            165..185 => self.learn(id),
            185..193 => self.tick(id),
            193..194 => self.crash(id),
            194..197 => self.start(id),
            _ => self.judge_session(id),
        }
        self.counts.elections = self.controller.elections;
        self.counts.elections_from_elr = self.controller.elections_from_elr;
    }

    /// The controller fences whom it has not heard of, or only thinks so; or it lets one back in.
    fn judge_session(&mut self, id: BrokerId) {
        let is_wrong = self.random.one_in(6);
        if self.brokers[&id].partition.is_some() == is_wrong {
            self.controller.fence(id, &mut self.random);
        } else {
            self.controller.unfence(id, &mut self.random);
        }
    }

    /// Hands an event to a broker's partition and performs what it asks for.
    fn act<T>(
        &mut self,
        id: BrokerId,
        event: impl FnOnce(&mut Partition, &Log, Context<'_>, &mut Vec<Action>) -> T,
    ) -> Option<T> {
        let broker = self.brokers.get_mut(&id)?;
        let registrations = &self.controller.images[broker.image].registrations;
        let context = Context {
            now: self.now,
            registrations,
            is_self_fenced: false,
        };
        let mut actions = Vec::new();
        let partition = broker.partition.as_mut()?;
        let answer = event(partition, &broker.log, context, &mut actions);
        for action in actions {
            self.perform(id, action);
        }
        Some(answer)
    }

    fn perform(&mut self, id: BrokerId, action: Action) {
        let broker = self.brokers.get_mut(&id).unwrap();
        let partition = broker.partition.as_mut().unwrap();
        match action {
            Action::AssignLeaderEpoch {
                leader_epoch,
                start_offset,
            } => {
                broker.log.assign(leader_epoch, index(start_offset));
            }
            Action::Truncate { to } => {
                self.counts.truncations += 1;
                broker.log.truncate(index(to));
                broker.log.durable = index(to);
                partition.handle_truncated(Offset::ZERO, to);
            }
            Action::AlterPartition(request) => {
                let message = Message::AlterPartition(request);
                self.send(id, None, message);
            }
            Action::Complete { token, outcome } => {
                let Waiting { at, record, .. } = self.waiting.remove(&token).unwrap();
                match outcome {
                    Outcome::Committed => {
                        self.counts.acknowledged += 1;
                        self.acknowledged.insert(at, record);
                    }
                    Outcome::NotLeader => self.counts.not_leader += 1,
                    Outcome::NotEnoughReplicasAfterAppend | Outcome::TimedOut => {}
                }
            }
            Action::Halt { .. } | Action::TruncateFully { .. } | Action::AdvanceLogStart { .. } => {
                panic!("{id} was asked for {action:?} (seed {})", self.seed)
            }
            Action::SetHighWatermark(_) | Action::StartFetching { .. } | Action::StopFetching => {}
        }
    }

    fn send(&mut self, from: BrokerId, to: Option<BrokerId>, message: Message) {
        let from_epoch = self.brokers[&from].broker_epoch;
        let to = to.map(|it| (it, self.brokers[&it].broker_epoch));
        self.network.push(Envelope {
            from,
            from_epoch,
            to,
            message,
        });
    }

    fn produce(&mut self, id: BrokerId) {
        let may = self.act(id, |partition, _, context, _| {
            partition
                .may_append(Acks::All, context)
                .ok()
                .and(partition.leader_epoch())
        });
        let Some(Some(leader_epoch)) = may else {
            return;
        };
        self.next_value += 1;
        let record = Record {
            leader_epoch,
            value: self.next_value,
        };
        let log = &mut self.brokers.get_mut(&id).unwrap().log;
        let at = log.records.len();
        log.append(record);
        let token = Token(self.next_value);
        let broker = id;
        self.waiting.insert(token, Waiting { broker, at, record });
        let deadline = self.now + Duration::from_secs(20);
        self.act(id, |partition, log, context, actions| {
            let end = offset(log.records.len());
            partition.handle_appended(end, context, actions);
            partition.wait(token, end, deadline, actions).unwrap();
        });
    }

    fn sync(&mut self, id: BrokerId) {
        let broker = self.brokers.get_mut(&id).unwrap();
        if broker.partition.is_some() {
            broker.log.durable = broker.log.records.len();
        }
        self.act(id, |partition, log, context, actions| {
            partition.handle_durable(offset(log.durable), context, actions);
        });
    }

    fn send_fetch(&mut self, id: BrokerId) {
        let asked = self.act(id, |partition, log, _, _| partition.fetch_position(log));
        if let Some(Some(position)) = asked {
            let message = Message::Fetch { position };
            self.send(id, Some(position.leader), message);
        }
    }

    fn deliver(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let place = self.random.below(self.network.len());
        // Each request to the controller is one call with one answer.
        let may_repeat = matches!(
            self.network[place].message,
            Message::Fetch { .. } | Message::Fetched { .. }
        );
        let is_repeated = may_repeat && !self.is_healed && self.random.one_in(10);
        let envelope = if is_repeated {
            self.network[place].clone()
        } else {
            self.network.remove(place)
        };
        if !self.is_healed && self.random.one_in(20) {
            self.lose(envelope);
            return;
        }
        let Some((to, to_epoch)) = envelope.to else {
            self.deliver_to_controller(envelope);
            return;
        };
        if self.brokers[&to].broker_epoch == to_epoch {
            self.deliver_to_broker(to, envelope);
        }
    }

    /// Who asked the controller learns that no answer comes; it may have been asked all the same.
    fn lose(&mut self, envelope: Envelope) {
        let (from, request) = match envelope.message {
            Message::AlterPartition(request) => (envelope.from, request),
            Message::Altered { request, .. } => (envelope.to.unwrap().0, request),
            Message::Fetch { .. } | Message::Fetched { .. } => return,
        };
        let now = self.now;
        let error = ErrorCode::NetworkException;
        self.act(from, |partition, _, _, _| {
            partition.handle_alter_partition_error(&request, error, now);
        });
    }

    fn deliver_to_controller(&mut self, envelope: Envelope) {
        let Message::AlterPartition(request) = envelope.message else {
            return;
        };
        let from = envelope.from;
        let registered = self.controller.latest().registrations[&from].broker_epoch;
        let result = if registered == envelope.from_epoch {
            self.controller.alter_partition(from, &request)
        } else {
            Err(ErrorCode::StaleBrokerEpoch)
        };
        match result {
            Ok(()) => self.counts.isr_changes += 1,
            Err(_) => self.counts.refused_isr_changes += 1,
        }
        let state = &self.controller.latest().state;
        let result = result.map(|()| AlteredPartition {
            leader_epoch: state.leader_epoch,
            partition_epoch: state.partition_epoch,
            isr: state.isr.clone(),
            leader_recovery: state.leader_recovery,
        });
        let message = Message::Altered { request, result };
        let to = Some((from, envelope.from_epoch));
        self.network.push(Envelope {
            from,
            from_epoch: envelope.from_epoch,
            to,
            message,
        });
    }

    fn deliver_to_broker(&mut self, id: BrokerId, envelope: Envelope) {
        match envelope.message {
            Message::Fetch { position } => {
                self.serve(id, envelope.from, envelope.from_epoch, position);
            }
            Message::Fetched {
                position,
                fetched,
                records,
            } => {
                self.take_fetched(id, position, fetched, &records);
            }
            Message::Altered { request, result } => {
                let now = self.now;
                self.act(id, |partition, _, context, actions| match result {
                    Ok(altered) => partition.handle_altered_partition(altered, context, actions),
                    Err(error) => {
                        partition.handle_alter_partition_error(&request, error, now);
                    }
                });
            }
            Message::AlterPartition(_) => {}
        }
    }

    fn serve(
        &mut self,
        id: BrokerId,
        follower: BrokerId,
        broker_epoch: BrokerEpoch,
        position: FetchPosition,
    ) {
        let count_max = 1 + self.random.below(4);
        let answer = self.act(id, |partition, log, context, actions| {
            let fetch = FollowerFetch {
                broker: follower,
                broker_epoch,
                leader_epoch: position.leader_epoch,
                fetch_offset: position.fetch_offset,
                log_start_offset: Offset::ZERO,
                last_fetched_epoch: position.last_fetched_epoch,
                epoch_end: position.last_fetched_epoch.and_then(|it| log.end_of(it)),
            };
            let served = partition.handle_follower_fetch(fetch, context, actions);
            match served {
                Ok(Served::Records) => {
                    let from = log.records.iter().skip(index(position.fetch_offset));
                    let records: Vec<Record> = from.take(count_max).copied().collect();
                    let fetched = Fetched::Records {
                        has_records: !records.is_empty(),
                        high_watermark: partition.offsets().high_watermark,
                        log_start_offset: Offset::ZERO,
                    };
                    (fetched, records)
                }
                Ok(Served::Diverging(end)) => (Fetched::Diverging(end), Vec::new()),
                Err(_) => (Fetched::Failed, Vec::new()),
            }
        });
        if let Some((fetched, records)) = answer
            && self.brokers[&follower].broker_epoch == broker_epoch
        {
            self.send(
                id,
                Some(follower),
                Message::Fetched {
                    position,
                    fetched,
                    records,
                },
            );
        }
    }

    fn take_fetched(
        &mut self,
        id: BrokerId,
        position: FetchPosition,
        fetched: Fetched,
        records: &[Record],
    ) {
        let next = self.act(id, |partition, log, _, actions| {
            partition.handle_fetch_response(FetchResponse { position, fetched }, log, actions)
        });
        if next == Some(Next::Append) {
            let log = &mut self.brokers.get_mut(&id).unwrap().log;
            records.iter().for_each(|record| log.append(*record));
            self.act(id, |partition, log, context, actions| {
                partition.handle_appended(offset(log.records.len()), context, actions);
            });
        }
    }

    /// A broker learns more of the metadata: one image, or all.
    fn learn(&mut self, id: BrokerId) {
        let newest = self.controller.images.len() - 1;
        let image = self.brokers[&id].image;
        let next = if self.random.one_in(2) {
            newest
        } else {
            newest.min(image + 1)
        };
        self.apply_image(id, next);
    }

    fn apply_image(&mut self, id: BrokerId, image: usize) {
        let broker = self.brokers.get_mut(&id).unwrap();
        if broker.partition.is_none() {
            return;
        }
        broker.image = image;
        let state = self.controller.images[image].state.clone();
        self.act(id, |partition, _, context, actions| {
            partition.apply(&state, context, actions)
        });
    }

    fn tick(&mut self, id: BrokerId) {
        self.act(id, |partition, _, context, actions| {
            partition.tick(context, actions)
        });
    }

    fn crash(&mut self, id: BrokerId) {
        let broker = self.brokers.get_mut(&id).unwrap();
        let Some(partition) = broker.partition.take() else {
            return;
        };
        // Whoever waited loses the connection.
        self.waiting.retain(|_, it| it.broker != id);
        // The checkpoint is some while old.
        let high_watermark = partition.offsets().high_watermark.value();
        let age = self.random.below(5) as u64;
        broker.log.high_watermark_checkpoint = high_watermark.saturating_sub(age);
        broker.log.truncate(broker.log.durable);
    }

    fn start(&mut self, id: BrokerId) {
        if self.brokers[&id].partition.is_some() {
            return;
        }
        // A disk is only lost while another one that may be elected is not.
        let others = self
            .controller
            .candidates()
            .into_iter()
            .filter(|it| *it != id)
            .count();
        let has_new_disk = !self.is_healed && others > 0 && self.random.one_in(8);
        let broker_epoch = self.controller.register(id, has_new_disk, &mut self.random);
        let broker = self.brokers.get_mut(&id).unwrap();
        if has_new_disk {
            self.counts.disks_replaced += 1;
            broker.log = Log::default();
        }
        broker.broker_epoch = broker_epoch;
        broker.partition = Some(Partition::new(id, CONFIG, broker.log.offsets()));
        self.apply_image(id, self.controller.images.len() - 1);
    }

    pub(crate) fn check(&mut self) {
        let seed = self.seed;
        for (id, broker) in &self.brokers {
            let Some(partition) = &broker.partition else {
                continue;
            };
            for at in 0..index(partition.offsets().high_watermark) {
                let record = broker.log.records[at];
                let first = *self.committed.entry(at).or_insert(record);
                assert_eq!(
                    first, record,
                    "offset {at} on {id} was shown otherwise (seed {seed})"
                );
            }
        }
        for id in self.controller.candidates() {
            let log = &self.brokers[&id].log;
            for (at, record) in &self.acknowledged {
                let found = log.records[..log.durable].get(*at);
                assert_eq!(found, Some(record), "{id} lacks offset {at} (seed {seed})");
            }
        }
    }

    /// Everything works again for long enough.
    pub(crate) fn heal(&mut self) {
        self.is_healed = true;
        let ids: Vec<BrokerId> = self.brokers.keys().copied().collect();
        for id in &ids {
            self.start(*id);
            self.controller.unfence(*id, &mut self.random);
        }
        for _ in 0..400 {
            self.now = self.now + Duration::from_millis(50);
            for id in &ids {
                self.apply_image(*id, self.controller.images.len() - 1);
                self.sync(*id);
                self.send_fetch(*id);
            }
            while !self.network.is_empty() {
                self.deliver();
                self.check();
            }
            for id in &ids {
                self.tick(*id);
            }
        }
    }

    pub(crate) fn check_agreement(&self) {
        let seed = self.seed;
        let state = &self.controller.latest().state;
        let leader = &self.brokers[&state.leader.unwrap()];
        assert_eq!(
            state.isr, state.replicas,
            "all are in sync again (seed {seed})"
        );
        for (id, broker) in &self.brokers {
            let partition = broker.partition.as_ref().unwrap();
            let is_leader = partition.role() == RoleKind::Leader;
            assert_eq!(is_leader, state.leader == Some(*id), "seed {seed}");
            assert_eq!(
                broker.log.records, leader.log.records,
                "{id} differs (seed {seed})"
            );
            let end = offset(broker.log.records.len());
            assert_eq!(
                partition.offsets().high_watermark,
                end,
                "{id} (seed {seed})"
            );
        }
        assert!(
            self.waiting.is_empty(),
            "a producer has no answer (seed {seed})"
        );
    }
}
