//! What the operator counts of itself.

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// A kind of resource, and how its reconciliation ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Reconciled {
    pub(crate) kind: &'static str,
    pub(crate) result: &'static str,
}

/// A kind of resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Kind {
    pub(crate) kind: &'static str,
}

pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) reconciliations: Family<Reconciled, Counter>,
    pub(crate) seconds: Family<Kind, Histogram>,
    /// Reconciliations that are running. One that stays up is stuck.
    pub(crate) running: Family<Kind, Gauge>,
    /// Writes to the API server. At rest it stands still.
    pub(crate) writes: Family<Kind, Counter>,
    pub(crate) leader: Gauge,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let buckets = || Histogram::new([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]);
        let mut metrics = Metrics {
            registry: Registry::with_prefix("tidemill_operator"),
            reconciliations: Family::default(),
            seconds: Family::new_with_constructor(buckets),
            running: Family::default(),
            writes: Family::default(),
            leader: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        registry.register(
            "reconciliations",
            "Reconciliations",
            metrics.reconciliations.clone(),
        );
        let help = "Duration of a reconciliation";
        registry.register("reconciliation_seconds", help, metrics.seconds.clone());
        let help = "Reconciliations that are running";
        registry.register("reconciliations_running", help, metrics.running.clone());
        registry.register("writes", "Writes to the API server", metrics.writes.clone());
        registry.register(
            "leader",
            "Whether this replica leads",
            metrics.leader.clone(),
        );
        metrics
    }
}

impl Metrics {
    /// In Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => format!("# {error}\n"),
        }
    }

    pub(crate) fn count_write(&self, kind: &'static str) {
        self.writes.get_or_create(&Kind { kind }).inc();
    }
}
