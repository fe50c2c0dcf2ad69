//! Leader election by a Lease.
//!
//! In: the API server. Out: the right to write, for as long as [`Lease::keep`] has not returned.
//! Never here: trust in anybody's clock to take a lease over. Whether another holder is gone is told by
//! its Lease not changing for the whole duration, measured here; as client-go does.
//!
//! Every write is a replacement of the version that was read, so of two candidates one loses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::{Lease as Object, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::Client;
use kube::api::{Api, ObjectMeta, PostParams};
use tokio::time::{sleep, timeout};

use crate::context::Context;
use crate::error;

const NAME: &str = "tidemill-operator";
/// Who does not renew for so long has lost it.
const DURATION: Duration = Duration::from_secs(15);
/// Whoever leads stops by itself before anybody else may start.
const RENEW_DEADLINE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(2);
/// An operator of another namespace that has not renewed for so long is gone: more than clocks differ and
/// than an upgrade takes.
const GONE_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Why the lease is not held.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("it could not be renewed for {} s", RENEW_DEADLINE.as_secs())]
    NotRenewed,
    #[error("{holder} has taken it")]
    Taken { holder: String },
    #[error("the operator may not use Leases in its namespace")]
    Forbidden { source: Box<kube::Error> },
}

pub(crate) struct Lease {
    api: Api<Object>,
    context: Arc<Context>,
    /// What another holder wrote last, and when that was seen first.
    seen: Option<(LeaseSpec, Instant)>,
}

/// How one attempt ended.
enum Attempt {
    Held,
    HeldBy(String),
}

impl Lease {
    pub(crate) fn new(context: &Arc<Context>) -> Lease {
        let api = Api::namespaced(context.client.clone(), &context.settings.namespace);
        Lease {
            api,
            context: Arc::clone(context),
            seen: None,
        }
    }

    /// Returns once the lease is held.
    pub(crate) async fn acquire(&mut self) -> Result<(), Error> {
        loop {
            let started = Instant::now();
            match timeout(RENEW_DEADLINE, self.attempt()).await {
                Ok(Ok(Attempt::Held)) => {
                    self.context.lead_until(Some(started + RENEW_DEADLINE));
                    return Ok(());
                }
                Ok(Ok(Attempt::HeldBy(holder))) => tracing::debug!(holder, "the lease is held"),
                Ok(Err(error)) if is_forbidden(&error) => {
                    return Err(Error::Forbidden {
                        source: Box::new(error),
                    });
                }
                Ok(Err(error)) => tracing::warn!(%error, "failed to read or write the lease"),
                Err(_) => tracing::warn!("the API server did not answer in time"),
            }
            sleep(RETRY).await;
        }
    }

    /// Renews the lease until that is no longer possible; returns why.
    pub(crate) async fn keep(&mut self) -> Error {
        let mut renewed = Instant::now();
        loop {
            sleep(RETRY).await;
            let left = RENEW_DEADLINE.saturating_sub(renewed.elapsed());
            let started = Instant::now();
            match timeout(left, self.attempt()).await {
                Ok(Ok(Attempt::Held)) => {
                    renewed = started;
                    self.context.lead_until(Some(started + RENEW_DEADLINE));
                }
                Ok(Ok(Attempt::HeldBy(holder))) => return Error::Taken { holder },
                Ok(Err(error)) => tracing::warn!(%error, "failed to renew the lease"),
                Err(_) => {}
            }
            if renewed.elapsed() >= RENEW_DEADLINE {
                return Error::NotRenewed;
            }
        }
    }

    /// Lets the next one take over at once.
    pub(crate) async fn release(&mut self) {
        self.context.lead_until(None);
        let Ok(mut object) = self.api.get(NAME).await else {
            return;
        };
        let spec = object.spec.get_or_insert_default();
        if spec.holder_identity.as_ref() == Some(&self.context.settings.holder) {
            spec.holder_identity = Some(String::new());
            if let Err(error) = self
                .api
                .replace(NAME, &PostParams::default(), &object)
                .await
            {
                tracing::warn!(%error, "failed to release the lease");
            }
        }
    }

