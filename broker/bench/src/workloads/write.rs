//! Workloads that write as fast as records go.
//!
//! In: a cluster that runs. Out: throughput, processor time, memory. Never here: the client.

use anyhow::Result;

use super::with_topic;
use crate::client::produce::{self, Load, PLAIN, Produced};
use crate::cluster::Nodes;
use crate::figure::{Measured, also, less, more};
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

fn per_gigabyte(produced: &Produced, used: &Used) -> f64 {
    used.cpu_seconds / produced.megabytes() * 1e3
}

/// Throughput, and what it took, with the wanted ratios of both.
fn figures(
    nodes: &Nodes,
    replicas: i32,
    load: &Load,
    (throughput, cpu): (f64, f64),
) -> Result<Vec<Measured>> {
    let (produced, used) = measure(nodes, replicas, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, load)
    })?;
    Ok(vec![
        more(
            "produced, MB/s",
            throughput,
            produced.megabytes_per_second(),
        ),
        less("broker CPU, s per GB", cpu, per_gigabyte(&produced, &used)),
        less("peak memory of a broker, MiB", 0.15, used.peak),
    ])
}

pub(super) fn one_kib_rf3(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    figures(nodes, 3, &PLAIN, (3.0, 0.3))
}

pub(super) fn one_kib_rf3_fsync(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let (produced, used) = measure(nodes, 3, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &PLAIN)
    })?;
    Ok(vec![
        more("produced, MB/s", 1.2, produced.megabytes_per_second()),
        also("broker CPU, s per GB", per_gigabyte(&produced, &used)),
    ])
}

pub(super) fn one_kib_rf3_fsync_both(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 200_000,
        ..PLAIN
    };
    let (produced, used) = measure(nodes, 3, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &load)
    })?;
    Ok(vec![
        also("produced, MB/s", produced.megabytes_per_second()),
        also("broker CPU, s per GB", per_gigabyte(&produced, &used)),
    ])
}

pub(super) fn one_kib_rf1(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    figures(nodes, 1, &PLAIN, (2.0, 0.25))
}

pub(super) fn one_kib_acks1(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load { acks: "1", ..PLAIN };
    let (produced, used) = measure(nodes, 3, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &load)
    })?;
    Ok(vec![
        also("produced, MB/s", produced.megabytes_per_second()),
        also("broker CPU, s per GB", per_gigabyte(&produced, &used)),
    ])
}

pub(super) fn hundred_bytes_rf3(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 5_000_000,
        bytes: 100,
        ..PLAIN
    };
    let (produced, used) = measure(nodes, 3, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &load)
    })?;
    let thousands = produced.records_per_second() / 1e3;
    Ok(vec![
        more("produced, 1,000 records/s", 3.0, thousands),
        also("broker CPU, s per GB", per_gigabyte(&produced, &used)),
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
        more("produced, MB/s", 2.0, produced.megabytes_per_second()),
        also("broker CPU, s per GB", per_gigabyte(&produced, &used)),
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
    let (produced, used) = measure(nodes, 3, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &load)
    })?;
    Ok(vec![
        more("produced, MB/s", 2.0, produced.megabytes_per_second()),
        also("broker CPU, s per GB", per_gigabyte(&produced, &used)),
    ])
}
