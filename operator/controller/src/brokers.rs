//! The brokers of one cluster, over the control service with mutual TLS.
//!
//! In: pods, the cluster's authority. Out: what brokers answer, in the plan's words. Never here: what
//! an answer means for a cluster.
//!
//! A pod is dialled by its address and named by its host, so that a certificate is checked and DNS is
//! not needed.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use broker_rpc as rpc;
use broker_rpc::control_client::ControlClient;
use k8s_openapi::api::core::v1::Pod;
use operator_plan::Known;
use operator_plan::cluster::{BrokerView, ClusterImage, Formatting, QuorumView};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Response, Status};

use crate::authority;
use crate::error::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than a broker gives itself, also for what it passes on to the active controller (10 s): what it
/// did is then known. A commit in a quorum that has just lost its leader takes far less.
const CALL_TIMEOUT: Duration = Duration::from_secs(12);
/// For what a broker knows by itself: one that is stuck, or whose pod has just gone, must not hold up the
/// pass over its cluster, nor what an object is told within seconds.
const OBSERVE_TIMEOUT: Duration = Duration::from_secs(2);
/// The operator's own certificate is made anew with the connections.
const CONNECTIONS_LIFE: Duration = Duration::from_secs(24 * 3600);
/// A described cluster or a hundred topics with their configs fit many times over.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Where the control listener of a pod's broker is reached. `None` while the pod has no address.
pub type ControlAddress = Arc<dyn Fn(&Pod) -> Option<SocketAddr> + Send + Sync>;

/// The pod's own address.
pub fn pod_address() -> ControlAddress {
    Arc::new(|pod| {
        let address: IpAddr = pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()?;
        Some(SocketAddr::new(address, rpc::CONTROL_PORT))
    })
}

/// Address and host name of each pod.
pub(crate) type Addresses = BTreeMap<String, (SocketAddr, String)>;

/// The brokers of one cluster.
pub(crate) struct Brokers {
    addresses: Addresses,
    /// Of the authority's Secret.
    version: String,
    made: Instant,
    clients: BTreeMap<String, ControlClient<Channel>>,
}

impl Brokers {
    /// Prepares connections; none is opened before it is used.
    pub(crate) fn new(
        identity: &authority::Identity,
        addresses: Addresses,
        version: String,
    ) -> Brokers {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&identity.authority))
            .identity(Identity::from_pem(&identity.certificate, &identity.key));
        let clients = addresses.iter().filter_map(|(pod, (address, host))| {
            let endpoint = Endpoint::from_shared(format!("https://{address}")).ok()?;
            let endpoint = endpoint
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(CALL_TIMEOUT)
                .tls_config(tls.clone().domain_name(host))
                .inspect_err(|error| tracing::error!(%error, pod, "failed to set up TLS"))
                .ok()?;
            let client = ControlClient::new(endpoint.connect_lazy());
            Some((
                pod.clone(),
                client.max_decoding_message_size(ANSWER_BYTES_MAX),
            ))
        });
        Brokers {
            clients: clients.collect(),
            addresses,
            version,
            made: Instant::now(),
        }
    }

    /// Whether the pods are where they were, the authority is the same, and the operator's own
    /// certificate is far from its end.
    pub(crate) fn is_at(&self, addresses: &Addresses, version: &str) -> bool {
        self.addresses == *addresses
            && self.version == version
            && self.made.elapsed() < CONNECTIONS_LIFE
    }

    /// The client of a pod's broker.
    pub(crate) fn client(&self, pod: &str) -> Option<ControlClient<Channel>> {
        self.clients.get(pod).cloned()
    }

    /// What the broker in a pod says of itself.
    pub(crate) async fn observe(&self, pod: &str) -> Known<BrokerView> {
        let Some(mut client) = self.client(pod) else {
            return Known::Unknown("the pod has no address yet".to_owned());
        };
        let described = match client.describe(observing(rpc::DescribeRequest {})).await {
            Ok(it) => it.into_inner(),
            Err(status) => return Known::Unknown(told(&status)),
        };
        let caught_up = match described.formatting() {
            rpc::Formatting::Formatted => {
                let request = rpc::CaughtUpRequest {
                    node_id: described.node_id,
                };
                let answer = client.caught_up(observing(request)).await;
                match answer.map(Response::into_inner) {
                    Ok(it) if it.is_caught_up => Ok(()),
                    Ok(it) => Err(it.message),
                    // Nobody could say; that is not the same as being caught up.
                    Err(status) => Err(told(&status)),
                }
            }
            rpc::Formatting::Waiting | rpc::Formatting::Unspecified => {
                Err("it waits for its identity".to_owned())
            }
        };
        view(described, caught_up)
    }

    /// Asks one broker after the other until one can answer.
    pub(crate) async fn ask<T, F>(
        &self,
        call: &'static str,
        ask: impl Fn(ControlClient<Channel>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let mut message = "the Cluster has no pods with addresses".to_owned();
        for client in self.clients.values() {
            match ask(client.clone()).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) if is_elsewhere(status.code()) => message = told(&status),
                Err(status) => {
                    return Err(Error::AskBroker {
                        call,
                        message: told(&status),
                    });
                }
            }
        }
        Err(Error::NoBroker { message })
    }
}

