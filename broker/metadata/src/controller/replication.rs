//! What happens to partitions when brokers come and go, and when a leader asks for another ISR.
//!
//! In: a broker that was fenced, unfenced, is shutting down or has lost its disk; `AlterPartition`.
//! Out: `PartitionChangeRecord`s. Never here: whether a broker is to be fenced (`sessions`,
//! `heartbeats`).

use broker_types::{
    BrokerEpoch, BrokerId, DirectoryId, ErrorCode, Mutant, PartitionIndex, TopicId, TopicPartition,
};
use broker_wire::Str;
use broker_wire::messages::alter_partition_request::{
    self as request, AlterPartitionRequest, BrokerState,
};
use broker_wire::messages::alter_partition_response::{self as response, AlterPartitionResponse};

use crate::controller::brokers::registered;
use crate::controller::draft::Draft;
use crate::controller::election::{self, Assignment, Loss, Preference, Target};
use crate::controller::refusal::Refusal;
use crate::controller::{Controller, Decision};
use crate::image::Image;
use crate::partition::{LeaderRecovery, Partition, are_distinct};

/// A change to one partition; what is not named stays.
#[derive(Clone, Debug)]
pub(crate) struct PartitionChange {
    pub assignment: Option<Assignment>,
    pub isr: Option<Vec<BrokerId>>,
    pub lost: Option<(BrokerId, Loss)>,
    /// Begins a leader epoch, even under the same leader: nothing that a follower stated counts on.
    pub begins_epoch: bool,
    pub recovery: Option<LeaderRecovery>,
    pub preference: Preference,
    /// Allows an unclean election whatever the topic's config says.
    pub is_unclean_forced: bool,
    /// Where the replica of a broker lies now.
    pub moved: Option<(BrokerId, Option<DirectoryId>)>,
}

impl PartitionChange {
    /// Changes only what follows from the state of the brokers and the configs.
    pub(crate) const NONE: PartitionChange = PartitionChange {
        assignment: None,
        isr: None,
        lost: None,
        begins_epoch: false,
        recovery: None,
        preference: Preference::Present,
        is_unclean_forced: false,
        moved: None,
    };
}

/// Changes one partition, if anything changes.
pub(crate) fn change(draft: &mut Draft<'_>, place: TopicPartition, change: PartitionChange) {
    let image = draft.image();
    let Some(topic) = image.topic_by_id(place.topic_id) else {
        return;
    };
    let Some(partition) = topic.partition(place.partition) else {
        return;
    };
    let is_active = |it: BrokerId| image.broker(it).is_some_and(|it| it.is_active());
    let directory_of = |it: BrokerId| image.broker(it).and_then(|it| it.only_directory());
    let target = Target {
        assignment: change.assignment,
        isr: change.isr.unwrap_or_else(|| partition.isr.clone()),
        lost: change.lost,
        durability: draft.durability(),
        recovery: change.recovery.unwrap_or(partition.recovery),
        preference: change.preference,
        is_unclean_allowed: change.is_unclean_forced || is_unclean_allowed(image, &topic.name),
        min_insync_replicas: image.min_insync_replicas(&topic.name),
        is_active: &is_active,
        directory_of: &directory_of,
    };
    let mut next = election::next(partition, &target);
    if let Some((broker, directory)) = change.moved {
        let replicas = next.replicas.iter().zip(&mut next.directories);
        for (_, known) in replicas.filter(|(it, _)| **it == broker) {
            *known = directory;
        }
    }
    let (topic_id, index) = (place.topic_id, place.partition);
    if let Some(record) = partition.change_to(&next, change.begins_epoch, topic_id, index) {
        draft.push(record);
    }
}

pub(crate) fn is_unclean_allowed(image: &Image, topic: &Str) -> bool {
    let value = image.cluster_wide_topic_config(topic, "unclean.leader.election.enable");
    value.is_some_and(|it| it.eq_ignore_ascii_case("true"))
}

