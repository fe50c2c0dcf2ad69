//! The records of `__consumer_offsets`, byte for byte Kafka's.
//!
//! In: offsets and groups, or a key and a value. Out: the other.
//! Never here: what a record means to a group that lives.
//!
//! Kafka 4.3 writes `OffsetCommitValue` in version 4 (topic id as a tagged field), in version 1
//! when the commit carries its own retention, and `GroupMetadataValue` in version 3. All older
//! versions are read, and version 4 of the latter.

use broker_types::{LeaderEpoch, Timestamp, TopicId};
use broker_wire::messages::group_metadata_key::GroupMetadataKey;
use broker_wire::messages::group_metadata_value::GroupMetadataValue;
use broker_wire::messages::offset_commit_key::OffsetCommitKey;
use broker_wire::messages::offset_commit_value::OffsetCommitValue;
use broker_wire::{DecodeError, EncodeError, Message, Reader, Str, Writer};
use bytes::Bytes;

use crate::action::GroupRecord;
use crate::offsets::CommittedOffset;

/// What a string of these records can hold. A request's compact string could be longer, so
/// whoever takes one in refuses it.
pub(crate) const STRING_BYTES_MAX: usize = i16::MAX.unsigned_abs() as usize;

const LEGACY_OFFSET_COMMIT_KEY: i16 = 0;
const OFFSET_COMMIT_KEY: i16 = 1;
const GROUP_METADATA_KEY: i16 = 2;

const OFFSET_COMMIT_VALUE_VERSION: i16 = 4;
/// The only version with room for a commit's own expiry.
const OFFSET_COMMIT_VALUE_EXPIRE_VERSION: i16 = 1;
const GROUP_METADATA_VALUE_VERSION: i16 = 3;

/// Why a record of `__consumer_offsets` cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("failed to read the key of a group record")]
    Key { source: DecodeError },
    #[error("failed to read the value of an offset of group `{group}`")]
    OffsetValue { group: Str, source: DecodeError },
    #[error("failed to read the value of group `{group}`")]
    GroupValue { group: Str, source: DecodeError },
}

/// A record's meaning. No value means a tombstone.
#[derive(Debug, PartialEq)]
pub(crate) enum Loaded {
    Offset {
        group: Str,
        topic: Str,
        partition: i32,
        offset: Option<CommittedOffset>,
    },
    Group {
        group: Str,
        value: Option<GroupMetadataValue>,
    },
    /// A kind of record that is not ours, such as one of the newer group types.
    Other,
}

/// Reads a record. Strings and bytes are copied, so that no batch stays in memory for their sake.
pub(crate) fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Loaded, LoadError> {
    let key_error = |source| LoadError::Key { source };
    let mut reader = Reader::new(Bytes::copy_from_slice(key));
    match reader.i16().map_err(key_error)? {
        LEGACY_OFFSET_COMMIT_KEY | OFFSET_COMMIT_KEY => {
            let key = OffsetCommitKey::read_from(&mut reader, 0).map_err(key_error)?;
            let offset = value.map(decode_offset).transpose().map_err(|source| {
                let group = key.group.clone();
                LoadError::OffsetValue { group, source }
            })?;
            Ok(Loaded::Offset {
                group: owned(&key.group),
                topic: owned(&key.topic),
                partition: key.partition,
                offset,
            })
        }
        GROUP_METADATA_KEY => {
            let group = GroupMetadataKey::read_from(&mut reader, 0)
                .map_err(key_error)?
                .group;
            let value = value
                .map(decode_versioned::<GroupMetadataValue>)
                .transpose()
                .map_err(|source| LoadError::GroupValue {
                    group: group.clone(),
                    source,
                })?;
            Ok(Loaded::Group { group, value })
        }
        _ => Ok(Loaded::Other),
    }
}

fn decode_offset(value: &[u8]) -> Result<CommittedOffset, DecodeError> {
    let value: OffsetCommitValue = decode_versioned(value)?;
    Ok(CommittedOffset {
        offset: value.offset,
        leader_epoch: LeaderEpoch::from_wire(value.leader_epoch),
        metadata: owned(&value.metadata),
        commit_timestamp: Timestamp::from_millis(value.commit_timestamp),
        expire_timestamp: (value.expire_timestamp != -1)
            .then_some(Timestamp::from_millis(value.expire_timestamp)),
        topic_id: TopicId::from_wire(value.topic_id),
    })
}

fn decode_versioned<M: Message>(bytes: &[u8]) -> Result<M, DecodeError> {
    let mut reader = Reader::new(Bytes::copy_from_slice(bytes));
    let version = reader.i16()?;
    M::read_from(&mut reader, version)
}

/// A copy that does not keep a whole request or batch in memory.
pub(crate) fn owned(text: &str) -> Str {
    Str::from(text)
}

/// The record of a committed offset.
pub(crate) fn offset(
    group: &str,
    topic: &str,
    partition: i32,
    offset: &CommittedOffset,
) -> GroupRecord {
    let version = match offset.expire_timestamp {
        Some(_) => OFFSET_COMMIT_VALUE_EXPIRE_VERSION,
        None => OFFSET_COMMIT_VALUE_VERSION,
    };
    let value = OffsetCommitValue {
        offset: offset.offset,
        leader_epoch: LeaderEpoch::option_to_wire(offset.leader_epoch),
        metadata: offset.metadata.clone(),
        commit_timestamp: offset.commit_timestamp.as_millis(),
        expire_timestamp: offset.expire_timestamp.map_or(-1, Timestamp::as_millis),
        topic_id: match offset.expire_timestamp {
            Some(_) => [0; 16],
            None => TopicId::option_to_wire(offset.topic_id),
        },
        ..OffsetCommitValue::default()
    };
    GroupRecord {
        key: offset_key(group, topic, partition),
        value: Some(bytes_of(value.encode_versioned(version))),
    }
}

/// The tombstone of a committed offset.
pub(crate) fn offset_tombstone(group: &str, topic: &str, partition: i32) -> GroupRecord {
    GroupRecord {
        key: offset_key(group, topic, partition),
        value: None,
    }
}

/// The record of a group's generation.
pub(crate) fn group_metadata(group: &str, value: &GroupMetadataValue) -> GroupRecord {
    GroupRecord {
        key: group_key(group),
        value: Some(bytes_of(
            value.encode_versioned(GROUP_METADATA_VALUE_VERSION),
        )),
    }
}

/// The tombstone of a group.
pub(crate) fn group_tombstone(group: &str) -> GroupRecord {
    GroupRecord {
        key: group_key(group),
        value: None,
    }
}

fn offset_key(group: &str, topic: &str, partition: i32) -> Bytes {
    let key = OffsetCommitKey {
        group: group.into(),
        topic: topic.into(),
        partition,
    };
    encode_key(OFFSET_COMMIT_KEY, &key)
}

fn group_key(group: &str) -> Bytes {
    let key = GroupMetadataKey {
        group: group.into(),
    };
    encode_key(GROUP_METADATA_KEY, &key)
}

/// A key is its type in two bytes, then its fields.
fn encode_key<M: Message>(record_type: i16, key: &M) -> Bytes {
    let mut writer = Writer::new();
    writer.i16(record_type);
    bytes_of(key.write_to(&mut writer, 0).map(|()| writer.into_bytes()))
}

fn bytes_of(encoded: Result<Bytes, EncodeError>) -> Bytes {
    encoded.expect("strings past STRING_BYTES_MAX are refused where they come in")
}

#[cfg(test)]
mod tests;
