//! Registration of brokers (KIP-631, KIP-903, KIP-966).
//!
//! In: `BrokerRegistration`, `UnregisterBroker`. Out: `RegisterBrokerRecord`,
//! `UnregisterBrokerRecord`, and what becomes of the broker's partitions. Never here: heartbeats.
//!
//! A registration is fenced at first, so it is in no ISR and leads nothing; leader epochs of what the
//! broker led grow by that. A broker that states the epoch it is registered with, and brings the
//! directories of then, vouches for what it had: it leaves ISRs as a fenced broker does, and may stay
//! eligible. Otherwise it loses its places in ISR and ELR. When a broker may state the epoch is its
//! own matter: with `durability: fsync` after any restart on an intact disk, with `page-cache` only
//! after a clean shutdown.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_types::{BrokerEpoch, BrokerId, DirectoryId, Monotonic, Mutant};
use broker_wire::messages::broker_registration_request::BrokerRegistrationRequest;
use broker_wire::messages::broker_registration_response::BrokerRegistrationResponse;
use broker_wire::messages::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};
use broker_wire::messages::unregister_broker_record::UnregisterBrokerRecord;
use broker_wire::messages::unregister_broker_request::UnregisterBrokerRequest;
use broker_wire::messages::unregister_broker_response::UnregisterBrokerResponse;

use crate::broker::{Broker, SupportedVersions};
use crate::controller::draft::Draft;
use crate::controller::election::Loss;
use crate::controller::refusal::{Refusal, outcome};
use crate::controller::{Controller, Decision, Moment, replication};
use crate::image::Image;
use crate::partition::are_distinct;

/// The broker that is registered under that id and epoch.
pub(crate) fn registered(image: &Image, id: i32, epoch: i64) -> Result<&Arc<Broker>, Refusal> {
    let broker = BrokerId::from_wire(id).and_then(|it| image.broker(it));
    let broker = broker.filter(|it| BrokerEpoch::from_wire(epoch) == Some(it.epoch));
    broker.ok_or(Refusal::StaleBrokerEpoch {
        broker_id: id,
        stated: epoch,
    })
}

/// Registrations of intact brokers that have not been unfenced since, by broker: their epoch, and the
/// one that the broker stated. A process that dies before it has written its new epoch down states
/// the old one again, and is as intact as it was: under the new one it did nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct UntriedRegistrations(BTreeMap<BrokerId, (BrokerEpoch, BrokerEpoch)>);

impl UntriedRegistrations {
    pub(crate) fn end(&mut self, broker: BrokerId) {
        self.0.remove(&broker);
    }
}

impl Controller {
    /// A broker's process introduces itself.
    ///
    /// A second registration of the same process is answered as the first one was.
    pub fn register_broker(
        &mut self,
        at: Moment,
        request: &BrokerRegistrationRequest,
    ) -> Decision<BrokerRegistrationResponse> {
        let (id, directories) = match self.validate_registration(at.now, request) {
            Ok(valid) => valid,
            Err(refusal) => {
                let response = BrokerRegistrationResponse {
                    error_code: refusal.error_code().to_wire(),
                    ..BrokerRegistrationResponse::default()
                };
                let records = Vec::new();
                return Decision { records, response };
            }
        };
        let existing = self.image.broker(id).map(Arc::clone);
        let same = existing.as_ref().filter(|it| {
            it.incarnation_id == request.incarnation_id || Mutant::KeepRegistration.is_made()
        });
        let epoch = match same {
            Some(same) => same.epoch,
            None => BrokerEpoch::new(at.log_end_offset.value()),
        };
        let stated = BrokerEpoch::from_wire(request.previous_broker_epoch);
        let intact_since = existing
            .as_ref()
            .and_then(|it| self.intact_since(it, stated?, &directories));
        if same.is_none() {
            self.untried.end(id);
            if let Some(stated) = intact_since {
                self.untried.0.insert(id, (epoch, stated));
            }
        }
        let is_same_disk = existing
            .as_ref()
            .is_some_and(|it| it.directories.iter().all(|it| directories.contains(it)));
        let loss = if is_same_disk {
            Loss::PageCache
        } else {
            Loss::Replica
        };
        let decision = self.decide(false, |draft| match same {
            Some(same) => amend(draft, same, request),
            None => {
                // First in the batch: its offset is the epoch.
                draft.push(RegisterBrokerRecord {
                    broker_epoch: epoch.to_wire(),
                    ..registration(request)
                });
                if intact_since.is_some() {
                    replication::leave_isrs(draft, id);
                } else {
                    replication::lose(draft, id, loss);
                }
                replication::move_directories(draft, id, &directories);
            }
        });
        self.sessions.start(id, epoch, at.now);
        Decision {
            records: decision.records,
            response: BrokerRegistrationResponse {
                broker_epoch: epoch.to_wire(),
                ..BrokerRegistrationResponse::default()
            },
        }
    }

    /// The epoch since which a broker has all that it had, if it has.
    fn intact_since(
        &self,
        existing: &Broker,
        stated: BrokerEpoch,
        directories: &[DirectoryId],
    ) -> Option<BrokerEpoch> {
        let untried = self.untried.0.get(&existing.id);
        let is_known = stated == existing.epoch
            || untried == Some(&(existing.epoch, stated))
            || Mutant::BelieveOldDisk.is_made();
        let is_there = |it: &DirectoryId| directories.contains(it);
        let is_intact = is_known && existing.directories.iter().all(is_there);
        is_intact.then_some(stated)
    }

