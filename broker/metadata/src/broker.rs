//! One broker's registration.
//!
//! In: `RegisterBrokerRecord` and `BrokerRegistrationChangeRecord`. Out: a [`Broker`]. Never here:
//! sessions and heartbeats, which no record holds (`controller`).

use std::collections::BTreeMap;

use broker_types::{BrokerEpoch, BrokerId, DirectoryId};
use broker_wire::Str;
use broker_wire::messages::broker_registration_change_record::BrokerRegistrationChangeRecord;
use broker_wire::messages::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};

use crate::apply_error::{ApplyError, field};

const REGISTER: &str = "RegisterBrokerRecord";
const CHANGE: &str = "BrokerRegistrationChangeRecord";

/// Where a listener of a broker is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: Str,
    pub port: u16,
    /// Kafka's number: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    pub security_protocol: i16,
}

/// Levels of a feature that a broker can work with; `max` is inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedVersions {
    pub min: i16,
    pub max: i16,
}

impl SupportedVersions {
    pub fn contains(self, level: i16) -> bool {
        (self.min..=self.max).contains(&level)
    }
}

/// A registered broker (KIP-631).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    pub id: BrokerId,
    /// Number of this registration: the offset of its record.
    pub epoch: BrokerEpoch,
    /// Made up anew by every process.
    pub incarnation_id: [u8; 16],
    /// By the listener's name.
    pub endpoints: BTreeMap<Str, Endpoint>,
    pub rack: Option<Str>,
    /// A fenced broker leads nothing and is in no ISR.
    pub is_fenced: bool,
    /// A broker in controlled shutdown gets no new leadership and joins no ISR.
    pub is_in_controlled_shutdown: bool,
    /// Its log directories that work.
    pub directories: Vec<DirectoryId>,
    /// Log directories that take no new replicas (KIP-1066). `None`: the broker has not said.
    pub cordoned_directories: Option<Vec<DirectoryId>>,
    pub features: BTreeMap<Str, SupportedVersions>,
}

impl Broker {
    /// Whether it may lead and join an ISR.
    pub fn is_active(&self) -> bool {
        !self.is_fenced && !self.is_in_controlled_shutdown
    }

    /// Whether it takes no new replicas: all its directories are cordoned.
    pub fn is_cordoned(&self) -> bool {
        let cordoned = self.cordoned_directories.as_deref().unwrap_or(&[]);
        !self.directories.is_empty() && self.directories.iter().all(|it| cordoned.contains(it))
    }

    /// The directory that a new replica lies in, when there is no choice.
    pub fn only_directory(&self) -> Option<DirectoryId> {
        match self.directories.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    pub(crate) fn from_record(record: &RegisterBrokerRecord) -> Result<Broker, ApplyError> {
        let (id, epoch) = (record.broker_id, record.broker_epoch);
        let endpoints = record.end_points.iter().map(|it| {
            let endpoint = Endpoint {
                host: it.host.clone(),
                port: it.port,
                security_protocol: it.security_protocol,
            };
            (it.name.clone(), endpoint)
        });
        let features = record.features.iter().map(|it| {
            let versions = SupportedVersions {
                min: it.min_supported_version,
                max: it.max_supported_version,
            };
            (it.name.clone(), versions)
        });
        Ok(Broker {
            id: field(BrokerId::from_wire(id), REGISTER, "BrokerId", id)?,
            epoch: field(
                BrokerEpoch::from_wire(epoch),
                REGISTER,
                "BrokerEpoch",
                epoch,
            )?,
            incarnation_id: record.incarnation_id,
            endpoints: endpoints.collect(),
            rack: record.rack.clone(),
            is_fenced: record.fenced,
            is_in_controlled_shutdown: record.in_controlled_shutdown,
            directories: directories(&record.log_dirs, REGISTER, "LogDirs")?,
            cordoned_directories: record
                .cordoned_log_dirs
                .as_ref()
                .map(|it| directories(it, REGISTER, "CordonedLogDirs"))
                .transpose()?,
            features: features.collect(),
        })
    }

    pub(crate) fn to_record(&self) -> RegisterBrokerRecord {
        let endpoints = self.endpoints.iter().map(|(name, it)| BrokerEndpoint {
            name: name.clone(),
            host: it.host.clone(),
            port: it.port,
            security_protocol: it.security_protocol,
            ..BrokerEndpoint::default()
        });
        let features = self.features.iter().map(|(name, it)| BrokerFeature {
            name: name.clone(),
            min_supported_version: it.min,
            max_supported_version: it.max,
            ..BrokerFeature::default()
        });
        let to_wire = |ids: &Vec<DirectoryId>| ids.iter().map(|it| it.to_bytes()).collect();
        RegisterBrokerRecord {
            broker_id: self.id.to_wire(),
            incarnation_id: self.incarnation_id,
            broker_epoch: self.epoch.to_wire(),
            end_points: endpoints.collect(),
            features: features.collect(),
            rack: self.rack.clone(),
            fenced: self.is_fenced,
            in_controlled_shutdown: self.is_in_controlled_shutdown,
            log_dirs: to_wire(&self.directories),
            cordoned_log_dirs: self.cordoned_directories.as_ref().map(to_wire),
            ..RegisterBrokerRecord::default()
        }
    }

    pub(crate) fn apply(
        &mut self,
        change: &BrokerRegistrationChangeRecord,
    ) -> Result<(), ApplyError> {
        let is_fenced = match change.fenced {
            0 => self.is_fenced,
            1 => true,
            -1 => false,
            other => return field(None, CHANGE, "Fenced", other),
        };
        let is_in_controlled_shutdown = match change.in_controlled_shutdown {
            0 => self.is_in_controlled_shutdown,
            1 => true,
            other => return field(None, CHANGE, "InControlledShutdown", other),
        };
        if !change.log_dirs.is_empty() {
            self.directories = directories(&change.log_dirs, CHANGE, "LogDirs")?;
        }
        if let Some(cordoned) = &change.cordoned_log_dirs {
            let cordoned = directories(cordoned, CHANGE, "CordonedLogDirs")?;
            self.cordoned_directories = Some(cordoned);
        }
        self.is_fenced = is_fenced;
        self.is_in_controlled_shutdown = is_in_controlled_shutdown;
        Ok(())
    }
}

fn directories(
    raw: &[[u8; 16]],
    record: &'static str,
    name: &'static str,
) -> Result<Vec<DirectoryId>, ApplyError> {
    let ids = raw.iter().map(|it| DirectoryId::from_wire(*it));
    ids.map(|it| field(it, record, name, 0)).collect()
}
