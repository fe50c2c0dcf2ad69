//! What goes wrong, how often, and what clients and administrators ask for meanwhile.
//!
//! Each seed chooses a profile, so that some runs are about power, some about partitions, some about
//! changes of the voters; a uniform mixture would reach none of the rare states.

use broker_raft::{AddVoterRequest, RemoveVoterRequest, ReplicaKey, ReplyTo, RoleName, VoterSet};

use crate::disk::Disk;
use crate::node::Payload;
use crate::rng::Rng;
use crate::world::{Event, World, endpoints};

/// Rates are per mille, times are microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// How long faults go on.
    pub(crate) faulty: u64,
    pub(crate) n_voters: usize,
    /// Voters and observers.
    pub(crate) n_nodes: usize,
    /// How long a caller waits for an answer.
    pub(crate) call_timeout: u64,
    pub(crate) delay: u64,
    pub(crate) loss: u64,
    pub(crate) duplication: u64,
    /// How often a message is much later than others.
    pub(crate) lateness: u64,
    /// How often a process takes more in before it does what its quorum asks for.
    pub(crate) batching: u64,
    pub(crate) crash_between_actions: u64,
    /// How often a process crashes while it installs a snapshot.
    pub(crate) crash_in_install: u64,
    pub(crate) crash_before_sync: u64,
    pub(crate) crash_after_vote: u64,
    pub(crate) crash_after_election: u64,
    /// How often a fetched snapshot cannot be loaded.
    pub(crate) unreadable: u64,
    /// The longest time that loading a snapshot takes.
    pub(crate) load: u64,
    pub(crate) snapshot_every: u64,
    propose_every: u64,
    fault_every: u64,
    admin_every: u64,
    /// How often each fault is chosen.
    weights: [(Fault, u64); 10],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    CrashProcess,
    LosePower,
    LoseAllPower,
    Isolate,
    Split,
    SlowDisk,
    FailSync,
    LoseDisk,
    Pause,
    Reset,
}

impl Profile {
    pub(crate) fn choose(rng: &mut Rng) -> Profile {
        let n_voters = [1, 2, 3, 3, 3, 3, 4, 5, 5, 5][rng.index(10)];
        let n_nodes = n_voters + rng.index(3).min(6 - n_voters);
        let mut pick = |choices: &[u64]| choices[rng.index(choices.len())];
        let weights = [
            (Fault::CrashProcess, pick(&[0, 1, 4])),
            (Fault::LosePower, pick(&[0, 1, 4])),
            (Fault::LoseAllPower, pick(&[0, 0, 1])),
            (Fault::Isolate, pick(&[0, 2, 6])),
            (Fault::Split, pick(&[0, 1, 3])),
            (Fault::SlowDisk, pick(&[0, 2, 5])),
            (Fault::FailSync, pick(&[0, 0, 1])),
            (Fault::LoseDisk, pick(&[0, 0, 2])),
            (Fault::Pause, pick(&[0, 0, 3])),
            (Fault::Reset, pick(&[0, 1, 5])),
        ];
        Profile {
            faulty: pick(&[6_000_000, 12_000_000, 12_000_000, 30_000_000, 60_000_000]),
            n_voters,
            n_nodes,
            call_timeout: pick(&[1_000_000, 2_000_000]),
            delay: pick(&[1_000, 5_000, 20_000, 80_000]),
            loss: pick(&[0, 0, 10, 50]),
            duplication: pick(&[0, 20, 100]),
            lateness: pick(&[0, 10, 60]),
            batching: pick(&[0, 200, 700]),
            crash_between_actions: pick(&[0, 0, 1]),
            crash_in_install: pick(&[0, 100, 300]),
            crash_before_sync: pick(&[0, 0, 5, 20]),
            crash_after_election: pick(&[0, 0, 400]),
            crash_after_vote: pick(&[0, 100, 400]),
            unreadable: pick(&[0, 200, 500]),
            load: pick(&[10_000, 1_000_000, 3_000_000]),
            snapshot_every: pick(&[10, 20, 80, 1_000]),
            propose_every: pick(&[10_000, 30_000, 100_000]),
            fault_every: pick(&[200_000, 500_000, 1_500_000]),
            admin_every: pick(&[150_000, 600_000, 4_000_000]),
            weights,
        }
    }
}

