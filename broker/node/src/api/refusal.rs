//! The same refusal for everything that a request to the controller asked for.
//!
//! In: a request and an error. Out: the response that says so of each of its parts.
//! Never here: which error.

use broker_types::ErrorCode;
use broker_wire::messages::alter_configs_response::AlterConfigsResourceResponse as AlterResult;
use broker_wire::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use broker_wire::messages::create_partitions_response::CreatePartitionsTopicResult;
use broker_wire::messages::create_topics_response::CreatableTopicResult;
use broker_wire::messages::delete_topics_response::DeletableTopicResult;
use broker_wire::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use broker_wire::messages::incremental_alter_configs_response::AlterConfigsResourceResponse as IncrementalResult;
use broker_wire::messages::{
    AddRaftVoterResponse, AllocateProducerIdsResponse, AlterConfigsResponse,
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
    AlterPartitionResponse, BrokerHeartbeatResponse, BrokerRegistrationResponse,
    CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsResponse, DeleteTopicsRequest,
    DeleteTopicsResponse, DescribeQuorumResponse, ElectLeadersRequest, ElectLeadersResponse,
    EnvelopeResponse, IncrementalAlterConfigsResponse, ListPartitionReassignmentsResponse,
    RemoveRaftVoterResponse, UnregisterBrokerResponse,
};
use broker_wire::{Request, Response, Str};

/// An error and what a person should read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: ErrorCode,
    pub message: Option<Str>,
}

impl Refusal {
    pub fn new(code: ErrorCode) -> Refusal {
        Refusal {
            code,
            message: None,
        }
    }

    pub fn with_message(code: ErrorCode, message: impl Into<Str>) -> Refusal {
        Refusal {
            code,
            message: Some(message.into()),
        }
    }
}

/// Refuses every part of a request; `None` for a request that is never sent to the controller.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "every other request is answered elsewhere"
)]
pub fn refuse(request: &Request, refusal: &Refusal) -> Option<Response> {
    let error_code = refusal.code.to_wire();
    let error_message = refusal.message.clone();
    Some(match request {
        Request::CreateTopics(request) => {
            let refused = request.topics.iter().map(|it| CreatableTopicResult {
                name: it.name.clone(),
                error_code,
                error_message: error_message.clone(),
                ..CreatableTopicResult::default()
            });
            let topics = refused.collect();
            CreateTopicsResponse {
                topics,
                ..CreateTopicsResponse::default()
            }
            .into()
        }
        Request::DeleteTopics(request) => {
            let responses = refuse_deletions(request, refusal);
            DeleteTopicsResponse {
                responses,
                ..DeleteTopicsResponse::default()
            }
            .into()
        }
        Request::CreatePartitions(request) => refuse_partitions(request, refusal).into(),
        Request::IncrementalAlterConfigs(request) => {
            let refused = request.resources.iter().map(|it| IncrementalResult {
                error_code,
                error_message: error_message.clone(),
                resource_type: it.resource_type,
                resource_name: it.resource_name.clone(),
                ..IncrementalResult::default()
            });
            let responses = refused.collect();
            let empty = IncrementalAlterConfigsResponse::default();
            IncrementalAlterConfigsResponse { responses, ..empty }.into()
        }
        Request::AlterConfigs(request) => {
            let refused = request.resources.iter().map(|it| AlterResult {
                error_code,
                error_message: error_message.clone(),
                resource_type: it.resource_type,
                resource_name: it.resource_name.clone(),
                ..AlterResult::default()
            });
            let responses = refused.collect();
            AlterConfigsResponse {
                responses,
                ..AlterConfigsResponse::default()
            }
            .into()
        }
        Request::AlterPartitionReassignments(request) => {
            refuse_reassignments(request, refusal).into()
        }
        Request::ElectLeaders(request) => refuse_elections(request, refusal).into(),
        other => refuse_whole(other, refusal)?,
    })
}

fn refuse_partitions(
    request: &CreatePartitionsRequest,
    refusal: &Refusal,
) -> CreatePartitionsResponse {
    let refused = request.topics.iter().map(|it| CreatePartitionsTopicResult {
        name: it.name.clone(),
        error_code: refusal.code.to_wire(),
        error_message: refusal.message.clone(),
        ..CreatePartitionsTopicResult::default()
    });
    CreatePartitionsResponse {
        results: refused.collect(),
        ..CreatePartitionsResponse::default()
    }
}

fn refuse_reassignments(
    request: &AlterPartitionReassignmentsRequest,
    refusal: &Refusal,
) -> AlterPartitionReassignmentsResponse {
    let error_code = refusal.code.to_wire();
    let error_message = &refusal.message;
    let refused = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|it| ReassignablePartitionResponse {
            partition_index: it.partition_index,
            error_code,
            error_message: error_message.clone(),
            ..ReassignablePartitionResponse::default()
        });
        ReassignableTopicResponse {
            name: topic.name.clone(),
            partitions: partitions.collect(),
            ..ReassignableTopicResponse::default()
        }
    });
    AlterPartitionReassignmentsResponse {
        error_code,
        error_message: error_message.clone(),
        responses: refused.collect(),
        ..AlterPartitionReassignmentsResponse::default()
    }
}

