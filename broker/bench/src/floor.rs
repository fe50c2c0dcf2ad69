//! How near the broker comes to what the machine can do at all.
//!
//! In: a program to measure. Out: its throughput beside that of the plainest program that does the same
//! (TCP, checksum, file), and that of librdkafka beside its own mock broker. Never here: Apache Kafka.

mod raw;
mod relay;
mod sync;

use std::fmt::Write as _;

use anyhow::{Context, Result};
use rdkafka::mocking::MockCluster;

use crate::client::admin::{self, Topic};
use crate::client::produce::{self, Load, PLAIN};
use crate::cluster::{Contestant, Durability, Programs};
use crate::figure::{Series, Target, median};
use crate::progress;

pub(crate) const ALL: [(&str, &str); 4] = [
    (
        "floor-produce",
        "1 MiB batches of 1 KiB records into one partition, beside TCP to CRC32C to file",
    ),
    (
        "floor-fetch",
        "8 MiB fetches from one partition, beside sendfile from one file",
    ),
    (
        "floor-client",
        "librdkafka writing 1 KiB records to one partition, beside its own mock broker",
    ),
    (
        SYNC,
        "1 KiB records, acks=all, to as many partitions at once: fsync beside the page cache, both Tidemill",
    ),
];

const SYNC: &str = "floor-sync";
const TOPIC: &str = "floor";
/// Batches of one run; a gigabyte.
const BATCHES: u32 = 1_000;

/// Runs one of them; its part of the page.
pub(crate) fn run(programs: &Programs, name: &str, pairs: usize) -> Result<String> {
    progress(name);
    if name == SYNC {
        let mut text = heading(name, pairs)?;
        sync::run(programs, pairs, &mut text)?;
        return Ok(text);
    }
    let mut nodes = programs.start(Contestant::Tidemill, 1, Durability::PageCache)?;
    let mut series = Series::default();
    // The first pair makes memory and caches warm.
    for pair in 0..=pairs {
        admin::create(
            nodes.bootstrap(),
            &[Topic {
                name: TOPIC,
                partitions: 1,
                replicas: 1,
            }],
        )?;
        let bootstrap = nodes.bootstrap();
        let (ours, floor) = match name {
            "floor-produce" => (
                raw::produce(bootstrap, TOPIC, BATCHES)?,
                relay::write(BATCHES)?,
            ),
            "floor-fetch" => {
                raw::produce(bootstrap, TOPIC, BATCHES)?;
                (
                    raw::fetch(bootstrap, TOPIC, BATCHES)?,
                    relay::read(BATCHES)?,
                )
            }
            _ => client(bootstrap)?,
        };
        admin::delete(nodes.bootstrap(), TOPIC)?;
        progress(&format!("  Tidemill {ours:.0} MB/s; floor {floor:.0} MB/s"));
        if pair > 0 {
            series.ours.push(ours);
            series.theirs.push(floor);
        }
    }
    nodes.stop(1)?;
    table(name, &series)
}

/// librdkafka into the broker, and into its own mock of one.
fn client(bootstrap: &str) -> Result<(f64, f64)> {
    let load = Load { acks: "1", ..PLAIN };
    let ours = produce::saturate(bootstrap, TOPIC, &load)?;
    let mock = MockCluster::new(1).context("failed to start librdkafka's mock broker")?;
    mock.create_topic(TOPIC, 1, 1)
        .context("the mock makes no topic")?;
    let theirs = produce::saturate(&mock.bootstrap_servers(), TOPIC, &load)?;
    Ok((ours.megabytes_per_second(), theirs.megabytes_per_second()))
}

fn heading(name: &str, pairs: usize) -> Result<String> {
    let what = ALL.iter().find(|(known, _)| *known == name);
    let what = what.map_or("", |(_, what)| *what);
    let mut text = String::new();
    let stated = crate::stated(name, pairs);
    writeln!(text, "### {name}\n\n{what}. {stated}\n")?;
    Ok(text)
}

fn table(name: &str, series: &Series) -> Result<String> {
    let target = Target::AtLeast(match name {
        "floor-produce" => 0.7,
        "floor-fetch" => 0.8,
        _ => 0.85,
    });
    let ratios = series.ratios();
    let ratio = median(&ratios);
    let missed = if target.is_met(ratio) {
        ""
    } else {
        " **missed**"
    };
    let (min, max) = (ratios.first().copied(), ratios.last().copied());
    let (min, max) = (min.unwrap_or(f64::NAN), max.unwrap_or(f64::NAN));
    let mut text = heading(name, ratios.len())?;
    writeln!(
        text,
        "| What | Tidemill | Floor | Ratio (min to max) | Wanted |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    let (ours, floor) = (median(&series.ours), median(&series.theirs));
    let wanted = target.text();
    writeln!(
        text,
        "| MB/s | {ours:.0} | {floor:.0} | {ratio:.2} ({min:.2} to {max:.2}){missed} | {wanted} |"
    )?;
    Ok(text)
}
