//! Topics and the cluster's configs: what the operator wants of them, in Kafka's requests.
//!
//! In: calls. Out: what the controller, asked as a client asks it, makes of them. Never here: a
//! decision.

use std::collections::BTreeMap;

use broker_metadata::controller::TopicAlteration;
use broker_node::control::{Question, TopicState, Verdict};
use broker_rpc as rpc;
use broker_types::{ErrorCode, TopicId};
use broker_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use broker_wire::messages::delete_topics_request::DeleteTopicState;
use broker_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use broker_wire::messages::{
    CreateTopicsRequest, DeleteTopicsRequest, IncrementalAlterConfigsRequest,
};
use broker_wire::{Response as KafkaResponse, Str};
use tonic::{Request, Response, Status};

use super::Service;
use super::describe::count;
use super::reach::passed_on;

/// Names of one answer.
const NAMES_MAX: u32 = 1000;
/// Topics of one request.
const TOPICS_MAX: usize = 100;
/// How long the controller may take; it answers as soon as the records are committed.
const TIMEOUT_MS: i32 = 8_000;
/// `AlterConfigsResource.ResourceType` of a broker; with no name, of all.
const BROKER: i8 = 4;
/// `AlterableConfig.ConfigOperation`.
const SET: i8 = 0;
const DELETE: i8 = 1;

/// A decision against a request; nothing when it was done.
fn kafka_error(code: i16, message: Option<&Str>) -> Option<rpc::KafkaError> {
    let error = ErrorCode::from_wire(code).unwrap_or(ErrorCode::UnknownServerError);
    (!error.is_none()).then(|| rpc::KafkaError {
        code: code.into(),
        message: message.map_or_else(|| error.to_string(), ToString::to_string),
    })
}

fn no_controller() -> Status {
    Status::unavailable("no controller answered in time; ask again")
}

fn unexpected() -> Status {
    Status::internal("the controller answered another request")
}

fn topic_id(text: &str) -> Result<TopicId, Status> {
    text.parse()
        .map_err(|_| Status::invalid_argument(format!("topic_id: `{text}` is not a topic id")))
}

pub(super) fn list(
    service: &Service,
    request: &rpc::ListTopicsRequest,
) -> Result<rpc::ListTopicsResponse, Status> {
    let limit = match request.limit {
        0 => NAMES_MAX,
        limit => limit.min(NAMES_MAX),
    };
    let (names, has_more) = service.node()?.topic_names(&request.after, limit as usize);
    Ok(rpc::ListTopicsResponse {
        names: names.iter().map(ToString::to_string).collect(),
        has_more,
    })
}

pub(super) async fn describe(
    service: &Service,
    request: &rpc::DescribeTopicsRequest,
) -> Result<rpc::DescribeTopicsResponse, Status> {
    let names = &request.names;
    if names.len() > TOPICS_MAX {
        let message = format!(
            "{} topics at once; at most {TOPICS_MAX} are described",
            names.len()
        );
        return Err(Status::invalid_argument(message));
    }
    let states = service.node()?.topic_states(names).await;
    Ok(rpc::DescribeTopicsResponse {
        topics: states.into_iter().map(topic).collect(),
    })
}

fn topic(state: TopicState) -> rpc::Topic {
    let configs = state.configs.iter();
    rpc::Topic {
        name: state.name.to_string(),
        topic_id: state.topic_id.to_string(),
        partitions: count(state.partitions),
        replicas_min: count(state.replicas_min),
        replicas_max: count(state.replicas_max),
        under_replicated_partitions: count(state.under_replicated),
        under_min_isr_partitions: count(state.under_min_isr),
        offline_partitions: count(state.offline),
        config: configs
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        is_empty: state.is_empty,
    }
}

pub(super) async fn create(
    service: &Service,
    request: rpc::CreateTopicRequest,
) -> Result<rpc::CreateTopicResponse, Status> {
    let replicas = i16::try_from(request.replicas)
        .map_err(|_| Status::invalid_argument(format!("replicas is {}", request.replicas)))?;
    let configs = request
        .config
        .into_iter()
        .map(|(name, value)| CreatableTopicConfig {
            name: name.into(),
            value: Some(value.into()),
            ..CreatableTopicConfig::default()
        });
    let topic = CreatableTopic {
        name: request.name.into(),
        num_partitions: request.partitions,
        replication_factor: replicas,
        configs: configs.collect(),
        ..CreatableTopic::default()
    };
    let create = CreateTopicsRequest {
        topics: vec![topic],
        timeout_ms: TIMEOUT_MS,
        validate_only: request.validate_only,
        ..CreateTopicsRequest::default()
    };
    let answer = service.node()?.ask_as_client(&create.into()).await;
    let KafkaResponse::CreateTopics(answer) = answer.ok_or_else(no_controller)? else {
        return Err(unexpected());
    };
    let result = answer.topics.first().ok_or_else(unexpected)?;
    let id = TopicId::from_wire(result.topic_id).filter(|_| result.error_code == 0);
    Ok(rpc::CreateTopicResponse {
        topic_id: id.map(|it| it.to_string()),
        error: kafka_error(result.error_code, result.error_message.as_ref()),
    })
}

