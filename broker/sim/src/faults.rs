//! Which faults come when.
//!
//! In: chance. Out: for each run a mixture of kinds of faults and how often they come, then one
//! fault after the other. Never here: how a fault is brought about.

use std::time::Duration;

use broker_types::Durability;

use crate::broker::Crash;
use crate::cluster::{Cluster, Later, Size};
use crate::disk_faults::DiskFault;
use crate::executor::Stalls;
use crate::losses::{flip_bit, lose_disk, lose_folder, remember_disk};
use crate::network::{Host, Latency};
use crate::rng::Chance;
use crate::run::MIN_FREE;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    KillOne,
    KillSome,
    KillAll,
    PowerOne,
    PowerSome,
    PowerAll,
    Stop,
    Pause,
    CutOne,
    CutOneWay,
    CutLink,
    CutClient,
    BreakConnections,
    DieAtDisk,
    FailSync,
    FailWrite,
    FailRead,
    SlowDisk,
    WallJump,
    LoseFolder,
    LoseDisk,
    PowerUnsynced,
    Roll,
    Split,
    CutRing,
    FillDisk,
    FlipBit,
    OldDisk,
}

const ALL: [Kind; 28] = [
    Kind::KillOne,
    Kind::KillSome,
    Kind::KillAll,
    Kind::PowerOne,
    Kind::PowerSome,
    Kind::PowerAll,
    Kind::Stop,
    Kind::Pause,
    Kind::CutOne,
    Kind::CutOneWay,
    Kind::CutLink,
    Kind::CutClient,
    Kind::BreakConnections,
    Kind::DieAtDisk,
    Kind::FailSync,
    Kind::FailWrite,
    Kind::FailRead,
    Kind::SlowDisk,
    Kind::WallJump,
    Kind::LoseFolder,
    Kind::LoseDisk,
    Kind::PowerUnsynced,
    Kind::Roll,
    Kind::Split,
    Kind::CutRing,
    Kind::FillDisk,
    Kind::FlipBit,
    Kind::OldDisk,
];

/// Those that take from a page cache what was not synced; and those that take the one replica that may
/// lead again when all others restart.
const TAKES_PAGE_CACHES: [Kind; 7] = [
    Kind::LoseDisk,
    Kind::OldDisk,
    Kind::FlipBit,
    Kind::PowerOne,
    Kind::PowerSome,
    Kind::PowerAll,
    Kind::PowerUnsynced,
];

/// The faults of one run.
#[derive(Clone, Debug)]
pub struct Mixture {
    pub size: Size,
    pub kinds: Vec<Kind>,
    /// Mean pause between two faults.
    pub every: Duration,
    pub latency: Latency,
    pub stalls: Stalls,
    pub durability: Durability,
    /// Whether partitions and leaderships are moved meanwhile.
    pub has_moves: bool,
}

impl Mixture {
    /// A part of all kinds, so that each run goes deep into some.
    pub fn new(seed: u64) -> Mixture {
        let chance = Chance::new(seed ^ 0xfa17_5eed);
        let share = chance.between(150, 900);
        let mut kinds: Vec<Kind> = ALL.into_iter().filter(|_| chance.happens(share)).collect();
        // The promise of `page-cache` is that of Kafka: it does not cover page caches that are lost.
        let is_page_cache = seed % 4 == 3;
        if is_page_cache {
            kinds.retain(|it| !TAKES_PAGE_CACHES.contains(it));
        }
        if kinds.is_empty() {
            kinds.push(Kind::KillOne);
        }
        let micros_max = chance.between(200, 3_000);
        let stalls = if chance.happens(500) {
            Stalls {
                per_million: chance.between(100, 3_000),
                micros_max: chance.between(1_000, 80_000),
            }
        } else {
            Stalls::default()
        };
        let n_brokers = [3, 3, 3, 4, 5, 6, 7];
        let n_brokers = chance.pick(&n_brokers).unwrap_or(3);
        let n_voters = if n_brokers > 4 && chance.happens(500) {
            5
        } else {
            3
        };
        Mixture {
            size: Size {
                n_brokers,
                n_voters,
            },
            kinds,
            every: chance.millis(300, 4_000),
            latency: Latency {
                micros_min: 50,
                micros_max,
                slow_per_mille: chance.between(0, 10),
            },
            stalls,
            durability: if is_page_cache {
                Durability::PageCache
            } else {
                Durability::Fsync
            },
            has_moves: chance.happens(500),
        }
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::KillOne => "one process was killed",
        Kind::KillSome => "some processes were killed",
        Kind::KillAll => "all processes were killed",
        Kind::PowerOne => "one machine lost power",
        Kind::PowerSome => "some machines lost power",
        Kind::PowerAll => "all machines lost power",
        Kind::Stop => "a broker was told to stop",
        Kind::Pause => "a process was paused",
        Kind::CutOne => "a machine was cut off",
        Kind::CutOneWay => "a machine was cut off one way",
        Kind::CutLink => "a link was cut",
        Kind::CutClient => "a client was cut off",
        Kind::BreakConnections => "connections broke",
        Kind::DieAtDisk => "a process is to die at its disk",
        Kind::FailSync => "a sync is to fail",
        Kind::FailWrite => "a write is to fail",
        Kind::FailRead => "a read is to fail",
        Kind::SlowDisk => "a disk was slow",
        Kind::WallJump => "a wall clock jumped",
        Kind::LoseFolder => "a replica was to be lost",
        Kind::LoseDisk => "a disk was to be lost",
        Kind::OldDisk => "a disk was to be as it had been",
        Kind::Roll => "all brokers were restarted one after the other",
        Kind::Split => "the network was split",
        Kind::CutRing => "each broker reached its neighbours only",
        Kind::FillDisk => "a disk was full",
        Kind::FlipBit => "a bit of an old record was to change",
        Kind::PowerUnsynced => "all machines lost power while syncs were slow",
    }
}

