//! Brokers that hold nothing but what the control service tells: disks, topics, one group.
//!
//! One control service per pod, on loopback, with the certificates that the operator issued.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use broker_rpc as rpc;
use broker_rpc::control_server::{Control, ControlServer};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::Client;
use kube::api::Api;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status, async_trait};

/// What the pod finds in its Secret.
pub(crate) struct Files {
    pub(crate) authority: String,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// All brokers of a lab. They share one metadata, as if every broker were up to date.
#[derive(Default)]
pub(crate) struct Brokers {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    disks: BTreeMap<String, Disk>,
    running: BTreeMap<String, (SocketAddr, JoinHandle<()>)>,
    voters: Vec<rpc::bootstrap_request::Voter>,
    topics: BTreeMap<String, rpc::Topic>,
    config: BTreeMap<String, String>,
    refusal: Option<String>,
    refuses_config: bool,
    drained: u32,
    /// Topics are made, and whoever asked does not hear of it.
    loses_answers: bool,
    is_silent: bool,
    last_id: u32,
}

/// Outlives its pod.
struct Disk {
    directory_id: String,
    cluster_id: Option<String>,
}

impl Brokers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn address(&self, pod: &str) -> Option<SocketAddr> {
        self.state().running.get(pod).map(|it| it.0)
    }

    pub(crate) fn is_formatted(&self, pod: &str) -> bool {
        let state = self.state();
        state.running.contains_key(pod)
            && state
                .disks
                .get(pod)
                .is_some_and(|it| it.cluster_id.is_some())
    }

    pub(crate) fn cluster_ids(&self) -> BTreeSet<String> {
        self.state()
            .disks
            .values()
            .filter_map(|it| it.cluster_id.clone())
            .collect()
    }

    pub(crate) fn config(&self) -> BTreeMap<String, String> {
        self.state().config.clone()
    }

    pub(crate) fn refuse_stops(&self, why: Option<&str>) {
        self.state().refusal = why.map(str::to_owned);
    }

    pub(crate) fn refuse_config(&self, is_refused: bool) {
        self.state().refuses_config = is_refused;
    }

    pub(crate) fn lose_answers(&self, is_lost: bool) {
        self.state().loses_answers = is_lost;
    }

    /// Whether no broker answers anything about topics.
    pub(crate) fn be_silent(&self, is_silent: bool) {
        self.state().is_silent = is_silent;
    }

    pub(crate) fn drained(&self) -> u32 {
        self.state().drained
    }

    pub(crate) fn topic(&self, name: &str) -> Option<rpc::Topic> {
        self.state().topics.get(name).cloned()
    }

    pub(crate) fn alter_topic(&self, name: &str, alter: impl FnOnce(&mut rpc::Topic)) {
        alter(self.state().topics.get_mut(name).unwrap());
    }

    pub(crate) fn stop(&self, pod: &str) {
        if let Some((_, task)) = self.state().running.remove(pod) {
            task.abort();
        }
    }

    /// Starts the broker of a pod as its file says.
    pub(crate) async fn start(
        self: &Arc<Brokers>,
        client: &Client,
        namespace: &str,
        pod: &str,
        files: Files,
    ) {
        let Some(node_id) = node_id(client, namespace, pod).await else {
            return;
        };
        {
            let mut state = self.state();
            state.last_id += 1;
            let directory_id = format!("directory-{}", state.last_id);
            let disk = Disk {
                directory_id,
                cluster_id: None,
            };
            state.disks.entry(pod.to_owned()).or_insert(disk);
        }
        let tls = ServerTlsConfig::new()
            .client_ca_root(Certificate::from_pem(&files.authority))
            .identity(Identity::from_pem(&files.certificate, &files.key));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let broker = Broker {
            pod: pod.to_owned(),
            node_id,
            all: Arc::clone(self),
        };
        let mut server = Server::builder().tls_config(tls).unwrap();
        let server = server.add_service(ControlServer::new(broker));
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        let task = tokio::spawn(async move {
            let _ = server.serve_with_incoming(incoming).await;
        });
        self.state().running.insert(pod.to_owned(), (address, task));
    }
}

/// The node id in the pod's file.
async fn node_id(client: &Client, namespace: &str, pod: &str) -> Option<i32> {
    let object = Api::<Pod>::namespaced(client.clone(), namespace)
        .get_opt(pod)
        .await
        .ok()??;
    let mut volumes = object.spec?.volumes?.into_iter();
    let name = volumes.find_map(|it| it.config_map)?.name;
    let files = Api::<ConfigMap>::namespaced(client.clone(), namespace)
        .get_opt(&name)
        .await
        .ok()??;
    let file: serde_json::Value =
        serde_json::from_str(files.data?.get(&format!("{pod}.yaml"))?).ok()?;
    i32::try_from(file["nodeId"].as_i64()?).ok()
}

struct Broker {
    pod: String,
    node_id: i32,
    all: Arc<Brokers>,
}

