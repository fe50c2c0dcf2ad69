//! Topics made and removed, and brokers waited for.
//!
//! In: where the cluster is. Out: a cluster that is as the workload wants it. Never here: records.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::executor::block_on;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::process::idle;

/// How long a cluster may take over anything.
const WITHIN: Duration = Duration::from_secs(120);

fn client(bootstrap: &str) -> Result<AdminClient<DefaultClientContext>> {
    let created = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create();
    created.context("failed to make an admin client")
}

fn options() -> AdminOptions {
    AdminOptions::new()
        .operation_timeout(Some(WITHIN))
        .request_timeout(Some(WITHIN))
}

/// A topic as a workload wants it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Topic<'a> {
    pub(crate) name: &'a str,
    pub(crate) partitions: i32,
    pub(crate) replicas: i32,
}

/// Makes topics and waits until each partition has a leader. With three replicas, two must be in sync.
pub(crate) fn create(bootstrap: &str, topics: &[Topic<'_>]) -> Result<()> {
    let client = client(bootstrap)?;
    for topics in topics.chunks(20) {
        let wanted: Vec<NewTopic<'_>> = topics
            .iter()
            .map(|it| {
                let replication = TopicReplication::Fixed(it.replicas);
                let topic = NewTopic::new(it.name, it.partitions, replication);
                topic.set(
                    "min.insync.replicas",
                    if it.replicas < 3 { "1" } else { "2" },
                )
            })
            .collect();
        let created = block_on(client.create_topics(&wanted, &options()));
        for result in created.context("failed to create topics")? {
            if let Err((topic, error)) = result {
                bail!("failed to create {topic}: {error}");
            }
        }
    }
    topics
        .iter()
        .try_for_each(|it| await_leaders(bootstrap, *it))
}

fn await_leaders(bootstrap: &str, topic: Topic<'_>) -> Result<()> {
    let consumer = consumer(bootstrap)?;
    let deadline = Instant::now() + WITHIN;
    loop {
        let metadata = consumer.fetch_metadata(Some(topic.name), WITHIN);
        let known = metadata.ok().and_then(|it| {
            let partitions = it.topics().first()?.partitions();
            let led = partitions
                .iter()
                .filter(|it| it.leader() >= 0 && it.error().is_none());
            i32::try_from(led.count()).ok()
        });
        if known == Some(topic.partitions) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{} has {known:?} partitions with a leader", topic.name);
        }
        idle(Duration::from_millis(20));
    }
}

/// Removes a topic, and with it what it took of the disk.
pub(crate) fn delete(bootstrap: &str, topic: &str) -> Result<()> {
    let client = client(bootstrap)?;
    let deleted = block_on(client.delete_topics(&[topic], &options()));
    for result in deleted.context("failed to delete a topic")? {
        if let Err((topic, error)) = result {
            bail!("failed to delete {topic}: {error}");
        }
    }
    Ok(())
}

fn consumer(bootstrap: &str) -> Result<BaseConsumer> {
    let created = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create();
    created.context("failed to make a client")
}

/// Waits until a cluster knows of so many brokers.
pub(crate) fn await_brokers(bootstrap: &str, n_brokers: usize) -> Result<()> {
    let consumer = consumer(bootstrap)?;
    let deadline = Instant::now() + WITHIN;
    loop {
        let metadata = consumer.fetch_metadata(None, Duration::from_secs(5));
        if metadata.is_ok_and(|it| it.brokers().len() == n_brokers) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("there are not {n_brokers} brokers after {WITHIN:?}");
        }
        idle(Duration::from_millis(20));
    }
}

/// The node that leads a topic's first partition.
pub(crate) fn leader(bootstrap: &str, topic: &str) -> Result<usize> {
    let metadata = consumer(bootstrap)?
        .fetch_metadata(Some(topic), WITHIN)
        .context("failed to read the metadata")?;
    let partitions = metadata.topics().first().map(|it| it.partitions());
    let leader =
        partitions.and_then(|it| it.iter().find(|it| it.id() == 0)?.leader().try_into().ok());
    leader.context("nobody leads the first partition")
}

/// Waits until all partitions of a topic answer where they end.
pub(crate) fn await_ends(bootstrap: &str, topic: &str, partitions: i32) -> Result<()> {
    let consumer = consumer(bootstrap)?;
    let deadline = Instant::now() + WITHIN;
    for partition in 0..partitions {
        while let Err(error) = consumer.fetch_watermarks(topic, partition, Duration::from_secs(1)) {
            if Instant::now() > deadline {
                bail!("{topic}-{partition} does not answer after {WITHIN:?}: {error}");
            }
            idle(Duration::from_millis(1));
        }
    }
    Ok(())
}