fn refuse_elections(request: &ElectLeadersRequest, refusal: &Refusal) -> ElectLeadersResponse {
    let error_code = refusal.code.to_wire();
    let named = request.topic_partitions.as_deref().unwrap_or_default();
    let refused = named.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|it| PartitionResult {
            partition_id: *it,
            error_code,
            error_message: refusal.message.clone(),
            ..PartitionResult::default()
        });
        ReplicaElectionResult {
            topic: topic.topic.clone(),
            partition_result: partitions.collect(),
            ..ReplicaElectionResult::default()
        }
    });
    ElectLeadersResponse {
        error_code,
        replica_election_results: refused.collect(),
        ..ElectLeadersResponse::default()
    }
}

fn refuse_deletions(request: &DeleteTopicsRequest, refusal: &Refusal) -> Vec<DeletableTopicResult> {
    let named = request
        .topic_names
        .iter()
        .map(|it| (Some(it.clone()), [0; 16]));
    let by_state = request
        .topics
        .iter()
        .map(|it| (it.name.clone(), it.topic_id));
    named
        .chain(by_state)
        .map(|(name, topic_id)| DeletableTopicResult {
            name,
            topic_id,
            error_code: refusal.code.to_wire(),
            error_message: refusal.message.clone(),
            ..DeletableTopicResult::default()
        })
        .collect()
}

/// Requests whose responses have one error for the whole.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "every other request is answered elsewhere"
)]
fn refuse_whole(request: &Request, refusal: &Refusal) -> Option<Response> {
    let error_code = refusal.code.to_wire();
    Some(match request {
        Request::DescribeQuorum(_) => DescribeQuorumResponse {
            error_code,
            error_message: refusal.message.clone(),
            ..DescribeQuorumResponse::default()
        }
        .into(),
        Request::AddRaftVoter(_) => AddRaftVoterResponse {
            error_code,
            error_message: refusal.message.clone(),
            ..Default::default()
        }
        .into(),
        Request::ListPartitionReassignments(_) => ListPartitionReassignmentsResponse {
            error_code,
            error_message: refusal.message.clone(),
            ..Default::default()
        }
        .into(),
        Request::RemoveRaftVoter(_) => RemoveRaftVoterResponse {
            error_code,
            error_message: refusal.message.clone(),
            ..Default::default()
        }
        .into(),
        Request::UnregisterBroker(_) => UnregisterBrokerResponse {
            error_code,
            error_message: refusal.message.clone(),
            ..Default::default()
        }
        .into(),
        Request::AllocateProducerIds(_) => AllocateProducerIdsResponse {
            error_code,
            ..Default::default()
        }
        .into(),
        Request::BrokerRegistration(_) => BrokerRegistrationResponse {
            error_code,
            ..Default::default()
        }
        .into(),
        Request::BrokerHeartbeat(_) => BrokerHeartbeatResponse {
            error_code,
            ..Default::default()
        }
        .into(),
        Request::AlterPartition(_) => AlterPartitionResponse {
            error_code,
            ..Default::default()
        }
        .into(),
        Request::Envelope(_) => EnvelopeResponse {
            error_code,
            ..Default::default()
        }
        .into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use broker_wire::messages::create_topics_request::CreatableTopic;
    use broker_wire::messages::delete_topics_request::DeleteTopicState;
    use broker_wire::messages::{CreateTopicsRequest, FetchRequest};

    use super::*;

    #[test]
    fn every_part_is_refused_under_its_own_name() {
        let topic = |name: &'static str| CreatableTopic {
            name: name.into(),
            ..Default::default()
        };
        let request = CreateTopicsRequest {
            topics: vec![topic("a"), topic("b")],
            ..Default::default()
        };
        let refusal = Refusal::with_message(ErrorCode::NotController, "ask another one");
        let Some(Response::CreateTopics(response)) = refuse(&request.into(), &refusal) else {
            panic!("no response");
        };
        let names: Vec<&str> = response.topics.iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(response.topics.iter().all(|it| it.error_code == 41));
        assert_eq!(
            response.topics[0].error_message.as_deref(),
            Some("ask another one")
        );
    }

    #[test]
    fn deletions_are_refused_by_name_and_by_id() {
        let by_id = DeleteTopicState {
            topic_id: [7; 16],
            name: None,
            ..Default::default()
        };
        let by_name = DeleteTopicState {
            name: Some("a".into()),
            ..Default::default()
        };
        let request = DeleteTopicsRequest {
            topics: vec![by_id, by_name],
            ..Default::default()
        };
        let refused = refuse_deletions(&request, &Refusal::new(ErrorCode::NotController));
        assert_eq!((refused[0].topic_id, &refused[0].name), ([7; 16], &None));
        assert_eq!(refused[1].name.as_deref(), Some("a"));
    }

    #[test]
    fn what_the_controller_never_sees_has_no_refusal() {
        let request = Request::from(FetchRequest::default());
        assert_eq!(
            refuse(&request, &Refusal::new(ErrorCode::NotController)),
            None
        );
    }
}
