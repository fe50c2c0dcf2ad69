//! Which replica a consumer should read from: one in its own rack (KIP-392).
//!
//! In: a consumer's rack and position, the followers that its leader knows to be in sync. Out: a
//! follower, when one is nearer than the leader. Never here: what is read there.

use broker_metadata::{ConfigResource, Image};
use broker_replica::InSyncFollower;
use broker_types::{BrokerId, Offset};

use crate::configs::RACK_AWARE_SELECTOR;
use crate::connection::Listener;
use crate::reachable::ReachableBrokers;

const SELECTOR: &str = "replica.selector.class";

/// Brokers in the rack of whoever asks.
pub(super) struct Nearby {
    me: BrokerId,
    brokers: Vec<BrokerId>,
}

impl Nearby {
    /// `None`: this broker looks for none, or the consumer says no rack, or none is there.
    pub(super) fn new(
        image: &Image,
        me: BrokerId,
        listener: &Listener,
        rack: &str,
    ) -> Option<Nearby> {
        let configs = image.configs();
        let selector = configs
            .value(&ConfigResource::Broker(me), SELECTOR)
            .or_else(|| configs.value(&ConfigResource::ClusterDefault, SELECTOR));
        if rack.is_empty() || selector.is_none_or(|it| it.trim() != RACK_AWARE_SELECTOR) {
            return None;
        }
        let reachable = ReachableBrokers::new(image, listener);
        let near = reachable
            .iter()
            .filter(|it| it.rack.as_deref() == Some(rack));
        let brokers: Vec<BrokerId> = near.map(|it| it.id).collect();
        (!brokers.is_empty()).then_some(Nearby { me, brokers })
    }

    /// The follower to read `offset` from, if this leader is not as near as any.
    pub(super) fn follower(
        &self,
        followers: &[InSyncFollower],
        offset: Offset,
    ) -> Option<BrokerId> {
        if self.brokers.contains(&self.me) {
            return None;
        }
        let has_offset = |it: &&InSyncFollower| {
            self.brokers.contains(&it.broker)
                && it.log_start_offset <= offset
                && offset <= it.end_offset
        };
        let best = followers
            .iter()
            .filter(has_offset)
            .max_by_key(|it| (it.end_offset, it.caught_up_at, it.broker));
        best.map(|it| it.broker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follower(broker: u32, start: u64, end: u64) -> InSyncFollower {
        InSyncFollower {
            broker: BrokerId::new(broker),
            end_offset: Offset::new(end),
            log_start_offset: Offset::new(start),
            caught_up_at: None,
        }
    }

    fn choose(near: &[u32], followers: &[InSyncFollower], offset: u64) -> Option<u32> {
        let nearby = Nearby {
            me: BrokerId::new(1),
            brokers: near.iter().map(|it| BrokerId::new(*it)).collect(),
        };
        let chosen = nearby.follower(followers, Offset::new(offset));
        chosen.map(|it| it.value())
    }

    #[test]
    fn the_furthest_follower_in_the_rack_is_chosen_if_it_has_the_offset() {
        let followers = [follower(2, 0, 10), follower(3, 5, 20), follower(4, 0, 30)];
        assert_eq!(choose(&[2, 3], &followers, 7), Some(3));
        assert_eq!(choose(&[2, 3], &followers, 4), Some(2));
        assert_eq!(choose(&[2, 3], &followers, 20), Some(3));
        assert_eq!(choose(&[2, 3], &followers, 21), None);
        assert_eq!(choose(&[5], &followers, 7), None);
        assert_eq!(
            choose(&[1, 2, 3], &followers, 7),
            None,
            "the leader is near"
        );
        assert_eq!(choose(&[2, 3], &[], 7), None);
    }
}
