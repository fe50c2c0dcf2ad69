//! Heartbeats, fencing and controlled shutdown (KIP-631, KIP-841).
//!
//! In: `BrokerHeartbeat`, lost connections and probes, the time. Out: who is fenced or unfenced, as
//! records. Never here: registration (`brokers`).
//!
//! ```text
//!  registered ──► fenced ──caught up──► active ──wants to shut down──► in controlled shutdown
//!                   ▲                     │                                     │
//!                   └──silent, refused────┴──────leads nothing, all know it─────┘
//! ```

use broker_types::{BrokerEpoch, BrokerId, DirectoryId, Monotonic, Offset};
use broker_wire::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use broker_wire::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use broker_wire::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;

use crate::broker::Broker;
use crate::controller::brokers::registered;
use crate::controller::draft::Draft;
use crate::controller::sessions::ProbeResult;
use crate::controller::{Controller, Decision, Moment, replication};

/// `BrokerRegistrationChangeRecord.Fenced`.
const FENCE: i8 = 1;
const UNFENCE: i8 = -1;

/// What a heartbeat changes.
enum Step {
    Nothing,
    Unfence,
    Fence,
    BeginShutdown,
    /// The broker leads nothing, and all know: it is fenced if it is not, and goes.
    ShutDown,
}

impl Controller {
    /// A broker says that it lives, how far it has applied the log, and what it wants.
    pub fn heartbeat(
        &mut self,
        at: Moment,
        request: &BrokerHeartbeatRequest,
    ) -> Decision<BrokerHeartbeatResponse> {
        let registered = registered(&self.image, request.broker_id, request.broker_epoch);
        let broker = match registered {
            Ok(broker) => broker.clone(),
            Err(refusal) => {
                let response = BrokerHeartbeatResponse {
                    error_code: refusal.error_code().to_wire(),
                    ..BrokerHeartbeatResponse::default()
                };
                let records = Vec::new();
                return Decision { records, response };
            }
        };
        let applied = Offset::from_wire(request.current_metadata_offset);
        self.sessions
            .touch(broker.id, broker.epoch, applied, at.now);
        let is_caught_up = applied.is_some_and(|it| it.value() >= broker.epoch.value());
        let step = self.step(&broker, request, is_caught_up);
        if matches!(step, Step::Unfence) {
            self.untried.end(broker.id);
        }
        let decision = self.decide(false, |draft| {
            note_cordoned(draft, &broker, request);
            match step {
                Step::Nothing => {}
                Step::Unfence => unfence(draft, &broker),
                Step::BeginShutdown => begin_shutdown(draft, &broker),
                Step::Fence | Step::ShutDown => fence(draft, &broker),
            }
            draft.len()
        });
        let written = decision.response;
        if matches!(step, Step::ShutDown) {
            // From here on a new process may take its place.
            self.sessions.end(broker.id);
        } else {
            self.note_shutdown_offset(&broker, at, written);
        }
        let is_fenced = self.image.broker(broker.id).is_none_or(|it| it.is_fenced);
        Decision {
            records: decision.records,
            response: BrokerHeartbeatResponse {
                is_caught_up,
                is_fenced,
                should_shut_down: matches!(step, Step::ShutDown),
                ..BrokerHeartbeatResponse::default()
            },
        }
    }

    fn step(&self, broker: &Broker, request: &BrokerHeartbeatRequest, caught_up: bool) -> Step {
        if broker.is_fenced {
            return match (request.want_shut_down, request.want_fence) {
                (true, _) => Step::ShutDown,
                (false, false) if caught_up => Step::Unfence,
                (false, _) => Step::Nothing,
            };
        }
        let has_leaderships = || replication::has_leaderships(&self.image, broker.id);
        if broker.is_in_controlled_shutdown {
            return if !has_leaderships() && self.others_know_of_shutdown(broker) {
                Step::ShutDown
            } else {
                Step::Nothing
            };
        }
        match (request.want_shut_down, request.want_fence) {
            (true, _) if has_leaderships() => Step::BeginShutdown,
            (true, _) => Step::ShutDown,
            (false, true) => Step::Fence,
            (false, false) => Step::Nothing,
        }
    }

    /// Whether every other active broker has applied the records that moved the leaderships away:
    /// until then clients may be sent here, and find the door closed.
    fn others_know_of_shutdown(&self, broker: &Broker) -> bool {
        let session = self.sessions.of(broker.id, broker.epoch);
        let Some(needed) = session.and_then(|it| it.shutdown_offset) else {
            return false;
        };
        let mut others = self.image.brokers().filter(|it| it.is_active());
        others.all(|it| {
            let session = self.sessions.of(it.id, it.epoch);
            session.is_some_and(|it| it.metadata_offset >= Some(needed))
        })
    }

