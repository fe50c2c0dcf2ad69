//! Workloads in which a broker dies.
//!
//! In: a cluster that runs. Out: how long nothing was acknowledged. Never here: a clean stop.

use std::time::Duration;

use anyhow::Result;

use super::PARTITIONS;
use crate::client::admin::{self, Topic};
use crate::client::produce::{self, Load, PLAIN};
use crate::cluster::Nodes;
use crate::figure::{Measured, less};

/// When the leader dies.
const AFTER: Duration = Duration::from_secs(5);

pub(super) fn kill_leader(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 125_000,
        ..PLAIN
    };
    let name = "failover";
    let topic = Topic {
        name,
        partitions: PARTITIONS,
        replicas: 3,
    };
    admin::create(nodes.bootstrap(), &[topic])?;
    let leader = admin::leader(nodes.bootstrap(), name)?;
    let bootstrap = nodes.bootstrap().to_owned();
    let produced = produce::paced(&bootstrap, name, &load, 5_000, AFTER, || nodes.kill(leader))?;
    nodes.start()?;
    admin::delete(&bootstrap, name)?;
    let gap = produced.longest_gap.as_secs_f64() * 1e3;
    Ok(vec![less(
        "longest time without an acknowledgement, ms",
        0.1,
        gap,
    )])
}
