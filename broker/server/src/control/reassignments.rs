//! Reassignments with an id and a throttle: the active controller decides and knows.
//!
//! In: partitions, brokers, a throttle, an id. Out: what the controller says, here or elsewhere, and how
//! far replicas have got, as the brokers that have them say. Never here: the decision.

use broker_metadata::controller::{
    Cancelled, MovingPage, MovingPartition, PartitionTarget, ReassignmentRefusal, ReassignmentSpec,
    ReassignmentSummary, Refusal,
};
use broker_node::control::{BytesLeft, Question, Verdict};
use broker_rpc as rpc;
use broker_rpc::cancel_reassignment_response::Kept;
use broker_rpc::moving_partition::AddingReplica;
use broker_types::{BrokerId, ErrorCode, PartitionIndex, TopicId, TopicPartition};
use broker_wire::Str;
use tonic::{Request, Response, Status};

use super::Service;
use super::describe::count;
use super::reach::passed_on;

type Answer<T> = Result<Response<T>, Status>;

/// Partitions of one answer.
const PARTITIONS_MAX: u32 = 1000;

/// An answer to another question would be a fault of ours.
fn mismatch() -> Status {
    Status::internal("the controller answered another question")
}

fn spec(
    id: &str,
    throttle: Option<i64>,
    targets: &[rpc::PartitionTarget],
    may_change_factor: bool,
) -> ReassignmentSpec {
    let targets = targets.iter().map(|it| PartitionTarget {
        topic: it.topic.as_str().into(),
        partition: it.partition,
        replicas: it.replicas.clone(),
    });
    ReassignmentSpec {
        id: id.into(),
        // One below 0 is as wrong as 0, which is refused with a reason.
        throttle: throttle.map(|it| u64::try_from(it).unwrap_or(0)),
        targets: targets.collect(),
        may_change_factor,
    }
}

pub(super) async fn start(
    service: &Service,
    request: Request<rpc::StartReassignmentRequest>,
) -> Answer<rpc::StartReassignmentResponse> {
    let asked = request.get_ref();
    let may_change_factor = asked.allow_replication_factor_change;
    let spec = spec(&asked.id, asked.throttle, &asked.targets, may_change_factor);
    let question = Question::StartReassignment(spec);
    let started = match service.node()?.decide(question).await {
        Some(Verdict::StartReassignment(started)) => started,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            let request = passed_on(request.into_inner());
            return controller.start_reassignment(request).await;
        }
    };
    let refused = started.err().as_ref().map(refused);
    Ok(Response::new(rpc::StartReassignmentResponse { refused }))
}

pub(super) async fn alter(
    service: &Service,
    request: Request<rpc::AlterReassignmentRequest>,
) -> Answer<rpc::AlterReassignmentResponse> {
    let asked = request.get_ref();
    let may_change_factor = asked.allow_replication_factor_change;
    let spec = spec(&asked.id, asked.throttle, &asked.targets, may_change_factor);
    let question = Question::AlterReassignment(spec);
    let altered = match service.node()?.decide(question).await {
        Some(Verdict::AlterReassignment(altered)) => altered,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            let request = passed_on(request.into_inner());
            return controller.alter_reassignment(request).await;
        }
    };
    let refused = altered.err().as_ref().map(refused);
    Ok(Response::new(rpc::AlterReassignmentResponse { refused }))
}

fn refused(refusal: &ReassignmentRefusal) -> rpc::ReassignmentRefusal {
    use rpc::ReassignmentRefusalReason as Reason;
    let (reason, partition) = match refusal {
        ReassignmentRefusal::FeatureLevel { .. } => (Reason::FeatureLevel, None),
        ReassignmentRefusal::Invalid { .. } => (Reason::Invalid, None),
        ReassignmentRefusal::Unknown { .. } => (Reason::UnknownReassignment, None),
        ReassignmentRefusal::IdInUse { .. } => (Reason::IdInUse, None),
        ReassignmentRefusal::Busy {
            topic, partition, ..
        } => (Reason::Busy, Some((topic, *partition))),
        ReassignmentRefusal::Partition {
            topic,
            partition,
            refusal,
        } => (partition_reason(refusal), Some((topic, *partition))),
    };
    rpc::ReassignmentRefusal {
        reason: reason.into(),
        message: refusal.to_string(),
        partition: partition.map(|(topic, partition)| rpc::Partition {
            topic: topic.to_string(),
            partition,
        }),
    }
}

fn partition_reason(refusal: &Refusal) -> rpc::ReassignmentRefusalReason {
    use rpc::ReassignmentRefusalReason as Reason;
    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "everything else that stands against one partition is a fault of the request"
    )]
    match refusal.error_code() {
        ErrorCode::UnknownTopicOrPartition => Reason::UnknownPartition,
        ErrorCode::InvalidReplicaAssignment => Reason::InvalidTarget,
        ErrorCode::InvalidReplicationFactor => Reason::ReplicationFactor,
        _ => Reason::Invalid,
    }
}

