//! Leaderships go where an administrator, or the order of the replicas, wants them.
//!
//! In: `ElectLeaders`, and a regular call to balance, with the time. Out: `PartitionChangeRecord`s. Never here:
//! elections after a failure (`replication`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use broker_types::{BrokerId, Monotonic, PartitionIndex, TopicPartition};
use broker_wire::Str;
use broker_wire::messages::elect_leaders_request::ElectLeadersRequest;
use broker_wire::messages::elect_leaders_response::{
    ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};

use crate::config::ConfigResource;
use crate::controller::draft::Draft;
use crate::controller::election::Preference;
use crate::controller::refusal::{Refusal, outcome};
use crate::controller::replication::{self, PartitionChange};
use crate::controller::{Controller, Decision};
use crate::image::Image;
use crate::partition::Partition;

/// Default of `leader.imbalance.check.interval.seconds`.
const IMBALANCE_CHECK_SECONDS: u64 = 300;
/// Default of `leader.imbalance.per.broker.percentage`.
const IMBALANCE_PERCENTAGE: u64 = 10;
/// Pause when there was more to move than moves at a time.
const BALANCE_ON_AFTER: Duration = Duration::from_secs(10);

/// `ElectLeadersRequest.ElectionType`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Election {
    Preferred,
    Unclean,
}

impl Controller {
    /// Elects the preferred leaders, or any replica where there is no leader: then acknowledged
    /// records may be lost.
    pub fn elect_leaders(
        &mut self,
        request: &ElectLeadersRequest,
    ) -> Decision<ElectLeadersResponse> {
        let election = match request.election_type {
            0 => Some(Election::Preferred),
            1 => Some(Election::Unclean),
            _ => None,
        };
        self.decide(false, |draft| {
            let Some(election) = election else {
                let refusal = Refusal::InvalidRequest {
                    reason: "there is no such type of election",
                };
                return ElectLeadersResponse {
                    error_code: refusal.error_code().to_wire(),
                    ..ElectLeadersResponse::default()
                };
            };
            let named = request.topic_partitions.as_ref().map(|topics| {
                let named = topics
                    .iter()
                    .map(|it| (it.topic.clone(), it.partitions.clone()));
                named.collect()
            });
            let is_all = named.is_none();
            let topics: Vec<(Str, Vec<i32>)> = named.unwrap_or_else(|| all(draft.image()));
            let results = topics.into_iter().map(|(topic, partitions)| {
                let results = partitions.into_iter().filter_map(|partition| {
                    let elected = elect(draft, &topic, partition, election);
                    // Of all partitions, those are answered for which there was something to do.
                    if is_all && elected == Err(Refusal::ElectionNotNeeded) {
                        return None;
                    }
                    let (error_code, error_message) = outcome(&elected);
                    Some(PartitionResult {
                        partition_id: partition,
                        error_code,
                        error_message,
                        ..PartitionResult::default()
                    })
                });
                ReplicaElectionResult {
                    partition_result: results.collect(),
                    topic,
                    ..ReplicaElectionResult::default()
                }
            });
            let results = results.filter(|it| !(is_all && it.partition_result.is_empty()));
            ElectLeadersResponse {
                replica_election_results: results.collect(),
                ..ElectLeadersResponse::default()
            }
        })
    }

    /// Moves up to `moves_max` leaderships back to their preferred leaders, once
    /// `leader.imbalance.check.interval.seconds` have passed since the last time, or at once when more
    /// were left then; never while `auto.leader.rebalance.enable` is false.
    ///
    /// A broker gets leaderships back when more than `leader.imbalance.per.broker.percentage` of those
    /// that it should have are elsewhere, and all of them. Partitions that lack a replica are left
    /// alone: a move is a disturbance, and they have had theirs. A broker that may be stopped gets none.
    pub fn balance_leaders(&mut self, now: Monotonic, moves_max: usize) -> Decision<()> {
        let is_due = now >= self.balance_due() && is_balanced(&self.image);
        if is_due {
            self.balanced_at = now;
        }
        let mut has_more = false;
        let decision = self.decide(false, |draft| {
            if !is_due {
                return;
            }
            let image = draft.image();
            let poor = brokers_out_of_balance(image);
            let is_movable = |it: &Partition| {
                let is_complete = it.isr.len() == it.replicas.len();
                let is_owed = |it| poor.contains(&it) && image.stop_grant(it).is_none();
                is_complete
                    && it.leader != it.preferred_leader()
                    && can_prefer(image, it)
                    && it.preferred_leader().is_some_and(is_owed)
            };
            let mut places = replication::places(image, is_movable);
            has_more = places.len() > moves_max;
            places.truncate(moves_max);
            for place in places {
                prefer(draft, place);
            }
        });
        if is_due {
            self.has_more_to_balance = has_more;
        }
        decision
    }

