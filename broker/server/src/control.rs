//! The control service: who a broker is, stops, topics, reassignments and groups, for the operator.
//!
//! In: calls of the operator, of `dev`, and of brokers that pass them on. Out: answers. Never here: a
//! decision about partitions.

mod bootstrap;
mod describe;
mod groups;
pub(crate) mod reach;
mod reassignments;
mod stops;
mod topics;

use std::sync::Arc;

use broker_log::data_dir::DataDir;
use broker_log::dir::real::RealDir;
use broker_node::Node;
use broker_rpc as rpc;
use broker_rpc::control_server::{Control, ControlServer};
use broker_types::{BrokerId, DirectoryId};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::transport::server::{TcpConnectInfo, TcpIncoming, TlsConnectInfo};
use tonic::{Extensions, Request, Response, Status};

use crate::listener;
use crate::run::Started;
use crate::tls::{Caller, Protocol, Tls, caller};
use crate::world::ServerWorld;

/// The broker's directory, and whether it belongs to a cluster.
pub(crate) struct Service {
    pub(crate) data_dir: Arc<DataDir<RealDir>>,
    pub(crate) broker_id: BrokerId,
    pub(crate) directory_id: DirectoryId,
    /// The cluster, once it is known.
    pub(crate) cluster_id: watch::Sender<Option<String>>,
    pub(crate) started: Started,
    /// How this broker shows itself to others.
    pub(crate) tls: Option<Arc<Tls>>,
}

impl Service {
    /// The node, once the broker is part of a cluster.
    fn node(&self) -> Result<Arc<Node<ServerWorld>>, Status> {
        let node = self.started.get();
        node.map(Arc::clone)
            .ok_or_else(|| Status::unavailable("the broker is not part of a cluster yet"))
    }
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

#[tonic::async_trait]
impl Control for Service {
    async fn describe(
        &self,
        _request: Request<rpc::DescribeRequest>,
    ) -> Result<Response<rpc::DescribeResponse>, Status> {
        describe::describe(self).await.map(Response::new)
    }

    async fn bootstrap(
        &self,
        request: Request<rpc::BootstrapRequest>,
    ) -> Result<Response<rpc::BootstrapResponse>, Status> {
        bootstrap::bootstrap(self, request.get_ref()).map(Response::new)
    }

    async fn can_stop(
        &self,
        request: Request<rpc::CanStopRequest>,
    ) -> Result<Response<rpc::CanStopResponse>, Status> {
        stops::can_stop(self, request).await
    }

    async fn drain(
        &self,
        request: Request<rpc::DrainRequest>,
    ) -> Result<Response<rpc::DrainResponse>, Status> {
        stops::drain(self, request).await
    }

    async fn caught_up(
        &self,
        request: Request<rpc::CaughtUpRequest>,
    ) -> Result<Response<rpc::CaughtUpResponse>, Status> {
        stops::caught_up(self, request).await
    }

    async fn alter_cluster_config(
        &self,
        request: Request<rpc::AlterClusterConfigRequest>,
    ) -> Result<Response<rpc::AlterClusterConfigResponse>, Status> {
        topics::alter_cluster_config(self, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn list_topics(
        &self,
        request: Request<rpc::ListTopicsRequest>,
    ) -> Result<Response<rpc::ListTopicsResponse>, Status> {
        topics::list(self, request.get_ref()).map(Response::new)
    }

    async fn describe_topics(
        &self,
        request: Request<rpc::DescribeTopicsRequest>,
    ) -> Result<Response<rpc::DescribeTopicsResponse>, Status> {
        topics::describe(self, request.get_ref())
            .await
            .map(Response::new)
    }

    async fn create_topic(
        &self,
        request: Request<rpc::CreateTopicRequest>,
    ) -> Result<Response<rpc::CreateTopicResponse>, Status> {
        topics::create(self, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn alter_topic(
        &self,
        request: Request<rpc::AlterTopicRequest>,
    ) -> Result<Response<rpc::AlterTopicResponse>, Status> {
        topics::alter(self, request).await
    }

    async fn delete_topic(
        &self,
        request: Request<rpc::DeleteTopicRequest>,
    ) -> Result<Response<rpc::DeleteTopicResponse>, Status> {
        topics::delete(self, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn start_reassignment(
        &self,
        request: Request<rpc::StartReassignmentRequest>,
    ) -> Result<Response<rpc::StartReassignmentResponse>, Status> {
        reassignments::start(self, request).await
    }

    async fn alter_reassignment(
        &self,
        request: Request<rpc::AlterReassignmentRequest>,
    ) -> Result<Response<rpc::AlterReassignmentResponse>, Status> {
        reassignments::alter(self, request).await
    }

    async fn cancel_reassignment(
        &self,
        request: Request<rpc::CancelReassignmentRequest>,
    ) -> Result<Response<rpc::CancelReassignmentResponse>, Status> {
        reassignments::cancel(self, request).await
    }

    async fn list_reassignments(
        &self,
        request: Request<rpc::ListReassignmentsRequest>,
    ) -> Result<Response<rpc::ListReassignmentsResponse>, Status> {
        reassignments::list(self, request).await
    }

    async fn describe_reassignment(
        &self,
        request: Request<rpc::DescribeReassignmentRequest>,
    ) -> Result<Response<rpc::DescribeReassignmentResponse>, Status> {
        reassignments::describe(self, request).await
    }

    async fn describe_groups(
        &self,
        request: Request<rpc::DescribeGroupsRequest>,
    ) -> Result<Response<rpc::DescribeGroupsResponse>, Status> {
        groups::describe(self, request.get_ref())
            .await
            .map(Response::new)
    }
}
