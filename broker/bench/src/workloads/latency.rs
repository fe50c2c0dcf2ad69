//! Workloads at a rate that both can hold.
//!
//! In: a cluster that runs. Out: percentiles. Never here: throughput.

use std::time::Duration;

use anyhow::Result;

use super::with_topic;
use crate::client::produce::{self, Load, PLAIN};
use crate::cluster::Nodes;
use crate::figure::{Measured, also, less};
use crate::process::Usage;

pub(super) fn ten_megabytes(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 200_000,
        linger_ms: "0",
        ..PLAIN
    };
    with_topic(nodes, "load", 3, |bootstrap, topic| {
        let usage = Usage::begin(nodes.ids())?;
        let produced = produce::paced(bootstrap, topic, &load, 10_000, Duration::MAX, || Ok(()))?;
        let cpu = usage.end()?.cpu_seconds / produced.megabytes() * 1e3;
        Ok(vec![
            less("acknowledged, median, ms", 0.6, produced.percentile(50.0)),
            less("99th percentile, ms", 0.3, produced.percentile(99.0)),
            less("99.9th percentile, ms", 0.3, produced.percentile(99.9)),
            also("broker CPU, s per GB", cpu),
        ])
    })
}
