//! What Kafka's performance tools put on a cluster, and what they say of it.
//!
//! In: where the cluster is. Out: figures. Never here: which cluster it is.

use anyhow::{Context, Result};

use crate::java::Java;

const TOPIC: &str = "load";

/// What one round carried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried {
    /// MB/s.
    pub(crate) produced: f64,
    /// 99th percentile of the time to an acknowledgement, ms.
    pub(crate) latency: f64,
    /// MB/s.
    pub(crate) consumed: f64,
}

pub(crate) fn create(
    java: &Java,
    bootstrap: &str,
    topic: &str,
    partitions: u32,
    replicas: u32,
) -> Result<()> {
    let (partitions, replicas) = (partitions.to_string(), replicas.to_string());
    let tool = "org.apache.kafka.tools.TopicCommand";
    let mut arguments = vec![
        "--bootstrap-server",
        bootstrap,
        "--create",
        "--topic",
        topic,
    ];
    arguments.extend([
        "--partitions",
        &partitions,
        "--replication-factor",
        &replicas,
    ]);
    if replicas == "3" {
        arguments.extend(["--config", "min.insync.replicas=2"]);
    }
    java.run(tool, &arguments).map(drop)
}

/// Writes records of 1 KiB with `acks=all` as fast as they go, and reads them.
pub(crate) fn carry(java: &Java, bootstrap: &str, records: u32) -> Result<Carried> {
    create(java, bootstrap, TOPIC, 6, 3)?;
    // Both JVMs and both clusters are cold at first.
    produce(java, bootstrap, records / 5)?;
    let produced = produce(java, bootstrap, records)?;
    let (count, tool) = (
        records.to_string(),
        "org.apache.kafka.tools.ConsumerPerformance",
    );
    let arguments = [
        "--bootstrap-server",
        bootstrap,
        "--topic",
        TOPIC,
        "--messages",
        &count,
    ];
    let arguments = [&arguments[..], &["--hide-header"]].concat();
    let consumed = java.run(tool, &arguments)?;
    // start, end, MB in all, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, ...
    let consumed = consumed
        .lines()
        .find_map(|it| it.split(", ").nth(8)?.parse().ok());
    Ok(Carried {
        produced: number_before(&produced, " MB/sec)").context("no MB/sec")?,
        latency: number_before(&produced, " ms 99th").context("no 99th percentile")?,
        consumed: consumed.context("no MB/s of the consumer")?,
    })
}

/// The last line of the tool: the whole run.
fn produce(java: &Java, bootstrap: &str, records: u32) -> Result<String> {
    let (count, servers) = (
        records.to_string(),
        format!("bootstrap.servers={bootstrap}"),
    );
    let said = java.run(
        "org.apache.kafka.tools.ProducerPerformance",
        &[
            "--topic",
            TOPIC,
            "--num-records",
            &count,
            "--record-size",
            "1024",
            "--throughput",
            "-1",
            "--producer-props",
            &servers,
            "acks=all",
        ],
    )?;
    let last = said.lines().rfind(|it| it.contains("99th"));
    last.map(str::to_owned).context("the producer told nothing")
}

fn number_before(text: &str, unit: &str) -> Option<f64> {
    let before = text.split(unit).next().filter(|it| it.len() < text.len())?;
    let number = before.rsplit([' ', '(']).next()?;
    number.parse().ok()
}