/// Brings the next fault about.
pub fn inject(cluster: &mut Cluster, mixture: &Mixture, client_hosts: &[Host]) {
    let chance = cluster.around.chance.clone();
    let Some(kind) = chance.pick(&mixture.kinds) else {
        return;
    };
    cluster.around.trace.say(format_args!("fault: {kind:?}"));
    cluster.around.trace.mark(name(kind));
    let one = chance.index(cluster.brokers.len());
    match kind {
        Kind::KillOne => crash(cluster, &[one], Crash::Process),
        Kind::KillSome => crash(cluster, &all_but(cluster, one), Crash::Process),
        Kind::KillAll => crash(cluster, &all(cluster), Crash::Process),
        Kind::PowerOne => crash(cluster, &[one], Crash::Power),
        Kind::PowerSome => crash(cluster, &all_but(cluster, one), Crash::Power),
        Kind::PowerAll => crash(cluster, &all(cluster), Crash::Power),
        Kind::Stop => {
            if let Some(broker) = cluster.brokers.get(one) {
                broker.stop();
            }
        }
        Kind::Pause => {
            let duration = if chance.happens(500) {
                chance.millis(10, 1_000)
            } else {
                chance.millis(1_000, 9_000)
            };
            cluster.pause(one, duration);
        }
        Kind::CutOne => cut(cluster, one, Way::Both, false),
        Kind::CutOneWay if chance.happens(500) => cut(cluster, one, Way::Out, false),
        Kind::CutOneWay => cut(cluster, one, Way::In, false),
        Kind::CutLink => cut(cluster, one, Way::Both, true),
        Kind::CutClient => {
            if let Some(client) = chance.pick(client_hosts) {
                let host = host_of(cluster, one);
                cut_for(cluster, &[(client, host), (host, client)]);
            }
        }
        Kind::BreakConnections => {
            let per_mille = chance.between(50, 1_000);
            cluster.around.network.break_some(per_mille);
        }
        Kind::DieAtDisk => cluster.arm(one, DiskFault::DieAt(chance.between(0, 60))),
        Kind::FailSync => cluster.arm(one, DiskFault::FailSync(chance.between(0, 20))),
        Kind::FailWrite => cluster.arm(one, DiskFault::FailWrite(chance.between(0, 20))),
        Kind::FailRead => cluster.arm(one, DiskFault::FailRead(chance.between(0, 300))),
        Kind::SlowDisk => {
            if let Some(broker) = cluster.brokers.get(one) {
                broker.hardware.set_disk_drag(chance.between(500, 10_000));
            }
            cluster.later(chance.millis(200, 4_000), Later::QuickDisk(one));
        }
        Kind::PowerUnsynced => power_unsynced(cluster, one),
        Kind::LoseFolder => lose_folder(cluster, one),
        Kind::LoseDisk => lose_disk(cluster, one),
        Kind::OldDisk => remember_disk(cluster, mixture.size.n_voters),
        Kind::Roll => roll(cluster),
        Kind::Split => split(cluster),
        Kind::CutRing => cut_ring(cluster),
        Kind::FillDisk => fill_disk(cluster, one),
        Kind::FlipBit => flip_bit(cluster, one),
        Kind::WallJump => {
            if let Some(broker) = cluster.brokers.get(one) {
                let millis = i64::try_from(chance.between(0, 7_200_000)).unwrap_or_default();
                broker.hardware.set_wall_skew(millis - 3_600_000);
            }
        }
    }
}

