//! Time, the network, and the nodes: one event after the other, in an order that the seed decides.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use broker_raft::{
    Endpoint, Failure, Persist, ReplicaKey, RoleName, SnapshotId, SyncTicket, VoterSet,
};
use broker_types::{BrokerId, DirectoryId, Monotonic};

use crate::checker::Checker;
use crate::disk::{Disk, Snapshot};
use crate::node::{Message, Node, Process, Seen};
use crate::rng::{Rng, mix};
use crate::schedule::Profile;

#[derive(Debug)]
pub(crate) enum Event {
    Deliver {
        from: usize,
        to: usize,
        message: Message,
    },
    CallFailed {
        node: usize,
        incarnation: u64,
        call: u64,
        failure: Failure,
    },
    Tick {
        node: usize,
        incarnation: u64,
    },
    Persisted {
        node: usize,
        incarnation: u64,
        persist: Persist,
    },
    Synced {
        node: usize,
        incarnation: u64,
        ticket: SyncTicket,
        up_to: usize,
    },
    Loaded {
        node: usize,
        incarnation: u64,
        id: SnapshotId,
        is_readable: bool,
    },
    SnapshotWritten {
        node: usize,
        incarnation: u64,
        snapshot: Rc<Snapshot>,
    },
    Unpark {
        node: usize,
        incarnation: u64,
    },
    Crash {
        node: usize,
        incarnation: u64,
        has_power: bool,
    },
    Start {
        node: usize,
    },
    Resume {
        node: usize,
    },
    /// Actions that were left until more had come are done.
    Settle {
        node: usize,
        incarnation: u64,
    },
    Heal {
        links: Vec<(usize, usize)>,
    },
    Fault,
    Propose,
    Admin,
}

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: u64,
    pub(crate) profile: Profile,
    pub(crate) nodes: Vec<Node>,
    pub(crate) checker: Checker,
    /// Counts of interesting states that were reached.
    pub(crate) marks: BTreeMap<&'static str, u64>,
    /// Links that drop everything, with how many faults hold each.
    pub(crate) blocked: BTreeMap<(usize, usize), u32>,
    /// Whether faults happen.
    pub(crate) is_faulty: bool,
    /// Nodes that stay down.
    pub(crate) kept_down: BTreeSet<usize>,
    pub(crate) trace: u64,
    pub(crate) n_events: u64,
    events: BTreeMap<(u64, u64), Event>,
    n_scheduled: u64,
    pub(crate) n_calls: u64,
    n_values: u64,
    n_directories: u64,
    is_traced: bool,
    /// Recovery believes the page cache: a mistake of a driver.
    #[cfg(feature = "mutants")]
    pub(crate) trusts_cache: bool,
    #[cfg(feature = "mutants")]
    pub(crate) mutant: Option<broker_raft::Mutant>,
}

impl World {
    pub(crate) fn new(seed: u64, is_traced: bool) -> World {
        let mut rng = Rng::new(seed);
        let profile = Profile::choose(&mut rng);
        World::with(seed, rng, profile, is_traced)
    }

    /// Three voters, and nothing goes wrong by itself.
    pub(crate) fn calm(seed: u64) -> World {
        let mut rng = Rng::new(seed);
        let mut profile = Profile::choose(&mut rng);
        (profile.n_voters, profile.n_nodes) = (3, 3);
        let mut world = World::with(seed, rng, profile, false);
        world.is_faulty = false;
        world
    }

    fn with(seed: u64, rng: Rng, profile: Profile, is_traced: bool) -> World {
        let mut world = World {
            rng,
            now: 1_000_000,
            nodes: Vec::new(),
            checker: Checker::default(),
            marks: BTreeMap::new(),
            blocked: BTreeMap::new(),
            is_faulty: true,
            kept_down: BTreeSet::new(),
            trace: seed,
            n_events: 0,
            events: BTreeMap::new(),
            n_scheduled: 0,
            n_calls: 0,
            n_values: 0,
            n_directories: 0,
            is_traced,
            #[cfg(feature = "mutants")]
            trusts_cache: false,
            #[cfg(feature = "mutants")]
            mutant: None,
            profile,
        };
        world.format();
        world
    }