fn refused(code: i32, message: &str) -> Option<rpc::KafkaError> {
    Some(rpc::KafkaError {
        code,
        message: message.to_owned(),
    })
}

#[async_trait]
impl Control for Broker {
    async fn describe(
        &self,
        _: Request<rpc::DescribeRequest>,
    ) -> Result<Response<rpc::DescribeResponse>, Status> {
        let state = self.all.state();
        let disk = &state.disks[&self.pod];
        let is_formatted = disk.cluster_id.is_some();
        let formatting = if is_formatted {
            rpc::Formatting::Formatted
        } else {
            rpc::Formatting::Waiting
        };
        let voters = state.voters.iter().map(|it| rpc::quorum::Replica {
            node_id: it.node_id,
            directory_id: it.directory_id.clone(),
            ..rpc::quorum::Replica::default()
        });
        let brokers = (0..state.running.len()).map(|it| rpc::cluster_image::Broker {
            node_id: i32::try_from(it * 1000).unwrap(),
            ..rpc::cluster_image::Broker::default()
        });
        let quorum = rpc::Quorum {
            leader_id: Some(0),
            epoch: 1,
            voters: voters.collect(),
            ..rpc::Quorum::default()
        };
        let image = rpc::ClusterImage {
            brokers: brokers.collect(),
            config: state.config.clone(),
            ..rpc::ClusterImage::default()
        };
        Ok(Response::new(rpc::DescribeResponse {
            node_id: self.node_id,
            version: "0.1.0".to_owned(),
            directory_id: disk.directory_id.clone(),
            formatting: formatting.into(),
            cluster_id: disk.cluster_id.clone().unwrap_or_default(),
            broker_epoch: is_formatted.then_some(1),
            quorum: is_formatted.then_some(quorum),
            image: is_formatted.then_some(image),
        }))
    }

    async fn bootstrap(
        &self,
        request: Request<rpc::BootstrapRequest>,
    ) -> Result<Response<rpc::BootstrapResponse>, Status> {
        let request = request.into_inner();
        let mut state = self.all.state();
        let disk = state.disks.get_mut(&self.pod).unwrap();
        assert_eq!(
            (request.node_id, &request.directory_id),
            (self.node_id, &disk.directory_id)
        );
        let was_already = disk.cluster_id.is_some();
        let cluster_id = disk.cluster_id.get_or_insert(request.cluster_id.clone());
        assert_eq!(*cluster_id, request.cluster_id, "an identity never changes");
        state.voters = request.voters;
        let formatted = rpc::bootstrap_response::Formatted { was_already };
        let outcome = Some(rpc::bootstrap_response::Outcome::Formatted(formatted));
        Ok(Response::new(rpc::BootstrapResponse { outcome }))
    }

    async fn can_stop(
        &self,
        _: Request<rpc::CanStopRequest>,
    ) -> Result<Response<rpc::CanStopResponse>, Status> {
        use rpc::can_stop_response::{Grant, Outcome, Refusal};
        let outcome = match self.all.state().refusal.clone() {
            None => Outcome::Granted(Grant {
                valid_for_ms: 60_000,
            }),
            Some(message) => Outcome::Refused(Refusal {
                message,
                ..Refusal::default()
            }),
        };
        Ok(Response::new(rpc::CanStopResponse {
            outcome: Some(outcome),
        }))
    }

    async fn drain(
        &self,
        _: Request<rpc::DrainRequest>,
    ) -> Result<Response<rpc::DrainResponse>, Status> {
        self.all.state().drained += 1;
        Ok(Response::new(rpc::DrainResponse::default()))
    }

    async fn caught_up(
        &self,
        _: Request<rpc::CaughtUpRequest>,
    ) -> Result<Response<rpc::CaughtUpResponse>, Status> {
        let answer = rpc::CaughtUpResponse {
            is_caught_up: true,
            ..Default::default()
        };
        Ok(Response::new(answer))
    }

    async fn alter_cluster_config(
        &self,
        request: Request<rpc::AlterClusterConfigRequest>,
    ) -> Result<Response<rpc::AlterClusterConfigResponse>, Status> {
        let request = request.into_inner();
        let mut state = self.all.state();
        if state.refuses_config {
            let error = refused(40, "INVALID_CONFIG: these brokers do not know it");
            return Ok(Response::new(rpc::AlterClusterConfigResponse { error }));
        }
        state.config.retain(|key, _| !request.reset.contains(key));
        state.config.extend(request.set);
        Ok(Response::new(rpc::AlterClusterConfigResponse::default()))
    }

    async fn list_topics(
        &self,
        _: Request<rpc::ListTopicsRequest>,
    ) -> Result<Response<rpc::ListTopicsResponse>, Status> {
        let names = self.all.state().topics.keys().cloned().collect();
        Ok(Response::new(rpc::ListTopicsResponse {
            names,
            has_more: false,
        }))
    }

