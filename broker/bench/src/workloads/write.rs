//! Workloads that write as fast as records go.
//!
//! In: a cluster that runs. Out: throughput, processor time, memory. Never here: the client.

use anyhow::Result;

use super::with_topic;
use crate::client::produce::{self, Load, PLAIN, Produced};
use crate::cluster::Nodes;
use crate::figure::{Measured, Target, also, figure, more};
use crate::process::{Usage, Used};

/// Writes to a new topic and sees what the brokers use meanwhile.
fn measure(
    nodes: &Nodes,
    replicas: i32,
    write: impl FnOnce(&str, &str) -> Result<Produced>,
) -> Result<(Produced, Used)> {
    with_topic(nodes, "load", replicas, |bootstrap, topic| {
        let usage = Usage::begin(nodes.ids())?;
        let produced = write(bootstrap, topic)?;
        Ok((produced, usage.end()?))
    })
}

/// One producer, as fast as records go.
fn saturate(nodes: &Nodes, replicas: i32, load: &Load) -> Result<(Produced, Used)> {
    measure(nodes, replicas, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, load)
    })
}

fn throughput(produced: &Produced, target: Target) -> Measured {
    figure("produced, MB/s", target, produced.megabytes_per_second())
}

fn cpu(produced: &Produced, used: &Used, target: Target) -> Measured {
    let per_gigabyte = used.cpu_seconds / produced.megabytes() * 1e3;
    figure("broker CPU, s per GB", target, per_gigabyte)
}

/// What three replicas take: throughput, of which so much is wanted, and what it costs.
fn of_three(nodes: &Nodes, load: &Load, wanted: Target) -> Result<Vec<Measured>> {
    let (produced, used) = saturate(nodes, 3, load)?;
    Ok(vec![
        throughput(&produced, wanted),
        cpu(&produced, &used, Target::None),
    ])
}

/// The first figures anybody asks for, with the wanted ratios of throughput and processor time.
fn headline(nodes: &Nodes, replicas: i32, wanted: (f64, f64)) -> Result<Vec<Measured>> {
    let (produced, used) = saturate(nodes, replicas, &PLAIN)?;
    Ok(vec![
        throughput(&produced, Target::AtLeast(wanted.0)),
        cpu(&produced, &used, Target::AtMost(wanted.1)),
        figure(
            "peak memory of a broker, MiB",
            Target::AtMost(0.15),
            used.peak,
        ),
    ])
}

pub(super) fn one_kib_rf3(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    headline(nodes, 3, (3.0, 0.3))
}

pub(super) fn one_kib_rf3_fsync(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    of_three(nodes, &PLAIN, Target::AtLeast(1.2))
}

pub(super) fn one_kib_rf3_fsync_both(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 200_000,
        ..PLAIN
    };
    of_three(nodes, &load, Target::None)
}

pub(super) fn one_kib_rf1(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    headline(nodes, 1, (2.0, 0.25))
}

pub(super) fn one_kib_acks1(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    of_three(nodes, &Load { acks: "1", ..PLAIN }, Target::None)
}

pub(super) fn hundred_bytes_rf3(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 5_000_000,
        bytes: 100,
        ..PLAIN
    };
    let (produced, used) = saturate(nodes, 3, &load)?;
    let thousands = produced.records_per_second() / 1e3;
    Ok(vec![
        more("produced, 1,000 records/s", 3.0, thousands),
        cpu(&produced, &used, Target::None),
    ])
}

pub(super) fn hundred_producers(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 300_000,
        linger_ms: "0",
        window: Some(10),
        ..PLAIN
    };
    let (produced, used) = measure(nodes, 3, |bootstrap, topic| {
        produce::crowd(bootstrap, topic, &load, 100)
    })?;
    Ok(vec![
        throughput(&produced, Target::AtLeast(2.0)),
        cpu(&produced, &used, Target::None),
        also("acknowledged, median, ms", produced.percentile(50.0)),
    ])
}

pub(super) fn hundred_kib_lz4(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 20_000,
        bytes: 100 * 1024,
        compression: "lz4",
        ..PLAIN
    };
    of_three(nodes, &load, Target::AtLeast(2.0))
}
