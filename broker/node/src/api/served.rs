//! Which requests are served, in which versions, on which listener.
//!
//! In: a listener, a key and a version. Out: yes or no, and the list that clients are told.
//! What is not served is not advertised, and the connection that asks for it is closed.

use broker_wire::ApiKey;

use crate::connection::Listener;

/// What clients may ask for.
const CLIENTS: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
    ApiKey::SyncGroup,
    ApiKey::DescribeGroups,
    ApiKey::ListGroups,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::DeleteRecords,
    ApiKey::InitProducerId,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::DescribeConfigs,
    ApiKey::AlterConfigs,
    ApiKey::DescribeLogDirs,
    ApiKey::CreatePartitions,
    ApiKey::DeleteGroups,
    ApiKey::ElectLeaders,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::AlterPartitionReassignments,
    ApiKey::ListPartitionReassignments,
    ApiKey::OffsetDelete,
    ApiKey::DescribeQuorum,
    ApiKey::DescribeCluster,
    ApiKey::UnregisterBroker,
    ApiKey::DescribeTopicPartitions,
    ApiKey::AddRaftVoter,
    ApiKey::RemoveRaftVoter,
];

/// What brokers may ask of each other besides.
const BROKERS: &[ApiKey] = &[
    ApiKey::Vote,
    ApiKey::BeginQuorumEpoch,
    ApiKey::EndQuorumEpoch,
    ApiKey::AlterPartition,
    ApiKey::Envelope,
    ApiKey::FetchSnapshot,
    ApiKey::BrokerRegistration,
    ApiKey::BrokerHeartbeat,
    ApiKey::AllocateProducerIds,
    ApiKey::UpdateRaftVoter,
];

/// A key and its versions as clients are told; `to` is inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    pub key: ApiKey,
    pub from: i16,
    pub to: i16,
}

/// All that a listener serves, in the order of the keys.
pub fn served(listener: &Listener) -> Vec<Served> {
    let mut keys = CLIENTS.to_vec();
    if *listener == Listener::Replication {
        keys.extend_from_slice(BROKERS);
    }
    keys.sort_unstable();
    keys.into_iter().map(advertised).collect()
}

fn advertised(key: ApiKey) -> Served {
    let versions = stable(key);
    // librdkafka turns compression off for brokers that do not list the oldest versions of Produce,
    // though nobody sends them (KAFKA-18659).
    let from = if key == ApiKey::Produce {
        0
    } else {
        versions.from
    };
    Served {
        key,
        from,
        to: versions.to,
    }
}

fn stable(key: ApiKey) -> broker_wire::Versions {
    let mut versions = key.versions();
    if key.is_latest_unstable() {
        versions.to -= 1;
    }
    versions
}

/// The last version of a key that brokers of this program serve.
pub(crate) fn latest(key: ApiKey) -> i16 {
    stable(key).to
}

/// Whether a listener serves a version of a key.
pub fn is_served(listener: &Listener, key: ApiKey, version: i16) -> bool {
    let is_known =
        CLIENTS.contains(&key) || (*listener == Listener::Replication && BROKERS.contains(&key));
    is_known && stable(key).contains(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients() -> Listener {
        Listener::Clients {
            name: "internal".to_owned(),
        }
    }

    #[test]
    fn clients_are_told_what_they_may_ask_and_nothing_else() {
        let told = served(&clients());
        assert!(told.iter().all(|it| is_served(&clients(), it.key, it.to)));
        assert!(!told.iter().any(|it| BROKERS.contains(&it.key)));
        assert!(!is_served(&clients(), ApiKey::Vote, 0));
        assert!(is_served(&Listener::Replication, ApiKey::Vote, 0));
    }

    #[test]
    fn unstable_versions_are_never_told() {
        let told = served(&clients());
        let init = told
            .iter()
            .find(|it| it.key == ApiKey::InitProducerId)
            .unwrap();
        assert_eq!((init.from, init.to), (0, 5));
    }

    #[test]
    fn produce_is_told_from_version_0_and_served_from_3() {
        let told = served(&clients());
        let produce = told.iter().find(|it| it.key == ApiKey::Produce).unwrap();
        assert_eq!((produce.from, produce.to), (0, 13));
        assert!(!is_served(&clients(), ApiKey::Produce, 2));
    }
}
