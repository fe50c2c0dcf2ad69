//! Tests of one replica: what it answers and asks for, event by event.

mod follower;
mod isr;
mod leader;

use std::collections::BTreeMap;
use std::time::Duration;

use broker_types::{BrokerEpoch, PartitionEpoch};

use super::*;
use crate::{EpochEnd, Fetched, IsrMember, LeaderRecovery, Outcome, Registration};

const SECOND: Duration = Duration::from_secs(1);
const LAG_MAX: Duration = Duration::from_secs(30);

fn id(broker: u32) -> BrokerId {
    BrokerId::new(broker)
}

fn ids(brokers: &[u32]) -> BTreeSet<BrokerId> {
    brokers.iter().copied().map(id).collect()
}

fn at(offset: u64) -> Offset {
    Offset::new(offset)
}

fn epoch(leader_epoch: u32) -> LeaderEpoch {
    LeaderEpoch::new(leader_epoch)
}

/// Replicas 1, 2 and 3, all in sync, at leader epoch 5 and partition epoch 10.
fn led_by(leader: u32) -> PartitionState {
    PartitionState {
        leader: Some(id(leader)),
        leader_epoch: epoch(5),
        partition_epoch: PartitionEpoch::new(10),
        replicas: ids(&[1, 2, 3]),
        isr: ids(&[1, 2, 3]),
        leader_recovery: LeaderRecovery::Recovered,
    }
}

/// Replica 1 and what surrounds it.
struct World {
    partition: Partition,
    registrations: BTreeMap<BrokerId, Registration>,
    now: Monotonic,
    is_self_fenced: bool,
    actions: Vec<Action>,
    /// The last proposal that was seen.
    proposal: Option<AlterPartition>,
}

/// Calls a method of the partition that takes a context and actions.
macro_rules! call {
    ($world:ident.$method:ident($($argument:expr),*)) => {{
        let context = Context {
            now: $world.now,
            registrations: &$world.registrations,
            is_self_fenced: $world.is_self_fenced,
        };
        $world.partition.$method($($argument,)* context, &mut $world.actions)
    }};
}
use call;

impl World {
    fn new(log_end: u64, high_watermark: u64) -> World {
        let config = Config {
            min_insync_replicas: 2,
            replica_lag_time_max: LAG_MAX,
            durability: Durability::Fsync,
        };
        let offsets = Offsets {
            log_start_offset: at(0),
            high_watermark: at(high_watermark),
            durable_end_offset: at(log_end),
            log_end_offset: at(log_end),
        };
        let registration = |epoch| Registration {
            broker_epoch: BrokerEpoch::new(epoch),
            is_isr_eligible: true,
        };
        World {
            partition: Partition::new(id(1), config, offsets),
            registrations: (1..=4)
                .map(|it| (id(it), registration(100 + u64::from(it))))
                .collect(),
            now: Monotonic::from_micros(1_000_000_000),
            is_self_fenced: false,
            actions: Vec::new(),
            proposal: None,
        }
    }

    /// A world whose replica 1 leads epoch 5 from offset 10 on, knowing a high watermark of 8.
    fn leading() -> World {
        World::leading_with(led_by(1))
    }

    fn leading_with(state: PartitionState) -> World {
        let mut world = World::new(10, 8);
        world.apply(&state);
        world.actions.clear();
        world
    }

    /// A leader whose followers have all: ten records, the high watermark at 10.
    fn in_sync() -> World {
        let mut world = World::leading();
        world.fetch(2, 10);
        world.fetch(3, 10);
        assert_eq!(world.high_watermark(), 10);
        world.actions.clear();
        world
    }

    fn apply(&mut self, state: &PartitionState) {
        call!(self.apply(state));
    }

    fn fetch_of(&self, broker: u32, fetch_offset: u64) -> FollowerFetch {
        FollowerFetch {
            broker: id(broker),
            broker_epoch: BrokerEpoch::new(100 + u64::from(broker)),
            leader_epoch: epoch(5),
            fetch_offset: at(fetch_offset),
            log_start_offset: at(0),
            last_fetched_epoch: None,
            epoch_end: None,
        }
    }

    fn try_fetch(&mut self, fetch: FollowerFetch) -> Result<Served, Refusal> {
        call!(self.handle_follower_fetch(fetch))
    }

    fn fetch(&mut self, broker: u32, fetch_offset: u64) {
        let fetch = self.fetch_of(broker, fetch_offset);
        assert_eq!(self.try_fetch(fetch), Ok(Served::Records));
    }

    fn append(&mut self, log_end: u64) {
        call!(self.handle_appended(at(log_end)));
    }

    fn sync(&mut self, durable_end: u64) {
        call!(self.handle_durable(at(durable_end)));
    }

    fn append_and_sync(&mut self, log_end: u64) {
        self.append(log_end);
        self.sync(log_end);
    }

    fn tick(&mut self) {
        call!(self.tick());
    }

    fn wait(&mut self, token: u64, required: u64) {
        let deadline = self.now + SECOND;
        let token = Token(token);
        self.partition
            .wait(token, at(required), deadline, &mut self.actions)
            .unwrap();
    }

    fn refuse_alter_partition(&mut self, error: ErrorCode) {
        self.note_proposal();
        let request = self.proposal.clone().unwrap();
        self.partition
            .handle_alter_partition_error(&request, error, self.now);
    }

    /// The controller adopts an ISR, at the next partition epoch.
    fn adopt(&mut self, isr: &[u32]) {
        let partition_epoch = self
            .partition
            .state
            .as_ref()
            .unwrap()
            .partition_epoch
            .next();
        let altered = AlteredPartition {
            leader_epoch: epoch(5),
            partition_epoch,
            isr: ids(isr),
            leader_recovery: LeaderRecovery::Recovered,
        };
        call!(self.handle_altered_partition(altered));
    }

    fn may_append(&self, acks: Acks) -> Result<(), Refusal> {
        let context = Context {
            now: self.now,
            registrations: &self.registrations,
            is_self_fenced: self.is_self_fenced,
        };
        self.partition.may_append(acks, context)
    }

    fn high_watermark(&self) -> u64 {
        self.partition.offsets().high_watermark.value()
    }

    fn take_actions(&mut self) -> Vec<Action> {
        self.note_proposal();
        std::mem::take(&mut self.actions)
    }

    fn note_proposal(&mut self) {
        for action in &self.actions {
            if let Action::AlterPartition(request) = action {
                self.proposal = Some(request.clone());
            }
        }
    }

    /// The ISRs that were proposed since the last look.
    fn take_proposals(&mut self) -> Vec<AlterPartition> {
        let mut requests = Vec::new();
        for action in self.take_actions() {
            if let Action::AlterPartition(request) = action {
                requests.push(request);
            }
        }
        requests
    }

    #[track_caller]
    fn assert_proposed(&mut self, isr: &[u32]) {
        let proposals = self.take_proposals();
        let found: Vec<BTreeSet<BrokerId>> = proposals
            .iter()
            .map(|it| it.isr.iter().map(|it| it.broker_id).collect())
            .collect();
        assert_eq!(found, [ids(isr)]);
    }
}
