//! What the broker counts of itself, in the names that Prometheus' users expect.
//!
//! In: requests as they are answered, connections, a summary of the node whenever somebody looks.
//! Out: a registry. Never here: how it is served.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use broker_node::Node;
use broker_node::api::served::served;
use broker_node::connection::Listener;
use broker_node::summary::Summary;
use broker_wire::ApiKey;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::run::Started;
use crate::world::ServerWorld;

/// Upper bounds of the durations that are told apart, in seconds.
const SECONDS: [f64; 11] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 10.0,
];

/// A listener, and an API of Kafka's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    listener: String,
    api: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListenerLabel {
    listener: String,
}

/// Everything that is counted.
pub(crate) struct Metrics {
    requests: Family<Request, Counter>,
    failed: Family<ListenerLabel, Counter>,
    seconds: Family<Request, Histogram, fn() -> Histogram>,
    received: Family<ListenerLabel, Counter>,
    sent: Family<ListenerLabel, Counter>,
    connections: Family<ListenerLabel, Gauge>,
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

/// The counters of one listener, found once: a request looks nothing up behind a lock.
pub(crate) struct ListenerMetrics {
    by_api: BTreeMap<ApiKey, (Counter, Histogram)>,
    pub(crate) closed_for_errors: Counter,
    pub(crate) received: Counter,
    pub(crate) sent: Counter,
    pub(crate) connections: Gauge,
}

impl ListenerMetrics {
    /// A request was answered so long after it had arrived.
    pub(crate) fn answered(&self, key: ApiKey, after: Duration) {
        if let Some((count, seconds)) = self.by_api.get(&key) {
            count.inc();
            seconds.observe(after.as_secs_f64());
        }
    }
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        Metrics {
            requests: Family::default(),
            failed: Family::default(),
            seconds: Family::new_with_constructor(histogram as fn() -> Histogram),
            received: Family::default(),
            sent: Family::default(),
            connections: Family::default(),
        }
    }

    /// The counters of a listener, at zero for everything that it serves.
    pub(crate) fn of(&self, listener: &Listener) -> Arc<ListenerMetrics> {
        let name = match listener {
            Listener::Clients { name } => name.clone(),
            Listener::Replication => "replication".to_owned(),
        };
        let label = ListenerLabel {
            listener: name.clone(),
        };
        let by_api = served(listener).into_iter().map(|it| {
            let request = Request {
                listener: name.clone(),
                api: it.key.name(),
            };
            let count = self.requests.get_or_create_owned(&request);
            let seconds = self.seconds.get_or_create_owned(&request);
            (it.key, (count, seconds))
        });
        Arc::new(ListenerMetrics {
            by_api: by_api.collect(),
            closed_for_errors: self.failed.get_or_create_owned(&label),
            received: self.received.get_or_create_owned(&label),
            sent: self.sent.get_or_create_owned(&label),
            connections: self.connections.get_or_create_owned(&label),
        })
    }

    /// All of it, and how the node is whenever somebody looks.
    pub(crate) fn registry(&self, node: Started) -> Registry {
        let mut registry = Registry::with_prefix("tidemill_broker");
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "From a request's last byte to the first of its answer",
            Unit::Seconds,
            self.seconds.clone(),
        );
        registry.register(
            "connections_failed",
            "Connections that ended with an error",
            self.failed.clone(),
        );
        registry.register_with_unit(
            "received",
            "Bytes of requests",
            Unit::Bytes,
            self.received.clone(),
        );
        registry.register_with_unit("sent", "Bytes of answers", Unit::Bytes, self.sent.clone());
        registry.register("connections", "Open connections", self.connections.clone());
        registry.register_collector(Box::new(NodeCollector(node)));
        registry
    }
}

/// Looks at the node when somebody asks.
struct NodeCollector(Started);

impl std::fmt::Debug for NodeCollector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NodeCollector")
    }
}

impl Collector for NodeCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let node: Option<&Arc<Node<ServerWorld>>> = self.0.get();
        let summary = node.map(|it| it.summary()).unwrap_or_default();
        for (name, help, unit, value) in gauges(&summary) {
            let gauge = ConstGauge::new(value);
            let encoder =
                encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?;
            gauge.encode(encoder)?;
        }
        Ok(())
    }
}

type Described = (&'static str, &'static str, Option<Unit>, i64);

fn gauges(summary: &Summary) -> Vec<Described> {
    let flag = i64::from;
    let count = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
    let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    let bytes = |name, help, value: u64| (name, help, Some(Unit::Bytes), number(value));
    let plain = |name, help, value: i64| (name, help, None, value);
    let mut gauges = vec![
        plain(
            "ready",
            "Whether this broker serves",
            flag(summary.is_ready),
        ),
        plain(
            "active_controller",
            "Whether this broker is the active controller",
            flag(summary.is_active_controller),
        ),
        plain(
            "metadata_offset",
            "End of the metadata that this broker has applied",
            number(summary.metadata_offset),
        ),
        plain(
            "replicas",
            "Replicas that lie here",
            count(summary.replicas),
        ),
        plain(
            "leaders",
            "Partitions led from here",
            count(summary.leaders),
        ),
        plain(
            "under_replicated_partitions",
            "Partitions led from here whose in-sync replicas are fewer than their replicas",
            count(summary.under_replicated),
        ),
        plain(
            "reassigning_partitions",
            "Partitions led from here that are being moved to other brokers",
            count(summary.reassigning),
        ),
        plain(
            "under_min_isr_partitions",
            "Partitions led from here whose in-sync replicas are fewer than min.insync.replicas",
            count(summary.under_min_isr),
        ),
        plain(
            "offline_partitions",
            "Partitions of the cluster without a leader, as this broker knows",
            count(summary.offline),
        ),
        bytes("log", "Bytes of all logs that lie here", summary.log_bytes),
    ];
    gauges.push(plain(
        "disk_fullness",
        "0: the disk has room; 1: clients may not write; 2: nor may replicas copy",
        i64::from(summary.fullness as u8),
    ));
    if let Some(disk) = summary.disk {
        gauges.push(bytes("disk", "Bytes of the disk", disk.total));
        gauges.push(bytes(
            "disk_usable",
            "Bytes of the disk that are still to be had",
            disk.usable,
        ));
    }
    gauges
}
