//! Workloads that read.
//!
//! In: a cluster that runs. Out: throughput, processor time, how far a reader at the end is behind. Never
//! here: the client.

use std::time::Duration;

use anyhow::{Result, anyhow};

use super::{PARTITIONS, with_topic};
use crate::client::consume;
use crate::client::produce::{self, Load, PLAIN};
use crate::cluster::Nodes;
use crate::figure::{Measured, also, less, more};
use crate::process::Usage;

/// Groups that read the same.
const GROUPS: u64 = 5;

pub(super) fn from_page_cache(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    with_topic(nodes, "load", 1, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &PLAIN)?;
        let usage = Usage::begin(nodes.ids())?;
        let consumed = consume::assigned(bootstrap, topic, PARTITIONS, PLAIN.records)?;
        let used = usage.end()?;
        let cpu = used.cpu_seconds / consumed.megabytes() * 1e3;
        Ok(vec![
            more("consumed, MB/s", 1.2, consumed.megabytes_per_second()),
            less("broker CPU, s per GB", 0.5, cpu),
        ])
    })
}

pub(super) fn fan_out(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let load = Load {
        records: 400_000,
        ..PLAIN
    };
    with_topic(nodes, "load", 1, |bootstrap, topic| {
        let usage = Usage::begin(nodes.ids())?;
        let (mut megabytes, mut seconds) = (0.0, 0.0_f64);
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..GROUPS)
                .map(|it| {
                    let group = format!("fan-out-{it}");
                    scope.spawn(move || consume::subscribed(bootstrap, topic, &group, load.records))
                })
                .collect();
            produce::saturate(bootstrap, topic, &load)?;
            for reader in readers {
                let consumed = reader.join().map_err(|_| anyhow!("a reader panicked"))??;
                megabytes += consumed.megabytes();
                seconds = seconds.max(consumed.took.as_secs_f64());
            }
            anyhow::Ok(())
        })?;
        let cpu = usage.end()?.cpu_seconds / megabytes * 1e3;
        Ok(vec![
            more("consumed by all, MB/s", 1.3, megabytes / seconds),
            also("broker CPU, s per GB", cpu),
        ])
    })
}

pub(super) fn catch_up(nodes: &mut Nodes) -> Result<Vec<Measured>> {
    let behind = Load {
        records: 700_000,
        ..PLAIN
    };
    let paced = Load {
        records: 50_000,
        linger_ms: "0",
        ..PLAIN
    };
    with_topic(nodes, "load", 1, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &behind)?;
        let ends = consume::ends(bootstrap, topic, PARTITIONS)?;
        std::thread::scope(|scope| {
            let tail = scope.spawn(|| consume::tail(bootstrap, &ends, paced.records));
            let reader =
                scope.spawn(|| consume::assigned(bootstrap, topic, PARTITIONS, behind.records));
            produce::paced(bootstrap, topic, &paced, 5_000, Duration::MAX, || Ok(()))?;
            let tail = tail
                .join()
                .map_err(|_| anyhow!("the reader at the end panicked"))??;
            let read = reader
                .join()
                .map_err(|_| anyhow!("the reader panicked"))??;
            let percentile = |it: f64| {
                let millis = tail.value_at_percentile(it);
                f64::from(u32::try_from(millis).unwrap_or(u32::MAX))
            };
            Ok(vec![
                also("caught up, MB/s", read.megabytes_per_second()),
                also("at the end: written to read, median, ms", percentile(50.0)),
                also("99th percentile, ms", percentile(99.0)),
            ])
        })
    })
}
