//! The control service, as far as this version answers it: who a broker is, and making it part of a
//! cluster.
//!
//! In: calls of the operator or of `dev`. Out: answers. Never here: a decision about partitions.

use std::sync::Arc;

use broker_log::data_dir::{DataDir, MetaProperties};
use broker_log::dir::real::RealDir;
use broker_node::quorum::{FirstVoter, format};
use broker_node::world::Peer;
use broker_rpc::control_server::{Control, ControlServer};
use broker_rpc::{self as rpc, bootstrap_response as outcome};
use broker_types::{BrokerId, DirectoryId};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::transport::server::{TcpConnectInfo, TcpIncoming, TlsConnectInfo};
use tonic::{Extensions, Request, Response, Status};

use crate::listener;
use crate::tls::{Caller, Protocol, Tls, caller};

/// The broker's directory, and whether it belongs to a cluster.
pub(crate) struct Service {
    pub(crate) data_dir: Arc<DataDir<RealDir>>,
    pub(crate) broker_id: BrokerId,
    pub(crate) directory_id: DirectoryId,
    /// The cluster, once it is known.
    pub(crate) cluster_id: watch::Sender<Option<String>>,
}

/// Serves calls for as long as the process lives; with `tls`, those of the operator and of the
/// cluster's brokers.
pub(crate) async fn serve(listener: TcpListener, tls: Option<Arc<Tls>>, service: Service) {
    let cluster = service.cluster_id.subscribe();
    let is_open = tls.is_none();
    let authorize = move |request: Request<()>| {
        let caller = match is_open {
            true => Caller::Anybody,
            false => introduced(request.extensions()),
        };
        authorize(&caller, cluster.borrow().as_deref())?;
        Ok(request)
    };
    let service = ControlServer::with_interceptor(service, authorize);
    let server = Server::builder().add_service(service);
    let served = match tls {
        None => {
            server
                .serve_with_incoming(TcpIncoming::from(listener))
                .await
        }
        Some(tls) => {
            let greeted = listener::greeted(listener, tls, Protocol::Grpc);
            server
                .serve_with_incoming(ReceiverStream::new(greeted))
                .await
        }
    };
    if let Err(error) = served {
        tracing::error!("the control service ended: {error}");
    }
}

/// Who a call's connection was greeted as.
fn introduced(extensions: &Extensions) -> Caller {
    let info = extensions.get::<TlsConnectInfo<TcpConnectInfo>>();
    let certificates = info.and_then(TlsConnectInfo::peer_certs);
    caller(certificates.as_deref().map(Vec::as_slice))
}

/// The operator may ask anything; brokers pass on what they are asked.
fn authorize(caller: &Caller, cluster: Option<&str>) -> Result<(), Status> {
    match caller {
        Caller::Anybody | Caller::Operator => Ok(()),
        Caller::Broker { cluster_id, .. } if Some(cluster_id.as_str()) == cluster => Ok(()),
        Caller::Broker { cluster_id, .. } => Err(Status::permission_denied(format!(
            "a broker of the cluster {cluster_id} has no say here"
        ))),
        Caller::Other(name) => Err(Status::permission_denied(format!(
            "{name} has no say here; the operator and the cluster's brokers have"
        ))),
    }
}

fn not_yet<T>(call: &str) -> Result<Response<T>, Status> {
    Err(Status::unimplemented(format!(
        "{call} is not answered by this version of the broker"
    )))
}

/// A request that contradicts what is on the disk, or cannot be carried out.
enum Refused {
    Conflict { field: &'static str, found: String },
    Failed(Status),
}

impl Refused {
    fn conflict(field: &'static str, found: impl ToString) -> Refused {
        Refused::Conflict {
            field,
            found: found.to_string(),
        }
    }

    fn failed(error: &dyn std::error::Error) -> Refused {
        Refused::Failed(Status::internal(error.to_string()))
    }
}

impl Service {
    fn read(&self, request: &rpc::BootstrapRequest) -> Result<Vec<FirstVoter>, Refused> {
        if BrokerId::from_wire(request.node_id) != Some(self.broker_id) {
            return Err(Refused::conflict("node_id", self.broker_id));
        }
        if request.directory_id.parse() != Ok(self.directory_id) {
            return Err(Refused::conflict("directory_id", self.directory_id));
        }
        if request.durability() == rpc::Durability::PageCache {
            return Err(Refused::conflict(
                "durability",
                "fsync, the only one of this version",
            ));
        }
        let invalid = |text: &str| Refused::Failed(Status::invalid_argument(text));
        if request.cluster_id.is_empty() || request.voters.is_empty() {
            return Err(invalid("a cluster has an id and at least one voter"));
        }
        let voters: Option<Vec<FirstVoter>> = request.voters.iter().map(voter).collect();
        voters.ok_or_else(|| invalid("a voter has a node id, a directory id, a host and a port"))
    }

