//! DescribeCluster: the brokers of the cluster, as a listener's clients may reach them.
//!
//! In: whether fenced brokers are wanted too. Out: ids, addresses, racks. Never here: topics.

use broker_types::{BrokerId, ErrorCode};
use broker_wire::messages::describe_cluster_response::DescribeClusterBroker;
use broker_wire::messages::{DescribeClusterRequest, DescribeClusterResponse};

use super::authorized;
use crate::connection::RequestContext;
use crate::node::Node;
use crate::reachable::ReachableBrokers;
use crate::world::World;

/// The kind of endpoints that a broker's listener describes; 2 would be controllers.
const BROKERS: i8 = 1;
/// First version that may ask for fenced brokers; the others must not be told of any.
const FENCED_FROM: i16 = 2;

pub(super) fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    if request.endpoint_type != BROKERS {
        return DescribeClusterResponse {
            error_code: ErrorCode::MismatchedEndpointType.to_wire(),
            error_message: Some("this listener describes brokers, endpoint type 1".into()),
            endpoint_type: BROKERS,
            ..DescribeClusterResponse::default()
        };
    }
    let image = node.image();
    let reachable = ReachableBrokers::new(&image, &context.listener);
    let fenced = ReachableBrokers::fenced(&image, &context.listener);
    let tells_fenced = request.include_fenced_brokers && context.api_version >= FENCED_FROM;
    let wanted = reachable
        .iter()
        .map(|it| (it, false))
        .chain(fenced.iter().filter(|_| tells_fenced).map(|it| (it, true)));
    let mut brokers: Vec<DescribeClusterBroker> = wanted
        .map(|(it, is_fenced)| DescribeClusterBroker {
            broker_id: it.id.to_wire(),
            host: it.host.clone(),
            port: i32::from(it.port),
            rack: it.rack.clone(),
            is_fenced,
            ..DescribeClusterBroker::default()
        })
        .collect();
    brokers.sort_by_key(|it| it.broker_id);
    DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_id: image.cluster_id().clone(),
        controller_id: BrokerId::option_to_wire(reachable.controller(node.active_controller())),
        brokers,
        cluster_authorized_operations: authorized::operations(
            authorized::CLUSTER,
            request.include_cluster_authorized_operations,
        ),
        ..DescribeClusterResponse::default()
    }
}
