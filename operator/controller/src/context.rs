//! What every reconciliation shares.
//!
//! In: a client and settings. Out: handles. Never here: what is known of an object from one pass to
//! the next, except how to reach its brokers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crds::Topic;
use kube::Client;
use kube::runtime::events::Reporter;
use kube::runtime::reflector::Store;
use operator_plan::topic::ClusterView;

use crate::brokers::Brokers;
use crate::error::Error;
use crate::events::Events;
use crate::metrics::Metrics;
use crate::settings::Settings;

/// How long an operator that has just begun to lead may take to reach its Clusters before Topics and
/// groups are told that it has not.
const STARTING: Duration = Duration::from_secs(10);

/// What every reconciliation shares.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    pub(crate) events: Events,
    /// All Topics, to find two that stand for the same topic.
    pub(crate) topics: OnceLock<Store<Topic>>,
    reached: Mutex<BTreeMap<(String, String), Arc<Reached>>>,
    pub(crate) leading_since: OnceLock<Instant>,
    /// Until when the lease is certainly held.
    leading_until: Mutex<Option<Instant>>,
}

/// A cluster as it was reached last.
pub(crate) struct Reached {
    pub(crate) brokers: Arc<Brokers>,
    /// `None` until it was asked for the first time.
    pub(crate) view: Option<ClusterView>,
}

impl Context {
    pub(crate) fn new(client: Client, settings: Settings) -> Context {
        let reporter = Reporter {
            controller: operator_plan::names::FIELD_MANAGER.to_owned(),
            instance: Some(settings.holder.clone()),
        };
        Context {
            events: Events::new(client.clone(), reporter),
            client,
            settings,
            metrics: Metrics::default(),
            topics: OnceLock::new(),
            reached: Mutex::default(),
            leading_since: OnceLock::new(),
            leading_until: Mutex::default(),
        }
    }

    /// Notes until when the lease is held.
    pub(crate) fn lead_until(&self, instant: Option<Instant>) {
        *self
            .leading_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = instant;
    }

    /// Before every write: a process that was paused may have lost the lease without knowing.
    pub(crate) fn assert_leading(&self) -> Result<(), Error> {
        let until = *self
            .leading_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_leading = until.is_some_and(|it| Instant::now() < it);
        is_leading.then_some(()).ok_or(Error::NotLeading)
    }

    /// Whether an object that was told of before is better left alone for a moment: an operator that
    /// has just started knows nothing of its cluster, which is no news of the cluster.
    pub(crate) fn is_too_early(&self, reached: Option<&Reached>, is_told: bool) -> bool {
        let is_asked = reached.is_some_and(|it| it.view.is_some());
        let is_starting = |since: &Instant| since.elapsed() < STARTING;
        !is_asked && is_told && self.leading_since.get().is_some_and(is_starting)
    }

    /// The cluster as it was reached last. `None` if it was not since the operator started.
    pub(crate) fn reached(&self, namespace: &str, cluster: &str) -> Option<Arc<Reached>> {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached
            .get(&(namespace.to_owned(), cluster.to_owned()))
            .cloned()
    }

    /// Notes how a cluster was reached; `None` forgets it.
    pub(crate) fn note(&self, namespace: &str, cluster: &str, now: Option<Reached>) {
        let key = (namespace.to_owned(), cluster.to_owned());
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        match now {
            Some(now) => drop(reached.insert(key, Arc::new(now))),
            None => drop(reached.remove(&key)),
        }
    }
}