    fn format(&mut self) {
        let (n_voters, n_nodes) = (self.profile.n_voters, self.profile.n_nodes);
        let keys: Vec<ReplicaKey> = (0..n_nodes).map(|it| self.new_key(it)).collect();
        let voters: Vec<_> = keys[..n_voters]
            .iter()
            .map(|it| (*it, endpoints(*it, 0)))
            .collect();
        let voters = VoterSet::new(voters);
        for (place, key) in keys.into_iter().enumerate() {
            let bootstrap = if place < n_voters {
                voters.clone()
            } else {
                VoterSet::default()
            };
            self.nodes.push(Node {
                disk: Disk::format(key, bootstrap),
                process: None,
                incarnation: 0,
                has_power: true,
                endpoints: endpoints(key, 0),
                slow_until: 0,
                slow_sync: 0,
                fails_next_sync: false,
                paused_until: 0,
                stalled: Vec::new(),
            });
        }
        for place in 0..self.nodes.len() {
            let at = self.rng.between(0, 100_000);
            self.after(at, Event::Start { node: place });
        }
        self.after(300_000, Event::Propose);
        self.after(500_000, Event::Fault);
        self.after(700_000, Event::Admin);
    }

    pub(crate) fn new_key(&mut self, place: usize) -> ReplicaKey {
        self.n_directories += 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&mix(self.n_directories).to_be_bytes());
        let id = BrokerId::new(u32::try_from(place).unwrap() + 1);
        ReplicaKey {
            id,
            directory_id: DirectoryId::from_bytes(bytes),
        }
    }

    pub(crate) fn new_value(&mut self) -> u64 {
        self.n_values += 1;
        mix(self.n_values)
    }

    pub(crate) fn clock(&self) -> Monotonic {
        Monotonic::from_micros(self.now)
    }

    pub(crate) fn mark(&mut self, what: &'static str) {
        *self.marks.entry(what).or_default() += 1;
    }

    pub(crate) fn after(&mut self, delay: u64, event: Event) {
        self.n_scheduled += 1;
        self.events
            .insert((self.now + delay, self.n_scheduled), event);
    }

    /// Runs until `until`, a violation, or `is_done`.
    pub(crate) fn run(&mut self, until: u64, mut is_done: impl FnMut(&mut World) -> bool) -> bool {
        while self.checker.violation.is_none() {
            if is_done(self) {
                return true;
            }
            let Some(((at, number), event)) = self.events.pop_first() else {
                return false;
            };
            if at > until {
                self.events.insert((at, number), event);
                self.now = until;
                return false;
            }
            self.now = at;
            self.n_events += 1;
            if self.n_events > 2_000_000 {
                self.checker
                    .fail(|| "the nodes do not come to rest".to_owned());
            }
            if self.is_traced {
                eprintln!("{at:>10} {event:?}");
            }
            self.handle(event);
        }
        false
    }

    /// The node whose process the event reaches.
    fn reached(event: &Event) -> Option<usize> {
        match event {
            Event::Deliver { to, .. } => Some(*to),
            Event::CallFailed { node, .. }
            | Event::Tick { node, .. }
            | Event::Persisted { node, .. }
            | Event::Synced { node, .. }
            | Event::Loaded { node, .. }
            | Event::SnapshotWritten { node, .. }
            | Event::Settle { node, .. }
            | Event::Unpark { node, .. } => Some(*node),
            Event::Crash { .. }
            | Event::Resume { .. }
            | Event::Start { .. }
            | Event::Heal { .. }
            | Event::Fault
            | Event::Propose
            | Event::Admin => None,
        }
    }

    fn handle(&mut self, event: Event) {
        if let Some(place) = Self::reached(&event) {
            let node = &self.nodes[place];
            if node.process.is_some() && self.now < node.paused_until {
                return self.nodes[place].stalled.push(event);
            }
            if self.rng.chance(500) {
                self.tick_when_due(place);
            }
        }
        let place = match event {
            Event::Deliver { from, to, message } => self.deliver(from, to, message),
            Event::CallFailed {
                node,
                incarnation,
                call,
                failure,
            } => self.call_failed(node, incarnation, call, failure),
            Event::Tick { node, incarnation } => self.tick(node, incarnation),
            Event::Persisted {
                node,
                incarnation,
                persist,
            } => self.persisted(node, incarnation, persist),
            Event::Synced {
                node,
                incarnation,
                ticket,
                up_to,
            } => self.synced(node, incarnation, ticket, up_to),
            Event::Loaded {
                node,
                incarnation,
                id,
                is_readable,
            } => self.loaded(node, incarnation, id, is_readable),
            Event::SnapshotWritten {
                node,
                incarnation,
                snapshot,
            } => self.snapshot_written(node, incarnation, snapshot),
            Event::Unpark { node, incarnation } => self.runs(node, incarnation).then_some(node),
            Event::Settle { node, incarnation } => {
                if self.runs(node, incarnation) {
                    self.settle(node);
                }
                None
            }
            Event::Crash {
                node,
                incarnation,
                has_power,
            } => {
                if self.is_faulty && self.runs(node, incarnation) {
                    self.crash(node, has_power);
                }
                None
            }
            Event::Start { node } => self.start(node),
            Event::Resume { node } => {
                if self.now >= self.nodes[node].paused_until {
                    self.resume(node);
                }
                None
            }
            // Once all faults have ended, links are cut and mended by other rules.
            Event::Heal { links } if self.is_faulty => {
                links.iter().for_each(|it| self.unblock(*it));
                None
            }
            Event::Heal { .. } => None,
            Event::Fault => self.fault(),
            Event::Propose => self.propose(),
            Event::Admin => self.administer(),
        };
        let Some(place) = place else { return };
        // What a leader has committed, others may hear of before it crashes.
        self.checker.check(self.now, &self.nodes, place, false);
        if self.is_faulty && self.rng.chance(self.profile.batching) {
            // A driver may hand over more before it does what is asked of it.
            let (node, incarnation) = (place, self.nodes[place].incarnation);
            let delay = self.rng.between(0, 3_000);
            self.after(delay, Event::Settle { node, incarnation });
        } else {
            self.settle(place);
        }
    }

    /// Lets a process do what its quorum asks for, and checks what came of it.
    pub(crate) fn settle(&mut self, place: usize) {
        self.drain(place);
        if self.leaders().len() > 1 {
            self.mark("two at once thought to lead");
        }
        self.checker.check(self.now, &self.nodes, place, true);
        self.apply(place);
        self.unpark(place);
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        let (epoch, high_watermark) = (process.quorum.epoch(), process.quorum.high_watermark());
        process.seen = Seen {
            epoch,
            high_watermark,
        };
        let role = process.quorum.role();
        let seen = mix(place as u64 ^ u64::from(epoch.value()) << 8 ^ (role as u64) << 40);
        self.trace = mix(self.trace ^ self.now ^ seen ^ mix(high_watermark.value()));
        self.schedule_tick(place);
    }

    fn schedule_tick(&mut self, place: usize) {
        let now = self.now;
        let node = &mut self.nodes[place];
        let incarnation = node.incarnation;
        let Some(process) = node.process.as_mut() else {
            return;
        };
        let deadline = process.quorum.next_deadline();
        if deadline == Monotonic::NEVER || deadline.as_micros() >= process.tick_at {
            return;
        }
        let at = deadline.as_micros().max(now + 1);
        process.tick_at = at;
        self.after(
            at - now,
            Event::Tick {
                node: place,
                incarnation,
            },
        );
    }

    pub(crate) fn runs(&self, place: usize, incarnation: u64) -> bool {
        let node = &self.nodes[place];
        node.process.is_some() && node.incarnation == incarnation
    }

    fn tick(&mut self, place: usize, incarnation: u64) -> Option<usize> {
        if !self.runs(place, incarnation) {
            return None;
        }
        let process = self.nodes[place].process.as_mut()?;
        if self.now < process.tick_at {
            return None;
        }
        process.tick_at = u64::MAX;
        self.tick_when_due(place);
        Some(place)
    }

    fn tick_when_due(&mut self, place: usize) {
        let now = self.clock();
        let Some(process) = self.nodes[place].process.as_mut() else {
            return;
        };
        if process.quorum.next_deadline() > now {
            return;
        }
        let before = process.quorum.role();
        process.quorum.tick(now);
        let after = process.quorum.role();
        if (before, after) == (RoleName::Leader, RoleName::Resigned) {
            self.mark("a leader lost its majority");
        }
        if after == RoleName::Prospective {
            self.mark("a pre-vote was asked for");
        }
        self.settle(place);
    }

    fn start(&mut self, place: usize) -> Option<usize> {
        if self.nodes[place].process.is_some() || self.kept_down.contains(&place) {
            return None;
        }
        let seed = self.rng.next();
        #[cfg(feature = "mutants")]
        let mutant = self.mutant;
        #[cfg(feature = "mutants")]
        let trusts_cache = self.trusts_cache;
        let now = self.now;
        let node = &mut self.nodes[place];
        #[cfg(feature = "mutants")]
        node.disk.trust_cache(trusts_cache);
        node.has_power = true;
        node.incarnation += 1;
        let endpoints = node.endpoints.clone();
        let started = Process::start(
            now,
            &mut node.disk,
            endpoints,
            seed,
            #[cfg(feature = "mutants")]
            mutant,
        );
        match started {
            Ok(process) => node.process = Some(process),
            Err(error) => self.checker.fail(|| error),
        }
        Some(place)
    }

    /// Ends a process. With the power goes what was not synced.
    pub(crate) fn crash(&mut self, place: usize, has_power: bool) {
        let role = self.nodes[place]
            .process
            .as_ref()
            .map(|it| it.quorum.role());
        if role == Some(RoleName::Leader) {
            self.mark("a leader crashed");
        }
        if self.nodes[place].disk.has_pending() {
            self.mark(if has_power {
                "process crash, unsynced"
            } else {
                "power loss, unsynced"
            });
        }
        let node = &mut self.nodes[place];
        node.process = None;
        node.has_power = has_power;
        self.resume(place);
        let node = &mut self.nodes[place];
        if !has_power {
            node.disk.lose_power(&mut self.rng);
            return;
        }
        // The kernel closes the connections: whoever waits for an answer hears of it.
        (0..self.nodes.len()).for_each(|it| self.reset(it, place));
    }

    /// What came while the process was paused reaches it now.
    pub(crate) fn resume(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        node.paused_until = node.paused_until.min(self.now);
        for event in std::mem::take(&mut node.stalled) {
            self.after(0, event);
        }
    }

    /// The nodes that lead, as they think.
    pub(crate) fn leaders(&self) -> Vec<usize> {
        let leads = |it: &Node| {
            it.process
                .as_ref()
                .is_some_and(|it| it.quorum.role() == RoleName::Leader)
        };
        (0..self.nodes.len())
            .filter(|it| leads(&self.nodes[*it]))
            .collect()
    }
}

pub(crate) fn endpoints(key: ReplicaKey, version: u64) -> Vec<Endpoint> {
    let port = u16::try_from(9091 + version % 100).unwrap();
    vec![Endpoint {
        name: "CONTROLLER".to_owned(),
        host: format!("node-{}", key.id),
        port,
    }]
}
