//! Workloads of many partitions.
//!
//! In: a cluster that runs. Out: memory, and what a trickle costs. Never here: load.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::client::admin::{self, Topic};
use crate::client::produce::{self, Load, PLAIN};
use crate::cluster::Nodes;
use crate::figure::{Measured, also, less};
use crate::process::{self, Usage};

/// Partitions of each of the topics.
const PARTITIONS: i32 = 100;

pub(super) fn ten_thousand_partitions(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    many_partitions(nodes, 100, 1)
}

pub(super) fn three_thousand_of_three(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    many_partitions(nodes, 30, 3)
}

fn many_partitions(nodes: &Nodes, topics: usize, replicas: i32) -> Result<Vec<Measured>> {
    let names: Vec<String> = (0..topics).map(|it| format!("many-{it}")).collect();
    let topics: Vec<Topic<'_>> = names
        .iter()
        .map(|name| Topic {
            name,
            partitions: PARTITIONS,
            replicas,
        })
        .collect();
    let started = Instant::now();
    admin::create(nodes.bootstrap(), &topics)?;
    let created = started.elapsed().as_secs_f64();
    let usage = Usage::begin(nodes.ids())?;
    process::idle(Duration::from_secs(10));
    let idle_cpu = usage.end()?.cpu_seconds * 100.0;
    let id = nodes.ids().first().copied().context("no broker runs")?;
    let idle = process::resident(id)?;
    let trickle = Load {
        records: 4_000,
        linger_ms: "0",
        ..PLAIN
    };
    let name = names.first().context("there are topics")?;
    let produced = produce::paced(
        nodes.bootstrap(),
        name,
        &trickle,
        200,
        Duration::MAX,
        || Ok(()),
    )?;
    for name in &names {
        admin::delete(nodes.bootstrap(), name)?;
    }
    Ok(vec![
        less("memory of an idle broker, MiB", 0.15, idle),
        also("created in, s", created),
        also("CPU of idle brokers, ms per second", idle_cpu),
        also("trickle: median, ms", produced.percentile(50.0)),
        also("trickle: 99th percentile, ms", produced.percentile(99.0)),
    ])
}