pub(super) async fn alter(
    service: &Service,
    request: Request<rpc::AlterTopicRequest>,
) -> Result<Response<rpc::AlterTopicResponse>, Status> {
    let asked = request.get_ref();
    let set = asked.set.iter();
    let alteration = TopicAlteration {
        name: asked.name.as_str().into(),
        topic_id: topic_id(&asked.topic_id)?,
        partitions: asked.partitions,
        set: set
            .map(|(name, value)| (name.as_str().into(), value.as_str().into()))
            .collect(),
        reset: asked.reset.iter().map(|it| it.as_str().into()).collect(),
    };
    let altered = match service
        .node()?
        .decide(Question::AlterTopic(alteration))
        .await
    {
        Some(Verdict::AlterTopic(altered)) => altered,
        Some(_) => return Err(unexpected()),
        None => {
            let mut controller = service.controller(&request).await?;
            return controller
                .alter_topic(passed_on(request.into_inner()))
                .await;
        }
    };
    let error = altered.err();
    let error = error.and_then(|(code, message)| kafka_error(code.to_wire(), message.as_ref()));
    Ok(Response::new(rpc::AlterTopicResponse { error }))
}

pub(super) async fn delete(
    service: &Service,
    request: rpc::DeleteTopicRequest,
) -> Result<rpc::DeleteTopicResponse, Status> {
    let id = topic_id(&request.topic_id)?;
    let node = service.node()?;
    let exists = node.image().topic_by_id(id).is_some();
    if request.only_if_empty && exists {
        match node.is_empty_topic(&request.name).await {
            Some(true) => {}
            Some(false) => {
                let message = "the topic holds records; delete them, or ask for deletion with them";
                return Ok(refused(ErrorCode::PolicyViolation, message));
            }
            None => {
                let message = "whether the topic holds records is not known while a partition has \
                               no leader";
                return Ok(refused(ErrorCode::LeaderNotAvailable, message));
            }
        }
    }
    let delete = DeleteTopicsRequest {
        topics: vec![DeleteTopicState {
            name: None,
            topic_id: id.to_bytes(),
            ..DeleteTopicState::default()
        }],
        timeout_ms: TIMEOUT_MS,
        ..DeleteTopicsRequest::default()
    };
    let answer = node.ask_as_client(&delete.into()).await;
    let KafkaResponse::DeleteTopics(answer) = answer.ok_or_else(no_controller)? else {
        return Err(unexpected());
    };
    let result = answer.responses.first().ok_or_else(unexpected)?;
    let is_gone = result.error_code == ErrorCode::UnknownTopicId.to_wire();
    let error = kafka_error(result.error_code, result.error_message.as_ref());
    Ok(rpc::DeleteTopicResponse {
        error: error.filter(|_| !is_gone),
    })
}

fn refused(code: ErrorCode, message: &str) -> rpc::DeleteTopicResponse {
    rpc::DeleteTopicResponse {
        error: Some(rpc::KafkaError {
            code: code.to_wire().into(),
            message: message.to_owned(),
        }),
    }
}

pub(super) async fn alter_cluster_config(
    service: &Service,
    request: rpc::AlterClusterConfigRequest,
) -> Result<rpc::AlterClusterConfigResponse, Status> {
    let alter = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: BROKER,
            resource_name: Str::new(),
            configs: alterations(request.set, request.reset),
            ..AlterConfigsResource::default()
        }],
        ..IncrementalAlterConfigsRequest::default()
    };
    let answer = service.node()?.ask_as_client(&alter.into()).await;
    let KafkaResponse::IncrementalAlterConfigs(answer) = answer.ok_or_else(no_controller)? else {
        return Err(unexpected());
    };
    let result = answer.responses.first().ok_or_else(unexpected)?;
    Ok(rpc::AlterClusterConfigResponse {
        error: kafka_error(result.error_code, result.error_message.as_ref()),
    })
}

fn alterations(set: BTreeMap<String, String>, reset: Vec<String>) -> Vec<AlterableConfig> {
    let set = set.into_iter().map(|(name, value)| AlterableConfig {
        name: name.into(),
        config_operation: SET,
        value: Some(value.into()),
        ..AlterableConfig::default()
    });
    let reset = reset.into_iter().map(|name| AlterableConfig {
        name: name.into(),
        config_operation: DELETE,
        ..AlterableConfig::default()
    });
    set.chain(reset).collect()
}