/// Much is on its way to the disks, for long, when the power goes, or the leader.
fn power_unsynced(cluster: &mut Cluster, one: usize) {
    let chance = cluster.around.chance.clone();
    let slow = if chance.happens(700) {
        all_but(cluster, one)
    } else {
        all(cluster)
    };
    for index in slow {
        if let Some(broker) = cluster.brokers.get(index) {
            broker
                .hardware
                .set_disk_drag(chance.between(10_000, 60_000));
        }
        cluster.later(chance.millis(400, 1_000), Later::QuickDisk(index));
    }
    cluster.run_for(chance.micros(20_000, 300_000));
    if chance.happens(500) {
        crash(cluster, &all(cluster), Crash::Power);
    } else {
        crash(cluster, &[one], Crash::Process);
    }
}

/// Something else takes the room on a disk, and lets go of it later.
fn fill_disk(cluster: &mut Cluster, one: usize) {
    let chance = cluster.around.chance.clone();
    let left = if chance.happens(500) {
        0
    } else {
        chance.between(0, 2 * MIN_FREE)
    };
    cluster.fill(one, left);
    cluster.later(chance.millis(200, 6_000), Later::RoomyDisk(one));
}

/// Restarts all brokers in good order, one after the other, as an update does that asks nobody.
fn roll(cluster: &mut Cluster) {
    let pause = cluster.around.chance.millis(200, 2_500);
    for (place, index) in all(cluster).into_iter().enumerate() {
        let after = pause * u32::try_from(place).unwrap_or(u32::MAX);
        cluster.later(after, Later::Stop(index));
    }
}

/// Cuts the brokers into two sides.
fn split(cluster: &mut Cluster) {
    let chance = cluster.around.chance.clone();
    let sides: Vec<bool> = cluster
        .brokers
        .iter()
        .map(|_| chance.happens(500))
        .collect();
    cut_between(cluster, |one, other| sides.get(one) != sides.get(other));
}

/// Each broker reaches a majority of all, and no two the same one.
fn cut_ring(cluster: &mut Cluster) {
    let n = cluster.brokers.len();
    let reach = (n / 2).div_ceil(2);
    cut_between(cluster, |one, other| {
        let apart = one.abs_diff(other);
        apart.min(n - apart) > reach
    });
}

fn cut_between(cluster: &mut Cluster, is_cut: impl Fn(usize, usize) -> bool) {
    let pairs = all(cluster).into_iter().flat_map(|one| {
        let others = all_but(cluster, one).into_iter();
        others.map(move |other| (one, other))
    });
    let ways: Vec<(Host, Host)> = pairs
        .filter(|(one, other)| is_cut(*one, *other))
        .map(|(one, other)| (host_of(cluster, one), host_of(cluster, other)))
        .collect();
    cut_for(cluster, &ways);
}

fn host_of(cluster: &Cluster, index: usize) -> Host {
    cluster.brokers.get(index).map_or(Host(0), |it| it.host)
}

fn all(cluster: &Cluster) -> Vec<usize> {
    (0..cluster.brokers.len()).collect()
}

fn all_but(cluster: &Cluster, one: usize) -> Vec<usize> {
    (0..cluster.brokers.len()).filter(|it| *it != one).collect()
}

/// Machines crash close to one another, not in the same instant, and come back one by one.
pub(crate) fn crash(cluster: &mut Cluster, indexes: &[usize], how: Crash) {
    let chance = cluster.around.chance.clone();
    for index in indexes {
        if chance.happens(300) {
            cluster.run_for(chance.micros(0, 20_000));
        }
        let is_down = cluster
            .brokers
            .get(*index)
            .is_none_or(|it| it.running.is_none());
        if is_down && how == Crash::Process {
            continue;
        }
        cluster.crash(*index, how);
        let away = if chance.happens(800) {
            chance.millis(10, 1_500)
        } else {
            chance.millis(1_500, 8_000)
        };
        cluster.later(away, Later::Start(*index));
    }
}

/// Which way nothing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Out,
    In,
    Both,
}

/// Cuts a machine off from all others, or one link of it.
fn cut(cluster: &mut Cluster, one: usize, way: Way, is_link: bool) {
    let chance = cluster.around.chance.clone();
    let host = host_of(cluster, one);
    let others: Vec<Host> = all_but(cluster, one)
        .into_iter()
        .map(|it| host_of(cluster, it))
        .collect();
    let mut ways = Vec::new();
    for other in &others {
        match way {
            Way::Out => ways.push((host, *other)),
            Way::In => ways.push((*other, host)),
            Way::Both => ways.extend([(host, *other), (*other, host)]),
        }
    }
    if is_link {
        ways.truncate(if chance.happens(500) { 1 } else { 2 });
    }
    cut_for(cluster, &ways);
}

fn cut_for(cluster: &mut Cluster, ways: &[(Host, Host)]) {
    let chance = cluster.around.chance.clone();
    let duration = if chance.happens(600) {
        chance.millis(50, 3_000)
    } else {
        chance.millis(3_000, 12_000)
    };
    for (from, to) in ways {
        cluster.around.network.cut((*from, *to));
        cluster.later(duration, Later::Mend(*from, *to));
    }
}
