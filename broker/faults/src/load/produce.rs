//! A producer: numbered records at a steady rate, idempotent and acknowledged by all in-sync replicas.
//!
//! In: its number. Out: each send and its end, in the history. Never here: a retry; the client does that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use broker_sim::history::Value;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext, PurgeConfig};

use super::{Shared, client};
use crate::cluster::{PARTITIONS, TOPIC};

const RECORD_BYTES: usize = 200;
/// Longer than any fault lasts: nothing may fail.
const MESSAGE_TIMEOUT_MS: &str = "180000";
const FLUSH_WITHIN: Duration = Duration::from_secs(180);
/// Records that take room away, and how long until there is none.
const FILLING_BYTES: usize = 4_000;
const FILL_WITHIN: Duration = Duration::from_secs(60);
/// What is kept of the reasons why sends failed.
const FAILED_MAX: usize = 20;

struct Delivering {
    shared: Arc<Shared>,
    producer: u32,
}

impl ClientContext for Delivering {
    // Brokers come and go; what counts is what becomes of each record.
    fn error(&self, _: KafkaError, _: &str) {}
    fn log(&self, _: rdkafka::config::RDKafkaLogLevel, _: &str, _: &str) {}
}

impl ProducerContext for Delivering {
    /// The record's sequence.
    type DeliveryOpaque = usize;

    fn delivery(&self, delivered: &DeliveryResult<'_>, sequence: usize) {
        let now = self.shared.now();
        let value = Value {
            producer: self.producer,
            sequence: sequence as u64,
        };
        self.shared.with(|seen| match delivered {
            Ok(message) => {
                let partition = u32::try_from(message.partition()).unwrap_or(u32::MAX);
                let offset = u64::try_from(message.offset()).ok();
                seen.acknowledge(partition, value, offset, now);
            }
            // Whether it was written nobody knows, and the history says so already.
            Err((error, _)) if seen.failed.len() < FAILED_MAX => {
                seen.failed.push(format!("{value}: {error}"));
            }
            Err(_) => {}
        });
    }
}

/// Sends records until the load is over; returns once each has ended.
pub(super) fn run(
    shared: &Arc<Shared>,
    bootstrap: &str,
    number: u32,
    per_second: u32,
) -> Result<()> {
    let context = Delivering {
        shared: Arc::clone(shared),
        producer: number,
    };
    let producer: BaseProducer<Delivering> = client(bootstrap)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "2")
        .set("message.timeout.ms", MESSAGE_TIMEOUT_MS)
        .create_with_context(context)
        .context("failed to make a producer")?;
    let start = shared.now();
    let mut payload = Vec::new();
    for sequence in 0_u32.. {
        let due = start + Duration::from_secs(1) * sequence / per_second;
        loop {
            let left = due.saturating_sub(shared.now());
            producer.poll(left.min(Duration::from_millis(20)));
            if left.is_zero() || shared.is_over() {
                break;
            }
        }
        if shared.is_over() {
            break;
        }
        let value = Value {
            producer: number,
            sequence: u64::from(sequence),
        };
        // Each producer writes to each partition, in turns.
        let partition = (sequence + number) % PARTITIONS;
        payload.clear();
        payload.extend_from_slice(value.to_string().as_bytes());
        payload.resize(RECORD_BYTES, b' ');
        shared.with(|it| it.history.sending(partition, value));
        send(&producer, partition, sequence, &payload)?;
    }
    let deadline = shared.now() + FLUSH_WITHIN;
    while producer.in_flight_count() > 0 && !shared.is_abandoned() {
        producer.poll(Duration::from_millis(100));
        ensure!(
            shared.now() < deadline,
            "not all records ended within {FLUSH_WITHIN:?}"
        );
    }
    Ok(())
}

/// Writes records of no meaning until `is_enough`.
pub(crate) fn fill(bootstrap: &str, topic: &str, is_enough: impl Fn() -> bool) -> Result<()> {
    let producer: BaseProducer = client(bootstrap)
        .set("acks", "1")
        .set("message.timeout.ms", "5000")
        .create()
        .context("failed to make a producer")?;
    let payload = vec![b'x'; FILLING_BYTES];
    let deadline = Instant::now() + FILL_WITHIN;
    while !is_enough() {
        ensure!(
            Instant::now() < deadline,
            "the disk was not full within {FILL_WITHIN:?}"
        );
        for _ in 0..100 {
            // What the client's queue does not take now it takes later.
            let _ = producer.send(BaseRecord::<(), [u8]>::to(topic).payload(&payload));
        }
        producer.poll(Duration::from_millis(20));
    }
    producer.purge(PurgeConfig::default().queue().inflight());
    Ok(())
}

fn send(
    producer: &BaseProducer<Delivering>,
    partition: u32,
    sequence: u32,
    payload: &[u8],
) -> Result<()> {
    let record = BaseRecord::<(), [u8], usize>::with_opaque_to(TOPIC, sequence as usize);
    let mut record = record.partition(i32::try_from(partition)?).payload(payload);
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                producer.poll(Duration::from_millis(10));
                record = back;
            }
            Err((error, _)) => bail!("failed to send: {error}"),
        }
    }
}
