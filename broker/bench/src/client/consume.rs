//! Records read.
//!
//! In: a topic and how many records. Out: how long it took, from the first record to the last. Never here:
//! what the brokers used.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use hdrhistogram::Histogram;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

/// How long no record may come.
const WITHIN: Duration = Duration::from_secs(60);

/// What was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consumed {
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
}

#[allow(clippy::cast_precision_loss, reason = "figures for people")]
impl Consumed {
    pub(crate) fn megabytes(&self) -> f64 {
        self.bytes as f64 / 1e6
    }

    pub(crate) fn megabytes_per_second(&self) -> f64 {
        self.megabytes() / self.took.as_secs_f64()
    }
}

fn config(bootstrap: &str, group: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("queued.min.messages", "1000000");
    config
}

/// Reads so many records of a topic from its beginning, all partitions at once.
pub(crate) fn assigned(
    bootstrap: &str,
    topic: &str,
    partitions: i32,
    records: u64,
) -> Result<Consumed> {
    let created = config(bootstrap, "bench").create();
    let consumer: BaseConsumer = created.context("failed to make a consumer")?;
    let mut places = TopicPartitionList::new();
    for partition in 0..partitions {
        places.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&places).context("failed to assign")?;
    read(&consumer, records, |_| {})
}

/// Reads so many records of a topic as a group of one.
pub(crate) fn subscribed(
    bootstrap: &str,
    topic: &str,
    group: &str,
    records: u64,
) -> Result<Consumed> {
    let created = config(bootstrap, group).create();
    let consumer: BaseConsumer = created.context("failed to make a consumer")?;
    consumer
        .subscribe(&[topic])
        .context("failed to subscribe")?;
    read(&consumer, records, |_| {})
}

/// Where a topic ends now.
pub(crate) fn ends(bootstrap: &str, topic: &str, partitions: i32) -> Result<TopicPartitionList> {
    let created = config(bootstrap, "bench").create();
    let consumer: BaseConsumer = created.context("failed to make a consumer")?;
    let mut places = TopicPartitionList::new();
    for partition in 0..partitions {
        let (_, end) = consumer.fetch_watermarks(topic, partition, WITHIN)?;
        places.add_partition_offset(topic, partition, Offset::Offset(end))?;
    }
    Ok(places)
}

/// Reads so many records from `places` on; milliseconds from when each was written until it was read.
pub(crate) fn tail(
    bootstrap: &str,
    places: &TopicPartitionList,
    records: u64,
) -> Result<Histogram<u64>> {
    let created = config(bootstrap, "bench").create();
    let consumer: BaseConsumer = created.context("failed to make a consumer")?;
    consumer.assign(places).context("failed to assign")?;
    let mut behind = Histogram::new_with_bounds(1, 120_000, 3)?;
    read(&consumer, records, |written| {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        behind.saturating_record(u64::try_from(now - written).unwrap_or_default());
    })?;
    Ok(behind)
}

/// Reads so many records from `consumer`; `each` sees when each was written, in milliseconds.
fn read(consumer: &BaseConsumer, records: u64, mut each: impl FnMut(i64)) -> Result<Consumed> {
    let mut first = None;
    let mut last = Instant::now();
    let (mut left, mut bytes) = (records, 0);
    while left > 0 {
        // Nothing may come early: a group's assignment ends a poll as well.
        match consumer.poll(WITHIN.saturating_sub(last.elapsed())) {
            Some(Ok(message)) => {
                last = Instant::now();
                first.get_or_insert(last);
                bytes += message.payload_len() as u64;
                each(message.timestamp().to_millis().unwrap_or_default());
                left -= 1;
            }
            Some(Err(error)) => bail!("failed to read: {error}"),
            None if last.elapsed() < WITHIN => {}
            None => bail!("{left} of {records} records did not come within {WITHIN:?}"),
        }
    }
    Ok(Consumed {
        bytes,
        took: first.map_or(Duration::ZERO, |it| it.elapsed()),
    })
}
