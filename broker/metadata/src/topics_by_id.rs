//! Topics by id, in many small maps.
//!
//! In: topics. Out: the same; ids of those that differ between two images. Never here: names, or what a
//! topic holds.
//!
//! Images are shared, so a change copies what it is in: with one map that is a pointer to every topic
//! for each change, which tens of thousands of topics make slow. Ids are random, so the maps are alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_types::TopicId;

use crate::topic::Topic;

/// As many as a byte has values: a topic is in the map of its id's first byte, which keeps the order.
const MAPS: usize = 256;

pub(crate) type Map = BTreeMap<TopicId, Arc<Topic>>;

/// Topics by id. A clone shares all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicsById {
    /// Invariant: there are [`MAPS`].
    maps: Arc<Vec<Arc<Map>>>,
    len: usize,
}

impl Default for TopicsById {
    fn default() -> TopicsById {
        let empty = Arc::<Map>::default();
        TopicsById {
            maps: Arc::new(vec![empty; MAPS]),
            len: 0,
        }
    }
}

fn place(id: TopicId) -> usize {
    let [first, ..] = id.to_bytes();
    usize::from(first)
}

impl TopicsById {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn map(&self, id: TopicId) -> &Map {
        self.maps
            .get(place(id))
            .expect("there is one for each byte")
    }

    fn map_mut(&mut self, id: TopicId) -> &mut Map {
        let maps = Arc::make_mut(&mut self.maps);
        let map = maps.get_mut(place(id));
        Arc::make_mut(map.expect("there is one for each byte"))
    }

    pub(crate) fn get(&self, id: TopicId) -> Option<&Arc<Topic>> {
        self.map(id).get(&id)
    }

    /// The topic, to be changed.
    pub(crate) fn get_mut(&mut self, id: TopicId) -> Option<&mut Topic> {
        // What is not there copies nothing.
        self.get(id)?;
        self.map_mut(id).get_mut(&id).map(Arc::make_mut)
    }

    pub(crate) fn insert(&mut self, topic: Topic) {
        let id = topic.id;
        let before = self.map_mut(id).insert(id, Arc::new(topic));
        self.len += usize::from(before.is_none());
    }

    pub(crate) fn remove(&mut self, id: TopicId) -> Option<Arc<Topic>> {
        self.get(id)?;
        let removed = self.map_mut(id).remove(&id);
        self.len -= usize::from(removed.is_some());
        removed
    }

    /// In the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.maps.iter().flat_map(|it| it.values())
    }

    /// The maps of two images that may differ, in order.
    pub(crate) fn differing<'a>(
        &'a self,
        other: &'a TopicsById,
    ) -> impl Iterator<Item = (&'a Arc<Map>, &'a Arc<Map>)> {
        let pairs = self.maps.iter().zip(other.maps.iter());
        pairs.filter(|(own, others)| !Arc::ptr_eq(own, others))
    }
}
