//! One pass over a `ConsumerGroup`: observe, status, write.

use std::sync::Arc;

use broker_rpc as rpc;
use crds::ConsumerGroup;
use jiff::Timestamp;
use kube::Resource;
use kube::api::{Api, ResourceExt};
use kube::runtime::controller::Action;
use operator_plan::Known;
use operator_plan::consumer_group::{GroupPartition, GroupView, Observed, requeue, status};
use operator_plan::topic::ClusterView;

use crate::brokers::{Brokers, observing};
use crate::context::Context;
use crate::error::Error;
use crate::topic::{REQUEUE_EARLY, cluster_view};
use crate::{unmanaged, write};

/// Tells how one group is.
pub(crate) async fn reconcile(
    group: Arc<ConsumerGroup>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let namespace = group.namespace().unwrap_or_default();
    let name = group.name_any();
    let api = Api::<ConsumerGroup>::namespaced(context.client.clone(), &namespace);
    let read = api.get_opt(&name).await;
    let read = read.map_err(|it| Error::Read {
        kind: "ConsumerGroup",
        name,
        source: Box::new(it),
    })?;
    let Some(group) = read else {
        return Ok(Action::await_change());
    };
    if !unmanaged::is_managed(&context, &namespace) {
        let old = group.status.as_ref();
        return unmanaged::look(&context, &api, "ConsumerGroup", &group, old, true).await;
    }
    let reached = context.reached(&namespace, &group.spec.cluster_ref.name);
    let reached = reached.as_deref();
    let told = group.status.as_ref().and_then(|it| it.observed_generation);
    let is_told = told.is_some() && told == group.meta().generation;
    if context.is_too_early(reached, is_told) {
        return Ok(Action::requeue(REQUEUE_EARLY));
    }
    let cluster = cluster_view(&context, &namespace, &group.spec.cluster_ref.name, reached).await?;
    let view = match (&cluster, reached) {
        (ClusterView::Reachable { .. }, Some(reached)) => {
            describe(&reached.brokers, &group.spec.group_id).await
        }
        _ => Known::Unknown("the Cluster is not reached".to_owned()),
    };
    let observed = Observed {
        cluster,
        group: view,
    };
    let status = status(&group, &observed, Timestamp::now());
    let status = unmanaged::signed(&context, status);
    write::status(
        &context,
        &api,
        "ConsumerGroup",
        &group,
        group.status.as_ref(),
        &status,
    )
    .await?;
    Ok(Action::requeue(requeue(&observed)))
}

async fn describe(brokers: &Brokers, group_id: &str) -> Known<GroupView> {
    let request = rpc::DescribeGroupsRequest {
        group_ids: vec![group_id.to_owned()],
    };
    let answer = brokers.ask("describe a group", |mut it| {
        let request = request.clone();
        async move { it.describe_groups(observing(request)).await }
    });
    let groups = match answer.await {
        Ok(answer) => answer.groups,
        Err(error) => return Known::Unknown(error.told()),
    };
    match groups.into_iter().find(|it| it.group_id == group_id) {
        None => Known::Unknown("the brokers do not tell of it".to_owned()),
        Some(rpc::Group {
            error: Some(error), ..
        }) => Known::Unknown(error.message),
        Some(it) => Known::Known(GroupView {
            state: it.state,
            protocol: it.protocol,
            members: it.members,
            partitions: it.partitions.into_iter().map(partition).collect(),
        }),
    }
}

fn partition(it: rpc::GroupPartition) -> GroupPartition {
    GroupPartition {
        topic: it.topic,
        partition: it.partition,
        committed_offset: it.committed_offset,
        log_end_offset: it.log_end_offset,
        waiting_seconds: it.waiting_ms.map(|it| it / 1000),
        client_id: it.client_id,
    }
}