    async fn describe_topics(
        &self,
        request: Request<rpc::DescribeTopicsRequest>,
    ) -> Result<Response<rpc::DescribeTopicsResponse>, Status> {
        let state = self.all.state();
        if state.is_silent {
            return Err(Status::unavailable("silent"));
        }
        let names = request.into_inner().names;
        let topics = names
            .iter()
            .filter_map(|it| state.topics.get(it).cloned())
            .collect();
        Ok(Response::new(rpc::DescribeTopicsResponse { topics }))
    }

    async fn create_topic(
        &self,
        request: Request<rpc::CreateTopicRequest>,
    ) -> Result<Response<rpc::CreateTopicResponse>, Status> {
        let it = request.into_inner();
        if it
            .config
            .get("retention.ms")
            .is_some_and(|it| it.parse::<i64>().is_err())
        {
            let error = refused(40, "INVALID_CONFIG: retention.ms is not a number");
            return Ok(Response::new(rpc::CreateTopicResponse {
                topic_id: None,
                error,
            }));
        }
        let mut state = self.all.state();
        if state.topics.contains_key(&it.name) {
            let error = refused(36, "TOPIC_ALREADY_EXISTS");
            return Ok(Response::new(rpc::CreateTopicResponse {
                topic_id: None,
                error,
            }));
        }
        if it.validate_only {
            return Ok(Response::new(rpc::CreateTopicResponse::default()));
        }
        state.last_id += 1;
        let topic_id = format!("topic-{}", state.last_id);
        let topic = rpc::Topic {
            name: it.name.clone(),
            topic_id: topic_id.clone(),
            partitions: it.partitions,
            replicas_min: it.replicas,
            replicas_max: it.replicas,
            config: it.config,
            ..rpc::Topic::default()
        };
        state.topics.insert(it.name, topic);
        if state.loses_answers {
            return Err(Status::unavailable("the answer is lost"));
        }
        Ok(Response::new(rpc::CreateTopicResponse {
            topic_id: Some(topic_id),
            error: None,
        }))
    }

    async fn alter_topic(
        &self,
        request: Request<rpc::AlterTopicRequest>,
    ) -> Result<Response<rpc::AlterTopicResponse>, Status> {
        let request = request.into_inner();
        let mut state = self.all.state();
        let topic = state.topics.get_mut(&request.name).unwrap();
        assert_eq!(topic.topic_id, request.topic_id);
        topic.partitions = request.partitions.unwrap_or(topic.partitions);
        topic.config.retain(|key, _| !request.reset.contains(key));
        topic.config.extend(request.set);
        Ok(Response::new(rpc::AlterTopicResponse::default()))
    }

    async fn delete_topic(
        &self,
        request: Request<rpc::DeleteTopicRequest>,
    ) -> Result<Response<rpc::DeleteTopicResponse>, Status> {
        self.all.state().topics.remove(&request.into_inner().name);
        Ok(Response::new(rpc::DeleteTopicResponse::default()))
    }

    async fn start_reassignment(
        &self,
        _: Request<rpc::StartReassignmentRequest>,
    ) -> Result<Response<rpc::StartReassignmentResponse>, Status> {
        Err(Status::unavailable("nothing is moved here"))
    }

    async fn alter_reassignment(
        &self,
        _: Request<rpc::AlterReassignmentRequest>,
    ) -> Result<Response<rpc::AlterReassignmentResponse>, Status> {
        Err(Status::unavailable("nothing is moved here"))
    }

    async fn cancel_reassignment(
        &self,
        _: Request<rpc::CancelReassignmentRequest>,
    ) -> Result<Response<rpc::CancelReassignmentResponse>, Status> {
        Err(Status::unavailable("nothing is moved here"))
    }

    async fn list_reassignments(
        &self,
        _: Request<rpc::ListReassignmentsRequest>,
    ) -> Result<Response<rpc::ListReassignmentsResponse>, Status> {
        Err(Status::unavailable("nothing is moved here"))
    }

    async fn describe_reassignment(
        &self,
        _: Request<rpc::DescribeReassignmentRequest>,
    ) -> Result<Response<rpc::DescribeReassignmentResponse>, Status> {
        Err(Status::unavailable("nothing is moved here"))
    }

    async fn describe_groups(
        &self,
        request: Request<rpc::DescribeGroupsRequest>,
    ) -> Result<Response<rpc::DescribeGroupsResponse>, Status> {
        let group = |group_id: String| rpc::Group {
            group_id,
            state: "Stable".to_owned(),
            protocol: "range".to_owned(),
            members: 2,
            partitions: vec![rpc::GroupPartition {
                topic: "orders".to_owned(),
                committed_offset: 58,
                log_end_offset: Some(100),
                ..rpc::GroupPartition::default()
            }],
            ..rpc::Group::default()
        };
        let groups = request
            .into_inner()
            .group_ids
            .into_iter()
            .map(group)
            .collect();
        Ok(Response::new(rpc::DescribeGroupsResponse { groups }))
    }
}
