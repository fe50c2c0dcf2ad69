//! Records written: as fast as they go, or at a fixed rate.
//!
//! In: a topic and a load. Out: how long it took, and for each record the time from when it was to be sent
//! until it was acknowledged. Never here: what the brokers used.
//!
//! At a fixed rate the time counts from the intended moment: a cluster that stands still cannot hide it by
//! keeping the next record from being sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};

use crate::client::payload::Payload;
use crate::process::idle;

/// How long all records together may take to be acknowledged after the last was sent.
const FLUSH_WITHIN: Duration = Duration::from_secs(120);
/// Sent records between two looks at what was acknowledged.
const POLL_EVERY: u64 = 64;

/// What to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) records: u64,
    pub(crate) bytes: usize,
    pub(crate) acks: &'static str,
    pub(crate) linger_ms: &'static str,
    pub(crate) compression: &'static str,
    /// Whether each record takes another partition; otherwise batches do.
    pub(crate) is_spread: bool,
    /// Records of one producer that may be on their way; `None`: what the client's queue takes.
    pub(crate) window: Option<u64>,
}

/// Records of 1 KiB that wait for all replicas, batched as librdkafka does by default.
pub(crate) const PLAIN: Load = Load {
    records: 1_000_000,
    bytes: 1024,
    acks: "all",
    linger_ms: "5",
    compression: "none",
    is_spread: false,
    window: None,
};

/// What became of it.
#[derive(Clone, Debug)]
pub(crate) struct Produced {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
    /// Microseconds from the intended send to the acknowledgement.
    pub(crate) latency: Histogram<u64>,
    /// Longest time for which a partition that was written to acknowledged nothing.
    pub(crate) longest_gap: Duration,
}

#[allow(clippy::cast_precision_loss, reason = "figures for people")]
impl Produced {
    pub(crate) fn megabytes(&self) -> f64 {
        self.bytes as f64 / 1e6
    }

    pub(crate) fn megabytes_per_second(&self) -> f64 {
        self.megabytes() / self.took.as_secs_f64()
    }

    pub(crate) fn records_per_second(&self) -> f64 {
        self.records as f64 / self.took.as_secs_f64()
    }

    /// Milliseconds.
    pub(crate) fn percentile(&self, percentile: f64) -> f64 {
        self.latency.value_at_percentile(percentile) as f64 / 1e3
    }
}

/// Acknowledgements as they come.
struct Acknowledged {
    started: Instant,
    state: Mutex<State>,
}

struct State {
    acknowledged: u64,
    latency: Histogram<u64>,
    last_by_partition: Vec<Option<Duration>>,
    longest_gap: Duration,
    last: Duration,
    failed: Option<String>,
}

