//! Consumers: some follow while all happens, one reads everything back.
//!
//! In: their number. Out: each record that they were shown, in the history. Never here: groups.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use broker_sim::history::Value;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::{Seen, Shared, client};
use crate::cluster::{PARTITIONS, TOPIC};

/// How long reading everything back may take, and where a partition ends may be unknown.
const READ_WITHIN: Duration = Duration::from_secs(90);
const TOLD_MAX: usize = 20;

fn consumer(bootstrap: &str) -> Result<BaseConsumer> {
    let mut config = client(bootstrap);
    config
        .set("group.id", "unused")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        // An offset that is gone is news; nobody may go elsewhere in silence.
        .set("auto.offset.reset", "error")
        .set("check.crcs", "true")
        .set("fetch.wait.max.ms", "100")
        .set("fetch.error.backoff.ms", "50");
    let consumer: BaseConsumer = config.create().context("failed to make a consumer")?;
    let mut places = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        places.add_partition_offset(TOPIC, i32::try_from(partition)?, Offset::Beginning)?;
    }
    consumer.assign(&places).context("failed to assign")?;
    Ok(consumer)
}

/// What a consumer is told while brokers come and go, and that is no news.
fn is_passing(error: &KafkaError) -> bool {
    let KafkaError::MessageConsumption(code) = error else {
        return false;
    };
    !matches!(
        code,
        RDKafkaErrorCode::AutoOffsetReset
            | RDKafkaErrorCode::OffsetOutOfRange
            | RDKafkaErrorCode::LogTruncation
            | RDKafkaErrorCode::BadMessage
            | RDKafkaErrorCode::InvalidMessage
            | RDKafkaErrorCode::InvalidRecord
    )
}

/// Takes a record down.
fn note(seen: &mut Seen, number: u32, message: &impl Message) {
    let text = String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned();
    let place = (
        u32::try_from(message.partition()),
        u64::try_from(message.offset()),
    );
    match (value(&text), place) {
        (Some(value), (Ok(partition), Ok(offset))) => {
            seen.history.read(partition, number, offset, value);
            seen.offsets.insert(value, offset);
        }
        _ => tell(
            seen,
            format!("consumer {number} was shown {text:?} at {place:?}"),
        ),
    }
}

fn tell(seen: &mut Seen, what: String) {
    if seen.told.len() < TOLD_MAX {
        seen.told.push(what);
    }
}

/// Reads `p1#2`, as a value shows itself.
fn value(text: &str) -> Option<Value> {
    let (producer, sequence) = text.trim_end().strip_prefix('p')?.split_once('#')?;
    Some(Value {
        producer: producer.parse().ok()?,
        sequence: sequence.parse().ok()?,
    })
}

/// Reads on and on, until the load is over.
pub(super) fn follow(shared: &Shared, bootstrap: &str, number: u32) -> Result<()> {
    let consumer = consumer(bootstrap)?;
    while !shared.is_over() {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => shared.with(|it| note(it, number, &message)),
            Some(Err(KafkaError::PartitionEOF(_))) | None => {}
            Some(Err(error)) if is_passing(&error) => {}
            Some(Err(error)) => {
                shared.with(|it| tell(it, format!("consumer {number} was told: {error}")));
            }
        }
    }
    Ok(())
}

/// Reads every partition from its beginning to its end.
pub(super) fn read_back(shared: &Shared, bootstrap: &str, number: u32) -> Result<()> {
    let consumer = consumer(bootstrap)?;
    let mut waiting: BTreeSet<i32> = (0..i32::try_from(PARTITIONS)?).collect();
    let deadline = Instant::now() + READ_WITHIN;
    while !waiting.is_empty() {
        ensure!(
            Instant::now() < deadline,
            "partitions {waiting:?} were not read to their end within {READ_WITHIN:?}"
        );
        match consumer.poll(Duration::from_secs(1)) {
            Some(Ok(message)) => shared.with(|it| note(it, number, &message)),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                waiting.remove(&partition);
            }
            Some(Err(error)) if is_passing(&error) => {}
            Some(Err(error)) => bail!("failed to read everything back: {error}"),
            None => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_shows_itself() {
        let it = Value {
            producer: 3,
            sequence: 41,
        };
        assert_eq!(value(&format!("{it}   ")), Some(it));
        assert_eq!(value("q3#41"), None);
        assert_eq!(value("p3#x"), None);
    }
}