    fn validate_registration(
        &self,
        now: Monotonic,
        request: &BrokerRegistrationRequest,
    ) -> Result<(BrokerId, Vec<DirectoryId>), Refusal> {
        let invalid = |reason| Refusal::InvalidRegistration { reason };
        if request.cluster_id != *self.image.cluster_id() {
            return Err(Refusal::InconsistentClusterId {
                own: self.image.cluster_id().clone(),
                stated: request.cluster_id.clone(),
            });
        }
        let id = BrokerId::from_wire(request.broker_id);
        let id = id.ok_or(invalid("the broker id is negative"))?;
        if request.incarnation_id == [0; 16] {
            return Err(invalid("there is no incarnation id"));
        }
        let directories = request.log_dirs.iter();
        let directories = directories.map(|it| DirectoryId::from_wire(*it));
        let directories: Option<Vec<DirectoryId>> = directories.collect();
        let directories = directories.ok_or(invalid("a log directory has no id"))?;
        if directories.is_empty() || !are_distinct(&directories) {
            return Err(invalid(
                "there is at least one log directory, and none twice",
            ));
        }
        let mut others = self.image.brokers().filter(|it| it.id != id);
        if others.any(|it| it.directories.iter().any(|it| directories.contains(it))) {
            return Err(invalid("a log directory belongs to another broker"));
        }
        self.validate_features(request)?;
        self.validate_incarnation(now, id, request, &directories)?;
        Ok((id, directories))
    }

    fn validate_features(&self, request: &BrokerRegistrationRequest) -> Result<(), Refusal> {
        for (feature, level) in self.image.features() {
            let mut supported = request.features.iter().filter(|it| it.name == *feature);
            let is_supported = supported.any(|it| {
                let versions = SupportedVersions {
                    min: it.min_supported_version,
                    max: it.max_supported_version,
                };
                versions.contains(level)
            });
            if !is_supported {
                let feature = feature.clone();
                return Err(Refusal::UnsupportedFeature { feature, level });
            }
        }
        Ok(())
    }

    /// A new process replaces the one before once that one's session is over; on the same disk, which
    /// only one process can have locked, already once its connection is lost.
    fn validate_incarnation(
        &self,
        now: Monotonic,
        id: BrokerId,
        request: &BrokerRegistrationRequest,
        directories: &[DirectoryId],
    ) -> Result<(), Refusal> {
        let Some(existing) = self.image.broker(id) else {
            return Ok(());
        };
        if existing.incarnation_id == request.incarnation_id {
            return Ok(());
        }
        let session = self.sessions.live(id, existing.epoch, now, self.settings);
        let is_same_disk = existing
            .directories
            .iter()
            .any(|it| directories.contains(it));
        let may_replace = session.is_none_or(|it| !it.is_connected() && is_same_disk);
        if !may_replace {
            return Err(Refusal::DuplicateBrokerRegistration { broker_id: id });
        }
        Ok(())
    }

    /// Forgets a broker. Its replicas stay assigned to it until a reassignment.
    pub fn unregister_broker(
        &mut self,
        request: &UnregisterBrokerRequest,
    ) -> Decision<UnregisterBrokerResponse> {
        let broker = BrokerId::from_wire(request.broker_id).and_then(|it| self.image.broker(it));
        let broker = broker
            .map(Arc::clone)
            .ok_or(Refusal::BrokerIdNotRegistered {
                broker_id: request.broker_id,
            });
        let decision = self.decide(false, |draft| {
            if let Ok(broker) = &broker {
                draft.push(UnregisterBrokerRecord {
                    broker_id: broker.id.to_wire(),
                    broker_epoch: broker.epoch.to_wire(),
                    ..UnregisterBrokerRecord::default()
                });
                replication::leave_isrs(draft, broker.id);
            }
        });
        if let Ok(broker) = &broker {
            self.sessions.end(broker.id);
        }
        let (error_code, error_message) = outcome(&broker);
        Decision {
            records: decision.records,
            response: UnregisterBrokerResponse {
                error_code,
                error_message,
                ..UnregisterBrokerResponse::default()
            },
        }
    }
}

/// Writes what the same process says differently, and nothing when it repeats itself.
fn amend(draft: &mut Draft<'_>, existing: &Broker, request: &BrokerRegistrationRequest) {
    let record = RegisterBrokerRecord {
        broker_epoch: existing.epoch.to_wire(),
        fenced: existing.is_fenced,
        in_controlled_shutdown: existing.is_in_controlled_shutdown,
        cordoned_log_dirs: existing.to_record().cordoned_log_dirs,
        ..registration(request)
    };
    if Broker::from_record(&record).as_ref() != Ok(existing) {
        draft.push(record);
    }
}

fn registration(request: &BrokerRegistrationRequest) -> RegisterBrokerRecord {
    let endpoints = request.listeners.iter().map(|it| BrokerEndpoint {
        name: it.name.clone(),
        host: it.host.clone(),
        port: it.port,
        security_protocol: it.security_protocol,
        ..BrokerEndpoint::default()
    });
    let features = request.features.iter().map(|it| BrokerFeature {
        name: it.name.clone(),
        min_supported_version: it.min_supported_version,
        max_supported_version: it.max_supported_version,
        ..BrokerFeature::default()
    });
    RegisterBrokerRecord {
        broker_id: request.broker_id,
        incarnation_id: request.incarnation_id,
        end_points: endpoints.collect(),
        features: features.collect(),
        rack: request.rack.clone(),
        log_dirs: request.log_dirs.clone(),
        ..RegisterBrokerRecord::default()
    }
}
