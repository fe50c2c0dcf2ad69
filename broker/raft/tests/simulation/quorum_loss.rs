//! Quorum loss: everybody stops, the best log becomes the only voter, and then the others come back.
//!
//! They were said to be gone for ever, and were not. What they know when they are back is that there is
//! a later epoch, and the voters of before, of whom they are a majority.

use std::rc::Rc;

use broker_raft::{ControlRecord, RoleName, SoleVoter};
use broker_types::Epoch;

use crate::disk::Batch;
use crate::rng::mix;
use crate::run::{ELECTION_TIMEOUT, describe};
use crate::world::{Event, World};

/// Stops all nodes, recovers one, and brings the others back. Nothing that was committed is lost, and
/// nobody but the survivor leads.
pub(crate) fn lose_and_recover(world: &mut World) {
    world.kept_down.extend(0..world.nodes.len());
    for place in 0..world.nodes.len() {
        let has_power = world.rng.chance(500);
        world.crash(place, has_power);
    }
    let logs = (0..world.nodes.len()).map(|place| {
        let found = world.nodes[place].disk.recover();
        (found.last_epoch(), found.log_end, place)
    });
    let Some((.., survivor)) = logs.max() else {
        return;
    };
    if world.nodes[survivor].disk.recover().log_end.value() == 0 {
        return;
    }
    world.mark("a quorum was recovered from one log");
    let first = make_sole_voter(world, survivor);
    restart(world, survivor);
    expect_leader(world, survivor);
    // Whoever does not know the survivor for a voter may take long to ask it.
    let key = world.nodes[survivor].disk.key;
    let knows = |world: &mut World, place: usize| {
        let found = world.nodes[place].disk.recover();
        found.last_voters().contains(key)
    };
    let is_known = (0..world.nodes.len()).all(|it| knows(world, it));
    if world.checker.violation.is_none() && is_known {
        world.mark("voters came back after a recovery");
        come_back(world, survivor, first);
    }
}

/// What the tool does to the survivor's disk. The first epoch of its new generation.
fn make_sole_voter(world: &mut World, survivor: usize) -> Epoch {
    let node = &mut world.nodes[survivor];
    let (key, endpoints) = (node.disk.key, node.endpoints.clone());
    let found = node.disk.recover();
    let made = found.sole_voter(key, endpoints, Epoch::ZERO).unwrap();
    let SoleVoter {
        base_offset,
        epoch,
        records,
        election,
    } = made;
    let voters = records.into_iter().find_map(|it| match it {
        ControlRecord::Voters(set) => Some(set),
        ControlRecord::LeaderChange { .. }
        | ControlRecord::SnapshotHeader
        | ControlRecord::SnapshotFooter
        | ControlRecord::KRaftVersion(_) => None,
    });
    let base = base_offset.value();
    let batch = Rc::new(Batch {
        base,
        end: base + 1,
        epoch: epoch.value(),
        id: mix(base ^ u64::from(epoch.value()) << 32),
        voters,
    });
    world.checker.appended(key, &batch);
    node.disk.append(batch);
    let issued = node.disk.issue_sync();
    node.disk.sync_done(issued);
    node.disk.election = election;
    epoch
}

fn restart(world: &mut World, place: usize) {
    world.kept_down.remove(&place);
    world.after(1, Event::Start { node: place });
}

fn expect_leader(world: &mut World, survivor: usize) {
    let began = world.now;
    let is_led = |world: &mut World| {
        let leads = world.leaders().contains(&survivor);
        leads && world.checker.committed_at > began
    };
    if !world.run(began + 5 * ELECTION_TIMEOUT, is_led) {
        let roles = describe(world);
        world
            .checker
            .fail(|| format!("a survivor that is the only voter does not lead: {roles}"));
    }
}

/// Each of the others hears of the survivor's epoch, and of nothing else, before the survivor stops
/// for a while: now they hear of each other.
fn come_back(world: &mut World, survivor: usize, first: Epoch) {
    let others: Vec<usize> = (0..world.nodes.len())
        .filter(|it| *it != survivor)
        .collect();
    for one in &others {
        for other in others.iter().filter(|it| *it != one) {
            world.block((*one, *other));
        }
        restart(world, *one);
    }
    let mut deaf = Vec::new();
    let have_heard = |world: &mut World| {
        for place in &others {
            let process = world.nodes[*place].process.as_ref();
            let has_heard = process.is_some_and(|it| it.quorum.epoch() >= first);
            if has_heard && !deaf.contains(place) {
                deaf.push(*place);
                world.block((survivor, *place));
                world.block((*place, survivor));
            }
        }
        deaf.len() == others.len()
    };
    // Who does not know the leader asks one of all the others at random, twice a second, and reaches
    // only one of them here.
    if !world.run(world.now + 60 * ELECTION_TIMEOUT, have_heard) {
        let roles = describe(world);
        return world
            .checker
            .fail(|| format!("who comes back does not hear of the recovery: {roles}"));
    }
    world.kept_down.insert(survivor);
    world.crash(survivor, true);
    world.blocked.clear();
    world.run(world.now + 5 * ELECTION_TIMEOUT, |_| false);
    if let Some(leader) = world.leaders().first().copied() {
        let roles = describe(world);
        world
            .checker
            .fail(|| format!("node {leader} leads a quorum that was replaced: {roles}"));
    }
    restart(world, survivor);
    expect_leader(world, survivor);
    follow(world, survivor);
}

/// In the end all follow the survivor and have its log.
fn follow(world: &mut World, survivor: usize) {
    let is_followed = |world: &mut World| {
        let end = world.checker.committed_end();
        world.nodes.iter().enumerate().all(|(place, node)| {
            node.process.as_ref().is_some_and(|it| {
                let role = it.quorum.role();
                let is_right = role == RoleName::Follower || place == survivor;
                is_right && it.quorum.voters().len() == 1 && it.state.applied + 20 > end
            })
        })
    };
    if !world.run(world.now + 10 * ELECTION_TIMEOUT, is_followed) {
        let roles = describe(world);
        world
            .checker
            .fail(|| format!("who came back does not follow the survivor: {roles}"));
    }
}
