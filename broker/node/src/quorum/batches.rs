//! The metadata log as bytes: records and control records in batches, and out of them again.
//!
//! In: records of the cluster, or the quorum's own. Out: whole batches, the leader epoch of the
//! quorum in their headers. Never here: files, or what a record changes.

use broker_raft::{ControlRecord, ReplicaKey, VoterSet};
use broker_types::{BrokerId, DirectoryId, Epoch, LeaderEpoch, Offset, Timestamp};
use broker_wire::compression::Compression;
use broker_wire::messages::leader_change_message::{LeaderChangeMessage, Voter as ChangeVoter};
use broker_wire::messages::voters_record::{Endpoint, KRaftVersionFeature, Voter, VotersRecord};
use broker_wire::messages::{KRaftVersionRecord, SnapshotFooterRecord, SnapshotHeaderRecord};
use broker_wire::record_batch::{
    Batch, BatchBuilder, BatchError, BatchOptions, BuildError, ControlRecordKind, RecordError,
    TimestampType, records,
};
use broker_wire::{DecodeError, EncodeError, Message, MetadataRecord};
use bytes::Bytes;

use super::messages::endpoints;

/// A record of the metadata log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Record(MetadataRecord),
    LeaderChange(LeaderChangeMessage),
    Voters(VotersRecord),
    KRaftVersion(KRaftVersionRecord),
    SnapshotHeader(SnapshotHeaderRecord),
    SnapshotFooter(SnapshotFooterRecord),
}

