// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetFetchRequest`, versions 1 to 10.

use crate::codec::*;

/// `OffsetFetchRequest`, versions 1 to 10.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequest {
    /// The group to fetch offsets for.
    pub group_id: Str,
    /// Each topic we would like to fetch offsets for, or null to fetch offsets for all topics.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// Each group we would like to fetch offsets for.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// Whether broker should hold on returning unstable offsets but set a retriable error code for the partitions.
    pub require_stable: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchRequest {
    fn default() -> OffsetFetchRequest {
        OffsetFetchRequest {
            group_id: Str::new(),
            topics: Some(Vec::new()),
            groups: Vec::new(),
            require_stable: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchRequest> {
        let flexible = version >= 6;
        let mut it = OffsetFetchRequest::default();
        if version <= 7 {
            it.group_id = reader.string(flexible)?;
        }
        if version <= 7 {
            it.topics = if version >= 2 {
                reader.nullable_array(flexible, 1, |reader| {
                    OffsetFetchRequestTopic::read(reader, version)
                })?
            } else {
                Some(reader.array(flexible, 1, |reader| {
                    OffsetFetchRequestTopic::read(reader, version)
                })?)
            };
        }
        if version >= 8 {
            it.groups = reader.array(flexible, 1, |reader| {
                OffsetFetchRequestGroup::read(reader, version)
            })?;
        }
        if version >= 7 {
            it.require_stable = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version <= 7) && !self.group_id.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequest",
                field: "group_id",
                version,
            });
        }
        if !(version <= 7) && self.topics.as_ref().is_none_or(|it| !it.is_empty()) {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequest",
                field: "topics",
                version,
            });
        }
        if version <= 7 && !(version >= 2) && self.topics.is_none() {
            return Err(EncodeError::Null {
                name: "OffsetFetchRequest",
                field: "topics",
                version,
            });
        }
        if !(version >= 8) && !self.groups.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequest",
                field: "groups",
                version,
            });
        }
        if !(version >= 7) && self.require_stable {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequest",
                field: "require_stable",
                version,
            });
        }
        if version <= 7 {
            writer.string(Some(&self.group_id), flexible)?;
        }
        if version <= 7 {
            writer.array(self.topics.as_deref(), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version >= 8 {
            writer.array(Some(&self.groups), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version >= 7 {
            writer.bool(self.require_stable);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestTopic {
    /// The topic name.
    pub name: Str,
    /// The partition indexes we would like to fetch offsets for.
    pub partition_indexes: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchRequestTopic {
    fn default() -> OffsetFetchRequestTopic {
        OffsetFetchRequestTopic {
            name: Str::new(),
            partition_indexes: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchRequestTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchRequestTopic> {
        let flexible = version >= 6;
        let mut it = OffsetFetchRequestTopic::default();
        if version <= 7 {
            it.name = reader.string(flexible)?;
        }
        if version <= 7 {
            it.partition_indexes = reader.array(flexible, 4, |reader| reader.i32())?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version <= 7) && !self.name.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequestTopic",
                field: "name",
                version,
            });
        }
        if !(version <= 7) && !self.partition_indexes.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequestTopic",
                field: "partition_indexes",
                version,
            });
        }
        if version <= 7 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version <= 7 {
            writer.array(Some(&self.partition_indexes), flexible, |writer, it| {
                writer.i32(*it);
                Ok(())
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestGroup {
    /// The group ID.
    pub group_id: Str,
    /// The member id.
    pub member_id: Option<Str>,
    /// The member epoch if using the new consumer protocol (KIP-848).
    pub member_epoch: i32,
    /// Each topic we would like to fetch offsets for, or null to fetch offsets for all topics.
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> OffsetFetchRequestGroup {
        OffsetFetchRequestGroup {
            group_id: Str::new(),
            member_id: None,
            member_epoch: -1,
            topics: Some(Vec::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchRequestGroup {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchRequestGroup> {
        let flexible = version >= 6;
        let mut it = OffsetFetchRequestGroup::default();
        if version >= 8 {
            it.group_id = reader.string(flexible)?;
        }
        if version >= 9 {
            it.member_id = reader.nullable_string(flexible)?;
        }
        if version >= 9 {
            it.member_epoch = reader.i32()?;
        }
        if version >= 8 {
            it.topics = reader.nullable_array(flexible, 1, |reader| {
                OffsetFetchRequestTopics::read(reader, version)
            })?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version >= 8) && !self.group_id.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequestGroup",
                field: "group_id",
                version,
            });
        }
        if !(version >= 8) && self.topics.as_ref().is_none_or(|it| !it.is_empty()) {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequestGroup",
                field: "topics",
                version,
            });
        }
        if version >= 8 {
            writer.string(Some(&self.group_id), flexible)?;
        }
        if version >= 9 {
            writer.string(self.member_id.as_deref(), flexible)?;
        }
        if version >= 9 {
            writer.i32(self.member_epoch);
        }
        if version >= 8 {
            writer.array(self.topics.as_deref(), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestTopics {
    /// The topic name.
    pub name: Str,
    /// The topic ID.
    pub topic_id: [u8; 16],
    /// The partition indexes we would like to fetch offsets for.
    pub partition_indexes: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchRequestTopics {
    fn default() -> OffsetFetchRequestTopics {
        OffsetFetchRequestTopics {
            name: Str::new(),
            topic_id: [0; 16],
            partition_indexes: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchRequestTopics {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchRequestTopics> {
        let flexible = version >= 6;
        let mut it = OffsetFetchRequestTopics::default();
        if (8..=9).contains(&version) {
            it.name = reader.string(flexible)?;
        }
        if version >= 10 {
            it.topic_id = reader.uuid()?;
        }
        if version >= 8 {
            it.partition_indexes = reader.array(flexible, 4, |reader| reader.i32())?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version >= 8) && !self.partition_indexes.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchRequestTopics",
                field: "partition_indexes",
                version,
            });
        }
        if (8..=9).contains(&version) {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        if version >= 8 {
            writer.array(Some(&self.partition_indexes), flexible, |writer, it| {
                writer.i32(*it);
                Ok(())
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetchRequest";
    const API_KEY: Option<i16> = Some(9);
    const VERSIONS: Versions = Versions { from: 1, to: 10 };
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetFetchRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
