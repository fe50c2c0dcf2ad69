//! A small world of one partition: four brokers, a controller, a network that delays, repeats and
//! loses, processes that crash, disks that are replaced. No clock, no threads: one seed, one run.
//!
//! After every event: whoever may be elected has every acknowledged record; what was below a high
//! watermark anywhere is never another record elsewhere. At the end all heals, and all brokers must
//! agree. Each failure names its seed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail"
)]
#![allow(clippy::print_stdout, reason = "a model tells what it has met")]

mod cluster;
mod controller;
#[cfg(feature = "mutants")]
mod mutants;

use cluster::{Cluster, Counts};

const SEEDS: u64 = 100;
const STEPS: usize = 3000;

/// Random numbers that a seed determines (xorshift64*).
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(bits).unwrap() % end
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

fn run(seed: u64) -> Counts {
    let mut cluster = Cluster::new(seed);
    for _ in 0..STEPS {
        cluster.step();
        cluster.check();
    }
    cluster.heal();
    cluster.check_agreement();
    cluster.counts
}

// A mistake is the whole process's, so with mistakes this runs before they are made.
#[cfg_attr(not(feature = "mutants"), test)]
fn nothing_acknowledged_is_lost_or_changed_whatever_happens() {
    let mut total = Counts::default();
    for seed in 1..=SEEDS {
        total.add(&run(seed));
    }
    println!("{total:?}");
    // A check that never met what it is about has checked nothing.
    assert!(total.acknowledged > 1_500, "{total:?}");
    assert!(total.elections > 300, "{total:?}");
    assert!(total.elections_from_elr > 50, "{total:?}");
    assert!(total.truncations > 100, "{total:?}");
    assert!(total.isr_changes > 500, "{total:?}");
    assert!(total.refused_isr_changes > 100, "{total:?}");
    assert!(total.disks_replaced > 100, "{total:?}");
    assert!(total.not_leader > 100, "{total:?}");
}