    async fn attempt(&mut self) -> Result<Attempt, kube::Error> {
        let own = &self.context.settings.holder;
        let now = MicroTime(Timestamp::now());
        let Some(mut object) = self.api.get_opt(NAME).await? else {
            let object = Object {
                metadata: ObjectMeta {
                    name: Some(NAME.to_owned()),
                    ..ObjectMeta::default()
                },
                spec: Some(self.spec(now, 0, None)),
            };
            self.api.create(&PostParams::default(), &object).await?;
            return Ok(Attempt::Held);
        };
        let spec = object.spec.clone().unwrap_or_default();
        let holder = spec.holder_identity.clone().unwrap_or_default();
        let transitions = spec.lease_transitions.unwrap_or(0);
        if holder == *own {
            let acquired = spec.acquire_time.clone();
            object.spec = Some(self.spec(now, transitions, acquired));
        } else if holder.is_empty() || self.is_over(&spec) {
            object.spec = Some(self.spec(now, transitions.saturating_add(1), None));
        } else {
            return Ok(Attempt::HeldBy(holder));
        }
        self.api
            .replace(NAME, &PostParams::default(), &object)
            .await?;
        Ok(Attempt::Held)
    }

    fn spec(&self, now: MicroTime, transitions: i32, acquired: Option<MicroTime>) -> LeaseSpec {
        LeaseSpec {
            holder_identity: Some(self.context.settings.holder.clone()),
            lease_duration_seconds: i32::try_from(DURATION.as_secs()).ok(),
            acquire_time: acquired.or_else(|| Some(now.clone())),
            renew_time: Some(now),
            lease_transitions: Some(transitions),
            ..LeaseSpec::default()
        }
    }

    /// Whether what another holder wrote has not changed for the whole duration.
    fn is_over(&mut self, spec: &LeaseSpec) -> bool {
        match &self.seen {
            Some((seen, since)) if seen == spec => since.elapsed() >= DURATION,
            Some(_) | None => {
                self.seen = Some((spec.clone(), Instant::now()));
                false
            }
        }
    }
}

/// Whether the operator of another namespace is still there. Without the right to read its Lease, it is.
pub(crate) async fn is_alive(client: &Client, namespace: &str) -> Result<bool, error::Error> {
    let api = Api::<Object>::namespaced(client.clone(), namespace);
    match api.get_opt(NAME).await {
        Ok(lease) => Ok(is_recent(lease.and_then(|it| it.spec), Timestamp::now())),
        Err(error) if is_forbidden(&error) => Ok(true),
        Err(error) => Err(error::Error::Read {
            kind: "Lease",
            name: NAME.to_owned(),
            source: Box::new(error),
        }),
    }
}

/// Whether somebody has renewed it not long ago; one that was released, too.
fn is_recent(lease: Option<LeaseSpec>, now: Timestamp) -> bool {
    let renewed = lease.and_then(|it| it.renew_time);
    renewed.is_some_and(|it| now.duration_since(it.0) < GONE_AFTER)
}

fn is_forbidden(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_forbidden())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_gone_when_its_lease_is_or_is_long_over() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let renewed = |seconds_ago: i64| LeaseSpec {
            renew_time: Some(MicroTime(now - SignedDuration::from_secs(seconds_ago))),
            ..LeaseSpec::default()
        };
        assert!(!is_recent(None, now));
        assert!(!is_recent(Some(LeaseSpec::default()), now));
        assert!(is_recent(Some(renewed(0)), now));
        // An upgrade, or a clock that is ahead.
        assert!(is_recent(Some(renewed(300)), now));
        assert!(is_recent(Some(renewed(-300)), now));
        assert!(!is_recent(Some(renewed(601)), now));
    }
}