    /// Whether the directory was the cluster's before.
    fn form(&self, request: &rpc::BootstrapRequest) -> Result<bool, Refused> {
        let voters = self.read(request)?;
        let wanted = MetaProperties {
            cluster_id: Some(request.cluster_id.clone()),
            node_id: self.broker_id,
            directory_id: self.directory_id,
        };
        let before = self
            .data_dir
            .meta_properties()
            .map_err(|it| Refused::failed(&it))?;
        if before.as_ref() == Some(&wanted) {
            return Ok(true);
        }
        if let Some(other) = before.and_then(|it| it.cluster_id) {
            return Err(Refused::conflict("cluster_id", other));
        }
        // The voters first: a directory that names its cluster has them.
        if voters.iter().any(|it| it.directory_id == self.directory_id) {
            let now = broker_types::Timestamp::default();
            format(self.data_dir.dir(), &voters, now).map_err(|it| Refused::failed(&it))?;
        }
        self.data_dir
            .write_meta_properties(&wanted)
            .map_err(|it| Refused::failed(&it))?;
        self.cluster_id.send_replace(wanted.cluster_id);
        Ok(false)
    }
}

fn voter(voter: &rpc::bootstrap_request::Voter) -> Option<FirstVoter> {
    Some(FirstVoter {
        id: BrokerId::from_wire(voter.node_id)?,
        directory_id: voter.directory_id.parse().ok()?,
        peer: Peer {
            host: voter.host.clone(),
            port: u16::try_from(voter.port).ok()?,
        },
    })
}

#[tonic::async_trait]
impl Control for Service {
    async fn describe(
        &self,
        _request: Request<rpc::DescribeRequest>,
    ) -> Result<Response<rpc::DescribeResponse>, Status> {
        let cluster_id = self.cluster_id.borrow().clone();
        let formatting = match cluster_id {
            Some(_) => rpc::Formatting::Formatted,
            None => rpc::Formatting::Waiting,
        };
        Ok(Response::new(rpc::DescribeResponse {
            node_id: self.broker_id.to_wire(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            directory_id: self.directory_id.to_string(),
            formatting: formatting.into(),
            cluster_id: cluster_id.unwrap_or_default(),
            ..rpc::DescribeResponse::default()
        }))
    }

    async fn bootstrap(
        &self,
        request: Request<rpc::BootstrapRequest>,
    ) -> Result<Response<rpc::BootstrapResponse>, Status> {
        let outcome = match self.form(request.get_ref()) {
            Ok(was_already) => outcome::Outcome::Formatted(outcome::Formatted { was_already }),
            Err(Refused::Conflict { field, found }) => {
                outcome::Outcome::Conflict(outcome::Conflict {
                    field: field.to_owned(),
                    found,
                })
            }
            Err(Refused::Failed(status)) => return Err(status),
        };
        Ok(Response::new(rpc::BootstrapResponse {
            outcome: Some(outcome),
        }))
    }

    async fn can_stop(
        &self,
        _request: Request<rpc::CanStopRequest>,
    ) -> Result<Response<rpc::CanStopResponse>, Status> {
        not_yet("CanStop")
    }

    async fn drain(
        &self,
        _request: Request<rpc::DrainRequest>,
    ) -> Result<Response<rpc::DrainResponse>, Status> {
        not_yet("Drain")
    }

    async fn caught_up(
        &self,
        _request: Request<rpc::CaughtUpRequest>,
    ) -> Result<Response<rpc::CaughtUpResponse>, Status> {
        not_yet("CaughtUp")
    }

    async fn alter_cluster_config(
        &self,
        _request: Request<rpc::AlterClusterConfigRequest>,
    ) -> Result<Response<rpc::AlterClusterConfigResponse>, Status> {
        not_yet("AlterClusterConfig")
    }

    async fn list_topics(
        &self,
        _request: Request<rpc::ListTopicsRequest>,
    ) -> Result<Response<rpc::ListTopicsResponse>, Status> {
        not_yet("ListTopics")
    }

    async fn describe_topics(
        &self,
        _request: Request<rpc::DescribeTopicsRequest>,
    ) -> Result<Response<rpc::DescribeTopicsResponse>, Status> {
        not_yet("DescribeTopics")
    }

    async fn create_topic(
        &self,
        _request: Request<rpc::CreateTopicRequest>,
    ) -> Result<Response<rpc::CreateTopicResponse>, Status> {
        not_yet("CreateTopic")
    }

    async fn alter_topic(
        &self,
        _request: Request<rpc::AlterTopicRequest>,
    ) -> Result<Response<rpc::AlterTopicResponse>, Status> {
        not_yet("AlterTopic")
    }

    async fn delete_topic(
        &self,
        _request: Request<rpc::DeleteTopicRequest>,
    ) -> Result<Response<rpc::DeleteTopicResponse>, Status> {
        not_yet("DeleteTopic")
    }

    async fn describe_groups(
        &self,
        _request: Request<rpc::DescribeGroupsRequest>,
    ) -> Result<Response<rpc::DescribeGroupsResponse>, Status> {
        not_yet("DescribeGroups")
    }
}