impl Acknowledged {
    fn begin() -> Result<Acknowledged> {
        // Up to two minutes, to three digits.
        let latency = Histogram::new_with_bounds(1, 120_000_000, 3)?;
        let state = State {
            acknowledged: 0,
            latency,
            last_by_partition: Vec::new(),
            longest_gap: Duration::ZERO,
            last: Duration::ZERO,
            failed: None,
        };
        Ok(Acknowledged {
            started: Instant::now(),
            state: Mutex::new(state),
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where a producer's word goes.
#[derive(Clone)]
struct Acknowledging(Arc<Acknowledged>);

impl ClientContext for Acknowledging {
    // Brokers come and go in some workloads; what counts is what is acknowledged.
    fn error(&self, _: KafkaError, _: &str) {}
    fn log(&self, _: rdkafka::config::RDKafkaLogLevel, _: &str, _: &str) {}
}

impl ProducerContext for Acknowledging {
    /// Microseconds from the start to the intended send.
    type DeliveryOpaque = usize;

    fn delivery(&self, delivered: &DeliveryResult<'_>, intended: usize) {
        let now = self.0.started.elapsed();
        let intended = Duration::from_micros(intended as u64);
        self.0.with(|state| match delivered {
            Ok(message) => {
                let took = now.saturating_sub(intended).as_micros();
                state
                    .latency
                    .saturating_record(u64::try_from(took).unwrap_or(u64::MAX));
                state.acknowledged += 1;
                state.last = now;
                let partition = usize::try_from(message.partition()).unwrap_or_default();
                if state.last_by_partition.len() <= partition {
                    state.last_by_partition.resize(partition + 1, None);
                }
                if let Some(last) = state.last_by_partition.get_mut(partition) {
                    let gap = now.saturating_sub(last.unwrap_or(now));
                    state.longest_gap = state.longest_gap.max(gap);
                    *last = Some(now);
                }
            }
            Err((error, _)) => state.failed = Some(error.to_string()),
        });
    }
}

fn producer(
    bootstrap: &str,
    load: &Load,
    to: &Arc<Acknowledged>,
) -> Result<BaseProducer<Acknowledging>> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("acks", load.acks)
        .set("linger.ms", load.linger_ms)
        .set("compression.type", load.compression)
        .set("queue.buffering.max.messages", "500000")
        .set("queue.buffering.max.kbytes", "131072")
        .set("message.timeout.ms", "120000");
    if load.is_spread {
        config.set("sticky.partitioning.linger.ms", "0");
    }
    let created = config.create_with_context(Acknowledging(Arc::clone(to)));
    created.context("failed to make a producer")
}

fn micros(duration: Duration) -> usize {
    usize::try_from(duration.as_micros()).unwrap_or(usize::MAX)
}

/// Sends one record, as soon as the client's queue takes it.
fn send(
    producer: &BaseProducer<Acknowledging>,
    topic: &str,
    key: Option<u64>,
    payload: &[u8],
    intended: usize,
) -> Result<()> {
    let key = key.map(|it| format!("{it:016}"));
    let mut record = BaseRecord::with_opaque_to(topic, intended).payload(payload);
    if let Some(key) = &key {
        record = record.key(key.as_bytes());
    }
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

fn finish(
    producers: &[BaseProducer<Acknowledging>],
    to: &Acknowledged,
    records: u64,
    bytes: usize,
) -> Result<Produced> {
    for producer in producers {
        producer.flush(FLUSH_WITHIN).context("failed to flush")?;
    }
    to.with(|state| {
        if let Some(error) = &state.failed {
            bail!("a record was not acknowledged: {error}");
        }
        ensure!(
            state.acknowledged == records,
            "{} of {records} records were acknowledged",
            state.acknowledged
        );
        Ok(Produced {
            records,
            bytes: records * bytes as u64,
            took: state.last,
            latency: state.latency.clone(),
            longest_gap: state.longest_gap,
        })
    })
}

/// One producer, as fast as records go.
pub(crate) fn saturate(bootstrap: &str, topic: &str, load: &Load) -> Result<Produced> {
    let to = Arc::new(Acknowledged::begin()?);
    let producer = producer(bootstrap, load, &to)?;
    let mut payload = match load.compression {
        "none" => Payload::random(load.bytes),
        _ => Payload::compressible(load.bytes),
    };
    for sent in 0..load.records {
        let now = micros(to.started.elapsed());
        send(&producer, topic, None, payload.next(), now)?;
        if sent % POLL_EVERY == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    finish(&[producer], &to, load.records, load.bytes)
}

/// Many producers, each with keys and few records on their way: small batches.
pub(crate) fn crowd(bootstrap: &str, topic: &str, load: &Load, n: u64) -> Result<Produced> {
    let to = Arc::new(Acknowledged::begin()?);
    let each = load.records / n;
    let window = load.window.unwrap_or(u64::MAX);
    let producers: Result<Vec<_>> = (0..n).map(|_| producer(bootstrap, load, &to)).collect();
    let producers = producers?;
    let results: Vec<Result<()>> = std::thread::scope(|scope| {
        let running: Vec<_> = producers
            .iter()
            .zip(0..)
            .map(|(producer, number)| {
                let to = &to;
                scope.spawn(move || {
                    let mut payload = Payload::random(load.bytes);
                    for sent in 0..each {
                        while u64::try_from(producer.in_flight_count()).unwrap_or_default()
                            >= window
                        {
                            producer.poll(Duration::from_millis(100));
                        }
                        let now = micros(to.started.elapsed());
                        let key = Some(number * each + sent);
                        send(producer, topic, key, payload.next(), now)?;
                    }
                    Ok(())
                })
            })
            .collect();
        let ended = running.into_iter().map(|it| match it.join() {
            Ok(result) => result,
            Err(_) => Err(anyhow::anyhow!("a producer's thread panicked")),
        });
        ended.collect()
    });
    results.into_iter().collect::<Result<()>>()?;
    finish(&producers, &to, each * n, load.bytes)
}

/// One producer at so many records a second. `meanwhile` is called once, after `after`.
pub(crate) fn paced(
    bootstrap: &str,
    topic: &str,
    load: &Load,
    per_second: u64,
    after: Duration,
    meanwhile: impl FnOnce() -> Result<()>,
) -> Result<Produced> {
    let mut meanwhile = Some(meanwhile);
    let to = Arc::new(Acknowledged::begin()?);
    let producer = producer(bootstrap, load, &to)?;
    let mut payload = Payload::random(load.bytes);
    let start = to.started.elapsed();
    for sent in 0..load.records {
        let intended = start + Duration::from_micros(sent * 1_000_000 / per_second);
        if intended >= after
            && let Some(meanwhile) = meanwhile.take()
        {
            meanwhile()?;
        }
        loop {
            let now = to.started.elapsed();
            if now >= intended {
                break;
            }
            // The client's own threads send; only acknowledgements are taken here.
            producer.poll(Duration::ZERO);
            idle((intended - now).min(Duration::from_micros(200)));
        }
        send(&producer, topic, None, payload.next(), micros(intended))?;
        producer.poll(Duration::ZERO);
    }
    finish(&[producer], &to, load.records, load.bytes)
}