/// Partitions of which `holds` is true. The image is scanned: brokers come and go seldom, and an
/// index would have to be right at every change.
pub(crate) fn places(image: &Image, holds: impl Fn(&Partition) -> bool) -> Vec<TopicPartition> {
    let partitions = image.partitions().filter(|(_, _, it)| holds(it));
    let place = |topic_id: TopicId, partition: PartitionIndex| TopicPartition {
        topic_id,
        partition,
    };
    partitions
        .map(|(topic, index, _)| place(topic.id, index))
        .collect()
}

/// Takes a broker that may not be in any ISR out of all of them.
pub(crate) fn leave_isrs(draft: &mut Draft<'_>, broker: BrokerId) {
    for place in places(draft.image(), |it| it.isr.contains(&broker)) {
        let isr = isr_without(draft.image(), place, broker);
        let leave = PartitionChange {
            isr: Some(isr),
            ..PartitionChange::NONE
        };
        change(draft, place, leave);
    }
}

/// Takes the places of a broker away that may not have what it once had: of ISR and ELR.
pub(crate) fn lose(draft: &mut Draft<'_>, broker: BrokerId, loss: Loss) {
    let has_place = |it: &Partition| {
        let places = [&it.isr, &it.elr, &it.last_known_elr];
        places.iter().any(|it| it.contains(&broker))
    };
    for place in places(draft.image(), has_place) {
        let lose = PartitionChange {
            lost: Some((broker, loss)),
            ..PartitionChange::NONE
        };
        change(draft, place, lose);
    }
}

/// Writes down where the replicas of a broker lie whose directory is not one of `directories`.
pub(crate) fn move_directories(
    draft: &mut Draft<'_>,
    broker: BrokerId,
    directories: &[DirectoryId],
) {
    let to = match directories {
        [only] => Some(*only),
        _ => None,
    };
    let is_elsewhere = |it: &Partition| {
        let mut replicas = it.replicas.iter().zip(&it.directories);
        let is_known = |it: &Option<DirectoryId>| it.is_some_and(|it| directories.contains(&it));
        replicas.any(|(id, directory)| *id == broker && !is_known(directory) && *directory != to)
    };
    for place in places(draft.image(), is_elsewhere) {
        let moved = PartitionChange {
            moved: Some((broker, to)),
            ..PartitionChange::NONE
        };
        change(draft, place, moved);
    }
}

/// Elects leaders where there is none and `broker`, now active, may be the one.
pub(crate) fn elect_where_leaderless(draft: &mut Draft<'_>, broker: BrokerId) {
    let may_lead = |it: &Partition| it.leader.is_none() && it.replicas.contains(&broker);
    for place in places(draft.image(), may_lead) {
        change(draft, place, PartitionChange::NONE);
    }
}

/// Brings ELRs and leaders in line with a config that changed: a lower `min.insync.replicas` ends
/// ELRs, and unclean election may now be allowed.
pub(crate) fn settle(draft: &mut Draft<'_>, is_affected: impl Fn(&Str) -> bool) {
    let needs_a_look =
        |it: &Partition| it.leader.is_none() || !it.elr.is_empty() || !it.last_known_elr.is_empty();
    let image = draft.image();
    let affected: Vec<TopicPartition> = places(image, needs_a_look)
        .into_iter()
        .filter(|it| {
            let topic = image.topic_by_id(it.topic_id);
            topic.is_some_and(|it| is_affected(&it.name))
        })
        .collect();
    for place in affected {
        change(draft, place, PartitionChange::NONE);
    }
}

pub(crate) fn has_leaderships(image: &Image, broker: BrokerId) -> bool {
    image
        .partitions()
        .any(|(_, _, it)| it.leader == Some(broker))
}

fn isr_without(image: &Image, place: TopicPartition, broker: BrokerId) -> Vec<BrokerId> {
    let isr = image.partition(place).map_or(&[][..], |it| &it.isr);
    isr.iter().copied().filter(|it| *it != broker).collect()
}

