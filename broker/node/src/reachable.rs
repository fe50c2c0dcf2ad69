//! Which brokers the clients of a listener can reach, and where.
//!
//! In: the image and a listener. Out: brokers with their addresses on it. Never here: connections.

use std::collections::BTreeMap;

use broker_metadata::{Broker, Image};
use broker_types::BrokerId;
use broker_wire::Str;

use crate::connection::Listener;

/// Name under which brokers register the listener of the brokers among themselves.
pub const REPLICATION: &str = "REPLICATION";

/// Name under which brokers register where they can be controlled.
pub const CONTROL: &str = "CONTROL";

/// A broker on a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reachable {
    pub id: BrokerId,
    pub host: Str,
    pub port: u16,
    pub rack: Option<Str>,
}

/// Brokers on a listener, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReachableBrokers {
    brokers: BTreeMap<BrokerId, Reachable>,
}

impl ReachableBrokers {
    /// The unfenced brokers that have this listener.
    pub fn new(image: &Image, listener: &Listener) -> ReachableBrokers {
        ReachableBrokers::filtered(image, listener, |it| !it.is_fenced)
    }

    /// The unfenced brokers that have this listener; if there is none, the one that answers. After all were
    /// down, each is fenced until the controller has heard of it; but a client that is told of no broker
    /// has none left to ask: librdkafka drops those that it was configured with, too, and never comes again.
    pub fn never_none(image: &Image, listener: &Listener, me: BrokerId) -> ReachableBrokers {
        let unfenced = ReachableBrokers::new(image, listener);
        if unfenced.brokers.is_empty() {
            return ReachableBrokers::filtered(image, listener, |it| it.id == me);
        }
        unfenced
    }

    /// The fenced brokers that have this listener.
    pub fn fenced(image: &Image, listener: &Listener) -> ReachableBrokers {
        ReachableBrokers::filtered(image, listener, |it| it.is_fenced)
    }

    fn filtered(
        image: &Image,
        listener: &Listener,
        is_wanted: impl Fn(&Broker) -> bool,
    ) -> ReachableBrokers {
        let name = match listener {
            Listener::Clients { name } => name.as_str(),
            Listener::Replication => REPLICATION,
        };
        let on_listener = |it: &Broker| {
            let endpoint = it.endpoints.get(name)?;
            Some(Reachable {
                id: it.id,
                host: endpoint.host.clone(),
                port: endpoint.port,
                rack: it.rack.clone(),
            })
        };
        let brokers = image
            .brokers()
            .filter(|it| is_wanted(it))
            .filter_map(|it| on_listener(it))
            .map(|it| (it.id, it))
            .collect();
        ReachableBrokers { brokers }
    }

    pub fn contains(&self, id: BrokerId) -> bool {
        self.brokers.contains_key(&id)
    }

    pub fn broker(&self, id: BrokerId) -> Option<&Reachable> {
        self.brokers.get(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Reachable> {
        self.brokers.values()
    }

    /// The broker that clients send requests for the controller to. Any will do, since each passes
    /// them on; the active one saves a step.
    pub fn controller(&self, active: Option<BrokerId>) -> Option<BrokerId> {
        active
            .filter(|it| self.contains(*it))
            .or_else(|| self.brokers.keys().next().copied())
    }
}

#[cfg(test)]
mod tests {
    use broker_wire::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;

    use super::*;
    use crate::api::test_image;

    #[test]
    fn a_client_is_told_of_the_broker_that_answers_when_all_are_fenced() {
        let mut image = test_image::image(&[]);
        let [one, two] = [1, 2].map(BrokerId::new);
        let told = |image: &Image| {
            let told = ReachableBrokers::never_none(image, &test_image::listener(), two);
            told.iter().map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(told(&image), [one, two]);
        for (broker_id, expected) in [(2, one), (1, two)] {
            let fence = BrokerRegistrationChangeRecord {
                broker_id,
                broker_epoch: i64::from(broker_id),
                fenced: 1,
                ..BrokerRegistrationChangeRecord::default()
            };
            image.apply(&fence.into()).unwrap();
            assert_eq!(told(&image), [expected]);
        }
    }
}
