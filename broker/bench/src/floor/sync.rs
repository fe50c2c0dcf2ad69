//! What it costs to be durable: the broker with fsync beside itself without.
//!
//! In: numbers of partitions that are written to at once. Out: throughput of both. Never here: how the
//! broker syncs. What the page cache alone can do bounds what any other way to sync could bring.

use std::fmt::Write as _;

use anyhow::Result;

use crate::client::admin::{self, Topic};
use crate::client::produce::{self, Load, PLAIN};
use crate::cluster::{Contestant, Durability, Programs};
use crate::figure::{Series, median};
use crate::progress;

const TOPIC: &str = "sync";
/// Partitions that are written to at once.
const PARTITIONS: [i32; 4] = [1, 10, 100, 1_000];

/// The table of both, for one broker and for three replicas.
pub(super) fn run(programs: &Programs, pairs: usize, text: &mut String) -> Result<()> {
    writeln!(
        text,
        "| Replicas | Partitions | fsync, MB/s | page cache, MB/s | Ratio (min to max) |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for n_brokers in [1, 3] {
        let start = |it| programs.start(Contestant::Tidemill, n_brokers, it);
        let (safe, fast) = (start(Durability::Fsync)?, start(Durability::PageCache)?);
        for partitions in PARTITIONS {
            let mut series = Series::default();
            // The first pair makes memory and caches warm.
            for pair in 0..=pairs {
                let ours = write(safe.bootstrap(), n_brokers, partitions)?;
                let theirs = write(fast.bootstrap(), n_brokers, partitions)?;
                progress(&format!(
                    "  {n_brokers} replicas, {partitions} partitions: fsync {ours:.0} MB/s; page cache {theirs:.0} MB/s"
                ));
                if pair > 0 {
                    series.ours.push(ours);
                    series.theirs.push(theirs);
                }
            }
            let (ours, theirs) = (median(&series.ours), median(&series.theirs));
            let ratios = series.ratios();
            let ratio = median(&ratios);
            let (min, max) = (ratios.first().copied(), ratios.last().copied());
            let (min, max) = (min.unwrap_or(f64::NAN), max.unwrap_or(f64::NAN));
            writeln!(
                text,
                "| {n_brokers} | {partitions} | {ours:.0} | {theirs:.0} | {ratio:.2} ({min:.2} to {max:.2}) |"
            )?;
        }
    }
    Ok(())
}

/// MB/s of records that go to all partitions in no order.
fn write(bootstrap: &str, n_brokers: u16, partitions: i32) -> Result<f64> {
    let topic = Topic {
        name: TOPIC,
        partitions,
        replicas: i32::from(n_brokers),
    };
    admin::create(bootstrap, &[topic])?;
    let load = Load {
        records: 300_000,
        is_spread: true,
        ..PLAIN
    };
    let produced = produce::saturate(bootstrap, TOPIC, &load)?;
    admin::delete(bootstrap, TOPIC)?;
    Ok(produced.megabytes_per_second())
}