pub(super) async fn cancel(
    service: &Service,
    request: Request<rpc::CancelReassignmentRequest>,
) -> Answer<rpc::CancelReassignmentResponse> {
    let asked = request.get_ref();
    let named = asked.partitions.iter();
    let named: Vec<(Str, i32)> = named
        .map(|it| (it.topic.as_str().into(), it.partition))
        .collect();
    let question = Question::CancelReassignment {
        id: asked.id.as_str().into(),
        only: (!named.is_empty()).then_some(named),
    };
    let cancelled = match service.node()?.decide(question).await {
        Some(Verdict::CancelReassignment(cancelled)) => cancelled,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            let request = passed_on(request.into_inner());
            return controller.cancel_reassignment(request).await;
        }
    };
    let Cancelled {
        taken_back,
        refused,
    } = cancelled;
    let kept = refused.into_iter().map(|(topic, partition, why)| Kept {
        partition: Some(rpc::Partition {
            topic: topic.to_string(),
            partition: partition.to_wire(),
        }),
        message: why.to_string(),
    });
    Ok(Response::new(rpc::CancelReassignmentResponse {
        taken_back: count(taken_back),
        kept: kept.collect(),
    }))
}

pub(super) async fn list(
    service: &Service,
    request: Request<rpc::ListReassignmentsRequest>,
) -> Answer<rpc::ListReassignmentsResponse> {
    let all = match service.node()?.decide(Question::Reassignments).await {
        Some(Verdict::Reassignments(all)) => all,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            let request = passed_on(request.into_inner());
            return controller.list_reassignments(request).await;
        }
    };
    Ok(Response::new(rpc::ListReassignmentsResponse {
        reassignments: all.iter().map(reassignment).collect(),
    }))
}

fn reassignment(it: &ReassignmentSummary) -> rpc::Reassignment {
    rpc::Reassignment {
        id: it.id.to_string(),
        throttle: it.throttle.map(bytes),
        partitions: count(it.partitions),
        replicas_behind: count(it.replicas_behind),
    }
}

fn bytes(it: u64) -> i64 {
    i64::try_from(it).unwrap_or(i64::MAX)
}

pub(super) async fn describe(
    service: &Service,
    request: Request<rpc::DescribeReassignmentRequest>,
) -> Answer<rpc::DescribeReassignmentResponse> {
    let asked = request.get_ref();
    let limit = match asked.limit {
        0 => PARTITIONS_MAX,
        limit => limit.min(PARTITIONS_MAX),
    };
    let question = Question::MovingPartitions {
        id: asked.id.as_str().into(),
        after: after(&asked.after)?,
        limit: limit as usize,
    };
    let node = service.node()?;
    let page = match node.decide(question).await {
        Some(Verdict::MovingPartitions(page)) => page,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            let request = passed_on(request.into_inner());
            return controller.describe_reassignment(request).await;
        }
    };
    let Some(page) = page else {
        return Ok(Response::new(rpc::DescribeReassignmentResponse::default()));
    };
    let left = node.bytes_left(&page.partitions).await;
    Ok(Response::new(described(&page, &left)))
}

/// A place to go on from: `topic id:partition`, or nothing.
fn after(text: &str) -> Result<Option<TopicPartition>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let place = text.split_once(':').and_then(|(topic, partition)| {
        let topic_id: TopicId = topic.parse().ok()?;
        let partition = PartitionIndex::from_wire(partition.parse().ok()?)?;
        Some(TopicPartition {
            topic_id,
            partition,
        })
    });
    match place {
        Some(place) => Ok(Some(place)),
        None => Err(Status::invalid_argument(format!(
            "after: `{text}` is no `next` of an answer"
        ))),
    }
}

fn described(page: &MovingPage, left: &BytesLeft) -> rpc::DescribeReassignmentResponse {
    let last = page.partitions.last().filter(|_| page.has_more);
    let next = last.map(|it| format!("{}:{}", it.place.topic_id, it.place.partition));
    let partitions = page.partitions.iter().map(|it| moving(it, left));
    rpc::DescribeReassignmentResponse {
        reassignment: Some(reassignment(&page.summary)),
        partitions: partitions.collect(),
        next: next.unwrap_or_default(),
    }
}

fn moving(it: &MovingPartition, left: &BytesLeft) -> rpc::MovingPartition {
    let adding = it.adding.iter().map(|broker| AddingReplica {
        node_id: broker.to_wire(),
        is_in_sync: it.isr.contains(broker),
        bytes_left: left.get(&(it.place, *broker)).copied().map(bytes),
    });
    let ids = |brokers: &[BrokerId]| brokers.iter().map(|it| it.to_wire()).collect();
    rpc::MovingPartition {
        topic: it.topic.to_string(),
        partition: it.place.partition.to_wire(),
        leader_id: it.leader.map(BrokerId::to_wire),
        target: ids(&it.target),
        adding: adding.collect(),
        removing: ids(&it.removing),
    }
}
