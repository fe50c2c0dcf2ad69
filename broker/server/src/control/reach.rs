//! Reaching the control service of a broker, as a broker.
//!
//! In: an address. Out: a client. Never here: what is asked.

use std::time::Duration;

use broker_node::world::Peer;
use broker_rpc::control_client::ControlClient;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Error, Identity};
use tonic::{Request, Status};

use super::Service;
use crate::tls::Tls;

const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Longer than who is asked gives itself.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Set on what a broker passes on: it is passed on once.
const PASSED_ON: &str = "tidemill-passed-on";

/// Connects to `address`, which must show itself as `host`.
pub(crate) async fn connect(
    tls: Option<&Tls>,
    address: &str,
    host: &str,
) -> Result<ControlClient<Channel>, Error> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))?
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN);
    if let Some(tls) = tls {
        let pem = tls.pem();
        let config = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&pem.authorities))
            .identity(Identity::from_pem(&pem.certificate, &pem.key))
            .domain_name(host);
        endpoint = endpoint.tls_config(config)?;
    }
    Ok(ControlClient::new(endpoint.connect().await?))
}

/// A request once more, marked, for the active controller.
pub(super) fn passed_on<T>(message: T) -> Request<T> {
    let value = tonic::metadata::MetadataValue::from_static("1");
    let mut request = Request::new(message);
    request.metadata_mut().insert(PASSED_ON, value);
    request
}

impl Service {
    /// A client of the active controller's service, when that is another broker.
    pub(super) async fn controller<T>(
        &self,
        request: &Request<T>,
    ) -> Result<ControlClient<Channel>, Status> {
        let unknown = "the active controller is not known; ask again";
        if request.metadata().contains_key(PASSED_ON) {
            return Err(Status::unavailable(unknown));
        }
        let peer = self.node()?.controller_elsewhere();
        let peer = peer.ok_or_else(|| Status::unavailable(unknown))?;
        let Peer { host, .. } = &peer;
        let connected = connect(self.tls.as_deref(), &peer.to_string(), host).await;
        connected.map_err(|error| {
            Status::unavailable(format!(
                "the active controller, {peer}, is not reached: {error}"
            ))
        })
    }
}
