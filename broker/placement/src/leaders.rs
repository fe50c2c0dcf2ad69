//! Which replica of each partition comes first, and in which order the others follow.
//!
//! In: sets of brokers per partition. Out: the same sets, ordered. Never here: other brokers than
//! those.

use std::collections::{BTreeMap, VecDeque};

use broker_types::BrokerId;

use crate::Broker;

/// Puts an active broker first in each of `placed`, so that leaders are spread as evenly as these
/// sets allow. Partitions of `existing` count with their first replica, and stay as they are.
pub(crate) fn elect(
    brokers: &BTreeMap<BrokerId, &Broker<'_>>,
    existing: &[Vec<BrokerId>],
    placed: &mut [Vec<BrokerId>],
) {
    let mut counts: BTreeMap<BrokerId, usize> = BTreeMap::new();
    for id in existing.iter().filter_map(|it| it.first()) {
        *counts.entry(*id).or_default() += 1;
    }
    let is_active = |id: &BrokerId| brokers.get(id).is_some_and(|it| it.is_active);
    for replicas in placed.iter_mut() {
        let leader = replicas
            .iter()
            .copied()
            .filter(&is_active)
            .min_by_key(|it| {
                let in_topic = counts.get(it).copied().unwrap_or(0);
                let in_cluster = brokers.get(it).map_or(0, |it| it.leaders) + in_topic;
                (in_topic, in_cluster, *it)
            });
        if let Some(leader) = leader {
            move_to_front(replicas, leader);
            *counts.entry(leader).or_default() += 1;
        }
    }
    // Each pass takes one leadership from a broker and gives one to another that has at least two
    // fewer. The sum of squares falls, so this ends; where it ends, no choice is more even.
    while let Some(path) = improving_path(&counts, &is_active, placed) {
        for (partition, to) in path {
            let Some(replicas) = placed.get_mut(partition) else {
                continue;
            };
            if let Some(from) = replicas.first() {
                *counts.entry(*from).or_default() -= 1;
            }
            *counts.entry(to).or_default() += 1;
            move_to_front(replicas, to);
        }
    }
}

fn move_to_front(replicas: &mut [BrokerId], leader: BrokerId) {
    if let Some(place) = replicas.iter().position(|it| *it == leader) {
        replicas.swap(0, place);
    }
}

/// Partitions whose leadership to hand on, and to whom, so that the busiest broker of the path
/// leads one less and a broker with at least two fewer leads one more.
fn improving_path(
    counts: &BTreeMap<BrokerId, usize>,
    is_active: &impl Fn(&BrokerId) -> bool,
    placed: &[Vec<BrokerId>],
) -> Option<Vec<(usize, BrokerId)>> {
    let count = |id: &BrokerId| counts.get(id).copied().unwrap_or(0);
    let mut led: BTreeMap<BrokerId, Vec<(usize, &[BrokerId])>> = BTreeMap::new();
    for (partition, replicas) in placed.iter().enumerate() {
        if let Some((leader, followers)) = replicas.split_first() {
            led.entry(*leader).or_default().push((partition, followers));
        }
    }
    let mut busiest: Vec<BrokerId> = led.keys().copied().collect();
    busiest.sort_by_key(|it| (std::cmp::Reverse(count(it)), *it));
    for start in busiest {
        // By whom, and with which partition, a broker was reached.
        let mut reached: BTreeMap<BrokerId, (BrokerId, usize)> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(from) = queue.pop_front() {
            for (partition, followers) in led.get(&from).into_iter().flatten() {
                for to in followers.iter().filter(|it| is_active(it)) {
                    if *to == start || reached.contains_key(to) {
                        continue;
                    }
                    reached.insert(*to, (from, *partition));
                    if count(to) + 2 <= count(&start) {
                        return Some(walk_back(&reached, start, *to));
                    }
                    queue.push_back(*to);
                }
            }
        }
    }
    None
}

fn walk_back(
    reached: &BTreeMap<BrokerId, (BrokerId, usize)>,
    start: BrokerId,
    end: BrokerId,
) -> Vec<(usize, BrokerId)> {
    let mut path = Vec::new();
    let mut at = end;
    while at != start {
        let Some((from, partition)) = reached.get(&at) else {
            break;
        };
        path.push((*partition, at));
        at = *from;
    }
    path
}

/// Orders the followers of each partition: first the one that has been the first follower of this
/// leader least, so that the leaderships of a broker that fails spread over the others.
pub(crate) fn order_followers(existing: &[Vec<BrokerId>], placed: &mut [Vec<BrokerId>]) {
    let mut pairs: BTreeMap<(BrokerId, BrokerId), usize> = BTreeMap::new();
    for replicas in existing {
        if let [leader, follower, ..] = replicas.as_slice() {
            *pairs.entry((*leader, *follower)).or_default() += 1;
        }
    }
    for replicas in placed {
        let Some((leader, followers)) = replicas.split_first_mut() else {
            continue;
        };
        let leader = *leader;
        followers.sort_by_key(|it| (pairs.get(&(leader, *it)).copied().unwrap_or(0), *it));
        if let Some(follower) = followers.first() {
            *pairs.entry((leader, *follower)).or_default() += 1;
        }
    }
}
