//! The workloads: what is measured, on how many brokers, and what it should come to.
//!
//! In: a name. Out: a workload. Never here: the order of runs, the report.

mod failover;
mod latency;
mod memory;
mod read;
mod start;
mod write;

use std::time::Duration;

use anyhow::Result;

use crate::client::admin::{self, Topic};
use crate::client::consume;
use crate::client::produce::{self, Load};
use crate::cluster::{Durability, Nodes};
use crate::figure::Measured;

/// Something to measure on a cluster that runs.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) brokers: u16,
    pub(crate) durability: Durability,
    /// Pairs of runs, of which medians are told.
    pub(crate) pairs: usize,
    /// Whether both are made warm first: a JVM compiles what it has run often.
    pub(crate) is_warmed: bool,
    pub(crate) run: fn(&mut Nodes) -> Result<Vec<Measured>>,
}

const fn of_three(
    name: &'static str,
    what: &'static str,
    run: fn(&mut Nodes) -> Result<Vec<Measured>>,
) -> Workload {
    Workload {
        name,
        what,
        brokers: 3,
        durability: Durability::PageCache,
        pairs: 3,
        is_warmed: true,
        run,
    }
}

const fn of_one(
    name: &'static str,
    what: &'static str,
    run: fn(&mut Nodes) -> Result<Vec<Measured>>,
) -> Workload {
    Workload {
        brokers: 1,
        ..of_three(name, what, run)
    }
}

static ALL: [Workload; 17] = [
    Workload {
        pairs: 5,
        ..of_three(
            "produce-1k-rf3",
            "1 KiB records, acks=all, 6 partitions of 3 replicas, page cache on both",
            write::one_kib_rf3,
        )
    },
    Workload {
        pairs: 5,
        durability: Durability::Fsync,
        ..of_three(
            "produce-1k-rf3-fsync",
            "the same with fsync before the acknowledgement on Tidemill, and none on Kafka",
            write::one_kib_rf3_fsync,
        )
    },
    Workload {
        durability: Durability::FsyncOnBoth,
        is_warmed: false,
        ..of_three(
            "produce-1k-rf3-fsync-both",
            "the same with fsync on both (Kafka: flush.messages=1)",
            write::one_kib_rf3_fsync_both,
        )
    },
    of_one(
        "produce-1k-rf1",
        "1 KiB records, acks=all, 6 partitions of one broker",
        write::one_kib_rf1,
    ),
    of_three(
        "produce-1k-acks1",
        "1 KiB records, acks=1, 6 partitions of 3 replicas",
        write::one_kib_acks1,
    ),
    of_three(
        "produce-100b-rf3",
        "100-byte records, acks=all, 6 partitions of 3 replicas",
        write::hundred_bytes_rf3,
    ),
    of_three(
        "producers-100",
        "100 producers with linger 0 and keys, each with 10 records of 1 KiB on their way, 3 replicas",
        write::hundred_producers,
    ),
    of_three(
        "produce-100k-lz4",
        "100 KiB records, lz4, of which half goes away, acks=all, 3 replicas",
        write::hundred_kib_lz4,
    ),
    of_three(
        "latency-10mb",
        "1 KiB records at a fixed 10 MB/s, linger 0, acks=all, 3 replicas; from the intended send",
        latency::ten_megabytes,
    ),
    of_one(
        "consume-1k",
        "1 KiB records from the page cache, 6 partitions of one broker",
        read::from_page_cache,
    ),
    of_one(
        "fan-out",
        "five groups read what one producer writes, 6 partitions of one broker",
        read::fan_out,
    ),
    of_one(
        "catch-up",
        "a reader from the beginning beside one at the end of a topic that is written at 5 MB/s",
        read::catch_up,
    ),
    Workload {
        is_warmed: false,
        pairs: 1,
        ..of_one(
            "partitions-10k",
            "10,000 partitions of one broker, idle, then with 200 records a second",
            memory::ten_thousand_partitions,
        )
    },
    Workload {
        is_warmed: false,
        pairs: 1,
        ..of_three(
            "partitions-3k-rf3",
            "3,000 partitions of 3 replicas, idle, then with 200 records a second",
            memory::three_thousand_of_three,
        )
    },
    Workload {
        is_warmed: false,
        ..of_one(
            "start",
            "one broker: from exec to the first answer, and its memory after ten seconds",
            start::start,
        )
    },
    Workload {
        is_warmed: false,
        ..of_one(
            "restart-2gb",
            "kill -9 with 2 GB that were not synced: from exec until every partition answers",
            start::restart_after_kill,
        )
    },
    Workload {
        is_warmed: false,
        ..of_three(
            "kill-leader",
            "kill -9 of a leader while 5 MB/s are written, acks=all, 3 replicas",
            failover::kill_leader,
        )
    },
];

pub(crate) fn find(name: &str) -> Option<&'static Workload> {
    ALL.iter().find(|it| it.name == name)
}

pub(crate) fn all() -> &'static [Workload] {
    &ALL
}

/// Partitions of every topic that is not about their number.
const PARTITIONS: i32 = 6;
/// Records that make a JVM warm, and their size.
const WARM_UP_RECORDS: u64 = 5_000_000;
const WARM_UP_BYTES: usize = 100;

/// Makes both sides do for a while what will be measured, and removes it again.
pub(crate) fn warm_up(nodes: &Nodes, replicas: i32, is_short: bool) -> Result<()> {
    let records = if is_short {
        WARM_UP_RECORDS / 10
    } else {
        WARM_UP_RECORDS
    };
    let load = Load {
        records,
        bytes: WARM_UP_BYTES,
        ..produce::PLAIN
    };
    with_topic(nodes, "warm-up", replicas, |bootstrap, topic| {
        produce::saturate(bootstrap, topic, &load)?;
        let large = Load {
            records: records / 10,
            ..produce::PLAIN
        };
        produce::saturate(bootstrap, topic, &large)?;
        consume::assigned(bootstrap, topic, PARTITIONS, records / 5)?;
        Ok(())
    })
}

/// Makes a topic, works with it, and removes it.
fn with_topic<T>(
    nodes: &Nodes,
    name: &str,
    replicas: i32,
    work: impl FnOnce(&str, &str) -> Result<T>,
) -> Result<T> {
    let topic = Topic {
        name,
        partitions: PARTITIONS,
        replicas,
    };
    admin::create(nodes.bootstrap(), &[topic])?;
    let worked = work(nodes.bootstrap(), name);
    admin::delete(nodes.bootstrap(), name)?;
    // Its files go in the background, and what they had in memory is written no more.
    crate::process::idle(Duration::from_secs(2));
    worked
}