impl Controller {
    /// A leader asks for another ISR of partitions that it leads (KIP-497, KIP-903), or a replica
    /// says that it lacks what it once had: that one leaves ISR and ELR, and what it told its leader
    /// before counts no more, whether it was in them or about to join.
    pub fn alter_partition(
        &mut self,
        request: &AlterPartitionRequest,
    ) -> Decision<AlterPartitionResponse> {
        self.decide(false, |draft| {
            let sender = registered(draft.image(), request.broker_id, request.broker_epoch);
            let sender = match sender {
                Ok(broker) => broker.id,
                Err(refusal) => {
                    return AlterPartitionResponse {
                        error_code: refusal.error_code().to_wire(),
                        ..AlterPartitionResponse::default()
                    };
                }
            };
            let topics = request.topics.iter().map(|topic| response::TopicData {
                topic_id: topic.topic_id,
                partitions: topic
                    .partitions
                    .iter()
                    .map(|it| alter(draft, sender, topic.topic_id, it))
                    .collect(),
                ..response::TopicData::default()
            });
            AlterPartitionResponse {
                topics: topics.collect(),
                ..AlterPartitionResponse::default()
            }
        })
    }
}

fn alter(
    draft: &mut Draft<'_>,
    sender: BrokerId,
    topic_id: [u8; 16],
    data: &request::PartitionData,
) -> response::PartitionData {
    match try_alter(draft, sender, topic_id, data) {
        Ok(partition) => response::PartitionData {
            partition_index: data.partition_index,
            error_code: ErrorCode::None.to_wire(),
            leader_id: BrokerId::option_to_wire(partition.leader),
            leader_epoch: partition.leader_epoch.to_wire(),
            isr: partition.isr.iter().map(|it| it.to_wire()).collect(),
            leader_recovery_state: partition.recovery.to_wire(),
            partition_epoch: partition.partition_epoch.to_wire(),
            ..response::PartitionData::default()
        },
        Err(refusal) => response::PartitionData {
            partition_index: data.partition_index,
            error_code: refusal.error_code().to_wire(),
            ..response::PartitionData::default()
        },
    }
}

fn try_alter(
    draft: &mut Draft<'_>,
    sender: BrokerId,
    topic_id: [u8; 16],
    data: &request::PartitionData,
) -> Result<Partition, Refusal> {
    let image = draft.image();
    let topic = TopicId::from_wire(topic_id).and_then(|it| image.topic_by_id(it));
    let topic = topic.ok_or(Refusal::UnknownTopicId)?;
    let index = PartitionIndex::from_wire(data.partition_index);
    let partition = index.and_then(|it| Some((it, topic.partition(it)?)));
    let (index, partition) = partition.ok_or(Refusal::UnknownTopicOrPartition)?;
    let lost = lost_replicas(partition, data)?;
    let place = TopicPartition {
        topic_id: topic.id,
        partition: index,
    };
    let is_own_loss = lost == [sender] && data.new_isr_with_epochs.is_empty();
    if is_own_loss {
        validate_partition_epoch(partition, data)?;
    } else {
        let (isr, recovery) = validate(image, sender, partition, data)?;
        if isr.iter().any(|it| lost.contains(it)) {
            let rule = "who has lost something is not in it";
            return Err(Refusal::InvalidIsr { rule });
        }
        let alter = PartitionChange {
            isr: Some(isr),
            recovery: Some(recovery),
            ..PartitionChange::NONE
        };
        change(draft, place, alter);
    }
    for broker in lost {
        let lose = PartitionChange {
            lost: Some((broker, Loss::Replica)),
            // Its process goes on, and so does its broker epoch: only another leader epoch tells what
            // it stated before, or asked on the way, from what it has now.
            begins_epoch: is_own_loss && !Mutant::BelieveTheLost.is_made(),
            ..PartitionChange::NONE
        };
        change(draft, place, lose);
    }
    let changed = draft.image().partition(place);
    let changed = changed.ok_or(Refusal::UnknownTopicOrPartition)?;
    if !is_own_loss && changed.leader != Some(sender) {
        return Err(Refusal::NewLeaderElected);
    }
    Ok(changed.clone())
}