    /// Notes what the others must have applied: the records of this decision, or, for a shutdown that
    /// an earlier controller began, all that are in the log.
    fn note_shutdown_offset(&mut self, broker: &Broker, at: Moment, written: usize) {
        let is_shutting_down = self
            .image
            .broker(broker.id)
            .is_some_and(|it| it.is_in_controlled_shutdown);
        if is_shutting_down {
            let end = at.log_end_offset.advance(written as u64);
            let last = Offset::new(end.value().saturating_sub(1));
            self.sessions.note_shutdown(broker.id, broker.epoch, last);
        }
    }

    /// Brokers to dial, each once, when the leadership begins: report what that showed.
    pub fn to_dial(&self) -> Vec<(BrokerId, BrokerEpoch)> {
        self.sessions.being_probed().collect()
    }

    /// The connection of a broker is lost. True: dial the broker, and report what that showed.
    pub fn connection_lost(&mut self, broker: BrokerId, epoch: BrokerEpoch) -> bool {
        self.sessions.begin_probe(broker, epoch)
    }

    /// What dialling a broker showed that is not connected. A refused connection fences it.
    pub fn probed(
        &mut self,
        broker: BrokerId,
        epoch: BrokerEpoch,
        result: ProbeResult,
    ) -> Decision<()> {
        let is_gone = self.sessions.end_probe(broker, epoch, result);
        let registered = self.image.broker(broker).filter(|it| it.epoch == epoch);
        let gone = registered.filter(|it| is_gone && !it.is_fenced).cloned();
        if is_gone {
            self.sessions.end(broker);
        }
        self.decide(false, |draft| {
            if let Some(broker) = &gone {
                fence(draft, broker);
            }
        })
    }

    /// Fences brokers that are gone with their disks, as somebody says who has looked.
    pub fn fence_lost(&mut self, lost: &[BrokerId]) -> Decision<()> {
        self.decide(false, |draft| {
            for id in lost {
                if let Some(broker) = draft.image().broker(*id).cloned() {
                    fence(draft, &broker);
                }
            }
        })
    }

    /// Fences the brokers whose session is over. Call it at [`Controller::next_deadline`].
    pub fn expire_sessions(&mut self, now: Monotonic) -> Decision<()> {
        let expired = self.sessions.expired(now, self.settings);
        for id in &expired {
            self.sessions.end(*id);
        }
        self.decide(false, |draft| {
            for id in expired {
                let broker = draft.image().broker(id).filter(|it| !it.is_fenced);
                if let Some(broker) = broker.cloned() {
                    fence(draft, &broker);
                }
            }
        })
    }

    /// When a session or a grant may be over next, or leaderships are to be balanced.
    pub fn next_deadline(&self) -> Monotonic {
        let session = self.sessions.next_deadline(self.settings);
        let grant = self.grants.next_deadline();
        let others = session.into_iter().chain(grant);
        others.fold(self.balance_due(), Monotonic::min)
    }
}

fn registration_change(broker: &Broker) -> BrokerRegistrationChangeRecord {
    BrokerRegistrationChangeRecord {
        broker_id: broker.id.to_wire(),
        broker_epoch: broker.epoch.to_wire(),
        ..BrokerRegistrationChangeRecord::default()
    }
}

/// Fences a broker, if it is not: it leaves every ISR, and leads nothing.
fn fence(draft: &mut Draft<'_>, broker: &Broker) {
    if draft
        .image()
        .broker(broker.id)
        .is_none_or(|it| it.is_fenced)
    {
        return;
    }
    draft.push(BrokerRegistrationChangeRecord {
        fenced: FENCE,
        ..registration_change(broker)
    });
    replication::leave_isrs(draft, broker.id);
}

fn unfence(draft: &mut Draft<'_>, broker: &Broker) {
    draft.push(BrokerRegistrationChangeRecord {
        fenced: UNFENCE,
        ..registration_change(broker)
    });
    replication::elect_where_leaderless(draft, broker.id);
}

/// Moves leaderships away and takes the broker out of ISRs, so that no acknowledgement waits for it.
fn begin_shutdown(draft: &mut Draft<'_>, broker: &Broker) {
    draft.push(BrokerRegistrationChangeRecord {
        in_controlled_shutdown: 1,
        ..registration_change(broker)
    });
    replication::leave_isrs(draft, broker.id);
}

/// Notes which directories take no new replicas, if the broker says so and it differs.
fn note_cordoned(draft: &mut Draft<'_>, broker: &Broker, request: &BrokerHeartbeatRequest) {
    let Some(cordoned) = &request.cordoned_log_dirs else {
        return;
    };
    let ids = cordoned.iter().filter_map(|it| DirectoryId::from_wire(*it));
    let ids: Vec<DirectoryId> = ids.filter(|it| broker.directories.contains(it)).collect();
    if broker.cordoned_directories.as_ref() != Some(&ids) {
        draft.push(BrokerRegistrationChangeRecord {
            cordoned_log_dirs: Some(ids.iter().map(|it| it.to_bytes()).collect()),
            ..registration_change(broker)
        });
    }
}
