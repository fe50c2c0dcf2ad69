//! Feature levels: which records and behaviours the whole cluster has agreed on (KIP-584).
//!
//! In: names and levels. Out: the records that a new cluster begins with. Never here: `kraft.version`,
//! which the quorum keeps in records of its own.

use broker_wire::MetadataRecord;
use broker_wire::messages::feature_level_record::FeatureLevelRecord;

use crate::broker::SupportedVersions;

pub const METADATA_VERSION: &str = "metadata.version";
pub const KRAFT_VERSION: &str = "kraft.version";
pub const TRANSACTION_VERSION: &str = "transaction.version";
pub const GROUP_VERSION: &str = "group.version";
pub const ELIGIBLE_LEADER_REPLICAS_VERSION: &str = "eligible.leader.replicas.version";
/// Of our own records. It only grows: what its records say is in the log.
pub const TIDEMILL_VERSION: &str = "tidemill.version";
/// `tidemill.version` from which on `ReassignmentRecord`s are written.
pub const REASSIGNMENTS_LEVEL: i16 = 2;

/// Kafka's level of the records that we write: 4.3-IV0.
pub const METADATA_VERSION_LEVEL: i16 = 30;

/// The features that a broker of this version supports, and that the metadata log has the level of.
pub const SUPPORTED: &[(&str, SupportedVersions)] = &[
    (
        METADATA_VERSION,
        SupportedVersions {
            min: METADATA_VERSION_LEVEL,
            max: METADATA_VERSION_LEVEL,
        },
    ),
    (TRANSACTION_VERSION, SupportedVersions { min: 0, max: 0 }),
    (GROUP_VERSION, SupportedVersions { min: 0, max: 0 }),
    // Eligible leader replicas are part of the promise: the level cannot go back to 0.
    (
        ELIGIBLE_LEADER_REPLICAS_VERSION,
        SupportedVersions { min: 1, max: 1 },
    ),
    (
        TIDEMILL_VERSION,
        SupportedVersions {
            min: 1,
            max: REASSIGNMENTS_LEVEL,
        },
    ),
];

/// The first records of a new cluster: each feature at its highest level. Level 0 is absence.
pub fn bootstrap_records() -> Vec<MetadataRecord> {
    let levels = SUPPORTED.iter().filter(|(_, versions)| versions.max > 0);
    let records = levels.map(|(name, versions)| FeatureLevelRecord {
        name: (*name).into(),
        feature_level: versions.max,
        ..FeatureLevelRecord::default()
    });
    records.map(MetadataRecord::from).collect()
}
