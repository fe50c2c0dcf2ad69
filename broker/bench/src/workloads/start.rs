//! Workloads about starts.
//!
//! In: a broker that runs. Out: the time until it serves. Never here: failover.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::PARTITIONS;
use crate::client::admin;
use crate::client::produce::{self, Load, PLAIN};
use crate::cluster::Nodes;
use crate::figure::{Measured, less, median};
use crate::process;

/// Starts of which the median is told.
const STARTS: usize = 5;
/// How long a broker is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(10);

pub(super) fn start(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        nodes.stop(1)?;
        starts.push(nodes.restart(1)?.as_secs_f64() * 1e3);
    }
    process::idle(IDLE);
    let id = nodes.ids().first().copied().context("no broker runs")?;
    Ok(vec![
        less("exec to the first answer, ms", 0.05, median(&starts)),
        less(
            "memory of an idle broker, MiB",
            0.06,
            process::resident(id)?,
        ),
    ])
}

pub(super) fn restart_after_kill(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 2_000_000,
        ..PLAIN
    };
    let topic = "load";
    let restarted = on_topic(nodes, topic, |nodes| {
        produce::saturate(nodes.bootstrap(), topic, &load)?;
        nodes.kill(1)?;
        let started = Instant::now();
        nodes.restart(1)?;
        admin::await_ends(nodes.bootstrap(), topic, PARTITIONS)?;
        Ok(started.elapsed().as_secs_f64() * 1e3)
    })?;
    Ok(vec![less(
        "exec until every partition answers, ms",
        0.3,
        restarted,
    )])
}

/// Makes a topic, works with brokers that may end meanwhile, and removes it.
fn on_topic<T>(
    nodes: &mut Nodes,
    name: &str,
    work: impl FnOnce(&mut Nodes) -> Result<T>,
) -> Result<T> {
    let topic = admin::Topic {
        name,
        partitions: PARTITIONS,
        replicas: 1,
    };
    admin::create(nodes.bootstrap(), &[topic])?;
    let worked = work(nodes);
    admin::delete(nodes.bootstrap(), name)?;
    worked
}