/// Replicas that lack what they once had, as their leader saw it or as they found it themselves.
fn lost_replicas(
    partition: &Partition,
    data: &request::PartitionData,
) -> Result<Vec<BrokerId>, Refusal> {
    let lost = data.lost_replicas().ok().and_then(|it| {
        let brokers = it.into_iter().map(BrokerId::from_wire);
        brokers.collect::<Option<Vec<BrokerId>>>()
    });
    lost.filter(|it| it.iter().all(|it| partition.replicas.contains(it)))
        .ok_or(Refusal::InvalidRequest {
            reason: "the lost replicas are not replicas of the partition",
        })
}

/// Who asks knows the partition as it is.
fn validate_partition_epoch(
    partition: &Partition,
    data: &request::PartitionData,
) -> Result<(), Refusal> {
    let (current, stated) = (partition.partition_epoch.to_wire(), data.partition_epoch);
    if stated > current {
        return Err(Refusal::StaleController);
    }
    if stated < current {
        return Err(Refusal::InvalidUpdateVersion { current, stated });
    }
    Ok(())
}

/// The ISR and recovery state that the leader asks for, if it may.
fn validate(
    image: &Image,
    leader: BrokerId,
    partition: &Partition,
    data: &request::PartitionData,
) -> Result<(Vec<BrokerId>, LeaderRecovery), Refusal> {
    let (leader_epoch, stated) = (partition.leader_epoch.to_wire(), data.leader_epoch);
    // Committed metadata reached the leader that this controller does not have.
    if stated > leader_epoch || data.partition_epoch > partition.partition_epoch.to_wire() {
        return Err(Refusal::StaleController);
    }
    if stated < leader_epoch {
        let current = leader_epoch;
        return Err(Refusal::FencedLeaderEpoch { current, stated });
    }
    if partition.leader != Some(leader) {
        return Err(Refusal::NotLeader { broker_id: leader });
    }
    validate_partition_epoch(partition, data)?;
    let members = data.new_isr_with_epochs.iter();
    let isr: Option<Vec<BrokerId>> = members
        .map(|it| BrokerId::from_wire(it.broker_id))
        .collect();
    let isr = isr.unwrap_or_default();
    let rule = if !are_distinct(&isr) {
        Some("its members are distinct")
    } else if !isr.iter().all(|it| partition.replicas.contains(it)) {
        Some("its members are replicas")
    } else if !isr.contains(&leader) {
        Some("the leader is in it")
    } else {
        None
    };
    if let Some(rule) = rule {
        return Err(Refusal::InvalidIsr { rule });
    }
    let recovery = LeaderRecovery::from_wire(data.leader_recovery_state);
    let recovery = recovery.ok_or(Refusal::InvalidRequest {
        reason: "there is no such leader recovery state",
    })?;
    if recovery == LeaderRecovery::Recovering {
        if partition.recovery == LeaderRecovery::Recovered {
            let reason = "a leader that has recovered does not recover again";
            return Err(Refusal::InvalidRequest { reason });
        }
        if isr.len() > 1 {
            let rule = "a recovering leader is alone in it";
            return Err(Refusal::InvalidIsr { rule });
        }
    }
    for member in &data.new_isr_with_epochs {
        validate_member(image, member)?;
    }
    Ok((isr, recovery))
}

/// A member of an ISR is active under the epoch that the leader knows it by: a broker that restarted
/// since may have lost what the leader saw (KIP-903).
fn validate_member(image: &Image, member: &BrokerState) -> Result<(), Refusal> {
    let broker = BrokerId::from_wire(member.broker_id).and_then(|it| image.broker(it));
    let reason = match broker {
        None => "it is not registered",
        Some(it) if it.is_fenced => "it is fenced",
        Some(it) if it.is_in_controlled_shutdown => "it is shutting down",
        Some(it)
            if BrokerEpoch::from_wire(member.broker_epoch) != Some(it.epoch)
                && !Mutant::AlterWithoutBrokerEpochs.is_made() =>
        {
            "it has another epoch"
        }
        Some(_) => return Ok(()),
    };
    Err(Refusal::IneligibleReplica {
        broker_id: member.broker_id,
        reason,
        registered: broker.map(|it| it.epoch),
    })
}
