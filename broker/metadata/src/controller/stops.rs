//! Brokers are stopped and come back without a partition becoming unavailable.
//!
//! In: who is to be stopped, how the quorum is, the time. Out: grants, as `StopGrantRecord`s; changes
//! of leaders; whether a broker that came back has caught up. Never here: the stop itself.
//!
//! A grant counts its broker as stopped from the moment that it is given: whoever asks next is judged
//! as if it were. It is over when its broker is back in every ISR under a new registration, or after
//! [`GRANT_VALID_FOR`]. Each controller waits that long anew, for the one before has kept no time.

use std::collections::BTreeMap;
use std::time::Duration;

use broker_types::{BrokerEpoch, BrokerId, Monotonic};
use broker_wire::messages::stop_grant_record::StopGrantRecord;

use crate::availability::{self, Lack, Obstacle};
use crate::broker::Broker;
use crate::controller::draft::Draft;
use crate::controller::election::Preference;
use crate::controller::replication::{self, PartitionChange};
use crate::controller::{Controller, Decision, Moment};
use crate::image::Image;
use crate::partition::Partition;

/// How long a broker that was granted a stop may take until it is stopped.
pub const GRANT_VALID_FOR: Duration = Duration::from_secs(120);
/// Leaderships that one decision moves; a batch of the metadata log is bounded.
const MOVES_MAX: usize = 1000;

/// A broker under one registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    pub broker_id: BrokerId,
    pub epoch: BrokerEpoch,
}

/// The voters of the metadata quorum, and whether each is at the end of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuorumHealth {
    pub voters: BTreeMap<BrokerId, bool>,
}

impl QuorumHealth {
    /// Whether a majority of caught-up voters would be left. Where no voter can ever be spared, no
    /// order of restarts helps, so nothing is forbidden.
    fn bears_loss_of(&self, brokers: &[BrokerId]) -> bool {
        let n_voters = self.voters.len();
        let majority = n_voters / 2 + 1;
        let is_touched = self.voters.keys().any(|it| brokers.contains(it));
        if !is_touched || n_voters.saturating_sub(1) < majority {
            return true;
        }
        let left = self.voters.iter();
        let left = left.filter(|(id, is_caught_up)| **is_caught_up && !brokers.contains(id));
        left.count() >= majority
    }
}

/// Why a broker may not be stopped now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopRefusal {
    #[error("broker {broker_id} is not registered with that epoch; describe it and ask again")]
    UnknownBroker { broker_id: BrokerId },
    #[error("broker {holder} is being stopped, and without both: {why}")]
    GrantHeld {
        holder: BrokerId,
        why: Box<StopRefusal>,
    },
    #[error("the metadata quorum would lose its majority of voters that are caught up")]
    Quorum,
    #[error("{0}")]
    Partitions(Obstacle),
}

/// What a broker still leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Partitions that another replica in sync could lead.
    pub left: usize,
    /// Partitions that nobody else could lead.
    pub stuck: usize,
}

/// What a broker has not caught up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// Registered and not fenced.
    pub is_unfenced: bool,
    /// Assigned replicas, those being added or removed left out, that are not in their ISR.
    pub replicas_behind: usize,
    /// A voter that is not at the end of the metadata log.
    pub is_voter_behind: bool,
}

impl CatchUp {
    pub fn is_complete(&self) -> bool {
        self.is_unfenced && self.replicas_behind == 0 && !self.is_voter_behind
    }
}

/// When the grants of this leadership are over.
#[derive(Clone, Debug, Default)]
pub(crate) struct GrantTimes(BTreeMap<BrokerId, Monotonic>);

impl GrantTimes {
    pub(crate) fn anew(image: &Image, now: Monotonic) -> GrantTimes {
        let grants = image.stop_grants();
        GrantTimes(grants.map(|it| (it.0, now + GRANT_VALID_FOR)).collect())
    }

    pub(crate) fn next_deadline(&self) -> Option<Monotonic> {
        self.0.values().min().copied()
    }
}

impl Controller {
    /// Grants the stop of a broker, or says what stands against it. Asking again starts the grant
    /// anew.
    pub fn can_stop(
        &mut self,
        at: Moment,
        asked: Registration,
        quorum: &QuorumHealth,
    ) -> Decision<Result<(), StopRefusal>> {
        let verdict = self.judge(asked, quorum);
        let over = self.grants_over(quorum);
        for broker in &over {
            self.grants.0.remove(broker);
        }
        if verdict.is_ok() {
            let until = at.now + GRANT_VALID_FOR;
            self.grants.0.insert(asked.broker_id, until);
        }
        self.decide(false, |draft| {
            end_grants(draft, over);
            let held = draft.image().stop_grant(asked.broker_id);
            if verdict.is_ok() && held != Some(asked.epoch) {
                draft.push(grant(asked, true));
            }
            verdict
        })
    }

    fn judge(&self, asked: Registration, quorum: &QuorumHealth) -> Result<(), StopRefusal> {
        let broker_id = asked.broker_id;
        if self.registered_as(asked).is_none() {
            return Err(StopRefusal::UnknownBroker { broker_id });
        }
        let over = self.grants_over(quorum);
        let grants = self.image.stop_grants().map(|it| it.0);
        let mut stopping: Vec<BrokerId> = grants
            .filter(|it| *it != broker_id && !over.contains(it))
            .collect();
        let holder = stopping.first().copied();
        stopping.push(broker_id);
        judge_together(&self.image, &stopping, quorum).map_err(|why| match holder {
            // Alone it may not stop either: then that is the reason.
            Some(holder) => match judge_together(&self.image, &[broker_id], quorum) {
                Ok(()) => StopRefusal::GrantHeld {
                    holder,
                    why: Box::new(why),
                },
                Err(why) => why,
            },
            None => why,
        })
    }

