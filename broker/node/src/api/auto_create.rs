//! Topics that are made because a client asked for them.
//!
//! In: names that do not exist. Out: a request to the controller, in the background. Never here:
//! waiting: the client asks again.

use std::sync::Arc;
use std::time::Duration;

use broker_wire::Str;
use broker_wire::messages::CreateTopicsRequest;
use broker_wire::messages::create_topics_request::CreatableTopic;

use super::topic_names;
use crate::configs;
use crate::node::Node;
use crate::world::World;

const VERSION: i16 = 7;
const WITHIN: Duration = Duration::from_secs(10);
/// Topics that one request may have made.
const TOPICS_MAX: usize = 100;

/// Begins to make topics, where the cluster allows it; its own topics it always does.
pub(super) fn start<W: World>(node: &Arc<Node<W>>, names: Vec<Str>) {
    let image = node.image();
    let is_allowed = configs::is_on(&image, node.config.broker_id, configs::AUTO_CREATE_TOPICS);
    let topics: Vec<CreatableTopic> = names
        .into_iter()
        .filter(|it| **it == *topic_names::OFFSETS || (is_allowed && !topic_names::is_internal(it)))
        .take(TOPICS_MAX)
        .map(|name| CreatableTopic {
            name,
            num_partitions: -1,
            replication_factor: -1,
            ..CreatableTopic::default()
        })
        .collect();
    if topics.is_empty() {
        return;
    }
    let request = CreateTopicsRequest {
        topics,
        ..CreateTopicsRequest::default()
    };
    let node = Arc::clone(node);
    let world = node.world.clone();
    world.spawn(Box::pin(async move {
        let deadline = node.world.now() + WITHIN;
        // Whoever asked finds out by asking again.
        let _ = node.forward(&request.into(), VERSION, "", deadline).await;
    }));
}