    /// When leaderships are to be balanced next.
    pub(crate) fn balance_due(&self) -> Monotonic {
        let key = "leader.imbalance.check.interval.seconds";
        let interval = cluster_number(&self.image, key).unwrap_or(IMBALANCE_CHECK_SECONDS);
        let interval = Duration::from_secs(interval.max(1));
        let pause = if self.has_more_to_balance {
            interval.min(BALANCE_ON_AFTER)
        } else {
            interval
        };
        self.balanced_at + pause
    }
}

fn cluster_number(image: &Image, key: &str) -> Option<u64> {
    let value = image
        .configs()
        .value(&ConfigResource::ClusterDefault, key)?;
    value.trim().parse().ok()
}

fn is_balanced(image: &Image) -> bool {
    let key = "auto.leader.rebalance.enable";
    let value = image.configs().value(&ConfigResource::ClusterDefault, key);
    !value.is_some_and(|it| it.eq_ignore_ascii_case("false"))
}

/// Brokers of whose leaderships too many are elsewhere.
fn brokers_out_of_balance(image: &Image) -> BTreeSet<BrokerId> {
    let key = "leader.imbalance.per.broker.percentage";
    let percentage = cluster_number(image, key).unwrap_or(IMBALANCE_PERCENTAGE);
    let mut counts: BTreeMap<BrokerId, (u64, u64)> = BTreeMap::new();
    for (_, _, partition) in image.partitions() {
        if let Some(preferred) = partition.preferred_leader() {
            let (all, away) = counts.entry(preferred).or_default();
            *all += 1;
            *away += u64::from(partition.leader != Some(preferred));
        }
    }
    let is_poor = |(all, away): &(u64, u64)| away * 100 > percentage.saturating_mul(*all);
    let poor = counts.into_iter().filter(|(_, it)| is_poor(it));
    poor.map(|(id, _)| id).collect()
}

fn all(image: &Image) -> Vec<(Str, Vec<i32>)> {
    let topics = image.topics().map(|topic| {
        let partitions = topic.partitions().map(|(index, _)| index.to_wire());
        (topic.name.clone(), partitions.collect())
    });
    topics.collect()
}

fn can_prefer(image: &Image, partition: &Partition) -> bool {
    let preferred = partition.preferred_leader();
    preferred.is_some_and(|it| {
        let is_active = image.broker(it).is_some_and(|it| it.is_active());
        is_active && partition.isr.contains(&it)
    })
}

fn prefer(draft: &mut Draft<'_>, place: TopicPartition) {
    let prefer = PartitionChange {
        preference: Preference::Preferred,
        ..PartitionChange::NONE
    };
    replication::change(draft, place, prefer);
}

fn elect(
    draft: &mut Draft<'_>,
    topic: &Str,
    partition: i32,
    election: Election,
) -> Result<(), Refusal> {
    let image = draft.image();
    let topic = image.topic(topic).ok_or(Refusal::UnknownTopicOrPartition)?;
    let index = PartitionIndex::from_wire(partition);
    let index = index.ok_or(Refusal::UnknownTopicOrPartition)?;
    let partition = topic
        .partition(index)
        .ok_or(Refusal::UnknownTopicOrPartition)?;
    let place = TopicPartition {
        topic_id: topic.id,
        partition: index,
    };
    match election {
        Election::Preferred if partition.leader == partition.preferred_leader() => {
            Err(Refusal::ElectionNotNeeded)
        }
        Election::Preferred if !can_prefer(image, partition) => {
            Err(Refusal::PreferredLeaderNotAvailable)
        }
        Election::Preferred => {
            prefer(draft, place);
            Ok(())
        }
        Election::Unclean if partition.leader.is_some() => Err(Refusal::ElectionNotNeeded),
        Election::Unclean => {
            let any = PartitionChange {
                is_unclean_forced: true,
                ..PartitionChange::NONE
            };
            replication::change(draft, place, any);
            let elected = draft.image().partition(place).and_then(|it| it.leader);
            elected
                .map(|_| ())
                .ok_or(Refusal::EligibleLeadersNotAvailable)
        }
    }
}
