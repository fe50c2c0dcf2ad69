//! What differs between two images, so that a node acts only on what changed.
//!
//! In: two images of which the newer grew out of the older one, or was loaded from a snapshot. Out:
//! a [`Delta`]. Never here: what to do about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_types::{BrokerId, TopicPartition};
use broker_wire::Str;

use crate::config::ConfigResource;
use crate::image::Image;
use crate::topic::Topic;

/// Names of what differs; the values are in the two images. Each list is in order and has no
/// repetition.
///
/// What two images share is not compared, so the cost is that of the changed topics, and a glance
/// at some others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Partitions that are new or differ, those of new topics among them.
    pub partitions: Vec<TopicPartition>,
    /// Topics that are gone, as they were. A topic made again under its name has another id.
    pub removed_topics: Vec<Arc<Topic>>,
    /// Brokers that are new, differ, or are gone.
    pub brokers: Vec<BrokerId>,
    /// Resources of which any config was set, changed or unset.
    pub configs: Vec<ConfigResource>,
    /// Features whose level differs.
    pub features: Vec<Str>,
    /// Reassignments that are new, differ, or are over.
    pub reassignments: Vec<Str>,
}

impl Delta {
    /// What leads from `old` to `new`.
    pub fn between(old: &Image, new: &Image) -> Delta {
        let (old_topics, new_topics) = (old.topics_by_id(), new.topics_by_id());
        let mut delta = Delta {
            brokers: differing(old.brokers_by_id(), new.brokers_by_id(), Arc::ptr_eq),
            configs: differing(
                old.configs().by_resource(),
                new.configs().by_resource(),
                Arc::ptr_eq,
            ),
            features: differing(old.features_by_name(), new.features_by_name(), |_, _| false),
            reassignments: differing(
                old.reassignments_by_id(),
                new.reassignments_by_id(),
                Arc::ptr_eq,
            ),
            ..Delta::default()
        };
        let maps = old_topics.differing(new_topics);
        for id in maps.flat_map(|(old, new)| differing(old, new, Arc::ptr_eq)) {
            match (old_topics.get(id), new_topics.get(id)) {
                (old, Some(new)) => delta.compare_topics(old.map(Arc::as_ref), new),
                (Some(old), None) => delta.removed_topics.push(Arc::clone(old)),
                (None, None) => {}
            }
        }
        delta
    }

    pub fn is_empty(&self) -> bool {
        *self == Delta::default()
    }

    fn compare_topics(&mut self, old: Option<&Topic>, new: &Topic) {
        for (index, partition) in new.partitions() {
            let is_same = old
                .and_then(|it| it.shared_partition(index))
                .is_some_and(|it| std::ptr::eq(it.as_ref(), partition) || it.as_ref() == partition);
            if !is_same {
                self.partitions.push(TopicPartition {
                    topic_id: new.id,
                    partition: index,
                });
            }
        }
    }
}

/// Keys of which the values differ, or that only one map has.
fn differing<K: Ord + Clone, V: PartialEq>(
    old: &Arc<BTreeMap<K, V>>,
    new: &Arc<BTreeMap<K, V>>,
    is_shared: impl Fn(&V, &V) -> bool,
) -> Vec<K> {
    if Arc::ptr_eq(old, new) {
        return Vec::new();
    }
    let is_same = |old: &V, new: &V| is_shared(old, new) || old == new;
    let changed = new
        .iter()
        .filter(|(key, value)| !old.get(key).is_some_and(|it| is_same(it, value)));
    let removed = old.keys().filter(|it| !new.contains_key(it));
    let mut keys: Vec<K> = changed.map(|it| it.0).chain(removed).cloned().collect();
    keys.sort();
    keys
}