impl World {
    /// Something goes wrong.
    pub(crate) fn fault(&mut self) -> Option<usize> {
        if !self.is_faulty {
            return None;
        }
        let wait = self.rng.between(50_000, 2 * self.profile.fault_every);
        self.after(wait, Event::Fault);
        let total = self
            .profile
            .weights
            .iter()
            .map(|(_, weight)| weight)
            .sum::<u64>();
        if total == 0 {
            return None;
        }
        let mut choice = self.rng.next() % total;
        let weights = self.profile.weights;
        let chosen = weights.iter().find(|(_, weight)| {
            let is_it = choice < *weight;
            choice = choice.saturating_sub(*weight);
            is_it
        });
        let place = self.victim();
        match chosen.map(|(fault, _)| *fault)? {
            Fault::CrashProcess => self.crash_for_a_while(place),
            Fault::LosePower => self.lose_power(place),
            Fault::LoseAllPower => {
                self.mark("all power was lost");
                (0..self.nodes.len()).for_each(|it| self.lose_power(it));
            }
            Fault::Isolate => self.isolate(place),
            Fault::Split => self.split(),
            Fault::SlowDisk => {
                let lasts = self.rng.between(200_000, 3_000_000);
                let node = &mut self.nodes[place];
                node.slow_until = self.now + lasts;
                node.slow_sync = self.rng.between(20_000, 700_000);
            }
            Fault::FailSync => self.nodes[place].fails_next_sync = true,
            Fault::LoseDisk => self.lose_disk(place),
            Fault::Pause => self.pause(place),
            Fault::Reset => {
                self.mark("connections broke");
                for other in 0..self.nodes.len() {
                    self.reset(other, place);
                    self.reset(place, other);
                }
            }
        }
        None
    }

    fn awake_leaders(&self) -> Vec<usize> {
        let is_awake = |it: &usize| self.now >= self.nodes[*it].paused_until;
        self.leaders().into_iter().filter(is_awake).collect()
    }

    /// Mostly a leader: that is where it hurts.
    fn victim(&mut self) -> usize {
        let leaders = self.leaders();
        match self.rng.pick(&leaders).filter(|_| self.rng.chance(500)) {
            Some(leader) => leader,
            None => self.rng.index(self.nodes.len()),
        }
    }

    pub(crate) fn crash_for_a_while(&mut self, place: usize) {
        self.crash(place, true);
        let delay = self.rng.between(5_000, 1_500_000);
        self.after(delay, Event::Start { node: place });
    }

    fn lose_power(&mut self, place: usize) {
        self.crash(place, false);
        let delay = self.rng.between(100_000, 3_000_000);
        self.after(delay, Event::Start { node: place });
    }

    fn pause(&mut self, place: usize) {
        self.mark("a process was paused");
        let longest = if self.rng.chance(300) {
            6_000_000
        } else {
            1_500_000
        };
        let lasts = self.rng.between(50_000, longest);
        let node = &mut self.nodes[place];
        node.paused_until = node.paused_until.max(self.now + lasts);
        self.after(lasts, Event::Resume { node: place });
    }

    /// Cuts one node off, in one direction or both, from all or some.
    fn isolate(&mut self, place: usize) {
        self.mark("a node was cut off");
        let (out, back) =
            [(true, true), (true, true), (true, false), (false, true)][self.rng.index(4)];
        let spared = if self.rng.chance(250) {
            self.rng.index(self.nodes.len())
        } else {
            place
        };
        let others = (0..self.nodes.len()).filter(|it| *it != place && *it != spared);
        let links: Vec<_> = others
            .flat_map(|it| [(out, (place, it)), (back, (it, place))])
            .filter_map(|(is_cut, link)| is_cut.then_some(link))
            .collect();
        self.cut(links);
    }

