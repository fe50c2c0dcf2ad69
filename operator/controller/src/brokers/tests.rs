//! A broker's control service on loopback, with certificates of a real authority.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use broker_rpc::control_server::{Control, ControlServer};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tokio::net::TcpListener;
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Request, async_trait};

use super::*;

const HOST: &str = "demo-main-0.demo-brokers.shop.svc";

/// Answers with what it was made with, and counts.
struct Fake {
    described: rpc::DescribeResponse,
    caught_up: Result<rpc::CaughtUpResponse, Code>,
    calls: Arc<AtomicU32>,
}

/// Calls that nobody here answers. Written out, since `async_trait` does not look into macros.
macro_rules! unserved {
    ($($name:ident: $request:ident -> $response:ident;)*) => {$(
        fn $name<'life, 'call>(
            &'life self,
            _: Request<rpc::$request>,
        ) -> Answer<'call, rpc::$response>
        where
            'life: 'call,
            Self: 'call,
        {
            Box::pin(async { Err(Status::unavailable(stringify!($name))) })
        }
    )*};
}

type Answer<'call, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'call>>;

#[async_trait]
impl Control for Fake {
    async fn describe(
        &self,
        _: Request<rpc::DescribeRequest>,
    ) -> Result<Response<rpc::DescribeResponse>, Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(self.described.clone()))
    }

    async fn caught_up(
        &self,
        _: Request<rpc::CaughtUpRequest>,
    ) -> Result<Response<rpc::CaughtUpResponse>, Status> {
        let answer = self.caught_up.clone();
        answer
            .map(Response::new)
            .map_err(|code| Status::new(code, "no"))
    }

    async fn list_topics(
        &self,
        request: Request<rpc::ListTopicsRequest>,
    ) -> Result<Response<rpc::ListTopicsResponse>, Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match request.into_inner().limit {
            0 => Err(Status::invalid_argument("limit")),
            _ => Ok(Response::new(rpc::ListTopicsResponse::default())),
        }
    }

    unserved! {
        bootstrap: BootstrapRequest -> BootstrapResponse;
        can_stop: CanStopRequest -> CanStopResponse;
        drain: DrainRequest -> DrainResponse;
        alter_cluster_config: AlterClusterConfigRequest -> AlterClusterConfigResponse;
        describe_topics: DescribeTopicsRequest -> DescribeTopicsResponse;
        create_topic: CreateTopicRequest -> CreateTopicResponse;
        alter_topic: AlterTopicRequest -> AlterTopicResponse;
        delete_topic: DeleteTopicRequest -> DeleteTopicResponse;
        start_reassignment: StartReassignmentRequest -> StartReassignmentResponse;
        alter_reassignment: AlterReassignmentRequest -> AlterReassignmentResponse;
        cancel_reassignment: CancelReassignmentRequest -> CancelReassignmentResponse;
        list_reassignments: ListReassignmentsRequest -> ListReassignmentsResponse;
        describe_reassignment: DescribeReassignmentRequest -> DescribeReassignmentResponse;
        describe_groups: DescribeGroupsRequest -> DescribeGroupsResponse;
    }
}

fn authority() -> Secret {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let data = authority::make_authority("demo", Timestamp::now()).unwrap();
    let metadata = ObjectMeta {
        name: Some("demo-ca".to_owned()),
        ..ObjectMeta::default()
    };
    Secret {
        metadata,
        data: Some(data),
        ..Secret::default()
    }
}

fn identity(authority: &Secret, host: &str) -> authority::Identity {
    authority::issue_one(authority, "t", "n", vec![host.to_owned()], Timestamp::now()).unwrap()
}

/// Serves `fake` with a certificate for `host`. Returns its address.
async fn serve(authority: &Secret, host: &str, fake: Fake) -> SocketAddr {
    let own = identity(authority, host);
    let tls = ServerTlsConfig::new()
        .client_ca_root(Certificate::from_pem(&own.authority))
        .identity(Identity::from_pem(&own.certificate, &own.key));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder()
        .tls_config(tls)
        .unwrap()
        .add_service(ControlServer::new(fake));
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(async move { server.serve_with_incoming(incoming).await.unwrap() });
    address
}

fn fake(formatting: rpc::Formatting, caught_up: Result<rpc::CaughtUpResponse, Code>) -> Fake {
    let described = rpc::DescribeResponse {
        node_id: 2000,
        directory_id: "directory".to_owned(),
        formatting: formatting.into(),
        cluster_id: "cluster".to_owned(),
        broker_epoch: Some(9),
        quorum: Some(rpc::Quorum {
            leader_id: Some(0),
            epoch: 3,
            ..rpc::Quorum::default()
        }),
        ..rpc::DescribeResponse::default()
    };
    Fake {
        described,
        caught_up,
        calls: Arc::default(),
    }
}

