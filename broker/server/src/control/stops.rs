//! CanStop, Drain, CaughtUp: the active controller decides.
//!
//! In: a broker. Out: what the controller says, here or elsewhere. Never here: the decision.

use broker_metadata::availability::Lack;
use broker_metadata::controller::{GRANT_VALID_FOR, Registration, StopRefusal};
use broker_node::control::{Question, Verdict};
use broker_rpc as rpc;
use broker_rpc::can_stop_response as outcome;
use broker_types::{BrokerEpoch, BrokerId};
use tonic::{Request, Response, Status};

use super::Service;
use super::describe::{count, millis};
use super::reach::passed_on;

type Answer<T> = Result<Response<T>, Status>;

fn broker(node_id: i32) -> Result<BrokerId, Status> {
    BrokerId::from_wire(node_id)
        .ok_or_else(|| Status::invalid_argument(format!("node_id is {node_id}, below 0")))
}

fn registration(node_id: i32, epoch: i64) -> Result<Registration, Status> {
    let epoch = BrokerEpoch::from_wire(epoch)
        .ok_or_else(|| Status::invalid_argument(format!("broker_epoch is {epoch}, below 0")))?;
    Ok(Registration {
        broker_id: broker(node_id)?,
        epoch,
    })
}

/// An answer to another question would be a fault of ours.
fn mismatch() -> Status {
    Status::internal("the controller answered another question")
}

pub(super) async fn can_stop(
    service: &Service,
    request: Request<rpc::CanStopRequest>,
) -> Answer<rpc::CanStopResponse> {
    let asked = registration(request.get_ref().node_id, request.get_ref().broker_epoch)?;
    let verdict = match service.node()?.decide(Question::CanStop(asked)).await {
        Some(Verdict::CanStop(verdict)) => verdict,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            return controller.can_stop(passed_on(request.into_inner())).await;
        }
    };
    let outcome = match verdict {
        Ok(()) => outcome::Outcome::Granted(outcome::Grant {
            valid_for_ms: millis(GRANT_VALID_FOR),
        }),
        Err(refusal) => outcome::Outcome::Refused(refused(&refusal)),
    };
    Ok(Response::new(rpc::CanStopResponse {
        outcome: Some(outcome),
    }))
}

fn refused(refusal: &StopRefusal) -> outcome::Refusal {
    let reason = match refusal {
        StopRefusal::UnknownBroker { .. } => rpc::StopRefusal::UnknownBroker,
        StopRefusal::GrantHeld { .. } => rpc::StopRefusal::GrantHeld,
        StopRefusal::Quorum => rpc::StopRefusal::Quorum,
        StopRefusal::Partitions(obstacle) => match obstacle.lack {
            Lack::MinIsr => rpc::StopRefusal::UnderMinIsr,
            Lack::Leader => rpc::StopRefusal::Offline,
        },
    };
    let obstacle = refusal.obstacle();
    let partitions = obstacle.map_or(&[][..], |it| &it.partitions);
    let partitions = partitions.iter().map(|(topic, index)| rpc::Partition {
        topic: topic.to_string(),
        partition: index.to_wire(),
    });
    outcome::Refusal {
        reason: reason.into(),
        message: refusal.to_string(),
        partitions: partitions.collect(),
        partitions_total: obstacle.map_or(0, |it| count(it.total)),
    }
}

pub(super) async fn drain(
    service: &Service,
    request: Request<rpc::DrainRequest>,
) -> Answer<rpc::DrainResponse> {
    let asked = registration(request.get_ref().node_id, request.get_ref().broker_epoch)?;
    let verdict = match service.node()?.decide(Question::Drain(asked)).await {
        Some(Verdict::Drain(verdict)) => verdict,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            return controller.drain(passed_on(request.into_inner())).await;
        }
    };
    let drained = verdict.map_err(|it| Status::failed_precondition(it.to_string()))?;
    Ok(Response::new(rpc::DrainResponse {
        leaders_left: count(drained.left),
        leaders_stuck: count(drained.stuck),
    }))
}

pub(super) async fn caught_up(
    service: &Service,
    request: Request<rpc::CaughtUpRequest>,
) -> Answer<rpc::CaughtUpResponse> {
    let broker_id = broker(request.get_ref().node_id)?;
    let question = Question::CaughtUp(broker_id);
    let catch_up = match service.node()?.decide(question).await {
        Some(Verdict::CaughtUp(catch_up)) => catch_up,
        Some(_) => return Err(mismatch()),
        None => {
            let mut controller = service.controller(&request).await?;
            return controller.caught_up(passed_on(request.into_inner())).await;
        }
    };
    let message = if !catch_up.is_unfenced {
        "it is fenced, or not registered".to_owned()
    } else if catch_up.replicas_behind > 0 {
        format!(
            "{} of its replicas are not in sync",
            catch_up.replicas_behind
        )
    } else if catch_up.is_voter_behind {
        "it is behind in the metadata log".to_owned()
    } else {
        String::new()
    };
    Ok(Response::new(rpc::CaughtUpResponse {
        is_caught_up: catch_up.is_complete(),
        message,
        is_unfenced: catch_up.is_unfenced,
        replicas_behind: count(catch_up.replicas_behind),
        is_voter_behind: catch_up.is_voter_behind,
    }))
}