    /// Brokers that are back, and those that nobody knows any more.
    fn grants_over(&self, quorum: &QuorumHealth) -> Vec<BrokerId> {
        let grants = self.image.stop_grants();
        let is_over = |(id, epoch): &(BrokerId, BrokerEpoch)| {
            let broker = self.image.broker(*id);
            broker.is_none_or(|it| it.epoch != *epoch && self.caught_up(*id, quorum).is_complete())
        };
        grants.filter(is_over).map(|it| it.0).collect()
    }

    /// Ends the grants whose time is over. Call it at [`Controller::next_deadline`].
    pub fn expire_grants(&mut self, now: Monotonic) -> Decision<()> {
        let grants = &mut self.grants.0;
        let expired: Vec<BrokerId> = grants
            .extract_if(.., |_, until| *until <= now)
            .map(|it| it.0)
            .collect();
        self.decide(false, |draft| end_grants(draft, expired))
    }

    /// Moves leaderships off a broker that goes on to follow.
    ///
    /// # Errors
    /// When the broker is not registered so.
    pub fn drain(&mut self, asked: Registration) -> Decision<Result<Drained, StopRefusal>> {
        let is_registered = self.registered_as(asked).is_some();
        self.decide(false, |draft| {
            let broker_id = asked.broker_id;
            if !is_registered {
                return Err(StopRefusal::UnknownBroker { broker_id });
            }
            let image = draft.image();
            let is_movable =
                |it: &Partition| it.leader == Some(broker_id) && is_led_elsewhere(image, it);
            let mut places = replication::places(image, is_movable);
            places.truncate(MOVES_MAX);
            for place in places {
                let away = PartitionChange {
                    preference: Preference::Other,
                    ..PartitionChange::NONE
                };
                replication::change(draft, place, away);
            }
            let image = draft.image();
            let led = image
                .partitions()
                .filter(|(_, _, it)| it.leader == Some(broker_id));
            let mut drained = Drained::default();
            for (_, _, partition) in led {
                if is_led_elsewhere(image, partition) {
                    drained.left += 1;
                } else {
                    drained.stuck += 1;
                }
            }
            Ok(drained)
        })
    }

    /// Whether a broker has rejoined everything it is assigned.
    pub fn caught_up(&self, broker_id: BrokerId, quorum: &QuorumHealth) -> CatchUp {
        let is_behind = |it: &Partition| {
            let is_moving = it.adding.contains(&broker_id) || it.removing.contains(&broker_id);
            let is_mine = it.replicas.contains(&broker_id) && !is_moving;
            is_mine && !it.isr.contains(&broker_id)
        };
        let behind = self.image.partitions().filter(|(_, _, it)| is_behind(it));
        CatchUp {
            is_unfenced: self
                .image
                .broker(broker_id)
                .is_some_and(|it| it.is_active()),
            replicas_behind: behind.count(),
            is_voter_behind: quorum.voters.get(&broker_id) == Some(&false),
        }
    }

    fn registered_as(&self, asked: Registration) -> Option<&Broker> {
        let broker = self.image.broker(asked.broker_id)?;
        (broker.epoch == asked.epoch).then_some(broker)
    }
}

fn judge_together(
    image: &Image,
    brokers: &[BrokerId],
    quorum: &QuorumHealth,
) -> Result<(), StopRefusal> {
    if !quorum.bears_loss_of(brokers) {
        return Err(StopRefusal::Quorum);
    }
    match availability::obstacle(image, brokers) {
        Some(obstacle) => Err(StopRefusal::Partitions(obstacle)),
        None => Ok(()),
    }
}

fn grant(of: Registration, held: bool) -> StopGrantRecord {
    StopGrantRecord {
        broker_id: of.broker_id.to_wire(),
        broker_epoch: of.epoch.to_wire(),
        held,
        ..StopGrantRecord::default()
    }
}

fn end_grants(draft: &mut Draft<'_>, brokers: Vec<BrokerId>) {
    for broker_id in brokers {
        if let Some(epoch) = draft.image().stop_grant(broker_id) {
            draft.push(grant(Registration { broker_id, epoch }, false));
        }
    }
}

/// Whether a replica in sync other than the leader could lead.
fn is_led_elsewhere(image: &Image, partition: &Partition) -> bool {
    let mut others = partition
        .isr
        .iter()
        .filter(|it| partition.leader != Some(**it));
    others.any(|it| image.broker(*it).is_some_and(|it| it.is_active()))
}

impl StopRefusal {
    /// The partitions that stand against it.
    pub fn obstacle(&self) -> Option<&Obstacle> {
        match self {
            StopRefusal::Partitions(obstacle) => Some(obstacle),
            StopRefusal::GrantHeld { why, .. } => why.obstacle(),
            StopRefusal::UnknownBroker { .. } | StopRefusal::Quorum => None,
        }
    }

    /// What the partitions that stand against it would lack.
    pub fn lack(&self) -> Option<Lack> {
        self.obstacle().map(|it| it.lack)
    }
}
