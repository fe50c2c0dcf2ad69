//! Brokers, their machines and the network between them, moved forward in virtual time.
//!
//! In: a seed, orders to crash, cut and mend. Out: the executor turned, what ends by itself begun
//! again, the checker shown what there is. Never here: which fault comes when.

use std::collections::BTreeMap;
use std::time::Duration;

use broker_types::{BrokerId, Durability, Monotonic};

use crate::broker::{Broker, Crash, form};
use crate::checker::Checker;
use crate::disk_faults::DiskFault;
use crate::executor::{Executor, Process};
use crate::losses::{flip_bit, take_old_disk};
use crate::network::{Host, Latency, Network};
use crate::rng::Chance;
use crate::trace::Trace;
use crate::world::Surroundings;

/// How often the brokers are looked at from inside.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// Numbers of brokers' processes begin here; those below are clients'.
const FIRST_PROCESS: u32 = 1000;

/// How large a cluster is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub n_brokers: u32,
    /// The first so many brokers vote in the metadata quorum.
    pub n_voters: usize,
}

/// What is to happen at a later time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    Start(usize),
    Resume(Process),
    Mend(Host, Host),
    /// The disk is as fast again as it should be.
    QuickDisk(usize),
    /// The broker is told to stop; it is started again.
    Stop(usize),
    /// What filled the disk is gone.
    RoomyDisk(usize),
    /// A bit of an old record changes.
    FlipBit(usize),
    /// The broker's disk is as it was when it was copied.
    OldDisk(usize),
}

/// Some brokers and what surrounds them.
pub struct Cluster {
    pub executor: Executor,
    pub around: Surroundings,
    pub brokers: Vec<Broker>,
    pub ids: Vec<BrokerId>,
    pub checker: Checker,
    later: BTreeMap<(Monotonic, u64), Later>,
    n_later: u64,
    n_processes: u32,
    look_at: Monotonic,
    /// How long a process that ended stays away, in milliseconds.
    pub away_millis: (u64, u64),
    /// Whether a broker has lost a replica, or its whole disk, already.
    pub has_lost_replica: bool,
}

impl Cluster {
    pub fn new(
        seed: u64,
        is_printed: bool,
        latency: Latency,
        durability: Durability,
        size: Size,
    ) -> Cluster {
        let chance = Chance::new(seed);
        let executor = Executor::new(chance.clone());
        let handle = executor.handle();
        let trace = Trace::new(handle.clone(), is_printed);
        let network = Network::new(handle.clone(), chance.clone(), trace.clone(), latency);
        let around = Surroundings {
            handle,
            chance,
            network,
            trace: trace.clone(),
            durability,
        };
        let ids: Vec<BrokerId> = (1..=size.n_brokers).map(BrokerId::new).collect();
        Cluster {
            executor,
            brokers: form(&ids, size.n_voters, &around),
            ids,
            checker: Checker::new(trace),
            around,
            later: BTreeMap::new(),
            n_later: 0,
            n_processes: FIRST_PROCESS,
            look_at: Monotonic::ZERO,
            away_millis: (50, 1_500),
            has_lost_replica: false,
        }
    }

    pub fn now(&self) -> Monotonic {
        self.around.handle.now()
    }

    pub fn later(&mut self, after: Duration, what: Later) {
        self.later.insert((self.now() + after, self.n_later), what);
        self.n_later += 1;
    }

    pub fn start(&mut self, index: usize) {
        let process = Process(self.n_processes);
        let Some(broker) = self.brokers.get_mut(index) else {
            return;
        };
        if broker.running.is_some() {
            return;
        }
        self.n_processes += 1;
        let (id, trace) = (broker.id, &self.around.trace);
        trace.say(format_args!("broker {id} starts as process {}", process.0));
        broker.start(process, &self.around, &self.ids);
    }

    /// Ends a broker's process, or takes its machine's power.
    pub fn crash(&mut self, index: usize, how: Crash) {
        let (executor, around) = (&mut self.executor, &self.around);
        if let Some(broker) = self.brokers.get_mut(index) {
            let id = broker.id;
            around.trace.say(format_args!("broker {id}: {how:?} crash"));
            broker.crash(how, executor, around);
        }
    }

    pub fn arm(&mut self, index: usize, fault: DiskFault) {
        if let Some(broker) = self.brokers.get(index)
            && let Some(running) = &broker.running
        {
            let (id, trace) = (broker.id, &self.around.trace);
            trace.say(format_args!("broker {id}: its disk will {fault:?}"));
            running.faults.arm(fault);
        }
    }

    /// Leaves a broker's disk so many bytes.
    pub fn fill(&mut self, index: usize, left: u64) {
        if let Some(broker) = self.brokers.get(index) {
            let disk = broker.disk();
            disk.set_capacity(Some(disk.used() + left));
            if let Some(running) = &broker.running {
                running.faults.excuse();
            }
        }
    }

