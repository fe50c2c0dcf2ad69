//! One run: faults, then none; then a voter, or the leader, is cut off in peace and comes back; now and
//! then the quorum is lost in the end, and recovered from one log.

use broker_raft::{RemoveVoterRequest, ReplyTo, RoleName};

use crate::quorum_loss::lose_and_recover;
use crate::world::World;

/// The election timeout of the simulated quorum.
pub(crate) const ELECTION_TIMEOUT: u64 = 1_000_000;

/// What a run showed.
pub(crate) struct Outcome {
    pub(crate) violation: Option<String>,
    pub(crate) marks: std::collections::BTreeMap<&'static str, u64>,
    /// A hash over all that happened.
    pub(crate) trace: u64,
    pub(crate) n_events: u64,
    /// Simulated time.
    pub(crate) lasted: u64,
    /// How long it took until there was a leader that commits, after the faults ended.
    pub(crate) recovered_in: u64,
}

pub(crate) fn run(world: &mut World) -> Outcome {
    let started = world.now;
    world.run(started + world.profile.faulty, |_| false);
    let mut recovered_in = 0;
    if world.checker.violation.is_none() {
        recovered_in = recover(world);
    }
    if world.checker.violation.is_none() {
        if world.rng.chance(700) {
            disturb(world);
        } else {
            depose(world);
        }
    }
    if world.checker.violation.is_none() && world.rng.chance(200) {
        lose_and_recover(world);
    }
    Outcome {
        violation: world.checker.violation.clone(),
        marks: world.marks.clone(),
        trace: world.trace,
        n_events: world.n_events,
        lasted: world.now - started,
        recovered_in,
    }
}

/// Liveness: without faults, and with a healthy majority, there is a leader that commits within
/// five election timeouts; soon after, every node that runs has all that is committed.
fn recover(world: &mut World) -> u64 {
    world.heal();
    let healed = world.now;
    let is_live = |world: &mut World| {
        world.leaders().iter().any(|it| {
            let Some(process) = &world.nodes[*it].process else {
                return false;
            };
            let committed = process.quorum.high_watermark();
            let is_established = process
                .quorum
                .leadership()
                .is_some_and(|it| committed > it.1);
            is_established && committed.value() == world.checker.committed_end() && {
                // A commit after the faults ended, not one from before.
                world.now > healed && world.checker.committed_at > healed
            }
        })
    };
    if !world.run(healed + 5 * ELECTION_TIMEOUT, is_live) {
        let roles = describe(world);
        world
            .checker
            .fail(|| format!("no leader commits after the faults ended: {roles}"));
    }
    let recovered_in = world.now - healed;
    let until = world.now + 10 * ELECTION_TIMEOUT;
    let is_settled = |world: &mut World| {
        world.settled_leader().is_some()
            && world
                .nodes
                .iter()
                .filter_map(|it| it.process.as_ref())
                .all(|it| it.state.applied + 20 > world.checker.committed_end())
    };
    if !world.run(until, is_settled) {
        let roles = describe(world);
        world
            .checker
            .fail(|| format!("the nodes do not catch up: {roles}"));
    }
    recovered_in
}

/// KIP-996: a voter that was cut off, and comes back, does not disturb the leader.
fn disturb(world: &mut World) {
    let Some((leader, running)) = spare_voters(world) else {
        return;
    };
    let Some(process) = &world.nodes[leader].process else {
        return;
    };
    let epoch = process.quorum.epoch();
    let others: Vec<usize> = running.into_iter().filter(|it| *it != leader).collect();
    let Some(victim) = world.rng.pick(&others) else {
        return;
    };
    if !world.would_survive(&[], &[victim]) {
        return;
    }
    world.mark("a voter was cut off in peace");
    let links = cut_off(world, victim);
    if world.rng.chance(500) {
        // It comes back without knowing that it is no voter any more.
        world.mark("a voter was removed behind its back");
        let (voter, now) = (world.nodes[victim].disk.key, world.clock());
        let to = ReplyTo(world.new_value());
        if let Some(process) = world.nodes[leader].process.as_mut() {
            process
                .quorum
                .handle_remove_voter(now, to, &RemoveVoterRequest { voter });
        }
        world.settle(leader);
    }
    world.run(world.now + 3 * ELECTION_TIMEOUT, |_| false);
    links.iter().for_each(|it| world.unblock(*it));
    world.run(world.now + 2 * ELECTION_TIMEOUT, |_| false);
    let process = world.nodes[leader].process.as_ref();
    let still = process.map(|it| (it.quorum.role(), it.quorum.epoch()));
    if world.checker.violation.is_none() && still != Some((RoleName::Leader, epoch)) {
        world
            .checker
            .fail(|| format!("a voter that was cut off ended epoch {epoch}"));
    }
}

