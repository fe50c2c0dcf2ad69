//! Requests that the controller answers: on the brokers' listener by this node, if it is the
//! controller; on clients' listeners by whoever is.
//!
//! In: a request. Out: the controller's answer, or a refusal of each of its parts. Never here: what
//! the controller decides.

use std::sync::Arc;
use std::time::Duration;

use broker_types::ErrorCode;
use broker_wire::messages::create_topics_response::CreatableTopicConfigs;
use broker_wire::messages::{CreateTopicsResponse, DescribeQuorumResponse};
use broker_wire::{Request, Response};

use super::describe_configs;
use super::refusal::{Refusal, refuse};
use crate::connection::{Handled, Listener, RequestContext};
use crate::node::Node;
use crate::world::{FileOf, World};

/// How long a request may take when it does not say.
const TIMEOUT: Duration = Duration::from_secs(30);
/// First version of CreateTopics whose answer tells the configs.
const CONFIGS_FROM: i16 = 5;
/// First version of DescribeQuorum whose answer tells directories and addresses.
const DIRECTORIES_FROM: i16 = 2;

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    request: Request,
) -> Handled<FileOf<W>> {
    let not_controller = Refusal::new(ErrorCode::NotController);
    if context.listener == Listener::Replication {
        let refused = refuse(&request, &not_controller);
        return match node.ask_own_controller(request).await.or(refused) {
            Some(response) => Handled::Response(response),
            None => Handled::Close("the controller is gone".to_owned()),
        };
    }
    let deadline = context.received_at + timeout(&request);
    let host = &context.client_host;
    let answer = node
        .forward(&request, context.api_version, host, deadline)
        .await;
    let timed_out = Refusal::with_message(
        ErrorCode::RequestTimedOut,
        "no controller answered in time; what was asked may or may not be done",
    );
    match answer.or_else(|| refuse(&request, &timed_out)) {
        Some(Response::CreateTopics(mut response)) => {
            if context.api_version >= CONFIGS_FROM {
                tell_configs(node, &request, &mut response);
            }
            response.into()
        }
        Some(response) => Handled::Response(fit(context.api_version, response)),
        None => Handled::Close("the controller is gone".to_owned()),
    }
}

/// Takes out of the controller's answer what a version has no room for.
pub(super) fn fit(version: i16, mut response: Response) -> Response {
    if let Response::DescribeQuorum(described) = &mut response
        && version < DIRECTORIES_FROM
    {
        leave_directories_out(described);
    }
    if let Response::ElectLeaders(elected) = &mut response
        && version == 0
    {
        // The partitions say it.
        elected.error_code = 0;
    }
    response
}

fn leave_directories_out(response: &mut DescribeQuorumResponse) {
    response.nodes.clear();
    let partitions = response.topics.iter_mut().flat_map(|it| &mut it.partitions);
    for partition in partitions {
        let replicas = partition
            .current_voters
            .iter_mut()
            .chain(&mut partition.observers);
        replicas.for_each(|it| it.replica_directory_id = [0; 16]);
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "other requests say no time")]
fn timeout(request: &Request) -> Duration {
    let ms = match request {
        Request::CreateTopics(it) => it.timeout_ms,
        Request::DeleteTopics(it) => it.timeout_ms,
        Request::CreatePartitions(it) => it.timeout_ms,
        Request::AddRaftVoter(it) => it.timeout_ms,
        Request::AlterPartitionReassignments(it) => it.timeout_ms,
        Request::ListPartitionReassignments(it) => it.timeout_ms,
        Request::ElectLeaders(it) => it.timeout_ms,
        _ => return TIMEOUT,
    };
    u64::try_from(ms)
        .map_or(TIMEOUT, Duration::from_millis)
        .min(TIMEOUT)
}

/// What a new topic's configs are, as the answer to its creation tells.
fn tell_configs<W: World>(node: &Node<W>, request: &Request, response: &mut CreateTopicsResponse) {
    let Request::CreateTopics(request) = request else {
        return;
    };
    let image = node.image();
    for topic in &mut response.topics {
        let asked = request.topics.iter().find(|it| it.name == topic.name);
        let (0, Some(asked)) = (topic.error_code, asked) else {
            continue;
        };
        let own = asked
            .configs
            .iter()
            .filter_map(|it| Some((it.name.to_string(), it.value.as_ref()?.to_string())))
            .collect();
        let described = describe_configs::topic_configs(&image, node.config.broker_id, &own);
        let configs = described.into_iter().map(|it| CreatableTopicConfigs {
            name: it.name.into(),
            value: Some(it.value.into()),
            config_source: it.source,
            ..CreatableTopicConfigs::default()
        });
        topic.configs = Some(configs.collect());
    }
}