    pub fn pause(&mut self, index: usize, duration: Duration) {
        if let Some(running) = self
            .brokers
            .get_mut(index)
            .and_then(|it| it.running.as_mut())
        {
            let (process, trace) = (running.process, &self.around.trace);
            trace.say(format_args!(
                "process {} is paused for {duration:?}",
                process.0
            ));
            running.is_paused = true;
            self.executor.pause(process);
            self.later(duration, Later::Resume(process));
        }
    }

    /// Runs until that much virtual time has passed, or something is wrong.
    pub fn run_for(&mut self, duration: Duration) {
        let end = self.now() + duration;
        loop {
            if let Some((process, reason)) = self.executor.run_until_idle() {
                self.process_ended(process, &reason);
                continue;
            }
            if self.around.trace.found().is_some() {
                return;
            }
            let later = self.later.keys().next().map(|(at, _)| *at);
            let timer = self.executor.next_timer();
            let next = [later, timer, Some(self.look_at), Some(end)];
            let next = next.into_iter().flatten().min().unwrap_or(end);
            let next = next.max(self.now());
            self.executor.advance_to(next);
            if next >= self.look_at {
                self.look();
            }
            while let Some(first) = self.later.first_entry()
                && first.key().0 <= next
            {
                let what = first.remove();
                self.perform(what);
            }
            if next >= end {
                return;
            }
        }
    }

    fn look(&mut self) {
        self.look_at = self.now() + LOOK_EVERY;
        for broker in &mut self.brokers {
            if broker.has_cut_torn_tail() {
                self.around.trace.mark("a torn tail was cut off");
            }
            if let (Some(running), Some(node)) = (&broker.running, broker.node()) {
                let (process, disk) = (running.process, broker.disk());
                self.checker.look(process, broker.id, &node, disk);
            }
        }
    }

    fn perform(&mut self, what: Later) {
        self.around.trace.say(format_args!("{what:?}"));
        match what {
            Later::Start(index) => self.start(index),
            Later::Stop(index) => {
                if let Some(broker) = self.brokers.get(index) {
                    broker.stop();
                }
            }
            Later::Resume(process) => self.resume(process),
            Later::Mend(from, to) => self.around.network.mend((from, to)),
            Later::FlipBit(index) => flip_bit(self, index),
            Later::OldDisk(index) => take_old_disk(self, index),
            Later::RoomyDisk(index) => {
                if let Some(broker) = self.brokers.get(index) {
                    broker.disk().set_capacity(None);
                }
            }
            Later::QuickDisk(index) => {
                if let Some(broker) = self.brokers.get(index) {
                    broker.hardware.set_disk_drag(0);
                }
            }
        }
    }

    fn resume(&mut self, process: Process) {
        for broker in &mut self.brokers {
            if let Some(running) = &mut broker.running
                && running.process == process
            {
                running.is_paused = false;
                self.executor.resume(process);
            }
        }
    }

    /// A process ended itself: what looks after it starts another one.
    fn process_ended(&mut self, process: Process, reason: &str) {
        let trace = &self.around.trace;
        trace.say(format_args!("process {} ended: {reason}", process.0));
        let is_of = |it: &Broker| it.running.as_ref().is_some_and(|it| it.process == process);
        let Some(index) = self.brokers.iter().position(is_of) else {
            return self.executor.kill(process);
        };
        let broker = self.brokers.get(index).and_then(|it| it.running.as_ref());
        let has_cause = broker.is_some_and(|it| it.faults.has_failed());
        if reason.starts_with("halted") && !has_cause {
            trace.violation(format!("a broker gave up on a good disk: {reason}"));
        }
        if reason.starts_with("halted") {
            trace.mark("a broker gave up on its disk");
        } else if reason.starts_with("killed before") {
            trace.mark("a process died within its work on the disk");
        } else if reason == "stopped" {
            trace.mark("a broker stopped in good order");
        }
        self.crash(index, Crash::Process);
        let (low, high) = self.away_millis;
        let away = self.around.chance.millis(low, high);
        self.later(away, Later::Start(index));
    }

    /// Ends all faults: everything has power, runs, and is connected.
    pub fn heal(&mut self) {
        self.around.trace.say(format_args!("all faults end"));
        self.around.network.mend_all();
        self.later.clear();
        self.executor.set_stalls(crate::executor::Stalls::default());
        for index in 0..self.brokers.len() {
            if let Some(broker) = self.brokers.get_mut(index) {
                broker.hardware.set_disk_drag(0);
                broker.disk().set_capacity(None);
                if let Some(running) = &mut broker.running {
                    running.is_paused = false;
                    running.faults.disarm();
                    self.executor.resume(running.process);
                }
            }
            self.start(index);
        }
    }
}