/// The voters that run, and the leader among them, when one may be missed.
fn spare_voters(world: &World) -> Option<(usize, Vec<usize>)> {
    let leader = world.settled_leader()?;
    let voters = world.nodes[leader].process.as_ref()?.quorum.voters();
    let is_running_voter = |place: &usize| {
        let node = &world.nodes[*place];
        node.process.is_some() && voters.contains(node.disk.key)
    };
    let running: Vec<usize> = (0..world.nodes.len()).filter(is_running_voter).collect();
    (running.len() > voters.majority() && running.contains(&leader)).then_some((leader, running))
}

fn cut_off(world: &mut World, victim: usize) -> Vec<(usize, usize)> {
    let others = (0..world.nodes.len()).filter(|it| *it != victim);
    let links: Vec<_> = others.flat_map(|it| [(victim, it), (it, victim)]).collect();
    links.iter().for_each(|it| world.block(*it));
    links
}

/// Check-quorum: a leader that is cut off is replaced, and knows it before it is told.
fn depose(world: &mut World) {
    let Some((leader, _)) = spare_voters(world) else {
        return;
    };
    // While a change is not committed, the voters of before must be able to do without it, too.
    if !world.would_survive(&[], &[leader]) {
        return;
    }
    world.mark("a leader was cut off in peace");
    let (before, cut) = (world.checker.committed_end(), world.now);
    let links = cut_off(world, leader);
    let is_replaced = |world: &mut World| {
        let leaders = world.leaders();
        world.checker.committed_end() > before
            && world.checker.committed_at > cut + ELECTION_TIMEOUT
            && leaders.iter().any(|it| *it != leader)
    };
    if !world.run(cut + 7 * ELECTION_TIMEOUT, is_replaced) {
        let roles = describe(world);
        world
            .checker
            .fail(|| format!("a leader that was cut off is not replaced: {roles}"));
    }
    world.run(cut + 9 * ELECTION_TIMEOUT, |_| false);
    links.iter().for_each(|it| world.unblock(*it));
    if !world.run(world.now + 3 * ELECTION_TIMEOUT, |world| {
        world.settled_leader().is_some()
    }) {
        let roles = describe(world);
        world
            .checker
            .fail(|| format!("a leader that was cut off does not follow: {roles}"));
    }
}

/// How long it takes, after the leader's process was killed, until another leader has committed.
pub(crate) fn fail_over(seed: u64) -> Result<u64, String> {
    let mut world = World::calm(seed);
    if !world.run(10 * ELECTION_TIMEOUT, |world| {
        world.settled_leader().is_some()
    }) {
        return Err(format!("no leader: {}", describe(&world)));
    }
    let wait = world.rng.between(0, ELECTION_TIMEOUT);
    world.run(world.now + wait, |_| false);
    let Some(leader) = world.settled_leader() else {
        return Err("the leader left".to_owned());
    };
    world.crash(leader, true);
    let killed = world.now;
    let has_committed = |world: &mut World| {
        let leaders = world.leaders();
        world.checker.committed_at > killed && leaders.iter().any(|it| *it != leader)
    };
    let is_done = world.run(killed + 5 * ELECTION_TIMEOUT, has_committed);
    match world.checker.violation.take() {
        Some(violation) => Err(violation),
        None if is_done => Ok(world.now - killed),
        None => Err(format!("no other leader: {}", describe(&world))),
    }
}

pub(crate) fn describe(world: &World) -> String {
    let describe = |place: usize| {
        let node = &world.nodes[place];
        match &node.process {
            None => format!("{}: down", node.disk.key.id),
            Some(process) => {
                let quorum = &process.quorum;
                let (role, epoch) = (quorum.role(), quorum.epoch());
                let (end, committed) = (quorum.log_end(), quorum.high_watermark());
                let kind = if quorum.is_voter() {
                    "voter"
                } else {
                    "observer"
                };
                let leader = quorum.leader();
                let id = node.disk.key.id;
                format!(
                    "{id}: {kind} {role:?} epoch {epoch} of {leader:?} end {end} hw {committed}"
                )
            }
        }
    };
    (0..world.nodes.len())
        .map(describe)
        .collect::<Vec<_>>()
        .join("; ")
}