    fn split(&mut self) {
        self.mark("the network was split");
        let sides: Vec<bool> = self.nodes.iter().map(|_| self.rng.chance(500)).collect();
        let n = self.nodes.len();
        let pairs = (0..n).flat_map(|from| (0..n).map(move |to| (from, to)));
        let links = pairs
            .filter(|(from, to)| sides[*from] != sides[*to])
            .collect();
        self.cut(links);
    }

    fn cut(&mut self, links: Vec<(usize, usize)>) {
        links.iter().for_each(|it| self.block(*it));
        let longest = if self.rng.chance(300) {
            7_000_000
        } else {
            1_500_000
        };
        let lasts = self.rng.between(50_000, longest);
        self.after(lasts, Event::Heal { links });
    }

    /// The voter sets that any node goes by or may go by after a crash, and the one that is
    /// committed. A write that is undone brings the set before it back.
    fn sets_in_use(&self) -> Vec<VoterSet> {
        let held = self.nodes.iter().flat_map(|it| it.possible_voters());
        held.chain(self.checker.committed_voters().cloned())
            .filter(|it| !it.is_empty())
            .collect()
    }

    /// Whether a majority of every set in use would keep its disks, and those nodes would run,
    /// without `gone`.
    pub(crate) fn would_survive(&self, gone: &[ReplicaKey], kept_down: &[usize]) -> bool {
        let is_intact = |key: &ReplicaKey| {
            let place = usize::try_from(key.id.value()).unwrap() - 1;
            !self.checker.is_lost(*key) && !gone.contains(key) && !kept_down.contains(&place)
        };
        let sets = self.sets_in_use();
        sets.iter()
            .all(|set| set.keys().filter(is_intact).count() >= set.majority())
    }

    /// A node loses its disk and comes back with a new one, when the quorum can stand that.
    fn lose_disk(&mut self, place: usize) {
        let before = self.nodes[place].disk.key;
        if !self.would_survive(&[before], &[]) {
            return;
        }
        self.mark("a disk was lost");
        self.crash(place, true);
        let key = self.new_key(place);
        let node = &mut self.nodes[place];
        // What an earlier process began must not end on the new disk.
        node.incarnation += 1;
        let disk = std::mem::replace(&mut node.disk, Disk::format(key, VoterSet::default()));
        self.checker.disk_lost(before, disk.durable);
        let delay = self.rng.between(5_000, 500_000);
        self.after(delay, Event::Start { node: place });
    }

    /// Whoever thinks to lead gets something to write.
    pub(crate) fn propose(&mut self) -> Option<usize> {
        let wait = if self.is_faulty {
            self.profile.propose_every
        } else {
            50_000
        };
        let wait = self.rng.between(wait / 2, wait * 3 / 2);
        self.after(wait, Event::Propose);
        for leader in self.awake_leaders() {
            for _ in 0..self.rng.between(1, 2) {
                let value = self.new_value();
                let n_records = u32::try_from(self.rng.between(1, 3)).unwrap();
                let Some(process) = self.nodes[leader].process.as_mut() else {
                    continue;
                };
                let proposed = process.quorum.propose(Payload::Value(value), n_records);
                assert!(proposed.is_ok(), "a leader appends");
            }
            self.settle(leader);
        }
        None
    }

    /// Changes of the voters, several at once now and then, and planned stops.
    pub(crate) fn administer(&mut self) -> Option<usize> {
        if !self.is_faulty {
            return None;
        }
        let wait = self.rng.between(50_000, 2 * self.profile.admin_every);
        self.after(wait, Event::Admin);
        for leader in self.awake_leaders() {
            if self.rng.chance(100) {
                self.stop(leader);
                continue;
            }
            for _ in 0..[1, 1, 1, 2, 3][self.rng.index(5)] {
                self.change_voters(leader);
            }
            self.settle(leader);
        }
        None
    }