/// A question about what a broker knows by itself.
pub(crate) fn observing<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(OBSERVE_TIMEOUT);
    request
}

/// Whether another broker may be able to answer.
fn is_elsewhere(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown
    )
}

/// A status in one line: what happened on the connection stands in its sources.
pub(crate) fn told(status: &Status) -> String {
    let mut text = format!("{:?}: {}", status.code(), status.message());
    let mut source = std::error::Error::source(status);
    while let Some(it) = source {
        text = format!("{text}: {it}");
        source = it.source();
    }
    text
}

fn view(described: rpc::DescribeResponse, caught_up: Result<(), String>) -> Known<BrokerView> {
    let formatting = match described.formatting() {
        rpc::Formatting::Unspecified => {
            return Known::Unknown("it does not say whether it is formatted".to_owned());
        }
        rpc::Formatting::Waiting => Formatting::Waiting,
        rpc::Formatting::Formatted => Formatting::Formatted {
            cluster_id: described.cluster_id,
            broker_epoch: described.broker_epoch,
            quorum: described.quorum.map(|it| QuorumView {
                leader_id: it.leader_id,
                epoch: it.epoch,
                voters: it
                    .voters
                    .into_iter()
                    .map(|it| (it.node_id, it.directory_id))
                    .collect(),
            }),
            image: described.image.map(|it| ClusterImage {
                offset: it.offset,
                is_fenced: it
                    .brokers
                    .iter()
                    .map(|it| (it.node_id, it.is_fenced))
                    .collect(),
                under_min_isr_partitions: it.under_min_isr_partitions,
                offline_partitions: it.offline_partitions,
                config: it.config,
            }),
        },
    };
    Known::Known(BrokerView {
        node_id: described.node_id,
        directory_id: described.directory_id,
        formatting,
        caught_up,
    })
}

/// Whether a Kafka error may pass by itself; the others are refusals.
pub(crate) fn is_passing(error: &rpc::KafkaError) -> bool {
    // LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT, BROKER_NOT_AVAILABLE,
    // NETWORK_EXCEPTION, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR,
    // TOPIC_ALREADY_EXISTS (somebody was faster: look again), NOT_CONTROLLER,
    // UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID.
    [3, 5, 6, 7, 8, 13, 14, 15, 16, 36, 41, 100].contains(&error.code)
}

/// Whether a Kafka error says that nothing was done, and why. UNKNOWN_SERVER_ERROR says neither.
pub(crate) fn is_refusal(error: &rpc::KafkaError) -> bool {
    !is_passing(error) && error.code != -1
}

#[cfg(test)]
mod tests;