fn connect(authority: &Secret, addresses: &[(&str, SocketAddr)]) -> Brokers {
    let addresses = addresses
        .iter()
        .map(|(pod, address)| ((*pod).to_owned(), (*address, HOST.to_owned())))
        .collect::<BTreeMap<_, _>>();
    Brokers::new(&identity(authority, "operator"), addresses, "1".to_owned())
}

fn caught_up(is_caught_up: bool) -> Result<rpc::CaughtUpResponse, Code> {
    let message = "3 replicas behind".to_owned();
    Ok(rpc::CaughtUpResponse {
        is_caught_up,
        message,
        ..rpc::CaughtUpResponse::default()
    })
}

#[tokio::test]
async fn a_broker_is_seen_as_it_says() {
    let authority = authority();
    let cases = [
        (caught_up(true), Ok(())),
        (caught_up(false), Err("3 replicas behind".to_owned())),
        // Nobody could say: that is not the same as being caught up.
        (Err(Code::Unavailable), Err("Unavailable: no".to_owned())),
    ];
    for (answer, expected) in cases {
        let fake = fake(rpc::Formatting::Formatted, answer);
        let address = serve(&authority, HOST, fake).await;
        let brokers = connect(&authority, &[("demo-main-0", address)]);
        let Known::Known(view) = brokers.observe("demo-main-0").await else {
            panic!()
        };
        assert_eq!((view.node_id, view.cluster_id()), (2000, Some("cluster")));
        assert_eq!(view.broker_epoch(), Some(9));
        assert_eq!(view.caught_up, expected);
    }
}

#[tokio::test]
async fn a_waiting_broker_has_no_cluster() {
    let authority = authority();
    let fake = fake(rpc::Formatting::Waiting, caught_up(true));
    let address = serve(&authority, HOST, fake).await;
    let brokers = connect(&authority, &[("demo-main-0", address)]);
    let Known::Known(view) = brokers.observe("demo-main-0").await else {
        panic!()
    };
    assert_eq!(
        (view.formatting.clone(), view.cluster_id()),
        (Formatting::Waiting, None)
    );
    assert!(view.caught_up.is_err());
}

#[tokio::test]
async fn a_broker_of_another_authority_or_another_name_is_not_believed() {
    let (ours, theirs) = (authority(), authority());
    let foreign = serve(
        &theirs,
        HOST,
        fake(rpc::Formatting::Formatted, caught_up(true)),
    )
    .await;
    let misnamed = serve(
        &ours,
        "x.y.svc",
        fake(rpc::Formatting::Formatted, caught_up(true)),
    )
    .await;
    for address in [foreign, misnamed] {
        let brokers = connect(&ours, &[("demo-main-0", address)]);
        let Known::Unknown(why) = brokers.observe("demo-main-0").await else {
            panic!()
        };
        assert!(why.contains("invalid peer certificate"), "{why}");
    }
}

#[tokio::test]
async fn a_broker_refuses_an_operator_of_another_authority() {
    let (ours, theirs) = (authority(), authority());
    let fake = fake(rpc::Formatting::Formatted, caught_up(true));
    let calls = Arc::clone(&fake.calls);
    let address = serve(&ours, HOST, fake).await;
    let mut stranger = identity(&theirs, "operator");
    stranger.authority = identity(&ours, "operator").authority;
    let addresses = BTreeMap::from([("demo-main-0".to_owned(), (address, HOST.to_owned()))]);
    let brokers = Brokers::new(&stranger, addresses, "1".to_owned());
    assert!(matches!(
        brokers.observe("demo-main-0").await,
        Known::Unknown(_)
    ));
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn another_broker_is_asked_when_one_cannot_answer_but_not_when_it_refuses() {
    let authority = authority();
    let gone = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let fake = fake(rpc::Formatting::Formatted, caught_up(true));
    let calls = Arc::clone(&fake.calls);
    let address = serve(&authority, HOST, fake).await;
    let brokers = connect(
        &authority,
        &[("a-0", gone), ("b-0", address), ("c-0", address)],
    );
    let list = |limit| {
        brokers.ask("list topics", move |mut it| async move {
            it.list_topics(rpc::ListTopicsRequest {
                after: String::new(),
                limit,
            })
            .await
        })
    };
    assert!(list(1).await.is_ok());
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert!(matches!(list(0).await, Err(Error::AskBroker { .. })));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    let none = connect(&authority, &[("a-0", gone)]);
    let asked = none.ask("describe", |mut it| async move {
        it.describe(rpc::DescribeRequest {}).await
    });
    assert!(matches!(asked.await, Err(Error::NoBroker { .. })));
}