/// Why a batch of the metadata log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("failed to read a batch of the metadata log")]
    Batch(#[from] BatchError),
    #[error("failed to read a record of the metadata log")]
    Record(#[from] RecordError),
    #[error("failed to decode the record at offset {offset} of the metadata log")]
    Decode { offset: Offset, source: DecodeError },
    #[error("the batch at offset {offset} of the metadata log is compressed")]
    Compressed { offset: Offset },
    #[error("the record at offset {offset} of the metadata log has no value")]
    NoValue { offset: Offset },
    #[error("the control record at offset {offset} of the metadata log has an unknown key")]
    UnknownControl { offset: Offset },
}

/// Why a batch of the metadata log cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("failed to encode a record of the metadata log")]
    Encode(#[from] EncodeError),
    #[error("failed to build a batch of the metadata log")]
    Build(#[from] BuildError),
}

fn options(base_offset: Offset, epoch: Epoch) -> BatchOptions {
    BatchOptions {
        base_offset,
        partition_leader_epoch: Some(LeaderEpoch::new(epoch.value())),
        compression: Compression::None,
        compression_level: None,
        timestamp_type: TimestampType::CreateTime,
        producer: None,
        is_transactional: false,
        is_control: false,
    }
}

/// One batch of cluster records, each in the newest version of its descriptor. A decision of the
/// controller is one batch, so that it is there whole or not at all.
///
/// # Errors
/// When a record cannot be encoded.
///
/// # Panics
/// When there is no record.
pub(crate) fn encode(
    base_offset: Offset,
    epoch: Epoch,
    timestamp: Timestamp,
    records: &[MetadataRecord],
) -> Result<Bytes, WriteError> {
    let mut builder = BatchBuilder::new(options(base_offset, epoch));
    for record in records {
        let value = record.encode(record.versions().to)?;
        builder.append(timestamp, None, Some(&value), &[]);
    }
    Ok(builder.build()?.into())
}

/// One control batch.
///
/// # Errors
/// When a record cannot be encoded.
///
/// # Panics
/// When there is no record, or one that is not a control record.
pub(crate) fn encode_control(
    base_offset: Offset,
    epoch: Epoch,
    timestamp: Timestamp,
    entries: &[Entry],
) -> Result<Bytes, WriteError> {
    let options = BatchOptions {
        is_control: true,
        ..options(base_offset, epoch)
    };
    let mut builder = BatchBuilder::new(options);
    for entry in entries {
        let (kind, value) = match entry {
            Entry::LeaderChange(it) => (ControlRecordKind::LeaderChange, it.encode(it.version)?),
            Entry::Voters(it) => (ControlRecordKind::KRaftVoters, it.encode(it.version)?),
            Entry::KRaftVersion(it) => (ControlRecordKind::KRaftVersion, it.encode(it.version)?),
            Entry::SnapshotHeader(it) => {
                (ControlRecordKind::SnapshotHeader, it.encode(it.version)?)
            }
            Entry::SnapshotFooter(it) => {
                (ControlRecordKind::SnapshotFooter, it.encode(it.version)?)
            }
            Entry::Record(_) => panic!("a record of the cluster is no control record"),
        };
        builder.append(timestamp, Some(&kind.to_key()), Some(&value), &[]);
    }
    Ok(builder.build()?.into())
}

/// The entries of a batch with their offsets. The batch's CRC was checked before.
///
/// # Errors
/// When the batch is not one that this version of the code could have written, or a newer record
/// is in it: then the broker must not go on without it.
pub(crate) fn decode(batch: &Batch<'_>) -> Result<Vec<(Offset, Entry)>, ReadError> {
    let header = batch.header();
    if header.compression() != Compression::None {
        return Err(ReadError::Compressed {
            offset: header.base_offset,
        });
    }
    let mut entries = Vec::new();
    for record in records(header, batch.records_bytes()) {
        let record = record?;
        let offset = record.offset(header);
        let value = record.value.ok_or(ReadError::NoValue { offset })?;
        let value = Bytes::copy_from_slice(value);
        let entry = if header.is_control() {
            let kind = record.key.and_then(ControlRecordKind::from_key);
            decode_control(kind.ok_or(ReadError::UnknownControl { offset })?, value)
                .map_err(|source| ReadError::Decode { offset, source })?
                .ok_or(ReadError::UnknownControl { offset })?
        } else {
            MetadataRecord::decode(value)
                .map(Entry::Record)
                .map_err(|source| ReadError::Decode { offset, source })?
        };
        entries.push((offset, entry));
    }
    Ok(entries)
}

/// `None` for a kind that has no place in this log.
fn decode_control(kind: ControlRecordKind, value: Bytes) -> Result<Option<Entry>, DecodeError> {
    // Each value begins with its own version.
    let version = value
        .first_chunk::<2>()
        .map_or(0, |it| i16::from_be_bytes(*it));
    Ok(Some(match kind {
        ControlRecordKind::LeaderChange => {
            Entry::LeaderChange(LeaderChangeMessage::decode(value, version)?)
        }
        ControlRecordKind::KRaftVoters => Entry::Voters(VotersRecord::decode(value, version)?),
        ControlRecordKind::KRaftVersion => {
            Entry::KRaftVersion(KRaftVersionRecord::decode(value, version)?)
        }
        ControlRecordKind::SnapshotHeader => {
            Entry::SnapshotHeader(SnapshotHeaderRecord::decode(value, version)?)
        }
        ControlRecordKind::SnapshotFooter => {
            Entry::SnapshotFooter(SnapshotFooterRecord::decode(value, version)?)
        }
        ControlRecordKind::Abort | ControlRecordKind::Commit => return Ok(None),
    }))
}

/// A control record of the quorum as it stands in the log.
pub(crate) fn control_entry(record: &ControlRecord, timestamp: Timestamp) -> Entry {
    match record {
        ControlRecord::LeaderChange {
            leader,
            voters,
            granting,
        } => Entry::LeaderChange(leader_change(*leader, voters, granting)),
        ControlRecord::SnapshotHeader => Entry::SnapshotHeader(SnapshotHeaderRecord {
            last_contained_log_timestamp: timestamp.as_millis(),
            ..SnapshotHeaderRecord::default()
        }),
        ControlRecord::SnapshotFooter => Entry::SnapshotFooter(SnapshotFooterRecord::default()),
        ControlRecord::KRaftVersion(version) => Entry::KRaftVersion(KRaftVersionRecord {
            k_raft_version: i16::try_from(*version).unwrap_or(i16::MAX),
            ..KRaftVersionRecord::default()
        }),
        ControlRecord::Voters(voters) => Entry::Voters(voters_record(voters)),
    }
}

fn leader_change(
    leader: BrokerId,
    voters: &[ReplicaKey],
    granting: &[ReplicaKey],
) -> LeaderChangeMessage {
    let list = |voters: &[ReplicaKey]| {
        voters
            .iter()
            .map(|it| ChangeVoter {
                voter_id: it.id.to_wire(),
                ..ChangeVoter::default()
            })
            .collect()
    };
    LeaderChangeMessage {
        // Kafka writes this one, and its tools read every LeaderChangeMessage as such.
        version: 0,
        leader_id: leader.to_wire(),
        voters: list(voters),
        granting_voters: list(granting),
        ..LeaderChangeMessage::default()
    }
}

fn voters_record(voters: &VoterSet) -> VotersRecord {
    let voters = voters
        .iter()
        .map(|(key, voter)| Voter {
            voter_id: key.id.to_wire(),
            voter_directory_id: key.directory_id.to_bytes(),
            endpoints: endpoints!(Endpoint, voter.endpoints),
            k_raft_version_feature: KRaftVersionFeature {
                min_supported_version: 0,
                max_supported_version: 1,
                ..KRaftVersionFeature::default()
            },
            ..Voter::default()
        })
        .collect();
    VotersRecord {
        voters,
        ..VotersRecord::default()
    }
}

/// The voters of a record; those without an id or a directory are left out.
pub(crate) fn voters(record: &VotersRecord) -> VoterSet {
    let voters = record.voters.iter().filter_map(|it| {
        let key = ReplicaKey {
            id: BrokerId::from_wire(it.voter_id)?,
            directory_id: DirectoryId::from_wire(it.voter_directory_id)?,
        };
        let endpoints = it
            .endpoints
            .iter()
            .map(|it| broker_raft::Endpoint {
                name: it.name.to_string(),
                host: it.host.to_string(),
                port: it.port,
            })
            .collect();
        Some((key, endpoints))
    });
    VoterSet::new(voters)
}

#[cfg(test)]
mod tests {
    use broker_wire::messages::NoOpRecord;
    use broker_wire::record_batch::batches;

    use super::*;

    fn voters_of(ids: &[u32]) -> VoterSet {
        VoterSet::new(ids.iter().map(|id| {
            let directory_id = DirectoryId::from_bytes([u8::try_from(*id).unwrap(); 16]);
            let key = ReplicaKey {
                id: BrokerId::new(*id),
                directory_id,
            };
            let name = crate::reachable::REPLICATION.to_owned();
            let endpoint = broker_raft::Endpoint {
                name,
                host: format!("broker-{id}"),
                port: 9091,
            };
            (key, vec![endpoint])
        }))
    }

    #[test]
    fn entries_round_trip_with_offsets_and_epoch() {
        let (epoch, time) = (Epoch::new(3), Timestamp::from_millis(9));
        let records = vec![MetadataRecord::from(NoOpRecord::default()); 2];
        let control = [
            ControlRecord::KRaftVersion(1),
            ControlRecord::Voters(voters_of(&[1, 2])),
        ]
        .map(|it| control_entry(&it, time));
        let mut log = encode(Offset::new(40), epoch, time, &records)
            .unwrap()
            .to_vec();
        log.extend(encode_control(Offset::new(42), epoch, time, &control).unwrap());
        let mut entries = Vec::new();
        for batch in batches(&log) {
            let batch = batch.unwrap();
            assert_eq!(batch.header().partition_leader_epoch.unwrap().value(), 3);
            entries.extend(decode(&batch).unwrap());
        }
        let no_op = Entry::Record(records[0].clone());
        let [version, voters] = control;
        let expected = [
            (Offset::new(40), no_op.clone()),
            (Offset::new(41), no_op),
            (Offset::new(42), version),
            (Offset::new(43), voters),
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn voters_are_read_from_their_record() {
        let set = voters_of(&[1, 2]);
        assert_eq!(voters(&voters_record(&set)), set);
    }
}