    /// A planned stop: the leader hands over, and later its process ends.
    fn stop(&mut self, leader: usize) {
        self.mark("a leader handed over");
        let now = self.clock();
        let node = &mut self.nodes[leader];
        let incarnation = node.incarnation;
        let version = self.rng.between(0, 3);
        node.endpoints = endpoints(node.disk.key, version);
        if let Some(process) = node.process.as_mut() {
            process.quorum.resign(now);
        }
        self.settle(leader);
        let delay = self.rng.between(10_000, 1_000_000);
        self.after(
            delay,
            Event::Crash {
                node: leader,
                incarnation,
                has_power: true,
            },
        );
        let delay = delay + self.rng.between(10_000, 500_000);
        self.after(delay, Event::Start { node: leader });
    }

    fn change_voters(&mut self, leader: usize) {
        let now = self.clock();
        let to = ReplyTo(self.new_value());
        let Some(process) = &self.nodes[leader].process else {
            return;
        };
        let voters = process.quorum.voters().clone();
        let keys: Vec<ReplicaKey> = self.nodes.iter().map(|it| it.disk.key).collect();
        let lost: Vec<ReplicaKey> = voters.keys().filter(|it| !keys.contains(it)).collect();
        let observers: Vec<ReplicaKey> = keys
            .into_iter()
            .filter(|it| voters.get(it.id).is_none())
            .collect();
        let observer = self.rng.pick(&observers).filter(|_| voters.len() < 5);
        let any = voters.keys().collect::<Vec<_>>();
        let removed = match self.rng.pick(&lost) {
            Some(lost) => Some(lost),
            None if self.rng.chance(500) => self.rng.pick(&any).filter(|_| voters.len() > 1),
            None => None,
        };
        let Some(process) = self.nodes[leader].process.as_mut() else {
            return;
        };
        if let Some(voter) = removed {
            // An administrator does not remove the voters on whom all depends.
            let rest = voters
                .keys()
                .filter(|it| *it != voter && !self.checker.is_lost(*it));
            if rest.count() > (voters.len() - 1) / 2 {
                process
                    .quorum
                    .handle_remove_voter(now, to, &RemoveVoterRequest { voter });
            }
        } else if let Some(voter) = observer {
            let endpoints = endpoints(voter, 0);
            process
                .quorum
                .handle_add_voter(now, to, &AddVoterRequest { voter, endpoints });
        }
    }

    /// Ends all faults. Some nodes stay down when a majority is healthy without them.
    pub(crate) fn heal(&mut self) {
        self.is_faulty = false;
        self.blocked.clear();
        if self.rng.chance(500) {
            let place = self.rng.index(self.nodes.len());
            if self.would_survive(&[], &[place]) {
                self.mark("healed without one node");
                self.kept_down.insert(place);
                let has_power = self.rng.chance(500);
                self.crash(place, has_power);
            }
        }
        for place in 0..self.nodes.len() {
            self.nodes[place].fails_next_sync = false;
            self.resume(place);
            let delay = self.rng.between(0, 10_000);
            self.after(delay, Event::Start { node: place });
        }
    }

    /// Nodes that run and follow, or lead, as they should: the same epoch and leader, all heard.
    pub(crate) fn settled_leader(&self) -> Option<usize> {
        let leader = match self.leaders()[..] {
            [leader] => leader,
            _ => return None,
        };
        let leading = self.nodes[leader].process.as_ref()?;
        let epoch = leading.quorum.epoch();
        let (_, start) = leading.quorum.leadership()?;
        let is_settled = self
            .nodes
            .iter()
            .filter_map(|it| it.process.as_ref())
            .all(|it| {
                let role = it.quorum.role();
                let has_role = matches!(role, RoleName::Leader | RoleName::Follower);
                has_role && it.quorum.epoch() == epoch && it.quorum.high_watermark() > start
            });
        is_settled.then_some(leader)
    }
}
