//! Topics that are made because a client asked for them.
//!
//! In: names that do not exist. Out: a request to the controller, in the background. Never here:
//! waiting: the client asks again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
/// Topics that are being made at once, beside the cluster's own. Whoever wants more asks again.
const UNDER_WAY_MAX: usize = 1_000;

/// Begins to make topics, where the cluster allows it; its own topics it always does.
pub(super) fn start<W: World>(node: &Arc<Node<W>>, names: Vec<Str>) {
    let image = node.image();
    let is_allowed = configs::is_on(&image, node.config.broker_id, configs::AUTO_CREATE_TOPICS);
    let wanted = names
        .into_iter()
        .filter(|it| **it == *topic_names::OFFSETS || (is_allowed && !topic_names::is_internal(it)))
        .take(TOPICS_MAX);
    let Some(begun) = Creations::begin(&node.creations, wanted) else {
        return;
    };
    let topic = |name: &Str| CreatableTopic {
        name: name.clone(),
        num_partitions: -1,
        replication_factor: -1,
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest {
        topics: begun.names.iter().map(topic).collect(),
        ..CreateTopicsRequest::default()
    };
    let node = Arc::clone(node);
    let world = node.world.clone();
    world.spawn(Box::pin(async move {
        let deadline = node.world.now() + WITHIN;
        // Whoever asked finds out by asking again.
        let _ = node.forward(&request.into(), VERSION, "", deadline).await;
        drop(begun);
    }));
}

/// Topics that are being made: each is asked for once, however many clients want it.
#[derive(Debug, Default)]
pub(crate) struct Creations {
    under_way: Mutex<BTreeSet<Str>>,
}

impl Creations {
    /// Takes those names that are not under way yet, as far as there is room; `None` when there are
    /// none. They are under way until the answer is dropped.
    fn begin(creations: &Arc<Creations>, wanted: impl Iterator<Item = Str>) -> Option<Begun> {
        let mut under_way = creations.lock();
        let mut names = Vec::new();
        for name in wanted {
            let has_room = under_way.len() < UNDER_WAY_MAX || *name == *topic_names::OFFSETS;
            if has_room && under_way.insert(name.clone()) {
                names.push(name);
            }
        }
        drop(under_way);
        if names.is_empty() {
            return None;
        }
        let creations = Arc::clone(creations);
        Some(Begun { names, creations })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<Str>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names that are under way.
#[derive(Debug)]
struct Begun {
    names: Vec<Str>,
    creations: Arc<Creations>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut under_way = self.creations.lock();
        for name in &self.names {
            under_way.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(creations: &Arc<Creations>, names: &[&'static str]) -> Option<Begun> {
        Creations::begin(creations, names.iter().map(|it| Str::from(*it)))
    }

    #[test]
    fn what_is_under_way_is_not_begun_again() {
        let creations = Arc::default();
        let first = begin(&creations, &["a", "b", "a"]).unwrap();
        assert_eq!(first.names, ["a", "b"]);
        let second = begin(&creations, &["b", "c"]).unwrap();
        assert_eq!(second.names, ["c"]);
        assert!(begin(&creations, &["a", "b", "c"]).is_none());
        drop(first);
        assert_eq!(begin(&creations, &["a", "c"]).unwrap().names, ["a"]);
        assert_eq!(creations.lock().len(), 1);
    }

    #[test]
    fn only_so_many_are_under_way_at_once() {
        let creations = Arc::default();
        let names = (0..=UNDER_WAY_MAX).map(|it| Str::from(it.to_string()));
        let begun = Creations::begin(&creations, names).unwrap();
        assert_eq!(begun.names.len(), UNDER_WAY_MAX);
        assert!(begin(&creations, &["one more"]).is_none());
    }
}
